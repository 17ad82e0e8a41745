//! Rules about one Rust file.

use super::source::{code, find, functions, line, part, test_items};

/// A Rust file.
#[derive(Debug)]
pub(super) struct File {
    /// Below the root of the workspace.
    pub(super) path: String,
    pub(super) text: String,
    /// The text without words; see [`code`].
    pub(super) code: String,
}

/// What is wrong at which offset.
type Fault = (usize, &'static str);

/// Finds what is wrong in a file.
pub(super) type Rule = fn(&File) -> Vec<Fault>;

/// Where the house reads its clocks; chores, tests and benches may too.
const CLOCKS: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "OffsetDateTime::now",
    "OffsetDateTime::now_utc",
    "Timestamp::now",
    "Zoned::now",
    "Utc::now",
];

/// Where chance comes from.
const CHANCE: &[&str] =
    &["thread_rng", "rand::", "getrandom", "SystemRandom::new", "OsRng", "RandomState::new"];

/// What the cipher rooms may name, so that somebody can hand it to them.
const CHANCE_HANDED_OVER: &[&str] = &["rand::SystemRandom", "rand::SecureRandom"];
const CIPHER_ROOMS: &[&str] = &["crates/gate/", "crates/vault/"];

const REVEALS: &[&str] = &[".reveal()", ".into_revealed()"];

impl File {
    pub(super) fn new(path: String, text: String) -> Self {
        let code = code(&text);
        Self { path, text, code }
    }

    /// What a rule finds here, for a terminal that makes links of places.
    pub(super) fn faults(&self, rule: Rule) -> Vec<String> {
        let show = |(at, what)| format!("{}:{}: {what}", self.path, line(&self.code, at));
        rule(self).into_iter().map(show).collect()
    }

    /// Whether the file is part of what people run, apart from `app`.
    fn in_a_room(&self) -> bool {
        let outside = ["/tests/", "/benches/", "/examples/", "/testing/"];
        let ends = ["tests.rs", "testing.rs", "build.rs"];
        self.path.starts_with("crates/")
            && !self.path.starts_with("crates/app/")
            && !outside.iter().any(|part| self.path.contains(part))
            && !ends.iter().any(|end| self.path.ends_with(end))
    }

    fn in_a_test(&self, at: usize) -> bool {
        let outside = self.path.contains("/tests/") || self.path.ends_with("tests.rs");
        outside || test_items(&self.code).iter().any(|item| item.contains(&at))
    }

    /// Whether the function around `at`, or a statement of it before `at`, states why it may call
    /// what clippy disallows. Clippy checks the place exactly; this refuses reasons for a whole
    /// file or module, which would cover what is added later.
    fn states_reason(&self, at: usize) -> bool {
        let around = functions(&self.code).into_iter().filter(|f| f.above < at && at < f.end);
        around.into_iter().any(|function| {
            let before = part(&self.code, function.above..at);
            before.split("#[expect(").skip(1).any(|attribute| {
                let inside = attribute.split(")]").next().unwrap_or_default();
                inside.contains("clippy::disallowed_methods") && inside.contains("reason")
            })
        })
    }

    fn all(&self, words: &[&str]) -> Vec<usize> {
        words.iter().flat_map(|word| find(&self.code, word)).collect()
    }
}

pub(super) fn opens_with_docs(file: &File) -> Vec<Fault> {
    if file.text.starts_with("//! ") {
        return Vec::new();
    }
    vec![(0, "open with a `//!` line that says what the file is for")]
}

pub(super) fn reads_no_clock(file: &File) -> Vec<Fault> {
    let hits = file
        .all(CLOCKS)
        .into_iter()
        .filter(|at| file.in_a_room() && !file.in_a_test(*at) && !file.states_reason(*at));
    hits.map(|at| (at, "take a `Clock`: time is an argument")).collect()
}

pub(super) fn draws_no_chance(file: &File) -> Vec<Fault> {
    let ciphers = CIPHER_ROOMS.iter().any(|room| file.path.starts_with(room));
    let handed_over = |at: usize| {
        let rest = part(&file.code, at..file.code.len());
        ciphers && CHANCE_HANDED_OVER.iter().any(|name| rest.starts_with(name))
    };
    let hits = file.all(CHANCE).into_iter().filter(|at| {
        let drawn = !handed_over(*at) && !file.states_reason(*at);
        file.in_a_room() && !file.in_a_test(*at) && drawn
    });
    hits.map(|at| (at, "take an `Rng`: chance is an argument")).collect()
}

pub(super) fn allows_nothing(file: &File) -> Vec<Fault> {
    let hits = file.all(&["#[allow", "#![allow", ", allow("]);
    hits.into_iter().map(|at| (at, "use `#[expect(…, reason = \"…\")]`, never `allow`")).collect()
}

pub(super) fn reveals_with_reason(file: &File) -> Vec<Fault> {
    let reviewed = |at: &usize| !file.in_a_test(*at) && !file.states_reason(*at);
    let hits = file.all(REVEALS).into_iter().filter(reviewed);
    hits.map(|at| (at, "state at this function or statement why the plain value is needed"))
        .collect()
}

pub(super) fn ignores_no_test(file: &File) -> Vec<Fault> {
    let hits = file.all(&["#[ignore", ", ignore)]", ", ignore ="]);
    hits.into_iter()
        .map(|at| (at, "assert today's wrong answer and say so, never `ignore`"))
        .collect()
}

