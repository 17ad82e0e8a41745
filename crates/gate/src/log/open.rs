//! Opening a ledger: nothing is served before what is stored has been checked.

use super::audit;
use super::edge::Edge;
use super::error::{LedgerError, WitnessFault};
use super::ledger::{Ledger, State, root_differs};
use super::note::{Signer, Verifier};
use super::rows::{HEAD, Nodes};
use super::tree::root_at;
use super::witness::{self, Witness};
use std::path::{Path, PathBuf};
use store::{Batch, Row, Store, Version, View};

/// Up to this many entries, opening hashes every one of them again; beyond, it hashes the tiles,
/// and [`Ledger::verify_all`] does the rest in the background.
pub const ENTRIES_HASHED_AT_OPEN_MAX: u64 = 2_000_000;

/// What [`rebase_witness`] changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebased {
    /// How many entries the old file had seen; nothing when there was no readable one.
    pub before: Option<u64>,
    /// How many entries the new file has seen.
    pub after: u64,
}

impl Ledger {
    /// Opens the ledger in `store`, or begins one where there was none. `witness` is a file on
    /// another disk if possible; without one, a store set back to an earlier state looks intact.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Altered`] or [`LedgerError::Checkpoint`] when anything stored is missing,
    /// short, altered or signed by another key; [`LedgerError::Witness`] when the file is missing
    /// while the ledger is not empty, or the store is not a continuation of what it has seen.
    pub fn open(
        store: Store,
        signer: Signer,
        witness: Option<PathBuf>,
    ) -> Result<Self, LedgerError> {
        begin(&store, &signer, witness.as_deref())?;
        let view = store.read()?;
        let (state, version) = load(&view, signer.verifier())?;
        let seen = match &witness {
            Some(path) => check_witness(path, &view, &state, signer.verifier())?,
            None => 0,
        };
        drop(view);
        settle(&store, &state, version)?;
        let size = state.edge.size();
        if let Some(path) = &witness
            && seen < size
        {
            witness::replace(path, &state.checkpoint)?;
        }
        let witness = witness.map(|path| Witness::of(path, size)).transpose()?;
        Ok(Self::of(store, signer, witness, state))
    }
}

/// After a restore: makes the witness file agree with a store that has lost what the file had
/// seen. Everything stored is checked first. Record that this was done.
///
/// # Errors
///
/// As [`Ledger::open`], but for the witness file's content.
pub fn rebase_witness(store: &Store, signer: &Signer, path: &Path) -> Result<Rebased, LedgerError> {
    let before = witness::read(path, signer.verifier());
    let before = before.ok().flatten().map(|checkpoint| checkpoint.size);
    let (state, version) = load(&store.read()?, signer.verifier())?;
    settle(store, &state, version)?;
    witness::replace(path, &state.checkpoint)?;
    Ok(Rebased { before, after: state.edge.size() })
}

/// Stores the head of an empty log where there is none, and its witness.
fn begin(store: &Store, signer: &Signer, path: Option<&Path>) -> Result<(), LedgerError> {
    let view = store.read()?;
    let head = view.get(&HEAD, &(), &())?;
    let seen = path.map(|path| witness::read(path, signer.verifier())).transpose()?.flatten();
    if head.as_ref().is_some_and(|row| row.value.size > 0) {
        return Ok(());
    }
    let empty = State::sign(Edge::default(), signer);
    if head.is_none() {
        // A ledger that was, and whose head is gone, must not begin anew.
        audit::nothing_beyond(&view, 0)?;
        if let (Some(path), Some(seen)) = (path, &seen)
            && seen.size > 0
        {
            let fault = WitnessFault::Ahead { witness: seen.size, store: 0 };
            return Err(witness::fault(path, fault));
        }
        let mut batch = Batch::default();
        batch.check(&HEAD, &(), &(), None);
        batch.put(&HEAD, &(), &(), &empty.head());
        match store.commit(batch).map_err(LedgerError::from) {
            // Somebody else began it.
            Ok(()) | Err(LedgerError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    // Before the first entry can be: from then on a missing file is a fault.
    match (path, seen) {
        (Some(path), None) => witness::replace(path, &empty.checkpoint),
        _ => Ok(()),
    }
}

fn load(view: &View<'_>, verifier: &Verifier) -> Result<(State, Version), LedgerError> {
    let Row { version, value: head } = view
        .get(&HEAD, &(), &())?
        .ok_or_else(|| LedgerError::Altered("its head is missing".to_owned()))?;
    audit::nothing_beyond(view, head.size)?;
    let edge = if head.size <= ENTRIES_HASHED_AT_OPEN_MAX {
        audit::from_entries(view, head.size)?
    } else {
        audit::from_tiles(view, head.size)?
    };
    State::of(edge, &head, verifier).map(|state| (state, version))
}

/// What is visible may not have reached the disk when the process before us was killed: writing
/// the head once more and flushing makes it last before anybody is shown it.
fn settle(store: &Store, state: &State, seen: Version) -> Result<(), LedgerError> {
    let mut batch = Batch::default();
    batch.check(&HEAD, &(), &(), Some(seen));
    batch.put(&HEAD, &(), &(), &state.head());
    match store.commit(batch).map_err(LedgerError::from) {
        // Another process has just appended, so it is alive and what we read is settled.
        Ok(()) | Err(LedgerError::Conflict) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Refuses a store that is not a continuation of what the file has seen; says how far that was.
fn check_witness(
    path: &Path,
    view: &View<'_>,
    state: &State,
    verifier: &Verifier,
) -> Result<u64, LedgerError> {
    let seen = witness::read(path, verifier)?;
    let seen = seen.ok_or_else(|| witness::fault(path, WitnessFault::Missing))?;
    let store = state.edge.size();
    if seen.size > store {
        return Err(witness::fault(path, WitnessFault::Ahead { witness: seen.size, store }));
    }
    let mut nodes = Nodes::new(view, &state.edge);
    let root = root_at(seen.size, &mut |height, index| nodes.node(height, index));
    match root {
        Ok(root) if root == seen.root => Ok(seen.size),
        Ok(_) => Err(witness::fault(path, WitnessFault::Differs)),
        Err(LedgerError::Altered(_)) => Err(root_differs()),
        Err(error) => Err(error),
    }
}
