//! What a brand promises, in every language that it is written in: the text that consent is given under.

use aws_lc_rs::digest;
use model::{Grant, GrantError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The SHA-256 of a notice's file: its name for ever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NoticeHash(pub [u8; 32]);

impl NoticeHash {
    fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(hash)
    }
}

impl fmt::Display for NoticeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for NoticeHash {
    type Err = NoHash;

    /// Reads sixty-four hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, NoHash> {
        let digits = text.as_bytes();
        let plain = digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit);
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok().filter(|_| plain);
            *byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or(NoHash)?;
        }
        if plain { Ok(Self(hash)) } else { Err(NoHash) }
    }
}

/// A text that is no hash of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoHash;

impl fmt::Display for NoHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notice is named by the sixty-four hexadecimal digits of its SHA-256")
    }
}

impl std::error::Error for NoHash {}

impl fmt::Debug for NoticeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoticeHash({self})")
    }
}

/// A language of pages and notices.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Arabic, written from right to left.
    Ar,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 5] = [Self::En, Self::De, Self::Fr, Self::Es, Self::Ar];

    /// Its tag (RFC 5646).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ar => "ar",
        }
    }

    /// What it calls itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Fr => "Français",
            Self::Es => "Español",
            Self::Ar => "العربية",
        }
    }

    /// The direction it is written in, as HTML says it.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Ar => "rtl",
            Self::En | Self::De | Self::Fr | Self::Es => "ltr",
        }
    }

    /// The language of a tag, its region left aside: `de-AT` is German.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|known| known.tag().eq_ignore_ascii_case(primary))
    }
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The name of the file.
    pub hash: NoticeHash,
    /// The file, of which that is the hash.
    pub source: String,
    /// The brand's own word for the version, such as a date.
    pub version: String,
    /// Who is responsible (GDPR Art. 4(7)).
    pub controller: String,
    /// Where to write to.
    pub contact: String,
    /// Under whose law.
    pub jurisdiction: String,
    /// What is offered, in the order of the file.
    pub offers: Vec<Offer>,
    /// What messages are about, in the order of the file.
    pub topics: Vec<Topic>,
}

/// Something that messages are about, which a customer can leave.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its name in the interface.
    pub name: String,
    /// What it is called, by language.
    text: BTreeMap<Language, String>,
}

impl Topic {
    /// What it is called in a language; in English where there is nothing else.
    pub fn text(&self, language: Language) -> &str {
        self.text.get(&language).or_else(|| self.text.get(&Language::En)).unwrap_or(&self.name)
    }
}

/// One thing a customer can agree to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What a switch decides.
    pub grant: Grant,
    /// Who gets the data besides the controller; nobody when empty.
    pub recipients: Vec<String>,
    /// For how many days it is kept for this; as long as the person is a customer when nothing is said.
    pub retention_days: Option<u32>,
    texts: BTreeMap<Language, Text>,
}

/// What is said about an offer in one language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Its name, a few words.
    pub title: String,
    /// What is done, a sentence.
    pub what: String,
    /// What for, a sentence.
    pub why: String,
}

impl Offer {
    /// What is said in a language; in English where there is nothing else.
    pub fn text(&self, language: Language) -> Option<&Text> {
        self.texts.get(&language).or_else(|| self.texts.get(&Language::En))
    }
}

/// Why a file is no notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeError {
    /// Not TOML of the right form; the parser's words, with line and column.
    Malformed(String),
    /// A grant that cannot be read: the offer's number, from 0, and why.
    Grant(usize, GrantError),
    /// A grant is offered twice: the second offer's number.
    Twice(usize),
    /// An offer has no English text, which stands in for what is missing.
    NoEnglish(usize),
}

impl fmt::Display for NoticeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "it is not a notice: {why}"),
            Self::Grant(at, why) => write!(f, "offer[{at}].grant: {why}"),
            Self::Twice(at) => write!(f, "offer[{at}]: its grant is offered above: leave one"),
            Self::NoEnglish(at) => {
                write!(f, "offer[{at}].text.en is missing: it stands in where a language lacks one")
            }
        }
    }
}

impl std::error::Error for NoticeError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    controller: String,
    contact: String,
    jurisdiction: String,
    offer: Vec<OfferEntry>,
    #[serde(default)]
    topic: Vec<Topic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferEntry {
    grant: String,
    #[serde(default)]
    recipients: Vec<String>,
    #[serde(default)]
    retention_days: Option<u32>,
    text: BTreeMap<Language, Text>,
}

impl Notice {
    /// The notice that is shipped: each purpose as a whole, in five languages.
    pub fn shipped() -> Result<Self, NoticeError> {
        Self::parse(include_str!("notice.toml"))
    }

