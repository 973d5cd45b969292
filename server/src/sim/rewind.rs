//! Where units were a few ticks ago: an attack is judged where the shooter saw its target.
//!
//! Part of the battle's state, because a step reads it.

use gamera_protocol::ids::Layer;
use gamera_protocol::measure::{Pos, Tick};

use super::Battle;
use super::arena::Arena;
use super::unit::{Unit, UnitId};

/// Ticks kept; `campaign.rewind_max_ticks` stays below.
const KEPT: usize = 16;

/// A ring of places, each in slot order.
#[derive(Default)]
pub(in crate::sim) struct Rewind {
    ring: [Vec<(UnitId, Pos, Layer)>; KEPT],
}

impl Rewind {
    /// Where `unit` was at `tick`, if that is remembered.
    pub(in crate::sim) fn place(&self, unit: UnitId, tick: Tick) -> Option<(Pos, Layer)> {
        let places = &self.ring[tick.0 as usize % KEPT];
        let found = places.binary_search_by_key(&unit.slot(), |(id, ..)| id.slot()).ok()?;
        let (id, pos, layer) = places[found];
        (id == unit).then_some((pos, layer))
    }

    /// Remembers where every unit is, as of `tick`.
    pub(in crate::sim) fn remember(&mut self, tick: Tick, units: &Arena<Unit>) {
        let slot = &mut self.ring[tick.0 as usize % KEPT];
        slot.clear();
        slot.extend(units.iter().filter(|(_, u)| u.present).map(|(id, u)| (id, u.pos(), u.layer())));
    }
}

/// Remembers every unit's place at the end of this tick, which the snapshots of it tell.
pub(in crate::sim) fn remember(battle: &mut Battle) {
    battle.rewind.remember(battle.tick.after(1), &battle.units);
}

/// The tick at which an attack by someone who saw `seen` is judged: then, within the bound.
pub(in crate::sim) fn judged_at(battle: &Battle, seen: Tick) -> Tick {
    let bound = battle.balance.campaign.rewind_max_ticks.clamp(0, KEPT as i32 - 1) as u32;
    let oldest = Tick(battle.tick.0.saturating_sub(bound));
    seen.clamp(oldest, battle.tick)
}
