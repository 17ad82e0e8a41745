//! The test command: everything that must hold before a change lands, cheapest first.

use crate::Failure;
use crate::parts::provide;
use crate::step::{Steps, answers, call, cargo, in_ci, root};
use crate::tree::files;
use std::fs;
use std::process::Command;

/// For all targets together; enough to catch a parser that panics on the first strange byte.
const FUZZ_SECONDS: &str = "20";

/// Runs every step. The test runner comes last, so that the last lines are its own summary.
///
/// # Errors
///
/// The first step that fails.
pub(crate) fn everything() -> Result<(), Failure> {
    let mut steps = Steps::default();
    steps.run("format", || call(&mut cargo(&["fmt", "--all", "--check"])))?;
    steps.run("clippy", || {
        let words = ["clippy", "--workspace", "--all-targets"];
        call(locked(&mut cargo(&words)).args(["--", "-D", "warnings"]))
    })?;
    steps.run("real parts", provide)?;
    // An example is found by cargo from its file, so the file is the question to ask.
    if root().join("laws/examples/fuzz/main.rs").is_file() {
        steps.run("fuzz", || {
            let words = ["run", "--quiet", "--package", "laws", "--example", "fuzz"];
            call(locked(&mut cargo(&words)).args(["--", "--seconds", FUZZ_SECONDS]))
        })?;
    }
    if doc_tests_exist() {
        steps.run("examples in the documentation", || {
            call(locked(&mut cargo(&["test", "--quiet", "--workspace", "--doc"])))
        })?;
    }
    steps.last("tests");
    call(&mut runner(&["--workspace"]))
}

/// Runs the tests whose name contains `name`, and nothing else.
///
/// # Errors
///
/// As the runner.
pub(crate) fn only(name: &str) -> Result<(), Failure> {
    let mut steps = Steps::default();
    steps.run("real parts", provide)?;
    steps.last("tests");
    call(&mut runner(&["--workspace", name]))
}

/// Runs the rules about the source tree.
///
/// # Errors
///
/// As the runner.
pub(crate) fn tidy() -> Result<(), Failure> {
    call(&mut runner(&["--package", "laws", "--test", "laws", "tidy"]))
}

/// cargo-nextest where it is installed, else what comes with cargo.
fn runner(words: &[&str]) -> Command {
    let nextest = answers(&mut cargo(&["nextest", "--version"]));
    let mut command = cargo(if nextest { &["nextest", "run"] } else { &["test"] });
    locked(&mut command);
    match (nextest, in_ci()) {
        (true, true) => command.args(["--profile", "ci"]),
        (false, true) => command.arg("--no-fail-fast"),
        (true | false, false) => &mut command,
    };
    // Documentation is a step of its own, and cargo would end with one empty summary a crate.
    if !nextest && !words.contains(&"--test") {
        command.args(["--lib", "--bins", "--tests"]);
    }
    command.args(words);
    command
}

/// In CI the lock file is what was reviewed; at the desk a new dependency may write it.
fn locked(command: &mut Command) -> &mut Command {
    if in_ci() { command.arg("--locked") } else { command }
}

fn doc_tests_exist() -> bool {
    let sources = files(&root().join("crates"), ".rs");
    sources.iter().any(|path| fs::read_to_string(path).is_ok_and(|source| has_doc_test(&source)))
}

/// Whether a doc comment opens a fenced block that rustdoc would compile.
fn has_doc_test(source: &str) -> bool {
    let mut open = false;
    for line in source.lines().map(str::trim_start) {
        let Some(text) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
            open = false;
            continue;
        };
        let Some(tags) = text.trim().strip_prefix("```") else {
            continue;
        };
        let rust =
            |tag: &str| ["", "rust", "no_run", "should_panic", "compile_fail"].contains(&tag);
        if !open && tags.split(',').all(|tag| rust(tag.trim())) {
            return true;
        }
        open = !open;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doc_test_is_a_fence_of_rust_in_a_doc_comment() {
        let check = |source: &str, want: bool| assert_eq!(has_doc_test(source), want, "{source}");
        check("/// ```\n/// one();\n/// ```\nfn one() {}", true);
        check("//! Words.\n//! ```no_run\n//! one();\n//! ```", true);
        check("    /// ```rust, should_panic\n    /// one();\n    /// ```", true);
        check("/// ```text\n/// one\n/// ```\nfn one() {}", false);
        check("/// ```text\n/// ```\n/// ```json\n/// ```", false);
        check("// ```\n// one();\n// ```", false);
        check("let fence = \"```\";", false);
        check("/// Words.", false);
    }
}
