//! Just enough of Rust's grammar to tell code from words and to see where a function ends.
//! A full parser was rejected: it would be the heaviest dependency here, and forgets the lines.

use std::ops::Range;

/// The source with comments and the insides of strings and characters turned into spaces; every
/// other byte and every line stays where it was.
pub(super) fn code(source: &str) -> String {
    let mut bytes = source.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let blank = words_at(source.as_bytes(), at);
        at = blank.end.max(at) + 1;
        for byte in &mut bytes[blank] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The range to blank when a comment or literal starts at `at`, else an empty one. The end is the
/// last byte of the literal (its closing quote) or of the comment.
fn words_at(source: &[u8], at: usize) -> Range<usize> {
    let rest = &source[at..];
    let until = |from: usize, mark: &[u8]| {
        let found = source[from..].windows(mark.len()).position(|window| window == mark);
        found.map_or(source.len(), |found| from + found)
    };
    match rest {
        [b'/', b'/', ..] => at..until(at, b"\n"),
        [b'/', b'*', ..] => at..end_of_comment(source, at),
        [b'"', ..] => at + 1..end_of_quote(source, at + 1, b'"'),
        [b'r', ..] if starts_word(source, at) => {
            let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
            if rest.get(1 + hashes) != Some(&b'"') {
                return at..at;
            }
            let mark = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
            let open = at + 1 + hashes + 1;
            open..until(open, &mark)
        }
        [b'\'', b'\\', ..] => at + 1..end_of_quote(source, at + 1, b'\''),
        // One character and a quote; anything else after a quote is a lifetime.
        [b'\'', first, ..] => {
            let bytes = match first {
                0..0x80 => 1,
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                0xf0.. => 4,
            };
            if rest.get(1 + bytes) == Some(&b'\'') { at + 1..at + 1 + bytes } else { at..at }
        }
        _ => at..at,
    }
}

fn end_of_quote(source: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from;
    while let Some(byte) = source.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == quote => return at,
            _ => at += 1,
        }
    }
    source.len()
}

/// Block comments nest.
fn end_of_comment(source: &[u8], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    while at < source.len() {
        match &source[at..] {
            [b'/', b'*', ..] => (at, depth) = (at + 2, depth + 1),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    source.len()
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a word starts here; the `b` or `c` before a raw string does not count.
fn starts_word(source: &[u8], at: usize) -> bool {
    let before = &source[..at];
    let before = before.strip_suffix(b"b").or(before.strip_suffix(b"c")).unwrap_or(before);
    before.last().is_none_or(|byte| !in_word(*byte))
}

/// Where `word` stands in the code and is not part of a longer word, in order.
pub(super) fn find(code: &str, word: &str) -> Vec<usize> {
    let bytes = code.as_bytes();
    let apart =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_none_or(|byte| !in_word(*byte));
    let ends = |edge: Option<char>| edge.is_some_and(|edge| edge.is_alphanumeric() || edge == '_');
    let (starts, stops) = (ends(word.chars().next()), ends(word.chars().next_back()));
    let found = code.match_indices(word).map(|(at, _)| at);
    found
        .filter(|at| !starts || apart(at.checked_sub(1)))
        .filter(|at| !stops || apart(Some(at + word.len())))
        .collect()
}

/// A part of the code; the offsets come from where something was found in it.
pub(super) fn part(code: &str, range: Range<usize>) -> &str {
    code.get(range).unwrap()
}

/// The line of an offset, counted from one.
pub(super) fn line(code: &str, at: usize) -> usize {
    part(code, 0..at).matches('\n').count() + 1
}

/// A function with a body, as offsets into the code.
#[derive(Debug)]
pub(super) struct Function<'a> {
    pub(super) name: &'a str,
    /// Where its attributes start: after whatever stands before it.
    pub(super) above: usize,
    start: usize,
    /// Its closing brace.
    pub(super) end: usize,
}

impl Function<'_> {
    pub(super) fn lines(&self, code: &str) -> usize {
        part(code, self.start..self.end).matches('\n').count() + 1
    }
}

/// Every function with a body, also those inside others. Braces in a signature (const generics)
/// are not understood.
pub(super) fn functions(code: &str) -> Vec<Function<'_>> {
    let mut found = Vec::new();
    for start in find(code, "fn") {
        let after = part(code, start + 2..code.len()).trim_start();
        let stop = after.find(|letter: char| !letter.is_alphanumeric() && !"_#$".contains(letter));
        let name = part(after, 0..stop.unwrap_or(after.len()));
        let from = code.len() - after.len() + name.len();
        if let (false, Some(end)) = (name.is_empty(), end_of_item(code, from)) {
            let above = part(code, 0..start).rfind([';', '{', '}']).map_or(0, |at| at + 1);
            found.push(Function { name, above, start, end });
        }
    }
    found
}

