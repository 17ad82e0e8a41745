//! What was said of records, and how they come and go among their copies: of identical ones the index
//! holds one, unless somebody set it apart.

use super::super::component::Asserted;
use super::super::copies::{Came, Went};
use super::super::fold::identity;
use super::{Change, Changes, Held, Index};
use crate::record::{RecordKey, Row};

impl Index {
    /// Says for ever whether two records are one person; [`Index::retract`] takes it back.
    pub fn assert(&mut self, asserted: Asserted) -> Change {
        let Asserted { a, b, same } = asserted;
        let before = [a, b].map(|key| self.is_apart(key));
        self.asserted.insert((a, b), same);
        self.asserted.insert((b, a), same);
        let touched = [a, b].iter().filter_map(|key| self.place(*key)).collect();
        self.file_again([a, b], before, touched)
    }

    /// Takes back what was said about two records.
    pub fn retract(&mut self, a: RecordKey, b: RecordKey) -> Change {
        let mut touched = self.place(a).map(|a| self.component(a)).unwrap_or_default();
        touched.extend(self.place(b));
        let before = [a, b].map(|key| self.is_apart(key));
        self.asserted.remove(&(a, b));
        self.asserted.remove(&(b, a));
        self.file_again([a, b], before, touched)
    }

    /// What a record shares with its copies, if copies are folded.
    fn identity(&self, row: &Row) -> Option<u64> {
        identity(&self.pool, row).filter(|_| self.folds)
    }

    /// The place of a record, or of the one that stands for it.
    pub(super) fn place(&self, key: RecordKey) -> Option<u32> {
        self.places.get(&self.copies.of(key)).copied()
    }

    /// Whether somebody set the record apart from another.
    fn is_apart(&self, key: RecordKey) -> bool {
        self.asserted_of(key).any(|(_, same)| !same)
    }

    /// Folds records among their copies or not, where what is said of them changed that, and decides
    /// again what that and what was said touches.
    fn file_again(&mut self, keys: [RecordKey; 2], before: [bool; 2], touched: Vec<u32>) -> Change {
        let mut changes = Changes { touched, ..Changes::default() };
        for (key, before) in keys.into_iter().zip(before) {
            let row = self.place(key).and_then(|place| self.held(place)).map(|held| held.row);
            if let Some(row) = row
                && before != self.is_apart(key)
            {
                self.let_go(key, &mut changes);
                self.take_in(key, &row, &mut changes);
                changes.touched.extend(self.place(key));
            }
        }
        let touched = self.settle(changes);
        self.decide(touched)
    }

    pub(super) fn take_in(&mut self, key: RecordKey, row: &Row, changes: &mut Changes) {
        let identity = self.identity(row).filter(|_| !self.is_apart(key));
        match identity.map_or(Came::Alone, |identity| self.copies.come(key, identity)) {
            Came::Alone => self.add(key, row, changes),
            Came::Behind(stands) => changes.touched.extend(self.place(stands)),
            Came::Before(copy) => {
                self.remove(copy, changes);
                self.add(key, row, changes);
            }
        }
    }

    pub(super) fn let_go(&mut self, key: RecordKey, changes: &mut Changes) {
        let place = self.places.get(&key);
        let row = place.and_then(|place| self.held(*place)).map(|held| held.row);
        let identity = row.and_then(|row| self.identity(&row));
        match (self.copies.go(key, identity), row) {
            (Went::Behind(stands), _) => changes.touched.extend(self.place(stands)),
            (Went::Before(next), Some(row)) => {
                self.remove(key, changes);
                self.add(next, &row, changes);
            }
            (Went::Alone | Went::Before(_), _) => self.remove(key, changes),
        }
    }

    /// What was said of a record and of those that it stands for.
    pub(super) fn said_of(&self, held: &Held) -> impl Iterator<Item = (RecordKey, bool)> + '_ {
        let all = if self.asserted.is_empty() { vec![held.key] } else { self.with_copies(held) };
        all.into_iter().flat_map(|key| self.asserted_of(key))
    }

    /// A record and those that it stands for.
    pub(super) fn with_copies(&self, held: &Held) -> Vec<RecordKey> {
        let copies = self
            .identity(&held.row)
            .into_iter()
            .flat_map(|identity| self.copies.behind(held.key, identity));
        [held.key].into_iter().chain(copies).collect()
    }
}
