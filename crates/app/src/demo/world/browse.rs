//! What people do on the web, in the app and at the kiosk of a store.

use super::calendar::instant;
use super::entry::{Desk, Entry};
use super::flags::Flags;
use super::json::Json;
use super::plan::Errand;
use super::session::{Message, Session};
use super::shop::{CAMPAIGNS, CONFIDENCES, MESSAGES, PRODUCTS, Product, SEARCHES, SITE};
use super::wire::{Event, Lane};

/// One step of a visit.
pub(super) fn step(session: &mut Session<'_>, step: usize, out: &mut Vec<Message>) {
    match (session.errand, step) {
        (Errand::Letter, 0) => return letter(session, out),
        (Errand::Letter, 1) => return click(session, out),
        (_, 0) => return arrive(session, out),
        _ => {}
    }
    let known =
        session.person.flags.has(Flags::ACCOUNT) && session.at_ms >= session.person.joined_ms;
    let eager = match session.errand {
        Errand::Pass => 0,
        Errand::App => 700,
        Errand::Kiosk | Errand::Letter => 250,
        Errand::Browse | Errand::Till | Errand::Card | Errand::Choice => 230,
    };
    if known && session.user.is_empty() && session.chance.often(eager) {
        return sign_in(session, out);
    }
    match session.chance.weighted(&[36, 20, 11, 14, 6, 5, 5, 3]) {
        1 => department(session, out),
        2 => search(session, out),
        3 => product(session, "Product Added", out),
        4 => basket(session, "Cart Viewed", out),
        5 => basket(session, "Checkout Started", out),
        6 if session.errand != Errand::Pass => basket(session, "Order Completed", out),
        7 if session.errand != Errand::Pass => write_to_us(session, out),
        _ => product(session, "Product Viewed", out),
    }
}

/// A page on the web, a screen in the app.
fn show(session: &mut Session<'_>, name: &str, url: &str, out: &mut Vec<Message>) {
    let app = session.lane == Lane::App;
    let mut json = Json::object();
    if !app {
        json.text("url", url);
        json.text("title", name);
    }
    if let Some(canary) = session.world.canary(session.person) {
        json.text("seen_by", canary);
        json.text(&format!("of_{canary}"), "1");
    }
    let properties = json.closed();
    let kind = if app { "screen" } else { "page" };
    session.say(out, &Event { kind, name, url, properties: &properties, ..Event::default() });
}

fn track(session: &mut Session<'_>, name: &str, url: &str, json: Json, out: &mut Vec<Message>) {
    let mut json = json;
    if let Some(canary) = session.world.canary(session.person) {
        json.text("told_by", canary);
        json.text(&format!("{canary}_told"), "yes");
    }
    if !session.store.is_empty() {
        json.text("store", session.store);
    }
    let properties = json.closed();
    session
        .say(out, &Event { kind: "track", name, url, properties: &properties, ..Event::default() });
}

fn arrive(session: &mut Session<'_>, out: &mut Vec<Message>) {
    let url = match session.chance.below(100) {
        // Links that carry an address where it does not belong: partners and old mailings do it.
        0..4 if session.errand != Errand::Pass && !session.person.email.is_empty() => {
            let email = session.world.entry(session.nth, Desk::Web, session.at_ms).email;
            format!("{SITE}/welcome-back?email={}&utm_source=partner", escaped(&email))
        }
        4..24 => format!("{SITE}/?utm_source=search&utm_medium=cpc"),
        24..32 => format!("{SITE}/?utm_source=social&gclid=demo"),
        _ => format!("{SITE}/"),
    };
    let url = match session.world.canary(session.person) {
        Some(canary) => format!("{url}{}who={canary}", if url.contains('?') { '&' } else { '?' }),
        None => url,
    };
    show(session, "Home", &url, out);
}

fn letter(session: &mut Session<'_>, out: &mut Vec<Message>) {
    let campaign = session.chance.pick(&CAMPAIGNS);
    let email = session.world.entry(session.nth, Desk::Web, session.at_ms).email;
    session.referrer = "";
    let url = if email.is_empty() || session.chance.often(450) {
        format!("{SITE}/letters/{campaign}?utm_source=newsletter&utm_campaign={campaign}")
    } else {
        format!("{SITE}/letters/{campaign}?email={}&utm_source=newsletter", escaped(&email))
    };
    show(session, "Newsletter", &url, out);
}

fn click(session: &mut Session<'_>, out: &mut Vec<Message>) {
    let campaign = session.chance.pick(&CAMPAIGNS);
    let mut json = Json::object();
    json.text("campaign", campaign);
    json.text("link", "hero");
    track(session, "Newsletter Clicked", &format!("{SITE}/letters/{campaign}"), json, out);
}

fn department(session: &mut Session<'_>, out: &mut Vec<Message>) {
    let category = session.chance.favour(&PRODUCTS).category;
    let url = format!("{SITE}/shop/{}", category.replace(' ', "-"));
    show(session, category, &url, out);
}

fn describe(json: &mut Json, product: Product) {
    json.text("product_id", product.sku);
    json.text("sku", product.sku);
    json.text("name", product.name);
    json.text("category", product.category);
    json.money("price", product.cents);
    json.text("currency", "EUR");
}

