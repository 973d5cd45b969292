//! Questions that the bots ask of a view. Answers come from the view's indices; none walks
//! everything in sight.

use gamera_protocol::ground::{self, CityGround};
use gamera_protocol::ids::{City, Kind, Layer, Side};
use gamera_protocol::input::{Aim, NEVER_TICKS, Order, SeatInput, Verb, verbs_of};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::motion::Gait;
use gamera_protocol::view::{FlowerView, Marks, SeatView, Thing};

use super::mind::Mind;

/// A crowd is looked for at so many places.
const PLACES_LOOKED_AT: usize = 8;

/// A leader does not call again for a place this near the last, metres.
const CALLED_M: i32 = 300;

/// A flower and what is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flower {
    pub(super) pos: Pos,
    pub(super) known: FlowerView,
}

/// True where the verb has cooled down.
pub(super) fn is_ready(view: &SeatView<'_>, verb: Verb) -> bool {
    cooldown(view, verb) == Some(0)
}

/// True where `verb` cannot be had in this match at all.
pub(super) fn is_lost(view: &SeatView<'_>, verb: Verb) -> bool {
    cooldown(view, verb) == Some(NEVER_TICKS)
}

/// Ticks until the seat's own verb is ready.
fn cooldown(view: &SeatView<'_>, verb: Verb) -> Option<u16> {
    let slot = verbs_of(view.own.role).position(|row| row.verb == verb)?;
    Some(view.own.cooldowns[slot])
}

/// The first of several wishes that there is and that can be had; else to stand still.
pub(super) fn first(view: &SeatView<'_>, mut wishes: impl Iterator<Item = Option<SeatInput>>) -> SeatInput {
    let can_be_had = |input: &SeatInput| input.verb.is_none_or(|verb| !is_lost(view, verb));
    wishes.find_map(|wish| wish.filter(can_be_had)).unwrap_or_default()
}

/// True while the seat is in the middle of `verb`.
pub(super) fn is_busy_with(view: &SeatView<'_>, verb: Verb) -> bool {
    view.own.channel.is_some_and(|(v, ..)| v == verb)
}

/// Health of the own unit, percent.
pub(super) fn health_pct(view: &SeatView<'_>) -> i32 {
    view.own.health * 100 / view.own.health_max.max(1)
}

/// The ground of the city that the match is about now.
pub(super) fn city(view: &SeatView<'_>) -> &'static CityGround {
    ground::city(view.team.city)
}

/// A giant, where it is seen or felt now.
pub(super) fn giant<'a>(view: &SeatView<'a>, kind: Kind) -> Option<&'a Thing> {
    view.things.of_kind(kind).find(|t| !t.marks.has(Marks::GHOST))
}

/// A giant that can be struck at: seen in the flesh, and not under the ground.
pub(super) fn exposed<'a>(view: &SeatView<'a>, kind: Kind) -> Option<&'a Thing> {
    giant(view, kind).filter(|t| t.layer != Layer::Underground && !t.marks.has(Marks::BLIP))
}

/// The flower (or pod) of the city that the match is about, where its place is known.
pub(super) fn flower(view: &SeatView<'_>) -> Option<Flower> {
    let known = view.team.cities[view.team.city.index()].flower?;
    let inside = |t: &&Thing| ground::city_at(t.pos) == Some(view.team.city);
    let mut found = view.things.of_kind(Kind::Flower).chain(view.things.of_kind(Kind::Pod)).filter(inside);
    Some(Flower { pos: found.next()?.pos, known })
}

/// True where the two sides fight each other by themselves: the Legion against everyone.
pub(super) fn is_foe(own: Side, other: Side) -> bool {
    (own == Side::Legion) != (other == Side::Legion)
}

/// True for a thing that a weapon of `own` can be aimed at.
pub(super) fn is_target(own: Side, thing: &Thing) -> bool {
    thing.side().is_some_and(|side| is_foe(own, side))
        && thing.layer != Layer::Underground
        && !thing.marks.has(Marks::GHOST)
        && !thing.marks.has(Marks::BLIP)
}

/// The nearest thing within `range_m` of the own unit that would strike back or run: what is built
/// is left to those who came for it.
pub(super) fn nearest_foe<'a>(view: &SeatView<'a>, range_m: i32) -> Option<&'a Thing> {
    let from = view.pos();
    foes(view, range_m).min_by_key(|t| from.distance2(t.pos))
}

/// Everything within `range_m` of the own unit that would strike back or run.
pub(super) fn foes<'a>(view: &SeatView<'a>, range_m: i32) -> impl Iterator<Item = &'a Thing> + use<'a> {
    let side = view.own.role.side();
    let fits = move |t: &&Thing| is_target(side, t) && !is_built(t.kind);
    view.things.near(view.pos(), range_m).filter(fits)
}

const fn is_built(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Flower | Kind::Pod | Kind::Roadblock | Kind::Pylon | Kind::Substation | Kind::Lab | Kind::Sonar
    )
}

