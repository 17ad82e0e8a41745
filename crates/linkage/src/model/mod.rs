//! The probability that two records are one person: Fellegi–Sunter over levels with latent classes,
//! learned without labels.
//!
//! Classes: *match*; *neighbour*, another person of the same home or contact point; *namesake*; *other*;
//! *chance*. Two classes call members of a household one person, whose records agree on everything but
//! the given name and the birth date; and people of one name, whom blocks of names bring together.

mod em;
mod file;
mod frequency;
mod priors;

pub use em::{Training, train};
pub use file::{COUNT_MIN, FileError, SHIPPED, VERSION, hash};
pub use frequency::Frequencies;

use crate::compare::{COMPARISONS, Comparison, LEVELS_MAX, Pattern};
use crate::record::{NONE, Pool, Row, ValueId};

/// The latent classes of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// One person.
    Match,
    /// Another person of the same home or contact point.
    Neighbour,
    /// Another person, who came near by what blocks are made of.
    Other,
    /// Another person, as chance brings any two records together. Its levels are those of random
    /// pairs and its share is the number of all pairs: what is likely by chance among so many records
    /// is no evidence, and that is how precision does not sink as data grows.
    Chance,
    /// Another person of the same name. More pairs agree on a whole name than chance would have it for
    /// given and family names apart, and blocks are made of names; whatever else they agree on is chance.
    Namesake,
}

/// How many classes there are.
pub const CLASSES: usize = 5;

/// Probabilities of levels, by class and comparison.
pub type Levels = [[[f64; LEVELS_MAX]; COMPARISONS]; CLASSES];

/// What was learned.
#[derive(Clone, Debug)]
pub struct Model {
    /// The share of each class among candidate pairs; of *chance*, all pairs to candidate pairs.
    pub shares: [f64; CLASSES],
    /// The probability of each level, given class and that the comparison was possible.
    pub levels: Levels,
    /// The mean logarithm of the frequency of values on which pairs of the class agree.
    pub centres: [f64; COMPARISONS],
    /// How often values are.
    pub frequencies: Frequencies,
}

/// Records of one person that differ in birth date or given name, at most. Learned matches that differ
/// more often are no matches.
const DIFFERENT_MAX: f64 = 0.4;

impl Model {
    /// Whether what was taken for matches are mostly people of one name: it would join strangers.
    pub fn mistakes_namesakes(&self) -> bool {
        let [matched, ..] = &self.levels;
        let different = |comparison: Comparison| {
            let row = matched.get(comparison as usize).and_then(|row| row.first());
            row.copied().unwrap_or(0.0)
        };
        different(Comparison::Birth).max(different(Comparison::Given)) > DIFFERENT_MAX
    }
}

/// What is known of one pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Natural logarithm of the odds that they are one person.
    pub weight: f32,
    /// The same without the prior odds: what the values say by themselves. About 0 where they say
    /// nothing, below where they contradict each other.
    pub evidence: f32,
    /// The probability that they are of one home or contact point, but two people.
    pub neighbour: f32,
}

impl Score {
    /// The probability that they are one person.
    pub fn probability(self) -> f32 {
        1.0 / (1.0 + (-self.weight).exp())
    }
}

/// A model made ready to score: logarithms instead of probabilities.
#[derive(Clone, Debug)]
pub struct Scorer {
    /// By comparison, level and class: what is added up stands together.
    weights: [[[f32; CLASSES]; LEVELS_MAX + 2]; COMPARISONS],
    shares: [f32; CLASSES],
    centres: [f32; COMPARISONS],
}

impl Scorer {
    /// Prepares a model.
    pub fn new(model: &Model) -> Self {
        let mut weights = [[[0.0; CLASSES]; LEVELS_MAX + 2]; COMPARISONS];
        for (class, probabilities) in model.levels.iter().enumerate() {
            for (row, levels) in weights.iter_mut().zip(probabilities) {
                for (of_classes, probability) in row.iter_mut().skip(1).zip(levels) {
                    if let Some(weight) = of_classes.get_mut(class) {
                        *weight = ln(*probability);
                    }
                }
            }
        }
        Self { weights, shares: model.shares.map(ln), centres: model.centres.map(single) }
    }

    /// The probability of class *other*, by levels alone.
    pub(crate) fn other_share(&self, pattern: Pattern) -> f32 {
        let [matched, neighbour, other, chance, namesake] = self.sums(pattern);
        let above = [matched, neighbour, chance, namesake].map(|sum| (sum - other).exp());
        1.0 / (1.0 + above.iter().sum::<f32>())
    }

