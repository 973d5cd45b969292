//! The same matches played in two ways, compared pair by pair: what the difference is worth to a side.

use gamera_protocol::ids::Side;
use gamera_protocol::view::Verdict;

use super::play::Record;
use crate::stats::{Rate, Spread};

/// What one way of playing is worth to a side against another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worth {
    /// How often the side wins in the other way.
    pub(super) win_other: Rate,
    /// Points of its wins that the one way is worth.
    pub(super) win_points: f64,
    /// What the one way is worth in the side's score margin: the mean of the pairs, with its 95 % interval.
    pub(super) margin: Spread,
}

/// What `one` is worth to `side` against `other`, match by match.
pub(super) fn worth(side: Side, one: &[Record], other: &[Record]) -> Worth {
    let pairs: Vec<(&Verdict, &Verdict)> =
        one.iter().zip(other).filter_map(|(a, b)| a.verdict.as_ref().zip(b.verdict.as_ref())).collect();
    let win_one = Rate::count(&pairs, |(one, _)| Some(wins(one, side)));
    let win_other = Rate::count(&pairs, |(_, other)| Some(wins(other, side)));
    let margins: Vec<f64> = pairs.iter().map(|(one, other)| margin(one, side) - margin(other, side)).collect();
    Worth { win_other, win_points: (win_one.rate - win_other.rate) * 100.0, margin: Spread::of(&margins) }
}

fn wins(verdict: &Verdict, side: Side) -> bool {
    if side == Side::Sdf { verdict.sdf } else { verdict.war == side }
}

/// A side's score over that of whom it fights; the SDF has no one enemy, so its own.
fn margin(verdict: &Verdict, side: Side) -> f64 {
    let [gamera, legion, sdf] = verdict.scores.map(f64::from);
    match side {
        Side::Gamera => gamera - legion,
        Side::Legion => legion - gamera,
        Side::Sdf => sdf,
    }
}
