//! The golden record: one value for each attribute, with where it is from and how sure it is.

use crate::fact::TraitValue;
use crate::row::{CORRECTIONS, RECORDS, RecordRow, TRAITS, TraitRow, TraitsRow};
use crate::{People, PeopleError, sealed};
use gate::{CohortPermit, Opening, Permit, PersonUse, Use};
use model::{Category, PersonId, RecordId, RecordKind, Sensitive, SourceId, Timestamp};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use store::{StoreError, View};
use vault::RecordKeys;

/// How far a source's word counts against another's; higher wins.
pub type Trust<'a> = &'a dyn Fn(SourceId) -> u8;

/// What a permit lets one see of a person.
#[derive(Debug)]
pub struct Profile {
    /// The person.
    pub person: PersonId,
    /// The ledger entry of this use.
    pub entry: u64,
    /// The winning values, by name.
    pub values: Vec<ProfileValue>,
    /// How many values the purpose does not open.
    pub sealed: usize,
    /// The records it is folded from.
    pub records: Vec<RecordView>,
}

/// One attribute of a profile.
#[derive(Debug)]
pub struct ProfileValue {
    /// The canonical attribute, or the name the source gave it.
    pub name: Sensitive<String>,
    /// What kind of data it is.
    pub category: Category,
    /// The value, perfected where it could be.
    pub value: Sensitive<String>,
    /// As the source said it.
    pub raw: Sensitive<String>,
    /// How sure it is, 0 to 1.
    pub confidence: f32,
    /// What was changed or found in perfecting.
    pub note: String,
    /// Who said it.
    pub source: SourceId,
    /// On which record.
    pub record: RecordId,
    /// When.
    pub at: Timestamp,
    /// How many records say something else.
    pub disagreeing: usize,
    /// Whether the customer said it of themselves.
    pub own: bool,
    /// What held before the customer corrected it, as sources say it.
    pub corrected: Option<Sensitive<String>>,
}

/// One record of a person.
#[derive(Clone, Debug)]
pub struct RecordView {
    /// Its id.
    pub id: RecordId,
    /// Its source.
    pub source: SourceId,
    /// Which of the source's ids it bears.
    pub kind: RecordKind,
    /// Its earliest event.
    pub first: Timestamp,
    /// Its latest event.
    pub last: Timestamp,
    /// How many events it has.
    pub events: u64,
}

/// A value that may win, with what ranks it.
struct Candidate {
    value: TraitValue,
    own: bool,
    category: Category,
    source: SourceId,
    record: RecordId,
    at: Timestamp,
    tie: [u8; 8],
}

impl People {
    /// Spends a permit on the profile of its person.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Refused`] when the contract has changed since; otherwise the error of the
    /// room that failed.
    pub fn profile<U: PersonUse>(
        &self,
        permit: Permit<U>,
        trust: Trust<'_>,
    ) -> Result<Profile, PeopleError> {
        let view = self.store.read()?;
        let person = permit.person();
        let opening = self.gate.spend(permit, &view)?;
        let keys = self.vault.load(&view, opening.records())?;
        let mut held = held(&view, opening.records())?;
        self.open_profile(person, &opening, &keys, &mut held, trust)
    }

    /// A page of the profiles of a cohort after `after`, and the last person looked at.
    ///
    /// # Errors
    ///
    /// As [`Self::profile`].
    pub fn cohort_profiles<U: PersonUse>(
        &self,
        permit: &CohortPermit<U>,
        after: Option<PersonId>,
        limit: usize,
        trust: Trust<'_>,
    ) -> Result<Vec<Profile>, PeopleError> {
        let view = self.store.read()?;
        let limit = limit.min(crate::limits::COHORT_PAGE_MAX);
        let people = self.gate.page_of(permit, &view, after, limit)?;
        let open = self.gate.spend_page(permit, &view, &people)?;
        let records: Vec<_> =
            open.iter().flat_map(|(_, opening)| opening.records().iter().copied()).collect();
        let keys = self.vault.load(&view, &records)?;
        let mut held = held(&view, &records)?;
        open.iter()
            .map(|(person, opening)| self.open_profile(*person, opening, &keys, &mut held, trust))
            .collect()
    }

