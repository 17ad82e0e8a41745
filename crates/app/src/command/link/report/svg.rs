//! Drawing: bars that stretch with their row, and frames with axes.

use super::html::each;

/// A bar from `from` to `to` (shares of the width), with a line at `zero`.
pub(super) fn bar(from: f32, to: f32, zero: Option<f32>, class: &str) -> String {
    let (left, right) = (from.min(to).clamp(0.0, 1.0), from.max(to).clamp(0.0, 1.0));
    let line = zero.map_or_else(String::new, |at| {
        let at = at * 100.0;
        format!("<line class=\"zero\" x1=\"{at:.2}\" x2=\"{at:.2}\" y1=\"0\" y2=\"10\"/>")
    });
    let width = if right > left { ((right - left) * 100.0).max(0.4) } else { 0.0 };
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"{class}\" x=\"{:.2}\" y=\"1\" width=\"{width:.2}\" height=\"8\"/>{line}</svg>",
        left * 100.0
    )
}

/// A place on an axis, and its word.
pub(super) type Tick = (f32, String);

/// A frame with a horizontal and a vertical axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// What the horizontal axis covers.
    pub(super) x: (f32, f32),
    /// What the vertical axis covers.
    pub(super) y: (f32, f32),
}

const WIDTH: f32 = 720.0;
const HEIGHT: f32 = 300.0;
const LEFT: f32 = 64.0;
const RIGHT: f32 = 16.0;
const TOP: f32 = 14.0;
const BOTTOM: f32 = 56.0;

impl Frame {
    /// Where a value lies from left to right.
    pub(super) fn across(self, x: f32) -> f32 {
        LEFT + (x - self.x.0) / (self.x.1 - self.x.0) * (WIDTH - LEFT - RIGHT)
    }

    /// Where a value lies from top to bottom.
    pub(super) fn down(self, y: f32) -> f32 {
        HEIGHT - BOTTOM - (y - self.y.0) / (self.y.1 - self.y.0) * (HEIGHT - TOP - BOTTOM)
    }

    /// A column between two values of the horizontal axis, from one of the vertical to another.
    pub(super) fn column(self, x: (f32, f32), y: (f32, f32), class: &str) -> String {
        let (left, right) = (self.across(x.0) + 0.75, self.across(x.1) - 0.75);
        let (top, bottom) = (self.down(y.1), self.down(y.0));
        if bottom - top < 0.05 {
            return String::new();
        }
        format!(
            "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            (right - left).max(1.0),
            bottom - top
        )
    }

    /// A line through points.
    pub(super) fn line(self, points: impl IntoIterator<Item = (f32, f32)>, class: &str) -> String {
        let points: Vec<String> = points
            .into_iter()
            .map(|(x, y)| format!("{:.1},{:.1}", self.across(x), self.down(y)))
            .collect();
        format!("<polyline class=\"{class}\" points=\"{}\"/>", points.join(" "))
    }

    /// A line from top to bottom with a word at its head.
    pub(super) fn mark(self, x: f32, word: &str) -> String {
        let at = self.across(x);
        let (bottom, text) = (HEIGHT - BOTTOM, TOP + 10.0);
        format!(
            "<line class=\"cut\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{bottom}\"/>\
             <text class=\"cut-word\" x=\"{:.1}\" y=\"{text}\">{word}</text>",
            at + 6.0
        )
    }

    /// The whole drawing: axes with their words, and `inside`.
    pub(super) fn draw(
        self,
        label: &str,
        ticks: (&[Tick], &[Tick]),
        words: (&str, &str),
        inside: &str,
    ) -> String {
        let base = HEIGHT - BOTTOM;
        let across = each(ticks.0.iter().enumerate(), |(nth, (x, word))| {
            let odd = if nth % 2 == 1 { " odd" } else { "" };
            let (at, y) = (self.across(*x), base + 20.0);
            format!(
                "<text class=\"tick{odd}\" x=\"{at:.1}\" y=\"{y}\" text-anchor=\"middle\">{word}</text>"
            )
        });
        let down = each(ticks.1, |(y, word)| {
            let (at, right) = (self.down(*y), WIDTH - RIGHT);
            format!(
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{word}</text>",
                LEFT - 8.0,
                at + 4.0
            )
        });
        let middle = f32::midpoint(LEFT, WIDTH - RIGHT);
        let foot = HEIGHT - 8.0;
        format!(
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\">\
             {down}{across}<text class=\"axis\" x=\"{middle}\" y=\"{foot}\" text-anchor=\"middle\">{}</text>\
             <text class=\"axis side\" x=\"0\" y=\"10\">{}</text>{inside}</svg>",
            words.0, words.1
        )
    }
}

/// Ticks at powers of ten up to `most`, on a scale of logarithms that begins below 1.
pub(super) fn powers(most: f32) -> Vec<Tick> {
    let mut ticks = Vec::new();
    let mut power = 1_u64;
    while log(power) <= log_f(most) {
        ticks.push((log(power), super::super::summary::grouped(power)));
        power = power.saturating_mul(10);
    }
    ticks
}

/// A count on the scale of [`powers`].
#[expect(clippy::cast_precision_loss, reason = "a height on a screen")]
pub(super) fn log(count: u64) -> f32 {
    log_f(count as f32)
}

fn log_f(count: f32) -> f32 {
    if count < 1.0 { 0.0 } else { count.log10() + 0.3 }
}
