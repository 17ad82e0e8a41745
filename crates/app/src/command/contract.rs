//! `bonafide contract`: what customers keep, checked offline.

use super::say;
use anyhow::{Context, Result};
use clap::Subcommand;
use gate::Verifier;
use std::path::PathBuf;

/// Words of the command.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Verify a receipt or a certificate of erasure, asking nobody
    Verify {
        /// The file, as the preference centre or the interface gave it
        file: PathBuf,
        /// The log's verifier key, or a file that holds it, as `/api/ledger/vkey` tells it
        #[arg(long, value_name = "KEY")]
        key: String,
    },
}

pub(super) fn run(command: &Command) -> Result<()> {
    let Command::Verify { file, key } = command;
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let path = PathBuf::from(key);
    let key = if path.is_file() {
        std::fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?
    } else {
        key.clone()
    };
    let verifier = Verifier::parse(key.trim()).context("--key")?;
    let proven =
        web::verify_receipt(&text, &verifier).with_context(|| file.display().to_string())?;
    for line in proven {
        say::line(&format!("verified: {line}"));
    }
    Ok(())
}
