//! `gamera-loadtest`: see [`gamera_loadtest`].

use clap::Parser;

fn main() -> std::process::ExitCode {
    gamera_loadtest::run(&gamera_loadtest::Cli::parse())
}
