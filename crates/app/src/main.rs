//! The binary `bonafide`.

use std::process::ExitCode;

/// Events are many small pieces; the system's allocator spends a quarter of the time on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    app::command::run()
}
