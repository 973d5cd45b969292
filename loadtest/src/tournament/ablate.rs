//! `tournament ablate`: what each system of the story and each seat is worth to its own side. The same
//! matches are played with it and without it, and compared pair by pair.

use gamera_protocol::balance::Rule;
use gamera_protocol::ids::{Role, Side};
use serde::Serialize;

use super::pairs::{Worth, worth};
use super::play::{Plan, Record};
use super::play_all;
use crate::stats::{Rate, Spread};

/// Switching a system off costs its side no more points of its wins than this, but for [`PILLARS`].
const COST_MAX_POINTS: f64 = 35.0;
/// What a side may lean on with all its weight.
const PILLARS: [Rule; 3] = [Rule::Harvest, Rule::Uproot, Rule::Evacuation];
/// A seat that idles costs its side at least this, points of its wins.
const SEAT_COST_MIN_POINTS: f64 = 1.0;

/// What is taken out of the matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    /// A system is switched off.
    System(Rule),
    /// The first seat of the role does nothing.
    Seat(Role),
}

/// What one part is worth.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    part: &'static str,
    side: &'static str,
    /// How often its side wins without it.
    win_without: Rate,
    /// Points of its side's wins that it is worth.
    win_points: f64,
    /// What it is worth in its side's score margin: the mean of the pairs, with its 95 % interval.
    margin: Spread,
    ok: bool,
    /// Why it is not ok.
    why: &'static str,
}

/// The whole table.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Ablation {
    pub(super) matches: usize,
    pub(super) seed: u64,
    pub(super) seats: u16,
    pub(super) rows: Vec<Row>,
}

/// Plays `matches` with everything, and again without each part; `only` these systems where any is named.
/// `tell` is given the table line by line as it is found out, for the whole of it takes long.
pub(super) fn run(plan: &Plan, matches: usize, jobs: usize, only: &[Rule], tell: impl Fn(String)) -> Ablation {
    let (seed, seats) = (plan.config.seed, plan.config.seats);
    head(matches, seats, seed).into_iter().for_each(&tell);
    let whole = play_all(plan, matches, jobs);
    let rules = if only.is_empty() { Rule::ALL } else { only };
    let roles = if only.is_empty() { Role::ALL } else { &[] };
    let parts = rules.iter().map(|rule| Part::System(*rule)).chain(roles.iter().map(|role| Part::Seat(*role)));
    let row = |part: Part| {
        let mut less = plan.clone();
        match part {
            Part::System(rule) => less.config.balance.rules.remove(rule),
            Part::Seat(role) => less.idle = Some(role),
        }
        let row = compare(part, &whole, &play_all(&less, matches, jobs));
        tell(line(&row));
        row
    };
    Ablation { matches, seed, seats, rows: parts.map(row).collect() }
}

fn compare(part: Part, whole: &[Record], less: &[Record]) -> Row {
    let (name, side) = match part {
        Part::System(rule) => (rule.label(), side_of(rule)),
        Part::Seat(role) => (role.label(), role.side()),
    };
    let Worth { win_other: win_without, win_points, margin } = worth(side, whole, less);
    let why = judge(part, win_points, margin);
    Row { part: name, side: side.label(), win_without, win_points, margin, ok: why.is_empty(), why }
}

/// What is wrong with what a part is worth; empty where nothing is.
fn judge(part: Part, win_points: f64, margin: Spread) -> &'static str {
    match part {
        Part::Seat(_) if win_points < SEAT_COST_MIN_POINTS => "its side hardly misses it",
        Part::System(_) if margin.high < 0.0 => "its side does better without it",
        Part::System(_) if margin.low <= 0.0 => "not shown to help its side",
        Part::System(rule) if win_points > COST_MAX_POINTS && !PILLARS.contains(&rule) => "its side hangs on it",
        Part::System(_) | Part::Seat(_) => "",
    }
}

/// Whom a system is meant to help.
const fn side_of(rule: Rule) -> Side {
    match rule {
        Rule::Meteor
        | Rule::Harvest
        | Rule::Overgrowth
        | Rule::Hatch
        | Rule::Feed
        | Rule::Oxygen
        | Rule::Launch
        | Rule::Ignition
        | Rule::Blast
        | Rule::Mob
        | Rule::Emerge
        | Rule::QueenFlight
        | Rule::Plant
        | Rule::Impale
        | Rule::HornBeam
        | Rule::Claws
        | Rule::Burrow
        | Rule::March
        | Rule::BroodBurst
        | Rule::Whips => Side::Legion,
        Rule::Arrival
        | Rule::Flight
        | Rule::Uproot
        | Rule::Retreat
        | Rule::Fireball
        | Rule::Limp
        | Rule::Coma
        | Rule::Bond
        | Rule::Jewel
        | Rule::Intercept
        | Rule::Grab
        | Rule::Roar
        | Rule::Motes
        | Rule::Plasma
        | Rule::Ascension => Side::Gamera,
        Rule::Vigil
        | Rule::Guards
        | Rule::Discovery
        | Rule::Charges
        | Rule::Confer
        | Rule::Evacuation
        | Rule::Naming
        | Rule::Strafe
        | Rule::Research
        | Rule::Lure
        | Rule::Missiles
        | Rule::Wariness => Side::Sdf,
    }
}

fn head(matches: usize, seats: u16, seed: u64) -> [String; 3] {
    [
        format!("what each part is worth to its side: {matches} pairs of matches of {seats} seats, seed {seed}"),
        String::new(),
        format!("      {:<14} {:<7} {:>6}  {:>7} {:<18} without it", "part", "side", "wins", "margin", ""),
    ]
}

fn line(row: &Row) -> String {
    let Row { part, side, win_without, win_points, margin, ok, why } = row;
    let mark = if *ok { "ok   " } else { "SHORT" };
    let interval = format!("[{:+.0}, {:+.0}]", margin.low, margin.high);
    let share = win_without.rate * 100.0;
    format!(
        "{mark} {part:<14} {side:<7} {win_points:>+6.1}  {:>+7.0} {interval:<18} {share:>4.0} %  {why}",
        margin.mean
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(low: f64, high: f64) -> Spread {
        Spread { mean: (low + high) / 2.0, low, high }
    }

    #[test]
    fn a_part_is_judged_by_what_its_side_loses_without_it() {
        for (part, points, margin, why) in [
            (Part::System(Rule::Grab), 4.0, spread(5.0, 40.0), ""),
            (Part::System(Rule::Grab), 4.0, spread(-5.0, 40.0), "not shown to help its side"),
            (Part::System(Rule::Feed), -9.0, spread(-90.0, -40.0), "its side does better without it"),
            (Part::System(Rule::BroodBurst), 36.0, spread(50.0, 90.0), "its side hangs on it"),
            (Part::System(Rule::Uproot), 60.0, spread(50.0, 90.0), ""),
            (Part::Seat(Role::Jet), 0.5, spread(5.0, 9.0), "its side hardly misses it"),
            (Part::Seat(Role::Jet), 1.0, spread(-5.0, 9.0), ""),
        ] {
            assert_eq!(judge(part, points, margin), why, "{part:?} {points} {margin:?}");
        }
    }

    #[test]
    fn every_side_has_systems_and_each_is_somebodys() {
        for side in [Side::Gamera, Side::Legion, Side::Sdf] {
            assert!(Rule::ALL.iter().filter(|rule| side_of(**rule) == side).count() > 10, "{side:?}");
        }
    }
}
