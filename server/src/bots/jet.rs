//! Jets: the queen's wings while she has them, then squads and burrow mouths.

use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::Pos;
use gamera_protocol::view::{Marks, SeatView};

use super::look;
use super::mind::Mind;

/// Squads are looked for this near friends, metres.
const HELP_M: i32 = 120;
/// A patrol circles within this of its post, metres.
const CIRCLE_M: i32 = 250;

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, _orders: &mut Vec<Order>) -> SeatInput {
    let target = wings(view).or_else(|| prey(view));
    let Some(target) = target else {
        let post = view.team.rally.unwrap_or(look::city(view).districts[4].centre());
        return look::walk(view, post, CIRCLE_M);
    };
    let input = look::walk(view, target, 0);
    let in_reach = look::is_within(view, target, mind.balance.units.of(Kind::Jet).range_m);
    if in_reach && look::is_ready(view, Verb::Strike) { input.doing(Verb::Strike).at(target) } else { input }
}

/// The queen above ground, while her wings can still be hurt.
fn wings(view: &SeatView<'_>) -> Option<Pos> {
    let whole = view.team.queen.is_none_or(|q| q.wings_permille > 0);
    look::exposed(view, Kind::Queen).filter(|_| whole).map(|q| q.pos)
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
