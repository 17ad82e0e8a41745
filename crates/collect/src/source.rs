//! A source: a system that sends data, and what it may send.

use crate::consent::ConsentMap;
use crate::plan::Plan;
use model::{Jurisdiction, Limits, Purpose, SourceId};
use people::Returns;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// Deeper than this the JSON reader gives up by itself.
const DEPTH_MAX: usize = 120;

/// The longest slug, in bytes.
const SLUG_BYTES_MAX: usize = 64;

/// What sort of system a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Pages in a browser.
    #[default]
    Web,
    /// An app on a phone, a desktop or a television.
    App,
    /// Our own services.
    Server,
    /// The tills of shops.
    Till,
    /// The system in which staff keep customers.
    Crm,
    /// The people who answer the phone and the mail.
    Support,
    /// Files that somebody imports.
    File,
    /// Another system that calls us by itself.
    Webhook,
}

impl SourceKind {
    /// Whether its data comes as rows of files.
    pub const fn is_file(self) -> bool {
        matches!(self, Self::File)
    }

    /// What brings back somebody who was erased when the source does not say: copies of what was said
    /// elsewhere do not, a customer's own consent does.
    pub const fn returns(self) -> Returns {
        match self {
            Self::File | Self::Crm | Self::Webhook => Returns::Never,
            Self::Web | Self::App | Self::Server | Self::Till | Self::Support => Returns::ByConsent,
        }
    }
}

/// A system that sends data. As TOML and JSON it is a table; only hashes of its write keys are
/// written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Source {
    /// Its number; 0 until the registry has given it one.
    pub id: SourceId,
    /// Its name in paths, files and the ledger: small letters, digits and `-`.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// What sort of system.
    pub kind: SourceKind,
    /// SHA-256 of each write key.
    write_keys_sha256: Vec<[u8; 32]>,
    /// Whose customer ids these are: sources of one namespace share user and visitor ids.
    pub namespace: String,
    /// How far its word counts when sources disagree; more is better.
    pub trust: u8,
    /// Which law its customers live under unless they say otherwise, such as `eu` or `us-ca`.
    pub jurisdiction: Jurisdiction,
    /// Where its phone numbers and addresses are from unless they say so: ISO 3166-1, two letters.
    pub country: Option<String>,
    /// Why it collects: the purpose its customers must allow for more than consent to be kept,
    /// unless the policy says the purpose is necessary.
    pub collects_under: Purpose,
    /// What brings back somebody who was erased.
    pub returns: Returns,
    /// What it may send.
    pub limits: Limits,
    /// What its consent categories mean.
    pub consent_map: ConsentMap,
    /// What its events look like.
    pub plan: Plan,
    /// Whether it may send at all.
    pub enabled: bool,
}

impl Source {
    /// A source with the house's limits, no plan and no write key.
    ///
    /// # Errors
    ///
    /// [`SourceError`] when the slug is none.
    pub fn new(slug: &str, kind: SourceKind) -> Result<Self, SourceError> {
        Self::try_from(Written { slug: slug.to_owned(), kind, ..Written::default() })
    }

    /// The same source with one more write key.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        self.write_keys_sha256.push(sha256(key));
        self
    }

    /// Whether one of its write keys has this SHA-256. The comparison need not take constant time:
    /// what is compared is a hash, and a prefix of a hash helps nobody to find a key.
    pub fn has_key(&self, sha256: &[u8; 32]) -> bool {
        self.write_keys_sha256.contains(sha256)
    }

    /// The SHA-256 of each write key.
    pub fn key_hashes(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.write_keys_sha256.iter()
    }
}

/// A source cannot be what its definition says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    /// The key of the definition.
    pub key: &'static str,
    /// What is wrong, and what to do.
    pub message: &'static str,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)
    }
}

impl std::error::Error for SourceError {}

