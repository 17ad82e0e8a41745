//! Permitted reads of single people over HTTP, each with its use recorded before anything is opened.

use super::server::{READ_KEY, Server};
use super::traffic::Dice;
use super::{Options, Table};
use anyhow::{Context, Result, bail};
use app::load::{Plan, Request, Response, Tally, at_rate, flat_out};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// People that are read, drawn from all.
const PEOPLE: u64 = 20_000;

/// How wide throughput is tried: with more at once more share a commit, and each waits longer.
const CONNECTIONS: [usize; 4] = [8, 16, 32, 64];

const PER_SECOND: f64 = 10_000.0;

/// Measures reads at several widths, and their wait at half the promised rate.
pub(super) fn reads(
    options: &Options,
    server: &Server,
    clock: &(dyn Fn() -> f64 + Sync),
    table: &mut Table,
) -> Result<()> {
    println!("\npermitted reads of one person, {PEOPLE} people of {}", options.records);
    let plan = |connections| Plan { address: server.address, connections, clock_ms: clock };
    let people = people(options, plan(16))?;
    let request = |nth: u64| {
        let place = usize::try_from(nth).unwrap_or_default() % people.len().max(1);
        let person = people.get(place).map_or("", String::as_str);
        named(Request::get(format!("/api/people/{person}")))
    };
    let mut best: Option<(usize, Tally)> = None;
    for connections in CONNECTIONS {
        #[expect(clippy::cast_precision_loss, reason = "a number of seconds")]
        let end = clock() + options.seconds as f64 * 1e3 / 2.0;
        let taken = AtomicU64::new(0);
        let next = || (clock() < end).then(|| (request(taken.fetch_add(1, Ordering::Relaxed)), ()));
        let tally = clean(flat_out(plan(connections), &next, &|(), _: &Response| {})?)?;
        let what = format!("permitted reads, {connections} connections");
        table.figure(&what, tally.per_second(), "/s");
        table.figure("  their p50", tally.wait_ms(0.5), "ms");
        table.figure("  their p99", tally.wait_ms(0.99), "ms");
        if best.as_ref().is_none_or(|(_, known)| known.per_second() < tally.per_second()) {
            best = Some((connections, tally));
        }
    }
    let (connections, tally) = best.context("no widths")?;
    let what = format!("permitted reads, the best width ({connections})");
    table.at_least(&what, tally.per_second(), PER_SECOND, "/s");
    table.at_most("  p50 there", tally.wait_ms(0.5), 1.0, "ms");
    #[expect(clippy::cast_precision_loss, reason = "a number of seconds")]
    let count = PER_SECOND / 2.0 * options.seconds as f64 / 2.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
    let count = count as u64;
    let calm = at_rate(plan(32), PER_SECOND / 2.0, count, &|nth| (request(nth), ()), &|(), _| {})?;
    let calm = clean(calm)?;
    table.figure("permitted reads p50 at 5,000/s", calm.wait_ms(0.5), "ms");
    table.figure("permitted reads p99 at 5,000/s", calm.wait_ms(0.99), "ms");
    super::intake::disk(server, clock, table)?;
    Ok(())
}

/// Looks people up by their account, as a shop's own system would.
pub(super) fn people(options: &Options, plan: Plan<'_>) -> Result<Vec<String>> {
    let (people, taken) = (Mutex::new(Vec::new()), AtomicU64::new(0));
    let next = || {
        let nth = taken.fetch_add(1, Ordering::Relaxed);
        let who = Dice(nth).below(options.records);
        let body = json!({ "type": "user_id", "value": format!("u{who}") }).to_string();
        (nth < PEOPLE).then(|| (named(Request::post("/api/people/lookup", body)), ()))
    };
    let heard = |(), answer: &Response| {
        let profile: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if let Some(person) = profile.get("person").and_then(Value::as_str) {
            people.lock().unwrap_or_else(PoisonError::into_inner).push(person.to_owned());
        }
    };
    clean(flat_out(plan, &next, &heard)?)?;
    let people = people.into_inner().unwrap_or_else(PoisonError::into_inner);
    if people.is_empty() {
        bail!("nobody was found");
    }
    Ok(people)
}

fn named(request: Request) -> Request {
    request
        .header("Authorization", format!("Bearer {READ_KEY}"))
        .header("Bonafide-Purpose", "service_provision")
}

pub(super) fn clean(tally: Tally) -> Result<Tally> {
    match &tally.first_failure {
        None => Ok(tally),
        Some(failure) => bail!("{} reads failed; the first: {failure}", tally.failed),
    }
}
