//! What people allow: every way of saying yes, no, nothing, and of changing one's mind.

use super::chance::Chance;
use super::json::Json;

/// The categories of the shop's consent banner, in the order of [`Choices`].
pub(super) const CATEGORIES: [&str; 6] =
    ["functional", "analytics", "personalisation", "marketing", "advertising", "sharing"];

/// One answer for each of [`CATEGORIES`].
pub(super) type Choices = [bool; 6];

const ALL: Choices = [true; 6];
const NONE: Choices = [true, false, false, false, false, false];
const QUIET: Choices = [true, true, true, false, false, false];
const LETTERS: Choices = [true, true, true, true, false, false];

/// How one person deals with consent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stance {
    /// The first answer; none is silence for ever.
    first: Option<Choices>,
    /// The answer after the change of mind.
    second: Option<Choices>,
    /// When the first answer is given, milliseconds.
    pub(super) asked_ms: i64,
    /// When the mind changes, milliseconds; never is the end of time.
    pub(super) changed_ms: i64,
}

impl Stance {
    /// A stance of somebody asked at `asked_ms`, in a world that ends at `now_ms`.
    pub(super) fn draw(asked_ms: i64, now_ms: i64, chance: &mut Chance) -> Self {
        let (first, second) = match chance.weighted(&[200, 300, 150, 140, 90, 70, 30, 20]) {
            0 => (None, None),
            1 => (Some(ALL), None),
            2 => (Some(LETTERS), None),
            3 => (Some(QUIET), None),
            4 => (Some(NONE), None),
            5 => (Some(ALL), Some(NONE)),
            6 => (Some(LETTERS), Some(QUIET)),
            _ => (Some(QUIET), Some(LETTERS)),
        };
        let changed_ms = match second {
            Some(_) if asked_ms < now_ms => chance.between(asked_ms, now_ms),
            _ => i64::MAX,
        };
        Self { first, second, asked_ms, changed_ms }
    }

    /// What holds at an instant; none is silence.
    pub(super) fn at(&self, ms: i64) -> Option<Choices> {
        if ms < self.asked_ms {
            None
        } else if ms < self.changed_ms {
            self.first
        } else {
            self.second
        }
    }

    /// Whether the person ever answers.
    pub(super) fn speaks(&self) -> bool {
        self.first.is_some()
    }

    /// The answer of an unknown visitor, who is asked at once.
    pub(super) fn passing(chance: &mut Chance) -> Option<Choices> {
        chance.pick(&[None, None, Some(ALL), Some(NONE), Some(QUIET)])
    }
}

/// Writes the answer as Segment and Jitsu do.
pub(super) fn write_segment(json: &mut Json, choices: Choices) {
    json.nest("consent", |json| {
        json.nest("categoryPreferences", |json| {
            for (category, allowed) in CATEGORIES.iter().zip(choices) {
                json.raw(category, if allowed { "true" } else { "false" });
            }
        });
    });
}

/// Writes the answer as `RudderStack` does.
pub(super) fn write_rudder(json: &mut Json, choices: Choices) {
    let of = |wanted: bool| {
        CATEGORIES.iter().zip(choices).filter(move |(_, is)| *is == wanted).map(|(word, _)| *word)
    };
    json.nest("consentManagement", |json| {
        json.text("provider", "custom");
        json.list("allowedConsentIds", of(true));
        json.list("deniedConsentIds", of(false));
        json.text("resolutionStrategy", "and");
    });
}

/// What the file of the customer-relations desk says in its column.
pub(super) fn column(choices: Option<Choices>) -> &'static str {
    match choices {
        Some([_, _, _, true, ..]) => "yes",
        Some(_) => "no",
        None => "",
    }
}
