//! How Gamera falls and gets up: left for dead beside a flower, the crawl, the coma, death.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::SeatId;
use gamera_protocol::measure::{metres, ticks};
use gamera_protocol::motion::Gait;
use gamera_protocol::view::{GameraState, Phase};

use super::{body, body_mut, her_seat};
use crate::sim::fixed::Micro;
use crate::sim::swarm::Task;
use crate::sim::unit::UnitId;
use crate::sim::{Battle, Mode, lifecycle};

/// Lets her fall when her health is gone.
pub(in crate::sim) fn knock_out(battle: &mut Battle) {
    if body(battle).health_milli > 0 || !body(battle).present {
        return;
    }
    match battle.gamera.state {
        GameraState::Active | GameraState::Dived if battle.gamera.knocked_out => die(battle),
        GameraState::Active | GameraState::Dived if is_near_a_flower(battle) => go_down(battle),
        GameraState::Active | GameraState::Dived | GameraState::Down | GameraState::Limping => fall_into_coma(battle),
        GameraState::Away | GameraState::Coma | GameraState::Dead | GameraState::Ascended => {}
    }
}

/// Kills her for good: the queen's execution of a Gamera that is down or limping. False where she
/// is not.
pub(in crate::sim) fn execute(battle: &mut Battle) -> bool {
    let open = matches!(battle.gamera.state, GameraState::Down | GameraState::Limping);
    if open {
        body_mut(battle).health_milli = 0;
        die(battle);
    }
    open
}

/// Brings her to her feet when her time has come.
pub(in crate::sim) fn recover(battle: &mut Battle) {
    let due = battle.tick >= battle.gamera.until;
    match battle.gamera.state {
        GameraState::Down if due => limp(battle),
        // Nothing left to crawl to, or no strength left for it.
        GameraState::Limping if due || !is_near_a_flower(battle) => fall_into_coma(battle),
        GameraState::Coma if is_gnawed(battle) => battle.gamera.until = battle.gamera.until.after(1),
        GameraState::Coma if due => {
            let pct = battle.balance.gamera.coma_wake_pct;
            wake(battle, pct);
        }
        _ => {}
    }
}

/// A live flower is what she crawls to.
fn is_near_a_flower(battle: &Battle) -> bool {
    let range = metres(battle.balance.gamera.limp_flower_range_m);
    let from = body(battle).pos();
    let standing = battle.legion.hives.iter().flatten().filter(|h| !h.dead).filter_map(|h| h.flower);
    let near = standing.filter_map(|id| battle.structures.get(id)).any(|f| f.pos.within(from, range));
    battle.has(Rule::Limp) && near
}

fn go_down(battle: &mut Battle) {
    let n = &battle.balance.gamera;
    let (until, pct) = (battle.tick.after(ticks(n.down_s as u32)), n.down_health_pct);
    battle.gamera.knocked_out = true;
    lie(battle, GameraState::Down, EventKind::GameraDowned);
    battle.gamera.until = until;
    set_health(battle, pct);
}

fn limp(battle: &mut Battle) {
    let limp_ticks = ticks(battle.balance.gamera.limp_max_s as u32);
    rise(battle, GameraState::Limping, Gait::Crawl);
    battle.gamera.until = battle.tick.after(limp_ticks);
    tell(battle, EventKind::GameraLimps);
}

fn fall_into_coma(battle: &mut Battle) {
    if !battle.has(Rule::Coma) {
        return die(battle);
    }
    let coma_s = match battle.mode {
        Mode::Campaign => battle.balance.gamera.coma_s,
        Mode::Quick { .. } => battle.balance.campaign.quick_coma_s,
    };
    battle.gamera.knocked_out = true;
    lie(battle, GameraState::Coma, EventKind::GameraComa);
    body_mut(battle).health_milli = 0;
    battle.gamera.until = battle.tick.after(ticks(coma_s as u32));
}

fn die(battle: &mut Battle) {
    lie(battle, GameraState::Dead, EventKind::GameraDied);
}

