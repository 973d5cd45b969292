//! Engineers: empty warehouses and sensors first, then charges at the flower, and the lure when the
//! mob is large.

use gamera_protocol::ground::GROUND;
use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{Marks, Phase, SeatView, Thing};

use super::commander::lead_out;
use super::level::Policy;
use super::look;
use super::mind::Mind;

/// The lure is thrown when the mob weighs this much, M.
const LURE_FROM_M: u16 = 80;
/// An engineer stands by at the switch from this charge on, percent.
const STAND_BY_PCT: u8 = 80;
/// How near a switch, a cache or a roadblock has to be, metres.
const WORK_M: i32 = 20;
/// Soldiers this near are fought or fled from, metres.
const DANGER_M: i32 = 80;
/// This many are fled from.
const DANGER_SOLDIERS: usize = 4;
/// A sensor covers this much, so another is put no nearer, metres.
const SENSOR_APART_M: i32 = 200;
/// Patience with one warehouse and one sensor's place, seconds.
const PATIENCE_S: u32 = 150;
/// Leaves the flower alone this long before a launch, seconds.
const CLEAR_OUT_S: u8 = 12;

type Rule = fn(&mut Mind, &SeatView<'_>) -> Option<SeatInput>;

const RULES: [Rule; 8] = [get_out, lure, charge, defend, unblock, repair, prepare, escort];

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, _orders: &mut Vec<Order>) -> SeatInput {
    let rules: &[Rule] = if mind.plays(Policy::AllEvacuation) { &[escort] } else { &RULES };
    rules.iter().find_map(|rule| rule(mind, view)).unwrap_or_default()
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
    look::swarms(view, view.pos(), DANGER_M, DANGER_SOLDIERS)
        .then(|| look::walk_away(view, foe.pos).doing(Verb::Strike).at(foe.pos))
}

/// To the switch nearest to the mob, and on with it when the mob is large.
fn lure(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let sdf = view.team.sdf?;
    let gamera = look::exposed(view, Kind::Gamera)?;
    let mobbed = view.team.gamera.is_some_and(|g| g.mobbed >= LURE_FROM_M);
    // One stands by at a time, all come when the lure is ready and wanted.
    let called = sdf.lure_pct >= 100 && mobbed;
    let stands_by = sdf.lure_pct >= STAND_BY_PCT && mind.rank == 0;
    if sdf.lure_s > 0 || !(called || stands_by) {
        return None;
    }
    let switch = switches(view).into_iter().min_by_key(|p| gamera.pos.distance2(*p))?;
    if !gamera.pos.within(switch, metres(mind.balance.sdf.lure_range_m)) {
        return None;
    }
    let there = look::is_within(view, switch, WORK_M);
    Some(match (there, called) {
        (true, true) => look::rest().doing(Verb::Energise).at(switch),
        (true, false) => return None,
        (false, _) => look::walk(view, switch, WORK_M / 2),
    })
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
    let watched = sites.into_iter().filter(|s| !look::swarms(view, *s, DANGER_M, DANGER_SOLDIERS)).collect::<Vec<_>>();
    let site = mind.errand(view.tick(), [view.pos(); 2], &watched, PATIENCE_S)?;
    Some(look::walk_and(view, site, WORK_M, Verb::Remove))
}

/// The hive lies beneath a station: sensors there find it.
fn sense(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let covered = |p: &Pos| {
        let sensor = |t: &Thing| !t.marks.has(Marks::GHOST) && t.pos.within(*p, metres(SENSOR_APART_M));
        view.things.of_kind(Kind::Sensor).any(sensor)
    };
    let stations = &look::city(view).stations;
    let bare: Vec<Pos> = stations.iter().map(|s| s.pos).filter(|p| !covered(p)).collect();
    let site = mind.errand(view.tick(), [view.pos(); 2], &bare, PATIENCE_S)?;
    Some(look::walk_and(view, site, WORK_M, Verb::Sensor))
}

fn escort(_mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    Some(lead_out(view, look::city(view).exit))
}
