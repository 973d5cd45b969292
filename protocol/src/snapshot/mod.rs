//! Snapshots and inputs as datagrams: their formats, and the receiving half of replication.
//!
//! # What crosses the wire
//!
//! The ground is cut into *groups* ([`group`]): cells near the viewer, and coarser regions that
//! carry the few things a player follows from afar. A group's content is a list of things sorted by
//! id, and has a *version*: the tick of its last change. A snapshot datagram is at most
//! [`DATAGRAM_MAX`] bytes, readable alone, and holds, bit by bit and lowest bit first:
//!
//! | part | bits | meaning |
//! |---|---|---|
//! | sequence | 16 | counts this client's datagrams |
//! | tick | Golomb 14 | the server's tick |
//! | window | 17 | middle cell and radius of what the client is to hold |
//! | echo | 1, more | newest input that was used, and how many ticks early it came |
//! | own | 1, more | the own unit, exactly: how it moves; 1, more: the rest, where it has changed |
//! | team | 1, more | what the faction knows of the match |
//! | density | 1, more | the swarm as a coarse grid of logarithmic counts |
//! | check | 16 | sum over the groups below as they are when rebuilt |
//! | sections | | range-coded to the end: see [`section`] |
//!
//! A section leads one group from a base version to a newer one, or from nothing. What it says of a
//! thing depends on the faction, the group and the base alone, so the server works it out once for
//! everybody who holds that base; of a group at the rim of its reach a client is told of the things
//! within. [`Replica`] applies a section only where it holds exactly the base. Elsewhere it
//! holds back that group, and of the datagram what stands behind, which is what started from bases at
//! least as young; it says so in its next [`InputDatagram`], and goes on as soon as the base arrives.
//!
//! # Why there are no ghosts
//!
//! The window of the newest datagram is the rule for what a client keeps: groups outside it are
//! dropped, and sections of datagrams older than a group's entry into the window are not applied.
//! The server forgets by the same rule. Until it knows that the client has heard of a drop, it
//! sends even the empty cells of what re-enters.

pub mod density;
pub mod group;
mod header;
mod input;
mod pack;
pub mod pool;
mod replica;
pub mod section;
mod sections;

pub use density::Density;
pub use header::{Header, InputEcho, Window};
pub use input::{Acks, INPUTS_MAX, InputDatagram, NACKS_MAX, Nack};
pub use pack::{OwnState, pack_team};
pub use replica::{Applied, LinkFigures, Motion, PAST_VERSIONS, Replica};

use crate::bits::OutOfBits;
use crate::measure::Tick;

/// No snapshot or input is larger, in either direction: with the epoch before it, a datagram has at
/// most [`crate::message::DATAGRAM_MAX`].
pub const DATAGRAM_MAX: usize = crate::message::DATAGRAM_MAX - 1;

/// Sections that one datagram holds at most.
pub const SECTIONS_MAX: usize = 511;

/// Datagrams that a sender takes for lost when one this much younger has arrived.
pub const REORDER_DATAGRAMS: u32 = 3;

/// Why a datagram was refused. The view is as it was, but for sections before the fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It ends too early.
    #[error(transparent)]
    Truncated(#[from] OutOfBits),
    /// It is larger than [`DATAGRAM_MAX`].
    #[error("the datagram has {0} bytes, more than are ever sent")]
    Oversize(usize),
    /// A value is none that the other side writes.
    #[error("the datagram's {0} is out of range")]
    OutOfRange(&'static str),
}

/// The version of a group: one more than the tick of its last change; zero is "nothing held".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Version(pub u32);

impl Version {
    /// No version: the group is not held.
    pub const NONE: Version = Version(0);

    /// The version of a group that changed in `tick`.
    #[inline]
    #[must_use]
    pub const fn at(tick: Tick) -> Version {
        Version(tick.0.saturating_add(1))
    }

    /// The tick of the change.
    #[inline]
    #[must_use]
    pub const fn tick(self) -> Tick {
        Tick(self.0.saturating_sub(1))
    }

    /// True where the group is held.
    #[inline]
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.0 != 0
    }
}

/// The full sequence number behind the 16 bits of `wire`, the one nearest to `newest`.
#[must_use]
pub const fn widen_sequence(newest: u32, wire: u16) -> u32 {
    let ahead = wire.wrapping_sub(newest as u16) as i16;
    newest.wrapping_add_signed(ahead as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_number_is_widened_to_the_nearest() {
        for (newest, wire, wide) in
            [(0, 1, 1), (10, 9, 9), (65_535, 0, 65_536), (65_540, 65_535, 65_535), (200_000, 3_400, 200_008)]
        {
            assert_eq!(widen_sequence(newest, wire), wide, "{newest} {wire}");
        }
    }
}
