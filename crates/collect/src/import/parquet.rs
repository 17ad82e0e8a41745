//! Parquet, by rows. Columns of objects become names with dots; lists and maps are left out and noted.

use super::{Fields, FileNote, ImportError, Progress, Row, RowError, lost};
use crate::time;
use ::parquet::basic::Compression;
use ::parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::reader::{ReaderIter, TreeBuilder};
use ::parquet::record::{Field, Row as Record};
use ::parquet::schema::types::Type;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use model::{Sensitive, Timestamp};
use std::fmt;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

const DAY_S: i64 = 86_400;

pub(super) struct ParquetRows {
    file: SerializedFileReader<File>,
    columns: Vec<Arc<str>>,
    notes: Vec<FileNote>,
    group: usize,
    rows: Option<ReaderIter>,
    number: u64,
    total: u64,
    ended: bool,
}

impl ParquetRows {
    pub(super) fn open(file: File, after: u64) -> Result<Self, ImportError> {
        let file = guarded(|| SerializedFileReader::new(file).ok()).ok_or(UNREADABLE)?;
        if !file.metadata().row_groups().iter().flat_map(RowGroupMetaData::columns).all(is_known) {
            return Err(UNKNOWN_CODEC);
        }
        let metadata = file.metadata().file_metadata();
        let total = u64::try_from(metadata.num_rows()).map_err(|_| UNREADABLE)?;
        let mut columns = Vec::new();
        let mut notes = Vec::new();
        name_columns(metadata.schema(), "", &mut columns, &mut notes);
        let mut rows =
            Self { file, columns, notes, group: 0, rows: None, number: 0, total, ended: false };
        rows.pass_over(after);
        Ok(rows)
    }

    /// Passes over whole row groups by what the file says of them, and the rest row by row.
    fn pass_over(&mut self, after: u64) {
        for group in self.file.metadata().row_groups() {
            let end = u64::try_from(group.num_rows()).map(|rows| self.number.saturating_add(rows));
            match end {
                Ok(end) if end <= after => {
                    self.number = end;
                    self.group += 1;
                }
                Ok(_) | Err(_) => break,
            }
        }
        while self.number < after && self.next().is_some() {}
    }

    pub(super) fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    pub(super) fn notes(&self) -> &[FileNote] {
        &self.notes
    }

    pub(super) fn progress(&self) -> Progress {
        Progress { done: self.number.min(self.total), total: self.total }
    }

    fn read(&mut self) -> Option<Result<Record, ()>> {
        loop {
            if let Some(record) = self.rows.as_mut().and_then(Iterator::next) {
                return Some(record.map_err(|_| ()));
            }
            if self.group >= self.file.num_row_groups() {
                return None;
            }
            let group = self.file.get_row_group(self.group);
            let schema = self.file.metadata().file_metadata().schema_descr_ptr();
            let rows = group.and_then(|group| TreeBuilder::new().as_iter(schema, &*group));
            match rows {
                Ok(rows) => self.rows = Some(rows),
                Err(_) => return Some(Err(())),
            }
            self.group += 1;
        }
    }
}

impl Iterator for ParquetRows {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match guarded(|| Some(self.read())) {
            Some(Some(Ok(record))) => {
                self.number += 1;
                let mut fields = Vec::with_capacity(self.columns.len());
                take_fields(record, "", &mut fields);
                Some(Ok(Row { number: self.number, fields: Sensitive::new(fields) }))
            }
            Some(None) => {
                self.ended = true;
                None
            }
            Some(Some(Err(()))) | None => {
                self.ended = true;
                Some(Err(lost(self.number + 1)))
            }
        }
    }
}

/// The library's row reader asserts what a broken file can break; a panic there is an unreadable file
/// here.
fn guarded<T>(read: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok().flatten()
}

/// Whether a column is compressed in a way this build can read.
fn is_known(column: &ColumnChunkMetaData) -> bool {
    match column.compression() {
        Compression::UNCOMPRESSED
        | Compression::SNAPPY
        | Compression::GZIP(_)
        | Compression::ZSTD(_) => true,
        Compression::LZO | Compression::BROTLI(_) | Compression::LZ4 | Compression::LZ4_RAW => {
            false
        }
    }
}

const UNKNOWN_CODEC: ImportError = ImportError::Unreadable {
    message: "the file is compressed with LZO, Brotli or LZ4",
    remedy: "write it with Zstandard, Snappy or gzip",
};

const UNREADABLE: ImportError = ImportError::Unreadable {
    message: "the file is not Parquet",
    remedy: "check that it is complete and neither encrypted nor compressed as a whole",
};

fn name_columns(
    schema: &Type,
    prefix: &str,
    columns: &mut Vec<Arc<str>>,
    notes: &mut Vec<FileNote>,
) {
    use ::parquet::basic::{ConvertedType, Repetition};
    for field in schema.get_fields() {
        let info = field.get_basic_info();
        let name: Arc<str> = format!("{prefix}{}", field.name()).into();
        let repeated = info.has_repetition() && info.repetition() == Repetition::REPEATED;
        if field.is_primitive() && !repeated {
            columns.push(name);
        } else if info.converted_type() == ConvertedType::NONE && !repeated && field.is_group() {
            name_columns(field, &format!("{name}."), columns, notes);
        } else {
            notes.push(FileNote::LeftOut(name));
        }
    }
}

fn take_fields(record: Record, prefix: &str, fields: &mut Fields) {
    for (name, field) in record.into_columns() {
        if let Field::Group(inside) = field {
            take_fields(inside, &format!("{prefix}{name}."), fields);
        } else if !matches!(field, Field::ListInternal(_) | Field::MapInternal(_)) {
            fields.push((format!("{prefix}{name}").into(), text(field)));
        }
    }
}

/// A value as text: dates and times as ISO 8601, bytes that are no text as base64.
fn text(field: Field) -> Option<String> {
    let text = match field {
        Field::Str(text) => text,
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => text.to_owned(),
            Err(_) => STANDARD.encode(bytes.data()),
        },
        Field::Float(number) => return number.is_finite().then(|| number.to_string()),
        Field::Double(number) => return number.is_finite().then(|| number.to_string()),
        Field::Date(days) => {
            let at = jiff::Timestamp::from_second(i64::from(days) * DAY_S).ok()?;
            let date: Date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
            date.to_string()
        }
        Field::TimestampMillis(ms) => time::write(Timestamp(ms))?,
        Field::TimestampMicros(us) => jiff::Timestamp::from_microsecond(us).ok()?.to_string(),
        Field::Null | Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => {
            return None;
        }
        plain @ (Field::Bool(_)
        | Field::Byte(_)
        | Field::Short(_)
        | Field::Int(_)
        | Field::Long(_)
        | Field::UByte(_)
        | Field::UShort(_)
        | Field::UInt(_)
        | Field::ULong(_)
        | Field::Float16(_)
        | Field::Decimal(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)) => plain.to_string(),
    };
    Some(text).filter(|text| !text.is_empty())
}

impl fmt::Debug for ParquetRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetRows").field("number", &self.number).finish_non_exhaustive()
    }
}
