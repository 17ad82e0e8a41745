//! What customers say about themselves: values they corrected, and what they like. It outranks every source,
//! and what a source says stays beside it.
//!
//! A correction links nobody: that an address is somebody's own, a source or a code has to say.

use crate::fact::TraitValue;
use crate::limits::ATTEMPTS_MAX;
use crate::row::{CORRECTIONS, RECORDS, TraitRow};
use crate::{People, PeopleError, sealed};
use gate::{LeafKind, UseKind, Work, event_leaf};
use linkage::perfect::{self, Context, Date, Verdict};
use model::{Category, Purpose, RecordId, Sensitive, Timestamp};
use roaring::RoaringBitmap;
use store::{Batch, StoreError};

/// The name under which a customer's own list of what they like stands.
pub const INTERESTS: &str = "interests";

/// Bytes of a value that a customer gives.
pub const CORRECTION_BYTES_MAX: usize = 1_024;

/// Values that one record holds by its customer's own word.
pub const CORRECTIONS_MAX: usize = 64;

/// A value that a customer gives for one of their attributes.
#[derive(Debug)]
pub struct Correction<'a> {
    /// Of what kind the attribute is.
    pub category: Category,
    /// Its name.
    pub name: &'a Sensitive<String>,
    /// The value; nothing takes back what they gave before.
    pub value: Option<Sensitive<String>>,
}

impl People {
    /// Takes a customer's own value for an attribute, on one of their records. It is sealed as any other.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`] when there is no such record; `TooLarge` when it holds too many or too long
    /// a value; otherwise the error of the room that failed.
    pub fn correct(
        &self,
        record: RecordId,
        correction: &Correction<'_>,
        by: &str,
    ) -> Result<(), PeopleError> {
        for _ in 0..ATTEMPTS_MAX {
            match self.try_correct(record, correction, by) {
                Err(error) if error.is_conflict() => {}
                done => return done,
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn try_correct(
        &self,
        record: RecordId,
        correction: &Correction<'_>,
        by: &str,
    ) -> Result<(), PeopleError> {
        let view = self.store.read()?;
        let held = view.get(&RECORDS, &record, &())?.ok_or(PeopleError::Unknown)?;
        let keys = self.vault.load(&view, &[record])?;
        let key = keys.ledger_key(record).ok_or(PeopleError::Unknown)?;
        let (now, name) = (self.gate.now(), correction.name);
        #[expect(clippy::disallowed_methods, reason = "its keyed pseudonym goes on")]
        let field = self.vault.field(name.reveal());
        let said = said(correction, now)?;
        let value = match &said {
            Some(said) => {
                #[expect(clippy::disallowed_methods, reason = "sealed in the next statement")]
                let plain = sealed::write(said.reveal())?;
                Some(keys.seal(record, field, correction.category, &plain)?)
            }
            None => None,
        };
        let row = view.get(&CORRECTIONS, &record, &())?;
        let seen = row.as_ref().map(|row| row.version);
        let mut rows = row.map(|row| row.value).unwrap_or_default();
        rows.0.retain(|known| known.field != field);
        if value.is_some() {
            rows.0.push(TraitRow { field, at: now, tie: [0; 8], value });
        }
        too_large("people::CORRECTIONS_MAX", CORRECTIONS_MAX, rows.0.len())?;
        let mut batch = Batch::default();
        batch.check(&CORRECTIONS, &record, &(), seen);
        batch.put(&CORRECTIONS, &record, &(), &rows);
        // The record is written again, so that an erasure that began before this sees it.
        batch.check(&RECORDS, &record, &(), Some(held.version));
        batch.put(&RECORDS, &record, &(), &held.value);
        let contract = self.gate.contracts(&view, &[held.value.person])?.into_iter().next();
        let ordinal = contract.flatten().map(|row| row.value.ordinal);
        let bytes = [&record.0[..], &field.0, &[u8::from(said.is_some())]].concat();
        let work = Work {
            kind: UseKind::SubjectAccess,
            purpose: Purpose::Operations,
            service: by.to_owned(),
            people: RoaringBitmap::from_iter(ordinal),
            signals: Vec::new(),
            leaves: vec![event_leaf(LeafKind::Correction, now, &key, &bytes)],
        };
        let appended = self.gate.record(work, batch)?;
        self.sync(&appended)
    }
}

/// The value as it is kept: perfected where it can be.
fn said(
    correction: &Correction<'_>,
    now: Timestamp,
) -> Result<Option<Sensitive<TraitValue>>, PeopleError> {
    let Some(value) = &correction.value else { return Ok(None) };
    #[expect(clippy::disallowed_methods, reason = "wrapped again at the end of this function")]
    let (name, raw) = (correction.name.reveal(), value.reveal());
    too_large("people::CORRECTION_BYTES_MAX", CORRECTION_BYTES_MAX, raw.len())?;
    // Read by no country's habits but those it names itself.
    let context = &Context { country_default: None, today: Date::of_timestamp(now) };
    let (perfected, confidence) = match perfect::trait_value(name, raw, context).verdict {
        Verdict::Good(good) => (Some(good.value.text), good.confidence),
        // They know best how it is written.
        Verdict::Junk(_) | Verdict::Unreadable(_) => (Some(raw.clone()), 1.0),
    };
    let (name, raw, note) = (name.clone(), raw.clone(), String::new());
    Ok(Some(Sensitive::new(TraitValue { name, raw, perfected, confidence, note })))
}

fn too_large(limit: &'static str, max: usize, asked: usize) -> Result<(), PeopleError> {
    if asked > max { Err(StoreError::TooLarge { limit, max, asked }.into()) } else { Ok(()) }
}
