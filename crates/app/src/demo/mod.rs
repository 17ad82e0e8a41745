//! `bonafide demo`: the main job on a believable brand, from an empty directory to a year of
//! customers, one of whose stories is told. Everything goes the way it goes in earnest: events over
//! HTTP, the file through the import, reads through the gate.

pub mod world;

mod answers;
mod brand;
mod judge;
mod place;
mod play;
mod proof;
mod reads;
mod story;
mod tell;
mod totals;

use crate::chance::{SystemClock, SystemRng, monotonic};
use crate::command::{Running, import, quiet, start};
use crate::house::House;
use crate::load::Plan;
use anyhow::{Context, Result, bail};
use clap::Args;
use collect::import::{FileKind, Mapping};
use model::{Clock, Grant, PersonId, Purpose, Sensitive};
use place::Place;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tell::{Voice, counted};
use totals::{Events, HouseTotals, Import, Learning, Machine, Speed, Totals};
use world::{World, WorldSpec};

/// Where the demo listens when it may.
const FAVOURITE_ADDRESS: &str = "127.0.0.1:8080";

/// What the columns of the file are.
const MAPPING: &str = include_str!("crm.toml");

/// Words of the command.
#[derive(Debug, Args)]
pub struct Options {
    /// End when everything is shown, instead of staying up
    #[arg(long)]
    exit: bool,
    /// Write totals, rates and latencies to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Only write the brand's files with the truth beside them, and end
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// How many customers
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    customers: usize,
    /// How many events
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    events: usize,
    /// Another seed is another brand
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where to listen; port 8080 of this machine if it is free, else any
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Keep the house in this directory, which must be empty or absent
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Keep the temporary directory
    #[arg(long)]
    keep: bool,
}

/// Runs the demo.
///
/// # Errors
///
/// When a step does not go as it should: the demo is a check of the whole house as well.
pub fn run(options: &Options) -> Result<()> {
    let voice = Voice::new();
    if let Some(dir) = &options.write {
        return write_files(options, dir, voice);
    }
    let place = Place::choose(options.dir.as_deref(), options.keep)?;
    let mut config = brand::config()?;
    config.server.data_dir.clone_from(&place.data);
    let house = House::open(&config, Arc::new(SystemClock), Arc::new(SystemRng))?;
    let running = start(house, &options.address())?;
    show(options, &place, &running, voice)?;
    if !options.exit {
        stay(&running, &place, voice)?;
    }
    running.stop()?;
    place.leave(voice);
    Ok(())
}

/// Writes what the demo would play, with what is needed to import and judge it.
fn write_files(options: &Options, dir: &Path, voice: Voice) -> Result<()> {
    let written = || -> std::io::Result<()> {
        World::new(options.spec(WorldSpec::default().now_ms)).write_labelled(dir)?;
        std::fs::write(dir.join("crm.toml"), MAPPING)?;
        std::fs::write(dir.join("bonafide.toml"), brand::BRAND)
    };
    written().with_context(|| format!("{} cannot be written", dir.display()))?;
    voice.line(&format!("in {}:", dir.display()));
    for (file, what) in [
        ("events.ndjson", "every event, in the order of arrival"),
        ("crm.csv, crm.toml", "the file of the customer-relations desk, and its mapping"),
        ("truth.csv", "whose every record is"),
        ("bonafide.toml", "the brand's configuration"),
    ] {
        voice.figure(file, what);
    }
    Ok(())
}

impl Options {
    fn spec(&self, now_ms: i64) -> WorldSpec {
        let Self { seed, customers, events, .. } = *self;
        WorldSpec { seed, customers, events, now_ms, ..WorldSpec::default() }
    }

    fn address(&self) -> String {
        let favourite = || match TcpListener::bind(FAVOURITE_ADDRESS) {
            Ok(_) => FAVOURITE_ADDRESS.to_owned(),
            Err(_) => "127.0.0.1:0".to_owned(),
        };
        self.listen.clone().unwrap_or_else(favourite)
    }
}

