//! Spending permits: from a permit to an opening in the snapshot that is read, and cohorts.

use crate::among::{CohortUse, written};
use crate::contract::{CONTRACTS, Contract};
use crate::gate::{ATTEMPTS_MAX, Gate};
use crate::outcome::{Outcome, Refusal};
use crate::permit::{CohortPermit, Housemate, Opening, Permit, PersonUse, Repair, Use};
use crate::policy::Categories;
use crate::service::Caller;
use crate::uses::{CohortUseRow, LeafKind, leaf, row_bytes};
use model::{Bit, Category, Grant, PersonId, Purpose, Timestamp};
use roaring::RoaringBitmap;
use std::marker::PhantomData;
use store::{Batch, StoreError, View, limits};

/// Contracts that are read at a time for a page, at least.
const LOOKED_AT_MIN: usize = 16;

impl Gate {
    /// Spends a permit on one read: looks at the contract once more in the snapshot to be read, so
    /// that what was withdrawn or merged meanwhile does not open.
    ///
    /// # Errors
    ///
    /// [`Refusal::Stale`] when the contract no longer allows it or the person has moved; otherwise
    /// that of the store.
    ///
    /// # Panics
    ///
    /// When another gate minted it: only a bug in the wiring can bring it here.
    pub fn spend<U: PersonUse>(
        &self,
        permit: Permit<U>,
        view: &View<'_>,
    ) -> Result<Opening<U>, Refusal> {
        self.spend_any(permit, view)
    }

    /// Spends a permit on what a customer may see of somebody they live with: the name, where the policy
    /// opens it for recognising households.
    ///
    /// # Errors
    ///
    /// As [`Self::spend`].
    ///
    /// # Panics
    ///
    /// As [`Self::spend`].
    pub fn spend_housemate(
        &self,
        permit: Permit<Housemate>,
        view: &View<'_>,
    ) -> Result<Opening<Housemate>, Refusal> {
        let opening = self.spend_any(permit, view)?;
        let categories = opening.categories.only(Category::Name);
        Ok(Opening { categories, ..opening })
    }

    fn spend_any<U: Use>(&self, permit: Permit<U>, view: &View<'_>) -> Result<Opening<U>, Refusal> {
        let Permit { entry, person, purpose, bit, seal, .. } = permit;
        assert!(seal == self.seal(), "a permit minted by another gate");
        let contract = self.contracts(view, &[person])?.into_iter().next().flatten();
        let contract = contract.ok_or(Refusal::Stale)?.value;
        if !self.allows(&contract, bit) {
            return Err(Refusal::Stale);
        }
        Ok(self.opening(entry, contract, purpose))
    }

    /// Spends a permit on one quarantined item.
    ///
    /// # Panics
    ///
    /// When another gate minted it.
    pub fn spend_item(&self, permit: Permit<Repair>) -> Opening<Repair> {
        let Permit { entry, person, seal, .. } = permit;
        assert!(seal == self.seal(), "a permit minted by another gate");
        Opening {
            records: vec![person.into()],
            categories: Categories::all(),
            entry,
            seal,
            kind: PhantomData,
        }
    }

    /// Whether a contract allows it now.
    fn allows(&self, contract: &Contract, bit: Option<Bit>) -> bool {
        bit.is_some_and(|bit| contract.allowed.at(bit, self.clock.now()))
    }

    fn opening<U: Use>(&self, entry: u64, contract: Contract, purpose: Purpose) -> Opening<U> {
        Opening {
            records: contract.records,
            categories: self.policy.categories(purpose),
            entry,
            seal: self.seal(),
            kind: PhantomData,
        }
    }

    /// Asks to use the data of everybody who granted something. The ledger holds the use, and the
    /// cohort, before this returns.
    ///
    /// # Errors
    ///
    /// As [`Gate::ask`]; an empty cohort is not an error.
    pub fn ask_cohort<U: PersonUse>(
        &self,
        caller: &Caller,
        grant: &Grant,
    ) -> Result<CohortPermit<U>, Refusal> {
        self.ask_members(caller, grant, |bit| Ok((self.members(bit)?, None)))
    }

