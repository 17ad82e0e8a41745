//! What it all came to, for people and as JSON for programs.

use super::judge::Linkage;
use super::play::Played;
use super::tell::{Voice, counted, sized};
use crate::load::Tally;
use serde::Serialize;
use std::fs;
use std::path::Path;

/// Everything that was counted and measured.
#[derive(Debug, Serialize)]
pub(super) struct Totals {
    pub(super) seed: u64,
    pub(super) customers: usize,
    pub(super) machine: Machine,
    pub(super) events: Events,
    pub(super) import: Import,
    pub(super) reads: Speed,
    pub(super) house: HouseTotals,
    /// Who is who by shared identifiers alone, before the house had learned.
    pub(super) by_identifiers: Linkage,
    /// Nothing when there was too little to learn from.
    pub(super) learning: Option<Learning>,
    /// Who is who in the end.
    pub(super) linkage: Linkage,
    /// Who lives with whom in the end: `records` are people, and `people` are homes.
    pub(super) households: Linkage,
}

/// What the house learned from, and how long that took, with deciding everything again.
#[derive(Debug, Serialize)]
pub(super) struct Learning {
    pub(super) records: u64,
    pub(super) seconds: f64,
}

/// Where it ran.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    cores: usize,
    processor: String,
    memory_bytes: u64,
}

/// What became of the events, and how fast.
#[derive(Debug, Serialize)]
pub(super) struct Events {
    sent: u64,
    accepted: u64,
    duplicate: u64,
    declined: u64,
    quarantined: u64,
    per_second: f64,
    acknowledgement: Speed,
}

/// Requests and their waits.
#[derive(Debug, Serialize)]
pub(super) struct Speed {
    requests: u64,
    put_off: u64,
    seconds: f64,
    per_second: f64,
    wait_ms_p50: f64,
    wait_ms_p99: f64,
    wait_ms_max: f64,
}

/// What became of the file's rows.
#[derive(Debug, Serialize)]
pub(super) struct Import {
    pub(super) rows: u64,
    pub(super) accepted: u64,
    pub(super) quarantined: u64,
    pub(super) seconds: f64,
}

/// What the house holds.
#[derive(Debug, Serialize)]
pub(super) struct HouseTotals {
    pub(super) records: u64,
    pub(super) people: u64,
    /// Records that were put together with another.
    pub(super) merges: u64,
    pub(super) ledger_entries: u64,
    pub(super) disk_bytes: u64,
    /// Resident memory of this process, which is server, generator and client in one.
    pub(super) memory_bytes: u64,
    pub(super) memory_bytes_peak: u64,
    /// What the doctor found wrong.
    pub(super) findings: usize,
}

impl Machine {
    pub(super) fn here() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        let processor = name.map_or("unknown", |(_, name)| name.trim()).to_owned();
        Self { cores, processor, memory_bytes: kibibytes("/proc/meminfo", "MemTotal:") << 10 }
    }
}

impl Events {
    pub(super) fn of(played: &Played) -> Self {
        let Played { sent, accepted, duplicate, declined, quarantined, tally } = played;
        #[expect(clippy::cast_precision_loss, reason = "far fewer events than 2^53")]
        let per_second = *sent as f64 * 1e3 / tally.took_ms.max(1.0);
        Self {
            sent: *sent,
            accepted: *accepted,
            duplicate: *duplicate,
            declined: *declined,
            quarantined: *quarantined,
            per_second,
            acknowledgement: Speed::of(tally),
        }
    }

    pub(super) fn say(&self, voice: Voice) {
        let Speed { seconds, wait_ms_p50, wait_ms_p99, .. } = self.acknowledgement;
        voice.figure(
            "events",
            &format!(
                "{} in {seconds:.1} s: {:.0}/s; acknowledged p50 {wait_ms_p50:.1} ms, \
                 p99 {wait_ms_p99:.1} ms",
                counted(self.sent),
                self.per_second
            ),
        );
        voice.figure(
            "",
            &format!(
                "{} accepted, {} sent twice, {} declined for want of consent, {} in quarantine",
                counted(self.accepted),
                counted(self.duplicate),
                counted(self.declined),
                counted(self.quarantined)
            ),
        );
    }
}

