//! `bonafide ledger`: export, verify, show.

use super::{Place, quiet, say};
use crate::chance::SystemRng;
use crate::house::{Places, open_store, signer};
use anyhow::{Context, Result};
use clap::Subcommand;
use gate::log::{Checkpoint, KEY_FILE, export, verify_dir};
use gate::{Ledger, Verifier};
use std::path::{Path, PathBuf};

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
            let key = match key {
                Some(key) => key.clone(),
                None => std::fs::read_to_string(directory.join(KEY_FILE))
                    .with_context(|| format!("{KEY_FILE} cannot be read: pass --key"))?,
            };
            let verifier = Verifier::parse(key.trim())?;
            let seen = at_least.as_ref().map(|path| checkpoint(path, &verifier)).transpose()?;
            let bar = quiet(false).of("entries hashed", 0, "");
            let progress = |done, total| {
                bar.set_length(total);
                bar.set_position(done);
            };
            let found = verify_dir(directory, &verifier, seen.as_ref(), &progress)?;
            bar.finish_and_clear();
            say::line(&format!("verified: {} entries, root {}", found.size, found.root));
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
            let bar = quiet(false).of("entries written", ledger.size(), "");
            export(&ledger, directory, &mut |done, _total| bar.set_position(done))?;
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

fn checkpoint(path: &Path, verifier: &Verifier) -> Result<Checkpoint> {
    let note = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(Checkpoint::open(&note, verifier)?)
}

fn open(place: &Place) -> Result<Ledger> {
    let config = place.config()?;
    let places = Places::below(&config.server.data_dir);
    let store = open_store(&config, &places, &SystemRng)?;
    let signer = signer(&places, &config.ledger.origin, &SystemRng)?;
    Ledger::open(store, signer, Some(places.witness)).context("the ledger cannot be opened")
}
