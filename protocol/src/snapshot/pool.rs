//! Lists that are used again. Memory comes in sizes, each twice the one before, and a list gets the least that holds
//! it: memory for many things is never kept for few.

/// The least memory, and how many sizes there are.
const LEAST: usize = 4;
const SIZES: usize = 6;

/// Memory of lists that were given back.
#[derive(Clone, Debug)]
pub struct Pool<T> {
    by_size: [Vec<Vec<T>>; SIZES],
    /// Things that what rests has room for, and at most.
    room: usize,
    room_max: usize,
}

impl<T: Copy> Pool<T> {
    /// One that keeps memory for so many things at most.
    #[must_use]
    pub fn new(room_max: usize) -> Pool<T> {
        Pool { by_size: std::array::from_fn(|_| Vec::new()), room: 0, room_max }
    }

    /// A list of the same things.
    pub fn list_of(&mut self, things: &[T]) -> Vec<T> {
        self.list_with(things.iter().copied())
    }

    /// A list of things.
    pub fn list_with(&mut self, things: impl ExactSizeIterator<Item = T>) -> Vec<T> {
        if things.len() == 0 {
            return Vec::new();
        }
        let size = size_of(things.len());
        let rested = self.by_size.get_mut(size).and_then(Vec::pop);
        self.room -= rested.as_ref().map_or(0, Vec::capacity);
        let mut list = rested.unwrap_or_else(|| Vec::with_capacity(LEAST << size));
        list.extend(things);
        list
    }

    /// Takes a list's memory back.
    pub fn take(&mut self, mut list: Vec<T>) {
        let capacity = list.capacity();
        let size = size_of(capacity);
        if capacity == LEAST << size && size < SIZES && self.room + capacity <= self.room_max {
            list.clear();
            self.room += capacity;
            self.by_size[size].push(list);
        }
    }
}

/// The least size that has room for so many.
fn size_of(things: usize) -> usize {
    (things.max(LEAST).next_power_of_two() / LEAST).ilog2() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_gets_memory_for_twice_its_things_at_most() {
        let mut pool = Pool::new(1_000);
        for (things, capacity) in [(0, 0), (1, 4), (4, 4), (5, 8), (100, 128), (128, 128), (129, 256), (1_000, 1_024)] {
            for _ in 0..2 {
                let list = pool.list_of(&vec![7_u8; things]);
                assert_eq!((list.len(), list.capacity()), (things, capacity));
                pool.take(list);
            }
        }
    }

    #[test]
    fn what_is_given_back_is_given_out_again_and_no_more_is_kept_than_allowed() {
        let mut pool = Pool::new(40);
        let lists: Vec<Vec<u8>> = (0..9).map(|n| pool.list_of(&[n; 6])).collect();
        let first = lists[0].as_ptr();
        lists.into_iter().for_each(|list| pool.take(list));
        assert_eq!((pool.room, pool.by_size[1].len()), (40, 5));
        let again: Vec<Vec<u8>> = (0..6).map(|_| pool.list_of(&[1; 8])).collect();
        assert!(again.iter().any(|list| list.as_ptr() == first) && pool.room == 0);
    }
}
