//! Gamera's blows: claws and tail, and the fireball that the queen's claws jam.

use gamera_protocol::balance::Rule;
use gamera_protocol::ids::{Kind, Layer, SeatId, Side};
use gamera_protocol::input::{Aim, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres, share, ticks};
use gamera_protocol::view::Marks;

use super::{body, body_mut, wariness};
use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::hit::{Hit, Part, Target};
use crate::sim::target::{self, Reach};

/// One tick of claws and tail on the nearest enemy.
pub(super) fn strike(battle: &mut Battle, seat: SeatId) {
    let n = &battle.balance.gamera;
    let (reach_m, damage_milli) = (n.melee_range_m, share(n.melee_damage_s * 1_000, battle.tick));
    let input = battle.seats[seat.index()].input;
    let prey = queen_in_reach(battle, reach_m)
        .then_some(Target::Unit(battle.legion.queen.unit))
        .or_else(|| target::find(battle, &reach(battle, reach_m), &input))
        .filter(|target| !is_rooted(battle, *target));
    if let Some(target) = prey {
        hit(battle, seat, target, damage_milli);
    }
}

/// A fireball at what the seat aims at, or at the queen, or at the nearest enemy.
pub(super) fn fireball(battle: &mut Battle, seat: SeatId) {
    let n = battle.balance.gamera;
    let now = battle.tick;
    if !battle.seats[seat.index()].is_ready(Verb::Fireball, now) || !battle.has(Rule::Fireball) {
        return;
    }
    let Some((target, impact)) = mark(battle, seat, n.fireball_range_m) else { return };
    let cooldown = ticks(n.fireball_cooldown_s as u32);
    battle.seats[seat.index()].cool_down(Verb::Fireball, now, cooldown);
    if let Some(target) = target {
        let jammed = target == Target::Unit(battle.legion.queen.unit)
            && battle.has(Rule::Claws)
            && battle.legion.queen.parts.stands(Part::Claws);
        let pct = if jammed { n.claws_jam_pct } else { 100 };
        hit(battle, seat, target, n.fireball_damage * 10 * pct);
    }
    body_mut(battle).marks = body(battle).marks.with(Marks::ATTACKING, true);
    burn(battle, seat, impact, metres(n.fireball_radius_m));
    wariness::kill_citizens(battle, impact, Micro::milli(n.fireball_deaths_milli_tok));
}

/// What a fireball is meant for and where it comes down; the bare ground is a target too.
fn mark(battle: &Battle, seat: SeatId, range_m: i32) -> Option<(Option<Target>, Pos)> {
    let mut input: SeatInput = battle.seats[seat.index()].input;
    if input.aim.is_none() && queen_in_reach(battle, range_m) {
        input.aim = Some(Aim::at(battle.units[battle.legion.queen.unit].pos()));
    }
    let reach = reach(battle, range_m);
    let target = target::find(battle, &reach, &input);
    let place = match target {
        Some(Target::Unit(id)) => Some(battle.units[id].pos()),
        Some(Target::Structure(id)) => Some(battle.structures[id].pos),
        Some(Target::Soldier(index)) => Some(battle.swarm.soldiers[index].pos),
        Some(Target::Part(_)) | None => input.aim.map(Aim::pos).filter(|aim| reach.from.within(*aim, reach.range)),
    };
    place.map(|place| (target, place))
}

fn reach(battle: &Battle, range_m: i32) -> Reach {
    Reach { side: Side::Gamera, from: body(battle).pos(), range: metres(range_m), sky: true }
}

/// True where the queen is in the open and within `range_m` of her edge; claws reach from the
/// ground to the ground and from the air into the air.
fn queen_in_reach(battle: &Battle, range_m: i32) -> bool {
    let (gamera, queen) = (body(battle), &battle.units[battle.legion.queen.unit]);
    let level = queen.layer() == gamera.layer() || range_m > battle.balance.gamera.melee_range_m;
    let edge = metres(range_m + battle.balance.units.of(Kind::Queen).radius_m);
    queen.is_up() && queen.layer() != Layer::Underground && level && gamera.pos().within(queen.pos(), edge)
}

/// What grows from the ground does not yield to claws: it has to be uprooted.
fn is_rooted(battle: &Battle, target: Target) -> bool {
    matches!(target, Target::Structure(id) if matches!(battle.structures[id].kind, Kind::Flower | Kind::Pod))
}

/// Queues a blow; the queen takes it on the part that faces Gamera as well.
fn hit(battle: &mut Battle, seat: SeatId, target: Target, damage_milli: i32) {
    let by = Some(seat);
    battle.hits.push(Hit { target, damage_milli, by });
    if target == Target::Unit(battle.legion.queen.unit)
        && let Some(part) = part_facing(battle)
    {
        let pct = battle.balance.gamera.part_damage_pct;
        battle.hits.push(Hit { target: Target::Part(part), damage_milli: damage_milli / 100 * pct, by });
    }
    body_mut(battle).marks = body(battle).marks.with(Marks::ATTACKING, true);
}

/// The part of the queen that is turned towards Gamera: her claws guard the front, the egg chamber
/// lies behind, a leg at each corner between. So where Gamera stands decides what she breaks.
fn part_facing(battle: &Battle) -> Option<Part> {
    const EIGHTH: i32 = 8_192;
    let queen = &battle.units[battle.legion.queen.unit].mover;
    let turn = queen.heading.turn_to(queen.pos.angle_to(body(battle).pos()));
    match turn {
        t if t.abs() < EIGHTH => None,
        t if t.abs() >= 3 * EIGHTH => Some(Part::EggChamber),
        t if t >= 2 * EIGHTH => Some(Part::Leg(1)),
        t if t >= 0 => Some(Part::Leg(0)),
        t if t <= -2 * EIGHTH => Some(Part::Leg(3)),
        _ => Some(Part::Leg(2)),
    }
}

/// Everything small around the impact burns.
fn burn(battle: &mut Battle, seat: SeatId, at: Pos, radius: i32) {
    let burnt: Vec<usize> = battle.swarm.near(at, radius).filter(|i| !battle.swarm.soldiers[*i].underground).collect();
    for index in burnt {
        let damage_milli = battle.swarm.soldiers[index].health_milli;
        battle.hits.push(Hit { target: Target::Soldier(index), damage_milli, by: Some(seat) });
    }
}