/// Ends a coma with `health_pct` percent of her health.
pub(super) fn wake(battle: &mut Battle, health_pct: i32) {
    // After the verdict the war is not taken up again.
    if battle.campaign.phase == Phase::Epilogue {
        return;
    }
    set_health(battle, health_pct);
    rise(battle, GameraState::Active, Gait::Walk);
    tell(battle, EventKind::GameraRevived);
}

/// Her seat gets out and her body lies still.
fn lie(battle: &mut Battle, state: GameraState, event: EventKind) {
    battle.gamera.state = state;
    battle.gamera.lift_off_at = None;
    battle.gamera.bonded = false;
    tell(battle, event);
    let (seat, unit) = (her_seat(battle), battle.gamera.unit);
    if battle.units[unit].seat.is_some() {
        lifecycle::leave_giant(battle, seat);
    }
    let body = body_mut(battle);
    body.mover.gait = Gait::Fixed;
    body.mover.velocity = gamera_protocol::measure::Velocity::ZERO;
    // What clung to her believes her dead.
    for soldier in battle.swarm.soldiers.iter_mut().filter(|s| s.task == Task::Latched) {
        soldier.task = Task::Follow;
    }
}

fn rise(battle: &mut Battle, state: GameraState, gait: Gait) {
    let (seat, unit): (SeatId, UnitId) = (her_seat(battle), battle.gamera.unit);
    lifecycle::board(battle, seat, unit);
    battle.gamera.state = state;
    body_mut(battle).mover.gait = gait;
}

fn set_health(battle: &mut Battle, pct: i32) {
    let body = body_mut(battle);
    body.health_milli = body.health_max_milli / 100 * pct;
}

/// Soldiers at her body keep her from waking: her coma's clock stands still every other tick.
fn is_gnawed(battle: &Battle) -> bool {
    let n = &battle.balance.gamera;
    let every = n.coma_gnaw_every_ticks.max(1) as u32;
    if !battle.tick.is_every(every, 0) {
        return false;
    }
    let gnawing = battle.swarm.near(body(battle).pos(), metres(n.coma_gnaw_range_m));
    let count = gnawing.filter(|i| !battle.swarm.soldiers[*i].underground).count();
    Micro(battle.swarm.mass_each.0 * count as i64) >= Micro::whole(n.coma_gnaw_mass)
}

