//! Likeness: records that no identifier joins and that are one person all the same.
//!
//! What the linkage engine compares is kept in memory, opened from the sealed traits of records
//! whose contract allows linking. What it finds stands in the records' rows, so that deciding needs
//! no more than the rows and the index, and the index can be made again from the store at any time.
//!
//! INVARIANT: the index is that of the serial number in the store. Whoever decides holds it for the
//! length of one commit, and a commit that changes it changes the number.

mod card;
mod due;
mod join;
mod learn;
mod load;

use card::Cards;
pub(crate) use due::Due;
pub(crate) use join::{join, join_told};
pub use learn::{LEARNED_MIN, Learned};
pub use load::Progress;
pub(crate) use load::{Fresh, near};

use crate::limits::ATTEMPTS_MAX;
use crate::row::{LIKENESS, LikenessRow};
use crate::{People, PeopleError};
use gate::LinkPermit;
use linkage::engine::{Index, Settings};
use linkage::model::{FileError, Model, hash};
use linkage::record::{Pool, RecordKey, Row};
use model::RecordId;
use parking_lot::{Mutex, MutexGuard};
use store::{Batch, StoreError, Version, View};

/// Cards of a component that are all compared with each other. A file is decided once; here a
/// component is decided again with every change in it.
const CARDS_MAX: usize = 100;

/// The partition of the one row of [`LIKENESS`].
const STATE: u8 = 0;

/// What likeness is decided by, and the permit it stands on.
#[derive(Debug)]
pub(crate) struct Likeness {
    permit: LinkPermit,
    /// The model that the operator gave; where there is none, the house learns its own.
    given: Option<Chosen>,
    state: Mutex<State>,
}

/// A model with its name.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    model: Model,
    /// The SHA-256 of the model's file, first half.
    name: [u8; 16],
}

impl Chosen {
    /// A model as its file says it.
    pub(crate) fn read(text: &str) -> Result<Self, FileError> {
        let mut name = [0; 16];
        for (byte, pair) in name.iter_mut().zip(hash(text).as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(pair).unwrap_or_default();
            *byte = u8::from_str_radix(digits, 16).unwrap_or_default();
        }
        Ok(Self { model: Model::from_json(text)?, name })
    }
}

/// What is in memory.
#[derive(Debug)]
enum State {
    /// Nothing was loaded yet.
    Unread,
    /// There is no model yet, here or in the store: nothing is compared.
    Waiting,
    /// The index of one state of the store.
    Ready(Box<Ready>),
}

#[derive(Debug)]
struct Ready {
    index: Index,
    cards: Cards,
    name: [u8; 16],
    /// The number of the store's state that the index is of.
    serial: u64,
    /// How many records the model was learned from.
    learned_from: u64,
    /// Whether all that stands in the store was decided by this model.
    introduced: bool,
}

impl Ready {
    fn empty(by: &Chosen) -> Self {
        let settings = Settings::default();
        // A pair below the cut joins nobody by itself, and within a component all are compared.
        let settings = Settings { floor: settings.cut, complete_max: CARDS_MAX, ..settings };
        Self {
            index: Index::unfolded(by.model.clone(), settings),
            cards: Cards::default(),
            name: by.name,
            serial: 0,
            learned_from: by.model.frequencies.records,
            introduced: true,
        }
    }

    /// The row in the store that says which state this is.
    const fn row(&self, introduced: bool) -> LikenessRow {
        LikenessRow { model: self.name, serial: self.serial, complete: introduced }
    }
}

/// The index in hand for one commit. Dropped without [`Session::keep`] it is as it was.
pub(crate) struct Session<'a> {
    held: Option<Held<'a>>,
}

struct Held<'a> {
    permit: &'a LinkPermit,
    /// Held while there is no model, too: none may be introduced meanwhile.
    state: MutexGuard<'a, State>,
    /// The version of the row that was seen.
    seen: Option<Version>,
    /// What stood in the place of what was changed.
    undo: Vec<(RecordKey, Option<Row>)>,
}

impl Held<'_> {
    fn ready(&self) -> Option<&Ready> {
        match &*self.state {
            State::Ready(ready) => Some(ready),
            State::Unread | State::Waiting => None,
        }
    }

    fn ready_mut(&mut self) -> Option<&mut Ready> {
        match &mut *self.state {
            State::Ready(ready) => Some(ready),
            State::Unread | State::Waiting => None,
        }
    }
}

/// The name of a record in the index.
pub(crate) const fn key(record: RecordId) -> RecordKey {
    u128::from_be_bytes(record.0)
}

/// The record of a name.
pub(crate) const fn record(key: RecordKey) -> RecordId {
    RecordId(key.to_be_bytes())
}

