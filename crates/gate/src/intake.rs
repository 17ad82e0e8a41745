//! The gate's part in a commit that takes data in: contracts, signals, the use they are.

use crate::among::{CohortUse, written};
use crate::contract::{CONTRACTS, Contract, Method, Signal};
use crate::gate::Gate;
use crate::log::{Appended, LedgerError};
use crate::notice::{Language, NoticeHash};
use crate::outcome::Outcome;
use crate::permit::UseKind;
use crate::uses::{CohortUseRow, LeafKind, SIGNALS, SignalRow, leaf, row_bytes, row_key};
use model::{Jurisdiction, PersonId, Purpose, RecordId, SourceId, Timestamp};
use roaring::RoaringBitmap;
use store::{Batch, StoreError, Version};

/// How something was said: what a receipt can tell of it besides what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// How it reached us.
    pub method: Method,
    /// The notice it was said under, where that is known.
    pub notice: Option<NoticeHash>,
    /// The language it was said in, where that is known.
    pub language: Option<Language>,
    /// SHA-256 of what shows it, such as a consent string, where there is such a thing.
    pub evidence: Option<[u8; 32]>,
}

impl Manner {
    /// Of which no more is known than how it reached us.
    pub const fn by(method: Method) -> Self {
        Self { method, notice: None, language: None, evidence: None }
    }
}

/// One signal with where it came from.
#[derive(Clone, Debug)]
pub struct SignalFact {
    /// The record it was said on.
    pub record: RecordId,
    /// What was said.
    pub signal: Signal,
    /// How it was said.
    pub manner: Manner,
    /// Through which source.
    pub source: SourceId,
    /// Under whose law the customer is, as the record knows.
    pub place: Jurisdiction,
    /// When it arrived.
    pub received: Timestamp,
    /// The record's key for ledger commitments.
    pub key: [u8; 32],
}

/// What a commit that is not a read did, for the ledger.
#[derive(Debug)]
pub struct Work {
    /// What was done.
    pub kind: UseKind,
    /// Why.
    pub purpose: Purpose,
    /// Who did it: a source or a service.
    pub service: String,
    /// The ordinals of the people it touched.
    pub people: RoaringBitmap,
    /// What customers said.
    pub signals: Vec<SignalFact>,
    /// Leaves for rows of other rooms: asserted links, erasures.
    pub leaves: Vec<Vec<u8>>,
}

