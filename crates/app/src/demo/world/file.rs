//! The file of the customer-relations desk: rows typed by hand, some people twice.

use super::calendar::instant;
use super::chance::{Chance, wide};
use super::consent;
use super::entry::{Desk, Entry};
use super::flags::Flags;
use super::population::Person;
use super::{Topic, World};
use std::io::{self, Write};

const HEADER: &str = "customer_no,first_name,last_name,email,phone,street,city,postcode,country,\
    birth_date,gender,marketing_email,updated_at";

/// One row with the truth about it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) nth: usize,
    pub(super) entry: Entry,
    line: String,
}

impl World {
    /// The whole file as text (RFC 4180, with a header).
    pub fn crm_csv(&self) -> String {
        let mut out = Vec::new();
        match self.write_crm_csv(&mut out) {
            Ok(()) => String::from_utf8(out).unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Writes the file row by row.
    ///
    /// # Errors
    ///
    /// When `out` cannot be written to.
    pub fn write_crm_csv(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{HEADER}")?;
        self.rows().try_for_each(|row| writeln!(out, "{}", row.line))
    }

    /// The rows of the file by their numbers; who stands twice has two.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row> {
        let mut due = Vec::new();
        for (nth, person) in self.population.people.iter().enumerate() {
            if person.flags.has(Flags::DESK) {
                due.push((self.row_number(nth, false), nth, Desk::File));
                if person.flags.has(Flags::TWICE) {
                    due.push((self.row_number(nth, true), nth, Desk::FileAgain));
                }
            }
        }
        // By number and not by person: neighbours in the file are not one family.
        due.sort_unstable_by_key(|(number, _, _)| *number);
        due.into_iter().filter_map(|(_, nth, desk)| {
            let (person, _) = self.person(nth)?;
            Some(self.row(nth, person, desk))
        })
    }

    fn row(&self, nth: usize, person: &Person, desk: Desk) -> Row {
        let again = desk == Desk::FileAgain;
        let parts = [self.spec.seed, Topic::FILE, wide(nth), u64::from(again)];
        let mut chance = Chance::of(&parts);
        let updated_ms =
            chance.between(person.joined_ms.min(self.spec.now_ms - 1), self.spec.now_ms);
        let entry = self.entry(nth, desk, updated_ms);
        let key = self.customer_no(nth, person, again);
        let updated = instant(updated_ms);
        let fields = [
            key.as_str(),
            &entry.given,
            &entry.family,
            &entry.email,
            &entry.phone,
            &entry.street,
            &entry.city,
            &entry.postcode,
            entry.country,
            &entry.birth,
            entry.gender,
            consent::column(person.stance.at(updated_ms)),
            &updated,
        ];
        Row { line: joined(&fields), key, nth, entry }
    }
}

/// Fields as one line of CSV.
pub(super) fn joined(fields: &[&str]) -> String {
    let mut line = String::with_capacity(160);
    for (nth, field) in fields.iter().enumerate() {
        if nth > 0 {
            line.push(',');
        }
        if field.contains([',', '"', '\n']) {
            line.push('"');
            line.push_str(&field.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(field);
        }
    }
    line
}
