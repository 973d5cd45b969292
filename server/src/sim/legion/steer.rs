//! How the swarm moves: each squad has a course, each soldier steers by it, keeps off its
//! neighbours and goes through mouths where it is on the wrong layer.
//!
//! The costly part of a soldier's turn comes only once in a few ticks, in turns.

use gamera_protocol::ground::{self, GROUND};
use gamera_protocol::ids::{Kind, Layer};
use gamera_protocol::measure::{Pos, Velocity, metres};
use gamera_protocol::view::GameraState;

use super::{Course, Goal, Squad, field};
use crate::sim::Battle;
use crate::sim::city::CityState;
use crate::sim::fixed::Micro;
use crate::sim::swarm::{Soldier, Swarm, Task};

/// A soldier makes up its mind once in so many ticks.
const TURN_TICKS: u32 = 5;
/// A squad looks for the nearest mouth once in so many ticks.
const MOUTH_TICKS: u32 = 30;
/// Neighbours that a soldier keeps off at most.
const NEIGHBOURS: usize = 8;
/// How near is too near for soldiers of one M, grid units.
const ELBOW_ONE_MASS: i64 = metres(3) as i64;

/// Gives squads their courses and a part of the soldiers their new velocity.
pub(in crate::sim) fn steer(b: &mut Battle) {
    count(b);
    for squad in 0..b.legion.squads.len() {
        if b.tick.is_every(MOUTH_TICKS, squad as u32) {
            b.legion.squads[squad].drift = super::lure::nearest_live(b, &b.legion.squads[squad]);
        }
        let course = course(b, &b.legion.squads[squad], squad);
        b.legion.squads[squad].course = course;
    }
    let (world, elbow) = (World::of(b), elbow(&b.swarm));
    let (tick, lure) = (b.tick, b.legion.lure.map(|l| l.pos));
    let Battle { swarm, legion, cities, .. } = b;
    let Swarm { soldiers, grid, .. } = swarm;
    for i in (tick.0 % TURN_TICKS) as usize..soldiers.len() {
        if i as u32 % TURN_TICKS != tick.0 % TURN_TICKS {
            continue;
        }
        let soldier = soldiers[i];
        let Some(squad) = legion.squads.get(usize::from(soldier.squad)) else { continue };
        let Some(aim) = aim(&soldier, squad, lure) else { continue };
        let walks = soldier.task == Task::Follow && !soldier.underground && !squad.course.under;
        let aim = if walks { field::next(&legion.fields, squad.course.field, soldier.pos, aim) } else { aim };
        let speed = world.speed(&soldier, cities);
        let mut velocity = towards(soldier.pos, aim, speed);
        push_apart(&mut velocity, i, soldiers, grid.neighbours(soldier.pos, i), elbow, speed);
        soldiers[i].velocity = velocity;
        soldiers[i].attacking = false;
    }
}

/// Moves every soldier that walks, and lets it through a mouth where it is on the wrong layer.
pub(in crate::sim) fn advance(b: &mut Battle) {
    let (tick, mouth) = (b.tick, metres(b.balance.legion.mouth_m));
    let squads = &b.legion.squads;
    for soldier in b.swarm.soldiers.iter_mut().filter(|s| s.task != Task::Latched) {
        let mut pos = ground::clamp(soldier.velocity.advance(soldier.pos, tick));
        pos.y = pos.y.max(metres(ground::COAST_Y_M));
        soldier.pos = pos;
        let Some(squad) = squads.get(usize::from(soldier.squad)) else { continue };
        let course = &squad.course;
        if soldier.task == Task::Follow && soldier.underground != course.under && pos.within(course.mouth, mouth) {
            soldier.underground = course.under;
        }
    }
}

fn count(b: &mut Battle) {
    for squad in &mut b.legion.squads {
        squad.count = 0;
    }
    for soldier in &b.swarm.soldiers {
        if let Some(squad) = b.legion.squads.get_mut(usize::from(soldier.squad)) {
            squad.count += 1;
        }
    }
}

/// Where the squad goes now.
fn course(b: &Battle, squad: &Squad, index: usize) -> Course {
    let (to, under, near) = destination(b, squad);
    let looks = b.tick.is_every(MOUTH_TICKS, index as u32) || squad.course.mouth == Pos::default();
    let mouth = if looks { nearest_mouth(b, to) } else { squad.course.mouth };
    Course { to, under, near, field: field::of(&b.legion.fields, to), mouth }
}

