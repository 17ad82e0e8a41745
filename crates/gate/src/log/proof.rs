//! C2SP tlog-proof: everything needed to check offline that an entry is in a log.

use super::checkpoint::{Checkpoint, decimal};
use super::note::{NoteError, Verifier};
use super::tree::{Hash, inclusion_holds};
use std::fmt;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// That an entry stands at a place in a log. Written as a `.tlog-proof` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Where the entry stands, from 0.
    pub index: u64,
    /// From the entry's sibling up to the root's child.
    pub path: Vec<Hash>,
    /// The log's signed checkpoint.
    pub checkpoint: String,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// Proof or checkpoint are malformed or not signed by the log.
    Note(NoteError),
    /// All is in form, but the entry is not the one at that place.
    NotIncluded,
}

impl Proof {
    /// Reads a `.tlog-proof`. An `extra` line is skipped: nothing authenticates it.
    ///
    /// # Errors
    ///
    /// [`NoteError::Malformed`] when it is not of the form. The checkpoint is not looked at.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or(NoteError::Malformed("no checkpoint follows"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(NoteError::Malformed("not a tlog-proof of version 1"));
        }
        lines.next_if(|line| line.starts_with("extra "));
        let index = lines.next().and_then(|line| decimal(line.strip_prefix("index ")?));
        let index = index.ok_or(NoteError::Malformed("the index is no plain number"))?;
        let path: Option<Vec<Hash>> = lines.take(65).map(Hash::parse).collect();
        let path = path.filter(|path| path.len() <= 64);
        let path = path.ok_or(NoteError::Malformed("the path is not of hashes"))?;
        Ok(Self { index, path, checkpoint: checkpoint.to_owned() })
    }

    /// Checks that `entry` is in the log that `verifier` names, and returns the checkpoint that
    /// says so.
    ///
    /// # Errors
    ///
    /// [`ProofError::Note`] when the checkpoint is not the log's; [`ProofError::NotIncluded`]
    /// when the path does not lead from the entry to the checkpoint's root.
    pub fn verify(&self, entry: &[u8], verifier: &Verifier) -> Result<Checkpoint, ProofError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, verifier).map_err(ProofError::Note)?;
        let leaf = Hash::leaf(entry);
        if inclusion_holds(leaf, self.index, checkpoint.size, &self.path, checkpoint.root) {
            Ok(checkpoint)
        } else {
            Err(ProofError::NotIncluded)
        }
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}\nindex {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(error) => write!(f, "the proof is refused: {error}"),
            Self::NotIncluded => {
                f.write_str("the proof is not for this entry: compare the entry byte by byte")
            }
        }
    }
}

impl std::error::Error for ProofError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::note::Signer;

    #[test]
    fn a_proof_is_written_read_and_believed() {
        let signer = Signer::from_seed("example.com/log", &[3; 32]).unwrap();
        let (left, right) = (Hash::leaf(b"left"), Hash::leaf(b"right"));
        let root = Hash::node(&left, &right);
        let checkpoint =
            Checkpoint { origin: "example.com/log".to_owned(), size: 2, root, extensions: vec![] };
        let checkpoint = checkpoint.sign(&signer);
        let proof = Proof { index: 1, path: vec![left], checkpoint: checkpoint.clone() };
        let text = proof.to_string();
        assert_eq!(text, format!("{FIRST_LINE}\nindex 1\n{left}\n\n{checkpoint}"));
        assert_eq!(Proof::parse(&text), Ok(proof.clone()));
        let extra = text.replace("\nindex", "\nextra AAAA\nindex");
        assert_eq!(Proof::parse(&extra), Ok(proof.clone()));
        assert_eq!(proof.verify(b"right", signer.verifier()).map(|it| it.size), Ok(2));
        assert_eq!(proof.verify(b"left", signer.verifier()), Err(ProofError::NotIncluded));
        let other = Signer::from_seed("example.com/log", &[4; 32]).unwrap();
        let refusal = ProofError::Note(NoteError::Unsigned);
        assert_eq!(proof.verify(b"right", other.verifier()), Err(refusal));
    }

    #[test]
    fn texts_not_of_the_form_are_refused() {
        let hash = Hash::EMPTY;
        for text in [
            String::new(),
            format!("{FIRST_LINE}\nindex 1\n{hash}\n"),
            "c2sp.org/tlog-proof@v2\nindex 1\n\nlog".to_owned(),
            format!("{FIRST_LINE}\nindex 01\n\nlog"),
            format!("{FIRST_LINE}\nindex\n\nlog"),
            format!("{FIRST_LINE}\n{hash}\nindex 1\n\nlog"),
            format!("{FIRST_LINE}\nindex 1\nAAAA\n\nlog"),
            format!("{FIRST_LINE}\nindex 1\n{}\nlog", format!("{hash}\n").repeat(65)),
        ] {
            assert!(matches!(Proof::parse(&text), Err(NoteError::Malformed(_))), "{text:?}");
        }
    }
}
