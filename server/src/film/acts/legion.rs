//! The queen and her brood leaders in their scenes.

use gamera_protocol::event::EventKind;
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Role};
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{GameraState, QueenState, Thing};

use super::places;
use crate::film::actor::Actor;
use crate::film::set::shifted;

/// Silicon that is in store before the second hive is planted: it blooms quickly, before the
/// oxygen that comes by itself has risen far.
const STORE_SI: u16 = 130;
/// Soldiers who make up a squad that can take on a guard.
const SQUAD: usize = 5;
/// A leader sends its squad this far, metres: a little less than it may.
const SEND_M: i32 = 550;
/// A squad and its leader meet this far from where the squad comes up, metres.
const MEET_M: i32 = 300;

/// Sets the slider between flower and soldiers.
fn feed_share(a: &mut Actor<'_>, percent: u8) {
    if a.set.team().legion.is_some_and(|l| l.feed_pct != percent) {
        a.order(Order::FeedShare { percent });
    }
}

/// Votes for the site that the script is laid out for.
pub(in crate::film) fn vote(a: &mut Actor<'_>) -> SeatInput {
    a.order(Order::VoteImpact { site: places::SNOW_SITE });
    feed_share(a, 0);
    a.rest()
}

/// All silicon hatches.
pub(in crate::film) fn rest(a: &mut Actor<'_>) -> SeatInput {
    feed_share(a, 0);
    a.rest()
}

/// Half of the silicon feeds the flower.
pub(in crate::film) fn nurse(a: &mut Actor<'_>) -> SeatInput {
    feed_share(a, 50);
    a.rest()
}

/// Under the edge of Sapporo, while her flower is torn out.
pub(in crate::film) fn withdraw(a: &mut Actor<'_>) -> SeatInput {
    feed_share(a, 0);
    a.set.hive(City::Sapporo).map_or(a.rest(), |hive| a.walk(places::first_lair(hive), 4))
}

/// Out of the city under the hills.
pub(in crate::film) fn leave(a: &mut Actor<'_>) -> SeatInput {
    a.walk(places::hills(a.pos()), 4)
}

/// All silicon feeds the flower until its oxygen is told of for the first time.
pub(in crate::film) fn feed(a: &mut Actor<'_>) -> SeatInput {
    feed_share(a, 100);
    a.rest()
}

/// Underground with the hive.
pub(in crate::film) fn lie_low(a: &mut Actor<'_>) -> SeatInput {
    if !a.plays(Role::BroodLeader) {
        return a.rest();
    }
    let home = a.set.hive(a.set.team().city).unwrap_or(a.pos());
    if a.is_below() { a.walk(home, 15) } else { a.rest().doing(Verb::Dig) }
}

/// Glass from a warehouse that nobody was at before: sooner or later a guard sees it.
pub(in crate::film) fn rob(a: &mut Actor<'_>) -> SeatInput {
    if a.set.count(EventKind::GuardSighting, a.set.team().city) > 0 {
        return harvest(a);
    }
    let leaders = a.set.battle().roster().count(Role::BroodLeader);
    let robbed: Vec<Pos> =
        a.set.log().iter().filter(|e| e.kind == EventKind::GlassStolen).filter_map(|e| e.at).collect();
    // Each leader has its own ones of them all, so that none runs after another's.
    let own = warehouses(a).into_iter().skip(a.rank).step_by(leaders).map(|t| t.pos).find(|p| !robbed.contains(p));
    own.map_or(a.rest(), |site| take_glass(a, site))
}

/// Glass from whichever warehouse is near, once its guard is dead.
pub(in crate::film) fn harvest(a: &mut Actor<'_>) -> SeatInput {
    // In Sapporo three squads share the nearest and two the next; in Sendai they came up far apart.
    let index = if a.set.team().city == City::Sapporo { a.rank / 3 } else { 0 };
    let Some(site) = warehouses(a).iter().filter(|t| t.health > 0).map(|t| t.pos).nth(index) else { return a.rest() };
    let watch_m = a.set.battle().balance().units.of(Kind::Guard).range_m;
    let guard = a.set.things().nearest(Kind::Guard, site).map(|t| t.pos).filter(|p| p.within(site, metres(watch_m)));
    match guard {
        Some(guard) if a.set.soldiers_near(site, watch_m) >= SQUAD && a.is_within(guard, SEND_M) => {
            a.rest().doing(Verb::Strike).at(guard)
        }
        _ => take_glass(a, site),
    }
}

