//! What the shop's own people write: tills, the loyalty desk, and the answers about consent.

use super::browse;
use super::entry::Desk;
use super::flags::Flags;
use super::json::Json;
use super::places;
use super::session::{Message, Session};
use super::shop::{PRODUCTS, SITE};
use super::wire::Event;

/// A sale at a till, now and then a return: with a card, with an address for the receipt, or with
/// nothing at all.
pub(super) fn sale(session: &mut Session<'_>, step: usize, out: &mut Vec<Message>) {
    let (world, person, nth) = (session.world, session.person, session.nth);
    if session.store.is_empty() {
        session.store = places::store(session.chance.below(12));
        let receipt = format!("R{:011}", session.chance.below(100_000_000_000));
        let receipt = world.marked(person, receipt);
        let member = person.flags.has(Flags::CARD) && session.at_ms >= person.joined_ms;
        if member && session.chance.often(800) {
            session.user = world.card(nth, person);
        } else {
            session.anonymous.clone_from(&receipt);
        }
    }
    let entry = world.entry(nth, Desk::Till, session.at_ms);
    let carded = !session.user.is_empty();
    let (kind, key) = if carded {
        ("user", session.user.clone())
    } else {
        ("anonymous", session.anonymous.clone())
    };
    session.label(kind, &key, entry.flags);
    let mut traits = Json::object();
    if carded {
        traits.text("loyalty_number", &key);
    }
    if !carded || session.chance.often(350) {
        traits.maybe("email", &entry.email);
        traits.maybe("firstName", &entry.given);
        traits.maybe("lastName", &entry.family);
        traits.maybe("phone", &entry.phone);
    }
    let lines: Vec<_> = (0..=session.chance.below(4))
        .map(|_| (session.chance.favour(&PRODUCTS), session.chance.between(1, 4)))
        .collect();
    let total = lines.iter().map(|(product, quantity)| product.cents * quantity).sum();
    let mut json = Json::object();
    json.text("order_id", &format!("T{:010}", session.chance.below(10_000_000_000)));
    json.text("store", session.store);
    json.money("total", total);
    json.text("currency", "EUR");
    json.text("payment", session.chance.pick(&["card", "card", "cash", "gift card"]));
    if let Some(canary) = world.canary(person) {
        json.text("clerk_note", &format!("asked for {canary}"));
    }
    json.objects("products", lines.iter(), |json, (product, quantity)| {
        json.text("sku", product.sku);
        json.text("name", product.name);
        json.money("price", product.cents);
        json.number("quantity", *quantity);
    });
    let back = step > 0 && session.chance.often(250);
    let (traits, properties) = (traits.closed(), json.closed());
    let event = Event {
        kind: "track",
        name: if back { "Order Refunded" } else { "Order Completed" },
        properties: &properties,
        traits: &traits,
        ..Event::default()
    };
    session.say(out, &event);
}

/// A row of the loyalty desk.
pub(super) fn card(session: &mut Session<'_>, out: &mut Vec<Message>) {
    let (world, person, nth) = (session.world, session.person, session.nth);
    let entry = world.entry(nth, Desk::Card, session.at_ms);
    session.user = world.card(nth, person);
    let key = session.user.clone();
    session.label("user", &key, entry.flags);
    let mut json = Json::object();
    json.text("loyalty_number", &key);
    json.text("tier", session.chance.favour(&["green", "silver", "gold"]));
    json.maybe("email", &entry.email);
    browse::full(&mut json, &entry, world.canary(person));
    let traits = json.closed();
    session.say(out, &Event { kind: "identify", traits: &traits, ..Event::default() });
}

/// An answer about consent, given or changed while signed in.
pub(super) fn choice(session: &mut Session<'_>, out: &mut Vec<Message>) {
    let (world, person, nth) = (session.world, session.person, session.nth);
    session.user = world.user_id(nth, person, false);
    let user = session.user.clone();
    let flags = world.entry(nth, Desk::Web, session.at_ms).flags;
    session.label("user", &user, flags);
    session.choices = person.stance.at(session.at_ms);
    let url = format!("{SITE}/privacy");
    let event = Event {
        kind: "track",
        // Segment's reserved event: the answer stands in the context.
        name: "Segment Consent Preference Updated",
        properties: "{}",
        url: &url,
        ..Event::default()
    };
    session.say(out, &event);
}
