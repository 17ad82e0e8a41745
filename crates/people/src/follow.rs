//! Following a change of policy: contracts that were folded by other rules are folded again.

use crate::gather::Gathered;
use crate::resolve::contract_of;
use crate::row::RECORDS;
use crate::{People, PeopleError};
use gate::{Contract, UseKind, Work};
use model::{PersonId, Purpose, RecordId};
use roaring::RoaringBitmap;
use store::{Batch, StoreError, limits};

/// The name under which it stands in the ledger.
const SERVICE: &str = "policy";

/// Contracts that are folded in one commit.
const PAGE: usize = 1_000;

impl People {
    /// Folds every contract again if the policy, or the grants there are, have changed since; gives how
    /// many came out otherwise, or nothing when none had to be looked at. What is interrupted is begun
    /// again by the next call. Nobody else may write meanwhile.
    ///
    /// # Errors
    ///
    /// The error of the room that failed.
    pub fn follow_policy(&self) -> Result<Option<u64>, PeopleError> {
        if self.gate.policy_stands(&self.store.read()?)? {
            return Ok(None);
        }
        for record in self.turned()? {
            self.reconsider(record)?;
        }
        let (mut changed, mut after) = (0, None);
        loop {
            let page = self.page_of_contracts(after)?;
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            changed += self.fold_page(page)?;
        }
        self.gate.note_policy()?;
        Ok(Some(changed))
    }

    /// The records that may be linked and could not, or no longer may.
    fn turned(&self) -> Result<Vec<RecordId>, StoreError> {
        let view = self.store.read()?;
        let (mut turned, mut after) = (Vec::new(), None);
        loop {
            let page = view.scan(&RECORDS, after.as_ref(), limits::PAGE_MAX)?;
            let full = page.len() == limits::PAGE_MAX;
            for (record, (), row) in page {
                if row.value.linkable != self.gate.may_link(&row.value.grounds) {
                    turned.push(record);
                }
                after = Some((record, ()));
            }
            if !full {
                return Ok(turned);
            }
        }
    }

    fn page_of_contracts(
        &self,
        after: Option<PersonId>,
    ) -> Result<Vec<(PersonId, Contract)>, StoreError> {
        let mut page = Vec::new();
        self.gate.each_contract(&self.store.read()?, after, &mut |person, contract| {
            page.push((person, contract.clone()));
            page.len() < PAGE
        })?;
        Ok(page)
    }

    /// Folds some contracts again in one commit; gives how many came out otherwise.
    fn fold_page(&self, page: Vec<(PersonId, Contract)>) -> Result<u64, PeopleError> {
        let view = self.store.read()?;
        let people: Vec<_> = page.into_iter().map(|(person, _)| person).collect();
        let rows = self.gate.contracts(&view, &people)?;
        let mut gathered = Gathered::default();
        let members = rows.iter().flatten().flat_map(|row| row.value.records.iter().copied());
        gathered.read_records(&view, members.collect::<Vec<_>>())?;
        let (mut batch, mut touched) = (Batch::default(), RoaringBitmap::new());
        for (person, row) in people.into_iter().zip(rows) {
            let Some(row) = row else { continue };
            let Contract { records, ordinal, .. } = &row.value;
            let contract = contract_of(&self.gate, &gathered, records, *ordinal);
            if contract != row.value {
                touched.insert(*ordinal);
                self.gate.stage_contract(&mut batch, person, &contract, Some(row.version));
            }
        }
        let changed = touched.len();
        if changed > 0 {
            let work = Work {
                kind: UseKind::SubjectAccess,
                purpose: Purpose::Operations,
                service: SERVICE.to_owned(),
                people: touched,
                signals: Vec::new(),
                leaves: Vec::new(),
            };
            let appended = self.gate.record(work, batch)?;
            self.sync(&appended)?;
        }
        Ok(changed)
    }
}
