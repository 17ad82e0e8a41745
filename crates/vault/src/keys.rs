//! The keyring: the key tree and the index keys, in the key directory and in memory.

use crate::index::Index;
use crate::journal::{Journal, Kept};
use crate::root::{RootKey, private, write_private};
use crate::tree::{BLOCK, Node, block_by_chance, chance};
use crate::{VaultError, record};
use aws_lc_rs::aead::{AES_256_GCM_SIV, LessSafeKey, UnboundKey};
use gate::LedgerKeys;
use model::{RecordId, Rng};
use parking_lot::{ArcMutexGuard, Mutex, RawMutex, RwLock};
use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{StoreError, View};
use zeroize::Zeroizing;

/// The wrapped master secret, from which the index keys and what seals the key tree are derived.
pub(crate) const MASTER: &str = "master.key";
/// The secrets of the key tree that are left.
const TREE: &str = "tree.keys";

/// Groups of erasures after which new records get their keys from a new tree, so that an old copy of the
/// key directory opens nothing that is newer.
const GROUPS_A_TREE: u64 = 64;

/// Held while leaves are cut out, so that processes take turns.
const LOCK: &str = "erasure.lock";

/// See [`Keys::turn`].
pub(crate) struct Turn {
    file: File,
    _everywhere: File,
    _here: ArcMutexGuard<RawMutex, ()>,
}

/// The keyring. Opened before the gate, whose ledger commitments use the records' keys.
pub struct Keys {
    dir: PathBuf,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) index: Index,
    journal: Journal,
    kept: RwLock<Kept>,
    /// Leaves for new records.
    leaves: Mutex<Range<u64>>,
    /// Groups of erasures take turns: each writes to the file.
    erasing: Arc<Mutex<()>>,
}

impl Keys {
    /// Opens the keyring in `dir`, or makes one where there is none.
    ///
    /// # Errors
    ///
    /// When a file is missing, damaged, readable by others, or wrapped under another root key.
    pub fn open(dir: &Path, root: &dyn RootKey, rng: Arc<dyn Rng>) -> Result<Self, VaultError> {
        let path = dir.join(MASTER);
        let tree = dir.join(TREE);
        let is_new = !path.exists();
        let master = if is_new {
            if tree.exists() {
                let why = "is missing while the keys below it exist: put its copy back";
                return Err(VaultError::file(&path, why));
            }
            Zeroizing::new(chance(&*rng).to_vec())
        } else {
            private(&path)?;
            let wrapped = fs::read(&path).map_err(|error| VaultError::file(&path, error))?;
            unwrap(root, &path, &wrapped)?
        };
        let index = Index::new(&master);
        let journal = Journal::new(tree, Index::sealing(&master));
        if is_new {
            // The master last: where there is one, a tree that is missing was lost.
            journal.create(Node::root(0), chance(&*rng), &*rng)?;
            write_private(&path, &root.wrap(&master, MASTER.as_bytes())?)?;
        }
        let kept = RwLock::new(journal.read()?);
        let (leaves, erasing) = (Mutex::default(), Arc::default());
        Ok(Self { dir: dir.to_owned(), rng, index, journal, kept, leaves, erasing })
    }

    /// The key that a leaf gives; nothing when it was cut out.
    pub(crate) fn leaf_key(&self, leaf: u64) -> Result<Option<LessSafeKey>, VaultError> {
        let kept = self.kept.read();
        let ahead = kept.cover.is_ahead(leaf);
        let secret = kept.cover.leaf(leaf);
        drop(kept);
        let secret = if ahead {
            // Of a tree that another process has made.
            self.reload()?;
            self.kept.read().cover.leaf(leaf)
        } else {
            secret
        };
        Ok(secret.map(|secret| aead_key(&secret)))
    }

    /// A leaf that no record has had.
    pub(crate) fn new_leaf(&self) -> u64 {
        let newest = self.kept.read().cover.newest();
        let mut leaves = self.leaves.lock();
        if let Some(leaf) = leaves.next().filter(|leaf| Node::leaf(*leaf).tree() == newest) {
            return leaf;
        }
        let first = block_by_chance(newest, &*self.rng);
        *leaves = first + 1..first + BLOCK;
        first
    }

    /// A turn at erasing: nobody else erases, in this process or in another that shares the key
    /// directory, until it is dropped. What others erased before is known when it is given.
    pub(crate) fn turn(&self) -> Result<Turn, VaultError> {
        let here = self.erasing.lock_arc();
        let path = self.dir.join(LOCK);
        let fail = |error| VaultError::file(&path, error);
        let mut options = OpenOptions::new();
        let lock = options
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(fail)?;
        lock.lock().map_err(fail)?;
        let kept = self.kept.read();
        let stale = kept.is_unsettled() || self.journal.is_changed(&kept)?;
        drop(kept);
        if stale {
            self.reload()?;
        }
        Ok(Turn { file: self.journal.open()?, _everywhere: lock, _here: here })
    }

    /// Reads the file again: another process may have erased somebody.
    pub(crate) fn reload(&self) -> Result<(), VaultError> {
        // Not to be overtaken by the end of an erasure, whose secrets it would bring back.
        let mut kept = self.kept.write();
        *kept = self.journal.read()?;
        Ok(())
    }

    /// The newest group of erasures that is known here, done or not.
    pub(crate) fn newest(&self) -> u64 {
        self.kept.read().newest()
    }

