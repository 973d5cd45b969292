//! Brood leaders: glass for the hive, the mob when Gamera is near, and now and then a raid.

use gamera_protocol::ground;
use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, Tick, metres, ticks};
use gamera_protocol::view::{GameraState, SeatView, Thing};

use super::look;
use super::mind::Mind;

/// Gamera is worth mobbing within this, metres.
const MOB_WITHIN_M: i32 = 450;
/// And within this where she threatens the flower, metres.
const RALLY_M: i32 = 1_000;
/// She threatens the flower within this of it, metres.
const THREAT_M: i32 = 450;
/// The whole swarm has to weigh this much first, M.
const MOB_FROM_M: u16 = 40;
/// A lure is resisted within this of it, metres.
const LURE_M: i32 = 1_000;
/// Every so many leaders one raids instead of harvesting.
const RAIDER_EVERY: usize = 5;
/// How near a warehouse the squad is led, metres.
const HARVEST_M: i32 = 30;
/// A burrow this near serves the squad too, metres.
const MOUTH_M: i32 = 120;
/// How near a raid's target, metres.
const RAID_M: i32 = 10;
/// Who works on the flower is within this of it, metres.
const SABOTAGE_M: i32 = 200;
/// And is turned on within this, metres.
const SABOTEUR_M: i32 = 400;
/// Enemies this near are fought first, metres.
const CLOSE_M: i32 = 40;
/// A call is answered from this far, metres.
const ANSWER_M: i32 = 1_200;
/// And this near it has been answered, metres.
const CALLED_TO_M: i32 = 80;
/// Patience with one warehouse, seconds: a squad is at it for minutes.
const HARVEST_PATIENCE_S: u32 = 400;
/// The hive has been founded by then: before, nobody knows which warehouse is near it.
const FOUNDING: Tick = Tick(ticks(20));
/// A raider gives each kind of raid so long, seconds: across the city, and up through the ground.
pub(super) const RAID_TURN_S: u32 = 150;

type Rule = fn(&mut Mind, &SeatView<'_>) -> Option<SeatInput>;

const RULES: [Rule; 6] = [resist, mob, defend, answer, raid, harvest];

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, orders: &mut Vec<Order>) -> SeatInput {
    if view.tick() < Tick(ticks(8)) && mind.may_order(view.tick()) {
        orders.push(Order::VoteImpact { site: (mind.rank % 3) as u8 });
    }
    look::first(view, RULES.iter().map(|rule| rule(mind, view)))
}

/// Holds the squad where it is while a lure hums nearby.
fn resist(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let at = mind.live_lure(view.tick())?;
    let near = at.is_none_or(|at| look::is_within(view, at, LURE_M));
    let gamera = look::exposed(view, Kind::Gamera);
    // Every other leader holds on, the others keep up the attack.
    (near && mind.rank.is_multiple_of(2)).then(|| {
        let input = gamera.map_or_else(look::rest, |g| look::walk(view, g.pos, 20));
        input.doing(Verb::Resist)
    })
}

/// Leads the squad on to Gamera, and goes on after her while she is within reach.
fn mob(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let gamera = look::exposed(view, Kind::Gamera)?;
    let flower = look::flower(view).filter(|f| f.known.stage >= 2);
    let threatens = flower.is_some_and(|f| gamera.pos.within(f.pos, metres(THREAT_M)));
    if !look::is_within(view, gamera.pos, if threatens { RALLY_M } else { MOB_WITHIN_M }) {
        return None;
    }
    let state = view.team.gamera.map(|g| g.state);
    let fair = matches!(state, Some(GameraState::Active | GameraState::Limping | GameraState::Down));
    let strong = view.team.legion.is_some_and(|l| l.mass >= MOB_FROM_M);
    let dry = !ground::is_sea(gamera.pos);
    // Somebody has to feed the hive: the last of many harvests on while the flower still grows.
    let feeds = mind.peers >= 4 && mind.rank == mind.peers - 1;
    (fair && strong && dry && !feeds).then(|| look::walk(view, gamera.pos, 20).doing(Verb::Mob).at(gamera.pos))
}

