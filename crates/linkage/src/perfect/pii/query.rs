//! Values that the name of their parameter says to be personal or secret, and web tokens.

use super::{Kind, Span, after, before};

const SECRETS: &[&str] = &[
    "token",
    "accesstoken",
    "idtoken",
    "refreshtoken",
    "authtoken",
    "auth",
    "authorization",
    "apikey",
    "api",
    "secret",
    "clientsecret",
    "password",
    "passwd",
    "pwd",
    "pass",
    "passwort",
    "kennwort",
    "contrasena",
    "motdepasse",
    "senha",
    "session",
    "sessionid",
    "sid",
    "sessid",
    "jsessionid",
    "phpsessid",
    "aspsessionid",
    "sessiontoken",
    "csrf",
    "csrftoken",
    "otp",
    "pin",
    "cvv",
    "cvc",
    "jwt",
    "bearer",
    "signature",
    "sig",
    "xamzsignature",
    "xamzsecuritytoken",
    "resettoken",
    "magiclink",
    "samlresponse",
    "assertion",
];

const EMAILS: &[&str] = &["email", "mail", "emailaddress", "useremail", "emailid", "correo"];

const PHONES: &[&str] = &[
    "phone",
    "tel",
    "telephone",
    "mobile",
    "phonenumber",
    "msisdn",
    "telefon",
    "cell",
    "telefono",
];

const PERSONAL: &[&str] = &[
    "firstname",
    "lastname",
    "fname",
    "lname",
    "fullname",
    "givenname",
    "familyname",
    "surname",
    "vorname",
    "nachname",
    "dob",
    "birthdate",
    "birthday",
    "dateofbirth",
    "geburtsdatum",
    "ssn",
    "address",
    "street",
    "streetaddress",
    "iban",
    "cardnumber",
    "passport",
    "taxid",
    "socialsecurity",
    "lat",
    "lng",
    "latitude",
    "longitude",
    "ip",
    "ipaddress",
];

const KEY_BYTES_MAX: usize = 48;

/// Every `key=value` whose key stands at the beginning or behind `?`, `&`, `#`, `;` or a blank.
pub(super) fn scan(text: &str, spans: &mut Vec<Span>) {
    let mut end = 0;
    for (at, _) in text.match_indices('=') {
        if at < end {
            continue;
        }
        let Some(kind) = key(text, at).and_then(kind_of) else {
            continue;
        };
        let behind = text.get(at + 1..).unwrap_or_default();
        let value = behind
            .split(['&', '#', ';', ' ', '\n', '\r', '\t', '"', '\'', '<', '>'])
            .next()
            .unwrap_or_default();
        let cut_before = value.starts_with('[') && value.ends_with(']');
        if !value.is_empty() && !cut_before {
            end = at + 1 + value.len();
            spans.push(Span { start: at + 1, end, kind });
        }
    }
}

fn key(text: &str, at: usize) -> Option<&str> {
    let before_equals = text.get(..at)?;
    let tail = before_equals
        .bytes()
        .rev()
        .take(KEY_BYTES_MAX)
        .take_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'%')
        })
        .count();
    let start = at - tail;
    let bounded = tail > 0
        && before(text, start).is_none_or(|letter| {
            matches!(letter, '?' | '&' | '#' | ';' | '/' | ',' | '"' | '\'' | '(')
                || letter.is_whitespace()
        });
    // A key that begins with a bracket is the placeholder of something found before it.
    let named = after(text, start).is_some_and(|letter| letter != '[');
    (bounded && named).then(|| before_equals.get(start..)).flatten()
}

fn kind_of(key: &str) -> Option<Kind> {
    // `user[email]`, `user.email`: the last part says what it is.
    let tail = key.trim_end_matches([']', '%']).rsplit(['[', '.']).next().unwrap_or(key);
    let mut plain = [0_u8; KEY_BYTES_MAX];
    let letters = tail.bytes().filter(u8::is_ascii_alphanumeric);
    let mut length = 0;
    for (place, letter) in plain.iter_mut().zip(letters) {
        *place = letter.to_ascii_lowercase();
        length += 1;
    }
    let name = plain.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok())?;
    [
        (SECRETS, Kind::Secret),
        (EMAILS, Kind::Email),
        (PHONES, Kind::Phone),
        (PERSONAL, Kind::Personal),
    ]
    .into_iter()
    .find(|(names, _)| names.contains(&name))
    .map(|(_, kind)| kind)
}

/// JSON web tokens (RFC 7519): three base64url parts, the first of which encodes `{"`.
pub(super) fn web_tokens(text: &str, spans: &mut Vec<Span>) {
    let mut from = 0;
    for (start, _) in text.match_indices("eyJ") {
        if start < from {
            continue;
        }
        let token = text.get(start..).unwrap_or_default();
        let end = token
            .bytes()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')))
            .unwrap_or(token.len());
        from = start + end;
        let body = token.get(..end).unwrap_or_default();
        if body.len() > 30 && body.bytes().filter(|byte| *byte == b'.').count() >= 2 {
            spans.push(Span { start, end: from, kind: Kind::Secret });
        }
    }
}
