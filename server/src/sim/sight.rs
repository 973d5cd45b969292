//! The fog: what each faction sees, how rough, and what it remembers.
//!
//! Invariant: everything that leaves the battle for a faction goes through [`Sight`], and nothing
//! that a faction may not know is in what it gives.

use std::collections::BTreeMap;

use gamera_protocol::ground::{self, BLOCK_M, BLOCKS_X, BLOCKS_Y};
use gamera_protocol::ids::{Kind, Layer, Side, Viewer};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{Marks, QueenState, side_of};

use super::Battle;
use super::arena::Class;
use super::sighting::{Key, Sighting};
use super::structure::Structure;
use super::unit::Unit;

/// The visibility grids are made anew this often: 5 Hz.
const PERIOD_TICKS: u32 = 6;
/// Giants on the surface or in the sky are seen this far.
const GIANT_SEEN_M: i32 = 1_200;
/// What is underground is seen by others only this near, metres.
const UNDERGROUND_SEEN_M: i32 = 24;
/// Who is underground sees the surface only this far, metres.
const LOOKING_UP_M: i32 = 64;
/// A place that is only heard or sensed is told on this raster, metres.
const BLIP_RASTER_M: i32 = 64;
const ROW_WORDS: usize = BLOCKS_X / 64;

/// One bit a block of the whole ground.
#[derive(Clone)]
struct Blocks(Vec<u64>);

impl Default for Blocks {
    fn default() -> Self {
        Blocks(vec![0; ROW_WORDS * BLOCKS_Y])
    }
}

impl Blocks {
    fn clear(&mut self) {
        self.0.fill(0);
    }

    fn has(&self, pos: Pos) -> bool {
        let (x, y) = ground::block_of(pos);
        self.0[y * ROW_WORDS + x / 64] & (1 << (x % 64)) != 0
    }

    /// Sets every block whose middle lies within `radius_m` of `pos`, and the block of `pos`.
    fn stamp(&mut self, pos: Pos, radius_m: i32) {
        let (cx, cy) = ground::block_of(pos);
        let reach = radius_m / BLOCK_M;
        for dy in -reach..=reach {
            let y = cy as i32 + dy;
            if !(0..BLOCKS_Y as i32).contains(&y) {
                continue;
            }
            let half = (reach * reach - dy * dy).isqrt();
            let from = (cx as i32 - half).max(0) as usize;
            let to = (cx as i32 + half).min(BLOCKS_X as i32 - 1) as usize;
            self.set_row(y as usize, from, to);
        }
    }

    fn set_row(&mut self, y: usize, from: usize, to: usize) {
        let row = &mut self.0[y * ROW_WORDS..(y + 1) * ROW_WORDS];
        for (word, bits) in row.iter_mut().enumerate().take(to / 64 + 1).skip(from / 64) {
            let low = from.saturating_sub(word * 64).min(63);
            let high = (to - word * 64).min(63);
            *bits |= (u64::MAX << low) & (u64::MAX >> (63 - high));
        }
    }
}

/// What one faction sees.
#[derive(Clone, Default)]
struct Faction {
    /// Streets and sky.
    above: Blocks,
    /// Subway and burrows.
    below: Blocks,
    /// Underground, as blips: engineers' sensors.
    sensed: Blocks,
    /// The giants, seen from afar: Gamera, queen.
    giants: [bool; 2],
    /// Last sight of what is worth remembering, by key.
    known: BTreeMap<Key, Sighting>,
}

/// The fog of all three factions.
#[derive(Default)]
pub(in crate::sim) struct Sight {
    factions: [Faction; 3],
}

impl Sight {
    /// True where `side` sees `pos` in `layer`.
    pub(in crate::sim) fn sees(&self, side: Side, layer: Layer, pos: Pos) -> bool {
        let f = &self.factions[side.index()];
        match layer {
            Layer::Surface | Layer::Sky => f.above.has(pos),
            Layer::Underground => f.below.has(pos),
        }
    }

    /// True where `side` sees the giant of this kind, from however far.
    pub(in crate::sim) fn sees_giant(&self, side: Side, kind: Kind) -> bool {
        let giants = self.factions[side.index()].giants;
        match kind {
            Kind::Gamera => giants[0],
            Kind::Queen => giants[1],
            _ => false,
        }
    }

    /// True where `side` sees something of this kind there: a giant in the open from afar.
    pub(in crate::sim) fn makes_out(&self, side: Side, kind: Kind, layer: Layer, pos: Pos) -> bool {
        match kind {
            Kind::Gamera | Kind::Queen if layer != Layer::Underground => self.sees_giant(side, kind),
            _ => self.sees(side, layer, pos),
        }
    }

    /// True where `side` sees the structure, remembers it, or has it on its maps.
    pub(in crate::sim) fn knows(&self, side: Side, key: Key, s: &Structure) -> bool {
        let known = &self.factions[side.index()].known;
        is_on_the_map(s.kind) || self.sees(side, s.layer, s.pos) || known.contains_key(&key)
    }

