//! The rules about the source tree that neither rustfmt nor clippy checks. Each rule is a pure
//! function with examples of its own, for a rule that cannot fail is no rule; here they meet the
//! tree. `cargo xtask tidy` runs only these.

mod pages;
mod ratchet;
mod rules;
mod source;

use rules::{File, Rule};
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What no one wrote: below the root only, and anywhere.
const SKIPPED_AT_ROOT: &[&str] = &[".git", "data"];
const SKIPPED: &[&str] = &["target", "proptest-regressions"];

/// Every file of the tree, in a stable order. Walked, not asked of git: a source archive has no
/// git, and git refuses a clone that belongs to another user.
fn paths() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![PathBuf::from(ROOT)];
    while let Some(dir) = waiting.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
            let at_root =
                dir == Path::new(ROOT) && SKIPPED_AT_ROOT.iter().any(|skip| name == *skip);
            if at_root || SKIPPED.iter().any(|skip| name == *skip) {
                continue;
            }
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_none_or(|ending| ending != "tmp") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn below_root(path: &Path) -> String {
    path.strip_prefix(ROOT).unwrap().to_str().unwrap().to_owned()
}

fn rust_files() -> Vec<File> {
    let rust = paths().into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
    // A file may go while we walk, at the desk of somebody who is working.
    let read = |path: PathBuf| Some(File::new(below_root(&path), fs::read_to_string(&path).ok()?));
    rust.filter_map(read).collect()
}

fn check(rule: Rule) {
    let files = rust_files();
    assert!(files.len() > 10, "only {} files: is this the tree?", files.len());
    say(files.iter().flat_map(|file| file.faults(rule)).collect());
}

#[expect(clippy::needless_pass_by_value, reason = "the faults end here")]
fn say(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn files_and_functions_fit_a_screen() {
    let recorded = fs::read_to_string(Path::new(ROOT).join(ratchet::RECORD)).unwrap();
    let files = rust_files();
    say(ratchet::compare(&ratchet::long(&files), &ratchet::parse(&recorded)));
}

#[test]
fn every_file_says_what_it_is_for() {
    check(rules::opens_with_docs);
}

#[test]
fn time_is_an_argument() {
    check(rules::reads_no_clock);
}

#[test]
fn chance_is_an_argument() {
    check(rules::draws_no_chance);
}

#[test]
fn nothing_is_allowed_in_silence() {
    check(rules::allows_nothing);
}

#[test]
fn every_reveal_states_its_reason() {
    check(rules::reveals_with_reason);
}

#[test]
fn every_test_runs() {
    check(rules::ignores_no_test);
}

#[test]
fn nothing_is_left_for_later() {
    check(rules::leaves_nothing_unfinished);
}

#[test]
fn no_file_is_heavy() {
    let weigh = |path: &PathBuf| Some((below_root(path), fs::metadata(path).ok()?.len()));
    say(paths()
        .iter()
        .filter_map(weigh)
        .filter_map(|(path, size)| pages::heavy(&path, size))
        .collect());
}

#[test]
fn no_file_names_one_machine() {
    let read = |path: PathBuf| Some((below_root(&path), fs::read_to_string(&path).ok()?));
    say(paths()
        .into_iter()
        .filter_map(read)
        .flat_map(|(p, text)| pages::strange_paths(&p, &text))
        .collect());
}

#[test]
fn the_readme_is_read_in_one_sitting() {
    // INVARIANT: a tree without the page has nothing to measure; that it exists is checked by eye.
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap_or_default();
    say(pages::long_readme(&readme).into_iter().collect());
}

#[test]
fn every_decision_is_listed() {
    let dir = Path::new(ROOT).join("docs/decisions");
    let index = fs::read_to_string(dir.join("README.md")).unwrap();
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    say(pages::unlisted(&index, &names));
}
