//! The bytes of a backup: a header, then chunks, each with a checksum that also covers everything
//! before it, the last one the manifest. See `docs/design/store.md`.

use super::copy::{Sum, Sums, TABLES_MAX};
use crate::error::io_fault;
use crate::{RawRow, StoreError, Version};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 16] = b"bonafide backup\n";

/// The newest format that this program knows.
const FORMAT: u32 = 1;

const ROWS: u8 = 1;
const MANIFEST: u8 = 2;

/// Bytes after which a chunk of rows is closed, and bytes a chunk may have: one more row.
const CHUNK_FULL: usize = 1 << 20;
const CHUNK_MAX: usize = 4 << 20;

type Checksum = [u8; 32];

/// SHA-256 of the checksum before, the chunk's kind and length, and the chunk.
fn chain(before: &Checksum, kind: u8, length: [u8; 4], chunk: &[u8]) -> Checksum {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update([kind]);
    hash.update(length);
    hash.update(chunk);
    hash.finalize().into()
}

fn header() -> Vec<u8> {
    [&MAGIC[..], &FORMAT.to_be_bytes()].concat()
}

pub(super) struct Writer {
    file: BufWriter<File>,
    path: PathBuf,
    unfinished: PathBuf,
    checksum: Checksum,
}

impl Writer {
    pub(super) fn create(path: &Path) -> Result<Self, StoreError> {
        let mut unfinished = OsString::from(path);
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)
            .map_err(|error| io_fault(&unfinished, &error))?;
        let mut writer = Self {
            file: BufWriter::with_capacity(CHUNK_FULL, file),
            path: path.to_owned(),
            unfinished,
            checksum: Sha256::digest(header()).into(),
        };
        writer.put(&header())?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file.write_all(bytes).map_err(|error| io_fault(&self.unfinished, &error))
    }

    fn chunk(&mut self, kind: u8, chunk: &[u8]) -> Result<(), StoreError> {
        let length = u32_of(chunk.len()).to_be_bytes();
        self.checksum = chain(&self.checksum, kind, length, chunk);
        self.put(&[kind])?;
        self.put(&length)?;
        self.put(chunk)?;
        self.put(&self.checksum.clone())
    }

    pub(super) fn rows(&mut self, table: &str, rows: &[RawRow]) -> Result<(), StoreError> {
        let mut chunk = Vec::new();
        for row in rows {
            if chunk.is_empty() {
                put_bytes(&mut chunk, table.as_bytes());
            }
            for part in [&row.partition, &row.sort, &row.value] {
                put_bytes(&mut chunk, part);
            }
            if chunk.len() >= CHUNK_FULL {
                self.chunk(ROWS, &std::mem::take(&mut chunk))?;
            }
        }
        if chunk.is_empty() { Ok(()) } else { self.chunk(ROWS, &chunk) }
    }

    /// Writes the manifest, waits for the disk and gives the file its name.
    pub(super) fn finish(mut self, sums: &Sums) -> Result<Checksum, StoreError> {
        let mut manifest = Vec::new();
        for (table, sum) in &sums.0 {
            put_bytes(&mut manifest, table.as_bytes());
            manifest.extend_from_slice(&sum.rows.to_be_bytes());
            manifest.extend_from_slice(&sum.bytes.to_be_bytes());
            manifest.extend_from_slice(&sum.hash.to_be_bytes());
        }
        self.chunk(MANIFEST, &manifest)?;
        self.settle().map_err(|error| io_fault(&self.path, &error))?;
        Ok(self.checksum)
    }

    fn settle(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.unfinished, &self.path)?;
        let directory = self.path.parent().filter(|path| !path.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // After success the file has another name and there is nothing to remove.
        drop(fs::remove_file(&self.unfinished));
    }
}

