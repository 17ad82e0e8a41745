//! Blind indexes: keyed pseudonyms, a key for each kind, so that values of different kinds never
//! meet and nobody without the key can guess.

use crate::keys::aead_key;
use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use model::{Blind, IdentifierKind, RecordId, RecordKind};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

macro_rules! token {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub struct $name(pub [u8; 8]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    };
}

token! {
    /// The pseudonym of a field's name.
    FieldToken
}

token! {
    /// The pseudonym of a value that tells people apart.
    Feature
}

/// The keys of all blind indexes, derived from the master secret.
pub(crate) struct Index {
    identifiers: [(IdentifierKind, Key); 6],
    records: Key,
    fields: Key,
    features: Key,
    houses: Key,
    tombstones: Key,
}

impl Index {
    pub(crate) fn new(master: &[u8]) -> Self {
        let master = Key::new(HMAC_SHA256, master);
        let derive = |label: &str| Key::new(HMAC_SHA256, expand(&master, label).as_ref());
        Self {
            identifiers: IdentifierKind::ALL
                .map(|kind| (kind, derive(&format!("bonafide index {}", kind.word())))),
            records: derive("bonafide record ids"),
            fields: derive("bonafide field tokens"),
            features: derive("bonafide features"),
            houses: derive("bonafide houses"),
            tombstones: derive("bonafide tombstones"),
        }
    }

    /// What seals the secrets of the key tree.
    pub(crate) fn sealing(master: &[u8]) -> LessSafeKey {
        let raw =
            Zeroizing::new(first(&expand(&Key::new(HMAC_SHA256, master), "bonafide key tree")));
        aead_key(&raw)
    }

    pub(crate) fn blind(&self, kind: IdentifierKind, canonical: &str) -> Blind {
        let key = self.identifiers.iter().find(|(known, _)| *known == kind);
        Blind(key.map_or([0; 16], |(_, key)| first(&hmac::sign(key, canonical.as_bytes()))))
    }

    pub(crate) fn record_id(&self, namespace: &str, kind: RecordKind, key: &str) -> RecordId {
        let mut context = hmac::Context::with_key(&self.records);
        context.update(&(namespace.len() as u64).to_be_bytes());
        context.update(namespace.as_bytes());
        context.update(&[kind as u8]);
        context.update(key.as_bytes());
        RecordId(first(&context.sign()))
    }

    pub(crate) fn field(&self, name: &str) -> FieldToken {
        FieldToken(first(&hmac::sign(&self.fields, name.as_bytes())))
    }

    pub(crate) fn house(&self, form: &str) -> Blind {
        Blind(first(&hmac::sign(&self.houses, form.as_bytes())))
    }

    pub(crate) fn tombstone(&self, kind: IdentifierKind, blind: Blind) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.tombstones);
        context.update(kind.word().as_bytes());
        context.update(&[0]);
        context.update(&blind.0);
        first(&context.sign())
    }

    pub(crate) fn feature(&self, name: &str, value: &str) -> Feature {
        let mut context = hmac::Context::with_key(&self.features);
        context.update(&(name.len() as u64).to_be_bytes());
        context.update(name.as_bytes());
        context.update(value.as_bytes());
        Feature(first(&context.sign()))
    }
}

/// One block of HKDF-Expand (RFC 5869 §2.3): the output is as long as the hash.
fn expand(master: &Key, label: &str) -> hmac::Tag {
    hmac::sign(master, &[label.as_bytes(), &[1]].concat())
}

fn first<const N: usize>(tag: &hmac::Tag) -> [u8; N] {
    let mut out = [0; N];
    for (place, byte) in out.iter_mut().zip(tag.as_ref()) {
        *place = *byte;
    }
    out
}
