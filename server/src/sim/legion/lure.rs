//! What a live line does to the swarm: the lure pulls soldiers along, the district beneath the line
//! pays for each that comes, and some of them burn.
//!
//! The SDF calls [`lure`] once for each pulse.

use gamera_protocol::balance::Rule;
use gamera_protocol::ground;
use gamera_protocol::ids::Kind;
use gamera_protocol::measure::{Pos, Tick, metres, ticks};
use gamera_protocol::view::Marks;

use super::{Goal, Squad};
use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::structure::Structure;
use crate::sim::swarm::Task;
use crate::sim::unit::Unit;

/// The lure that soldiers walk to now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sim) struct Lure {
    pub(in crate::sim) pos: Pos,
    /// It hums until then.
    pub(in crate::sim) until: Tick,
}

/// Pulls `pct` of the soldiers near enough to `pos`; `kill_pct` of those die when they reach it.
/// Squads that resist, and a swarm that holds, feel less of it. Returns the mass pulled.
pub(in crate::sim) fn lure(b: &mut Battle, pos: Pos, pct: i32, kill_pct: i32) -> Micro {
    let n = &b.balance.legion;
    let range = metres(b.balance.sdf.lure_range_m);
    let until = b.tick.after(ticks(b.balance.sdf.lure_s as u32));
    let held_pct = if b.legion.hold { n.lure_hold_pct } else { 100 };
    let mut pulled = 0;
    let squads = &b.legion.squads;
    let near = b.swarm.soldiers.iter_mut().filter(|s| !s.underground && s.pos.within(pos, range));
    for (i, soldier) in near.enumerate() {
        let resists = squads.get(usize::from(soldier.squad)).is_some_and(|s| s.resists);
        let felt_pct = if resists { n.lure_resist_pct } else { held_pct };
        if super::is_share(i, pct * felt_pct / 100) {
            soldier.task = if super::is_share(pulled, kill_pct) { Task::Doomed } else { Task::Lured };
            pulled += 1;
        }
    }
    b.legion.lure = Some(Lure { pos, until });
    Micro(b.swarm.mass_each.0 * pulled as i64)
}

/// The live line, substation or active sensor that draws an idle squad, if one is near. A squad
/// that resists and a swarm that holds feel nothing of it.
pub(super) fn nearest_live(b: &Battle, squad: &Squad) -> Option<Pos> {
    let idle = squad.goal == Goal::Follow && !squad.resists && !b.legion.hold && !squad.course.under;
    if !idle || !b.has(Rule::Lure) {
        return None;
    }
    let leader = b.seats[squad.leader.index()].unit.and_then(|id| b.units.get(id)).map(Unit::pos);
    let from = leader.unwrap_or(squad.course.to);
    let range = metres(b.balance.sdf.drift_range_m);
    let hums =
        |s: &Structure| matches!(s.kind, Kind::Sensor | Kind::Pylon | Kind::Substation) && s.marks.has(Marks::LIVE);
    let live = b.structures.iter().filter(|(_, s)| s.health_milli > 0 && hums(s) && s.pos.within(from, range));
    live.min_by_key(|(_, s)| s.pos.distance2(from)).map(|(_, s)| s.pos)
}

/// Who has come to the line tramples what is there, and the doomed burn in it. Once the line hums no
/// more the others are free; the doomed walk on to their end.
pub(in crate::sim) fn wane(b: &mut Battle) {
    let Some(lure) = b.legion.lure else { return };
    let hums = b.tick < lure.until;
    let (comes, dies) = (metres(b.balance.legion.lured_comes_m), metres(b.balance.legion.lured_dies_m));
    let (mut came, mut walking) = (0, 0);
    for soldier in b.swarm.soldiers.iter_mut().filter(|s| s.task.is_lured() && s.health_milli > 0) {
        match soldier.task {
            Task::Doomed if soldier.pos.within(lure.pos, dies) => {
                soldier.health_milli = 0;
                came += 1;
            }
            Task::Doomed => walking += 1,
            Task::Lured if soldier.pos.within(lure.pos, comes) => {
                soldier.task = Task::Drawn;
                came += 1;
            }
            _ => {}
        }
        if !hums && soldier.task != Task::Doomed {
            soldier.task = Task::Follow;
        }
    }
    pay(b, lure.pos, Micro(b.swarm.mass_each.0 * came));
    if !hums && walking == 0 {
        b.legion.lure = None;
    }
}

