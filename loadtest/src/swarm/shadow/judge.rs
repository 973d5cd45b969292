//! Holds what a client shows against what the server had, each at the moment that it is of. It reads no clock.
//!
//! - The own unit: where it was predicted to be in a tick, against where it was in that tick.
//! - Others: where they are drawn, against the straight line between the server's two pictures around the moment
//!   that is drawn, which lies a little in the past; and against the newest picture, which is what a person sees who
//!   looks at both screens.
//! - What there is: the client's list against the server's picture of the same tick.
//! - Age: from when the server's picture of a tick came, which is when the tick had been stepped.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use gamera_client::model::Model;
use gamera_client::session::SessionFigures;
use gamera_protocol::admin::SeatPicture;
use gamera_protocol::ids::NetId;
use gamera_protocol::measure::{Pos, TICK_HZ, Tick, UNITS_PER_M, metres};
use gamera_protocol::view::{Life, Thing};

use super::marks::{Mark, Marks};

/// Pictures that are remembered: longer than any drawing runs behind.
const TRUTHS: usize = 4 * TICK_HZ as usize;
/// What is so near is told of at the full rate, and is what a player looks at.
const NEAR_M: i32 = 256;
/// What is farther off in the next picture was put there, not moved: the client takes it so as well.
const NEW_PLACE_M: i32 = 60;
/// Between two pictures farther apart than this nothing is known of what was.
const GAP_TICKS: u32 = 8;
/// Frames or predictions whose picture never comes are given up beyond this.
const WAITING_MAX: usize = 4 * TICK_HZ as usize;

/// The server's picture of a tick.
pub(super) struct Truth {
    at: Duration,
    pub(super) picture: SeatPicture,
    places: HashMap<NetId, Pos>,
}

/// What differs now.
#[derive(Default)]
pub(super) struct Differences {
    /// What the server has and the client has not.
    pub(super) missing: Vec<Pos>,
    /// What the client alone has.
    pub(super) ghosts: Vec<Pos>,
}

/// A second as it was.
#[derive(Default)]
pub(super) struct LastSecond {
    pub(super) marks: Marks,
    pub(super) snapshots: u64,
    pub(super) bytes_down: u64,
    pub(super) bytes_up: u64,
}

/// Compares.
#[derive(Default)]
pub(super) struct Judge {
    truths: VecDeque<Truth>,
    /// Predictions whose tick has not been seen yet.
    predicted: VecDeque<(Tick, Pos)>,
    /// Frames that showed a tick whose picture has not come yet.
    framed: VecDeque<(Tick, Duration)>,
    compared: Option<Tick>,
    pub(super) differences: Differences,
    is_measured: bool,
    whole: Marks,
    second: Marks,
    pub(super) last: LastSecond,
    before: SessionFigures,
}

impl Judge {
    /// From now on it counts.
    pub(super) fn measure(&mut self) {
        self.is_measured = true;
    }

    /// What was counted since then.
    pub(super) fn whole(&self) -> &Marks {
        &self.whole
    }

    /// The newest picture of the server.
    pub(super) fn newest(&self) -> Option<&Truth> {
        self.truths.back()
    }

    fn count(&mut self, mark: Mark) {
        self.second.count(mark);
        if self.is_measured {
            self.whole.count(mark);
        }
    }

    /// A second has passed, at whose end the link had carried `figures`.
    pub(super) fn second(&mut self, figures: SessionFigures) {
        let before = std::mem::replace(&mut self.before, figures);
        self.last = LastSecond {
            marks: std::mem::take(&mut self.second),
            snapshots: figures.snapshots.saturating_sub(before.snapshots),
            bytes_down: figures.bytes_down.saturating_sub(before.bytes_down),
            bytes_up: figures.bytes_up.saturating_sub(before.bytes_up),
        };
    }

    /// The client has predicted its own unit to be at `pos` in `tick`.
    pub(super) fn predicted(&mut self, tick: Tick, pos: Pos) {
        if self.predicted.len() == WAITING_MAX {
            self.predicted.pop_front();
        }
        self.predicted.push_back((tick, pos));
    }

    /// The server's picture came at `at`.
    pub(super) fn truth(&mut self, picture: SeatPicture, at: Duration) {
        if self.newest().is_some_and(|newest| picture.tick <= newest.picture.tick) {
            // The battle runs anew: what was known belongs to another one.
            self.truths.clear();
            self.predicted.clear();
            self.framed.clear();
            self.compared = None;
        }
        self.count(Mark::Picture);
        self.judge_own(&picture);
        while let Some((tick, framed)) = self.framed.pop_front_if(|(tick, _)| *tick <= picture.tick) {
            if tick == picture.tick {
                self.count(Mark::AgeMs(millis(framed.saturating_sub(at))));
            }
        }
        if self.truths.len() == TRUTHS {
            self.truths.pop_front();
        }
        let places = picture.things.iter().map(|thing| (thing.id, thing.pos)).collect();
        self.truths.push_back(Truth { at, picture, places });
    }

