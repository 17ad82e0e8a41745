//! Finding people without opening anything: by id, by identifier, and what links their records.

use crate::gather::Gathered;
use crate::limits::BEARERS_MAX;
use crate::profile::{RecordView, record_view};
use crate::row::{POSTINGS, POSTINGS_APART, POSTINGS_MORE, RECORDS, RecordRow};
use crate::{People, PeopleError};
use gate::{Permit, PersonUse};
use model::{Blind, Grant, IdentifierKind, PersonId, RecordId, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// Why a person's records belong together.
#[derive(Debug)]
pub struct Links {
    /// The ledger entry of this use.
    pub entry: u64,
    /// The records.
    pub records: Vec<RecordView>,
    /// The identifiers that more than one of them bear, or that are too common to count.
    pub shared: Vec<SharedIdentifier>,
    /// What was asserted about two records: one person (true) or not (false).
    pub asserted: Vec<(RecordId, RecordId, bool)>,
}

/// An identifier that records share.
#[derive(Debug)]
pub struct SharedIdentifier {
    /// What sort it is.
    pub kind: IdentifierKind,
    /// Its pseudonym.
    pub blind: Blind,
    /// The person's records that bear it.
    pub records: Vec<RecordId>,
    /// Whether it is too common to link anybody.
    pub generic: bool,
}

/// A record that bears an identifier.
pub(crate) struct Bearer {
    pub(crate) record: RecordId,
    /// Who holds it now.
    pub(crate) person: PersonId,
    pub(crate) source: SourceId,
}

impl People {
    /// The person that a person's or record's id names now, through merges and unmerges.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`] when there is none.
    pub fn locate(&self, id: PersonId) -> Result<PersonId, PeopleError> {
        let row = self.store.read()?.get(&RECORDS, &RecordId::from(id), &())?;
        Ok(row.ok_or(PeopleError::Unknown)?.value.person)
    }

    /// The people whose records bear an identifier, given its canonical form's pseudonym. Of more
    /// than [`BEARERS_MAX`] records not all are looked at.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn lookup(&self, blind: Blind) -> Result<Vec<PersonId>, PeopleError> {
        let bearers = self.bearers(blind)?;
        let people: BTreeSet<_> = bearers.into_iter().map(|bearer| bearer.person).collect();
        Ok(people.into_iter().collect())
    }

    /// The records that bear an identifier, with the person of each; of more than [`BEARERS_MAX`] not all.
    pub(crate) fn bearers(&self, blind: Blind) -> Result<Vec<Bearer>, PeopleError> {
        let view = self.store.read()?;
        let posting = view.get(&POSTINGS, &blind, &())?.map(|row| row.value).unwrap_or_default();
        let mut bearers = posting.members;
        if posting.total > bearers.len() as u64 {
            let room = BEARERS_MAX - bearers.len();
            let more = view.range(&POSTINGS_MORE, &blind, None, room)?;
            bearers.extend(more.into_iter().map(|(record, _)| record));
        }
        let room = BEARERS_MAX - bearers.len();
        if room > 0 {
            let apart = view.range(&POSTINGS_APART, &blind, None, room)?;
            bearers.extend(apart.into_iter().map(|(record, _)| record));
        }
        bearers.sort_unstable();
        let keys: Vec<_> = bearers.into_iter().map(|id| (id, ())).collect();
        let rows = view.get_many(&RECORDS, &keys)?;
        let of = keys.into_iter().zip(rows);
        let bearer = |(record, row): (RecordId, RecordRow)| Bearer {
            record,
            person: row.person,
            source: row.source,
        };
        Ok(of.filter_map(|((id, ()), row)| Some(bearer((id, row?.value)))).collect())
    }

    /// Of some people, those whose contract allows a grant now. It opens nothing and permits
    /// nothing: whoever is left is still to be asked for.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn allowing(
        &self,
        people: &[PersonId],
        grant: &Grant,
    ) -> Result<Vec<PersonId>, PeopleError> {
        let Some(bit) = self.gate.grants().bit(grant) else { return Ok(Vec::new()) };
        let contracts = self.gate.contracts(&self.store.read()?, people)?;
        let of = people.iter().zip(contracts);
        let now = self.gate.now();
        let allowed =
            of.filter(|(_, row)| row.as_ref().is_some_and(|row| row.value.allowed.at(bit, now)));
        Ok(allowed.map(|(person, _)| *person).collect())
    }

    /// Spends a permit on what links its person's records. Pseudonyms only.
    ///
    /// # Errors
    ///
    /// As [`People::profile`].
    pub fn links<U: PersonUse>(&self, permit: Permit<U>) -> Result<Links, PeopleError> {
        let view = self.store.read()?;
        let opening = self.gate.spend(permit, &view)?;
        let mut gathered = Gathered::default();
        gathered.read_records(&view, opening.records().iter().copied())?;
        let mut bearers: BTreeMap<(IdentifierKind, Blind), Vec<RecordId>> = BTreeMap::new();
        let mut asserted = BTreeSet::new();
        for (id, held) in &gathered.records {
            for identifier in &held.now.links.identifiers {
                bearers.entry(*identifier).or_default().push(*id);
            }
            asserted.extend(held.now.links.asserted.iter().map(|(other, joined)| {
                let (a, b) = (*id.min(other), *id.max(other));
                (a, b, *joined)
            }));
        }
        gathered.read_postings(&view, bearers.keys().map(|(_, blind)| *blind))?;
        let shared = bearers.into_iter().filter_map(|((kind, blind), records)| {
            let generic = gathered.is_generic(&blind);
            let shared = SharedIdentifier { kind, blind, records, generic };
            (shared.records.len() > 1 || generic).then_some(shared)
        });
        let shared = shared.collect();
        let records =
            gathered.records.iter().map(|(id, held)| record_view(*id, &held.now)).collect();
        let asserted = asserted.into_iter().collect();
        Ok(Links { entry: opening.entry(), records, shared, asserted })
    }
}
