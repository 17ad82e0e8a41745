//! A look at one's own data is for who is there: an id is not enough, and a session opens no other purpose.

use gate::{Gate, Permit, Subject, SubjectAccess, View};
use model::PersonId;

fn by_id(gate: &Gate, person: PersonId) -> Permit<SubjectAccess> {
    gate.ask_own(&person, person).unwrap()
}

fn otherwise(gate: &Gate, subject: &Subject, person: PersonId) -> Permit<View> {
    gate.ask_own(subject, person).unwrap()
}

fn main() {}
