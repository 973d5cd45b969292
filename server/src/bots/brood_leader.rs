//! Brood leaders: glass for the hive, the mob when Gamera is near, and now and then a raid.

use gamera_protocol::ground;
use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres, ticks};
use gamera_protocol::view::{GameraState, SeatView};

use super::look;
use super::mind::Mind;

/// Gamera is worth mobbing within this, metres.
const MOB_WITHIN_M: i32 = 1_400;
/// The whole swarm has to weigh this much first, M.
const MOB_FROM_M: u16 = 40;
/// A lure is resisted within this of it, metres.
const LURE_M: i32 = 1_000;
/// Every so many leaders one raids instead of harvesting.
const RAIDER_EVERY: usize = 5;
/// How near a warehouse the squad has to be led, metres.
const HARVEST_M: i32 = 30;
/// How near a raid's target, metres.
const RAID_M: i32 = 25;
/// Enemies this near are fought first, metres.
const CLOSE_M: i32 = 40;
/// Patience with one warehouse and one raid, seconds.
const HARVEST_PATIENCE_S: u32 = 100;
const RAID_PATIENCE_S: u32 = 60;
/// A raider works through its kinds of raid, each for so long, seconds.
const RAID_TURN_S: u32 = 40;

type Rule = fn(&mut Mind, &SeatView<'_>) -> Option<SeatInput>;

const RULES: [Rule; 5] = [resist, mob, defend, raid, harvest];

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, orders: &mut Vec<Order>) -> SeatInput {
    if view.tick() < gamera_protocol::measure::Tick(ticks(8)) && mind.may_order(view.tick()) {
        orders.push(Order::VoteImpact { site: (mind.rank % 3) as u8 });
    }
    RULES.iter().find_map(|rule| rule(mind, view)).unwrap_or_default()
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
    let gamera = look::exposed(view, Kind::Gamera).filter(|g| look::is_within(view, g.pos, MOB_WITHIN_M))?;
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
    let engineer = look::flower(view).and_then(|f| {
        let near = view.things.of_kind(Kind::Engineer).chain(view.things.of_kind(Kind::Charge));
        near.filter(|t| t.pos.within(f.pos, metres(200)) && look::is_within(view, t.pos, 400)).map(|t| t.pos).next()
    });
    let close = || look::nearest_foe(view, CLOSE_M).map(|t| t.pos);
    let foe = engineer.or_else(close)?;
    let reach_m = mind.balance.units.of(Kind::BroodLeader).range_m;
    let input = look::walk(view, foe, reach_m * 3 / 4);
    Some(input.doing(Verb::Strike).at(foe))
}

/// Cuts power, wrecks the laboratory, blocks the way out, digs a way in: one after the other.
fn raid(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let raider = mind.peers == 1 || mind.rank % RAIDER_EVERY == 1;
    let turn = view.tick().seconds() / RAID_TURN_S;
    // A lone leader harvests first and raids one turn in four.
    if !raider || (mind.peers < RAIDER_EVERY && !turn.is_multiple_of(4)) {
        return None;
    }
    let city = look::city(view);
    let (verb, sites): (Verb, Vec<Pos>) = match turn % 4 {
        0 => (Verb::Sabotage, look::standing(view, Kind::Substation, &city.substations)),
        1 => (Verb::Dig, city.stations.iter().map(|s| s.pos).collect()),
        2 => (Verb::Block, vec![roadblock_site(city.exit)]),
        _ => (Verb::Sabotage, look::standing(view, Kind::Lab, &[city.lab])),
    };
    let site = mind.errand(view.tick(), view.pos(), &sites, RAID_PATIENCE_S)?;
    Some(look::walk_and(view, site, RAID_M, verb))
}

/// On the road that convoys take, a little way inside the city.
fn roadblock_site(exit: Pos) -> Pos {
    Pos::new(exit.x, exit.y - metres(260))
}

fn harvest(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let sites = look::standing(view, Kind::Cache, &look::city(view).caches);
    let site = mind.errand(view.tick(), view.pos(), &sites, HARVEST_PATIENCE_S)?;
    Some(look::walk_and(view, site, HARVEST_M, Verb::Harvest))
}
