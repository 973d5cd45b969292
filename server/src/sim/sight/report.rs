//! What of the battle leaves it for a faction: things in sight, memories, maps, blips.

use gamera_protocol::ground::{BLOCK_M, BLOCKS_X, BLOCKS_Y};
use gamera_protocol::ids::{Kind, Layer, Side, Viewer};
use gamera_protocol::measure::{Angle, Pos, metres};
use gamera_protocol::view::{Marks, QueenState, side_of};

use crate::sim::Battle;
use crate::sim::arena::Class;
use crate::sim::sighting::{Key, Sighting};
use crate::sim::structure::Structure;
use crate::sim::swarm::{Soldier, Task};
use crate::sim::unit::Unit;

/// A place that is only heard or sensed is told on this raster, metres.
pub(super) const BLIP_RASTER_M: i32 = 64;
const RASTER_COLUMNS: usize = BLOCKS_X * BLOCK_M as usize / BLIP_RASTER_M as usize;
const RASTER_ROWS: usize = BLOCKS_Y * BLOCK_M as usize / BLIP_RASTER_M as usize;

/// Sites that stand on every map: seen or not, everyone knows where they are.
pub(super) fn is_on_the_map(kind: Kind) -> bool {
    matches!(kind, Kind::Cache | Kind::Shrine | Kind::Pylon | Kind::Substation | Kind::Lab)
}

/// Appends everything that `viewer` sees now or remembers, in key order.
pub(in crate::sim) fn sightings(battle: &Battle, viewer: Viewer, out: &mut Vec<Sighting>) {
    let start = out.len();
    things(battle, viewer, out);
    if let Some(side) = viewer.side() {
        let seen = out.len();
        let known = &battle.sight.factions[side.index()].known;
        let ghosts = known.values().filter(|s| !out[start..seen].iter().any(|now| now.key == s.key));
        let ghosts: Vec<Sighting> =
            ghosts.map(|s| Sighting { marks: s.marks.with(Marks::GHOST, true), ..*s }).collect();
        out.extend(ghosts);
    }
    out[start..].sort_unstable_by_key(|s| s.key);
    soldiers(battle, viewer, out);
    if let Some(side) = viewer.side().filter(|side| battle.sight.factions[side.index()].senses) {
        blips(battle, side, out);
    }
}

/// Appends the units and structures that `viewer` sees now.
pub(super) fn things(battle: &Battle, viewer: Viewer, out: &mut Vec<Sighting>) {
    for (id, unit) in battle.units.iter().filter(|(_, u)| u.present) {
        out.extend(see_unit(battle, viewer, id.key(Class::Unit), unit));
    }
    for (id, s) in battle.structures.iter() {
        out.extend(see_structure(battle, viewer, id.key(Class::Structure), s));
    }
}

fn see_unit(battle: &Battle, viewer: Viewer, key: Key, unit: &Unit) -> Option<Sighting> {
    let whole = Sighting {
        key,
        kind: unit.kind,
        layer: unit.layer(),
        pos: unit.pos(),
        heading: unit.mover.heading.to_byte(),
        health: share_of(unit.health_milli, unit.health_max_milli),
        marks: unit.marks,
        seat: unit.seat,
    };
    let Some(side) = viewer.side() else { return Some(whole) };
    if side_of(unit.kind) == Some(side) {
        return Some(whole);
    }
    battle
        .sight
        .makes_out(side, unit.kind, unit.layer(), unit.pos())
        .then_some(whole)
        .or_else(|| tremor(battle, &whole))
}

fn see_structure(battle: &Battle, viewer: Viewer, key: Key, s: &Structure) -> Option<Sighting> {
    let max_milli = battle.balance.units.of(s.kind).health * 1_000;
    let health = match s.kind {
        Kind::Cache => share_of(s.store.floor(), battle.balance.legion.cache_silicon),
        _ => share_of(s.health_milli, max_milli),
    };
    let whole =
        Sighting { key, kind: s.kind, layer: s.layer, pos: s.pos, heading: 0, health, marks: s.marks, seat: s.owner };
    let Some(side) = viewer.side() else { return Some(whole) };
    if side_of(s.kind) == Some(side) || battle.sight.sees(side, s.layer, s.pos) {
        return Some(whole);
    }
    if is_on_the_map(s.kind) {
        return Some(on_a_map(&whole));
    }
    let reported = s.kind == Kind::Pod && side == Side::Sdf && is_discovered(battle, s);
    reported.then(|| on_a_map(&whole))
}

