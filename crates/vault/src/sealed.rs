//! Sealed bytes: AES-256-GCM-SIV (RFC 8452), bound to where they belong.

use crate::{FieldToken, VaultError};
use aws_lc_rs::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};
use model::{Category, RecordId, Rng};
use serde::{Deserialize, Serialize};

/// The version of the sealed form, bound into the associated data.
const VERSION: u8 = 1;

/// A sealed value: what kind of data it is, and nonce (12) ‖ ciphertext ‖ tag (16). The associated
/// data is record ‖ field ‖ category ‖ version, so it opens nowhere but where it was sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    pub(crate) category: Category,
    #[serde(with = "serde_bytes")]
    pub(crate) bytes: Vec<u8>,
}

impl Sealed {
    /// What kind of data it is. Authenticated when opened.
    pub const fn category(&self) -> Category {
        self.category
    }
}

pub(crate) fn associated(record: RecordId, field: FieldToken, category: Category) -> [u8; 26] {
    let mut data = [0; 26];
    let parts = record.0.into_iter().chain(field.0).chain([category as u8, VERSION]);
    for (place, byte) in data.iter_mut().zip(parts) {
        *place = byte;
    }
    data
}

/// nonce ‖ ciphertext ‖ tag.
pub(crate) fn seal_bytes(
    key: &LessSafeKey,
    rng: &dyn Rng,
    associated: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0; NONCE_LEN];
    rng.fill(&mut nonce);
    let mut out = Vec::with_capacity(NONCE_LEN + plain.len() + 16);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(plain);
    let (_, body) = out.split_at_mut(NONCE_LEN);
    let tag = key
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated),
            body,
        )
        .map_err(|_| VaultError::Damaged)?;
    out.extend_from_slice(tag.as_ref());
    Ok(out)
}

pub(crate) fn open_bytes(
    key: &LessSafeKey,
    associated: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::Damaged)?;
    let mut body = body.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let plain = key
        .open_in_place(nonce, Aad::from(associated), &mut body)
        .map_err(|_| VaultError::Damaged)?
        .len();
    body.truncate(plain);
    Ok(body)
}
