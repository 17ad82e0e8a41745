//! The laws of the house, in one test binary so that they link once.
#![cfg(test)]

mod rooms_stay_apart;
mod tidy;

mod permits;
mod routes;

mod backup;
mod canaries;
mod centre;
mod debug;
mod erasure;
mod erasure_crash;
mod erasure_tables;
mod households;
mod likeness;
mod likeness_served;
mod likeness_sets;
mod link;
mod links;
mod non_interference;
mod order;
mod packs;
mod recalls;
mod record_or_refuse;
mod suppressed;
mod uses;
mod ways_in;
mod withdrawal;
mod words;

mod crash;
mod disk;
mod postgres;
mod sdks;
