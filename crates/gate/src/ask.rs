//! Asking: who waits, who answers for all of them, and the pure decision in the middle.

use crate::contract::{CONTRACTS, Contract};
use crate::fold::Allowed;
use crate::gate::{ATTEMPTS_MAX, Gate};
use crate::outcome::{Outcome, Refusal};
use crate::permit::{Permit, Use};
use crate::policy::Categories;
use crate::question::Ask;
use crate::uses::{LeafKind, USES, UseRow, leaf, row_bytes, row_key};
use model::{Grant, PersonId, RecordId, Timestamp};
use parking_lot::{Condvar, Mutex};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{AsOf, Batch, Row, StoreError, View};

struct Pending {
    ask: Ask,
    slot: Mutex<Slot>,
    wake: Condvar,
}

/// What whoever asked is waiting for: the answer, or the lead.
#[derive(Default)]
struct Slot {
    answer: Option<Answer>,
    lead: bool,
}

/// Who waits, and whether somebody is answering for a group.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: Vec<Arc<Pending>>,
    led: bool,
}

/// The lead over one group. Dropping it leaves nobody of the group without an answer, and hands
/// the lead to the first of those who came meanwhile.
struct Lead<'a> {
    gate: &'a Gate,
    group: Vec<Arc<Pending>>,
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        for pending in &self.group {
            let mut slot = pending.slot.lock();
            slot.answer.get_or_insert(Answer::Failed(Refusal::Stale));
            pending.wake.notify_one();
        }
        let mut queue = self.gate.queue.lock();
        if let Some(next) = queue.waiting.first() {
            next.slot.lock().lead = true;
            next.wake.notify_one();
        } else {
            queue.led = false;
        }
    }
}

enum Answer {
    Entry(u64, Outcome),
    Failed(Refusal),
}

/// A decision on its way into the ledger.
struct Decision {
    outcome: Outcome,
    row: UseRow,
    nonce: [u8; 8],
    leaf: Vec<u8>,
}

impl Pending {
    /// Waits for an answer or for the lead; gives whether it is the lead.
    fn is_to_lead(&self) -> bool {
        let mut slot = self.slot.lock();
        while slot.answer.is_none() && !slot.lead {
            self.wake.wait(&mut slot);
        }
        slot.answer.is_none()
    }
}

impl Gate {
    pub(crate) fn ask_as<U: Use>(&self, person: PersonId, ask: Ask) -> Result<Permit<U>, Refusal> {
        let grant = ask.grant.clone();
        let pending = Arc::new(Pending { ask, slot: Mutex::default(), wake: Condvar::new() });
        let first = {
            let mut queue = self.queue.lock();
            queue.waiting.push(Arc::clone(&pending));
            !std::mem::replace(&mut queue.led, true)
        };
        if first || pending.is_to_lead() {
            // Whoever leads answers for all who wait; the others find their answer.
            let lead = Lead { gate: self, group: std::mem::take(&mut self.queue.lock().waiting) };
            self.answer(&lead.group);
        }
        let answer = pending.slot.lock().answer.take();
        match answer {
            Some(Answer::Entry(entry, outcome)) => self.mint(entry, outcome, person, &grant),
            Some(Answer::Failed(refusal)) => Err(refusal),
            // A leader answers everybody it takes; were that broken, nothing is permitted.
            None => Err(Refusal::Stale),
        }
    }

    fn mint<U: Use>(
        &self,
        entry: u64,
        outcome: Outcome,
        person: PersonId,
        grant: &Grant,
    ) -> Result<Permit<U>, Refusal> {
        match outcome {
            Outcome::Permitted => {
                let bit = self.grants.bit(grant);
                Ok(Permit::mint(entry, person, grant.purpose, bit, self.seal()))
            }
            Outcome::NotGranted => Err(Refusal::NotGranted(grant.clone())),
            Outcome::NotAuthorised => Err(Refusal::NotAuthorised(grant.clone())),
            Outcome::UnknownPerson => Err(Refusal::UnknownPerson),
            Outcome::UnknownGrant => Err(Refusal::UnknownGrant(grant.clone())),
        }
    }

    fn answer(&self, group: &[Arc<Pending>]) {
        let answers = self.record_group(group);
        match answers {
            Ok(answers) => {
                for (pending, (entry, outcome)) in group.iter().zip(answers) {
                    pending.slot.lock().answer = Some(Answer::Entry(entry, outcome));
                }
            }
            Err(refusal) => {
                let why = refusal.to_string();
                for pending in group {
                    let refusal = StoreError::Unavailable(why.clone());
                    pending.slot.lock().answer =
                        Some(Answer::Failed(Refusal::StoreUnavailable(refusal)));
                }
            }
        }
    }

