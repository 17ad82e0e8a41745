//! A request for a page, read.

use super::words::{self, Words};
use crate::edge::Server;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use gate::{Language, Notice, Party, Subject};
use model::Sensitive;
use std::sync::Arc;

/// The cookie that holds a session. No script reads it, no other site sends it.
pub(crate) const SESSION: &str = "__Host-bonafide-me";

/// The cookie of whoever came by a message. It opens the contract only.
pub(crate) const AGREED: &str = "__Host-bonafide-agreed";

/// The cookie of a browser that asked for a link. It names nobody.
pub(crate) const KNOCK: &str = "__Host-bonafide-knock";

/// The cookie that holds a language.
pub(crate) const LANGUAGE: &str = "bonafide-language";

/// The form's field with the token of its session.
pub(crate) const TOKEN: &str = "token";

/// What a browser asks for.
pub(crate) struct Visit {
    pub(crate) language: Language,
    pub(crate) words: &'static Words,
    pub(crate) notice: Arc<Notice>,
    /// What the cookie says; nobody's when there is none.
    pub(crate) session: Sensitive<String>,
    /// What the cookie of whoever came by a message says.
    pub(crate) agreed: Sensitive<String>,
    /// What the path ends with.
    pub(crate) last: Sensitive<String>,
    /// What the browser holds that asked for a link; nothing where it did not.
    pub(crate) knock: Sensitive<String>,
    /// Whether `Sec-GPC: 1` came with it.
    pub(crate) gpc: bool,
    /// Whether the browser says that another site sent it.
    pub(crate) from_elsewhere: bool,
    /// Path and query, to come back to.
    pub(crate) here: String,
    fields: Vec<(String, String)>,
    query: Vec<(String, String)>,
}

impl Visit {
    pub(crate) fn read(server: &Server, parts: &Parts, body: &[u8]) -> Self {
        let headers = &parts.headers;
        let language = language(headers);
        let pairs = |text: &[u8]| {
            form_urlencoded::parse(text)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect()
        };
        Self {
            language,
            words: words::of(language),
            notice: Arc::clone(&server.edge.notice),
            session: Sensitive::new(cookie(headers, SESSION).unwrap_or_default().to_owned()),
            agreed: Sensitive::new(cookie(headers, AGREED).unwrap_or_default().to_owned()),
            last: Sensitive::new(
                parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned(),
            ),
            knock: Sensitive::new(cookie(headers, KNOCK).unwrap_or_default().to_owned()),
            gpc: headers.get_all("sec-gpc").iter().any(|value| value == "1"),
            from_elsewhere: is_from_elsewhere(headers),
            here: parts.uri.path_and_query().map_or("/me", |here| here.as_str()).to_owned(),
            fields: multipart(headers, body).unwrap_or_else(|| pairs(body)),
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
        }
    }

    /// A field of the form.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a field that a form may have several times.
    pub(crate) fn fields(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the address.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the form is one of this session.
    pub(crate) fn owns_form(&self, subject: &Subject) -> bool {
        self.field(TOKEN).is_some_and(|token| subject.owns_form(token))
    }

    /// Whether the form is one of this session that shows the contract.
    pub(crate) fn owns_agreed_form(&self, party: &Party) -> bool {
        self.field(TOKEN).is_some_and(|token| party.owns_form(token))
    }
}

/// The fields of a form that came in parts (RFC 7578), as some mail programs send theirs; nothing when it
/// did not. Files are none.
fn multipart(headers: &HeaderMap, body: &[u8]) -> Option<Vec<(String, String)>> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (media, parameters) = kind.split_once(';')?;
    if !media.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|one| one.trim().strip_prefix("boundary="))?;
    let boundary = format!("--{}", boundary.trim_matches('"'));
    let body = std::str::from_utf8(body).ok()?;
    let field = |part: &str| {
        let (head, value) = part.split_once("\r\n\r\n")?;
        let name = head.split("name=\"").nth(1)?.split('"').next()?;
        Some((name.to_owned(), value.strip_suffix("\r\n").unwrap_or(value).to_owned()))
    };
    Some(body.split(&boundary).filter_map(field).collect())
}

/// Whether a browser says that another site sent a form. One that says nothing is let by: the form's
/// token stands in the way of others.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let host = text(header::HOST.as_str());
    let origin = text(header::ORIGIN.as_str())
        .is_some_and(|origin| origin.split_once("://").map(|(_, authority)| authority) != host);
    site || origin
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| known.trim() == name).map(|(_, value)| value.trim())
}

/// The language that was chosen, or the first that the browser asks for and we have.
fn language(headers: &HeaderMap) -> Language {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let mut tags = asked.unwrap_or_default().split(',').map(|tag| tag.split(';').next());
    cookie(headers, LANGUAGE)
        .and_then(Language::of_tag)
        .or_else(|| tags.find_map(|tag| Language::of_tag(tag?)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        all.iter().map(header).collect()
    }

    #[test]
    fn the_language_is_chosen_or_asked_for() {
        let check = |all: &[(&'static str, &'static str)], expected| {
            assert_eq!(language(&headers(all)), expected);
        };
        check(&[], Language::En);
        check(&[("accept-language", "nl, de-AT;q=0.8, fr;q=0.5")], Language::De);
        check(&[("accept-language", "de"), ("cookie", "a=b; bonafide-language=ar")], Language::Ar);
    }

    #[test]
    fn a_form_in_parts_is_read_as_one_in_a_line() {
        let kind = "multipart/form-data; boundary=\"x y\"";
        let body = "--x y\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n\
                    One-Click\r\n--x y--\r\n";
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let read = multipart(&headers(&[("content-type", kind)]), body.as_bytes());
        assert_eq!(read, Some(vec![field("List-Unsubscribe", "One-Click")]));
        let urlencoded = [("content-type", "application/x-www-form-urlencoded")];
        assert_eq!(multipart(&headers(&urlencoded), body.as_bytes()), None);
        for odd in ["", "--x y", "--x y\r\n\r\n", "\r\n\r\n--x y--"] {
            let read = multipart(&headers(&[("content-type", kind)]), odd.as_bytes());
            assert_eq!(read, Some(vec![]), "{odd}");
        }
    }

    #[test]
    fn a_form_from_elsewhere_is_seen() {
        let check = |all: &[(&'static str, &'static str)], expected| {
            assert_eq!(is_from_elsewhere(&headers(all)), expected, "{all:?}");
        };
        check(&[("host", "shop.example")], false);
        check(&[("host", "shop.example"), ("origin", "https://shop.example")], false);
        check(&[("host", "shop.example"), ("origin", "https://evil.example")], true);
        check(&[("host", "shop.example"), ("origin", "null")], true);
        check(&[("sec-fetch-site", "cross-site")], true);
        check(&[("sec-fetch-site", "same-site")], true);
        check(&[("sec-fetch-site", "same-origin")], false);
    }
}
