//! Keeping, beside the records, which of them say a house: of people who let households be recognised.

use super::Home;
use crate::gather::Gathered;
use crate::row::HOMES;
use gate::{Allowed, Contract, Gate};
use model::{Grant, Purpose, RecordId};
use store::Batch;

/// Whether what somebody allows lets households be recognised until something else is said. What ends by
/// itself does not: nobody would be there to take it out.
pub(super) fn allows(gate: &Gate, allowed: &Allowed) -> bool {
    let bit = gate.grants().bit(&Grant::whole(Purpose::HouseholdLinking));
    bit.is_some_and(|bit| allowed.always(bit))
}

/// Whether a record is counted, or is not, as its person's contract says.
pub(crate) fn fits(gate: &Gate, home: &Home, contract: &Contract) -> bool {
    home.counted == (allows(gate, &contract.allowed) && !home.stays.is_empty())
}

/// Counts a person's records in hand, or counts them no more, as their contract says.
pub(crate) fn settle(
    gate: &Gate,
    gathered: &mut Gathered,
    records: &[RecordId],
    allowed: &Allowed,
) {
    let allows = allows(gate, allowed);
    for id in records {
        let Some(held) = gathered.records.get_mut(id) else { continue };
        let counted = allows && !held.now.home.stays.is_empty();
        if std::mem::replace(&mut held.now.home.counted, counted) != counted {
            held.dirty = true;
            gathered.rehoused.insert(*id);
        }
    }
}

/// Adds to a batch what the records in hand say of houses now.
pub(crate) fn stage(gathered: &Gathered, batch: &mut Batch) {
    for (house, id) in &gathered.unhoused {
        batch.delete(&HOMES, house, id);
    }
    let held = gathered.rehoused.iter().filter_map(|id| Some((id, gathered.records.get(id)?)));
    for (id, held) in held {
        for house in held.now.home.houses() {
            if held.now.home.counted {
                batch.put(&HOMES, &house, id, &());
            } else {
                batch.delete(&HOMES, &house, id);
            }
        }
    }
}
