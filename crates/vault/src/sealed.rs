//! What stands outside the vault: sealed values and keyed pseudonyms.

use crate::cipher::{Cipher, NONCE, TAG, random};
use model::{Category, RecordId, Rng};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The first byte of every sealed value.
const VERSION: u8 = 1;

/// A keyed pseudonym of a field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldToken(pub [u8; 8]);

/// A keyed pseudonym of a feature's value: equal values of one feature have equal pseudonyms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Feature(pub [u8; 8]);

/// A value sealed under its record's key, bound to its record, field and category.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    category: Category,
    /// Version (1), nonce (12), ciphertext, tag (16).
    #[serde(with = "bytes")]
    bytes: Vec<u8>,
}

impl Sealed {
    /// What kind of data it is. Bound: a changed category does not open.
    pub const fn category(&self) -> Category {
        self.category
    }

    /// Bytes of the plain value.
    pub const fn plain_len(&self) -> usize {
        self.bytes.len().saturating_sub(1 + NONCE + TAG)
    }

    pub(crate) fn seal(
        cipher: &Cipher,
        (record, field, category): (RecordId, FieldToken, Category),
        plain: &[u8],
        rng: &dyn Rng,
    ) -> Self {
        let nonce = random::<NONCE>(rng);
        let mut bytes = Vec::with_capacity(1 + NONCE + plain.len() + TAG);
        bytes.push(VERSION);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(plain);
        let bound = bound(record, field, category, VERSION);
        let body = bytes.get_mut(1 + NONCE..).unwrap_or_default();
        let tag = cipher.seal(nonce, &bound, body);
        bytes.extend_from_slice(&tag);
        Self { category, bytes }
    }

    pub(crate) fn open(
        &self,
        cipher: &Cipher,
        record: RecordId,
        field: FieldToken,
    ) -> Option<Vec<u8>> {
        let (version, rest) = self.bytes.split_first()?;
        let (nonce, body) = rest.split_first_chunk()?;
        if *version != VERSION {
            return None;
        }
        let mut body = body.to_vec();
        let bound = bound(record, field, self.category, *version);
        let length = cipher.open(*nonce, &bound, &mut body)?.len();
        body.truncate(length);
        Some(body)
    }
}

/// What a sealed value is bound to: record (16), field (8), category (1), version (1).
fn bound(record: RecordId, field: FieldToken, category: Category, version: u8) -> [u8; 26] {
    let mut bound = [0; 26];
    let parts = record.0.into_iter().chain(field.0).chain([category as u8, version]);
    bound.iter_mut().zip(parts).for_each(|(at, byte)| *at = byte);
    bound
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, {} bytes)", self.category, self.plain_len())
    }
}

/// Bytes as bytes, which serde would else write one by one.
mod bytes {
    use serde::de::{Deserializer, Error, Visitor};
    use serde::ser::Serializer;
    use std::fmt;

    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("sealed bytes")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }

        fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }
    }

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        from.deserialize_byte_buf(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ring::tests::Dice;
    use proptest::prelude::*;

    const HERE: (RecordId, FieldToken, Category) =
        (RecordId([1; 16]), FieldToken([2; 8]), Category::Name);

    fn category() -> impl Strategy<Value = Category> {
        proptest::sample::select(Category::ALL)
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_where_it_was_sealed(
            key: [u8; 32],
            record: [u8; 16],
            field: [u8; 8],
            category in category(),
            plain in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let (cipher, record, field) = (Cipher::new(&key), RecordId(record), FieldToken(field));
            let sealed = Sealed::seal(&cipher, (record, field, category), &plain, &Dice::new(7));
            prop_assert_eq!(sealed.plain_len(), plain.len());
            prop_assert_eq!(sealed.open(&cipher, record, field), Some(plain));
            let stored = postcard::to_stdvec(&sealed).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Sealed>(&stored).unwrap(), sealed);
        }

        #[test]
        fn a_changed_byte_does_not_open(at in 0_usize..34, flip in 1_u8..) {
            let cipher = Cipher::new(&[9; 32]);
            let mut sealed = Sealed::seal(&cipher, HERE, b"Lovel", &Dice::new(7));
            sealed.bytes[at] ^= flip;
            prop_assert_eq!(sealed.open(&cipher, HERE.0, HERE.1), None);
        }
    }

    #[test]
    fn a_value_opens_nowhere_else() {
        let (cipher, other) = (Cipher::new(&[9; 32]), Cipher::new(&[8; 32]));
        let sealed = Sealed::seal(&cipher, HERE, b"Ada", &Dice::new(7));
        let moved = Sealed { category: Category::Device, ..sealed.clone() };
        let short = Sealed { bytes: sealed.bytes[..20].to_vec(), ..sealed.clone() };
        let empty = Sealed { bytes: Vec::new(), ..sealed.clone() };
        let (record, field) = (RecordId([3; 16]), FieldToken([3; 8]));
        for (what, opened) in [
            ("key", sealed.open(&other, HERE.0, HERE.1)),
            ("record", sealed.open(&cipher, record, HERE.1)),
            ("field", sealed.open(&cipher, HERE.0, field)),
            ("category", moved.open(&cipher, HERE.0, HERE.1)),
            ("short", short.open(&cipher, HERE.0, HERE.1)),
            ("empty", empty.open(&cipher, HERE.0, HERE.1)),
        ] {
            assert_eq!(opened, None, "{what}");
        }
        assert_eq!(sealed.open(&cipher, HERE.0, HERE.1).as_deref(), Some(&b"Ada"[..]));
    }

    #[test]
    fn a_sealed_value_costs_thirty_one_bytes() {
        let sealed = Sealed::seal(&Cipher::new(&[9; 32]), HERE, &[b'x'; 64], &Dice::new(7));
        assert_eq!(postcard::to_stdvec(&sealed).unwrap().len(), 64 + 31);
    }
}
