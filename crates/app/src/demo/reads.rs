//! How fast the house answers about single people.

use super::brand::key;
use crate::load::{Plan, Request, Response, Tally, flat_out};
use anyhow::{Result, bail};
use model::PersonId;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many profiles are read.
const READS: usize = 10_000;

/// Reads profiles of people from all over, each through the gate and into the person's use log.
///
/// # Errors
///
/// When a read is answered with an error.
pub(super) fn read(people: &[PersonId], plan: Plan<'_>) -> Result<Tally> {
    let taken = AtomicUsize::new(0);
    let step = (people.len() / READS).max(1);
    let next = || {
        let nth = taken.fetch_add(1, Ordering::Relaxed);
        let person = people.get(nth * step % people.len().max(1)).filter(|_| nth < READS)?;
        let request = Request::get(format!("/api/people/{person}"))
            .header("Authorization", format!("Bearer {}", key::CONCIERGE))
            .header("Bonafide-Purpose", "service_provision");
        Some((request, ()))
    };
    let tally = flat_out(plan, &next, &|(), _: &Response| {})?;
    match &tally.first_failure {
        None => Ok(tally),
        Some(failure) => bail!("{} reads failed; the first: {failure}", tally.failed),
    }
}
