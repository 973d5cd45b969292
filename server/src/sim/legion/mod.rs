//! The Legion: the queen, her squads, the hives and what they grow.

use gamera_protocol::balance::LegionNumbers;
use gamera_protocol::ground;
use gamera_protocol::ids::{City, SeatId};
use gamera_protocol::measure::{Angle, Pos, Tick, metres};
use gamera_protocol::view::QueenState;

use super::Battle;
use super::fixed::Micro;
use super::hit::Part;
use super::structure::StructureId;
use super::swarm::Task;
use super::unit::UnitId;

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
}

/// One squad.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Squad {
    pub(in crate::sim) leader: SeatId,
    pub(in crate::sim) goal: Goal,
    /// Holds against lures in this tick.
    pub(in crate::sim) resists: bool,
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
            dead: false,
        }
    }
}

/// The swarm follows the queen to `next`: half of it survives the way and comes up in the subway
/// there.
pub(in crate::sim) fn follow(battle: &mut Battle, next: City) {
    let keep = battle.swarm.soldiers.len() * battle.balance.campaign.follow_swarm_pct.clamp(0, 100) as usize / 100;
    battle.swarm.soldiers.truncate(keep);
    let stations = &ground::city(next).stations;
    for (i, soldier) in battle.swarm.soldiers.iter_mut().enumerate() {
        let turn = Angle((i * 40_503 % 65_536) as u16);
        soldier.pos = stations[usize::from(soldier.squad) % stations.len()].pos.offset(turn, metres(20));
        soldier.task = Task::Follow;
        soldier.underground = true;
    }
}
