//! Files read into the engine's records. Values go through and are not kept: what a report shows of
//! them is fetched again for the few records that it shows.

use super::columns::{self, Said};
use super::problem::Problem;
use crate::command::{Bars, say};
use anyhow::Result;
use collect::import::{FileKind, ImportError, Row, RowError, Rows};
use linkage::perfect::Country;
use linkage::record::{Options, Reader, Records, Schema};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows whose content is looked at to recognise columns.
const SAMPLE_ROWS: usize = 200;

/// One file of a table.
#[derive(Debug)]
pub(super) struct Part {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its columns.
    pub(super) columns: Vec<Arc<str>>,
    /// What they mean.
    pub(super) schema: Schema,
    /// The number of its first record in the table.
    pub(super) first: usize,
    kind: FileKind,
    id: Option<usize>,
}

/// The records of one or several files.
#[derive(Debug)]
pub(super) struct Table {
    /// For the engine.
    pub(super) records: Records,
    /// What each record is called in its file.
    pub(super) ids: Vec<Box<str>>,
    /// The files.
    pub(super) parts: Vec<Part>,
    /// For each column of truth, a number for each record's label; nothing where it is empty.
    pub(super) truth: Vec<Vec<Option<u32>>>,
    /// Rows that could not be read.
    pub(super) unreadable: u64,
}

/// The values of a few records, by column.
pub(super) type Values = BTreeMap<u32, Vec<(Arc<str>, String)>>;

/// How a table is read.
pub(super) struct Reading<'a> {
    pub(super) said: &'a Said,
    pub(super) country: Option<Country>,
    /// Whether ids need only differ within a file.
    pub(super) ids_by_file: bool,
    pub(super) quiet: bool,
    pub(super) bars: Bars,
}

impl Table {
    /// Reads files.
    ///
    /// # Errors
    ///
    /// [`Problem`] when a file is missing, unreadable or empty, a column is not there, nothing is
    /// recognised, or ids are missing or not unique.
    pub(super) fn read(paths: &[PathBuf], reading: &Reading<'_>) -> Result<Self> {
        let mut parts =
            paths.iter().map(|path| Part::look(path, reading.said)).collect::<Result<Vec<_>>>()?;
        let mut schemas: Vec<_> =
            parts.iter_mut().map(|part| (part.columns.as_slice(), &mut part.schema)).collect();
        columns::align_others(&mut schemas);
        let mut table = Self {
            records: Records::default(),
            ids: Vec::new(),
            parts: Vec::new(),
            truth: vec![Vec::new(); reading.said.truth.len()],
            unreadable: 0,
        };
        let mut known = Known::default();
        for (number, mut part) in parts.into_iter().enumerate() {
            if !reading.quiet {
                columns::show(&part.path, &part.columns, &part.schema);
            }
            part.first = table.ids.len();
            if reading.ids_by_file {
                known.ids.clear();
            }
            table.append(&part, number, reading, &mut known)?;
            if table.ids.len() == part.first {
                return Err(empty(&part.path).into());
            }
            table.parts.push(part);
        }
        if table.ids.len() < 2 {
            let (what, remedy) = ("there is only one record", "give at least two records to link");
            let place = paths.first().cloned().unwrap_or_default();
            return Err(Problem::file("one_record", what, &place, remedy).into());
        }
        Ok(table)
    }

