//! Keyed pseudonyms: blinds, record ids, field tokens, features. HMAC-SHA-256, cut short.

use crate::cipher::derive;
use crate::sealed::{Feature, FieldToken};
use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key, Tag, sign};
use model::{Blind, IdentifierKind, RecordId, RecordKind};

/// One key for each kind of pseudonym, so that pseudonyms of different kinds never meet.
pub(crate) struct IndexKeys {
    identifiers: [(IdentifierKind, Key); IdentifierKind::ALL.len()],
    record: Key,
    field: Key,
    feature: Key,
}

impl IndexKeys {
    pub(crate) fn new(master: &[u8]) -> Self {
        let key = |label: &[&[u8]]| Key::new(HMAC_SHA256, &*derive(master, label));
        let of = |kind: IdentifierKind| (kind, key(&[b"identifier ", kind.word().as_bytes()]));
        Self {
            identifiers: IdentifierKind::ALL.map(of),
            record: key(&[b"record"]),
            field: key(&[b"field"]),
            feature: key(&[b"feature"]),
        }
    }

    pub(crate) fn blind(&self, kind: IdentifierKind, canonical: &str) -> Blind {
        let key = self.identifiers.iter().find(|(known, _)| *known == kind);
        match key {
            Some((_, key)) => Blind(first(&sign(key, canonical.as_bytes()))),
            None => unreachable!("every kind has a key"),
        }
    }

    pub(crate) fn record_id(&self, namespace: &str, kind: RecordKind, key: &str) -> RecordId {
        let kind: u8 = match kind {
            RecordKind::User => 1,
            RecordKind::Anonymous => 2,
            RecordKind::Row => 3,
        };
        RecordId(first(&sign_parts(&self.record, &[namespace.as_bytes(), &[kind], key.as_bytes()])))
    }

    pub(crate) fn field(&self, name: &str) -> FieldToken {
        FieldToken(first(&sign(&self.field, name.as_bytes())))
    }

    pub(crate) fn feature(&self, name: &str, value: &str) -> Feature {
        Feature(first(&sign_parts(&self.feature, &[name.as_bytes(), value.as_bytes()])))
    }
}

/// Each part with its length before it (eight bytes), so that no two lists of parts look alike.
fn sign_parts(key: &Key, parts: &[&[u8]]) -> Tag {
    let mut context = Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.sign()
}

fn first<const N: usize>(tag: &Tag) -> [u8; N] {
    match tag.as_ref().first_chunk() {
        Some(first) => *first,
        None => unreachable!("a tag has 32 bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn pseudonyms_of_different_kinds_never_meet() {
        let keys = IndexKeys::new(&[1; 32]);
        let mut seen: BTreeSet<[u8; 16]> =
            IdentifierKind::ALL.map(|kind| keys.blind(kind, "a").0).into();
        for kind in [RecordKind::User, RecordKind::Anonymous, RecordKind::Row] {
            seen.insert(keys.record_id("", kind, "a").0);
        }
        assert_eq!(seen.len(), IdentifierKind::ALL.len() + 3);
        assert_ne!(keys.field("a").0, keys.feature("a", "").0);
    }

    #[test]
    fn parts_do_not_flow_together() {
        let keys = IndexKeys::new(&[1; 32]);
        let id = |namespace, key| keys.record_id(namespace, RecordKind::User, key);
        assert_ne!(id("ab", "c"), id("a", "bc"));
        assert_eq!(id("ab", "c"), id("ab", "c"));
        assert_ne!(keys.feature("ab", "c"), keys.feature("a", "bc"));
    }

    #[test]
    fn another_master_gives_other_pseudonyms() {
        let blind = |master| IndexKeys::new(&[master; 32]).blind(IdentifierKind::Email, "a@b.c");
        assert_ne!(blind(1), blind(2));
        assert_eq!(blind(1), blind(1));
    }
}