fn show(options: &Options, place: &Place, running: &Running, voice: Voice) -> Result<()> {
    let (address, house) = (running.address, &*running.house);
    voice.headline(&format!("Hollin & Reed, on http://{address}, in {}", place.data.display()));
    let world = World::new(options.spec(SystemClock.now().0));
    voice.line(&format!(
        "  {} customers, {} events of a year, through the same doors as in earnest",
        counted(u64::try_from(options.customers).unwrap_or(u64::MAX)),
        counted(u64::try_from(options.events).unwrap_or(u64::MAX)),
    ));
    let clock = monotonic();
    let plan = Plan { address, connections: play::CONNECTIONS, clock_ms: &clock };
    let events = Events::of(&play::play(&world, plan, quiet(false))?);
    events.say(voice);
    let import = import_file(house, &world, &clock)?;
    let by_identifiers = judge::judge(&world, house)?.linkage;
    let learning = learn(house, &clock, voice)?;
    let judged = judge::judge(&world, house)?;
    let reads = Speed::of(&reads::read(&judged.people, plan)?);
    story::tell(&world.heroine(), address, voice)?;
    let totals = Totals {
        seed: options.seed,
        customers: options.customers,
        machine: Machine::here(),
        events,
        import,
        reads,
        house: examine(house)?,
        by_identifiers,
        learning,
        linkage: judged.linkage,
        households: judged.households,
    };
    totals.say(voice);
    if let Some(path) = &options.json {
        let json = serde_json::to_string_pretty(&totals)?;
        std::fs::write(path, json)
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    match totals.house.findings {
        0 => Ok(()),
        findings => bail!("{findings} invariants do not hold: the doctor lists them"),
    }
}

/// Imports the file of the customer-relations desk, as `bonafide import` does.
fn import_file(house: &House, world: &World, clock: &dyn Fn() -> f64) -> Result<Import> {
    let dir = tempfile::tempdir().context("no temporary directory")?;
    let path = dir.path().join("crm.csv");
    let mut out = BufWriter::new(File::create(&path)?);
    world.write_crm_csv(&mut out)?;
    out.flush()?;
    let mapping: Mapping = toml::from_str(MAPPING).context("the file's mapping")?;
    let begin = clock();
    let done = import(house, &path, FileKind::Csv, &mapping, false, quiet(false))?;
    let seconds = (clock() - begin) / 1e3;
    Ok(Import { rows: done.rows, accepted: done.accepted, quarantined: done.quarantined, seconds })
}

/// Lets the house learn who is alike from what it holds, as `bonafide learn` does.
fn learn(house: &House, clock: &dyn Fn() -> f64, voice: Voice) -> Result<Option<Learning>> {
    let begin = clock();
    let bar = quiet(false).spinner("records compared, to learn who is alike");
    let learned = house.people.learn(&mut |rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    let seconds = (clock() - begin) / 1e3;
    let learning = learned.map(|learned| Learning { records: learned.records, seconds });
    if let Some(learning) = &learning {
        learning.say(voice);
    }
    Ok(learning)
}

fn examine(house: &House) -> Result<HouseTotals> {
    let bar = quiet(false).spinner("rows examined");
    let report = house.people.examine(&mut |rows| bar.set_position(rows))?;
    let keys = house.vault.doctor()?;
    bar.finish_and_clear();
    let (memory_bytes, memory_bytes_peak) = totals::memory_bytes();
    Ok(HouseTotals {
        records: report.records,
        people: report.people,
        merges: report.records.saturating_sub(report.people),
        ledger_entries: house.gate.ledger().size(),
        disk_bytes: totals::bytes_below(&house.places.data),
        memory_bytes,
        memory_bytes_peak,
        findings: report.findings.len() + keys.findings.len(),
    })
}

/// Stays up, with something to try.
fn stay(running: &Running, place: &Place, voice: Voice) -> Result<()> {
    let address = running.address;
    voice.headline("Still up; Ctrl-C ends it");
    voice.figure("start page", &format!("http://{address}/"));
    voice.figure("interface", &format!("http://{address}/openapi.json"));
    voice.figure("figures", &format!("http://{address}/metrics"));
    voice.figure("ledger", &format!("http://{address}/api/ledger/checkpoint"));
    voice.figure("keys", &format!("in {}", place.config().display()));
    let try_it = [
        ("everybody who allows it", brand::key::NEWSLETTER, "marketing"),
        ("everybody, in service", brand::key::CONCIERGE, "service_provision"),
    ];
    for (name, key, purpose) in try_it {
        voice.figure(
            name,
            &format!(
                "curl -H 'Authorization: Bearer {key}' 'http://{address}/api/people?purpose={purpose}&limit=2'"
            ),
        );
    }
    voice.figure(
        "a customer's own pages",
        &format!("http://{address}{}", own_pages(&running.house)?),
    );
    running.wait_for_signal()
}

/// How long the link to a customer's own pages opens.
const LINK_MS: i64 = 24 * 60 * 60_000;

/// Records of the customer whose pages are shown, at most: more are a shared device.
const RECORDS_SHOWN_MAX: usize = 8;

/// A link to the pages of a customer of whom much is known, as the privacy desk would make it.
#[expect(clippy::disallowed_methods, reason = "printed for whoever runs the demo, on this machine")]
fn own_pages(house: &House) -> Result<String> {
    let mut known: Option<(usize, PersonId)> = None;
    house.gate.each_contract(&house.store.read()?, None, &mut |person, contract| {
        let records = contract.records.len();
        if records <= RECORDS_SHOWN_MAX && known.is_none_or(|(most, _)| records > most) {
            known = Some((records, person));
        }
        true
    })?;
    let (_, person) = known.context("there is no customer")?;
    let key = Sensitive::new(brand::key::PRIVACY_DESK.to_owned());
    let desk = house.services.authenticate(&key).context("the privacy desk is not registered")?;
    let permit = house.gate.ask(&desk, person, &Grant::whole(Purpose::SubjectAccess))?;
    let link = house.gate.link(permit, LINK_MS)?.into_revealed();
    Ok(format!("/me/in?link={link}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_demo_goes_as_it_should_and_leaves_its_figures() {
        let dir = tempfile::tempdir().unwrap();
        let (json, house) = (dir.path().join("figures.json"), dir.path().join("house"));
        let options = Options {
            exit: true,
            json: Some(json.clone()),
            write: None,
            customers: 300,
            events: 2_000,
            seed: 7,
            listen: Some("127.0.0.1:0".to_owned()),
            dir: Some(house.clone()),
            keep: false,
        };
        run(&options).unwrap();
        let text = std::fs::read_to_string(json).unwrap();
        let figures: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(figures["events"]["sent"], 2_000);
        assert_eq!(figures["house"]["findings"], 0);
        assert!(figures["events"]["declined"].as_u64().unwrap() > 0);
        assert!(figures["events"]["duplicate"].as_u64().unwrap() > 0);
        // So few pairs that one wrong link among them is a percent or two: a check for sanity only.
        assert!(figures["linkage"]["precision"].as_f64().unwrap() > 0.9);
        assert!(figures["linkage"]["recall"].as_f64().unwrap() > 0.4);
        assert!(figures["households"]["precision"].as_f64().unwrap() > 0.8);
        assert!(figures["households"]["recall"].as_f64().unwrap() > 0.3);
        // A directory that was asked for stays, and is not played into twice.
        assert!(house.join("bonafide.toml").exists());
        assert!(run(&options).unwrap_err().to_string().contains("is not empty"));
    }
}
