//! The binary `bonafide`: configuration, wiring, background work, commands, demo.
//!
//! It alone reads the clock and draws random numbers, and hands both to the rooms. It decides
//! nothing about anybody's data.

pub mod chance;
pub mod config;
pub mod house;

pub mod command;
pub mod demo;
pub mod load;
