//! The vault itself: pseudonyms for everybody, plain text for whoever spends a permit.

use crate::keys::Keys;
use crate::record::{Loaded, RecordKeys};
use crate::{Feature, FieldToken, Sealed, VaultError};
use gate::{Opening, Seal, Use};
use model::{Blind, IdentifierKind, RecordId, RecordKind, Sensitive};
use std::sync::Arc;
use store::{Store, View};

/// Seals, opens, blinds, shreds.
#[derive(Debug)]
pub struct Vault {
    pub(crate) store: Store,
    pub(crate) keys: Arc<Keys>,
    gate: Seal,
}

impl Vault {
    /// Opens the vault, bound to the one gate whose permits it honours, and finishes rotations that
    /// an earlier process could not.
    ///
    /// # Errors
    ///
    /// When the store or a key file fails.
    pub fn open(store: Store, keys: Arc<Keys>, gate: Seal) -> Result<Self, VaultError> {
        let vault = Self { store, keys, gate };
        vault.recover()?;
        Ok(vault)
    }

    /// The pseudonym of an identifier in its canonical form.
    pub fn blind(&self, kind: IdentifierKind, canonical: &str) -> Blind {
        self.keys.index.blind(kind, canonical)
    }

    /// The id of the record that a source's own id names.
    pub fn record_id(&self, source: &str, kind: RecordKind, key: &str) -> RecordId {
        self.keys.index.record_id(source, kind, key)
    }

    /// The pseudonym of a field's name.
    pub fn field(&self, name: &str) -> FieldToken {
        self.keys.index.field(name)
    }

    /// The pseudonym of a value that tells people apart.
    pub fn feature(&self, name: &str, value: &str) -> Feature {
        self.keys.index.feature(name, value)
    }

    /// Loads the keys of `records`, each at most once, in one read.
    ///
    /// # Errors
    ///
    /// When the store fails or a key row is damaged.
    pub fn load(&self, view: &View<'_>, records: &[RecordId]) -> Result<RecordKeys, VaultError> {
        Ok(RecordKeys::new(Arc::clone(&self.keys), Loaded::read(&self.keys, view, records)?))
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
        assert!(opening.covers(record, &self.gate), "an opening for other records");
        if !opening.categories().has(sealed.category) {
            return Ok(None);
        }
        keys.open(record, field, sealed).map(Sensitive::new).map(Some)
    }
}
