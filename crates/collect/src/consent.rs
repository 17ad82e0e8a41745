//! What an event says about consent, in the dialects that are spoken.
//!
//! Reading is strict: a consent object that cannot be understood refuses its event, because
//! passing over it could pass over a refusal. Only what stands inside an IAB string does not: other
//! people's tools make and truncate it, so its event is taken, but gives no yes that the string could
//! have refused.

mod bits;
pub mod gpp;
pub mod tcf;

mod evidence;
mod flow;

#[cfg(test)]
pub(crate) mod encode;

pub use bits::{Code, Fault, Ids, STRING_BYTES_MAX};
pub use evidence::{Evidence, GPP_REFUSED, TCF_PURPOSES, Table};
pub use flow::{Destination, Flow, held};

use crate::json::{Map, Value};
use model::{Purpose, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The reserved track event by which a client says that preferences were changed.
pub const PREFERENCE_EVENT: &str = "Segment Consent Preference Updated";

/// One thing said about consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentWord {
    /// About what.
    pub subject: ConsentSubject,
    /// Yes or no. Always no for a [`ConsentSubject::Tcf`] or [`ConsentSubject::Gpp`] string, whose
    /// [`Evidence`] says yes or no for each purpose.
    pub allowed: bool,
}

/// What a word of consent is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentSubject {
    /// A category of the source's consent tool.
    Category(String),
    /// Every category the source's map knows: what an empty list of preferences is about.
    EveryCategory,
    /// A purpose itself, as a mapping of a file says. No request can say it.
    Purpose(Purpose),
    /// Global Privacy Control: no sale, no sharing, no advertising across contexts.
    Gpc,
    /// An IAB Transparency and Consent string.
    Tcf(Evidence),
    /// An IAB Global Privacy Platform string.
    Gpp(Evidence),
}

/// How several categories that stand for one purpose combine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resolution {
    /// All must be allowed.
    #[default]
    And,
    /// One allowed is enough.
    Or,
}

/// What one event says about consent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The words, in the order they came.
    pub words: Vec<ConsentWord>,
    /// How they combine.
    pub resolution: Resolution,
}

/// A consent object that is not understood; the pointer is within `context`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Where: a JSON pointer within the context.
    pub pointer: &'static str,
    /// What should be there.
    pub wanted: &'static str,
}

/// Reads the consent objects of a context: `consent.categoryPreferences` (Segment, Jitsu),
/// `consentManagement` (Rudder), `consent.tcf` and `consent.gpp`, and `consent.gpc`, by which our
/// own script says what browsers say in a header.
///
/// # Errors
///
/// [`Unreadable`] when one of them is there but is not what it should be.
pub fn read(context: &Map) -> Result<Said, Unreadable> {
    let mut said = Said::default();
    if let Some(consent) = object(context.get("consent"), "/consent")? {
        let place = "/consent/categoryPreferences";
        if let Some(preferences) = object(consent.get("categoryPreferences"), place)? {
            for (category, value) in preferences.iter() {
                let Value::Bool(allowed) = value else {
                    return Err(Unreadable {
                        pointer: "/consent/categoryPreferences/*",
                        wanted: "true or false",
                    });
                };
                said.words.push(category_word(category, *allowed));
            }
            if preferences.is_empty() {
                // Somebody was asked, and nothing was allowed (Segment reads it so too).
                said.words.push(NOTHING_ALLOWED);
            }
        }
        match consent.get("gpc") {
            None | Some(Value::Null | Value::Bool(false)) => {}
            Some(Value::Bool(true)) => said.words.push(GPC_WORD),
            Some(_) => {
                return Err(Unreadable { pointer: "/consent/gpc", wanted: "true or false" });
            }
        }
        if let Some(string) = text(consent.get("tcf"), "/consent/tcf")? {
            said.words.push(tcf_word(string));
        }
        if let Some(string) = text(consent.get("gpp"), "/consent/gpp")? {
            said.words.push(gpp_word(string));
        }
    }
    if let Some(consent) = object(context.get("consentManagement"), "/consentManagement")? {
        read_management(consent, &mut said)?;
    }
    Ok(said)
}

fn read_management(consent: &Map, said: &mut Said) -> Result<(), Unreadable> {
    let lists = [
        ("allowedConsentIds", "/consentManagement/allowedConsentIds", true),
        ("deniedConsentIds", "/consentManagement/deniedConsentIds", false),
    ];
    for (key, pointer, allowed) in lists {
        let unreadable = Unreadable { pointer, wanted: "an array of texts" };
        let ids = match consent.get(key) {
            None | Some(Value::Null) => continue,
            Some(Value::List(ids)) => ids,
            Some(_) => return Err(unreadable),
        };
        for id in ids {
            let id = id.as_text().ok_or(unreadable)?;
            said.words.push(category_word(id, allowed));
        }
    }
    let pointer = "/consentManagement/resolutionStrategy";
    said.resolution = match text(consent.get("resolutionStrategy"), pointer)? {
        None => Resolution::And,
        Some(word) if word.eq_ignore_ascii_case("and") => Resolution::And,
        Some(word) if word.eq_ignore_ascii_case("or") => Resolution::Or,
        Some(_) => return Err(Unreadable { pointer, wanted: "`and` or `or`" }),
    };
    Ok(())
}

