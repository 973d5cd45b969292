//! `swarm`: simulated players over real QUIC. Links are the client's own sessions, minds the
//! server's own bots, figures of the server come from its metrics.

mod births;
mod cast;
mod children;
mod conduct;
mod crowd;
mod dialers;
mod figures;
mod hist;
mod host;
pub(crate) mod hostile;
mod joins;
mod live;
mod part;
mod places;
mod plan;
mod player;
mod rubbish;
mod run;
mod schedule;
mod scrape;
mod series;
mod shadow;
mod team;

use std::io::{IsTerminal, stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::ValueEnum;
use gamera_client::impair::Impair;
use gamera_link::conditioner::ImpairmentError;
use gamera_protocol::join::{JoinLine, JoinLineError};
use gamera_protocol::roster::{SEATS_MAX, SEATS_MIN};
use gamera_server::bots::Level;
use gamera_server::config::TransportSetting;

use crate::Exit;
use crate::report::{self, BaselineError, ReportError, Run};
use crate::threshold::Threshold;
use cast::{Cast, LineShare};
use figures::Figures;
use host::{HostError, Server};
use live::Live;
use plan::Plan;
use schedule::{Schedule, Stages};
use shadow::{Note, Shadow, ShadowError, Wanted, Whom};

pub(crate) use children::{COMMAND as PART_COMMAND, serve as serve_part};
pub(crate) use series::Second;

/// Players that one thread bears at 30 turns a second with room to spare.
const BOTS_A_THREAD: usize = 512;

/// A soak lasts so long, seconds, and so many percent of its players leave each minute.
const SOAK: (u64, f64) = (1_800, 10.0);
/// What memory may grow by in a soak and still count as not growing: 64 KiB a minute, 2 MB in half an hour.
const SOAK_BOUND: &str = "rss_growth_bytes_min<=65536";
/// What is measured when nothing is said, seconds.
const DURATION_S: u64 = 30;

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
    /// Seconds to measure, once everyone has joined; 30 when not given, 1,800 in a soak
    #[arg(long, value_name = "SECONDS")]
    duration: Option<u64>,
    /// Seconds in which the players come, evenly; --join-rate when not given
    #[arg(long, value_name = "SECONDS", conflicts_with = "stage")]
    ramp: Option<f64>,
    /// Players over time, straight lines between, as in 200@10s,1000@60s; the last number is measured
    #[arg(long, value_name = "PLAYERS@SECONDS,...", conflicts_with = "bots")]
    stage: Option<Stages>,
    /// Players that come at once, two seconds into the measured time
    #[arg(long, default_value_t = 0, value_name = "PLAYERS")]
    storm: usize,
    /// Share of the players that leave each minute and come again, half of them without a goodbye, percent
    #[arg(long, value_name = "PCT")]
    churn: Option<f64>,
    /// Share of the players that only sit there, percent
    #[arg(long, default_value_t = 0.0, value_name = "PCT")]
    idle: f64,
    /// Share of the players that send rubbish, percent; no figure of players counts them
    #[arg(long, default_value_t = 0.0, value_name = "PCT")]
    hostile: f64,
    /// A line that a share of the players has, as in 4g:30; may be given more than once
    #[arg(long, value_name = "PROFILE:PCT")]
    line: Vec<LineShare>,
    /// Processes that the players are divided among
    #[arg(long, default_value_t = 1)]
    processes: usize,
    /// Seats that the players leave to people who want to walk in
    #[arg(long, default_value_t = 0, value_name = "SEATS")]
    free_seats: usize,
    /// One more player, a seat's number or a role, whose view is shown and compared beside the server's
    #[arg(long, value_name = "SEAT|ROLE")]
    shadow: Option<Whom>,
    /// The administrator's socket of that server, for --shadow
    #[arg(long, value_name = "PATH", requires = "server")]
    admin: Option<PathBuf>,
    /// Half an hour with churn, judged by whether the server's memory grows
    #[arg(long)]
    soak: bool,
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
    #[arg(long, value_name = "FIGURE<VALUE", value_parser = Threshold::parse::<Figures>)]
    threshold: Vec<Threshold>,
    /// Writes the figures as one JSON object, - for the standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes a page with plots over the run that needs nothing beside itself
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Shows nothing while it runs
    #[arg(long)]
    quiet: bool,
    /// An earlier run's --json file, to compare with
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// Why a swarm was not measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SwarmError {
    #[error("--bots 0: send at least one")]
    NoBots,
    #[error("--threads 0 or --processes 0: give at least one")]
    NoThreads,
    #[error("--{flag} {percent}: give a share from 0 to 100, and no more than 100 for all of them together")]
    Share { flag: &'static str, percent: f64 },
    #[error("--ramp {0}: give seconds")]
    Ramp(f64),
    #[error("a generator of players has failed: {0}")]
    Generator(String),
    #[error(
        "--seats {0}: a match has {SEATS_MIN} to {SEATS_MAX} seats; host more matches with gamera-server --matches"
    )]
    Seats(usize),
    #[error(transparent)]
    Impair(#[from] ImpairmentError),
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Shadow(#[from] ShadowError),
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
    #[error("nobody of {tried} could join: {reason}")]
    NobodyJoined { tried: usize, reason: String },
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    #[error("the report cannot be put together: {0}")]
    Document(#[from] serde_json::Error),
}

impl SwarmError {
    /// The exit code that tells of it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            SwarmError::Host(_) | SwarmError::NobodyJoined { .. } => Exit::NoLink,
            SwarmError::Shadow(error) => error.exit(),
            SwarmError::System(_) | SwarmError::Generator(_) => Exit::Short,
            _ => Exit::Usage,
        }
    }
}

