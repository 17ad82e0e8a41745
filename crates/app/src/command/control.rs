//! What commands ask of a running server: the embedded store is open in one process only, so that
//! process does the work. A socket in the data directory, which only its owner can reach.
//!
//! One line asks (`backup PATH`, `learn`), lines of `rows N` tell how far it is, and one line ends it:
//! `done ROWS BYTES`, `done RECORDS PEOPLE` or `failed REASON`.

use crate::house::{House, Places};
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use store::backup;

/// Rows between two words about progress.
const ROWS_BETWEEN: u64 = 10_000;

/// The longest line that is read, in bytes.
const LINE_MAX: u64 = 4_096;

/// The listening end; dropping it ends it.
#[derive(Debug)]
pub(super) struct Control {
    path: PathBuf,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

fn socket(places: &Places) -> PathBuf {
    places.data.join("control")
}

/// Listens for commands until dropped.
///
/// # Errors
///
/// When the socket cannot be made, as where the directory's path is too long for one.
pub(super) fn listen(house: &Arc<House>) -> Result<Control> {
    let path = socket(&house.places);
    // A killed server leaves its socket behind; the store's own lock says that nobody else runs.
    if path.exists() {
        fs::remove_file(&path)?;
    }
    let listener = UnixListener::bind(&path)
        .with_context(|| format!("{} cannot be listened on", path.display()))?;
    let stopping = Arc::new(AtomicBool::new(false));
    let (house, stop) = (Arc::downgrade(house), Arc::clone(&stopping));
    let thread = std::thread::Builder::new().name("control".to_owned()).spawn(move || {
        for connection in listener.incoming() {
            let Some(house) = house.upgrade() else { return };
            if stop.load(Ordering::Acquire) {
                return;
            }
            match connection.and_then(|connection| answer(&house, connection)) {
                Ok(()) => {}
                // Whoever asked has gone away; a backup under way was finished or removed.
                Err(error) => tracing::debug!(%error, "a command"),
            }
        }
    })?;
    Ok(Control { path, stopping, thread: Some(thread) })
}

impl Drop for Control {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        // The thread waits for a connection: give it one.
        let woken = UnixStream::connect(&self.path).is_ok();
        // With the directory gone nobody can wake it; it ends with the process.
        if let Some(thread) = self.thread.take().filter(|_| woken) {
            drop(thread.join());
        }
        fs::remove_file(&self.path).unwrap_or_default();
    }
}

fn answer(house: &House, mut connection: UnixStream) -> std::io::Result<()> {
    let mut line = String::new();
    let mut asked = BufReader::new(std::io::Read::take(connection.try_clone()?, LINE_MAX));
    asked.read_line(&mut line)?;
    match line.trim_end().split_once(' ') {
        Some(("backup", file)) => write_backup(house, &mut connection, Path::new(file)),
        None if line.trim_end() == "learn" => learn_here(house, &mut connection),
        Some(_) | None => connection.write_all(b"failed: unknown command\n"),
    }
}

/// Tells how far a command is, now and then. Nobody may be listening any more; the work is worth
/// finishing all the same.
fn tell_rows(connection: &mut UnixStream) -> impl FnMut(u64) {
    let mut told = 0;
    move |rows| {
        if rows >= told + ROWS_BETWEEN || rows < told {
            told = rows;
            writeln!(connection, "rows {rows}").unwrap_or_default();
        }
    }
}

fn write_backup(house: &House, connection: &mut UnixStream, file: &Path) -> std::io::Result<()> {
    let mut tell = tell_rows(connection);
    let written = backup::write(&house.store, file, &mut |rows, _bytes| tell(rows));
    drop(tell);
    match written {
        Ok(summary) => {
            tracing::info!(rows = summary.rows, bytes = summary.bytes, "backup written");
            writeln!(connection, "done {} {}", summary.rows, summary.bytes)
        }
        Err(error) => writeln!(connection, "failed {error}"),
    }
}

fn learn_here(house: &House, connection: &mut UnixStream) -> std::io::Result<()> {
    let mut tell = tell_rows(connection);
    let learned = house.people.learn(&mut tell);
    drop(tell);
    match learned {
        Ok(Some(learned)) => {
            tracing::info!(records = learned.records, people = learned.people, "learned");
            writeln!(connection, "done {} {}", learned.records, learned.people)
        }
        Ok(None) => writeln!(connection, "done 0 0"),
        Err(error) => writeln!(connection, "failed {error}"),
    }
}

/// Asks the server that has the store open to write a backup. Gives rows and bytes.
///
/// # Errors
///
/// When no server answers, or it cannot write the backup.
pub(super) fn backup(
    places: &Places,
    file: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(u64, u64)> {
    let file = std::path::absolute(file)?;
    ask(places, &format!("backup {}", file.display()), progress)
}

/// Asks the server that has the store open to learn anew. Gives records and people.
///
/// # Errors
///
/// When no server answers, or it cannot learn.
pub(super) fn learn(places: &Places, progress: &mut dyn FnMut(u64)) -> Result<(u64, u64)> {
    ask(places, "learn", progress)
}

fn ask(places: &Places, command: &str, progress: &mut dyn FnMut(u64)) -> Result<(u64, u64)> {
    let mut connection = UnixStream::connect(socket(places))
        .context("the store is open in another process, which does not answer commands")?;
    writeln!(connection, "{command}")?;
    for line in BufReader::new(connection).lines() {
        let line = line?;
        let mut words = line.split(' ');
        match words.next() {
            Some("rows") => progress(words.next().unwrap_or_default().parse()?),
            Some("done") => {
                let mut number = || words.next().unwrap_or_default().parse();
                return Ok((number()?, number()?));
            }
            Some(_) | None => bail!("{line}"),
        }
    }
    bail!("the server ended before it was done")
}
