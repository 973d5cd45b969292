//! `feel`: how it feels to play over a bad line, measured on a time that is made up.
//!
//! Real client halves (session, replica, clock, prediction, interpolation, keys) play the real room over the
//! real protocol, QUIC included; only time and network are made up, so nothing sleeps, and the same seed
//! gives the same figures on every machine.

mod figures;
mod hand;
mod pilot;
mod play;
#[cfg(test)]
mod tests;
mod traffic;
mod world;

use std::path::PathBuf;
use std::time::Duration;

use gamera_client::impair::Impair;
use gamera_client::session::SessionError;
use gamera_link::conditioner::ImpairmentError;
use gamera_link::key::KeyError;
use gamera_server::net::EndpointError;

use crate::Exit;
use crate::report::{self, ReportError};
use crate::threshold::Threshold;
use figures::Figures;
use play::{Plan, play};

/// The arguments of `feel`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The line
    #[command(flatten)]
    impair: Impair,
    /// Players
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=16))]
    players: u16,
    /// Seats of the match, with bots in those that no player has
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(16..=1_024))]
    seats: u16,
    /// Seconds of made-up time to measure, once everyone has joined and settled
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Seeds battle, lines and hands: the same seed gives the same figures
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A figure that must not be worse, as in "snapshot_age_p99<250ms"; may be given more than once
    #[arg(long, value_name = "FIGURE<VALUE", value_parser = Threshold::parse::<Figures>)]
    threshold: Vec<Threshold>,
    /// Writes the figures as one JSON object, - for the standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Why it was not measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FeelError {
    #[error(transparent)]
    Impair(#[from] ImpairmentError),
    #[error("the world could not be made: {0}")]
    Endpoint(#[from] EndpointError),
    #[error("the world could not be made: {0}")]
    Key(#[from] KeyError),
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
    #[error("a player could not join: {0}; take a better line")]
    Session(#[from] SessionError),
    #[error("{0} players could not join within a minute; take a better line")]
    NotJoined(usize),
    #[error(transparent)]
    Report(#[from] ReportError),
}

impl FeelError {
    /// The exit code that tells of it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            FeelError::Session(_) | FeelError::NotJoined(_) => Exit::NoLink,
            FeelError::System(_) => Exit::Short,
            _ => Exit::Usage,
        }
    }
}

/// Plays, and reports how it felt.
pub(crate) fn run(args: &Args) -> Result<Exit, FeelError> {
    let plan = Plan {
        rules: args.impair.impairment()?,
        players: args.players.into(),
        seats: args.seats,
        time: Duration::from_secs(args.seconds),
        seed: args.seed,
    };
    let figures = Figures::of(args.impair.name(), &plan, &play(&plan)?).judged(&args.threshold);
    report::write(args.json.as_deref(), &figures, &figures.lines())?;
    Ok(figures.exit)
}