fn join_line(text: &str) -> Result<JoinLine, JoinLineError> {
    text.parse()
}

/// Sends the swarm and reports how it went.
pub(crate) fn run(args: &Args) -> Result<Exit, SwarmError> {
    let schedule = args.schedule()?;
    let most = schedule.most() + args.storm;
    check(args, most)?;
    let impairment = args.impair.impairment()?;
    let stop = run::stop_at_signals()?;
    // Before the run: a wrong file is not to be found out after it.
    let baseline = args.baseline.as_deref().map(Run::read).transpose()?;
    let server = match &args.server {
        Some(line) => Server::elsewhere(line.clone(), args.metrics.clone(), args.admin.clone()),
        None => {
            let scene = if args.scene == SceneArg::Clash { "clash" } else { "opening" };
            Server::start(args.seats(most) as u16, scene, args.transport, args.shadow.is_some())?
        }
    };
    eprintln!("walk in: gamera-client join {0}   or: gamera-client watch {0}", server.line());
    let processes = args.processes.min(most);
    let plan = Plan {
        line: server.line().clone(),
        impairment,
        lines: args.line.clone(),
        schedule,
        storm: args.storm,
        cast: Cast { idle_pct: args.idle, hostile_pct: args.hostile },
        churn_pct_min: args.churn.unwrap_or(if args.soak { SOAK.1 } else { 0.0 }),
        level: args.level,
        transport: args.transport,
        threads: args.threads.unwrap_or(most.div_ceil(BOTS_A_THREAD * processes)).min(most),
        processes,
    };
    let (shadow, live) = args.watched(&plan, &server, &stop)?;
    let outcome = run::run(&plan, args.duration(), &server, live, &stop, shadow);
    server.stop();
    report(args, most, &outcome?, baseline.as_ref())
}

impl Args {
    fn schedule(&self) -> Result<Schedule, SwarmError> {
        if let Some(stages) = &self.stage {
            return Ok(Schedule::staged(stages));
        }
        let seconds = self.ramp.unwrap_or(self.bots as f64 / f64::from(self.join_rate.max(1)));
        let is_time = (0.0..=1e6).contains(&seconds);
        if is_time { Ok(Schedule::ramp(self.bots, seconds)) } else { Err(SwarmError::Ramp(seconds)) }
    }

    fn duration(&self) -> Duration {
        let usual = if self.soak { SOAK.0 } else { DURATION_S };
        Duration::from_secs(self.duration.unwrap_or(usual).max(1))
    }

