//! `tournament`: matches of bots on all cores, and the figures of the balance.

mod ablate;
mod bands;
mod figures;
mod ledger;
mod pairs;
mod play;
mod skill;
mod table;

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use clap::ValueEnum;
use gamera_protocol::balance::{Balance, Rule, UnknownNumber};
use gamera_protocol::ids::{City, Role, Side};
use gamera_protocol::roster::{SEATS_MAX, SEATS_MIN};
use gamera_server::bots::{Level, Policy, UnknownName};
use gamera_server::sim::{MatchConfig, Mode, Scene};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::Exit;
use crate::report::{self, ReportError};
use figures::Figures;
pub(crate) use play::told;
use play::{Plan, Record};

/// The length of the matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum ModeArg {
    /// Three cities.
    Campaign,
    /// One city.
    Quick,
}

/// What is played beside the matches as they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum What {
    /// The same matches without each system and each seat in turn: what each is worth to its side.
    Ablate,
    /// The same matches with each side better in turn: what skill is worth
    Skill,
}

/// The arguments of `tournament`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Compares the matches with the same less something
    #[arg(value_enum)]
    what: Option<What>,
    /// Matches to play
    #[arg(long, default_value_t = 100)]
    matches: usize,
    /// Seeds the tournament: the same seed gives the same matches, whatever --jobs says
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seats of each match
    #[arg(long, default_value_t = 16)]
    seats: u16,
    /// Three cities, or one
    #[arg(long, value_enum, default_value = "campaign")]
    mode: ModeArg,
    /// The city of quick matches: sapporo, sendai or tokyo
    #[arg(long, default_value = "sapporo", value_parser = city)]
    city: City,
    /// The bots' level: easy, normal or hard
    #[arg(long, default_value = "normal")]
    level: Level,
    /// Switches a system of the story off, by its name; may be given more than once. With `ablate`: looks at
    /// these systems alone
    #[arg(long, value_name = "ABILITY", value_parser = rule)]
    without: Vec<Rule>,
    /// One side plays one idea to its end, as in gamera=horn-rush; may be given more than once
    #[arg(long, value_name = "SIDE=EXPLOITER", value_parser = policy)]
    policy: Vec<Policy>,
    /// The first seat of this role does nothing
    #[arg(long, value_name = "ROLE", value_parser = role)]
    idle: Option<Role>,
    /// Plays with another number, as in legion.mass_cap=300; may be given more than once
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<Setting>,
    /// Makes a side's damage, speed and rates greater, as in legion or legion=20 (percent; 15 when not said)
    #[arg(long, value_name = "SIDE[=PERCENT]", value_parser = boost)]
    boost: Option<(Side, i32)>,
    /// Matches at a time; as many as there are cores when not given
    #[arg(long)]
    jobs: Option<usize>,
    /// Prints what happens in each match, with its time
    #[arg(long)]
    events: bool,
    /// Tells what each role did, how often each event came and how the war stood each minute, in means
    #[arg(long)]
    ledger: bool,
    /// Writes the figures as one JSON object, - for the standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One number of the balance with another value.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Setting {
    name: String,
    value: i32,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Setting, String> {
        let wrong = || "give it as NAME=VALUE with a whole number, as in legion.mass_cap=300".to_owned();
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        Ok(Setting { name: name.to_owned(), value: value.parse().map_err(|_| wrong())? })
    }
}

