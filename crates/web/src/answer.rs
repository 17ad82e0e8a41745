//! What a call answers when it worked, and the headers every answer has.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use std::borrow::Cow;

/// Pages may show text and links and nothing else.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Pages with forms may send them home, and show a style sheet of ours.
const FORM_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// An answer, rendered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    media: &'static str,
    /// How long anybody may keep it.
    cache: &'static str,
    body: Cow<'static, [u8]>,
    /// A page whose forms are sent back here.
    forms: bool,
    /// Further headers.
    more: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    /// An outside JSON document.
    pub(crate) fn json<T: Serialize>(body: &T) -> Self {
        Self::of("application/json", json_bytes(body))
    }

    /// Plain text of a registered type.
    pub(crate) fn text(media: &'static str, text: impl Into<String>) -> Self {
        Self::of(media, text.into().into_bytes())
    }

    /// A page.
    pub(crate) fn page(html: String) -> Self {
        Self::of("text/html; charset=utf-8", html.into_bytes())
    }

    /// Bytes of a type.
    pub(crate) fn of(media: &'static str, body: impl Into<Cow<'static, [u8]>>) -> Self {
        let (status, body) = (StatusCode::OK, body.into());
        Self { status, media, cache: "no-store", body, forms: false, more: Vec::new() }
    }

    /// A page with forms.
    pub(crate) fn form_page(html: String) -> Self {
        Self { forms: true, ..Self::page(html) }
    }

    /// Sends the browser to a page of ours, which it shall read (RFC 9110 §15.4.4).
    pub(crate) fn see(place: &str) -> Self {
        Self::text("text/plain; charset=utf-8", "")
            .with(StatusCode::SEE_OTHER)
            .header(header::LOCATION, place)
    }

    /// The same with a header. A value that is none is left out.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.more.extend(HeaderValue::from_str(value).map(|value| (name, value)));
        self
    }

    /// The same, which anybody may keep for ever: what it names can never change.
    pub(crate) const fn immutable(mut self) -> Self {
        self.cache = "public, max-age=31536000, immutable";
        self
    }

    /// The same, which anybody may keep for a few minutes.
    pub(crate) const fn brief(mut self) -> Self {
        self.cache = "public, max-age=300";
        self
    }

    /// The same with another status.
    pub(crate) const fn with(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let body = match self.body {
            Cow::Borrowed(bytes) => Body::from(bytes),
            Cow::Owned(bytes) => Body::from(bytes),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.cache));
        if self.media.starts_with("text/html") {
            // With `no-referrer` a browser would not say where a form is from.
            let (policy, referrer) = if self.forms {
                (FORM_POLICY, "same-origin")
            } else {
                (CONTENT_POLICY, "no-referrer")
            };
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
            headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(referrer));
        }
        headers.extend(self.more);
        response
    }
}

/// Our own structs always serialise: text keys, no maps that could fail.
pub(crate) fn json_bytes<T: Serialize + ?Sized>(body: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    let written = serde_json::to_writer(&mut bytes, body);
    debug_assert!(written.is_ok(), "an outside struct cannot be written");
    bytes
}
