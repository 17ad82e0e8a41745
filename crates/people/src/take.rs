//! Taking in a micro-batch: one view, few rounds of reading, one pure decision, one commit.

use crate::absorb::{Changed, Consent, absorb, absorb_traits, fresh};
use crate::fact::{EventFact, Facts, TraitFact};
use crate::gather::{Gathered, Held};
use crate::household::{self, HomeFacts};
use crate::likeness::Session;
use crate::postings::Moves;
use crate::resolve::{contract_of, resolve};
use crate::row::{EVENTS, EventRow, RecordRow, TRAITS, TraitsRow};
use crate::{People, PeopleError};
use gate::{Appended, Contract, Grounds, SignalFact, UseKind, Work};
use model::{Purpose, RecordId};
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, View};
use vault::{RecordKeys, Sealed};

/// What a micro-batch came to.
#[derive(Debug)]
pub struct Taken {
    /// Where the ledger holds it; acknowledge only after [`People::sync`].
    pub appended: Appended,
    /// Records touched.
    pub records: usize,
    /// Of these, nobody had heard of before.
    pub records_new: usize,
    /// Records whose links were decided again.
    pub relinked: usize,
    /// Records whose contract does not let us keep what was said; signals were kept.
    pub declined: BTreeSet<RecordId>,
    /// Records of customers who were erased: nothing was kept.
    pub suppressed: BTreeSet<RecordId>,
}

impl People {
    /// Takes in what a micro-batch says, each record at most once in `facts`, together with the
    /// rows in `batch`. All of it is visible when this returns, or none.
    ///
    /// # Errors
    ///
    /// A conflict when something changed under the decision: nothing was written, call again with a
    /// fresh view. Otherwise the error of the room that failed.
    pub fn take_in(
        &self,
        view: &View<'_>,
        source: &str,
        mut facts: Vec<Facts>,
        mut batch: Batch,
    ) -> Result<Taken, PeopleError> {
        let ids: Vec<RecordId> = facts.iter().map(|facts| facts.record).collect();
        let mut session = self.begin_at(view)?;
        let mut gathered = Gathered::default();
        gathered.read_records(view, ids.iter().copied())?;
        let known = gathered.records.len();
        let suppressed = self.suppress(view, &gathered, &mut facts, &mut batch)?;
        let declined = self.decline(view, &gathered, &mut facts)?;
        let ids: Vec<RecordId> = facts.iter().map(|facts| facts.record).collect();
        let mut keys = self.vault.load(view, &ids)?;
        let facts = &*facts;
        let changes = self.absorb_all(&mut gathered, &mut keys, facts)?;
        let traits = self.stage_traits(view, facts, &keys, &mut batch)?;
        self.stage_events(facts, &keys, &mut batch)?;
        let touched =
            self.liken(view, &mut session, &mut gathered, &keys, facts, &changes, traits)?;
        let (people, relinked) =
            self.decide(view, &mut gathered, &changes, &session, touched, &mut batch)?;
        gathered.stage(&mut batch);
        session.stage(&mut batch);
        keys.stage(&mut batch)?;
        let signals = signal_facts(facts, &gathered, &changes, &keys);
        let work = Work {
            kind: UseKind::Resolve,
            purpose: Purpose::IdentityLinking,
            service: source.to_owned(),
            people,
            signals,
            leaves: Vec::new(),
        };
        let appended = self.gate.record(work, batch)?;
        session.keep();
        let records = ids.len();
        let records_new = records.saturating_sub(known);
        Ok(Taken { appended, records, records_new, relinked, declined, suppressed })
    }

    /// Takes out of `facts` what the contract does not let us collect. A record of which nothing
    /// but a refusal may be kept is kept with that refusal alone.
    fn decline(
        &self,
        view: &View<'_>,
        gathered: &Gathered,
        facts: &mut Vec<Facts>,
    ) -> Result<BTreeSet<RecordId>, PeopleError> {
        let mut declined = BTreeSet::new();
        if facts.iter().all(|facts| facts.under.is_none()) {
            return Ok(declined);
        }
        let person =
            |facts: &Facts| gathered.records.get(&facts.record).map(|held| held.now.person);
        let people: BTreeSet<_> =
            facts.iter().filter(|facts| facts.under.is_some()).filter_map(person).collect();
        let people: Vec<_> = people.into_iter().collect();
        let contracts = self.gate.contracts(view, &people)?;
        let masks: BTreeMap<_, _> = people
            .into_iter()
            .zip(contracts)
            .filter_map(|(person, row)| Some((person, row?.value.allowed)))
            .collect();
        let now = self.gate.now();
        for facts in facts.iter_mut() {
            let Some(bit) = facts.under else { continue };
            let known = gathered.records.get(&facts.record);
            let fresh = || Grounds::new(facts.place);
            let mut grounds = known.map_or_else(fresh, |held| held.now.grounds.clone());
            for (signal, _) in &facts.signals {
                grounds.register.take(*signal);
            }
            facts.lives.map(|lives| grounds.take_place(lives));
            facts.age.map(|age| grounds.take_age(age));
            let own = self.gate.allowed(&std::iter::once(&grounds)).at(bit, now);
            let yes_now =
                facts.signals.iter().any(|(signal, _)| signal.bit == bit && signal.allowed);
            let standing = known
                .and_then(|held| masks.get(&held.now.person))
                .is_none_or(|allowed| allowed.at(bit, now));
            if !own || !(standing || yes_now) {
                declined.insert(facts.record);
                facts.events.clear();
                facts.traits.clear();
                facts.identifiers.clear();
                facts.features.clear();
                facts.home = HomeFacts::default();
                (facts.lives, facts.age) = (None, None);
            }
        }
        facts.retain(|facts| !declined.contains(&facts.record) || !facts.signals.is_empty());
        Ok(declined)
    }

