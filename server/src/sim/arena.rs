//! Dense storage with generational ids: iteration is a walk over a slice in a defined order, and
//! an id of something that is gone finds nothing instead of its successor.

use std::marker::PhantomData;

use super::sighting::Key;

/// Which arena a [`Key`] points into: its two top bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sim) enum Class {
    Unit = 0,
    Structure = 1,
    Soldier = 2,
    /// A cell of the raster that blips are told on.
    Blip = 3,
}

const INDEX_BITS: u32 = 16;
const GENERATION_MASK: u32 = 0x3fff;

/// The id of a `T`, good for as long as that `T` lives.
#[derive(Debug)]
pub(in crate::sim) struct Id<T> {
    index: u16,
    generation: u16,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.index, self.generation) == (other.index, other.generation)
    }
}
impl<T> Eq for Id<T> {}

impl<T> Id<T> {
    /// The key that names this id outside the arena.
    pub(in crate::sim) const fn key(self, class: Class) -> Key {
        Key((class as u32) << 30 | (self.generation as u32 & GENERATION_MASK) << INDEX_BITS | self.index as u32)
    }

    /// The slot it lives in; walks over the arena go by it.
    pub(in crate::sim) const fn slot(self) -> u16 {
        self.index
    }

    /// Slot and generation, for the state hash.
    pub(in crate::sim) const fn bits(self) -> u64 {
        (self.generation as u64) << 16 | self.index as u64
    }
}

struct Slot<T> {
    generation: u16,
    value: Option<T>,
}

/// Values of one type in slots; a freed slot is used again under the next generation.
pub(in crate::sim) struct Arena<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u16>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Arena { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Arena<T> {
    /// Stores `value`.
    ///
    /// # Panics
    /// At 65,536 values: every caller's population is bounded far below.
    pub(in crate::sim) fn insert(&mut self, value: T) -> Id<T> {
        if let Some(index) = self.free.pop() {
            let slot = &mut self.slots[usize::from(index)];
            slot.value = Some(value);
            return Id { index, generation: slot.generation, of: PhantomData };
        }
        let index = u16::try_from(self.slots.len()).expect("an arena holds at most 65,536 values");
        self.slots.push(Slot { generation: 0, value: Some(value) });
        Id { index, generation: 0, of: PhantomData }
    }

    /// Takes the value out; `None` when it is gone already.
    pub(in crate::sim) fn remove(&mut self, id: Id<T>) -> Option<T> {
        let slot = self.slots.get_mut(usize::from(id.index)).filter(|s| s.generation == id.generation)?;
        let value = slot.value.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(id.index);
        Some(value)
    }

    /// The value, if it still lives.
    pub(in crate::sim) fn get(&self, id: Id<T>) -> Option<&T> {
        self.slots.get(usize::from(id.index)).filter(|s| s.generation == id.generation)?.value.as_ref()
    }

    /// The value to be changed, if it still lives.
    pub(in crate::sim) fn get_mut(&mut self, id: Id<T>) -> Option<&mut T> {
        self.slots.get_mut(usize::from(id.index)).filter(|s| s.generation == id.generation)?.value.as_mut()
    }

    /// Everything that lives, in slot order.
    pub(in crate::sim) fn iter(&self) -> impl Iterator<Item = (Id<T>, &T)> {
        self.slots.iter().enumerate().filter_map(|(i, s)| {
            let id = Id { index: i as u16, generation: s.generation, of: PhantomData };
            s.value.as_ref().map(|v| (id, v))
        })
    }

    /// Everything that lives, to be changed, in slot order.
    pub(in crate::sim) fn iter_mut(&mut self) -> impl Iterator<Item = (Id<T>, &mut T)> {
        self.slots.iter_mut().enumerate().filter_map(|(i, s)| {
            let id = Id { index: i as u16, generation: s.generation, of: PhantomData };
            s.value.as_mut().map(|v| (id, v))
        })
    }
}

impl<T> std::ops::Index<Id<T>> for Arena<T> {
    type Output = T;

    fn index(&self, id: Id<T>) -> &T {
        self.get(id).expect("the id's value lives")
    }
}

impl<T> std::ops::IndexMut<Id<T>> for Arena<T> {
    fn index_mut(&mut self, id: Id<T>) -> &mut T {
        self.get_mut(id).expect("the id's value lives")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_something_gone_finds_nothing() {
        let mut arena = Arena::default();
        let first = arena.insert("first");
        assert_eq!(arena.remove(first), Some("first"));
        let second = arena.insert("second");
        assert_eq!((first.index, arena.get(first)), (second.index, None));
        assert_eq!(arena.remove(first), None);
        assert_ne!(first.key(Class::Unit), second.key(Class::Unit));
        assert_ne!(second.key(Class::Unit), second.key(Class::Structure));
        assert_eq!(arena.iter().map(|(_, v)| *v).collect::<Vec<_>>(), ["second"]);
    }
}
