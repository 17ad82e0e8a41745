//! The binary `bonafide`.

fn main() {}
