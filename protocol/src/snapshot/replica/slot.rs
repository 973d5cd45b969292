//! One group as a client holds it: its content, and what it was before.

use std::collections::VecDeque;

use crate::measure::Tick;
use crate::snapshot::Version;
use crate::snapshot::group::{GroupId, SLOTS};
use crate::snapshot::pool::Pool;
use crate::snapshot::section::Entry;
use crate::snapshot::section::rough::drift;
use crate::view::Thing;

/// Versions of a group that are kept behind the present one: a repair starts from what the server is
/// sure of, and that is a round trip old.
pub const PAST_VERSIONS: usize = 16;

/// What is told of roughly is shown going on for so many ticks: a word is due several times in them.
const SHOWN_TICKS_MAX: u32 = 30;

/// One place of the table of groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot {
    pub(super) group: Option<GroupId>,
    /// Sections of datagrams older than this one are not for this stay of the group in the window.
    pub(super) since: u32,
    pub(super) version: Version,
    pub(super) things: Vec<Entry>,
    /// True where they are told of roughly: each goes on evenly until it is told of anew.
    pub(super) rough: bool,
    /// What the group was before, oldest first.
    pub(super) past: VecDeque<(Version, Vec<Entry>)>,
    /// The newest version that the server has told of in this stay.
    pub(super) told: Version,
    /// The datagram that last changed it.
    pub(super) changed_by: u32,
}

impl Slot {
    /// The content of `version`, as far back as it is kept.
    pub(super) fn content(&self, version: Version) -> Option<&[Entry]> {
        if version == self.version {
            return Some(&self.things);
        }
        self.past.iter().rev().find(|(past, _)| *past == version).map(|(_, things)| things.as_slice())
    }

    /// Takes the new content.
    pub(super) fn renew(&mut self, version: Version, content: &[Entry], memory: &mut Memory) {
        if self.past.len() == PAST_VERSIONS {
            self.past.pop_front().into_iter().for_each(|(_, things)| memory.lists.take(things));
        }
        let things = std::mem::replace(&mut self.things, memory.lists.list_of(content));
        let before = std::mem::replace(&mut self.version, version);
        if !before.is_some() {
            memory.lists.take(things);
            return;
        }
        if self.past.capacity() == 0 {
            self.past = memory.pasts.pop().unwrap_or_else(|| VecDeque::with_capacity(PAST_VERSIONS));
        }
        self.past.push_back((before, things));
    }

    /// Makes room for another group, or for none.
    pub(super) fn clear(&mut self, memory: &mut Memory) {
        let Slot { things, mut past, .. } = std::mem::take(self);
        memory.lists.take(things);
        past.drain(..).for_each(|(_, things)| memory.lists.take(things));
        if past.capacity() > 0 && memory.pasts.len() < PASTS_MAX {
            memory.pasts.push(past);
        }
    }

    /// When what [`Self::shown`] gives is so: in the tick of the last word, or, told roughly, at `now`.
    pub(super) fn shown_at(&self, now: Tick) -> Version {
        let ahead = if self.rough { now.since(self.version.tick()).min(SHOWN_TICKS_MAX) } else { 0 };
        Version(self.version.0 + ahead)
    }

    /// What it holds as it is shown at `now`.
    pub(super) fn shown(&self, group: GroupId, now: Tick) -> impl Iterator<Item = Thing> {
        let ahead = self.shown_at(now).0 - self.version.0;
        let limit = (1 << group.coordinate_bits()) - 1;
        self.things.iter().map(
            move |entry| {
                if ahead == 0 { entry.thing(group) } else { drift(entry, ahead, limit).thing(group) }
            },
        )
    }

    /// True where the server has told of a version that is not held.
    pub(super) fn is_behind(&self) -> bool {
        self.version < self.told
    }
}

/// Memory of what places held: groups come into the window as others go.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    lists: Pool<Entry>,
    pasts: Vec<VecDeque<(Version, Vec<Entry>)>>,
}

/// Things that there is memory for, and lists of past versions: as many as a window leaves behind with a step.
const THINGS_MAX: usize = 2_048;
const PASTS_MAX: usize = 32;

impl Default for Memory {
    fn default() -> Memory {
        Memory { lists: Pool::new(THINGS_MAX), pasts: Vec::new() }
    }
}

/// Which places of the table hold something: most hold nothing, and a table of which each place is looked at is
/// in no processor's cache.
#[derive(Clone, Debug)]
pub(super) struct Holding([u64; SLOTS.div_ceil(64)]);

impl Default for Holding {
    fn default() -> Holding {
        Holding([0; SLOTS.div_ceil(64)])
    }
}

impl Holding {
    /// Notes whether a place holds something.
    pub(super) fn set(&mut self, at: usize, holds: bool) {
        let (word, bit) = (&mut self.0[at / 64], 1 << (at % 64));
        *word = if holds { *word | bit } else { *word & !bit };
    }

    /// The places that hold something, in ascending order.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        (0..).step_by(64).zip(&self.0).flat_map(|(first, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
                (bit < 64).then_some(first + bit)
            })
        })
    }
}