fn destination(b: &Battle, squad: &Squad) -> (Pos, bool, i32) {
    let gamera = &b.units[b.gamera.unit];
    let room = metres(2) * i32::from(squad.count).isqrt();
    let structure = |id| b.structures.get(id).map(|s| s.pos);
    match squad.goal {
        Goal::Attack(pos) => (pos, false, metres(4)),
        Goal::Mob if gamera.present && b.gamera.state != GameraState::Away => (gamera.pos(), false, 0),
        Goal::Harvest(id) | Goal::Wreck(id) => {
            structure(id).map_or_else(|| stay(b, squad, room), |at| (at, false, room.min(metres(16))))
        }
        Goal::Follow | Goal::Mob => stay(b, squad, room),
    }
}

/// With the leader; without one where the squad was going last, at first in the hive.
fn stay(b: &Battle, squad: &Squad, room: i32) -> (Pos, bool, i32) {
    let near = room.max(metres(b.balance.legion.squad_near_m));
    if let Some((enemy, _)) = squad.alarm.filter(|(_, until)| b.tick < *until) {
        return (enemy, false, metres(2));
    }
    let leader = b.seats[squad.leader.index()].unit.and_then(|id| b.units.get(id));
    if let Some(live) = squad.drift.filter(|_| leader.is_none_or(|u| u.drive.heading.is_none())) {
        return (live, false, metres(4));
    }
    if let Some(leader) = leader {
        return (leader.pos(), leader.layer() == Layer::Underground, near);
    }
    if squad.course.to != Pos::default() {
        return (squad.course.to, squad.course.under, near);
    }
    let home = super::hive::home(b).map_or(ground::city_centre(b.campaign.city), |h| h.pos);
    (home, true, near)
}

/// The nearest station of the subway or mouth of a burrow.
pub(super) fn nearest_mouth(b: &Battle, to: Pos) -> Pos {
    let stations = GROUND.cities.iter().flat_map(|c| c.stations.iter().map(|s| s.pos));
    let burrows = b.structures.iter().filter(|(_, s)| s.kind == Kind::Burrow && s.health_milli > 0).map(|(_, s)| s.pos);
    stations.chain(burrows).min_by_key(|p| p.distance2(to)).unwrap_or(to)
}

/// Where a soldier wants to be: its own place where it is there already; `None` where it has no
/// say, on Gamera's back.
fn aim(soldier: &Soldier, squad: &Squad, lure: Option<Pos>) -> Option<Pos> {
    let course = &squad.course;
    let (to, near) = match soldier.task {
        Task::Latched => return None,
        Task::Lured | Task::Drawn | Task::Doomed => (lure.unwrap_or(course.to), metres(4)),
        Task::Follow if soldier.underground != course.under => (course.mouth, 0),
        Task::Follow => (course.to, course.near),
    };
    Some(if soldier.pos.within(to, near) { soldier.pos } else { to })
}

/// Speeds of soldiers in this tick, 1/64 m a second.
struct World {
    surface: i32,
    plants: i32,
    under: i32,
}

impl World {
    fn of(b: &Battle) -> World {
        let row = b.balance.units.of(Kind::Soldier);
        let n = &b.balance.legion;
        let pct = if b.legion.hold { n.hold_speed_pct } else { 100 };
        World {
            surface: row.speed() * pct / 100,
            plants: row.speed() * n.overgrown_soldier_pct / 100 * pct / 100,
            under: row.burrow_speed() * pct / 100,
        }
    }

    fn speed(&self, soldier: &Soldier, cities: &[CityState; 3]) -> i32 {
        let on_plants =
            || ground::city_at(soldier.pos).is_some_and(|city| cities[city.index()].is_overgrown(soldier.pos));
        match soldier.underground {
            true => self.under,
            false if on_plants() => self.plants,
            false => self.surface,
        }
    }
}

fn towards(from: Pos, to: Pos, speed: i32) -> Velocity {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let way = from.distance(to);
    if way == 0 {
        return Velocity::ZERO;
    }
    // The last steps are short ones, so that nobody swings about the goal.
    let speed = speed.min(way * 3);
    Velocity {
        x: (i64::from(dx) * i64::from(speed) / i64::from(way)) as i32,
        y: (i64::from(dy) * i64::from(speed) / i64::from(way)) as i32,
    }
}

/// How near is too near, grid units: a small soldier takes as much less ground, so that a place holds as much
/// of the swarm at every scale.
fn elbow(swarm: &Swarm) -> i32 {
    (ELBOW_ONE_MASS * ELBOW_ONE_MASS * swarm.mass_each.0 / Micro::whole(1).0).isqrt() as i32
}

