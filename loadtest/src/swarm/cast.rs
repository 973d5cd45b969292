//! Who plays how: which of the players are honest, which only sit there, which send rubbish.

use std::str::FromStr;

use gamera_link::conditioner::{Impairment, Profile};
use serde::{Deserialize, Serialize};

/// What a player does with its seat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Manner {
    /// Plays: it is them that the figures are of.
    Honest,
    /// Has joined and sends nothing.
    Idle,
    /// Sends what no client sends.
    Hostile,
}

/// The shares of those who do not just play, percent.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(super) struct Cast {
    pub(super) idle_pct: f64,
    pub(super) hostile_pct: f64,
}

impl Cast {
    /// What the player with this number does. Each share is met closely by any run of numbers, and by
    /// every second or third of them, so that each thread has its part.
    pub(super) fn manner(&self, number: usize) -> Manner {
        let place = spread(number) * 100.0;
        if place < self.hostile_pct {
            Manner::Hostile
        } else if place < self.hostile_pct + self.idle_pct {
            Manner::Idle
        } else {
            Manner::Honest
        }
    }
}

/// A line that a share of the players has, as it is written: `4g:30`.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct LineShare {
    pub(super) impairment: Impairment,
    pub(super) percent: f64,
}

impl FromStr for LineShare {
    type Err = String;

    fn from_str(text: &str) -> Result<LineShare, String> {
        let usage = || format!("{text:?} is no share; give PROFILE:PERCENT, as in 4g:30");
        let (profile, percent) = text.split_once(':').ok_or_else(usage)?;
        let impairment = profile.parse::<Profile>().map_err(|error| format!("{profile:?}: {error}"))?.impairment();
        let percent = percent.trim_end_matches('%').parse().map_err(|_| usage())?;
        if (0.0..=100.0).contains(&percent) { Ok(LineShare { impairment, percent }) } else { Err(usage()) }
    }
}

/// Which of the lines the player with this number has; `None` for the line that all others have.
pub(super) fn line(shares: &[LineShare], number: usize) -> Option<usize> {
    // Another run of numbers than that of the manners, so that each manner has each line.
    let mut place = spread(number.wrapping_mul(7) + 3) * 100.0;
    shares.iter().position(|share| {
        place -= share.percent;
        place < 0.0
    })
}

/// Multiples of the golden ratio, without their whole parts: the most even way to fill 0..1.
fn spread(number: usize) -> f64 {
    const GOLDEN: u32 = 2_654_435_769;
    f64::from((number as u32).wrapping_add(1).wrapping_mul(GOLDEN)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_that_make_no_sense_are_refused() {
        for (text, part) in
            [("4g", "PROFILE:PERCENT"), ("dialup:3", "satellite"), ("4g:101", "no share"), ("4g:x", "no share")]
        {
            assert!(text.parse::<LineShare>().unwrap_err().contains(part), "{text}");
        }
    }

    #[test]
    fn each_thread_has_its_share_of_each_manner() {
        let cast = Cast { idle_pct: 20.0, hostile_pct: 10.0 };
        for (step, count) in [(1, 200), (2, 100), (3, 100)] {
            let of = |manner| (0..count).filter(|n| cast.manner(n * step) == manner).count() as f64 / count as f64;
            assert!((of(Manner::Idle) - 0.2).abs() <= 0.02, "every {step}: {}", of(Manner::Idle));
            assert!((of(Manner::Hostile) - 0.1).abs() <= 0.02, "every {step}: {}", of(Manner::Hostile));
        }
        let shares: Vec<LineShare> = ["4g:30", "awful:10%"].iter().map(|text| text.parse().unwrap()).collect();
        for (wanted, share) in [(Some(0), 0.3), (Some(1), 0.1), (None, 0.6)] {
            let of = (0..200).filter(|n| line(&shares, *n) == wanted).count() as f64 / 200.0;
            assert!((of - share).abs() <= 0.03, "{wanted:?}: {of}");
        }
        assert!((0..500).all(|n| Cast::default().manner(n) == Manner::Honest));
    }
}
