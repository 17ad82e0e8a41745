//! A permit cannot be pointed at another person by setting its field.

use gate::{Permit, View};
use model::PersonId;

fn redirect(permit: Permit<View>, person: PersonId) -> Permit<View> {
    Permit { person, ..permit }
}

fn main() {}
