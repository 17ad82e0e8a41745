//! A permit cannot be read from bytes.

use gate::{Permit, View};

fn read<'a, T: serde::Deserialize<'a>>() {}

fn main() {
    read::<Permit<View>>();
}
