//! The swarm as a grid of logarithmic counts: what a viewer is told of soldiers beyond those that
//! it is sent one by one.

use crate::bits::{BitReader, BitWriter, golomb_bits};
use crate::ground;
use crate::measure::{Pos, metres};
use crate::snapshot::SnapshotError;

/// Side of a square, metres.
pub const SQUARE_M: i32 = 128;
/// Squares from west to east.
pub const COLUMNS: usize = (ground::WIDTH_M / SQUARE_M) as usize;
/// Squares from south to north.
pub const ROWS: usize = (ground::HEIGHT_M / SQUARE_M) as usize;

/// Bits of a level, and order of the code of how many squares in a row have none.
const LEVEL_BITS: u32 = 4;
const RUN_ORDER: u32 = 1;

/// Soldiers in each square, as the number of binary digits of their count: 0 for none, 1 for one,
/// 2 for two or three, and so on to 15.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Density {
    levels: Vec<u8>,
}

impl Default for Density {
    fn default() -> Density {
        Density { levels: vec![0; COLUMNS * ROWS] }
    }
}

impl Density {
    /// Takes the counts of all squares, row by row from the south-west.
    ///
    /// # Panics
    /// When there are not as many counts as squares.
    pub fn set(&mut self, counts: &[u32]) {
        assert_eq!(counts.len(), self.levels.len(), "one count a square");
        for (level, count) in self.levels.iter_mut().zip(counts) {
            *level = (u32::BITS - count.leading_zeros()).min(15) as u8;
        }
    }

    /// The square that holds `pos`, for indexing counts.
    #[must_use]
    pub fn square_at(pos: Pos) -> usize {
        let p = ground::clamp(pos);
        (p.y / metres(SQUARE_M)) as usize * COLUMNS + (p.x / metres(SQUARE_M)) as usize
    }

    /// Digits of the count of soldiers at `pos`, 0..=15.
    #[must_use]
    pub fn level_at(&self, pos: Pos) -> u8 {
        self.levels[Density::square_at(pos)]
    }

    /// About how many soldiers are in the square at `pos`: the middle of what its level stands for.
    #[must_use]
    pub fn about_at(&self, pos: Pos) -> u32 {
        match self.level_at(pos) {
            0 => 0,
            level => (3 << (level - 1)) / 2,
        }
    }

    /// All levels, row by row from the south-west, [`COLUMNS`] a row.
    #[must_use]
    pub fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// Writes the grid, each row as runs or plainly, whichever is shorter: at most 780 bytes.
    pub fn write(&self, w: &mut BitWriter) {
        for row in self.levels.chunks_exact(COLUMNS) {
            let plain = run_bits(row) >= COLUMNS as u32 * LEVEL_BITS;
            w.put_bit(plain);
            if plain {
                row.iter().for_each(|level| w.put(u32::from(*level), LEVEL_BITS));
            } else {
                runs(row).for_each(|(zeros, level)| {
                    w.put_golomb(zeros, RUN_ORDER);
                    level.into_iter().for_each(|level| w.put(u32::from(level), LEVEL_BITS));
                });
            }
        }
    }

    /// Reads a grid.
    ///
    /// # Errors
    /// When the bits end or a run leaves its row.
    pub fn read(r: &mut BitReader<'_>) -> Result<Density, SnapshotError> {
        let mut density = Density::default();
        for row in density.levels.chunks_exact_mut(COLUMNS) {
            if r.get_bit()? {
                for level in row {
                    *level = r.get(LEVEL_BITS)? as u8;
                }
            } else {
                read_runs(row, r)?;
            }
        }
        Ok(density)
    }
}

/// Pairs of a run of zeros and the level behind it; a last run that reaches the end of the row has none.
fn runs(row: &[u8]) -> impl Iterator<Item = (u32, Option<u8>)> + '_ {
    let mut rest = row;
    std::iter::from_fn(move || {
        let zeros = rest.iter().take_while(|level| **level == 0).count();
        let level = rest.get(zeros).copied();
        let is_any = !rest.is_empty();
        rest = rest.get(zeros + 1..).unwrap_or_default();
        is_any.then_some((zeros as u32, level))
    })
}

/// What a row costs as runs.
fn run_bits(row: &[u8]) -> u32 {
    runs(row).map(|(zeros, level)| golomb_bits(zeros, RUN_ORDER) + level.map_or(0, |_| LEVEL_BITS)).sum()
}

fn read_runs(row: &mut [u8], r: &mut BitReader<'_>) -> Result<(), SnapshotError> {
    let mut at = 0;
    while at < row.len() {
        at = at.saturating_add(r.get_golomb(RUN_ORDER)? as usize);
        if at > row.len() {
            return Err(SnapshotError::OutOfRange("run"));
        }
        if let Some(level) = row.get_mut(at) {
            *level = r.get(LEVEL_BITS)? as u8;
            at += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Pcg32;

    #[test]
    fn any_grid_comes_back_and_fits_a_datagram() {
        let mut rng = Pcg32::new(1, 1);
        for share in [0, 10, 100, 500, 1_000] {
            let counts: Vec<u32> =
                (0..COLUMNS * ROWS).map(|_| if rng.chance_permille(share) { 1 << rng.below(14) } else { 0 }).collect();
            let mut density = Density::default();
            density.set(&counts);
            let mut w = BitWriter::new();
            density.write(&mut w);
            let bytes = w.finish();
            assert!(bytes.len() <= 780, "{} bytes", bytes.len());
            assert_eq!(Density::read(&mut BitReader::new(&bytes)), Ok(density));
        }
    }

    #[test]
    fn a_level_stands_for_its_count() {
        let mut counts = vec![0; COLUMNS * ROWS];
        let pos = Pos::from_m(3_000, 900);
        for (count, about) in [(0, 0), (1, 1), (3, 3), (100, 96), (7_000, 6_144)] {
            counts[Density::square_at(pos)] = count;
            let mut density = Density::default();
            density.set(&counts);
            assert_eq!(density.about_at(pos), about);
        }
    }
}
