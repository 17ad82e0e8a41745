//! The vault itself: pseudonyms for everybody, plain text for whoever spends a permit.

use crate::keys::Keys;
use crate::record::{Loaded, RecordKeys, erasures};
use crate::{Feature, FieldToken, Sealed, VaultError};
use gate::{Opening, Seal, Use};
use model::{Blind, IdentifierKind, RecordId, RecordKind, Sensitive};
use std::sync::Arc;
use store::{Batch, Store, StoreError, Table, View};

/// The fingerprint of the keyring that this store belongs to.
const KEYRING: Table<(), (), [u8; 16]> = store::table!("keyring", 1);

/// Seals, opens, blinds, shreds.
#[derive(Debug)]
pub struct Vault {
    pub(crate) store: Store,
    pub(crate) keys: Arc<Keys>,
    gate: Seal,
}

impl Vault {
    /// Opens the vault, bound to the one gate whose permits it honours, and settles erasures that
    /// an earlier process could not.
    ///
    /// # Errors
    ///
    /// When the store or a key file fails.
    pub fn open(store: Store, keys: Arc<Keys>, gate: Seal) -> Result<Self, VaultError> {
        let vault = Self { store, keys, gate };
        vault.belong()?;
        vault.recover()?;
        vault.keys.fits(erasures(&vault.store.read()?)?)?;
        Ok(vault)
    }

    /// A store keeps the fingerprint of the keyring it was first opened with: another house's keys
    /// would make everything new unreadable for the one and everything old for the other.
    fn belong(&self) -> Result<(), VaultError> {
        let mine = self.keys.fingerprint();
        loop {
            let known = self.store.read()?.get(&KEYRING, &(), &())?;
            match known {
                Some(row) if row.value == mine => return Ok(()),
                Some(_) => return Err(self.keys.foreign()),
                None => {
                    let mut batch = Batch::default();
                    batch.check(&KEYRING, &(), &(), None);
                    batch.put(&KEYRING, &(), &(), &mine);
                    match self.store.commit(batch) {
                        Ok(()) | Err(StoreError::Conflict) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        }
    }

    /// The pseudonym of an identifier in its canonical form.
    pub fn blind(&self, kind: IdentifierKind, canonical: &str) -> Blind {
        self.keys.index.blind(kind, canonical)
    }

    /// The id of the record that a source's own id names.
    pub fn record_id(&self, source: &str, kind: RecordKind, key: &str) -> RecordId {
        self.keys.index.record_id(source, kind, key)
    }

    /// What stays of an identifier when its bearer is erased: a pseudonym of its pseudonym, under a key of its
    /// own, so that it is found again and leads nowhere.
    pub fn tombstone(&self, kind: IdentifierKind, blind: Blind) -> [u8; 16] {
        self.keys.index.tombstone(kind, blind)
    }

    /// The pseudonym of a field's name.
    pub fn field(&self, name: &str) -> FieldToken {
        self.keys.index.field(name)
    }

    /// The pseudonym of a value that tells people apart.
    pub fn feature(&self, name: &str, value: &str) -> Feature {
        self.keys.index.feature(name, value)
    }

    /// The pseudonym of a house, by the key in which spellings of one address are equal.
    pub fn house(&self, form: &str) -> Blind {
        self.keys.index.house(form)
    }

    /// Loads the keys of `records`, each at most once, in one read.
    ///
    /// # Errors
    ///
    /// When the store fails or a key row is damaged.
    pub fn load(&self, view: &View<'_>, records: &[RecordId]) -> Result<RecordKeys, VaultError> {
        let mut loaded = Loaded::read(&self.keys, view, records)?;
        let shredded = loaded.shredded();
        if !shredded.is_empty() {
            // The view may be from before an erasure: a fresh one has no row any more.
            loaded.replace(Loaded::read(&self.keys, &self.store.read()?, &shredded)?);
        }
        Ok(RecordKeys::new(Arc::clone(&self.keys), loaded))
    }

    /// Opens one sealed value under a permit being spent; nothing when the purpose does not open
    /// its category. This is the only way to plain text.
    ///
    /// # Errors
    ///
    /// [`VaultError::Shredded`] when the record's key is gone; [`VaultError::Damaged`] when the
    /// value was altered, or sealed for another place.
    ///
    /// # Panics
    ///
    /// When the opening does not cover the record, or is another gate's: only a bug in a caller can
    /// bring it here.
    pub fn open_field<U: Use>(
        &self,
        opening: &Opening<U>,
        keys: &RecordKeys,
        record: RecordId,
        field: FieldToken,
        sealed: &Sealed,
    ) -> Result<Option<Sensitive<Vec<u8>>>, VaultError> {
        assert!(opening.covers(record, &self.gate), "an opening that does not cover the record");
        if !opening.categories().has(sealed.category) {
            return Ok(None);
        }
        keys.open(record, field, sealed).map(Sensitive::new).map(Some)
    }
}
