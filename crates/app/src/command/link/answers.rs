//! Answers of people about pairs, as a report's review list gives them: `id_l,id_r,answer`.

use super::problem::Problem;
use super::table::Table;
use anyhow::Result;
use collect::import::{FileKind, Rows};
use linkage::engine::Asserted;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

/// What somebody who knows has said of two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) same: bool,
}

/// Reads answers. Those that are unsure say nothing.
///
/// # Errors
///
/// [`Problem`] when the file cannot be read, lacks a column, or names a record that is not there.
pub(super) fn read(path: &Path, table: &Table) -> Result<Vec<Answer>> {
    let file = File::open(path).map_err(|error| {
        Problem::file("file_missing", error.to_string().to_lowercase(), path, "check its name")
    })?;
    let rows =
        Rows::open(file, FileKind::of_path(path).unwrap_or(FileKind::Csv), 0).map_err(|error| {
            Problem::file("file_unreadable", error.to_string(), path, "give a CSV file")
        })?;
    let records: HashMap<&str, u32> = table.ids.iter().map(|id| &**id).zip(0..).collect();
    let mut answers = Vec::new();
    for row in rows {
        let wrong = |number: u64, what: &str, remedy: &str| {
            Problem::row("answer_wrong", what, path, number, remedy)
        };
        let row = row.map_err(|error| wrong(error.number, error.message, error.remedy))?;
        #[expect(
            clippy::disallowed_methods,
            reason = "ids and answers; ids are not told in errors"
        )]
        let fields = row.fields.reveal();
        let get = |name: &str| {
            let found = fields.iter().find(|(known, _)| **known == *name);
            found.and_then(|(_, value)| value.as_deref()).map(str::trim).unwrap_or_default()
        };
        let record = |name: &str| {
            let remedy =
                "answers name records of the files by id, in the columns id_l, id_r and answer";
            records.get(get(name)).copied().ok_or_else(|| {
                wrong(row.number, &format!("{name} names no record of these files"), remedy)
            })
        };
        let same = match get("answer") {
            "same" => true,
            "different" => false,
            "unsure" | "" => continue,
            _ => {
                return Err(wrong(
                    row.number,
                    "the answer is not known",
                    "use same, different or unsure",
                )
                .into());
            }
        };
        answers.push(Answer { a: record("id_l")?, b: record("id_r")?, same });
    }
    Ok(answers)
}

/// Answers as the engine takes them.
pub(super) fn asserted(answers: &[Answer], table: &Table) -> Vec<Asserted> {
    let key = |record: u32| table.records.keys.get(record as usize).copied();
    let said = answers.iter().filter_map(|answer| {
        Some(Asserted { a: key(answer.a)?, b: key(answer.b)?, same: answer.same })
    });
    said.collect()
}
