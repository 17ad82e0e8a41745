//! The binary `bonafide`.

use std::process::ExitCode;

fn main() -> ExitCode {
    app::command::run()
}