/// True where at least `many` soldiers are seen above ground within `radius_m` of `pos`.
pub(super) fn swarms(view: &SeatView<'_>, pos: Pos, radius_m: i32, many: usize) -> bool {
    let soldier = |t: &&Thing| t.kind == Kind::Soldier && t.layer == Layer::Surface && !t.marks.has(Marks::GHOST);
    view.things.near(pos, radius_m).filter(soldier).take(many).count() >= many
}

/// Where within `range_m` of `pos` the swarm stands thickest above ground: a place with at least `many`
/// soldiers within `radius_m`. Looks at a few places only.
pub(super) fn thickest(view: &SeatView<'_>, pos: Pos, range_m: i32, radius_m: i32, many: usize) -> Option<Pos> {
    let stands =
        |t: &&Thing| t.kind == Kind::Soldier && is_target(view.own.role.side(), t) && !t.marks.has(Marks::LATCHED);
    let all: Vec<Pos> = view.things.near(pos, range_m).filter(stands).map(|t| t.pos).collect();
    if all.len() < many {
        return None;
    }
    let count = |at: &Pos| view.things.near(*at, radius_m).filter(stands).count();
    let looked_at = all.iter().step_by(all.len().div_ceil(PLACES_LOOKED_AT)).map(|at| (count(at), *at));
    looked_at.max_by_key(|(count, _)| *count).filter(|(count, _)| *count >= many).map(|(_, at)| at)
}

/// Where the own leader calls to, unless that is farther than `within_m`.
pub(super) fn call(view: &SeatView<'_>, within_m: i32) -> Option<Pos> {
    view.team.rally.filter(|at| is_within(view, *at, within_m))
}

/// The order that calls the own side to `at`, unless it has been called near there.
pub(super) fn rally(view: &SeatView<'_>, at: Pos) -> Option<Order> {
    let called = view.team.rally.is_some_and(|old| old.within(at, metres(CALLED_M)));
    (!called).then(|| Order::Rally { at: Aim::at(at) })
}

/// An input that stands still and does nothing.
pub(super) fn rest() -> SeatInput {
    SeatInput::default()
}

/// Goes to `goal`, and stands within `near_m` metres of it.
pub(super) fn walk(view: &SeatView<'_>, goal: Pos, near_m: i32) -> SeatInput {
    rest().towards(view.pos(), goal, metres(near_m))
}

/// Goes to where rounds and charges are loaded.
pub(super) fn walk_to_load(mind: &Mind, view: &SeatView<'_>) -> SeatInput {
    walk(view, city(view).exit, mind.balance.sdf.resupply_range_m / 2)
}

/// Goes away from `danger`.
pub(super) fn walk_away(view: &SeatView<'_>, danger: Pos) -> SeatInput {
    SeatInput { heading: Some(danger.angle_to(view.pos()).to_byte()), ..rest() }
}

/// Goes to within `reach_m` of `goal` and does `verb` there, aimed at it.
pub(super) fn walk_and(view: &SeatView<'_>, goal: Pos, reach_m: i32, verb: Verb) -> SeatInput {
    let input = walk(view, goal, reach_m * 3 / 4);
    if view.pos().within(goal, metres(reach_m)) { input.doing(verb).at(goal) } else { input }
}

/// True where the own unit is within `m` metres of `pos`.
pub(super) fn is_within(view: &SeatView<'_>, pos: Pos, m: i32) -> bool {
    view.pos().within(pos, metres(m))
}

/// True while the own unit flies.
pub(super) fn flies(view: &SeatView<'_>) -> bool {
    view.own.mover.gait == Gait::Fly
}

/// True while the own unit is under the ground.
pub(super) fn is_below(view: &SeatView<'_>) -> bool {
    view.own.mover.gait == Gait::Burrow
}

/// The sites of `all` that something of `kind` still stands at, as far as the view shows: a site
/// out of sight counts as it was.
pub(super) fn standing(view: &SeatView<'_>, kind: Kind, all: &[Pos]) -> Vec<Pos> {
    let spent = |site: &Pos| view.things.of_kind(kind).any(|t| t.health == 0 && t.pos.within(*site, metres(4)));
    all.iter().filter(|site| !spent(site)).copied().collect()
}

/// Citizens still in `city`, percent of all that lived there.
pub(super) fn staying_pct(view: &SeatView<'_>, city: City) -> i32 {
    let c = &view.team.cities[city.index()];
    let all = i32::from(c.staying_dtok) + i32::from(c.evacuated_dtok) + i32::from(c.dead_dtok);
    i32::from(c.staying_dtok) * 100 / all.max(1)
}

/// The district of the present city with the most people still in it.
pub(super) fn fullest_district(view: &SeatView<'_>) -> usize {
    let districts = &view.team.cities[view.team.city.index()].districts_dtok;
    (0..districts.len()).max_by_key(|d| (districts[*d], std::cmp::Reverse(*d))).unwrap_or(0)
}
