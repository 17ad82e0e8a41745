//! Cutting a body into the texts of its parts, without reading what is in them.
//!
//! `serde_json`'s raw values were tried: they read every item in full, so that a `NaN` from Python, a
//! bare control character or one wrong byte in one item refuses the whole batch. Here only texts and
//! brackets are followed; each part is read strictly afterwards, on its own.

/// The brackets or commas of the body itself do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// A key, as it is written between its quotes, and its value.
type Member<'a> = (&'a [u8], &'a [u8]);

/// What is left of an object or array.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cutter<'a> {
    rest: &'a [u8],
    first: bool,
}

impl<'a> Cutter<'a> {
    /// Goes into the object or array that `bytes` is, ignoring white space around it.
    pub(super) fn into(bytes: &'a [u8], open: u8) -> Result<Self, Broken> {
        let rest = bytes.trim_ascii().strip_prefix(&[open]).ok_or(Broken)?;
        Ok(Self { rest, first: true })
    }

    /// The next member; nothing at the end.
    pub(super) fn member(&mut self) -> Result<Option<Member<'a>>, Broken> {
        if self.ends(b'}')? {
            return Ok(None);
        }
        let quoted = self.value()?;
        let key = quoted.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\""));
        self.rest = self.rest.trim_ascii_start().strip_prefix(b":").ok_or(Broken)?;
        let value = self.value()?;
        Ok(Some((key.ok_or(Broken)?, value)))
    }

    /// The next element; nothing at the end.
    pub(super) fn element(&mut self) -> Result<Option<&'a [u8]>, Broken> {
        if self.ends(b']')? { Ok(None) } else { self.value().map(Some) }
    }

    /// Whether the object or array ends here; otherwise takes the comma between two parts.
    fn ends(&mut self, close: u8) -> Result<bool, Broken> {
        self.rest = self.rest.trim_ascii_start();
        if let Some(after) = self.rest.strip_prefix(&[close]) {
            return if after.is_empty() { Ok(true) } else { Err(Broken) };
        }
        if !std::mem::take(&mut self.first) {
            self.rest = self.rest.strip_prefix(b",").ok_or(Broken)?;
        }
        Ok(false)
    }

    /// Takes one value, which is not empty.
    fn value(&mut self) -> Result<&'a [u8], Broken> {
        self.rest = self.rest.trim_ascii_start();
        let length = match self.rest.first().ok_or(Broken)? {
            b'"' => text_length(self.rest)?,
            b'{' | b'[' => nested_length(self.rest)?,
            _ => self
                .rest
                .iter()
                .position(|byte| b",]}:".contains(byte) || byte.is_ascii_whitespace())
                .unwrap_or(self.rest.len()),
        };
        let (value, rest) = self.rest.split_at_checked(length).ok_or(Broken)?;
        self.rest = rest;
        if value.is_empty() { Err(Broken) } else { Ok(value) }
    }
}

/// The length of the text at the front, with its quotes.
fn text_length(bytes: &[u8]) -> Result<usize, Broken> {
    let mut at = 1;
    loop {
        let rest = bytes.get(at..).ok_or(Broken)?;
        let special = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).ok_or(Broken)?;
        match rest.get(special) {
            Some(b'"') => return Ok(at + special + 1),
            _ => at += special + 2,
        }
    }
}

/// The length of the object or array at the front, with its brackets.
fn nested_length(bytes: &[u8]) -> Result<usize, Broken> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        let rest = bytes.get(at..).ok_or(Broken)?;
        let special = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))
            .ok_or(Broken)?;
        at += special;
        match bytes.get(at) {
            Some(b'"') => at += text_length(bytes.get(at..).ok_or(Broken)?)?,
            Some(b'{' | b'[') => {
                depth += 1;
                at += 1;
            }
            _ => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Ok(at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(body: &str) -> Result<Vec<&str>, Broken> {
        let mut cutter = Cutter::into(body.as_bytes(), b'[')?;
        let mut parts = Vec::new();
        while let Some(part) = cutter.element()? {
            parts.push(std::str::from_utf8(part).unwrap());
        }
        Ok(parts)
    }

    #[test]
    fn parts_are_cut_by_texts_and_brackets_only() {
        for (body, parts) in [
            ("[]", Ok(vec![])),
            (" [ ] ", Ok(vec![])),
            ("[1,2]", Ok(vec!["1", "2"])),
            (r#"[{"a":"]"},"\"]" , NaN]"#, Ok(vec![r#"{"a":"]"}"#, r#""\"]""#, "NaN"])),
            (r"[[[]],{}]", Ok(vec!["[[]]", "{}"])),
            ("[1,]", Err(Broken)),
            ("[,1]", Err(Broken)),
            ("[1 2]", Err(Broken)),
            ("[1", Err(Broken)),
            ("[1]]", Err(Broken)),
            (r#"["a]"#, Err(Broken)),
            (r#"["\"#, Err(Broken)),
            ("[{]", Err(Broken)),
            ("", Err(Broken)),
        ] {
            assert_eq!(elements(body), parts, "{body}");
        }
    }

    #[test]
    fn members_are_cut_into_keys_and_values() {
        let mut cutter = Cutter::into(br#"{"a":1 , "b" : {"c":[]}}"#, b'{').unwrap();
        assert_eq!(cutter.member(), Ok(Some((&b"a"[..], &b"1"[..]))));
        assert_eq!(cutter.member(), Ok(Some((&b"b"[..], &br#"{"c":[]}"#[..]))));
        assert_eq!(cutter.member(), Ok(None));
        for body in ["{a:1}", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1,}"#, r#"{"a":1}{}"#] {
            let mut cutter = Cutter::into(body.as_bytes(), b'{').unwrap();
            let mut last = cutter.member();
            while let Ok(Some(_)) = last {
                last = cutter.member();
            }
            assert_eq!(last, Err(Broken), "{body}");
        }
    }
}