    fn senses(&self, side: Side, pos: Pos) -> bool {
        self.factions[side.index()].sensed.has(pos)
    }
}

/// Makes the grids anew, five times a second, and remembers what is seen.
pub(in crate::sim) fn look(battle: &mut Battle) {
    if battle.tick.is_every(PERIOD_TICKS, 0) {
        renew(battle);
    }
}

/// Makes the grids anew now.
pub(in crate::sim) fn renew(battle: &mut Battle) {
    let mut sight = std::mem::take(&mut battle.sight);
    for f in &mut sight.factions {
        for grid in [&mut f.above, &mut f.below, &mut f.sensed] {
            grid.clear();
        }
        f.giants = [false; 2];
    }
    stamp_units(battle, &mut sight);
    stamp_structures(battle, &mut sight);
    stamp_swarm(battle, &mut sight);
    stamp_bond(battle, &mut sight);
    see_giants(battle, &mut sight);
    battle.sight = sight;
    remember(battle);
}

/// Through Asagi's bond her side senses what stirs in the ground beneath Gamera.
fn stamp_bond(battle: &Battle, sight: &mut Sight) {
    if battle.gamera.bonded {
        let at = battle.units[battle.gamera.unit].pos();
        sight.factions[Side::Gamera.index()].sensed.stamp(at, battle.balance.gamera.bond_sense_m);
    }
}

fn stamp(faction: &mut Faction, side: Side, layer: Layer, pos: Pos, sight_m: i32) {
    if layer == Layer::Underground {
        faction.below.stamp(pos, sight_m);
        faction.above.stamp(pos, sight_m.min(LOOKING_UP_M));
    } else {
        faction.above.stamp(pos, sight_m);
        let down = if side == Side::Legion { sight_m } else { UNDERGROUND_SEEN_M };
        faction.below.stamp(pos, down);
    }
}

fn stamp_units(battle: &Battle, sight: &mut Sight) {
    for (_, unit) in battle.units.iter().filter(|(_, u)| u.is_up()) {
        let row = battle.balance.units.of(unit.kind);
        if let Some(side) = row.side {
            stamp(&mut sight.factions[side.index()], side, unit.layer(), unit.pos(), row.sight_m);
        }
    }
}

fn stamp_structures(battle: &Battle, sight: &mut Sight) {
    for (_, s) in battle.structures.iter().filter(|(_, s)| s.health_milli > 0) {
        let row = battle.balance.units.of(s.kind);
        let Some(side) = row.side else { continue };
        let faction = &mut sight.factions[side.index()];
        stamp(faction, side, s.layer, s.pos, row.sight_m);
        if s.kind == Kind::Sensor {
            faction.sensed.stamp(s.pos, battle.balance.sdf.sensor_range_m);
        }
    }
}

/// Soldiers are many and close together: each block that holds one is stamped once.
fn stamp_swarm(battle: &Battle, sight: &mut Sight) {
    let sight_m = battle.balance.units.of(Kind::Soldier).sight_m;
    let mut done = [Blocks::default(), Blocks::default()];
    let legion = &mut sight.factions[Side::Legion.index()];
    for s in &battle.swarm.soldiers {
        let seen = &mut done[usize::from(s.underground)];
        if !seen.has(s.pos) {
            seen.stamp(s.pos, 0);
            let layer = if s.underground { Layer::Underground } else { Layer::Surface };
            stamp(legion, Side::Legion, layer, s.pos, sight_m);
        }
    }
}

fn see_giants(battle: &Battle, sight: &mut Sight) {
    let giants = [battle.gamera.unit, battle.legion.queen.unit];
    for (g, id) in giants.into_iter().enumerate() {
        let giant = &battle.units[id];
        let hidden = !giant.present || giant.layer() == Layer::Underground || battle.is_dived(id);
        if hidden {
            continue;
        }
        for (_, unit) in battle.units.iter().filter(|(_, u)| u.is_up()) {
            if let Some(side) = side_of(unit.kind) {
                let near = unit.pos().within(giant.pos(), metres(GIANT_SEEN_M));
                sight.factions[side.index()].giants[g] |= near;
            }
        }
    }
}

/// Keeps the last sight of enemies worth remembering; forgets what is seen to be gone.
fn remember(battle: &mut Battle) {
    let mut seen = Vec::new();
    for side in Side::ALL.iter().copied() {
        seen.clear();
        current(battle, Viewer::from(side), &mut seen);
        let Sight { factions } = &mut battle.sight;
        let Faction { known, above, below, .. } = &mut factions[side.index()];
        known.retain(|_, s| match s.layer {
            Layer::Underground => !below.has(s.pos),
            Layer::Surface | Layer::Sky => !above.has(s.pos),
        });
        let foreign = |s: &&Sighting| side_of(s.kind) != Some(side) && is_remembered(s.kind);
        known.extend(seen.iter().filter(foreign).map(|s| (s.key, *s)));
    }
}

