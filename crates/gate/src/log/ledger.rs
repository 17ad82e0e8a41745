//! The log in the store: append, sync, read, prove.

use super::audit;
use super::checkpoint::Checkpoint;
use super::edge::Edge;
use super::error::LedgerError;
use super::note::{Signer, Verifier};
use super::proof::Proof;
use super::rows::{HEAD, Head, Nodes, bundle, full_tiles, put_chunks, put_tile};
use super::tile::{ENTRY_MAX, Level, Tile, WIDTH, hashes_at};
use super::tree::{Hash, prove_consistency, prove_inclusion};
use super::witness::Witness;
use model::Timestamp;
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;
use store::{Batch, Row, Store, Ticket, Version};

/// An open ledger. Appends take turns; reading waits for nobody.
#[derive(Debug)]
pub struct Ledger {
    store: Store,
    signer: Signer,
    witness: Option<Witness>,
    /// Held while appending.
    turn: Mutex<()>,
    /// The newest state in the store. The disk may still lose it.
    applied: RwLock<Arc<State>>,
    /// The newest state that is on disk: all that the outside ever sees, because a checkpoint that
    /// was shown and then lost would be contradicted by the next one.
    durable: RwLock<Arc<State>>,
}

/// The log at one moment.
#[derive(Debug)]
pub(super) struct State {
    pub(super) edge: Edge,
    pub(super) root: Hash,
    /// The signed note.
    pub(super) checkpoint: Arc<str>,
}

/// Entries that are in the store; on disk only after [`Ledger::sync`].
#[derive(Clone, Debug)]
#[must_use = "nothing may be acknowledged before Ledger::sync of this has returned"]
pub struct Appended {
    /// Index of the first entry.
    pub first: u64,
    /// How many entries the ledger has with these.
    pub size: u64,
    /// For the store's own sync.
    pub ticket: Ticket,
    now: Timestamp,
    state: Arc<State>,
}

impl Ledger {
    pub(super) fn of(store: Store, signer: Signer, witness: Option<Witness>, state: State) -> Self {
        let state = Arc::new(state);
        let (applied, durable) = (RwLock::new(Arc::clone(&state)), RwLock::new(state));
        Self { store, signer, witness, turn: Mutex::new(()), applied, durable }
    }

    /// Adds entries and applies `batch`, both or neither. Nothing may be acknowledged before
    /// [`Self::sync`].
    ///
    /// # Errors
    ///
    /// As [`Self::append_with`].
    pub fn append(
        &self,
        entries: Vec<Vec<u8>>,
        batch: Batch,
        now: Timestamp,
    ) -> Result<Appended, LedgerError> {
        self.append_with(entries, now, |_| batch)
    }

    /// As [`Self::append`], for a batch that needs to know the index of the first entry. `stage`
    /// runs while others wait, so it should only put rows.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Conflict`] when something that the batch checks has changed, or another
    /// process appended at the same instant; [`LedgerError::TooLong`]; [`LedgerError::Altered`]
    /// when another process left something that does not continue this log;
    /// [`LedgerError::Witness`] when the witness file is gone or was changed; otherwise what the
    /// store says. Nothing is written then, and the ledger is as before.
    pub fn append_with(
        &self,
        entries: Vec<Vec<u8>>,
        now: Timestamp,
        stage: impl FnOnce(u64) -> Batch,
    ) -> Result<Appended, LedgerError> {
        if let Some(long) = entries.iter().find(|entry| entry.len() > ENTRY_MAX) {
            return Err(LedgerError::TooLong { bytes: long.len() });
        }
        // What cannot be relied on any more records nothing, so nothing is permitted either.
        self.witness.as_ref().map_or(Ok(()), Witness::alive)?;
        let _turn = self.turn.lock();
        let (known, seen) = self.current()?;
        let first = known.edge.size();
        let mut batch = stage(first);
        batch.check(&HEAD, &(), &(), Some(seen));
        let next = if entries.is_empty() { known } else { self.grow(&known, entries, &mut batch) };
        let ticket = self.store.apply(batch)?;
        *self.applied.write() = Arc::clone(&next);
        Ok(Appended { first, size: next.edge.size(), ticket, now, state: next })
    }

