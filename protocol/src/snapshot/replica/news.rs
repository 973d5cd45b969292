//! Which word on a thing counts where groups tell of it more than once, and how things moved between two
//! looks.

use std::cmp::Reverse;

use super::{Motion, Replica};
use crate::ids::NetId;
use crate::snapshot::Version;
use crate::view::Thing;

/// The things that more than one group tells of, for they are on their way from one to another, and
/// where the newest word on each stands.
pub(super) struct Twice {
    ids: IdSet,
    /// Sorted by id.
    newest: Vec<Again>,
}

/// A thing's id, the version of a group that tells of it, newest first, and the group's place.
pub(super) type Again = (NetId, Reverse<Version>, u16);

impl Twice {
    /// In the memory of those of another look.
    pub(super) fn told_in(replica: &Replica, mut newest: Vec<Again>) -> Twice {
        let (mut seen, mut ids) = (IdSet::default(), IdSet::default());
        let mut is_any = false;
        for entry in replica.groups().flat_map(|(_, slot, _)| &slot.things) {
            if !seen.insert(entry.id) {
                is_any = true;
                ids.insert(entry.id);
            }
        }
        newest.clear();
        if is_any {
            for (at, slot, group) in replica.groups() {
                let told = slot.things.iter().filter(|entry| ids.contains(entry.id));
                let current = told.filter(|e| !replica.is_outdated(group, slot.version, &e.thing(group)));
                newest.extend(current.map(|entry| (entry.id, Reverse(slot.version), at)));
            }
        }
        newest.sort_unstable();
        newest.dedup_by_key(|(id, ..)| *id);
        Twice { ids, newest }
    }

    pub(super) fn into_memory(self) -> Vec<Again> {
        self.newest
    }

    /// False where another place than `at` has a newer word on the thing.
    pub(super) fn is_newest(&self, id: NetId, at: u16) -> bool {
        !self.ids.contains(id)
            || self.newest.binary_search_by_key(&id, |(id, ..)| *id).is_ok_and(|found| self.newest[found].2 == at)
    }
}

/// A word on a thing: when it came, and when what is shown of it is so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) told: Version,
    pub(super) shown_at: Version,
    pub(super) thing: Thing,
}

/// A set of ids. It lies on the stack: memory that comes and goes with every look costs more than to empty it.
struct IdSet([u64; (1 << 16) / 64]);

impl Default for IdSet {
    fn default() -> IdSet {
        IdSet([0; (1 << 16) / 64])
    }
}

impl IdSet {
    /// Takes an id in; false where it was in already.
    fn insert(&mut self, id: NetId) -> bool {
        let (word, bit) = (&mut self.0[usize::from(id.0) / 64], 1 << (id.0 % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    fn contains(&self, id: NetId) -> bool {
        self.0[usize::from(id.0) / 64] >> (id.0 % 64) & 1 == 1
    }
}

/// Puts into `order` where the newest word on each thing stands in `told`, in the order of ids: one number a word,
/// its low 16 bits the place, for numbers are sorted several times faster than what they stand for.
pub(super) fn newest_words(told: &[Word], order: &mut Vec<u64>) {
    let word = |(at, Word { told, thing, .. }): (u16, &Word)| {
        u64::from(thing.id.0) << 48 | u64::from(!told.0) << 16 | u64::from(at)
    };
    // There are no more ids than places; only a faulty server could tell of more things.
    order.clear();
    order.extend((0..=u16::MAX).zip(told).map(word));
    order.sort_unstable();
    order.dedup_by_key(|word| *word >> 48);
}

/// The motions of what is seen now, from those before; both are sorted by id.
pub(super) fn follow<'a>(before: &[Motion], seen: impl Iterator<Item = &'a Word>) -> impl Iterator<Item = Motion> {
    let mut old = before.iter().peekable();
    let step = move |Word { shown_at, thing, .. }: &Word| {
        while old.next_if(|m| m.id < thing.id).is_some() {}
        let to = (shown_at.tick(), thing.pos);
        let from = match old.peek().filter(|m| m.id == thing.id) {
            Some(m) if m.to.0 < to.0 => m.to,
            Some(m) => m.from,
            None => to,
        };
        Motion { id: thing.id, from, to }
    };
    seen.map(step)
}