impl Likeness {
    /// Makes a session of the index in hand, if it is the one that `view` shows.
    fn session<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        view: &View<'_>,
    ) -> Result<Begun<'a>, StoreError> {
        let row = view.get(&LIKENESS, &STATE, &())?;
        let fits = match (&*state, &row) {
            (State::Waiting, None) => true,
            (State::Ready(ready), Some(row)) if row.value.model == ready.name => {
                if ready.serial > row.value.serial {
                    // Somebody has committed since the view was taken: decide on a newer one.
                    return Err(StoreError::Conflict);
                }
                row.value.complete == ready.introduced && ready.serial == row.value.serial
            }
            (State::Unread | State::Waiting | State::Ready(_), _) => false,
        };
        if !fits {
            return Ok(Begun::Behind(state));
        }
        let seen = row.map(|row| row.version);
        let held = Held { permit: &self.permit, state, seen, undo: Vec::new() };
        Ok(Begun::Ready(Session { held: Some(held) }))
    }
}

/// The index, or the lock on one that has to be made again first.
enum Begun<'a> {
    Ready(Session<'a>),
    Behind(MutexGuard<'a, State>),
}

impl Session<'_> {
    /// No likeness: nothing is compared.
    pub(crate) const fn none() -> Self {
        Self { held: None }
    }

    /// The permit that opens what is compared; nothing where nothing is.
    pub(crate) fn permit(&self) -> Option<&LinkPermit> {
        self.held.as_ref().filter(|held| held.ready().is_some()).map(|held| held.permit)
    }

    /// What reads cards into rows of the index.
    fn cards(&mut self) -> Option<(&mut Cards, &mut Pool)> {
        let ready = self.held.as_mut()?.ready_mut()?;
        Some((&mut ready.cards, &mut ready.index.pool))
    }

    /// Takes records in, changes them, or lets them go. Gives those that are not as they were, and all
    /// others whose pairs may have changed.
    pub(crate) fn change(&mut self, rows: &[(RecordId, Option<Row>)]) -> Vec<RecordId> {
        let Some(held) = &mut self.held else { return Vec::new() };
        let State::Ready(ready) = &mut *held.state else { return Vec::new() };
        let index = &mut ready.index;
        let rows: Vec<_> = rows
            .iter()
            .map(|(id, row)| (key(*id), *row))
            .filter(|(key, row)| *row != index.row(*key))
            .collect();
        held.undo.extend(rows.iter().map(|(key, _)| (*key, index.row(*key))));
        let touched = index.change(&rows);
        touched.into_iter().chain(rows.iter().map(|(key, _)| *key)).map(record).collect()
    }

    /// The index itself.
    pub(crate) fn index(&self) -> Option<&Index> {
        self.held.as_ref().and_then(Held::ready).map(|ready| &ready.index)
    }

    /// Adds the index's new number to a batch, if the index has changed.
    pub(crate) fn stage(&self, batch: &mut Batch) {
        let Some(held) = self.held.as_ref().filter(|held| !held.undo.is_empty()) else { return };
        let Some(ready) = held.ready() else { return };
        let row = LikenessRow { serial: ready.serial + 1, ..ready.row(ready.introduced) };
        batch.check(&LIKENESS, &STATE, &(), held.seen);
        batch.put(&LIKENESS, &STATE, &(), &row);
    }

    /// The commit is made.
    pub(crate) fn keep(mut self) {
        if let Some(held) = self.held.as_mut().filter(|held| !held.undo.is_empty()) {
            held.undo.clear();
            if let Some(ready) = held.ready_mut() {
                ready.serial += 1;
            }
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if let Some(held) = self.held.as_mut().filter(|held| !held.undo.is_empty()) {
            let mut undo = std::mem::take(&mut held.undo);
            undo.reverse();
            if let Some(ready) = held.ready_mut() {
                ready.index.change(&undo);
            }
        }
    }
}

impl People {
    /// Takes the index in hand, and then a view, so that nothing comes between them.
    pub(crate) fn begin(&self) -> Result<(View<'_>, Session<'_>), PeopleError> {
        let Some(likeness) = &self.likeness else {
            return Ok((self.store.read()?, Session::none()));
        };
        for _ in 0..ATTEMPTS_MAX {
            let state = likeness.state.lock();
            let view = self.store.read()?;
            match likeness.session(state, &view)? {
                Begun::Ready(session) => return Ok((view, session)),
                Begun::Behind(mut state) => self.load(likeness, &mut state, &mut |_| {})?,
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Takes the index in hand for a commit that decides on `view`.
    pub(crate) fn begin_at(&self, view: &View<'_>) -> Result<Session<'_>, PeopleError> {
        let Some(likeness) = &self.likeness else { return Ok(Session::none()) };
        match likeness.session(likeness.state.lock(), view)? {
            Begun::Ready(session) => Ok(session),
            Begun::Behind(mut state) => {
                // Another process has committed: what is in memory is not what is in the store.
                self.load(likeness, &mut state, &mut |_| {})?;
                Err(StoreError::Conflict.into())
            }
        }
    }
}
