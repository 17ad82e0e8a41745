//! `bonafide ledger`: export, verify, show.

use super::{Place, quiet, say};
use crate::chance::SystemRng;
use crate::house::{Places, open_store, signer};
use anyhow::{Context, Result};
use clap::Subcommand;
use gate::Ledger;
use std::path::PathBuf;

/// Words of the command.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Verify the ledger: an exported directory, or this house's own
    Verify {
        /// A directory that `ledger export` wrote; without one, this house's own ledger
        directory: Option<PathBuf>,
        /// The verifier key; without one, the directory's own `ledger.vkey`
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// A checkpoint seen before: the ledger must be at least as long
        #[arg(long, value_name = "FILE")]
        at_least: Option<PathBuf>,
    },
    /// Write the ledger as static files that anybody can verify
    Export {
        /// An empty or new directory
        directory: PathBuf,
    },
    /// Print the signed checkpoint
    Checkpoint,
    /// Print the verifier key
    Key,
}

pub(super) fn run(place: &Place, command: &Command) -> Result<()> {
    match command {
        Command::Verify { directory: Some(directory), key, at_least } => {
            let seen = at_least.as_ref().map(std::fs::read_to_string).transpose()?;
            let bar = quiet(false).spinner("entries hashed");
            let verified = gate::log::verify_dir(
                directory,
                key.as_deref(),
                seen.as_deref(),
                &mut |entries| bar.set_position(entries),
            )?;
            bar.finish_and_clear();
            say::line(&format!("verified: {} entries, root {}", verified.size, verified.root));
            Ok(())
        }
        Command::Verify { directory: None, .. } => {
            let ledger = open(place)?;
            ledger.verify_all()?;
            say::line(&format!("verified: {} entries, root {}", ledger.size(), ledger.root()));
            Ok(())
        }
        Command::Export { directory } => {
            let ledger = open(place)?;
            let bar = quiet(false).spinner("entries written");
            gate::log::export(&ledger, directory, &mut |entries| bar.set_position(entries))?;
            bar.finish_and_clear();
            say::line(&format!(
                "{} entries in {}; verify them with: bonafide ledger verify {}",
                ledger.size(),
                directory.display(),
                directory.display()
            ));
            Ok(())
        }
        Command::Checkpoint => {
            say::line(open(place)?.checkpoint().trim_end());
            Ok(())
        }
        Command::Key => {
            let config = place.config()?;
            let places = Places::below(&config.server.data_dir);
            let signer = signer(&places, &config.ledger.origin, &SystemRng)?;
            say::line(&signer.verifier().to_string());
            Ok(())
        }
    }
}

fn open(place: &Place) -> Result<Ledger> {
    let config = place.config()?;
    let places = Places::below(&config.server.data_dir);
    let store = open_store(&config, &places, &SystemRng)?;
    let signer = signer(&places, &config.ledger.origin, &SystemRng)?;
    Ledger::open(store, signer, Some(places.witness)).context("the ledger cannot be opened")
}
