//! Engineers: empty warehouses and sensors first, then charges at the flower, and the lure when enough of
//! the swarm is in the streets.

use gamera_protocol::ground::GROUND;
use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres, ticks};
use gamera_protocol::view::{Marks, Phase, SeatView, Thing};

use super::commander::lead_out;
use super::level::Policy;
use super::look;
use super::mind::Mind;

/// The lure is thrown when the mob weighs this much, M, on Gamera or in the streets about a switch.
const LURE_FROM_M: i32 = 25;
/// And when it weighs this much, M, where the charge has been full for a while: more is lost.
const LURE_SPARE_M: i32 = 8;
/// That while, seconds.
const LURE_WAITS_S: u32 = 20;
/// One goes to the switch while the mob weighs this share of what the lure is thrown for, percent.
const STAND_BY_MOB_PCT: i32 = 50;
/// An engineer stands by at the switch from this charge on, percent.
const STAND_BY_PCT: u8 = 80;
/// How near a switch, a cache or a roadblock has to be, metres.
const WORK_M: i32 = 20;
/// Soldiers this near are fought or fled from, metres.
const DANGER_M: i32 = 80;
/// So much mass of them is fled from, M.
const DANGER_MASS_M: i32 = 4;
/// A sensor covers this much, so another is put no nearer, metres.
const SENSOR_APART_M: i32 = 200;
/// Those who go together keep this near each other, metres.
const TOGETHER_M: i32 = 15;
/// Patience with one warehouse and one sensor's place, seconds.
const PATIENCE_S: u32 = 150;
/// Leaves the flower alone this long before a launch, seconds.
const CLEAR_OUT_S: u8 = 12;

type Rule = fn(&mut Mind, &SeatView<'_>) -> Option<SeatInput>;

const RULES: [Rule; 9] = [get_out, lure, charge, defend, reload, unblock, repair, prepare, escort];

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, _orders: &mut Vec<Order>) -> SeatInput {
    let rules: &[Rule] = if mind.plays(Policy::AllEvacuation) { &[escort] } else { &RULES };
    look::first(view, rules.iter().map(|rule| rule(mind, view)))
}

/// Away from a launch, and from more soldiers than a rifle can stop.
fn get_out(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let launching = look::flower(view).filter(|f| f.known.launch_s.is_some_and(|s| s <= CLEAR_OUT_S));
    if let Some(flower) = launching.filter(|f| look::is_within(view, f.pos, mind.balance.legion.blast_radius_m)) {
        return Some(look::walk_away(view, flower.pos));
    }
    if look::is_busy_with(view, Verb::Charge) || look::is_busy_with(view, Verb::Energise) {
        return None;
    }
    let foe = look::nearest_foe(view, DANGER_M)?;
    look::swarms(view, view.pos(), DANGER_M, mind.soldiers_in(DANGER_MASS_M))
        .then(|| look::walk_away(view, foe.pos).doing(Verb::Strike).at(foe.pos))
}

/// To the switch nearest to the mob, and on with it when the mob is large.
fn lure(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let sdf = view.team.sdf?;
    let full = sdf.lure_pct >= 100;
    mind.memory.lure_full = full.then(|| mind.memory.lure_full.unwrap_or(view.tick()));
    if sdf.lure_s > 0 || sdf.lure_pct < STAND_BY_PCT || look::is_busy_with(view, Verb::Charge) {
        return None;
    }
    let spare = mind.memory.lure_full.is_some_and(|since| view.tick().since(since) >= ticks(LURE_WAITS_S));
    let from_m = if spare { LURE_SPARE_M } else { LURE_FROM_M };
    // All come when the lure is ready and wanted, one when it soon will be.
    let (switch, called) = match switch_at_mob(mind, view, from_m) {
        Some(switch) if full => (switch, true),
        _ if mind.rank > 0 => return None,
        _ => (switch_at_mob(mind, view, from_m * STAND_BY_MOB_PCT / 100)?, false),
    };
    match look::is_within(view, switch, WORK_M) {
        true if called => Some(look::rest().doing(Verb::Energise).at(switch)),
        true => None,
        false => Some(look::walk(view, switch, WORK_M / 2)),
    }
}

/// The switch nearest to where the swarm covers Gamera or crowds the streets with `from_m` M.
fn switch_at_mob(mind: &Mind, view: &SeatView<'_>, from_m: i32) -> Option<Pos> {
    let switches = switches(view);
    let reach = metres(mind.balance.sdf.lure_range_m);
    let mobbed = view.team.gamera.is_some_and(|g| i32::from(g.mobbed) >= from_m);
    let gamera = look::exposed(view, Kind::Gamera).filter(|_| mobbed).map(|g| g.pos);
    let at_gamera = gamera.and_then(|g| {
        let nearest = switches.iter().copied().min_by_key(|p| g.distance2(*p));
        nearest.filter(|p| g.within(*p, reach))
    });
    let many = mind.soldiers_in(from_m);
    let crowded = |p: &Pos| look::swarms(view, *p, mind.balance.sdf.lure_range_m, many);
    at_gamera.or_else(|| switches.into_iter().filter(crowded).min_by_key(|p| view.pos().distance2(*p)))
}

