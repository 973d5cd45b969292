//! A spatial index over points, rebuilt by counting sort: neighbours lie side by side in memory.

use gamera_protocol::ground;
use gamera_protocol::measure::{Pos, metres};

/// Edge of a cell, metres.
const CELL_M: i32 = 16;

/// Indices of points by cell, over the rectangle that holds them all: a small swarm is cheap.
#[derive(Default)]
pub(in crate::sim) struct Grid {
    /// Column and row of the first cell.
    low: (i32, i32),
    columns: i32,
    rows: i32,
    /// `items[starts[c]..starts[c + 1]]` lie in cell `c`.
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Grid {
    /// Indexes `points` by their place in the walk.
    pub(in crate::sim) fn rebuild(&mut self, points: impl Iterator<Item = Pos> + Clone) {
        self.enclose(points.clone().map(cell_of));
        self.starts.clear();
        self.starts.resize((self.columns * self.rows) as usize + 1, 0);
        let mut count = 0;
        for p in points.clone() {
            let cell = self.index(cell_of(p));
            self.starts[cell + 1] += 1;
            count += 1;
        }
        for c in 1..self.starts.len() {
            self.starts[c] += self.starts[c - 1];
        }
        self.items.resize(count, 0);
        let mut next = std::mem::take(&mut self.starts);
        for (i, p) in points.enumerate() {
            let slot = &mut next[self.index(cell_of(p))];
            self.items[*slot as usize] = i as u32;
            *slot += 1;
        }
        // Every start has moved to its cell's end: shift them back by one cell.
        let last = next.len() - 1;
        next.copy_within(0..last, 1);
        next[0] = 0;
        self.starts = next;
    }

    /// The indices in all cells that a square of `radius` grid units around `pos` touches, row by
    /// row. The caller checks the distance.
    pub(in crate::sim) fn around(&self, pos: Pos, radius: i32) -> impl Iterator<Item = u32> + '_ {
        let (x0, y0) = cell_of(Pos::new(pos.x - radius, pos.y - radius));
        let (x1, y1) = cell_of(Pos::new(pos.x + radius, pos.y + radius));
        let columns = ((x0 - self.low.0).max(0), (x1 - self.low.0).min(self.columns - 1));
        let rows = (y0 - self.low.1).max(0)..=(y1 - self.low.1).min(self.rows - 1);
        let crossed = columns.0 <= columns.1;
        rows.filter(move |_| crossed).flat_map(move |row| {
            let start = self.starts[(row * self.columns + columns.0) as usize] as usize;
            let end = self.starts[(row * self.columns + columns.1) as usize + 1] as usize;
            self.items[start..end].iter().copied()
        })
    }

    /// The indices in the cell of `pos`, from one that depends on `seed` on: a crowded cell gives
    /// each asker others of its neighbours.
    pub(in crate::sim) fn neighbours(&self, pos: Pos, seed: usize) -> impl Iterator<Item = u32> + '_ {
        let (x, y) = cell_of(pos);
        let (column, row) = (x - self.low.0, y - self.low.1);
        let inside = (0..self.columns).contains(&column) && (0..self.rows).contains(&row);
        let cell = if inside { (row * self.columns + column) as usize } else { 0 };
        let items = if inside { &self.items[self.starts[cell] as usize..self.starts[cell + 1] as usize] } else { &[] };
        let (before, after) = items.split_at(seed % items.len().max(1));
        after.iter().chain(before).copied()
    }

    fn enclose(&mut self, cells: impl Iterator<Item = (i32, i32)>) {
        let (mut low, mut high) = ((i32::MAX, i32::MAX), (i32::MIN, i32::MIN));
        for (x, y) in cells {
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        }
        let empty = low.0 > high.0;
        self.low = low;
        (self.columns, self.rows) = if empty { (0, 0) } else { (high.0 - low.0 + 1, high.1 - low.1 + 1) };
    }

    fn index(&self, (x, y): (i32, i32)) -> usize {
        ((y - self.low.1) * self.columns + x - self.low.0) as usize
    }
}

fn cell_of(pos: Pos) -> (i32, i32) {
    let p = ground::clamp(pos);
    (p.x / metres(CELL_M), p.y / metres(CELL_M))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::rng::Pcg32;

    #[test]
    fn everything_near_is_found_once_and_in_order() {
        let mut rng = Pcg32::new(7, 7);
        let points: Vec<Pos> =
            (0..500).map(|_| Pos::from_m(rng.between(1_000, 1_300), rng.between(700, 900))).collect();
        let mut grid = Grid::default();
        for round in 0..2 {
            grid.rebuild(points.iter().copied());
            let middle = Pos::from_m(1_100 + round * 40, 800);
            let near = |i: &u32| points[*i as usize].within(middle, metres(50));
            let mut found: Vec<u32> = grid.around(middle, metres(50)).filter(near).collect();
            found.sort_unstable();
            let wanted: Vec<u32> = (0..500).filter(near).collect();
            assert_eq!(found, wanted);
        }
    }

    #[test]
    fn an_empty_grid_and_a_far_query_find_nothing() {
        let mut grid = Grid::default();
        grid.rebuild(std::iter::empty());
        assert_eq!(grid.around(Pos::from_m(10, 10), metres(500)).count(), 0);
        grid.rebuild([Pos::from_m(8_000, 3_000)].into_iter());
        assert_eq!(grid.around(Pos::from_m(10, 10), metres(500)).count(), 0);
    }
}
