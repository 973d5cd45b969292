//! The load tester: swarms over the wire, tournaments without one, and their reports.
//!
//! It holds no second copy of the client or of a bot: links are the client crate's session, minds
//! the server's bots.

mod report;
mod stats;
mod tournament;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Stresses Gamera vs Legion: simulated players, and matches of bots that measure the balance.
#[derive(Debug, Parser)]
#[command(name = "gamera-loadtest", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays matches of bots without a network and prints who wins, how and when.
    Tournament(tournament::Args),
}

/// What the exit code says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Exit {
    /// As asked.
    Ok = 0,
    /// A threshold that was passed fell short, or something is wrong.
    Short = 1,
    /// Bad usage.
    Usage = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Runs the program to its end.
#[must_use]
pub fn run(cli: &Cli) -> ExitCode {
    let Command::Tournament(args) = &cli.command;
    match tournament::run(args) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("gamera-loadtest: {error}");
            Exit::Usage.into()
        }
    }
}
