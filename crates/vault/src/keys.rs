//! The keyring: what stands between a record's key in the store and the root key.

use crate::VaultError;
use crate::cipher::{Cipher, KEY, Secret, derive};
use crate::file::{self, Envelope, Magic};
use crate::index::IndexKeys;
use crate::record_keys::{RecordKey, RecordKeys, State};
use crate::ring::Ring;
use crate::root::RootKey;
use crate::row::{EPOCHS, KEYS, KeyRow, shard_of};
use gate::LedgerKeys;
use model::{RecordId, Rng};
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use store::{Row, Store, StoreError, View};

/// The file with the keys of all shards.
pub(crate) const SHARDS_FILE: &str = "shards.keys";
const SHARDS_MAGIC: Magic = *b"bonafide shards\n";
/// The directory with the bridges of shards that were ever shredded in.
const BRIDGES: &str = "bridges";
/// Locked while the directory is open.
const LOCK: &str = "lock";
/// What the root key binds the master secret to.
const CONTEXT: &[u8] = b"bonafide keyring 1";

/// All keys of one house, in memory while it is open and wiped when dropped. It is opened before
/// the gate, which commits to uses under its ledger keys.
pub struct Keys {
    dir: PathBuf,
    rng: Arc<dyn Rng>,
    /// The master secret as the root key wrapped it.
    wrapped: Vec<u8>,
    pub(crate) index: IndexKeys,
    /// Tells this keyring from others; no secret.
    pub(crate) id: [u8; 16],
    shards_cipher: Cipher,
    bridges_cipher: Cipher,
    pub(crate) ring: RwLock<Ring>,
    /// Held while the ring's file is replaced.
    writing: Mutex<()>,
    /// Shards that somebody is shredding in or settling.
    pub(crate) claimed: Mutex<BTreeSet<u16>>,
    /// The vault's store, to look again at what a view shows too late.
    pub(crate) store: OnceLock<Store>,
    /// Two processes with one ring would each destroy what the other still writes under.
    _lock: File,
}

impl Keys {
    /// Opens the keyring in the directory `dir`, or makes one there.
    ///
    /// # Errors
    ///
    /// [`VaultError::InUse`] when it is open already, [`VaultError::RootRefused`] when another root
    /// key wrapped it, [`VaultError::FileDamaged`], [`VaultError::FileNewer`], and
    /// [`VaultError::File`] when the directory cannot be used.
    pub fn open(dir: &Path, root: &dyn RootKey, rng: Arc<dyn Rng>) -> Result<Self, VaultError> {
        file::private_dir(dir)?;
        file::private_dir(&dir.join(BRIDGES))?;
        let lock = lock(dir)?;
        let path = dir.join(SHARDS_FILE);
        file::remove_unfinished(&path)?;
        let bytes = file::read(&path)?;
        let envelope =
            bytes.as_ref().map(|bytes| Envelope::read(&path, SHARDS_MAGIC, bytes)).transpose()?;
        let (master, wrapped) = match &envelope {
            Some(envelope) => (unwrapped(root, envelope.head)?, envelope.head.to_vec()),
            None => made(root, &*rng)?,
        };
        let shards_cipher = Cipher::new(&derive(&*master, &[b"shards"]));
        let ring = match &envelope {
            Some(envelope) => Ring::decode(&envelope.open(&shards_cipher)?)
                .ok_or_else(|| VaultError::FileDamaged(path.clone()))?,
            None => Ring::random(&*rng),
        };
        let id = derive(&*master, &[b"ring id"]).first_chunk().copied().unwrap_or_default();
        let keys = Self {
            dir: dir.to_owned(),
            rng,
            wrapped,
            index: IndexKeys::new(&*master),
            id,
            shards_cipher,
            bridges_cipher: Cipher::new(&derive(&*master, &[b"bridges"])),
            ring: RwLock::new(ring),
            writing: Mutex::default(),
            claimed: Mutex::default(),
            store: OnceLock::new(),
            _lock: lock,
        };
        if envelope.is_none() {
            keys.write(&keys.ring.read())?;
        }
        Ok(keys)
    }

    /// Changes the ring on disk, then in memory. Not in memory when the disk refuses.
    pub(crate) fn change(&self, change: &dyn Fn(&mut Ring)) -> Result<(), VaultError> {
        let _writing = self.writing.lock();
        let mut next = self.ring.read().clone();
        change(&mut next);
        self.write(&next)?;
        change(&mut self.ring.write());
        Ok(())
    }

    fn write(&self, ring: &Ring) -> Result<(), VaultError> {
        let body = ring.encode();
        let bytes = file::seal(SHARDS_MAGIC, &self.wrapped, body, &self.shards_cipher, self.rng());
        file::replace(&self.dir.join(SHARDS_FILE), &bytes)
    }

    pub(crate) fn rng(&self) -> &dyn Rng {
        &*self.rng
    }

