//! The swarm on Gamera's shell: who latches on, what that does to her, and how she gets rid of it.
//!
//! Gamera's side calls [`latched`], [`throw_off`] and [`kill_around`].

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Layer, Role, SeatId};
use gamera_protocol::measure::{Angle, Pos, Velocity, metres};
use gamera_protocol::view::{GameraState, Life, Marks};

use super::Goal;
use crate::sim::fixed::Micro;
use crate::sim::hit::{Hit, Target};
use crate::sim::swarm::{Soldier, Task};
use crate::sim::{Battle, sdf};

/// Below this share of the mass that counts as a mob, percent, the next mob is a new one.
const REARM_PCT: i32 = 25;

/// State of the mob.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::sim) struct Mob {
    /// Mass that may still latch on, saved up while it is less than a soldier.
    allowance: Micro,
    /// Soldiers on her.
    soldiers: u32,
    /// The present mob has been told.
    told: bool,
    /// The Legion has its name.
    named: bool,
}

/// Mass latched on to Gamera.
pub(in crate::sim) fn latched(b: &Battle) -> Micro {
    b.latched_mass()
}

/// Gamera shakes: `share_pct` of the mob falls off, `kill_pct` of those die. Returns their mass.
pub(in crate::sim) fn throw_off(b: &mut Battle, share_pct: i32, kill_pct: i32) -> Micro {
    let mut thrown = 0;
    let on_her = b.swarm.soldiers.iter_mut().filter(|s| s.task == Task::Latched);
    for (i, soldier) in on_her.enumerate() {
        if super::is_share(i, share_pct) {
            soldier.task = Task::Follow;
            if super::is_share(thrown, kill_pct) {
                soldier.health_milli = 0;
            }
            thrown += 1;
        }
    }
    Micro(b.swarm.mass_each.0 * thrown as i64)
}

/// Every soldier on the surface within `radius` grid units of `pos` dies.
pub(in crate::sim) fn kill_around(b: &mut Battle, pos: Pos, radius: i32, by: Option<SeatId>) {
    let Battle { swarm, hits, .. } = b;
    for i in swarm.near(pos, radius) {
        let soldier = &swarm.soldiers[i];
        if !soldier.underground && soldier.health_milli > 0 {
            hits.push(Hit { target: Target::Soldier(i), damage_milli: soldier.health_milli, by });
        }
    }
}

/// One tick of the mob: soldiers near her latch on, and those on her bite.
pub(in crate::sim) fn mob(b: &mut Battle) {
    let gamera = &b.units[b.gamera.unit];
    let there = gamera.is_up() && !matches!(b.gamera.state, GameraState::Dead | GameraState::Ascended);
    let (at, within_reach) = (gamera.pos(), there && gamera.layer() == Layer::Surface && !b.is_dived(b.gamera.unit));
    if within_reach && b.has(Rule::Mob) {
        latch(b, at);
    }
    let on_her = ride(b, at, there);
    b.legion.mob.soldiers = on_her;
    if on_her > 0 {
        bite(b);
    }
    tell(b, at);
}

fn latch(b: &mut Battle, at: Pos) {
    let n = &b.balance.legion;
    let range = metres(n.mob_range_m);
    let most = b.swarm.soldiers.len() as u32 * n.mob_max_pct as u32 / 100;
    let mob = &mut b.legion.mob;
    mob.allowance += Micro::per_tick_milli(n.mob_mass_milli_s);
    // What nobody used does not pile up beyond a soldier.
    let each = b.swarm.mass_each;
    let mut free = (mob.allowance.0 / each.0).min(i64::from(most.saturating_sub(mob.soldiers)));
    let mut joined = 0;
    let squads = &b.legion.squads;
    for soldier in &mut b.swarm.soldiers {
        if free == 0 {
            break;
        }
        let wants = squads.get(usize::from(soldier.squad)).is_some_and(|s| s.goal == Goal::Mob);
        if wants && soldier.task == Task::Follow && !soldier.underground && soldier.pos.within(at, range) {
            soldier.task = Task::Latched;
            free -= 1;
            joined += 1;
        }
    }
    let mob = &mut b.legion.mob;
    mob.allowance = (mob.allowance - Micro(each.0 * joined)).min(each.max(Micro::per_tick_milli(n.mob_mass_milli_s)));
}

/// Those on her go where she goes; returns how many they are.
fn ride(b: &mut Battle, at: Pos, there: bool) -> u32 {
    let mut count = 0;
    for soldier in b.swarm.soldiers.iter_mut().filter(|s| s.task == Task::Latched) {
        if there {
            soldier.pos = seat_on(soldier, at);
            soldier.velocity = Velocity::ZERO;
            count += 1;
        } else {
            soldier.task = Task::Follow;
        }
    }
    count
}

/// Where on her shell this soldier sits.
fn seat_on(soldier: &Soldier, at: Pos) -> Pos {
    let turn = Angle((soldier.serial.wrapping_mul(40_503) & 0xffff) as u16);
    at.offset(turn, metres(4 + (soldier.serial % 5) as i32 * 4))
}

