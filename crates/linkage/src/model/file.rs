//! The model as a file: readable JSON with a version, pinned by the SHA-256 of its bytes.
//!
//! Frequencies are by hash of the value, so that a file holds no personal data; only values that at
//! least [`COUNT_MIN`] records bear are written, for rarer ones are told by their absence.

use super::{CLASSES, Frequencies, Levels, Model};
use crate::compare::{COMPARISONS, Comparison, LEVELS_MAX};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The version of the format that is written, and the only one that is read.
pub const VERSION: u32 = 2;

/// The records that bear a value, at least, for the value to be written.
pub const COUNT_MIN: u32 = 3;

/// Why a file is not a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Not JSON of the right shape.
    #[error("the model cannot be read: {0}")]
    Malformed(String),
    /// Of another version.
    #[error("the model is of version {0}, this program reads version {VERSION}: train anew")]
    Version(u32),
    /// A figure that is no probability, or a comparison too few.
    #[error("the model's figures for {0} are not probabilities: train anew")]
    Figures(String),
    /// Not the bytes that were pinned.
    #[error("the model is not the one that was pinned: its hash is {0}")]
    NotPinned(String),
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    shares: BTreeMap<String, f64>,
    comparisons: BTreeMap<String, Entry>,
    records: u64,
    present: Vec<u64>,
    /// Counts by the hash of the value, in hexadecimal.
    frequencies: BTreeMap<String, u32>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    centre: f64,
    levels: Vec<String>,
    matched: Vec<f64>,
    neighbour: Vec<f64>,
    other: Vec<f64>,
    chance: Vec<f64>,
    namesake: Vec<f64>,
}

const CLASS_WORDS: [&str; CLASSES] = ["match", "neighbour", "other", "chance", "namesake"];

impl Model {
    /// The model as JSON.
    pub fn to_json(&self) -> String {
        let shares =
            CLASS_WORDS.iter().zip(self.shares).map(|(word, share)| ((*word).to_owned(), share));
        let comparisons = Comparison::ALL
            .iter()
            .map(|comparison| (comparison.word().to_owned(), self.entry(*comparison)));
        let counts = self.frequencies.sorted().into_iter().filter(|(_, count)| *count >= COUNT_MIN);
        let file = File {
            version: VERSION,
            shares: shares.collect(),
            comparisons: comparisons.collect(),
            records: self.frequencies.records,
            present: self.frequencies.present().to_vec(),
            frequencies: counts.map(|(hash, count)| (format!("{hash:016x}"), count)).collect(),
        };
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }

    fn entry(&self, comparison: Comparison) -> Entry {
        let words = comparison.levels();
        let [matched, neighbour, other, chance, namesake] = self.levels.map(|rows| {
            let row = rows.get(comparison as usize).copied().unwrap_or_default();
            row.into_iter().take(words.len()).collect::<Vec<f64>>()
        });
        let centre = self.centres.get(comparison as usize).copied().unwrap_or(0.0);
        let levels = words.iter().map(|word| (*word).to_owned()).collect();
        Entry { centre, levels, matched, neighbour, other, chance, namesake }
    }

    /// Reads a model from JSON.
    pub fn from_json(text: &str) -> Result<Self, FileError> {
        let file: File =
            serde_json::from_str(text).map_err(|error| FileError::Malformed(error.to_string()))?;
        if file.version != VERSION {
            return Err(FileError::Version(file.version));
        }
        let mut levels: Levels = [[[0.0; LEVELS_MAX]; COMPARISONS]; CLASSES];
        let mut centres = [0.0; COMPARISONS];
        for (comparison, centre) in Comparison::ALL.iter().zip(&mut centres) {
            let wrong = || FileError::Figures(comparison.word().to_owned());
            let entry = file.comparisons.get(comparison.word()).ok_or_else(wrong)?;
            *centre = entry.centre;
            let rows =
                [&entry.matched, &entry.neighbour, &entry.other, &entry.chance, &entry.namesake];
            for (class, given) in levels.iter_mut().zip(rows) {
                let sound = given.iter().all(|share| (0.0..=1.000_001).contains(share));
                if given.len() != comparison.levels().len() || !sound || !entry.centre.is_finite() {
                    return Err(wrong());
                }
                if let Some(row) = class.get_mut(*comparison as usize) {
                    row.iter_mut().zip(given).for_each(|(level, given)| *level = *given);
                }
            }
        }
        let mut shares = [0.0; CLASSES];
        for (share, word) in shares.iter_mut().zip(CLASS_WORDS) {
            let given = file.shares.get(word).filter(|share| share.is_finite() && **share >= 0.0);
            *share = *given.ok_or_else(|| FileError::Figures(word.to_owned()))?;
        }
        let counts = file
            .frequencies
            .iter()
            .filter_map(|(hash, count)| Some((u64::from_str_radix(hash, 16).ok()?, *count)));
        let frequencies = Frequencies::restore(file.records, &file.present, counts.collect());
        Ok(Self { shares, levels, centres, frequencies })
    }

    /// Reads a model whose bytes must have a certain SHA-256, in hexadecimal.
    pub fn from_pinned_json(text: &str, sha256: &str) -> Result<Self, FileError> {
        let found = hash(text);
        if found.eq_ignore_ascii_case(sha256) {
            Self::from_json(text)
        } else {
            Err(FileError::NotPinned(found))
        }
    }

    /// The model that is shipped: people in general, learned from made-up ones.
    pub fn shipped() -> Self {
        // INVARIANT: held by a test.
        Self::from_json(SHIPPED).unwrap_or_else(|_| Self {
            shares: [0.1, 0.1, 0.8, 1_000.0, 0.1],
            levels: super::priors::levels(),
            centres: [-7.0; COMPARISONS],
            frequencies: Frequencies::default(),
        })
    }
}

/// The shipped model's file.
pub const SHIPPED: &str = include_str!("people.json");

/// The SHA-256 of a model file, in hexadecimal: the name under which it is pinned.
pub fn hash(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut out, byte| {
        // Writing to a string does not fail.
        let _ignored = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_survives_its_file() {
        let model = Model::from_json(SHIPPED).unwrap();
        let text = model.to_json();
        let again = Model::from_pinned_json(&text, &hash(&text)).unwrap();
        assert_eq!(again.to_json(), text);
        assert!(matches!(Model::from_pinned_json(&text, "00"), Err(FileError::NotPinned(_))));
        assert_eq!(
            Model::from_json(&text.replace("\"version\": 2", "\"version\": 7")).err(),
            Some(FileError::Version(7))
        );
        assert!(matches!(Model::from_json("{}"), Err(FileError::Malformed(_))));
    }
}
