//! Why two records are one person or not: what each comparison adds, and how common the value is.

use crate::compare::{Comparison, Pattern, compare};
use crate::model::{Scorer, each_frequency};
use crate::record::{Pool, Row};

/// What one comparison adds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// What was compared.
    pub comparison: Comparison,
    /// The word for the level, of [`Comparison::levels`].
    pub level: &'static str,
    /// What it adds to the weight, a natural logarithm.
    pub adds: f32,
    /// Natural logarithm of how much likelier the level is for one person than by chance, the
    /// frequency of the value in it.
    pub chance: f32,
    /// The same against another person of the same home or contact point.
    pub neighbour: f32,
    /// The probability that a record of another person bears the value, where the two agree on one.
    pub frequency: Option<f32>,
}

/// The waterfall of a pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// Natural logarithm of the odds of one person against chance before anything is compared.
    pub prior: f32,
    /// What each comparison that was possible adds, in their order.
    pub steps: Vec<Step>,
    /// Natural logarithm of the odds against all other classes before anything is compared.
    pub start: f32,
    /// Natural logarithm of the odds in the end, against all other classes: `start` and what each step
    /// adds.
    pub weight: f32,
    /// The probability that the two are one person.
    pub probability: f32,
    /// The probability that they are two people of one home or contact point.
    pub neighbour: f32,
}

/// Explains the score of two rows. Holds no values: the caller has them, and says who may see them.
pub fn why(pool: &Pool, scorer: &Scorer, a: &Row, b: &Row) -> Why {
    let pattern = compare(pool, a, b);
    let score = scorer.score(pool, a, b, pattern);
    let mut steps: Vec<Step> = Vec::new();
    for comparison in Comparison::ALL {
        let Some(level) = pattern.level(*comparison) else { continue };
        let (chance, neighbour) = scorer.ratios(*comparison, pattern);
        let level = comparison.levels().get(level).copied().unwrap_or_default();
        steps.push(Step {
            comparison: *comparison,
            level,
            adds: 0.0,
            chance,
            neighbour,
            frequency: None,
        });
    }
    let weigh = |pattern: Pattern| scorer.score(pool, a, b, pattern).weight;
    let start = weigh(Pattern::default());
    add_up(&mut steps, pattern, start, weigh);
    each_frequency(pool, a, b, pattern, |comparison, logarithm, damping| {
        let surprise = scorer.surprise(comparison, pattern, logarithm, damping);
        if let Some(step) = steps.iter_mut().find(|step| step.comparison == comparison) {
            step.frequency = Some(logarithm.exp());
            step.chance -= surprise.chance;
            step.neighbour -= surprise.neighbour;
        }
    });
    let (prior, weight) = (scorer.prior(), score.weight);
    Why {
        prior,
        steps,
        start,
        weight,
        probability: score.probability(),
        neighbour: score.neighbour,
    }
}

/// Shares the weight among the steps. What a comparison adds depends a little on those before it, since
/// rivals of *one person* are several: it is the mean over both orders, which keeps the sum.
fn add_up(steps: &mut [Step], whole: Pattern, start: f32, weigh: impl Fn(Pattern) -> f32) {
    for backward in [false, true] {
        let mut sofar = (Pattern::default(), start);
        for place in 0..steps.len() {
            let place = if backward { steps.len() - 1 - place } else { place };
            let Some(step) = steps.get_mut(place) else { continue };
            let with = Pattern(sofar.0.0 | (whole.0 & (7 << (step.comparison as u8 * 3))));
            let weight = weigh(with);
            step.adds += (weight - sofar.1) / 2.0;
            sofar = (with, weight);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::record::{Options, Reader, Records, Schema};

    #[test]
    fn a_rare_name_says_more_than_a_common_one() {
        let model = Model::shipped();
        let mut records = Records::default();
        let schema = Schema::recognise(&["given_name", "surname"], &[]);
        let mut reader = Reader::new(schema, Options::default());
        for (key, name) in
            [["Mary", "Smith"], ["Mary", "Smith"], ["Zebulon", "Quist"], ["Zebulon", "Quist"]]
                .iter()
                .enumerate()
        {
            reader.push(&mut records, key as u128, name);
        }
        model.frequencies.weigh(&mut records.pool, 0);
        let scorer = Scorer::new(&model);
        let of =
            |a: usize, b: usize| why(&records.pool, &scorer, &records.rows[a], &records.rows[b]);
        let (common, rare) = (of(0, 1), of(2, 3));
        assert!(rare.weight > common.weight);
        assert!(rare.steps[0].frequency < common.steps[0].frequency);
        for why in [&common, &rare] {
            let sum = why.start + why.steps.iter().map(|step| step.adds).sum::<f32>();
            assert!((sum - why.weight).abs() < 1e-3, "{sum} {}", why.weight);
        }
        let sum = |why: &Why| why.prior + why.steps.iter().map(|step| step.chance).sum::<f32>();
        // Against chance alone the steps add up to no less than the weight against all classes.
        assert!(sum(&rare) >= rare.weight - 0.01 && sum(&common) >= common.weight - 0.01);
    }
}
