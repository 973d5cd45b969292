//! Finding what an attack is meant for.

use gamera_protocol::ids::{Kind, Layer, SeatId, Side};
use gamera_protocol::input::{SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{Marks, side_of};

use super::Battle;
use super::arena::Class;
use super::hit::{Hit, Target};
use super::rewind::judged_at;
use super::structure::{Structure, StructureId};
use super::unit::UnitId;

/// Nobody gets farther than this within the ticks that an attack is judged back, metres.
const REWOUND_M: i32 = 80;
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
    /// What goes before anything nearer while no aim says otherwise: a giant.
    pub(in crate::sim) first: Option<UnitId>,
}

/// What an attack may be meant for, with its place.
type Candidate = (Target, Pos);

/// The hostile target nearest to where the seat aims, or to itself without an aim: units where the
/// shooter saw them, structures, soldiers. Only what the shooter's side sees or remembers can be
/// meant. `None` where nothing of it is in reach.
pub(in crate::sim) fn find(battle: &Battle, reach: &Reach, input: &SeatInput) -> Option<Target> {
    let aim = input.aim.map(|a| a.pos());
    let centre = aim.unwrap_or(reach.from);
    let fits = |pos: Pos, radius: i32| {
        reach.from.within(pos, reach.range + radius) && aim.is_none_or(|a| a.within(pos, metres(AIM_SLACK_M) + radius))
    };
    let units = units(battle, reach, input).filter(|(id, p)| fits(*p, radius(battle, battle.units[*id].kind)));
    let structures = structures(battle, reach)
        // A flower is only hit by who means it: at some oxygen a stray shell would end a city.
        .filter(|(_, s)| s.kind != Kind::Flower || aim.is_some())
        .filter(|(_, s)| fits(s.pos, radius(battle, s.kind)));
    let candidates = units
        .map(|(id, p)| (Target::Unit(id), p))
        .chain(structures.map(|(id, s)| (Target::Structure(id), s.pos)))
        .chain(nearest_soldier(battle, reach, centre, aim.is_some()));
    let first = reach.first.filter(|_| aim.is_none()).map(Target::Unit);
    candidates.min_by_key(|(target, p)| (Some(*target) != first, centre.distance2(*p))).map(|(target, _)| target)
}

fn radius(battle: &Battle, kind: Kind) -> i32 {
    metres(battle.balance.units.of(kind).radius_m)
}

/// True where `side` may attack what belongs to `other`: the SDF fires on Gamera's own body only
/// with weapons free, and never on her people.
fn is_hostile(side: Side, other: Kind) -> bool {
    side_of(other).is_some_and(|other| (side == Side::Legion) != (other == Side::Legion))
}

/// Hostile units in sight, each where it was when the shooter saw it.
fn units<'a>(battle: &'a Battle, reach: &Reach, input: &SeatInput) -> impl Iterator<Item = (UnitId, Pos)> + 'a {
    let when = judged_at(battle, input.seen);
    let Reach { side, sky, from, range, .. } = *reach;
    battle
        .units
        .iter()
        .filter(move |(id, u)| u.is_up() && is_hostile(side, u.kind) && !battle.is_dived(*id))
        .filter(move |(_, u)| from.within(u.pos(), range + radius(battle, u.kind) + metres(REWOUND_M)))
        .map(move |(id, u)| (id, u.kind, battle.rewind.place(id, when).unwrap_or((u.pos(), u.layer()))))
        .filter(move |(_, kind, (pos, layer))| {
            let level = *layer == Layer::Surface || (sky && *layer == Layer::Sky);
            level && battle.sight.makes_out(side, *kind, *layer, *pos)
        })
        .map(|(id, _, (pos, _))| (id, pos))
}

