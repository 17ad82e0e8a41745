//! Labelled sets, read for tests: records for the engine, truth for the evaluation only.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::cast_possible_truncation,
    reason = "a file that is not as expected shall stop the test"
)]

use linkage::record::{Options, Reader, Records, Schema};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field as Cell;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

/// A set with its truth.
pub(crate) struct Labelled {
    pub(crate) records: Records,
    pub(crate) people: Vec<u32>,
    pub(crate) households: Vec<u32>,
    /// Rows of the first file.
    pub(crate) first: usize,
}

fn table(name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    if path.extension().is_some_and(|ending| ending == "csv") {
        let mut reader = csv::Reader::from_path(path).unwrap();
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let row = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
        return (header, reader.records().map(|record| row(record.unwrap())).collect());
    }
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema().clone();
    let header = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
    let text = |cell: &Cell| match cell {
        Cell::Str(text) => text.clone(),
        _ => String::new(),
    };
    let rows = reader.get_row_iter(None).unwrap();
    let rows = rows.map(|row| row.unwrap().get_column_iter().map(|(_, cell)| text(cell)).collect());
    (header, rows.collect())
}

/// Reads files of one layout, one behind the other.
pub(crate) fn labelled(names: &[&str]) -> Labelled {
    let mut records = Records::default();
    let (mut people, mut households) = (Numbers::default(), Numbers::default());
    let mut first = 0;
    for name in names {
        let (header, rows) = table(name);
        if *name == names[0] {
            first = rows.len();
        }
        let names: Vec<&str> = header.iter().map(String::as_str).collect();
        let schema = Schema::recognise(&names, &rows[..rows.len().min(200)]);
        let mut reader = Reader::new(schema, Options::default());
        let column = |wanted: &str| header.iter().position(|name| name == wanted);
        let (entity, household) = (column("entity_id"), column("household_id"));
        for row in rows {
            let values: Vec<&str> = row.iter().map(String::as_str).collect();
            let key = records.rows.len() as u128;
            reader.push(&mut records, key, &values);
            people.push(entity.map_or("", |place| values[place]));
            households.push(household.map_or("", |place| values[place]));
        }
    }
    Labelled { records, people: people.all, households: households.all, first }
}

#[derive(Default)]
struct Numbers {
    known: HashMap<String, u32>,
    all: Vec<u32>,
}

impl Numbers {
    fn push(&mut self, label: &str) {
        let next = self.known.len() as u32;
        self.all.push(*self.known.entry(label.to_owned()).or_insert(next));
    }
}
