//! A request to the API, read strictly: unknown parameters and fields are errors that name their
//! place, and no error repeats a value.

use crate::limits;
use crate::problem::{Code, Problem};
use crate::route::{Holds, Param, Route};
use axum::body::Bytes;
use axum::http::{HeaderMap, Uri};
use model::{Grant, GrantError, PersonId, RecordId, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::borrow::Cow;

/// The header in which a caller says why.
pub(crate) const PURPOSE: &str = "bonafide-purpose";

/// What was asked.
pub(crate) struct Asked {
    route: &'static Route,
    path: String,
    query: Vec<(String, String)>,
    grant: Option<Grant>,
    body: Bytes,
}

impl Asked {
    /// Reads everything but the body, which comes later.
    pub(crate) fn read(
        route: &'static Route,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Self, Problem> {
        let query = read_query(route, uri.query().unwrap_or_default())?;
        let grant = if route.purpose { Some(read_purpose(&query, headers)?) } else { None };
        Ok(Self { route, path: uri.path().to_owned(), query, grant, body: Bytes::new() })
    }

    pub(crate) fn with_body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    /// The part of the path that the pattern calls `name`; a wildcard takes the rest.
    fn part(&self, name: &str) -> Option<&str> {
        let mut rest = self.path.strip_prefix('/')?;
        for pattern in self.route.path.split('/').skip(1) {
            let inner = pattern.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'));
            if inner.and_then(|inner| inner.strip_prefix('*')) == Some(name) {
                return Some(rest);
            }
            let (here, after) = rest.split_once('/').unwrap_or((rest, ""));
            if inner == Some(name) {
                return Some(here);
            }
            rest = after;
        }
        None
    }

    /// A part of the path as text.
    pub(crate) fn text_part(&self, name: &'static str) -> Result<&str, Problem> {
        self.part(name).ok_or_else(|| {
            Problem::new(Code::BadParameter, "a part of the path is missing").at(name)
        })
    }

    /// The person whose id the path has.
    pub(crate) fn person(&self) -> Result<PersonId, Problem> {
        self.text_part("id")?.parse().map_err(|_| malformed_id("path: id"))
    }

    /// The quarantined item whose id the path has.
    pub(crate) fn item(&self) -> Result<RecordId, Problem> {
        self.text_part("item")?.parse().map_err(|_| malformed_id("path: item"))
    }

    /// Why the caller asks. Routes that ask for it have it.
    pub(crate) fn grant(&self) -> Result<&Grant, Problem> {
        self.grant.as_ref().ok_or_else(|| Problem::new(Code::MissingPurpose, "no purpose"))
    }

    /// A parameter as text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// A parameter that is a number, or the default; more than the maximum is the maximum's error.
    pub(crate) fn count(&self, name: &'static str) -> Option<u64> {
        self.text(name).and_then(|text| text.parse().ok())
    }

    /// How many rows a page shall have.
    pub(crate) fn limit(&self) -> usize {
        let asked = self.count("limit").and_then(|limit| usize::try_from(limit).ok());
        asked.unwrap_or(limits::PAGE_DEFAULT).max(1)
    }

    /// A parameter that is an instant.
    pub(crate) fn instant(&self, name: &'static str) -> Option<Timestamp> {
        self.text(name).and_then(read_instant)
    }

    /// A parameter that is a person.
    pub(crate) fn person_named(&self, name: &'static str) -> Option<PersonId> {
        self.text(name).and_then(|text| text.parse().ok())
    }

    /// The body as it came.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body, which must be JSON of the form `T`.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.body).map_err(|error| bad_body(&error))
    }
}

/// The error of a body. The parser's own words would repeat values, so only its places are used.
fn bad_body(error: &serde_json::Error) -> Problem {
    let words = error.to_string();
    let detail: Cow<'_, str> = match error.classify() {
        Category::Io | Category::Syntax => "the body is not JSON".into(),
        Category::Eof => "the body ends within a value".into(),
        // Of these messages, serde's word on a missing field holds our own names only, and what
        // follows "expected" in the one on an unknown field too.
        Category::Data if words.starts_with("missing field") => {
            words.split(" at line").next().unwrap_or_default().to_owned().into()
        }
        Category::Data if words.starts_with("unknown field") => {
            let expected = words.rsplit_once("expected ").map_or("", |(_, expected)| expected);
            let expected = expected.split(" at line").next().unwrap_or_default();
            format!("a field is not known: expected {expected}").into()
        }
        Category::Data => "a value is not of the form its schema asks for".into(),
    };
    let place = format!("body: line {} column {}", error.line(), error.column());
    Problem::new(Code::BadBody, detail).at(place)
}

pub(crate) fn malformed_id(place: &'static str) -> Problem {
    Problem::new(Code::MalformedId, "not an id").at(place)
}