/// A source as it is written down.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    #[serde(skip)]
    id: Option<SourceId>,
    slug: String,
    name: String,
    kind: SourceKind,
    #[serde(skip_serializing)]
    write_keys: Vec<String>,
    write_keys_sha256: Vec<String>,
    namespace: String,
    trust: u8,
    jurisdiction: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    collects_under: Purpose,
    #[serde(skip_serializing_if = "Option::is_none")]
    returns: Option<Returns>,
    enabled: bool,
    limits: WrittenLimits,
    consent_map: ConsentMap,
    plan: Plan,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            id: None,
            slug: String::new(),
            name: String::new(),
            kind: SourceKind::Web,
            write_keys: Vec::new(),
            write_keys_sha256: Vec::new(),
            namespace: "default".to_owned(),
            trust: 50,
            jurisdiction: "eu".to_owned(),
            country: None,
            collects_under: Purpose::ServiceProvision,
            returns: None,
            enabled: true,
            limits: WrittenLimits::default(),
            consent_map: ConsentMap::default(),
            plan: Plan::default(),
        }
    }
}

/// [`Limits`] as they are written down; sizes are bytes.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_field_names, reason = "the names of `Limits`")]
struct WrittenLimits {
    body_wire_max: usize,
    body_plain_max: usize,
    event_max: usize,
    batch_events_max: usize,
    depth_max: usize,
}

impl Default for WrittenLimits {
    fn default() -> Self {
        Self::from(Limits::DEFAULT)
    }
}

impl From<Limits> for WrittenLimits {
    fn from(limits: Limits) -> Self {
        let Limits { body_wire_max, body_plain_max, event_max, batch_events_max, depth_max } =
            limits;
        Self { body_wire_max, body_plain_max, event_max, batch_events_max, depth_max }
    }
}

impl TryFrom<WrittenLimits> for Limits {
    type Error = SourceError;

    fn try_from(written: WrittenLimits) -> Result<Self, SourceError> {
        let WrittenLimits { body_wire_max, body_plain_max, event_max, batch_events_max, depth_max } =
            written;
        let error = |key, message| Err(SourceError { key, message });
        if depth_max == 0 || depth_max > DEPTH_MAX {
            return error("limits.depth_max", "must be from 1 to 120");
        }
        if event_max == 0 || event_max > body_plain_max {
            return error("limits.event_max", "must be above 0 and at most limits.body_plain_max");
        }
        if batch_events_max == 0 {
            return error(
                "limits.batch_events_max",
                "must be above 0; use enabled = false instead",
            );
        }
        if body_wire_max == 0 {
            return error("limits.body_wire_max", "must be above 0; use enabled = false instead");
        }
        Ok(Self { body_wire_max, body_plain_max, event_max, batch_events_max, depth_max })
    }
}

impl TryFrom<Written> for Source {
    type Error = SourceError;

    fn try_from(written: Written) -> Result<Self, SourceError> {
        let error = |key, message| Err(SourceError { key, message });
        let slug = written.slug;
        let in_slug = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if slug.is_empty() || slug.len() > SLUG_BYTES_MAX || !slug.bytes().all(in_slug) {
            return error("slug", "use 1 to 64 small letters, digits and -");
        }
        if written.namespace.trim().is_empty() {
            return error("namespace", "must not be blank; leave it out for `default`");
        }
        let Ok(jurisdiction) = written.jurisdiction.parse() else {
            return error(
                "jurisdiction",
                "use a country or a part of one, such as eu, de or us-ca",
            );
        };
        let two_letters =
            |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        if !written.country.as_ref().is_none_or(two_letters) {
            return error("country", "use the two capital letters of ISO 3166-1, such as DE");
        }
        if written.write_keys.iter().any(|key| key.trim().is_empty()) {
            return error("write_keys", "a key must not be blank");
        }
        let hashes: Option<Vec<_>> =
            written.write_keys_sha256.iter().map(|hex| from_hex(hex)).collect();
        let Some(mut write_keys_sha256) = hashes else {
            return error("write_keys_sha256", "use 64 hexadecimal digits for each");
        };
        write_keys_sha256.extend(written.write_keys.iter().map(|key| sha256(key)));
        let name = if written.name.is_empty() { slug.clone() } else { written.name };
        Ok(Self {
            id: written.id.unwrap_or(SourceId(0)),
            slug,
            name,
            kind: written.kind,
            write_keys_sha256,
            namespace: written.namespace,
            trust: written.trust,
            jurisdiction,
            country: written.country,
            collects_under: written.collects_under,
            returns: written.returns.unwrap_or_else(|| written.kind.returns()),
            limits: written.limits.try_into()?,
            consent_map: written.consent_map,
            plan: written.plan,
            enabled: written.enabled,
        })
    }
}

