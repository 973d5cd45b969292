//! The scientist: the nearest safe sample, and a word with the commander.

use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::SeatView;

use super::look;
use super::mind::Mind;

/// No sample is worth being this near so much of the swarm: metres and M.
const DANGER_M: i32 = 90;
const DANGER_MASS_M: i32 = 3;
/// Nor this near the queen, metres.
const QUEEN_M: i32 = 260;

/// So many of the nearest samples are looked at for a safe one.
const SITES_LOOKED_AT: usize = 12;

/// A bearing is taken this much farther off than need be, metres.
const BEARING_SPARE_M: i32 = 20;

type Rule = fn(&mut Mind, &SeatView<'_>) -> Option<SeatInput>;

const RULES: [Rule; 5] = [run, confer, take_bearing, sample, wait];

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, _orders: &mut Vec<Order>) -> SeatInput {
    look::first(view, RULES.iter().map(|rule| rule(mind, view)))
}

fn run(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    if is_safe(mind, view, view.pos()) {
        return None;
    }
    let foe = look::nearest_foe(view, QUEEN_M)?;
    Some(look::walk_away(view, foe.pos).doing(Verb::Strike).at(foe.pos))
}

/// Stands still for the commander who has come near.
fn confer(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let commander = view.things.nearest(Kind::Commander, view.pos())?;
    let due = view.team.sdf.is_some_and(|s| s.confer_s == 0);
    let near = look::is_within(view, commander.pos, mind.balance.sdf.confer_range_m * 2);
    let flower = view.team.cities[view.team.city.index()].flower.is_some();
    let under_way = look::is_busy_with(view, Verb::Confer);
    ((due && near && flower) || under_way)
        .then(|| look::walk_and(view, commander.pos, mind.balance.sdf.confer_range_m, Verb::Confer))
}

/// A second bearing of the meteor, taken far enough from the commander's while it glows.
fn take_bearing(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let sdf = view.team.sdf?;
    let first = sdf.bearings[0].filter(|_| sdf.meteor.is_none())?;
    let n = &mind.balance.sdf;
    // It glows from when the first was taken, and the meteor falls early.
    let glows_until_s = (mind.balance.legion.meteor_s + n.bearing_until_s) as u32;
    if view.tick().seconds() >= glows_until_s {
        return None;
    }
    let there = !look::is_within(view, first.from, n.bearing_apart_m + BEARING_SPARE_M);
    Some(if there { look::rest().doing(Verb::Sample) } else { look::walk_away(view, first.from) })
}

fn sample(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let sources = [Kind::Carcass, Kind::Burrow, Kind::Flower];
    let mut sites: Vec<Pos> = sources.into_iter().flat_map(|kind| view.things.of_kind(kind)).map(|t| t.pos).collect();
    sites.sort_by_key(|p| view.pos().distance2(*p));
    let site = sites.into_iter().take(SITES_LOOKED_AT).find(|p| is_safe(mind, view, *p))?;
    Some(look::walk_and(view, site, mind.balance.sdf.sample_range_m * 3 / 4, Verb::Sample))
}

fn wait(_mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    Some(look::walk(view, look::city(view).lab, 40))
}

fn is_safe(mind: &Mind, view: &SeatView<'_>, pos: Pos) -> bool {
    let queen = look::exposed(view, Kind::Queen).is_some_and(|q| q.pos.within(pos, metres(QUEEN_M)));
    !queen && !look::swarms(view, pos, DANGER_M, mind.soldiers_in(DANGER_MASS_M))
}