fn take_glass(a: &Actor<'_>, site: Pos) -> SeatInput {
    if a.is_within(site, SEND_M) { a.rest().doing(Verb::Harvest).at(site) } else { a.walk(site, 40) }
}

/// The warehouses of the present city, the nearest first: counted from the hive in Sapporo, in Sendai
/// from between where the squad and where its leader came up.
fn warehouses(a: &Actor<'_>) -> Vec<Thing> {
    if !a.plays(Role::BroodLeader) {
        return Vec::new();
    }
    let city = a.set.team().city;
    let first = a.set.hive(city).filter(|_| city == City::Sapporo);
    let from = first.unwrap_or_else(|| meeting(city, a.rank, a.seat.index()));
    let inside = |t: &&Thing| ground::city_at(t.pos) == Some(city);
    let mut sites: Vec<Thing> = a.set.things().of_kind(Kind::Cache).filter(inside).copied().collect();
    sites.sort_by_key(|t| from.distance2(t.pos));
    sites
}

/// A squad comes up at the station of its rank, its leader at that of its seat.
fn meeting(city: City, rank: usize, seat: usize) -> Pos {
    let stations = &ground::city(city).stations;
    let (squad, leader) = (stations[rank % stations.len()].pos, stations[seat % stations.len()].pos);
    squad.offset(squad.angle_to(leader), metres(MEET_M))
}

/// About the flower, in the streets, until Gamera has torn it out.
pub(in crate::film) fn lie_in_wait(a: &mut Actor<'_>) -> SeatInput {
    if !a.plays(Role::BroodLeader) {
        return a.rest();
    }
    let Some(hive) = a.set.hive(City::Sapporo) else { return a.rest() };
    let works = a.set.own(a.set.seat(Role::Gamera)).channel.is_some_and(|(verb, ..)| verb == Verb::Uproot);
    let input = a.walk(hive, 25);
    // Breaking through takes a leader a while: it begins when Gamera has taken hold.
    if a.is_below() && works { a.rest().doing(Verb::Strike) } else { input }
}

/// On to Gamera's back.
pub(in crate::film) fn mob(a: &mut Actor<'_>) -> SeatInput {
    let Some(gamera) = a.set.gamera().filter(|_| a.plays(Role::BroodLeader)) else { return a.rest() };
    if ground::is_sea(gamera) || a.set.gamera_state() != GameraState::Active {
        return a.rest();
    }
    a.walk(gamera, 20).doing(Verb::Mob).at(gamera)
}

/// With the queen, in the streets.
pub(in crate::film) fn follow_queen(a: &mut Actor<'_>) -> SeatInput {
    let Some(queen) = a.set.queen().filter(|_| a.plays(Role::BroodLeader)) else { return a.rest() };
    a.walk(queen, 60)
}

/// Bursts from the ground where she is.
pub(in crate::film) fn emerge(a: &mut Actor<'_>) -> SeatInput {
    let below = matches!(a.set.queen_state(), QueenState::Lair | QueenState::Marching);
    if below { a.rest().doing(Verb::Burrow) } else { a.rest() }
}

/// Through the air to Sendai, and about over the hills before it, until her wings are shot.
pub(in crate::film) fn fly_to_sendai(a: &mut Actor<'_>) -> SeatInput {
    let goal = places::sky_over_sendai();
    match (a.set.queen_state(), a.flies()) {
        (QueenState::Active, false) => a.rest().doing(Verb::Fly),
        (QueenState::Active, true) => a.walk(goal, 20),
        _ => emerge(a),
    }
}

/// Down, and under the ground to the edge of the city; there a hive is planted once there is silicon to
/// feed it.
pub(in crate::film) fn plant(a: &mut Actor<'_>) -> SeatInput {
    let goal = places::second_flower();
    let stored = a.set.silicon() >= STORE_SI;
    match a.set.queen_state() {
        QueenState::Active => a.rest().doing(if a.flies() { Verb::Fly } else { Verb::Burrow }),
        _ if a.is_within(goal, 12) && stored => a.rest().doing(Verb::Plant),
        _ => a.walk(goal, 8),
    }
}