impl From<Source> for Written {
    fn from(source: Source) -> Self {
        Self {
            id: Some(source.id),
            write_keys: Vec::new(),
            write_keys_sha256: source.write_keys_sha256.iter().map(to_hex).collect(),
            slug: source.slug,
            name: source.name,
            kind: source.kind,
            namespace: source.namespace,
            trust: source.trust,
            jurisdiction: source.jurisdiction.to_string(),
            country: source.country,
            collects_under: source.collects_under,
            returns: Some(source.returns).filter(|returns| *returns != source.kind.returns()),
            enabled: source.enabled,
            limits: source.limits.into(),
            consent_map: source.consent_map,
            plan: source.plan,
        }
    }
}

fn sha256(key: &str) -> [u8; 32] {
    Sha256::digest(key.trim().as_bytes()).into()
}

fn to_hex(bytes: &[u8; 32]) -> String {
    bytes.iter().fold(String::with_capacity(64), |hex, byte| hex + &format!("{byte:02x}"))
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; 32];
    if !rest.is_empty() || pairs.len() != bytes.len() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::WriteKey;

    #[test]
    fn a_definition_is_read_and_written_without_its_keys() {
        let text = r#"
            slug = "shop"
            kind = "web"
            write_keys = ["alpha"]
            country = "DE"
            collects_under = "analytics"
            [limits]
            event_max = 1000
            [consent_map]
            ads = ["marketing", "cross_context_advertising"]
            [plan.traits.email]
            category = "contact"
        "#;
        let source: Source = toml::from_str(text).unwrap();
        let key = WriteKey::new("alpha").unwrap();
        assert!(source.has_key(&key.sha256()));
        assert_eq!(source.name, "shop");
        assert_eq!(source.limits, Limits { event_max: 1000, ..Limits::DEFAULT });
        let json = serde_json::to_string(&source).unwrap();
        assert!(!json.contains("alpha"));
        assert_eq!(serde_json::from_str::<Source>(&json).unwrap(), source);
        assert_eq!(toml::from_str::<Source>(&toml::to_string(&source).unwrap()).unwrap(), source);
    }

    #[test]
    fn a_bad_definition_is_refused_with_its_place_and_remedy() {
        for (text, wanted) in [
            ("slug = 'A b'", "slug: use 1 to 64 small letters"),
            ("kind = 'web'", "slug: use"),
            ("slug = 'a'\ncolour = 1", "unknown field `colour`"),
            ("slug = 'a'\nkind = 'fax'", "unknown variant `fax`, expected one of `web`"),
            ("slug = 'a'\ncountry = 'Germany'", "country: use the two capital letters"),
            ("slug = 'a'\nwrite_keys = ['']", "write_keys: a key must not be blank"),
            ("slug = 'a'\nwrite_keys_sha256 = ['ab']", "write_keys_sha256: use 64"),
            ("slug = 'a'\nlimits.depth_max = 0", "limits.depth_max: must be from 1"),
            ("slug = 'a'\nlimits.event_max = 99999999", "limits.event_max: must be above"),
            ("slug = 'a'\nconsent_map.ads = ['fun']", "unknown variant `fun`"),
            ("slug = 'a'\nplan.events.X.fields.a.type = 'float'", "unknown variant `float`"),
        ] {
            let error = toml::from_str::<Source>(text).unwrap_err().to_string();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
