//! What is believed before data speaks: where training starts, and what it is held to when data is
//! scarce. Figures are rounded experience with registers and customer files.

use super::{CLASSES, Levels};
use crate::compare::{COMPARISONS, Comparison, LEVELS_MAX};

/// Levels by class: match, neighbour, other.
pub(super) fn levels() -> Levels {
    let mut all = [[[0.0; LEVELS_MAX]; COMPARISONS]; CLASSES];
    for comparison in Comparison::ALL {
        let of_classes: [&[f64]; 3] = match comparison {
            Comparison::Given => [
                &[0.02, 0.02, 0.03, 0.01, 0.17, 0.75],
                &[0.82, 0.10, 0.02, 0.01, 0.02, 0.03],
                &[0.80, 0.10, 0.02, 0.01, 0.03, 0.04],
            ],
            Comparison::Family => [
                &[0.04, 0.02, 0.02, 0.12, 0.80],
                &[0.12, 0.02, 0.01, 0.10, 0.75],
                &[0.82, 0.06, 0.01, 0.03, 0.08],
            ],
            Comparison::Middle => {
                [&[0.08, 0.12, 0.60, 0.20], &[0.90, 0.06, 0.03, 0.01], &[0.88, 0.09, 0.02, 0.01]]
            }
            Comparison::Suffix => [&[0.02, 0.98], &[0.60, 0.40], &[0.50, 0.50]],
            Comparison::Sex => [&[0.02, 0.98], &[0.55, 0.45], &[0.50, 0.50]],
            Comparison::Birth => [
                &[0.02, 0.01, 0.01, 0.04, 0.12, 0.80],
                &[0.80, 0.06, 0.05, 0.05, 0.01, 0.03],
                &[0.80, 0.05, 0.05, 0.06, 0.02, 0.02],
            ],
            Comparison::Street => [
                &[0.17, 0.03, 0.05, 0.05, 0.15, 0.55],
                &[0.12, 0.03, 0.05, 0.05, 0.15, 0.60],
                &[0.70, 0.15, 0.10, 0.02, 0.01, 0.02],
            ],
            Comparison::Unit => [&[0.15, 0.10, 0.75], &[0.15, 0.10, 0.75], &[0.94, 0.03, 0.03]],
            Comparison::Suburb | Comparison::City => {
                [&[0.17, 0.02, 0.08, 0.73], &[0.15, 0.02, 0.08, 0.75], &[0.80, 0.05, 0.02, 0.13]]
            }
            Comparison::State => [&[0.08, 0.92], &[0.06, 0.94], &[0.75, 0.25]],
            Comparison::Postcode => {
                [&[0.15, 0.05, 0.08, 0.72], &[0.14, 0.05, 0.08, 0.73], &[0.78, 0.10, 0.02, 0.10]]
            }
            Comparison::Email => [
                &[0.25, 0.05, 0.05, 0.10, 0.55],
                &[0.70, 0.06, 0.01, 0.02, 0.21],
                &[0.96, 0.02, 0.005, 0.005, 0.01],
            ],
            Comparison::Phone => [&[0.30, 0.06, 0.64], &[0.60, 0.03, 0.37], &[0.98, 0.01, 0.01]],
            Comparison::Government => [
                &[0.03, 0.02, 0.10, 0.85],
                &[0.985, 0.01, 0.003, 0.002],
                &[0.985, 0.01, 0.003, 0.002],
            ],
            Comparison::EmailName => {
                [&[0.40, 0.15, 0.45], &[0.88, 0.09, 0.03], &[0.97, 0.02, 0.01]]
            }
            Comparison::Other0 | Comparison::Other1 | Comparison::Other2 | Comparison::Other3 => {
                [&[0.25, 0.07, 0.05, 0.63], &[0.70, 0.05, 0.02, 0.23], &[0.80, 0.05, 0.02, 0.13]]
            }
        };
        let [.., other] = of_classes;
        for (rows, levels) in all.iter_mut().zip(of_classes.into_iter().chain([other, other])) {
            if let Some(row) = rows.get_mut(*comparison as usize) {
                row.iter_mut().zip(levels).for_each(|(place, level)| *place = *level);
            }
        }
    }
    all
}
