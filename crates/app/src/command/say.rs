//! Saying things to whoever runs a command: lines, tables, progress.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::time::Duration;

/// A line on standard output.
pub(crate) fn line(text: &str) {
    // Whoever closed the pipe does not want to hear it.
    writeln!(std::io::stdout(), "{text}").unwrap_or_default();
}

/// A line on standard error.
pub(crate) fn error(text: &str) {
    writeln!(std::io::stderr(), "{text}").unwrap_or_default();
}

/// Progress bars, or none.
#[derive(Clone, Copy, Debug)]
pub struct Bars {
    quiet: bool,
}

/// Bars that show only when a person is looking.
pub const fn quiet(quiet: bool) -> Bars {
    Bars { quiet }
}

impl Bars {
    /// A bar of known length, with rate and remaining time.
    pub fn of(self, what: &str, length: u64, unit: &str) -> ProgressBar {
        let bar = if self.quiet {
            ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden())
        } else {
            ProgressBar::new(length)
        };
        let template = format!(
            "  {{msg:<28}} {{bar:32.cyan/dim}} {{human_pos:>9}}/{{human_len}} {unit}  {{per_sec:>14}}  {{eta:>4}}"
        );
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_message(what.to_owned());
        bar
    }

    /// A spinner for work of unknown length.
    pub fn spinner(self, what: &str) -> ProgressBar {
        let bar = if self.quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg}  {human_pos}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }
}