/// Why a tournament was not played.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TournamentError {
    #[error("--seats {0}: a match has {SEATS_MIN} to {SEATS_MAX} seats")]
    Seats(u16),
    #[error("--matches 0: play at least one")]
    NoMatches,
    #[error("--set: {0}")]
    Number(#[from] UnknownNumber),
    #[error(transparent)]
    Report(#[from] ReportError),
}

fn city(name: &str) -> Result<City, String> {
    City::from_label(name).ok_or_else(|| "give sapporo, sendai or tokyo".to_owned())
}

/// The rule of this name, or the names there are.
pub(crate) fn rule(name: &str) -> Result<Rule, String> {
    let names = || Rule::ALL.iter().map(|r| r.label()).collect::<Vec<_>>().join(", ");
    Rule::from_label(name).ok_or_else(|| format!("there are {}", names()))
}

fn role(name: &str) -> Result<Role, String> {
    let names = || Role::ALL.iter().map(|r| r.label()).collect::<Vec<_>>().join(", ");
    Role::from_label(name).ok_or_else(|| format!("there are {}", names()))
}

fn policy(text: &str) -> Result<Policy, String> {
    let (side, name) = text.split_once('=').ok_or("give it as SIDE=EXPLOITER, as in gamera=horn-rush")?;
    let policy: Policy = name.parse().map_err(|e: UnknownName| e.to_string())?;
    match Side::from_label(side) {
        Some(side) if side == policy.side() => Ok(policy),
        Some(side) => Err(format!("{name} is {}'s to play, not {side}'s", policy.side())),
        None => Err("the sides are gamera, legion and sdf".to_owned()),
    }
}

fn boost(text: &str) -> Result<(Side, i32), String> {
    let (side, pct) = text.split_once('=').map_or((text, Ok(skill::BOOST_PCT)), |(side, pct)| (side, pct.parse()));
    let side = Side::from_label(side).ok_or("the sides are gamera, legion and sdf")?;
    match pct {
        Ok(pct @ 1..=100) => Ok((side, pct)),
        _ => Err("give a boost of 1 to 100 percent, as in legion=20".to_owned()),
    }
}

/// Plays the tournament and reports it.
pub(crate) fn run(args: &Args) -> Result<Exit, TournamentError> {
    let plan = plan(args)?;
    let json = args.json.as_deref();
    let jobs = args.jobs.filter(|n| *n > 0).unwrap_or_else(cores).min(args.matches);
    match args.what {
        Some(What::Ablate) => {
            let tell = |line| report::write_lines_beside(json, &[line]);
            let ablation = ablate::run(&plan, args.matches, jobs, &args.without, tell);
            report::write(json, &ablation, &[])?;
            return Ok(Exit::Ok);
        }
        Some(What::Skill) => {
            let skill = skill::run(&plan, args.matches, jobs);
            report::write(json, &skill, &skill::lines(&skill))?;
            return Ok(Exit::Ok);
        }
        None => {}
    }
    let records = play_all(&plan, args.matches, jobs);
    if args.events {
        let line = |r: &Record, e| format!("{:>3} {}", r.index, told(e));
        let lines = records.iter().flat_map(|r| r.events.iter().map(move |e| line(r, e)));
        report::write_lines_beside(json, &lines.collect::<Vec<_>>());
    }
    let figures = Figures::of(args.seed, args.seats, args.mode, &records);
    report::write(json, &figures, &table::lines(&figures))?;
    let undecided = records.iter().filter(|r| r.verdict.is_none()).count();
    if undecided > 0 {
        eprintln!("gamera-loadtest: {undecided} of {} matches reached no verdict", records.len());
        return Ok(Exit::Short);
    }
    Ok(Exit::Ok)
}

fn plan(args: &Args) -> Result<Plan, TournamentError> {
    if !(SEATS_MIN..=SEATS_MAX).contains(&args.seats) {
        return Err(TournamentError::Seats(args.seats));
    }
    if args.matches == 0 {
        return Err(TournamentError::NoMatches);
    }
    let mut balance = Balance::default();
    for setting in &args.set {
        balance.set(&setting.name, setting.value)?;
    }
    if args.what != Some(What::Ablate) {
        args.without.iter().for_each(|rule| balance.rules.remove(*rule));
    }
    if let Some((side, pct)) = args.boost {
        balance.boost(side, pct);
    }
    let mode = match args.mode {
        ModeArg::Campaign => Mode::Campaign,
        ModeArg::Quick => Mode::Quick { city: args.city },
    };
    let config = MatchConfig { mode, scene: Scene::Opening, seats: args.seats, seed: args.seed, balance };
    let (level, policies, idle) = (args.level, args.policy.clone(), args.idle);
    Ok(Plan { config, level, policies, idle, keeps_events: args.events, keeps_ledger: args.ledger })
}

/// How many matches can be played at a time.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Plays all matches on `jobs` threads; the records come in the order of the matches.
fn play_all(plan: &Plan, matches: usize, jobs: usize) -> Vec<Record> {
    let bar = progress_bar(matches as u64);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut records: Vec<Option<Record>> = (0..matches).map(|_| None).collect();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    // Nobody listens any more only when this thread's own scope is being torn down.
                    if index >= matches || sender.send((index, play::play(plan, index as u64))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (index, record) in receiver {
            records[index] = Some(record);
            bar.inc(1);
        }
    });
    bar.finish_and_clear();
    records.into_iter().flatten().collect()
}

fn progress_bar(matches: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} matches, {elapsed} so far, {eta} to go");
    let bar = ProgressBar::with_draw_target(Some(matches), ProgressDrawTarget::stderr());
    bar.enable_steady_tick(Duration::from_millis(500));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn names_that_do_not_exist_are_refused_with_those_that_do() {
        for (arguments, part) in [
            (["--policy", "legion=horn-rush"], "horn-rush is gamera's to play"),
            (["--policy", "horn-rush"], "SIDE=EXPLOITER"),
            (["--without", "luck"], "harvest"),
            (["--level", "genius"], "easy, normal, hard"),
            (["--idle", "cook"], "scientist"),
            (["--set", "legion.mass_cap"], "NAME=VALUE"),
            (["--boost", "luck"], "gamera, legion and sdf"),
            (["--boost", "legion=900"], "1 to 100 percent"),
        ] {
            let error = Line::try_parse_from(["x"].iter().chain(&arguments)).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_tournament_is_the_same_whatever_the_number_of_jobs() {
        let line = Line::try_parse_from(["x", "--matches", "3", "--seats", "3", "--mode", "quick"]).unwrap();
        let mut plan = plan(&line.args).unwrap();
        plan.config.balance.campaign.quick_overtime_s = 20;
        plan.config.balance.campaign.quick_end_s = 30;
        let hash = |jobs| Figures::of(1, 3, ModeArg::Quick, &play_all(&plan, 3, jobs)).hash;
        assert_eq!(hash(1), hash(3));
    }
}
