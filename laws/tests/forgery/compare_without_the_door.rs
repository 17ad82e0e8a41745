//! The one door for linking is given to the room of people; nobody can make another.

use gate::{Gate, LinkDoor, LinkPermit};

fn forge(gate: &Gate) -> LinkPermit {
    gate.ask_linking(&LinkDoor { seal: gate.seal() }).unwrap()
}

fn mint(gate: &Gate) -> LinkPermit {
    LinkPermit { entry: 0, seal: gate.seal() }
}

fn main() {}
