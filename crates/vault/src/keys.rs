//! The keyring: shard keys and index keys, in the key directory and in memory.

use crate::index::Index;
use crate::root::{RootKey, private, write_private};
use crate::{VaultError, record};
use aws_lc_rs::aead::{AES_256_GCM_SIV, LessSafeKey, UnboundKey};
use gate::LedgerKeys;
use model::{RecordId, Rng};
use parking_lot::{ArcMutexGuard, Mutex, RawMutex, RwLock};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{StoreError, View};
use zeroize::Zeroizing;

/// The wrapped master secret of the blind indexes.
pub(crate) const MASTER: &str = "master.key";
/// The wrapped shard keys.
const SHARDS: &str = "shards.keys";
/// Where the survivors of each rotated shard stand.
pub(crate) const BRIDGES: &str = "bridges";

/// How many shards there are: the first twelve bits of a record's id.
pub(crate) const SHARD_COUNT: u16 = 4_096;

/// The epoch of a shard that was never rotated.
pub(crate) const FIRST_EPOCH: u32 = 1;

/// Bytes of one shard in the file: epoch, key, and the epoch and key before while a rotation is
/// under way (epoch 0: none).
const SHARD_LEN: usize = 2 * (4 + 32);

/// Who is being erased in the rotation under way, so that a crash does not carry them over.
const ERASING: &str = "erasing";

/// Held while a shard is rotated, so that processes take turns.
const LOCK: &str = "rotation.lock";

/// See [`Keys::turn`].
pub(crate) struct Turn {
    _everywhere: File,
    _here: ArcMutexGuard<RawMutex, ()>,
}

/// A key with its number within the shard.
#[derive(Clone)]
pub(crate) struct EpochKey {
    pub(crate) epoch: u32,
    raw: Zeroizing<[u8; 32]>,
    pub(crate) key: Arc<LessSafeKey>,
}

impl EpochKey {
    fn new(epoch: u32, raw: [u8; 32]) -> Self {
        Self { epoch, raw: Zeroizing::new(raw), key: Arc::new(aead_key(&raw)) }
    }
}

/// One shard's keys.
#[derive(Clone)]
pub(crate) struct Shard {
    pub(crate) current: EpochKey,
    /// The key that a rotation is about to destroy.
    pub(crate) before: Option<EpochKey>,
}

impl Shard {
    /// The key of an epoch, if it still exists.
    pub(crate) fn of(&self, epoch: u32) -> Option<&EpochKey> {
        std::iter::once(&self.current).chain(&self.before).find(|key| key.epoch == epoch)
    }
}

/// The keyring. Opened before the gate, whose ledger commitments use the records' keys.
pub struct Keys {
    dir: PathBuf,
    root: Box<dyn RootKey>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) index: Index,
    shards: RwLock<Vec<Shard>>,
    /// Rotations take turns: each rewrites the file.
    rotating: Arc<Mutex<()>>,
}

impl Keys {
    /// Opens the keyring in `dir`, or makes one where there is none.
    ///
    /// # Errors
    ///
    /// When a file is missing, damaged, readable by others, or wrapped under another root key.
    pub fn open(dir: &Path, root: Box<dyn RootKey>, rng: Arc<dyn Rng>) -> Result<Self, VaultError> {
        let master_path = dir.join(MASTER);
        let shards_path = dir.join(SHARDS);
        let master = if master_path.exists() {
            private(&master_path)?;
            let wrapped =
                fs::read(&master_path).map_err(|error| VaultError::file(&master_path, error))?;
            unwrap(&*root, &master_path, &wrapped)?
        } else {
            if shards_path.exists() {
                let why = "is missing while shard keys exist: put its copy back";
                return Err(VaultError::file(&master_path, why));
            }
            let shards = (0..SHARD_COUNT)
                .map(|_| Shard { current: fresh(&*rng, FIRST_EPOCH), before: None })
                .collect::<Vec<_>>();
            write_private(&shards_path, &root.wrap(&file_bytes(&shards), SHARDS.as_bytes())?)?;
            let mut master = Zeroizing::new(vec![0; 32]);
            rng.fill(&mut master);
            write_private(&master_path, &root.wrap(&master, MASTER.as_bytes())?)?;
            master
        };
        let shards = read_shards(&*root, &shards_path)?;
        Ok(Self {
            dir: dir.to_owned(),
            root,
            rng,
            index: Index::new(&master),
            shards: RwLock::new(shards),
            rotating: Arc::default(),
        })
    }

