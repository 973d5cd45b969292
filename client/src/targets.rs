//! What a role may want to aim at, best first: for the target key, for what the screen points out
//! and for the words of the narration. The server judges; this only proposes.

use gamera_protocol::ids::{Kind, NetId, Role};
use gamera_protocol::measure::{Angle, Pos, metres};
use gamera_protocol::view::{Marks, Thing, Things};

/// How far a unit looks for something to aim at, metres.
const REACH_M: i32 = 1_200;
/// As many targets can be cycled through.
const TARGETS: usize = 12;

/// What each role goes for, best first.
#[rustfmt::skip]
#[must_use]
pub const fn prey(role: Role) -> &'static [Kind] {
    match role {
        Role::Gamera => &[Kind::Queen, Kind::Flower, Kind::BroodLeader, Kind::Soldier, Kind::Burrow],
        Role::Asagi => &[Kind::Gamera],
        Role::LightBearer => &[Kind::Shrine, Kind::Gamera, Kind::Soldier, Kind::BroodLeader],
        Role::Queen => &[Kind::Gamera, Kind::Tank, Kind::Missiles, Kind::Jet, Kind::Engineer, Kind::Convoy],
        Role::BroodLeader => &[
            Kind::Engineer, Kind::Tank, Kind::Scientist, Kind::LightBearer, Kind::Asagi, Kind::Commander,
            Kind::Missiles, Kind::Guard, Kind::Convoy, Kind::Gamera, Kind::Cache, Kind::Substation, Kind::Pylon],
        Role::Commander => &[Kind::Soldier, Kind::BroodLeader, Kind::Scientist],
        Role::Scientist => &[Kind::Carcass, Kind::Burrow, Kind::Flower, Kind::Soldier, Kind::BroodLeader],
        Role::Jet => &[Kind::Queen, Kind::Burrow, Kind::BroodLeader, Kind::Soldier],
        Role::Tank => &[Kind::BroodLeader, Kind::Soldier, Kind::Queen, Kind::Burrow, Kind::Roadblock, Kind::Flower],
        Role::Missiles => &[Kind::Queen, Kind::BroodLeader, Kind::Soldier, Kind::Burrow, Kind::Flower],
        Role::Engineer => &[Kind::Flower, Kind::Burrow, Kind::BroodLeader, Kind::Soldier, Kind::Substation,
            Kind::Pylon, Kind::Cache, Kind::Roadblock],
    }
}

/// What `role` at `from` may aim at, best first and nearest first within a kind.
#[must_use]
pub fn list(role: Role, from: Pos, things: &Things) -> Vec<Thing> {
    let mut found: Vec<(usize, i64, Thing)> = things
        .near(from, REACH_M)
        .filter(|t| !t.marks.has(Marks::GHOST) && t.health > 0)
        .filter_map(|t| Some((prey(role).iter().position(|k| *k == t.kind)?, t.pos.distance2(from), *t)))
        .collect();
    found.sort_by_key(|(rank, d, t)| (*rank, *d, t.id.0));
    spread(found)
}

/// The nearest of each kind first, so that a swarm does not hide the rest.
fn spread(found: Vec<(usize, i64, Thing)>) -> Vec<Thing> {
    let mut firsts = Vec::new();
    let mut rest = Vec::new();
    let mut last_rank = None;
    for (rank, _, thing) in found {
        if last_rank == Some(rank) {
            rest.push(thing);
        } else {
            firsts.push(thing);
        }
        last_rank = Some(rank);
    }
    firsts.into_iter().chain(rest).take(TARGETS).collect()
}

/// The target after `current`, going round.
#[must_use]
pub fn next(targets: &[Thing], current: Option<NetId>) -> Option<NetId> {
    let at = current.and_then(|id| targets.iter().position(|t| t.id == id));
    let index = at.map_or(0, |i| (i + 1) % targets.len().max(1));
    targets.get(index).map(|t| t.id)
}

/// Distance and bearing for a person: "120 m north-east".
#[must_use]
pub fn bearing(from: Pos, to: Pos) -> String {
    if from.within(to, metres(5)) {
        return "right here".into();
    }
    format!("{} m {}", from.distance(to) / metres(1), compass(from.angle_to(to)))
}

/// The nearest of the eight winds.
#[must_use]
pub fn compass(angle: Angle) -> &'static str {
    const WINDS: [&str; 8] = ["east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east"];
    WINDS[usize::from(angle.0.wrapping_add(4_096) >> 13)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staged;

    #[test]
    fn the_winds_have_their_names() {
        for (x, y, wind) in [
            (9, 0, "east"),
            (9, 9, "north-east"),
            (0, 9, "north"),
            (-9, 0, "west"),
            (0, -9, "south"),
            (9, -9, "south-east"),
        ] {
            assert_eq!(compass(Angle::of(x, y)), wind);
        }
    }

    #[test]
    fn targets_are_the_roles_own_and_cycle_round() {
        let mut things = Things::default();
        let at = |id, kind, x_m| staged::thing(id, kind, Pos::from_m(x_m, 1_000));
        things.rebuild([
            at(1, Kind::Soldier, 1_010),
            at(2, Kind::Soldier, 1_020),
            at(3, Kind::BroodLeader, 1_200),
            at(4, Kind::Tank, 1_001),
        ]);
        let targets = list(Role::Tank, Pos::from_m(1_000, 1_000), &things);
        assert_eq!(targets.iter().map(|t| t.id.0).collect::<Vec<_>>(), [3, 1, 2]);
        let mut seen = Vec::new();
        let mut current = None;
        for _ in 0..4 {
            current = next(&targets, current);
            seen.extend(current.map(|id| id.0));
        }
        assert_eq!(seen, [3, 1, 2, 3]);
        assert_eq!(next(&[], Some(NetId(3))), None);
    }
}