    /// Decides a group on one snapshot and records it in one commit that is refused when any of
    /// the contracts decided on has changed.
    fn record_group(&self, group: &[Arc<Pending>]) -> Result<Vec<(u64, Outcome)>, Refusal> {
        for _ in 0..ATTEMPTS_MAX {
            let now = self.clock.now();
            let view = self.store.read()?;
            let people: Vec<_> = group.iter().map(|pending| pending.ask.person).collect();
            let contracts = self.contracts(&view, &people)?;
            let decisions = match self.decide_group(group, &contracts, &view, now) {
                Err(Refusal::StoreUnavailable(StoreError::Conflict)) => continue,
                decided => decided?,
            };
            let leaves = decisions.iter().map(|decision| decision.leaf.clone()).collect();
            let appended = self.ledger.append_with(leaves, now, |first| {
                stage_group(group, &contracts, &decisions, now, first, view.as_of())
            });
            match appended {
                Ok(appended) => {
                    self.ledger.sync(&appended)?;
                    let entries = appended.first..;
                    let outcomes = decisions.iter().map(|decision| decision.outcome);
                    return Ok(entries.zip(outcomes).collect());
                }
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::StoreUnavailable(StoreError::Conflict))
    }

    fn decide_group(
        &self,
        group: &[Arc<Pending>],
        contracts: &[Option<Row<Contract>>],
        view: &View<'_>,
        now: Timestamp,
    ) -> Result<Vec<Decision>, Refusal> {
        let records: Vec<RecordId> =
            group.iter().map(|pending| pending.ask.person.into()).collect();
        let keys = self.keys.ledger_keys(view, &records)?;
        group
            .iter()
            .zip(contracts)
            .zip(keys)
            .map(|((pending, contract), key)| {
                let allowed = pending.ask.allowed(contract.as_ref().map(|row| &row.value));
                self.decide(&pending.ask, allowed, key, now)
            })
            .collect()
    }

    fn decide(
        &self,
        ask: &Ask,
        allowed: Option<&Allowed>,
        key: Option<[u8; 32]>,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let bit = self.grants.bit(&ask.grant);
        let holds = bit.zip(allowed).map(|(bit, allowed)| allowed.at(bit, now));
        let outcome = verdict(ask, bit.is_some(), allowed.is_some(), holds == Some(true));
        let categories = match outcome {
            Outcome::Permitted => {
                let opens = self.policy.categories(ask.grant.purpose);
                ask.only.map_or(opens, |category| opens.only(category))
            }
            Outcome::NotGranted
            | Outcome::NotAuthorised
            | Outcome::UnknownPerson
            | Outcome::UnknownGrant => Categories::NONE,
        };
        let row = UseRow {
            kind: ask.kind,
            purpose: ask.grant.purpose,
            bit,
            service: ask.service.clone(),
            outcome,
            categories,
            entry: 0,
        };
        let mut nonce = [0; 8];
        self.rng.fill(&mut nonce);
        // Nobody is behind an unknown id, so a key that is thrown away at once is the right one.
        let key = key.unwrap_or_else(|| {
            let mut key = [0; 32];
            self.rng.fill(&mut key);
            key
        });
        let bytes = row_bytes(&row, nonce)?;
        let key = row_key(&key, &nonce);
        let leaf = leaf(LeafKind::Use, ask.kind as u8, ask.grant.purpose, now, &key, &bytes);
        Ok(Decision { outcome, row, nonce, leaf })
    }
}

/// Pure: the whole decision on one table that tests can enumerate, by whether the grant and the person
/// are known, and whether the person allows it.
const fn verdict(ask: &Ask, grant: bool, person: bool, allowed: bool) -> Outcome {
    match (ask.authorised, grant, person, allowed) {
        (false, ..) => Outcome::NotAuthorised,
        (true, false, ..) => Outcome::UnknownGrant,
        (true, true, ..) if ask.item => Outcome::Permitted,
        (true, true, false, _) => Outcome::UnknownPerson,
        (true, true, true, true) => Outcome::Permitted,
        (true, true, true, false) => Outcome::NotGranted,
    }
}

fn stage_group(
    group: &[Arc<Pending>],
    contracts: &[Option<Row<Contract>>],
    decisions: &[Decision],
    now: Timestamp,
    first: u64,
    at: AsOf,
) -> Batch {
    let mut batch = Batch::default();
    let mut checked = BTreeSet::new();
    for (index, ((pending, contract), decision)) in
        group.iter().zip(contracts).zip(decisions).enumerate()
    {
        let ask = &pending.ask;
        if ask.item {
            continue;
        }
        let seen = contract.as_ref().map(|row| row.version);
        if checked.insert(ask.person) {
            batch.check_read(&CONTRACTS, &ask.person, &(), seen, at);
        }
        // Rows stand under people that exist; a question about nobody leaves only its leaf.
        if seen.is_some() {
            let row = UseRow { entry: first + index as u64, ..decision.row.clone() };
            batch.put(&USES, &ask.person.into(), &(now, decision.nonce), &row);
        }
    }
    batch
}
