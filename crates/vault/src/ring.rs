//! The keys of all shards, and how they are written down.

use crate::cipher::{Cipher, KEY, NONCE, Secret, TAG, random, random_secret};
use crate::file::Parts;
use crate::row::{KeyRow, shard_of};
use model::{RecordId, Rng};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use store::Version;
use zeroize::Zeroizing;

/// How many shards there are. Part of the format.
pub(crate) const SHARDS: u16 = 1 << 12;

/// The first epoch of every shard.
pub(crate) const FIRST_EPOCH: u32 = 1;

/// The key of one shard in one epoch.
pub(crate) struct EpochKey {
    pub(crate) epoch: u32,
    secret: Secret,
    cipher: Cipher,
}

impl EpochKey {
    pub(crate) fn random(epoch: u32, rng: &dyn Rng) -> Arc<Self> {
        Self::of(epoch, random_secret(rng))
    }

    fn of(epoch: u32, secret: Secret) -> Arc<Self> {
        let cipher = Cipher::new(&secret);
        Arc::new(Self { epoch, secret, cipher })
    }

    /// Wraps a record's key.
    pub(crate) fn wrap(&self, record: RecordId, key: &[u8; KEY], rng: &dyn Rng) -> KeyRow {
        let nonce = random::<NONCE>(rng);
        let mut key = *key;
        let tag = self.cipher.seal(nonce, &bound(record, self.epoch), &mut key);
        KeyRow { epoch: self.epoch, nonce, key, tag }
    }

    /// Unwraps a record's key; nothing when the row is not what was wrapped.
    pub(crate) fn unwrap(&self, record: RecordId, row: &KeyRow) -> Option<Secret> {
        let mut body = Zeroizing::new([0; KEY + TAG]);
        body.iter_mut().zip(row.key.into_iter().chain(row.tag)).for_each(|(at, byte)| *at = byte);
        let plain = self.cipher.open(row.nonce, &bound(record, row.epoch), &mut *body)?;
        plain.first_chunk().copied().map(Zeroizing::new)
    }
}

impl fmt::Debug for EpochKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EpochKey({})", self.epoch)
    }
}

/// What a wrapped key is bound to: record (16), epoch (4).
fn bound(record: RecordId, epoch: u32) -> [u8; 20] {
    let mut bound = [0; 20];
    let parts = record.0.into_iter().chain(epoch.to_be_bytes());
    bound.iter_mut().zip(parts).for_each(|(at, byte)| *at = byte);
    bound
}

/// One shard's keys.
#[derive(Clone, Debug)]
pub(crate) struct Shard {
    /// The key of the epoch that is, or that ends while a shredding is under way.
    pub(crate) key: Arc<EpochKey>,
    /// The key of the next epoch, from before a shredding's commit until the old one is destroyed.
    pub(crate) next: Option<Arc<EpochKey>>,
    /// Whether the shredding's commit was seen, so that new keys are of the next epoch.
    pub(crate) passed: bool,
    /// The version of the shard's row in `EPOCHS` that goes with the writing key.
    pub(crate) fence: Option<Version>,
}

impl Shard {
    const fn settled(key: Arc<EpochKey>) -> Self {
        Self { key, next: None, passed: false, fence: None }
    }

    /// The key under which new record keys are wrapped.
    pub(crate) const fn writing(&self) -> &Arc<EpochKey> {
        match &self.next {
            Some(next) if self.passed => next,
            Some(_) | None => &self.key,
        }
    }

    pub(crate) fn of_epoch(&self, epoch: u32) -> Option<&Arc<EpochKey>> {
        std::iter::once(&self.key).chain(&self.next).find(|key| key.epoch == epoch)
    }
}

/// All shards, and the records that shreddings under way erase.
#[derive(Clone)]
pub(crate) struct Ring {
    /// One for each shard, in order.
    shards: Vec<Shard>,
    /// Which of them have a next epoch.
    pub(crate) pending: BTreeSet<u16>,
    /// What is being erased from pending shards.
    pub(crate) erased: BTreeSet<RecordId>,
}

impl Ring {
    pub(crate) fn random(rng: &dyn Rng) -> Self {
        let shard = |_| Shard::settled(EpochKey::random(FIRST_EPOCH, rng));
        Self {
            shards: (0..SHARDS).map(shard).collect(),
            pending: BTreeSet::new(),
            erased: BTreeSet::new(),
        }
    }

    pub(crate) fn shard(&self, shard: u16) -> &Shard {
        match self.shards.get(usize::from(shard)) {
            Some(shard) => shard,
            None => unreachable!("shards are numbered with twelve bits"),
        }
    }

    pub(crate) fn shard_mut(&mut self, shard: u16) -> &mut Shard {
        match self.shards.get_mut(usize::from(shard)) {
            Some(shard) => shard,
            None => unreachable!("shards are numbered with twelve bits"),
        }
    }

    /// Begins a shard's next epoch.
    pub(crate) fn begin(&mut self, shard: u16, next: Arc<EpochKey>) {
        let at = self.shard_mut(shard);
        (at.next, at.passed) = (Some(next), false);
        self.pending.insert(shard);
    }

