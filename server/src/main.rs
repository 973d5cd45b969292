//! `gamera-server`: hosts matches.

use std::process::ExitCode;

use clap::Parser;
use gamera_server::config::Cli;

fn main() -> ExitCode {
    gamera_server::run(&Cli::parse())
}
