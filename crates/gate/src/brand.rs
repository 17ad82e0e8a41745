//! A brand's word that somebody is there: a short-lived token that the brand signs with a key which is
//! registered here, and that is taken once (compact JWS, RFC 7515; `EdDSA`, RFC 8037; claims, RFC 7519).
//!
//! INVARIANT: the algorithm is ours to say, not the token's; a token that was taken is not taken again
//! before it ends.

use crate::gate::Gate;
use crate::subject::{DOORS, DoorKind, DoorRow, NoEntry, SESSION_MS, place, sha256};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::{PersonId, RecordId, Sensitive, Timestamp};
use serde::Deserialize;
use std::fmt;
use store::{Batch, StoreError};

/// How long a token may last, from now.
pub const BRAND_WORD_MS_MAX: i64 = 5 * 60_000;

/// Bytes of a token.
const TOKEN_MAX: usize = 4 << 10;

/// Bytes of a token's own id.
const ID_MAX: usize = 128;

/// A key that a brand signs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandKey {
    /// Its name: the token's `kid`.
    pub name: String,
    /// The public half (Ed25519).
    public: [u8; 32],
}

/// The registered keys, and for whom tokens must be: the ledger's name.
#[derive(Clone, Debug, Default)]
pub struct BrandKeys {
    keys: Vec<BrandKey>,
    audience: String,
}

/// Whom a token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A person's or record's id of this house.
    Person(PersonId),
    /// A source's user, by the id that the source gave.
    User {
        /// The source's slug.
        source: String,
        /// The user's id.
        user: Sensitive<String>,
    },
}

/// Why a key is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrandError {
    /// The name is empty, or there are two of it.
    Name,
    /// The public half is not 32 bytes in base64.
    Key,
}

impl fmt::Display for BrandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "give each key a name of its own",
            Self::Key => "public_key: give the 32 bytes of an Ed25519 public key in base64",
        })
    }
}

impl std::error::Error for BrandError {}

impl BrandKey {
    /// A key by its name and its public half: 32 bytes in base64, plain or URL-safe.
    ///
    /// # Errors
    ///
    /// [`BrandError`].
    pub fn new(name: &str, public: &str) -> Result<Self, BrandError> {
        if name.is_empty() {
            return Err(BrandError::Name);
        }
        let bytes = STANDARD.decode(public).or_else(|_| URL_SAFE_NO_PAD.decode(public));
        let public = bytes.ok().and_then(|bytes| bytes.try_into().ok()).ok_or(BrandError::Key)?;
        Ok(Self { name: name.to_owned(), public })
    }
}

impl BrandKeys {
    /// Registers keys, for tokens that are for `audience`.
    ///
    /// # Errors
    ///
    /// [`BrandError::Name`] when two share one.
    pub fn new(keys: Vec<BrandKey>, audience: &str) -> Result<Self, BrandError> {
        let mut names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < keys.len() {
            return Err(BrandError::Name);
        }
        Ok(Self { keys, audience: audience.to_owned() })
    }
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: String,
    /// What must be understood and is not: RFC 7515 §4.1.11.
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    /// Seconds since the Unix epoch.
    exp: i64,
    jti: String,
    person: Option<String>,
    source: Option<String>,
    user: Option<String>,
}

/// A token that is signed, timely and for this house.
struct Word {
    named: Named,
    /// What it is known by once it was taken.
    hash: [u8; 32],
    ends: Timestamp,
}

