//! What is too fast or too rare to measure through HTTP: the gate's own check, and verifying a
//! ledger.

use super::Table;
use super::traffic::Dice;
use anyhow::{Context, Result};
use gate::Grants;
use gate::log::{Ledger, Signer, export, verify_dir};
use model::{Grant, Mask, Purpose, Scope, Timestamp};
use std::hint::black_box;
use store::{Batch, Store};

/// Masks that are checked in turn: more than the processor's caches hold.
const MASKS: u64 = 1 << 20;

/// Checks in all.
const CHECKS: u64 = 20_000_000;

/// Entries of the ledger that is verified, and those of one commit.
const ENTRIES: u64 = 1_000_000;
const ENTRIES_A_COMMIT: u64 = 512;

/// Bytes of an entry: a use's leaf is about this long.
const ENTRY_BYTES: usize = 52;

/// The check of one grant of one person: which bit the grant is, and whether the mask allows it.
pub(super) fn gate(clock: &dyn Fn() -> f64, table: &mut Table) -> Result<()> {
    println!("\nthe gate's check");
    let scoped = Grant { purpose: Purpose::Marketing, scope: Scope::Channel("email".to_owned()) };
    let grants = Grants::open(&Store::memory(), std::slice::from_ref(&scoped))?;
    let mut dice = Dice(1);
    let masks: Vec<Mask> = (0..MASKS)
        .map(|_| {
            let allowed = dice.below(u64::MAX);
            let each = grants.iter().enumerate();
            each.fold(Mask::NOTHING, |mask, (nth, (bit, _))| {
                mask.with(*bit, allowed >> (nth % 64) & 1 == 1)
            })
        })
        .collect();
    let wanted = [Grant::whole(Purpose::Marketing), Grant::whole(Purpose::Analytics), scoped];
    let begin = clock();
    let mut allowed = 0_u64;
    for (nth, grant) in (0..CHECKS).zip(wanted.iter().cycle()) {
        // A stride that is odd meets every mask, and no two neighbours.
        let place = usize::try_from(nth.wrapping_mul(40_503) % MASKS)?;
        let bit = black_box(&grants).bit(black_box(grant)).context("the grant is registered")?;
        allowed += u64::from(masks.get(place).is_some_and(|mask| mask.allows(bit)));
    }
    let took_ms = clock() - begin;
    black_box(allowed);
    #[expect(clippy::cast_precision_loss, reason = "twenty million")]
    let each_ns = took_ms * 1e6 / CHECKS as f64;
    table.at_most("gate check of one grant of one person", each_ns, 50.0, "ns");
    Ok(())
}

/// A ledger written out as files and verified from them.
pub(super) fn ledger(clock: &dyn Fn() -> f64, table: &mut Table) -> Result<()> {
    println!("\nthe ledger, {ENTRIES} entries");
    let signer = Signer::from_seed("bench.example/ledger", &[7; 32])?;
    let ledger = Ledger::open(Store::memory(), signer, None)?;
    for first in (0..ENTRIES).step_by(usize::try_from(ENTRIES_A_COMMIT)?) {
        let leaves = (first..(first + ENTRIES_A_COMMIT).min(ENTRIES)).map(|nth| {
            let mut leaf = vec![0x5a; ENTRY_BYTES];
            leaf.splice(..8, nth.to_be_bytes());
            leaf
        });
        let appended = ledger.append(leaves.collect(), Batch::default(), Timestamp(0))?;
        ledger.sync(&appended)?;
    }
    let dir = tempfile::tempdir()?;
    let begin = clock();
    export(&ledger, dir.path(), &mut |_, _| {})?;
    table.figure("ledger of 1,000,000 entries written as files", (clock() - begin) / 1e3, "s");
    let begin = clock();
    let verified = verify_dir(dir.path(), ledger.verifier(), None, &|_, _| {})?;
    anyhow::ensure!(verified.size == ENTRIES, "{} entries verified", verified.size);
    table.at_most("ledger of 1,000,000 entries verified", (clock() - begin) / 1e3, 10.0, "s");
    Ok(())
}
