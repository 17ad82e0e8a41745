//! The model file: what was learned, readable, told apart by a hash. No value of a record is in it.

use super::problem::Problem;
use super::table::key_of;
use anyhow::Result;
use linkage::compare::Comparison;
use linkage::model::Model;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The version of the form; a file of another one is refused.
const VERSION: u32 = 1;

/// A model file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    /// The records it was learned from.
    records: u64,
    /// The share of matches, neighbours and others among candidate pairs.
    shares: Vec<f64>,
    fields: BTreeMap<String, Field>,
}

/// What was learned of one comparison.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    levels: Vec<String>,
    one_person: Vec<f64>,
    same_home: Vec<f64>,
    strangers: Vec<f64>,
    chance: Vec<f64>,
    centre: f64,
}

const HEAD: &str = "# A model of `bonafide link train`: how often each level of agreement is seen among pairs of one\n\
    # person, of one home, and of strangers. Use it with --model.\n";

/// A model as text.
///
/// # Errors
///
/// When the text cannot be made, which would be a bug.
pub(super) fn text_of(model: &Model) -> Result<String> {
    let row = |class: usize, comparison: Comparison| -> Vec<f64> {
        let rows = model.levels.get(class).and_then(|rows| rows.get(comparison as usize));
        rows.map(|row| row.iter().copied().take(comparison.levels().len()).collect())
            .unwrap_or_default()
    };
    let field = |comparison: Comparison| Field {
        levels: comparison.levels().iter().map(|word| (*word).to_owned()).collect(),
        one_person: row(0, comparison),
        same_home: row(1, comparison),
        strangers: row(2, comparison),
        chance: row(3, comparison),
        centre: model.centres.get(comparison as usize).copied().unwrap_or(0.0),
    };
    let file = File {
        version: VERSION,
        records: model.frequencies.records,
        shares: model.shares.iter().copied().take(3).collect(),
        fields: Comparison::ALL
            .iter()
            .map(|known| (known.word().to_owned(), field(*known)))
            .collect(),
    };
    Ok(format!("{HEAD}{}", toml::to_string(&file)?))
}

/// A hash of the text, to pin it by.
pub(super) fn hash_of(text: &str) -> String {
    format!("{:032x}", key_of(0, text))
}

/// A model that was read, to be laid over what the records at hand say of frequencies.
#[derive(Debug)]
pub(super) struct Pinned {
    file: File,
    /// The hash of its text.
    pub(super) hash: String,
}

impl Pinned {
    /// Reads a model file.
    ///
    /// # Errors
    ///
    /// [`Problem`] when it cannot be read, is of another version, or does not fit this engine.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let remedy = "write a new one with `bonafide link train`";
        let wrong = |what: String| Problem::file("model_wrong", what, path, remedy);
        let text = fs::read_to_string(path).map_err(|error| {
            Problem::file("file_missing", error.to_string().to_lowercase(), path, "check its name")
        })?;
        let file: File =
            toml::from_str(&text).map_err(|error| wrong(error.message().replace('\n', " ")))?;
        if file.version != VERSION {
            return Err(wrong(format!("it is of version {}, not {VERSION}", file.version)).into());
        }
        for comparison in Comparison::ALL {
            let Some(field) = file.fields.get(comparison.word()) else {
                return Err(wrong(format!("it says nothing of {}", comparison.word())).into());
            };
            let levels = comparison.levels();
            let rows = [&field.one_person, &field.same_home, &field.strangers, &field.chance];
            let fits = field.levels == levels
                && rows.iter().all(|row| row.len() == levels.len())
                && rows.iter().copied().flatten().all(|share| (0.0..=1.0).contains(share))
                && field.centre.is_finite();
            if !fits {
                return Err(wrong(format!("its {} is of other levels", comparison.word())).into());
            }
        }
        if file.shares.len() != 3 || !file.shares.iter().all(|share| (0.0..=1.0).contains(share)) {
            return Err(wrong("its shares are no shares".to_owned()).into());
        }
        Ok(Self { hash: hash_of(&text), file })
    }

    /// Puts what was learned in the place of what `model` holds. Frequencies, and how likely chance is
    /// among so many records, stay those of the records at hand.
    pub(super) fn lay_over(&self, model: &mut Model) {
        for (known, share) in model.shares.iter_mut().zip(&self.file.shares) {
            *known = *share;
        }
        for comparison in Comparison::ALL {
            let Some(field) = self.file.fields.get(comparison.word()) else { continue };
            let rows = [&field.one_person, &field.same_home, &field.strangers, &field.chance];
            for (class, row) in model.levels.iter_mut().zip(rows) {
                for (known, share) in
                    class.iter_mut().skip(*comparison as usize).take(1).flatten().zip(row)
                {
                    *known = *share;
                }
            }
            if let Some(centre) = model.centres.get_mut(*comparison as usize) {
                *centre = field.centre;
            }
        }
    }
}
