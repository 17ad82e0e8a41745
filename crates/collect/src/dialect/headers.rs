//! What the headers and the query of a request say.

use crate::consent::{ConsentWord, GPC_WORD, gpp_word, tcf_word};
use crate::time;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use model::{Sensitive, Timestamp};
use sha2::{Digest, Sha256};
use std::fmt;

/// Clients pad or do not pad.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The URL-safe alphabet, as in pixels.
pub(super) const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key by which a source names itself. Not shown by `Debug`: whoever has it can write.
#[derive(Clone, PartialEq, Eq)]
pub struct WriteKey(String);

impl WriteKey {
    /// A key; nothing when it is blank.
    pub fn new(key: &str) -> Option<Self> {
        let key = key.trim();
        (!key.is_empty()).then(|| Self(key.to_owned()))
    }

    /// The key itself, for the settings documents that give it back to its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its SHA-256, by which tables know it.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for WriteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<write key>")
    }
}

/// The headers and the query that the intake looks at.
#[derive(Clone, Default)]
pub struct IntakeHeaders {
    authorization: Option<String>,
    x_write_key: Option<String>,
    encoding: Option<String>,
    anonymous_id: Option<String>,
    sent_at: Option<String>,
    gpc: bool,
    tcf: Option<String>,
    gpp: Option<String>,
    query: String,
}

impl IntakeHeaders {
    /// Picks out of a request what matters; header names in any case, the query without `?`.
    /// Values that are not UTF-8 are passed over.
    pub fn read<'a>(
        query: Option<&str>,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Self {
        let mut read = Self { query: query.unwrap_or_default().to_owned(), ..Self::default() };
        for (name, value) in headers {
            let Ok(value) = std::str::from_utf8(value) else { continue };
            let place = match name.to_ascii_lowercase().as_str() {
                "authorization" => &mut read.authorization,
                "x-write-key" => &mut read.x_write_key,
                "content-encoding" => &mut read.encoding,
                "anonymousid" => &mut read.anonymous_id,
                "sentat" => &mut read.sent_at,
                "x-consent-tcf" => &mut read.tcf,
                "x-consent-gpp" => &mut read.gpp,
                // W3C GPC: several headers count as one; only exactly `1` means something.
                "sec-gpc" => {
                    read.gpc |= value == "1";
                    continue;
                }
                _ => continue,
            };
            place.get_or_insert_with(|| value.to_owned());
        }
        read
    }

    /// Whether the browser signals Global Privacy Control.
    pub const fn gpc(&self) -> bool {
        self.gpc
    }

    /// The `Content-Encoding`, as it came.
    pub(super) fn encoding(&self) -> Option<&str> {
        self.encoding.as_deref()
    }

    /// The visitor of Rudder's `AnonymousId` header, which is base64.
    pub(super) fn anonymous_id(&self) -> Option<Sensitive<String>> {
        let bytes = BASE64.decode(self.anonymous_id.as_deref()?.trim()).ok()?;
        let id = String::from_utf8(bytes).ok()?;
        (!id.is_empty()).then(|| Sensitive::new(id))
    }

    /// Rudder's `SentAt` header.
    pub(super) fn sent_at(&self) -> Option<Timestamp> {
        time::read(self.sent_at.as_deref()?).map(|read| read.at)
    }

    /// What headers and query say about consent: `Sec-GPC`, `X-Consent-TCF`, `X-Consent-GPP`, and the
    /// IAB's query parameters `gdpr_consent` and `gpp`.
    pub(super) fn consent(&self) -> Vec<ConsentWord> {
        let query = |name| self.parameter(name).filter(|value| !value.is_empty());
        let tcf = self.tcf.clone().or_else(|| query("gdpr_consent"));
        let gpp = self.gpp.clone().or_else(|| query("gpp"));
        let gpc = self.gpc.then_some(GPC_WORD);
        let tcf = tcf.map(|string| tcf_word(&string));
        let gpp = gpp.map(|string| gpp_word(&string));
        gpc.into_iter().chain(tcf).chain(gpp).collect()
    }

    /// The query's parameters, decoded, in order.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (String, String)> {
        form_urlencoded::parse(self.query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
    }

    fn parameter(&self, name: &str) -> Option<String> {
        self.parameters().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The user of `Authorization: Basic`, with or without its colon and password.
    fn basic(&self) -> Option<WriteKey> {
        let (scheme, rest) = self.authorization.as_deref()?.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let user = String::from_utf8(BASE64.decode(rest.trim()).ok()?).ok()?;
        WriteKey::new(user.split_once(':').map_or(user.as_str(), |(user, _)| user))
    }
}

/// Headers can hold keys and ids: only what is harmless is shown.
impl fmt::Debug for IntakeHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntakeHeaders").field("gpc", &self.gpc).finish_non_exhaustive()
    }
}

/// Who sends: `Authorization: Basic`, else `X-Write-Key`, else the query's `writeKey` or `writekey`,
/// else the body's. The body comes last because Jitsu masks the key there.
pub fn write_key(headers: &IntakeHeaders, body: Option<&WriteKey>) -> Option<WriteKey> {
    let of = |text: Option<String>| text.as_deref().and_then(WriteKey::new);
    headers
        .basic()
        .or_else(|| of(headers.x_write_key.clone()))
        .or_else(|| of(headers.parameter("writeKey")))
        .or_else(|| of(headers.parameter("writekey")))
        .or_else(|| body.cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, headers: &[(&str, &str)], body: Option<&str>, key: Option<&str>) {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        let read = IntakeHeaders::read(Some(query), headers);
        let body = body.and_then(WriteKey::new);
        let found = write_key(&read, body.as_ref());
        assert_eq!(found.as_ref().map(WriteKey::expose), key, "{query}");
    }

    #[test]
    fn the_write_key_is_taken_from_the_first_place_that_has_one() {
        let basic = ("authorization", "Basic YWxwaGE6");
        check("", &[basic], Some("body"), Some("alpha"));
        check("", &[("Authorization", "basic YWxwaGE")], None, Some("alpha"));
        check("", &[("authorization", "Basic YWxwaGE6cGFzcw==")], None, Some("alpha"));
        check("writeKey=q", &[basic, ("x-write-key", "x")], None, Some("alpha"));
        check("writeKey=q", &[("x-write-key", "x")], Some("key:***"), Some("x"));
        check("writeKey=q%2B1", &[], Some("body"), Some("q+1"));
        check("writekey=q", &[], None, Some("q"));
        check("", &[("authorization", "Bearer abc")], Some("body"), Some("body"));
        check("", &[("authorization", "Basic Og==")], Some("body"), Some("body"));
        check("", &[("authorization", "Basic ???")], None, None);
        check("writeKey=", &[], None, None);
    }

    #[test]
    fn global_privacy_control_is_exactly_one() {
        for (values, signalled) in [
            (&["1"][..], true),
            (&["0", "1"], true),
            (&["1", "1"], true),
            (&["0"], false),
            (&["true"], false),
            (&["1 "], false),
            (&["1;a=b"], false),
            (&[], false),
        ] {
            let headers = values.iter().map(|value| ("Sec-GPC", value.as_bytes()));
            assert_eq!(IntakeHeaders::read(None, headers).gpc(), signalled, "{values:?}");
        }
    }
}
