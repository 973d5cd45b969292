//! One thing as a group holds it.

use crate::ids::{Kind, Layer, NetId, SeatId};
use crate::measure::Pos;
use crate::snapshot::group::GroupId;
use crate::snapshot::section::pace::Pace;
use crate::view::{Marks, Thing};

/// One thing as a group holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The faction's id of it.
    pub id: NetId,
    /// East of the group's origin, 1/64 m.
    pub x: u16,
    /// North of the group's origin, 1/64 m.
    pub y: u16,
    /// How it moves.
    pub pace: Pace,
    /// One of 256 directions.
    pub heading: u8,
    /// Health left, 255 is whole.
    pub health: u8,
    /// Its marks.
    pub marks: Marks,
    /// What it is.
    pub kind: Kind,
    /// In which layer.
    pub layer: Layer,
    /// The seat that steers it, if one does.
    pub seat: Option<SeatId>,
}

impl Entry {
    /// The thing in a group.
    #[must_use]
    pub const fn thing(&self, group: GroupId) -> Thing {
        let origin = group.origin();
        Thing {
            id: self.id,
            kind: self.kind,
            layer: self.layer,
            pos: Pos::new(origin.x + self.x as i32, origin.y + self.y as i32),
            heading: self.heading,
            health: self.health,
            marks: self.marks,
            seat: self.seat,
        }
    }

    /// Where in its group it is expected after so many ticks.
    pub(super) fn expected(&self, ticks: i32, limit: i32) -> (i32, i32) {
        let (dx, dy) = self.pace.ahead(ticks);
        ((i32::from(self.x) + dx).clamp(0, limit), (i32::from(self.y) + dy).clamp(0, limit))
    }

    /// True where it is the same thing; what else may differ can be told as a change.
    #[must_use]
    pub fn is_same_thing(&self, other: &Entry) -> bool {
        self.id == other.id && self.kind == other.kind && self.seat == other.seat
    }

    /// A sum over all that it holds.
    #[must_use]
    pub fn sum(&self) -> u64 {
        const K: u64 = 0x9e37_79b9_7f4a_7c15;
        let place = u64::from(self.id.0) | u64::from(self.x) << 16 | u64::from(self.y) << 32;
        let pace = u64::from(self.pace.vx as u16)
            | u64::from(self.pace.vy as u16) << 16
            | u64::from(self.pace.ax as u8) << 32
            | u64::from(self.pace.ay as u8) << 40
            | u64::from(self.heading) << 48
            | u64::from(self.health) << 56;
        let rest = u64::from(self.marks.0)
            | (self.kind.index() as u64) << 8
            | (self.layer.index() as u64) << 16
            | u64::from(self.seat.map_or(u16::MAX, |s| s.0)) << 24;
        [place, pace, rest].iter().fold(K, |h, part| (h ^ part).wrapping_mul(K).rotate_left(29))
    }
}

/// A sum over a group's content; both sides have the same where they hold the same.
#[must_use]
pub fn check(group: GroupId, entries: &[Entry]) -> u16 {
    check_of(group, entries.iter().map(Entry::sum))
}

/// The same from each thing's [`Entry::sum`], in any order.
#[must_use]
pub fn check_of(group: GroupId, sums: impl Iterator<Item = u64>) -> u16 {
    let start = u64::from(group.0).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let sum = sums.fold(start, u64::wrapping_add);
    ((sum ^ sum >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as u16
}