fn defend(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    if look::is_below(view) {
        return None;
    }
    let flower = look::flower(view).filter(|f| f.known.stage >= 2);
    let at_flower = flower.and_then(|f| saboteur(mind, view, f.pos));
    let close = || look::nearest_foe(view, CLOSE_M).filter(|_| mind.turns_on(look::foes(view, CLOSE_M)));
    let foe = at_flower.or_else(close)?.pos;
    let reach_m = mind.balance.units.of(Kind::BroodLeader).range_m;
    let input = look::walk(view, foe, reach_m * 3 / 4);
    Some(input.doing(Verb::Strike).at(foe))
}

/// An engineer at the flower, else a charge that burns there: of many leaders so many turn on the engineers as
/// these weigh, the others on the charges.
fn saboteur<'a>(mind: &Mind, view: &SeatView<'a>, flower: Pos) -> Option<&'a Thing> {
    let things = view.things;
    let near = move |kind| {
        let at_flower = things.of_kind(kind).filter(move |t| t.pos.within(flower, metres(SABOTAGE_M)));
        at_flower.filter(|t| look::is_within(view, t.pos, SABOTEUR_M))
    };
    let nearest = |kind| near(kind).min_by_key(|t| view.pos().distance2(t.pos));
    if mind.turns_on(near(Kind::Engineer)) {
        return nearest(Kind::Engineer);
    }
    let all = near(Kind::Engineer).chain(near(Kind::Charge));
    if mind.turns_on(all) { nearest(Kind::Charge).or_else(|| nearest(Kind::Engineer)) } else { None }
}

/// Every other leader comes where the queen calls; the others have the hive to feed.
fn answer(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let called = look::call(view, ANSWER_M).filter(|at| !look::is_within(view, *at, CALLED_TO_M))?;
    (mind.peers > 1 && mind.rank % 2 == 1).then(|| look::walk(view, called, CALLED_TO_M / 2))
}

/// Cuts power, blocks the way out, wrecks the laboratory, one after the other, and harvests between.
fn raid(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let turn = view.tick().seconds() / RAID_TURN_S;
    let raider = mind.rank % RAIDER_EVERY == 1 || mind.peers == 1;
    let city = look::city(view);
    let (verb, sites): (Verb, Vec<Pos>) = match turn % 4 {
        1 => (Verb::Sabotage, look::standing(view, Kind::Substation, &city.substations)),
        2 => (Verb::Block, vec![roadblock_site(city.exit)]),
        3 => (Verb::Sabotage, look::standing(view, Kind::Lab, &[city.lab])),
        _ => return None,
    };
    if !raider {
        return None;
    }
    let site = mind.errand(view, [view.pos(); 2], &sites, RAID_TURN_S)?;
    Some(look::walk_and(view, site, RAID_M, verb))
}

/// On the road that convoys take, a little way inside the city.
fn roadblock_site(exit: Pos) -> Pos {
    Pos::new(exit.x, exit.y - metres(260))
}

/// Under the streets to a warehouse, up through a burrow that the squad can follow through, and on
/// to the next one when it is empty.
fn harvest(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let sites = look::standing(view, Kind::Cache, &look::city(view).caches);
    // The squad hatches at the hive and the leader comes from elsewhere: they meet half-way.
    let hive = look::flower(view).map(|f| f.pos);
    if hive.is_none() && view.tick() < FOUNDING {
        return None;
    }
    let site = mind.errand(view, [view.pos(), hive.unwrap_or(view.pos())], &sites, HARVEST_PATIENCE_S)?;
    let input = look::walk(view, site, HARVEST_M);
    if look::is_below(view) {
        let mouth =
            view.things.nearest(Kind::Burrow, view.pos()).is_some_and(|b| look::is_within(view, b.pos, MOUTH_M));
        let verb = if mouth { Verb::Harvest } else { Verb::Dig };
        let there = look::is_within(view, site, HARVEST_M + 5);
        return Some(if there { input.doing(verb).at(site) } else { input });
    }
    // The squad is sent ahead as soon as it hears of the place.
    let heard = look::is_within(view, site, mind.balance.legion.command_range_m);
    Some(if heard { input.doing(Verb::Harvest).at(site) } else { input })
}
