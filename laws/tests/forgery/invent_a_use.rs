//! Nobody outside of the gate can invent a kind of use.

enum Peek {}

impl gate::Use for Peek {
    const KIND: gate::UseKind = gate::UseKind::View;
}

fn main() {}
