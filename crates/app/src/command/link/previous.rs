//! Ids of people that stay from run to run, though records come, go and are divided otherwise.

use super::engine::{Linked, older};
use super::problem::Problem;
use super::table::{Table, key_of};
use anyhow::Result;
use collect::import::{FileKind, Rows};
use linkage::engine::{Past, name_people};
use linkage::record::RecordKey;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::Path;

/// The id of each record's person.
pub(super) struct Names {
    /// By record.
    pub(super) ids: Vec<String>,
    /// Ids that nobody bears any more.
    pub(super) retired: usize,
}

/// Names people as they were named in a table that an earlier run wrote.
///
/// # Errors
///
/// [`Problem`] when that table cannot be read or lacks a column.
pub(super) fn names(path: &Path, table: &Table, linked: &Linked) -> Result<Names> {
    let (past, mut texts) = read(path)?;
    let mut order: Vec<u32> = (0..).take(table.ids.len()).collect();
    order.sort_unstable_by(|x, y| older(table, *x, *y));
    let key = |record: u32| table.records.keys.get(record as usize).copied().unwrap_or_default();
    let ages: HashMap<RecordKey, u32> = order.iter().copied().map(key).zip(0..).collect();
    // Of those that are no longer there nobody knows the age: the living go before.
    let age = |key: RecordKey| ages.get(&key).copied().unwrap_or(u32::MAX);
    let mut people: BTreeMap<u32, Vec<RecordKey>> = BTreeMap::new();
    for (record, person) in (0..).zip(&linked.people) {
        people.entry(*person).or_default().push(key(record));
    }
    let people: Vec<Vec<RecordKey>> = people.into_values().collect();
    let named = name_people(&people, &past, age);
    for record in 0..table.ids.len() {
        let record = u32::try_from(record).unwrap_or(u32::MAX);
        texts.entry(key(record)).or_insert_with(|| table.id(record).to_owned());
    }
    let text = |(record, oldest): (u32, &u32)| {
        let id = named.ids.get(&key(record)).copied().unwrap_or_default();
        // A person that left one that bears the name of its record.
        texts.get(&id).cloned().unwrap_or_else(|| format!("{}~", table.id(*oldest)))
    };
    let ids = (0..).zip(&linked.named).map(text).collect();
    Ok(Names { ids, retired: named.redirects.len() })
}

/// Who was whom, and what ids are called.
fn read(path: &Path) -> Result<(Past, HashMap<RecordKey, String>)> {
    let missing = |error: std::io::Error| {
        Problem::file("file_missing", error.to_string().to_lowercase(), path, "check its name")
    };
    let kind = FileKind::of_path(path).unwrap_or(FileKind::Csv);
    let rows = Rows::open(File::open(path).map_err(missing)?, kind, 0).map_err(|error| {
        Problem::file("file_unreadable", error.to_string(), path, "give what `link dedupe` wrote")
    })?;
    let (mut past, mut texts) = (Past::new(), HashMap::new());
    for row in rows {
        let remedy = "give what `link dedupe --out` wrote";
        let wrong = |number, what| Problem::row("previous_wrong", what, path, number, remedy);
        let row = row.map_err(|error| wrong(error.number, error.message))?;
        #[expect(clippy::disallowed_methods, reason = "ids only, which are written again")]
        let fields = row.fields.reveal();
        let get = |name: &str| {
            let found = fields.iter().find(|(known, _)| **known == *name);
            found.and_then(|(_, value)| value.as_deref())
        };
        let (Some(id), Some(person)) = (get("id"), get("person_id")) else {
            return Err(wrong(row.number, "there is no id or no person_id").into());
        };
        let of_person = key_of(0, person);
        past.insert(key_of(0, id), of_person);
        texts.entry(of_person).or_insert_with(|| person.to_owned());
    }
    Ok((past, texts))
}
