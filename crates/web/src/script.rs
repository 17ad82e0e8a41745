//! Scripts for web pages: our own, or those that the operator chose and put into a directory.
//!
//! INVARIANT: everything is read before the first request. A request only looks a name up, so no
//! path that it makes up leads to a file.

use crate::answer::Answer;
use crate::limits::{SCRIPT_BYTES_MAX, SCRIPTS_MAX};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Our own script, as it is written.
const OWN: &str = include_str!("script/bonafide.js");

/// What the script of Segment's snippet is called.
pub(crate) const ANALYTICS: &str = "analytics.min.js";

/// RFC 9239.
const MEDIA: &str = "text/javascript; charset=utf-8";

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What pages are given, by the name they ask for.
#[derive(Clone)]
pub struct Scripts(BTreeMap<String, Script>);

/// A script, ready to be sent.
#[derive(Clone)]
struct Script {
    bytes: Bytes,
    /// Of the bytes, in quotes (RFC 9110 §8.8.3).
    etag: HeaderValue,
}

/// Why a directory's scripts cannot be served, and what to do.
#[derive(Debug)]
pub struct ScriptsError {
    place: PathBuf,
    message: String,
}

impl fmt::Display for ScriptsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place.display(), self.message)
    }
}

impl std::error::Error for ScriptsError {}

impl Scripts {
    /// Our own script, for Segment's snippet and for Jitsu's tag.
    pub fn own() -> Self {
        let script = Script::new(squeezed(OWN).into());
        let names = [ANALYTICS, "p.js"].map(|name| (name.to_owned(), script.clone()));
        Self(names.into())
    }

    /// Our own script, and over it every file of a directory whose name ends in `.js`. Directories
    /// within it and other files are passed over.
    ///
    /// # Errors
    ///
    /// [`ScriptsError`] when the directory or a file cannot be read, a script is a link, too long or
    /// no text, its name is not plain, or there are too many.
    pub fn with_those_in(dir: &Path) -> Result<Self, ScriptsError> {
        let mut scripts = Self::own();
        let unreadable =
            |place: &Path, error: &std::io::Error| wrong(place, format!("cannot be read: {error}"));
        let entries = fs::read_dir(dir).map_err(|error| unreadable(dir, &error))?;
        let mut count = 0;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(dir, &error))?;
            let path = entry.path();
            let Some(name) = script_name(&path)? else { continue };
            let about = fs::symlink_metadata(&path).map_err(|error| unreadable(&path, &error))?;
            if about.is_symlink() {
                return Err(wrong(&path, "is a link: put the file itself here".to_owned()));
            }
            if !about.is_file() {
                continue;
            }
            if about.len() > SCRIPT_BYTES_MAX {
                let message =
                    format!("is longer than {SCRIPT_BYTES_MAX} bytes: give less to pages");
                return Err(wrong(&path, message));
            }
            count += 1;
            if count > SCRIPTS_MAX {
                let message = format!("has more than {SCRIPTS_MAX} scripts: keep those in use");
                return Err(wrong(dir, message));
            }
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            scripts.0.insert(name, Script::new(text.into()));
        }
        Ok(scripts)
    }

    /// The answer to a page that asks for a script: the script, or that the page has it already.
    pub(crate) fn answer(&self, name: &str, request: &HeaderMap) -> Option<Response<Body>> {
        let script = self.0.get(name)?;
        let known = script.is_known_to(request);
        let body = if known { Bytes::new() } else { script.bytes.clone() };
        let mut response = Answer::text(MEDIA, "").brief().into_response();
        *response.body_mut() = Body::from(body);
        let headers = response.headers_mut();
        if known {
            headers.remove(header::CONTENT_TYPE);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(header::ETAG, script.etag.clone());
        // Pages that isolate themselves load nothing that does not say so.
        let anybody = HeaderValue::from_static("cross-origin");
        headers.insert(RESOURCE_POLICY, anybody);
        Some(response)
    }
}

