//! What the engine is told. One setting serves all data; nothing in it needs tuning to a file.

use crate::model::Training;

/// Settings of the engine. Weights are natural logarithms of odds.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How training goes.
    pub training: Training,
    /// Groups are joined while the mean weight between them is at least this.
    pub cut: f32,
    /// Pairs below this weight do not hold a component together.
    pub floor: f32,
    /// What a pair weighs within a component that says nothing of itself.
    pub silent: f32,
    /// What a pair that was never compared weighs.
    pub absent: f32,
    /// Weights beyond this say no more than this, on either side.
    pub clip: f32,
    /// In components of up to this many records all pairs are compared.
    pub complete_max: usize,
    /// Pairs that are looked at in training, at most.
    pub sample_max: u64,
    /// Threads; 0 for as many as the machine has.
    pub threads: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            training: Training::default(),
            cut: 0.0,
            floor: -1.0,
            silent: 0.2,
            absent: -3.0,
            clip: 8.0,
            complete_max: 300,
            sample_max: 600_000,
            threads: 0,
        }
    }
}
