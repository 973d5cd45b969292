//! How fast people get on: plants slow everyone on foot or wheels, and who leads a convoy keeps
//! pace with it.

use gamera_protocol::balance::Rule;
use gamera_protocol::ground;
use gamera_protocol::ids::{Kind, Layer, Side};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::metres;
use gamera_protocol::view::side_of;

use super::super::Battle;
use super::super::city::CityState;
use super::super::unit::Unit;

/// Slows and speeds up units. Before they move.
pub(super) fn set(battle: &mut Battle) {
    slow_on_plants(battle);
    keep_up(battle);
}

fn slow_on_plants(battle: &mut Battle) {
    let grown = battle.cities.each_ref().map(|c| c.overgrown_blocks() > 0);
    if !battle.has(Rule::Overgrowth) || grown == [false; 3] {
        return;
    }
    let pct = battle.balance.legion.overgrown_human_pct;
    let Battle { units, cities, .. } = battle;
    for (_, unit) in units.iter_mut().filter(|(_, u)| is_human(u)) {
        if is_on_plants(cities, unit) {
            unit.drive.speed_permille = (i32::from(unit.drive.speed_permille) * pct / 100) as u16;
        }
    }
}

fn is_human(unit: &Unit) -> bool {
    let side = side_of(unit.kind);
    unit.kind != Kind::Gamera && matches!(side, Some(Side::Gamera | Side::Sdf)) && unit.layer() == Layer::Surface
}

fn is_on_plants(cities: &[CityState; 3], unit: &Unit) -> bool {
    ground::city_at(unit.pos()).is_some_and(|city| cities[city.index()].is_overgrown(unit.pos()))
}

/// Escorts near a convoy drive at its speed, however slow they are elsewhere.
fn keep_up(battle: &mut Battle) {
    if battle.sdf.convoys.is_empty() {
        return;
    }
    let n = battle.balance.sdf;
    let road = battle.balance.units.of(Kind::Convoy).speed_dms * n.convoy_escorted_pct / 100;
    for index in 0..battle.seats.len() {
        let s = &battle.seats[index];
        let Some(id) = s.unit.filter(|_| s.input.verb == Some(Verb::Escort)) else { continue };
        let unit = &battle.units[id];
        let near = |u: &Unit| u.pos().within(unit.pos(), metres(n.escort_range_m));
        if battle.sdf.convoys.iter().any(|c| battle.units.get(c.unit()).is_some_and(near)) {
            let own = battle.balance.units.of(unit.kind).speed_dms.max(1);
            let pace = i32::from(unit.drive.speed_permille) * road.max(own) / own;
            battle.units[id].drive.speed_permille = pace as u16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::{Angle, Pos};
    use gamera_protocol::motion::Gait;

    #[test]
    fn plants_slow_people_and_neither_giants_nor_jets() {
        let c = ground::city_centre(City::Tokyo);
        for (role, gait, slowed) in [
            (Role::Tank, Gait::Walk, true),
            (Role::Scientist, Gait::Walk, true),
            (Role::Asagi, Gait::Walk, true),
            (Role::Jet, Gait::Fly, false),
            (Role::BroodLeader, Gait::Walk, false),
        ] {
            let covered = |plants: bool| {
                let mut stage = Stage::quick(City::Tokyo);
                for column in -3..10 {
                    stage.battle.cities[2].set_overgrown(Pos::new(c.x + metres(32 * column), c.y), plants);
                }
                stage.put(role, c, gait);
                stage.unit_mut(role).mover.heading = Angle::EAST;
                stage.hold(role, SeatInput { heading: Some(0), ..SeatInput::default() });
                stage.run(30);
                c.distance(stage.unit(role).pos())
            };
            let (free, plants) = (covered(false), covered(true));
            assert_eq!(plants < free, slowed, "{role}: {plants} of {free}");
        }
    }
}
