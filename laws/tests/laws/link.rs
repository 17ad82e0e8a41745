//! `bonafide link` as people run it: files in, files out, and what it says when it cannot.

mod bad_input;
mod guide;
mod report;

use laws::process::program;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Records whose truth is known, in the column `entity_id`.
const FAKE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/linkage/tests/data/fake_1000.csv");

/// A directory to work in, with `customers.csv` in it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::copy(FAKE, dir.path().join("customers.csv")).unwrap();
        Self(dir)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.at(name), text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    fn run(&self, words: &str) -> Output {
        let mut command = Command::new(program());
        command.current_dir(self.0.path()).arg("link").args(words.split_whitespace());
        command.output().unwrap()
    }

    /// Runs what must succeed; gives what it printed.
    fn link(&self, words: &str) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The person of each record in a table of `dedupe`.
fn people(csv: &str) -> BTreeMap<String, String> {
    let rows = csv.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    rows.map(|row| (row[0].to_owned(), row[1].to_owned())).collect()
}

/// The rows of a Parquet table as CSV without a header.
fn parquet_rows(path: &Path) -> Vec<String> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field as Cell;
    let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
    let cell = |field: &Cell| {
        if let Cell::Double(number) = field {
            return format!("{number:.6}");
        }
        field.to_string().trim_matches('"').to_owned()
    };
    rows.map(|row| {
        row.get_column_iter().map(|(_, field)| cell(field)).collect::<Vec<_>>().join(",")
    })
    .collect()
}

#[test]
fn a_file_becomes_people() {
    let desk = Desk::new();
    let said =
        desk.link("dedupe customers.csv --id unique_id --out people.csv --pairs pairs.csv --quiet");
    assert!(said.starts_with("1,000 records are "), "{said}");
    let table = desk.text("people.csv");
    assert!(table.starts_with("id,person_id,household_id,confidence\n"));
    let people = people(&table);
    assert_eq!(people.len(), 1_000);
    // Four records of one man, who is named by the least of them.
    assert_eq!(people["3"], "0");
    assert!(
        people.values().all(|person| people[person] == *person),
        "people are named by their own"
    );
    let pairs = desk.text("pairs.csv");
    assert!(pairs.starts_with("id_l,id_r,probability\n"));
    assert!(pairs.lines().count() > 1_000);
}

#[test]
fn all_kinds_of_files_say_the_same() {
    let desk = Desk::new();
    for kind in ["csv", "ndjson", "parquet"] {
        desk.link(&format!("dedupe customers.csv --out people.{kind} --quiet"));
    }
    let csv = desk.text("people.csv");
    let rows: Vec<&str> = csv.lines().skip(1).collect();
    assert_eq!(rows, parquet_rows(&desk.at("people.parquet")));
    let json = desk.text("people.ndjson");
    for (line, row) in json.lines().zip(&rows) {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        let confidence = value["confidence"].as_f64().unwrap();
        let said = format!(
            "{},{},{},{confidence:.6}",
            text("id"),
            text("person_id"),
            text("household_id")
        );
        assert_eq!(said, **row);
    }
    // And what was written can be read again, as other kinds of input.
    let said = desk.run("dedupe people.parquet --quiet");
    assert!(String::from_utf8_lossy(&said.stderr).contains("[nothing_recognised]"));
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let desk = Desk::new();
    desk.link("dedupe customers.csv --out one.csv --quiet");
    let text = desk.text("customers.csv");
    let mut rows: Vec<&str> = text.lines().collect();
    rows[1..].reverse();
    desk.put("customers.csv", &rows.join("\n"));
    desk.link("dedupe customers.csv --out two.csv --quiet");
    let (one, two) = (people(&desk.text("one.csv")), people(&desk.text("two.csv")));
    assert_eq!(one, two);
}

