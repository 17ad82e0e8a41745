//! A permit to repair a quarantined item opens no person.

use gate::{Permit, Repair};
use people::People;

fn read(people: &People, permit: Permit<Repair>) {
    let _ = people.profile(permit, &|_| 0);
}

fn main() {}
