//! Where others are drawn: between the pictures that arrived, a little in the past, so that a late
//! or lost one is not seen. It knows ids and places, nothing of the battle.

use std::collections::HashMap;
use std::collections::VecDeque;

use gamera_protocol::ids::{Kind, NetId};
use gamera_protocol::measure::{Angle, Pos, Tick, metres};
use gamera_protocol::view::Thing;

/// Words that one thing's track remembers: as many ticks as the drawing may run behind, and some.
const SAMPLES: usize = 20;
/// Without a newer word a thing goes on for this many ticks at most: by then a lost one is repaired.
const EXTRAPOLATE_TICKS: f64 = 12.0;
/// A thing that moved farther than this between two samples was put there, not moved; unless it was not told of for
/// so long that it may have gone as far by itself: a jet makes four metres a tick.
const JUMP_M: i32 = 60;
const FASTEST_M_TICK: i32 = 5;
/// In so many ticks anything can be anywhere.
const MAP_TICKS: u32 = 2_000;

#[derive(Clone, Copy, Debug)]
struct Sample {
    tick: Tick,
    pos: Pos,
    heading: u8,
}

#[derive(Clone, Debug)]
struct Track {
    kind: Kind,
    samples: VecDeque<Sample>,
    seen: Tick,
}

/// The tracks of everything in sight.
#[derive(Clone, Debug, Default)]
pub struct Interpolator {
    tracks: HashMap<NetId, Track>,
}

impl Interpolator {
    /// Takes the picture of `tick` in; `told` says when each thing was last told of, and one that has
    /// no such tick was told of in this picture.
    pub fn observe(&mut self, tick: Tick, things: &[Thing], told: &[Tick]) {
        for (i, thing) in things.iter().enumerate() {
            let track = self.tracks.entry(thing.id).or_insert_with(|| Track::new(thing.kind, tick));
            if track.kind != thing.kind {
                *track = Track::new(thing.kind, tick);
            }
            track.seen = tick;
            let told = told.get(i).copied().unwrap_or(tick);
            track.observe(Sample { tick: told, pos: thing.pos, heading: thing.heading });
        }
        self.tracks.retain(|_, track| track.seen == tick);
    }

    /// Forgets everything: another match, or another side's eyes.
    pub fn clear(&mut self) {
        self.tracks.clear();
    }

    /// `thing` as it is drawn at `tick` and its parts.
    #[must_use]
    pub fn drawn(&self, thing: &Thing, tick: f64) -> Thing {
        match self.tracks.get(&thing.id) {
            Some(track) => track.at(tick, *thing),
            None => *thing,
        }
    }
}

impl Track {
    fn new(kind: Kind, tick: Tick) -> Track {
        Track { kind, samples: VecDeque::with_capacity(SAMPLES), seen: tick }
    }

