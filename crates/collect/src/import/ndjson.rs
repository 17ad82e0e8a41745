//! NDJSON: one object in each line; objects inside become names with dots.

use super::{Fields, ImportError, Progress, Row, RowError, limits, lost, too_long};
use crate::json::{self, Map, Value};
use model::Sensitive;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct NdjsonRows {
    reader: BufReader<File>,
    columns: Vec<Arc<str>>,
    /// Read ahead, to know the columns and to pass over what is not wanted.
    first: Option<Result<Row, RowError>>,
    line: Vec<u8>,
    number: u64,
    done: u64,
    total: u64,
    ended: bool,
}

impl NdjsonRows {
    pub(super) fn open(file: File, after: u64) -> Result<Self, ImportError> {
        let total = file.metadata()?.len();
        let mut rows = Self {
            reader: BufReader::new(file),
            columns: Vec::new(),
            first: None,
            line: Vec::new(),
            number: 0,
            done: 0,
            total,
            ended: false,
        };
        let mut next = rows.read();
        if let Some(Ok(row)) = &next {
            #[expect(clippy::disallowed_methods, reason = "only the names of columns are taken")]
            let fields = row.fields.reveal();
            rows.columns = fields.iter().map(|(column, _)| Arc::clone(column)).collect();
        }
        while next.as_ref().is_some_and(|next| number(next) <= after) {
            next = rows.read();
        }
        rows.first = next;
        Ok(rows)
    }

    pub(super) fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    pub(super) fn progress(&self) -> Progress {
        Progress { done: self.done.min(self.total), total: self.total }
    }

    fn read(&mut self) -> Option<Result<Row, RowError>> {
        loop {
            if self.ended {
                return None;
            }
            self.line.clear();
            self.number += 1;
            let limit = limits::ROW_BYTES_MAX as u64 + 1;
            match self.reader.by_ref().take(limit).read_until(b'\n', &mut self.line) {
                Ok(0) => {
                    self.ended = true;
                    return None;
                }
                Ok(length) => self.done += length as u64,
                Err(_) => {
                    self.ended = true;
                    return Some(Err(lost(self.number)));
                }
            }
            if self.line.len() > limits::ROW_BYTES_MAX && !self.line.ends_with(b"\n") {
                return Some(Err(self.pass_over()));
            }
            if self.number == 1
                && let Some(rest) = self.line.strip_prefix(b"\xef\xbb\xbf")
            {
                self.line = rest.to_vec();
            }
            if !self.line.trim_ascii().is_empty() {
                return Some(row(&self.line, self.number));
            }
        }
    }

    /// Passes over the rest of a line that is too long, without keeping it.
    fn pass_over(&mut self) -> RowError {
        if let Ok(length) = self.reader.skip_until(b'\n') {
            self.done += length as u64;
            return too_long(self.number);
        }
        self.ended = true;
        lost(self.number)
    }
}

impl Iterator for NdjsonRows {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.first.take().or_else(|| self.read())
    }
}

const fn number(row: &Result<Row, RowError>) -> u64 {
    match row {
        Ok(row) => row.number,
        Err(error) => error.number,
    }
}

fn row(line: &[u8], number: u64) -> Result<Row, RowError> {
    let error = RowError {
        number,
        code: "not_json",
        message: "the line is not an acceptable JSON object",
        remedy: "write one object without duplicate keys in each line, as UTF-8",
    };
    let text = std::str::from_utf8(line).map_err(|_| error)?;
    let map = json::read(text.trim(), limits::DEPTH_MAX).map_err(|_| error)?;
    let mut fields = Fields::new();
    flatten(map, "", &mut fields);
    if fields.len() > limits::COLUMNS_MAX {
        return Err(RowError {
            number,
            code: "too_many_members",
            message: "the row has more than 2000 members",
            remedy: "split it",
        });
    }
    Ok(Row { number, fields: Sensitive::new(fields) })
}

fn flatten(map: Map, prefix: &str, fields: &mut Fields) {
    for (key, value) in map {
        let name: Arc<str> = format!("{prefix}{key}").into();
        let text = match value {
            Value::Object(inside) => {
                flatten(inside, &format!("{name}."), fields);
                continue;
            }
            Value::Null => None,
            Value::Text(text) => Some(text.into_string()).filter(|text| !text.is_empty()),
            value @ (Value::Bool(_) | Value::Number(_) | Value::List(_)) => Some(value.to_string()),
        };
        fields.push((name, text));
    }
}
