//! The Legion: the queen, her squads, the hives and what they grow.
//!
//! This file holds the state; each system is a file beside it. What other factions may call is in
//! [`hive`], [`queen`], [`mob`], [`lure`] and [`blast`].

mod blast;
pub(in crate::sim) mod brood;
pub(in crate::sim) mod economy;
pub(in crate::sim) mod field;
pub(in crate::sim) mod hive;
pub(in crate::sim) mod lure;
pub(in crate::sim) mod mob;
pub(in crate::sim) mod opening;
pub(in crate::sim) mod queen;
pub(in crate::sim) mod raid;
pub(in crate::sim) mod steer;

pub(in crate::sim) use blast::blast;

use gamera_protocol::balance::LegionNumbers;
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, SeatId};
use gamera_protocol::measure::{Angle, Pos, Tick, metres};
use gamera_protocol::view::QueenState;

use super::fixed::Micro;
use super::hit::{Part, Target};
use super::structure::StructureId;
use super::swarm::Task;
use super::unit::UnitId;
use super::{Battle, sdf};

/// Of those who fall in one tick only so many leave a body to sample.
const CARCASSES_A_TICK: usize = 4;

/// What the Legion owns.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Legion {
    pub(in crate::sim) queen: Queen,
    /// One squad a brood leader, in seat order.
    pub(in crate::sim) squads: Vec<Squad>,
    /// One hive a city at most.
    pub(in crate::sim) hives: [Option<Hive>; 3],
    pub(in crate::sim) silicon: Micro,
    /// Share of the silicon that feeds the flower, percent.
    pub(in crate::sim) feed_pct: i32,
    /// The swarm holds against lures.
    pub(in crate::sim) hold: bool,
    /// Mass hatched that does not make a whole soldier yet.
    pub(in crate::sim) hatching: Micro,
    pub(in crate::sim) seeds: i32,
    /// The newest vote of each seat on where the meteor shall fall.
    pub(in crate::sim) votes: Vec<(SeatId, u8)>,
    /// A flower has stood: from then on the queen starves without one.
    pub(in crate::sim) flowered: bool,
    /// The march on Tokyo has been told.
    pub(in crate::sim) march_told: bool,
    /// Warehouses that glass was stolen from, a bit each, by city.
    pub(in crate::sim) robbed: [u32; 3],
    pub(in crate::sim) plants: [economy::Plants; 3],
    pub(in crate::sim) mob: mob::Mob,
    pub(in crate::sim) lure: Option<lure::Lure>,
    fields: Vec<field::Field>,
    /// Counts by squad, for one phase; its memory is kept.
    scratch: Vec<u32>,
    /// Where soldiers fell in this tick; its memory is kept.
    fallen: Vec<Pos>,
    /// What soldiers may tear at in this tick; its memory is kept.
    prey: Vec<(Target, Pos, Kind)>,
    /// The squad that the next soldier joins.
    pub(in crate::sim) next_squad: u16,
}

impl Legion {
    pub(in crate::sim) fn new(queen: Queen, squads: Vec<Squad>) -> Legion {
        Legion {
            queen,
            squads,
            hives: [None, None, None],
            silicon: Micro::ZERO,
            feed_pct: 50,
            hold: false,
            hatching: Micro::ZERO,
            seeds: 0,
            votes: Vec::new(),
            flowered: false,
            march_told: false,
            robbed: [0; 3],
            plants: [economy::Plants::default(); 3],
            mob: mob::Mob::default(),
            lure: None,
            fields: Vec::new(),
            scratch: Vec::new(),
            fallen: Vec::new(),
            prey: Vec::new(),
            next_squad: 0,
        }
    }

    /// The squad that a fresh soldier joins: each in turn.
    pub(in crate::sim) fn next_squad(&mut self) -> u16 {
        let squad = self.next_squad;
        self.next_squad = (squad + 1) % self.squads.len().max(1) as u16;
        squad
    }
}

