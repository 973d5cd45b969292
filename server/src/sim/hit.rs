//! Damage: queued while attacks are resolved, applied at once, so that the order of the seats
//! decides nothing and two giants can fell each other in one tick.

use gamera_protocol::ids::SeatId;

use super::legion::queen;
use super::structure::{self, StructureId};
use super::unit::UnitId;
use super::{Battle, gamera};

/// What is hit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sim) enum Target {
    Unit(UnitId),
    Structure(StructureId),
    /// A soldier by its place in the storage, which stays until the dead are buried.
    Soldier(usize),
    /// A part of the queen.
    Part(Part),
}

/// The parts of the queen that break on their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sim) enum Part {
    Horn,
    Wings,
    Claws,
    EggChamber,
    Leg(usize),
}

/// One blow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sim) struct Hit {
    pub(in crate::sim) target: Target,
    /// Thousandths of a point.
    pub(in crate::sim) damage_milli: i32,
    pub(in crate::sim) by: Option<SeatId>,
}

/// Applies every queued hit.
pub(in crate::sim) fn apply_all(battle: &mut Battle) {
    let mut hits = std::mem::take(&mut battle.hits);
    for hit in &hits {
        let dealt = apply(battle, hit);
        if let Some(seat) = hit.by {
            battle.seats[seat.index()].tally.damage_milli += i64::from(dealt);
        }
    }
    hits.clear();
    battle.hits = hits;
}

/// Takes the health off; returns how much was taken, thousandths of a point.
fn apply(battle: &mut Battle, hit: &Hit) -> i32 {
    let on_gamera = hit.target == Target::Unit(battle.gamera.unit);
    if on_gamera && (!gamera::may_be_hurt(battle) || gamera::stagger(battle, hit)) {
        return 0;
    }
    let on_queen = hit.target == Target::Unit(battle.legion.queen.unit);
    let felt_permille = if on_queen { queen::damage_permille(battle) } else { 1_000 };
    let health = match hit.target {
        Target::Unit(id) => battle.units.get_mut(id).map(|u| &mut u.health_milli),
        Target::Structure(id) => battle.structures.get_mut(id).map(|s| &mut s.health_milli),
        Target::Part(part) => Some(battle.legion.queen.parts.health_mut(part)),
        Target::Soldier(index) => return apply_to_soldier(battle, index, hit),
    };
    let Some(health) = health else { return 0 };
    let damage_milli = i64::from(hit.damage_milli) * i64::from(felt_permille) / 1_000;
    let dealt = (damage_milli as i32).min(*health).max(0);
    *health -= dealt;
    let destroyed = dealt > 0 && *health == 0;
    if let (Target::Structure(id), true) = (hit.target, destroyed) {
        structure::fall(battle, id, hit.by);
    }
    dealt
}

fn apply_to_soldier(battle: &mut Battle, index: usize, hit: &Hit) -> i32 {
    let soldier = &mut battle.swarm.soldiers[index];
    let before = soldier.health_milli.max(0);
    soldier.health_milli -= hit.damage_milli;
    if before > 0
        && soldier.health_milli <= 0
        && let Some(seat) = hit.by
    {
        battle.seats[seat.index()].tally.kills += 1;
    }
    before.min(hit.damage_milli)
}
