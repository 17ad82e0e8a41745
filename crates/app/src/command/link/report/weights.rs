//! What agreement is worth: match weights of levels, and the probabilities behind them.

use super::Facts;
use super::html::{bits, details, each, key, section, table};
use super::svg::bar;
use crate::command::link::waterfall::words;
use linkage::compare::Comparison;
use linkage::model::Class;

struct Level {
    word: &'static str,
    matched: f64,
    neighbour: f64,
    other: f64,
}

impl Level {
    /// How much the level speaks for one person against a stranger, in bits.
    #[expect(clippy::cast_possible_truncation, reason = "drawn")]
    fn weight(&self) -> f32 {
        (self.matched.max(1e-9) / self.other.max(1e-9)).log2() as f32
    }

    /// The same against somebody of the same home.
    #[expect(clippy::cast_possible_truncation, reason = "drawn")]
    fn weight_at_home(&self) -> f32 {
        (self.matched.max(1e-9) / self.neighbour.max(1e-9)).log2() as f32
    }
}

/// The section.
pub(super) fn show(facts: &Facts<'_>) -> String {
    let seen = facts.linked.pairs.iter().fold([false; 64], |mut seen, pair| {
        for comparison in
            Comparison::ALL.iter().filter(|known| pair.pattern.level(**known).is_some())
        {
            if let Some(seen) = seen.get_mut(*comparison as usize) {
                *seen = true;
            }
        }
        seen
    });
    let used: Vec<Comparison> =
        Comparison::ALL.iter().copied().filter(|c| seen.get(*c as usize) == Some(&true)).collect();
    let all = used.iter().flat_map(|comparison| levels(facts, *comparison));
    let scale = all.map(|level| level.weight().abs()).fold(1.0, f32::max).min(20.0);
    let blocks = each(&used, |comparison| weights(facts, *comparison, scale));
    let shares = each(&used, |comparison| probabilities(facts, *comparison));
    let names = ["Field", "Agreement", "One person", "Same home", "Strangers", ""];
    let shares = table("How often each level is seen, by kind of pair", &names, &shares);
    let body = format!(
        "{}<div class=\"grid two\">{blocks}</div>{}",
        key(&[
            ("for", "for one person"),
            ("against", "against"),
            ("home", "against somebody of the same home")
        ]),
        details(
            "The probabilities behind the weights (m and u)",
            &format!(
                "<p>Among pairs that are one person, pairs that share a home or a contact point, and \
             strangers that blocking brought together: how often each level of agreement is seen.</p>{shares}"
            )
        )
    );
    section(
        "weights",
        "What agreement is worth",
        "Each bar is what one level of agreement adds, in bits: +1 doubles the odds of one person, \
         −1 halves them. Rare values add more, common ones less. The thin bar weighs the same level \
         against members of one household, where a shared surname or address says nothing.",
        &body,
    )
}

fn levels(facts: &Facts<'_>, comparison: Comparison) -> Vec<Level> {
    let of = |class: Class, level: usize| {
        let row = facts
            .linked
            .model
            .levels
            .get(class as usize)
            .and_then(|rows| rows.get(comparison as usize));
        row.and_then(|row| row.get(level)).copied().unwrap_or(0.0)
    };
    let words = comparison.levels().iter().enumerate();
    words
        .map(|(level, word)| Level {
            word,
            matched: of(Class::Match, level),
            neighbour: of(Class::Neighbour, level),
            other: of(Class::Other, level),
        })
        .collect()
}

fn weights(facts: &Facts<'_>, comparison: Comparison, scale: f32) -> String {
    let place = |weight: f32| f32::midpoint(weight.clamp(-scale, scale) / scale, 1.0);
    let rows = each(levels(facts, comparison).iter().rev(), |level| {
        let (weight, home) = (level.weight(), level.weight_at_home());
        let class = if weight < 0.0 { "against" } else { "for" };
        format!(
            "<li><span class=\"what\">{}</span><span class=\"bars\">{}{}</span>\
             <span class=\"figure\">{}</span></li>",
            level.word,
            bar(0.5, place(weight), Some(0.5), class),
            bar(0.5, place(home), None, "home").replace("class=\"bar\"", "class=\"bar thin\""),
            bits(weight),
        )
    });
    format!("<div><h3>{}</h3><ul class=\"rows\">{rows}</ul></div>", words(comparison))
}

#[expect(clippy::cast_possible_truncation, reason = "drawn")]
fn probabilities(facts: &Facts<'_>, comparison: Comparison) -> String {
    each(levels(facts, comparison).iter().rev(), |level| {
        let share = |share: f64| format!("{:.2} %", share * 100.0);
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"mu\">{}{}</td></tr>",
            words(comparison),
            level.word,
            share(level.matched),
            share(level.neighbour),
            share(level.other),
            bar(0.0, level.matched as f32, None, "for"),
            bar(0.0, level.other as f32, None, "against"),
        )
    })
}