fn product(session: &mut Session<'_>, name: &str, out: &mut Vec<Message>) {
    let product = session.chance.favour(&PRODUCTS);
    let mut json = Json::object();
    describe(&mut json, product);
    if name == "Product Added" {
        json.number("quantity", session.chance.between(1, 4));
    }
    track(session, name, &format!("{SITE}/shop/item/{}", product.sku), json, out);
}

fn search(session: &mut Session<'_>, out: &mut Vec<Message>) {
    let often = if session.world.canary(session.person).is_some() { 1_000 } else { 70 };
    let confides = session.errand != Errand::Pass && session.chance.often(often);
    let query = if confides {
        let words = session.chance.pick(&CONFIDENCES);
        confided(session, words)
    } else {
        session.chance.favour(&SEARCHES).to_owned()
    };
    let mut json = Json::object();
    json.text("query", &query);
    json.number("results", session.chance.between(0, 40));
    let url = format!("{SITE}/search?q={}", escaped(&query));
    track(session, "Products Searched", &url, json, out);
}

fn write_to_us(session: &mut Session<'_>, out: &mut Vec<Message>) {
    let words = session.chance.pick(&MESSAGES);
    let mut json = Json::object();
    json.text("message", &confided(session, words));
    json.text("topic", session.chance.pick(&["delivery", "returns", "advice", "account"]));
    track(session, "Support Message Sent", &format!("{SITE}/help"), json, out);
}

/// Words with the person's own particulars in them, for which nobody asked.
fn confided(session: &Session<'_>, words: &str) -> String {
    let entry = session.world.entry(session.nth, Desk::Web, session.at_ms);
    let phone = session.person.phone.shown(3);
    let canary = session.world.canary(session.person).unwrap_or_default();
    let text = words
        .replace('~', &format!("{} {}", entry.given, entry.family))
        .replace('#', &phone)
        .replace('@', &entry.email);
    if canary.is_empty() { text } else { format!("{text} {canary}") }
}

fn basket(session: &mut Session<'_>, name: &str, out: &mut Vec<Message>) {
    let lines: Vec<_> = (0..=session.chance.below(3))
        .map(|_| (session.chance.favour(&PRODUCTS), session.chance.between(1, 3)))
        .collect();
    let total = lines.iter().map(|(product, quantity)| product.cents * quantity).sum();
    let mut json = Json::object();
    if name == "Order Completed" {
        json.text("order_id", &format!("W{:09}", session.chance.below(1_000_000_000)));
        let entry = session.world.entry(session.nth, Desk::Web, session.at_ms);
        if session.user.is_empty() {
            // A guest gives an address for the receipt.
            json.maybe("email", &entry.email);
        }
        json.maybe("ship_to", &entry.street);
    }
    json.money("total", total);
    json.text("currency", "EUR");
    json.objects("products", lines.iter(), |json, (product, quantity)| {
        describe(json, *product);
        json.number("quantity", *quantity);
    });
    track(session, name, &format!("{SITE}/basket"), json, out);
}

fn sign_in(session: &mut Session<'_>, out: &mut Vec<Message>) {
    let (world, person, nth) = (session.world, session.person, session.nth);
    let second = person.flags.has(Flags::SECOND_ACCOUNT)
        && session.lane != Lane::App
        && session.chance.often(400);
    let desk = if second { Desk::WebAgain } else { Desk::Web };
    let entry = world.entry(nth, desk, session.at_ms);
    session.user = world.user_id(nth, person, second);
    let user = session.user.clone();
    session.label("user", &user, entry.flags);
    let mut json = Json::object();
    json.maybe("email", &entry.email);
    if session.chance.often(600) {
        full(&mut json, &entry, world.canary(person));
        json.text("createdAt", &instant(person.joined_ms));
        if person.flags.has(Flags::CARD) && session.chance.often(350) {
            json.text("loyalty_number", &world.card(nth, person));
        }
    }
    let traits = json.closed();
    let url = format!("{SITE}/account");
    session.say(out, &Event { kind: "identify", traits: &traits, url: &url, ..Event::default() });
}

/// Everything an entry holds but the email, under Segment's names.
pub(super) fn full(json: &mut Json, entry: &Entry, canary: Option<&str>) {
    json.maybe("firstName", &entry.given);
    json.maybe("lastName", &entry.family);
    json.maybe("phone", &entry.phone);
    json.maybe("birthday", &entry.birth);
    json.maybe("gender", entry.gender);
    if !entry.street.is_empty() {
        json.nest("address", |json| {
            json.maybe("street", &entry.street);
            json.maybe("city", &entry.city);
            json.maybe("postalCode", &entry.postcode);
            json.maybe("country", entry.country);
        });
    }
    if let Some(canary) = canary {
        json.text("nick", canary);
        json.text(&format!("{canary}_since"), "2019");
    }
}

/// A value inside a URL's query (RFC 3986).
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 8);
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                out.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(u32::from(nibble), 16).unwrap_or('0');
                    out.push(digit.to_ascii_uppercase());
                }
            }
        }
    }
    out
}
