//! A wrapper that keeps personal data out of logs, errors and formats.

use std::fmt;

/// A value that must not reach a log line: `Debug` shows a placeholder; `Display` and `Serialize`
/// do not exist.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Wraps a value as soon as it enters the process.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Shows the value. Clippy disallows this method, so every call states its reason.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Unwraps the value. Clippy disallows this method, so every call states its reason.
    pub fn into_revealed(self) -> T {
        self.0
    }

    /// Maps the value without letting it out.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sensitive<U> {
        Sensitive(change(self.0))
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<sensitive>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_a_placeholder() {
        assert_eq!(format!("{:?}", Sensitive::new("ada@example.org")), "<sensitive>");
    }
}
