//! Asagi: her bond with Gamera, and the jewel that is carried to a fallen Gamera and shatters.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Role, SeatId};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{metres, ticks};
use gamera_protocol::view::{GameraState, Marks, Phase};

use super::{add_mana, body, fall, light};
use crate::sim::fixed::Micro;
use crate::sim::unit::UnitId;
use crate::sim::{Battle, lifecycle};

/// Within this angle of the way to Gamera she is on her trek, 1/65,536 turns: 45 degrees.
const TREK_COURSE: i32 = 8_192;

/// One tick of Asagi.
pub(super) fn act(battle: &mut Battle, seat: SeatId) {
    let was_bonded = std::mem::take(&mut battle.gamera.bonded);
    let s = &battle.seats[seat.index()];
    let Some(unit) = s.unit.filter(|id| battle.tick >= battle.units[*id].stunned_until) else { return };
    match s.input.verb {
        Some(Verb::Sense) => sense(battle, seat, unit, was_bonded),
        Some(Verb::Offer) => offer(battle, seat, unit),
        Some(Verb::Calm) => light::calm(battle, seat, unit),
        _ => {}
    }
}

/// The bond holds while she senses Gamera near her.
fn sense(battle: &mut Battle, seat: SeatId, unit: UnitId, was_bonded: bool) {
    let near = is_near(battle, unit, battle.balance.gamera.bond_range_m);
    let there = !matches!(battle.gamera.state, GameraState::Away | GameraState::Dead | GameraState::Ascended);
    if !near || !there || !battle.gamera.jewel || !battle.has(Rule::Bond) {
        return;
    }
    battle.gamera.bonded = true;
    if !was_bonded && battle.tick >= battle.gamera.bond_told_again_at {
        let quiet = ticks(battle.balance.gamera.bond_told_s as u32);
        battle.gamera.bond_told_again_at = battle.tick.after(quiet);
        let at = battle.units[unit].pos();
        battle.tell(Event::new(battle.tick, EventKind::BondLink).at(at).by(Some(seat)));
    }
}

/// One tick of offering the jewel to a Gamera in a coma. Who is hurt has to begin anew.
fn offer(battle: &mut Battle, seat: SeatId, unit: UnitId) {
    let n = &battle.balance.gamera;
    let (near, length) = (is_near(battle, unit, n.offer_range_m), ticks(n.offer_s as u32));
    let asleep = battle.gamera.state == GameraState::Coma && battle.campaign.phase != Phase::Epilogue;
    if !near || !asleep || !battle.gamera.jewel || !battle.has(Rule::Jewel) {
        return;
    }
    let body = &mut battle.units[unit];
    body.marks = body.marks.with(Marks::LIVE, true);
    let health_milli = body.health_milli;
    if health_milli < std::mem::replace(&mut battle.gamera.offer_health_milli, health_milli) {
        battle.seats[seat.index()].channel = None;
    }
    if battle.seats[seat.index()].channel(Verb::Offer, None, length, 1_000) {
        shatter(battle, seat, unit);
    }
}

/// The jewel is gone and with it the bond; Gamera lives, and Asagi carries light from now on.
fn shatter(battle: &mut Battle, seat: SeatId, unit: UnitId) {
    let n = battle.balance.gamera;
    // Everyone hears of it, and nobody of where Asagi is.
    let at = body(battle).pos();
    battle.gamera.jewel = false;
    battle.tell(Event::new(battle.tick, EventKind::JewelShattered).at(at).by(Some(seat)));
    fall::wake(battle, n.revive_pct);
    add_mana(battle, Micro::whole(n.revive_mana));
    let mover = battle.units.remove(unit).map(|u| u.mover);
    let s = &mut battle.seats[seat.index()];
    s.play(Role::LightBearer);
    lifecycle::spawn(battle, seat);
    if let Some((id, mover)) = battle.seats[seat.index()].unit.zip(mover) {
        battle.units[id].mover = mover;
    }
}

/// The trek to a fallen Gamera: from wherever she starts it takes about a minute, by whatever
/// carries her, and whoever stands in her way can stop her.
pub(in crate::sim) fn trek(battle: &mut Battle) {
    let seat = battle.roster.first(Role::Asagi).expect("every match has a seat for Asagi");
    let s = &battle.seats[seat.index()];
    let travels = battle.gamera.state == GameraState::Coma && battle.gamera.jewel && s.playing == Role::Asagi;
    let Some(unit) = s.unit.filter(|_| travels) else {
        battle.gamera.trek_permille = 0;
        return;
    };
    let (goal, from) = (body(battle).pos(), battle.units[unit].pos());
    if battle.gamera.trek_permille == 0 {
        let own = battle.balance.units.of(battle.units[unit].kind).speed().max(1);
        let wanted = i64::from(from.distance(goal)) * 1_000 / i64::from(battle.balance.gamera.trek_s.max(1) * own);
        battle.gamera.trek_permille = wanted.clamp(1_000, i64::from(u16::MAX)) as u16;
    }
    let permille = battle.gamera.trek_permille;
    let drive = &mut battle.units[unit].drive;
    if drive.heading.is_some_and(|h| h.turn_to(from.angle_to(goal)).abs() <= TREK_COURSE) {
        drive.speed_permille = permille;
    }
}

