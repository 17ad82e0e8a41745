//! C2SP signed-note: a text and the signatures under it, Ed25519 only.

use super::tree::Hash;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::Rng;
use std::fmt;

/// The longest note that is looked at, bytes.
pub(super) const NOTE_MAX: usize = 64 << 10;

/// The most signatures a note may carry.
pub(super) const SIGNATURES_MAX: usize = 64;

/// The signature type byte of plain Ed25519.
const ED25519_TYPE: u8 = 1;

/// Why a note, a key or a checkpoint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// The text is not of the form; says what is wrong.
    Malformed(&'static str),
    /// Nobody we trust has signed it.
    Unsigned,
    /// The key we trust is named, but the signature is not its own.
    Forged,
    /// A key or its name is not of the form; says what is wrong.
    Key(&'static str),
    /// It speaks for another log.
    OtherLog,
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "malformed: {what}"),
            Self::Unsigned => f.write_str("not signed by the expected key: compare the keys"),
            Self::Forged => {
                f.write_str("the signature is wrong: the text or signature was altered")
            }
            Self::Key(what) => write!(f, "unusable key: {what}"),
            Self::OtherLog => f.write_str("it belongs to another log: compare the origins"),
        }
    }
}

impl std::error::Error for NoteError {}

/// Signs as one named key.
pub struct Signer {
    key: Ed25519KeyPair,
    verifier: Verifier,
}

/// A public key by name. Written as `name+key id in hex+base64(0x01 ‖ key)`, which is what goes
/// into configuration and `ledger.vkey`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    id: [u8; 4],
    key: [u8; 32],
}

impl Signer {
    /// The signer with an Ed25519 seed (RFC 8032 §5.1.5) and a name, which for a log is its origin.
    ///
    /// # Errors
    ///
    /// [`NoteError::Key`] when the name is empty or has spaces, `+` or control characters.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let key = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_| NoteError::Key("the seed is not of 32 bytes"))?;
        let public = key.public_key().as_ref().try_into();
        let public = public.map_err(|_| NoteError::Key("the public key is not of 32 bytes"))?;
        Ok(Self { verifier: Verifier::new(name, public)?, key })
    }

    /// A signer with a fresh seed, and the seed to keep.
    ///
    /// # Errors
    ///
    /// As [`Self::from_seed`].
    pub fn generate(name: &str, rng: &dyn Rng) -> Result<(Self, [u8; 32]), NoteError> {
        let mut seed = [0; 32];
        rng.fill(&mut seed);
        Ok((Self::from_seed(name, &seed)?, seed))
    }

    /// Whoever has this can check what this signer signed.
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The note: `text`, which ends in a newline, an empty line, and the signature line.
    pub fn sign(&self, text: &str) -> String {
        debug_assert!(text.ends_with('\n'), "the text of a note ends in a newline");
        let signature = self.key.sign(text.as_bytes());
        let stamped = STANDARD.encode([&self.verifier.id, signature.as_ref()].concat());
        format!("{text}\n\u{2014} {} {stamped}\n", self.verifier.name)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

impl Verifier {
    fn new(name: &str, key: [u8; 32]) -> Result<Self, NoteError> {
        let odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '+';
        if name.is_empty() || name.contains(odd) {
            return Err(NoteError::Key("a name is not empty and has no spaces and no plus"));
        }
        let Hash(hash) = Hash::over(&[name.as_bytes(), b"\n", &[ED25519_TYPE], &key]);
        let [a, b, c, d, ..] = hash;
        Ok(Self { name: name.to_owned(), id: [a, b, c, d], key })
    }

    /// Reads `name+id+key`.
    ///
    /// # Errors
    ///
    /// [`NoteError::Key`] when it is not of that form, not Ed25519, or the id is not the key's.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key("it is written name+id+key"));
        };
        let key = STANDARD.decode(key).map_err(|_| NoteError::Key("the key is not base64"))?;
        let Some((&ED25519_TYPE, key)) = key.split_first() else {
            return Err(NoteError::Key("only Ed25519 (type 1) is known"));
        };
        let key = key.try_into().map_err(|_| NoteError::Key("the key is not of 32 bytes"))?;
        let verifier = Self::new(name, key)?;
        if id != verifier.id_hex() {
            return Err(NoteError::Key("the id is not the key's"));
        }
        Ok(verifier)
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn id_hex(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id))
    }

    /// The text of a note, newline included, if this key has signed it. Signatures of other keys
    /// are ignored, as the specification asks.
    ///
    /// # Errors
    ///
    /// [`NoteError::Malformed`], [`NoteError::Unsigned`] or [`NoteError::Forged`].
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        let (text, lines) = split(note)?;
        let mut signed = false;
        for line in lines {
            let (name, stamped) = signature(line)?;
            let Some((id, signature)) = stamped.split_first_chunk::<4>() else {
                return Err(NoteError::Malformed("a signature is too short"));
            };
            if name != self.name || *id != self.id {
                continue;
            }
            UnparsedPublicKey::new(&ED25519, &self.key)
                .verify(text.as_bytes(), signature)
                .map_err(|_| NoteError::Forged)?;
            signed = true;
        }
        if signed { Ok(text) } else { Err(NoteError::Unsigned) }
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[ED25519_TYPE][..], &self.key].concat());
        write!(f, "{}+{}+{key}", self.name, self.id_hex())
    }
}

