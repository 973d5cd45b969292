//! What a live line does to the swarm: the lure pulls soldiers along, and some of them burn.
//!
//! The SDF calls [`lure`] once for each pulse.

use gamera_protocol::measure::{Pos, Tick, metres, ticks};

use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::swarm::Task;

/// The lure that soldiers walk to now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sim) struct Lure {
    pub(in crate::sim) pos: Pos,
    pub(in crate::sim) until: Tick,
}

/// Pulls `pct` of the soldiers near enough to `pos`; `kill_pct` of those die when they reach it.
/// Squads that resist, and a swarm that holds, feel less of it. Returns the mass pulled.
pub(in crate::sim) fn lure(b: &mut Battle, pos: Pos, pct: i32, kill_pct: i32) -> Micro {
    let n = &b.balance.legion;
    let range = metres(b.balance.sdf.lure_range_m);
    let until = b.tick.after(ticks(b.balance.sdf.lure_s as u32));
    let held_pct = if b.legion.hold { n.lure_hold_pct } else { 100 };
    let mut pulled = 0;
    let squads = &b.legion.squads;
    let near = b.swarm.soldiers.iter_mut().filter(|s| !s.underground && s.pos.within(pos, range));
    for (i, soldier) in near.enumerate() {
        let resists = squads.get(usize::from(soldier.squad)).is_some_and(|s| s.resists);
        let felt_pct = if resists { n.lure_resist_pct } else { held_pct };
        if super::is_share(i, pct * felt_pct / 100) {
            soldier.task = if super::is_share(pulled, kill_pct) { Task::Doomed } else { Task::Lured };
            pulled += 1;
        }
    }
    b.legion.lure = Some(Lure { pos, until });
    Micro(b.swarm.mass_each.0 * pulled as i64)
}

/// Ends a lure whose time is over; burns who has reached it.
pub(in crate::sim) fn wane(b: &mut Battle) {
    let Some(lure) = b.legion.lure else { return };
    let over = b.tick >= lure.until;
    let range = metres(b.balance.legion.lured_dies_m);
    for soldier in b.swarm.soldiers.iter_mut().filter(|s| matches!(s.task, Task::Lured | Task::Doomed)) {
        if soldier.task == Task::Doomed && soldier.pos.within(lure.pos, range) {
            soldier.health_milli = 0;
        }
        if over {
            soldier.task = Task::Follow;
        }
    }
    if over {
        b.legion.lure = None;
    }
}
