//! The root key: what wraps the keyring's master secret, and where it is kept.

use crate::VaultError;
use crate::cipher::{Cipher, NONCE, Secret, TAG, derive};
use crate::file;
use crate::keys::SHARDS_FILE;
use aws_lc_rs::hmac;
use model::Rng;
use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// The name of the root key's file.
const FILE: &str = "root.key";

/// The keeper of the root key: a file, a transit engine (`OpenBao`, Vault) or a KMS. It is asked
/// once when the keyring is made and once each time it is opened, never for single records.
pub trait RootKey: Send + Sync + fmt::Debug {
    /// Encrypts and authenticates `plain` (32 bytes), bound to `context`.
    ///
    /// # Errors
    ///
    /// When the keeper cannot be reached or refuses.
    fn wrap(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, VaultError>;

    /// The inverse of [`Self::wrap`].
    ///
    /// # Errors
    ///
    /// [`VaultError::RootRefused`] when it was wrapped by another key, for another context, or was
    /// changed.
    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError>;
}

/// A root key in the file `root.key`: 32 random bytes that only the owner may read.
pub struct RootKeyFile {
    cipher: Cipher,
    nonces: hmac::Key,
}

impl RootKeyFile {
    /// Opens the root key in the directory `dir`, or makes both when nothing was ever wrapped.
    ///
    /// # Errors
    ///
    /// [`VaultError::RootExposed`] when group or others may read it, [`VaultError::RootMissing`]
    /// when it is gone while wrapped keys are there, [`VaultError::FileDamaged`] when it does not
    /// have 32 bytes, [`VaultError::File`] when it cannot be read or made.
    pub fn open(dir: &Path, rng: &dyn Rng) -> Result<Self, VaultError> {
        let path = dir.join(FILE);
        if let Some(bytes) = file::read(&path)? {
            let mode = fs::metadata(&path).map_err(VaultError::file(&path))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(VaultError::RootExposed(path));
            }
            return match bytes.as_slice().try_into() {
                Ok(secret) => Ok(Self::of(secret)),
                Err(_) => Err(VaultError::FileDamaged(path)),
            };
        }
        if dir.join(SHARDS_FILE).exists() {
            return Err(VaultError::RootMissing(path));
        }
        file::private_dir(dir)?;
        let mut secret = Secret::default();
        rng.fill(&mut *secret);
        file::replace(&path, &*secret)?;
        Ok(Self::of(&secret))
    }

    fn of(secret: &[u8; 32]) -> Self {
        Self {
            cipher: Cipher::new(&derive(secret, &[b"root wrap"])),
            nonces: hmac::Key::new(hmac::HMAC_SHA256, &*derive(secret, &[b"root nonce"])),
        }
    }

    /// A nonce from what is wrapped: the same secret is always wrapped to the same bytes, and two
    /// secrets never share a nonce.
    fn nonce(&self, plain: &[u8], context: &[u8]) -> [u8; NONCE] {
        let mut signing = hmac::Context::with_key(&self.nonces);
        signing.update(&(context.len() as u64).to_be_bytes());
        signing.update(context);
        signing.update(plain);
        signing.sign().as_ref().first_chunk().copied().unwrap_or_default()
    }
}

impl RootKey for RootKeyFile {
    fn wrap(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, VaultError> {
        let nonce = self.nonce(plain, context);
        let mut body = Zeroizing::new(plain.to_vec());
        let tag = self.cipher.seal(nonce, context, &mut body);
        let mut wrapped = Vec::with_capacity(NONCE + plain.len() + TAG);
        wrapped.extend_from_slice(&nonce);
        wrapped.extend_from_slice(&body);
        wrapped.extend_from_slice(&tag);
        Ok(wrapped)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let refused = || VaultError::RootRefused(format!("{FILE} is another key"));
        let (nonce, body) = wrapped.split_first_chunk().ok_or_else(refused)?;
        let mut body = Zeroizing::new(body.to_vec());
        let length = self.cipher.open(*nonce, context, &mut body).ok_or_else(refused)?.len();
        body.truncate(length);
        Ok(body)
    }
}

impl fmt::Debug for RootKeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKeyFile")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ring::tests::Dice;

    fn open(dir: &Path) -> Result<RootKeyFile, VaultError> {
        RootKeyFile::open(dir, &Dice::new(1))
    }

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn only_the_owner_may_read_the_root_key() {
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("keys");
        open(&keys).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&keys), 0o700);
        assert_eq!(mode(&keys.join(FILE)), 0o600);
        for (mode, exposed) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
            chmod(&keys.join(FILE), mode);
            let refused = matches!(open(&keys), Err(VaultError::RootExposed(_)));
            assert_eq!(refused, exposed, "{mode:o}");
        }
    }

    #[test]
    fn a_damaged_root_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path()).unwrap();
        fs::write(dir.path().join(FILE), [7; 31]).unwrap();
        assert!(matches!(open(dir.path()), Err(VaultError::FileDamaged(_))));
    }

    #[test]
    fn what_is_wrapped_unwraps_in_its_context_only() {
        let root = RootKeyFile::of(&[1; 32]);
        let wrapped = root.wrap(b"secret", b"here").unwrap();
        assert_eq!(root.unwrap(&wrapped, b"here").unwrap().as_slice(), b"secret");
        let other = RootKeyFile::of(&[2; 32]);
        for (root, wrapped, context) in [
            (&root, &*wrapped, &b"there"[..]),
            (&other, &*wrapped, b"here"),
            (&root, &wrapped[..wrapped.len() - 1], b"here"),
            (&root, &[], b"here"),
        ] {
            let refused = root.unwrap(wrapped, context);
            assert!(matches!(refused, Err(VaultError::RootRefused(_))));
        }
    }
}
