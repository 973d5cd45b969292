//! Sets of groups, as bits that lie such that a client's table of cells is cut out of them with a
//! mask and no shift.

use gamera_protocol::snapshot::Window;
use gamera_protocol::snapshot::group::{CELLS, CELLS_X, CELLS_Y, GROUPS, GroupId, REGIONS, SLOTS, TABLE, Tier};

const WORDS_X: usize = CELLS_X / 32;
const REGION_WORDS: usize = 2 * REGIONS / 32;
const _: () = assert!(TABLE == 32 && CELLS_X.is_multiple_of(32) && REGIONS.is_multiple_of(32), "words hold whole rows");

/// A set of groups.
#[derive(Clone, Debug)]
pub(super) struct GroupSet {
    words: [u32; WORDS_X * CELLS_Y + REGION_WORDS],
}

impl Default for GroupSet {
    fn default() -> GroupSet {
        GroupSet { words: [0; WORDS_X * CELLS_Y + REGION_WORDS] }
    }
}

impl GroupSet {
    pub(super) fn clear(&mut self) {
        self.words.fill(0);
    }

    pub(super) fn insert(&mut self, group: GroupId) {
        self.words[group.index() / 32] |= 1 << (group.index() % 32);
    }

    pub(super) fn set(&mut self, group: GroupId, on: bool) {
        let (word, bit) = (group.index() / 32, 1 << (group.index() % 32));
        self.words[word] = if on { self.words[word] | bit } else { self.words[word] & !bit };
    }

    /// The groups, in ascending order.
    pub(super) fn iter(&self) -> impl Iterator<Item = GroupId> + '_ {
        bits(self.words.iter().copied()).map(|i| GroupId(i as u16))
    }

    pub(super) fn contains(&self, group: GroupId) -> bool {
        self.words[group.index() / 32] >> (group.index() % 32) & 1 == 1
    }
}

/// A set of places of a client's table.
#[derive(Clone, Debug)]
pub(super) struct SlotSet {
    words: [u32; SLOTS / 32],
}

impl Default for SlotSet {
    fn default() -> SlotSet {
        SlotSet { words: [0; SLOTS / 32] }
    }
}

impl SlotSet {
    /// The places of all regions of a tier.
    pub(super) fn regions(tier: Tier) -> SlotSet {
        let first = TABLE + if tier == Tier::Giants { 0 } else { REGIONS / 32 };
        let mut set = SlotSet::default();
        set.words[first..][..REGIONS / 32].fill(u32::MAX);
        set
    }

    pub(super) fn insert(&mut self, slot: usize) {
        self.words[slot / 32] |= 1 << (slot % 32);
    }

    pub(super) fn contains(&self, slot: usize) -> bool {
        self.words[slot / 32] >> (slot % 32) & 1 == 1
    }

    pub(super) fn remove(&mut self, slot: usize) {
        self.words[slot / 32] &= !(1 << (slot % 32));
    }

    pub(super) fn set(&mut self, slot: usize, on: bool) {
        if on { self.insert(slot) } else { self.remove(slot) }
    }

    /// Adds all places of `other`.
    pub(super) fn add(&mut self, other: &SlotSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// Takes out all places of `other`.
    pub(super) fn take_out(&mut self, other: &SlotSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(mine, theirs)| *mine &= !theirs);
    }

    /// Adds the places of all groups of `set` that `window` holds.
    pub(super) fn add_within(&mut self, window: Window, set: &GroupSet) {
        for row in window.rows() {
            let Some(half) = window.half_width(row) else { continue };
            let (low, mask) = columns(window, half);
            let words = &set.words[row * WORDS_X..][..WORDS_X];
            // The columns lie in at most two words of the row, and their bits do not overlap in the table.
            let (left, right) = (words[low / 32], words.get(low / 32 + 1).copied().unwrap_or(0));
            let in_left = u32::MAX << (low % 32);
            self.words[row % TABLE] |= (left & in_left | right & !in_left) & mask;
        }
        for (mine, theirs) in self.words[TABLE..].iter_mut().zip(&set.words[CELLS / 32..]) {
            *mine |= theirs;
        }
    }

