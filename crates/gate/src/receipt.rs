//! What a customer keeps: the row that a ledger entry commits to, the key of that one commitment, and the
//! proof that the entry is in the log. Whoever has these and the log's verifier key can check offline
//! what was said, or erased, and when; and nothing else about anybody.

use crate::intake::{event_key, signed_leaf};
use crate::log::{Checkpoint, NoteError, Proof, ProofError, Verifier};
use crate::rights::StepFact;
use crate::uses::{LeafKind, SignalRow, leaf, row_bytes, row_key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use model::{Purpose, RecordId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use store::StoreError;

/// What proves one entry. Binary parts are base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What the entry is about.
    pub kind: EvidenceKind,
    /// When it was said or done, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// What the entry commits to.
    pub row: String,
    /// The key of the commitment.
    pub key: String,
    /// The proof of inclusion with the signed checkpoint (C2SP tlog-proof).
    pub proof: String,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Something a customer said.
    Signal,
    /// The erasure of a record.
    Erasure,
    /// A step of a request by right.
    Request,
}

/// What evidence has proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// When it was said or done.
    pub at: Timestamp,
    /// What it is.
    pub fact: Fact,
    /// The entry.
    pub entry: u64,
    /// The checkpoint that vouches for it.
    pub checkpoint: Checkpoint,
}

/// What was said or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// This was said.
    Said(SignalRow),
    /// This record was erased.
    Erased(RecordId),
    /// This was done with a request.
    Asked(StepFact),
}

