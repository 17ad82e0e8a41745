//! Where a person can be written to, opened under a permit to contact them.

use crate::limits::BEARERS_MAX;
use crate::row::{RECORDS, TRAITS, TraitRow};
use crate::{People, PeopleError, sealed};
use gate::{Contact, Opening, Permit};
use linkage::perfect::{self, Attribute, Context, Date, Verdict};
use model::{Blind, IdentifierKind, RecordId, Sensitive, SourceId, Timestamp};

/// An email address of a person.
#[derive(Debug)]
pub struct Address {
    /// The address, as it was said last.
    pub address: Sensitive<String>,
    /// Its pseudonym.
    pub blind: Blind,
    /// The record that says it.
    pub record: RecordId,
    /// When it was said.
    pub at: Timestamp,
}

impl People {
    /// The record through which an identifier leads to one person: the least that bears it and is of a
    /// source whose word is trusted. Nothing when there is none, when more than one person bears it, or
    /// when it is too common to be anybody's.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn bearer(
        &self,
        blind: Blind,
        trusted: &dyn Fn(SourceId) -> bool,
    ) -> Result<Option<RecordId>, PeopleError> {
        let bearers = self.bearers(blind)?;
        let whole = bearers.len() < BEARERS_MAX;
        let person = bearers.first().map(|bearer| bearer.person);
        let alone = bearers.iter().all(|bearer| Some(bearer.person) == person);
        let mut bearers = bearers.iter().filter(|bearer| trusted(bearer.source));
        let first = bearers.next().map(|bearer| bearer.record);
        Ok(first.filter(|_| alone && whole))
    }

    /// Spends a permit to contact a person on the email addresses that their records say, those said last
    /// first.
    ///
    /// # Errors
    ///
    /// As [`People::profile`].
    pub fn addresses(
        &self,
        permit: Permit<Contact>,
    ) -> Result<(Opening<Contact>, Vec<Address>), PeopleError> {
        let view = self.store.read()?;
        let opening = self.gate.spend(permit, &view)?;
        let keys = self.vault.load(&view, opening.records())?;
        let ids: Vec<_> = opening.records().iter().map(|record| (*record, ())).collect();
        let rows = view.get_many(&TRAITS, &ids)?;
        let here = view.get_many(&RECORDS, &ids)?;
        let mut found: Vec<Address> = Vec::new();
        for (((record, ()), traits), here) in ids.into_iter().zip(rows).zip(here) {
            if here.is_none() {
                continue;
            }
            for said in traits.into_iter().flat_map(|row| row.value.0) {
                let TraitRow { field, at, value: Some(value), .. } = said else { continue };
                let plain = self.vault.open_field(&opening, &keys, record, field, &value)?;
                let Some(plain) = plain else { continue };
                if let Some((address, blind)) = self.email(sealed::read(plain)?) {
                    found.push(Address { address, blind, record, at });
                }
            }
        }
        found.sort_by_key(|address| (std::cmp::Reverse(address.at), address.record));
        Ok((opening, found))
    }

    /// The address that a trait is, with its pseudonym; nothing when it is none, or nobody's own.
    fn email(&self, value: Sensitive<crate::TraitValue>) -> Option<(Sensitive<String>, Blind)> {
        let context = Context { country_default: None, today: Date::of_timestamp(self.gate.now()) };
        #[expect(clippy::disallowed_methods, reason = "wrapped again where it is an address")]
        let value = value.into_revealed();
        if Attribute::of_name(&value.name) != Attribute::Email {
            return None;
        }
        let read = perfect::trait_value(&value.name, &value.raw, &context);
        let Verdict::Good(good) = read.verdict else { return None };
        let matching = good.value.matching.filter(|_| !good.value.shared)?;
        let blind = self.vault.blind(IdentifierKind::Email, &matching);
        Some((Sensitive::new(value.perfected?), blind))
    }
}
