//! Damage: queued while attacks are resolved, applied at once, so that the order of the seats
//! decides nothing and two giants can fell each other in one tick.

use gamera_protocol::ids::SeatId;
use gamera_protocol::measure::metres;

use super::fixed::Micro;
use super::legion::queen;
use super::structure::{self, StructureId};
use super::swarm::Soldier;
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

/// A blow is felt by one M at most: where that is several soldiers, what the first has not felt goes on to
/// those beside it.
fn apply_to_soldier(battle: &mut Battle, index: usize, hit: &Hit) -> i32 {
    let mut dealt = wound(battle, index, hit.damage_milli, hit.by);
    let others = battle.swarm.soldiers_in(Micro::whole(1)).saturating_sub(1);
    if others == 0 || dealt >= hit.damage_milli {
        return dealt;
    }
    let swarm = &battle.swarm;
    let Soldier { pos, underground, .. } = swarm.soldiers[index];
    let stands = |i: &usize| swarm.soldiers[*i].underground == underground && swarm.soldiers[*i].health_milli > 0;
    let beside: Vec<usize> =
        swarm.near(pos, metres(battle.balance.legion.beside_m)).filter(stands).take(others).collect();
    for other in beside {
        dealt += wound(battle, other, hit.damage_milli - dealt, hit.by);
        if dealt >= hit.damage_milli {
            break;
        }
    }
    dealt
}

fn wound(battle: &mut Battle, index: usize, damage_milli: i32, by: Option<SeatId>) -> i32 {
    let soldier = &mut battle.swarm.soldiers[index];
    let before = soldier.health_milli.max(0);
    soldier.health_milli -= damage_milli;
    if before > 0
        && soldier.health_milli <= 0
        && let Some(seat) = by
    {
        battle.seats[seat.index()].tally.kills += 1;
    }
    before.min(damage_milli)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::measure::Pos;

    #[test]
    fn a_blow_costs_the_swarm_as_much_health_at_every_scale() {
        for points in [6, 20, 400] {
            for seats in [16, 48, 128, 512, 1_024] {
                let mut stage = Stage::sized(seats);
                stage.battle.swarm.soldiers.clear();
                stage.soldiers(60, Pos::from_m(1_000, 1_500));
                let hit = Hit { target: Target::Soldier(30), damage_milli: points * 1_000, by: None };
                let swarm = &stage.battle.swarm;
                let one_mass = swarm.soldiers_in(Micro::whole(1)) as i32 * swarm.health_each_milli;
                let whole = stage.battle.balance.legion.health_mass * 1_000;
                assert!((whole * 9 / 10..=whole).contains(&one_mass), "{seats} seats: {one_mass}");
                assert_eq!(apply(&mut stage.battle, &hit), (points * 1_000).min(one_mass), "{seats} seats, {points}");
            }
        }
    }
}
