//! A permit to view does not erase.

use gate::{Permit, View};
use people::People;

fn erase(people: &People, permit: Permit<View>) {
    let _ = people.erase(permit);
}

fn main() {}
