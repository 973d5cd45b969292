//! The load tester: swarms over the wire, tournaments without one, the codec over a trace, and their
//! reports.
//!
//! It holds no second copy of the client or of a bot: links are the client crate's session, minds
//! the server's bots.

mod codec;
mod feel;
mod film;
mod report;
mod stats;
mod swarm;
mod threshold;
mod tournament;
mod trace;

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
    /// Sends simulated players to a server and prints how it and they fared.
    Swarm(Box<swarm::Args>),
    /// Plays the part of the players that a swarm of several processes gives this one.
    #[command(name = swarm::PART_COMMAND, hide = true)]
    SwarmPart,
    /// Attacks a server of its own and prints what honest players feel of it, and what it holds and sends.
    Hostile(swarm::hostile::Args),
    /// Writes a made-up world of moving units as a file, on which replication is measured.
    Trace(trace::Args),
    /// Runs the replication over a trace: bits an update, processor time, and whether all is right.
    Codec(codec::Args),
    /// Plays over a bad line on a made-up time, and prints how it felt.
    Feel(Box<feel::Args>),
    /// Plays matches of bots without a network and prints who wins, how and when.
    Tournament(tournament::Args),
    /// Plays the film, a scripted match that needs every rule, and prints its beats.
    Film(film::Args),
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
    /// Could not connect, or no server could be started.
    NoLink = 3,
    /// The generator could not keep up: its figures are not the server's.
    Late = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Runs the program to its end.
#[must_use]
pub fn run(cli: &Cli) -> ExitCode {
    match &cli.command {
        Command::Swarm(args) => ended(swarm::run(args).map_err(|e| (e.exit(), e.to_string()))),
        Command::SwarmPart => (if swarm::serve_part() { Exit::Ok } else { Exit::Usage }).into(),
        Command::Hostile(args) => ended(swarm::hostile::run(args).map_err(|e| (e.exit(), e.to_string()))),
        Command::Trace(args) => ended(trace::run(args).map_err(|e| (Exit::Usage, e.to_string()))),
        Command::Codec(args) => ended(codec::run(args).map_err(|e| (Exit::Usage, e.to_string()))),
        Command::Feel(args) => ended(feel::run(args).map_err(|e| (e.exit(), e.to_string()))),
        Command::Film(args) => ended(film::run(args).map_err(|e| (Exit::Usage, e.to_string()))),
        Command::Tournament(args) => ended(tournament::run(args).map_err(|e| (Exit::Usage, e.to_string()))),
    }
}

fn ended(result: Result<Exit, (Exit, String)>) -> ExitCode {
    match result {
        Ok(exit) => exit.into(),
        Err((exit, error)) => {
            eprintln!("gamera-loadtest: {error}");
            exit.into()
        }
    }
}