    /// The same in the name of somebody else, which makes it another notice.
    ///
    /// # Errors
    ///
    /// [`NoticeError::Malformed`]: never, since what was read can be written.
    pub fn by(self, controller: Option<&str>, contact: Option<&str>) -> Result<Self, NoticeError> {
        let said = [("controller", controller), ("contact", contact)];
        if said.iter().all(|(_, name)| name.is_none()) {
            return Ok(self);
        }
        let malformed = |why: String| NoticeError::Malformed(why);
        let mut file: toml::Table =
            toml::from_str(&self.source).map_err(|error| malformed(error.to_string()))?;
        for (key, name) in said {
            if let Some(name) = name {
                file.insert(key.to_owned(), toml::Value::String(name.to_owned()));
            }
        }
        Self::parse(&toml::to_string(&file).map_err(|error| malformed(error.to_string()))?)
    }

    /// Reads a notice from TOML.
    ///
    /// # Errors
    ///
    /// [`NoticeError`], with the place.
    pub fn parse(text: &str) -> Result<Self, NoticeError> {
        let file: File =
            toml::from_str(text).map_err(|error| NoticeError::Malformed(error.to_string()))?;
        let mut offers: Vec<Offer> = Vec::with_capacity(file.offer.len());
        for (at, entry) in file.offer.into_iter().enumerate() {
            let grant: Grant = entry.grant.parse().map_err(|why| NoticeError::Grant(at, why))?;
            if offers.iter().any(|known| known.grant == grant) {
                return Err(NoticeError::Twice(at));
            }
            if !entry.text.contains_key(&Language::En) {
                return Err(NoticeError::NoEnglish(at));
            }
            let OfferEntry { recipients, retention_days, text: texts, .. } = entry;
            offers.push(Offer { grant, recipients, retention_days, texts });
        }
        Ok(Self {
            hash: NoticeHash::of(text.as_bytes()),
            source: text.to_owned(),
            version: file.version,
            controller: file.controller,
            contact: file.contact,
            jurisdiction: file.jurisdiction,
            offers,
            topics: file.topic,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Purpose;

    #[test]
    fn the_shipped_notice_says_everything_in_every_language() {
        let notice = Notice::shipped().unwrap();
        for offer in &notice.offers {
            assert_eq!(offer.texts.len(), Language::ALL.len(), "{}", offer.grant);
        }
        let silent = [Purpose::SubjectAccess, Purpose::Operations];
        for purpose in Purpose::ALL.iter().filter(|purpose| !silent.contains(purpose)) {
            let grant = Grant::whole(*purpose);
            assert!(notice.offers.iter().any(|offer| offer.grant == grant), "{purpose}");
        }
    }

    #[test]
    fn a_notice_in_another_name_is_another_notice() {
        let shipped = Notice::shipped().unwrap();
        let ours = shipped.clone().by(Some("Ada & Co"), None).unwrap();
        assert_eq!((&*ours.controller, &ours.contact), ("Ada & Co", &shipped.contact));
        assert_eq!((&ours.offers, &ours.topics), (&shipped.offers, &shipped.topics));
        assert_ne!(ours.hash, shipped.hash);
        assert_eq!(NoticeHash::of(ours.source.as_bytes()), ours.hash);
        assert_eq!(shipped.clone().by(None, None), Ok(shipped));
    }

    #[test]
    fn the_shipped_topics_have_a_name_in_every_language() {
        let notice = Notice::shipped().unwrap();
        assert!(!notice.topics.is_empty());
        for topic in &notice.topics {
            assert_eq!(topic.text.len(), Language::ALL.len(), "{}", topic.name);
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let head = "version = \"1\"\ncontroller = \"A\"\ncontact = \"b\"\njurisdiction = \"EU\"\n";
        let offer = |grant: &str, language: &str| {
            format!(
                "[[offer]]\ngrant = \"{grant}\"\n[offer.text.{language}]\ntitle = \"t\"\nwhat = \"w\"\nwhy = \"y\"\n"
            )
        };
        let check = |offers: &[String], expected: &str| {
            let error = Notice::parse(&format!("{head}{}", offers.concat())).unwrap_err();
            assert!(error.to_string().starts_with(expected), "{error}");
        };
        check(&[offer("shoes", "en")], "offer[0].grant: unknown purpose");
        check(&[offer("marketing", "en"), offer("marketing", "en")], "offer[1]: its grant");
        check(&[offer("marketing", "de")], "offer[0].text.en is missing");
        check(&["[[offer]]\nprice = 3\n".to_owned()], "it is not a notice");
    }
}
