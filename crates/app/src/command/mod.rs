//! The command line: every command, its words and its exit code.
//!
//! 0: done. 1: failed; the reason is on standard error. 2: the words were wrong (clap's own).

mod contract;
mod control;
mod identity;
mod import;
mod keep;
mod ledger;
mod link;
mod say;
mod serve;
mod subject;

pub use import::{Imported, import};
pub use say::{Bars, quiet};
pub use serve::{Running, start};

use crate::chance::{SystemClock, SystemRng};
use crate::config::Config;
use crate::house::House;
use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Bonafide, the customer data platform that keeps its word.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Where the house is.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// Configuration file; without one, defaults hold
    #[arg(long, global = true, value_name = "FILE", env = "BONAFIDE_CONFIG")]
    config: Option<PathBuf>,
    /// Data directory, instead of the configuration's
    #[arg(long, global = true, value_name = "DIR", env = "BONAFIDE_DATA")]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the main job on a believable brand, in a fresh directory
    Demo(crate::demo::Options),
    /// Take events in, answer reads
    Serve(serve::Options),
    /// Import a CSV, NDJSON or Parquet file
    Import(import::Options),
    /// Find who is one person in files of records, by itself
    #[command(subcommand)]
    Link(link::Command),
    /// Tell why two records are one person, or why not
    Why(identity::PairOptions),
    /// Tell how a person came together
    How(identity::PersonOptions),
    /// Say for ever that two are one person
    Merge(identity::PairOptions),
    /// Say for ever that some records of a person are not the rest of it
    Unmerge(identity::UnmergeOptions),
    /// Learn anew, from everything held, who is alike
    Learn,
    /// Check every invariant that can be checked
    Doctor(keep::DoctorOptions),
    /// Write a consistent backup; keys are not in it
    Backup(keep::BackupOptions),
    /// Restore a backup into an empty store
    Restore(keep::RestoreOptions),
    /// Copy everything to another store
    Migrate(keep::MigrateOptions),
    /// Erase a person, with the keys
    Erase(subject::EraseOptions),
    /// The transparency log
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// What customers keep: receipts and certificates
    #[command(subcommand)]
    Contract(contract::Command),
    /// Print what each purpose rests on and may see
    Policy,
    /// Print the `OpenAPI` document
    Openapi,
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::error(&format!("bonafide: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: Cli) -> Result<()> {
    let Cli { place, command } = cli;
    match command {
        Command::Demo(options) => crate::demo::run(&options),
        Command::Serve(options) => serve::run(&place, &options),
        Command::Import(options) => import::run(&place, &options),
        Command::Link(command) => link::run(&command),
        Command::Why(options) => identity::why(&place, &options),
        Command::How(options) => identity::how(&place, &options),
        Command::Merge(options) => identity::merge(&place, &options),
        Command::Unmerge(options) => identity::unmerge(&place, &options),
        Command::Learn => keep::learn(&place),
        Command::Doctor(options) => keep::doctor(&place, &options),
        Command::Backup(options) => keep::backup(&place, &options),
        Command::Restore(options) => keep::restore(&place, &options),
        Command::Migrate(options) => keep::migrate(&place, &options),
        Command::Erase(options) => subject::erase(&place, &options),
        Command::Ledger(command) => ledger::run(&place, &command),
        Command::Contract(command) => contract::run(&command),
        Command::Policy => {
            let config = place.config()?;
            say::line(&config.policy()?.to_string());
            say::line(&config.services()?.to_string());
            Ok(())
        }
        Command::Openapi => {
            let document = web::document(env!("CARGO_PKG_VERSION"));
            say::line(&serde_json::to_string_pretty(&document)?);
            Ok(())
        }
    }
}

impl Place {
    /// The configuration there.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is wrong.
    pub fn config(&self) -> Result<Config> {
        let mut config = match &self.config {
            Some(path) => Config::read(path)?,
            None => Config::default(),
        };
        if let Some(data) = &self.data {
            config.server.data_dir.clone_from(data);
        }
        Ok(config)
    }

    /// The house there, open.
    ///
    /// # Errors
    ///
    /// When a room cannot be opened.
    pub fn open(&self) -> Result<House> {
        House::open(&self.config()?, Arc::new(SystemClock), Arc::new(SystemRng))
    }
}
