//! Gamera, Asagi and the light-bearers in their scenes.

use gamera_protocol::balance::GameraNumbers;
use gamera_protocol::event::EventKind;
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Role};
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{GameraState, Marks, QueenState};

use super::places;
use crate::film::actor::Actor;
use crate::film::set::shifted;

/// Of what the swarm has to weigh to be able to cover her, percent: some of it falls before.
const SWARM_PCT: i32 = 120;
/// Light-bearers wait this far south of the flower, metres: the swarm gathers about it, and Gamera comes
/// down between.
const BEARERS_WAIT_M: i32 = 120;
/// Soldiers this near the flower are there before it is torn out, metres.
const GATHERED_M: i32 = 190;
/// Oxygen above that from which a flower that falls takes the city with it.
const BLAST_MARGIN: i32 = 2;
/// How far into the shortest window of a charge she reaches for the horn, and how long before its end,
/// ticks.
const GRAB_MARGIN_TICKS: i32 = 2;
/// A light-bearer fetches a mote from this far, and brings it this far, metres.
const FETCH_M: i32 = 700;
const BRING_M: i32 = 1_000;

fn numbers(a: &Actor<'_>) -> GameraNumbers {
    a.set.battle().balance().gamera
}

/// The flower that she is at now.
fn flower(a: &Actor<'_>) -> Option<Pos> {
    let city = a.set.team().city;
    a.set.hive(city)
}

/// Names the coast, waits off it and goes ashore when the time has come.
pub(in crate::film) fn land(a: &mut Actor<'_>) -> SeatInput {
    let Some(flower) = flower(a) else { return a.rest() };
    if !a.plays(Role::Gamera) {
        let x_m = flower.to_m().0 as u16;
        if a.set.gamera_state() == GameraState::Away {
            a.order(Order::Landfall { x_m });
        }
        return bear_light(a);
    }
    let early = a.set.team().city == City::Sapporo && !is_swarm_there(a, flower);
    match a.set.gamera_state() {
        GameraState::Dived if early => a.walk(places::offing(flower), 10),
        GameraState::Dived => a.rest().doing(Verb::Dive),
        _ => a.fly(shifted(flower, 0, -50)),
    }
}

/// She comes ashore at Sapporo once enough of the swarm is about its flower: fewer could not cover her so
/// that it gets its name before the brood moves on to the next city.
fn is_swarm_there(a: &Actor<'_>, flower: Pos) -> bool {
    let n = &a.set.battle().balance().legion;
    let wanted = n.named_mass * SWARM_PCT / 100;
    let all = wanted * 100 / n.mob_max_pct.max(1);
    i32::from(a.set.mass()) >= all && a.set.mass_near(flower, GATHERED_M) >= wanted
}

/// Flies to the flower and tears it out.
pub(in crate::film) fn uproot(a: &mut Actor<'_>) -> SeatInput {
    let Some(flower) = flower(a) else { return a.rest() };
    if a.is_within(flower, 60) && !a.flies() { a.walk_and(flower, 60, Verb::Uproot) } else { a.fly(flower) }
}

/// Lets them come.
pub(in crate::film) fn stand(a: &mut Actor<'_>) -> SeatInput {
    a.rest()
}

/// Carries the mob along into the sea, and dives.
pub(in crate::film) fn retreat(a: &mut Actor<'_>) -> SeatInput {
    let sea = Pos::new(a.pos().x, metres(400));
    let swims = a.pos().y < metres(460) && !a.flies();
    match a.set.gamera_state() {
        GameraState::Dived => a.rest(),
        _ if swims => a.rest().doing(Verb::Dive),
        _ => a.fly(sea),
    }
}

/// Stays under water.
pub(in crate::film) fn heal(a: &mut Actor<'_>) -> SeatInput {
    a.rest()
}

