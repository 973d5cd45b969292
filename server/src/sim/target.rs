//! Finding what an attack is meant for.

use gamera_protocol::ids::{Kind, Layer, SeatId, Side};
use gamera_protocol::input::{SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{Marks, side_of};

use super::Battle;
use super::hit::{Hit, Target};
use super::rewind::judged_at;
use super::unit::UnitId;

/// How far from the point aimed at a target may be, metres.
const AIM_SLACK_M: i32 = 25;

/// What an attack can reach.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Reach {
    /// Who attacks.
    pub(in crate::sim) side: Side,
    /// From where.
    pub(in crate::sim) from: Pos,
    /// How far, grid units, to the target's edge.
    pub(in crate::sim) range: i32,
    /// Can it reach into the sky?
    pub(in crate::sim) sky: bool,
}

/// The hostile target nearest to where the seat aims, or to itself without an aim: units where the
/// shooter saw them, structures, soldiers. `None` where nothing hostile is in reach.
pub(in crate::sim) fn find(battle: &Battle, reach: &Reach, input: &SeatInput) -> Option<Target> {
    let aim = input.aim.map(|a| a.pos());
    let centre = aim.unwrap_or(reach.from);
    let fits = |pos: Pos, radius: i32| {
        reach.from.within(pos, reach.range + radius) && aim.is_none_or(|a| a.within(pos, metres(AIM_SLACK_M) + radius))
    };
    let units =
        hostile_units(battle, reach, input).filter(|(_, p, r)| fits(*p, *r)).map(|(id, p, _)| (Target::Unit(id), p));
    let structures = battle
        .structures
        .iter()
        .filter(|(_, s)| s.health_milli > 0 && side_of(s.kind).is_some_and(|side| hostile(battle, reach.side, side)))
        // A flower is only hit by who means it: at some oxygen a stray shell would end a city.
        .filter(|(_, s)| s.kind != Kind::Flower || aim.is_some())
        .filter(|(_, s)| s.layer == Layer::Surface && fits(s.pos, metres(battle.balance.units.of(s.kind).radius_m)))
        .map(|(id, s)| (Target::Structure(id), s.pos));
    let best = units.chain(structures).min_by_key(|(_, p)| centre.distance2(*p));
    let soldier = nearest_soldier(battle, reach, centre, aim.is_some());
    match (best, soldier) {
        (Some((_, p)), Some((target, q))) if centre.distance2(q) < centre.distance2(p) => Some(target),
        (None, Some((target, _))) => Some(target),
        (best, _) => best.map(|(target, _)| target),
    }
}

/// True where `side` may attack what belongs to `other`: the SDF fires on Gamera's own body only
/// with weapons free, and never on her people.
fn hostile(_battle: &Battle, side: Side, other: Side) -> bool {
    (side == Side::Legion) != (other == Side::Legion)
}

fn hostile_units<'a>(
    battle: &'a Battle,
    reach: &Reach,
    input: &SeatInput,
) -> impl Iterator<Item = (UnitId, Pos, i32)> + 'a {
    let when = judged_at(battle, input.seen);
    let Reach { side, sky, .. } = *reach;
    battle
        .units
        .iter()
        .filter(move |(_, u)| u.is_up() && side_of(u.kind).is_some_and(|other| hostile(battle, side, other)))
        .map(move |(id, u)| {
            let (pos, layer) = battle.rewind.place(id, when).unwrap_or((u.pos(), u.layer()));
            (id, u.kind, pos, layer)
        })
        .filter(move |(.., layer)| *layer == Layer::Surface || (sky && *layer == Layer::Sky))
        .map(|(id, kind, pos, _)| (id, pos, metres(battle.balance.units.of(kind).radius_m)))
}

fn nearest_soldier(battle: &Battle, reach: &Reach, centre: Pos, aimed: bool) -> Option<(Target, Pos)> {
    if reach.side == Side::Legion {
        return None;
    }
    let radius = if aimed { metres(AIM_SLACK_M) } else { reach.range };
    battle
        .swarm
        .near(centre, radius)
        .map(|i| (i, &battle.swarm.soldiers[i]))
        .filter(|(_, s)| !s.underground && s.health_milli > 0 && reach.from.within(s.pos, reach.range))
        .min_by_key(|(_, s)| centre.distance2(s.pos))
        .map(|(i, s)| (Target::Soldier(i), s.pos))
}

/// The seat fires its own weapon, if it is held, loaded and something is in reach: damage, range
/// and cooldown are those of its kind's row. Returns what it hit.
pub(in crate::sim) fn strike(battle: &mut Battle, seat: SeatId, unit: UnitId, verb: Verb) -> Option<Target> {
    let now = battle.tick;
    let s = &battle.seats[seat.index()];
    if s.input.verb != Some(verb) || !s.is_ready(verb, now) {
        return None;
    }
    let u = &battle.units[unit];
    let row = *battle.balance.units.of(u.kind);
    let reach = Reach {
        side: s.playing.side(),
        from: u.pos(),
        range: row.range(),
        sky: matches!(u.kind, Kind::Jet | Kind::Tank | Kind::Missiles),
    };
    let target = find(battle, &reach, &s.input)?;
    let damage_milli = battle.scaled_milli(seat, row.damage);
    battle.hits.push(Hit { target, damage_milli, by: Some(seat) });
    battle.seats[seat.index()].cool_down(verb, now, row.cooldown_ticks());
    let u = &mut battle.units[unit];
    u.marks = u.marks.with(Marks::ATTACKING, true);
    Some(target)
}
