//! Learning the model from the house's own records, without labels.
//!
//! How common a name is, how often an address is missing or mistyped, differs from house to house. A
//! model that is not from here takes names that it never met for rare ones, and joins strangers by
//! them. So a house compares nothing before it has learned, and it learns from what it holds.

use super::{Cards, Chosen, State, key};
use crate::row::MODELS;
use crate::{People, PeopleError};
use gate::{LinkPermit, MODEL_RECORD};
use linkage::engine::{Asserted, Settings, train};
use linkage::model::FileError;
use linkage::record::Records;
use model::Category;
use store::{Batch, StoreError, View};
use vault::FieldToken;

/// Cards a house has to hold before it learns from them.
pub const LEARNED_MIN: u64 = 500;

/// A house that has grown by this factor since it learned is due to learn again.
const GROWN: u64 = 2;

/// Bytes of one part of a sealed model.
const PART: usize = 512 << 10;

/// The sealed field of a part.
const MODEL: FieldToken = FieldToken(*b"a model1");

/// What a house learned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The records that say enough to be compared.
    pub records: u64,
    /// How many people there are now.
    pub people: u64,
}

impl People {
    /// Learns anew from all records that may be linked, then compares all and decides all again.
    /// What was asserted helps. Others commit meanwhile, but for the time of comparing: by what stood
    /// before while it learns, by what was learned while it decides. Nothing happens, and nothing is
    /// given, where likeness is off, the model was given, or there is too little to learn from.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unlearnable`] where what was learned would join strangers of one name: what stood
    /// before goes on standing. Otherwise the error of the room that failed.
    pub fn learn(&self, progress: super::Progress<'_>) -> Result<Option<Learned>, PeopleError> {
        let Some(likeness) = self.likeness.as_ref().filter(|likeness| likeness.given.is_none())
        else {
            return Ok(None);
        };
        let view = self.store.read()?;
        let (mut records, mut said) = (Records::default(), Vec::new());
        let Records { pool, rows, keys } = &mut records;
        self.each_card(&view, likeness, &mut Cards::default(), pool, progress, &mut |page| {
            for (record, links, row) in page {
                rows.push(*row);
                keys.push(key(*record));
                let later = links.asserted.iter().filter(|(other, _)| other > record);
                said.extend(later.map(|(other, same)| Asserted {
                    a: key(*record),
                    b: key(*other),
                    same: *same,
                }));
            }
        })?;
        let learned_from = records.rows.len() as u64;
        if learned_from < LEARNED_MIN {
            return Ok(None);
        }
        let model = train(&mut records, &Settings::default(), &said);
        drop((records, view));
        if model.mistakes_namesakes() {
            return Err(PeopleError::Unlearnable);
        }
        let text = model.to_json();
        let chosen = Chosen::read(&text)
            .map_err(|_| StoreError::Corrupt("a model that was just learned".to_owned()))?;
        let mut state = likeness.state.lock();
        self.keep_model(&text)?;
        self.compare_anew(likeness, &mut state, &chosen, progress)?;
        drop(state);
        self.introduce_beside(likeness, chosen.name, progress)?;
        let mut people = 0;
        self.gate.each_contract(&self.store.read()?, None, &mut |_, _| {
            people += 1;
            true
        })?;
        Ok(Some(Learned { records: learned_from, people }))
    }

    /// Learns, as [`People::learn`], when there was too little to learn from before, or far less than
    /// there is now.
    ///
    /// # Errors
    ///
    /// As [`People::learn`].
    pub fn learn_if_due(
        &self,
        progress: super::Progress<'_>,
    ) -> Result<Option<Learned>, PeopleError> {
        let Some(likeness) = &self.likeness else { return Ok(None) };
        let due = match &*likeness.state.lock() {
            State::Ready(ready) => ready.index.len() as u64 >= GROWN * ready.learned_from,
            State::Unread | State::Waiting => true,
        };
        if due { self.learn(progress) } else { Ok(None) }
    }

    /// The model that this house has learned, if it has.
    pub(super) fn learned(
        &self,
        view: &View<'_>,
        permit: &LinkPermit,
    ) -> Result<Option<Chosen>, PeopleError> {
        let record = MODEL_RECORD;
        let opening = self.gate.open_model(permit);
        let keys = self.vault.load(view, &[record])?;
        let mut text = Vec::new();
        for (_, part) in view.range(&MODELS, &record, None, store::limits::PAGE_MAX)? {
            if let Some(plain) =
                self.vault.open_field(&opening, &keys, record, MODEL, &part.value)?
            {
                #[expect(clippy::disallowed_methods, reason = "counts of hashes, read at once")]
                text.extend(plain.into_revealed());
            }
        }
        if text.is_empty() {
            return Ok(None);
        }
        let broken = || StoreError::Corrupt("the learned model".to_owned());
        let text = String::from_utf8(text).map_err(|_| broken())?;
        match Chosen::read(&text) {
            Ok(chosen) => Ok(Some(chosen)),
            // Learned by another version of the program: this one has to learn again.
            Err(FileError::Version(_)) => Ok(None),
            Err(_) => Err(broken().into()),
        }
    }

    /// Keeps a model in the place of the one before. Its counts are hashed, and sealed: a hash of a
    /// contact point that several share could be guessed.
    fn keep_model(&self, text: &str) -> Result<(), PeopleError> {
        let record = MODEL_RECORD;
        let view = self.store.read()?;
        let mut batch = Batch::default();
        let mut keys = self.vault.load(&view, &[record])?;
        keys.ensure(record)?;
        for (number, _) in view.range(&MODELS, &record, None, store::limits::PAGE_MAX)? {
            batch.delete(&MODELS, &record, &number);
        }
        for (number, part) in (0_u32..).zip(text.as_bytes().chunks(PART)) {
            let sealed = keys.seal(record, MODEL, Category::Unclassified, part)?;
            batch.put(&MODELS, &record, &number, &sealed);
        }
        keys.stage(&mut batch)?;
        self.store.commit(batch)?;
        Ok(())
    }
}
