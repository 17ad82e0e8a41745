//! Pairs explained: what each field added.

use super::html::{bits, each, escape, percent, section, value};
use super::svg::bar;
use super::{Facts, Values};
use crate::command::link::engine::probability;
use crate::command::link::summary::grouped;
use crate::command::link::waterfall::{self, Waterfall, words};
use linkage::engine::Pair;

/// Pairs that are explained.
const SHOWN_MAX: usize = 6;

/// Which pairs are explained: from clear to doubtful to not.
pub(super) fn choose(facts: &Facts<'_>) -> Vec<Pair> {
    let pairs = &facts.linked.pairs;
    let mut chosen: Vec<Pair> = Vec::new();
    for wanted in [0.999, 0.9, 0.6, 0.4, 0.2, 0.02_f32] {
        let weight = (wanted / (1.0 - wanted)).ln();
        // Sorted by weight, heaviest first.
        let place = pairs.partition_point(|pair| pair.weight > weight);
        if let Some(pair) = pairs.get(place) {
            chosen.push(*pair);
        }
    }
    chosen.dedup_by_key(|pair| (pair.a, pair.b));
    chosen.truncate(SHOWN_MAX);
    chosen
}

/// The section.
pub(super) fn show(facts: &Facts<'_>, pairs: &[Pair], values: &Values) -> String {
    let cards = each(pairs, |pair| card(facts, pair, values).unwrap_or_default());
    section(
        "examples",
        "Pairs, explained",
        "From what is thought of any pair that blocking finds to what is thought of this one: each field \
         adds or takes away. The bars begin where the one before ended.",
        &format!("<div class=\"grid two\">{cards}</div>"),
    )
}

fn card(facts: &Facts<'_>, pair: &Pair, values: &Values) -> Option<String> {
    let model = &facts.linked.model;
    let fall = waterfall::of(&facts.table.records, model, pair.a, pair.b)?;
    let outcome = if facts.linked.is_one(pair.a, pair.b) { "one person" } else { "two people" };
    Some(format!(
        "<article class=\"card\"><h3>{} <span class=\"muted\">{outcome}</span></h3>{}{}</article>",
        percent(probability(pair.weight)),
        side_by_side(facts, pair.a, pair.b, values),
        draw(&fall),
    ))
}

/// The bars of a waterfall.
fn draw(fall: &Waterfall) -> String {
    let mut at = fall.start;
    let (mut low, mut high) = (at.min(0.0), at.max(0.0));
    for step in &fall.steps {
        at += step.bits;
        low = low.min(at);
        high = high.max(at);
    }
    let place = |bits: f32| (bits - low) / (high - low).max(1.0);
    let zero = Some(place(0.0));
    let row = |what: &str, more: &str, bar: String, figure: f32| {
        format!(
            "<li><span class=\"what\">{what}<span class=\"muted\">{more}</span></span>\
             <span class=\"bars\">{bar}</span><span class=\"figure\">{}</span></li>",
            bits(figure)
        )
    };
    let start =
        row("any such pair", "", bar(place(0.0), place(fall.start), zero, "rest"), fall.start);
    let mut at = fall.start;
    let steps = each(&fall.steps, |step| {
        let from = at;
        at += step.bits;
        let class = if step.bits < 0.0 { "against" } else { "for" };
        let rare = step.one_in.filter(|one_in| *one_in >= 2.0).map_or_else(String::new, |one_in| {
            format!(", <span class=\"whole\">1 in {}</span>", thousands(one_in))
        });
        let more = format!(" {}{rare}", step.level);
        row(&words(step.comparison), &more, bar(place(from), place(at), zero, class), step.bits)
    });
    let sum = row("together", "", bar(place(0.0), place(fall.sum), zero, "sum"), fall.sum);
    format!("<ul class=\"rows fall\">{start}{steps}{sum}</ul>")
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shown")]
fn thousands(one_in: f32) -> String {
    grouped(one_in.round() as u64)
}

/// Two records beside each other; what differs is marked.
pub(super) fn side_by_side(facts: &Facts<'_>, a: u32, b: u32, values: &Values) -> String {
    let none = Vec::new();
    let (x, y) = (values.get(&a).unwrap_or(&none), values.get(&b).unwrap_or(&none));
    let other =
        |name: &str| y.iter().find(|(known, _)| **known == *name).map_or("", |(_, value)| value);
    let mut names: Vec<(&str, &str, &str)> =
        x.iter().map(|(name, value)| (&**name, value.as_str(), other(name))).collect();
    // Two files may have columns of their own.
    let own = y.iter().filter(|(name, _)| x.iter().all(|(known, _)| known != name));
    names.extend(own.map(|(name, value)| (&**name, "", value.as_str())));
    let rows =
        each(names.iter().filter(|(_, x, y)| !(x.is_empty() && y.is_empty())), |(name, x, y)| {
            // What is missing on one side does not differ.
            let differs = !x.is_empty() && !y.is_empty() && folded(x) != folded(y);
            let cell = |text: &str| match (text.is_empty(), differs) {
                (true, _) => "<td class=\"muted\">–</td>".to_owned(),
                (false, false) => format!("<td>{}</td>", value(text)),
                (false, true) => format!("<td><mark>{}</mark></td>", value(text)),
            };
            format!("<tr><th scope=\"row\">{}</th>{}{}</tr>", escape(name), cell(x), cell(y))
        });
    format!(
        "<table class=\"beside\"><thead><tr><td></td><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\
         <tbody>{rows}</tbody></table>",
        value(facts.table.id(a)),
        value(facts.table.id(b)),
    )
}
