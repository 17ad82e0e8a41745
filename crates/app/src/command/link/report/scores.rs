//! How pairs are spread over scores, and what another threshold would give.

use super::Facts;
use super::html::{details, each, key, section, table};
use super::spread::{Bin, ENDS, PARTS};
use super::svg::{Frame, log, powers};
use crate::command::link::engine::probability;
use crate::command::link::summary::grouped;
use std::f32::consts::LN_2;

/// The section on scores.
pub(super) fn histogram(facts: &Facts<'_>) -> String {
    let parts = usize::try_from(PARTS).unwrap_or(1);
    let sum =
        |bins: &[Bin]| bins.iter().fold((0, 0), |sum, bin| (sum.0 + bin.one, sum.1 + bin.two));
    let counts: Vec<(u64, u64)> = facts.spread.0.chunks(parts).map(sum).collect();
    let sides = facts.sides();
    let most = counts.iter().map(|(one, two)| one + two).max().unwrap_or(1).max(1);
    let ends = (real(ENDS.0), real(ENDS.1));
    let frame = Frame { x: ends, y: (0.0, log(most) * 1.08) };
    let inside = each((ENDS.0..).zip(&counts), |(start, (one, two))| {
        // On a scale of logarithms parts of a column do not add up: the larger stands behind.
        let (x, all) = ((real(start), real(start + 1)), log(one + two));
        let share = if one + two == 0 { 0.0 } else { ratio(*one, one + two) };
        frame.column(x, (0.0, all * share), "for") + &frame.column(x, (all * share, all), "against")
    });
    let cut = facts.settings.cut / LN_2;
    let inside = inside + &frame.mark(cut, "cut");
    let ticks: Vec<_> = (-10..=ENDS.1)
        .step_by(5)
        .map(|bit| (real(bit), bit.to_string().replace('-', "−")))
        .collect();
    let label = format!("Histogram of {} pairs by match weight", grouped(facts.linked.compared));
    let heights = powers(most_f(most));
    let chart = frame.draw(
        &label,
        (&ticks, &heights),
        ("match weight (bits)", "pairs (logarithmic)"),
        &inside,
    );
    let (one, two) = sides.words();
    let rows = each((ENDS.0..).zip(&counts).filter(|(_, (a, b))| a + b > 0), |(start, (a, b))| {
        format!(
            "<tr><th scope=\"row\">{start} to {}</th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            start + 1,
            grouped(*a),
            grouped(*b)
        )
    });
    let body = format!(
        "{}<figure>{chart}</figure>{}",
        key(&[("for", one), ("against", two)]),
        details("The figures", &table("Pairs by match weight", &["Bits", one, two], &rows))
    );
    section(
        "scores",
        "How clear the pairs are",
        "Every pair that was compared, by its match weight. A deep valley around the cut means \
         that few pairs are doubtful; those in the valley are in the review list below.",
        &body,
    )
}

#[expect(clippy::cast_precision_loss, reason = "drawn")]
const fn real(number: i32) -> f32 {
    number as f32
}

#[expect(clippy::cast_precision_loss, reason = "drawn")]
fn ratio(part: u64, whole: u64) -> f32 {
    part as f32 / whole.max(1) as f32
}

#[expect(clippy::cast_precision_loss, reason = "drawn")]
const fn most_f(count: u64) -> f32 {
    count as f32
}

/// What one threshold gives.
struct Point {
    bits: f32,
    precision: f32,
    recall: f32,
    pairs: u64,
}

impl Point {
    fn f1(&self) -> f32 {
        let sum = self.precision + self.recall;
        if sum == 0.0 { 0.0 } else { 2.0 * self.precision * self.recall / sum }
    }
}