    /// Returns once what was taken in is on disk.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    pub fn sync(&self, appended: &Appended) -> Result<(), PeopleError> {
        Ok(self.gate.sync(appended)?)
    }

    fn absorb_all(
        &self,
        gathered: &mut Gathered,
        keys: &mut RecordKeys,
        facts: &[Facts],
    ) -> Result<BTreeMap<RecordId, Changed>, PeopleError> {
        let mut changes = BTreeMap::new();
        for facts in facts {
            let held =
                gathered.records.entry(facts.record).or_insert_with(|| Held::fresh(fresh(facts)));
            keys.ensure(facts.record)?;
            let speaks = !facts.signals.is_empty() || facts.lives.is_some() || facts.age.is_some();
            let allowed = |held: &Held<_>| self.alone(held);
            let before = speaks.then(|| allowed(held));
            let mut change = absorb(&mut held.now, facts);
            if before.is_some_and(|before| before != allowed(held)) {
                change.consent = Consent::Otherwise;
            }
            let unhoused = held.now.home.take(&facts.home);
            change.housed = unhoused.is_some();
            change.links |= held.seen.is_none();
            let linkable = self.gate.may_link(&held.now.grounds);
            let was = std::mem::replace(&mut held.now.linkable, linkable);
            change.moved = held.seen.is_some() && was != linkable;
            held.dirty = true;
            if let Some(houses) = unhoused {
                gathered.rehoused.insert(facts.record);
                let gone = houses.into_iter().map(|house| (house, facts.record));
                gathered.unhoused.extend(gone);
            }
            changes.insert(facts.record, change);
        }
        Ok(changes)
    }

    fn alone(&self, held: &Held<RecordRow>) -> (gate::Allowed, model::Jurisdiction) {
        let grounds = &held.now.grounds;
        (self.gate.allowed(&std::iter::once(grounds)), grounds.place())
    }

    /// Decides again what the changes touch. Records whose links changed are resolved with all
    /// that hangs together with them; where only a register changed, only the mask is folded.
    fn decide(
        &self,
        view: &View<'_>,
        gathered: &mut Gathered,
        changes: &BTreeMap<RecordId, Changed>,
        session: &Session<'_>,
        touched: BTreeSet<RecordId>,
        batch: &mut Batch,
    ) -> Result<(RoaringBitmap, usize), PeopleError> {
        let mut moves = Moves::default();
        for (record, changed) in changes {
            let Some(held) = gathered.records.get(record) else { continue };
            let new = changed.identifiers.iter().map(|(_, blind)| *blind).collect();
            moves.note(*record, &held.now, changed.moved, &new);
        }
        moves.make(view, gathered, batch)?;
        let mut relink = touched;
        let linking = changes
            .iter()
            .filter(|(_, changed)| changed.links || changed.moved || !changed.evidence.is_empty());
        relink.extend(linking.map(|(record, _)| *record));
        let mut people = RoaringBitmap::new();
        let mut reached = BTreeSet::new();
        if !relink.is_empty() {
            reached = gathered.reach(view, &relink)?;
            people = resolve(&self.gate, view, gathered, &reached, session.index(), batch)?;
        }
        let refold: BTreeSet<_> = changes
            .iter()
            // Whoever was reached has been folded already, and may have other records now than the
            // contract in this view says.
            .filter(|(record, changed)| {
                let said = changed.consent != Consent::Silent || changed.housed;
                said && !reached.contains(record)
            })
            .filter_map(|(record, changed)| Some((gathered.records.get(record)?, changed)))
            .filter(|(held, changed)| {
                let otherwise = changed.consent == Consent::Otherwise || changed.housed;
                otherwise || held.now.component.is_some()
            })
            .map(|(held, _)| held.now.person)
            .collect();
        self.refold(view, gathered, refold, batch)?;
        Ok((people, reached.len()))
    }

    /// Folds the masks of people again whose records said the same thing at another time.
    fn refold(
        &self,
        view: &View<'_>,
        gathered: &mut Gathered,
        people: BTreeSet<model::PersonId>,
        batch: &mut Batch,
    ) -> Result<(), PeopleError> {
        let people: Vec<_> = people.into_iter().collect();
        let contracts = self.gate.contracts(view, &people)?;
        let members: Vec<_> =
            contracts.iter().flatten().flat_map(|row| row.value.records.clone()).collect();
        gathered.read_records(view, members)?;
        for (person, row) in people.into_iter().zip(contracts) {
            let Some(mut row) = row else { continue };
            let Contract { records, ordinal, .. } = &row.value;
            let contract = contract_of(&self.gate, gathered, records, *ordinal);
            household::settle(&self.gate, gathered, records, &contract.allowed);
            if contract != row.value {
                self.gate.stage_recalls(view, batch, (person, &row.value), Some(&contract))?;
                row.value = contract;
                self.gate.stage_contract(batch, person, &row.value, Some(row.version));
            }
        }
        Ok(())
    }

    /// Stages traits; gives those of the records that say something else now.
    fn stage_traits(
        &self,
        view: &View<'_>,
        facts: &[Facts],
        keys: &RecordKeys,
        batch: &mut Batch,
    ) -> Result<BTreeMap<RecordId, TraitsRow>, PeopleError> {
        let mut changed = BTreeMap::new();
        let saying: Vec<_> = facts.iter().filter(|facts| !facts.traits.is_empty()).collect();
        let ids: Vec<_> = saying.iter().map(|facts| (facts.record, ())).collect();
        let rows = view.get_many(&TRAITS, &ids)?;
        for (facts, row) in saying.into_iter().zip(rows) {
            let seen = row.as_ref().map(|row| row.version);
            let mut traits = row.map_or_else(TraitsRow::default, |row| row.value);
            let seal = |fact: &TraitFact| self.seal_trait(keys, facts.record, fact);
            let came = absorb_traits(&mut traits, &facts.traits, seal)?;
            if came.rows {
                batch.check_read(&TRAITS, &facts.record, &(), seen, view.as_of());
                batch.put(&TRAITS, &facts.record, &(), &traits);
            }
            if came.values {
                changed.insert(facts.record, traits);
            }
        }
        Ok(changed)
    }

    #[expect(clippy::unused_self, reason = "a step of taking in, read beside the others")]
    fn seal_trait(
        &self,
        keys: &RecordKeys,
        record: RecordId,
        fact: &TraitFact,
    ) -> Result<Option<Sealed>, PeopleError> {
        let Some(value) = &fact.value else { return Ok(None) };
        #[expect(clippy::disallowed_methods, reason = "sealed in the next statement")]
        let plain = crate::sealed::write(value.reveal())?;
        Ok(Some(keys.seal(record, fact.field, fact.category, &plain)?))
    }

    fn stage_events(
        &self,
        facts: &[Facts],
        keys: &RecordKeys,
        batch: &mut Batch,
    ) -> Result<(), PeopleError> {
        for facts in facts {
            for event in &facts.events {
                let parts = self.seal_event(keys, facts.record, event)?;
                let row = EventRow {
                    kind: event.kind,
                    received: facts.received,
                    name: event.name,
                    parts,
                };
                batch.put(&EVENTS, &facts.record, &(event.at, event.message), &row);
            }
        }
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "a step of taking in, read beside the others")]
    fn seal_event(
        &self,
        keys: &RecordKeys,
        record: RecordId,
        event: &EventFact,
    ) -> Result<Vec<Sealed>, PeopleError> {
        let field = crate::sealed::event_field(event.message);
        event
            .parts
            .iter()
            .map(|(category, plain)| {
                #[expect(clippy::disallowed_methods, reason = "sealed on this line")]
                let plain = plain.reveal();
                Ok(keys.seal(record, field, *category, plain)?)
            })
            .collect()
    }
}

fn signal_facts(
    facts: &[Facts],
    gathered: &Gathered,
    changes: &BTreeMap<RecordId, Changed>,
    keys: &RecordKeys,
) -> Vec<SignalFact> {
    let mut signals = Vec::new();
    for facts in facts {
        let Some(change) = changes.get(&facts.record) else { continue };
        let Some(key) = keys.ledger_key(facts.record) else { continue };
        let Some(held) = gathered.records.get(&facts.record) else { continue };
        let place = held.now.grounds.place();
        signals.extend(change.evidence.iter().map(|(signal, manner)| SignalFact {
            record: facts.record,
            signal: *signal,
            manner: *manner,
            source: facts.source,
            place,
            received: facts.received,
            key,
        }));
    }
    signals
}
