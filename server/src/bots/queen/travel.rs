//! How the queen gets about: through the air, three times as fast, or beneath the ground, which hides
//! and heals her; and on the march round those who wait for her.

use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind};
use gamera_protocol::input::{SeatInput, Verb};
use gamera_protocol::measure::{Pos, UNITS_PER_M, metres};
use gamera_protocol::view::{GameraState, Marks, Phase};

use super::{Scene, go_under, is_last, land};
use crate::bots::look;
use crate::bots::mind::Mind;

/// She flies where the way is at least this long, metres.
const FLY_FROM_M: i32 = 1_000;
/// And where Gamera is farther than this, metres.
const CHASE_M: i32 = 1_000;
/// Lands this near her goal, metres.
const LAND_AT_M: i32 = 500;
/// And so near while Gamera can do nothing.
const LAND_ALONE_AT_M: i32 = 250;
/// Wings with less than this, thousandths, are spared: whole ones let her heal below.
const WINGS_SPARED: u16 = 350;
/// And with so much more for each jet about.
const WINGS_A_JET: u16 = 150;
/// Jets are reckoned with this near, metres.
const JETS_M: i32 = 1_500;
/// In the air with jets about she goes down below this, thousandths.
const WINGS_DOWN: u16 = 200;
/// With less strength than this, percent, she does not show herself in the air while Gamera is about: the
/// plasma beam would be the end of her.
const SPENT_PCT: i32 = 25;
/// A second saved is worth so many points of healing.
const SECOND_WORTH: i32 = 60;
/// And so many while Gamera can do nothing against what she does there.
const SECOND_WORTH_ALONE: i32 = 80;
/// From planting to the seed it takes a flower about this long, seconds: later than that before the end
/// there is no time to lose.
const FLOWER_TAKES_S: i32 = 380;
/// Going up and down takes so long, seconds.
const UP_AND_DOWN_S: i32 = 6;
/// Whoever waits before the last city is passed by this far to the side, metres.
const DETOUR_M: i32 = 700;
/// This far before the tank line she turns no more, metres.
const COMMITTED_M: i32 = 400;
/// Past the tank line by this much she makes straight for her goal, metres.
const PAST_LINE_M: i32 = 150;

/// Nothing is left to guard here: the next city waits.
pub(super) fn leave(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let goal = destination(mind, scene)?;
    if scene.rival(CHASE_M).is_some() {
        mind.note_chase(scene.view.tick());
        return Some(go_under(scene));
    }
    let way = way_to(mind, scene, goal);
    if look::flies(scene.view) {
        let there = is_landing(scene, goal) || is_shot_down(mind, scene);
        return Some(if there { land() } else { look::walk(scene.view, way, 60) });
    }
    let fly = look::is_ready(scene.view, Verb::Fly) && prefers_air(mind, scene, goal);
    Some(if fly { look::walk(scene.view, way, 60).doing(Verb::Fly) } else { go_under(scene) })
}

/// Under way to the next city.
pub(super) fn depart(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let goal = destination(mind, scene)?;
    let input = look::walk(scene.view, way_to(mind, scene, goal), 60);
    Some(if prefers_air(mind, scene, goal) { input.doing(Verb::Burrow) } else { input })
}

/// A new city without a hive: by air if her wings carry her, then down to where it can be planted. Until
/// then she lives from her own flesh, and nothing weighs as much as the time.
pub(super) fn settle(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    if !needs_hive(mind, scene) {
        return None;
    }
    let site = next_lair(scene.view.team.city);
    let chased = scene.rival(CHASE_M).is_some();
    if chased {
        mind.note_chase(scene.view.tick());
    }
    let input = look::walk(scene.view, site, 100);
    let far = !is_landing(scene, site);
    let wings = scene.me.wings_permille > 0 && look::is_ready(scene.view, Verb::Fly);
    Some(match (far, look::flies(scene.view)) {
        (true, true) => input,
        (true, false) if wings && !chased => input.doing(Verb::Fly),
        _ => go_under(scene),
    })
}

/// Plants a hive where the new city has none.
pub(super) fn plant(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let site = next_lair(scene.view.team.city);
    let chased = mind.is_chased(scene.view.tick());
    needs_hive(mind, scene).then(|| {
        let input = look::walk(scene.view, site, 40);
        let far = !look::is_within(scene.view, site, FLY_FROM_M);
        match look::is_within(scene.view, site, 60) {
            true => input.doing(Verb::Plant),
            false if far && scene.me.wings_permille > 0 && !chased => input.doing(Verb::Burrow),
            false => input,
        }
    })
}

/// True where the city that is fought over can have a hive and has none.
fn needs_hive(mind: &Mind, scene: &Scene<'_>) -> bool {
    let team = scene.view.team;
    let none = team.cities[team.city.index()].flower.is_none() && !mind.is_flower_gone(team.city);
    none && team.city != City::Sapporo && team.phase == Phase::Siege
}

