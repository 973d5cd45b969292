//! How often a client is told of a group, by its distance and by how tight the client's budget is.

use gamera_protocol::measure::{Pos, Tick, UNITS_PER_M, metres};
use gamera_protocol::snapshot::group::{CELL_M, GroupId, Tier};

/// Cells within this of the own unit, metres, are told in every tick that the budget allows.
pub(super) const FULL_M: i32 = 256;
/// Cells beyond this, metres, are not told of at all; the density is.
pub(super) const REACH_M: i32 = 448;

/// Cells up to `.0` metres away are told every `.1` ticks.
const RINGS: [(i32, u32); 4] = [(FULL_M, 1), (320, 2), (384, 4), (REACH_M, 8)];
/// Cells of the window's rim, beyond the client's reach.
const BEYOND_STRIDE: u32 = 16;
const GIANTS_STRIDE: u32 = 4;
const OUTPOSTS_STRIDE: u32 = 32;
/// No stride is longer: the base would be too old.
const STRIDE_MAX: u32 = 16;
/// Cells this near, metres, keep their rate when the budget is tight.
const CLOSE_M: i32 = 64;

/// The squared distance of a group from `anchor`, in square metres; regions are "far".
pub(super) fn distance2_m(group: GroupId, anchor: Pos) -> u32 {
    if group.tier() != Tier::Cells {
        return square(FULL_M);
    }
    let low = group.origin();
    let gap = |at: i32, low: i32| (low - at).max(at - low - metres(CELL_M) + 1).max(0) / UNITS_PER_M;
    square(gap(anchor.x, low.x)) + square(gap(anchor.y, low.y))
}

const fn square(metres: i32) -> u32 {
    (metres * metres) as u32
}

/// A group so far away is told every so many ticks to a client that is told of what is within
/// `reach_m`; each step of `strain` halves the rate of what is not close.
pub(super) fn stride(group: GroupId, distance2_m: u32, reach_m: i32, strain: u32) -> u32 {
    match group.tier() {
        Tier::Giants => return GIANTS_STRIDE,
        Tier::Outposts => return OUTPOSTS_STRIDE,
        Tier::Cells => {}
    }
    let is_within = |(ring_m, _): &&(i32, u32)| distance2_m <= square((*ring_m).min(reach_m));
    let ring = RINGS.iter().find(is_within).map_or(BEYOND_STRIDE, |(_, k)| *k);
    let strain = if distance2_m <= square(CLOSE_M) { strain / 2 } else { strain };
    (ring << strain).min(STRIDE_MAX)
}

/// True in the ticks in which a group with `stride` is told: the same ticks for all clients, so that
/// they hold the same bases, and others for its neighbours.
pub(super) fn is_due(group: GroupId, stride: u32, tick: Tick) -> bool {
    let phase = u32::from(group.0).wrapping_mul(0x9e37_79b1) >> 16;
    (tick.0.wrapping_add(phase)).is_multiple_of(stride)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_from_the_nearest_edge_of_a_cell() {
        let cell = GroupId::cell_at(Pos::from_m(640, 640));
        for (x, y, m) in [(650, 650, 0), (600, 650, 40), (704, 650, 0), (765, 650, 61), (610, 600, 50)] {
            assert_eq!(distance2_m(cell, Pos::from_m(x, y)).isqrt(), m, "{x} {y}");
        }
    }

    #[test]
    fn a_group_is_due_once_in_each_stride() {
        for stride in [1, 2, 4, 8, 16, 32] {
            for group in (0..6_000).step_by(97).map(GroupId) {
                let due = (1_000..1_000 + stride).filter(|t| is_due(group, stride, Tick(*t))).count();
                assert_eq!(due, 1);
            }
        }
    }
}