/// Hostile structures in the streets that the side knows of.
fn structures<'a>(battle: &'a Battle, reach: &Reach) -> impl Iterator<Item = (StructureId, &'a Structure)> + 'a {
    let side = reach.side;
    let stands = move |s: &Structure| s.health_milli > 0 && s.layer == Layer::Surface && is_hostile(side, s.kind);
    let known = move |id: StructureId, s: &Structure| battle.sight.knows(side, id.key(Class::Structure), s);
    battle.structures.iter().filter(move |(id, s)| stands(s) && known(*id, s))
}

fn nearest_soldier(battle: &Battle, reach: &Reach, centre: Pos, aimed: bool) -> Option<Candidate> {
    if reach.side == Side::Legion {
        return None;
    }
    let radius = if aimed { metres(AIM_SLACK_M) } else { reach.range };
    let in_sight = |pos: Pos| battle.sight.sees(reach.side, Layer::Surface, pos);
    battle
        .swarm
        .near(centre, radius)
        .map(|i| (i, &battle.swarm.soldiers[i]))
        .filter(|(_, s)| !s.underground && s.health_milli > 0 && reach.from.within(s.pos, reach.range))
        .filter(|(_, s)| in_sight(s.pos))
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
    let reach = Reach { side: s.playing.side(), from: u.pos(), range: row.range(), sky: false, first: None };
    let target = find(battle, &reach, &s.input)?;
    let damage_milli = battle.scaled_milli(seat, row.damage);
    battle.hits.push(Hit { target, damage_milli, by: Some(seat) });
    battle.seats[seat.index()].cool_down(verb, now, row.cooldown_ticks());
    let u = &mut battle.units[unit];
    u.marks = u.marks.with(Marks::ATTACKING, true);
    Some(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::fixed::Micro;
    use crate::sim::legion::hive;
    use crate::sim::testing::Stage;
    use gamera_protocol::event::EventKind;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::motion::Gait;
    use gamera_protocol::view::QueenState;

    fn at(dx_m: i32) -> Pos {
        Pos::from_m(900 + dx_m, 2_000)
    }

    /// A missile battery with everyone else of its side far away.
    fn battery() -> Stage {
        let mut stage = Stage::campaign();
        stage.run(1);
        stage.battle.swarm.soldiers.clear();
        for role in [Role::Tank, Role::Jet, Role::Engineer, Role::Commander, Role::Scientist] {
            stage.put(role, Pos::from_m(8_000, 3_000), Gait::Walk);
        }
        stage.put(Role::Missiles, at(0), Gait::Walk);
        stage
    }

    fn found(stage: &mut Stage, aim: Option<Pos>) -> Option<Target> {
        stage.settle();
        let reach = Reach {
            side: Side::Sdf,
            from: at(0),
            range: metres(900),
            sky: true,
            first: Some(stage.unit_id(Role::Queen)),
        };
        let input = SeatInput { seen: stage.battle.tick, ..SeatInput::default() };
        find(&stage.battle, &reach, &aim.map_or(input, |aim| input.at(aim)))
    }

    #[test]
    fn only_what_its_side_sees_can_be_meant() {
        // How far the leader is, whether a jet looks on, whether it is found: batteries see 300 m.
        for (away_m, watched, wanted) in [(200, false, true), (600, false, false), (600, true, true)] {
            for aim in [None, Some(at(away_m))] {
                let mut stage = battery();
                stage.put(Role::BroodLeader, at(away_m), Gait::Walk);
                if watched {
                    stage.put(Role::Jet, at(500), Gait::Fly);
                }
                let leader = Target::Unit(stage.unit_id(Role::BroodLeader));
                let got = found(&mut stage, aim);
                assert_eq!(got == Some(leader), wanted, "{away_m} m, watched {watched}, {aim:?}: {got:?}");
            }
        }
    }

    #[test]
    fn soldiers_out_of_sight_are_spared() {
        for (away_m, wanted) in [(200, true), (600, false)] {
            let mut stage = battery();
            stage.soldiers(30, at(away_m));
            assert_eq!(found(&mut stage, None).is_some(), wanted, "{away_m} m");
        }
    }

    #[test]
    fn without_an_aim_the_queen_goes_before_who_is_nearer() {
        for (aim, queen) in [(None, true), (Some(at(100)), false)] {
            let mut stage = battery();
            stage.put(Role::BroodLeader, at(100), Gait::Walk);
            stage.put(Role::Queen, at(700), Gait::Walk);
            stage.battle.legion.queen.state = QueenState::Active;
            let wanted = if queen { Role::Queen } else { Role::BroodLeader };
            assert_eq!(found(&mut stage, aim), Some(Target::Unit(stage.unit_id(wanted))), "{aim:?}");
        }
    }

    #[test]
    fn a_flower_once_seen_is_remembered_and_hit_only_on_purpose() {
        let mut stage = battery();
        hive::found(&mut stage.battle, City::Sapporo, at(600), Micro::whole(160), false);
        assert!(stage.battle.events.iter().any(|e| e.kind == EventKind::PodErupted));
        assert_eq!(found(&mut stage, Some(at(600))), None, "nobody has seen it");
        stage.put(Role::Jet, at(500), Gait::Fly);
        assert!(found(&mut stage, Some(at(600))).is_some());
        stage.put(Role::Jet, Pos::from_m(8_000, 3_000), Gait::Fly);
        assert!(found(&mut stage, Some(at(600))).is_some(), "it does not walk away");
        assert_eq!(found(&mut stage, None), None);
    }
}