/// Turns `velocity` away from the nearest few neighbours.
fn push_apart(
    velocity: &mut Velocity,
    own: usize,
    soldiers: &[Soldier],
    near: impl Iterator<Item = u32>,
    elbow: i32,
    speed: i32,
) {
    let soldier = &soldiers[own];
    for other in near.filter(|i| *i as usize != own).take(NEIGHBOURS) {
        let Some(other) = soldiers.get(other as usize) else { continue };
        let (dx, dy) = (soldier.pos.x - other.pos.x, soldier.pos.y - other.pos.y);
        if dx.abs() >= elbow || dy.abs() >= elbow || other.underground != soldier.underground {
            continue;
        }
        // Two in one place part by their numbers.
        let (dx, dy) = if (dx, dy) == (0, 0) {
            ((soldier.serial % 7) as i32 - 3, (soldier.serial % 5) as i32 - 2)
        } else {
            (dx, dy)
        };
        let push = |d: i32| if d == 0 { 0 } else { d.signum() * (elbow - d.abs()) * speed / (3 * elbow) };
        velocity.x = (velocity.x + push(dx)).clamp(-speed, speed);
        velocity.y = (velocity.y + push(dy)).clamp(-speed, speed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::measure::ticks;
    use gamera_protocol::motion::Gait;

    fn squad_and_leader(apart_m: i32) -> (Stage, Pos) {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        stage.battle.swarm.soldiers.clear();
        let at = Pos::from_m(6_700, 2_350);
        stage.put(Role::BroodLeader, at, Gait::Walk);
        stage.soldiers(60, Pos::new(at.x - metres(apart_m), at.y));
        (stage, at)
    }

    #[test]
    fn a_squad_gathers_around_its_leader_and_nobody_stands_on_another() {
        let (mut stage, at) = squad_and_leader(160);
        stage.run(ticks(30));
        let own: Vec<Pos> = stage.battle.swarm.soldiers.iter().filter(|s| s.squad == 0).map(|s| s.pos).collect();
        let there = own.iter().filter(|p| p.within(at, metres(30))).count();
        assert!(there * 10 >= own.len() * 9, "{there} of {}", own.len());
        let places: std::collections::BTreeSet<Pos> = own.iter().copied().collect();
        assert_eq!(places.len(), own.len());
    }

    #[test]
    fn a_place_holds_as_much_of_the_swarm_at_every_scale() {
        for seats in [16, 48, 128, 512, 1_024] {
            let swarm = &Stage::sized(seats).battle.swarm;
            let ground_of_one_mass = elbow(swarm).pow(2) * swarm.soldiers_in(Micro::whole(1)) as i32;
            let wanted = metres(3).pow(2);
            assert!((wanted * 8 / 10..=wanted).contains(&ground_of_one_mass), "{seats} seats: {ground_of_one_mass}");
        }
    }

    #[test]
    fn soldiers_keep_their_speed_and_plants_and_holding_change_it() {
        for (plants, hold, low, high) in [(false, false, 64, 80), (true, false, 81, 96), (false, true, 44, 56)] {
            let (mut stage, at) = squad_and_leader(250);
            for column in -12..12 {
                for row in -2..3 {
                    let block = Pos::new(at.x + metres(32 * column), at.y + metres(32 * row));
                    stage.battle.cities[2].set_overgrown(block, plants);
                }
            }
            stage.battle.legion.hold = hold;
            let before = stage.battle.swarm.soldiers[0].pos;
            stage.run(ticks(10));
            let way = before.distance(stage.battle.swarm.soldiers[0].pos) / 64;
            assert!((low..=high).contains(&way), "plants {plants}, hold {hold}: {way} m");
        }
    }
    #[test]
    fn squads_brought_to_the_next_city_stay_there_while_their_leaders_are_on_the_way() {
        let mut stage = Stage::campaign();
        stage.battle.balance.rules.remove(gamera_protocol::balance::Rule::Meteor);
        let at = ground::city_centre(City::Sapporo);
        stage.put(Role::BroodLeader, at, Gait::Walk);
        stage.soldiers(40, at);
        stage.run(30);
        crate::sim::legion::follow(&mut stage.battle, City::Sendai);
        crate::sim::lifecycle::redeploy(&mut stage.battle, ticks(30));
        stage.run(ticks(25));
        let station = ground::city(City::Sendai).stations[0].pos;
        let soldiers = &stage.battle.swarm.soldiers;
        assert!(soldiers.iter().all(|s| s.pos.within(station, metres(60))), "none walks back to Sapporo");
        assert_eq!(soldiers.len(), 20);
    }
}