fn is_remembered(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Gamera | Kind::Queen | Kind::Flower | Kind::Pod | Kind::Burrow | Kind::Roadblock | Kind::Sensor
    )
}

/// Sites that stand on every map: seen or not, everyone knows where they are.
fn is_on_the_map(kind: Kind) -> bool {
    matches!(kind, Kind::Cache | Kind::Shrine | Kind::Pylon | Kind::Substation | Kind::Lab)
}

/// Appends everything that `viewer` sees now or remembers, in key order within each class.
pub(in crate::sim) fn sightings(battle: &Battle, viewer: Viewer, out: &mut Vec<Sighting>) {
    let start = out.len();
    current(battle, viewer, out);
    let Some(side) = viewer.side() else { return };
    let known = &battle.sight.factions[side.index()].known;
    let mut here: Vec<Key> = out[start..].iter().filter(|s| is_remembered(s.kind)).map(|s| s.key).collect();
    here.sort_unstable();
    let ghosts = known.values().filter(|s| here.binary_search(&s.key).is_err());
    out.extend(ghosts.map(|s| Sighting { marks: s.marks.with(Marks::GHOST, true), ..*s }));
}

fn current(battle: &Battle, viewer: Viewer, out: &mut Vec<Sighting>) {
    for (id, unit) in battle.units.iter().filter(|(_, u)| u.present) {
        out.extend(see_unit(battle, viewer, id.key(Class::Unit), unit));
    }
    for (id, s) in battle.structures.iter() {
        out.extend(see_structure(battle, viewer, id.key(Class::Structure), s));
    }
    see_swarm(battle, viewer, out);
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
        .or_else(|| blip(battle, side, &whole))
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
        return Some(Sighting { health: 255, marks: Marks::default(), seat: None, ..whole });
    }
    blip(battle, side, &whole)
}

fn see_swarm(battle: &Battle, viewer: Viewer, out: &mut Vec<Sighting>) {
    let max = battle.swarm.health_each_milli;
    for s in &battle.swarm.soldiers {
        let layer = if s.underground { Layer::Underground } else { Layer::Surface };
        let marks = Marks::default()
            .with(Marks::ATTACKING, s.attacking)
            .with(Marks::LATCHED, s.task == super::swarm::Task::Latched);
        let whole = Sighting {
            key: s.key(),
            kind: Kind::Soldier,
            layer,
            pos: s.pos,
            heading: gamera_protocol::measure::Angle::of(s.velocity.x, s.velocity.y).to_byte(),
            health: share_of(s.health_milli, max),
            marks,
            seat: None,
        };
        match viewer.side() {
            None | Some(Side::Legion) => out.push(whole),
            Some(side) if battle.sight.sees(side, layer, s.pos) => out.push(whole),
            Some(side) => out.extend(blip(battle, side, &whole)),
        }
    }
}

/// What a sensor, or the queen's tremor before she comes up, tells of something underground: that
/// it is there, on a rough raster.
fn blip(battle: &Battle, side: Side, whole: &Sighting) -> Option<Sighting> {
    let tremor = || whole.kind == Kind::Queen && battle.legion.queen.state == QueenState::Emerging;
    if whole.layer != Layer::Underground || !(tremor() || battle.sight.senses(side, whole.pos)) {
        return None;
    }
    let raster = metres(BLIP_RASTER_M);
    let rough = |v: i32| v.div_euclid(raster) * raster + raster / 2;
    let pos = Pos::new(rough(whole.pos.x), rough(whole.pos.y));
    Some(Sighting { pos, heading: 0, health: 255, marks: Marks::BLIP, seat: None, ..*whole })
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
    fn a_stamp_covers_a_disc_across_word_borders() {
        let mut blocks = Blocks::default();
        let middle = Pos::from_m(64 * 32, 1_000);
        blocks.stamp(middle, 200);
        for (dx, dy, wanted) in
            [(0, 0, true), (-190, 0, true), (190, 0, true), (0, 190, true), (190, 190, false), (300, 0, false)]
        {
            let at = Pos::new(middle.x + metres(dx), middle.y + metres(dy));
            assert_eq!(blocks.has(at), wanted, "{dx}, {dy}");
        }
    }

    #[test]
    fn a_stamp_at_the_edge_stays_on_the_ground() {
        let mut blocks = Blocks::default();
        blocks.stamp(Pos::from_m(5, 5), 300);
        blocks.stamp(Pos::from_m(8_190, 3_070), 300);
        assert!(blocks.has(Pos::from_m(8_190, 3_070)) && blocks.has(Pos::from_m(5, 5)));
    }

    #[test]
    fn shares_never_show_the_living_as_dead() {
        for (part, whole, wanted) in [(0, 10, 0), (1, 100_000, 1), (10, 10, 255), (5, 0, 255), (-4, 10, 0)] {
            assert_eq!(share_of(part, whole), wanted);
        }
    }
}
