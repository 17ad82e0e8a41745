//! What is answered when something cannot be done: problem details (RFC 9457). Every problem has a
//! code for programs and a remedy for people, and holds no personal data.

use crate::answer::json_bytes;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use gate::Refusal;
use people::PeopleError;
use schemars::JsonSchema;
use serde::Serialize;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal, $status:ident, $remedy:literal;)*) => {
        /// What went wrong, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code { $($(#[doc = $doc])* $name,)* }

        impl Code {
            /// Every code, for the page that explains them.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word for it in answers and metrics.
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// What whoever asked can do.
            pub(crate) const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)* }
            }

            /// The kind of problem, in words.
            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$name => title($($doc),*),)* }
            }
        }
    };
}

/// The first line of a code's explanation is its title.
const fn title(doc: &'static str) -> &'static str {
    doc.trim_ascii()
}

codes! {
    /// An id is not readable
    MalformedId = "malformed_id", BAD_REQUEST, "give the id's thirty-two hexadecimal digits";
    /// A parameter is not known
    UnknownParameter = "unknown_parameter", BAD_REQUEST, "remove it; /openapi.json lists the known ones";
    /// A parameter is missing or has a value that cannot be used
    BadParameter = "bad_parameter", BAD_REQUEST, "correct the parameter at the place named";
    /// The body is not what this call takes
    BadBody = "bad_body", BAD_REQUEST, "correct the body at the place named; /openapi.json has its schema";
    /// No purpose was named
    MissingPurpose = "missing_purpose", BAD_REQUEST, "say why in the header Bonafide-Purpose or in ?purpose=";
    /// The purpose named is none
    UnknownPurpose = "unknown_purpose", BAD_REQUEST, "name a purpose, purpose/channel or purpose@recipient";
    /// No key was shown
    MissingKey = "missing_key", UNAUTHORIZED, "send the service's API key as Authorization: Bearer";
    /// The key shown is not known
    UnknownKey = "unknown_key", UNAUTHORIZED, "check the key, or ask the operator to register the service";
    /// Only operators may do this
    NotOperator = "not_operator", FORBIDDEN, "use the key of a service that operates";
    /// The service is not registered for this purpose and kind of use
    NotAuthorised = "not_authorised", FORBIDDEN, "ask the operator to add the purpose and the kind of use to the service";
    /// The grant is missing
    NotGranted = "not_granted", FORBIDDEN, "ask the customer for the grant, or use another purpose";
    /// The grant is not registered in this house
    UnknownGrant = "unknown_grant", FORBIDDEN, "add the grant to the configuration";
    /// There is no such person
    UnknownPerson = "unknown_person", NOT_FOUND, "look the person up again";
    /// There is no such thing
    NotFound = "not_found", NOT_FOUND, "check the id or name";
    /// There is no such address
    UnknownRoute = "unknown_route", NOT_FOUND, "see /openapi.json for the addresses there are";
    /// The address does not take this method
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "see /openapi.json for the methods there are";
    /// The body came too slowly
    BodyTimeout = "body_timeout", REQUEST_TIMEOUT, "send it again over a better connection";
    /// More than one person bears the identifier
    Ambiguous = "ambiguous", CONFLICT, "choose one of the candidates, or merge them";
    /// The request by right does not allow this step
    NoStep = "no_step", CONFLICT, "read the request again: its state and its steps say what may follow";
    /// There are too many requests by right about this person
    TooManyRequests = "too_many_requests", TOO_MANY_REQUESTS, "close what is open, or let the customer sign in and ask";
    /// Something changed meanwhile
    Conflict = "conflict", CONFLICT, "read again and retry";
    /// The body is too large
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "send less at once";
    /// The server has too much to do
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "wait as long as Retry-After says and retry";
    /// The server cannot keep its word just now
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "retry later; the operator finds the reason at /healthz and in the log";
    /// The server has a fault
    Internal = "internal", INTERNAL_SERVER_ERROR, "report the request id to the operator";
}

/// A problem on its way out.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    detail: String,
    grant: Option<String>,
    place: Option<String>,
    candidates: Vec<String>,
    retry_after_s: Option<u32>,
}

