//! Files of the key directory: private, sealed, replaced as a whole.

use crate::VaultError;
use crate::cipher::{Cipher, NONCE, TAG, random};
use model::Rng;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The first sixteen bytes of a file.
pub(crate) type Magic = [u8; 16];

/// The byte after them.
const VERSION: u8 = 1;

/// What a file is called until it is complete.
const UNFINISHED: &str = "unfinished";

/// Makes a directory that only its owner may enter; fine when it is there.
pub(crate) fn private_dir(path: &Path) -> Result<(), VaultError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(VaultError::file(path))
}

/// The bytes of a file; nothing when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(VaultError::File(path.to_owned(), error)),
    }
}

/// Replaces a file, or makes it, so that after a crash there is the old one or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let unfinished = unfinished(path);
    let write = || {
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        // The name is on disk only when the directory is.
        path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    };
    write().map_err(VaultError::file(path))
}

/// Removes what an interrupted [`replace`] left.
pub(crate) fn remove_unfinished(path: &Path) -> Result<(), VaultError> {
    let unfinished = unfinished(path);
    match fs::remove_file(&unfinished) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(VaultError::File(unfinished, error)),
    }
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    name.into()
}

/// A file's content: magic, version, a head in the clear, and a sealed body bound to all of it.
pub(crate) fn seal(
    magic: Magic,
    head: &[u8],
    mut body: Zeroizing<Vec<u8>>,
    cipher: &Cipher,
    rng: &dyn Rng,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(magic.len() + 5 + head.len() + NONCE + body.len() + TAG);
    bytes.extend_from_slice(&magic);
    bytes.push(VERSION);
    bytes.extend_from_slice(&(head.len() as u64).to_be_bytes());
    bytes.extend_from_slice(head);
    let nonce = random::<NONCE>(rng);
    let tag = cipher.seal(nonce, &bytes, &mut body);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&body);
    bytes.extend_from_slice(&tag);
    bytes
}

/// A file that was read, not yet opened.
pub(crate) struct Envelope<'a> {
    path: &'a Path,
    bound: &'a [u8],
    nonce: [u8; NONCE],
    body: &'a [u8],
    /// What stands in the clear.
    pub(crate) head: &'a [u8],
}

impl<'a> Envelope<'a> {
    pub(crate) fn read(path: &'a Path, magic: Magic, bytes: &'a [u8]) -> Result<Self, VaultError> {
        let damaged = || VaultError::FileDamaged(path.to_owned());
        let rest = bytes.strip_prefix(&magic).ok_or_else(damaged)?;
        let (version, rest) = rest.split_first().ok_or_else(damaged)?;
        if *version > VERSION {
            return Err(VaultError::FileNewer(path.to_owned()));
        }
        let (length, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
        let length = usize::try_from(u64::from_be_bytes(*length)).map_err(|_| damaged())?;
        let (head, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
        let bound = bytes.strip_suffix(rest).ok_or_else(damaged)?;
        let (nonce, body) = rest.split_first_chunk().ok_or_else(damaged)?;
        Ok(Self { path, bound, nonce: *nonce, body, head })
    }

    pub(crate) fn open(&self, cipher: &Cipher) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let mut body = Zeroizing::new(self.body.to_vec());
        let length = cipher
            .open(self.nonce, self.bound, &mut body)
            .ok_or_else(|| VaultError::FileDamaged(self.path.to_owned()))?
            .len();
        body.truncate(length);
        Ok(body)
    }
}

/// Takes fixed parts off the front of bytes.
pub(crate) struct Parts<'a>(pub(crate) &'a [u8]);

impl Parts<'_> {
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk()?;
        self.0 = tail;
        Some(*head)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }
}