#[test]
fn truth_is_judged_by_and_never_read() {
    let desk = Desk::new();
    let words = "evaluate customers.csv --truth entity_id --quiet";
    let said = desk.link(words);
    let figures = |said: &str, name: &str| -> Vec<f64> {
        let line = said.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    };
    assert!(figures(&said, "pairs ")[2] > 0.9, "{said}");
    assert!(figures(&said, "B³")[2] > 0.9, "{said}");
    // Whatever truth says, and though its column is called by the name of evidence, people are the same.
    let text = desk.text("customers.csv");
    let (head, rows) = text.split_once('\n').unwrap();
    let lied = rows
        .lines()
        .enumerate()
        .map(|(nth, row)| format!("{},a{}@example.org", row.rsplit_once(',').unwrap().0, nth % 3));
    let lied = lied.collect::<Vec<_>>().join("\n");
    desk.put("customers.csv", &format!("{}\n{lied}", head.replace("entity_id", "e_mail")));
    let lied = desk.link("evaluate customers.csv --truth e_mail --quiet");
    assert_eq!(said.lines().next(), lied.lines().next());
    assert!(figures(&lied, "pairs ")[2] < 0.1, "{lied}");
}

#[test]
fn two_files_are_paired() {
    let desk = Desk::new();
    let text = desk.text("customers.csv");
    let (head, rows) = text.split_once('\n').unwrap();
    let (left, right): (Vec<_>, Vec<_>) =
        rows.lines().enumerate().partition(|(nth, _)| nth % 2 == 0);
    let file = |rows: Vec<(usize, &str)>| {
        format!("{head}\n{}", rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>().join("\n"))
    };
    desk.put("left.csv", &file(left));
    desk.put("right.csv", &file(right));
    desk.link("pair left.csv right.csv --id unique_id --one-to-one --out links.csv --quiet");
    let links = desk.text("links.csv");
    let mut seen = BTreeSet::new();
    for line in links.lines().skip(1) {
        let ids: Vec<usize> = line.split(',').take(2).map(|id| id.parse().unwrap()).collect();
        assert_eq!((ids[0] % 2, ids[1] % 2), (0, 1), "{line}: from both files");
        assert!(seen.insert(ids[0]) && seen.insert(ids[1]), "{line}: one to one");
    }
    assert!(seen.len() > 100);
    // By a model that is given, only pairs of both files are asked too.
    desk.link("pair left.csv right.csv --id unique_id --model shipped --out links.csv --quiet");
    let links = desk.text("links.csv");
    let ids = |line: &str| -> Vec<usize> {
        line.split(',').take(2).map(|id| id.parse().unwrap()).collect()
    };
    let links: Vec<Vec<usize>> = links.lines().skip(1).map(ids).collect();
    assert!(links.len() > 100 && links.iter().all(|pair| pair[0] % 2 == 0 && pair[1] % 2 == 1));
}

#[test]
fn a_model_is_written_read_and_pinned() {
    let desk = Desk::new();
    let said = desk.link("train customers.csv --column entity_id=ignored --out model.json --quiet");
    let hash = said.lines().find_map(|line| line.strip_prefix("hash ")).unwrap();
    desk.link("dedupe customers.csv --out learned.csv --quiet");
    desk.put("settings.toml", &format!("model_hash = \"{hash}\"\n"));
    desk.link(
        "dedupe customers.csv --model model.json --settings settings.toml --out pinned.csv --quiet",
    );
    let (learned, pinned) = (people(&desk.text("learned.csv")), people(&desk.text("pinned.csv")));
    let changed = learned.iter().filter(|(id, person)| pinned[*id] != **person).count();
    // A model tells rare values by their absence, and so a little less than the records themselves.
    assert!(changed <= 20, "{changed} of 1,000");
    desk.put("answers.csv", "id_l,id_r,answer\n0,1,same\n0,500,different\n2,3,unsure\n");
    desk.link("train customers.csv --labels answers.csv --out helped.json --quiet");
    assert_ne!(desk.text("helped.json"), desk.text("model.json"));
    let model = desk.text("model.json");
    assert!(!model.contains("Robert"), "no value stands in a model");
    desk.put("model.json", &format!("{model} "));
    let output =
        desk.run("dedupe customers.csv --model model.json --settings settings.toml --quiet");
    assert!(String::from_utf8_lossy(&output.stderr).contains("[model_not_pinned]"));
}

