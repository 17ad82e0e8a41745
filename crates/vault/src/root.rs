//! The root key: in a file by default, in an external key service if the house has one.

use crate::VaultError;
use crate::sealed::{open_bytes, seal_bytes};
use aws_lc_rs::aead::{AES_256_GCM_SIV, LessSafeKey, UnboundKey};
use model::Rng;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// Wraps what must not lie in the clear beside the data: a file, a transit service, a KMS.
pub trait RootKey: Send + Sync + fmt::Debug {
    /// Wraps `plain`, bound to `context`.
    ///
    /// # Errors
    ///
    /// When the service cannot be reached.
    fn wrap(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, VaultError>;

    /// Unwraps what [`Self::wrap`] gave for the same `context`.
    ///
    /// # Errors
    ///
    /// When the service cannot be reached, or it is not what was wrapped.
    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError>;
}

/// A root key of 32 random bytes in a file that only its owner may read.
pub struct RootKeyFile {
    key: LessSafeKey,
    rng: std::sync::Arc<dyn Rng>,
}

impl RootKeyFile {
    /// Opens `root.key` in the key directory, or makes one in a directory without keys.
    ///
    /// # Errors
    ///
    /// When others may read it, it is damaged, or it is missing although wrapped keys exist.
    pub fn open(dir: &Path, rng: std::sync::Arc<dyn Rng>) -> Result<Self, VaultError> {
        let path = dir.join("root.key");
        let bytes = match fs::read(&path) {
            Ok(bytes) => {
                private(&path)?;
                Zeroizing::new(bytes)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if dir.join(crate::keys::MASTER).exists() {
                    let why = "is missing while keys wrapped under it exist: put its copy back";
                    return Err(VaultError::file(&path, why));
                }
                let mut bytes = Zeroizing::new(vec![0; 32]);
                rng.fill(&mut bytes);
                write_private(&path, &bytes)?;
                bytes
            }
            Err(error) => return Err(VaultError::file(&path, error)),
        };
        let key = UnboundKey::new(&AES_256_GCM_SIV, &bytes)
            .map_err(|_| VaultError::file(&path, "is damaged: put its copy back"))?;
        Ok(Self { key: LessSafeKey::new(key), rng })
    }
}

impl RootKey for RootKeyFile {
    fn wrap(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, VaultError> {
        seal_bytes(&self.key, &*self.rng, context, plain)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        open_bytes(&self.key, context, wrapped).map(Zeroizing::new)
    }
}

impl fmt::Debug for RootKeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<root key>")
    }
}

/// Refuses a key file that others may read.
pub(crate) fn private(path: &Path) -> Result<(), VaultError> {
    let mode = fs::metadata(path).map_err(|error| VaultError::file(path, error))?.permissions();
    if mode.mode().trailing_zeros() >= 6 {
        // Neither group nor others have any of their six bits.
        Ok(())
    } else {
        Err(VaultError::file(path, "may be read by others: chmod 600 it"))
    }
}

/// Writes a file whole or not at all: beside it, flushed, renamed, the directory flushed.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let fail = |error| VaultError::file(path, error);
    let mut beside = path.as_os_str().to_owned();
    beside.push(".unfinished");
    let beside = Path::new(&beside);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(beside)
        .map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.sync_all().map_err(fail)?;
    fs::rename(beside, path).map_err(fail)?;
    let dir = path.parent().unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(fail)
}
