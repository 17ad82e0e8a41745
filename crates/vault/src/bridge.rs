//! Bridges: the keys of a shard's survivors at its last shredding, kept beside the shard's key so
//! that a store restored from before it can be read, but for whom it erased.

use crate::VaultError;
use crate::cipher::{KEY, NONCE, TAG};
use crate::file::{self, Envelope, Magic, Parts};
use crate::keys::Keys;
use crate::row::KeyRow;
use model::RecordId;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

const MAGIC: Magic = *b"bonafide bridge\n";

/// The wrapped keys of one shard's survivors.
#[derive(Debug)]
pub(crate) struct Bridge {
    /// The epoch that the shredding began: that of all keys here.
    pub(crate) epoch: u32,
    pub(crate) keys: BTreeMap<RecordId, KeyRow>,
}

impl Bridge {
    /// The bridge of a shard; nothing when it was never shredded in.
    pub(crate) fn read(keys: &Keys, shard: u16) -> Result<Option<Self>, VaultError> {
        let (path, cipher) = keys.bridge(shard);
        file::remove_unfinished(&path)?;
        let Some(bytes) = file::read(&path)? else { return Ok(None) };
        let envelope = Envelope::read(&path, MAGIC, &bytes)?;
        let body = envelope.open(cipher)?;
        let bridge = decode(shard, envelope.head, &body);
        bridge.map(Some).ok_or(VaultError::FileDamaged(path))
    }

    pub(crate) fn write(&self, keys: &Keys, shard: u16) -> Result<(), VaultError> {
        let (path, cipher) = keys.bridge(shard);
        let head = [&shard.to_be_bytes()[..], &self.epoch.to_be_bytes()].concat();
        let mut body = Vec::with_capacity(self.keys.len() * (16 + NONCE + KEY + TAG));
        for (record, row) in &self.keys {
            body.extend_from_slice(&record.0);
            body.extend_from_slice(&row.nonce);
            body.extend_from_slice(&row.key);
            body.extend_from_slice(&row.tag);
        }
        let bytes = file::seal(MAGIC, &head, Zeroizing::new(body), cipher, keys.rng());
        file::replace(&path, &bytes)
    }
}

fn decode(shard: u16, head: &[u8], body: &[u8]) -> Option<Bridge> {
    let mut head = Parts(head);
    let (of, epoch) = (head.u16()?, head.u32()?);
    let mut body = Parts(body);
    let mut keys = BTreeMap::new();
    while !body.0.is_empty() {
        let record = RecordId(body.array()?);
        let row = KeyRow { epoch, nonce: body.array()?, key: body.array()?, tag: body.array()? };
        keys.insert(record, row);
    }
    (of == shard && head.0.is_empty()).then_some(Bridge { epoch, keys })
}
