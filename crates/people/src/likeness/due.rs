//! Records whose cards are due to be read again, and what is opened for it.

use super::Session;
use crate::absorb::Changed;
use crate::fact::{Facts, TraitFact, TraitValue};
use crate::gather::Gathered;
use crate::row::{RecordRow, TRAITS, TraitsRow};
use crate::{People, PeopleError};
use gate::{Opening, Resolve};
use model::RecordId;
use std::collections::{BTreeMap, BTreeSet};
use store::View;
use vault::RecordKeys;

/// A record whose card is due to be read.
pub(crate) struct Due<'a> {
    pub(crate) record: RecordId,
    /// Its row as it will be.
    pub(crate) row: &'a RecordRow,
    /// Its traits as they will be.
    pub(crate) traits: &'a TraitsRow,
    /// What was just said, in plain.
    pub(crate) said: &'a [TraitFact],
}

impl People {
    /// Compares again the records that say something else now, or may be linked as they could not
    /// before. Gives the records whose pairs may have changed.
    #[expect(
        clippy::too_many_arguments,
        reason = "one step of taking in, over what the others made"
    )]
    pub(crate) fn liken(
        &self,
        view: &View<'_>,
        session: &mut Session<'_>,
        gathered: &mut Gathered,
        keys: &RecordKeys,
        facts: &[Facts],
        changes: &BTreeMap<RecordId, Changed>,
        mut traits: BTreeMap<RecordId, TraitsRow>,
    ) -> Result<BTreeSet<RecordId>, PeopleError> {
        if session.permit().is_none() {
            return Ok(BTreeSet::new());
        }
        let moved = |facts: &&Facts| {
            changes.get(&facts.record).is_some_and(|changed| changed.moved)
                && !traits.contains_key(&facts.record)
        };
        let moved: Vec<_> = facts.iter().filter(moved).map(|facts| (facts.record, ())).collect();
        let rows = view.get_many(&TRAITS, &moved)?;
        let known = moved.into_iter().zip(rows);
        traits.extend(
            known.map(|((record, ()), row)| (record, row.map(|row| row.value).unwrap_or_default())),
        );
        let due: Vec<_> = facts
            .iter()
            .filter_map(|facts| {
                let record = facts.record;
                let (row, traits) = (&gathered.records.get(&record)?.now, traits.get(&record)?);
                Some(Due { record, row, traits, said: &facts.traits })
            })
            .collect();
        let touched = self.compare(session, keys, &due)?;
        gathered.note_alike(view, session, &touched)?;
        Ok(touched)
    }

    /// Compares anew what has changed of some records: reads their cards, and gives the records whose
    /// card or pairs may have changed. Of each, `due` has the row as it will be, the traits
    /// it will have, and what of them is at hand in plain.
    pub(crate) fn compare(
        &self,
        session: &mut Session<'_>,
        keys: &RecordKeys,
        due: &[Due<'_>],
    ) -> Result<BTreeSet<RecordId>, PeopleError> {
        let Some(permit) = session.permit() else { return Ok(BTreeSet::new()) };
        let linkable = due.iter().filter(|due| due.row.linkable);
        let opening =
            self.gate.spend_linking(permit, linkable.map(|due| (due.record, &due.row.grounds)));
        let mut rows = Vec::with_capacity(due.len());
        for due in due {
            let texts = self.texts(&opening, keys, due)?;
            let Some((cards, pool)) = session.cards() else { continue };
            let texts = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
            rows.push((due.record, cards.read(pool, texts)));
        }
        Ok(session.change(&rows).into_iter().collect())
    }

    /// What a record says that is compared, by name and value; nothing of one that must not be linked.
    pub(super) fn texts(
        &self,
        opening: &Opening<Resolve>,
        keys: &RecordKeys,
        due: &Due<'_>,
    ) -> Result<Vec<(String, String)>, PeopleError> {
        let record = due.record;
        if opening.records().binary_search(&record).is_err() || !keys.has(record) {
            return Ok(Vec::new());
        }
        let mut texts = Vec::new();
        for said in &due.traits.0 {
            let Some(value) = &said.value else { continue };
            let plain = due
                .said
                .iter()
                .find(|fact| (fact.field, fact.at, fact.tie) == (said.field, said.at, said.tie));
            if let Some(value) = plain
                .filter(|fact| opening.categories().has(fact.category))
                .and_then(|fact| fact.value.as_ref())
            {
                #[expect(clippy::disallowed_methods, reason = "read into the index's own form")]
                texts.push(compared(value.reveal().clone()));
            } else if plain.is_none()
                && let Some(plain) =
                    self.vault.open_field(opening, keys, record, said.field, value)?
            {
                #[expect(clippy::disallowed_methods, reason = "read into the index's own form")]
                texts.push(compared(crate::sealed::read(plain)?.into_revealed()));
            }
        }
        Ok(texts)
    }
}

/// The perfected form where there is one: two sources then say the same of the same.
fn compared(value: TraitValue) -> (String, String) {
    (value.name, value.perfected.unwrap_or(value.raw))
}
