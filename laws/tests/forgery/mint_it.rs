//! A permit cannot be minted outside of the gate.

fn main() {
    let _ = gate::Permit::<gate::View>::mint;
}