/// Off the coast of Sendai, where the flower will be.
pub(in crate::film) fn wait_off_sendai(a: &mut Actor<'_>) -> SeatInput {
    if !a.plays(Role::Gamera) {
        return bear_light(a);
    }
    let may_surface = a.set.team().gamera.is_none_or(|g| g.timer_s == 0);
    match a.set.gamera_state() {
        GameraState::Dived if may_surface => a.rest().doing(Verb::Dive),
        GameraState::Dived => a.rest(),
        _ => a.fly(places::offing(places::second_flower())),
    }
}

/// Stands beside the flower and throws fireballs at the queen, which her claws jam.
pub(in crate::film) fn fight_at_the_flower(a: &mut Actor<'_>) -> SeatInput {
    let (Some(flower), Some(queen)) = (flower(a), a.set.queen()) else { return a.rest() };
    let up = a.set.queen_state() == QueenState::Active;
    let stand = shifted(flower, 0, -50);
    let input = if a.flies() { a.fly(stand) } else { a.walk(stand, 15) };
    match up {
        true if !a.flies() && a.is_ready(Verb::Fireball) => a.rest().doing(Verb::Fireball).at(queen),
        _ => input,
    }
}

/// Crawls to the flower; pushes it over once it is ripe enough to take the city with it.
pub(in crate::film) fn topple(a: &mut Actor<'_>) -> SeatInput {
    let Some(flower) = flower(a) else { return a.rest() };
    let n = numbers(a);
    let blast_at = n.uproot_safe_oxygen + BLAST_MARGIN;
    let ripe = a.set.oxygen(City::Sendai).is_some_and(|oxygen| i32::from(oxygen) >= blast_at);
    let input = a.walk(flower, n.topple_range_m * 3 / 4);
    if ripe && a.is_within(flower, n.topple_range_m) { input.doing(Verb::Uproot) } else { input }
}

/// Stays near the queen: on the march that heads her off.
pub(in crate::film) fn shadow(a: &mut Actor<'_>) -> SeatInput {
    let Some(queen) = a.set.queen() else { return a.rest() };
    let beside = shifted(queen, -150, 0);
    if a.flies() || !a.is_within(queen, 230) { a.fly(beside) } else { a.rest() }
}

/// Claws where she stands beside the queen, fireballs where not; once the plasma beam is all that it takes
/// she strikes no more.
pub(in crate::film) fn duel(a: &mut Actor<'_>) -> SeatInput {
    let Some(queen) = a.set.queen() else { return a.rest() };
    if a.flies() || !a.is_within(queen, 300) {
        return a.fly(queen);
    }
    if a.set.is_queen_spared() {
        return a.walk(queen, 120);
    }
    let fire = a.is_ready(Verb::Fireball);
    if fire { a.rest().doing(Verb::Fireball).at(queen) } else { a.walk_and(queen, 60, Verb::Strike) }
}

/// Reaches for the horn in the window of its charge.
pub(in crate::film) fn grab(a: &mut Actor<'_>) -> SeatInput {
    let Some(queen) = a.set.queen() else { return a.rest() };
    if a.flies() || !a.is_within(queen, 300) {
        return a.fly(queen);
    }
    let n = numbers(a);
    // A step later the charge is a tick older.
    let (open, end) = (n.grab_window_open_ticks, n.grab_window_open_ticks + n.grab_window_min_ticks);
    let charged = i32::from(a.set.charging()) + 1;
    let input = a.walk(queen, 60);
    if (open + GRAB_MARGIN_TICKS..end - GRAB_MARGIN_TICKS).contains(&charged) { input.doing(Verb::Grab) } else { input }
}

/// Stands off and roars.
pub(in crate::film) fn roar(a: &mut Actor<'_>) -> SeatInput {
    if a.flies() { a.rest().doing(Verb::Fly) } else { a.rest().doing(Verb::Roar) }
}

