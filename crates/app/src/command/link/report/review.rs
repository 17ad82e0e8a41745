//! The review list: the pairs that a person should look at, with answers that can be read back.

use super::examples::side_by_side;
use super::graphs::doubt;
use super::html::{each, escape, percent, section};
use super::{Facts, Values};
use crate::command::link::engine::probability;
use linkage::engine::Pair;
use std::collections::HashMap;

/// Pairs on the list.
const SHOWN_MAX: usize = 60;
/// Pairs of one record: a list about one record teaches little.
const OF_ONE_MAX: usize = 2;

/// The pairs of which an answer teaches most: those near the cut and those that were overruled.
pub(super) fn choose(facts: &Facts<'_>) -> Vec<Pair> {
    let closeness = |pair: &Pair| {
        let likely = probability(pair.weight);
        doubt(facts, pair).max(likely.min(1.0 - likely))
    };
    let mut pairs: Vec<(f32, Pair)> = facts
        .linked
        .pairs
        .iter()
        .map(|pair| (closeness(pair), *pair))
        .filter(|(c, _)| *c > 0.02)
        .collect();
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1.a, x.1.b).cmp(&(y.1.a, y.1.b))));
    let mut seen: HashMap<u32, usize> = HashMap::new();
    let mut chosen = Vec::new();
    for (_, pair) in pairs {
        let often = |record| seen.get(&record).copied().unwrap_or(0) >= OF_ONE_MAX;
        if often(pair.a) || often(pair.b) {
            continue;
        }
        for record in [pair.a, pair.b] {
            *seen.entry(record).or_default() += 1;
        }
        chosen.push(pair);
        if chosen.len() == SHOWN_MAX {
            break;
        }
    }
    chosen
}

/// The section.
pub(super) fn show(facts: &Facts<'_>, pairs: &[Pair], values: &Values) -> String {
    if pairs.is_empty() {
        return section("review", "Review", "No pair is doubtful: there is nothing to review.", "");
    }
    let count = pairs.len();
    let cards = each(pairs.iter().enumerate(), |(nth, pair)| card(facts, nth, count, pair, values));
    let body = format!(
        "<div class=\"answers\"><p id=\"answered\" role=\"status\">0 of {count} answered</p>\
         <button type=\"button\" id=\"download\" disabled>Download answers (CSV)</button></div>\
         <noscript><p>Answers are gathered by a script, which is switched off here.</p></noscript>\
         <div class=\"grid two\" id=\"cards\">{cards}</div>"
    );
    section(
        "review",
        "Review",
        "The pairs of which your answer teaches most. Answer as many as you like, download the answers, and \
         hand them to <code>link dedupe --assert answers.csv</code>, which keeps to them. Nothing leaves \
         this page until you download it, and closing the page forgets the answers.",
        &body,
    )
}

fn card(facts: &Facts<'_>, nth: usize, count: usize, pair: &Pair, values: &Values) -> String {
    let outcome = if facts.linked.is_one(pair.a, pair.b) { "joined" } else { "kept apart" };
    let answers = [("same", "Same person"), ("different", "Different"), ("unsure", "Unsure")];
    let buttons = each(answers, |(answer, word)| {
        format!(
            "<label><input type=\"radio\" name=\"q{nth}\" value=\"{answer}\"><span>{word}</span></label>"
        )
    });
    format!(
        "<fieldset class=\"card\" data-l=\"{}\" data-r=\"{}\"><legend>{} of {count} \
         <span class=\"muted\">{}, {outcome}</span></legend>{}<div class=\"choice\">{buttons}</div></fieldset>",
        escape(facts.table.id(pair.a)),
        escape(facts.table.id(pair.b)),
        nth + 1,
        percent(probability(pair.weight)),
        side_by_side(facts, pair.a, pair.b, values),
    )
}
