//! Writes JSON straight into one string: a tree of values for each event would be five times slower.

use super::calendar::{push_instant, push_number};

/// JSON text as it grows.
#[derive(Debug, Default)]
pub(super) struct Json {
    /// What is written so far.
    pub(super) text: String,
}

impl Json {
    /// An opened object.
    pub(super) fn object() -> Self {
        let mut text = String::with_capacity(256);
        text.push('{');
        Self { text }
    }

    /// The object, closed.
    pub(super) fn closed(mut self) -> String {
        self.text.push('}');
        self.text
    }

    /// A nested object under `key`.
    pub(super) fn nest(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.text.push('{');
        fill(self);
        self.text.push('}');
    }

    /// A string under `key`.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        quote(&mut self.text, value);
    }

    /// A string under `key`, if there is any.
    pub(super) fn maybe(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.text(key, value);
        }
    }

    /// A whole number under `key`, not negative.
    pub(super) fn number(&mut self, key: &str, value: i64) {
        self.key(key);
        push_number(&mut self.text, value, 1);
    }

    /// An amount of hundredths as a decimal.
    pub(super) fn money(&mut self, key: &str, cents: i64) {
        self.key(key);
        push_number(&mut self.text, cents / 100, 1);
        self.text.push('.');
        push_number(&mut self.text, cents % 100, 2);
    }

    /// An instant under `key`.
    pub(super) fn instant(&mut self, key: &str, ms: i64) {
        self.key(key);
        self.text.push('"');
        push_instant(&mut self.text, ms);
        self.text.push('"');
    }

    /// Anything that is JSON already.
    pub(super) fn raw(&mut self, key: &str, value: &str) {
        self.key(key);
        self.text.push_str(value);
    }

    /// A list of strings.
    pub(super) fn list<'a>(&mut self, key: &str, values: impl Iterator<Item = &'a str>) {
        self.key(key);
        self.text.push('[');
        for value in values {
            self.comma();
            quote(&mut self.text, value);
        }
        self.text.push(']');
    }

    /// A list of objects.
    pub(super) fn objects<T>(
        &mut self,
        key: &str,
        items: impl Iterator<Item = T>,
        mut fill: impl FnMut(&mut Self, T),
    ) {
        self.key(key);
        self.text.push('[');
        for item in items {
            self.comma();
            self.text.push('{');
            fill(self, item);
            self.text.push('}');
        }
        self.text.push(']');
    }

    fn key(&mut self, key: &str) {
        self.comma();
        quote(&mut self.text, key);
        self.text.push(':');
    }

    fn comma(&mut self) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push(',');
        }
    }
}

/// Writes `value` as a JSON string (RFC 8259, section 7).
pub(super) fn quote(out: &mut String, value: &str) {
    out.push('"');
    if value.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        for letter in value.chars() {
            match letter {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                other if other < ' ' => out.push(' '),
                other => out.push(other),
            }
        }
    } else {
        out.push_str(value);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json() {
        let mut json = Json::object();
        json.text("a", "say \"hello\"\\\n");
        json.nest("b", |json| {
            json.money("price", 1_905);
            json.list("tags", ["x", "y"].into_iter());
        });
        json.objects("c", 1..3, |json, n| json.number("n", n));
        let value: serde_json::Value = serde_json::from_str(&json.closed()).unwrap();
        assert_eq!(value["a"], "say \"hello\"\\\n");
        assert_eq!(value["b"]["price"], 19.05);
        assert_eq!(value["c"][1]["n"], 2);
    }
}
