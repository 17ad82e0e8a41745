//! The ledger as anybody sees it: fetched tile by tile over HTTP, then verified from files alone.

use super::tell::{Voice, counted};
use crate::load::{Connection, Request};
use anyhow::{Context, Result, bail};
use gate::Verifier;
use gate::log::tile::{Level, levels, tiles_at};
use gate::log::{CHECKPOINT_FILE, Checkpoint, KEY_FILE, verify_dir};
use std::fs;
use std::path::Path;

/// Fetches the ledger into a directory of its own, verifies it and says what it holds.
///
/// # Errors
///
/// When a file cannot be fetched or written, or the ledger is not what it is signed to be.
pub(super) fn check(connection: &mut Connection, voice: Voice) -> Result<()> {
    let dir = tempfile::tempdir().context("no temporary directory")?;
    let key = fetch(connection, "vkey", dir.path(), KEY_FILE)?;
    let verifier = Verifier::parse(String::from_utf8(key)?.trim())?;
    let note = fetch(connection, "checkpoint", dir.path(), CHECKPOINT_FILE)?;
    let size = Checkpoint::open(&String::from_utf8(note)?, &verifier)?.size;
    let hashes = levels(size).flat_map(|level| tiles_at(Level::Hashes(level), size));
    let mut files = 2_u64;
    for tile in tiles_at(Level::Entries, size).chain(hashes) {
        let path = tile.to_string();
        fetch(connection, &path, dir.path(), &path)?;
        files += 1;
    }
    voice.exchange("GET /api/ledger/checkpoint, /vkey, /tile/…", 200);
    let checked = verify_dir(dir.path(), &verifier, None, &|_, _| {})?;
    voice.detail(&format!(
        "{} files; {} entries verified, root {}",
        counted(files),
        counted(checked.size),
        checked.root
    ));
    voice.notice(
        "No key and no permission was needed: the ledger holds commitments only. Every entry was \
         hashed up to the signed root. Keep the checkpoint, and nobody can shorten or rewrite \
         what came before it without your noticing.",
    );
    Ok(())
}

fn fetch(connection: &mut Connection, path: &str, dir: &Path, name: &str) -> Result<Vec<u8>> {
    let request = Request::get(format!("/api/ledger/{path}"));
    let answer = connection.send(&request)?;
    if answer.status != 200 {
        bail!("{} was answered {}: {}", request.line(), answer.status, answer.text());
    }
    let to = dir.join(name);
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(to, &answer.body)?;
    Ok(answer.body)
}
