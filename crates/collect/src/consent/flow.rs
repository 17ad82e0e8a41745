//! Where one event may flow: what it says about consent, against which tools its sender wants it to
//! reach (`integrations`), against what those tools are for.
//!
//! The consent of the customer comes first, the sender's wish second: a wish can hold an event back,
//! and never opens what consent has closed. What is decided here is about one event; a person's
//! standing contract is the gate's, and whoever passes an event on asks it as well.

use super::{ConsentMap, ConsentSubject, ConsentWord, Resolution, Verdicts};
use crate::json::{Map, Value};
use model::Purpose;

/// A tool that events can be passed on to.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// What `integrations` calls it; capitals matter.
    pub name: &'a str,
    /// What it is used for. Events flow to it only for purposes.
    pub purposes: &'a [Purpose],
}

/// Whether an event may flow to a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It grants every purpose.
    Granted,
    /// It says nothing of consent: the standing contract alone decides.
    Standing,
    /// It refuses a purpose, or leaves one out where it says something of others.
    Refused,
    /// Its sender does not want it to go there.
    Held,
    /// The destination has no purpose. Segment lets everything flow to such a one.
    NoPurpose,
}

impl ConsentMap {
    /// Whether an event that says `words` and comes with `integrations` may flow to a destination.
    pub fn flow(
        &self,
        words: &[ConsentWord],
        resolution: Resolution,
        integrations: &Map,
        destination: Destination<'_>,
    ) -> Flow {
        if destination.purposes.is_empty() {
            return Flow::NoPurpose;
        }
        let Verdicts { purposes, withheld, .. } = self.verdicts(words, resolution);
        let verdict = |purpose: &Purpose| {
            purposes.iter().find(|(known, _)| known == purpose).map(|(_, allowed)| *allowed)
        };
        let verdicts: Vec<Option<bool>> = destination.purposes.iter().map(verdict).collect();
        // What could not be read could have been a no to this event.
        let withheld = destination.purposes.iter().any(|purpose| withheld.contains(purpose));
        let denied = withheld || verdicts.contains(&Some(false));
        let left_out = verdicts.contains(&None);
        if denied || left_out && words.iter().any(speaks_of_purposes) {
            return Flow::Refused;
        }
        if !wanted(integrations, destination.name) {
            return Flow::Held;
        }
        if left_out { Flow::Standing } else { Flow::Granted }
    }
}

/// Whether a word comes from a list of what is allowed, so that what is not in the list is not.
const fn speaks_of_purposes(word: &ConsentWord) -> bool {
    match word.subject {
        ConsentSubject::Category(_) | ConsentSubject::EveryCategory => true,
        // A no to some purposes says nothing of others.
        ConsentSubject::Purpose(_)
        | ConsentSubject::Gpc
        | ConsentSubject::Tcf(_)
        | ConsentSubject::Gpp(_) => false,
    }
}

/// Whether the sender wants an event at a destination: by its name, else by `All`, else yes. What is
/// neither yes, no nor settings for the destination is a no.
fn wanted(integrations: &Map, name: &str) -> bool {
    let said = |name| match integrations.get(name)? {
        Value::Null => None,
        Value::Bool(wanted) => Some(*wanted),
        Value::Object(_) => Some(true),
        Value::Number(_) | Value::Text(_) | Value::List(_) => Some(false),
    };
    said(name).or_else(|| said("All")).unwrap_or(true)
}

