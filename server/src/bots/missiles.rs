//! Missile batteries: the queen's claws, then her horn; the flower while that is safe; back for new rounds when
//! too few are left, and in a lull.

use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{Marks, SeatView};

use super::look;
use super::mind::Mind;

/// Fires from this share of its reach, percent.
const STAND_OFF_PCT: i32 = 80;
/// Falls back from soldiers nearer than this, metres.
const DANGER_M: i32 = 120;

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, _orders: &mut Vec<Order>) -> SeatInput {
    let range_m = mind.balance.units.of(Kind::Missiles).range_m;
    let fall_back = danger(view).map(|foe| look::walk_away(view, foe));
    let enough = mind.balance.sdf.volley_size as u16;
    if mind.loads(view, enough, target(mind, view).is_none()) {
        return fall_back.unwrap_or_else(|| look::walk_to_load(mind, view));
    }
    let Some(target) = target(mind, view) else { return fall_back.unwrap_or_else(|| stand_by(mind, view)) };
    let input = fall_back.unwrap_or_else(|| keep_range(view, target, range_m));
    let in_reach = look::is_within(view, target, range_m);
    if in_reach && look::is_ready(view, Verb::Volley) { input.doing(Verb::Volley).at(target) } else { input }
}

/// The queen first: her claws and then her horn are what a volley breaks.
fn target(mind: &Mind, view: &SeatView<'_>) -> Option<Pos> {
    let queen = look::exposed(view, Kind::Queen).map(|q| q.pos);
    let flower = || look::flower(view).filter(|f| f.known.stage >= 2 && mind.dares_shoot(f)).map(|f| f.pos);
    let leader = || {
        let seen = view.things.of_kind(Kind::BroodLeader).filter(|t| look::is_target(view.own.role.side(), t));
        let fresh = seen.filter(|t| !t.marks.has(Marks::GHOST));
        fresh.map(|t| t.pos).min_by_key(|p| view.pos().distance2(*p))
    };
    queen.or_else(flower).or_else(leader)
}

fn danger(view: &SeatView<'_>) -> Option<Pos> {
    look::nearest_foe(view, DANGER_M).map(|t| t.pos)
}

/// Neither nearer than three fifths of the reach nor farther than it.
fn keep_range(view: &SeatView<'_>, target: Pos, range_m: i32) -> SeatInput {
    if view.pos().within(target, metres(range_m * 3 / 5)) {
        return look::walk_away(view, target);
    }
    look::walk(view, target, range_m * STAND_OFF_PCT / 100)
}

/// Where the queen will come: in reach of the flower, else of the city's middle.
fn stand_by(mind: &Mind, view: &SeatView<'_>) -> SeatInput {
    let range_m = mind.balance.units.of(Kind::Missiles).range_m;
    if let Some(called) = view.team.rally {
        return look::walk(view, called, range_m / 2);
    }
    let post = look::flower(view).map_or(look::city(view).districts[4].centre(), |f| f.pos);
    keep_range(view, post, range_m * 4 / 5)
}
