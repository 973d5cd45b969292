//! Guards at the warehouses of the present city: they shoot at what comes near; their first report
//! sounds the sirens, and some of the later ones lead to the hive.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Layer, Side};
use gamera_protocol::measure::{Angle, Pos, Tick, metres, ticks};
use gamera_protocol::motion::Gait;
use gamera_protocol::view::Marks;

use super::super::Battle;
use super::super::hit::{Hit, Target};
use super::super::unit::{Unit, UnitId};
use super::{alarm, discover_hive};

/// One guard's post.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guard {
    unit: Option<UnitId>,
    post: Pos,
    /// Back at the post from then on, once dead.
    back_at: Tick,
    /// May shoot again.
    ready_at: Tick,
    /// May report again.
    report_at: Tick,
}

/// Puts a guard before each warehouse of `city`; those of the city before go home.
pub(super) fn muster(battle: &mut Battle, city: City) {
    for guard in std::mem::take(&mut battle.sdf.guards) {
        if let Some(unit) = guard.unit {
            battle.units.remove(unit);
        }
    }
    if !battle.has(Rule::Guards) {
        return;
    }
    let posts = ground::city(city).caches.map(|cache| cache.offset(Angle::SOUTH, metres(10)));
    let never = Tick(0);
    battle.sdf.guards = posts
        .iter()
        .map(|post| Guard { unit: None, post: *post, back_at: never, ready_at: never, report_at: never })
        .collect();
}

/// One tick of every guard.
pub(super) fn stand(battle: &mut Battle) {
    for index in 0..battle.sdf.guards.len() {
        let guard = battle.sdf.guards[index];
        match guard.unit.map(|id| (id, battle.units.get(id).is_some_and(Unit::is_up))) {
            Some((unit, true)) => watch(battle, index, unit),
            Some((unit, false)) => fall(battle, index, unit),
            None if battle.tick >= guard.back_at => post(battle, index),
            None => {}
        }
    }
}

fn post(battle: &mut Battle, index: usize) {
    let health_milli = battle.balance.units.of(Kind::Guard).health * 1_000;
    let unit = battle.units.insert(Unit::new(Kind::Guard, battle.sdf.guards[index].post, Gait::Fixed, health_milli));
    battle.sdf.guards[index].unit = Some(unit);
}

fn fall(battle: &mut Battle, index: usize, unit: UnitId) {
    battle.units.remove(unit);
    let respawn = ticks(battle.balance.units.of(Kind::Guard).respawn_s as u32);
    let guard = &mut battle.sdf.guards[index];
    guard.unit = None;
    guard.back_at = battle.tick.after(respawn);
}

/// Shoots at the nearest soldier in the open.
fn watch(battle: &mut Battle, index: usize, unit: UnitId) {
    let guard = battle.sdf.guards[index];
    if battle.tick < guard.ready_at {
        return;
    }
    let row = *battle.balance.units.of(Kind::Guard);
    let swarm = &battle.swarm;
    let in_sight = |pos| battle.sight.sees(Side::Sdf, Layer::Surface, pos);
    let in_the_open = |i: &usize| {
        let s = &swarm.soldiers[*i];
        !s.underground && s.health_milli > 0 && in_sight(s.pos)
    };
    let near = swarm.near(guard.post, row.range()).filter(in_the_open);
    let target = near.min_by_key(|i| swarm.soldiers[*i].pos.distance2(guard.post));
    // Guards do not look all at once, so that the work is spread over the ticks.
    battle.sdf.guards[index].ready_at = battle.tick.after(row.cooldown_ticks() + index as u32 % 3);
    if let Some(soldier) = target {
        let hit = Hit { target: Target::Soldier(soldier), damage_milli: row.damage * 1_000, by: None };
        battle.hits.push(hit);
        let u = &mut battle.units[unit];
        u.marks = u.marks.with(Marks::ATTACKING, true);
    }
}

