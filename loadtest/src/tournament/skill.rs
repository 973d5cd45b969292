//! `tournament skill`: what it is worth to each side to be better at all it does. The same matches are
//! played with that side's damage, speed and rates a share greater, and compared pair by pair.

use gamera_protocol::ids::Side;
use serde::Serialize;

use super::pairs::{Worth, worth};
use super::play::Plan;
use super::play_all;
use crate::stats::{Rate, Spread};

/// How much better a side is made where nobody says it, percent.
pub(super) const BOOST_PCT: i32 = 15;
/// What [`BOOST_PCT`] is worth, points of a side's wins: enough to tell, not enough to decide.
const POINTS: std::ops::RangeInclusive<f64> = 12.0..=25.0;

/// What skill is worth to one side.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    side: &'static str,
    /// How often the side wins as it is.
    win_plain: Rate,
    win_points: f64,
    /// In the side's score margin.
    margin: Spread,
    ok: bool,
}

/// The whole table.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Skill {
    matches: usize,
    seed: u64,
    seats: u16,
    boost_pct: i32,
    rows: Vec<Row>,
}

/// Plays `matches` as they are, and again with each side boosted in turn.
pub(super) fn run(plan: &Plan, matches: usize, jobs: usize) -> Skill {
    let plain = play_all(plan, matches, jobs);
    let row = |side: Side| {
        let mut better = plan.clone();
        better.config.balance.boost(side, BOOST_PCT);
        let Worth { win_other, win_points, margin } = worth(side, &play_all(&better, matches, jobs), &plain);
        Row { side: side.label(), win_plain: win_other, win_points, margin, ok: POINTS.contains(&win_points) }
    };
    let rows = [Side::Gamera, Side::Legion, Side::Sdf].map(row).into();
    Skill { matches, seed: plan.config.seed, seats: plan.config.seats, boost_pct: BOOST_PCT, rows }
}

/// The table, line by line.
pub(super) fn lines(skill: &Skill) -> Vec<String> {
    let Skill { matches, seed, seats, boost_pct, rows } = skill;
    let mut out = vec![
        format!(
            "what +{boost_pct} % of damage, speed and rates is worth: {matches} pairs of matches of {seats} seats, seed {seed}"
        ),
        String::new(),
        format!("      {:<8} {:>6}  {:>7} {:<18} as it is", "side", "wins", "margin", ""),
    ];
    out.extend(rows.iter().map(|Row { side, win_plain, win_points, margin, ok }| {
        let mark = if *ok { "ok   " } else { "SHORT" };
        let interval = format!("[{:+.0}, {:+.0}]", margin.low, margin.high);
        let plain = win_plain.rate * 100.0;
        format!("{mark} {side:<8} {win_points:>+6.1}  {:>+7.0} {interval:<18} {plain:>6.0} %", margin.mean)
    }));
    out.push(format!("asked for: {} to {} points of wins", POINTS.start(), POINTS.end()));
    out
}