/// What `integrations` says of where an event may not go, to be kept with it: each name as wanted or
/// not, without settings. Nothing when the event may go everywhere.
pub fn held(integrations: &Map) -> Option<Map> {
    let names: Map = integrations
        .iter()
        .map(|(name, _)| (name, Value::Bool(wanted(integrations, name))))
        .collect();
    let somewhere_not = names.iter().any(|(_, wanted)| *wanted == Value::Bool(false));
    somewhere_not.then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{consent, json};
    use serde_json::Value as Json;
    use std::collections::{BTreeMap, BTreeSet};

    const CONFLICTS: &str = include_str!("conflicts.json");

    fn map(json: &Json) -> Map {
        json::read(&json.to_string(), 32).unwrap()
    }

    /// The categories of the table, as a brand that uses both kinds of tools would map them.
    fn purpose(category: &str) -> Purpose {
        match category {
            "ad" => Purpose::CrossContextAdvertising,
            "analytics" => Purpose::Analytics,
            "functional" => Purpose::ServiceProvision,
            other => panic!("no such category: {other}"),
        }
    }

    fn flow_of(case: &Json, name: &str) -> Flow {
        let mapped: BTreeMap<String, Vec<String>> =
            serde_json::from_value(case["mapped"].clone()).unwrap();
        let categories = mapped.keys().map(|id| (id.clone(), vec![purpose(id)])).collect();
        let with = |tools: &Vec<String>| tools.iter().any(|tool| tool == name);
        let purposes: Vec<Purpose> =
            mapped.iter().filter(|(_, tools)| with(tools)).map(|(id, _)| purpose(id)).collect();
        let said = consent::read(&map(&case["context"])).unwrap();
        let destination = Destination { name, purposes: &purposes };
        let integrations = map(&case["integrations"]);
        ConsentMap(categories).flow(&said.words, said.resolution, &integrations, destination)
    }

    /// The file's first part is Segment's own table ("Consent in Segment Connections", sections on
    /// conflicts, read in November 2026), row by row; `segment` is what it lets flow, and `ours` what
    /// we do. The second part is what its table leaves open.
    #[test]
    fn conflicts_end_as_the_table_says() {
        let cases: Vec<Json> = serde_json::from_str(CONFLICTS).unwrap();
        for case in &cases {
            let tools: BTreeMap<String, String> =
                serde_json::from_value(case["ours"].clone()).unwrap();
            for (name, wanted) in &tools {
                let flow = format!("{:?}", flow_of(case, name));
                assert_eq!(&flow, wanted, "{}: {name}", case["case"]);
            }
        }
    }

    /// Not even as far as the event alone decides, and before the gate is asked.
    #[test]
    fn nothing_flows_here_that_segment_keeps_back() {
        let cases: Vec<Json> = serde_json::from_str(CONFLICTS).unwrap();
        let mut rows = 0;
        for case in cases.iter().filter(|case| case["segment"].is_array()) {
            let segment: BTreeSet<String> =
                serde_json::from_value(case["segment"].clone()).unwrap();
            for name in ["facebook", "google-ads", "amplitude", "warehouse"] {
                let flows = matches!(flow_of(case, name), Flow::Granted | Flow::Standing);
                assert!(!flows || segment.contains(name), "{}: {name}", case["case"]);
            }
            rows += 1;
        }
        assert_eq!(rows, 15, "eleven rows, some for two shapes, and two sentences");
    }

    #[test]
    fn a_wish_never_opens_what_consent_has_closed() {
        let denied = consent::read(&map(&serde_json::json!({
            "consent": { "categoryPreferences": { "ad": false } }
        })));
        let words = denied.unwrap().words;
        let consent = ConsentMap(BTreeMap::from([("ad".to_owned(), vec![purpose("ad")])]));
        let purposes = &[purpose("ad")];
        for wish in [r#"{"facebook":true,"All":true}"#, r#"{"facebook":{"a":1}}"#, "{}"] {
            let wish = map(&serde_json::from_str(wish).unwrap());
            for resolution in [Resolution::And, Resolution::Or] {
                let facebook = Destination { name: "facebook", purposes };
                assert_eq!(consent.flow(&words, resolution, &wish, facebook), Flow::Refused);
            }
        }
    }

    #[test]
    fn what_the_sender_held_back_is_kept_without_settings() {
        for (said, kept) in [
            ("{}", None),
            (r#"{"All":true,"A":{"session":7}}"#, None),
            (r#"{"A":false}"#, Some(r#"{"A":false}"#)),
            (r#"{"All":false,"A":{"session":7}}"#, Some(r#"{"A":true,"All":false}"#)),
            (r#"{"A":"no"}"#, Some(r#"{"A":false}"#)),
        ] {
            let held = held(&map(&serde_json::from_str(said).unwrap()));
            // The order of names is no matter.
            let read = |text: &str| serde_json::from_str::<Json>(text).unwrap();
            let held = held.map(|held| read(&held.to_string()));
            assert_eq!(held, kept.map(read), "{said}");
        }
    }
}