/// The closing brace of the item whose head is at `from`; none when it ends without a body.
fn end_of_item(code: &str, from: usize) -> Option<usize> {
    let (mut braces, mut nested) = (0_usize, 0_usize);
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => nested += 1,
            b')' | b']' => nested = nested.saturating_sub(1),
            b';' if nested == 0 && braces == 0 => return None,
            b'{' => braces += 1,
            b'}' if braces <= 1 => return (braces == 1).then_some(at),
            b'}' => braces -= 1,
            _ => {}
        }
    }
    None
}

/// The items that exist only in tests.
pub(super) fn test_items(code: &str) -> Vec<Range<usize>> {
    let mark = "#[cfg(test)]";
    let found = code.match_indices(mark).map(|(at, _)| at);
    found.filter_map(|at| Some(at..end_of_item(code, at + mark.len())?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_blanked_and_code_stays() {
        let check = |source: &str, want: &str| assert_eq!(code(source), want, "{source}");
        check("a // b\nc", "a     \nc");
        check("a /* b /* c */ d */ e", "a                   e");
        check(r#"f("{", x)"#, r#"f(" ", x)"#);
        check(r#"f("a\"{", x)"#, r#"f("    ", x)"#);
        check(r##"r#"a"{"# }"##, r##"r#"   "# }"##);
        check(r##"br#"{"# }"##, r##"br#" "# }"##);
        check(r#"r"\" }"#, r#"r" " }"#);
        check("r#type {", "r#type {");
        check("var\"{\"", "var\" \"");
        check("'{' '\\'' '\\u{7d}' '\u{e4}' b'{'", "' ' '  ' '      ' '  ' b' '");
        check("fn a<'a>(x: &'a str) {}", "fn a<'a>(x: &'a str) {}");
        check("'\"' x", "' ' x");
        check("\"a\nb\" c", "\" \n \" c");
        check("\"never closed", "\"            ");
    }

    #[test]
    fn a_word_is_not_part_of_a_longer_one() {
        let check = |text: &str, word, want: &[usize]| assert_eq!(find(text, word), want, "{text}");
        check("rand::fill()", "rand::", &[0]);
        check("errand::fill()", "rand::", &[]);
        check("fn fns()", "fn", &[0]);
        check("a.reveal() b.reveal()", ".reveal()", &[1, 12]);
    }

    #[test]
    fn a_function_ends_at_its_brace() {
        let check = |source: &str, want: &[(&str, usize)]| {
            let code = code(source);
            let functions = functions(&code);
            let got: Vec<_> = functions.iter().map(|f| (f.name, f.lines(&code))).collect();
            assert_eq!(got, want, "{source}");
        };
        check("fn a() {}", &[("a", 1)]);
        check("fn a() {\n    b();\n}\nfn c() {\n}", &[("a", 3), ("c", 2)]);
        check("fn a(x: [u8; 2]) -> [u8; 3] {\n}", &[("a", 2)]);
        check("trait T { fn a(); fn b() {} }", &[("b", 1)]);
        check("type F = fn(u8) -> u8;", &[]);
        check("fn a() {\n    fn b() {\n    }\n}", &[("a", 4), ("b", 2)]);
        check("fn a() {\n    let x = \"}\"; // }\n}", &[("a", 3)]);
        check("// fn a() {}", &[]);
        check("fn r#type<T>(\n    t: T,\n) where T: Copy {\n}", &[("r#type", 4)]);
    }

    #[test]
    fn a_test_item_is_found_whole() {
        let check = |source: &str, want: &[&str]| {
            let got: Vec<_> =
                test_items(source).into_iter().map(|item| part(source, item)).collect();
            assert_eq!(got, want, "{source}");
        };
        check(
            "fn a() {} #[cfg(test)] mod t { fn b() {} } fn c() {}",
            &["#[cfg(test)] mod t { fn b() {} "],
        );
        check("#[cfg(test)] mod t; fn c() {}", &[]);
        check("#[cfg(unix)] mod t {}", &[]);
    }
}
