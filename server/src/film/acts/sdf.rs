//! Watarase, Honami and the rest of the SDF in their scenes.

use gamera_protocol::event::EventKind;
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Role};
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, Tick, metres, ticks};
use gamera_protocol::view::Marks;

use super::places;
use crate::film::actor::Actor;
use crate::film::set::shifted;

/// From then on a patrol can hear Gamera coming.
const PATROL_FROM: Tick = Tick(ticks(95));
/// An engineer stays this far from the hive until it is time, metres.
const OUT_OF_REACH_M: i32 = 210;
/// Research is held this far below a tier until its scene, tenths.
const HOLD_BELOW_DM: i32 = 3;
/// Charges are set from this oxygen on: they go off when the flower has bloomed, and it has to breathe
/// anew what they take.
const CHARGE_FROM_OXYGEN: u8 = 28;
/// So many of them: more would take so much that Gamera had to lie before the flower until it is ripe.
const CHARGES: usize = 2;
/// Farther than a blast reaches, metres.
const SAFE_MARGIN_M: i32 = 60;

/// Watarase: the evacuation, a patrol in time, and effort on the lure once Sendai is lost.
pub(in crate::film) fn evacuate(a: &mut Actor<'_>) -> SeatInput {
    let wanted = if spares_effort(a) { 0 } else { 100 };
    if a.set.team().sdf.is_some_and(|s| s.evacuation_pct != wanted) {
        a.order(Order::EvacuationShare { percent: wanted });
    }
    let threatened = ground::district_at(City::Sendai, places::second_flower()).unwrap_or_default() as u8;
    let orders = a.set.team().sdf.is_some_and(|s| s.evacuation_district != threatened);
    if orders && a.set.team().city == City::Sendai && a.set.heard(EventKind::HivePlanted) {
        a.order(Order::EvacuateDistrict { city: City::Sendai, district: threatened });
    }
    if let Some(at) = swimmer(a).filter(|_| a.is_ready(Verb::Patrol)) {
        return a.rest().doing(Verb::Patrol).at(at);
    }
    let goal = if a.set.team().city == City::Sapporo { places::meteor() } else { ground::city(a.set.team().city).exit };
    a.walk(shifted(goal, 15, -15), 10).doing(Verb::Escort)
}

/// Where Gamera swims, while sonar has not heard her off this city.
fn swimmer(a: &Actor<'_>) -> Option<Pos> {
    let city = a.set.team().city;
    if a.set.count(EventKind::GameraSighted, city) > 0 || a.set.now() < PATROL_FROM {
        return None;
    }
    match a.set.gamera() {
        None => a.set.hive(city),
        Some(gamera) => {
            let off = Pos::new(gamera.x, metres(ground::COAST_Y_M));
            (ground::is_sea(gamera) && ground::city_at(off) == Some(city)).then_some(off)
        }
    }
}

/// While research comes first and the jet has to be loaded, and again once Sendai is lost.
fn spares_effort(a: &Actor<'_>) -> bool {
    !a.set.heard(EventKind::WingsBroken) || a.set.heard(EventKind::GameraComa)
}

/// Honami and Watarase put two and two together, at the meteor.
pub(in crate::film) fn confer(a: &mut Actor<'_>) -> SeatInput {
    a.walk(shifted(places::meteor(), 15, -15), 10).doing(Verb::Confer)
}

/// Honami: samples of the meteor, later of burrows, as far as the next scene leaves her.
pub(in crate::film) fn study(a: &mut Actor<'_>) -> SeatInput {
    let input = specimen(a).map_or(a.rest(), |at| a.walk(at, 25));
    let learns = a.set.team().sdf.is_some_and(|s| i32::from(s.research_dm) < may_know_dm(a));
    if learns { input.doing(Verb::Sample) } else { input }
}

/// Research that may be reached now, tenths: the hive is to be found by a sensor, not by the feel of the
/// first tier; and electromagnetism comes after the end of Sendai, the name of the Legion before.
fn may_know_dm(a: &Actor<'_>) -> i32 {
    let n = &a.set.battle().balance().sdf;
    let below = |tier: i32| tier * 10 - HOLD_BELOW_DM;
    match () {
        () if !a.set.heard(EventKind::HiveDiscovered) => below(n.tier_sensor),
        () if !a.set.heard(EventKind::LegionNamed) => below(n.tier_lure - n.named_research),
        () => below(n.tier_lure),
    }
}

/// The rest of it.
pub(in crate::film) fn finish_study(a: &mut Actor<'_>) -> SeatInput {
    specimen(a).map_or(a.rest(), |at| a.walk(at, 25)).doing(Verb::Sample)
}

/// The meteor in Sapporo, else the nearest burrow that no blast reaches.
fn specimen(a: &Actor<'_>) -> Option<Pos> {
    if a.set.team().city == City::Sapporo {
        return Some(places::meteor());
    }
    let safe = metres(a.set.battle().balance().legion.blast_radius_m + SAFE_MARGIN_M);
    let far = |p: &Pos| !p.within(places::second_flower(), safe);
    let burrows = a.set.things().of_kind(Kind::Burrow).map(|t| t.pos).filter(far);
    burrows.min_by_key(|p| a.pos().distance2(*p))
}