impl BrandKeys {
    #[expect(clippy::disallowed_methods, reason = "read into whom it names")]
    fn read(&self, token: &Sensitive<String>, now: Timestamp) -> Option<Word> {
        let token = token.reveal();
        if token.len() > TOKEN_MAX {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let head: Head = serde_json::from_slice(&decoded(head)?).ok()?;
        let key = self.keys.iter().find(|key| key.name == head.kid)?;
        if head.alg != "EdDSA" || head.crit.is_some() {
            return None;
        }
        let public = UnparsedPublicKey::new(&ED25519, &key.public);
        public.verify(signed.as_bytes(), &decoded(signature)?).ok()?;
        let claims: Claims = serde_json::from_slice(&decoded(claims)?).ok()?;
        let ends = Timestamp(claims.exp.checked_mul(1_000)?);
        let timely = now < ends && ends.0 - now.0 <= BRAND_WORD_MS_MAX;
        let known = !claims.jti.is_empty() && claims.jti.len() <= ID_MAX;
        if !timely || !known || claims.aud != self.audience {
            return None;
        }
        let named = match (claims.person, claims.source, claims.user) {
            (Some(person), None, None) => Named::Person(person.parse().ok()?),
            (None, Some(source), Some(user)) => Named::User { source, user: Sensitive::new(user) },
            _ => return None,
        };
        let hash = sha256(&[key.name.as_bytes(), &[0], claims.jti.as_bytes()].concat());
        Some(Word { named, hash, ends })
    }
}

impl Gate {
    /// Takes a brand's word that somebody is there, once, for a session. `record_of` says which record is
    /// meant.
    ///
    /// # Errors
    ///
    /// [`NoEntry::Closed`] when the token is not signed by a registered key, is late, early or for another
    /// house, was taken already, or names nobody.
    pub fn enter_by_brand(
        &self,
        keys: &BrandKeys,
        token: &Sensitive<String>,
        record_of: &dyn Fn(&Named) -> Option<RecordId>,
    ) -> Result<Sensitive<String>, NoEntry> {
        let now = self.clock.now();
        let word = keys.read(token, now).ok_or(NoEntry::Closed)?;
        let record = record_of(&word.named).ok_or(NoEntry::Closed)?;
        let at = place(&word.hash);
        // What was taken names one record for ever: the same token leads to the same row.
        let door = DoorRow { hash: word.hash, kind: DoorKind::Spent, made: now, ends: word.ends };
        let mut batch = Batch::default();
        self.stage_cleared(&mut batch, record, DoorKind::Session)?;
        batch.check(&DOORS, &record, &at, None);
        batch.put(&DOORS, &record, &at, &door);
        let session = self.stage_door(&mut batch, record, DoorKind::Session, SESSION_MS);
        match self.store.commit(batch) {
            Ok(()) => Ok(session),
            Err(StoreError::Conflict) => Err(NoEntry::Closed),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

    const NOW: Timestamp = Timestamp(1_795_478_400_000);

    fn token(pair: &Ed25519KeyPair, head: &str, claims: &str) -> Sensitive<String> {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", encode(head), encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes()).as_ref());
        Sensitive::new(format!("{signed}.{signature}"))
    }

    fn keys(pair: &Ed25519KeyPair) -> BrandKeys {
        let public = STANDARD.encode(pair.public_key().as_ref());
        BrandKeys::new(vec![BrandKey::new("shop", &public).unwrap()], "b.example/ledger").unwrap()
    }

    #[test]
    fn only_what_the_brand_signed_for_now_and_here_is_taken() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let keys = keys(&pair);
        let head = r#"{"alg":"EdDSA","kid":"shop"}"#;
        let exp = NOW.0 / 1_000 + 60;
        let good = format!(
            r#"{{"aud":"b.example/ledger","exp":{exp},"jti":"1","source":"web","user":"u"}}"#
        );
        let word = keys.read(&token(&pair, head, &good), NOW).unwrap();
        let user = Sensitive::new("u".to_owned());
        assert_eq!(word.named, Named::User { source: "web".to_owned(), user });
        let refused = |head: &str, claims: &str| {
            assert!(keys.read(&token(&pair, head, claims), NOW).is_none(), "{head} {claims}");
        };
        for head in [
            r#"{"alg":"none","kid":"shop"}"#,
            r#"{"alg":"HS256","kid":"shop"}"#,
            r#"{"alg":"ES256","kid":"shop"}"#,
            r#"{"alg":"EdDSA","kid":"other"}"#,
            r#"{"alg":"EdDSA"}"#,
            r#"{"alg":"EdDSA","kid":"shop","crit":["b64"]}"#,
            "{}",
        ] {
            refused(head, &good);
        }
        for (from, to) in [
            ("b.example", "c.example"),
            ("\"jti\":\"1\"", "\"jti\":\"\""),
            ("\"source\":\"web\",", ""),
            ("\"jti\":\"1\",", ""),
            (",\"user\":\"u\"", ",\"user\":\"u\",\"person\":\"00000000000000000000000000000000\""),
        ] {
            let claims = good.replacen(from, to, 1);
            assert_ne!(claims, good);
            refused(head, &claims);
        }
        for exp in [exp - 60, exp - 3_600, exp + 3_600, i64::MAX, i64::MIN] {
            refused(head, &good.replacen(&(NOW.0 / 1_000 + 60).to_string(), &exp.to_string(), 1));
        }
        let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
        assert!(keys.read(&token(&other, head, &good), NOW).is_none());
        let cut = |text: String| text.rsplit_once('.').unwrap().0.to_owned();
        for cut in
            [token(&pair, head, &good).map(cut), token(&pair, head, &good).map(|t| cut(t) + ".")]
        {
            assert!(keys.read(&cut, NOW).is_none());
        }
        for text in ["", "a.b.c.d", "..", "."] {
            assert!(keys.read(&Sensitive::new(text.to_owned()), NOW).is_none());
        }
    }

    #[test]
    fn a_key_is_a_key_with_a_name_of_its_own() {
        let key = |name: &str| BrandKey::new(name, &STANDARD.encode([1; 32]));
        assert_eq!(BrandKey::new("", "AAAA"), Err(BrandError::Name));
        assert_eq!(BrandKey::new("a", "AAAA"), Err(BrandError::Key));
        let twice = vec![key("a").unwrap(), key("a").unwrap()];
        assert_eq!(BrandKeys::new(twice, "x").err(), Some(BrandError::Name));
    }
}
