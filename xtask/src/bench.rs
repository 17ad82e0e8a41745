//! Runs the benches, which are the files `crates/*/benches/*.rs`: the tree is the table.

use crate::Failure;
use crate::step::{Steps, call, cargo, root};
use crate::tree::files;
use std::path::{Path, PathBuf};

/// A bench: its crate and its own name.
type Bench = (String, String);

/// Runs each bench whose crate or name contains `part`.
///
/// # Errors
///
/// [`Failure::Usage`] with the list of benches when none is meant; the first bench that fails.
pub(crate) fn run(part: &str) -> Result<(), Failure> {
    let crates = root().join("crates");
    let all: Vec<Bench> =
        files(&crates, ".rs").into_iter().filter_map(|path| name(&crates, &path)).collect();
    let meant: Vec<&Bench> =
        all.iter().filter(|(room, bench)| room.contains(part) || bench.contains(part)).collect();
    if meant.is_empty() {
        let known: Vec<String> =
            all.iter().map(|(room, bench)| format!("{room} {bench}")).collect();
        return Err(Failure::Usage(format!("no such bench; there are: {}", known.join(", "))));
    }
    let mut steps = Steps::default();
    for (room, bench) in meant {
        steps.run("bench", || call(&mut cargo(&["bench", "--package", room, "--bench", bench])))?;
    }
    Ok(())
}

/// The bench that a path `ROOM/benches/NAME.rs` below `crates` means, if it does.
fn name(crates: &Path, path: &Path) -> Option<Bench> {
    let inside: PathBuf = path.strip_prefix(crates).ok()?.to_owned();
    let words: Vec<&str> = inside.iter().filter_map(|word| word.to_str()).collect();
    match words.as_slice() {
        [room, "benches", file] => Some(((*room).to_owned(), file.strip_suffix(".rs")?.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_is_a_file_in_benches() {
        let check = |path: &str, want: Option<(&str, &str)>| {
            let got = name(Path::new("/w/crates"), Path::new(path));
            let want = want.map(|(room, bench)| (room.to_owned(), bench.to_owned()));
            assert_eq!(got, want, "{path}");
        };
        check("/w/crates/store/benches/commit.rs", Some(("store", "commit")));
        check("/w/crates/store/benches/commit/part.rs", None);
        check("/w/crates/store/src/commit.rs", None);
        check("/w/crates/store/benches/notes.md", None);
        check("/elsewhere/benches/commit.rs", None);
    }
}