fn object<'a>(
    value: Option<&'a Value>,
    pointer: &'static str,
) -> Result<Option<&'a Map>, Unreadable> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(Unreadable { pointer, wanted: "an object" }),
    }
}

fn text<'a>(
    value: Option<&'a Value>,
    pointer: &'static str,
) -> Result<Option<&'a str>, Unreadable> {
    match value {
        None => Ok(None),
        Some(value) if value.is_blank() => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text)),
        Some(_) => Err(Unreadable { pointer, wanted: "a text" }),
    }
}

fn category_word(id: &str, allowed: bool) -> ConsentWord {
    ConsentWord { subject: ConsentSubject::Category(id.to_owned()), allowed }
}

/// The word of a TCF string.
pub(crate) fn tcf_word(string: &str) -> ConsentWord {
    ConsentWord { subject: ConsentSubject::Tcf(Evidence::tcf(string)), allowed: false }
}

/// The word of a GPP string.
pub(crate) fn gpp_word(string: &str) -> ConsentWord {
    ConsentWord { subject: ConsentSubject::Gpp(Evidence::gpp(string)), allowed: false }
}

/// The word of `Sec-GPC: 1`.
pub(crate) const GPC_WORD: ConsentWord =
    ConsentWord { subject: ConsentSubject::Gpc, allowed: false };

/// The word of an empty list of preferences.
const NOTHING_ALLOWED: ConsentWord =
    ConsentWord { subject: ConsentSubject::EveryCategory, allowed: false };

/// What the categories of a source's consent tool mean here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConsentMap(pub BTreeMap<String, Vec<Purpose>>);

/// What words of consent come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// Yes or no for each purpose spoken about, by purpose.
    pub purposes: Vec<(Purpose, bool)>,
    /// Of these, the yeses for which only IAB strings stand, with the day on which the last of those was
    /// made, where it says so.
    pub days: BTreeMap<Purpose, Timestamp>,
    /// Categories the map does not know, ascending, once each. They grant nothing.
    pub unknown: Vec<String>,
    /// Purposes to which nothing said here is a yes, ascending: an IAB string with it was not read in
    /// full and could have refused them.
    pub withheld: Vec<Purpose>,
}

impl ConsentWord {
    /// The IAB string it is about, if it is about one.
    pub const fn evidence(&self) -> Option<&Evidence> {
        match &self.subject {
            ConsentSubject::Tcf(evidence) | ConsentSubject::Gpp(evidence) => Some(evidence),
            ConsentSubject::Category(_)
            | ConsentSubject::EveryCategory
            | ConsentSubject::Purpose(_)
            | ConsentSubject::Gpc => None,
        }
    }
}

impl ConsentMap {
    /// What `words` say about purposes. A category said yes and no to is a no. Under
    /// [`Resolution::And`] a purpose that several categories stand for is granted only when each of
    /// them is allowed; one that is not named leaves it as it stands. IAB strings say yes where the
    /// categories say nothing, and their no stands whatever the categories say. Global Privacy Control
    /// (W3C GPC) is a no to third-party sharing and advertising across contexts that nothing can undo.
    pub fn verdicts(&self, words: &[ConsentWord], resolution: Resolution) -> Verdicts {
        let mut of_category: BTreeMap<&str, bool> = BTreeMap::new();
        let mut of_purpose: BTreeMap<Purpose, bool> = BTreeMap::new();
        let mut gpc = false;
        for word in words {
            match &word.subject {
                ConsentSubject::Category(id) => {
                    of_category
                        .entry(id)
                        .and_modify(|allowed| *allowed &= word.allowed)
                        .or_insert(word.allowed);
                }
                ConsentSubject::Purpose(purpose) => {
                    of_purpose
                        .entry(*purpose)
                        .and_modify(|allowed| *allowed &= word.allowed)
                        .or_insert(word.allowed);
                }
                ConsentSubject::EveryCategory => {
                    // Whatever else is said of a category, it is a no.
                    of_category.extend(self.0.keys().map(|id| (id.as_str(), word.allowed)));
                }
                ConsentSubject::Gpc => gpc = true,
                ConsentSubject::Tcf(_) | ConsentSubject::Gpp(_) => {}
            }
        }
        let said_itself: BTreeSet<Purpose> = of_purpose.keys().copied().collect();
        let mut unknown = BTreeSet::new();
        for (&category, &allowed) in &of_category {
            let Some(purposes) = self.0.get(category) else {
                unknown.insert(category.to_owned());
                continue;
            };
            for purpose in purposes {
                let verdict = of_purpose.entry(*purpose).or_insert(allowed);
                *verdict = match resolution {
                    Resolution::And => *verdict && allowed,
                    Resolution::Or => *verdict || allowed,
                };
            }
        }
        if resolution == Resolution::And {
            let named_in_full = |purpose: &Purpose| {
                let mut those = self.0.iter().filter(|(_, purposes)| purposes.contains(purpose));
                those.all(|(category, _)| of_category.contains_key(category.as_str()))
            };
            of_purpose.retain(|purpose, allowed| {
                !*allowed || said_itself.contains(purpose) || named_in_full(purpose)
            });
        }
        let mut days = BTreeMap::new();
        let withheld = weigh_evidence(words, &mut of_purpose, &mut days);
        if gpc {
            of_purpose.insert(Purpose::ThirdPartySharing, false);
            of_purpose.insert(Purpose::CrossContextAdvertising, false);
        }
        Verdicts {
            purposes: of_purpose.into_iter().collect(),
            days,
            unknown: unknown.into_iter().collect(),
            withheld: withheld.into_iter().collect(),
        }
    }
}

