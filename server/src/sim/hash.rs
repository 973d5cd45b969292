//! The hash of the whole state: two battles that differ anywhere differ here.

/// A 64-bit hash over words; multiply, xor and shift as in Steele and Vigna's mixers.
pub(in crate::sim) struct StateHash(u64);

impl Default for StateHash {
    fn default() -> Self {
        StateHash(0x9e37_79b9_7f4a_7c15)
    }
}

impl StateHash {
    /// Takes one word in; the order matters.
    pub(in crate::sim) const fn word(&mut self, word: u64) {
        let mut z = (self.0 ^ word).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z ^= z >> 29;
        self.0 = z.wrapping_mul(0x94d0_49bb_1331_11eb) ^ (z >> 32);
    }

    /// Takes a signed number in.
    pub(in crate::sim) const fn int(&mut self, int: i64) {
        self.word(int as u64);
    }

    /// Takes everything that a value's `Debug` form shows in: for the small, varied parts of the
    /// state, where a form that no field can be forgotten in is worth more than speed.
    pub(in crate::sim) fn shown(&mut self, value: &impl std::fmt::Debug) {
        use std::fmt::Write;
        struct Words<'a>(&'a mut StateHash);
        impl Write for Words<'_> {
            fn write_str(&mut self, s: &str) -> std::fmt::Result {
                for chunk in s.as_bytes().chunks(8) {
                    let mut word = [0; 8];
                    word[..chunk.len()].copy_from_slice(chunk);
                    self.0.word(u64::from_le_bytes(word));
                }
                Ok(())
            }
        }
        // Writing to a hash cannot fail.
        let _ = write!(Words(self), "{value:?}");
    }

    /// The hash so far.
    pub(in crate::sim) const fn finish(&self) -> u64 {
        self.0
    }
}