#[test]
fn what_was_asserted_holds() {
    let desk = Desk::new();
    desk.link("dedupe customers.csv --out before.csv --quiet");
    let before = people(&desk.text("before.csv"));
    assert_eq!(before["0"], before["1"]);
    assert_ne!(before["0"], before["500"]);
    desk.put("answers.csv", "id_l,id_r,answer\n0,1,different\n0,500,same\n2,3,unsure\n");
    desk.link("dedupe customers.csv --assert answers.csv --out after.csv --quiet");
    let after = people(&desk.text("after.csv"));
    assert_ne!(after["0"], after["1"]);
    assert_eq!(after["0"], after["500"]);
}

#[test]
fn records_between_people_are_told_until_somebody_decides() {
    let desk = Desk::new();
    let dedupe = "dedupe customers.csv --model shipped --out people.csv --ambiguous torn.csv";
    let said = desk.link(dedupe);
    assert!(said.contains(" records fit several people about as well"), "{said}");
    let of = people(&desk.text("people.csv"));
    let fits = |text: &str| {
        let mut fits: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            assert!(cells[2].parse::<f64>().unwrap() >= 0.5, "{line}");
            fits.entry(cells[0].to_owned()).or_default().push(cells[1].to_owned());
        }
        fits
    };
    let torn = desk.text("torn.csv");
    assert!(torn.starts_with("id,person_id,probability\n"));
    let before = fits(&torn);
    let (record, several) = before.iter().next().unwrap();
    assert!(several.len() > 1 && several[0] != several[1], "{several:?}");
    assert!(several.iter().all(|person| of.values().any(|known| known == person)));
    // Once the others are said to be different, nothing is left to tell.
    let mut answers = "id_l,id_r,answer\n".to_owned();
    for (id, person) in &of {
        if id != record && *person != of[record] && several.contains(person) {
            answers.extend([record, ",", id, ",different\n"]);
        }
    }
    desk.put("answers.csv", &answers);
    desk.link(&format!("{dedupe} --assert answers.csv --quiet"));
    assert!(!fits(&desk.text("torn.csv")).contains_key(record));
}

#[test]
fn a_pair_and_a_person_are_explained() {
    let desk = Desk::new();
    let said = desk.link("explain 0 1 --in customers.csv --quiet");
    for word in ["given name", "exact", "birth date", "together", "decided: one person"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!said.contains("Robert"), "values only when they are asked for");
    // What fields add is all there is.
    let bits = |line: &str| {
        line.split_whitespace()
            .find_map(|word| word.parse::<f64>().ok().filter(|_| word.contains('.')))
    };
    let lines: Vec<f64> =
        said.lines().filter(|line| line.starts_with("  ")).filter_map(bits).collect();
    let (sum, parts) = lines.split_last().unwrap();
    assert!((parts.iter().sum::<f64>() - sum).abs() < 0.1, "{said}");
    assert!(desk.link("explain 0 1 --in customers.csv --values --quiet").contains("Robert"));
    let said = desk.link("explain --person 1 --in customers.csv --quiet");
    assert!(said.starts_with("person 0: 4 records"), "{said}");
    assert_eq!(said.lines().filter(|line| line.contains(" + ")).count(), 3, "{said}");
}

#[test]
fn people_keep_their_ids() {
    let desk = Desk::new();
    desk.link("dedupe customers.csv --out before.csv --quiet");
    let before = people(&desk.text("before.csv"));
    assert_eq!(before["3"], "0");
    // Without the record that names it, and with what was asserted since.
    let text = desk.text("customers.csv");
    let left: Vec<&str> = text.lines().filter(|line| !line.starts_with("0,")).collect();
    desk.put("customers.csv", &left.join("\n"));
    desk.put("answers.csv", "id_l,id_r,answer\n1,500,same\n");
    desk.link(
        "dedupe customers.csv --assert answers.csv --out named.csv --previous before.csv --quiet",
    );
    let named = people(&desk.text("named.csv"));
    assert_eq!(named["3"], "0", "the id stays though its record went");
    assert_eq!(named["1"], named["500"]);
    let kept = named.iter().filter(|(id, person)| before[*id] == **person).count();
    assert!(kept > 980, "{kept}");
}
