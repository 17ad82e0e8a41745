//! A permit is one use: spending moves it.

use gate::{Permit, View};
use people::People;

fn twice(people: &People, permit: Permit<View>) {
    let _ = people.profile(permit, &|_| 0);
    let _ = people.profile(permit, &|_| 0);
}

fn main() {}
