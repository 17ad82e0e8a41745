//! The real programs that tests talk to: found, or installed where that is ours to do.

use crate::Failure;
use crate::step::{answers, call};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// A real program that tests start. A new one is one more line in [`PARTS`].
#[derive(Debug)]
struct Part {
    name: &'static str,
    /// All of them must stand in one directory.
    programs: &'static [&'static str],
    /// Directories beside those of `PATH`; a `*` stands for any one name.
    beside: &'static [&'static str],
    /// A variable that names a running one instead.
    instead: Option<&'static str>,
    /// The Debian package.
    package: &'static str,
}

const PARTS: &[Part] = &[
    Part {
        name: "PostgreSQL",
        programs: &["initdb", "postgres"],
        beside: &["/usr/lib/postgresql/*/bin"],
        instead: Some("BONAFIDE_TEST_POSTGRES"),
        package: "postgresql",
    },
    Part { name: "Node.js", programs: &["node"], beside: &[], instead: None, package: "nodejs" },
    Part { name: "npm", programs: &["npm"], beside: &[], instead: None, package: "npm" },
    Part {
        name: "Chromium",
        programs: &["chromium"],
        beside: &[],
        instead: None,
        package: "chromium",
    },
    Part {
        name: "ChromeDriver",
        programs: &["chromedriver"],
        beside: &[],
        instead: None,
        package: "chromium-driver",
    },
    Part {
        name: "Python",
        programs: &["python3"],
        beside: &[],
        instead: None,
        // With the module that makes environments, which Debian packs by itself.
        package: "python3-venv",
    },
    Part {
        name: "a mail server (aiosmtpd)",
        programs: &["aiosmtpd"],
        beside: &[],
        instead: None,
        package: "python3-aiosmtpd",
    },
];

/// Says where each part is, after installing those that are missing.
///
/// # Errors
///
/// [`Failure::Missing`] with the command to run, where installing is not ours to do.
pub(crate) fn provide() -> Result<(), Failure> {
    let missing: Vec<&str> =
        PARTS.iter().filter(|part| !report(part)).map(|part| part.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let install = format!("apt-get update && apt-get install --yes {}", missing.join(" "));
    if !may_install() {
        return Err(Failure::Missing(format!("parts are missing: run as root `{install}`")));
    }
    call(apt_get().args(["update", "-qq"]))?;
    call(apt_get().args(["install", "--yes", "-qq", "--no-install-recommends"]).args(&missing))?;
    if PARTS.iter().all(report) {
        return Ok(());
    }
    Err(Failure::Missing(format!("parts are missing even after `{install}`: look at its output")))
}

#[expect(clippy::print_stdout, reason = "a chore talks to the person at the terminal")]
fn report(part: &Part) -> bool {
    if let Some(variable) = part.instead.filter(|variable| env::var_os(variable).is_some()) {
        println!("{}: the running one that {variable} names", part.name);
        return true;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let beside = part.beside.iter().flat_map(|pattern| expand(pattern));
    let place = env::split_paths(&path).chain(beside).find(|dir| holds(dir, part.programs));
    match &place {
        Some(dir) => println!("{}: {}", part.name, dir.display()),
        None => println!("{}: not found", part.name),
    }
    place.is_some()
}

fn holds(dir: &Path, programs: &[&str]) -> bool {
    programs.iter().all(|program| dir.join(program).is_file())
}

/// The directories that a pattern means, last name first: of two versions the newer one.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once("/*/") else {
        return vec![PathBuf::from(pattern)];
    };
    let Ok(entries) = fs::read_dir(before) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path().join(after))).collect();
    found.sort();
    found.reverse();
    found
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn may_install() -> bool {
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    root && answers(Command::new("apt-get").arg("--version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_one_name() {
        let check = |pattern: &str, want: &str| {
            let hit = expand(pattern).contains(&PathBuf::from(want));
            assert!(hit, "{pattern} means {want}");
        };
        check("/usr/bin", "/usr/bin");
        check("/usr/*/xtask", "/usr/bin/xtask");
        assert_eq!(expand("/no/such/*/bin"), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_place_holds_all_programs_or_none() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert!(holds(&source, &["main.rs", "parts.rs"]));
        assert!(!holds(&source, &["main.rs", "no_such.rs"]));
    }
}