    /// What the frequency of a value on which a pair agrees adds to each class but *match*.
    pub(crate) fn surprise(
        &self,
        comparison: Comparison,
        pattern: Pattern,
        frequency: f32,
        damping: f32,
    ) -> Surprise {
        let centre = self.centres.get(comparison as usize).copied().unwrap_or(0.0);
        let other = ((frequency - centre) * damping).clamp(-8.0, 8.0);
        let chance = (frequency - self.chance(comparison, pattern)) * damping;
        // Who shares a home shares its values, rare or not.
        let neighbour = if is_personal(comparison) { other } else { 0.0 };
        // Namesakes agree on names as matches do, common or rare: names go together.
        let namesake = if is_of_name(comparison) { 0.0 } else { chance };
        Surprise { other, chance, neighbour, namesake }
    }

    /// Logarithms of how much likelier a level is for a match than by chance, and than for neighbours.
    pub(crate) fn ratios(&self, comparison: Comparison, pattern: Pattern) -> (f32, f32) {
        let [matched, neighbour, _, chance, _] = self.weights(comparison, pattern);
        (matched - chance, matched - neighbour)
    }

    /// Logarithm of the odds of a match against chance before anything is compared.
    pub(crate) fn prior(&self) -> f32 {
        let [matched, _, _, chance, _] = self.shares;
        matched - chance
    }

    /// What random pairs say of the level, which the frequency of the value says better.
    fn chance(&self, comparison: Comparison, pattern: Pattern) -> f32 {
        let [_, _, _, chance, _] = self.weights(comparison, pattern);
        chance
    }

    #[inline]
    fn weights(&self, comparison: Comparison, pattern: Pattern) -> [f32; CLASSES] {
        let row = self.weights.get(comparison as usize);
        row.and_then(|row| row.get(pattern.bits(comparison as usize))).copied().unwrap_or_default()
    }

    fn sums(&self, pattern: Pattern) -> [f32; CLASSES] {
        let mut sums = [0.0; CLASSES];
        let mut rest = pattern.0;
        // Three bits a comparison; those that are missing are passed over.
        while rest != 0 {
            let number = rest.trailing_zeros() as usize / 3;
            let row = self.weights.get(number).and_then(|row| row.get(pattern.bits(number)));
            for (sum, weight) in sums.iter_mut().zip(row.copied().unwrap_or_default()) {
                *sum += weight;
            }
            rest &= !(7 << (number * 3));
        }
        for (sum, share) in sums.iter_mut().zip(self.shares) {
            *sum += share;
        }
        sums
    }

    /// The score of a pair of rows whose pattern is known.
    pub fn score(&self, pool: &Pool, a: &Row, b: &Row, pattern: Pattern) -> Score {
        self.score_of(self.likelihoods(pool, a, b, pattern))
    }

    /// The weight of a pair if it is at least `floor`. Most candidates are far below, which shows before
    /// logarithms are taken.
    pub(crate) fn weight_from(
        &self,
        floor: f32,
        pool: &Pool,
        a: &Row,
        b: &Row,
        pattern: Pattern,
    ) -> Option<f32> {
        let likelihoods = self.likelihoods(pool, a, b, pattern);
        let [matched, rivals @ ..] = likelihoods;
        if matched - rivals.into_iter().fold(f32::MIN, f32::max) < floor {
            return None;
        }
        Some(self.score_of(likelihoods).weight).filter(|weight| *weight >= floor)
    }

    /// The logarithm of the likelihood of each class, its share included.
    fn likelihoods(&self, pool: &Pool, a: &Row, b: &Row, pattern: Pattern) -> [f32; CLASSES] {
        let [matched, mut neighbour, mut other, mut chance, mut namesake] = self.sums(pattern);
        each_frequency(pool, a, b, pattern, |comparison, frequency, damping| {
            let surprise = self.surprise(comparison, pattern, frequency, damping);
            other += surprise.other;
            chance += surprise.chance;
            neighbour += surprise.neighbour;
            namesake += surprise.namesake;
        });
        [matched, neighbour, other, chance, namesake]
    }

    fn score_of(&self, likelihoods: [f32; CLASSES]) -> Score {
        let [matched, rivals @ ..] = likelihoods;
        let [neighbour, ..] = rivals;
        let top = rivals.into_iter().fold(f32::MIN, f32::max);
        let all = rivals.map(|sum| (sum - top).exp());
        let against = top + all.iter().sum::<f32>().ln();
        let weight = matched - against;
        let mut bare = likelihoods.into_iter().zip(self.shares).map(|(sum, share)| sum - share);
        let evidence = bare.next().unwrap_or(0.0) - bare.fold(f32::MIN, f32::max);
        let not = 1.0 / (1.0 + weight.exp());
        Score { weight, evidence, neighbour: not * (neighbour - against).exp() }
    }
}

