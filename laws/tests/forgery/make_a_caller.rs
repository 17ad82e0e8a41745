//! A caller is a service that has shown its key: only the registry makes one.

use gate::Caller;

fn pretend(other: Caller) -> Caller {
    Caller { ..other }
}

fn main() {}
