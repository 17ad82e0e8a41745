//! Keeping: doctor, backup, restore, migrate.

use super::{Place, control, quiet, say};
use crate::chance::{SystemClock, SystemRng};
use crate::config::Config;
use crate::house::{House, Places, open_keys, open_store, signer};
use anyhow::{Context, Result, bail};
use clap::Args;
use model::Rng;
use people::LEARNED_MIN;
use std::path::PathBuf;
use std::sync::Arc;
use store::{StoreError, backup};

/// Words of `doctor`.
#[derive(Debug, Args)]
pub(super) struct DoctorOptions {
    /// How many findings to print
    #[arg(long, default_value_t = 20)]
    most: usize,
}

/// Words of `backup`.
#[derive(Debug, Args)]
pub(super) struct BackupOptions {
    /// The file to write; must not exist
    file: PathBuf,
}

/// Words of `restore`.
#[derive(Debug, Args)]
pub(super) struct RestoreOptions {
    /// A file that `backup` wrote
    file: PathBuf,
}

/// Words of `migrate`.
#[derive(Debug, Args)]
pub(super) struct MigrateOptions {
    /// The configuration of the house to fill, whose store must be empty
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

pub(super) fn doctor(place: &Place, options: &DoctorOptions) -> Result<()> {
    let house = place.open()?;
    let bar = quiet(false).spinner("rows examined");
    let report = house.people.examine(&mut |rows| bar.set_position(rows))?;
    bar.set_message("keys examined");
    let keys = house.vault.doctor()?;
    bar.set_message("ledger entries hashed");
    house.gate.ledger().verify_all().context("the ledger")?;
    bar.finish_and_clear();
    say::line(&format!("records   {:>10}", report.records));
    say::line(&format!("people    {:>10}", report.people));
    say::line(&format!("events    {:>10}", report.events));
    say::line(&format!("postings  {:>10}", report.postings));
    say::line(&format!(
        "components {:>9}, the largest of {} records",
        report.components, report.component_max
    ));
    say::line(&format!("keys      {:>10}", keys.keys));
    say::line(&format!("ledger    {:>10} entries", house.gate.ledger().size()));
    let mut findings = report.findings;
    findings.extend(keys.findings);
    for finding in findings.iter().take(options.most) {
        say::line(&format!("  wrong: {finding}"));
    }
    house.close()?;
    if findings.is_empty() {
        say::line("every invariant holds");
        return Ok(());
    }
    bail!("{} invariants do not hold", findings.len())
}

pub(super) fn backup(place: &Place, options: &BackupOptions) -> Result<()> {
    let config = place.config()?;
    let places = Places::below(&config.server.data_dir);
    let bar = quiet(false).spinner("rows written");
    let (rows, bytes) = match open_store(&config, &places, &SystemRng) {
        Ok(store) => {
            let mut progress = |rows, _bytes| bar.set_position(rows);
            let summary = backup::write(&store, &options.file, &mut progress)?;
            (summary.rows, summary.bytes)
        }
        // A server has it open: let the server write the backup while it goes on serving.
        Err(error) if is_in_use(&error) => {
            control::backup(&places, &options.file, &mut |rows| bar.set_position(rows))?
        }
        Err(error) => return Err(error),
    };
    bar.finish_and_clear();
    say::line(&format!("{rows} rows, {bytes} bytes in {}", options.file.display()));
    say::line(&format!(
        "the keys are not in it: copy {} to a place of its own",
        places.keys.display()
    ));
    Ok(())
}

/// Learns anew who is alike, in the server if one runs.
pub(super) fn learn(place: &Place) -> Result<()> {
    let config = place.config()?;
    if !config.linkage.likeness || config.linkage.model.is_some() {
        bail!(
            "this house does not learn: set `linkage.likeness = true`, and no `linkage.model`, in \
             the configuration"
        );
    }
    let places = Places::below(&config.server.data_dir);
    let bar = quiet(false).spinner("records compared and decided again");
    let (records, people) = match open_store(&config, &places, &SystemRng) {
        Ok(store) => {
            drop(store);
            let house = place.open()?;
            let learned = house.people.learn(&mut |rows| bar.set_position(rows))?;
            house.close()?;
            learned.map_or((0, 0), |learned| (learned.records, learned.people))
        }
        Err(error) if is_in_use(&error) => {
            control::learn(&places, &mut |rows| bar.set_position(rows))?
        }
        Err(error) => return Err(error),
    };
    bar.finish_and_clear();
    if records == 0 {
        bail!(
            "there is too little to learn from: {LEARNED_MIN} records with names or birth dates are \
             needed"
        );
    }
    say::line(&format!("learned from {records} records; there are {people} people now"));
    Ok(())
}

fn is_in_use(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::InUse(_)))
}

pub(super) fn restore(place: &Place, options: &RestoreOptions) -> Result<()> {
    let config = place.config()?;
    let places = Places::below(&config.server.data_dir);
    if !places.keys.join("root.key").exists() {
        bail!(
            "there are no keys in {}: put the copy of the key directory there first",
            places.keys.display()
        );
    }
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    let store = open_store(&config, &places, &*rng)?;
    let bar = quiet(false).spinner("rows restored");
    let summary =
        backup::restore(&options.file, &store, &mut |rows, _bytes| bar.set_position(rows))?;
    bar.finish_and_clear();
    say::line(&format!("{} rows restored", summary.rows));
    let (readable, rows) = heal(store, &config, &places, rng)?;
    say::line(&format!(
        "{readable} records readable, {rows} rows of people erased since the backup removed"
    ));
    Ok(())
}

/// Makes a restored store agree with what has happened since: people that were erased, a ledger that was
/// longer.
fn heal(
    store: store::Store,
    config: &Config,
    places: &Places,
    rng: Arc<dyn Rng>,
) -> Result<(u64, usize)> {
    let keys = open_keys(places, &rng)?;
    let healed = keys.heal_restored(&store, &mut |_| {})?;
    let signer = signer(places, &config.ledger.origin, &*rng)?;
    gate::log::rebase_witness(&store, &signer, &places.witness)?;
    drop(keys);
    let house = House::over(store, config, Arc::new(SystemClock), rng)?;
    let rows = house.people.reap(&healed.unreadable)?;
    house.close()?;
    Ok((healed.readable, rows))
}

pub(super) fn migrate(place: &Place, options: &MigrateOptions) -> Result<()> {
    let (from, to) = (place.config()?, Config::read(&options.to)?);
    let places = |config: &Config| Places::below(&config.server.data_dir);
    let source = open_store(&from, &places(&from), &SystemRng)?;
    let target = open_store(&to, &places(&to), &SystemRng)?;
    let bar = quiet(false).spinner("rows copied");
    let summary = backup::migrate(&source, &target, &mut |rows, _bytes| bar.set_position(rows))?;
    bar.finish_and_clear();
    say::line(&format!(
        "{} rows copied and compared; now copy {} and {} to {}",
        summary.rows,
        places(&from).keys.display(),
        places(&from).witness.display(),
        places(&to).data.display()
    ));
    Ok(())
}
