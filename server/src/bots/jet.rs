//! Jets: the queen's wings while she has them, then squads and burrow mouths; between two belts back
//! over the airfield.

use gamera_protocol::ground;
use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{Marks, Phase, SeatView};

use super::look;
use super::mind::Mind;

/// Squads are looked for this near friends, metres.
const HELP_M: i32 = 120;
/// A patrol circles within this of its post, metres.
const CIRCLE_M: i32 = 250;
/// Belts are loaded within this of the exit's middle, metres.
const LOAD_M: i32 = 100;
/// So many passes are kept for the queen's wings while they are whole enough to carry her.
const KEPT_FOR_WINGS: u16 = 2;
/// Before a city the queen is waited for this far west of it, metres: she is seen from afar.
const AHEAD_M: i32 = 300;

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, _orders: &mut Vec<Order>) -> SeatInput {
    let wings = wings(view).filter(|_| view.own.carried > 0);
    let spare = if may_fly(view) { KEPT_FOR_WINGS } else { 0 };
    if wings.is_none() && mind.loads(view, spare + 1, false) {
        return look::walk(view, look::city(view).exit, LOAD_M);
    }
    let target = wings.or_else(|| prey(view).filter(|_| view.own.carried > spare));
    let Some(target) = target else { return look::walk(view, post(view), CIRCLE_M) };
    let input = look::walk(view, target, 0);
    let in_reach = look::is_within(view, target, mind.balance.units.of(Kind::Jet).range_m);
    if in_reach && look::is_ready(view, Verb::Strike) { input.doing(Verb::Strike).at(target) } else { input }
}

/// True unless the queen is known to be done with flying.
fn may_fly(view: &SeatView<'_>) -> bool {
    view.team.queen.is_none_or(|q| q.wings_permille > 0)
}

/// The queen above ground, while her wings can still be hurt.
fn wings(view: &SeatView<'_>) -> Option<Pos> {
    look::exposed(view, Kind::Queen).filter(|_| may_fly(view)).map(|q| q.pos)
}

/// Where a patrol waits: where it is called to; between two cities before the next, where she comes
/// from; else over the flower, which she guards.
fn post(view: &SeatView<'_>) -> Pos {
    let city = view.team.city;
    let coming = matches!(view.team.phase, Phase::Interlude | Phase::March);
    if let Some(called) = view.team.rally {
        return called;
    }
    if coming {
        let centre = ground::city_centre(city);
        return ground::clamp(Pos::new(ground::city_low(city).x - metres(AHEAD_M), centre.y));
    }
    look::flower(view).map_or_else(|| look::city(view).districts[4].centre(), |f| f.pos)
}

/// What hurts most below: soldiers at a convoy or a gun, brood leaders, burrow mouths.
fn prey(view: &SeatView<'_>) -> Option<Pos> {
    let friends = [Kind::Convoy, Kind::Tank, Kind::Engineer, Kind::Missiles];
    let pressed = friends.into_iter().find_map(|kind| {
        let friend = view.things.nearest(kind, view.pos())?;
        let soldier = view
            .things
            .near(friend.pos, HELP_M)
            .find(|t| t.kind == Kind::Soldier && look::is_target(view.own.role.side(), t));
        soldier.map(|s| s.pos)
    });
    let leader =
        || view.things.of_kind(Kind::BroodLeader).find(|t| look::is_target(view.own.role.side(), t)).map(|t| t.pos);
    let burrow = || view.things.of_kind(Kind::Burrow).find(|t| !t.marks.has(Marks::GHOST)).map(|t| t.pos);
    pressed.or_else(leader).or_else(burrow)
}
