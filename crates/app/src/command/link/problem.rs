//! What stops a run: a code for programs, what is wrong, where, and what to do. Never a value.

use std::fmt;
use std::path::Path;

/// Why a run stopped.
#[derive(Debug)]
pub(super) struct Problem {
    code: &'static str,
    what: String,
    place: String,
    remedy: String,
}

impl Problem {
    /// A problem at a place.
    pub(super) fn new(
        code: &'static str,
        what: impl Into<String>,
        place: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { code, what: what.into(), place: place.into(), remedy: remedy.into() }
    }

    /// A problem with a whole file.
    pub(super) fn file(
        code: &'static str,
        what: impl Into<String>,
        file: &Path,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(code, what, file.display().to_string(), remedy)
    }

    /// A problem with one row of a file.
    pub(super) fn row(
        code: &'static str,
        what: impl Into<String>,
        file: &Path,
        row: u64,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(code, what, format!("{}, row {row}", file.display()), remedy)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {} ({}): {}", self.code, self.what, self.place, self.remedy)
    }
}

impl std::error::Error for Problem {}