/// Feeds the flower until it blooms. The oxygen is full before that; what comes on top is lost, and
/// charges keep it from launching.
pub(in crate::film) fn bloom(a: &mut Actor<'_>) -> SeatInput {
    feed_share(a, 100);
    a.walk(shifted(places::second_flower(), 0, -20), 10)
}

/// Comes up before Gamera: legs, then the horn, then whatever brings her down.
pub(in crate::film) fn ambush(a: &mut Actor<'_>) -> SeatInput {
    let Some(gamera) = a.set.gamera() else { return a.rest() };
    if a.set.queen_state() != QueenState::Active {
        return emerge(a);
    }
    let input = if a.is_within(gamera, 300) { a.walk(gamera, 45) } else { a.rest() };
    let charging = a.set.charging() > 0;
    let strong = a.set.gamera_health() > 250;
    let stands = a.set.own(a.set.seat(Role::Gamera)).mover.velocity.speed() < metres(1);
    match () {
        () if charging => a.rest().doing(Verb::Beam).at(gamera),
        () if a.is_ready(Verb::Impale) && strong && stands && a.is_within(gamera, 50) => {
            a.rest().doing(Verb::Impale).at(gamera)
        }
        () if a.is_ready(Verb::Beam) && a.set.heard(EventKind::GameraImpaled) => a.rest().doing(Verb::Beam).at(gamera),
        () => input.doing(Verb::Strike).at(gamera),
    }
}

/// Away under the ground, and to the edge of the city.
pub(in crate::film) fn slip_away(a: &mut Actor<'_>) -> SeatInput {
    if a.set.queen_state() == QueenState::Active {
        return a.rest().doing(Verb::Burrow);
    }
    a.walk(places::last_lair(), 8)
}

/// Out of Sendai; waits under the hills for the hum, and for Gamera.
pub(in crate::film) fn leave_sendai(a: &mut Actor<'_>) -> SeatInput {
    if a.set.queen_state() == QueenState::Active {
        return a.rest().doing(Verb::Burrow);
    }
    leave(a)
}

/// Eastwards.
pub(in crate::film) fn march(a: &mut Actor<'_>) -> SeatInput {
    if a.set.queen_state() == QueenState::Active {
        return a.rest();
    }
    a.walk(places::arena(), 30)
}

/// On a little; there the egg chamber opens, as often as it can.
pub(in crate::film) fn burst(a: &mut Actor<'_>) -> SeatInput {
    let arena = places::arena();
    let there = a.is_within(arena, 60);
    match a.set.queen_state() {
        QueenState::Active if there && a.is_ready(Verb::BroodBurst) => a.rest().doing(Verb::BroodBurst),
        QueenState::Active if there => a.rest(),
        QueenState::Active => a.walk(arena, 30),
        QueenState::Lair | QueenState::Marching if there => emerge(a),
        _ => a.walk(arena, 30),
    }
}

/// Stands before Gamera, up and in the open.
pub(in crate::film) fn face(a: &mut Actor<'_>) -> SeatInput {
    if a.set.queen_state() == QueenState::Active { a.walk(places::arena(), 60) } else { emerge(a) }
}

/// Charges the horn with Gamera beside her, once missiles have broken her claws or the battery has fired all it had
/// at them.
pub(in crate::film) fn bait(a: &mut Actor<'_>) -> SeatInput {
    let beside = a.set.gamera().is_some_and(|g| a.is_within(g, 100));
    let dared = a.set.heard(EventKind::ClawsBroken) || a.set.is_battery_spent();
    let up = a.set.queen_state() == QueenState::Active && dared;
    match a.set.gamera() {
        Some(gamera) if up && beside => a.rest().doing(Verb::Beam).at(gamera),
        _ => face(a),
    }
}

/// Whips from the stump.
pub(in crate::film) fn whip(a: &mut Actor<'_>) -> SeatInput {
    if a.set.queen_state() == QueenState::Active { a.rest().doing(Verb::Whips) } else { a.rest() }
}