pub(super) fn leaves_nothing_unfinished(file: &File) -> Vec<Fault> {
    let hits = file.all(&["todo!", "unimplemented!"]);
    hits.into_iter().map(|at| (at, "write it, or leave out what leads here")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: Rule, path: &str, text: &str, want: usize) {
        let faults = File::new(path.to_owned(), text.to_owned()).faults(rule);
        assert_eq!(faults.len(), want, "{path}: {text}: {faults:?}");
    }

    const ROOM: &str = "crates/people/src/person.rs";

    #[test]
    fn a_file_without_a_word_is_found() {
        check(opens_with_docs, ROOM, "//! Words.\n", 0);
        check(opens_with_docs, ROOM, "//!\n", 1);
        check(opens_with_docs, ROOM, "// Words.\n", 1);
        check(opens_with_docs, ROOM, "use std::fmt;\n", 1);
        check(opens_with_docs, ROOM, "", 1);
    }

    #[test]
    fn a_clock_is_found() {
        let now = "fn a() { Instant::now(); }";
        check(reads_no_clock, ROOM, now, 1);
        check(reads_no_clock, ROOM, "fn a() { SystemTime::now(); OffsetDateTime::now_utc(); }", 2);
        check(reads_no_clock, ROOM, "// Instant::now\nfn a() { clock.now(); }", 0);
        check(reads_no_clock, ROOM, "#[cfg(test)]\nmod tests { fn a() { Instant::now(); } }", 0);
        for elsewhere in [
            "crates/app/src/main.rs",
            "crates/store/benches/commit.rs",
            "crates/store/tests/kill.rs",
            "crates/store/src/testing.rs",
            "crates/store/src/memory_tests.rs",
            "xtask/src/step.rs",
            "laws/tests/laws/crash.rs",
        ] {
            check(reads_no_clock, elsewhere, now, 0);
        }
        let reason = "#[expect(clippy::disallowed_methods, reason = \"a lease\")]";
        check(reads_no_clock, ROOM, &format!("{reason}\n{now}"), 0);
    }

    #[test]
    fn chance_is_found() {
        check(draws_no_chance, ROOM, "fn a() { rand::random(); }", 1);
        check(draws_no_chance, ROOM, "fn a() { getrandom(&mut key); thread_rng(); }", 2);
        check(draws_no_chance, ROOM, "fn a(rng: &mut dyn Rng) { errand::run(); }", 0);
        let vault = "crates/vault/src/seal.rs";
        check(draws_no_chance, vault, "use aws_lc_rs::rand::SystemRandom;", 0);
        check(draws_no_chance, ROOM, "use aws_lc_rs::rand::SystemRandom;", 1);
        check(draws_no_chance, vault, "fn a(random: &SystemRandom) {}", 0);
        check(draws_no_chance, vault, "fn a() { SystemRandom::new(); }", 1);
        check(draws_no_chance, vault, "fn a() { aws_lc_rs::rand::fill(&mut key); }", 1);
        check(draws_no_chance, "crates/app/src/main.rs", "fn a() { SystemRandom::new(); }", 0);
    }

    #[test]
    fn an_allowance_is_found() {
        check(allows_nothing, ROOM, "#[allow(dead_code)]\nfn a() {}", 1);
        check(allows_nothing, ROOM, "#![allow(dead_code)]", 1);
        check(allows_nothing, ROOM, "#[cfg_attr(test, allow(dead_code))]", 1);
        check(allows_nothing, ROOM, "#[expect(dead_code, reason = \"#[allow\")]\nfn a() {}", 0);
    }

    #[test]
    fn a_reveal_without_a_reason_is_found() {
        let reason = "#[expect(clippy::disallowed_methods, reason = \"shown to its owner\")]";
        let other = "#[expect(clippy::too_many_lines, reason = \"a table\")]";
        let reveal = "fn a() { name.reveal(); }";
        let rule = reveals_with_reason;
        check(rule, ROOM, reveal, 1);
        check(rule, ROOM, "fn a() { name.into_revealed(); name.reveal(); }", 2);
        check(rule, ROOM, &format!("{reason}\n{reveal}"), 0);
        check(rule, ROOM, &format!("{reason}\n/// Words.\npub(crate) const {reveal}"), 0);
        check(rule, ROOM, &format!("{other}\n{reveal}"), 1);
        check(rule, ROOM, &format!("fn a() {{\n{reason}\nlet plain = name.reveal();\n}}"), 0);
        check(rule, ROOM, &format!("fn a() {{\nname.reveal();\n{reason}\nlet b = c;\n}}"), 1);
        check(rule, ROOM, &format!("{reason}\nfn b() {{}}\n{reveal}"), 1);
        check(rule, ROOM, &format!("{}\nuse a;\n{reveal}", reason.replacen('#', "#!", 1)), 1);
        check(rule, ROOM, &format!("{reason}\nmod inside {{ {reveal} }}"), 1);
        check(rule, ROOM, "#[expect(clippy::disallowed_methods)]\nfn a() { name.reveal(); }", 1);
        check(rule, ROOM, &format!("#[cfg(test)]\nmod tests {{ {reveal} }}"), 0);
        check(rule, "laws/tests/laws/people.rs", reveal, 0);
    }

    #[test]
    fn a_test_that_does_not_run_is_found() {
        check(ignores_no_test, ROOM, "#[test]\n#[ignore]\nfn a() {}", 1);
        check(ignores_no_test, ROOM, "#[test]\n#[ignore = \"slow\"]\nfn a() {}", 1);
        check(ignores_no_test, ROOM, "#[cfg_attr(unix, ignore)]\nfn a() {}", 1);
        check(ignores_no_test, ROOM, "#[test]\nfn a() { ignore(); }", 0);
    }

    #[test]
    fn unfinished_code_is_found() {
        check(leaves_nothing_unfinished, ROOM, "fn a() { todo!() }", 1);
        check(leaves_nothing_unfinished, ROOM, "fn a() { unimplemented!(\"later\") }", 1);
        check(leaves_nothing_unfinished, ROOM, "// todo! later\nfn a() { \"todo!\" }", 0);
    }
}
