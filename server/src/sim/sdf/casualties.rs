//! Who dies in the streets by the swarm: so many a second for each M in the open, more where more
//! people are left. What giants kill is counted by Gamera's side.

use gamera_protocol::ground::{self, DISTRICTS};
use gamera_protocol::ids::City;
use gamera_protocol::measure::TICK_HZ;

use super::super::Battle;
use super::super::fixed::Micro;
use super::super::swarm::{Soldier, Task};

/// Each soldier is counted once in so many ticks, a share of the swarm in each.
const SLICES: usize = 10;

/// Kills citizens beside the soldiers of this tick's share.
pub(super) fn trample(battle: &mut Battle) {
    let mass = mass_in_the_streets(battle);
    let milli_s = i64::from(battle.balance.legion.raid_deaths_micro_tok_s);
    for city in City::ALL.iter().copied() {
        for (district, mass) in mass[city.index()].iter().enumerate() {
            if *mass > Micro::ZERO {
                let density = i64::from(battle.cities[city.index()].density_permille(district));
                let second = mass.scaled(milli_s * density, 1_000_000_000);
                let share = second.scaled(SLICES as i64, i64::from(TICK_HZ));
                battle.cities[city.index()].kill(district, share);
            }
        }
    }
}

fn mass_in_the_streets(battle: &Battle) -> [[Micro; DISTRICTS]; 3] {
    let mut mass = [[Micro::ZERO; DISTRICTS]; 3];
    let each = battle.swarm.mass_each;
    let idle = each.percent(battle.balance.sdf.deaths_idle_pct);
    let first = battle.tick.0 as usize % SLICES;
    for soldier in battle.swarm.soldiers.iter().skip(first).step_by(SLICES).filter(|s| is_in_the_streets(s)) {
        if let Some(city) = ground::city_at(soldier.pos)
            && let Some(district) = ground::district_at(city, soldier.pos)
        {
            mass[city.index()][district] += if soldier.attacking { each } else { idle };
        }
    }
    mass
}

fn is_in_the_streets(soldier: &Soldier) -> bool {
    !soldier.underground && soldier.health_milli > 0 && soldier.task == Task::Follow
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::measure::Tick;

    /// Dead in thousandths of a tok after ten seconds of 100 M in Chuo.
    fn dead(set: impl Fn(&mut Soldier), emptied_tok: i32) -> i64 {
        let mut stage = Stage::campaign();
        stage.soldiers(100, ground::city(City::Sapporo).districts[4].centre());
        stage.battle.swarm.soldiers.iter_mut().for_each(set);
        stage.battle.cities[0].depart(4, Micro::whole(emptied_tok));
        for tick in 0..300 {
            stage.battle.tick = Tick(tick);
            trample(&mut stage.battle);
        }
        stage.battle.cities[0].dead().0 / 1_000
    }

    #[test]
    fn the_swarm_kills_by_its_mass_and_by_who_is_left() {
        let fighting: fn(&mut Soldier) = |s| s.attacking = true;
        let idle: fn(&mut Soldier) = |_| {};
        let under: fn(&mut Soldier) = |s| s.underground = true;
        let latched: fn(&mut Soldier) = |s| s.task = Task::Latched;
        // 100 M x 0.015 tok/s x 10 s = 15 tok at full density
        let cases = [
            ("fighting", fighting, 0, 14_000..=15_100),
            ("idle", idle, 0, 3_500..=3_800),
            ("underground", under, 0, 0..=0),
            ("on Gamera", latched, 0, 0..=0),
            ("half the people are gone", fighting, 70, 7_000..=7_600),
        ];
        for (name, set, emptied, wanted) in cases {
            let got = dead(set, emptied);
            assert!(wanted.contains(&got), "{name}: {got}");
        }
    }
}
