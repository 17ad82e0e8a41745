//! Doubtful groups, drawn: records as circles, what ties them as lines.

use super::html::{details, each, escape, percent, section, table, value};
use super::{Facts, Values};
use crate::command::link::engine::probability;
use linkage::engine::Pair;
use std::collections::{BTreeMap, HashMap};
use std::f32::consts::TAU;

/// Groups that are drawn.
const SHOWN_MAX: usize = 8;
/// Records of a group that is drawn.
const RECORDS_MAX: usize = 14;
/// Ties below this probability are not drawn.
const TIE_MIN: f32 = 0.1;

/// A group of records that something ties together.
pub(super) struct Group {
    /// Its records, those of one person beside each other.
    pub(super) records: Vec<u32>,
    ties: Vec<Pair>,
    doubt: f32,
}

/// How far a pair speaks against what was decided.
pub(super) fn doubt(facts: &Facts<'_>, pair: &Pair) -> f32 {
    let likely = probability(pair.weight);
    if facts.linked.is_one(pair.a, pair.b) { 1.0 - likely } else { likely }
}

/// The groups in which most is doubtful.
pub(super) fn choose(facts: &Facts<'_>) -> Vec<Group> {
    let mut parents: HashMap<u32, u32> = HashMap::new();
    let ties = || facts.linked.pairs.iter().take_while(|pair| probability(pair.weight) >= TIE_MIN);
    for tie in ties() {
        let (a, b) = (root(&mut parents, tie.a), root(&mut parents, tie.b));
        parents.insert(a.max(b), a.min(b));
    }
    let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
    for tie in ties() {
        let of = root(&mut parents, tie.a);
        let none = || Group { records: Vec::new(), ties: Vec::new(), doubt: 0.0 };
        let group = groups.entry(of).or_insert_with(none);
        group.records.extend([tie.a, tie.b]);
        group.ties.push(*tie);
        group.doubt = group.doubt.max(doubt(facts, tie));
    }
    let person = |record: u32| facts.linked.people.get(record as usize).copied().unwrap_or(record);
    let mut groups: Vec<Group> = groups.into_values().collect();
    for group in &mut groups {
        group.records.sort_unstable_by_key(|record| (person(*record), *record));
        group.records.dedup();
    }
    groups.retain(|group| (3..=RECORDS_MAX).contains(&group.records.len()) && group.doubt > 0.2);
    groups.sort_by(|x, y| y.doubt.total_cmp(&x.doubt).then(x.records.cmp(&y.records)));
    groups.truncate(SHOWN_MAX);
    groups
}

fn root(parents: &mut HashMap<u32, u32>, mut record: u32) -> u32 {
    while let Some(parent) = parents.get(&record).copied().filter(|parent| *parent != record) {
        if let Some(above) = parents.get(&parent).copied() {
            parents.insert(record, above);
        }
        record = parent;
    }
    record
}

/// The section.
pub(super) fn show(facts: &Facts<'_>, groups: &[Group], values: &Values) -> String {
    if groups.is_empty() {
        let lead = "No group of three records and more is doubtful.";
        return section("groups", "Doubtful groups", lead, "");
    }
    section(
        "groups",
        "Doubtful groups",
        "Where what was decided and what single pairs say differ most. A circle is a record, its number \
         the person it was given to; a line is a probability, dashed where it was overruled.",
        &format!(
            "<div class=\"grid two\">{}</div>",
            each(groups.iter().enumerate(), |(nth, group)| card(facts, nth, group, values))
        ),
    )
}

fn card(facts: &Facts<'_>, nth: usize, group: &Group, values: &Values) -> String {
    let mut numbers: Vec<u32> = Vec::new();
    let persons: Vec<usize> = group
        .records
        .iter()
        .map(|record| {
            let person = facts.linked.people.get(*record as usize).copied().unwrap_or(*record);
            numbers.iter().position(|known| *known == person).unwrap_or_else(|| {
                numbers.push(person);
                numbers.len() - 1
            })
        })
        .collect();
    let people = numbers.len();
    let noun = if people == 1 { "person" } else { "people" };
    let label = format!("Group {}: {} records, {people} {noun}", nth + 1, group.records.len());
    let rows = each(group.records.iter().zip(&persons).zip('A'..), |((record, person), letter)| {
        let told = values.get(record).map_or(&[][..], Vec::as_slice);
        let told = told.iter().filter(|(_, value)| !value.is_empty());
        let told = each(told, |(name, text)| {
            format!(
                "<span class=\"pair\"><span class=\"muted\">{}</span> {}</span> ",
                escape(name),
                value(text)
            )
        });
        format!(
            "<tr><th scope=\"row\">{letter}</th><td class=\"n\">{}</td><td>{}</td><td class=\"told\">{told}</td></tr>",
            person + 1,
            value(facts.table.id(*record))
        )
    });
    let ties = each(&group.ties, |tie| {
        let letter = |record| letter(group, record);
        format!(
            "<li>{} – {}: {}</li>",
            letter(tie.a),
            letter(tie.b),
            percent(probability(tie.weight))
        )
    });
    let head = ["", "Person", "Id", "Values"];
    let more = format!("{}<ul class=\"ties\">{ties}</ul>", table(&label, &head, &rows));
    format!(
        "<article class=\"card\"><h3>{label}</h3><figure>{}</figure>{}</article>",
        draw(facts, group, &persons, &label),
        details("Records and lines", &more)
    )
}

fn letter(group: &Group, record: u32) -> char {
    ('A'..)
        .zip(&group.records)
        .find(|(_, known)| **known == record)
        .map_or('?', |(letter, _)| letter)
}

#[expect(clippy::cast_precision_loss, reason = "drawn")]
fn draw(facts: &Facts<'_>, group: &Group, persons: &[usize], label: &str) -> String {
    let count = group.records.len() as f32;
    let place = |nth: usize| {
        let angle = (nth as f32 / count - 0.25) * TAU;
        (160.0 + 108.0 * angle.cos(), 130.0 + 100.0 * angle.sin())
    };
    let of = |record: u32| group.records.iter().position(|known| *known == record).unwrap_or(0);
    let few = group.ties.len() <= 5;
    let lines = each(group.ties.iter().rev(), |tie| {
        let ((x, y), (u, v)) = (place(of(tie.a)), place(of(tie.b)));
        let likely = probability(tie.weight);
        let class = if facts.linked.is_one(tie.a, tie.b) { "tie" } else { "tie overruled" };
        let width = 1.0 + 3.5 * likely;
        let word = if few {
            let (at, down) = (x + (u - x) * 0.42, y + (v - y) * 0.42 - 3.0);
            let word = percent(likely);
            format!(
                "<text class=\"tick halo\" x=\"{at:.0}\" y=\"{down:.0}\" text-anchor=\"middle\">{word}</text>"
            )
        } else {
            String::new()
        };
        format!(
            "<line class=\"{class}\" x1=\"{x:.0}\" y1=\"{y:.0}\" x2=\"{u:.0}\" y2=\"{v:.0}\" \
             stroke-width=\"{width:.1}\"/>{word}"
        )
    });
    let circles = each(persons.iter().enumerate().zip('A'..), |((nth, person), letter)| {
        let (x, y) = place(nth);
        format!(
            "<circle class=\"node p{}\" cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"17\"/>\
             <text class=\"node-word\" x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{letter}{}</text>",
            person % 5,
            y + 4.5,
            person + 1
        )
    });
    format!(
        "<svg class=\"graph\" viewBox=\"0 0 320 260\" role=\"img\" aria-label=\"{label}\">{lines}{circles}</svg>"
    )
}
