//! Soldiers against people: they tear at small enemies within reach, stir their squad when they
//! meet one, and citizens die where the swarm is.

use gamera_protocol::ground::{self, DISTRICTS};
use gamera_protocol::ids::{Kind, Layer, Role, SeatId, Side};
use gamera_protocol::measure::{Pos, TICK_HZ, Tick, metres, ticks};
use gamera_protocol::roster::{MILLION, Roster};
use gamera_protocol::view::side_of;

use super::{Goal, Squad};
use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::hit::{Hit, Target};
use crate::sim::swarm::Task;

/// Each enemy is looked at once in so many ticks, for so many ticks' damage.
const TURN_TICKS: u32 = 6;

/// One tick of raids.
pub(in crate::sim) fn fight(b: &mut Battle) {
    let phase = b.tick.0 % TURN_TICKS;
    let mut prey = std::mem::take(&mut b.legion.prey);
    let turn = |i: usize| i as u32 % TURN_TICKS == phase;
    let hostile = |kind| matches!(side_of(kind), Some(Side::Gamera | Side::Sdf)) && kind != Kind::Gamera;
    let units = b.units.iter().enumerate().filter(|(i, (_, u))| turn(*i) && u.is_up() && hostile(u.kind));
    let units = units.filter(|(_, (_, u))| u.layer() == Layer::Surface);
    prey.extend(units.map(|(_, (id, u))| (Target::Unit(id), u.pos(), u.kind)));
    let soft = |kind| matches!(kind, Kind::Sensor | Kind::Charge);
    let things = b.structures.iter().enumerate().filter(|(i, (_, s))| turn(*i) && soft(s.kind) && s.health_milli > 0);
    prey.extend(things.map(|(_, (id, s))| (Target::Structure(id), s.pos, s.kind)));
    if phase == 0 {
        let wrecks = b.legion.squads.iter().filter_map(|s| match s.goal {
            Goal::Wreck(id) => b.structures.get(id).map(|s| (Target::Structure(id), s.pos, s.kind)),
            _ => None,
        });
        prey.extend(wrecks);
    }
    for (target, at, kind) in prey.drain(..) {
        tear_at(b, target, at, kind);
    }
    b.legion.prey = prey;
    kill_citizens(b);
}

fn tear_at(b: &mut Battle, target: Target, at: Pos, kind: Kind) {
    let n = &b.balance.legion;
    let reach = b.balance.units.of(Kind::Soldier).range() + metres(b.balance.units.of(kind).radius_m);
    let alarm = metres(n.alarm_range_m);
    let most = b.swarm.soldiers_in(Micro::whole(n.raid_mass_max)).max(1);
    let (mut biting, mut squad) = (0, None);
    let Battle { swarm, legion, .. } = b;
    let crate::sim::swarm::Swarm { soldiers, grid, .. } = swarm;
    for i in grid.around(at, alarm) {
        let Some(soldier) = soldiers.get_mut(i as usize) else { continue };
        if soldier.underground || soldier.task != Task::Follow || !soldier.pos.within(at, alarm) {
            continue;
        }
        squad = squad.or(Some(usize::from(soldier.squad)));
        if soldier.pos.within(at, reach) {
            soldier.attacking = true;
            biting += 1;
            if biting >= most {
                break;
            }
        }
    }
    let Some(squad) = squad.filter(|i| *i < legion.squads.len()) else { return };
    let by: Option<SeatId> = Some(legion.squads[squad].leader);
    stir(&mut legion.squads, &b.roster, squad, kind, (at, b.tick.after(ticks(1))));
    if biting > 0 {
        let rate = Micro::milli(b.balance.legion.soldier_damage_mass_milli_s);
        let damage = Micro(b.swarm.mass_each.0 * biting as i64).times(rate).scaled(i64::from(TURN_TICKS), 30);
        let damage_milli = b.felt_milli(kind, (damage.0 / 1_000) as i32);
        b.hits.push(Hit { target, damage_milli, by });
    }
}

/// An enemy that weighs as much as one of a match of 16 stirs a squad of such a match: in a large one those
/// that are its counterpart, a smaller one of them as many as it weighs.
fn stir(squads: &mut [Squad], roster: &Roster, met: usize, enemy: Kind, alarm: (Pos, Tick)) {
    let mates = roster.ranks(Role::BroodLeader, roster.part_of(Role::BroodLeader, met));
    let weight_ppm = roster.weight_ppm(enemy).min(MILLION);
    let stirred = (mates.len() as i64 * weight_ppm / MILLION).max(1) as usize;
    let (first, count) = (mates.start, mates.len());
    for i in 0..stirred {
        squads[first + (met - first + i) % count].alarm = Some(alarm);
    }
}

