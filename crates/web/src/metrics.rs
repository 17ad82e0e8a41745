//! Prometheus text (exposition format 0.0.4): counts and durations, never a person.

use crate::answer::Answer;
use crate::edge::Server;
use crate::me::PAGES;
use crate::table::ROUTES;
use crate::traffic::{BOUNDS_MS, OUTCOMES, RouteCounts, STATUSES};
use std::fmt::{Display, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const MEDIA: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Text under way. Writing to a `String` cannot fail, which is said once, here.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl Display) {
        self.line(format_args!("{name}{labels} {value}"));
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, "", value);
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        let written = writeln!(self.0, "{line}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    }
}

pub(crate) fn metrics(server: &Server) -> Answer {
    let mut text = Exposition::default();
    process(server, &mut text);
    intake(server, &mut text);
    gate(server, &mut text);
    requests(server, &mut text);
    Answer::text(MEDIA, text.0)
}

fn process(server: &Server, text: &mut Exposition) {
    text.family("bonafide_build_info", "gauge", "The version that runs.");
    let labels = format!("{{version=\"{}\"}}", server.edge.version);
    text.sample("bonafide_build_info", &labels, 1);
    let (help, started) = ("When the edge started, Unix time.", server.started.0.div_euclid(1_000));
    text.one("process_start_time_seconds", "gauge", help, started);
    let healthy = u8::from(server.edge.gate.ledger().alive().is_ok());
    text.one("bonafide_healthy", "gauge", "Whether a write would be accepted.", healthy);
}

fn intake(server: &Server, text: &mut Exposition) {
    let counters = server.edge.intake.counters();
    let name = "bonafide_intake_events_total";
    text.family(name, "counter", "Events by what became of them.");
    for (status, count) in [
        ("accepted", &counters.accepted),
        ("duplicate", &counters.duplicate),
        ("declined", &counters.declined),
        ("suppressed", &counters.suppressed),
        ("quarantined", &counters.quarantined),
    ] {
        text.sample(name, &format!("{{status=\"{status}\"}}"), count.load(Relaxed));
    }
    for (name, help, count) in [
        ("overloaded", "Requests turned away because the queue was full.", &counters.overloaded),
        ("commits", "Batches committed.", &counters.commits),
        ("records_new", "Records nobody had heard of before.", &counters.records_new),
        ("failures", "Batches that could not be committed.", &counters.failures),
    ] {
        text.one(&format!("bonafide_intake_{name}_total"), "counter", help, count.load(Relaxed));
    }
    let waiting = server.edge.intake.waiting();
    text.one("bonafide_intake_waiting_events", "gauge", "Events in the queue.", waiting);
}

fn gate(server: &Server, text: &mut Exposition) {
    let name = "bonafide_gate_asks_total";
    text.family(name, "counter", "Questions of the edge to the gate, by answer.");
    for (outcome, count) in OUTCOMES.iter().zip(&server.traffic.asks) {
        text.sample(name, &format!("{{outcome=\"{outcome}\"}}"), count.load(Relaxed));
    }
    requests_by_right(server, text);
    let size = server.edge.gate.ledger().size();
    text.one("bonafide_ledger_entries", "gauge", "Entries of the ledger on disk.", size);
    let calls = server.calls.load(Relaxed);
    text.one("bonafide_http_calls", "gauge", "Calls that run or wait for their turn.", calls);
}

/// What waits on the desk; left out while the store cannot say.
fn requests_by_right(server: &Server, text: &mut Exposition) {
    let Ok(view) = server.edge.people.view() else { return };
    let Ok(count) = server.edge.gate.queue_count(&view) else { return };
    let (open, overdue) = (count.open, count.overdue);
    text.one("bonafide_requests_open", "gauge", "Requests by right that are open.", open);
    let help = "Of these, how many should have been seen to by now.";
    text.one("bonafide_requests_overdue", "gauge", help, overdue);
}

fn requests(server: &Server, text: &mut Exposition) {
    let name = "bonafide_http_requests_total";
    text.family(name, "counter", "Requests by route and status.");
    each_route(server, |method, path, counts| {
        let mut sample = |status: &dyn Display, count: &AtomicU64| {
            let count = count.load(Relaxed);
            if count > 0 {
                let labels =
                    format!("{{method=\"{method}\",route=\"{path}\",status=\"{status}\"}}");
                text.sample(name, &labels, count);
            }
        };
        for (status, count) in STATUSES.iter().zip(&counts.by_status) {
            sample(status, count);
        }
        sample(&"other", &counts.other);
    });
    let name = "bonafide_http_request_duration_seconds";
    text.family(name, "histogram", "From the head of the request to the answer, by route.");
    each_route(server, |method, path, counts| {
        let slower = counts.slower.load(Relaxed);
        let total =
            counts.by_duration.iter().map(|count| count.load(Relaxed)).sum::<u64>() + slower;
        if total == 0 {
            return;
        }
        let labels = format!("method=\"{method}\",route=\"{path}\"");
        let mut below = 0;
        for (bound, count) in BOUNDS_MS.iter().zip(&counts.by_duration) {
            below += count.load(Relaxed);
            let labels = format!("{{{labels},le=\"{}\"}}", bound / 1e3);
            text.sample(&format!("{name}_bucket"), &labels, below);
        }
        text.sample(&format!("{name}_bucket"), &format!("{{{labels},le=\"+Inf\"}}"), total);
        let seconds = counts.total_us.load(Relaxed);
        let seconds =
            format_args!("{}.{:06}", seconds / 1_000_000, seconds % 1_000_000).to_string();
        text.sample(&format!("{name}_sum"), &format!("{{{labels}}}"), seconds);
        text.sample(&format!("{name}_count"), &format!("{{{labels}}}"), total);
    });
}

fn each_route(server: &Server, mut visit: impl FnMut(&str, &str, &RouteCounts)) {
    for (route, counts) in ROUTES.iter().zip(&server.traffic.routes) {
        visit(route.method.as_str(), route.path, counts);
    }
    let mut more = server.traffic.routes.iter().skip(ROUTES.len());
    if let Some(counts) = more.next() {
        visit("", "unmatched", counts);
    }
    for (page, counts) in PAGES.iter().zip(more) {
        visit(page.method.as_str(), page.path, counts);
    }
}
