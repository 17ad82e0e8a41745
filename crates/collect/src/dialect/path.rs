//! Which endpoint a path means, in all the forms that clients use.

use people::EventKind;

/// An endpoint of the intake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntakePath {
    /// Several events in an envelope.
    Batch,
    /// The same, from `navigator.sendBeacon`.
    Beacon,
    /// One event; the path may name its kind.
    Event(Option<EventKind>),
    /// One event in the query of an image; answered with an image whatever it says.
    Pixel(EventKind),
    /// What analytics-next measures about itself; answered and forgotten.
    Metrics,
    /// The settings of analytics-next for a write key.
    Settings(String),
    /// The configuration of Rudder's browser SDK.
    SourceConfig,
    /// The script of analytics-next for a write key.
    Script(String),
}

impl IntakePath {
    /// The endpoint of a method and a path without its query. `v1` may be missing, or come twice
    /// when a client's host was given with it; a slash at the end does not matter. Nothing when it is
    /// no endpoint of the intake.
    pub fn of(method: &str, path: &str) -> Option<Self> {
        let steps: Vec<&str> =
            path.split('/').filter(|step| !step.is_empty() && *step != "v1").collect();
        match (method, steps.as_slice()) {
            ("POST", ["beacon", "batch"]) => Some(Self::Beacon),
            (
                "POST",
                ["b" | "batch" | "import"] | ["api", "s", "batch"] | ["api", "s", "s2s", "batch"],
            ) => Some(Self::Batch),
            ("POST", ["m"]) => Some(Self::Metrics),
            ("POST", ["api", "s", "s2s", kind] | ["api", "s", kind]) => {
                Some(Self::Event(kind_of_word(kind)))
            }
            ("POST", [kind]) => kind_of_letter(kind)
                .or_else(|| kind_of_word(kind))
                .map(|kind| Self::Event(Some(kind))),
            ("GET", ["pixel", kind] | ["api", "px", kind]) => kind_of_word(kind).map(Self::Pixel),
            ("GET", ["projects", key, "settings"]) => Some(Self::Settings((*key).to_owned())),
            ("GET", ["sourceConfig"]) => Some(Self::SourceConfig),
            ("GET", ["analytics.js", key, "analytics.min.js" | "analytics.js"]) => {
                Some(Self::Script((*key).to_owned()))
            }
            _ => None,
        }
    }
}

fn kind_of_letter(letter: &str) -> Option<EventKind> {
    match letter {
        "i" => Some(EventKind::Identify),
        "t" => Some(EventKind::Track),
        "p" => Some(EventKind::Page),
        "s" => Some(EventKind::Screen),
        "g" => Some(EventKind::Group),
        "a" => Some(EventKind::Alias),
        _ => None,
    }
}

/// The kind that `type` names.
pub(super) fn kind_of_word(word: &str) -> Option<EventKind> {
    match word {
        "identify" => Some(EventKind::Identify),
        "track" => Some(EventKind::Track),
        "page" => Some(EventKind::Page),
        "screen" => Some(EventKind::Screen),
        "group" => Some(EventKind::Group),
        "alias" => Some(EventKind::Alias),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_path_is_understood() {
        let track = || Some(IntakePath::Event(Some(EventKind::Track)));
        let settings = || Some(IntakePath::Settings("k".to_owned()));
        for (method, path, endpoint) in [
            ("POST", "/v1/batch", Some(IntakePath::Batch)),
            ("POST", "/batch", Some(IntakePath::Batch)),
            ("POST", "/v1/batch/", Some(IntakePath::Batch)),
            ("POST", "/v1/v1/b", Some(IntakePath::Batch)),
            ("POST", "/v1/import", Some(IntakePath::Batch)),
            ("POST", "/api/s/s2s/batch", Some(IntakePath::Batch)),
            ("POST", "/beacon/v1/batch", Some(IntakePath::Beacon)),
            ("POST", "/v1/t", track()),
            ("POST", "/t/", track()),
            ("POST", "/v1/track", track()),
            ("POST", "/api/s/track", track()),
            ("POST", "/api/s/s2s/track", track()),
            ("POST", "/api/s/event", Some(IntakePath::Event(None))),
            ("POST", "/v1/s", Some(IntakePath::Event(Some(EventKind::Screen)))),
            ("POST", "/v1/m", Some(IntakePath::Metrics)),
            ("GET", "/pixel/v1/page", Some(IntakePath::Pixel(EventKind::Page))),
            ("GET", "/v1/pixel/track", Some(IntakePath::Pixel(EventKind::Track))),
            ("GET", "/api/px/track", Some(IntakePath::Pixel(EventKind::Track))),
            ("GET", "/v1/projects/k/settings", settings()),
            ("GET", "/projects/k/settings/", settings()),
            ("GET", "/sourceConfig/", Some(IntakePath::SourceConfig)),
            (
                "GET",
                "/analytics.js/v1/k/analytics.min.js",
                Some(IntakePath::Script("k".to_owned())),
            ),
            ("GET", "/v1/batch", None),
            ("POST", "/v1/x", None),
            ("POST", "/", None),
            ("DELETE", "/v1/track", None),
        ] {
            assert_eq!(IntakePath::of(method, path), endpoint, "{method} {path}");
        }
    }
}
