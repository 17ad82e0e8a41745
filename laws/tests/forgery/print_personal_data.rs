//! Personal data cannot be printed by accident.

use model::Sensitive;

fn main() {
    let email = Sensitive::new("ada@post.example");
    println!("{email}");
}