/// Where she is on her way to, once she is.
fn destination(mind: &Mind, scene: &Scene<'_>) -> Option<Pos> {
    let team = scene.view.team;
    let marching = matches!(team.phase, Phase::Interlude | Phase::March);
    let spent = mind.is_flower_gone(team.city) && !is_last(scene);
    let goal = if marching { team.city } else { following(team.city) };
    (marching || spent).then(|| next_lair(goal))
}

/// The way through the air saves time and may cost her her wings; the way below heals as long as they
/// are whole. What weighs more follows from her wounds, from the jets about and from how much the time
/// is worth now.
fn prefers_air(mind: &Mind, scene: &Scene<'_>, goal: Pos) -> bool {
    let view = scene.view;
    let far = !look::is_within(view, goal, FLY_FROM_M);
    if !far || mind.is_chased(view.tick()) || scene.rival(CHASE_M).is_some() {
        return false;
    }
    if scene.me.wings_permille < wings_needed(mind, scene) || is_spent(scene) {
        return false;
    }
    let row = mind.balance.units.of(Kind::Queen);
    let seconds = |speed: i32| view.pos().distance(goal) / speed.max(1);
    let (below_s, above_s) = (seconds(row.burrow_speed()), seconds(row.fly_speed()) + UP_AND_DOWN_S);
    let campaign = &mind.balance.campaign;
    if is_last(scene) && view.tick().seconds() as i32 + below_s + FLOWER_TAKES_S > campaign.end_s {
        return true;
    }
    let wounds = view.own.health_max - view.own.health;
    let heals = wounds.min(mind.balance.legion.lair_heal_s * below_s);
    (below_s - above_s) * second_worth(scene) > heals
}

/// What her wings must have for the air: while Gamera can do nothing the time is worth more than they are.
fn wings_needed(mind: &Mind, scene: &Scene<'_>) -> u16 {
    let spared = WINGS_SPARED + WINGS_A_JET * jets_about(mind, scene).min(3) as u16;
    if is_alone(scene) { WINGS_DOWN } else { spared }
}

/// Points of healing that a second is worth: more where a flower can grow before Gamera is back.
fn second_worth(scene: &Scene<'_>) -> i32 {
    if is_alone(scene) { SECOND_WORTH_ALONE } else { SECOND_WORTH }
}

/// True where she comes down for her goal.
fn is_landing(scene: &Scene<'_>, goal: Pos) -> bool {
    look::is_within(scene.view, goal, if is_alone(scene) { LAND_ALONE_AT_M } else { LAND_AT_M })
}

/// True while Gamera can do nothing.
fn is_alone(scene: &Scene<'_>) -> bool {
    matches!(scene.gamera_state, Some(GameraState::Coma | GameraState::Dead))
}

/// True where one more beam would be the end of her.
fn is_spent(scene: &Scene<'_>) -> bool {
    !is_alone(scene) && look::health_pct(scene.view) < SPENT_PCT
}

fn jets_about(mind: &Mind, scene: &Scene<'_>) -> i64 {
    let near =
        |t: &&gamera_protocol::view::Thing| !t.marks.has(Marks::GHOST) && look::is_within(scene.view, t.pos, JETS_M);
    mind.worth(scene.view.things.of_kind(Kind::Jet).filter(near))
}

/// True where the next passes would break her wings: below she keeps what is left of them.
fn is_shot_down(mind: &Mind, scene: &Scene<'_>) -> bool {
    scene.me.wings_permille < WINGS_DOWN && jets_about(mind, scene) > 0
}

/// The next place on the way: on the march to the last city not straight through the middle, where tanks
/// and Gamera wait, but past them on the side where she was not seen. Near the line it is too late to turn.
fn way_to(mind: &mut Mind, scene: &Scene<'_>, goal: Pos) -> Pos {
    let (own, line) = (scene.view.pos(), metres(ground::TANK_LINE_X_M));
    let past = line + metres(PAST_LINE_M);
    if scene.view.team.phase != Phase::March || own.x >= line {
        return goal;
    }
    if own.x >= line - metres(COMMITTED_M) {
        return ground::clamp(Pos::new(past, own.y));
    }
    let drawn = mind.lane();
    let middle = ground::city_centre(City::Tokyo).y;
    let lanes = [middle, middle - metres(DETOUR_M), middle + metres(DETOUR_M)];
    let gamera = scene.view.things.of_kind(Kind::Gamera).next().map(|g| g.pos);
    let waits = gamera.filter(|g| g.x > own.x && g.x < past + metres(CHASE_M));
    let y = waits.map_or(lanes[drawn % lanes.len()], |g| farthest(lanes, g.y));
    ground::clamp(Pos::new(past, y))
}

fn farthest(lanes: [i32; 3], from: i32) -> i32 {
    lanes.into_iter().max_by_key(|y| (y - from).abs() / UNITS_PER_M).unwrap_or(from)
}

/// Where she plants in a city: the station in its middle, where all lines meet.
pub(super) fn next_lair(city: City) -> Pos {
    ground::city(city).stations.last().map_or(ground::city_centre(city), |s| s.pos)
}

fn following(city: City) -> City {
    City::from_index(city.index() + 1).unwrap_or(city)
}
