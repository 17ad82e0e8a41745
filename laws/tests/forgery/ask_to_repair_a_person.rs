//! Repair is no use of a person's data: the gate does not take the question.

use gate::{Caller, Gate, Repair};
use model::{Grant, PersonId};

fn ask(gate: &Gate, caller: &Caller, person: PersonId, grant: &Grant) {
    let _ = gate.ask::<Repair>(caller, person, grant);
}

fn main() {}
