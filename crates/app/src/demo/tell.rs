//! Telling what happens, to whoever sits at the terminal.

use std::io::{IsTerminal, Write, stdout};

/// The widest line of running text.
const COLUMNS: usize = 96;

/// Standard output, with a little colour where somebody is looking (see no-color.org).
#[derive(Clone, Copy, Debug)]
pub(super) struct Voice {
    colour: bool,
}

impl Voice {
    pub(super) fn new() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: !unwanted && stdout().is_terminal() }
    }

    fn painted(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A line as it is.
    #[expect(clippy::unused_self, reason = "whoever has no voice does not speak")]
    pub(super) fn line(self, text: &str) {
        // Nobody may be listening any more; the work goes on.
        drop(writeln!(stdout(), "{text}"));
    }

    /// The headline of a part.
    pub(super) fn headline(self, text: &str) {
        self.line(&format!("\n{}", self.painted("1", text)));
    }

    /// One of several figures.
    pub(super) fn figure(self, name: &str, value: &str) {
        self.line(&format!("  {name:<24}{value}"));
    }

    /// What is asked, and how it was answered.
    pub(super) fn exchange(self, asked: &str, status: u16) {
        let code = if (200..300).contains(&status) { "32" } else { "33" };
        let answer = self.painted(code, &format!("→ {status}"));
        self.line(&format!("     {} {answer}", self.painted("36", asked)));
    }

    /// A part of an answer.
    pub(super) fn detail(self, text: &str) {
        self.line(&format!("       {text}"));
    }

    /// What a reader should notice, wrapped.
    pub(super) fn notice(self, text: &str) {
        for line in wrapped(text, COLUMNS - 5) {
            self.line(&format!("     {}", self.painted("2", &line)));
        }
    }
}

/// `text` in lines of at most `columns`, broken between words.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A whole number with a comma after every three digits.
pub(super) fn counted(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in the unit that fits.
#[expect(clippy::cast_precision_loss, reason = "shown with one digit after the point")]
pub(super) fn sized(bytes: u64) -> String {
    let mebibytes = bytes as f64 / f64::from(1 << 20);
    if mebibytes < 1024.0 {
        format!("{mebibytes:.1} MiB")
    } else {
        format!("{:.2} GiB", mebibytes / 1024.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        for (number, text) in cases {
            assert_eq!(counted(number), text);
        }
        assert_eq!(sized(1 << 20), "1.0 MiB");
        assert_eq!(sized(3 << 29), "1.50 GiB");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), [""]);
    }
}
