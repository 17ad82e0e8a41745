//! The vault: pseudonyms for all, keys by record, plain values for openings.

use crate::VaultError;
use crate::keys::Keys;
use crate::record_keys::RecordKeys;
use crate::ring::SHARDS;
use crate::row::{EPOCHS, KEYS, RING, each_key};
use crate::sealed::{Feature, FieldToken, Sealed};
use crate::settle::Claim;
use gate::{Opening, Seal, Use};
use model::{Blind, IdentifierKind, RecordId, RecordKind, Sensitive};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;
use store::{Batch, Store, View};

/// The vault over one store, with one keyring and one gate.
pub struct Vault {
    pub(crate) store: Store,
    pub(crate) keys: Arc<Keys>,
    seal: Seal,
}

impl Vault {
    /// Opens the vault, and ends shreddings that a crash left half done. Openings must come from
    /// the gate whose `seal` this is.
    ///
    /// # Errors
    ///
    /// [`VaultError::OtherKeys`] when another keyring sealed the store; [`VaultError::KeysOlder`]
    /// and [`VaultError::Unhealed`] when one of the two was restored without the other; otherwise
    /// what the store or the key directory says.
    pub fn open(store: Store, keys: Arc<Keys>, seal: Seal) -> Result<Self, VaultError> {
        keys.recognise(&store)?;
        Claim::orphaned(&keys).settle(&store)?;
        mark_epochs(&store, &keys)?;
        let vault = Self { store, keys, seal };
        vault.keys.store.get_or_init(|| vault.store.clone());
        Ok(vault)
    }

    /// The pseudonym of an identifier. Equal canonical values of one kind have equal pseudonyms.
    pub fn blind(&self, kind: IdentifierKind, canonical: &str) -> Blind {
        self.keys.index.blind(kind, canonical)
    }

    /// The id of the record that a source, or another namespace of keys, has under `key`.
    pub fn record_id(&self, namespace: &str, kind: RecordKind, key: &str) -> RecordId {
        self.keys.index.record_id(namespace, kind, key)
    }

    /// The pseudonym of a field's name.
    pub fn field(&self, name: &str) -> FieldToken {
        self.keys.index.field(name)
    }

    /// The pseudonym of a value of the feature `name`.
    pub fn feature(&self, name: &str, value: &str) -> Feature {
        self.keys.index.feature(name, value)
    }

    /// The keys of records, in one read. Records that have none, or one that does not open, fail
    /// when they are used, so that they do not keep their neighbours from being loaded.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn load(&self, view: &View<'_>, records: &[RecordId]) -> Result<RecordKeys, VaultError> {
        self.keys.load(view, records)
    }

    /// Opens one sealed value: the only way to plain text. Gives nothing when the opening's purpose
    /// may not see the value's category.
    ///
    /// # Errors
    ///
    /// [`VaultError::Shredded`] when the record's key is gone, or was not loaded;
    /// [`VaultError::Damaged`] when the value is not what was sealed for this record and field.
    ///
    /// # Panics
    ///
    /// When the opening is of another gate or does not cover the record: only a bug asks for that.
    pub fn open_field<U: Use>(
        &self,
        opening: &Opening<U>,
        keys: &RecordKeys,
        record: RecordId,
        field: FieldToken,
        sealed: &Sealed,
    ) -> Result<Option<Sensitive<Vec<u8>>>, VaultError> {
        assert!(opening.covers(record, &self.seal), "an opening that does not cover the record");
        if !opening.categories().has(sealed.category()) {
            return Ok(None);
        }
        keys.open(record, field, sealed).map(|plain| Some(Sensitive::new(plain)))
    }
}

/// Makes the store's epochs those of the ring, where nothing is lost by it, and remembers their
/// versions.
fn mark_epochs(store: &Store, keys: &Keys) -> Result<(), VaultError> {
    let places: Vec<_> = (0..SHARDS).map(|shard| (shard, ())).collect();
    let view = store.read()?;
    let mut batch = Batch::default();
    if view.get(&RING, &(), &())?.is_none() {
        batch.check(&RING, &(), &(), None);
        batch.put(&RING, &(), &(), &keys.id);
    }
    let empty = view.scan(&KEYS, None, 1)?.is_empty();
    for ((shard, ()), row) in places.iter().zip(view.get_many(&EPOCHS, &places)?) {
        let epoch = keys.ring.read().shard(*shard).key.epoch;
        match row.as_ref().map_or(Ordering::Less, |row| row.value.cmp(&epoch)) {
            Ordering::Equal => continue,
            Ordering::Greater => return Err(VaultError::KeysOlder),
            Ordering::Less => {}
        }
        if !empty && has_other_epoch(&view, *shard, epoch)? {
            return Err(VaultError::Unhealed);
        }
        batch.check(&EPOCHS, shard, &(), row.map(|row| row.version));
        batch.put(&EPOCHS, shard, &(), &epoch);
    }
    drop(view);
    if !batch.is_empty() {
        store.commit(batch)?;
    }
    let rows = store.read()?.get_many(&EPOCHS, &places)?;
    let mut ring = keys.ring.write();
    for ((shard, ()), row) in places.into_iter().zip(rows) {
        ring.shard_mut(shard).fence = row.map(|row| row.version);
    }
    Ok(())
}

fn has_other_epoch(view: &View<'_>, shard: u16, epoch: u32) -> Result<bool, VaultError> {
    let mut found = false;
    each_key(view, shard, &mut |_, row| found |= row.value.epoch != epoch)?;
    Ok(found)
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("keys", &self.keys).finish_non_exhaustive()
    }
}
