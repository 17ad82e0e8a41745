//! `GDPRbench` (Shastri, Banakar, Wasserman, Kumar and Chidambaram, "Understanding and Benchmarking the
//! Impact of GDPR on Database Systems", PVLDB 13(7), 2020, arXiv:1910.00728), its table of core workloads:
//!
//! | mix | operations | records chosen |
//! |---|---|---|
//! | controller | create record 25 %, delete by purpose, TTL or user 25 %, update metadata by purpose, user or sharing 50 % | uniform |
//! | customer | read data, read metadata, update data, update metadata, delete record: 20 % each | Zipf |
//! | processor | read data by key 80 %; by purpose, objection or decision 20 % | Zipf; uniform |
//!
//! 10,000 operations a mix; the regulator's mix is left out. The authors' program
//! (`src/workloads` of GDPRbench/GDPRbench) has these shares, half of the controller's updates by purpose and half by user; but its
//! processor reads 20 % by key, 40 % by purpose and 40 % by user, all uniform. We follow the paper. What is ours: a delete is by user, an
//! update of metadata is the word of one customer about one of three purposes, and a read by purpose gives a
//! page of 100 customers who allow it and do not object. An operation on who was deleted before finds nobody, on
//! both sides.
//!
//! **Bonafide**, in this process: a house with an embedded store, fsync on, called by as many threads as
//! there are connections. Each operation goes the product's own way: records come in through the intake with
//! perfecting and linking; each read is asked of the gate, and its ledger entry is on disk before anything is
//! opened; a delete overwrites the secrets from which the record's key could be derived; those asked for at once go together.
//!
//! **`PostgreSQL`**, beside it, over TCP: a statement that is prepared, and so one round trip and one
//! transaction, for each operation, fsync and `synchronous_commit` on, 1 GiB of shared buffers. Data is AES
//! under a key of each record, which is wrapped under the house's (pgcrypto, `encrypt_iv`); purposes, objections,
//! sharing, expiry and origin are columns, each with an index as in the paper; reads check consent and expiry in
//! the WHERE; each record read, refused, changed or deleted has a row in an audit table with an index by record, and each
//! consent one of evidence. A delete takes its key, evidence and audit rows along. It does not hash its
//! audit into a tree, and what it deletes is in its files and its log until these are overwritten: it does less there.
//! Being in process saves Bonafide the way over a socket: it does less there.

use super::gdpr_house::House;
use super::gdpr_mix::{KINDS, Mix, Operation};
use super::gdpr_postgres::Retrofit;
use super::{Options, Table};
use anyhow::{Result, anyhow};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use store::testing::PostgresCluster;

/// How many times as fast as the retrofitted tables the house is wanted.
const TIMES: f64 = 10.0;

/// Whoever carries operations out, one at a time.
pub(super) trait Hand: Send {
    /// Carries one out. Gives whether there was anybody.
    fn carry_out(&mut self, operation: &Operation) -> Result<bool>;
}

/// What a mix came to.
#[derive(Default)]
struct Came {
    took_ms: f64,
    /// By kind: how many, and their time together in milliseconds.
    kinds: [(u32, f64); KINDS.len()],
    nobody: u32,
}

/// Runs the three mixes on both sides.
pub(super) fn gdpr(
    options: &Options,
    clock: &(dyn Fn() -> f64 + Sync),
    table: &mut Table,
) -> Result<()> {
    let (records, hands) = (options.records, options.connections);
    println!("\nGDPRbench, {records} records, {hands} threads or connections");
    let cluster =
        PostgresCluster::start(&["-c", "shared_buffers=1GB"]).map_err(anyhow::Error::msg)?;
    let database = cluster.database().map_err(anyhow::Error::msg)?;
    let house = House::open()?;
    house.fill(records)?;
    let retrofit = Retrofit::open(database.url())?;
    retrofit.fill(records)?;
    for mix in Mix::ALL {
        let operations = mix.operations(records);
        let ours = each(&operations, hands, clock, &|| Ok(Box::new(house.hand()?)))?;
        let theirs = each(&operations, hands, clock, &|| Ok(Box::new(retrofit.hand()?)))?;
        judge(mix, operations.len(), &ours, &theirs, table);
    }
    house.close()
}

type Hire<'a> = dyn Fn() -> Result<Box<dyn Hand + 'a>> + Sync + 'a;

/// Has `hands` carry out all operations, as fast as they can.
fn each(
    operations: &[Operation],
    hands: usize,
    clock: &(dyn Fn() -> f64 + Sync),
    hire: &Hire<'_>,
) -> Result<Came> {
    let hands: Vec<_> = (0..hands).map(|_| hire()).collect::<Result<_>>()?;
    let (next, begin) = (AtomicUsize::new(0), clock());
    let mut came = Came::default();
    thread::scope(|scope| {
        let work = |mut hand: Box<dyn Hand + '_>| -> Result<Came> {
            let mut came = Came::default();
            while let Some(operation) = operations.get(next.fetch_add(1, Ordering::Relaxed)) {
                let begin = clock();
                let found = hand.carry_out(operation)?;
                came.nobody += u32::from(!found);
                if let Some((count, took_ms)) = came.kinds.get_mut(operation.kind()) {
                    *count += 1;
                    *took_ms += clock() - begin;
                }
            }
            Ok(came)
        };
        let working: Vec<_> =
            hands.into_iter().map(|hand| scope.spawn(move || work(hand))).collect();
        for one in working {
            let one = one.join().map_err(|_| anyhow!("a thread ended early"))??;
            came.nobody += one.nobody;
            for (all, one) in came.kinds.iter_mut().zip(one.kinds) {
                *all = (all.0 + one.0, all.1 + one.1);
            }
        }
        came.took_ms = clock() - begin;
        Ok(came)
    })
}

fn judge(mix: Mix, count: usize, ours: &Came, theirs: &Came, table: &mut Table) {
    #[expect(clippy::cast_precision_loss, reason = "ten thousand")]
    let per_second = |came: &Came| count as f64 * 1e3 / came.took_ms;
    let name = mix.name();
    table.figure(&format!("GDPRbench {name}, Bonafide"), per_second(ours), "/s");
    table.figure("  done in", ours.took_ms / 1e3, "s");
    table.figure(&format!("GDPRbench {name}, PostgreSQL"), per_second(theirs), "/s");
    table.figure("  done in", theirs.took_ms / 1e3, "s");
    table.at_least("  as fast as PostgreSQL", theirs.took_ms / ours.took_ms, TIMES, "×");
    println!("    {} and {} found nobody; by kind, ms:", ours.nobody, theirs.nobody);
    for ((kind, ours), theirs) in KINDS.iter().zip(ours.kinds).zip(theirs.kinds) {
        let mean = |(count, took_ms): (u32, f64)| took_ms / f64::from(count.max(1));
        if ours.0 > 0 {
            println!("    {kind:<18} {:>6} × {:>9.2} {:>9.2}", ours.0, mean(ours), mean(theirs));
        }
    }
}