/// Leads convoys out. In Sapporo from where it stands: the swarm is to grow there.
pub(in crate::film) fn escort(a: &mut Actor<'_>) -> SeatInput {
    if a.set.team().city == City::Sapporo {
        return a.rest().doing(Verb::Escort);
    }
    let convoy = a.set.things().nearest(Kind::Convoy, a.pos()).map(|t| t.pos).filter(|p| a.is_within(*p, 300));
    convoy.map_or(a.rest(), |at| a.walk(at, 80)).doing(Verb::Escort)
}

/// An engineer goes near the hive that the script knows of.
pub(in crate::film) fn approach_hive(a: &mut Actor<'_>) -> SeatInput {
    let Some(hive) = a.set.hive(City::Sapporo) else { return a.rest() };
    a.walk(hive, OUT_OF_REACH_M)
}

/// And puts a sensor up over it.
pub(in crate::film) fn find_hive(a: &mut Actor<'_>) -> SeatInput {
    let Some(hive) = a.set.hive(City::Sapporo) else { return a.rest() };
    a.walk_and(hive, a.set.battle().balance().sdf.sensor_range_m - 20, Verb::Sensor)
}

/// The jet: pass after pass at the queen's wings.
pub(in crate::film) fn strafe(a: &mut Actor<'_>) -> SeatInput {
    let goal = a.set.queen().filter(|q| a.own.carried > 0 && a.is_within(*q, 1_500));
    match goal {
        Some(queen) => a.walk(queen, 0).doing(Verb::Strike).at(queen),
        None => a.walk(places::airfield(a.set.team().city), 100),
    }
}

/// A sensor near where the second flower will be, and out of the way.
pub(in crate::film) fn wait_at_the_edge(a: &mut Actor<'_>) -> SeatInput {
    if a.set.team().city != City::Sendai {
        return a.rest();
    }
    let post = shifted(places::second_flower(), -120, 20);
    let listens = a.set.count(EventKind::SensorSet, City::Sendai) > 0;
    if listens { a.walk(post, 10) } else { a.walk_and(post, 10, Verb::Sensor) }
}

/// Charges at the flower of Sendai take some of its oxygen: no seed shall leave.
pub(in crate::film) fn set_charges(a: &mut Actor<'_>) -> SeatInput {
    let Some(hive) = a.set.hive(City::Sendai) else { return a.rest() };
    let set = a.set.count(EventKind::ChargeSet, City::Sendai);
    let ripe = a.set.oxygen(City::Sendai).is_some_and(|oxygen| oxygen >= CHARGE_FROM_OXYGEN);
    match set {
        _ if set >= CHARGES => a.walk(shifted(hive, -400, 0), 20),
        _ if ripe => a.walk_and(hive, 70, Verb::Charge),
        _ => a.walk(hive, 70),
    }
}

/// At the nearest live line of the trunk or the city, the switch.
pub(in crate::film) fn energise(a: &mut Actor<'_>) -> SeatInput {
    if !a.plays(Role::Engineer) {
        return a.rest();
    }
    let things = a.set.things();
    let live = things.of_kind(Kind::Pylon).chain(things.of_kind(Kind::Substation)).filter(|t| t.marks.has(Marks::LIVE));
    let soldiers = a.set.heard(EventKind::TokyoMarch);
    let goal = if soldiers { shifted(places::arena(), 450, 0) } else { a.pos() };
    let Some(line) = live.map(|t| t.pos).min_by_key(|p| goal.distance2(*p)) else { return a.rest() };
    let waits = soldiers && !a.set.heard(EventKind::BroodBurst);
    if waits { a.walk(line, 20) } else { a.walk_and(line, 20, Verb::Energise) }
}

/// The battery comes into reach of the outskirts.
pub(in crate::film) fn advance(a: &mut Actor<'_>) -> SeatInput {
    a.walk(shifted(places::arena(), 700, 80), 20)
}

/// Volleys at the queen: claws, then what is behind them; back for new rounds when none are left.
pub(in crate::film) fn volley(a: &mut Actor<'_>) -> SeatInput {
    let (balance, exit) = (a.set.battle().balance(), ground::city(a.set.team().city).exit);
    let (n, carried) = (&balance.sdf, i32::from(a.own.carried));
    let loads = a.is_within(exit, n.resupply_range_m) && carried < balance.units.of(Kind::Missiles).carries;
    if loads || carried < n.volley_size {
        return a.walk(exit, n.resupply_range_m / 2);
    }
    match a.set.queen().filter(|q| a.is_within(*q, 900)) {
        Some(_) if a.set.is_queen_spared() => a.rest(),
        Some(queen) => a.rest().doing(Verb::Volley).at(queen),
        None => a.set.queen().map_or(a.rest(), |q| a.walk(q, 700)),
    }
}

/// What the film leaves undone: volleys at the flower of Sendai.
pub(in crate::film) fn fire_at_the_flower(a: &mut Actor<'_>) -> SeatInput {
    let Some(flower) = a.set.hive(City::Sendai) else { return a.rest() };
    a.walk_and(flower, 850, Verb::Volley)
}