    fn append(
        &mut self,
        part: &Part,
        number: usize,
        reading: &Reading<'_>,
        known: &mut Known,
    ) -> Result<()> {
        let truth = part.places_of(&reading.said.truth);
        let mut rows = part.rows()?;
        let bar = reading.bars.of("reading", rows.progress().total, "");
        let options = Options { country: reading.country, ..Options::default() };
        let mut reader = Reader::new(part.schema.clone(), options);
        let mut order = Order::of(&part.columns);
        while let Some(row) = rows.next() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    self.refuse(part, error);
                    continue;
                }
            };
            let line = row.number;
            #[expect(clippy::disallowed_methods, reason = "read into what is compared; not kept")]
            let fields = row.fields.reveal();
            let mut values = order.values(fields);
            let id = part.id_of(line, &values)?;
            let key = key_of(if reading.ids_by_file { number } else { 0 }, &id);
            if !known.ids.insert(key) {
                let what = "its id has been seen before";
                let remedy = "make ids unique over all files, or name another column with --id";
                return Err(Problem::row("duplicate_id", what, &part.path, line, remedy).into());
            }
            for ((column, labels), place) in self.truth.iter_mut().enumerate().zip(&truth) {
                let label = values.get_mut(*place).map(std::mem::take).unwrap_or_default();
                labels.push(known.label(column, label));
            }
            reader.push(&mut self.records, key, &values);
            self.ids.push(id.into_boxed_str());
            if self.ids.len().is_multiple_of(1_024) {
                bar.set_position(rows.progress().done);
            }
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn refuse(&mut self, part: &Part, error: RowError) {
        const TOLD_MAX: u64 = 5;
        self.unreadable += 1;
        if self.unreadable <= TOLD_MAX {
            say::error(&format!("left out: {}: [{}] {error}", part.path.display(), error.code));
        }
    }

    /// What records are called.
    pub(super) fn id(&self, record: u32) -> &str {
        self.ids.get(record as usize).map_or("", |id| id)
    }

    /// The values of a few records, by column name: read again from their files.
    ///
    /// # Errors
    ///
    /// When a file is no longer there.
    pub(super) fn values(&self, records: &[u32]) -> Result<Values> {
        let wanted: HashSet<usize> = records.iter().map(|record| *record as usize).collect();
        let mut found = BTreeMap::new();
        for part in &self.parts {
            let next = self.parts.iter().map(|other| other.first).find(|first| *first > part.first);
            let range = part.first..next.unwrap_or(self.ids.len());
            let Some(last) = wanted.iter().filter(|record| range.contains(record)).max() else {
                continue;
            };
            let mut order = Order::of(&part.columns);
            let good = part.rows()?.flatten();
            for (place, row) in (part.first..=*last).zip(good) {
                if wanted.contains(&place) {
                    found.insert(
                        u32::try_from(place).unwrap_or(u32::MAX),
                        shown(part, &mut order, &row),
                    );
                }
            }
        }
        Ok(found)
    }
}

/// The values of a row that say something of a person.
fn shown(part: &Part, order: &mut Order<'_>, row: &Row) -> Vec<(Arc<str>, String)> {
    #[expect(
        clippy::disallowed_methods,
        reason = "shown to whoever asked for a report of their file"
    )]
    let fields = row.fields.reveal();
    let values = order.values(fields);
    let told = part.columns.iter().zip(&part.schema.fields).zip(values);
    told.filter(|((_, field), _)| columns::is_evidence(**field))
        .map(|((name, _), value)| (Arc::clone(name), value.to_owned()))
        .collect()
}

impl Part {
    /// Looks at the first rows of a file to see what its columns mean.
    fn look(path: &Path, said: &Said) -> Result<Self> {
        let Some(kind) = FileKind::of_path(path) else {
            let what = "the kind of the file is not known";
            let remedy = "name it .csv, .ndjson or .parquet, after what it is";
            return Err(Problem::file("unknown_kind", what, path, remedy).into());
        };
        let none = Schema::new(Vec::new());
        let mut part = Self {
            path: path.to_owned(),
            columns: Vec::new(),
            schema: none,
            first: 0,
            kind,
            id: None,
        };
        let mut rows = part.rows()?;
        let mut columns = rows.columns().to_vec();
        let page: Vec<Row> = rows.by_ref().flatten().take(SAMPLE_ROWS).collect();
        if page.is_empty() {
            return Err(empty(path).into());
        }
        #[expect(clippy::disallowed_methods, reason = "looked at to recognise columns; not kept")]
        for row in &page {
            for (name, _) in row.fields.reveal() {
                if !columns.contains(name) {
                    columns.push(Arc::clone(name));
                }
            }
        }
        let mut order = Order::of(&columns);
        #[expect(clippy::disallowed_methods, reason = "looked at to recognise columns; not kept")]
        let sample = page
            .iter()
            .map(|row| order.values(row.fields.reveal()).into_iter().map(str::to_owned).collect());
        let mut sample: Vec<Vec<String>> = sample.collect();
        // Recognition does not see truth either.
        for (place, _) in
            columns.iter().enumerate().filter(|(_, name)| said.truth.iter().any(|t| **t == ***name))
        {
            for value in sample.iter_mut().filter_map(|row| row.get_mut(place)) {
                value.clear();
            }
        }
        (part.schema, part.id) = said.recognise(path, &columns, &sample)?;
        part.columns = columns;
        Ok(part)
    }

