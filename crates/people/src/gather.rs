//! Reading, in few rounds, everything that has to be decided again together.

use crate::household;
use crate::likeness::{Session, near};
use crate::limits::POSTING_MAX;
use crate::row::{COMPONENTS, POSTINGS, PostingRow, RECORDS, RecordRow};
use model::{Blind, RecordId};
use std::collections::{BTreeMap, BTreeSet};
use store::{AsOf, Batch, Row, StoreError, Version, View};

/// A row as it was read and as it is to be.
#[derive(Debug)]
pub(crate) struct Held<V> {
    pub(crate) seen: Option<Version>,
    pub(crate) now: V,
    /// Whether it has to be written.
    pub(crate) dirty: bool,
}

impl<V> Held<V> {
    pub(crate) fn read(row: Row<V>) -> Self {
        Self { seen: Some(row.version), now: row.value, dirty: false }
    }

    pub(crate) const fn fresh(now: V) -> Self {
        Self { seen: None, now, dirty: true }
    }
}

/// The rows in hand, by id.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) records: BTreeMap<RecordId, Held<RecordRow>>,
    pub(crate) postings: BTreeMap<Blind, Held<PostingRow>>,
    /// The version and members of each component that was reached.
    pub(crate) components: BTreeMap<RecordId, (Version, Vec<RecordId>)>,
    /// Postings that were generic before this change: nothing hangs on them.
    generic_before: BTreeSet<Blind>,
    /// Of these, what is rare enough again to mean something.
    again: BTreeSet<Blind>,
    /// Records in hand that say other houses than before, or of which it is to be known otherwise.
    pub(crate) rehoused: BTreeSet<RecordId>,
    /// What is no longer said of houses.
    pub(crate) unhoused: BTreeSet<(Blind, RecordId)>,
    /// When records and postings were read.
    at: Option<AsOf>,
}

impl Gathered {
    fn note(&mut self, view: &View<'_>) {
        let at = view.as_of();
        self.at = Some(self.at.map_or(at, |before| before.and(at)));
    }

    /// Reads records that are not in hand; those that do not exist stay away.
    pub(crate) fn read_records(
        &mut self,
        view: &View<'_>,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Result<(), StoreError> {
        self.note(view);
        let ids: BTreeSet<_> =
            ids.into_iter().filter(|id| !self.records.contains_key(id)).collect();
        let keys: Vec<_> = ids.into_iter().map(|id| (id, ())).collect();
        let rows = view.get_many(&RECORDS, &keys)?;
        for ((id, ()), row) in keys.into_iter().zip(rows) {
            if let Some(row) = row {
                self.records.insert(id, Held::read(row));
            }
        }
        Ok(())
    }

    /// Reads postings that are not in hand; a missing one is an empty one.
    pub(crate) fn read_postings(
        &mut self,
        view: &View<'_>,
        blinds: impl IntoIterator<Item = Blind>,
    ) -> Result<(), StoreError> {
        self.note(view);
        let blinds: BTreeSet<_> =
            blinds.into_iter().filter(|blind| !self.postings.contains_key(blind)).collect();
        let keys: Vec<_> = blinds.into_iter().map(|blind| (blind, ())).collect();
        let rows = view.get_many(&POSTINGS, &keys)?;
        for ((blind, ()), row) in keys.into_iter().zip(rows) {
            let held = row
                .map_or(Held { seen: None, now: PostingRow::default(), dirty: false }, Held::read);
            if held.now.total > POSTING_MAX as u64 {
                self.generic_before.insert(blind);
            }
            self.postings.insert(blind, held);
        }
        Ok(())
    }

    /// Reads the postings in which some of the records in hand stand.
    pub(crate) fn read_postings_of(
        &mut self,
        view: &View<'_>,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Result<(), StoreError> {
        let blinds: Vec<_> = ids
            .into_iter()
            .filter_map(|id| self.records.get(&id))
            .filter(|held| held.now.linkable)
            .flat_map(|held| held.now.links.identifiers.iter().map(|(_, blind)| *blind))
            .collect();
        self.read_postings(view, blinds)
    }

    /// The identifiers that several of some records bear. Only of these it matters whether they are
    /// generic; whoever comes to share another changes the row or the component of its bearer.
    fn borne_by_several(&self, ids: &BTreeSet<RecordId>) -> BTreeSet<Blind> {
        let (mut once, mut again) = (BTreeSet::new(), BTreeSet::new());
        let held = ids.iter().filter_map(|id| self.records.get(id));
        for held in held.filter(|held| held.now.linkable) {
            for (_, blind) in &held.now.links.identifiers {
                if !once.insert(*blind) {
                    again.insert(*blind);
                }
            }
        }
        again
    }

    /// Records and those that stand next to them, by identifiers, assertions and likeness.
    fn beside(&self, changed: &BTreeSet<RecordId>) -> BTreeSet<RecordId> {
        let mut reached = changed.clone();
        for id in changed {
            let Some(held) = self.records.get(id) else { continue };
            for (_, blind) in &held.now.links.identifiers {
                let means = held.now.linkable && !self.generic_before.contains(blind);
                let posting =
                    self.postings.get(blind).filter(|_| means || self.again.contains(blind));
                reached.extend(posting.into_iter().flat_map(|posting| &posting.now.members));
            }
            reached.extend(held.now.links.asserted.iter().map(|(other, _)| *other));
            reached.extend(held.now.links.alike.iter().map(|(other, _)| *other));
        }
        reached
    }

