//! The battle: a pure function from inputs to the next state and what happened.
//!
//! Invariant: nothing in here reads a clock, spawns a thread, opens a socket, logs, keeps a global,
//! uses floating point or iterates in hash order. The same configuration and the same inputs give
//! the same [`Battle::hash`] on every machine; recording, resuming and replaying stand on that.
//!
//! The kernel is this folder's files; what a faction can do is in the faction's folder, one file a
//! role or a system. `PHASES` is the order of a tick.

mod arena;
mod band;
mod campaign;
mod city;
mod clash;
mod config;
mod fixed;
mod gamera;
mod grid;
mod hash;
mod hit;
mod knowledge;
mod legion;
mod lifecycle;
mod rally;
mod rewind;
mod sdf;
mod seat;
mod sight;
mod sighting;
mod structure;
mod swarm;
mod target;
#[cfg(test)]
mod testing;
mod unit;

pub use config::{MatchConfig, Mode, Scene};
pub use sighting::{Key, Sighting};

use gamera_protocol::balance::{Balance, Rule};
use gamera_protocol::event::Event;
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Role, SeatId};
use gamera_protocol::input::{Order, TickInputs};
use gamera_protocol::measure::{Pos, Tick, ticks};
use gamera_protocol::motion::Gait;
use gamera_protocol::rng::Pcg32;
use gamera_protocol::roster::{MILLION, Roster};
use gamera_protocol::view::{GameraState, Phase, SeatPart, Verdict};

use arena::Arena;
use campaign::Campaign;
use city::CityState;
use fixed::Micro;
use gamera::GameraSide;
use hash::StateHash;
use hit::Hit;
use legion::{Legion, Queen, Squad};
use rewind::Rewind;
use sdf::Sdf;
use seat::Seat;
use sight::Sight;
use structure::Structure;
use swarm::Swarm;
use unit::Unit;

/// One battle.
pub struct Battle {
    tick: Tick,
    mode: Mode,
    scene: Scene,
    balance: Balance,
    roster: Roster,
    /// House seats included, in seat order.
    seats: Vec<Seat>,
    units: Arena<Unit>,
    structures: Arena<Structure>,
    swarm: Swarm,
    cities: [CityState; 3],
    gamera: GameraSide,
    legion: Legion,
    sdf: Sdf,
    campaign: Campaign,
    /// The newest rally offer of each side.
    rallies: [Option<rally::Rally>; 3],
    rngs: Rngs,
    sight: Sight,
    rewind: Rewind,
    /// Orders of this tick.
    orders: Vec<(SeatId, Order)>,
    /// Attacks of this tick, not yet applied.
    hits: Vec<Hit>,
    /// What happened in this tick.
    events: Vec<Event>,
    /// An administrator wants the match to end.
    end_asked: bool,
}

/// One generator a system, so that a change in one does not shift another's numbers.
#[derive(Clone, Copy, Debug)]
struct Rngs {
    swarm: Pcg32,
    combat: Pcg32,
    people: Pcg32,
}

/// One phase of a tick.
struct TickPhase {
    name: &'static str,
    run: fn(&mut Battle),
}

const fn phase(name: &'static str, run: fn(&mut Battle)) -> TickPhase {
    TickPhase { name, run }
}

/// The order of a tick, after the inputs were taken in.
static PHASES: &[TickPhase] = &[
    phase("timers", unit::begin_tick),
    phase("Gamera's falls and risings", gamera::recover),
    phase("Gamera's arrival", gamera::arrive),
    phase("Gamera under water", gamera::stay_under),
    phase("Gamera's take-off", gamera::lift_off),
    phase("orders", seat::drive_units),
    phase("rallies", rally::gather),
    phase("sdf orders", sdf::take_orders),
    phase("legion orders", legion::opening::take_orders),
    phase("queen's gait", legion::queen::drive),
    phase("Gamera's stance", gamera::stand),
    phase("Asagi's trek", gamera::trek),
    phase("ascension", gamera::ascend),
    phase("brood's commands", legion::brood::command),
    phase("grids", |b| b.swarm.index()),
    phase("roads", sdf::drive),
    phase("roadblocks", legion::brood::obstruct),
    phase("brood on plants", legion::brood::hasten),
    phase("flow fields", legion::field::renew),
    phase("swarm steering", legion::steer::steer),
    phase("movement", unit::move_all),
    phase("swarm movement", legion::steer::advance),
    phase("lures", legion::lure::wane),
    phase("latches", legion::mob::mob),
    phase("queen's weapons", legion::queen::act),
    phase("brood's work", legion::brood::work),
    phase("raids", legion::raid::fight),
    phase("sdf attacks and work", sdf::act),
    phase("landfall", gamera::come_ashore),
    phase("drowning", gamera::drown),
    phase("attacks of Gamera's side", gamera::act),
    phase("guards and charges", sdf::stand_guard),
    phase("damage", hit::apply_all),
    phase("Gamera's knock-out", gamera::knock_out),
    phase("queen's parts", legion::queen::break_parts),
    phase("fallen soldiers", legion::bury),
    phase("opening", legion::opening::open),
    phase("swarm economy", legion::economy::run),
    phase("hives", legion::hive::live),
    phase("knock-outs", lifecycle::fall_and_return),
    phase("evacuation and research", sdf::run),
    phase("citizens in a duel", gamera::duel),
    phase("motes", gamera::gather),
    phase("mana", gamera::accrue),
    phase("victory", campaign::advance),
    phase("clash", clash::sustain),
    phase("visibility", sight::look),
    phase("rewind", rewind::remember),
];

