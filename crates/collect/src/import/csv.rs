//! CSV: the delimiter and the encoding are found, not asked for.

use super::{FileNote, ImportError, Progress, Row, RowError, limits, lost, too_long};
use ::csv::{ByteRecord, Reader, ReaderBuilder};
use model::Sensitive;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

/// What the delimiter is found in, in bytes.
const SAMPLE_BYTES: u64 = 64 << 10;

/// Lines of the sample that are compared.
const SAMPLE_LINES: usize = 20;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

#[derive(Debug)]
pub(super) struct CsvRows {
    reader: Reader<BufReader<File>>,
    columns: Vec<Arc<str>>,
    encoding: Option<Encoding>,
    notes: Vec<FileNote>,
    record: ByteRecord,
    number: u64,
    /// Bytes before the header.
    mark: u64,
    total: u64,
    ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Windows1252,
}

impl CsvRows {
    pub(super) fn open(mut file: File, after: u64) -> Result<Self, ImportError> {
        let total = file.metadata()?.len();
        let mut sample = Vec::new();
        file.by_ref().take(SAMPLE_BYTES).read_to_end(&mut sample)?;
        if sample.starts_with(b"\xff\xfe") || sample.starts_with(b"\xfe\xff") {
            return Err(ImportError::Unreadable {
                message: "the file is UTF-16",
                remedy: "save it as UTF-8",
            });
        }
        let mark = if sample.starts_with(UTF8_MARK) { UTF8_MARK.len() } else { 0 };
        file.seek(SeekFrom::Start(mark as u64))?;
        let delimiter = delimiter(sample.get(mark..).unwrap_or_default());
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(BufReader::new(file));
        let mut rows = Self {
            reader,
            columns: Vec::new(),
            encoding: (mark > 0).then_some(Encoding::Utf8),
            notes: vec![FileNote::Delimiter(char::from(delimiter))],
            record: ByteRecord::new(),
            number: 0,
            mark: mark as u64,
            total,
            ended: false,
        };
        rows.read_header()?;
        // The encoding is found in the rows passed over too, so that it is the same again.
        while rows.number < after && rows.next().is_some() {}
        Ok(rows)
    }

    fn read_header(&mut self) -> Result<(), ImportError> {
        let unreadable = |message, remedy| Err(ImportError::Unreadable { message, remedy });
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return unreadable("the file is empty", "give one with a header"),
            Err(_) => return unreadable("the header cannot be read", "check the file"),
        }
        if self.record.len() > limits::COLUMNS_MAX {
            return unreadable("the file has more than 2000 columns", "split it");
        }
        let record = std::mem::take(&mut self.record);
        for (index, name) in record.iter().enumerate() {
            let name = self.decode(name).unwrap_or_default();
            let name = name.trim();
            let column: Arc<str> = if name.is_empty() {
                let column: Arc<str> = format!("column_{}", index + 1).into();
                self.notes.push(FileNote::Unnamed(Arc::clone(&column)));
                column
            } else {
                name.into()
            };
            if self.columns.contains(&column) {
                return unreadable("two columns have one name", "rename one in the header");
            }
            self.columns.push(column);
        }
        Ok(())
    }

    pub(super) fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    pub(super) fn notes(&self) -> &[FileNote] {
        &self.notes
    }

    pub(super) fn progress(&self) -> Progress {
        let done = self.reader.position().byte() + self.mark;
        Progress { done: done.min(self.total), total: self.total }
    }

    /// Decodes a value. The first bytes beyond ASCII decide: text that happens to be UTF-8 is UTF-8.
    fn decode<'a>(&mut self, bytes: &'a [u8]) -> Option<Cow<'a, str>> {
        let utf8 = std::str::from_utf8(bytes);
        let encoding = match self.encoding {
            Some(encoding) => encoding,
            None if bytes.is_ascii() => Encoding::Utf8,
            None => {
                let found = if utf8.is_ok() { Encoding::Utf8 } else { Encoding::Windows1252 };
                if found == Encoding::Windows1252 {
                    self.notes.push(FileNote::Windows1252(self.number));
                }
                *self.encoding.insert(found)
            }
        };
        match encoding {
            Encoding::Utf8 => utf8.ok().map(Cow::Borrowed),
            Encoding::Windows1252 if bytes.is_ascii() => utf8.ok().map(Cow::Borrowed),
            Encoding::Windows1252 => {
                Some(Cow::Owned(bytes.iter().map(|byte| windows_1252(*byte)).collect()))
            }
        }
    }

    fn row(&mut self, record: &ByteRecord) -> Result<Row, RowError> {
        let number = self.number;
        if record.as_slice().len() > limits::ROW_BYTES_MAX {
            return Err(too_long(number));
        }
        if record.len() != self.columns.len() {
            return Err(RowError {
                number,
                code: "columns_differ",
                message: "the row has more or fewer values than the header",
                remedy: "check its quotes and delimiters",
            });
        }
        let mut fields = Vec::with_capacity(record.len());
        for (column, bytes) in self.columns.clone().into_iter().zip(record) {
            let value = self.decode(bytes).ok_or(RowError {
                number,
                code: "not_utf8",
                message: "the row is not UTF-8 as the rows before it are",
                remedy: "save the whole file in one encoding",
            })?;
            let value = Some(value.into_owned()).filter(|value| !value.is_empty());
            fields.push((column, value));
        }
        Ok(Row { number, fields: Sensitive::new(fields) })
    }
}

