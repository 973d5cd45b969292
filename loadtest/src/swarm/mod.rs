//! `swarm`: simulated players over real QUIC. Links are the client's own sessions, minds the
//! server's own bots, figures of the server come from its metrics.

mod figures;
mod host;
mod player;
mod run;
mod scrape;
mod series;

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use gamera_client::impair::Impair;
use gamera_link::conditioner::ImpairmentError;
use gamera_protocol::join::{JoinLine, JoinLineError};
use gamera_protocol::roster::{SEATS_MAX, SEATS_MIN};
use gamera_server::bots::Level;
use gamera_server::config::TransportSetting;

use crate::Exit;
use crate::report::{self, ReportError};
use figures::{Figures, Threshold};
use host::{HostError, Server};

/// Players that one thread bears at 30 turns a second with room to spare.
const BOTS_A_THREAD: usize = 512;

/// Where the server that is started starts its match.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum SceneArg {
    /// In the thick of it, and it stays there.
    Clash,
    /// At its beginning.
    Opening,
}

/// The arguments of `swarm`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The join line of a server; one is started beside this program when not given
    #[arg(long, value_name = "LINE", value_parser = join_line)]
    server: Option<JoinLine>,
    /// The address of that server's metrics, as in 127.0.0.1:9000
    #[arg(long, value_name = "ADDR", requires = "server")]
    metrics: Option<String>,
    /// Simulated players
    #[arg(long, default_value_t = 16)]
    bots: usize,
    /// Seconds to measure, once everyone has joined
    #[arg(long, default_value_t = 30)]
    duration: u64,
    /// Where the started server's match starts
    #[arg(long, value_enum, default_value = "clash", conflicts_with = "server")]
    scene: SceneArg,
    /// Seats of the started server's match; as many as there are players when not given
    #[arg(long, conflicts_with = "server")]
    seats: Option<u16>,
    /// The players' level: easy, normal or hard
    #[arg(long, default_value = "normal")]
    level: Level,
    /// Joins a second
    #[arg(long, default_value_t = 100)]
    join_rate: u32,
    /// Threads for the players; one for each 512 of them when not given
    #[arg(long)]
    threads: Option<usize>,
    /// Who drives QUIC, of the players and of the started server
    #[arg(long, value_enum, default_value = "polled")]
    transport: TransportSetting,
    /// The players' lines
    #[command(flatten)]
    impair: Impair,
    /// A figure that must not be worse, as in "tick_p99<10ms"; may be given more than once
    #[arg(long, value_name = "FIGURE<VALUE")]
    threshold: Vec<Threshold>,
    /// Writes the figures as one JSON object, - for the standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Why a swarm was not measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SwarmError {
    #[error("--bots 0: send at least one")]
    NoBots,
    #[error("--threads 0: give at least one")]
    NoThreads,
    #[error(
        "--seats {0}: a match has {SEATS_MIN} to {SEATS_MAX} seats; host more matches with gamera-server --matches"
    )]
    Seats(usize),
    #[error(transparent)]
    Impair(#[from] ImpairmentError),
    #[error(transparent)]
    Host(#[from] HostError),
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
    #[error("nobody of {tried} could join: {reason}")]
    NobodyJoined { tried: usize, reason: String },
    #[error(transparent)]
    Report(#[from] ReportError),
}

impl SwarmError {
    /// The exit code that tells of it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            SwarmError::Host(_) | SwarmError::NobodyJoined { .. } => Exit::NoLink,
            SwarmError::System(_) => Exit::Short,
            _ => Exit::Usage,
        }
    }
}

fn join_line(text: &str) -> Result<JoinLine, JoinLineError> {
    text.parse()
}

/// Sends the swarm and reports how it went.
pub(crate) fn run(args: &Args) -> Result<Exit, SwarmError> {
    check(args)?;
    let impairment = args.impair.impairment()?;
    let server = match &args.server {
        Some(line) => Server::elsewhere(line.clone(), args.metrics.clone()),
        None => {
            let scene = if args.scene == SceneArg::Clash { "clash" } else { "opening" };
            Server::start(args.seats.unwrap_or(args.bots.max(SEATS_MIN.into()) as u16), scene, args.transport)?
        }
    };
    let plan = run::Plan {
        line: server.line().clone(),
        impairment,
        bots: args.bots,
        duration: Duration::from_secs(args.duration.max(1)),
        level: args.level,
        join_rate: args.join_rate.max(1),
        threads: args.threads.unwrap_or(args.bots.div_ceil(BOTS_A_THREAD)).min(args.bots),
        transport: args.transport,
    };
    let outcome = run::run(&plan, &server);
    server.stop();
    report(args, &outcome?)
}

fn check(args: &Args) -> Result<(), SwarmError> {
    let seats = args.seats.map_or(args.bots, usize::from);
    if args.bots == 0 {
        return Err(SwarmError::NoBots);
    }
    if args.threads == Some(0) {
        return Err(SwarmError::NoThreads);
    }
    if args.server.is_none() && (seats > SEATS_MAX.into() || args.seats.is_some_and(|s| s < SEATS_MIN)) {
        return Err(SwarmError::Seats(seats));
    }
    Ok(())
}

fn report(args: &Args, outcome: &run::Outcome) -> Result<Exit, SwarmError> {
    if outcome.joined == 0 {
        let reason = outcome.refusal.clone().unwrap_or_else(|| "no reason was given".to_owned());
        return Err(SwarmError::NobodyJoined { tried: args.bots, reason });
    }
    let figures = Figures::of(args.bots, outcome, &args.threshold);
    match &args.json {
        Some(path) => report::write_json(path, &figures)?,
        None => report::write_lines(&figures.lines()),
    }
    if let Some(reason) = outcome.refusal.as_ref().filter(|_| outcome.failed > 0) {
        eprintln!("gamera-loadtest: {} of {} could not join or stay: {reason}", outcome.failed, args.bots);
    }
    Ok(figures.exit())
}