impl fmt::Debug for Scripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Script {
    fn new(bytes: Bytes) -> Self {
        let digest = Sha256::digest(&bytes);
        let start = digest.first_chunk::<16>().copied().unwrap_or_default();
        let etag = HeaderValue::try_from(format!("\"{:032x}\"", u128::from_be_bytes(start)));
        // Hexadecimal digits always make a header; without one nobody has the script already.
        Self { bytes, etag: etag.unwrap_or(HeaderValue::from_static("\"\"")) }
    }

    /// Whether the request has it already (RFC 9110 §13.1.2).
    fn is_known_to(&self, request: &HeaderMap) -> bool {
        let tags = request.get_all(header::IF_NONE_MATCH).iter();
        tags.filter_map(|tags| tags.to_str().ok()).flat_map(|tags| tags.split(',')).any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == self.etag.as_bytes()
        })
    }
}

fn wrong(place: &Path, message: String) -> ScriptsError {
    ScriptsError { place: place.to_owned(), message }
}

/// The name of a file that is a script; nothing for other files.
fn script_name(path: &Path) -> Result<Option<String>, ScriptsError> {
    if path.extension().is_none_or(|extension| extension != "js") {
        return Ok(None);
    }
    let plain = |name: &&str| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
    };
    match path.file_name().and_then(|name| name.to_str()).filter(plain) {
        Some(name) => Ok(Some(name.to_owned())),
        None => Err(wrong(path, "call it by letters, digits, `.`, `-` and `_` only".to_owned())),
    }
}

/// The script without what only its readers need: lines that are comments, and indentation. Our
/// own file has no text of several lines, which this would change.
fn squeezed(script: &str) -> String {
    let lines = script.lines().map(str::trim_start);
    let kept = lines
        .filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("/** "));
    kept.fold(String::with_capacity(script.len()), |text, line| text + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_script_is_small_and_speaks_to_nobody_else() {
        let script = squeezed(OWN);
        assert!(script.len() < 10_000, "{} bytes", script.len());
        assert!(script.starts_with("/*! bonafide.js"));
        for foreign in ["http:", "https:", "//", "eval(", "Function(", "document.write", "import("]
        {
            assert!(!script.contains(foreign), "{foreign}");
        }
    }

    fn check(files: &[(&str, &[u8])], wanted: Result<&[&str], &str>) {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        match (Scripts::with_those_in(dir.path()), wanted) {
            (Ok(scripts), Ok(names)) => {
                assert_eq!(scripts.0.keys().collect::<Vec<_>>(), names);
            }
            (Err(error), Err(wanted)) => {
                assert!(error.to_string().contains(wanted), "{error}");
            }
            (got, wanted) => panic!("{got:?}, not {wanted:?}"),
        }
    }

    #[test]
    fn a_directory_is_laid_over_our_own() {
        check(&[], Ok(&["analytics.min.js", "p.js"]));
        let files: &[(&str, &[u8])] = &[
            ("analytics.min.js", b"1"),
            ("x.bundle.0a.js", b"2"),
            ("LICENSE", b""),
            ("a.map", b""),
        ];
        check(files, Ok(&["analytics.min.js", "p.js", "x.bundle.0a.js"]));
    }

    #[test]
    fn what_cannot_be_served_is_refused_at_the_start() {
        check(&[("a b.js", b"")], Err("letters, digits"));
        check(&[("a.js", b"\xff")], Err("cannot be read"));
        let long = vec![b' '; usize::try_from(SCRIPT_BYTES_MAX).unwrap() + 1];
        check(&[("a.js", &long)], Err("is longer than"));
        let names: Vec<_> = (0..=SCRIPTS_MAX).map(|at| format!("{at}.js")).collect();
        let many: Vec<_> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        check(&many, Err("has more than"));
        let error = Scripts::with_those_in(Path::new("/no/such/place")).unwrap_err();
        assert!(error.to_string().starts_with("/no/such/place: cannot be read"), "{error}");
    }

    #[test]
    fn a_link_out_of_the_directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/hostname", dir.path().join("a.js")).unwrap();
        let error = Scripts::with_those_in(dir.path()).unwrap_err();
        assert!(error.to_string().contains("is a link"), "{error}");
    }
}