impl Iterator for CsvRows {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let mut record = std::mem::take(&mut self.record);
        let read = self.reader.read_byte_record(&mut record);
        self.number += 1;
        let row = match read {
            Ok(true) => Some(self.row(&record)),
            Ok(false) => None,
            Err(_) => Some(Err(lost(self.number))),
        };
        self.ended = !matches!(read, Ok(true));
        self.record = record;
        row
    }
}

/// The delimiter that most lines of a sample have equally often.
fn delimiter(sample: &[u8]) -> u8 {
    let lines: Vec<&[u8]> = sample.split(|byte| *byte == b'\n').take(SAMPLE_LINES).collect();
    let whole = match lines.as_slice() {
        // The last line of a sample is cut somewhere.
        [whole @ .., _] if !whole.is_empty() => whole,
        only => only,
    };
    let score = |delimiter: &u8| {
        let counts: Vec<usize> = whole.iter().map(|line| unquoted(line, *delimiter)).collect();
        let first = counts.first().copied().unwrap_or(0);
        let alike = counts.iter().filter(|count| **count == first).count();
        if first == 0 { (0, 0) } else { (alike, first) }
    };
    // Of equals the first wins: `max_by_key` would take the last.
    DELIMITERS.into_iter().rev().max_by_key(score).unwrap_or(b',')
}

fn unquoted(line: &[u8], delimiter: u8) -> usize {
    let mut quoted = false;
    let mut count = 0;
    for byte in line {
        quoted ^= *byte == b'"';
        count += usize::from(*byte == delimiter && !quoted);
    }
    count
}

/// A character of Windows-1252 (WHATWG Encoding, index windows-1252).
fn windows_1252(byte: u8) -> char {
    const FROM_0X80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let special = usize::from(byte).checked_sub(0x80).and_then(|at| FROM_0X80.get(at));
    special.copied().unwrap_or_else(|| char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_found() {
        for (sample, wanted) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2\n3,5;4\n", b';'),
            ("a\tb\n1\t2\n", b'\t'),
            ("a|b\n1|2", b'|'),
            ("only\n1\n", b','),
            ("\"a;b\",c\n\"1;2;3\",4\n", b','),
            ("", b','),
        ] {
            assert_eq!(delimiter(sample.as_bytes()), wanted, "{sample}");
        }
    }

    #[test]
    fn windows_1252_is_latin_1_with_exceptions() {
        let read: String =
            b"Gr\xfc\xdfe \x80 \x9e".iter().map(|byte| windows_1252(*byte)).collect();
        assert_eq!(read, "Grüße € ž");
    }
}
