//! Finding the hive: by sight, by a sensor, and once research has come so far by the feel for it.
//! Guards' tips and charges' flashes find it too, in their own files.

use gamera_protocol::balance::Rule;
use gamera_protocol::ids::{City, Kind, Layer, Side};
use gamera_protocol::measure::{Pos, metres};

use super::super::Battle;
use super::discover_hive;

/// How often the SDF looks.
const PERIOD_TICKS: u32 = 15;

/// Looks for every hive that is not found yet.
pub(super) fn look(battle: &mut Battle) {
    if !battle.tick.is_every(PERIOD_TICKS, 5) || !battle.has(Rule::Discovery) {
        return;
    }
    for city in City::ALL.iter().copied() {
        let Some(hive) = battle.legion.hives[city.index()].as_ref() else { continue };
        if !hive.dead && !hive.discovered && is_found(battle, hive.pos) {
            discover_hive(battle, city, None);
        }
    }
}

fn is_found(battle: &Battle, hive: Pos) -> bool {
    battle.sight.sees(Side::Sdf, Layer::Underground, hive) || is_sensed(battle, hive) || is_felt(battle, hive)
}

fn is_sensed(battle: &Battle, hive: Pos) -> bool {
    let n = &battle.balance.sdf;
    let knows = battle.sdf.tier >= n.tier_sensor;
    let range = metres(if knows { n.hive_sensor_range_m } else { n.sensor_range_m });
    let sensors = battle.structures.iter().filter(|(_, s)| s.kind == Kind::Sensor && s.health_milli > 0);
    sensors.into_iter().any(|(_, s)| s.pos.within(hive, range))
}

/// From the first tier on engineers and the scientist carry an instrument.
fn is_felt(battle: &Battle, hive: Pos) -> bool {
    let n = &battle.balance.sdf;
    let range = metres(n.hive_sensor_range_m);
    let carries = |kind: Kind| matches!(kind, Kind::Engineer | Kind::Scientist);
    battle.sdf.tier >= n.tier_sensor
        && battle.units.iter().any(|(_, u)| carries(u.kind) && u.is_up() && u.pos().within(hive, range))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::fixed::Micro;
    use crate::sim::legion::hive;
    use crate::sim::structure::Structure;
    use crate::sim::testing::Stage;
    use gamera_protocol::event::EventKind;
    use gamera_protocol::ground;
    use gamera_protocol::ids::Role;
    use gamera_protocol::motion::Gait;

    #[test]
    fn the_hive_is_found_by_eyes_sensors_and_instruments() {
        let lair = ground::city_centre(City::Sapporo);
        // engineer's distance, sensor's distance, tier, found
        let cases = [
            (700, None, 0, false),
            (10, None, 0, true),
            (200, None, 0, false),
            (400, None, 30, true),
            (700, Some(140), 0, true),
            (700, Some(300), 0, false),
            (700, Some(300), 30, true),
        ];
        for (engineer_m, sensor_m, tier, wanted) in cases {
            let mut stage = Stage::campaign();
            hive::found(&mut stage.battle, City::Sapporo, lair, Micro::ZERO, false);
            let east = |m: i32| Pos::new(lair.x + metres(m), lair.y);
            stage.put(Role::Engineer, east(engineer_m), Gait::Walk);
            stage.put(Role::Scientist, east(900), Gait::Walk);
            if let Some(m) = sensor_m {
                let sensor = Structure::new(Kind::Sensor, east(m), &stage.battle.balance);
                stage.battle.structures.insert(sensor);
            }
            stage.battle.sdf.tier = tier;
            let found = stage.run_until(EventKind::HiveDiscovered, 30).is_some();
            assert_eq!(found, wanted, "engineer {engineer_m} m, sensor {sensor_m:?} m, tier {tier}");
            assert_eq!(stage.battle.cities[0].alarmed, wanted);
        }
    }
}