    /// Takes a word in. What has stood for two words stands until the next; what goes on, goes on: no word
    /// means that none was due or that one was lost, never that a thing has come to rest.
    fn observe(&mut self, sample: Sample) {
        let stands = |a: &Sample| a.pos == sample.pos && a.heading == sample.heading;
        if let Some(last) = self.samples.back() {
            if sample.tick <= last.tick {
                return;
            }
            let reach_m = JUMP_M.max(sample.tick.since(last.tick).min(MAP_TICKS) as i32 * FASTEST_M_TICK);
            if !last.pos.within(sample.pos, metres(reach_m)) {
                self.samples.clear();
            } else if self.samples.len() > 1 && self.samples.iter().rev().take(2).all(stands) {
                self.samples.pop_back();
            }
        }
        if self.samples.len() == SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    fn at(&self, tick: f64, mut thing: Thing) -> Thing {
        let Some(next) = self.samples.iter().position(|s| f64::from(s.tick.0) >= tick) else {
            thing.pos = self.beyond(tick).unwrap_or(thing.pos);
            return thing;
        };
        let b = self.samples[next];
        let a = if next == 0 { b } else { self.samples[next - 1] };
        let span = f64::from(b.tick.since(a.tick)).max(1.0);
        let part = ((tick - f64::from(a.tick.0)) / span).clamp(0.0, 1.0);
        thing.pos = between(a.pos, b.pos, part);
        let (from, to) = (Angle::from_byte(a.heading), Angle::from_byte(b.heading));
        thing.heading = from.turned((f64::from(from.turn_to(to)) * part) as i32).to_byte();
        thing
    }

    /// After the newest sample: on with its last velocity, for a while.
    fn beyond(&self, tick: f64) -> Option<Pos> {
        let b = self.samples.back()?;
        let Some(a) = self.samples.iter().rev().nth(1) else { return Some(b.pos) };
        let span = f64::from(b.tick.since(a.tick)).max(1.0);
        let past = (tick - f64::from(b.tick.0)).min(EXTRAPOLATE_TICKS);
        Some(between(a.pos, b.pos, 1.0 + past / span))
    }
}

fn between(a: Pos, b: Pos, part: f64) -> Pos {
    let mix = |a: i32, b: i32| a + (f64::from(b - a) * part).round() as i32;
    Pos::new(mix(a.x, b.x), mix(a.y, b.y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::ids::Layer;
    use gamera_protocol::view::Marks;

    fn tank(id: u16, x_m: i32) -> Thing {
        Thing {
            id: NetId(id),
            kind: Kind::Tank,
            layer: Layer::Surface,
            pos: Pos::from_m(x_m, 1_000),
            heading: 0,
            health: 255,
            marks: Marks::default(),
            seat: None,
        }
    }

    #[test]
    fn a_thing_is_drawn_between_its_two_pictures() {
        let mut tracks = Interpolator::default();
        tracks.observe(Tick(10), &[tank(1, 100)], &[]);
        tracks.observe(Tick(14), &[tank(1, 108)], &[]);
        for (tick, x_m) in [(9.0, 100), (10.0, 100), (11.0, 102), (13.0, 106), (14.0, 108)] {
            assert_eq!(tracks.drawn(&tank(1, 108), tick).pos.to_m().0, x_m, "at {tick}");
        }
    }

    #[test]
    fn without_news_it_goes_on_for_a_while_and_no_farther() {
        let mut tracks = Interpolator::default();
        tracks.observe(Tick(10), &[tank(1, 100)], &[]);
        tracks.observe(Tick(12), &[tank(1, 102)], &[]);
        assert_eq!(tracks.drawn(&tank(1, 102), 14.0).pos.to_m().0, 104);
        assert_eq!(tracks.drawn(&tank(1, 102), 99.0).pos.to_m().0, 102 + EXTRAPOLATE_TICKS as i32);
    }

    #[test]
    fn what_stands_still_stays_where_it_is() {
        let mut tracks = Interpolator::default();
        tracks.observe(Tick(10), &[tank(1, 100)], &[]);
        tracks.observe(Tick(11), &[tank(1, 101)], &[]);
        (12..30).for_each(|t| tracks.observe(Tick(t), &[tank(1, 101)], &[]));
        assert_eq!(tracks.drawn(&tank(1, 101), 31.0).pos, Pos::from_m(101, 1_000));
    }

    #[test]
    fn what_is_not_told_of_goes_on_as_it_went_or_stands_as_it_stood() {
        for (last_m, wanted_m) in [(101, 107), (100, 100)] {
            let mut tracks = Interpolator::default();
            tracks.observe(Tick(10), &[tank(1, 100)], &[]);
            tracks.observe(Tick(11), &[tank(1, last_m)], &[Tick(11)]);
            (12..18).for_each(|t| tracks.observe(Tick(t), &[tank(1, last_m)], &[Tick(11)]));
            assert_eq!(tracks.drawn(&tank(1, last_m), 17.0).pos.to_m().0, wanted_m);
        }
    }

    #[test]
    fn the_track_is_as_long_as_the_drawing_may_run_behind() {
        let mut tracks = Interpolator::default();
        (0..100).for_each(|t| tracks.observe(Tick(t), &[tank(1, 100 + t as i32)], &[]));
        assert_eq!(tracks.drawn(&tank(1, 199), 99.0 - 15.0).pos.to_m().0, 184);
    }

    #[test]
    fn a_redeployed_unit_does_not_fly_across_the_map() {
        let mut tracks = Interpolator::default();
        tracks.observe(Tick(10), &[tank(1, 100)], &[]);
        tracks.observe(Tick(11), &[tank(1, 3_500)], &[]);
        assert_eq!(tracks.drawn(&tank(1, 3_500), 10.5).pos.to_m().0, 3_500);
    }

    #[test]
    fn a_jet_that_is_told_of_every_sixteenth_tick_flies_and_does_not_jump() {
        let mut tracks = Interpolator::default();
        tracks.observe(Tick(10), &[tank(1, 100)], &[]);
        tracks.observe(Tick(26), &[tank(1, 100 + 16 * 4)], &[]);
        assert_eq!(tracks.drawn(&tank(1, 164), 18.0).pos.to_m().0, 132);
    }

    #[test]
    fn what_is_gone_is_forgotten() {
        let mut tracks = Interpolator::default();
        tracks.observe(Tick(10), &[tank(1, 100), tank(2, 200)], &[]);
        tracks.observe(Tick(11), &[tank(2, 200)], &[]);
        assert_eq!(tracks.tracks.len(), 1);
    }
}