/// Roars and fights until the mana is there and the queen weak enough; then her chest opens.
pub(in crate::film) fn plasma(a: &mut Actor<'_>) -> SeatInput {
    let Some(queen) = a.set.queen() else { return a.rest() };
    let full = i32::from(a.set.mana_dm()) >= numbers(a).plasma_mana * 10;
    let weak = a.set.is_queen_weak();
    let roars = a.own.channel.is_some_and(|(verb, ..)| verb == Verb::Roar);
    let on_ground = !a.flies();
    match (full, weak) {
        (true, true) if on_ground => a.rest().doing(Verb::Plasma).at(queen),
        (false, _) if on_ground && (roars || a.is_ready(Verb::Roar)) => a.rest().doing(Verb::Roar),
        (false, _) if a.set.is_queen_spared() => a.walk(queen, 120),
        (_, false) => duel(a),
        _ => a.walk(queen, 120),
    }
}

/// Goes with Gamera where she goes, and senses her.
pub(in crate::film) fn sense(a: &mut Actor<'_>) -> SeatInput {
    if !a.plays(Role::Asagi) {
        return bear_light(a);
    }
    let up = matches!(a.set.gamera_state(), GameraState::Active);
    let dry = a.set.gamera().filter(|g| up && a.set.team().city == City::Sapporo && g.within(a.pos(), metres(900)));
    let goal = dry.or_else(|| flower(a).map(|f| shifted(f, 0, -240)));
    let input = goal.map_or(a.rest(), |goal| a.walk(goal, 220));
    if dry.is_some() { input.doing(Verb::Sense) } else { input }
}

/// On her way to a fallen Gamera.
pub(in crate::film) fn trek(a: &mut Actor<'_>) -> SeatInput {
    if !a.plays(Role::Asagi) {
        return a.rest();
    }
    let Some(body) = a.set.gamera() else { return a.rest() };
    a.walk(body, 40)
}

/// Holds the jewel out.
pub(in crate::film) fn offer(a: &mut Actor<'_>) -> SeatInput {
    if !a.plays(Role::Asagi) {
        return bear_light(a);
    }
    let Some(body) = a.set.gamera() else { return a.rest() };
    a.walk_and(body, 40, Verb::Offer)
}

/// A mote from a shrine to Gamera, wherever she is in reach; meanwhile citizens are calmed.
pub(in crate::film) fn bear_light(a: &mut Actor<'_>) -> SeatInput {
    if !a.plays(Role::LightBearer) {
        return a.rest();
    }
    let full = i32::from(a.own.carried) >= a.set.battle().balance().units.of(Kind::LightBearer).carries;
    let shrine = a.set.things().of_kind(Kind::Shrine).filter(|t| t.marks.has(Marks::LIVE)).map(|t| t.pos);
    let shrine = shrine.filter(|s| a.is_within(*s, FETCH_M)).min_by_key(|p| a.pos().distance2(*p));
    match (shrine, bearers_goal(a)) {
        (Some(shrine), _) if !full => a.walk_and(shrine, 15, Verb::Carry),
        (_, Some(goal)) if a.own.carried > 0 => bring(a, goal),
        _ => calm(a),
    }
}

/// In Sapporo the flower that Gamera will come for; else where she is, if she is near.
fn bearers_goal(a: &Actor<'_>) -> Option<Pos> {
    if a.set.team().city == City::Sapporo {
        return flower(a).map(|f| shifted(f, 0, -BEARERS_WAIT_M));
    }
    let there = !matches!(a.set.gamera_state(), GameraState::Away | GameraState::Dead | GameraState::Ascended);
    a.set.gamera().filter(|g| there && !ground::is_sea(*g) && a.is_within(*g, BRING_M))
}

fn bring(a: &Actor<'_>, goal: Pos) -> SeatInput {
    match a.set.gamera().filter(|g| a.is_within(*g, 150) && !ground::is_sea(*g)) {
        Some(gamera) => a.walk_and(gamera, 45, Verb::Carry),
        None => a.walk(goal, 10),
    }
}

fn calm(a: &mut Actor<'_>) -> SeatInput {
    let told = a.set.heard(EventKind::CitizensCalmed);
    if told { a.rest() } else { a.rest().doing(Verb::Calm) }
}
