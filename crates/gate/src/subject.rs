//! Customers who are there themselves: links, sessions, and the proof that somebody holds one.
//!
//! INVARIANT: the store keeps hashes of what opens a door, never what opens it; a link is spent by the
//! commit that makes its session, so it opens once.

use crate::gate::{ATTEMPTS_MAX, Gate};
use crate::knock::KNOCKS;
use crate::outcome::Refusal;
use crate::permit::{Permit, SubjectAccess};
use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{RecordId, Sensitive, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use store::{Batch, StoreError, Table, View, limits};

/// Links and sessions, under the record they are of, by the first half of their hash.
pub(crate) const DOORS: Table<RecordId, [u8; 16], DoorRow> = store::table!("doors", 1);

/// How long a session lasts.
pub const SESSION_MS: i64 = 60 * 60_000;

/// How long a link lasts, at most.
pub const LINK_MS_MAX: i64 = 30 * 24 * 60 * 60_000;

/// How many doors of one kind one record has, at most: the oldest give way.
const DOORS_MAX: usize = 32;

/// Bytes of what opens a door: 256 bits of chance.
pub(crate) const SECRET: usize = 32;

/// One link or session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DoorRow {
    /// SHA-256 of what opens it.
    pub(crate) hash: [u8; 32],
    pub(crate) kind: DoorKind,
    pub(crate) made: Timestamp,
    pub(crate) ends: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DoorKind {
    /// Opens once, and becomes a session.
    Link,
    /// Opens until it ends.
    Session,
    /// Stands for a code (`gate.knocks`), so that it goes when the record goes.
    Code,
    /// Opens until it ends, and shows the contract only.
    Contract,
    /// A brand's word that was taken: it is not taken again before it ends.
    Spent,
}

/// A customer who is there: whoever holds a session of one of their records. Only the gate makes one.
#[derive(Debug)]
pub struct Subject {
    record: RecordId,
    /// The session's place among the record's doors.
    door: [u8; 16],
    /// Carried by forms, so that only pages of this session change anything.
    form_token: String,
}

impl Subject {
    /// The record that the session is of.
    pub const fn record(&self) -> RecordId {
        self.record
    }

    /// What a form of this session carries.
    pub fn form_token(&self) -> &str {
        &self.form_token
    }

    /// Whether a form carries this session's token. Compares in constant time.
    pub fn owns_form(&self, token: &str) -> bool {
        let (own, token) = (self.form_token.as_bytes(), token.as_bytes());
        constant_time::verify_slices_are_equal(own, token).is_ok()
    }
}

/// Why a door does not open. It does not say which: whoever guesses learns nothing.
#[derive(Debug)]
pub enum NoEntry {
    /// Unknown, spent, ended, or its record is gone.
    Closed,
    /// The store failed.
    Store(StoreError),
}

impl fmt::Display for NoEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("this link or session has ended"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoEntry {}

impl From<StoreError> for NoEntry {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What opens a door: a record and a secret.
pub(crate) struct Token {
    pub(crate) record: RecordId,
    secret: [u8; SECRET],
}

impl Token {
    #[expect(clippy::disallowed_methods, reason = "read into bytes that are hashed and compared")]
    pub(crate) fn read(text: &Sensitive<String>) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.reveal()).ok()?;
        let (record, secret) = bytes.split_first_chunk::<16>()?;
        Some(Self { record: RecordId(*record), secret: secret.try_into().ok()? })
    }

    fn written(&self) -> Sensitive<String> {
        let bytes = [self.record.0.as_slice(), &self.secret].concat();
        Sensitive::new(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        sha256(&self.secret)
    }

    /// What forms carry: it follows from the secret and does not lead back to it.
    pub(crate) fn form(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.secret);
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, b"bonafide form").as_ref())
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

pub(crate) fn place(hash: &[u8; 32]) -> [u8; 16] {
    let mut place = [0; 16];
    place.iter_mut().zip(hash).for_each(|(place, byte)| *place = *byte);
    place
}

impl Gate {
    /// Makes a link through which a customer comes to their own data, good once within `lasts_ms`.
    /// The permit says that whoever asks may give access, and is how the customer learns who did.
    ///
    /// # Errors
    ///
    /// [`Refusal::Stale`] when the contract has changed since; what the store says.
    pub fn link(
        &self,
        permit: Permit<SubjectAccess>,
        lasts_ms: i64,
    ) -> Result<Sensitive<String>, Refusal> {
        let record = RecordId::from(permit.person());
        let view = self.store.read()?;
        self.spend(permit, &view)?;
        drop(view);
        Ok(self.new_door(record, DoorKind::Link, lasts_ms.clamp(1, LINK_MS_MAX))?)
    }

    /// Spends a link for a session. Of two who try at once, one comes in.
    ///
    /// # Errors
    ///
    /// [`NoEntry`].
    pub fn enter(&self, link: &Sensitive<String>) -> Result<Sensitive<String>, NoEntry> {
        for _ in 0..ATTEMPTS_MAX {
            let view = self.store.read()?;
            let token = Token::read(link).ok_or(NoEntry::Closed)?;
            let hash = token.hash();
            let row = self.open_door(&view, &token, &hash, DoorKind::Link)?;
            let mut batch = Batch::default();
            batch.check(&DOORS, &token.record, &place(&hash), Some(row));
            batch.delete(&DOORS, &token.record, &place(&hash));
            let session = self.stage_door(&mut batch, token.record, DoorKind::Session, SESSION_MS);
            match self.store.commit(batch) {
                Ok(()) => return Ok(session),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(NoEntry::Closed)
    }

    /// The customer who holds a session.
    ///
    /// # Errors
    ///
    /// [`NoEntry`].
    pub fn subject(&self, session: &Sensitive<String>) -> Result<Subject, NoEntry> {
        let view = self.store.read()?;
        let token = Token::read(session).ok_or(NoEntry::Closed)?;
        let hash = token.hash();
        self.open_door(&view, &token, &hash, DoorKind::Session)?;
        Ok(Subject { record: token.record, door: place(&hash), form_token: token.form() })
    }

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn leave(&self, subject: &Subject) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        batch.delete(&DOORS, &subject.record, &subject.door);
        self.store.commit(batch)
    }

    /// The version of a door's row, if it opens.
    pub(crate) fn open_door(
        &self,
        view: &View<'_>,
        token: &Token,
        hash: &[u8; 32],
        kind: DoorKind,
    ) -> Result<store::Version, NoEntry> {
        let row = view.get(&DOORS, &token.record, &place(hash))?.ok_or(NoEntry::Closed)?;
        let same = constant_time::verify_slices_are_equal(&row.value.hash, hash).is_ok();
        let open = same && row.value.kind == kind && self.clock.now() < row.value.ends;
        if open { Ok(row.version) } else { Err(NoEntry::Closed) }
    }

    pub(crate) fn new_door(
        &self,
        record: RecordId,
        kind: DoorKind,
        lasts_ms: i64,
    ) -> Result<Sensitive<String>, StoreError> {
        let mut batch = Batch::default();
        self.stage_cleared(&mut batch, record, kind)?;
        let token = self.stage_door(&mut batch, record, kind, lasts_ms);
        self.store.commit(batch)?;
        Ok(token)
    }

    /// Adds the end of what has ended to a batch, and of the oldest doors of a kind where there are too
    /// many of it: who makes doors of one kind pushes out none of another.
    pub(crate) fn stage_cleared(
        &self,
        batch: &mut Batch,
        record: RecordId,
        kind: DoorKind,
    ) -> Result<(), StoreError> {
        let view = self.store.read()?;
        let doors = view.range(&DOORS, &record, None, limits::PAGE_MAX)?;
        let now = self.clock.now();
        let (mut open, ended): (Vec<_>, Vec<_>) =
            doors.into_iter().partition(|(_, row)| row.value.ends > now);
        open.retain(|(_, row)| row.value.kind == kind);
        open.sort_by_key(|(_, row)| row.value.made);
        let over = (open.len() + 1).saturating_sub(DOORS_MAX);
        for (at, row) in ended.iter().chain(open.iter().take(over)) {
            stage_door_gone(batch, record, at, row.value.kind);
        }
        Ok(())
    }

    pub(crate) fn stage_door(
        &self,
        batch: &mut Batch,
        record: RecordId,
        kind: DoorKind,
        lasts_ms: i64,
    ) -> Sensitive<String> {
        let token = Token { record, secret: self.secret() };
        let (hash, made) = (token.hash(), self.clock.now());
        let row = DoorRow { hash, kind, made, ends: made.plus_ms(lasts_ms) };
        batch.put(&DOORS, &record, &place(&hash), &row);
        token.written()
    }

    /// What nobody guesses.
    pub(crate) fn secret(&self) -> [u8; SECRET] {
        let mut secret = [0; SECRET];
        self.rng.fill(&mut secret);
        secret
    }

    /// Adds the end of all links, codes and sessions of a record to a batch.
    pub(crate) fn stage_doors_gone(
        view: &View<'_>,
        batch: &mut Batch,
        record: RecordId,
    ) -> Result<(), StoreError> {
        for (at, row) in view.range(&DOORS, &record, None, limits::PAGE_MAX)? {
            stage_door_gone(batch, record, &at, row.value.kind);
        }
        Ok(())
    }
}

pub(crate) fn stage_door_gone(batch: &mut Batch, record: RecordId, at: &[u8; 16], kind: DoorKind) {
    batch.delete(&DOORS, &record, at);
    if kind == DoorKind::Code {
        batch.delete(&KNOCKS, at, &());
    }
}