    /// The one who is looked at, seated, and where the run is shown.
    fn watched(
        &self,
        plan: &Plan,
        server: &Server,
        stop: &Arc<AtomicBool>,
    ) -> Result<(Option<Shadow>, Live), SwarmError> {
        let live = || if self.quiet { Live::none() } else { Live::start(self.duration()) };
        let Some(whom) = self.shadow else { return Ok((None, live())) };
        let socket = server.admin().ok_or(ShadowError::NoSocket)?.to_owned();
        let takes_stdout = self.json.as_deref() == Some(Path::new("-"));
        let is_shown = !self.quiet && !takes_stdout && stdout().is_terminal() && stdin().is_terminal();
        let note = Note::default();
        let live = if is_shown { Live::noted(Arc::clone(&note), self.duration()) } else { live() };
        let wanted = Wanted { whom, socket, is_shown, stop: Arc::clone(stop), note };
        Ok((Some(Shadow::start(plan, wanted)?), live))
    }

    /// Seats of a match for at most so many players.
    fn seats(&self, most: usize) -> usize {
        let shadows = usize::from(self.shadow.is_some());
        self.seats.map_or((most + shadows + self.free_seats).max(SEATS_MIN.into()), usize::from)
    }
}

fn check(args: &Args, most: usize) -> Result<(), SwarmError> {
    let seats = args.seats(most);
    if most == 0 {
        return Err(SwarmError::NoBots);
    }
    if args.shadow.is_some() && args.server.is_some() && args.admin.is_none() {
        return Err(ShadowError::NoSocket.into());
    }
    if args.threads == Some(0) || args.processes == 0 {
        return Err(SwarmError::NoThreads);
    }
    if args.server.is_none() && (seats > SEATS_MAX.into() || args.seats.is_some_and(|s| s < SEATS_MIN)) {
        return Err(SwarmError::Seats(seats));
    }
    let lines: f64 = args.line.iter().map(|line| line.percent).sum();
    let shares = [
        ("idle", args.idle),
        ("hostile", args.hostile),
        ("idle and --hostile", args.idle + args.hostile),
        ("churn", args.churn.unwrap_or(0.0) / 60.0),
        ("line", lines),
    ];
    match shares.into_iter().find(|(_, percent)| !(0.0..=100.0).contains(percent)) {
        Some((flag, percent)) => Err(SwarmError::Share { flag, percent }),
        None => Ok(()),
    }
}

fn report(args: &Args, most: usize, outcome: &run::Outcome, baseline: Option<&Run>) -> Result<Exit, SwarmError> {
    let (counts, refusal) = (&outcome.part.counts, &outcome.part.refusal);
    if counts.joined == 0 {
        let reason = refusal.clone().unwrap_or_else(|| "no reason was given".to_owned());
        return Err(SwarmError::NobodyJoined { tried: most, reason });
    }
    let mut thresholds = args.threshold.clone();
    // The bound is one that a threshold can be: a test reads it.
    thresholds.extend(args.soak.then(|| Threshold::parse::<Figures>(SOAK_BOUND).ok()).flatten());
    let mut figures = Figures::of(most, outcome, &thresholds);
    if outcome.is_interrupted {
        figures.note_interruption();
    }
    let now = Run::of(&figures)?;
    let changes = report::compare(baseline.unwrap_or(&now), &now, &figures::names(args.shadow.is_some()));
    if let Some(path) = &args.html {
        report::write_text(path, &report::page(&now, baseline, &changes))?;
    }
    let lines = figures.lines(baseline.map(|_| report::change_lines(&changes)));
    report::write(args.json.as_deref(), &figures, &lines)?;
    if let Some(reason) = refusal.as_ref().filter(|_| counts.failed > 0) {
        eprintln!("gamera-loadtest: {} of {most} could not join or stay: {reason}", counts.failed);
    }
    if counts.joining > 0 {
        eprintln!("gamera-loadtest: {} of {most} were still on their way in at the end", counts.joining);
    }
    Ok(figures.exit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_of_a_soak_is_a_threshold() {
        assert!(Threshold::parse::<Figures>(SOAK_BOUND).is_ok());
    }
}
