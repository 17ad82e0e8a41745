//! The laws of the house, in one test binary so that they link once.
#![cfg(test)]

mod rooms_stay_apart;
mod tidy;
