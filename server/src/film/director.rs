//! The director: goes through the scenes, gives every seat its part, and notes which beats were seen.

use gamera_protocol::event::Event;
use gamera_protocol::ids::{Role, SeatId};
use gamera_protocol::input::{Order, SeatInput, TickInputs, verbs_of};
use gamera_protocol::measure::Tick;

use super::actor::{Act, Actor};
use super::beats::Beat;
use super::flaw::Flaw;
use super::scenes::{MEANWHILE, Scene};
use super::set::Set;

/// A beat that was seen.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// In which scene.
    pub scene: &'static str,
    /// Which beat.
    pub beat: Beat,
    /// What happened.
    pub event: Event,
}

/// Where the film is.
pub(super) struct Director {
    scenes: &'static [Scene],
    scene: usize,
    /// Beats of this scene that have been seen.
    seen: usize,
    since: Tick,
    pub(super) beats: Vec<Seen>,
    /// The seats with their role and their rank among its seats.
    seats: Vec<(SeatId, Role, usize)>,
    orders: Vec<(SeatId, Order)>,
}

impl Director {
    /// At the beginning of `scenes`.
    pub(super) fn new(set: &Set, scenes: &'static [Scene]) -> Director {
        let all: Vec<(SeatId, Role)> = set.battle().roster().all().collect();
        let rank = |i: usize, role: Role| all[..i].iter().filter(|(_, r)| *r == role).count();
        let seats = all.iter().enumerate().map(|(i, (seat, role))| (*seat, *role, rank(i, *role))).collect();
        Director { scenes, scene: 0, seen: 0, since: set.now(), beats: Vec::new(), seats, orders: Vec::new() }
    }

    fn scene(&self) -> Option<&'static Scene> {
        self.scenes.get(self.scene)
    }

    /// Adds what every seat wants in the tick that comes next.
    pub(super) fn direct(&mut self, set: &Set, inputs: &mut TickInputs) {
        self.orders.clear();
        let cast = self.scene().map_or(MEANWHILE, |s| s.cast);
        for (seat, role, rank) in &self.seats {
            let Some(act) = part(cast, *role).or_else(|| part(MEANWHILE, *role)) else { continue };
            let mut actor = Actor::new(set, *seat, *rank, &mut self.orders);
            let wish = act(&mut actor);
            let tapped = let_go(set, *seat, actor.own.role, wish);
            inputs.seats.push((*seat, SeatInput { seen: set.now(), ..tapped }));
        }
        inputs.orders.append(&mut self.orders);
    }

    /// Notes what has happened; goes on to the next scene at the end of one.
    pub(super) fn note(&mut self, events: &[Event], now: Tick) {
        for event in events {
            let Some(scene) = self.scene() else { return };
            let beat = scene.beats[self.seen];
            if !beat.is(event) {
                continue;
            }
            self.beats.push(Seen { scene: scene.name, beat, event: *event });
            self.seen += 1;
            if self.seen == scene.beats.len() {
                self.scene += 1;
                self.seen = 0;
                self.since = now;
            }
        }
    }

    /// What the present scene still waits for; `None` once all scenes are over.
    pub(super) fn missing(&self) -> Option<Flaw> {
        self.scene().map(|s| Flaw::Missing { scene: s.name, beat: s.beats[self.seen] })
    }

    /// True where the present scene has taken longer than it may.
    pub(super) fn is_stuck(&self, now: Tick) -> bool {
        self.scene().is_some_and(|s| now.since(self.since) > s.limit_ticks)
    }
}

fn part(cast: &[(Role, Act)], role: Role) -> Option<Act> {
    cast.iter().find(|(r, _)| *r == role).map(|(_, act)| *act)
}

/// A tap that was held in the last tick is let go, so that it can be pressed anew.
fn let_go(set: &Set, seat: SeatId, role: Role, wish: SeatInput) -> SeatInput {
    let is_tap = |verb| verbs_of(role).any(|row| row.verb == verb && !row.hold);
    let again = wish.verb.is_some_and(|verb| is_tap(verb) && set.held(seat).verb == Some(verb));
    if again { SeatInput { verb: None, ..wish } } else { wish }
}
