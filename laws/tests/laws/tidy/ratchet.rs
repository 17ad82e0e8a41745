//! Long files and long functions. Old offenders are recorded; they may shrink, never grow, and
//! the record follows them down.

use super::rules::File;
use super::source::functions;
use std::collections::BTreeMap;

/// Lines `PATH LINES` and `PATH FUNCTION LINES`, below the root of the workspace.
pub(super) const RECORD: &str = "laws/tests/laws/tidy_ratchet.txt";

const FILE_LINES_MAX: usize = 400;

/// From the line with `fn` to the closing brace, all lines counted: what the eye has to hold.
const FUNCTION_LINES_MAX: usize = 70;

/// Lines of what is too long, by path or by path and function.
pub(super) type Lengths = BTreeMap<String, usize>;

pub(super) fn long(files: &[File]) -> Lengths {
    let mut found = Lengths::new();
    for file in files {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            found.insert(file.path.clone(), lines);
        }
        for function in functions(&file.code) {
            let lines = function.lines(&file.code);
            if lines > FUNCTION_LINES_MAX {
                let worst = found.entry(format!("{} {}", file.path, function.name)).or_default();
                *worst = lines.max(*worst);
            }
        }
    }
    found
}

/// Reads a record; empty lines and those that start with `#` are for people.
pub(super) fn parse(record: &str) -> Lengths {
    let lines = record.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (what, lines) = line.rsplit_once(' ').unwrap_or_else(|| panic!("`{line}`"));
            (what.to_owned(), lines.parse().unwrap_or_else(|_| panic!("`{line}`")))
        })
        .collect()
}

pub(super) fn compare(found: &Lengths, recorded: &Lengths) -> Vec<String> {
    let grown = found.iter().filter_map(|(what, lines)| match recorded.get(what) {
        None => Some(format!("{what}: {lines} lines: split it where a reader would")),
        Some(old) if lines > old => {
            Some(format!("{what}: grew from {old} lines to {lines}: split it where a reader would"))
        }
        Some(old) if lines < old => {
            Some(format!("{what}: lower the number in {RECORD} from {old} to {lines}"))
        }
        Some(_) => None,
    });
    let mended = recorded.keys().filter(|what| !found.contains_key(*what));
    let mended = mended.map(|what| format!("{what}: take its line out of {RECORD}"));
    grown.chain(mended).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    // Words.\n".repeat(lines - 2))
    }

    #[test]
    fn what_is_long_is_found() {
        let check = |text: String, want: &[(&str, usize)]| {
            let found = long(&[File::new("a.rs".to_owned(), text)]);
            let want = want.iter().map(|(what, lines)| ((*what).to_owned(), *lines)).collect();
            assert_eq!(found, want);
        };
        check("//! Words.\n".repeat(400), &[]);
        check("//! Words.\n".repeat(401), &[("a.rs", 401)]);
        check(function(70), &[]);
        check(function(71), &[("a.rs long", 71)]);
        check([function(80), function(90)].concat(), &[("a.rs long", 90)]);
    }

    #[test]
    fn old_offenders_may_only_shrink() {
        let check = |found: &str, recorded: &str, want: &[&str]| {
            let faults = compare(&parse(found), &parse(recorded));
            assert_eq!(faults.len(), want.len(), "{faults:?}");
            for (fault, want) in faults.iter().zip(want) {
                assert!(fault.contains(want), "{fault}: {want}");
            }
        };
        check("a.rs 410", "# The record.\n\na.rs 410", &[]);
        check("a.rs 411", "a.rs 410", &["grew from 410 lines to 411"]);
        check("a.rs 409", "a.rs 410", &["lower the number"]);
        check("", "a.rs long 90", &["take its line out"]);
        check("a.rs long 90", "", &["split it"]);
    }
}
