//! The world as files with the truth beside them, so that linkage can be judged.

use super::World;
use super::batches::write_sent;
use super::file::joined;
use super::flags::Flags;
use super::json::Json;
use super::session::Label;
use super::stream::Stream;
use super::wire::{Dialect, Lane};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Source, kind and key of a record.
type Name = (&'static str, &'static str, String);
/// Whose records they are and what is difficult about them; a shared device has several people.
type Truth = HashMap<Name, Vec<(Result<usize, u64>, Flags)>>;

impl World {
    /// Writes three files into `dir`, which is made if it is missing:
    ///
    /// - `events.ndjson`: one event a line, in the order of arrival, as
    ///   `{"source","dialect","gpc","receivedAt","event":{…}}`;
    /// - `crm.csv`: the file of the customer-relations desk;
    /// - `truth.csv`: `source,kind,key,person,household,flags` for every record that occurs. A
    ///   device that several people used has a row for each of them and the flag `shared_device`;
    ///   flags are parted by semicolons; strangers have no household.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn write_labelled(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)?;
        let mut truth = Truth::new();
        let mut events = BufWriter::new(File::create(dir.join("events.ndjson"))?);
        for mut message in Stream::new(self) {
            let mut json = Json::object();
            json.text("source", message.lane.source());
            json.text("dialect", word(message.lane.dialect()));
            json.raw("gpc", if message.lane == Lane::WebPrivate { "true" } else { "false" });
            json.instant("receivedAt", message.arrives_ms);
            let mut event = String::with_capacity(message.json.len() + 48);
            write_sent(&mut event, &message, message.arrives_ms);
            json.raw("event", &event);
            writeln!(events, "{}", json.closed())?;
            for label in message.labels.drain(..) {
                note(&mut truth, message.lane.source(), label);
            }
        }
        events.flush()?;
        let mut rows = BufWriter::new(File::create(dir.join("crm.csv"))?);
        self.write_crm_csv(&mut rows)?;
        rows.flush()?;
        for row in self.rows() {
            let flags = row.entry.flags;
            note(
                &mut truth,
                "crm",
                Label { kind: "row", key: row.key, person: Ok(row.nth), flags },
            );
        }
        self.write_truth(truth, &dir.join("truth.csv"))
    }

    fn write_truth(&self, truth: Truth, path: &Path) -> io::Result<()> {
        let mut records: Vec<_> = truth.into_iter().collect();
        records.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        let mut out = BufWriter::new(File::create(path)?);
        writeln!(out, "source,kind,key,person,household,flags")?;
        for ((source, kind, key), people) in records {
            for (person, flags) in people {
                let (person, household) = match person {
                    Ok(nth) => {
                        let home = self.person(nth).map_or(0, |(person, _)| person.household);
                        (format!("p{nth:06}"), format!("h{home:06}"))
                    }
                    Err(visit) => (format!("s{visit:07}"), String::new()),
                };
                let words = flags.words();
                let line = joined(&[source, kind, &key, &person, &household, &words]);
                writeln!(out, "{line}")?;
            }
        }
        out.flush()
    }
}

fn note(truth: &mut Truth, source: &'static str, label: Label) {
    let people = truth.entry((source, label.kind, label.key)).or_default();
    match people.iter_mut().find(|(person, _)| *person == label.person) {
        Some((_, flags)) => *flags |= label.flags,
        None => people.push((label.person, label.flags)),
    }
}

const fn word(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Segment => "segment",
        Dialect::Rudder => "rudder",
        Dialect::Jitsu => "jitsu",
    }
}
