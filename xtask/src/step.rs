//! One step of a chore: a heading, a command, and how long it took.

use crate::Failure;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The steps done so far, in order, each with its duration.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<(&'static str, Duration)>);

impl Steps {
    /// Prints `name` as a heading, does `work`, and remembers how long it took.
    #[expect(clippy::disallowed_methods, reason = "how long a step takes on this machine")]
    pub(crate) fn run(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        heading(name);
        let start = Instant::now();
        work()?;
        self.0.push((name, start.elapsed()));
        Ok(())
    }

    /// Prints the durations, and `name` as the heading of a step that has the last word.
    #[expect(clippy::print_stdout, reason = "a chore talks to the person at the terminal")]
    pub(crate) fn last(&self, name: &str) {
        heading("so far");
        for (step, took) in &self.0 {
            println!("{:>8.1} s  {step}", took.as_secs_f64());
        }
        heading(name);
    }
}

#[expect(clippy::print_stdout, reason = "a chore talks to the person at the terminal")]
fn heading(name: &str) {
    println!("\n== {name} ==");
}

/// The workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Whether nobody is at the keyboard.
pub(crate) fn in_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// The cargo that runs us.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(words).current_dir(root());
    command
}

/// Runs a command to its end, with its output on ours and no input: no step may ask a question.
///
/// # Errors
///
/// [`Failure::Step`] with its exit code, [`Failure::Missing`] when it cannot be started.
pub(crate) fn call(command: &mut Command) -> Result<(), Failure> {
    let status = command.stdin(Stdio::null()).status().map_err(|error| {
        let program = command.get_program().display();
        Failure::Missing(format!("`{program}` cannot be started: {error}"))
    })?;
    if status.success() {
        return Ok(());
    }
    // Ended by a signal, it has no code.
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Err(Failure::Step(code.max(1)))
}

/// Whether a command can be started and ends well.
pub(crate) fn answers(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_fails_with_the_code_of_its_command() {
        let check = |script, want| {
            assert_eq!(call(Command::new("sh").args(["-c", script])), want, "{script}");
        };
        check("exit 0", Ok(()));
        check("exit 7", Err(Failure::Step(7)));
        check("kill -9 $$", Err(Failure::Step(1)));
        check("read line", Err(Failure::Step(1)));
    }

    #[test]
    fn a_program_that_is_not_there_is_missing() {
        let failure = call(&mut Command::new("/no/such/program"));
        assert!(matches!(failure, Err(Failure::Missing(_))), "{failure:?}");
    }

    #[test]
    fn a_failed_step_ends_the_chore() {
        let mut steps = Steps::default();
        assert_eq!(steps.run("one", || Ok(())), Ok(()));
        assert_eq!(steps.run("two", || Err(Failure::Step(3))), Err(Failure::Step(3)));
        assert_eq!(steps.0.len(), 1);
    }

    #[test]
    fn a_command_that_cannot_start_does_not_answer() {
        assert!(answers(Command::new("sh").args(["-c", "exit 0"])));
        assert!(!answers(Command::new("sh").args(["-c", "exit 1"])));
        assert!(!answers(&mut Command::new("/no/such/program")));
    }
}
