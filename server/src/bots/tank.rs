//! Tanks: shoot what comes near, lead convoys out, clear the streets; then hold the line.

use gamera_protocol::ground;
use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{Phase, SeatView};

use super::commander::lead_out;
use super::level::Policy;
use super::look;
use super::mind::Mind;

/// Soldiers nearer than this are backed away from, metres.
const TOO_CLOSE_M: i32 = 60;
/// Keeps this share of the gun's reach to the queen, percent.
const STAND_OFF_PCT: i32 = 85;
/// A duel this near is worth going to, metres.
const FLANK_FROM_M: i32 = 1_100;
/// Giants this near each other look at nothing else, metres.
const DUEL_M: i32 = 250;
/// Plants are worth clearing from this share of the city on, percent.
const CLEAR_FROM_PCT: u8 = 4;
/// Distance between two tanks of the line, metres.
const LINE_SPACING_M: i32 = 160;

type Rule = fn(&mut Mind, &SeatView<'_>) -> Option<SeatInput>;

const RULES: [Rule; 7] = [shoot, unblock, flank, line, assault, clear, escort];

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, _orders: &mut Vec<Order>) -> SeatInput {
    let rules: &[Rule] = if mind.plays(Policy::AllEvacuation) { &[escort] } else { &RULES };
    look::first(view, rules.iter().map(|rule| rule(mind, view)))
}

/// The gun at the nearest enemy in reach, backing off from what is too close.
fn shoot(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let range_m = mind.balance.units.of(Kind::Tank).range_m;
    let foe = look::nearest_foe(view, range_m)?;
    if !look::is_ready(view, Verb::Strike) && foe.kind == Kind::Soldier && !look::is_within(view, foe.pos, TOO_CLOSE_M)
    {
        return None;
    }
    let giant = foe.kind == Kind::Queen;
    let keep_m = if giant { range_m * STAND_OFF_PCT / 100 } else { TOO_CLOSE_M };
    let too_near = look::is_within(view, foe.pos, keep_m);
    let round = if giant { flank(mind, view) } else { None };
    let keep = || if too_near { look::walk_away(view, foe.pos) } else { look::rest() };
    Some(round.unwrap_or_else(keep).doing(Verb::Strike).at(foe.pos))
}

fn unblock(_mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let block = view.things.nearest(Kind::Roadblock, view.pos())?;
    look::is_within(view, block.pos, 700).then(|| look::walk_and(view, block.pos, 20, Verb::Clear))
}

/// Behind the queen, while Gamera holds her eyes: there lies the egg chamber.
fn flank(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let queen = look::exposed(view, Kind::Queen).filter(|q| look::is_within(view, q.pos, FLANK_FROM_M))?;
    let gamera = look::exposed(view, Kind::Gamera).filter(|g| g.pos.within(queen.pos, metres(DUEL_M)))?;
    let whole = view.team.queen.is_some_and(|q| q.egg_chamber_permille > 0);
    let range_m = mind.balance.units.of(Kind::Tank).range_m;
    let behind = queen.pos.offset(gamera.pos.angle_to(queen.pos), metres(range_m * STAND_OFF_PCT / 100));
    whole.then(|| look::walk(view, ground::clamp(behind), 30))
}

/// The line before Tokyo while the queen is on her march.
fn line(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    if view.team.phase != Phase::March {
        return None;
    }
    let middle = ground::city_centre(view.team.city).y;
    let offset = (mind.rank as i32 - mind.peers as i32 / 2) * LINE_SPACING_M;
    let post = ground::clamp(Pos::new(metres(ground::TANK_LINE_X_M), middle + metres(offset.clamp(-900, 900))));
    Some(look::walk(view, post, 20))
}

/// The flower, while it can be shot without setting it off.
fn assault(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let flower = look::flower(view).filter(|f| f.known.stage >= 2)?;
    let safe = mind.dares_shoot(&flower);
    let range_m = mind.balance.units.of(Kind::Tank).range_m;
    (safe && mind.rank.is_multiple_of(2)).then(|| {
        let input = look::walk(view, flower.pos, range_m * 3 / 4);
        let in_reach = look::is_within(view, flower.pos, range_m);
        if in_reach { input.doing(Verb::Strike).at(flower.pos) } else { input }
    })
}

/// Plants, where the streets are full of them: every other tank.
fn clear(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let overgrown = view.team.cities[view.team.city.index()].overgrown_pct >= CLEAR_FROM_PCT;
    let working = look::is_busy_with(view, Verb::Clear);
    if !(working || (overgrown && !mind.rank.is_multiple_of(2))) {
        return None;
    }
    // Plants spread from the hive: work inwards, block by block.
    let hive = look::flower(view).map_or(look::city(view).districts[4].centre(), |f| f.pos);
    let input = if working { look::rest() } else { look::walk(view, hive, 200) };
    Some(input.doing(Verb::Clear))
}

fn escort(_mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    Some(lead_out(view, look::city(view).exit))
}
