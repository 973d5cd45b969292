//! The SDF: evacuation, research, the lure, weapons, and the order to fire.
//!
//! One file a role or a system. What other factions own is changed through their own functions;
//! what happened to them in this tick is read from the events.

mod charge;
mod confer;
mod convoy;
mod discovery;
mod engineer;
mod evacuation;
mod guard;
mod gun;
mod jet;
mod lure;
mod meteor;
mod missiles;
mod orders;
mod pace;
mod research;
mod scientist;
mod supply;
mod tank;
mod vigil;

use gamera_protocol::balance::SdfNumbers;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{City, Role, SeatId, Side};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Pos, Tick};
use gamera_protocol::view::Bearing;

use super::Battle;
use super::fixed::Micro;
use super::structure::StructureId;
use super::unit::UnitId;
use convoy::Convoy;
use guard::Guard;
use meteor::MeteorWatch;

pub(in crate::sim) use orders::take as take_orders;

/// The district that is looked to first without an order: the middle one.
const CENTRE: usize = 4;

/// What the SDF owns.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Sdf {
    pub(in crate::sim) research: Micro,
    /// The tier that was announced last: 0, 30, 60 or 100.
    pub(in crate::sim) tier: i32,
    /// Charge of the lure, 0..=60.
    pub(in crate::sim) lure_charge: Micro,
    pub(in crate::sim) lure_until: Tick,
    /// The line that is the lure now.
    lure_line: Option<StructureId>,
    /// Share of the effort on evacuation, percent.
    pub(in crate::sim) evacuation_pct: i32,
    /// The district that it looks to first, and the city: the commander's, until the battle moves.
    pub(in crate::sim) district: usize,
    pub(in crate::sim) evacuation_city: City,
    /// Citizens that wait for the next convoy, by city.
    boarding: [Micro; 3],
    /// Citizens a second that board now, in thousandths of a tok.
    boarding_milli_s: i32,
    convoys: Vec<Convoy>,
    pub(in crate::sim) weapons_free: bool,
    /// It has been ordered once, which the score remembers.
    pub(in crate::sim) fired_on_gamera: bool,
    /// A sonar patrol is out until then.
    pub(in crate::sim) patrol_until: Tick,
    patrol_at: Pos,
    /// Where sonar hears Gamera, roughly, and when it last did.
    pub(in crate::sim) contact: Option<Pos>,
    heard_at: Option<Tick>,
    meteor: MeteorWatch,
    guards: Vec<Guard>,
    /// A conference helps research until then.
    pub(in crate::sim) confer_until: Tick,
    /// The launch's timer and the oxygen are known.
    pub(in crate::sim) theory: bool,
    /// The city that the SDF has deployed to.
    city: Option<City>,
}

impl Sdf {
    /// The SDF before the battle for `city`.
    pub(in crate::sim) fn new(city: City, numbers: &SdfNumbers) -> Sdf {
        Sdf {
            research: Micro::ZERO,
            tier: 0,
            lure_charge: Micro::ZERO,
            lure_until: Tick(0),
            lure_line: None,
            evacuation_pct: numbers.evacuate_start_pct,
            district: CENTRE,
            evacuation_city: city,
            boarding: [Micro::ZERO; 3],
            boarding_milli_s: 0,
            convoys: Vec::new(),
            weapons_free: false,
            fired_on_gamera: false,
            patrol_until: Tick(0),
            patrol_at: Pos::default(),
            contact: None,
            heard_at: None,
            meteor: MeteorWatch::default(),
            guards: Vec::new(),
            confer_until: Tick(0),
            theory: false,
            city: None,
        }
    }

    /// Convoys on the road.
    pub(in crate::sim) fn convoys(&self) -> usize {
        self.convoys.len()
    }

    /// The bearings taken of the meteor.
    pub(in crate::sim) fn bearings(&self) -> [Option<Bearing>; 2] {
        self.meteor.bearings
    }

    /// Where the meteor lies, once two bearings cross.
    pub(in crate::sim) fn meteor(&self) -> Option<Pos> {
        self.meteor.found
    }

    /// Citizens that board, tenths of a tok a minute.
    pub(in crate::sim) fn boarding_dtok_min(&self) -> u16 {
        (self.boarding_milli_s * 60 / 100).clamp(0, i32::from(u16::MAX)) as u16
    }
}

/// A seat's unit at work in this tick.
#[derive(Clone, Copy, Debug)]
struct Hand {
    seat: SeatId,
    unit: UnitId,
    pos: Pos,
    verb: Verb,
}