/// Adds what IAB strings say, takes away each yes that one of them could have refused, and gives the
/// purposes for which that is so.
fn weigh_evidence(
    words: &[ConsentWord],
    of_purpose: &mut BTreeMap<Purpose, bool>,
    days: &mut BTreeMap<Purpose, Timestamp>,
) -> BTreeSet<Purpose> {
    let mut withheld = BTreeSet::new();
    let said: BTreeSet<Purpose> = of_purpose.keys().copied().collect();
    for evidence in words.iter().filter_map(ConsentWord::evidence) {
        for (purpose, allowed) in &evidence.says {
            of_purpose.entry(*purpose).and_modify(|all| *all &= allowed).or_insert(*allowed);
            if let Some(day) = evidence.day.filter(|_| *allowed && !said.contains(purpose)) {
                let last = days.entry(*purpose).or_insert(day);
                *last = day.max(*last);
            }
        }
        withheld.extend(&evidence.withholds);
    }
    of_purpose.retain(|purpose, allowed| !*allowed || !withheld.contains(purpose));
    withheld
}

#[cfg(test)]
mod tests {
    use super::*;
    use Purpose::{Analytics, CrossContextAdvertising, Marketing, ThirdPartySharing};

    fn check(words: &[(&str, bool)], resolution: Resolution, wanted: &[(Purpose, bool)]) {
        let map = ConsentMap(BTreeMap::from([
            ("mail".to_owned(), vec![Marketing]),
            ("sms".to_owned(), vec![Marketing, Analytics]),
            ("sale".to_owned(), vec![ThirdPartySharing]),
        ]));
        let word = |(id, allowed): &(&str, bool)| match *id {
            "GPC" => GPC_WORD,
            "NOTHING" => NOTHING_ALLOWED,
            "TCF" => tcf_word("CO"),
            "PURPOSE" => {
                ConsentWord { subject: ConsentSubject::Purpose(Marketing), allowed: *allowed }
            }
            id => category_word(id, *allowed),
        };
        let words: Vec<_> = words.iter().map(word).collect();
        let verdicts = map.verdicts(&words, resolution);
        assert_eq!(verdicts.purposes, wanted, "{words:?}");
    }

    #[test]
    fn words_become_verdicts_about_purposes() {
        use Resolution::{And, Or};
        check(&[], And, &[]);
        check(&[("mail", true)], Or, &[(Marketing, true)]);
        check(&[("mail", true), ("mail", false)], Or, &[(Marketing, false)]);
        // Marketing stands for mail and sms together, and nothing is said of sms.
        check(&[("mail", true)], And, &[]);
        check(&[("mail", false)], And, &[(Marketing, false)]);
        check(&[("mail", true), ("sms", true)], And, &[(Marketing, true), (Analytics, true)]);
        let none = &[(Marketing, false), (Analytics, false), (ThirdPartySharing, false)];
        check(&[("NOTHING", false)], And, none);
        check(&[("sms", true), ("NOTHING", false), ("mail", true)], Or, none);
        let both = &[("mail", true), ("sms", false)];
        check(both, And, &[(Marketing, false), (Analytics, false)]);
        check(both, Or, &[(Marketing, true), (Analytics, false)]);
        let gpc = &[(ThirdPartySharing, false), (CrossContextAdvertising, false)];
        check(&[("GPC", false)], And, gpc);
        check(&[("GPC", false), ("sale", true)], Or, gpc);
        check(&[("TCF", false)], And, &[]);
        check(&[("PURPOSE", true)], And, &[(Marketing, true)]);
    }

    #[test]
    fn an_unknown_category_is_reported_and_grants_nothing() {
        let words = [category_word("x", true), category_word("a", true), category_word("x", false)];
        let verdicts = ConsentMap::default().verdicts(&words, Resolution::Or);
        assert_eq!(verdicts.purposes, []);
        assert_eq!(verdicts.unknown, ["a", "x"]);
    }
}
