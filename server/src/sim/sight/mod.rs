//! The fog: what each faction sees and what it remembers. How that is told is [`report`]'s.
//!
//! Invariant: everything that leaves the battle for a faction goes through [`Sight`], and nothing
//! that a faction may not know is in what it gives.

mod blocks;
mod report;
#[cfg(test)]
mod tests;

pub(in crate::sim) use report::sightings;

use std::collections::BTreeMap;

use gamera_protocol::ids::{Kind, Layer, Side, Viewer};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::side_of;

use super::Battle;
use super::arena::Class;
use super::sighting::{Key, Sighting};
use super::structure::Structure;
use blocks::Blocks;
use report::is_on_the_map;

/// The visibility grids are made anew this often: 5 Hz.
const PERIOD_TICKS: u32 = 6;
/// Giants on the surface or in the sky are seen this far.
const GIANT_SEEN_M: i32 = 1_200;
/// What is underground is seen by others only this near, metres.
const UNDERGROUND_SEEN_M: i32 = 24;
/// Who is underground sees the surface only this far, metres.
const LOOKING_UP_M: i32 = 64;
/// What one faction sees.
#[derive(Clone, Default)]
struct Faction {
    /// Streets and sky.
    above: Blocks,
    /// Subway and burrows.
    below: Blocks,
    /// Underground, as blips: engineers' sensors.
    sensed: Blocks,
    /// True while anything is sensed at all.
    senses: bool,
    /// The giants, seen from afar: Gamera, queen.
    giants: [bool; 2],
    /// Last sight of what is worth remembering, by key.
    known: BTreeMap<Key, Sighting>,
}

impl Faction {
    fn sense(&mut self, pos: Pos, range_m: i32) {
        self.sensed.stamp(pos, range_m);
        self.senses = true;
    }
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

    /// True where `side` senses what is underground at `pos`.
    fn senses(&self, side: Side, pos: Pos) -> bool {
        let f = &self.factions[side.index()];
        f.senses && f.sensed.has(pos)
    }

    /// What the factions remember: steps depend on it, unlike the grids it does not follow from
    /// the rest of the state.
    pub(in crate::sim) fn memory(&self) -> [&BTreeMap<Key, Sighting>; 3] {
        self.factions.each_ref().map(|f| &f.known)
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
        f.senses = false;
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
        sight.factions[Side::Gamera.index()].sense(at, battle.balance.gamera.bond_sense_m);
    }
}

fn stamp(faction: &mut Faction, side: Side, layer: Layer, pos: Pos, sight_m: i32) {
    if layer == Layer::Underground {
        faction.below.stamp(pos, sight_m);
        faction.above.stamp(pos, sight_m.min(LOOKING_UP_M));
    } else {
        faction.above.stamp(pos, sight_m);
        // From the air nobody looks into a tunnel.
        match (side, layer) {
            (Side::Legion, _) => faction.below.stamp(pos, sight_m),
            (_, Layer::Sky) => {}
            _ => faction.below.stamp(pos, UNDERGROUND_SEEN_M),
        }
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
            faction.sense(s.pos, battle.balance.sdf.sensor_range_m);
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

/// Keeps the last sight of enemies worth remembering; forgets what is seen to be gone, and flowers
/// and pods whose end everyone was told of.
fn remember(battle: &mut Battle) {
    let mut seen = Vec::new();
    for side in Side::ALL.iter().copied() {
        seen.clear();
        report::things(battle, Viewer::from(side), &mut seen);
        let Battle { sight, structures, .. } = battle;
        let Faction { known, above, below, .. } = &mut sight.factions[side.index()];
        let stands = |key| structures.iter().any(|(id, _)| id.key(Class::Structure) == key);
        known.retain(|key, s| match (s.kind, s.layer) {
            (Kind::Flower | Kind::Pod, _) if !stands(*key) => false,
            (_, Layer::Underground) => !below.has(s.pos),
            (_, Layer::Surface | Layer::Sky) => !above.has(s.pos),
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
