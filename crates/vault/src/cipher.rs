//! AES-256-GCM-SIV (RFC 8452) and HKDF-SHA-256 (RFC 5869) in the shapes this room needs.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use model::Rng;
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of a nonce.
pub(crate) const NONCE: usize = 12;
/// Bytes of an authentication tag.
pub(crate) const TAG: usize = 16;
/// Bytes of every key.
pub(crate) const KEY: usize = 32;

/// A secret, wiped when dropped.
pub(crate) type Secret = Zeroizing<[u8; KEY]>;

/// A key that is ready to use; the library wipes it when dropped.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(secret: &[u8; KEY]) -> Self {
        match UnboundKey::new(&AES_256_GCM_SIV, secret) {
            Ok(key) => Self(LessSafeKey::new(key)),
            Err(_) => unreachable!("32 bytes are a key of AES-256"),
        }
    }

    /// Encrypts in place and gives the tag. Random nonces may repeat without harm beyond showing
    /// that two messages are equal: that is what SIV is for.
    pub(crate) fn seal(&self, nonce: [u8; NONCE], bound: &[u8], plain: &mut [u8]) -> [u8; TAG] {
        let nonce = Nonce::assume_unique_for_key(nonce);
        match self.0.seal_in_place_separate_tag(nonce, Aad::from(bound), plain) {
            Ok(tag) => tag.as_ref().first_chunk().copied().unwrap_or_default(),
            Err(_) => unreachable!("AES-GCM-SIV takes 64 GiB, rows take 1 MiB"),
        }
    }

    /// Decrypts ciphertext and tag in place; nothing when they are not what was sealed, or not
    /// bound to `bound`.
    pub(crate) fn open<'a>(
        &self,
        nonce: [u8; NONCE],
        bound: &[u8],
        sealed: &'a mut [u8],
    ) -> Option<&'a mut [u8]> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0.open_in_place(nonce, Aad::from(bound), sealed).ok()
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher")
    }
}

/// A key for the purpose that `label` names.
pub(crate) fn derive(secret: &[u8], label: &[&[u8]]) -> Secret {
    let mut key = Secret::default();
    let filled = Salt::new(HKDF_SHA256, b"bonafide vault 1")
        .extract(secret)
        .expand(label, HKDF_SHA256)
        .and_then(|material| material.fill(&mut *key));
    match filled {
        Ok(()) => key,
        Err(_) => unreachable!("HKDF-SHA-256 gives up to 8160 bytes"),
    }
}

pub(crate) fn random<const N: usize>(rng: &dyn Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill(&mut bytes);
    bytes
}

pub(crate) fn random_secret(rng: &dyn Rng) -> Secret {
    let mut secret = Secret::default();
    rng.fill(&mut *secret);
    secret
}
