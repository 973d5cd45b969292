//! The battle: a pure function from inputs to the next state and what happened.
//!
//! Invariant: nothing in here reads a clock, spawns a thread, opens a socket, logs, keeps a global,
//! uses floating point or iterates in hash order. The same configuration and the same inputs give
//! the same [`Battle::hash`] on every machine; recording, resuming and replaying stand on that.

mod config;
mod sighting;

pub use config::{MatchConfig, Mode, Scene};
pub use sighting::{Key, Sighting};

use gamera_protocol::event::Event;
use gamera_protocol::ids::{SeatId, Viewer};
use gamera_protocol::input::TickInputs;
use gamera_protocol::measure::Tick;
use gamera_protocol::roster::Roster;
use gamera_protocol::view::{OwnView, TeamView, Verdict};

/// One battle.
pub struct Battle {
    tick: Tick,
    roster: Roster,
    events: Vec<Event>,
}

impl Battle {
    /// The battle before its first tick.
    #[must_use]
    pub fn new(config: &MatchConfig) -> Battle {
        Battle { tick: Tick(0), roster: Roster::new(config.seats), events: Vec::new() }
    }

    /// Moves the battle through one tick; returns what happened in it.
    pub fn step(&mut self, inputs: &TickInputs) -> &[Event] {
        let _ = inputs;
        self.tick = self.tick.after(1);
        &self.events
    }

    /// Ticks stepped so far.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// The seats of this match.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// A hash of the whole state.
    #[must_use]
    pub fn hash(&self) -> u64 {
        u64::from(self.tick.0)
    }

    /// How the match ended, once it has.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        None
    }

    /// True once the epilogue is over and nothing will happen any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        false
    }

    /// The own unit of `seat`, exactly.
    #[must_use]
    pub fn own_view(&self, _seat: SeatId) -> OwnView {
        unreachable!("replaced by the kernel")
    }

    /// What `viewer` knows of the match as a whole.
    #[must_use]
    pub fn team_view(&self, _viewer: Viewer) -> TeamView {
        unreachable!("replaced by the kernel")
    }

    /// Appends everything that `viewer` sees now, ghosts and blips included, in key order.
    pub fn sightings(&self, _viewer: Viewer, _out: &mut Vec<Sighting>) {}

    /// True where `viewer` may be told of `event`, which happened in the last step.
    #[must_use]
    pub fn may_hear(&self, _viewer: Viewer, _event: &Event) -> bool {
        true
    }
}