fn tell(battle: &mut Battle, kind: EventKind) {
    let body = body(battle);
    let event = Event::new(battle.tick, kind).at(body.pos()).by(body.seat);
    battle.tell(event);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::legion::Hive;
    use crate::sim::structure::Structure;
    use crate::sim::testing::Stage;
    use gamera_protocol::balance::Balance;
    use gamera_protocol::ground;
    use gamera_protocol::ids::{City, Kind, Role};
    use gamera_protocol::measure::Pos;

    fn at(x_m: i32) -> Pos {
        let centre = ground::city_centre(City::Sapporo);
        Pos::new(centre.x + metres(x_m), centre.y)
    }

    /// Gamera without health, in the middle of Sapporo.
    fn beaten(mode: Mode, flower: bool) -> Stage {
        let mut stage = Stage::new(mode, |_| {});
        stage.run(1);
        if stage.battle.gamera.state == GameraState::Away {
            super::super::arrival::appear(&mut stage.battle, at(0));
        }
        stage.put(Role::Gamera, at(0), Gait::Walk);
        let structure = Structure::new(Kind::Flower, at(200), &stage.battle.balance);
        let id = stage.battle.structures.insert(structure);
        let hive = Hive { flower: Some(id), stage: 3, dead: !flower, ..Hive::new(City::Sapporo, at(200), false) };
        stage.battle.legion.hives = [Some(hive), None, None];
        stage.unit_mut(Role::Gamera).health_milli = 0;
        stage
    }

    fn hurt_to_death(stage: &mut Stage) {
        let unit = stage.battle.gamera.unit;
        stage.battle.units[unit].health_milli = 0;
    }

    const QUICK: Mode = Mode::Quick { city: City::Sapporo };

    #[test]
    fn what_a_knock_out_is_follows_from_the_flower_and_the_count() {
        for (name, flower, knocked_out, state, event) in [
            ("first, beside a flower", true, false, GameraState::Down, EventKind::GameraDowned),
            ("first, no flower", false, false, GameraState::Coma, EventKind::GameraComa),
            ("second", true, true, GameraState::Dead, EventKind::GameraDied),
        ] {
            let mut stage = beaten(QUICK, flower);
            stage.battle.gamera.knocked_out = knocked_out;
            stage.run(1);
            assert_eq!((stage.battle.gamera.state, stage.heard(event)), (state, 1), "{name}");
            let seat = stage.seat(Role::Gamera);
            assert_eq!(stage.battle.own_view(seat).role, Role::LightBearer, "{name}: her player fights on");
        }
    }

    #[test]
    fn left_for_dead_she_crawls_and_damage_ends_in_a_coma() {
        let mut stage = beaten(QUICK, true);
        stage.run(1);
        let down = ticks(stage.battle.balance.gamera.down_s as u32);
        assert_eq!(stage.run_until(EventKind::GameraLimps, down + 30), Some(down));
        assert_eq!(stage.battle.own_view(stage.seat(Role::Gamera)).role, Role::Gamera);
        assert_eq!(stage.unit(Role::Gamera).mover.gait, Gait::Crawl);
        hurt_to_death(&mut stage);
        stage.run(1);
        assert_eq!(stage.battle.gamera.state, GameraState::Coma);
        assert_eq!(stage.heard(EventKind::GameraDied), 0);
    }

    #[test]
    fn a_coma_ends_sooner_in_a_quick_match_and_later_with_soldiers_at_her_body() {
        let balance = Balance::default();
        let (long, short) = (balance.gamera.coma_s as u32, balance.campaign.quick_coma_s as u32);
        for (mode, soldiers, seconds) in [(Mode::Campaign, 0, long), (QUICK, 0, short), (QUICK, 60, 2 * short)] {
            let mut stage = beaten(mode, false);
            stage.run(1);
            for soldier in 0..soldiers {
                stage.battle.swarm.spawn(at(soldier % 30), 0, false);
            }
            let mut taken = 0;
            while stage.battle.gamera.state == GameraState::Coma && taken < ticks(200) {
                stage.battle.swarm.index();
                recover(&mut stage.battle);
                stage.battle.tick = stage.battle.tick.after(1);
                taken += 1;
            }
            assert!(taken.abs_diff(ticks(seconds)) <= 3, "{soldiers} soldiers: {} s", taken / 30);
            let body = stage.unit(Role::Gamera);
            assert_eq!(body.health_milli, body.health_max_milli / 100 * balance.gamera.coma_wake_pct);
        }
    }

    #[test]
    fn only_an_execution_kills_a_gamera_that_is_down() {
        for (state, killed) in [
            (GameraState::Down, true),
            (GameraState::Limping, true),
            (GameraState::Coma, false),
            (GameraState::Active, false),
        ] {
            let mut stage = beaten(QUICK, true);
            stage.run(1);
            stage.battle.gamera.state = state;
            assert_eq!(execute(&mut stage.battle), killed, "{state}");
            assert_eq!(stage.battle.gamera.state == GameraState::Dead, killed, "{state}");
        }
    }

    #[test]
    fn without_the_rules_a_knock_out_is_a_coma_or_death() {
        for (rule, state) in [(Rule::Limp, GameraState::Coma), (Rule::Coma, GameraState::Down)] {
            let mut stage = beaten(QUICK, true);
            stage.battle.balance.rules.remove(rule);
            stage.run(1);
            assert_eq!(stage.battle.gamera.state, state, "{rule}");
        }
        let mut stage = beaten(QUICK, false);
        stage.battle.balance.rules.remove(Rule::Coma);
        stage.run(1);
        assert_eq!(stage.battle.gamera.state, GameraState::Dead);
    }
}