/// Why evidence proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptError {
    /// A part is not of its form: which.
    Malformed(&'static str),
    /// The proof is malformed, signed by somebody else, or for another entry.
    Proof(ProofError),
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(part) => write!(f, "the evidence's {part} is not of its form"),
            Self::Proof(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReceiptError {}

impl From<NoteError> for ReceiptError {
    fn from(error: NoteError) -> Self {
        Self::Proof(ProofError::Note(error))
    }
}

/// Bytes of the nonce at the end of a row.
const NONCE: usize = 8;

impl Evidence {
    pub(crate) fn of_signal(
        at: Timestamp,
        row: &SignalRow,
        nonce: [u8; NONCE],
        key: &[u8; 32],
        proof: &Proof,
    ) -> Result<Self, StoreError> {
        let row = row_bytes(&SignalRow { entry: 0, ..row.clone() }, nonce)?;
        let key = row_key(key, &nonce);
        Ok(Self::new(EvidenceKind::Signal, at, &row, &key, proof))
    }

    /// The evidence of a record's erasure. `key` is the record's key for ledger commitments, before it is
    /// destroyed.
    pub fn of_erasure(at: Timestamp, record: RecordId, key: &[u8; 32], proof: &Proof) -> Self {
        let key = event_key(LeafKind::Erasure, at, key);
        Self::new(EvidenceKind::Erasure, at, &record.0, &key, proof)
    }

    /// The evidence of a step of a request, whose bytes and record's key for ledger commitments are given.
    pub(crate) fn of_request(at: Timestamp, row: &[u8], key: &[u8; 32], proof: &Proof) -> Self {
        let key = event_key(LeafKind::Request, at, key);
        Self::new(EvidenceKind::Request, at, row, &key, proof)
    }

    fn new(kind: EvidenceKind, at: Timestamp, row: &[u8], key: &[u8; 32], proof: &Proof) -> Self {
        let (row, key) = (BASE64.encode(row), BASE64.encode(key));
        Self { kind, at_ms: at.0, row, key, proof: proof.to_string() }
    }

    /// Checks the evidence against the log that `verifier` names, asking nobody.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`].
    pub fn verify(&self, verifier: &Verifier) -> Result<Proven, ReceiptError> {
        let bytes =
            |text: &str, part| BASE64.decode(text).map_err(|_| ReceiptError::Malformed(part));
        let row = bytes(&self.row, "row")?;
        let key: [u8; 32] =
            bytes(&self.key, "key")?.try_into().map_err(|_| ReceiptError::Malformed("key"))?;
        let at = Timestamp(self.at_ms);
        let (fact, entry) = match self.kind {
            EvidenceKind::Signal => {
                let (said, nonce) = postcard::take_from_bytes::<SignalRow>(&row)
                    .map_err(|_| ReceiptError::Malformed("row"))?;
                if nonce.len() != NONCE {
                    return Err(ReceiptError::Malformed("row"));
                }
                let leaf = signed_leaf(&said, at, &key, &row);
                (Fact::Said(said), leaf)
            }
            EvidenceKind::Erasure => {
                let record = row.as_slice().try_into();
                let record = RecordId(record.map_err(|_| ReceiptError::Malformed("row"))?);
                let leaf = leaf(LeafKind::Erasure, 0, Purpose::Operations, at, &key, &row);
                (Fact::Erased(record), leaf)
            }
            EvidenceKind::Request => {
                let fact = postcard::from_bytes::<StepFact>(&row)
                    .map_err(|_| ReceiptError::Malformed("row"))?;
                let leaf = leaf(LeafKind::Request, 0, Purpose::Operations, at, &key, &row);
                (Fact::Asked(fact), leaf)
            }
        };
        let proof = Proof::parse(&self.proof)?;
        let checkpoint = proof.verify(&entry, verifier).map_err(ReceiptError::Proof)?;
        Ok(Proven { at, fact, entry: proof.index, checkpoint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Method, Standing, Voice};
    use crate::intake::event_leaf;
    use crate::log::{Hash, Signer};
    use model::{Bit, Grant, Jurisdiction, SourceId};

    #[test]
    fn a_receipt_proves_what_was_said_and_nothing_else() {
        let signer = Signer::from_seed("example.com/log", &[3; 32]).unwrap();
        let row = SignalRow {
            bit: Bit(3),
            grant: Grant::whole(Purpose::Marketing),
            notice: None,
            language: None,
            evidence: None,
            allowed: true,
            method: Method::PreferenceCentre,
            source: SourceId(1),
            standing: Standing::SignedIn,
            voice: Voice::House,
            place: Jurisdiction::EU,
            received: Timestamp(7),
            entry: 0,
        };
        let (at, nonce, key) = (Timestamp(6), [9; NONCE], [5; 32]);
        let bytes = row_bytes(&row, nonce).unwrap();
        let leaf = signed_leaf(&row, at, &row_key(&key, &nonce), &bytes);
        let erased = RecordId([4; 16]);
        let gone = event_leaf(LeafKind::Erasure, at, &key, &erased.0);
        let (left, right) = (Hash::leaf(&leaf), Hash::leaf(&gone));
        let origin = "example.com/log".to_owned();
        let root = Hash::node(&left, &right);
        let checkpoint = Checkpoint { origin, size: 2, root, extensions: vec![] }.sign(&signer);
        let proof =
            |index, beside| Proof { index, path: vec![beside], checkpoint: checkpoint.clone() };
        let said = Evidence::of_signal(at, &row, nonce, &key, &proof(0, right)).unwrap();
        let proven = said.verify(signer.verifier()).unwrap();
        assert_eq!((proven.fact, proven.entry, proven.at), (Fact::Said(row.clone()), 0, at));
        let certificate = Evidence::of_erasure(at, erased, &key, &proof(1, left));
        let proven = certificate.verify(signer.verifier()).unwrap();
        assert_eq!((proven.fact, proven.entry), (Fact::Erased(erased), 1));

        let refusal = Err(ReceiptError::Proof(ProofError::NotIncluded));
        let other = row_bytes(&SignalRow { allowed: false, ..row }, nonce).unwrap();
        let forged = Evidence { row: BASE64.encode(other), ..said.clone() };
        assert_eq!(forged.verify(signer.verifier()), refusal);
        assert_eq!(Evidence { at_ms: 5, ..said.clone() }.verify(signer.verifier()), refusal);
        let key = BASE64.encode(row_key(&[5; 32], &[8; NONCE]));
        assert_eq!(Evidence { key, ..said.clone() }.verify(signer.verifier()), refusal);
        for (row, key, proof) in [
            ("", &*said.key, &*said.proof),
            ("AAAA", &said.key, &said.proof),
            (&said.row, "AAAA", &said.proof),
            (&said.row, &said.key, "no proof"),
        ] {
            let (row, key, proof) = (row.to_owned(), key.to_owned(), proof.to_owned());
            assert!(
                Evidence { row, key, proof, ..said.clone() }.verify(signer.verifier()).is_err()
            );
        }
    }
}
