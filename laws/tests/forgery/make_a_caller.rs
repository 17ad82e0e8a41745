//! A caller is a service that has shown its key: only the registry makes one.

use gate::{Caller, Service};
use std::sync::Arc;

fn pretend(service: Arc<Service>) -> Caller {
    Caller { service }
}

fn main() {}