    /// The file of a shard's bridge, and the key that seals it.
    pub(crate) fn bridge(&self, shard: u16) -> (PathBuf, &Cipher) {
        let path = self.dir.join(BRIDGES).join(format!("{shard:03x}.bridge"));
        (path, &self.bridges_cipher)
    }

    /// The keys of records as a view shows them.
    pub(crate) fn load(
        self: &Arc<Self>,
        view: &View<'_>,
        records: &[RecordId],
    ) -> Result<RecordKeys, VaultError> {
        self.notice_commits(view)?;
        Ok(RecordKeys::new(Arc::clone(self), self.states(view, records)?))
    }

    pub(crate) fn states(
        &self,
        view: &View<'_>,
        records: &[RecordId],
    ) -> Result<BTreeMap<RecordId, State>, StoreError> {
        let mut states = BTreeMap::new();
        let late = self.read_states(view, records, &mut states)?;
        // Their epoch ended after the view was opened: their neighbours were erased, or they. The
        // newest view tells which; a record's own key never changes, so it goes with any view.
        if let (false, Some(store)) = (late.is_empty(), self.store.get()) {
            self.read_states(&store.read()?, &late, &mut states)?;
        }
        Ok(states)
    }

    /// Adds the states of records, and gives those whose epoch has ended.
    fn read_states(
        &self,
        view: &View<'_>,
        records: &[RecordId],
        states: &mut BTreeMap<RecordId, State>,
    ) -> Result<Vec<RecordId>, StoreError> {
        let places: Vec<_> = records.iter().map(|record| (shard_of(*record), *record)).collect();
        let rows = view.get_many(&KEYS, &places)?;
        let ring = self.ring.read();
        let mut late = Vec::new();
        for (record, row) in records.iter().zip(rows) {
            let Some(Row { value: row, .. }) = row else { continue };
            let state = state(&ring, *record, &row);
            if matches!(state, State::Shredded) {
                late.push(*record);
            }
            states.insert(*record, state);
        }
        Ok(late)
    }

    /// Lets new keys be of the next epoch in shards whose shredding the view shows as committed.
    fn notice_commits(&self, view: &View<'_>) -> Result<(), StoreError> {
        let pending: Vec<_> = {
            let ring = self.ring.read();
            let waiting = ring.pending.iter().filter(|shard| !ring.shard(**shard).passed);
            waiting.map(|shard| (*shard, ())).collect()
        };
        if pending.is_empty() {
            return Ok(());
        }
        let rows = view.get_many(&EPOCHS, &pending)?;
        let mut ring = self.ring.write();
        for ((shard, ()), row) in pending.into_iter().zip(rows) {
            let (Some(row), shard) = (row, ring.shard_mut(shard)) else { continue };
            if shard.next.as_ref().is_some_and(|next| next.epoch == row.value) {
                (shard.passed, shard.fence) = (true, Some(row.version));
            }
        }
        Ok(())
    }
}

fn state(ring: &Ring, record: RecordId, row: &KeyRow) -> State {
    match ring.shard(shard_of(record)).of_epoch(row.epoch) {
        None => State::Shredded,
        Some(key) => match key.unwrap(record, row) {
            Some(secret) => State::Open(RecordKey::new(secret)),
            None => State::Damaged,
        },
    }
}

impl LedgerKeys for Keys {
    fn ledger_keys(
        &self,
        view: &View<'_>,
        records: &[RecordId],
    ) -> Result<Vec<Option<[u8; 32]>>, StoreError> {
        let states = self.states(view, records)?;
        let key = |record: &RecordId| match states.get(record) {
            Some(State::Open(key) | State::Fresh { key, .. }) => Ok(Some(key.ledger_key())),
            Some(State::Shredded) | None => Ok(None),
            Some(State::Damaged) => Err(StoreError::Corrupt(format!("the key of {record}"))),
        };
        records.iter().map(key).collect()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("dir", &self.dir).finish_non_exhaustive()
    }
}

fn lock(dir: &Path) -> Result<File, VaultError> {
    let path = dir.join(LOCK);
    let mut options = OpenOptions::new();
    let file = options
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(VaultError::file(&path))?;
    file.try_lock().map_err(|_| VaultError::InUse(dir.to_owned()))?;
    Ok(file)
}

fn unwrapped(root: &dyn RootKey, wrapped: &[u8]) -> Result<Secret, VaultError> {
    let master = root.unwrap(wrapped, CONTEXT)?;
    let refused = || VaultError::RootRefused("it gave a secret of another length".to_owned());
    let master: &[u8; KEY] = master.as_slice().try_into().map_err(|_| refused())?;
    Ok(Secret::new(*master))
}

fn made(root: &dyn RootKey, rng: &dyn Rng) -> Result<(Secret, Vec<u8>), VaultError> {
    let master = crate::cipher::random_secret(rng);
    let wrapped = root.wrap(&*master, CONTEXT)?;
    Ok((master, wrapped))
}
