//! Bots: a decision from a seat's view to an input, and nothing else.
//!
//! A bot reads what its seat may see and holds the keys that a person would hold; it never sees the
//! battle. So the same brain fills a server's empty seats, plays tournaments, and drives the load
//! tester's clients with the view that they decoded.
//!
//! Invariant: a decision depends on the views, the seed and the level alone (no clock, no hash
//! order, no floating point), so a match of bots is the same every time.

mod asagi;
mod brood_leader;
mod commander;
mod crew;
mod engineer;
mod gamera;
mod jet;
mod level;
mod light_bearer;
mod look;
mod mind;
mod missiles;
mod queen;
mod scientist;
mod tank;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use gamera_protocol::balance::Balance;
use gamera_protocol::ids::{Role, SeatId};
use gamera_protocol::input::{Order, SeatInput, Verb, verbs_of};
use gamera_protocol::measure::{TICK_HZ, Tick};
use gamera_protocol::roster::Roster;
use gamera_protocol::view::{Life, SeatView};

pub use crew::{BotCrew, Known};
pub use level::{Level, Policy, UnknownName};
use mind::Mind;

/// What decides for one role: one file each.
type Brain = fn(&mut Mind, &SeatView<'_>, &mut Vec<Order>) -> SeatInput;

/// A tap that did nothing for this long is let go and pressed again.
const PRESS_AGAIN_TICKS: u32 = TICK_HZ;

/// A switch is not thrown back sooner than this: what it does takes as long.
const SWITCH_REST_TICKS: u32 = 5 * TICK_HZ / 2;

/// The bot of one seat.
#[derive(Clone, Debug)]
pub struct Bot {
    mind: Mind,
    held: SeatInput,
    /// Since when the held verb has been held.
    held_since: Tick,
    /// The last switch thrown (a verb that does one thing and the next time the opposite), and when.
    switched: Option<(Verb, Tick)>,
}

impl Bot {
    /// A bot for `seat` of a match with these seats and numbers. Bots of one seed differ by seat.
    ///
    /// # Panics
    /// When the roster has no such seat.
    #[must_use]
    pub fn new(roster: &Roster, balance: &Arc<Balance>, seat: SeatId, level: Level, seed: u64) -> Bot {
        Bot {
            mind: Mind::new(roster, balance, seat, level, seed),
            held: SeatInput::default(),
            held_since: Tick::default(),
            switched: None,
        }
    }

    /// Has the bot play one idea to its end, where the idea is one of its side's.
    pub fn set_policy(&mut self, policy: Policy) {
        if policy.side() == self.mind.assigned.side() {
            self.mind.policy = Some(policy);
        }
    }

    /// Ticks between two thoughts.
    #[must_use]
    pub fn period_ticks(&self) -> u32 {
        self.mind.level.reaction_ticks()
    }

    /// What the seat holds in the step of `tick`, until the next thought.
    #[must_use]
    pub fn held(&self, tick: Tick) -> SeatInput {
        match self.mind.plan {
            Some((due, input)) if tick >= due => SeatInput { seen: self.held.seen, ..input },
            _ => self.held,
        }
    }

    /// Decides anew; appends the orders that it gives.
    pub fn think(&mut self, view: &SeatView<'_>, orders: &mut Vec<Order>) -> SeatInput {
        self.mind.note(view);
        if self.mind.assigned == Role::Gamera {
            gamera::choose_landfall(&mut self.mind, view, orders);
        }
        if !self.mind.lapses() {
            self.mind.plan = None;
            let wish = match view.own.life {
                Life::Alive => brain(view.own.role)(&mut self.mind, view, orders),
                Life::Down { .. } | Life::Waiting { .. } => SeatInput::default(),
            };
            self.hold(wish, view);
        }
        self.held.seen = view.tick();
        self.held(view.tick())
    }

    fn hold(&mut self, mut wish: SeatInput, view: &SeatView<'_>) {
        let now = view.tick();
        let is_tap = |verb| verbs_of(view.own.role).any(|row| row.verb == verb && !row.hold);
        if let Some(verb) = wish.verb.filter(|verb| is_tap(*verb)) {
            let held_on = self.held.verb == wish.verb;
            let stale = held_on && now.since(self.held_since) >= PRESS_AGAIN_TICKS && look::is_ready(view, verb);
            let thrown = self.switched.is_some_and(|(v, at)| v == verb && now.since(at) < SWITCH_REST_TICKS);
            if stale || (thrown && !held_on) {
                wish.verb = None;
            } else if !held_on && is_switch(verb) {
                self.switched = Some((verb, now));
            }
        }
        if wish.verb != self.held.verb {
            self.held_since = now;
        }
        self.held = wish;
    }
}

fn is_switch(verb: Verb) -> bool {
    matches!(verb, Verb::Fly | Verb::Dive | Verb::Burrow)
}

fn brain(role: Role) -> Brain {
    match role {
        Role::Gamera => gamera::think,
        Role::Asagi => asagi::think,
        Role::LightBearer => light_bearer::think,
        Role::Queen => queen::think,
        Role::BroodLeader => brood_leader::think,
        Role::Commander => commander::think,
        Role::Scientist => scientist::think,
        Role::Jet => jet::think,
        Role::Tank => tank::think,
        Role::Missiles => missiles::think,
        Role::Engineer => engineer::think,
    }
}