    fn rows(&self) -> Result<Rows> {
        let file = File::open(&self.path).map_err(|error| {
            let remedy = "check its name, and that it may be read";
            Problem::file("file_missing", plain(&error), &self.path, remedy)
        })?;
        if file.metadata().is_ok_and(|file| file.is_file() && file.len() == 0) {
            return Err(empty(&self.path).into());
        }
        Ok(Rows::open(file, self.kind, 0).map_err(|error| match error {
            ImportError::Io(error) => Problem::file(
                "file_unreadable",
                plain(&error),
                &self.path,
                "check that it may be read",
            ),
            ImportError::Unreadable { message, remedy } => {
                Problem::file("file_unreadable", message, &self.path, remedy)
            }
        })?)
    }

    fn id_of(&self, line: u64, values: &[&str]) -> Result<String> {
        let Some(place) = self.id else { return Ok(line.to_string()) };
        let id = values.get(place).copied().unwrap_or_default().trim();
        if id.is_empty() {
            let what = "it has no id";
            let remedy = "give each record an id, or name another column with --id";
            return Err(Problem::row("no_id", what, &self.path, line, remedy).into());
        }
        Ok(id.to_owned())
    }

    fn places_of(&self, names: &[String]) -> Vec<usize> {
        let place = |name: &String| self.columns.iter().position(|known| **known == **name);
        names.iter().map(|name| place(name).unwrap_or(usize::MAX)).collect()
    }
}

fn plain(error: &std::io::Error) -> String {
    error.to_string().to_lowercase()
}

fn empty(path: &Path) -> Problem {
    let (what, remedy) = ("there is no record in it", "give a file with a header and rows");
    Problem::file("empty_file", what, path, remedy)
}

/// Ids and labels that were seen.
#[derive(Default)]
struct Known {
    ids: HashSet<u128>,
    labels: HashMap<(usize, Box<str>), u32>,
}

impl Known {
    fn label(&mut self, column: usize, label: &str) -> Option<u32> {
        let label = label.trim();
        if label.is_empty() {
            return None;
        }
        let next = u32::try_from(self.labels.len()).unwrap_or(u32::MAX);
        Some(*self.labels.entry((column, label.into())).or_insert(next))
    }
}

/// Values in the order of columns, however a row orders them: those of NDJSON leave members out.
struct Order<'a> {
    columns: &'a [Arc<str>],
    places: HashMap<&'a str, usize>,
}

impl<'a> Order<'a> {
    fn of(columns: &'a [Arc<str>]) -> Self {
        let places = columns.iter().enumerate().map(|(place, name)| (&**name, place)).collect();
        Self { columns, places }
    }

    fn values<'v>(&mut self, fields: &'v [(Arc<str>, Option<String>)]) -> Vec<&'v str> {
        let mut values = vec![""; self.columns.len()];
        for (nth, (name, value)) in fields.iter().enumerate() {
            let here = self
                .columns
                .get(nth)
                .is_some_and(|known| Arc::ptr_eq(known, name) || known == name);
            let place = if here { Some(nth) } else { self.places.get(&**name).copied() };
            if let (Some(slot), Some(value)) =
                (place.and_then(|place| values.get_mut(place)), value)
            {
                *slot = value;
            }
        }
        values
    }
}

/// The engine's name of a record: FNV-1a over file and id, so that ties fall the same way whatever
/// the order of rows.
pub(super) fn key_of(file: usize, id: &str) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let bytes = file.to_le_bytes().into_iter().chain(id.bytes());
    bytes.fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}
