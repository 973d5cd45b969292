//! `codec`: the project's own replication over a trace. What an updated unit costs in bits and in
//! processor time, and whether each client sees exactly what it should.
//!
//! Server and clients are the real ones: [`gamera_server::replicate::Replicator`] and
//! [`gamera_protocol::snapshot::Replica`]. Between them lies a link of ticks: a datagram arrives in its
//! own tick or never, and an acknowledgement is as many ticks old as `--lag` says when the server
//! reads it.

#[cfg(test)]
mod allocations;
mod client;
mod cost;
mod figures;
mod judge;
mod run;
mod scene;

use std::path::PathBuf;

use crate::Exit;
use crate::report::{self, ReportError};
use crate::trace::{Trace, TraceError};

/// How far clients see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Radius {
    /// Everything.
    All,
    /// So many metres.
    Metres(u16),
}

/// The arguments of `codec`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The trace, from `gamera-loadtest trace`
    #[arg(long, value_name = "FILE")]
    trace: PathBuf,
    /// Age of the newest acknowledgement that the server holds, ticks
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=60))]
    lag: u32,
    /// Datagrams lost on their way, both ways, percent
    #[arg(long, default_value_t = 0.0, value_parser = percent)]
    loss: f64,
    /// How far clients see, metres
    #[arg(long, default_value = "256", value_parser = radius)]
    radius: Radius,
    /// Clients, each at a viewer of the trace; further ones follow the same viewers again
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..=4_096))]
    clients: u32,
    /// Seeds the loss
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Writes the figures as one JSON object, - for the standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CodecError {
    #[error(transparent)]
    Trace(#[from] TraceError),
    #[error("the trace has no viewers; make one with `gamera-loadtest trace --viewers 128 --out FILE`")]
    NoViewers,
    #[error("--radius {0}: clients are told of single things up to {1} m; give a smaller one")]
    Radius(String, u16),
    #[error(transparent)]
    Report(#[from] ReportError),
}

fn percent(text: &str) -> Result<f64, String> {
    let parsed = text.parse().ok().filter(|p| (0.0..=100.0).contains(p));
    parsed.ok_or_else(|| "give a share of 0 to 100 percent".to_owned())
}

fn radius(text: &str) -> Result<Radius, String> {
    match text {
        "all" => Ok(Radius::All),
        _ => text.parse().map(Radius::Metres).map_err(|_| "give metres, or `all`".to_owned()),
    }
}

/// Measures and reports.
pub(crate) fn run(args: &Args) -> Result<Exit, CodecError> {
    let trace = Trace::load(&args.trace)?;
    if trace.viewers[0].is_empty() {
        return Err(CodecError::NoViewers);
    }
    let radius_m = match args.radius {
        Radius::Metres(m) if m <= scene::RADIUS_MAX_M => m,
        Radius::Metres(m) => return Err(CodecError::Radius(m.to_string(), scene::RADIUS_MAX_M)),
        Radius::All => return Err(CodecError::Radius("all".to_owned(), scene::RADIUS_MAX_M)),
    };
    let plan = run::Plan {
        lag_ticks: args.lag,
        loss_permille: (args.loss * 10.0).round() as u32,
        radius_m,
        clients: args.clients as usize,
        seed: args.seed,
    };
    let figures = run::measure(&trace, &plan);
    report::write(args.json.as_deref(), &figures, &figures.lines())?;
    Ok(if figures.is_right() { Exit::Ok } else { Exit::Short })
}