impl Gate {
    /// A number for a new person in cohort bitmaps.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn new_ordinal(&self) -> Result<u32, StoreError> {
        self.ordinals.lock().take(&self.store)
    }

    /// Adds a new or changed contract to a batch, to hold only if it is still as seen.
    pub fn stage_contract(
        &self,
        batch: &mut Batch,
        person: PersonId,
        contract: &Contract,
        seen: Option<Version>,
    ) {
        batch.check(&CONTRACTS, &person, &(), seen);
        batch.put(&CONTRACTS, &person, &(), contract);
    }

    /// Adds the end of a contract to a batch: the person was merged, or erased.
    pub fn stage_retired(&self, batch: &mut Batch, person: PersonId, seen: Option<Version>) {
        batch.check(&CONTRACTS, &person, &(), seen);
        batch.delete(&CONTRACTS, &person, &());
    }

    /// Applies a batch together with the ledger's account of it: both or neither. Visible when it
    /// returns; acknowledge only after [`Self::sync`].
    ///
    /// # Errors
    ///
    /// A conflict ([`LedgerError::is_conflict`]) when something checked has changed: nothing was
    /// written, decide again. Otherwise what the ledger says.
    pub fn record(&self, work: Work, batch: Batch) -> Result<Appended, LedgerError> {
        self.record_all(vec![work], batch)
    }

    /// As [`Self::record`], for several works that share a commit. Each is a use of its own in the ledger,
    /// by its own service and of its own people: that they were written together is nobody's concern.
    ///
    /// # Errors
    ///
    /// As [`Self::record`].
    pub fn record_all(&self, works: Vec<Work>, mut batch: Batch) -> Result<Appended, LedgerError> {
        let now = self.clock.now();
        let mut leaves = Vec::with_capacity(2 * works.len());
        let accounts: Result<Vec<_>, StoreError> =
            works.into_iter().map(|work| self.account(work, now, &mut leaves)).collect();
        let accounts = accounts?;
        for account in &accounts {
            account.used.stage_places(&mut batch, now);
        }
        self.ledger.append_with(leaves, now, |first| {
            for account in accounts {
                account.stage(&mut batch, now, first);
            }
            batch
        })
    }

    /// The rows of one work; adds its leaves to those of the commit.
    fn account(
        &self,
        work: Work,
        now: Timestamp,
        commit: &mut Vec<Vec<u8>>,
    ) -> Result<Account, StoreError> {
        let Work { kind, purpose, service, people, signals, leaves } = work;
        let row = CohortUseRow {
            kind,
            purpose,
            bit: self.grants.whole(purpose),
            service,
            outcome: Outcome::Permitted,
            people: people.len(),
            members: written(&people)?,
            entry: 0,
        };
        let (nonce, leaf) = self.cohort_leaf(&row, now)?;
        let used_at = commit.len() as u64;
        let used = CohortUse::of(row, nonce, &people)?;
        commit.push(leaf);
        commit.extend(leaves);
        let mut said = Vec::with_capacity(signals.len());
        for fact in &signals {
            let (nonce, row) = self.signal_row(fact)?;
            let leaf = signal_leaf(fact, &row, nonce)?;
            let row = SignalRow { entry: commit.len() as u64, ..row };
            commit.push(leaf);
            said.push((fact.record, (fact.signal.at, nonce), row));
        }
        Ok(Account { used, used_at, said })
    }

    /// Returns once what was recorded is on disk.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    pub fn sync(&self, appended: &Appended) -> Result<(), LedgerError> {
        self.ledger.sync(appended)
    }

    fn signal_row(&self, fact: &SignalFact) -> Result<([u8; 8], SignalRow), StoreError> {
        let mut nonce = [0; 8];
        self.rng.fill(&mut nonce);
        let SignalFact { signal, manner, source, place, received, .. } = fact;
        let Manner { method, notice, language, evidence } = *manner;
        let grant = self.grants.grant(signal.bit);
        let unknown = || StoreError::Corrupt("a signal about no registered grant".to_owned());
        let row = SignalRow {
            bit: signal.bit,
            grant: grant.ok_or_else(unknown)?.clone(),
            notice,
            language,
            evidence,
            allowed: signal.allowed,
            method,
            source: *source,
            standing: signal.standing,
            voice: signal.voice,
            place: *place,
            received: *received,
            entry: 0,
        };
        Ok((nonce, row))
    }
}

/// What is written about one work. Entries count from the first of the commit.
struct Account {
    used: CohortUse,
    used_at: u64,
    said: Vec<(RecordId, (Timestamp, [u8; 8]), SignalRow)>,
}

impl Account {
    fn stage(self, batch: &mut Batch, now: Timestamp, first: u64) {
        self.used.stage_row(batch, now, first + self.used_at);
        for (record, sort, row) in self.said {
            let row = SignalRow { entry: first + row.entry, ..row };
            batch.put(&SIGNALS, &record, &sort, &row);
        }
    }
}

fn signal_leaf(fact: &SignalFact, row: &SignalRow, nonce: [u8; 8]) -> Result<Vec<u8>, StoreError> {
    let bytes = row_bytes(row, nonce)?;
    let key = row_key(&fact.key, &nonce);
    Ok(signed_leaf(row, fact.signal.at, &key, &bytes))
}

/// The leaf of a signal's row, of which `bytes` are what it commits to.
pub(crate) fn signed_leaf(row: &SignalRow, at: Timestamp, key: &[u8; 32], bytes: &[u8]) -> Vec<u8> {
    leaf(LeafKind::Signal, u8::from(row.allowed), row.grant.purpose, at, key, bytes)
}

/// The leaf of a change of links or of an erasure: kind, time, and a commitment to `row`.
pub fn event_leaf(kind: LeafKind, at: Timestamp, key: &[u8; 32], row: &[u8]) -> Vec<u8> {
    leaf(kind, 0, Purpose::Operations, at, &event_key(kind, at, key), row)
}

/// The key of such a leaf's commitment.
pub(crate) fn event_key(kind: LeafKind, at: Timestamp, key: &[u8; 32]) -> [u8; 32] {
    row_key(key, &[&[kind as u8][..], &at.0.to_be_bytes()].concat())
}