    /// What some records reach by themselves, of what was reached from them and others together.
    pub(crate) fn reached_from(&self, changed: &BTreeSet<RecordId>) -> BTreeSet<RecordId> {
        let mut reached = self.beside(changed);
        let components: BTreeSet<_> = reached
            .iter()
            .filter_map(|id| self.records.get(id).and_then(|held| held.now.component))
            .collect();
        let members = components.iter().filter_map(|id| self.components.get(id));
        reached.extend(members.flat_map(|(_, members)| members.iter().copied()));
        reached.retain(|id| self.records.contains_key(id));
        reached
    }

    /// From records whose links change, reaches every record that hangs together with them: members
    /// of their postings, the components of all of these, and the postings that say which
    /// identifiers are generic. Who must not be linked reaches nobody by identifiers, except those
    /// to whom one means something again now that it is gone.
    pub(crate) fn reach(
        &mut self,
        view: &View<'_>,
        changed: &BTreeSet<RecordId>,
    ) -> Result<BTreeSet<RecordId>, StoreError> {
        let mut reached = self.beside(changed);
        self.read_records(view, reached.iter().copied())?;
        let components: BTreeSet<_> = reached
            .iter()
            .filter_map(|id| self.records.get(id).and_then(|held| held.now.component))
            .collect();
        let keys: Vec<_> = components.into_iter().map(|id| (id, ())).collect();
        let rows = view.get_many(&COMPONENTS, &keys)?;
        for ((id, ()), row) in keys.into_iter().zip(rows) {
            if let Some(row) = row {
                reached.extend(row.value.members.iter().copied());
                self.components.insert(id, (row.version, row.value.members));
            }
        }
        self.read_records(view, reached.iter().copied())?;
        reached.retain(|id| self.records.contains_key(id));
        let shared = self.borne_by_several(&reached);
        self.read_postings(view, shared)?;
        Ok(reached)
    }

    /// Notes on records whose pairs may have changed what they are alike to now. Those that were
    /// erased since the view was taken make it a conflict.
    pub(crate) fn note_alike(
        &mut self,
        view: &View<'_>,
        session: &Session<'_>,
        touched: &BTreeSet<RecordId>,
    ) -> Result<(), StoreError> {
        self.read_records(view, touched.iter().copied())?;
        for id in touched {
            let held = self.records.get_mut(id).ok_or(StoreError::Conflict)?;
            let near = near(session.index(), *id);
            if held.now.links.alike != near {
                held.now.links.alike = near;
                held.dirty = true;
            }
        }
        Ok(())
    }

    /// Takes erased records out of hand, and their names out of others' assertions. What was read
    /// of them must not have changed.
    pub(crate) fn forget(&mut self, gone: &BTreeSet<RecordId>, batch: &mut Batch) {
        for id in gone {
            if let Some(held) = self.records.remove(id) {
                batch.check(&RECORDS, id, &(), held.seen);
                self.unhoused.extend(held.now.home.houses().into_iter().map(|house| (house, *id)));
            }
        }
        for held in self.records.values_mut() {
            let (asserted, said) = (&mut held.now.links.asserted, &mut held.now.home.said);
            let before = asserted.len() + said.len();
            asserted.retain(|(other, _)| !gone.contains(other));
            said.retain(|(other, _)| !gone.contains(other));
            held.dirty |= asserted.len() + said.len() != before;
        }
    }

    /// Notes that an identifier is rare enough again to mean something.
    pub(crate) fn meaningful_again(&mut self, blind: Blind) {
        if self.generic_before.remove(&blind) {
            self.again.insert(blind);
        }
    }

    /// The person that holds a record in hand.
    pub(crate) fn person_of(&self, id: RecordId) -> Option<model::PersonId> {
        self.records.get(&id).map(|held| held.now.person)
    }

    /// Whether an identifier is borne by too many records to mean anything.
    pub(crate) fn is_generic(&self, blind: &Blind) -> bool {
        self.postings.get(blind).is_some_and(|held| held.now.total > POSTING_MAX as u64)
    }

    /// Adds what changed to a batch, to hold only if everything decided on is still as seen.
    pub(crate) fn stage(&self, batch: &mut Batch) {
        household::stage(self, batch);
        let at = self.at.unwrap_or(AsOf::UNKNOWN);
        for (id, held) in &self.records {
            batch.check_read(&RECORDS, id, &(), held.seen, at);
            if held.dirty {
                batch.put(&RECORDS, id, &(), &held.now);
            }
        }
        for (blind, held) in &self.postings {
            batch.check_read(&POSTINGS, blind, &(), held.seen, at);
            if held.dirty {
                if held.now.total == 0 {
                    batch.delete(&POSTINGS, blind, &());
                } else {
                    batch.put(&POSTINGS, blind, &(), &held.now);
                }
            }
        }
    }
}
