//! Entering records into the postings of their identifiers, and taking them out.
//!
//! A record whose contract refuses linking stands apart: it can be found by its identifiers, and
//! nothing that is decided about others can tell whether it is there.

use crate::absorb::insert_sorted;
use crate::gather::Gathered;
use crate::limits::POSTING_MAX;
use crate::row::{POSTINGS_APART, POSTINGS_MORE, RecordRow};
use model::{Blind, RecordId};
use std::collections::BTreeSet;
use store::{Batch, StoreError, View};

/// What changes in the postings.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    leave: Vec<(RecordId, Blind)>,
    enter: Vec<(RecordId, Blind)>,
    leave_apart: Vec<(RecordId, Blind)>,
    enter_apart: Vec<(RecordId, Blind)>,
}

impl Moves {
    /// A record as it is now, of whose identifiers some are `new` on it, and which `moved` between
    /// being linkable and not.
    pub(crate) fn note(
        &mut self,
        record: RecordId,
        row: &RecordRow,
        moved: bool,
        new: &BTreeSet<Blind>,
    ) {
        let (enter, leave) = if row.linkable {
            (&mut self.enter, &mut self.leave_apart)
        } else {
            (&mut self.enter_apart, &mut self.leave)
        };
        for blind in blinds(row) {
            let known = !new.contains(&blind);
            if moved && known {
                leave.push((record, blind));
            }
            if moved || !known {
                enter.push((record, blind));
            }
        }
    }

    /// A record that is going altogether.
    pub(crate) fn gone(&mut self, record: RecordId, row: &RecordRow) {
        let leave = if row.linkable { &mut self.leave } else { &mut self.leave_apart };
        leave.extend(blinds(row).map(|blind| (record, blind)));
    }

    /// Makes the changes. Those who leave go first, so that who enters finds the places they had.
    pub(crate) fn make(
        &self,
        view: &View<'_>,
        gathered: &mut Gathered,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let changing = self.leave.iter().chain(&self.enter).map(|(_, blind)| *blind);
        gathered.read_postings(view, changing)?;
        for (record, blind) in &self.leave_apart {
            batch.delete(&POSTINGS_APART, blind, record);
        }
        for (record, blind) in &self.enter_apart {
            batch.put(&POSTINGS_APART, blind, record, &());
        }
        let leaving: BTreeSet<RecordId> = self.leave.iter().map(|(record, _)| *record).collect();
        for (record, blind) in &self.leave {
            leave(view, gathered, &leaving, (*record, *blind), batch)?;
        }
        for (record, blind) in &self.enter {
            enter(gathered, (*record, *blind), batch);
        }
        Ok(())
    }
}

fn blinds(row: &RecordRow) -> impl Iterator<Item = Blind> {
    row.links.identifiers.iter().map(|(_, blind)| *blind)
}

fn enter(gathered: &mut Gathered, (record, blind): (RecordId, Blind), batch: &mut Batch) {
    let Some(held) = gathered.postings.get_mut(&blind) else { return };
    if held.now.members.len() < POSTING_MAX {
        if !insert_sorted(&mut held.now.members, record) {
            return;
        }
    } else {
        batch.put(&POSTINGS_MORE, &blind, &record, &());
    }
    held.now.total += 1;
    held.dirty = true;
}

/// Takes a record out, and moves one of the members that did not fit into the place that became
/// free. Whoever moves in may make a generic identifier meaningful again.
fn leave(
    view: &View<'_>,
    gathered: &mut Gathered,
    leaving: &BTreeSet<RecordId>,
    (record, blind): (RecordId, Blind),
    batch: &mut Batch,
) -> Result<(), StoreError> {
    let Some(held) = gathered.postings.get_mut(&blind) else { return Ok(()) };
    held.dirty = true;
    held.now.total = held.now.total.saturating_sub(1);
    match held.now.members.binary_search(&record) {
        Err(_) => batch.delete(&POSTINGS_MORE, &blind, &record),
        Ok(place) => {
            held.now.members.remove(place);
            // The view still shows those who leave, and those who moved in already.
            let enough = POSTING_MAX + leaving.len() + 1;
            let more = view.range(&POSTINGS_MORE, &blind, None, enough)?;
            let next = more
                .into_iter()
                .map(|(record, _)| record)
                .find(|record| !leaving.contains(record) && !held.now.members.contains(record));
            if let Some(record) = next {
                insert_sorted(&mut held.now.members, record);
                batch.delete(&POSTINGS_MORE, &blind, &record);
            }
        }
    }
    if held.now.total <= POSTING_MAX as u64 {
        gathered.meaningful_again(blind);
    }
    Ok(())
}
