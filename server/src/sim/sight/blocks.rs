//! A grid of bits over the whole ground, a block of 32 m each: stamped with discs and asked.

use gamera_protocol::ground::{self, BLOCK_M, BLOCKS_X, BLOCKS_Y};
use gamera_protocol::measure::Pos;

const ROW_WORDS: usize = BLOCKS_X / 64;

/// One bit a block of the whole ground.
#[derive(Clone)]
pub(super) struct Blocks(Vec<u64>);

impl Default for Blocks {
    fn default() -> Self {
        Blocks(vec![0; ROW_WORDS * BLOCKS_Y])
    }
}

impl Blocks {
    pub(super) fn clear(&mut self) {
        self.0.fill(0);
    }

    pub(super) fn has(&self, pos: Pos) -> bool {
        let (x, y) = ground::block_of(pos);
        self.0[y * ROW_WORDS + x / 64] & (1 << (x % 64)) != 0
    }

    /// Sets every block whose middle lies within `radius_m` of `pos`, and the block of `pos`.
    pub(super) fn stamp(&mut self, pos: Pos, radius_m: i32) {
        let (cx, cy) = ground::block_of(pos);
        let reach = radius_m / BLOCK_M;
        for dy in -reach..=reach {
            let y = cy as i32 + dy;
            if !(0..BLOCKS_Y as i32).contains(&y) {
                continue;
            }
            let half = (reach * reach - dy * dy).isqrt();
            let from = (cx as i32 - half).max(0) as usize;
            let to = (cx as i32 + half).min(BLOCKS_X as i32 - 1) as usize;
            self.set_row(y as usize, from, to);
        }
    }

    fn set_row(&mut self, y: usize, from: usize, to: usize) {
        let row = &mut self.0[y * ROW_WORDS..(y + 1) * ROW_WORDS];
        for (word, bits) in row.iter_mut().enumerate().take(to / 64 + 1).skip(from / 64) {
            let low = from.saturating_sub(word * 64).min(63);
            let high = (to - word * 64).min(63);
            *bits |= (u64::MAX << low) & (u64::MAX >> (63 - high));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::measure::metres;

    #[test]
    fn a_stamp_covers_a_disc_across_word_borders() {
        let mut blocks = Blocks::default();
        let middle = Pos::from_m(64 * 32, 1_000);
        blocks.stamp(middle, 200);
        for (dx, dy, wanted) in
            [(0, 0, true), (-190, 0, true), (190, 0, true), (0, 190, true), (190, 190, false), (300, 0, false)]
        {
            let at = Pos::new(middle.x + metres(dx), middle.y + metres(dy));
            assert_eq!(blocks.has(at), wanted, "{dx}, {dy}");
        }
    }

    #[test]
    fn a_stamp_at_the_edge_stays_on_the_ground() {
        let mut blocks = Blocks::default();
        blocks.stamp(Pos::from_m(5, 5), 300);
        blocks.stamp(Pos::from_m(8_190, 3_070), 300);
        assert!(blocks.has(Pos::from_m(8_190, 3_070)) && blocks.has(Pos::from_m(5, 5)));
    }
}
