//! C2SP tlog-checkpoint: a log's size and root, signed.

use super::note::{NoteError, Signer, Verifier};
use super::tree::Hash;
use std::fmt;

/// What a log says of itself at one moment. Written as the text of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log; the name of its key.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// Root of the tree of that size.
    pub root: Hash,
    /// Further lines, opaque, none of them empty.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// The signed note.
    pub fn sign(&self, signer: &Signer) -> String {
        debug_assert_eq!(self.origin, signer.verifier().name(), "a log signs for itself");
        signer.sign(&self.to_string())
    }

    /// Reads a signed checkpoint, if the log that `verifier` names has signed it.
    ///
    /// # Errors
    ///
    /// What [`Verifier::open`] says of the note; [`NoteError::Malformed`] when its text is no
    /// checkpoint; [`NoteError::OtherLog`] when its origin is not the key's name.
    pub fn open(note: &str, verifier: &Verifier) -> Result<Self, NoteError> {
        let checkpoint = Self::parse(verifier.open(note)?)?;
        if checkpoint.origin == verifier.name() { Ok(checkpoint) } else { Err(NoteError::OtherLog) }
    }

    /// Reads the text of a checkpoint, without a signature.
    ///
    /// # Errors
    ///
    /// [`NoteError::Malformed`] when it is not of the form.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let text = text.strip_suffix('\n').ok_or(NoteError::Malformed("the last line is cut"))?;
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(NoteError::Malformed("a checkpoint has three lines"));
        };
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if origin.is_empty() || extensions.iter().any(String::is_empty) {
            return Err(NoteError::Malformed("a line of the checkpoint is empty"));
        }
        let size = decimal(size).ok_or(NoteError::Malformed("the size is no plain number"))?;
        let root = Hash::parse(root).ok_or(NoteError::Malformed("the root is no hash"))?;
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A number without sign or leading zeroes.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The specification's example text.
    const TEXT: &str = "example.com/behind-the-sofa\n20852163\n\
                        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_example_of_the_specification_is_read_and_written() {
        let checkpoint = Checkpoint::parse(TEXT).unwrap();
        assert_eq!(
            (&*checkpoint.origin, checkpoint.size),
            ("example.com/behind-the-sofa", 20_852_163)
        );
        assert_eq!(checkpoint.to_string(), TEXT);
        let extended = format!("{TEXT}one line\nanother\n");
        let checkpoint = Checkpoint::parse(&extended).unwrap();
        assert_eq!(checkpoint.extensions, ["one line", "another"]);
        assert_eq!(checkpoint.to_string(), extended);
    }

    #[test]
    fn what_was_signed_opens_and_nothing_else() {
        let signer = Signer::from_seed("example.com/behind-the-sofa", &[1; 32]).unwrap();
        let note = Checkpoint::parse(TEXT).unwrap().sign(&signer);
        let opened = Checkpoint::open(&note, signer.verifier());
        assert_eq!(opened, Checkpoint::parse(TEXT));
        let other = Signer::from_seed("example.com/other", &[1; 32]).unwrap();
        assert_eq!(Checkpoint::open(&note, other.verifier()), Err(NoteError::Unsigned));
        let posing = other.sign(TEXT);
        assert_eq!(Checkpoint::open(&posing, other.verifier()), Err(NoteError::OtherLog));
        let bytes = note.as_bytes();
        for place in 0..bytes.len() {
            for flip in [1, 0x20] {
                let mut altered = bytes.to_vec();
                altered[place] ^= flip;
                let Ok(altered) = String::from_utf8(altered) else { continue };
                assert!(Checkpoint::open(&altered, signer.verifier()).is_err(), "byte {place}");
            }
        }
    }

    #[test]
    fn texts_not_of_the_form_are_refused() {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
        for text in [
            String::new(),
            "\n".to_owned(),
            "log\n1\n".to_owned(),
            format!("log\n1\n{root}"),
            format!("\n1\n{root}\n"),
            format!("log\n01\n{root}\n"),
            format!("log\n+1\n{root}\n"),
            format!("log\n-1\n{root}\n"),
            format!("log\n18446744073709551616\n{root}\n"),
            format!("log\n1\n{root}\n\n"),
            format!("log\n1\n{}\n", root.trim_end_matches('=')),
            "log\n1\nAAAA\n".to_owned(),
        ] {
            assert!(matches!(Checkpoint::parse(&text), Err(NoteError::Malformed(_))), "{text:?}");
        }
    }
}
