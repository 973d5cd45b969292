//! Gamera comes from the sea: off any coast that her seat names, under water, from her time on.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground::{self, CITY_STRIDE_M, COAST_Y_M};
use gamera_protocol::ids::City;
use gamera_protocol::input::Order;
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::motion::{Gait, Mover};
use gamera_protocol::view::{GameraState, Phase};

use super::{body, body_mut, her_seat, sea};
use crate::sim::{Battle, Mode, lifecycle};

/// Puts her into the sea, or on the beach of a quick match, when her time has come.
pub(in crate::sim) fn arrive(battle: &mut Battle) {
    take_orders(battle);
    let early = battle.tick < battle.arrival_tick() || battle.campaign.phase == Phase::Epilogue;
    if battle.gamera.state != GameraState::Away || early || !battle.has(Rule::Arrival) {
        return;
    }
    let sea = battle.gamera.landfall;
    match battle.mode {
        Mode::Campaign => {
            appear(battle, sea);
            sea::submerge(battle);
        }
        Mode::Quick { .. } => {
            let beach_m = COAST_Y_M + battle.balance.gamera.beach_m;
            appear(battle, Pos::new(sea.x, metres(beach_m)));
        }
    }
}

/// Puts Gamera on her feet at `pos`, steered by her seat.
pub(in crate::sim) fn appear(battle: &mut Battle, pos: Pos) {
    let (seat, unit) = (her_seat(battle), battle.gamera.unit);
    lifecycle::board(battle, seat, unit);
    let body = body_mut(battle);
    body.mover = Mover::at(ground::clamp(pos), Gait::Walk);
    body.present = true;
    battle.gamera.state = GameraState::Active;
}

/// Her seat may name another coast until she is there.
fn take_orders(battle: &mut Battle) {
    let seat = her_seat(battle);
    for (by, order) in &battle.orders {
        if let Order::Landfall { x_m } = order
            && *by == seat
            && battle.gamera.state == GameraState::Away
        {
            battle.gamera.landfall.x = metres(i32::from(*x_m));
        }
    }
}

/// After the movement: she stays under water while a retreat lasts, surfaces in the shallows, and
/// all hear of her first step on land.
pub(in crate::sim) fn come_ashore(battle: &mut Battle) {
    if !body(battle).present || ground::is_sea(body(battle).pos()) {
        return;
    }
    if battle.gamera.state == GameraState::Dived {
        if battle.tick < battle.gamera.until {
            let mover = &mut body_mut(battle).mover;
            mover.pos.y = metres(COAST_Y_M) - 1;
            mover.velocity.y = mover.velocity.y.min(0);
            return;
        }
        battle.gamera.state = GameraState::Active;
    }
    battle.gamera.retreated = false;
    if !battle.gamera.ashore && battle.gamera.state == GameraState::Active {
        battle.gamera.ashore = true;
        let unit = body(battle);
        let (at, seat) = (unit.pos(), unit.seat);
        let city = nearest_city(at);
        battle.tell(Event::new(battle.tick, EventKind::GameraArrived).in_city(city).at(at).by(seat));
    }
}

/// The city that lies nearest, west to east.
fn nearest_city(pos: Pos) -> City {
    let half_corridor_m = (CITY_STRIDE_M - ground::CITY_M) / 2;
    let column = (pos.to_m().0 + half_corridor_m) / CITY_STRIDE_M;
    City::from_index(column as usize).unwrap_or(City::Tokyo)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::Role;
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::{Angle, Tick, ticks};

    fn northward() -> SeatInput {
        SeatInput { heading: Some(Angle::NORTH.to_byte()), ..SeatInput::default() }
    }

    #[test]
    fn she_comes_out_of_the_sea_at_the_coast_that_was_named() {
        let cases = [
            (None, City::Sapporo),
            (Some(300), City::Sapporo),
            (Some(2_500), City::Sapporo),
            (Some(4_000), City::Sendai),
            (Some(8_000), City::Tokyo),
        ];
        for (x_m, city) in cases {
            let mut stage = Stage::campaign();
            stage.battle.tick = Tick(ticks(149));
            if let Some(x_m) = x_m {
                stage.order(Role::Gamera, Order::Landfall { x_m });
            }
            stage.run(20);
            assert_eq!(stage.battle.own_view(stage.seat(Role::Gamera)).role, Role::LightBearer, "she is away");
            stage.run(20);
            assert_eq!(stage.battle.gamera.state, GameraState::Dived);
            stage.hold(Role::Gamera, northward());
            assert!(stage.run_until(EventKind::GameraArrived, ticks(30)).is_some(), "{x_m:?}");
            assert_eq!(stage.last(EventKind::GameraArrived).and_then(|e| e.city), Some(city), "{x_m:?}");
            assert_eq!(stage.battle.gamera.state, GameraState::Active);
            stage.run(ticks(5));
            assert_eq!(stage.heard(EventKind::GameraArrived), 1, "told once");
        }
    }

    #[test]
    fn in_a_quick_match_she_is_ashore_at_once() {
        let mut stage = Stage::quick(City::Sendai);
        assert_eq!(stage.run_until(EventKind::GameraArrived, 2), Some(1));
        assert_eq!(stage.last(EventKind::GameraArrived).and_then(|e| e.city), Some(City::Sendai));
        assert_eq!(stage.battle.own_view(stage.seat(Role::Gamera)).role, Role::Gamera);
    }

    #[test]
    fn without_the_rule_she_never_comes() {
        let mut stage = Stage::new(Mode::Quick { city: City::Tokyo }, |b| b.rules.remove(Rule::Arrival));
        assert_eq!(stage.run_until(EventKind::GameraArrived, ticks(5)), None);
    }
}
