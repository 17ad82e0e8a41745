//! One event as the software of each source writes it.

use super::calendar::push_instant_offset;
use super::consent::{self, Choices};
use super::json::Json;

/// Which family of software speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `analytics.js`, `analytics-node`, `analytics-python`.
    Segment,
    /// `RudderStack`.
    Rudder,
    /// Jitsu.
    Jitsu,
}

/// A source, and for the web also whether the browser asks for Global Privacy Control, which is a
/// header and so the same for a whole batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    Web,
    WebPrivate,
    App,
    Till,
    Card,
}

impl Lane {
    /// Every lane, in the order of [`Self::number`].
    pub(super) const ALL: [Self; 5] =
        [Self::Web, Self::WebPrivate, Self::App, Self::Till, Self::Card];

    /// The name of its source.
    pub(super) const fn source(self) -> &'static str {
        match self {
            Self::Web | Self::WebPrivate => "web",
            Self::App => "app",
            Self::Till => "till",
            Self::Card => "loyalty",
        }
    }

    /// What its software speaks.
    pub(super) const fn dialect(self) -> Dialect {
        match self {
            Self::Web | Self::WebPrivate | Self::Till => Dialect::Segment,
            Self::App => Dialect::Rudder,
            Self::Card => Dialect::Jitsu,
        }
    }

    /// Its place in [`Self::ALL`].
    pub(super) const fn number(self) -> usize {
        match self {
            Self::Web => 0,
            Self::WebPrivate => 1,
            Self::App => 2,
            Self::Till => 3,
            Self::Card => 4,
        }
    }
}

/// One message before it is written. Empty texts are left out; `properties` and `traits` are JSON.
#[derive(Debug, Default)]
pub(super) struct Event<'a> {
    /// `track`, `page` and so on.
    pub(super) kind: &'static str,
    /// The name of the event, page or screen.
    pub(super) name: &'a str,
    /// By the clock of the device, milliseconds.
    pub(super) at_ms: i64,
    pub(super) message_id: &'a str,
    pub(super) anonymous: &'a str,
    pub(super) user: &'a str,
    pub(super) properties: &'a str,
    pub(super) traits: &'a str,
    /// The page it happened on.
    pub(super) url: &'a str,
    pub(super) referrer: &'a str,
    pub(super) agent: &'a str,
    pub(super) locale: &'a str,
    pub(super) ip: &'a str,
    /// The store of a till or kiosk.
    pub(super) store: &'a str,
    pub(super) choices: Option<Choices>,
}

impl Event<'_> {
    /// The event as JSON, as the software of `lane` writes it.
    pub(super) fn written(&self, lane: Lane) -> String {
        let mut json = Json { text: String::with_capacity(1_280) };
        json.text.push('{');
        json.text("type", self.kind);
        json.text("messageId", self.message_id);
        match lane {
            Lane::Web | Lane::WebPrivate => self.web(&mut json),
            Lane::App => self.app(&mut json),
            Lane::Till => self.till(&mut json),
            Lane::Card => self.card(&mut json),
        }
        json.closed()
    }

    fn web(&self, json: &mut Json) {
        json.instant("timestamp", self.at_ms);
        json.text("anonymousId", self.anonymous);
        if self.user.is_empty() {
            json.raw("userId", "null");
        } else {
            json.text("userId", self.user);
        }
        self.body(json, true);
        json.nest("context", |json| {
            json.nest("page", |json| {
                let path = self.url.splitn(4, '/').nth(3).unwrap_or_default();
                let (path, search) = path.split_once('?').unwrap_or((path, ""));
                json.text("path", &format!("/{path}"));
                json.text("referrer", self.referrer);
                json.maybe("search", search);
                json.text("title", if self.kind == "page" { self.name } else { "Hollin & Reed" });
                json.text("url", self.url);
            });
            json.text("userAgent", self.agent);
            json.text("locale", self.locale);
            json.text("ip", self.ip);
            json.raw("library", r#"{"name":"analytics.js","version":"npm:next-1.84.3"}"#);
            if let Some(choices) = self.choices {
                consent::write_segment(json, choices);
            }
        });
        json.raw("integrations", "{}");
    }

    fn app(&self, json: &mut Json) {
        json.instant("originalTimestamp", self.at_ms);
        json.text("channel", "mobile");
        json.text("anonymousId", self.anonymous);
        json.text("userId", self.user);
        self.body(json, false);
        json.nest("context", |json| {
            json.raw(
                "app",
                r#"{"name":"Hollin & Reed","version":"7.4.1","namespace":"example.hollinreed"}"#,
            );
            json.nest("device", |json| {
                json.text("id", self.anonymous);
                json.text("type", self.agent);
            });
            json.text("locale", self.locale);
            json.text("ip", self.ip);
            json.nest("library", |json| {
                let ios = self.agent == "iOS";
                json.text(
                    "name",
                    if ios { "rudder-ios-library" } else { "rudder-android-library" },
                );
                json.text("version", "1.31.1");
            });
            if !self.traits.is_empty() {
                json.raw("traits", self.traits);
            }
            if let Some(choices) = self.choices {
                consent::write_rudder(json, choices);
            }
        });
        json.raw("integrations", r#"{"All":true}"#);
    }

    fn till(&self, json: &mut Json) {
        let mut at = String::with_capacity(32);
        push_instant_offset(&mut at, self.at_ms);
        json.text("timestamp", &at);
        json.maybe("anonymousId", self.anonymous);
        // Some tills send the card as a number, as they always have.
        if self.user.len() == 11 && self.user.ends_with(['3', '7']) {
            json.raw("userId", self.user);
        } else {
            json.maybe("userId", self.user);
        }
        self.body(json, false);
        json.nest("context", |json| {
            json.raw("library", r#"{"name":"analytics-python","version":"2.4.0"}"#);
            json.nest("location", |json| json.text("store", self.store));
            if !self.traits.is_empty() {
                json.raw("traits", self.traits);
            }
        });
    }

    fn card(&self, json: &mut Json) {
        json.instant("timestamp", self.at_ms);
        json.text("userId", self.user);
        self.body(json, true);
        json.nest("context", |json| {
            json.raw("library", r#"{"name":"@jitsu/js","version":"1.11.0"}"#);
            if let Some(choices) = self.choices {
                consent::write_segment(json, choices);
            }
        });
        json.text("writeKey", "loyalty:***");
    }

    fn body(&self, json: &mut Json, traits: bool) {
        match self.kind {
            "track" => json.text("event", self.name),
            "page" | "screen" => json.maybe("name", self.name),
            _ => {}
        }
        if traits && !self.traits.is_empty() {
            json.raw("traits", self.traits);
        }
        if !self.properties.is_empty() {
            json.raw("properties", self.properties);
        }
    }
}
