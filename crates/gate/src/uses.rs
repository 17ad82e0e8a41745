//! What was done with whose data: rows for people to read, leaves for the ledger to prove.

use crate::Outcome;
use crate::contract::{Method, Standing, Voice};
use crate::notice::{Language, NoticeHash};
use crate::permit::UseKind;
use crate::policy::Categories;
use aws_lc_rs::hmac;
use model::{Bit, Grant, Jurisdiction, Purpose, RecordId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Batch, StoreError, Table, View};

/// Uses of one person's data, under the record whose id the person had then.
pub(crate) const USES: Table<RecordId, (Timestamp, [u8; 8]), UseRow> = store::table!("uses", 1);

/// Uses of many people's data at once, by day since the epoch.
pub(crate) const COHORT_USES: Table<u32, (Timestamp, [u8; 8]), CohortUseRow> =
    store::table!("cohort_uses", 1);

/// Evidence of what customers said, under the record they said it on.
pub(crate) const SIGNALS: Table<RecordId, (Timestamp, [u8; 8]), SignalRow> =
    store::table!("signals", 3);

/// One use, or one refusal, of one person's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseRow {
    /// What was done.
    pub kind: UseKind,
    /// Why.
    pub purpose: Purpose,
    /// The grant it stands on, where the purpose has one.
    pub bit: Option<Bit>,
    /// Who asked.
    pub service: String,
    /// How the gate answered.
    pub outcome: Outcome,
    /// Which kinds of data it could see.
    pub categories: Categories,
    /// The index of the ledger entry that commits to this row.
    pub entry: u64,
}

/// One use of many people's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CohortUseRow {
    /// What was done.
    pub kind: UseKind,
    /// Why.
    pub purpose: Purpose,
    /// The grant it stands on.
    pub bit: Option<Bit>,
    /// Who asked.
    pub service: String,
    /// How the gate answered.
    pub outcome: Outcome,
    /// How many people.
    pub people: u64,
    /// Their ordinals, as a serialised roaring bitmap.
    pub members: Vec<u8>,
    /// The index of the ledger entry that commits to this row.
    pub entry: u64,
}

/// The evidence of one signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalRow {
    /// About which grant.
    pub bit: Bit,
    /// The same in words: what the ledger commits to.
    pub grant: Grant,
    /// The notice it was said under, where that is known.
    pub notice: Option<NoticeHash>,
    /// The language it was said in, where that is known.
    pub language: Option<Language>,
    /// SHA-256 of what shows it, such as a consent string, where there is such a thing.
    pub evidence: Option<[u8; 32]>,
    /// Yes or no.
    pub allowed: bool,
    /// How it reached us.
    pub method: Method,
    /// Through which source.
    pub source: SourceId,
    /// How sure it is that the customer said it.
    pub standing: Standing,
    /// Who said it, and where.
    pub voice: Voice,
    /// Under whose law the customer was, as the record knew.
    pub place: Jurisdiction,
    /// When it arrived.
    pub received: Timestamp,
    /// The index of the ledger entry that commits to this row.
    pub entry: u64,
}

/// What a leaf is about. Numbers are part of the ledger's format; those of uses are
/// [`UseKind`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LeafKind {
    /// A use of one person's data.
    Use = 1,
    /// A use of a cohort's data.
    CohortUse = 2,
    /// A consent signal.
    Signal = 3,
    /// An erasure.
    Erasure = 4,
    /// A link asserted or cut.
    Link = 5,
    /// A step of a request by right.
    Request = 6,
    /// A restriction that began or ended.
    Restriction = 7,
    /// A value that the customer corrected.
    Correction = 8,
}

/// Gives each record's own key for ledger commitments. Destroying the record destroys the key, so
/// that nobody can connect the ledger's entries with it any more.
pub trait LedgerKeys: Send + Sync + std::fmt::Debug {
    /// The keys of `records`, in their order; nothing for a record without a key.
    fn ledger_keys(
        &self,
        view: &View<'_>,
        records: &[RecordId],
    ) -> Result<Vec<Option<[u8; 32]>>, StoreError>;
}

/// What a room keeps under a record. Rooms that keep something and that `people` does not know are told to
/// the gate when the house is wired, so that an erasure takes theirs along in its one commit.
pub trait KeptByRecord: Send + Sync + std::fmt::Debug {
    /// Adds the deletion of everything kept under a record to a batch.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn stage_erased(
        &self,
        view: &View<'_>,
        batch: &mut Batch,
        record: RecordId,
    ) -> Result<(), StoreError>;
}

/// The key of one row's commitment, which follows from the record's key and leads neither back to it nor
/// to that of another row: whoever is given it can open this row, and only this.
pub(crate) fn row_key(key: &[u8; 32], nonce: &[u8]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let tag = hmac::sign(&key, &[b"bonafide row", nonce].concat());
    let mut out = [0; 32];
    out.iter_mut().zip(tag.as_ref()).for_each(|(byte, of)| *byte = *of);
    out
}

/// The bytes of a leaf: `"bf1"`, kind, detail, purpose, time (big-endian milliseconds), and a
/// commitment to the row: HMAC-SHA-256 of its bytes under `key`, the row's own.
pub(crate) fn leaf(
    kind: LeafKind,
    detail: u8,
    purpose: Purpose,
    at: Timestamp,
    key: &[u8; 32],
    row: &[u8],
) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut bytes = Vec::with_capacity(46);
    bytes.extend_from_slice(b"bf1");
    bytes.extend_from_slice(&[kind as u8, detail, purpose as u8]);
    bytes.extend_from_slice(&at.0.to_be_bytes());
    bytes.extend_from_slice(hmac::sign(&key, row).as_ref());
    bytes
}

/// The bytes of a row that a leaf commits to: everything but the entry's own index.
pub(crate) fn row_bytes<T: Serialize>(row: &T, nonce: [u8; 8]) -> Result<Vec<u8>, StoreError> {
    let mut bytes = postcard::to_stdvec(row)
        .map_err(|_| StoreError::Corrupt("a use row cannot be written".to_owned()))?;
    bytes.extend_from_slice(&nonce);
    Ok(bytes)
}
