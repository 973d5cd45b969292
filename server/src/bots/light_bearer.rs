//! Light-bearers: motes from the shrines to Gamera; citizens calmed while she is away.

use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{GameraState, Marks, SeatView, Thing};

use super::look;
use super::mind::Mind;

/// Gamera is worth walking to within this, metres.
const WALK_TO_GAMERA_M: i32 = 1_800;
/// A shrine this near is worth a second mote, metres.
const SECOND_MOTE_M: i32 = 350;
/// From this near no soldiers keep a mote from Gamera, metres.
const LAST_STEPS_M: i32 = 300;
/// Soldiers this near are dazzled before anything else, metres.
const DANGER_M: i32 = 60;
/// From this mass of them on, M.
const DAZZLED_MASS_M: i32 = 1;
/// And who calms citizens flees from this mass, M.
const FLED_MASS_M: i32 = 2;
/// Patience with one shrine or one district, seconds.
const PATIENCE_S: u32 = 90;

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, _orders: &mut Vec<Order>) -> SeatInput {
    let gamera = needs_light(view);
    if let Some(input) = dazzle(mind, view) {
        let last_steps = gamera.filter(|at| view.own.carried > 0 && look::is_within(view, *at, LAST_STEPS_M));
        return last_steps.map_or(input, |at| push_through(mind, view, at, input));
    }
    let full = i32::from(view.own.carried) >= mind.balance.units.of(Kind::LightBearer).carries;
    let shrine = nearest_mote(view);
    let second = shrine.filter(|s| look::is_within(view, *s, SECOND_MOTE_M));
    match (gamera, view.own.carried, shrine) {
        (Some(gamera), 1.., _) if full || second.is_none() => deliver(mind, view, gamera),
        (_, _, Some(shrine)) if !full => fetch(mind, view, shrine),
        // Called from afar: what is carried is brought there.
        (None, 1.., _) if view.team.rally.is_some_and(|at| !look::is_within(view, at, WALK_TO_GAMERA_M)) => {
            look::walk(view, view.team.rally.unwrap_or(view.pos()), WALK_TO_GAMERA_M)
        }
        _ => console(mind, view),
    }
}

/// Walks where the people are and calms them, away from the fighting.
pub(super) fn console(mind: &mut Mind, view: &SeatView<'_>) -> SeatInput {
    if look::swarms(view, view.pos(), DANGER_M, mind.soldiers_in(FLED_MASS_M))
        && let Some(foe) = look::nearest_foe(view, DANGER_M * 2)
    {
        return look::walk_away(view, foe.pos);
    }
    let districts = &look::city(view).districts;
    let people = &view.team.cities[view.team.city.index()].districts_dtok;
    let centres: Vec<Pos> = districts.iter().zip(people).filter(|(_, n)| **n > 0).map(|(d, _)| d.centre()).collect();
    let Some(goal) = mind.errand(view, [view.pos(); 2], &centres, PATIENCE_S) else { return look::rest() };
    look::walk_and(view, goal, 60, Verb::Calm)
}

fn dazzle(mind: &Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    if !look::swarms(view, view.pos(), DANGER_M, mind.soldiers_in(DAZZLED_MASS_M)) {
        return None;
    }
    let foe = look::nearest_foe(view, mind.balance.units.of(Kind::LightBearer).range_m)?;
    Some(look::walk_away(view, foe.pos).doing(Verb::Strike).at(foe.pos))
}

/// With a mote in hand and Gamera near, on to her through those who would stop it, dazzling them.
fn push_through(mind: &Mind, view: &SeatView<'_>, gamera: Pos, dazzles: SeatInput) -> SeatInput {
    let goes = deliver(mind, view, gamera);
    if goes.verb.is_some() { goes } else { SeatInput { heading: goes.heading, ..dazzles } }
}

/// Where Gamera is, if a mote helps her there.
fn needs_light(view: &SeatView<'_>) -> Option<Pos> {
    let up = view.team.gamera.is_some_and(|g| matches!(g.state, GameraState::Active | GameraState::Limping));
    let gamera = look::giant(view, Kind::Gamera).filter(|_| up)?.pos;
    look::is_within(view, gamera, WALK_TO_GAMERA_M).then_some(gamera)
}

fn nearest_mote(view: &SeatView<'_>) -> Option<Pos> {
    let lit = |t: &&Thing| t.marks.has(Marks::LIVE);
    view.things.of_kind(Kind::Shrine).filter(lit).map(|t| t.pos).min_by_key(|p| view.pos().distance2(*p))
}

fn fetch(mind: &Mind, view: &SeatView<'_>, shrine: Pos) -> SeatInput {
    look::walk_and(view, shrine, mind.balance.gamera.shrine_range_m, Verb::Carry)
}

fn deliver(mind: &Mind, view: &SeatView<'_>, gamera: Pos) -> SeatInput {
    let range_m = mind.balance.gamera.deliver_range_m;
    let input = look::walk(view, gamera, range_m / 2);
    if view.pos().within(gamera, metres(range_m)) { input.doing(Verb::Carry) } else { input }
}