impl Speed {
    pub(super) fn of(tally: &Tally) -> Self {
        Self {
            requests: tally.answered,
            put_off: tally.put_off,
            seconds: tally.took_ms / 1e3,
            per_second: tally.per_second(),
            wait_ms_p50: tally.wait_ms(0.5),
            wait_ms_p99: tally.wait_ms(0.99),
            wait_ms_max: tally.wait_ms(1.0),
        }
    }
}

impl Totals {
    pub(super) fn say(&self, voice: Voice) {
        voice.headline("What it came to");
        let Machine { cores, processor, memory_bytes } = &self.machine;
        voice.figure("machine", &format!("{cores} cores, {processor}, {}", sized(*memory_bytes)));
        self.events.say(voice);
        self.import.say(voice);
        let Speed { per_second, wait_ms_p50, wait_ms_p99, .. } = self.reads;
        voice.figure(
            "permitted reads",
            &format!("{per_second:.0}/s; p50 {wait_ms_p50:.2} ms, p99 {wait_ms_p99:.2} ms"),
        );
        self.house.say(voice);
        self.by_identifiers.say("linkage, by identifiers", voice);
        if let Some(learning) = &self.learning {
            learning.say(voice);
        }
        self.linkage.say("linkage, with likeness", voice);
        self.households.say_homes(voice);
    }
}

impl Linkage {
    fn say(&self, what: &str, voice: Voice) {
        let Self { precision, recall, f1, people_true, people_found, .. } = *self;
        voice.figure(
            what,
            &format!("by pairs: precision {precision:.4}, recall {recall:.4}, F1 {f1:.4}"),
        );
        voice.figure(
            "",
            &format!("{} people found, {} in truth", counted(people_found), counted(people_true)),
        );
    }
}

impl Linkage {
    fn say_homes(&self, voice: Voice) {
        let Self { records, precision, recall, f1, people_true, people_found, .. } = *self;
        voice.figure(
            "households",
            &format!("by pairs: precision {precision:.4}, recall {recall:.4}, F1 {f1:.4}"),
        );
        voice.figure(
            "",
            &format!(
                "{} people in {} homes found, {} in truth",
                counted(records),
                counted(people_found),
                counted(people_true)
            ),
        );
    }
}

impl Learning {
    pub(super) fn say(&self, voice: Voice) {
        let Self { records, seconds } = self;
        voice.figure(
            "learned who is alike",
            &format!("from {} records, and decided again, in {seconds:.1} s", counted(*records)),
        );
    }
}

impl Import {
    pub(super) fn say(&self, voice: Voice) {
        voice.figure(
            "file",
            &format!(
                "{} rows in {:.1} s: {} accepted, {} in quarantine",
                counted(self.rows),
                self.seconds,
                counted(self.accepted),
                counted(self.quarantined)
            ),
        );
    }
}

impl HouseTotals {
    fn say(&self, voice: Voice) {
        voice.figure(
            "records, people",
            &format!(
                "{} records are {} people: {} joined another",
                counted(self.records),
                counted(self.people),
                counted(self.merges)
            ),
        );
        voice.figure("ledger", &format!("{} entries", counted(self.ledger_entries)));
        voice.figure("disk", &sized(self.disk_bytes));
        let (now, peak) = (sized(self.memory_bytes), sized(self.memory_bytes_peak));
        voice.figure("memory", &format!("{now}, at most {peak}, generator and client included"));
        let findings = match self.findings {
            0 => "every invariant holds".to_owned(),
            findings => format!("{findings} invariants do not hold"),
        };
        voice.figure("doctor", &findings);
    }
}

/// Resident memory of this process now and at most, in bytes; 0 where `/proc` does not say.
pub(super) fn memory_bytes() -> (u64, u64) {
    let of = |name| kibibytes("/proc/self/status", name) << 10;
    (of("VmRSS:"), of("VmHWM:"))
}

fn kibibytes(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.unwrap_or_default()
}

/// Bytes of the files below a directory; files that go while we look count nothing.
pub(super) fn bytes_below(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_below(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}
