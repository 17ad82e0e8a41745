//! One customer whose story the terminal tells, step by step. She is nobody else in the world:
//! none of her values occurs in the population.

use super::calendar::{DAY_MS, HOUR_MS, MINUTE_MS, instant};
use super::chance::Chance;
use super::consent::Choices;
use super::json::Json;
use super::shop::{BROWSERS, PRODUCTS, Product, SITE};
use super::wire::{Dialect, Event, Lane};
use super::{Topic, World};

/// Who she is. Her values are the same in every world; only the times follow the world's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heroine {
    /// Her given name.
    pub given_name: &'static str,
    /// Her family name.
    pub family_name: &'static str,
    /// The address she signs in with and names at the till.
    pub email: &'static str,
    /// Her phone number, E.164.
    pub phone: &'static str,
    /// Her account at the web shop.
    pub user_id: &'static str,
    /// The browser she visits with.
    pub anonymous_id: &'static str,
    /// Her loyalty card.
    pub loyalty_number: &'static str,
    /// What she does, in the order of time.
    pub steps: Vec<Step>,
}

/// One thing she does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to call it in the terminal.
    pub title: &'static str,
    /// The source that sends it.
    pub source: &'static str,
    /// What the software of the source speaks.
    pub dialect: Dialect,
    /// When it arrives, milliseconds since the Unix epoch.
    pub received_ms: i64,
    /// `{"batch":[…],"sentAt":"…"}`.
    pub body: String,
    /// How many events are in it.
    pub events: usize,
}

const GIVEN: &str = "Isolde";
const FAMILY: &str = "Marchbanks";
const EMAIL: &str = "isolde.marchbanks@post.example";
const PHONE: &str = "+447700900942";
const USER: &str = "u_isolde_1042";
const BROWSER: &str = "5f0c1e4a-7d1b-4c58-9a3e-1b6f2d90c7aa";
const CARD: &str = "70000001042";

const QUIET: Choices = [true, true, true, false, false, false];
const LETTERS: Choices = [true, true, true, true, false, false];

impl World {
    /// The customer of the story.
    pub fn heroine(&self) -> Heroine {
        let now_ms = self.spec.now_ms;
        let mut told = Told {
            chance: Chance::of(&[self.spec.seed, Topic::HEROINE]),
            lane: Lane::Web,
            at_ms: 0,
            user: "",
            choices: None,
            events: Vec::new(),
        };
        let steps = vec![
            told.visit(now_ms - 3 * DAY_MS),
            told.look(now_ms - 3 * DAY_MS + 4 * MINUTE_MS),
            told.sign_in(now_ms - 3 * DAY_MS + 11 * MINUTE_MS),
            told.buy(now_ms - DAY_MS - 5 * HOUR_MS),
            told.prefer("she allows newsletters", LETTERS, now_ms - 6 * HOUR_MS),
            told.prefer("she withdraws it", QUIET, now_ms - 20 * MINUTE_MS),
        ];
        Heroine {
            given_name: GIVEN,
            family_name: FAMILY,
            email: EMAIL,
            phone: PHONE,
            user_id: USER,
            anonymous_id: BROWSER,
            loyalty_number: CARD,
            steps,
        }
    }
}

/// Her story so far.
#[derive(Debug)]
struct Told {
    chance: Chance,
    lane: Lane,
    at_ms: i64,
    user: &'static str,
    choices: Option<Choices>,
    events: Vec<String>,
}

impl Told {
    fn visit(&mut self, at_ms: i64) -> Step {
        self.at_ms = at_ms;
        self.say("page", "Home", &format!("{SITE}/?utm_source=search"), "{}", "");
        self.say("page", "living room", &format!("{SITE}/shop/living-room"), "{}", "");
        self.step("an anonymous visit")
    }

    fn look(&mut self, at_ms: i64) -> Step {
        self.at_ms = at_ms;
        for product in [6, 24, 9].into_iter().filter_map(|nth| PRODUCTS.get(nth)) {
            let url = format!("{SITE}/shop/item/{}", product.sku);
            self.say("track", "Product Viewed", &url, &described(product), "");
        }
        self.step("she looks at a throw, a cushion, a basket")
    }

    fn sign_in(&mut self, at_ms: i64) -> Step {
        self.at_ms = at_ms;
        self.user = USER;
        self.choices = Some(QUIET);
        let mut json = Json::object();
        json.text("email", EMAIL);
        json.text("firstName", GIVEN);
        json.text("lastName", FAMILY);
        json.text("phone", PHONE);
        json.text("birthday", "1986-04-17");
        json.nest("address", |json| {
            json.text("street", "14 Lantern Row");
            json.text("city", "Bristol");
            json.text("postalCode", "BS1 4QT");
            json.text("country", "GB");
        });
        let traits = json.closed();
        self.say("identify", "", &format!("{SITE}/account"), "", &traits);
        self.step("she signs in")
    }

    fn buy(&mut self, at_ms: i64) -> Step {
        self.at_ms = at_ms;
        self.lane = Lane::Till;
        self.user = CARD;
        let mut traits = Json::object();
        traits.text("loyalty_number", CARD);
        traits.text("email", EMAIL);
        let mut json = Json::object();
        json.text("order_id", "T1042000017");
        json.text("store", "London Marylebone");
        json.money("total", 8_900);
        json.text("currency", "EUR");
        let throw = PRODUCTS.get(6).copied().unwrap_or_default();
        json.objects("products", std::iter::once(throw), |json, product| {
            json.text("sku", product.sku);
            json.text("name", product.name);
            json.money("price", product.cents);
            json.number("quantity", 1);
        });
        let (traits, properties) = (traits.closed(), json.closed());
        self.say("track", "Order Completed", "", &properties, &traits);
        let step = self.step("her loyalty card at a till");
        self.lane = Lane::Web;
        self.user = USER;
        step
    }

    fn prefer(&mut self, title: &'static str, choices: Choices, at_ms: i64) -> Step {
        self.at_ms = at_ms;
        self.choices = Some(choices);
        let url = format!("{SITE}/privacy");
        self.say("track", "Segment Consent Preference Updated", &url, "{}", "");
        self.step(title)
    }

    fn say(&mut self, kind: &'static str, name: &str, url: &str, properties: &str, traits: &str) {
        let message_id = self.chance.uuid();
        let event = Event {
            kind,
            name,
            at_ms: self.at_ms,
            message_id: &message_id,
            anonymous: if self.lane == Lane::Till { "" } else { BROWSER },
            user: self.user,
            properties,
            traits,
            url,
            agent: BROWSERS.first().copied().unwrap_or_default(),
            locale: "en-GB",
            ip: "2001:db8:1042::1",
            store: "London Marylebone",
            choices: self.choices,
            ..Event::default()
        };
        self.events.push(event.written(self.lane));
        self.at_ms += 37_000;
    }

    fn step(&mut self, title: &'static str) -> Step {
        let events = std::mem::take(&mut self.events);
        let sent = instant(self.at_ms);
        Step {
            title,
            source: self.lane.source(),
            dialect: self.lane.dialect(),
            received_ms: self.at_ms,
            body: format!(r#"{{"batch":[{}],"sentAt":"{sent}"}}"#, events.join(",")),
            events: events.len(),
        }
    }
}

fn described(product: &Product) -> String {
    let mut json = Json::object();
    json.text("product_id", product.sku);
    json.text("name", product.name);
    json.text("category", product.category);
    json.money("price", product.cents);
    json.closed()
}