    /// The newest state and its row's version, after taking in what other processes appended.
    fn current(&self) -> Result<(Arc<State>, Version), LedgerError> {
        let view = self.store.read()?;
        let Row { version, value: head } = view
            .get(&HEAD, &(), &())?
            .ok_or_else(|| LedgerError::Altered("its head is missing".to_owned()))?;
        let known = Arc::clone(&self.applied.read());
        let size = known.edge.size();
        if head.size == size && head.root == known.root.0 {
            return Ok((known, version));
        }
        if head.size <= size {
            return Err(LedgerError::Altered(format!("its head went back to {}", head.size)));
        }
        // Adding the other's entries to our edge must give its root: then it continues our log.
        let mut edge = known.edge.clone();
        audit::extend(&view, &mut edge, head.size, |_, _| Ok(()))?;
        let state = Arc::new(State::of(edge, &head, self.verifier())?);
        *self.applied.write() = Arc::clone(&state);
        Ok((state, version))
    }

    /// The state with `entries` added, and everything to store put into `batch`.
    fn grow(&self, known: &State, entries: Vec<Vec<u8>>, batch: &mut Batch) -> Arc<State> {
        let mut edge = known.edge.clone();
        put_chunks(batch, edge.size(), &entries);
        for entry in entries {
            edge.push(Hash::leaf(&entry), |tile, bytes| put_tile(batch, tile, bytes));
        }
        let state = State::sign(edge, &self.signer);
        batch.put(&HEAD, &(), &(), &state.head());
        Arc::new(state)
    }

    /// Returns once what was appended is on disk; from then on it is served and proved. Renews the
    /// witness file, at most every [`WITNESS_INTERVAL_MS`](super::WITNESS_INTERVAL_MS).
    ///
    /// # Errors
    ///
    /// When the disk refuses, or the witness file cannot be renewed or was changed by somebody.
    pub fn sync(&self, appended: &Appended) -> Result<(), LedgerError> {
        self.store.sync(appended.ticket)?;
        {
            let mut durable = self.durable.write();
            if durable.edge.size() < appended.size {
                *durable = Arc::clone(&appended.state);
            }
        }
        match &self.witness {
            Some(witness) => witness.hear(appended.size, &appended.state.checkpoint, appended.now),
            None => Ok(()),
        }
    }

    /// Brings the witness file up to the last sync; for quiet moments and before closing.
    ///
    /// # Errors
    ///
    /// When the file cannot be renewed or was changed by somebody.
    pub fn flush_witness(&self) -> Result<(), LedgerError> {
        self.witness.as_ref().map_or(Ok(()), Witness::flush)
    }

    /// Whether the ledger can still be relied on: the store is there and takes writes, and the
    /// witness file is the one last written. Costs microseconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Store`] or [`LedgerError::Witness`].
    pub fn alive(&self) -> Result<(), LedgerError> {
        self.store.alive()?;
        self.witness.as_ref().map_or(Ok(()), Witness::alive)
    }

    /// Who checks this ledger's checkpoints.
    pub const fn verifier(&self) -> &Verifier {
        self.signer.verifier()
    }

    /// How many entries are on disk.
    pub fn size(&self) -> u64 {
        self.durable().edge.size()
    }

    /// Root over the entries on disk.
    pub fn root(&self) -> Hash {
        self.durable().root
    }

    /// The signed checkpoint over the entries on disk, as served under `checkpoint`.
    pub fn checkpoint(&self) -> Arc<str> {
        Arc::clone(&self.durable().checkpoint)
    }

    fn durable(&self) -> Arc<State> {
        Arc::clone(&self.durable.read())
    }