/// What `mass` of the swarm tramples where the line hums.
fn pay(b: &mut Battle, line: Pos, mass: Micro) {
    let price = mass.times(Micro::milli(b.balance.sdf.lure_price_milli_tok));
    if let Some(city) = ground::city_at(line)
        && let Some(district) = ground::district_at(city, line)
    {
        b.cities[city.index()].kill(district, price);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::City;

    fn swarm_near_a_line() -> (Stage, Pos) {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        stage.battle.balance.legion.free_mass_milli_s = 0;
        stage.battle.swarm.soldiers.clear();
        let line = Pos::from_m(6_900, 1_500);
        stage.soldiers(200, Pos::from_m(6_860, 1_500));
        (stage, line)
    }

    #[test]
    fn a_lure_pulls_its_share_and_less_of_who_holds_or_resists() {
        for (hold, resists, pulled) in [(false, false, 140), (true, false, 70), (false, true, 42)] {
            let (mut stage, line) = swarm_near_a_line();
            stage.battle.legion.hold = hold;
            stage.battle.legion.squads[0].resists = resists;
            assert_eq!(lure(&mut stage.battle, line, 70, 45).floor(), pulled, "hold {hold}, resists {resists}");
        }
    }

    #[test]
    fn the_pulled_walk_to_the_line_and_its_share_dies_there() {
        let (mut stage, line) = swarm_near_a_line();
        lure(&mut stage.battle, line, 70, 45);
        stage.run(ticks(17));
        let lost = 200 - stage.battle.swarm.soldiers.len();
        assert!((50..=63).contains(&lost), "45 % of 140 M: {lost}");
        assert!(stage.battle.swarm.soldiers.iter().any(|s| s.task == Task::Drawn));
        stage.run(ticks(2));
        assert!(stage.battle.swarm.soldiers.iter().all(|s| !s.task.is_lured()), "the lure is over");
    }

    #[test]
    fn the_district_pays_for_who_has_come_and_for_nobody_else() {
        // How far off they are called; how many of them have come after twelve seconds and after two minutes.
        for (away_m, soon, late) in [(40, 60..=70, 70), (400, 0..=0, 31)] {
            let (mut stage, line) = swarm_near_a_line();
            // Raids kill citizens too.
            stage.battle.balance.legion.raid_deaths_micro_tok_s = 0;
            stage.battle.swarm.soldiers.clear();
            stage.soldiers(100, Pos::new(line.x - metres(away_m), line.y));
            let dead = |stage: &Stage| stage.battle.cities[City::Tokyo.index()].dead();
            let before = dead(&stage);
            lure(&mut stage.battle, line, 70, 45);
            assert_eq!(dead(&stage), before, "nobody has come yet");
            let each = i64::from(stage.battle.balance.sdf.lure_price_milli_tok) * 1_000;
            stage.run(ticks(12));
            let came = (dead(&stage) - before).0 / each;
            assert!(soon.contains(&came), "{away_m} m: {came}");
            stage.run(ticks(108));
            assert_eq!((dead(&stage) - before).0 / each, late, "{away_m} m: each pays once, the doomed in any case");
        }
    }

    #[test]
    fn idle_squads_drift_to_what_is_live_nearby() {
        for (away_m, hold, drifts) in [(150, false, true), (250, false, false), (150, true, false)] {
            let (mut stage, line) = swarm_near_a_line();
            let sensor = Structure::new(Kind::Sensor, line, &stage.battle.balance);
            stage.battle.structures.insert(sensor);
            let place = Pos::new(line.x - metres(away_m), line.y);
            stage.put(gamera_protocol::ids::Role::BroodLeader, place, gamera_protocol::motion::Gait::Walk);
            stage.battle.legion.hold = hold;
            // Power is looked at a few times a second.
            stage.run(12);
            let drawn = nearest_live(&stage.battle, &stage.battle.legion.squads[0]);
            assert_eq!(drawn.is_some(), drifts, "{away_m} m, hold {hold}");
        }
    }
}
