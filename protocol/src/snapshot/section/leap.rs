//! More than one tick at once: what is expected then, and how far off that was.
//!
//! A step's pace follows from its places; a leap's is told, so that the result is the same by whatever
//! way a client came to it. That is what lets one section serve all.

use crate::snapshot::group::GroupId;
use crate::snapshot::section::Entry;
use crate::snapshot::section::pace::Pace;
use crate::snapshot::{SnapshotError, Version};

/// A thing is expected to go on for so many ticks at most.
const TICKS_MAX: u32 = 32;

/// Over how many ticks, in what group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leap {
    pub(super) ticks: i32,
    /// Largest coordinate.
    pub(super) limit: i32,
}

/// How a thing differs from what was expected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Off {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) vx: i32,
    pub(super) vy: i32,
    pub(super) ax: i32,
    pub(super) ay: i32,
    /// It faces elsewhere than before.
    pub(super) turned: bool,
}

impl Off {
    pub(super) fn is_none(self) -> bool {
        self == Off::default()
    }
}

impl Leap {
    pub(super) fn new(group: GroupId, version: Version, base: Version) -> Leap {
        let ticks = (version.0 - base.0).min(TICKS_MAX) as i32;
        Leap { ticks, limit: (1 << group.coordinate_bits()) - 1 }
    }

    pub(super) fn off(self, was: &Entry, now: &Entry) -> Off {
        let (x, y) = was.expected(self.ticks, self.limit);
        let (x, y) = (i32::from(now.x) - x, i32::from(now.y) - y);
        let pace = was.pace.expected(self.ticks, (x, y));
        Off {
            x,
            y,
            vx: i32::from(now.pace.vx) - i32::from(pace.vx),
            vy: i32::from(now.pace.vy) - i32::from(pace.vy),
            ax: i32::from(now.pace.ax) - i32::from(pace.ax),
            ay: i32::from(now.pace.ay) - i32::from(pace.ay),
            turned: now.heading != was.heading,
        }
    }

    /// Puts a thing where it is, with the pace that it has there.
    pub(super) fn land(self, was: &Entry, off: Off, now: &mut Entry) -> Result<(), SnapshotError> {
        let (x, y) = was.expected(self.ticks, self.limit);
        let place = |expected: i32, off: i32| {
            let at = expected.saturating_add(off);
            if (0..=self.limit).contains(&at) { Ok(at as u16) } else { Err(SnapshotError::OutOfRange("place")) }
        };
        (now.x, now.y) = (place(x, off.x)?, place(y, off.y)?);
        let pace = was.pace.expected(self.ticks, (off.x, off.y));
        let sum = |expected: i32, off: i32| expected.saturating_add(off);
        let (vx, vy) = (sum(pace.vx.into(), off.vx), sum(pace.vy.into(), off.vy));
        let (ax, ay) = (sum(pace.ax.into(), off.ax), sum(pace.ay.into(), off.ay));
        now.pace = Pace::told(vx, vy, ax, ay).ok_or(SnapshotError::OutOfRange("speed"))?;
        Ok(())
    }
}