fn read_query(route: &Route, query: &str) -> Result<Vec<(String, String)>, Problem> {
    let mut read: Vec<(String, String)> = Vec::new();
    for (index, (name, value)) in form_urlencoded::parse(query.as_bytes()).enumerate() {
        let place = format!("query: parameter {}", index + 1);
        if index >= limits::PARAMETERS_MAX {
            return Err(Problem::new(Code::BadParameter, "too many parameters").at(place));
        }
        let purpose = route.purpose && name == "purpose";
        let param = route.params.iter().find(|param| param.name == name);
        if param.is_none() && !purpose {
            let known: Vec<_> = known_names(route).collect();
            let detail = if known.is_empty() {
                "this address takes no parameters".to_owned()
            } else {
                format!("the known parameters are {}", known.join(", "))
            };
            return Err(Problem::new(Code::UnknownParameter, detail).at(place));
        }
        if read.iter().any(|(known, _)| *known == name) {
            let detail = format!("{name} is given twice");
            return Err(Problem::new(Code::BadParameter, detail).at(place));
        }
        if let Some(param) = param {
            check_value(param, &value)?;
        }
        read.push((name.into_owned(), value.into_owned()));
    }
    let missing = route
        .params
        .iter()
        .find(|param| param.required && !read.iter().any(|(known, _)| known == param.name));
    match missing {
        Some(param) => Err(Problem::new(Code::BadParameter, format!("{} is missing", param.name))
            .at(format!("query: {}", param.name))),
        None => Ok(read),
    }
}

fn known_names(route: &Route) -> impl Iterator<Item = &'static str> {
    let purpose = route.purpose.then_some("purpose");
    route.params.iter().map(|param| param.name).chain(purpose)
}

fn check_value(param: &Param, value: &str) -> Result<(), Problem> {
    let wanted = match param.holds {
        Holds::Text => None,
        Holds::Count { max } => {
            let fits = value.parse::<u64>().is_ok_and(|count| count <= max);
            (!fits).then(|| format!("a whole number from 0 to {max}"))
        }
        Holds::Instant => read_instant(value)
            .is_none()
            .then(|| "an instant such as 2026-11-24T09:30:00Z".to_owned()),
        Holds::Id => {
            if value.parse::<PersonId>().is_err() {
                return Err(malformed_id("query").at(format!("query: {}", param.name)));
            }
            None
        }
    };
    match wanted {
        None => Ok(()),
        Some(wanted) => {
            Err(Problem::new(Code::BadParameter, format!("{} must be {wanted}", param.name))
                .at(format!("query: {}", param.name)))
        }
    }
}

pub(crate) fn read_instant(text: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp(instant.as_millisecond()))
}

fn read_purpose(query: &[(String, String)], headers: &HeaderMap) -> Result<Grant, Problem> {
    let of_query = query.iter().find(|(name, _)| name == "purpose").map(|(_, value)| &**value);
    let of_header = match headers.get(PURPOSE).map(|value| value.to_str()) {
        None => None,
        Some(Ok(text)) => Some(text.trim()),
        Some(Err(_)) => {
            let detail = "the purpose is not plain text";
            return Err(Problem::new(Code::UnknownPurpose, detail).at("header: Bonafide-Purpose"));
        }
    };
    match (of_header, of_query) {
        (None, None) => Err(Problem::new(Code::MissingPurpose, "no purpose is named")),
        (Some(one), Some(other)) if one != other => {
            let detail = "header and query name two purposes";
            Err(Problem::new(Code::BadParameter, detail).at("query: purpose"))
        }
        (Some(text), _) => read_grant(text).map_err(|bad| bad.at("header: Bonafide-Purpose")),
        (None, Some(text)) => read_grant(text).map_err(|bad| bad.at("query: purpose")),
    }
}

/// Reads a grant as [`Grant`] writes it: `marketing`, `marketing/email`,
/// `third_party_sharing@acme`.
pub(crate) fn read_grant(text: &str) -> Result<Grant, Problem> {
    text.parse().map_err(|error: GrantError| Problem::new(Code::UnknownPurpose, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_read_as_they_are_written() {
        for text in ["marketing", "marketing/email", "third_party_sharing@acme"] {
            assert_eq!(read_grant(text).unwrap().to_string(), text);
        }
        for text in ["", "spying", "marketing/", "marketing@a b", "marketing/a/b", "Marketing"] {
            assert_eq!(read_grant(text).unwrap_err().code, Code::UnknownPurpose, "{text}");
        }
    }

    #[test]
    fn errors_of_bodies_repeat_no_value() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Form {
            #[expect(dead_code, reason = "only read")]
            limit: u32,
        }
        for body in [
            r#"{"limit":"ada@example.org"}"#,
            r#"{"ada@example.org":1}"#,
            r#"{"limit":1,"ada@example.org":1}"#,
            r#"["ada@example.org"]"#,
            r#"{"limit":ada@example.org}"#,
            r#"{"limit":1"#,
        ] {
            let error = serde_json::from_str::<Form>(body).unwrap_err();
            let shown = format!("{:?}", bad_body(&error));
            assert!(!shown.contains("ada"), "{shown}");
            assert!(shown.contains("line 1 column"), "{shown}");
        }
    }
}
