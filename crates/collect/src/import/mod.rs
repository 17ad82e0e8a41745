//! Files: rows of CSV, NDJSON and Parquet, one at a time, from any row on, and the mapping that makes
//! messages of them.
//!
//! A row that cannot be read is an error with its number; the rows after it are still read. Columns are
//! never guessed to be consent.

mod csv;
mod guess;
mod mapping;
mod ndjson;
mod parquet;

pub use guess::{Doubt, Guess};
pub use mapping::{ConsentColumn, Mapping, MappingError, Target};

use self::csv::CsvRows;
use self::ndjson::NdjsonRows;
use self::parquet::ParquetRows;
use model::Sensitive;
use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Named limits of files.
pub mod limits {
    /// The longest row, in bytes.
    pub const ROW_BYTES_MAX: usize = 1 << 20;
    /// Columns of one file, and members of one NDJSON row.
    pub const COLUMNS_MAX: usize = 2_000;
    /// Nesting of objects in an NDJSON row.
    pub const DEPTH_MAX: usize = 32;
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Values between delimiters, with a header (RFC 4180 and its relatives).
    Csv,
    /// One JSON object in each line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl FileKind {
    /// The kind by the end of a file's name.
    pub fn of_path(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_str()?.to_ascii_lowercase();
        match end.as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "parquet" | "pq" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// The values of a row by column; nothing where it is empty or null.
pub type Fields = Vec<(Arc<str>, Option<String>)>;

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number from 1, the header not counted; of NDJSON the number of its line.
    pub number: u64,
    /// Its values.
    pub fields: Sensitive<Fields>,
}

/// A row that cannot be read. Holds no personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Its number from 1.
    pub number: u64,
    /// For programs.
    pub code: &'static str,
    /// What is wrong, for people.
    pub message: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}: {}", self.number, self.message, self.remedy)
    }
}

impl std::error::Error for RowError {}

/// A file that cannot be read at all.
#[derive(Debug)]
pub enum ImportError {
    /// The operating system says so.
    Io(std::io::Error),
    /// It is not what its kind says, or has no usable columns.
    Unreadable {
        /// What is wrong.
        message: &'static str,
        /// What to do about it.
        remedy: &'static str,
    },
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the file cannot be read: {error}"),
            Self::Unreadable { message, remedy } => write!(f, "{message}: {remedy}"),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<std::io::Error> for ImportError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Something worth knowing about a file that is read all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileNote {
    /// The delimiter that was found.
    Delimiter(char),
    /// It is not UTF-8 and is read as Windows-1252, from this row on.
    Windows1252(u64),
    /// A column without a name was given this one.
    Unnamed(Arc<str>),
    /// A column that holds lists or maps is left out.
    LeftOut(Arc<str>),
}

/// How far reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read of CSV and NDJSON, rows read of Parquet.
    pub done: u64,
    /// The same for the whole file.
    pub total: u64,
}

/// The rows of a file.
#[derive(Debug)]
pub struct Rows(Reader);

#[derive(Debug)]
enum Reader {
    Csv(Box<CsvRows>),
    Ndjson(NdjsonRows),
    Parquet(Box<ParquetRows>),
}

impl Rows {
    /// Opens a file. Rows up to and with number `after` are passed over, errors among them too, so
    /// that an import goes on where it stopped; 0 begins at the beginning.
    ///
    /// # Errors
    ///
    /// [`ImportError`] when the file cannot be read or has no usable columns.
    pub fn open(file: File, kind: FileKind, after: u64) -> Result<Self, ImportError> {
        Ok(Self(match kind {
            FileKind::Csv => Reader::Csv(Box::new(CsvRows::open(file, after)?)),
            FileKind::Ndjson => Reader::Ndjson(NdjsonRows::open(file, after)?),
            FileKind::Parquet => Reader::Parquet(Box::new(ParquetRows::open(file, after)?)),
        }))
    }

    /// The columns in order; of NDJSON those of the first row that has any.
    pub fn columns(&self) -> &[Arc<str>] {
        match &self.0 {
            Reader::Csv(rows) => rows.columns(),
            Reader::Ndjson(rows) => rows.columns(),
            Reader::Parquet(rows) => rows.columns(),
        }
    }

    /// What was noticed so far.
    pub fn notes(&self) -> &[FileNote] {
        match &self.0 {
            Reader::Csv(rows) => rows.notes(),
            Reader::Ndjson(_) => &[],
            Reader::Parquet(rows) => rows.notes(),
        }
    }

    /// How far reading has come.
    pub fn progress(&self) -> Progress {
        match &self.0 {
            Reader::Csv(rows) => rows.progress(),
            Reader::Ndjson(rows) => rows.progress(),
            Reader::Parquet(rows) => rows.progress(),
        }
    }
}

/// Ends after an error that makes the rest of the file unreadable.
impl Iterator for Rows {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Reader::Csv(rows) => rows.next(),
            Reader::Ndjson(rows) => rows.next(),
            Reader::Parquet(rows) => rows.next(),
        }
    }
}

/// A row whose reading failed for good.
const fn lost(number: u64) -> RowError {
    RowError {
        number,
        code: "file_broken",
        message: "the file cannot be read from here on",
        remedy: "check the file and go on from the row before",
    }
}

const fn too_long(number: u64) -> RowError {
    RowError {
        number,
        code: "row_too_large",
        message: "the row is longer than 1 MiB",
        remedy: "check its quotes, or split it",
    }
}

#[cfg(test)]
mod tests;
