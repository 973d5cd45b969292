//! `trace`: a made-up world of moving units as a file, on which replication is measured.
//!
//! The world and the file's format are those that other engines' replication has been measured on;
//! the same seed gives the same bytes, which their FNV shows.

mod file;
mod world;

use std::path::PathBuf;

use crate::Exit;
use crate::report;
pub(crate) use file::{HZ, Place, Trace, TraceError, Unit};

/// The arguments of `trace`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Units of the world
    #[arg(long, default_value_t = 2_000)]
    units: usize,
    /// Ticks of the trace, 30 a second
    #[arg(long, default_value_t = 600)]
    ticks: usize,
    /// Viewpoints that move about
    #[arg(long, default_value_t = 128)]
    viewers: usize,
    /// Seeds the world: the same seed gives the same file
    #[arg(long, default_value = "0x5EED202611220001", value_parser = seed)]
    seed: u64,
    /// Where the trace goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn seed(text: &str) -> Result<u64, String> {
    let digits = text.replace('_', "");
    let parsed = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    parsed.map_err(|_| "give a whole number, or one in hexadecimal as in 0x5EED".to_owned())
}

/// Makes the trace and writes it.
pub(crate) fn run(args: &Args) -> Result<Exit, TraceError> {
    file::check_size(args.units, args.ticks, args.viewers)?;
    let trace = world::generate(args.units, args.ticks, args.viewers, args.seed);
    trace.save(&args.out)?;
    report::write_lines(&[format!(
        "{}: {} units, {} ticks, {} viewers, seed {:#x}, fnv1a64 {:#018x}",
        args.out.display(),
        args.units,
        args.ticks,
        args.viewers,
        args.seed,
        trace.fnv()
    )]);
    Ok(Exit::Ok)
}

#[cfg(test)]
pub(crate) fn generate(units: usize, ticks: usize, viewers: usize, seed: u64) -> Trace {
    world::generate(units, ticks, viewers, seed)
}