    /// Opens what `held` has of a person's records.
    pub(crate) fn open_profile<U: Use>(
        &self,
        person: PersonId,
        opening: &Opening<U>,
        keys: &RecordKeys,
        held: &mut Held,
        trust: Trust<'_>,
    ) -> Result<Profile, PeopleError> {
        let (mut candidates, mut sealed) = (BTreeMap::<String, Vec<Candidate>>::new(), 0);
        let mut records = Vec::with_capacity(opening.records().len());
        for record in opening.records().iter().copied() {
            let Some((row, traits, own)) = held.remove(&record) else { continue };
            records.push(record_view(record, &row));
            let said = traits.0.into_iter().map(|said| (said, false));
            for (said, own) in said.chain(own.0.into_iter().map(|said| (said, true))) {
                match self.open_trait(opening, keys, (record, row.source), said, own)? {
                    Some(candidate) => {
                        candidates.entry(candidate.value.name.clone()).or_default().push(candidate);
                    }
                    None => sealed += 1,
                }
            }
        }
        let values =
            candidates.into_values().filter_map(|candidates| win(candidates, trust)).collect();
        Ok(Profile { person, entry: opening.entry(), values, sealed, records })
    }

    /// A trait's value; nothing when the purpose does not open its category, or it was erased.
    fn open_trait<U: Use>(
        &self,
        opening: &Opening<U>,
        keys: &RecordKeys,
        (record, source): (RecordId, SourceId),
        said: TraitRow,
        own: bool,
    ) -> Result<Option<Candidate>, PeopleError> {
        let TraitRow { field, at, tie, value: Some(value) } = said else { return Ok(None) };
        let plain = self.vault.open_field(opening, keys, record, field, &value)?;
        let Some(plain) = plain else { return Ok(None) };
        #[expect(clippy::disallowed_methods, reason = "wrapped again once the best value is found")]
        let value_of = sealed::read(plain)?.into_revealed();
        let category = value.category();
        Ok(Some(Candidate { value: value_of, own, category, source, record, at, tie }))
    }
}

pub(crate) const fn record_view(id: RecordId, row: &RecordRow) -> RecordView {
    RecordView {
        id,
        source: row.source,
        kind: row.kind,
        first: row.first,
        last: row.last,
        events: row.events,
    }
}

/// Records with their traits, and what their customers say themselves.
pub(crate) type Held = BTreeMap<RecordId, (RecordRow, TraitsRow, TraitsRow)>;

/// Reads records with their traits, and what their customers say themselves, all of them at once.
pub(crate) fn held(view: &View<'_>, records: &[RecordId]) -> Result<Held, StoreError> {
    let ids: Vec<_> = records.iter().map(|record| (*record, ())).collect();
    let rows = view.get_many(&RECORDS, &ids)?;
    let traits = view.get_many(&TRAITS, &ids)?;
    let own = view.get_many(&CORRECTIONS, &ids)?;
    let read = ids.into_iter().zip(rows).zip(traits.into_iter().zip(own));
    let held = read.filter_map(|(((record, ()), row), (traits, own))| {
        let traits = traits.map(|row| row.value).unwrap_or_default();
        let own = own.map(|row| row.value).unwrap_or_default();
        Some((record, (row?.value, traits, own)))
    });
    Ok(held.collect())
}

/// The best of what records say: the customer's own word, then usable before unusable, then the source
/// trusted most, then the latest; ties by pseudonym of the value and record, never by arrival.
fn win(mut candidates: Vec<Candidate>, trust: Trust<'_>) -> Option<ProfileValue> {
    candidates.sort_by_key(|candidate| {
        let usable = candidate.value.perfected.is_some();
        let rank = (candidate.own, usable, trust(candidate.source), candidate.at, candidate.tie);
        Reverse((rank, candidate.record))
    });
    let mut candidates = candidates.into_iter();
    let best = candidates.next()?;
    let shown = |value: &TraitValue| value.perfected.clone().unwrap_or_else(|| value.raw.clone());
    let value = shown(&best.value);
    let others: Vec<Candidate> = candidates.filter(|other| shown(&other.value) != value).collect();
    let corrected = others.iter().find(|other| best.own && !other.own);
    let corrected = corrected.map(|other| Sensitive::new(shown(&other.value)));
    Some(ProfileValue {
        name: Sensitive::new(best.value.name),
        category: best.category,
        value: Sensitive::new(value),
        raw: Sensitive::new(best.value.raw),
        confidence: best.value.confidence,
        note: best.value.note,
        source: best.source,
        record: best.record,
        at: best.at,
        disagreeing: others.len(),
        own: best.own,
        corrected,
    })
}