/// Whether any theft of this tick was seen. After the Legion has worked.
pub(super) fn witness(battle: &mut Battle) {
    for i in 0..battle.events.len() {
        let Event { kind: EventKind::GlassStolen, at: Some(at), .. } = battle.events[i] else { continue };
        let reach = metres(battle.balance.sdf.guard_watch_m);
        let awake = |g: &Guard| g.unit.is_some() && g.post.within(at, reach) && battle.tick >= g.report_at;
        let Some(guard) = battle.sdf.guards.iter().position(awake) else { continue };
        let rest = ticks(battle.balance.sdf.guard_report_s as u32);
        battle.sdf.guards[guard].report_at = battle.tick.after(rest);
        let pct = battle.balance.legion.guard_sighting_pct.max(0) as u32;
        if battle.rngs.people.chance_permille(pct * 10) {
            report(battle, at);
        }
    }
}

fn report(battle: &mut Battle, at: Pos) {
    battle.tell(Event::new(battle.tick, EventKind::GuardSighting).at(at));
    let Some(city) = ground::city_at(at) else { return };
    let warned = battle.cities[city.index()].alarmed;
    alarm(battle, city);
    let tip_pct = battle.balance.sdf.guard_tip_pct.max(0) as u32;
    // Nobody makes anything of a report before the city is warned: the first rouses it.
    if warned && battle.has(Rule::Discovery) && battle.rngs.people.chance_permille(tip_pct * 10) {
        discover_hive(battle, city, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Mode;
    use crate::sim::testing::Stage;

    fn theft(stage: &mut Stage) {
        let at = ground::city(City::Sapporo).caches[0];
        stage.battle.events.clear();
        let event = Event::new(stage.battle.tick, EventKind::GlassStolen).at(at);
        stage.battle.tell(event);
    }

    #[test]
    fn four_thefts_in_ten_are_seen_while_the_guard_lives() {
        for (alive, least, most) in [(true, 60, 100), (false, 0, 0)] {
            let mut stage = Stage::campaign();
            stage.run(2);
            let mut seen = 0;
            for _ in 0..200 {
                theft(&mut stage);
                stage.battle.sdf.guards[0].report_at = Tick(0);
                if !alive {
                    stage.battle.sdf.guards[0].unit = None;
                }
                witness(&mut stage.battle);
                seen += stage.battle.events.iter().filter(|e| e.kind == EventKind::GuardSighting).count();
            }
            assert!((least..=most).contains(&seen), "alive {alive}: {seen} of 200");
            assert_eq!(stage.battle.cities[0].alarmed, alive);
        }
    }

    #[test]
    fn only_in_a_city_that_is_warned_a_report_may_lead_to_the_hive() {
        for (reports, found) in [(1, false), (2, true)] {
            let mut stage = Stage::new(Mode::Campaign, |balance| balance.sdf.guard_tip_pct = 100);
            stage.run_until(EventKind::HiveFounded, ticks(20)).unwrap();
            assert!(!stage.battle.cities[0].alarmed);
            for _ in 0..reports {
                report(&mut stage.battle, ground::city(City::Sapporo).caches[0]);
            }
            assert_eq!(stage.battle.legion.hives[0].as_ref().unwrap().discovered, found, "{reports} reports");
        }
    }

    #[test]
    fn a_guard_shoots_falls_and_is_relieved() {
        let mut stage = Stage::campaign();
        stage.run(2);
        let guard = stage.battle.sdf.guards[0];
        stage.soldiers(1, Pos::new(guard.post.x, guard.post.y + metres(20)));
        stage.run(3);
        assert!(stage.battle.swarm.soldiers[0].health_milli < stage.battle.swarm.health_each_milli);
        stage.battle.swarm.soldiers.clear();
        stage.battle.units[guard.unit.unwrap()].health_milli = 0;
        stage.run(ticks(44));
        assert!(stage.battle.sdf.guards[0].unit.is_none());
        stage.run(ticks(2));
        assert!(stage.battle.sdf.guards[0].unit.is_some());
    }
}