impl Battle {
    /// The battle before its first tick.
    #[must_use]
    pub fn new(config: &MatchConfig) -> Battle {
        let roster = Roster::new(config.seats);
        let balance = config.balance.clone();
        let city = match config.mode {
            Mode::Campaign => City::Sapporo,
            Mode::Quick { city } => city,
        };
        let mut units = Arena::default();
        let gamera = gamera_side(&mut units, &balance, city);
        let legion = legion(&mut units, &balance, &roster, city);
        let n = &balance.legion;
        let mut battle = Battle {
            tick: Tick(0),
            mode: config.mode,
            scene: config.scene,
            seats: roster.all().map(|(_, role)| Seat::new(role)).collect(),
            units,
            structures: structure::lay_out(&balance),
            swarm: Swarm::new(roster.soldier_cap(), n.mass_cap, n.health_mass),
            cities: [City::Sapporo, City::Sendai, City::Tokyo].map(CityState::new),
            gamera,
            legion,
            sdf: Sdf::new(city, &balance.sdf),
            campaign: Campaign::new(city),
            rallies: [None, None, None],
            rngs: Rngs {
                swarm: Pcg32::new(config.seed, 1),
                combat: Pcg32::new(config.seed, 2),
                people: Pcg32::new(config.seed, 3),
            },
            sight: Sight::default(),
            rewind: Rewind::default(),
            orders: Vec::new(),
            hits: Vec::new(),
            events: Vec::new(),
            end_asked: false,
            balance,
            roster,
        };
        lifecycle::muster(&mut battle);
        campaign::catch_up(&mut battle);
        clash::begin(&mut battle);
        sight::look(&mut battle);
        battle
    }

    /// Moves the battle through one tick; returns what happened in it.
    pub fn step(&mut self, inputs: &TickInputs) -> &[Event] {
        self.events.clear();
        seat::take_inputs(self, inputs);
        for phase in PHASES {
            (phase.run)(self);
        }
        self.tick = self.tick.after(1);
        &self.events
    }

    /// What happened in the last step.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The names of a tick's phases, in their order.
    pub fn phase_names() -> impl Iterator<Item = &'static str> {
        PHASES.iter().map(|p| p.name)
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

    /// The numbers in force.
    #[must_use]
    pub fn balance(&self) -> &Balance {
        &self.balance
    }

    /// Soldiers alive.
    #[must_use]
    pub fn soldiers(&self) -> usize {
        self.swarm.soldiers.len()
    }

