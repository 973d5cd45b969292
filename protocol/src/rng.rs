//! The seeded generator behind everything random in a battle: PCG32 (XSH-RR 64/32, O'Neill 2014).

use bincode::{Decode, Encode};

/// A small generator with 2^63 independent streams. One system of the battle owns one stream, so
/// that a change in one does not shift the numbers of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Pcg32 {
    state: u64,
    increment: u64,
}

impl Pcg32 {
    /// The generator of `stream` for `seed`.
    #[must_use]
    pub const fn new(seed: u64, stream: u64) -> Pcg32 {
        let mut rng = Pcg32 { state: 0, increment: (stream << 1) | 1 };
        rng.advance();
        rng.state = rng.state.wrapping_add(seed);
        rng.advance();
        rng
    }

    const fn advance(&mut self) {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(self.increment);
    }

    /// The next 32 random bits.
    pub const fn next_u32(&mut self) -> u32 {
        let old = self.state;
        self.advance();
        let xorshifted = (((old >> 18) ^ old) >> 27) as u32;
        xorshifted.rotate_right((old >> 59) as u32)
    }

    /// A number in `0..bound`; zero when `bound` is zero. The bias is below `bound` / 2^32.
    pub const fn below(&mut self, bound: u32) -> u32 {
        ((self.next_u32() as u64 * bound as u64) >> 32) as u32
    }

    /// A number in `low..=high`.
    pub const fn between(&mut self, low: i32, high: i32) -> i32 {
        debug_assert!(low <= high);
        low + self.below((high - low) as u32 + 1) as i32
    }

    /// True with a probability of `permille` in a thousand.
    pub const fn chance_permille(&mut self, permille: u32) -> bool {
        self.below(1_000) < permille
    }

    /// The generator's two words, for a state hash.
    #[must_use]
    pub const fn words(&self) -> [u64; 2] {
        [self.state, self.increment]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_are_those_of_the_reference() {
        // pcg32-demo of the reference implementation, seed 42, stream 54.
        let mut rng = Pcg32::new(42, 54);
        let first: Vec<u32> = (0..6).map(|_| rng.next_u32()).collect();
        assert_eq!(first, [0xa15c_02b7, 0x7b47_f409, 0xba1d_3330, 0x83d2_f293, 0xbfa4_784b, 0xcbed_606e]);
    }

    #[test]
    fn bounds_hold() {
        let mut rng = Pcg32::new(1, 1);
        for _ in 0..1_000 {
            assert!((-3..=4).contains(&rng.between(-3, 4)));
            assert!(rng.below(7) < 7);
        }
    }
}
