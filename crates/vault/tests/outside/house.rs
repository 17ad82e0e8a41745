//! A real gate and a vault over one store in memory, with a key directory of its own.

use gate::{
    Caller, Gate, Grounds, Ledger, Opening, Parts, Policy, Service, Services, Signal, Signer,
    Standing, SubjectAccess, UseKind, Voice, key_sha256,
};
use model::{Category, Clock, Grant, Jurisdiction, Purpose, RecordId, Rng, Sensitive, Timestamp};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Batch, Store, StoreError, Table};
use tempfile::TempDir;
use vault::{FieldToken, Keys, RecordKeys, RootKeyFile, Sealed, Vault, VaultError};

/// What another room would keep.
pub(crate) const ROWS: Table<RecordId, (), Sealed> = store::table!("rows_of_tests", 1);
pub(crate) const NAME: FieldToken = FieldToken(*b"the name");

#[derive(Debug)]
pub(crate) struct Dice(AtomicU64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(seed)))
    }
}

impl Rng for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut mixed = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000)
    }
}

pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) gate: Gate,
    pub(crate) vault: Vault,
    caller: Caller,
}

/// The `n`th record of a shard.
pub(crate) fn record(shard: u16, n: u8) -> RecordId {
    let mut id = [n; 16];
    [id[0], id[1]] = (shard << 4).to_be_bytes();
    RecordId(id)
}

pub(crate) fn keys(dir: &Path) -> Result<Arc<Keys>, VaultError> {
    static SEED: AtomicU64 = AtomicU64::new(1);
    // `app` makes the directory before it opens the keys.
    std::fs::create_dir_all(dir).unwrap();
    let dice = Dice::new(SEED.fetch_add(0x1234_5678_9abc_def1, Ordering::Relaxed));
    let root = RootKeyFile::open(dir, Arc::<Dice>::clone(&dice))?;
    Keys::open(dir, &root, dice).map(Arc::new)
}

pub(crate) fn open(store: &Store, dir: &Path) -> Result<House, VaultError> {
    let keys = keys(dir)?;
    let signer = Signer::from_seed("example.org/log", &[7; 32]).unwrap();
    let gate = Gate::open(Parts {
        store: store.clone(),
        ledger: Ledger::open(store.clone(), signer, None).unwrap(),
        keys: Arc::<Keys>::clone(&keys),
        policy: Policy::default(),
        scoped_grants: Vec::new(),
        kept: Vec::new(),
        clock: Arc::new(Noon),
        rng: Dice::new(99),
    })?;
    let vault = Vault::open(store.clone(), keys, gate.seal())?;
    let services = Services::new(vec![Service {
        name: "tests".to_owned(),
        team: None,
        key_sha256: key_sha256("key"),
        purposes: Purpose::ALL.to_vec(),
        kinds: UseKind::ALL.to_vec(),
        operates: true,
    }]);
    let caller = services.authenticate(&Sensitive::new("key".to_owned())).unwrap();
    Ok(House { store: store.clone(), gate, vault, caller })
}

/// A house with a key directory in a directory of its own.
pub(crate) fn fresh() -> (House, TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("keys");
    (open(&Store::memory(), &place).unwrap(), dir, place)
}

impl House {
    pub(crate) fn load(&self, records: &[RecordId]) -> RecordKeys {
        self.vault.load(&self.store.read().unwrap(), records).unwrap()
    }

    /// Seals each record's name; gives the batch that would keep it.
    pub(crate) fn staged(&self, records: &[RecordId]) -> Batch {
        let mut keys = self.load(records);
        let mut batch = Batch::default();
        for record in records {
            keys.ensure(*record).unwrap();
            let plain = record.to_string();
            let sealed = keys.seal(*record, NAME, Category::Name, plain.as_bytes()).unwrap();
            batch.put(&ROWS, record, &(), &sealed);
        }
        keys.stage(&mut batch).unwrap();
        batch
    }

    pub(crate) fn take_in(&self, records: &[RecordId]) {
        self.store.commit(self.staged(records)).unwrap();
    }

    pub(crate) fn opening(&self, record: RecordId) -> Opening<SubjectAccess> {
        self.opening_for(record, Purpose::SubjectAccess)
    }

    pub(crate) fn opening_for(&self, record: RecordId, purpose: Purpose) -> Opening<SubjectAccess> {
        let view = self.store.read().unwrap();
        let seen = self.gate.contracts(&view, &[record.into()]).unwrap().remove(0);
        if seen.is_none() {
            let mut grounds = Grounds::new(Jurisdiction::EU);
            for (bit, _) in self.gate.grants().iter() {
                let (standing, voice) = (Standing::Confirmed, Voice::House);
                let at = self.gate.now();
                let yes = Signal { bit: *bit, allowed: true, at, standing, voice };
                grounds.register.take(yes);
            }
            let contract = self.gate.contract(vec![record], &std::iter::once(&grounds), 1);
            let mut batch = Batch::default();
            self.gate.stage_contract(&mut batch, record.into(), &contract, None);
            self.store.commit(batch).unwrap();
        }
        let permit = self.gate.ask(&self.caller, record.into(), &Grant::whole(purpose)).unwrap();
        self.gate.spend(permit, &self.store.read().unwrap()).unwrap()
    }

    /// Whether the record's name opens and is right.
    pub(crate) fn opens(&self, record: RecordId) -> bool {
        let opening = self.opening(record);
        let view = self.store.read().unwrap();
        let Some(row) = view.get(&ROWS, &record, &()).unwrap() else { return false };
        let keys = self.vault.load(&view, &[record]).unwrap();
        match self.vault.open_field(&opening, &keys, record, NAME, &row.value) {
            Ok(plain) => {
                assert_eq!(*plain.unwrap().reveal(), record.to_string().into_bytes());
                true
            }
            Err(_) => false,
        }
    }

    pub(crate) fn erase(&self, records: &[RecordId]) -> Result<(), VaultError> {
        let view = self.store.read()?;
        let mut batch = Batch::default();
        let shredding = self.vault.stage_shred(&view, &mut batch, records)?;
        match self.store.commit(batch) {
            Ok(()) => shredding.finish(),
            Err(error) => {
                shredding.abandon()?;
                Err(error.into())
            }
        }
    }

    pub(crate) fn doctored(&self) -> Vec<String> {
        self.vault.doctor().unwrap().findings
    }
}

pub(crate) fn is_conflict(error: &VaultError) -> bool {
    matches!(error, VaultError::Store(StoreError::Conflict))
}

/// The bytes of the key tree's file.
pub(crate) fn tree(place: &Path) -> Vec<u8> {
    std::fs::read(place.join("tree.keys")).unwrap()
}

/// Puts bytes there, as a disk that lost part of what was written would.
pub(crate) fn put_tree(place: &Path, bytes: &[u8]) {
    std::fs::write(place.join("tree.keys"), bytes).unwrap();
}

/// Copies a directory.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What the store held, in another store.
pub(crate) fn restored(backup: &Path) -> Store {
    let store = Store::memory();
    store::backup::restore(backup, &store, &mut |_, _| {}).unwrap();
    store
}

pub(crate) fn back_up(house: &House, dir: &TempDir, name: &str) -> PathBuf {
    let path = dir.path().join(name);
    store::backup::write(&house.store, &path, &mut |_, _| {}).unwrap();
    path
}
