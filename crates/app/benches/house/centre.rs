//! The preference centre: pages that customers open, and what they say, each recorded before it is
//! answered.

use super::reads::{clean, people};
use super::server::{DESK_KEY, Server};
use super::{Options, Table};
use anyhow::{Context, Result, bail};
use app::load::{Connection, Plan, Request, Response, at_rate, flat_out};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};

/// Customers who are there at once.
const VISITORS: usize = 200;

/// Pages a second, as promised.
const PAGES: f64 = 200.0;

/// Signals a second, as promised.
const SIGNALS: f64 = 5_000.0;

/// Measures pages at their rate, and signals as fast as they are taken.
pub(super) fn centre(
    options: &Options,
    server: &Server,
    clock: &(dyn Fn() -> f64 + Sync),
    table: &mut Table,
) -> Result<()> {
    println!("\nthe preference centre, {VISITORS} customers of {}", options.records);
    let plan = |connections| Plan { address: server.address, connections, clock_ms: clock };
    let people = people(options, plan(16))?;
    let mut connection = Connection::new(server.address);
    let mut sessions = Vec::with_capacity(VISITORS);
    for person in people.iter().take(VISITORS) {
        let asked = desk(Request::post(format!("/api/subjects/{person}/links"), "{}"));
        let answer: Response = connection.send(&asked)?;
        let link: Value = serde_json::from_slice(&answer.body)?;
        let link = link.get("path").and_then(Value::as_str).and_then(|path| path.split_once('='));
        let (_, link) = link.with_context(|| format!("no link: {}", answer.text()))?;
        sessions.push(session(server.address, link)?);
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of seconds")]
    let count = PAGES * options.seconds as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
    let count = count as u64;
    for (name, path) in [("contract", "/me"), ("data", "/me/data"), ("uses", "/me/uses")] {
        let request = |nth: u64| {
            let place = usize::try_from(nth).unwrap_or_default() % sessions.len().max(1);
            let cookie = sessions.get(place).cloned().unwrap_or_default();
            (Request::get(path).header("Cookie", cookie), ())
        };
        let tally = clean(at_rate(plan(16), PAGES, count, &request, &|(), _| {})?)?;
        table.figure(&format!("page of {name}, p50 at 200/s"), tally.wait_ms(0.5), "ms");
        table.at_most("  p99", tally.wait_ms(0.99), 50.0, "ms");
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of seconds")]
    let end = clock() + options.seconds as f64 * 1e3;
    let taken = AtomicU64::new(0);
    let next = || {
        let nth = taken.fetch_add(1, Ordering::Relaxed);
        let place = usize::try_from(nth).unwrap_or_default() % people.len().max(1);
        let person = people.get(place).map_or("", String::as_str);
        let allowed = (nth / people.len().max(1) as u64).is_multiple_of(2);
        let body = format!("{{\"grant\":\"marketing\",\"allowed\":{allowed},\"signed_in\":true}}");
        let request = Request::post(format!("/api/contracts/{person}/signals"), body);
        (clock() < end).then(|| (desk(request), ()))
    };
    let tally = clean(flat_out(plan(64), &next, &|(), _: &Response| {})?)?;
    table.at_least("signals recorded, 64 connections", tally.per_second(), SIGNALS, "/s");
    table.figure("  their p50", tally.wait_ms(0.5), "ms");
    table.figure("  their p99", tally.wait_ms(0.99), "ms");
    Ok(())
}

fn desk(request: Request) -> Request {
    request.header("Authorization", format!("Bearer {DESK_KEY}"))
}

/// Spends a link; gives the cookie of the session.
fn session(address: SocketAddr, link: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let body = format!("link={link}");
    write!(
        stream,
        "POST /me/in HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let mut lines = answer.lines().filter_map(|line| line.split_once(": "));
    let cookie = lines.find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    match cookie.and_then(|(_, value)| value.split(';').next()) {
        Some(cookie) => Ok(cookie.to_owned()),
        None => bail!("no session: {}", answer.lines().next().unwrap_or_default()),
    }
}
