//! A permit cannot be read from bytes.

use gate::{Permit, View};

fn main() {
    let _ = serde_json::from_str::<Permit<View>>("{}");
}