    /// Asks to use the data of the next `limit` people after `after`, in the store's order, who granted
    /// something, and of nobody else: only they find it in their logs. As [`Self::ask_cohort`] otherwise.
    ///
    /// # Errors
    ///
    /// As [`Self::ask_cohort`].
    pub fn ask_page<U: PersonUse>(
        &self,
        caller: &Caller,
        grant: &Grant,
        after: Option<PersonId>,
        limit: usize,
    ) -> Result<CohortPermit<U>, Refusal> {
        self.ask_members(caller, grant, |bit| {
            let (mut members, mut page) = (RoaringBitmap::new(), Vec::new());
            let view = self.store.read()?;
            // Few at a time: a page is often full before twice as many are looked at.
            let at_once = (limit / 2).clamp(LOOKED_AT_MIN, limits::PAGE_MAX);
            self.walk(&view, after, at_once, &mut |person, contract| {
                if page.len() < limit && self.allows(contract, Some(bit)) {
                    members.insert(contract.ordinal);
                    page.push(person);
                }
                page.len() < limit
            })?;
            Ok((members, Some(page)))
        })
    }

    fn ask_members<U: PersonUse>(
        &self,
        caller: &Caller,
        grant: &Grant,
        members: impl FnOnce(Bit) -> Result<(RoaringBitmap, Option<Vec<PersonId>>), StoreError>,
    ) -> Result<CohortPermit<U>, Refusal> {
        let bit = self.grants.bit(grant);
        let outcome = match (caller.may(U::KIND, grant.purpose), bit) {
            (false, _) => Outcome::NotAuthorised,
            (true, None) => Outcome::UnknownGrant,
            (true, Some(_)) => Outcome::Permitted,
        };
        let (members, page) = match (outcome, bit) {
            (Outcome::Permitted, Some(bit)) => members(bit)?,
            _refused => (RoaringBitmap::new(), None),
        };
        let entry = self.record_cohort::<U>(caller.name(), grant, outcome, &members)?;
        match outcome {
            Outcome::Permitted => Ok(CohortPermit {
                entry,
                purpose: grant.purpose,
                bit,
                members,
                page,
                seal: self.seal(),
                kind: PhantomData,
            }),
            Outcome::NotAuthorised => Err(Refusal::NotAuthorised(grant.clone())),
            Outcome::UnknownGrant | Outcome::NotGranted | Outcome::UnknownPerson => {
                Err(Refusal::UnknownGrant(grant.clone()))
            }
        }
    }

    pub(crate) fn members(&self, bit: Bit) -> Result<RoaringBitmap, StoreError> {
        let (view, now) = (self.store.read()?, self.clock.now());
        let mut members = RoaringBitmap::new();
        self.each_contract(&view, None, &mut |_, contract| {
            if contract.allowed.at(bit, now) {
                members.insert(contract.ordinal);
            }
            true
        })?;
        Ok(members)
    }

