//! A fast hash with the same answer everywhere: keys and frequency tables are kept and compared
//! across runs, so the standard library's seeded one will not do.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
const OTHER: u64 = 0xD6E8_FEB8_6659_FD93;

/// Mixes a number into a hash; the order of calls counts. The 128-bit product is folded, as in wyhash.
pub(crate) fn mix(hash: u64, value: u64) -> u64 {
    let product = u128::from(hash ^ value ^ OTHER) * u128::from(value.rotate_left(32) ^ FACTOR);
    let bytes = product.to_le_bytes();
    let (low, high) = bytes.split_at(8);
    let fold = |half: &[u8]| u64::from_le_bytes(half.try_into().unwrap_or_default());
    (fold(low) ^ fold(high)).wrapping_add(hash.rotate_left(23))
}

/// A record's key as a hash.
#[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
pub(crate) fn fold_key(key: u128) -> u64 {
    mix(key as u64, (key >> 64) as u64)
}

/// Hashes a text.
pub(crate) fn hash_bytes(seed: u64, bytes: &[u8]) -> u64 {
    let mut hash = mix(FACTOR ^ seed, bytes.len() as u64);
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        hash = mix(hash, u64::from_le_bytes(word.try_into().unwrap_or_default()));
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(words.remainder()) {
        *to = *from;
    }
    mix(hash, u64::from_le_bytes(last))
}

/// A map whose keys are hashes already, or small numbers.
pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Mixer>>;

/// A set of such keys.
pub(crate) type Set<K> = HashSet<K, BuildHasherDefault<Mixer>>;

/// The hasher of [`Map`].
#[derive(Default)]
pub(crate) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash_bytes(self.0, bytes);
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(26) ^ value).wrapping_mul(FACTOR);
        self.0 ^= self.0 >> 32;
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
}