    pub(crate) fn shard(&self, number: u16) -> Result<Shard, VaultError> {
        self.shards.read().get(usize::from(number)).cloned().ok_or(VaultError::Damaged)
    }

    /// The epoch of a shard's present key.
    pub(crate) fn epoch(&self, number: u16) -> u32 {
        self.shards.read().get(usize::from(number)).map_or(0, |shard| shard.current.epoch)
    }

    /// A turn at rotating: nobody else rotates, in this process or in another that shares the key
    /// directory, until it is dropped. What others rotated before is known when it is given.
    pub(crate) fn turn(&self) -> Result<Turn, VaultError> {
        let here = self.rotating.lock_arc();
        let path = self.dir.join(LOCK);
        let fail = |error| VaultError::file(&path, error);
        let mut options = OpenOptions::new();
        let file = options
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(fail)?;
        file.lock().map_err(fail)?;
        self.reload()?;
        Ok(Turn { _everywhere: file, _here: here })
    }

    /// Reads the file again: another process may have rotated a shard.
    pub(crate) fn reload(&self) -> Result<(), VaultError> {
        let shards = read_shards(&*self.root, &self.dir.join(SHARDS))?;
        *self.shards.write() = shards;
        Ok(())
    }

    /// Gives each of these shards a new key, on disk before this returns, beside the one it has.
    /// Rotations that were unfinished must have been finished before.
    pub(crate) fn begin_rotation(
        &self,
        numbers: &[u16],
        erasing: &BTreeSet<RecordId>,
    ) -> Result<(), VaultError> {
        let bytes = postcard::to_stdvec(erasing).map_err(|_| VaultError::Damaged)?;
        write_private(&self.dir.join(ERASING), &bytes)?;
        let mut shards = self.shards.read().clone();
        for number in numbers {
            let shard = shards.get_mut(usize::from(*number)).ok_or(VaultError::Damaged)?;
            let next = fresh(&*self.rng, shard.current.epoch + 1);
            shard.before = Some(std::mem::replace(&mut shard.current, next));
        }
        self.write(shards)
    }

    /// Destroys the keys that these shards had before.
    pub(crate) fn end_rotation(&self, numbers: &[u16]) -> Result<(), VaultError> {
        let mut shards = self.shards.read().clone();
        for number in numbers {
            shards.get_mut(usize::from(*number)).ok_or(VaultError::Damaged)?.before = None;
        }
        self.write(shards)
    }