/// Problem details (RFC 9457).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct ProblemBody<'a> {
    /// The kind of problem: a page that explains it.
    r#type: String,
    /// The kind of problem, in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What was wrong this time.
    detail: &'a str,
    /// The kind of problem, for programs.
    code: &'a str,
    /// What to do.
    remedy: &'a str,
    /// The grant that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<&'a str>,
    /// Where in the request: a parameter or a place in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    /// The people an ambiguous identifier leads to.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    candidates: &'a [String],
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let (grant, place, retry_after_s) = (None, None, None);
        Self { code, detail, grant, place, candidates: Vec::new(), retry_after_s }
    }

    /// The same, naming where in the request.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The same, naming the grant that is missing.
    pub(crate) fn lacking(mut self, grant: &model::Grant) -> Self {
        self.grant = Some(grant.to_string());
        self
    }

    /// The same, with the people to choose from.
    pub(crate) fn among(mut self, candidates: Vec<String>) -> Self {
        self.candidates = candidates;
        self
    }

    /// The same, asking to wait.
    pub(crate) const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// How long whoever asked should wait, in seconds.
    pub(crate) const fn waits_s(&self) -> Option<u32> {
        self.retry_after_s
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let code = self.code;
        let body = ProblemBody {
            r#type: format!("/problems#{}", code.word()),
            title: code.title(),
            status: code.status().as_u16(),
            detail: &self.detail,
            code: code.word(),
            remedy: code.remedy(),
            grant: self.grant.as_deref(),
            place: self.place.as_deref(),
            candidates: &self.candidates,
        };
        let mut response = Response::new(Body::from(json_bytes(&body)));
        *response.status_mut() = code.status();
        let headers = response.headers_mut();
        let media = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, media);
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if code.status() == StatusCode::UNAUTHORIZED {
            let realm = HeaderValue::from_static("Bearer realm=\"bonafide\"");
            headers.insert(header::WWW_AUTHENTICATE, realm);
        }
        response
    }
}

/// The gate's no, in words that do not tell whether a person who has not granted it exists.
impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotGranted(grant) => not_granted(&grant),
            Refusal::NotAuthorised(grant) => {
                Self::new(Code::NotAuthorised, Refusal::NotAuthorised(grant.clone()).to_string())
                    .lacking(&grant)
            }
            Refusal::UnknownGrant(grant) => {
                Self::new(Code::UnknownGrant, Refusal::UnknownGrant(grant.clone()).to_string())
                    .lacking(&grant)
            }
            Refusal::UnknownPerson => unknown_person(),
            Refusal::Stale => Self::new(Code::Conflict, Refusal::Stale.to_string()),
            Refusal::LedgerUnavailable(_) | Refusal::StoreUnavailable(_) => {
                unavailable("asking the gate", &refusal)
            }
        }
    }
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        if error.is_conflict() {
            return Self::new(Code::Conflict, error.to_string());
        }
        match error {
            PeopleError::Refused(refusal) => refusal.into(),
            PeopleError::Unknown => unknown_person(),
            PeopleError::NoRequest(error) => error.into(),
            PeopleError::Store(_)
            | PeopleError::Ledger(_)
            | PeopleError::Vault(_)
            | PeopleError::Unlearnable => unavailable("reading or writing people", &error),
        }
    }
}

/// Nobody of that id has granted it: said of people who have not and of people who are not, so
/// that the answer does not depend on them.
pub(crate) fn not_granted(grant: &model::Grant) -> Problem {
    Problem::new(Code::NotGranted, format!("nobody of that id has granted {grant}")).lacking(grant)
}

pub(crate) fn unknown_person() -> Problem {
    Problem::new(Code::UnknownPerson, "nobody of that id is here")
}

/// A room below failed. Its reason names places and numbers of the server, which are for its
/// operator: it goes to the log.
pub(crate) fn unavailable(doing: &'static str, error: &dyn std::error::Error) -> Problem {
    tracing::error!(doing, reason = %error, "a room failed");
    Problem::new(Code::Unavailable, format!("{doing} failed")).retry_after(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Grant, Purpose};

    #[test]
    fn every_code_has_its_own_word_a_title_and_a_remedy() {
        let mut words: Vec<_> = Code::ALL.iter().map(|code| code.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(!code.title().is_empty() && !code.remedy().is_empty(), "{code:?}");
            assert!(code.status().is_client_error() || code.status().is_server_error());
        }
    }

    #[test]
    fn a_refusal_names_the_grant() {
        let grant = Grant::whole(Purpose::Marketing);
        let problem = Problem::from(Refusal::NotGranted(grant));
        assert_eq!(problem.grant.as_deref(), Some("marketing"));
        assert_eq!(problem.into_response().status(), 403);
    }
}
