//! Asagi: stays linked with Gamera, walks to a fallen one, and offers the jewel once the last city is at stake.

use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::view::{GameraState, Phase, SeatView};

use super::light_bearer;
use super::look;
use super::mind::Mind;

/// She keeps this share of the bond's reach between herself and Gamera, percent.
const KEEP_PCT: i32 = 75;
/// A swarm this near makes her run, metres.
const DANGER_M: i32 = 70;
/// And of so much mass, M.
const DANGER_MASS_M: i32 = 3;

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, _orders: &mut Vec<Order>) -> SeatInput {
    let state = view.team.gamera.map(|g| g.state);
    let Some(gamera) = view.things.of_kind(Kind::Gamera).next() else { return light_bearer::console(mind, view) };
    match state {
        Some(GameraState::Coma) => beside_the_fallen(mind, view, gamera.pos),
        Some(GameraState::Active | GameraState::Down | GameraState::Limping | GameraState::Dived) => {
            bond(mind, view, gamera.pos)
        }
        _ => light_bearer::console(mind, view),
    }
}

/// Walks to the body, and offers the jewel once the last city is near: it shatters only once.
fn beside_the_fallen(mind: &Mind, view: &SeatView<'_>, body: gamera_protocol::measure::Pos) -> SeatInput {
    let numbers = &mind.balance.gamera;
    let jewel = view.team.gamera_side.is_some_and(|g| g.jewel);
    let near_the_end = view.team.phase == Phase::March || view.team.city == view.team.last_city;
    if jewel && near_the_end {
        return look::walk_and(view, body, numbers.offer_range_m * 3 / 4, Verb::Offer);
    }
    look::walk(view, body, numbers.offer_range_m / 2)
}

/// Within reach of the bond, and no nearer than need be.
fn bond(mind: &Mind, view: &SeatView<'_>, gamera: gamera_protocol::measure::Pos) -> SeatInput {
    let range_m = mind.balance.gamera.bond_range_m;
    if look::swarms(view, view.pos(), DANGER_M, mind.soldiers_in(DANGER_MASS_M)) {
        let foe = look::nearest_foe(view, DANGER_M).map_or(gamera, |t| t.pos);
        return look::walk_away(view, foe).doing(Verb::Sense);
    }
    look::walk(view, gamera, range_m * KEEP_PCT / 100).doing(Verb::Sense)
}