/// The queen beyond her unit.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Queen {
    pub(in crate::sim) unit: UnitId,
    pub(in crate::sim) state: QueenState,
    /// When the present state ends: emerging, burrowing, stunned.
    pub(in crate::sim) until: Tick,
    pub(in crate::sim) parts: Parts,
    /// Ticks that the horn has been charging.
    pub(in crate::sim) charge_ticks: u32,
    /// Legs raised: when they come down, and where.
    pub(in crate::sim) impale: Option<(Tick, Pos)>,
    /// Which parts have been told as broken, one bit each.
    told_broken: u8,
    /// Way that she has made underground since she was last up, grid units.
    way_under: i32,
}

impl Queen {
    pub(in crate::sim) fn new(unit: UnitId, numbers: &LegionNumbers) -> Queen {
        Queen {
            unit,
            state: QueenState::Lair,
            until: Tick(0),
            parts: Parts::whole(numbers),
            charge_ticks: 0,
            impale: None,
            told_broken: 0,
            way_under: 0,
        }
    }
}

/// Health of the queen's parts, thousandths of a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sim) struct Parts {
    horn: i32,
    wings: i32,
    claws: i32,
    egg_chamber: i32,
    legs: [i32; 4],
}

impl Parts {
    pub(in crate::sim) fn whole(numbers: &LegionNumbers) -> Parts {
        Parts {
            horn: numbers.horn_health * 1_000,
            wings: numbers.wings_health * 1_000,
            claws: numbers.claws_health * 1_000,
            egg_chamber: numbers.egg_chamber_health * 1_000,
            legs: [numbers.leg_health * 1_000; 4],
        }
    }

    pub(in crate::sim) fn health(&self, part: Part) -> i32 {
        match part {
            Part::Horn => self.horn,
            Part::Wings => self.wings,
            Part::Claws => self.claws,
            Part::EggChamber => self.egg_chamber,
            Part::Leg(i) => self.legs[i],
        }
    }

    pub(in crate::sim) fn health_mut(&mut self, part: Part) -> &mut i32 {
        match part {
            Part::Horn => &mut self.horn,
            Part::Wings => &mut self.wings,
            Part::Claws => &mut self.claws,
            Part::EggChamber => &mut self.egg_chamber,
            Part::Leg(i) => &mut self.legs[i],
        }
    }

    /// True while the part is not broken.
    pub(in crate::sim) fn stands(&self, part: Part) -> bool {
        self.health(part) > 0
    }
}

/// What a squad is after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sim) enum Goal {
    /// Stay with the leader.
    Follow,
    /// Go to a place and fight what is there.
    Attack(Pos),
    /// Cover Gamera.
    Mob,
    /// Carry glass from a warehouse.
    Harvest(StructureId),
    /// Gather at a structure and wreck it.
    Wreck(StructureId),
}

/// One squad.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Squad {
    pub(in crate::sim) leader: SeatId,
    pub(in crate::sim) goal: Goal,
    /// Holds against lures in this tick.
    pub(in crate::sim) resists: bool,
    /// Where the squad goes in this tick, on which layer, and how near counts as there.
    pub(in crate::sim) course: Course,
    /// An enemy that one of its soldiers has met, and until when that stirs the others.
    pub(in crate::sim) alarm: Option<(Pos, Tick)>,
    /// The live line that its soldiers drift to while they are idle.
    pub(in crate::sim) drift: Option<Pos>,
    /// Soldiers in it, counted with each step of the swarm.
    pub(in crate::sim) count: u16,
}

impl Squad {
    pub(in crate::sim) fn new(leader: SeatId) -> Squad {
        Squad {
            leader,
            goal: Goal::Follow,
            resists: false,
            course: Course::default(),
            alarm: None,
            drift: None,
            count: 0,
        }
    }
}

/// Where a squad goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::sim) struct Course {
    pub(in crate::sim) to: Pos,
    pub(in crate::sim) under: bool,
    /// Grid units.
    pub(in crate::sim) near: i32,
    /// The flow field that leads there, by its place among those kept in this tick.
    pub(in crate::sim) field: Option<usize>,
    /// Where soldiers on the wrong layer change it.
    pub(in crate::sim) mouth: Pos,
}