/// Damage by squad, so that each leader has its part in it.
fn bite(b: &mut Battle) {
    let per_mass = Micro::per_tick_milli(b.balance.legion.mob_damage_mass_milli_s);
    let each_milli = (b.swarm.mass_each.times(per_mass).0 / 1_000) as i32;
    let target = Target::Unit(b.gamera.unit);
    let mut by_squad = std::mem::take(&mut b.legion.scratch);
    by_squad.clear();
    by_squad.resize(b.legion.squads.len(), 0);
    for soldier in b.swarm.soldiers.iter().filter(|s| s.task == Task::Latched) {
        if let Some(count) = by_squad.get_mut(usize::from(soldier.squad)) {
            *count += 1;
        }
    }
    for (squad, count) in b.legion.squads.iter().zip(&by_squad).filter(|(_, count)| **count > 0) {
        b.hits.push(Hit { target, damage_milli: each_milli * *count as i32, by: Some(squad.leader) });
    }
    b.legion.scratch = by_squad;
    let gamera = &mut b.units[b.gamera.unit];
    gamera.marks = gamera.marks.with(Marks::LATCHED, true);
}

fn tell(b: &mut Battle, at: Pos) {
    let n = &b.balance.legion;
    let mass = Micro(b.swarm.mass_each.0 * i64::from(b.legion.mob.soldiers));
    let (mobbed, named) = (Micro::whole(n.mob_event_mass), Micro::whole(n.named_mass));
    let naming = b.has(Rule::Naming);
    let mob = &mut b.legion.mob;
    if mass < mobbed.percent(REARM_PCT) {
        mob.told = false;
    }
    let is_mob = mass >= mobbed && !mob.told;
    mob.told |= is_mob;
    let is_named = naming && mass >= named && !mob.named;
    mob.named |= is_named;
    if is_mob {
        b.tell(Event::new(b.tick, EventKind::GameraMobbed).at(at).amount(mass.floor()));
    }
    if is_named {
        name(b);
    }
}

/// A soldier in a tank finds the name; research learns from it.
fn name(b: &mut Battle) {
    let tank = b.seats.iter().position(|s| s.playing == Role::Tank && s.life == Life::Alive);
    let by = tank.map(|i| SeatId(i as u16));
    b.tell(Event::new(b.tick, EventKind::LegionNamed).by(by));
    let research = Micro::whole(b.balance.sdf.named_research);
    sdf::research(b, research);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::City;
    use gamera_protocol::measure::ticks;
    use gamera_protocol::motion::{Gait, Mover};

    /// Gamera in the open with `count` soldiers about her whose squad mobs.
    fn mobbed(count: usize) -> Stage {
        let mut stage = Stage::quick(City::Tokyo);
        let at = Pos::from_m(7_000, 1_400);
        let id = stage.battle.gamera.unit;
        stage.battle.gamera.state = GameraState::Active;
        let gamera = &mut stage.battle.units[id];
        gamera.mover = Mover::at(at, Gait::Walk);
        gamera.present = true;
        stage.soldiers(count, at);
        for squad in &mut stage.battle.legion.squads {
            squad.goal = Goal::Mob;
        }
        stage
    }

    #[test]
    fn the_mob_grows_by_its_rate_to_its_share_of_the_swarm() {
        for (seconds, low, high) in [(1, 8, 10), (5, 43, 46), (60, 139, 141)] {
            let mut stage = mobbed(200);
            for _ in 0..ticks(seconds) {
                mob(&mut stage.battle);
            }
            let mass = latched(&stage.battle).floor();
            assert!((low..=high).contains(&mass), "after {seconds} s: {mass}");
        }
    }

    #[test]
    fn the_mob_bites_and_is_told_once_and_named_at_a_hundred() {
        let mut stage = mobbed(200);
        for soldier in stage.battle.swarm.soldiers.iter_mut().take(120) {
            soldier.task = Task::Latched;
        }
        let research = stage.battle.sdf.research;
        mob(&mut stage.battle);
        let damage: i32 = stage.battle.hits.iter().map(|h| h.damage_milli).sum();
        let a_tick = 120 * stage.battle.balance.legion.mob_damage_mass_milli_s / 30;
        assert!((a_tick - 100..=a_tick + 100).contains(&damage), "120 M bite {a_tick} a tick: {damage}");
        mob(&mut stage.battle);
        let told = |kind| stage.battle.events.iter().filter(|e| e.kind == kind).count();
        assert_eq!((told(EventKind::GameraMobbed), told(EventKind::LegionNamed)), (1, 1));
        assert_eq!((stage.battle.sdf.research - research).floor(), 10);
    }

    #[test]
    fn a_shake_throws_its_share_off_and_kills_half_of_those() {
        let mut stage = mobbed(200);
        for soldier in &mut stage.battle.swarm.soldiers {
            soldier.task = Task::Latched;
        }
        assert_eq!(throw_off(&mut stage.battle, 35, 50).floor(), 70);
        assert_eq!(latched(&stage.battle).floor(), 130);
        assert_eq!(stage.battle.swarm.soldiers.iter().filter(|s| s.health_milli <= 0).count(), 35);
    }

    #[test]
    fn an_explosion_spares_who_is_underground() {
        let mut stage = mobbed(40);
        stage.battle.swarm.soldiers[0].underground = true;
        kill_around(&mut stage.battle, Pos::from_m(7_000, 1_400), metres(60), None);
        assert_eq!(stage.battle.hits.len(), 39);
    }
}