    /// Ends whichever epoch of a shard is not `stays`.
    pub(crate) fn settle(&mut self, shard: u16, stays: u32, fence: Option<Version>) {
        let at = self.shard_mut(shard);
        if let Some(key) = at.of_epoch(stays) {
            *at = Shard { fence, ..Shard::settled(Arc::clone(key)) };
        }
        self.pending.remove(&shard);
        self.erased.retain(|record| shard_of(*record) != shard);
    }

    /// Count (4), then shard (2), epoch (4) and key (32) of each; count (4), then records (16)
    /// being erased.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let count = self.shards.len() + self.pending.len();
        // Sized once: a vector that grows leaves copies of keys behind.
        let size = 8 + count * (6 + KEY) + self.erased.len() * 16;
        let mut bytes = Zeroizing::new(Vec::with_capacity(size));
        bytes.extend_from_slice(&count_bytes(count));
        for (number, shard) in (0_u16..).zip(&self.shards) {
            for key in std::iter::once(&shard.key).chain(&shard.next) {
                bytes.extend_from_slice(&number.to_be_bytes());
                bytes.extend_from_slice(&key.epoch.to_be_bytes());
                bytes.extend_from_slice(&*key.secret);
            }
        }
        bytes.extend_from_slice(&count_bytes(self.erased.len()));
        for record in &self.erased {
            bytes.extend_from_slice(&record.0);
        }
        bytes
    }

    /// The inverse of [`Self::encode`]; nothing unless every shard has one key, or two of
    /// consecutive epochs.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut parts = Parts(bytes);
        let mut shards: BTreeMap<u16, Shard> = BTreeMap::new();
        let mut pending = BTreeSet::new();
        for _ in 0..parts.u32()? {
            let (shard, epoch) = (parts.u16()?, parts.u32()?);
            let key = EpochKey::of(epoch, Zeroizing::new(parts.array()?));
            match shards.get_mut(&shard) {
                None => _ = shards.insert(shard, Shard::settled(key)),
                Some(known) if known.next.is_none() && epoch == known.key.epoch + 1 => {
                    known.next = Some(key);
                    pending.insert(shard);
                }
                Some(_) => return None,
            }
        }
        let mut erased = BTreeSet::new();
        for _ in 0..parts.u32()? {
            erased.insert(RecordId(parts.array()?));
        }
        let complete = shards.keys().copied().eq(0..SHARDS) && parts.0.is_empty();
        complete.then(|| Self { shards: shards.into_values().collect(), pending, erased })
    }
}

fn count_bytes(count: usize) -> [u8; 4] {
    u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use parking_lot::Mutex;

    /// Chance from a seed (splitmix64).
    pub(crate) struct Dice(Mutex<u64>);

    impl Dice {
        pub(crate) const fn new(seed: u64) -> Self {
            Self(Mutex::new(seed))
        }
    }

    impl Rng for Dice {
        fn fill(&self, bytes: &mut [u8]) {
            let mut state = self.0.lock();
            for chunk in bytes.chunks_mut(8) {
                *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut mixed = *state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                let mixed = (mixed ^ (mixed >> 31)).to_le_bytes();
                chunk.copy_from_slice(&mixed[..chunk.len()]);
            }
        }
    }

    fn secrets(ring: &Ring) -> Vec<Vec<(u32, [u8; KEY])>> {
        let of = |shard: &Shard| {
            let keys = std::iter::once(&shard.key).chain(&shard.next);
            keys.map(|key| (key.epoch, *key.secret)).collect()
        };
        ring.shards.iter().map(of).collect()
    }

    #[test]
    fn a_ring_is_read_as_it_is_written() {
        let dice = Dice::new(1);
        let mut ring = Ring::random(&dice);
        ring.begin(7, EpochKey::random(2, &dice));
        ring.erased.insert(RecordId([0; 16]));
        let read = Ring::decode(&ring.encode()).unwrap();
        assert_eq!(secrets(&read), secrets(&ring));
        assert_eq!((&read.pending, &read.erased), (&ring.pending, &ring.erased));
    }

    #[test]
    fn a_ring_that_is_not_whole_is_refused() {
        let mut bytes = Ring::random(&Dice::new(1)).encode();
        assert!(Ring::decode(&bytes[..bytes.len() - 1]).is_none());
        bytes[4] = 0x0f;
        assert!(Ring::decode(&bytes).is_none());
    }

    #[test]
    fn a_wrapped_key_is_bound_to_its_record_and_epoch() {
        let dice = Dice::new(1);
        let key = EpochKey::random(3, &dice);
        let (ada, bob) = (RecordId([1; 16]), RecordId([2; 16]));
        let row = key.wrap(ada, &[5; 32], &dice);
        assert_eq!(key.unwrap(ada, &row).as_deref(), Some(&[5; 32]));
        assert_eq!(key.unwrap(bob, &row), None);
        assert_eq!(key.unwrap(ada, &KeyRow { epoch: 4, ..row }), None);
        assert_eq!(EpochKey::random(3, &dice).unwrap(ada, &row), None);
    }

    #[test]
    fn a_destroyed_epoch_is_in_no_written_ring() {
        let dice = Dice::new(1);
        let mut ring = Ring::random(&dice);
        let old = *ring.shard(7).key.secret;
        let holds = |ring: &Ring| ring.encode().windows(KEY).any(|window| window == old);
        ring.begin(7, EpochKey::random(2, &dice));
        assert!(holds(&ring));
        ring.settle(7, 2, None);
        assert!(!holds(&ring));
        assert!(ring.pending.is_empty());
    }
}