/// A hive beneath a city, with the flower that grows from it.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Hive {
    pub(in crate::sim) city: City,
    pub(in crate::sim) pos: Pos,
    /// Planted by the queen, not fallen from the sky.
    pub(in crate::sim) planted: bool,
    pub(in crate::sim) discovered: bool,
    /// Silicon fed so far.
    pub(in crate::sim) fed: Micro,
    /// Silicon fed since the pod burst.
    pub(in crate::sim) fed_since_pod: Micro,
    pub(in crate::sim) oxygen: Micro,
    /// The pod, and later the flower, while it stands.
    pub(in crate::sim) flower: Option<StructureId>,
    /// 0 planted, 1 rooted, 2 pod burst, 3 bloomed.
    pub(in crate::sim) stage: u8,
    /// The launch comes at this tick, once primed.
    pub(in crate::sim) launch_at: Option<Tick>,
    /// Charges that its flower has taken.
    pub(in crate::sim) charges: i32,
    /// The highest stage of oxygen that has been told.
    pub(in crate::sim) told_oxygen: i32,
    /// Its flower is gone for good.
    pub(in crate::sim) dead: bool,
}

impl Hive {
    /// A hive as it is founded: nothing fed, nothing grown, nobody knows.
    pub(in crate::sim) fn new(city: City, pos: Pos, planted: bool) -> Hive {
        Hive {
            city,
            pos,
            planted,
            discovered: false,
            fed: Micro::ZERO,
            fed_since_pod: Micro::ZERO,
            oxygen: Micro::ZERO,
            flower: None,
            stage: 0,
            launch_at: None,
            charges: 0,
            told_oxygen: 0,
            dead: false,
        }
    }
}

/// The swarm follows the queen to `next`: half of it survives the way and comes up in the subway
/// there, those who have one part of the brood's work together. What a squad was after in the city behind it is
/// forgotten.
pub(in crate::sim) fn follow(battle: &mut Battle, next: City) {
    let stations = &ground::city(next).stations;
    let part = |leader: SeatId| battle.roster.part(leader).0;
    let places: Vec<Pos> = battle.legion.squads.iter().map(|s| stations[part(s.leader) % stations.len()].pos).collect();
    for (squad, place) in battle.legion.squads.iter_mut().zip(&places) {
        let course = Course { to: *place, under: true, mouth: *place, ..Course::default() };
        *squad = Squad { course, ..Squad::new(squad.leader) };
    }
    let keep = battle.swarm.soldiers.len() * battle.balance.campaign.follow_swarm_pct.clamp(0, 100) as usize / 100;
    battle.swarm.soldiers.truncate(keep);
    for (i, soldier) in battle.swarm.soldiers.iter_mut().enumerate() {
        let turn = Angle((i * 40_503 % 65_536) as u16);
        let place = places.get(usize::from(soldier.squad)).copied().unwrap_or(stations[0].pos);
        soldier.pos = place.offset(turn, metres(20));
        soldier.task = Task::Follow;
        soldier.underground = true;
    }
}

/// Brings `mass` of fresh soldiers to `pos`, up to the cap; returns how many soldiers that were.
pub(in crate::sim) fn spawn_mass(battle: &mut Battle, mass: Micro, pos: Pos, underground: bool) -> usize {
    let wanted = battle.swarm.soldiers_in(mass);
    (0..wanted)
        .take_while(|i| {
            let squad = battle.legion.next_squad();
            battle.swarm.spawn(opening::spiral(pos, *i), squad, underground)
        })
        .count()
}

/// True for `pct` of the numbers from 0 on, evenly spread: an exact share instead of dice.
pub(in crate::sim) const fn is_share(i: usize, pct: i32) -> bool {
    let pct = pct as usize;
    (i + 1) * pct / 100 > i * pct / 100
}

/// Takes the fallen soldiers out of the swarm.
pub(in crate::sim) fn bury(battle: &mut Battle) {
    let mut fallen = std::mem::take(&mut battle.legion.fallen);
    battle.swarm.bury(|s| {
        if !s.underground && fallen.len() < CARCASSES_A_TICK {
            fallen.push(s.pos);
        }
    });
    for pos in fallen.drain(..) {
        sdf::carcass(battle, pos);
    }
    battle.legion.fallen = fallen;
}