    /// Who is being erased in the rotation under way.
    pub(crate) fn erasing(&self) -> Result<BTreeSet<RecordId>, VaultError> {
        let path = self.dir.join(ERASING);
        match fs::read(&path) {
            Ok(bytes) => postcard::from_bytes(&bytes)
                .map_err(|_| VaultError::file(&path, "is damaged: put its copy back")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(error) => Err(VaultError::file(&path, error)),
        }
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

    /// A bridge that should be there is not: without it the living cannot be told from the erased.
    pub(crate) fn no_bridge(&self, shard: u16) -> VaultError {
        VaultError::file(
            &self.bridge_path(shard),
            "is missing: put the copy of the key directory back",
        )
    }

    /// Refuses a store that is older than the keys, as after a restore that was not healed: its
    /// survivors would look erased.
    pub(crate) fn fits(&self, view: &View<'_>) -> Result<(), VaultError> {
        let rows = view.scan(&record::EPOCHS, None, usize::from(SHARD_COUNT))?;
        let stored: BTreeMap<u16, u32> =
            rows.into_iter().map(|(shard, (), row)| (shard, row.value)).collect();
        let differs = |number: &u16| {
            self.epoch(*number) != stored.get(number).copied().unwrap_or(FIRST_EPOCH)
        };
        if (0..SHARD_COUNT).any(|number| differs(&number)) {
            let why = "does not belong to this state of the store: after copying a backup back by \
                       other means than `bonafide restore`, use that";
            return Err(VaultError::file(&self.dir.join(SHARDS), why));
        }
        Ok(())
    }

    /// The shards whose rotation was interrupted.
    pub(crate) fn unfinished(&self) -> Vec<u16> {
        (0..SHARD_COUNT)
            .zip(self.shards.read().iter())
            .filter(|(_, shard)| shard.before.is_some())
            .map(|(number, _)| number)
            .collect()
    }

    fn write(&self, shards: Vec<Shard>) -> Result<(), VaultError> {
        let wrapped = self.root.wrap(&file_bytes(&shards), SHARDS.as_bytes())?;
        write_private(&self.dir.join(SHARDS), &wrapped)?;
        *self.shards.write() = shards;
        Ok(())
    }

    fn bridge_path(&self, shard: u16) -> PathBuf {
        self.dir.join(BRIDGES).join(format!("{shard:03x}.bridge"))
    }

    /// Writes down how the survivors of a rotated shard are wrapped now, so that a backup from
    /// before the rotation still opens for them. It holds wraps only.
    pub(crate) fn write_bridge(
        &self,
        shard: u16,
        survivors: &BTreeMap<RecordId, record::KeyRow>,
    ) -> Result<(), VaultError> {
        let path = self.bridge_path(shard);
        let dir = self.dir.join(BRIDGES);
        fs::create_dir_all(&dir).map_err(|error| VaultError::file(&dir, error))?;
        let bytes = postcard::to_stdvec(survivors).map_err(|_| VaultError::Damaged)?;
        write_private(&path, &bytes)
    }

    /// How the survivors of a shard are wrapped since its last rotation; nothing when it was never
    /// rotated.
    pub(crate) fn bridge(
        &self,
        shard: u16,
    ) -> Result<Option<BTreeMap<RecordId, record::KeyRow>>, VaultError> {
        let path = self.bridge_path(shard);
        match fs::read(&path) {
            Ok(bytes) => postcard::from_bytes(&bytes)
                .map(Some)
                .map_err(|_| VaultError::file(&path, "is damaged: put its copy back")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(VaultError::file(&path, error)),
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

fn read_shards(root: &dyn RootKey, path: &Path) -> Result<Vec<Shard>, VaultError> {
    private(path)?;
    let wrapped = fs::read(path).map_err(|error| VaultError::file(path, error))?;
    let plain = unwrap(root, path, &wrapped)?;
    let damaged = || VaultError::file(path, "is damaged: put its copy back");
    if plain.len() != usize::from(SHARD_COUNT) * SHARD_LEN {
        return Err(damaged());
    }
    plain
        .chunks_exact(SHARD_LEN)
        .map(|bytes| {
            let (current, before) = bytes.split_at(SHARD_LEN / 2);
            let current = read_key(current).ok_or_else(damaged)?;
            Ok(Shard { current, before: read_key(before) })
        })
        .collect()
}

fn read_key(bytes: &[u8]) -> Option<EpochKey> {
    let (epoch, raw) = bytes.split_first_chunk::<4>()?;
    let epoch = u32::from_be_bytes(*epoch);
    let raw: [u8; 32] = raw.try_into().ok()?;
    (epoch != 0).then(|| EpochKey::new(epoch, raw))
}

fn file_bytes(shards: &[Shard]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(shards.len() * SHARD_LEN));
    for shard in shards {
        for key in [Some(&shard.current), shard.before.as_ref()] {
            bytes.extend_from_slice(&key.map_or(0, |key| key.epoch).to_be_bytes());
            bytes.extend_from_slice(key.map_or(&[0; 32], |key| &*key.raw));
        }
    }
    bytes
}

fn fresh(rng: &dyn Rng, epoch: u32) -> EpochKey {
    let mut raw = [0; 32];
    rng.fill(&mut raw);
    EpochKey::new(epoch, raw)
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