/// The section on thresholds.
pub(super) fn sweep(facts: &Facts<'_>) -> String {
    let points = points(facts);
    let frame = Frame { x: (real(ENDS.0), LAST), y: (0.0, 1.0) };
    let curve =
        |of: fn(&Point) -> f32, class| frame.line(points.iter().map(|p| (p.bits, of(p))), class);
    let inside = curve(|p| p.precision, "line precision")
        + &curve(|p| p.recall, "line recall")
        + &curve(Point::f1, "line f1")
        + &frame.mark(facts.settings.cut / LN_2, "cut")
        + "<line id=\"sweep-at\" class=\"at\" x1=\"0\" x2=\"0\" y1=\"14\" y2=\"244\" visibility=\"hidden\"/>";
    let across: Vec<_> =
        (-10..=20).step_by(5).map(|bit| (real(bit), bit.to_string().replace('-', "−"))).collect();
    let down: Vec<_> =
        [0, 25, 50, 75, 100].map(|share| (real(share) / 100.0, format!("{share} %"))).to_vec();
    let label = "Precision, recall and F1 by threshold";
    let chart =
        frame.draw(label, (&across, &down), ("threshold: match weight (bits)", ""), &inside);
    let data = points.iter().map(|p| {
        format!("[{:.2},{:.5},{:.5},{:.5},{}]", p.bits, p.precision, p.recall, p.f1(), p.pairs)
    });
    let data = data.collect::<Vec<_>>().join(",");
    let shown = points.iter().filter(|point| point.bits.fract() == 0.0 && point.bits % 2.0 == 0.0);
    let rows = each(shown, |p| {
        let percent = |share: f32| format!("{:.2} %", share * 100.0);
        format!(
            "<tr><th scope=\"row\">{:.0}</th><td class=\"n\">{:.4}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            p.bits,
            probability(p.bits * LN_2),
            percent(p.precision),
            percent(p.recall),
            percent(p.f1()),
            grouped(p.pairs)
        )
    });
    let head = ["Bits", "Probability", "Precision", "Recall", "F1", "Pairs"];
    let body = format!(
        "{}<figure>{chart}</figure>\
         <div class=\"slider\" hidden><label for=\"sweep\">Try a threshold</label>\
         <input type=\"range\" id=\"sweep\" min=\"0\" max=\"{}\" value=\"{}\">\
         <output id=\"sweep-says\" for=\"sweep\"></output></div>\
         <script type=\"application/json\" id=\"sweep-data\">[{data}]</script>{}",
        key(&[("precision", "precision"), ("recall", "recall"), ("f1", "F1")]),
        points.len().saturating_sub(1),
        points.iter().position(|p| p.bits >= facts.settings.cut / LN_2).unwrap_or(0),
        details("The figures", &table("Thresholds", &head, &rows))
    );
    let lead = if facts.truth().is_some() {
        "What another threshold on pairs would give, measured against the truth that was named. \
         People are then grouped as a whole, which mends more than any threshold."
    } else {
        "What another threshold on pairs would give, estimated from the probabilities themselves: \
         no truth was named. Recall counts only pairs that blocking found."
    };
    section("thresholds", "What another threshold would give", lead, &body)
}

#[expect(clippy::cast_precision_loss, reason = "shares")]
fn points(facts: &Facts<'_>) -> Vec<Point> {
    let known = facts.truth().is_some();
    let right_of = |bin: &Bin| if known { bin.one as f64 } else { bin.likely };
    let found = facts.spread.0.iter().map(right_of).sum();
    let all = facts.true_pairs().map_or(found, |all| all as f64);
    let mut points = Vec::new();
    let (mut right, mut pairs) = (0.0, 0_u64);
    // From the strictest threshold down.
    for (bin, step) in facts.spread.0.iter().rev().zip((ENDS.0 * PARTS..ENDS.1 * PARTS).rev()) {
        right += right_of(bin);
        pairs += bin.one + bin.two;
        let precision = if pairs == 0 { 1.0 } else { right / pairs as f64 };
        let recall = if all == 0.0 { 1.0 } else { right / all };
        #[expect(clippy::cast_possible_truncation, reason = "drawn")]
        let (precision, recall) = (precision as f32, recall as f32);
        points.push(Point { bits: real(step) / real(PARTS), precision, recall, pairs });
    }
    points.reverse();
    // The lowest bin holds all that is below it, and is no threshold.
    points.retain(|point| point.bits > real(ENDS.0) && point.bits <= LAST);
    points
}

/// The strictest threshold that is shown, in bits.
const LAST: f32 = 20.0;
