//! Making the index from the store, and introducing a model to records that were never compared by it.

use super::{Chosen, Due, Likeness, Ready, STATE, State, key};
use crate::gather::Gathered;
use crate::limits::ATTEMPTS_MAX;
use crate::resolve::resolve;
use crate::row::{LIKENESS, LikenessRow, Links, RECORDS, RecordRow, TRAITS};
use crate::{People, PeopleError};
use gate::{Refusal, UseKind, Work};
use linkage::engine::Index;
use linkage::model::FileError;
use linkage::record::{Pool, Row};
use model::{Grant, Purpose, RecordId};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use store::{Batch, StoreError, View};

/// Records read, or decided again, together.
const PAGE: usize = 1_000;

/// Told how many records have been read or decided so far.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

/// The cards of one page of records, with what links them.
type Page<'a> = &'a [(RecordId, &'a Links, Row)];

impl People {
    /// Links by likeness too: by the model in a file's text, where one is given, else by one that is
    /// learned from this house once it holds enough records. Reads every record that may be linked;
    /// where they were never compared by this model, compares all and decides all again.
    ///
    /// # Errors
    ///
    /// When the text is no model, as an `Err` inside; otherwise the error of the room that failed.
    pub fn by_likeness(
        mut self,
        given: Option<&str>,
        progress: Progress<'_>,
    ) -> Result<Result<Self, FileError>, PeopleError> {
        let given = match given.map(Chosen::read).transpose() {
            Ok(given) => given,
            Err(error) => return Ok(Err(error)),
        };
        let grant = || Grant::whole(Purpose::IdentityLinking);
        let door = self.link_door.as_ref().ok_or_else(|| Refusal::NotAuthorised(grant()))?;
        let permit = self.gate.ask_linking(door)?;
        let likeness = Likeness { permit, given, state: Mutex::new(State::Unread) };
        self.load(&likeness, &mut likeness.state.lock(), progress)?;
        self.likeness = Some(likeness);
        Ok(Ok(self))
    }

    /// Links by identifiers only. Where likeness has joined people, decides all again.
    ///
    /// # Errors
    ///
    /// The error of the room that failed.
    pub fn by_identifiers(self, progress: Progress<'_>) -> Result<Self, PeopleError> {
        self.part(progress)?;
        Ok(self)
    }

    /// Decides again by identifiers only what likeness has decided.
    fn part(&self, progress: Progress<'_>) -> Result<(), PeopleError> {
        if self.store.read()?.get(&LIKENESS, &STATE, &())?.is_some() {
            self.put_state(&LikenessRow { model: [0; 16], serial: 0, complete: false })?;
            self.introduce(None, progress)?;
            let mut batch = Batch::default();
            batch.delete(&LIKENESS, &STATE, &());
            self.store.commit(batch)?;
        }
        Ok(())
    }

    /// Makes the index anew from the store.
    pub(super) fn load(
        &self,
        likeness: &Likeness,
        state: &mut State,
        progress: Progress<'_>,
    ) -> Result<(), PeopleError> {
        *state = State::Unread;
        let view = self.store.read()?;
        let chosen = match &likeness.given {
            Some(given) => Some(given.clone()),
            None => self.learned(&view, &likeness.permit)?,
        };
        let Some(chosen) = chosen else {
            drop(view);
            self.part(progress)?;
            *state = State::Waiting;
            return Ok(());
        };
        let known = view.get(&LIKENESS, &STATE, &())?.map(|row| row.value);
        let compared = known.filter(|known| known.model == chosen.name && known.complete);
        let Some(known) = compared else {
            drop(view);
            return self.adopt(likeness, state, &chosen, progress);
        };
        let mut ready = Ready::empty(&chosen);
        let Ready { index, cards, .. } = &mut ready;
        let mut pool = std::mem::take(&mut index.pool);
        let (mut all, mut pairs) = (Vec::new(), Vec::new());
        self.each_card(&view, likeness, cards, &mut pool, progress, &mut |page| {
            for (record, links, row) in page {
                all.push((key(*record), *row));
                let later = links.alike.iter().filter(|(other, _)| other > record);
                pairs.extend(later.map(|(other, units)| (key(*record), key(*other), *units)));
            }
        })?;
        index.pool = pool;
        for (key, row) in &all {
            index.put_back(*key, row);
        }
        for (a, b, units) in pairs {
            index.put_pair(a, b, units);
        }
        ready.serial = known.serial;
        *state = State::Ready(Box::new(ready));
        Ok(())
    }

    /// Compares all records by a model, and decides again whatever that changes.
    fn adopt(
        &self,
        likeness: &Likeness,
        state: &mut State,
        chosen: &Chosen,
        progress: Progress<'_>,
    ) -> Result<(), PeopleError> {
        self.compare_anew(likeness, state, chosen, progress)?;
        let State::Ready(ready) = state else { return Ok(()) };
        self.introduce(Some(&ready.index), progress)?;
        self.put_state(&ready.row(true))?;
        ready.introduced = true;
        Ok(())
    }

    /// Compares all records by a model, which from then on decides what is committed. What stood before
    /// has to be introduced to it.
    pub(super) fn compare_anew(
        &self,
        likeness: &Likeness,
        state: &mut State,
        chosen: &Chosen,
        progress: Progress<'_>,
    ) -> Result<(), PeopleError> {
        *state = State::Unread;
        let view = self.store.read()?;
        let known = view.get(&LIKENESS, &STATE, &())?.map_or(0, |row| row.value.serial);
        let mut ready = self.compare_all(&view, likeness, chosen, progress)?;
        drop(view);
        ready.serial = known + 1;
        ready.introduced = false;
        self.put_state(&ready.row(false))?;
        *state = State::Ready(Box::new(ready));
        Ok(())
    }

    /// Introduces to the model in hand what stood before it, letting others commit between one page and
    /// the next. What they commit is decided by that model already.
    pub(super) fn introduce_beside(
        &self,
        likeness: &Likeness,
        model: [u8; 16],
        progress: Progress<'_>,
    ) -> Result<(), PeopleError> {
        let (mut after, mut done) = (None, 0);
        loop {
            let mut state = likeness.state.lock();
            let State::Ready(ready) = &mut *state else { return Ok(()) };
            if ready.introduced || ready.name != model {
                // Another process wrote, and this one has read and introduced all anew since; or
                // somebody else has learned meanwhile, and introduces theirs from the beginning.
                return Ok(());
            }
            let Some(last) = self.introduce_page(Some(&ready.index), after, &mut done)? else {
                self.put_state(&ready.row(true))?;
                ready.introduced = true;
                return Ok(());
            };
            after = Some(last);
            drop(state);
            progress(done);
        }
    }

    /// Compares all records that may be linked, believing nothing that is stored of their likeness.
    fn compare_all(
        &self,
        view: &View<'_>,
        likeness: &Likeness,
        chosen: &Chosen,
        progress: Progress<'_>,
    ) -> Result<Ready, PeopleError> {
        let mut ready = Ready::empty(chosen);
        let Ready { index, cards, .. } = &mut ready;
        let mut pool = std::mem::take(&mut index.pool);
        let mut all = Vec::new();
        self.each_card(view, likeness, cards, &mut pool, progress, &mut |page| {
            all.extend(page.iter().map(|(record, _, row)| (key(*record), *row)));
        })?;
        index.pool = pool;
        index.fill(&all);
        Ok(ready)
    }

    /// The index of all records as `view` shows them, compared afresh; nothing without likeness.
    pub(crate) fn index_afresh(&self, view: &View<'_>) -> Result<Option<Fresh>, PeopleError> {
        let Some(likeness) = &self.likeness else { return Ok(None) };
        let chosen = match &likeness.given {
            Some(given) => Some(given.clone()),
            None => self.learned(view, &likeness.permit)?,
        };
        let Some(chosen) = chosen else { return Ok(None) };
        Ok(Some(Fresh(self.compare_all(view, likeness, &chosen, &mut |_| {})?)))
    }

    /// Reads the card of every record that may be linked.
    pub(super) fn each_card(
        &self,
        view: &View<'_>,
        likeness: &Likeness,
        cards: &mut super::Cards,
        pool: &mut Pool,
        progress: Progress<'_>,
        visit: &mut dyn FnMut(Page<'_>),
    ) -> Result<(), PeopleError> {
        let mut after: Option<(RecordId, ())> = None;
        let mut done = 0;
        loop {
            let page = view.scan(&RECORDS, after.as_ref(), PAGE)?;
            let Some((last, (), _)) = page.last() else { return Ok(()) };
            after = Some((*last, ()));
            done += page.len() as u64;
            let linkable: Vec<(RecordId, &RecordRow)> = page
                .iter()
                .filter(|(_, (), row)| row.value.linkable)
                .map(|(record, (), row)| (*record, &row.value))
                .collect();
            let ids: Vec<RecordId> = linkable.iter().map(|(record, _)| *record).collect();
            let keys = self.vault.load(view, &ids)?;
            let places: Vec<_> = ids.iter().map(|record| (*record, ())).collect();
            let traits = view.get_many(&TRAITS, &places)?;
            let grounds = linkable.iter().map(|(record, row)| (*record, &row.grounds));
            let opening = self.gate.spend_linking(&likeness.permit, grounds);
            let mut read = Vec::with_capacity(linkable.len());
            for ((record, row), traits) in linkable.into_iter().zip(traits) {
                let Some(traits) = traits.map(|row| row.value) else { continue };
                let due = Due { record, row, traits: &traits, said: &[] };
                let texts = self.texts(&opening, &keys, &due)?;
                let texts = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
                read.extend(cards.read(pool, texts).map(|card| (record, &row.links, card)));
            }
            visit(&read);
            progress(done);
        }
    }

    /// Writes what `index` knows into the rows of all records, and decides again what that changes.
    fn introduce(&self, index: Option<&Index>, progress: Progress<'_>) -> Result<(), PeopleError> {
        let (mut after, mut done) = (None, 0);
        while let Some(last) = self.introduce_page(index, after, &mut done)? {
            after = Some(last);
            progress(done);
        }
        Ok(())
    }

    /// Introduces the records that follow `after`; gives the last of them, nothing where there were none.
    fn introduce_page(
        &self,
        index: Option<&Index>,
        after: Option<RecordId>,
        done: &mut u64,
    ) -> Result<Option<RecordId>, PeopleError> {
        let view = self.store.read()?;
        let page = view.scan(&RECORDS, after.map(|last| (last, ())).as_ref(), PAGE)?;
        let Some((last, (), _)) = page.last() else { return Ok(None) };
        *done += page.len() as u64;
        // Where identifiers alone connect records, too, other weights may join others.
        let changed: BTreeSet<RecordId> = page
            .iter()
            .filter(|(record, (), row)| {
                row.value.component.is_some() || row.value.links.alike != near(index, *record)
            })
            .map(|(record, (), _)| *record)
            .collect();
        drop(view);
        if !changed.is_empty() {
            self.decide_again(index, &changed)?;
        }
        Ok(Some(*last))
    }

    fn decide_again(
        &self,
        index: Option<&Index>,
        changed: &BTreeSet<RecordId>,
    ) -> Result<(), PeopleError> {
        for _ in 0..ATTEMPTS_MAX {
            let view = self.store.read()?;
            let mut gathered = Gathered::default();
            gathered.read_records(&view, changed.iter().copied())?;
            for (record, held) in &mut gathered.records {
                held.now.links.alike = near(index, *record);
                held.dirty = true;
            }
            let reached = gathered.reach(&view, changed)?;
            let mut batch = Batch::default();
            let people = resolve(&self.gate, &view, &mut gathered, &reached, index, &mut batch)?;
            gathered.stage(&mut batch);
            let work = Work {
                kind: UseKind::Resolve,
                purpose: Purpose::IdentityLinking,
                service: "linkage".to_owned(),
                people,
                signals: Vec::new(),
                leaves: Vec::new(),
            };
            match self.gate.record(work, batch) {
                Ok(appended) => return self.sync(&appended),
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Writes which state of the index the store is of.
    fn put_state(&self, row: &LikenessRow) -> Result<(), PeopleError> {
        let mut batch = Batch::default();
        batch.put(&LIKENESS, &STATE, &(), row);
        self.store.commit(batch)?;
        Ok(())
    }
}

/// An index that was compared afresh.
pub(crate) struct Fresh(Ready);

impl Fresh {
    /// The index.
    pub(crate) const fn index(&self) -> &Index {
        &self.0.index
    }
}

/// What an index knows to be alike to a record.
pub(crate) fn near(index: Option<&Index>, id: RecordId) -> Vec<(RecordId, i32)> {
    let near = index.into_iter().flat_map(|index| index.near(key(id)));
    near.map(|(other, weight)| (super::record(other), weight)).collect()
}
