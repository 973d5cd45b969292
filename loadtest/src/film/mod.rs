//! `film`: plays the scripted match, prints its beats, and checks that it needs every rule.

mod mutate;

use std::path::PathBuf;

use gamera_protocol::balance::RuleSet;
use gamera_protocol::ids::City;
use gamera_protocol::measure::TICK_HZ;
use gamera_server::film::{self, Film, Seen};
use serde::Serialize;

use crate::Exit;
use crate::report::{self, ReportError};
use crate::tournament;
use mutate::Mutation;

/// The arguments of `film`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The match's seed; with some the dice spoil the script, which is then said
    #[arg(long, default_value_t = film::SEED)]
    seed: u64,
    /// Takes a rule out and checks that the film fails without it; all does so with each in turn
    #[arg(long, value_name = "RULE|all")]
    mutate: Option<Mutation>,
    /// Films at a time with --mutate; as many as there are cores when not given
    #[arg(long)]
    jobs: Option<usize>,
    /// Prints everything that happens, beat or not
    #[arg(long)]
    events: bool,
    /// Writes the beats, or what --mutate found, as JSON, - for the standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What is reported of a film.
#[derive(Clone, Debug, Serialize)]
struct Report {
    seed: u64,
    ok: bool,
    /// Two films with the same hash ended in the same state.
    hash: String,
    beats: Vec<BeatLine>,
    /// What is wrong, the first first.
    flaws: Vec<String>,
}

/// One beat, as it is reported.
#[derive(Clone, Debug, Serialize)]
struct BeatLine {
    scene: &'static str,
    event: &'static str,
    city: Option<City>,
    /// Seconds since the match began.
    at_s: f64,
}

/// Plays the film, or what is left of it without a rule.
pub(crate) fn run(args: &Args) -> Result<Exit, ReportError> {
    if let Some(mutation) = args.mutate {
        return mutate::run(mutation, args);
    }
    let film = film::play(args.seed, RuleSet::default());
    if args.events {
        report::write_lines_beside(args.json.as_deref(), &film.log.iter().map(tournament::told).collect::<Vec<_>>());
    }
    let report = Report::of(args.seed, &film);
    report::write(args.json.as_deref(), &report, &report.lines())?;
    for flaw in &report.flaws {
        eprintln!("gamera-loadtest: the film is spoilt: {flaw}");
    }
    if !report.ok && args.seed != film::SEED {
        eprintln!("gamera-loadtest: dice can spoil it; --seed {} is the one it was written with", film::SEED);
    }
    Ok(if report.ok { Exit::Ok } else { Exit::Short })
}

impl Report {
    fn of(seed: u64, film: &Film) -> Report {
        Report {
            seed,
            ok: film.is_ok(),
            hash: format!("{:016x}", film.hash),
            beats: film.beats.iter().map(BeatLine::of).collect(),
            flaws: film.flaws.iter().map(ToString::to_string).collect(),
        }
    }

    fn lines(&self) -> Vec<String> {
        let beat = |(i, b): (usize, &BeatLine)| {
            let city = b.city.map_or("", City::label);
            format!("{:>2} {:>6.1} s  {:<18} {city:<8} {}", i + 1, b.at_s, b.event, b.scene)
        };
        let mut lines: Vec<String> = self.beats.iter().enumerate().map(beat).collect();
        lines.push(format!("hash {}", self.hash));
        lines.push(format!("ok {}", self.ok));
        lines
    }
}

impl BeatLine {
    fn of(seen: &Seen) -> BeatLine {
        let tenths = seen.event.tick.0 * 10 / TICK_HZ;
        BeatLine {
            scene: seen.scene,
            event: seen.event.kind.label(),
            city: seen.event.city,
            at_s: f64::from(tenths) / 10.0,
        }
    }
}
