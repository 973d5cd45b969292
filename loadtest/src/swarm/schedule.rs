//! How many players there are to be at which time: straight lines from one point to the next.

use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// So many players at a time since the beginning.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Stage {
    players: usize,
    at_s: f64,
}

/// Stages as they are written: `200@10s,1000@60s`.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Stages(Vec<Stage>);

impl FromStr for Stages {
    type Err = String;

    fn from_str(text: &str) -> Result<Stages, String> {
        let stages: Vec<Stage> = text.split(',').map(stage).collect::<Result<_, _>>()?;
        if stages.windows(2).any(|w| w[1].at_s < w[0].at_s) {
            return Err("give the stages in the order of their times".to_owned());
        }
        if stages.iter().all(|s| s.players == 0) {
            return Err("give at least one player to some stage".to_owned());
        }
        Ok(Stages(stages))
    }
}

fn stage(text: &str) -> Result<Stage, String> {
    let usage = || format!("{text:?} is no stage; give PLAYERS@SECONDS, as in 200@10s,1000@60s");
    let (players, at) = text.trim().split_once('@').ok_or_else(usage)?;
    let at_s: f64 = at.strip_suffix('s').unwrap_or(at).parse().map_err(|_| usage())?;
    let players = players.parse().map_err(|_| usage())?;
    if at_s.is_finite() && at_s >= 0.0 { Ok(Stage { players, at_s }) } else { Err(usage()) }
}

/// The number of players over time; what the last point says holds for ever.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Schedule {
    /// Rising in time; before the first lies nobody at zero seconds.
    points: Vec<Stage>,
}

impl Schedule {
    /// `players` in `seconds`, evenly.
    pub(super) fn ramp(players: usize, seconds: f64) -> Schedule {
        Schedule { points: vec![Stage { players, at_s: seconds }] }
    }

    pub(super) fn staged(stages: &Stages) -> Schedule {
        Schedule { points: stages.0.clone() }
    }

    /// When the last point is reached.
    pub(super) fn end(&self) -> Duration {
        Duration::from_secs_f64(self.points.last().map_or(0.0, |p| p.at_s))
    }

    /// The most players that there are at a time.
    pub(super) fn most(&self) -> usize {
        self.points.iter().map(|p| p.players).max().unwrap_or(0)
    }

    /// The players at `at`.
    pub(super) fn wanted(&self, at: Duration) -> usize {
        let at_s = at.as_secs_f64();
        let line = self.lines().find(|(_, to)| at_s < to.at_s);
        let last = self.points.last().map_or(0, |p| p.players);
        line.map_or(last, |(from, to)| {
            let share = (at_s - from.at_s) / (to.at_s - from.at_s);
            let players = from.players as f64 + (to.players as f64 - from.players as f64) * share;
            // What is reached to a hair is reached.
            (players + 1e-6) as usize
        })
    }

    /// When, not before `since`, there is to be a player with this number (from 0): what a join is late by
    /// counts from here.
    pub(super) fn due(&self, number: usize, since: Duration) -> Option<Duration> {
        if self.wanted(since) > number {
            return Some(since);
        }
        let nth = number as f64 + 1.0;
        let reached =
            self.lines().filter(|(from, to)| from.players <= number && number < to.players).map(|(from, to)| {
                let share = (nth - from.players as f64) / (to.players as f64 - from.players as f64);
                Duration::from_secs_f64(from.at_s + (to.at_s - from.at_s) * share)
            });
        reached.into_iter().find(|at| *at >= since)
    }

    fn lines(&self) -> impl Iterator<Item = (Stage, Stage)> + '_ {
        let from = std::iter::once(Stage { players: 0, at_s: 0.0 }).chain(self.points.iter().copied());
        from.zip(self.points.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn players_come_and_go_along_the_lines_between_the_stages() {
        let schedule = Schedule::staged(&"200@10s,200@20s,1000@30,100@40s".parse().unwrap());
        for (at, players) in [(0, 0), (5, 100), (10, 200), (15, 200), (25, 600), (30, 1_000), (35, 550), (99, 100)] {
            assert_eq!(schedule.wanted(s(at)), players, "{at} s");
        }
        assert_eq!((schedule.end(), schedule.most()), (s(40), 1_000));
    }

    #[test]
    fn a_player_is_due_when_its_number_is_reached() {
        let schedule = Schedule::staged(&"100@10s,0@20s,100@30s".parse().unwrap());
        for (number, since, due) in
            [(49, 0, Some(5)), (99, 0, Some(10)), (49, 7, Some(7)), (49, 16, Some(25)), (100, 0, None)]
        {
            assert_eq!(schedule.due(number, s(since)), due.map(s), "{number} since {since} s");
        }
    }

    #[test]
    fn a_ramp_without_a_length_is_there_at_once() {
        let schedule = Schedule::ramp(50, 0.0);
        assert_eq!((schedule.wanted(s(0)), schedule.due(49, s(0))), (50, Some(s(0))));
    }

    #[test]
    fn stages_that_make_no_sense_are_refused() {
        for (text, part) in [
            ("200", "PLAYERS@SECONDS"),
            ("x@3s", "x@3s"),
            ("3@-1s", "no stage"),
            ("3@9s,4@8s", "order"),
            ("0@1s", "one player"),
        ] {
            assert!(text.parse::<Stages>().unwrap_err().contains(part), "{text}");
        }
    }
}