/// The text and the signature lines.
fn split(note: &str) -> Result<(&str, Vec<&str>), NoteError> {
    if note.len() > NOTE_MAX {
        return Err(NoteError::Malformed("the note is too long"));
    }
    if note.contains(|letter: char| letter < ' ' && letter != '\n') {
        return Err(NoteError::Malformed("the note has control characters"));
    }
    let (text, signatures) =
        note.rsplit_once("\n\n").ok_or(NoteError::Malformed("no empty line before signatures"))?;
    let text = note.get(..=text.len()).ok_or(NoteError::Malformed("no text"))?;
    let lines = signatures
        .strip_suffix('\n')
        .ok_or(NoteError::Malformed("the last line does not end"))?
        .split('\n')
        .collect::<Vec<_>>();
    if lines.len() > SIGNATURES_MAX {
        return Err(NoteError::Malformed("too many signatures"));
    }
    Ok((text, lines))
}

/// Name and decoded stamp of a signature line.
fn signature(line: &str) -> Result<(&str, Vec<u8>), NoteError> {
    let form = NoteError::Malformed("a signature line is not «— name base64»");
    let (name, stamped) =
        line.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' ')).ok_or(form)?;
    if name.is_empty() || name.contains(|letter: char| letter.is_whitespace() || letter == '+') {
        return Err(form);
    }
    Ok((name, STANDARD.decode(stamped).map_err(|_| form)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The worked example of golang.org/x/mod/sumdb/note, whose format the specification wrote down.
    const NAME: &str = "PeterNeumann";
    const SEED: &str = "YEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                        then you don't know what your problem is.\n";
    const LINE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN\
                        1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn signer() -> Signer {
        // The private key string holds base64(0x01 ‖ seed); its `A` belongs to the type byte.
        let key = STANDARD.decode(format!("A{SEED}")).unwrap();
        Signer::from_seed(NAME, key[1..].try_into().unwrap()).unwrap()
    }

    #[test]
    fn a_note_is_signed_and_opened_as_by_the_original() {
        assert_eq!(signer().sign(TEXT), format!("{TEXT}\n{LINE}"));
        assert_eq!(signer().verifier().to_string(), VKEY);
        let verifier = Verifier::parse(VKEY).unwrap();
        assert_eq!(verifier, *signer().verifier());
        assert_eq!(verifier.open(&format!("{TEXT}\n{LINE}")), Ok(TEXT));
    }

    #[test]
    fn signatures_of_strangers_are_ignored() {
        let stranger = Signer::from_seed("stranger", &[7; 32]).unwrap();
        let theirs = stranger.sign(TEXT).split_off(TEXT.len() + 1);
        let namesake = Signer::from_seed(NAME, &[8; 32]).unwrap();
        let namesakes = namesake.sign(TEXT).split_off(TEXT.len() + 1);
        let verifier = signer().verifier().clone();
        assert_eq!(verifier.open(&format!("{TEXT}\n{theirs}{LINE}{namesakes}")), Ok(TEXT));
        assert_eq!(verifier.open(&format!("{TEXT}\n{theirs}")), Err(NoteError::Unsigned));
        assert_eq!(verifier.open(&format!("{TEXT}\n{namesakes}")), Err(NoteError::Unsigned));
    }

    #[test]
    fn altered_and_malformed_notes_are_refused() {
        use NoteError::{Forged, Malformed};
        let verifier = signer().verifier().clone();
        let cases = [
            (format!("{TEXT}more\n\n{LINE}"), Forged),
            (format!("\n{TEXT}\n{LINE}"), Forged),
            (format!("{TEXT}\n{}", LINE.replace("x08go/Z", "x08go/Y")), Forged),
            (format!("{TEXT}\n{LINE}{}", LINE.replace("JnAM=", "JnAI=")), Forged),
            (format!("{TEXT}\n{}", LINE.replace("JnAM=", "JnAN=")), Malformed("")),
            (format!("{TEXT}{LINE}"), Malformed("")),
            (format!("{TEXT}\n{}", LINE.trim_end()), Malformed("")),
            (format!("{TEXT}\n{}", LINE.replace('\u{2014}', "-")), Malformed("")),
            (format!("{TEXT}\n\u{2014} PeterNeumann x08g\n"), Malformed("")),
            (format!("{TEXT}\t\n\n{LINE}"), Malformed("")),
            (format!("{TEXT}\n{}", LINE.repeat(SIGNATURES_MAX + 1)), Malformed("")),
            (format!("{}\n\n{LINE}", "a".repeat(NOTE_MAX)), Malformed("")),
            (String::new(), Malformed("")),
            ("\n\n".to_owned(), Malformed("")),
        ];
        for (note, refusal) in cases {
            let found = verifier.open(&note).unwrap_err();
            let same = std::mem::discriminant(&found) == std::mem::discriminant(&refusal);
            assert!(same, "{note:?} gave {found:?}, not {refusal:?}");
        }
    }

    #[test]
    fn keys_not_of_the_form_are_refused() {
        let refused = |text: &str| matches!(Verifier::parse(text), Err(NoteError::Key(_)));
        for text in [
            "",
            "PeterNeumann",
            "PeterNeumann+c74f20a3",
            "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
            "PeterNeumann+c74f20a3+AQ==",
        ] {
            assert!(refused(text), "{text}");
        }
        assert!(Signer::from_seed("two words", &[1; 32]).is_err());
        assert!(Signer::from_seed("plus+sign", &[1; 32]).is_err());
        assert!(!format!("{:?}", signer()).contains("key: Ed"), "no secret in debug output");
    }
}
