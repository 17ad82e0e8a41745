//! A permit cannot be cloned.

use gate::{Permit, View};

fn again(permit: &Permit<View>) -> Permit<View> {
    permit.clone()
}

fn main() {}
