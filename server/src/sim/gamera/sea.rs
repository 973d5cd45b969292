//! Gamera in the sea: diving, the retreat that heals, and the mob that drowns.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground;
use gamera_protocol::measure::{TICK_HZ, share, ticks};
use gamera_protocol::motion::Gait;
use gamera_protocol::view::GameraState;

use super::{body, body_mut};
use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::swarm::Task;

/// She goes under, if she swims.
pub(super) fn dive(battle: &mut Battle) {
    let body = body(battle);
    let swims = body.mover.gait == Gait::Walk && ground::is_sea(body.pos());
    if swims && battle.has(Rule::Retreat) {
        submerge(battle);
    }
}

/// She is under water from now on.
pub(super) fn submerge(battle: &mut Battle) {
    battle.gamera.state = GameraState::Dived;
    battle.gamera.dived_at = battle.tick;
}

/// She comes up, unless a retreat still lasts.
pub(super) fn surface(battle: &mut Battle) {
    if battle.tick >= battle.gamera.until {
        battle.gamera.state = GameraState::Active;
    }
}

/// Under water long enough, a dive is a retreat: she heals, and is gone for a while at least.
pub(in crate::sim) fn stay_under(battle: &mut Battle) {
    if battle.gamera.state != GameraState::Dived {
        return;
    }
    let n = &battle.balance.gamera;
    let (after, min_ticks, heal_s) = (ticks(n.retreat_after_s as u32), ticks(n.retreat_min_s as u32), n.heal_s);
    let under = battle.tick.since(battle.gamera.dived_at);
    // A dive before her first step on land is an approach.
    if battle.gamera.ashore && !battle.gamera.retreated && under >= after {
        battle.gamera.retreated = true;
        battle.gamera.ashore = false;
        battle.gamera.until = battle.tick.after(min_ticks);
        let unit = body(battle);
        let event = Event::new(battle.tick, EventKind::GameraRetreated).at(unit.pos()).by(unit.seat);
        battle.tell(event);
    }
    if is_healing(battle) {
        let tick = battle.tick;
        let body = body_mut(battle);
        body.health_milli = (body.health_milli + share(heal_s * 1_000, tick)).min(body.health_max_milli);
    }
}

/// True while the healing of a retreat goes on.
pub(in crate::sim) fn is_healing(battle: &Battle) -> bool {
    battle.gamera.state == GameraState::Dived && battle.gamera.retreated && !battle.campaign.overtime
}

/// In the sea, a share of what clings to her drowns.
pub(in crate::sim) fn drown(battle: &mut Battle) {
    let body = body(battle);
    let swims = body.is_up() && body.mover.gait == Gait::Walk && ground::is_sea(body.pos());
    if !swims {
        battle.gamera.drowning = Micro::ZERO;
        return;
    }
    let seat = body.seat;
    let permille_s = i64::from(battle.balance.gamera.dive_mob_kill_milli_s);
    let mob = battle.latched_mass();
    battle.gamera.drowning += mob.scaled(permille_s, 1_000 * i64::from(TICK_HZ));
    let count = battle.swarm.soldiers_in(battle.gamera.drowning);
    battle.gamera.drowning -= Micro(battle.swarm.mass_each.0 * count as i64);
    let clinging = battle.swarm.soldiers.iter_mut().filter(|s| s.task == Task::Latched && s.health_milli > 0);
    let mut drowned = 0;
    for soldier in clinging.take(count) {
        soldier.health_milli = 0;
        drowned += 1;
    }
    if let Some(seat) = seat {
        battle.seats[seat.index()].tally.kills += drowned;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::{SeatInput, Verb};
    use gamera_protocol::measure::{Angle, Pos};

    /// Gamera hurt, in the sea off Sapporo, after she was ashore.
    fn at_sea() -> Stage {
        let mut stage = Stage::quick(City::Sapporo);
        stage.run(1);
        stage.put(Role::Gamera, Pos::from_m(1_000, 300), Gait::Walk);
        stage.unit_mut(Role::Gamera).health_milli = 3_000_000;
        stage
    }

    #[test]
    fn a_retreat_heals_and_lasts_its_time() {
        let mut stage = at_sea();
        stage.hold(Role::Gamera, SeatInput::default().doing(Verb::Dive));
        assert_eq!(stage.run_until(EventKind::GameraRetreated, ticks(10)), Some(ticks(5) + 1));
        stage.run(ticks(20));
        let healed = stage.unit(Role::Gamera).health_milli - 3_000_000;
        let wanted = 20 * stage.battle.balance.gamera.heal_s * 1_000;
        assert!((healed - wanted).abs() <= 5_000, "20 s of healing, {wanted}: {healed}");
        let ashore = SeatInput { heading: Some(Angle::NORTH.to_byte()), ..SeatInput::default() };
        stage.hold(Role::Gamera, ashore);
        stage.run(ticks(20));
        assert!(ground::is_sea(stage.unit(Role::Gamera).pos()), "held under for 45 s");
        assert!(stage.run_until(EventKind::GameraArrived, ticks(10)).is_some());
    }

    #[test]
    fn nothing_heals_on_land_or_in_overtime_or_without_the_rule() {
        type Case = (&'static str, fn(&mut Stage));
        let cases: [Case; 3] = [
            ("on land", |s| s.put(Role::Gamera, Pos::from_m(1_000, 900), Gait::Walk)),
            ("in overtime", |s| s.battle.campaign.overtime = true),
            ("without the rule", |s| s.battle.balance.rules.remove(Rule::Retreat)),
        ];
        for (name, set) in cases {
            let mut stage = at_sea();
            set(&mut stage);
            stage.hold(Role::Gamera, SeatInput::default().doing(Verb::Dive));
            stage.run(ticks(15));
            assert!(stage.unit(Role::Gamera).health_milli <= 3_000_000, "{name}");
        }
    }

    #[test]
    fn what_clings_to_her_drowns() {
        let mut stage = at_sea();
        stage.battle.swarm.soldiers.clear();
        stage.soldiers(100, Pos::from_m(1_000, 300));
        for soldier in &mut stage.battle.swarm.soldiers {
            soldier.task = Task::Latched;
        }
        for _ in 0..ticks(5) {
            drown(&mut stage.battle);
            stage.battle.swarm.bury(|_| {});
        }
        let left = stage.battle.soldiers();
        assert!((70..=78).contains(&left), "6 % a second for 5 s leave 74 of 100: {left}");
    }
}