    fn judge_own(&mut self, picture: &SeatPicture) {
        while let Some((tick, pos)) = self.predicted.pop_front_if(|(tick, _)| *tick <= picture.tick) {
            let truth = picture.own.mover.pos;
            if tick == picture.tick && picture.own.life == Life::Alive && pos.within(truth, metres(NEW_PLACE_M)) {
                self.count(Mark::Own(off_m(pos, truth)));
            }
        }
    }

    fn truth_of(&self, tick: Tick) -> Option<&Truth> {
        self.truths.binary_search_by_key(&tick, |truth| truth.picture.tick).ok().map(|at| &self.truths[at])
    }

    /// A frame is drawn of `model` at `now`.
    pub(super) fn frame(&mut self, model: &Model, now: Duration) {
        if model.own.is_none() {
            return;
        }
        match self.truth_of(model.tick()).map(|truth| truth.at) {
            Some(at) => self.count(Mark::AgeMs(millis(now.saturating_sub(at)))),
            None if self.newest().is_some_and(|newest| newest.picture.tick < model.tick()) => {
                self.framed.push_back((model.tick(), now));
                if self.framed.len() > WAITING_MAX {
                    self.framed.pop_front();
                }
            }
            None => {}
        }
        let marks: Vec<Mark> = self.of_others(model, model.clock.drawn_tick(now)).collect();
        marks.into_iter().for_each(|mark| self.count(mark));
    }

    /// How far off others are drawn, at the time drawn and by now.
    fn of_others<'a>(&'a self, model: &'a Model, drawn: f64) -> impl Iterator<Item = Mark> + 'a {
        let around = self.around(drawn);
        let newest = self.newest();
        model.drawn.iter().flat_map(move |thing| {
            let here = around.map(|(a, ..)| a.picture.own.mover.pos);
            let then = around.and_then(|(a, b, part)| place(a, b, part, thing.id));
            let is_near = |truth: Pos| here.is_some_and(|here| here.within(truth, metres(NEAR_M)));
            let at_time = then.map(|truth| {
                let off = off_m(thing.pos, truth);
                if is_near(truth) { Mark::Near(off) } else { Mark::Far(off) }
            });
            let by_now =
                newest.and_then(|newest| newest.places.get(&thing.id).copied()).filter(|truth| is_near(*truth));
            at_time.into_iter().chain(by_now.map(|truth| Mark::Apart(off_m(thing.pos, truth))))
        })
    }

    /// The two pictures around a moment, and how far it lies from the first to the second.
    fn around(&self, moment: f64) -> Option<(&Truth, &Truth, f64)> {
        let next = self.truths.partition_point(|truth| f64::from(truth.picture.tick.0) < moment);
        let (a, b) = (self.truths.get(next.checked_sub(1)?)?, self.truths.get(next)?);
        let ticks = b.picture.tick.since(a.picture.tick);
        let part = (moment - f64::from(a.picture.tick.0)) / f64::from(ticks);
        (ticks <= GAP_TICKS).then_some((a, b, part))
    }

    /// Compares what there is, once for each snapshot.
    pub(super) fn compare(&mut self, model: &Model) {
        let tick = model.tick();
        if self.compared.is_some_and(|compared| tick <= compared) {
            return;
        }
        let Some(truth) = self.truth_of(tick) else { return };
        let here = truth.picture.own.mover.pos;
        let is_near = |thing: &&Thing| here.within(thing.pos, metres(NEAR_M));
        let near: Vec<&Thing> = truth.picture.things.iter().filter(is_near).collect();
        let held: HashMap<NetId, Pos> = model.things.all().iter().map(|thing| (thing.id, thing.pos)).collect();
        let missing: Vec<Pos> = near.iter().filter(|t| !held.contains_key(&t.id)).map(|t| t.pos).collect();
        let is_ghost = |thing: &&Thing| !truth.places.contains_key(&thing.id);
        let ghosts: Vec<Pos> = model.things.all().iter().filter(is_near).filter(is_ghost).map(|t| t.pos).collect();
        let mark = Mark::Things { seen: near.len(), missing: missing.len(), ghosts: ghosts.len() };
        self.differences = Differences { missing, ghosts };
        self.compared = Some(tick);
        self.count(mark);
    }
}

/// Where a thing was between two pictures.
fn place(a: &Truth, b: &Truth, part: f64, id: NetId) -> Option<Pos> {
    match (a.places.get(&id), b.places.get(&id)) {
        (Some(from), Some(to)) if from.within(*to, metres(NEW_PLACE_M)) => {
            let mix = |a: i32, b: i32| a + (f64::from(b - a) * part).round() as i32;
            Some(Pos::new(mix(from.x, to.x), mix(from.y, to.y)))
        }
        (Some(_), Some(_)) => None,
        (one, other) => one.or(other).copied(),
    }
}

fn off_m(shown: Pos, truth: Pos) -> f64 {
    f64::from(shown.distance(truth)) / f64::from(UNITS_PER_M)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests;