/// Substations of the city, and the trunk line's pylons while the war is between the cities.
fn switches(view: &SeatView<'_>) -> Vec<Pos> {
    let mut sites = look::standing(view, Kind::Substation, &look::city(view).substations);
    if view.team.phase == Phase::March {
        sites.extend(look::standing(view, Kind::Pylon, &GROUND.pylons));
    }
    sites
}

/// A charge at the flower; each takes oxygen from it.
fn charge(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let flower = look::flower(view).filter(|f| f.known.stage >= 2)?;
    let laid = view.things.near(flower.pos, mind.balance.sdf.charge_range_m).filter(|t| t.kind == Kind::Charge).count();
    let full = laid as i32 >= mind.balance.sdf.charges_per_flower;
    let poor = flower.known.oxygen.is_some_and(|o| o < 20);
    let queen = look::exposed(view, Kind::Queen).is_some_and(|q| q.pos.within(flower.pos, metres(90)));
    let carries = view.own.carried > 0 && look::is_ready(view, Verb::Charge);
    (carries && !full && !poor && !queen)
        .then(|| look::walk_and(view, flower.pos, mind.balance.sdf.charge_range_m * 3 / 4, Verb::Charge))
}

/// For new charges once the last is set, while a flower stands that no seed leaves yet.
fn reload(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let worth = look::flower(view).is_some_and(|f| f.known.stage >= 2 && f.known.launch_s.is_none());
    (worth && mind.loads(view, 1, false)).then(|| look::walk_to_load(mind, view))
}

fn defend(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let foe = look::nearest_foe(view, DANGER_M.min(mind.balance.units.of(Kind::Engineer).range_m))?;
    Some(look::walk_away(view, foe.pos).doing(Verb::Strike).at(foe.pos))
}

fn unblock(_mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let block = view.things.nearest(Kind::Roadblock, view.pos())?;
    look::is_within(view, block.pos, 500).then(|| look::walk_and(view, block.pos, WORK_M, Verb::Clear))
}

/// A substation without power or a pylon that was cut.
fn repair(_mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let cut = |t: &&Thing| t.health == 0 && look::is_within(view, t.pos, 900);
    let site = view.things.of_kind(Kind::Substation).chain(view.things.of_kind(Kind::Pylon)).filter(cut);
    let nearest = site.map(|t| t.pos).min_by_key(|p| view.pos().distance2(*p))?;
    Some(look::walk_and(view, nearest, WORK_M, Verb::Remove))
}

/// Before the pod bursts: sensors over the subway, and glass out of the warehouses.
fn prepare(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let stage = view.team.cities[view.team.city.index()].flower.map_or(0, |f| f.stage);
    if stage >= 3 {
        return None;
    }
    if view.team.cities[view.team.city.index()].flower.is_none() && mind.rank.is_multiple_of(2) {
        return sense(mind, view);
    }
    let sites = look::standing(view, Kind::Cache, &look::city(view).caches);
    let many = mind.soldiers_in(DANGER_MASS_M);
    let watched = sites.into_iter().filter(|s| !look::swarms(view, *s, DANGER_M, many)).collect::<Vec<_>>();
    let site = mind.errand(view, [view.pos(); 2], &watched, PATIENCE_S)?;
    Some(look::walk_and(view, site, WORK_M, Verb::Remove))
}

/// The hive lies beneath a station: sensors there find it. Many engineers go from one to the next together, as
/// far as one would come.
fn sense(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let covered = |p: &Pos| {
        let sensor = |t: &Thing| !t.marks.has(Marks::GHOST) && t.pos.within(*p, metres(SENSOR_APART_M));
        view.things.of_kind(Kind::Sensor).any(sensor)
    };
    if let Some(lead) = mind.lead(view) {
        return Some(look::walk(view, lead, TOGETHER_M));
    }
    let stations = &look::city(view).stations;
    let bare: Vec<Pos> = stations.iter().map(|s| s.pos).filter(|p| !covered(p)).collect();
    let site = mind.errand(view, [view.pos(); 2], &bare, PATIENCE_S)?;
    Some(look::walk_and(view, site, WORK_M, Verb::Sensor))
}

fn escort(_mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    Some(lead_out(view, look::city(view).exit))
}
