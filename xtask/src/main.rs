//! Chores: the test command, tidy and the benches. Depends on nothing, so that it is built in a
//! second on a machine that has built nothing yet. Never part of what is shipped.

mod bench;
mod parts;
mod step;
mod test;
mod tree;

use std::process::ExitCode;

const HELP: &str = "\
chores of this workspace

  cargo xtask test [--only NAME]   everything that must hold before a change lands;
                                   with --only, just the tests whose name contains NAME
  cargo xtask tidy                 just the rules about the source tree
  cargo xtask bench [NAME]         every bench, or those whose crate or name contains NAME
  cargo xtask help                 this page

Exit codes: 0 all is well, 2 the command was not understood, else the code of the step that failed.";

/// Why a chore stopped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The command line makes no sense; the text says what would.
    Usage(String),
    /// Something this machine lacks; the text says how to get it.
    Missing(String),
    /// A step ended badly with this exit code and has already said why.
    Step(u8),
}

#[expect(clippy::print_stdout, reason = "the help page is what was asked for")]
#[expect(clippy::print_stderr, reason = "a chore talks to the person at the terminal")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["test"] => test::everything(),
        ["test", "--only", name] if !name.starts_with('-') => test::only(name),
        ["tidy"] => test::tidy(),
        ["bench"] => bench::run(""),
        ["bench", name] if !name.starts_with('-') => bench::run(name),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(Failure::Usage(format!("`{}` is not a chore\n\n{HELP}", other.join(" ")))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Step(code)) => ExitCode::from(code),
        Err(Failure::Missing(why)) => {
            eprintln!("\n{why}");
            ExitCode::FAILURE
        }
        Err(Failure::Usage(why)) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