fn is_near(battle: &Battle, unit: UnitId, range_m: i32) -> bool {
    battle.units[unit].pos().within(body(battle).pos(), metres(range_m))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::City;
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::Pos;
    use gamera_protocol::motion::Gait;

    fn at(x_m: i32) -> Pos {
        Pos::from_m(4_000 + x_m, 1_500)
    }

    fn beside_gamera(apart_m: i32) -> Stage {
        let mut stage = Stage::quick(City::Sendai);
        stage.run(1);
        stage.battle.swarm.soldiers.clear();
        stage.put(Role::Gamera, at(0), Gait::Walk);
        stage.put(Role::Asagi, at(apart_m), Gait::Walk);
        stage
    }

    fn asleep(apart_m: i32) -> Stage {
        let mut stage = beside_gamera(apart_m);
        stage.battle.balance.rules.remove(Rule::Limp);
        stage.unit_mut(Role::Gamera).health_milli = 0;
        stage.run(1);
        assert_eq!(stage.battle.gamera.state, GameraState::Coma);
        stage
    }

    #[test]
    fn the_bond_holds_near_gamera_while_the_jewel_lasts() {
        for (name, apart_m, jewel, rule, bonded) in [
            ("near", 290, true, true, true),
            ("far", 310, true, true, false),
            ("no jewel", 50, false, true, false),
            ("no rule", 50, true, false, false),
        ] {
            let mut stage = beside_gamera(apart_m);
            stage.battle.gamera.jewel = jewel;
            if !rule {
                stage.battle.balance.rules.remove(Rule::Bond);
            }
            stage.hold(Role::Asagi, SeatInput::default().doing(Verb::Sense));
            stage.run(5);
            assert_eq!(stage.battle.gamera.bonded, bonded, "{name}");
            assert_eq!(stage.heard(EventKind::BondLink) == 1, bonded, "{name}");
            stage.unit_mut(Role::Asagi).health_milli = 0;
            stage.run(2);
            assert!(!stage.battle.gamera.bonded, "{name}: downed, she senses nothing");
        }
    }

    #[test]
    fn the_jewel_wakes_gamera_and_is_gone() {
        let mut stage = asleep(50);
        stage.battle.gamera.mana = Micro::ZERO;
        stage.hold(Role::Asagi, SeatInput::default().doing(Verb::Offer));
        assert_eq!(stage.run_until(EventKind::JewelShattered, ticks(20)), Some(ticks(15)));
        assert_eq!(stage.heard(EventKind::GameraRevived), 1);
        let body = stage.unit(Role::Gamera);
        let n = &stage.battle.balance.gamera;
        assert_eq!(body.health_milli, body.health_max_milli / 100 * n.revive_pct);
        assert!(stage.battle.gamera.mana >= Micro::whole(n.revive_mana));
        let own = stage.battle.own_view(stage.seat(Role::Asagi));
        assert_eq!((own.role, own.mover.pos), (Role::LightBearer, at(50)));
        stage.run(ticks(20));
        assert!(!stage.battle.gamera.bonded && !stage.battle.gamera.jewel);
    }

    #[test]
    fn an_offer_is_interrupted_by_a_wound_and_needs_her_beside_the_body() {
        type Case = (&'static str, i32, fn(&mut Stage));
        let cases: [Case; 3] = [
            ("wounded", 50, |s| s.unit_mut(Role::Asagi).health_milli -= 1_000),
            ("too far", 70, |_| {}),
            ("without the rule", 50, |s| s.battle.balance.rules.remove(Rule::Jewel)),
        ];
        for (name, apart_m, set) in cases {
            let mut stage = asleep(apart_m);
            stage.hold(Role::Asagi, SeatInput::default().doing(Verb::Offer));
            stage.run(ticks(10));
            set(&mut stage);
            assert_eq!(stage.run_until(EventKind::JewelShattered, ticks(10)), None, "{name}");
        }
    }

    #[test]
    fn a_trek_takes_about_a_minute_from_wherever_it_starts() {
        for start_m in [600, 3_000] {
            let mut stage = asleep(start_m);
            stage.battle.gamera.until = stage.battle.tick.after(ticks(400));
            let goal = stage.battle.units[stage.battle.gamera.unit].pos();
            let taken = (1..ticks(120)).find(|_| {
                let from = stage.unit(Role::Asagi).pos();
                stage.hold(Role::Asagi, SeatInput::default().towards(from, goal, 0));
                stage.run(1);
                stage.unit(Role::Asagi).pos().within(goal, metres(60))
            });
            let seconds = taken.map_or(0, |t| t / 30);
            assert!((50..=88).contains(&seconds), "{start_m} m in {seconds} s");
        }
    }
}