    /// The last group of erasures that is done.
    pub(crate) fn done(&self) -> u64 {
        self.kept.read().number
    }

    /// The group that is begun and not done.
    pub(crate) fn pending(&self) -> Option<u64> {
        self.kept.read().pending.as_ref().map(|pending| pending.number)
    }

    pub(crate) fn is_unsettled(&self) -> bool {
        self.kept.read().is_unsettled()
    }

    /// Whether a leaf can be had.
    pub(crate) fn has(&self, leaf: u64) -> bool {
        self.kept.read().cover.leaf(leaf).is_some()
    }

    /// Begins to cut leaves out: all that is kept of the tree is on disk when this returns. Gives the number of
    /// the group.
    pub(crate) fn begin(&self, turn: &mut Turn, leaves: &BTreeSet<u64>) -> Result<u64, VaultError> {
        let kept = self.kept.read();
        let fits = !Journal::is_mostly_gone(&kept);
        drop(kept);
        if !fits {
            self.journal.compact(&turn.file, &self.kept.read(), &*self.rng)?;
            self.reload()?;
            turn.file = self.journal.open()?;
        }
        let kept = self.kept.read();
        let mut cut = kept.cover.cut(&leaves.iter().copied().collect::<Vec<_>>());
        if (kept.number + 1).is_multiple_of(GROUPS_A_TREE) {
            cut.added.extend(kept.cover.another_tree(&*self.rng));
        }
        let pending = self.journal.begin(&turn.file, &kept, cut, &*self.rng)?;
        drop(kept);
        let number = pending.number;
        Journal::note(&mut self.kept.write(), pending);
        Ok(number)
    }

    /// Destroys what the group that was begun cuts out. It must be committed.
    pub(crate) fn finish(&self, turn: &Turn) -> Result<(), VaultError> {
        self.journal.finish(&turn.file, &self.kept.read())?;
        Journal::note_done(&mut self.kept.write());
        Ok(())
    }

    /// Takes the group that was begun back. It must not be committed any more.
    pub(crate) fn withdraw(&self, turn: &Turn) -> Result<(), VaultError> {
        self.journal.withdraw(&turn.file, &mut self.kept.write())
    }

    /// Overwrites what groups that are done have left.
    pub(crate) fn finish_overdue(&self, turn: &Turn) -> Result<(), VaultError> {
        self.journal.finish_overdue(&turn.file, &mut self.kept.write())
    }

    /// A keyed fingerprint of this keyring, by which a store knows whose keys it needs.
    pub(crate) fn fingerprint(&self) -> [u8; 16] {
        self.index.blind(model::IdentifierKind::DeviceId, "bonafide keyring").0
    }

    /// The keys of another house.
    pub(crate) fn foreign(&self) -> VaultError {
        let why = "is of another house than the store: put the right key directory back";
        VaultError::file(&self.dir.join(MASTER), why)
    }

    /// Keys that are older than the store: with them the living cannot be told from the erased, and
    /// what was erased would be read.
    pub(crate) fn older(&self) -> VaultError {
        self.journal.fail("is older than the store: put the newest copy of the key directory back")
    }

    /// Refuses a store that is not of the same moment as the keys, as after a restore that was not healed.
    pub(crate) fn fits(&self, stored: u64) -> Result<(), VaultError> {
        match stored.cmp(&self.done()) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(self.older()),
            std::cmp::Ordering::Less => {
                let why = "is newer than the store: after copying a backup back by other means \
                           than `bonafide restore`, use that";
                Err(self.journal.fail(why))
            }
        }
    }
}

fn unwrap(
    root: &dyn RootKey,
    path: &Path,
    wrapped: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let context = path.file_name().map(|name| name.as_encoded_bytes().to_vec()).unwrap_or_default();
    root.unwrap(wrapped, &context).map_err(|error| match error {
        VaultError::Damaged => {
            VaultError::file(path, "is damaged or of another root key: put the right copy back")
        }
        VaultError::Store(_)
        | VaultError::File { .. }
        | VaultError::Shredded
        | VaultError::NotErased
        | VaultError::NotLoaded => error,
    })
}

/// A key from 32 bytes, which is what the algorithm wants.
pub(crate) fn aead_key(raw: &[u8; 32]) -> LessSafeKey {
    match UnboundKey::new(&AES_256_GCM_SIV, raw) {
        Ok(key) => LessSafeKey::new(key),
        Err(_) => unreachable!("AES-256-GCM-SIV takes 32 bytes"),
    }
}

impl LedgerKeys for Keys {
    fn ledger_keys(
        &self,
        view: &View<'_>,
        records: &[RecordId],
    ) -> Result<Vec<Option<[u8; 32]>>, StoreError> {
        let keys = record::Loaded::read(self, view, records).map_err(|error| match error {
            VaultError::Store(error) => error,
            VaultError::File { .. }
            | VaultError::Shredded
            | VaultError::Damaged
            | VaultError::NotErased
            | VaultError::NotLoaded => StoreError::Corrupt(error.to_string()),
        })?;
        if keys.shredded().is_empty() {
            Ok(records.iter().map(|record| keys.ledger_key(*record)).collect())
        } else {
            // The view is from before a rotation: look again.
            Err(StoreError::Conflict)
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("dir", &self.dir).finish_non_exhaustive()
    }
}
