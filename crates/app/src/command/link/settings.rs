//! The settings file: what the tool is told once, for all runs.

use super::problem::Problem;
use super::words::How;
use anyhow::Result;
use linkage::engine::Settings;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;

/// A settings file. Everything in it can be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    /// The column that names each record.
    pub(super) id: Option<String>,
    /// What columns mean: `NAME = "FIELD"`.
    pub(super) columns: BTreeMap<String, String>,
    /// The country of phones and addresses that do not name one, as two letters.
    pub(super) country: Option<String>,
    /// The hash of the model that must be used, as `link train` says it.
    pub(super) model_hash: Option<String>,
    linking: Linking,
}

/// The numbers of a settings file, as people think of them: probabilities, counts.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Linking {
    /// Records are joined into a person while the mean probability between them is at least this.
    cut: Option<f32>,
    /// Pairs below this probability are dropped.
    floor: Option<f32>,
    /// In groups of up to this many records all pairs are compared.
    complete_max: Option<usize>,
    /// Pairs that training looks at, at most.
    sample_max: Option<u64>,
    /// Threads; 0 for as many as there are cores.
    threads: Option<usize>,
}

impl File {
    /// Reads the file that the words name; without one, nothing is set.
    ///
    /// # Errors
    ///
    /// [`Problem`] when it cannot be read, has a key that is not known, or a number out of range.
    pub(super) fn of(how: &How) -> Result<Self> {
        let Some(path) = &how.settings else { return Ok(Self::default()) };
        let text = fs::read_to_string(path).map_err(|error| {
            Problem::file("settings_unreadable", error.to_string(), path, "name a file that exists")
        })?;
        let file: Self = toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| {
                text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1)
            });
            Problem::new(
                "settings_wrong",
                error.message().replace('\n', " "),
                format!("{}, line {line}", path.display()),
                "docs/guide/linkage.md lists the keys",
            )
        })?;
        for (key, value) in [("cut", file.linking.cut), ("floor", file.linking.floor)] {
            if value.is_some_and(|value| !(value > 0.0 && value < 1.0)) {
                let place = format!("{}, [linking] {key}", path.display());
                let what = "a probability is between 0 and 1, and neither";
                return Err(Problem::new("settings_wrong", what, place, "0.5 is usual").into());
            }
        }
        Ok(file)
    }

    /// The engine's settings.
    pub(super) fn engine(&self) -> Settings {
        let mut settings = Settings::default();
        let logit = |p: f32| (p / (1.0 - p)).ln();
        if let Some(cut) = self.linking.cut {
            settings.cut = logit(cut);
        }
        if let Some(floor) = self.linking.floor {
            settings.floor = logit(floor);
        }
        // INVARIANT: what is dropped early would not have been joined.
        settings.floor = settings.floor.min(settings.cut);
        settings.complete_max = self.linking.complete_max.unwrap_or(settings.complete_max);
        settings.sample_max = self.linking.sample_max.unwrap_or(settings.sample_max);
        settings.threads = self.linking.threads.unwrap_or(settings.threads);
        settings
    }
}