    pub(super) fn moment(&self) -> Moment<'_> {
        Moment { store: &self.store, state: self.durable() }
    }

    /// The bytes of a tile or bundle (`Tile::parse` reads its path); nothing when the log has not
    /// come so far.
    ///
    /// # Errors
    ///
    /// When the store fails or what it holds is damaged.
    pub fn tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, LedgerError> {
        self.moment().tile(tile)
    }

    /// Proof that the entry at `index` is in the log, under the present checkpoint.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Outside`] when it is not on disk yet; otherwise as [`Self::tile`].
    pub fn inclusion_proof(&self, index: u64) -> Result<Proof, LedgerError> {
        let Moment { store, state } = self.moment();
        let size = state.edge.size();
        if index >= size {
            return Err(LedgerError::Outside { asked: index, size });
        }
        let view = store.read()?;
        let mut nodes = Nodes::new(&view, &state.edge);
        let path = prove_inclusion(index, size, &mut |height, index| nodes.node(height, index))?;
        Ok(Proof { index, path, checkpoint: state.checkpoint.to_string() })
    }

    /// Proof that the log of `to` entries begins with the log of `from` entries, for
    /// [`consistency_holds`](super::tree::consistency_holds).
    ///
    /// # Errors
    ///
    /// [`LedgerError::Outside`] when `to` is not on disk yet or `from` exceeds it; otherwise as
    /// [`Self::tile`].
    pub fn consistency_proof(&self, from: u64, to: u64) -> Result<Vec<Hash>, LedgerError> {
        let Moment { store, state } = self.moment();
        let size = state.edge.size();
        if to > size || from > to {
            return Err(LedgerError::Outside { asked: from.max(to), size });
        }
        let view = store.read()?;
        let mut nodes = Nodes::new(&view, &state.edge);
        prove_consistency(from, to, &mut |height, index| nodes.node(height, index))
    }

    /// Hashes every entry on disk again and compares with tiles and root. Takes about a second a
    /// million entries; for a background thread when the log is too long for start-up.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Altered`] naming the first thing that differs.
    pub fn verify_all(&self) -> Result<(), LedgerError> {
        let Moment { store, state } = self.moment();
        let edge = audit::from_entries(&store.read()?, state.edge.size())?;
        if edge.root() == state.root { Ok(()) } else { Err(root_differs()) }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // The file then lags behind, which the next opening accepts: nothing is lost.
        self.flush_witness().unwrap_or_default();
    }
}

pub(super) fn root_differs() -> LedgerError {
    LedgerError::Altered("its entries do not hash to the signed root".to_owned())
}

impl State {
    pub(super) fn sign(edge: Edge, signer: &Signer) -> Self {
        let (size, root) = (edge.size(), edge.root());
        let origin = signer.verifier().name().to_owned();
        let checkpoint = Checkpoint { origin, size, root, extensions: Vec::new() };
        Self { edge, root, checkpoint: checkpoint.sign(signer).into() }
    }

    /// The state that `head` claims, if its signature and the edge's root bear it out.
    pub(super) fn of(edge: Edge, head: &Head, verifier: &Verifier) -> Result<Self, LedgerError> {
        let signed =
            Checkpoint::open(&head.checkpoint, verifier).map_err(LedgerError::Checkpoint)?;
        if signed.size != head.size || signed.root.0 != head.root {
            return Err(LedgerError::Altered("its head is not what was signed".to_owned()));
        }
        if edge.size() != head.size || edge.root() != signed.root {
            return Err(root_differs());
        }
        Ok(Self { edge, root: signed.root, checkpoint: head.checkpoint.as_str().into() })
    }

    pub(super) fn head(&self) -> Head {
        let (size, root) = (self.edge.size(), self.root.0);
        Head { size, root, checkpoint: self.checkpoint.to_string() }
    }
}

/// The durable log at one moment; later appends do not show in it.
pub(super) struct Moment<'a> {
    pub(super) store: &'a Store,
    pub(super) state: Arc<State>,
}

impl Moment<'_> {
    pub(super) fn tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, LedgerError> {
        let edge = &self.state.edge;
        let count = match tile.level {
            Level::Entries => edge.size(),
            Level::Hashes(level) => hashes_at(level, edge.size()),
        };
        let there = count.saturating_sub(tile.index.saturating_mul(WIDTH)).min(WIDTH);
        if u64::from(tile.width) > there || tile.width == 0 {
            return Ok(None);
        }
        let hashes = usize::from(tile.width) * 32;
        let mut bytes = match tile.level {
            Level::Entries => return self.entries(tile).map(Some),
            Level::Hashes(level) if there < WIDTH => edge.partial(level).to_vec(),
            Level::Hashes(_) => {
                full_tiles(&self.store.read()?, &[*tile])?.pop().unwrap_or_default()
            }
        };
        bytes.truncate(hashes);
        Ok(Some(bytes))
    }

    fn entries(&self, tile: &Tile) -> Result<Vec<u8>, LedgerError> {
        let (mut bytes, count) = bundle(&self.store.read()?, tile.index)?;
        if count < u64::from(tile.width) {
            return Err(LedgerError::Altered(format!("{tile} is short")));
        }
        let found = super::tile::entries(&bytes).unwrap_or_default();
        let length = found.iter().take(usize::from(tile.width)).map(|entry| entry.len() + 2).sum();
        bytes.truncate(length);
        Ok(bytes)
    }
}