    /// How the match ended, once it has.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        self.campaign.verdict.as_ref()
    }

    /// True once the epilogue is over and nothing will happen any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.campaign.phase == Phase::Ended
    }

    /// What each seat did, house seats apart, in seat order.
    pub fn parts(&self) -> impl Iterator<Item = SeatPart> + '_ {
        self.roster.seats().map(|(seat, _)| {
            let tally = self.seats[seat.index()].tally;
            SeatPart {
                seat,
                damage: (tally.damage_milli / 1_000) as u32,
                kills: tally.kills,
                downs: tally.downs,
                deeds: tally.deeds,
            }
        })
    }

    /// Appends everything that `viewer` sees now, ghosts and blips included.
    pub fn sightings(&self, viewer: gamera_protocol::ids::Viewer, out: &mut Vec<Sighting>) {
        sight::sightings(self, viewer, out);
    }

    /// A hash of the whole state: two battles that differ anywhere differ here.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut h = StateHash::default();
        h.word(u64::from(self.tick.0));
        for s in &self.swarm.soldiers {
            h.word(
                u64::from(s.serial) << 32 | u64::from(s.squad) << 16 | (s.task as u64) << 8 | u64::from(s.underground),
            );
            h.word((s.pos.x as u64) << 32 | u64::from(s.pos.y as u32));
            h.word((s.velocity.x as u64) << 32 | u64::from(s.velocity.y as u32));
            h.int(i64::from(s.health_milli));
        }
        for (id, unit) in self.units.iter() {
            h.word(id.bits());
            h.shown(unit);
        }
        for (id, structure) in self.structures.iter() {
            h.word(id.bits());
            h.shown(structure);
        }
        h.shown(&self.seats);
        h.shown(&(&self.cities, &self.gamera, &self.legion, &self.sdf, &self.campaign, &self.rallies, &self.rngs));
        h.shown(&self.sight.memory());
        h.finish()
    }

    /// Scores by side, 0..=1,000.
    #[must_use]
    pub fn scores(&self) -> [u16; 3] {
        campaign::scores(self)
    }

    /// Notes that `event` happened.
    fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    /// True while the rule is in force.
    fn has(&self, rule: Rule) -> bool {
        self.balance.rules.has(rule)
    }

    /// `points` of a seat's output or health in thousandths, scaled to the size of the match.
    fn scaled_milli(&self, seat: SeatId, points: i32) -> i32 {
        let ppm = self.roster.scale_ppm(self.seats[seat.index()].playing);
        (i64::from(points) * ppm / 1_000) as i32
    }

    /// `damage_milli` of the swarm, of a blast, of anything that hurts all that are within it, as one of `kind`
    /// feels it: the many small ones of a large match together no more than those few of 16.
    fn felt_milli(&self, kind: Kind, damage_milli: i32) -> i32 {
        let ppm = self.roster.weight_ppm(kind).min(MILLION);
        (i64::from(damage_milli) * ppm / MILLION) as i32
    }

    /// Where the seat's unit is, or the middle of the present city without one.
    fn seat_pos(&self, seat: SeatId) -> Pos {
        let unit = self.seats[seat.index()].unit.and_then(|id| self.units.get(id));
        unit.map_or(ground::city_centre(self.campaign.city), Unit::pos)
    }

    /// Swarm mass latched on to Gamera.
    fn latched_mass(&self) -> Micro {
        let latched = self.swarm.soldiers.iter().filter(|s| s.task == swarm::Task::Latched).count();
        Micro(self.swarm.mass_each.0 * latched as i64)
    }

    /// True for Gamera while she is under water.
    fn is_dived(&self, unit: unit::UnitId) -> bool {
        unit == self.gamera.unit && self.gamera.state == GameraState::Dived
    }

    /// From when on Gamera may come out of the sea.
    fn arrival_tick(&self) -> Tick {
        match self.mode {
            Mode::Campaign => Tick(ticks(self.balance.gamera.arrive_s as u32)),
            Mode::Quick { .. } => Tick(0),
        }
    }
}

fn gamera_side(units: &mut Arena<Unit>, balance: &Balance, city: City) -> GameraSide {
    let landfall = Pos::new(ground::city_centre(city).x, gamera_protocol::measure::metres(200));
    let health_milli = balance.units.of(Kind::Gamera).health * 1_000;
    let unit = Unit { present: false, ..Unit::new(Kind::Gamera, landfall, Gait::Walk, health_milli) };
    GameraSide::new(units.insert(unit), landfall)
}

fn legion(units: &mut Arena<Unit>, balance: &Balance, roster: &Roster, city: City) -> Legion {
    let station = &ground::city(city).stations;
    let lair = station[station.len() - 1].pos;
    let health_milli = balance.units.of(Kind::Queen).health * 1_000;
    let unit = units.insert(Unit::new(Kind::Queen, lair, Gait::Burrow, health_milli));
    let squads =
        roster.all().filter(|(_, role)| *role == Role::BroodLeader).map(|(seat, _)| Squad::new(seat)).collect();
    Legion::new(Queen::new(unit, &balance.legion), squads)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::Angle;

    fn config(seed: u64) -> MatchConfig {
        let balance = Balance::default();
        MatchConfig { mode: Mode::Campaign, scene: Scene::Opening, seats: 16, seed, balance }
    }

    fn everyone_north(seats: u16) -> TickInputs {
        let input = SeatInput { heading: Some(Angle::NORTH.to_byte()), ..SeatInput::default() };
        TickInputs { seats: (0..seats).map(|s| (SeatId(s), input)).collect(), ..TickInputs::default() }
    }

    #[test]
    fn the_same_seed_and_inputs_give_the_same_hash() {
        let run = |seed| {
            let mut battle = Battle::new(&config(seed));
            for _ in 0..60 {
                battle.step(&everyone_north(16));
            }
            battle.hash()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn a_seat_moves_its_unit_and_sees_it() {
        let mut battle = Battle::new(&config(1));
        let tank = battle.roster().first(Role::Tank).unwrap();
        let before = battle.own_view(tank);
        for _ in 0..30 {
            battle.step(&everyone_north(16));
        }
        let after = battle.own_view(tank);
        assert_eq!(after.mover.pos.y - before.mover.pos.y, 11 * 64);
        let mut seen = Vec::new();
        battle.sightings(gamera_protocol::ids::Viewer::Sdf, &mut seen);
        assert!(seen.iter().any(|s| s.seat == Some(tank) && s.pos == after.mover.pos));
        assert!(!seen.iter().any(|s| s.kind == Kind::Queen), "the queen lies under the city");
    }
}
