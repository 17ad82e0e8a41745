//! `bonafide link`: record linkage for files, by itself. No house is opened, nothing is sealed and
//! nothing is sent: files in, files out.

mod words;

mod columns;
mod problem;
mod settings;
mod table;

mod answers;
mod engine;
mod model;

mod dedupe;
mod evaluate;
mod explain;
mod train;

mod out;
mod previous;
mod report;
mod summary;
mod waterfall;

pub(super) use words::Command;

use self::columns::Said;
use self::engine::{Job, Linked};
use self::problem::Problem;
use self::table::{Reading, Table};
use self::words::How;
use super::{Bars, quiet};
use anyhow::Result;
use linkage::engine::{Settings, Side};
use linkage::model::Model;
use linkage::perfect::Country;
use std::path::PathBuf;

/// Runs a sub-command.
///
/// # Errors
///
/// [`Problem`] with code, place and remedy; nothing in it is a value of a record.
pub(super) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Dedupe(words) => dedupe::dedupe(words),
        Command::Pair(words) => dedupe::pair(words),
        Command::Evaluate(words) => evaluate::evaluate(words),
        Command::Train(words) => train::train(words),
        Command::Explain(words) => explain::explain(words),
    }
}

/// A table that is ready to be linked.
struct Ready {
    table: Table,
    settings: Settings,
    model: Option<Model>,
    asserted: Option<PathBuf>,
    bars: Bars,
}

impl Ready {
    /// Reads settings and files.
    fn of(inputs: &[PathBuf], how: &How, truth: &[&str], ids_by_file: bool) -> Result<Self> {
        let file = settings::File::of(how)?;
        let said = Said::of(how, &file, truth)?;
        let country = match &file.country {
            None => None,
            Some(code) => Some(Country::of_code(code).ok_or_else(|| {
                let what = format!("`{code}` is no country");
                Problem::new(
                    "settings_wrong",
                    what,
                    "country of the settings",
                    "use two letters, as in DE",
                )
            })?),
        };
        let bars = quiet(how.quiet);
        let reading = Reading { said: &said, country, ids_by_file, quiet: how.quiet, bars };
        let table = Table::read(inputs, &reading)?;
        let pinned = file.model_hash.as_deref();
        let model = how.model.as_deref().map(|path| model::read(path, pinned)).transpose()?;
        Ok(Self { table, settings: file.engine(), model, asserted: how.asserted.clone(), bars })
    }

    /// Links it, with something that moves meanwhile.
    fn link(&mut self, side: Side) -> Result<Linked> {
        let answers = match &self.asserted {
            Some(path) => answers::read(path, &self.table)?,
            None => Vec::new(),
        };
        let spinner = self.bars.spinner("comparing, learning, grouping");
        let job =
            Job { settings: &self.settings, side, model: self.model.as_ref(), answers: &answers };
        let linked = engine::link(&mut self.table, &job);
        spinner.finish_and_clear();
        Ok(linked)
    }
}
