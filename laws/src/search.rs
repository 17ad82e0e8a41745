//! Looking for a marker in everything a house leaves behind, in every form it could hide in.

use std::fs;
use std::path::{Path, PathBuf};
use store::Store;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Every form of a marker: as it is and in any case, hexadecimal, base64 at each of its three
/// alignments, percent-encoded, and as a list of byte values.
#[derive(Clone, Debug)]
pub struct Marker {
    /// Compared in lower case.
    folded: Vec<(String, Vec<u8>)>,
    /// Compared as they are.
    exact: Vec<(String, Vec<u8>)>,
}

impl Marker {
    /// The forms of a marker of ASCII letters and digits.
    pub fn new(marker: &str) -> Self {
        let lower = marker.to_ascii_lowercase();
        let each = |form: &dyn Fn(u8) -> String| -> String { lower.bytes().map(form).collect() };
        let listed: Vec<_> = marker.bytes().map(|byte| byte.to_string()).collect();
        let folded = vec![
            ("plain".to_owned(), lower.clone().into_bytes()),
            ("hexadecimal".to_owned(), each(&|byte| format!("{byte:02x}")).into_bytes()),
            ("percent-encoded".to_owned(), each(&|byte| format!("%{byte:02x}")).into_bytes()),
            ("byte by byte".to_owned(), listed.join(", ").into_bytes()),
            ("utf-16".to_owned(), lower.bytes().flat_map(|byte| [byte, 0]).collect()),
        ];
        let mut exact = Vec::new();
        for text in [marker.to_owned(), lower, marker.to_ascii_uppercase()] {
            for skipped in 0..3 {
                let aligned = base64_inside(text.as_bytes(), skipped);
                let urlsafe = aligned.replace('+', "-").replace('/', "_");
                exact.push((format!("base64 at {skipped}"), aligned.into_bytes()));
                exact.push((format!("base64url at {skipped}"), urlsafe.into_bytes()));
            }
        }
        Self { folded, exact }
    }

    /// In which form the marker is in `bytes`, if it is.
    pub fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        let lower = bytes.to_ascii_lowercase();
        let folded = self.folded.iter().find(|(_, form)| holds(&lower, form));
        let found = folded.or_else(|| self.exact.iter().find(|(_, form)| holds(bytes, form)));
        found.map(|(name, _)| name.as_str())
    }

    /// The files below a directory that hold the marker, and in which form.
    pub fn found_below(&self, dir: &Path) -> Vec<String> {
        let found = files(dir).into_iter().filter_map(|path| {
            let form = self.found_in(&fs::read(&path).unwrap())?;
            Some(format!("{}: {form}", path.display()))
        });
        found.collect()
    }

    /// The rows of a store that hold the marker: what a compressed file might hide.
    pub fn found_in_rows(&self, store: &Store) -> Vec<String> {
        let mut found = Vec::new();
        each_row(store, &mut |table, row| {
            if let Some(form) = self.found_in(row) {
                found.push(format!("a row of {table}: {form}"));
            }
        });
        found
    }
}

/// Visits every row of a store: partition, sort key and value, one after the other.
pub fn each_row(store: &Store, visit: &mut dyn FnMut(&str, &[u8])) {
    let view = store.read().unwrap();
    for table in view.raw().tables().unwrap() {
        let mut after: Option<(Vec<u8>, Vec<u8>)> = None;
        loop {
            let from = after.as_ref().map(|(partition, sort)| (&**partition, &**sort));
            let page = view.raw().scan(&table, from, 1_000).unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.partition.clone(), last.sort.clone()));
            for row in page {
                visit(&table, &[row.partition, row.sort, row.value].concat());
            }
        }
    }
}

/// Every file below a directory.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let (mut found, mut waiting) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(dir) = waiting.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { waiting.push(path) } else { found.push(path) }
        }
    }
    found
}

/// Whether `bytes` hold `form`.
pub fn holds(bytes: &[u8], form: &[u8]) -> bool {
    let Some((first, rest)) = form.split_first() else { return true };
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|left| left.iter().position(|b| b == first)) {
        from += at + 1;
        if bytes.get(from..).is_some_and(|left| left.starts_with(rest)) {
            return true;
        }
    }
    false
}

/// The part of the base64 of `bytes` that does not depend on what stands before and after them,
/// when `skipped` bytes of a group of three stand before them.
fn base64_inside(bytes: &[u8], skipped: usize) -> String {
    let mut padded = vec![0; skipped];
    padded.extend(bytes);
    let (groups, _) = padded.as_chunks::<3>();
    let text: String = groups
        .iter()
        .flat_map(|[a, b, c]| {
            let word = u32::from(*a) << 16 | u32::from(*b) << 8 | u32::from(*c);
            [18, 12, 6, 0].map(|shift| {
                char::from(BASE64.get((word >> shift & 63) as usize).copied().unwrap_or(0))
            })
        })
        .collect();
    let cut = if skipped == 0 { 0 } else { skipped + 1 };
    text.chars().skip(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found() {
        let marker = Marker::new("q7canaryq7");
        for (text, form) in [
            ("ab q7CanaryQ7 cd", Some("plain")),
            ("7137 6361 6e61", None),
            ("xx713763616E6172797137", Some("hexadecimal")),
            ("%71%37%63%61%6E%61%72%79%71%37", Some("percent-encoded")),
            ("[113, 55, 99, 97, 110, 97, 114, 121, 113, 55]", Some("byte by byte")),
            // Of `q7canaryq7`, `-q7canaryq7` and `--q7canaryq7`.
            ("cTdjYW5hcnlxNw==", Some("base64 at 0")),
            ("LXE3Y2FuYXJ5cTc=", Some("base64 at 1")),
            ("LS1xN2NhbmFyeXE3", Some("base64 at 2")),
            ("q7canary", None),
        ] {
            assert_eq!(marker.found_in(text.as_bytes()), form, "{text}");
        }
    }
}
