//! What blocking cost, and how large people are.

use super::Facts;
use super::html::{each, section, table};
use super::svg::bar;
use crate::command::link::summary::grouped;
use linkage::block::RULES;
use linkage::engine::Side;

/// The section on blocking.
#[expect(clippy::cast_precision_loss, reason = "drawn")]
pub(super) fn blocking(facts: &Facts<'_>) -> String {
    let found = &facts.linked.found;
    let most = found.iter().map(|rule| rule.pairs).max().unwrap_or(1).max(1);
    let mut rules: Vec<_> =
        RULES.iter().zip(found).filter(|(_, found)| found.pairs + found.generic > 0).collect();
    let idle = RULES.len() - rules.len();
    rules.sort_by_key(|(_, found)| std::cmp::Reverse(found.pairs));
    let rows = each(rules, |(rule, found)| {
        format!(
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"drawn\">{}</td></tr>",
            rule.word().replace('_', " ").replace('+', " + "),
            grouped(found.blocks),
            grouped(found.pairs),
            grouped(found.generic),
            bar(0.0, found.pairs as f32 / most as f32, None, "cost"),
        )
    });
    let records = facts.table.ids.len() as u64;
    let all = match facts.linked.side {
        Side::Within => records * records.saturating_sub(1) / 2,
        Side::Across(left) => left as u64 * records.saturating_sub(left as u64),
    };
    let saved = all / facts.linked.compared.max(1);
    let recall = facts.judged.map_or_else(String::new, |judged| {
        format!(" Of the true pairs, {:.2} % were among them.", judged.blocking * 100.0)
    });
    let lead = format!(
        "Records meet where they share a key. {} of {} possible pairs were compared, one in {}.{recall} \
         A pair that several rules find is counted for each and compared once. {idle} rules found \
         nothing here.",
        grouped(facts.linked.compared),
        grouped(all),
        grouped(saved),
    );
    let head = ["Rule", "Blocks", "Pairs", "Too common", ""];
    section("blocking", "What the search cost", &lead, &table("Blocking rules", &head, &rows))
}

/// The section on sizes.
#[expect(clippy::cast_precision_loss, reason = "drawn")]
pub(super) fn sizes(facts: &Facts<'_>) -> String {
    const SHOWN: usize = 12;
    let several = facts.linked.groups();
    let alone = facts.linked.people_count().saturating_sub(several.len()) as u64;
    let mut counts = [0_u64; SHOWN + 1];
    for group in &several {
        if let Some(count) = counts.get_mut(group.len().min(SHOWN + 1) - 1) {
            *count += 1;
        }
    }
    if let Some(count) = counts.first_mut() {
        *count = alone;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1) as f32;
    let last = counts.iter().rposition(|count| *count > 0).unwrap_or(0);
    let rows = each(counts.iter().enumerate().take(last + 1), |(place, count)| {
        let word = match place {
            0 => "1 record".to_owned(),
            SHOWN => format!("more than {SHOWN}"),
            _ => format!("{} records", place + 1),
        };
        format!(
            "<li><span class=\"what\">{word}</span><span class=\"bars\">{}</span>\
             <span class=\"figure\">{}</span></li>",
            bar(0.0, *count as f32 / most, None, "for"),
            grouped(*count),
        )
    });
    let largest = several.iter().map(Vec::len).max().unwrap_or(1);
    let lead = format!(
        "People by how many records they have; the largest has {largest}. A person with far more records \
         than the others is often a shared device or a value that stands for nothing."
    );
    section(
        "sizes",
        "How large people are",
        &lead,
        &format!("<ul class=\"rows sizes\">{rows}</ul>"),
    )
}
