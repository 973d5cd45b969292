//! A match without network: a battle, bots in every seat, and what each faction sees of it.

use std::sync::Arc;

use gamera_protocol::event::Event;
use gamera_protocol::ids::{NetId, Viewer};
use gamera_protocol::input::TickInputs;
use gamera_protocol::measure::{TICK_HZ, Tick};
use gamera_protocol::view::{TeamView, Thing, Things};

use crate::bots::{BotCrew, Known, Level};
use crate::sim::{Battle, MatchConfig, Sighting};

/// What factions see is looked up anew this often, ticks: 5 Hz.
const LOOK_TICKS: u32 = 6;
/// Bots can hear of events this old, ticks.
const HEARING_TICKS: u32 = 2 * TICK_HZ;

const SIDES: [Viewer; 3] = [Viewer::Gamera, Viewer::Legion, Viewer::Sdf];

/// A battle that its bots play.
pub struct Headless {
    battle: Battle,
    crew: BotCrew,
    /// One for each of [`SIDES`].
    looks: [Look; 3],
    inputs: TickInputs,
    sightings: Vec<Sighting>,
}

/// What one faction knows.
struct Look {
    things: Things,
    team: TeamView,
    heard: Vec<Event>,
}

impl Headless {
    /// A match of bots that are all of one level; `seed` is theirs, the battle has its own.
    #[must_use]
    pub fn new(config: &MatchConfig, level: Level, seed: u64) -> Headless {
        let battle = Battle::new(config);
        let crew = BotCrew::new(battle.roster(), &Arc::new(config.balance.clone()), level, seed);
        let look = |viewer| Look { things: Things::default(), team: battle.team_view(viewer), heard: Vec::new() };
        let looks = SIDES.map(look);
        Headless { battle, crew, looks, inputs: TickInputs::default(), sightings: Vec::new() }
    }

    /// The battle.
    #[must_use]
    pub fn battle(&self) -> &Battle {
        &self.battle
    }

    /// The bots, to change who drives what.
    pub fn crew_mut(&mut self) -> &mut BotCrew {
        &mut self.crew
    }

    /// What entered the last step.
    #[must_use]
    pub fn inputs(&self) -> &TickInputs {
        &self.inputs
    }

    /// Lets the bots decide and moves the battle through one tick.
    pub fn step(&mut self) -> &[Event] {
        let now = self.battle.tick();
        if now.is_every(LOOK_TICKS, 0) {
            self.look();
        }
        self.inputs.clear();
        let Headless { battle, crew, looks, inputs, .. } = self;
        let own = |seat| battle.own_view(seat);
        let known = |viewer: Viewer| {
            let look = &looks[viewer.index()];
            Known { team: &look.team, things: &look.things, events: &look.heard }
        };
        crew.fill(now, own, known, inputs);
        battle.step(inputs);
        self.hear(now);
        self.battle.events()
    }

    fn look(&mut self) {
        let Headless { battle, looks, sightings, .. } = self;
        for (viewer, look) in SIDES.into_iter().zip(looks) {
            sightings.clear();
            battle.sightings(viewer, sightings);
            look.things.rebuild(sightings.iter().map(thing));
            look.team = battle.team_view(viewer);
        }
    }

    fn hear(&mut self, now: Tick) {
        for (viewer, look) in SIDES.into_iter().zip(&mut self.looks) {
            look.heard.retain(|e| now.since(e.tick) < HEARING_TICKS);
            look.heard.extend(self.battle.events().iter().filter(|e| self.battle.may_hear(viewer, e)));
        }
    }
}

/// Bots find things by place and kind, so the id here need not be unique.
fn thing(s: &Sighting) -> Thing {
    let Sighting { key, kind, layer, pos, heading, health, marks, seat } = *s;
    Thing { id: NetId(key.0 as u16), kind, layer, pos, heading, health, marks, seat }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Mode, Scene};
    use gamera_protocol::balance::Balance;

    fn played(seed: u64, ticks: u32) -> (u64, Vec<TickInputs>) {
        let config =
            MatchConfig { mode: Mode::Campaign, scene: Scene::Opening, seats: 16, seed, balance: Balance::default() };
        let mut headless = Headless::new(&config, Level::Normal, seed);
        let mut log = Vec::new();
        for _ in 0..ticks {
            headless.step();
            log.push(headless.inputs().clone());
        }
        (headless.battle().hash(), log)
    }

    #[test]
    fn a_match_of_bots_is_the_same_for_the_same_seed() {
        let (first, again, other) = (played(3, 600), played(3, 600), played(4, 600));
        assert_eq!(first, again);
        assert_ne!(first.1, other.1);
    }

    #[test]
    fn each_seat_has_one_input_a_tick_in_seat_order() {
        let (_, log) = played(1, 60);
        for inputs in log {
            let seats: Vec<u16> = inputs.seats.iter().map(|(seat, _)| seat.0).collect();
            assert_eq!(seats, (0..16).collect::<Vec<u16>>());
        }
    }
}