    /// Adds the places that are in both sets.
    pub(super) fn add_common(&mut self, a: &SlotSet, b: &SlotSet) {
        for ((mine, a), b) in self.words.iter_mut().zip(&a.words).zip(&b.words) {
            *mine |= a & b;
        }
    }

    /// Leaves only the places that are also in `other`.
    pub(super) fn keep(&mut self, other: &SlotSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(mine, theirs)| *mine &= theirs);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Calls `each` with the places, in ascending order.
    pub(super) fn each(&self, mut each: impl FnMut(usize)) {
        for (at, word) in self.words.iter().enumerate() {
            each_bit(*word, |bit| each(at * 32 + bit));
        }
    }

    /// Calls `each` with the groups that have these places in `window`, in the window's order.
    pub(super) fn each_in(&self, window: Window, mut each: impl FnMut(GroupId)) {
        for row in window.rows() {
            let Some(half) = window.half_width(row) else { continue };
            let (low, mask) = columns(window, half);
            // Turned such that the first column of the row is the lowest bit.
            let word = (self.words[row % TABLE] & mask).rotate_right(low as u32 % 32);
            each_bit(word, |column| each(GroupId::cell(low + column, row)));
        }
        for (at, word) in self.words[TABLE..].iter().enumerate() {
            each_bit(*word, |region| each(GroupId((CELLS + at * 32 + region) as u16)));
        }
    }

    /// The places, in ascending order.
    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        bits(self.words.iter().copied())
    }
}

fn bits(words: impl Iterator<Item = u32>) -> impl Iterator<Item = usize> {
    words.enumerate().flat_map(|(i, word)| {
        let mut left = word;
        std::iter::from_fn(move || {
            let bit = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            (bit < 32).then_some(i * 32 + bit as usize)
        })
    })
}

fn each_bit(word: u32, mut each: impl FnMut(usize)) {
    let mut left = word;
    while left != 0 {
        each(left.trailing_zeros() as usize);
        left &= left - 1;
    }
}

/// The first column within the ground, and the columns as bits of a row of the table.
fn columns(window: Window, half: i32) -> (usize, u32) {
    let middle = window.middle().0 as i32;
    let (low, high) = ((middle - half).max(0), (middle + half).min(CELLS_X as i32 - 1));
    let width = (high - low + 1) as u32;
    debug_assert!(width < 32, "a window is narrower than the table");
    (low as usize, ((1_u32 << width) - 1).rotate_left(low as u32 % 32))
}

const _: () = assert!(GROUPS.is_multiple_of(32), "the last word is whole");

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::measure::Pos;
    use gamera_protocol::rng::Pcg32;

    #[test]
    fn what_is_cut_out_is_what_the_window_holds() {
        let mut rng = Pcg32::new(1, 1);
        for _ in 0..300 {
            let mut set = GroupSet::default();
            (0..2_000).for_each(|_| set.insert(GroupId(rng.below(GROUPS as u32) as u16)));
            let at = Pos::from_m(rng.between(0, 8_191), rng.between(0, 3_071));
            let window = Window::around(at, rng.below(16) as u8);
            let mut slots = SlotSet::default();
            slots.add_within(window, &set);
            let mut wanted: Vec<usize> = (0..GROUPS)
                .map(|i| GroupId(i as u16))
                .filter(|g| set.contains(*g) && window.holds(*g))
                .map(GroupId::slot)
                .collect();
            wanted.sort_unstable();
            assert_eq!(slots.iter().collect::<Vec<_>>(), wanted);
            let mut groups = Vec::new();
            slots.each_in(window, |group| groups.push(group));
            assert!(groups.is_sorted_by_key(|group| window.order_of(*group)));
            wanted.sort_unstable_by_key(|slot| window.order_of(window.group_in(*slot)));
            assert_eq!(groups.into_iter().map(GroupId::slot).collect::<Vec<_>>(), wanted);
        }
    }
}
