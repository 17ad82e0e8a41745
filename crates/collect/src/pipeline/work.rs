//! One attempt at one batch: what was seen before goes, what is about one record is joined, and
//! everything is committed together.

use super::{Job, Prepared, Shared, Verdict};
use crate::quarantine;
use model::{Blind, RecordId, SourceId};
use people::{Facts, PeopleError, Taken, join};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use store::Batch;

impl Shared {
    pub(super) fn try_commit(
        &self,
        jobs: &[Job],
    ) -> Result<(Taken, Vec<Vec<Verdict>>), PeopleError> {
        let view = self.people.view()?;
        let now = self.people.gate().now();
        let ids: Vec<(SourceId, Blind)> = jobs
            .iter()
            .flat_map(|job| &job.events)
            .filter_map(|event| match event {
                Prepared::Event { source, message, .. } => Some((*source, *message)),
                Prepared::Bad(_) => None,
            })
            .collect();
        let known = self.seen.known(&view, &ids, now)?;
        let mut batch = Batch::default();
        let mut fresh = BTreeSet::new();
        let mut by_record: BTreeMap<RecordId, Facts> = BTreeMap::new();
        let mut bad = Vec::new();
        let mut verdicts = Vec::with_capacity(jobs.len());
        let mut tally = [0_u64; 3];
        for job in jobs {
            let mut of_job = Vec::with_capacity(job.events.len());
            for event in &job.events {
                of_job.push(match event {
                    Prepared::Bad(held) => {
                        bad.push(&**held);
                        tally[2] += 1;
                        Verdict::Quarantined { item: held.item, code: held.code }
                    }
                    Prepared::Event { source, message, facts } => {
                        let id = (*source, *message);
                        if known.contains(&id) || !fresh.insert(id) {
                            tally[1] += 1;
                            Verdict::Duplicate
                        } else {
                            tally[0] += 1;
                            take(&mut by_record, facts);
                            Verdict::Accepted
                        }
                    }
                });
            }
            verdicts.push(of_job);
        }
        self.seen.stage(&mut batch, &fresh, now, view.as_of());
        quarantine::stage(self.people.vault(), &view, &mut batch, &bad)?;
        let source = jobs.first().map_or("intake", |job| &*job.source);
        let facts: Vec<_> = by_record.into_values().collect();
        let taken = self.people.take_in(&view, source, facts, batch)?;
        let declined = mark(&taken.declined, &Verdict::Declined, jobs, &mut verdicts);
        let suppressed = mark(&taken.suppressed, &Verdict::Suppressed, jobs, &mut verdicts);
        tally[0] -= declined + suppressed;
        self.counters.declined.fetch_add(declined, Ordering::Relaxed);
        self.counters.suppressed.fetch_add(suppressed, Ordering::Relaxed);
        let [accepted, duplicate, quarantined] = tally;
        self.counters.accepted.fetch_add(accepted, Ordering::Relaxed);
        self.counters.duplicate.fetch_add(duplicate, Ordering::Relaxed);
        self.counters.quarantined.fetch_add(quarantined, Ordering::Relaxed);
        Ok((taken, verdicts))
    }
}

fn take(by_record: &mut BTreeMap<RecordId, Facts>, facts: &Facts) {
    let joined = match by_record.remove(&facts.record) {
        None => facts.clone(),
        Some(known) => join(known, facts.clone()),
    };
    by_record.insert(joined.record, joined);
}

/// Says of the events of some records that they were not kept. Gives how many.
fn mark(
    records: &BTreeSet<RecordId>,
    as_what: &Verdict,
    jobs: &[Job],
    verdicts: &mut [Vec<Verdict>],
) -> u64 {
    let mut marked = 0;
    if records.is_empty() {
        return marked;
    }
    for (job, of_job) in jobs.iter().zip(verdicts) {
        for (event, verdict) in job.events.iter().zip(of_job) {
            let gone = match event {
                Prepared::Event { facts, .. } => records.contains(&facts.record),
                Prepared::Bad(_) => false,
            };
            if gone && *verdict == Verdict::Accepted {
                *verdict = as_what.clone();
                marked += 1;
            }
        }
    }
    marked
}