/// Where it is and nothing of how it is.
fn on_a_map(whole: &Sighting) -> Sighting {
    Sighting { health: 255, marks: Marks::default(), seat: None, ..*whole }
}

/// The SDF has found the hive that this pod grows in.
fn is_discovered(battle: &Battle, pod: &Structure) -> bool {
    let hive = pod.city.and_then(|city| battle.legion.hives[city.index()].as_ref());
    hive.is_some_and(|h| h.discovered)
}

fn soldiers(battle: &Battle, viewer: Viewer, out: &mut Vec<Sighting>) {
    let max = battle.swarm.health_each_milli;
    let layer = |s: &Soldier| if s.underground { Layer::Underground } else { Layer::Surface };
    let foreign = viewer.side().filter(|side| *side != Side::Legion);
    let in_sight = |s: &&Soldier| foreign.is_none_or(|side| battle.sight.sees(side, layer(s), s.pos));
    out.extend(battle.swarm.soldiers.iter().filter(in_sight).map(|s| Sighting {
        key: s.key(),
        kind: Kind::Soldier,
        layer: layer(s),
        pos: s.pos,
        heading: Angle::of(s.velocity.x, s.velocity.y).to_byte(),
        health: share_of(s.health_milli, max),
        marks: Marks::default().with(Marks::ATTACKING, s.attacking).with(Marks::LATCHED, s.task == Task::Latched),
        seat: None,
    }));
}

/// The queen's tremor before she comes up, felt by everyone: where she is, on a rough raster.
fn tremor(battle: &Battle, whole: &Sighting) -> Option<Sighting> {
    let comes_up = whole.kind == Kind::Queen && battle.legion.queen.state == QueenState::Emerging;
    let pos = raster_middle(raster_cell(whole.pos));
    comes_up.then_some(Sighting { pos, heading: 0, health: 255, marks: Marks::BLIP, seat: None, ..*whole })
}

/// What sensors tell of the ground beneath: that something stirs in a cell of a rough raster, and
/// neither what nor how much.
fn blips(battle: &Battle, side: Side, out: &mut Vec<Sighting>) {
    let mut stirs = [false; RASTER_COLUMNS * RASTER_ROWS];
    let mut feel = |layer: Layer, pos: Pos| {
        let hidden = layer == Layer::Underground && !battle.sight.sees(side, layer, pos);
        if hidden && battle.sight.senses(side, pos) {
            stirs[raster_cell(pos)] = true;
        }
    };
    let units = battle.units.iter().filter(|(_, u)| u.is_up() && side_of(u.kind) != Some(side));
    units.for_each(|(_, u)| feel(u.layer(), u.pos()));
    battle.structures.iter().filter(|(_, s)| side_of(s.kind) != Some(side)).for_each(|(_, s)| feel(s.layer, s.pos));
    battle.swarm.soldiers.iter().filter(|s| s.underground).for_each(|s| feel(Layer::Underground, s.pos));
    out.extend(stirs.iter().enumerate().filter(|(_, stirs)| **stirs).map(|(cell, _)| Sighting {
        key: Key((Class::Blip as u32) << 30 | cell as u32),
        kind: Kind::Soldier,
        layer: Layer::Underground,
        pos: raster_middle(cell),
        heading: 0,
        health: 255,
        marks: Marks::BLIP,
        seat: None,
    }));
}

fn raster_cell(pos: Pos) -> usize {
    let (column, row) = (pos.x / metres(BLIP_RASTER_M), pos.y / metres(BLIP_RASTER_M));
    row.clamp(0, RASTER_ROWS as i32 - 1) as usize * RASTER_COLUMNS + column.clamp(0, RASTER_COLUMNS as i32 - 1) as usize
}

fn raster_middle(cell: usize) -> Pos {
    let middle = |index: usize| metres(BLIP_RASTER_M) * index as i32 + metres(BLIP_RASTER_M) / 2;
    Pos::new(middle(cell % RASTER_COLUMNS), middle(cell / RASTER_COLUMNS))
}

fn share_of(part: i32, whole: i32) -> u8 {
    if whole <= 0 {
        return 255;
    }
    let share = i64::from(part.max(0)) * 255 / i64::from(whole);
    // What still lives never shows as empty.
    (share as u8).max(u8::from(part > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_show_the_living_as_dead() {
        for (part, whole, wanted) in [(0, 10, 0), (1, 100_000, 1), (10, 10, 255), (5, 0, 255), (-4, 10, 0)] {
            assert_eq!(share_of(part, whole), wanted);
        }
    }
}
