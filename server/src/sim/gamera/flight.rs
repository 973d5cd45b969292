//! Gamera's flight: a take-off that takes its time and can be swatted, and the landing.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Layer, SeatId};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::metres;
use gamera_protocol::motion::{Gait, full_speed};
use gamera_protocol::view::{GameraState, Marks, QueenState};

use super::{body, body_mut};
use crate::sim::Battle;
use crate::sim::hit::{Hit, Part, Target};

/// She cannot land within this of lifting off.
const HANDS_OFF_TICKS: u32 = 15;

/// Begins a take-off, or lands.
pub(super) fn take_off_or_land(battle: &mut Battle, seat: SeatId) {
    match body(battle).mover.gait {
        Gait::Walk if battle.has(Rule::Flight) => {
            let takes = battle.balance.gamera.takeoff_ticks as u32;
            battle.gamera.lift_off_at = Some(battle.tick.after(takes));
            // Longer than the take-off: who still leans on the key when she lifts off does not land her.
            battle.seats[seat.index()].cool_down(Verb::Fly, battle.tick, takes + HANDS_OFF_TICKS);
        }
        Gait::Fly => land(battle),
        Gait::Walk | Gait::Burrow | Gait::Crawl | Gait::Fixed => {}
    }
}

/// She touches down with no more way than her feet can carry.
fn land(battle: &mut Battle) {
    let unit = battle.gamera.unit;
    let body = &mut battle.units[unit];
    body.mover.gait = Gait::Walk;
    let limit = full_speed(&body.mover, body.kind, &battle.balance.units);
    let speed = body.mover.velocity.speed();
    if speed > limit {
        let velocity = &mut body.mover.velocity;
        velocity.x = velocity.x * limit / speed;
        velocity.y = velocity.y * limit / speed;
    }
}

/// Lifts her off when a take-off is over; a pin or a knock-out ends it on the ground.
pub(in crate::sim) fn lift_off(battle: &mut Battle) {
    let Some(at) = battle.gamera.lift_off_at else { return };
    let tick = battle.tick;
    let body = body_mut(battle);
    body.marks = body.marks.with(Marks::TELL, true);
    let held = tick < body.stunned_until;
    if held || battle.gamera.state != GameraState::Active {
        battle.gamera.lift_off_at = None;
    } else if tick >= at {
        battle.gamera.lift_off_at = None;
        swat(battle);
        let body = body_mut(battle);
        body.mover.gait = Gait::Fly;
        let (at, seat) = (body.pos(), body.seat);
        battle.tell(Event::new(tick, EventKind::GameraFlew).at(at).by(seat));
    }
}

/// The queen's legs catch her on the way up: only where the queen stands beside her, with a leg left.
fn swat(battle: &mut Battle) {
    let n = &battle.balance.gamera;
    let queen = &battle.units[battle.legion.queen.unit];
    let ready = battle.legion.queen.state == QueenState::Active && queen.is_up() && queen.layer() == Layer::Surface;
    let leg = (0..4).any(|leg| battle.legion.queen.parts.stands(Part::Leg(leg)));
    if ready && leg && queen.pos().within(body(battle).pos(), metres(n.leg_swat_range_m)) {
        let hit =
            Hit { target: Target::Unit(battle.gamera.unit), damage_milli: n.leg_swat_damage * 1_000, by: queen.seat };
        battle.hits.push(hit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::{Angle, Pos};

    fn at(x_m: i32) -> Pos {
        Pos::from_m(1_000 + x_m, 1_000)
    }

    fn grounded() -> Stage {
        let mut stage = Stage::quick(City::Sapporo);
        stage.run(1);
        stage.put(Role::Gamera, at(0), Gait::Walk);
        stage
    }

    #[test]
    fn a_take_off_beside_the_queen_is_swatted() {
        type Case = (&'static str, i32, fn(&mut Stage), i32);
        let cases: [Case; 4] = [
            ("beside her", 80, |_| {}, 600_000),
            ("far from her", 200, |_| {}, 0),
            (
                "stunned",
                80,
                |s| {
                    s.battle.legion.queen.state = QueenState::Stunned;
                    s.battle.legion.queen.until = s.battle.tick.after(90);
                },
                0,
            ),
            ("legless", 80, |s| (0..4).for_each(|leg| *s.battle.legion.queen.parts.health_mut(Part::Leg(leg)) = 0), 0),
        ];
        for (name, queen_m, set, damage) in cases {
            let mut stage = grounded();
            stage.put(Role::Queen, at(queen_m), Gait::Walk);
            stage.battle.legion.queen.state = QueenState::Active;
            set(&mut stage);
            let before = stage.unit(Role::Gamera).health_milli;
            stage.hold(Role::Gamera, SeatInput::default().doing(Verb::Fly));
            assert_eq!(stage.run_until(EventKind::GameraFlew, 90), Some(61), "{name}");
            assert_eq!(before - stage.unit(Role::Gamera).health_milli, damage, "{name}");
        }
    }

    #[test]
    fn she_flies_and_lands_on_her_feet() {
        let mut stage = grounded();
        stage.hold(Role::Gamera, SeatInput::default().doing(Verb::Fly));
        stage.run_until(EventKind::GameraFlew, 90).unwrap();
        stage.hold(Role::Gamera, SeatInput { heading: Some(Angle::NORTH.to_byte()), ..SeatInput::default() });
        stage.run(150);
        assert_eq!(stage.unit(Role::Gamera).mover.velocity.speed(), metres(90));
        stage.hold(Role::Gamera, SeatInput::default().doing(Verb::Fly));
        stage.run(2);
        let mover = stage.unit(Role::Gamera).mover;
        assert_eq!(mover.gait, Gait::Walk);
        assert!(mover.velocity.speed() <= metres(12));
    }

    #[test]
    fn a_pin_ends_a_take_off() {
        let mut stage = grounded();
        stage.hold(Role::Gamera, SeatInput::default().doing(Verb::Fly));
        stage.run(30);
        let until = stage.battle.tick.after(40);
        stage.unit_mut(Role::Gamera).stunned_until = until;
        assert_eq!(stage.run_until(EventKind::GameraFlew, 100), None);
    }
}