/// Each soldier in the streets counts once a second.
fn kill_citizens(b: &mut Battle) {
    let second = b.tick.0 % TICK_HZ;
    let mut hunters = [[0_i64; DISTRICTS]; 3];
    let turn = b.swarm.soldiers.iter().skip(second as usize).step_by(TICK_HZ as usize);
    for soldier in turn.filter(|s| !s.underground && s.task != Task::Latched) {
        let city = ground::city_at(soldier.pos);
        if let Some((city, district)) = city.and_then(|c| Some((c, ground::district_at(c, soldier.pos)?))) {
            hunters[city.index()][district] += 1;
        }
    }
    let each = b.swarm.mass_each.scaled(i64::from(b.balance.legion.raid_deaths_micro_tok_s), 1_000_000);
    for (city, districts) in b.cities.iter_mut().zip(&hunters) {
        for (district, count) in districts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let density = i64::from(city.density_permille(district));
            city.kill(district, Micro(each.0 * count).scaled(density, 1_000));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::motion::Gait;

    /// Each enemy has its turn once.
    fn fight_a_turn(b: &mut Battle) {
        for _ in 0..TURN_TICKS {
            fight(b);
            b.tick = b.tick.after(1);
        }
    }

    #[test]
    fn soldiers_tear_at_what_is_within_reach_up_to_a_crowd() {
        // Soldiers of 1 M each, their place from the engineer in metres, damage in a second.
        for (count, away_m, points) in [(20, 0, 9), (20, 40, 0), (90, 0, 27)] {
            let mut stage = Stage::quick(City::Tokyo);
            stage.run(1);
            stage.battle.swarm.soldiers.clear();
            let at = Pos::from_m(6_300, 1_100);
            stage.put(Role::Tank, at, Gait::Walk);
            for i in 0..count {
                let turn = gamera_protocol::measure::Angle((i * 40_503 % 65_536) as u16);
                let place = Pos::new(at.x + metres(away_m), at.y).offset(turn, metres(4));
                stage.battle.swarm.spawn(place, 0, false);
            }
            stage.battle.swarm.index();
            fight_a_turn(&mut stage.battle);
            let dealt = stage.due_milli(Role::Tank);
            assert!((dealt * 5 / 1_000 - points).abs() <= 1, "{count} at {away_m} m: {dealt}");
        }
    }

    #[test]
    fn an_enemy_stirs_as_much_of_the_swarm_as_it_weighs_at_every_scale() {
        for seats in [16, 128, 1_024] {
            let roster = Stage::sized(seats).battle.roster;
            let leaders = roster.count(Role::BroodLeader);
            let parts = roster.parts(Role::BroodLeader);
            for kind in [Kind::Charge, Kind::Guard, Kind::Commander, Kind::Tank] {
                let mut squads: Vec<Squad> = (0..leaders).map(|_| Squad::new(SeatId(0))).collect();
                let weight_ppm = roster.weight_ppm(kind);
                stir(&mut squads, &roster, leaders - 1, kind, (Pos::default(), Tick(1)));
                let stirred: Vec<usize> = (0..leaders).filter(|i| squads[*i].alarm.is_some()).collect();
                let wanted = (leaders as i64 * weight_ppm / parts as i64 / MILLION).max(1) as usize;
                assert!(stirred.len().abs_diff(wanted) <= 1, "{seats} seats, {kind}: {stirred:?}");
                let is_mate = |i: &usize| roster.part_of(Role::BroodLeader, *i) == parts - 1;
                assert!(stirred.iter().all(is_mate), "those of one part: {stirred:?}");
            }
        }
    }

    #[test]
    fn a_seat_lives_as_long_among_soldiers_at_every_scale() {
        // Millionths of a tank's health that 20 M around it take in a turn.
        let lost = |seats| {
            let mut stage = Stage::sized(seats);
            let at = Pos::from_m(1_300, 1_100);
            stage.put(Role::Tank, at, Gait::Walk);
            stage.battle.swarm.soldiers.clear();
            let count = stage.battle.swarm.soldiers_in(Micro::whole(20));
            (0..count).for_each(|_| _ = stage.battle.swarm.spawn(at, 0, false));
            stage.battle.swarm.index();
            fight_a_turn(&mut stage.battle);
            stage.due_ppm(Role::Tank)
        };
        for seats in [48, 128, 512, 1_024] {
            let (here, there) = (lost(seats), lost(16));
            assert!((here - there).abs() * 10 < there, "{seats} seats: {here}, not {there}");
        }
    }

    #[test]
    fn citizens_die_by_mass_and_density() {
        for (evacuated_pct, milli_tok) in [(0, 15_000), (50, 7_500)] {
            let mut stage = Stage::quick(City::Tokyo);
            stage.run(1);
            stage.battle.swarm.soldiers.clear();
            let at = ground::city(City::Tokyo).districts[4].centre();
            let leave = stage.battle.cities[2].districts[4].staying.percent(evacuated_pct);
            stage.battle.cities[2].depart(4, leave);
            stage.soldiers(100, at);
            for _ in 0..TICK_HZ * 10 {
                kill_citizens(&mut stage.battle);
                stage.battle.tick = stage.battle.tick.after(1);
            }
            let dead = stage.battle.cities[2].dead();
            assert!((dead - Micro::milli(milli_tok)).0.abs() < 1_600_000, "{evacuated_pct} %: {dead:?}");
        }
    }
}