    /// Walks all contracts after `after`, in the store's order, until `visit` says stop.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn each_contract(
        &self,
        view: &View<'_>,
        after: Option<PersonId>,
        visit: &mut dyn FnMut(PersonId, &Contract) -> bool,
    ) -> Result<(), StoreError> {
        self.walk(view, after, limits::PAGE_MAX, visit)
    }

    /// As [`Self::each_contract`], reading `at_once` contracts at a time.
    #[expect(clippy::unused_self, reason = "only the gate walks contracts")]
    fn walk(
        &self,
        view: &View<'_>,
        after: Option<PersonId>,
        at_once: usize,
        visit: &mut dyn FnMut(PersonId, &Contract) -> bool,
    ) -> Result<(), StoreError> {
        let mut after = after.map(|person| (person, ()));
        loop {
            let page = view.scan(&CONTRACTS, after.as_ref(), at_once)?;
            let full = page.len() == at_once;
            for (person, (), row) in page {
                if !visit(person, &row.value) {
                    return Ok(());
                }
                after = Some((person, ()));
            }
            if !full {
                return Ok(());
            }
        }
    }

    pub(crate) fn record_cohort<U: Use>(
        &self,
        service: &str,
        grant: &Grant,
        outcome: Outcome,
        members: &RoaringBitmap,
    ) -> Result<u64, Refusal> {
        let row = CohortUseRow {
            kind: U::KIND,
            purpose: grant.purpose,
            bit: self.grants.bit(grant),
            service: service.to_owned(),
            outcome,
            people: members.len(),
            members: written(members)?,
            entry: 0,
        };
        let now = self.clock.now();
        let (nonce, leaf) = self.cohort_leaf(&row, now)?;
        let used = CohortUse::of(row, nonce, members)?;
        for _ in 0..ATTEMPTS_MAX {
            let appended = self.ledger.append_with(vec![leaf.clone()], now, |first| {
                let mut batch = Batch::default();
                used.stage_places(&mut batch, now);
                used.stage_row(&mut batch, now, first);
                batch
            });
            match appended {
                Ok(appended) => {
                    self.ledger.sync(&appended)?;
                    return Ok(appended.first);
                }
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::StoreUnavailable(StoreError::Conflict))
    }

    pub(crate) fn cohort_leaf(
        &self,
        row: &CohortUseRow,
        now: Timestamp,
    ) -> Result<([u8; 8], Vec<u8>), StoreError> {
        let (mut nonce, mut key) = ([0; 8], [0; 32]);
        self.rng.fill(&mut nonce);
        // A cohort has no key of its own: its row's nonce is what keeps the leaf unguessable.
        if let Some(head) = key.first_chunk_mut::<8>() {
            *head = nonce;
        }
        let bytes = row_bytes(row, nonce)?;
        let (kind, purpose) = (row.kind as u8, row.purpose);
        Ok((nonce, leaf(LeafKind::CohortUse, kind, purpose, now, &key, &bytes)))
    }

    /// Opens, of a page of people, those whom the cohort covers and whose contract still allows it
    /// in the snapshot to be read.
    ///
    /// # Errors
    ///
    /// When the store fails.
    ///
    /// # Panics
    ///
    /// When another gate minted it.
    pub fn spend_page<U: PersonUse>(
        &self,
        permit: &CohortPermit<U>,
        view: &View<'_>,
        people: &[PersonId],
    ) -> Result<Vec<(PersonId, Opening<U>)>, Refusal> {
        assert!(permit.seal == self.seal(), "a permit minted by another gate");
        let contracts = self.contracts(view, people)?;
        let open = people.iter().zip(contracts).filter_map(|(person, row)| {
            let contract = row?.value;
            let allowed =
                self.allows(&contract, permit.bit) && permit.members.contains(contract.ordinal);
            allowed.then(|| (*person, self.opening(permit.entry, contract, permit.purpose)))
        });
        Ok(open.collect())
    }

    /// Up to `limit` people of a cohort after `after`, in the store's order. Those of a page that was asked for
    /// are known: whether they still allow it is looked at when it is spent.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn page_of<U: PersonUse>(
        &self,
        permit: &CohortPermit<U>,
        view: &View<'_>,
        after: Option<PersonId>,
        limit: usize,
    ) -> Result<Vec<PersonId>, StoreError> {
        if let Some(page) = &permit.page {
            let left =
                page.iter().copied().filter(|person| after.is_none_or(|after| *person > after));
            return Ok(left.take(limit).collect());
        }
        let mut people = Vec::new();
        self.walk(view, after, at_once(limit), &mut |person, contract| {
            if permit.members.contains(contract.ordinal) && self.allows(contract, permit.bit) {
                people.push(person);
            }
            people.len() < limit
        })?;
        Ok(people)
    }
}

/// Contracts that are read at a time to find `limit` people: some will not allow it.
fn at_once(limit: usize) -> usize {
    limit.saturating_mul(2).clamp(1, limits::PAGE_MAX)
}
