//! What cannot be linked is refused: with a code, the place, what to do, and no value of a record.

use super::Desk;

/// A value that no message may hold.
const PERSONAL: &str = "ada@secret.example";

#[track_caller]
fn check(words: &str, code: &str, place: &str) {
    let desk = Desk::new();
    desk.put("empty.csv", "");
    desk.put("header.csv", "name,email\n");
    desk.put("one.csv", &format!("name,email\nAda,{PERSONAL}\n"));
    desk.put(
        "twice.csv",
        &format!("id,name,email\n{PERSONAL},Ada,{PERSONAL}\n{PERSONAL},Bob,b@example.org\n"),
    );
    desk.put("nameless.csv", &format!("id,name,email\n1,Ada,{PERSONAL}\n,Bob,b@example.org\n"));
    desk.put("strange.csv", &format!("id,mood,score\n1,good {PERSONAL},3\n2,bad,4\n3,so,5\n"));
    desk.put("broken.parquet", &format!("PAR1{PERSONAL}"));
    desk.put("people.xlsx", "x");
    desk.put("settings.toml", "[linking]\ncut = 0.5\ncutt = 0.6\n");
    desk.put("far.toml", "[linking]\ncut = 1.5\n");
    desk.put("model.json", "{}");
    desk.put("answers.csv", &format!("id_l,id_r,answer\n{PERSONAL},1,same\n"));
    desk.put("maybe.csv", "id_l,id_r,answer\n0,1,maybe\n");
    desk.put("blank.csv", "id,name,truth\n1,Ada,\n2,Bob,\n");
    let output = desk.run(words);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words}: {said}");
    assert!(said.contains(&format!("[{code}]")), "{words}: {said}");
    assert!(said.contains(place), "{words}: {said}");
    assert!(!said.contains("secret") && !said.contains("panicked"), "{words}: {said}");
    assert!(!desk.at("out.csv").exists(), "{words}: nothing is half written");
}

#[test]
fn files_that_cannot_be_read() {
    check("dedupe nowhere.csv", "file_missing", "nowhere.csv");
    check("dedupe empty.csv", "empty_file", "empty.csv");
    check("dedupe header.csv", "empty_file", "header.csv");
    check("dedupe one.csv", "one_record", "one.csv");
    check("dedupe broken.parquet", "file_unreadable", "broken.parquet");
    check("dedupe people.xlsx", "unknown_kind", "people.xlsx");
    check("pair customers.csv nowhere.csv", "file_missing", "nowhere.csv");
}

#[test]
fn columns_that_are_not_there() {
    check("dedupe customers.csv --id nothing", "no_such_column", "unique_id");
    check("dedupe customers.csv --column nothing=email", "no_such_column", "nothing");
    check("dedupe customers.csv --column city=cityy", "no_such_field", "postcode");
    check("dedupe customers.csv --column city", "column_word", "--column");
    check("dedupe strange.csv", "nothing_recognised", "strange.csv");
    check("evaluate customers.csv --truth nothing", "no_such_column", "nothing");
    check("evaluate customers.csv --truth city --column city=city", "truth_as_evidence", "city");
    check("evaluate blank.csv --truth truth", "no_truth", "blank.csv");
}

#[test]
fn ids_that_name_nobody_or_two() {
    check("dedupe twice.csv --out out.csv", "duplicate_id", "row 2");
    check("dedupe nameless.csv --out out.csv", "no_id", "row 2");
    check("explain 0 nobody --in customers.csv", "no_such_record", "the words");
    check("explain 0 --in customers.csv", "nothing_to_explain", "--person");
    check("dedupe customers.csv --assert answers.csv", "answer_wrong", "row 1");
    check("dedupe customers.csv --assert maybe.csv", "answer_wrong", "row 1");
}

#[test]
fn settings_and_models_that_are_wrong() {
    check("dedupe customers.csv --settings nowhere.toml", "settings_unreadable", "nowhere.toml");
    check("dedupe customers.csv --settings settings.toml", "settings_wrong", "line 3");
    check("dedupe customers.csv --settings far.toml", "settings_wrong", "cut");
    check("dedupe customers.csv --model nowhere.toml", "file_missing", "nowhere.toml");
    check("dedupe customers.csv --model model.json", "model_wrong", "model.json");
}

#[test]
fn results_that_have_no_place() {
    check("dedupe customers.csv --out customers.csv", "out_is_input", "customers.csv");
    check("dedupe customers.csv --out a.csv --pairs a.csv", "out_twice", "a.csv");
    check("dedupe customers.csv --out nowhere/a.csv", "unwritable", "nowhere");
    check("dedupe customers.csv --out a.xlsx", "unknown_kind", "a.xlsx");
}

#[test]
fn odd_but_readable_files_are_linked() {
    let desk = Desk::new();
    let same = "Ada,Lovelace,1815-12-10,ada@example.org\n".repeat(300);
    desk.put("same.csv", &format!("first_name,last_name,dob,email\n{same}"));
    desk.put(
        "gaps.csv",
        &format!("first_name,last_name,dob,email\n{}", ",,,\n".repeat(50) + "Ada,,,\n"),
    );
    desk.put(
        "scripts.ndjson",
        "{\"name\":\"Ωμέγα 山田\"}\n{\"name\":\"محمد\",\"email\":\"m@example.org\"}\n",
    );
    assert!(
        desk.link("dedupe same.csv --report same.html").starts_with("300 records are 1 person")
    );
    desk.link("dedupe gaps.csv --report gaps.html");
    desk.link("dedupe scripts.ndjson --report scripts.html");
}