/// What a frequency adds to the classes.
pub(crate) struct Surprise {
    pub(crate) other: f32,
    pub(crate) chance: f32,
    pub(crate) neighbour: f32,
    pub(crate) namesake: f32,
}

#[expect(clippy::cast_possible_truncation, reason = "weights are compared to three digits")]
const fn single(value: f64) -> f32 {
    value as f32
}

fn ln(probability: f64) -> f32 {
    single(probability.max(1e-9).ln())
}

/// Whether members of one home agree on it by chance only.
const fn is_personal(comparison: Comparison) -> bool {
    matches!(
        comparison,
        Comparison::Given
            | Comparison::Middle
            | Comparison::Birth
            | Comparison::Government
            | Comparison::Sex
            | Comparison::Suffix
    )
}

/// Whether people of one name agree on it because their names do.
const fn is_of_name(comparison: Comparison) -> bool {
    matches!(
        comparison,
        Comparison::Given | Comparison::Family | Comparison::Sex | Comparison::EmailName
    )
}

/// Calls `visit` with each comparison whose agreement is on a value, the logarithm of the value's
/// frequency, and how much of it counts: all where values are equal, half where they are alike.
pub(crate) fn each_frequency(
    pool: &Pool,
    a: &Row,
    b: &Row,
    pattern: Pattern,
    mut visit: impl FnMut(Comparison, f32, f32),
) {
    let of = |id: ValueId| pool.value(id).frequency;
    let mut ask = |comparison: Comparison, x: ValueId, y: ValueId, least: usize| {
        if let Some(level) = pattern.level(comparison).filter(|level| *level >= least) {
            let exact = level + 1 == comparison.levels().len();
            let frequency = if exact && x == y { of(x) } else { of(x).max(of(y)) };
            visit(comparison, frequency, if exact { 1.0 } else { 0.5 });
        }
    };
    ask(Comparison::Given, a.given, b.given, 4);
    ask(Comparison::Family, a.family, b.family, 3);
    ask(Comparison::Birth, a.birth, b.birth, 5);
    ask(Comparison::Street, a.street, b.street, 4);
    ask(Comparison::Suburb, a.suburb, b.suburb, 2);
    ask(Comparison::City, a.city, b.city, 2);
    ask(Comparison::Postcode, a.postcode, b.postcode, 3);
    ask(Comparison::Government, a.government, b.government, 3);
    for (comparison, (x, y)) in OTHERS.iter().zip(a.others.iter().zip(&b.others)) {
        ask(*comparison, *x, *y, 3);
    }
    // Of several shared values the rarest counts, whichever row it is asked from.
    let rarest = |x: &[ValueId], y: &[ValueId], name: fn(&Pool, ValueId) -> ValueId| {
        let shared = x.iter().filter(|id| **id != NONE).map(|id| name(pool, *id));
        shared
            .filter(|x| y.iter().any(|y| *y != NONE && name(pool, *y) == *x))
            .map(of)
            .reduce(f32::min)
    };
    let itself = |_: &Pool, id: ValueId| id;
    let shared = match pattern.level(Comparison::Email) {
        Some(4) => rarest(&a.emails, &b.emails, itself),
        Some(2) => rarest(&a.emails, &b.emails, |pool, id| pool.value(id).alias),
        _ => None,
    };
    if let Some(shared) = shared {
        visit(Comparison::Email, shared, 1.0);
    }
    if pattern.reaches(Comparison::Phone, 2)
        && let Some(shared) = rarest(&a.phones, &b.phones, itself)
    {
        visit(Comparison::Phone, shared, 1.0);
    }
    if pattern.reaches(Comparison::Middle, 1) {
        let taken = [a.given, a.family, b.given, b.family];
        let spare = |id: &&ValueId| **id != NONE && !taken.contains(*id) && b.tokens.contains(*id);
        if let Some(rarest) = a.tokens.iter().filter(spare).map(|id| of(*id)).reduce(f32::min) {
            visit(Comparison::Middle, rarest, 1.0);
        }
    }
}

const OTHERS: [Comparison; 4] =
    [Comparison::Other0, Comparison::Other1, Comparison::Other2, Comparison::Other3];