/// How everyone on the roads gets on in this tick. Before units move.
pub(in crate::sim) fn drive(battle: &mut Battle) {
    pace::set(battle);
    convoy::drive(battle);
}

/// What every SDF seat does in this tick.
pub(in crate::sim) fn act(battle: &mut Battle) {
    for index in 0..battle.seats.len() {
        let s = &battle.seats[index];
        let Some(unit) = s.unit.filter(|_| s.playing.side() == Side::Sdf) else { continue };
        let (role, verb) = (s.playing, s.input.verb);
        let u = &battle.units[unit];
        if !u.is_up() || battle.tick < u.stunned_until {
            continue;
        }
        let (seat, pos) = (SeatId(index as u16), u.pos());
        supply::refill(battle, seat, role, pos);
        if let Some(verb) = verb {
            work(battle, role, &Hand { seat, unit, pos, verb });
        }
    }
}

fn work(battle: &mut Battle, role: Role, hand: &Hand) {
    match (role, hand.verb) {
        (_, Verb::Escort) => convoy::escort(battle, hand),
        (Role::Jet, Verb::Strike) => jet::pass(battle, hand),
        (Role::Tank, Verb::Strike) => tank::shoot(battle, hand),
        (Role::Missiles, Verb::Volley) => missiles::volley(battle, hand),
        (_, Verb::Strike) => gun::strike(battle, hand),
        (_, Verb::Patrol) => vigil::patrol(battle, hand),
        (_, Verb::Confer) => confer::confer(battle, role, hand),
        (_, Verb::Sample) => scientist::sample(battle, hand),
        (_, Verb::Charge) => charge::set(battle, hand),
        (_, Verb::Energise) => lure::energise(battle, hand),
        (_, Verb::Sensor) => engineer::put_sensor(battle, hand),
        (_, Verb::Remove) => engineer::remove(battle, hand),
        (_, Verb::Clear) => engineer::clear(battle, hand),
        _ => {}
    }
}

/// What burns down or fires by itself. Before damage is applied.
pub(in crate::sim) fn stand_guard(battle: &mut Battle) {
    guard::stand(battle);
    charge::burn(battle);
}

/// What goes on by itself: the watch, evacuation, research, the lure.
pub(in crate::sim) fn run(battle: &mut Battle) {
    follow_battle(battle);
    vigil::listen(battle);
    meteor::see_it_fall(battle);
    guard::witness(battle);
    discovery::look(battle);
    evacuation::watch(battle);
    evacuation::board(battle);
    convoy::run(battle);
    research::run(battle);
    lure::run(battle);
}

/// The SDF's attention goes with the battle to the next city, and so do the guards.
fn follow_battle(battle: &mut Battle) {
    let city = battle.campaign.city;
    let before = battle.sdf.city.replace(city);
    if before == Some(city) {
        return;
    }
    guard::muster(battle, city);
    // Orders of the first tick stand.
    if before.is_some() {
        battle.sdf.evacuation_city = city;
        battle.sdf.district = CENTRE;
    }
}

/// The people of `city` know, and begin to leave.
pub(in crate::sim) fn alarm(battle: &mut Battle, city: City) {
    let state = &mut battle.cities[city.index()];
    if !state.alarmed && !state.annihilated {
        state.alarmed = true;
        battle.tell(Event::new(battle.tick, EventKind::CityAlarmed).in_city(city));
    }
}

/// The hive of `city` is found.
pub(in crate::sim) fn discover_hive(battle: &mut Battle, city: City, by: Option<SeatId>) {
    let Some(hive) = battle.legion.hives[city.index()].as_mut().filter(|h| !h.discovered && !h.dead) else { return };
    hive.discovered = true;
    let at = hive.pos;
    battle.tell(Event::new(battle.tick, EventKind::HiveDiscovered).in_city(city).at(at).by(by));
    alarm(battle, city);
}

/// Something was learnt about the Legion, or lost again.
pub(in crate::sim) fn research(battle: &mut Battle, amount: Micro) {
    research::add(battle, amount);
}

/// A soldier or a brood leader has died at `pos`: its body can be sampled for a while.
pub(in crate::sim) fn carcass(battle: &mut Battle, pos: Pos) {
    research::lay_out(battle, pos);
}

/// Where the lure hums now.
pub(in crate::sim) fn lure_place(battle: &Battle) -> Option<Pos> {
    lure::place(battle)
}

/// How much the effort that is not on evacuation helps research, lure and supply: 1,000 at half.
fn support_permille(battle: &Battle) -> i64 {
    let swing = i64::from(battle.balance.sdf.support_swing_pct);
    1_000 + (50 - i64::from(battle.sdf.evacuation_pct)) * swing / 10
}