pub(super) struct Reader {
    file: BufReader<File>,
    path: PathBuf,
    checksum: Checksum,
    manifest: Option<Sums>,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|error| io_fault(path, &error))?;
        let mut reader = Self {
            file: BufReader::with_capacity(CHUNK_FULL, file),
            path: path.to_owned(),
            checksum: Sha256::digest(header()).into(),
            manifest: None,
        };
        if reader.take::<16>()? != *MAGIC {
            return Err(reader.damaged());
        }
        match u32::from_be_bytes(reader.take()?) {
            FORMAT => Ok(reader),
            0 => Err(reader.damaged()),
            found => {
                let what = path.display().to_string();
                Err(StoreError::NewerFormat { what, found, known: FORMAT })
            }
        }
    }

    fn damaged(&self) -> StoreError {
        StoreError::Corrupt(self.path.display().to_string())
    }

    fn fault(&self, error: &io::Error) -> StoreError {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            self.damaged()
        } else {
            io_fault(&self.path, error)
        }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes).map_err(|error| self.fault(&error))?;
        Ok(bytes)
    }

    fn chunk(&mut self) -> Result<(u8, Vec<u8>), StoreError> {
        let ([kind], length) = (self.take()?, self.take()?);
        let size = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if size > CHUNK_MAX {
            return Err(self.damaged());
        }
        let mut chunk = vec![0; size];
        self.file.read_exact(&mut chunk).map_err(|error| self.fault(&error))?;
        self.checksum = chain(&self.checksum, kind, length, &chunk);
        if self.take()? != self.checksum {
            return Err(self.damaged());
        }
        Ok((kind, chunk))
    }

    /// The next rows and their table; nothing after the last.
    pub(super) fn rows(&mut self) -> Result<Option<(String, Vec<RawRow>)>, StoreError> {
        let (kind, chunk) = self.chunk()?;
        match kind {
            ROWS => take_rows(&chunk).ok_or_else(|| self.damaged()).map(Some),
            MANIFEST => {
                self.manifest = take_manifest(&chunk);
                Ok(None)
            }
            _ => Err(self.damaged()),
        }
    }

    /// What the manifest says, and the checksum over everything.
    pub(super) fn finish(mut self) -> Result<(Sums, Checksum), StoreError> {
        let manifest = self.manifest.take().ok_or_else(|| self.damaged())?;
        let more = self.file.read(&mut [0]).map_err(|error| self.fault(&error))?;
        if more == 0 { Ok((manifest, self.checksum)) } else { Err(self.damaged()) }
    }
}

fn u32_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32_of(bytes.len()).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn take_array<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = from.split_first_chunk()?;
    *from = tail;
    Some(*head)
}

fn take_bytes(from: &mut &[u8]) -> Option<Vec<u8>> {
    let length = usize::try_from(u32::from_be_bytes(take_array(from)?)).ok()?;
    let (head, tail) = from.split_at_checked(length)?;
    *from = tail;
    Some(head.to_vec())
}

fn take_rows(mut chunk: &[u8]) -> Option<(String, Vec<RawRow>)> {
    let chunk = &mut chunk;
    let table = String::from_utf8(take_bytes(chunk)?).ok()?;
    let mut rows = Vec::new();
    while !chunk.is_empty() {
        let (partition, sort) = (take_bytes(chunk)?, take_bytes(chunk)?);
        rows.push(RawRow { partition, sort, version: Version(0), value: take_bytes(chunk)? });
    }
    Some((table, rows))
}

fn take_manifest(mut chunk: &[u8]) -> Option<Sums> {
    let (chunk, mut sums) = (&mut chunk, Sums::default());
    while !chunk.is_empty() && sums.0.len() < TABLES_MAX {
        let table = String::from_utf8(take_bytes(chunk)?).ok()?;
        let rows = u64::from_be_bytes(take_array(chunk)?);
        let bytes = u64::from_be_bytes(take_array(chunk)?);
        let hash = u128::from_be_bytes(take_array(chunk)?);
        sums.0.insert(table, Sum { rows, bytes, hash });
    }
    chunk.is_empty().then_some(sums)
}
