//! A range coder with fixed models: what is likely costs less than a bit, and nothing is lost to whole
//! bits. It knows nothing of what the symbols mean.
//!
//! A [`Model`] turns a symbol into a [`Share`], its part of the interval, once; a [`RangeWriter`] takes
//! shares in any order and from any number of models. So a list of shares can be made once and written
//! into many streams. The range has 64 bits, so that it is seldom narrow, and then four bytes are written at
//! once. A [`RangeReader`] never reads past its bytes, never panics and never allocates:
//! behind the end it reads zeros, and tells when asked that it has gone too far.

use crate::bits::{BitReader, BitWriter, OutOfBits};

/// Binary logarithm of the whole of which a symbol has a share.
const WHOLE_BITS: u32 = 12;
const WHOLE: u32 = 1 << WHOLE_BITS;
/// The range is kept at or above this.
const RANGE_MIN: u64 = 1 << 32;
const _: () = assert!(RANGE_MIN >> WHOLE_BITS << 32 >= RANGE_MIN, "one word makes the range wide again");
/// Entries of the table that finds a symbol: one for each of so many equal parts of the whole.
const PARTS: usize = 64;

/// A symbol's part of the whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    start: u16,
    size: u16,
}

impl Share {
    /// What it costs, 1/16 bits, rounded up.
    #[must_use]
    pub const fn cost(self) -> u32 {
        // Binary logarithm in 1/16, rounded down: the digits after the first are near enough to linear.
        let size = self.size as u32;
        let whole = size.ilog2();
        let rest = if whole >= 4 { (size >> (whole - 4)) & 15 } else { (size << (4 - whole)) & 15 };
        WHOLE_BITS * 16 - (whole * 16 + rest)
    }
}

/// How likely each of `N` symbols is.
#[derive(Clone, Debug)]
pub struct Model<const N: usize> {
    shares: [Share; N],
    /// The symbol in which each of the equal parts begins.
    first: [u8; PARTS],
}

impl<const N: usize> Model<N> {
    /// From how often each symbol is seen; even one never seen can be written.
    ///
    /// # Panics
    /// When there are more symbols than the whole has room for, or nothing was seen.
    #[must_use]
    pub const fn new(seen: [u32; N]) -> Model<N> {
        assert!(N <= 256, "a symbol fits a byte");
        let (mut total, mut most, mut i) = (0_u64, 0, 0);
        while i < N {
            total += seen[i] as u64;
            most = if seen[i] > seen[most] { i } else { most };
            i += 1;
        }
        let mut sizes = [0_u32; N];
        let (mut used, mut i) = (0, 0);
        while i < N {
            let size = (seen[i] as u64 * (WHOLE as u64 - N as u64) / total) as u32 + 1;
            sizes[i] = size;
            used += size;
            i += 1;
        }
        sizes[most] += WHOLE - used;
        Model::of_sizes(sizes)
    }

    const fn of_sizes(sizes: [u32; N]) -> Model<N> {
        let mut model = Model { shares: [Share { start: 0, size: 0 }; N], first: [0; PARTS] };
        let (mut start, mut part, mut i) = (0, 0, 0);
        while i < N {
            model.shares[i] = Share { start: start as u16, size: sizes[i] as u16 };
            start += sizes[i];
            while part < PARTS && (part as u32) << (WHOLE_BITS - PARTS.ilog2()) < start {
                model.first[part] = i as u8;
                part += 1;
            }
            i += 1;
        }
        assert!(start == WHOLE, "the shares make up the whole");
        model
    }

    /// The share of `symbol`.
    #[inline]
    #[must_use]
    pub const fn share(&self, symbol: usize) -> Share {
        self.shares[symbol]
    }
}

/// Takes shares.
pub trait Shares {
    /// Takes one.
    fn put_share(&mut self, share: Share);

    /// Takes a symbol.
    #[inline]
    fn put_symbol<const N: usize>(&mut self, symbol: usize, model: &Model<N>) {
        self.put_share(model.share(symbol));
    }

    /// Takes the lowest `width` (0..=32) bits of `value`, each as likely as not.
    #[inline]
    fn put_raw(&mut self, value: u32, width: u32) {
        let mut left = width;
        while left > 0 {
            let now = if left > WHOLE_BITS { WHOLE_BITS } else { left };
            left -= now;
            let digits = (u64::from(value) >> left) as u32 & ((1 << now) - 1);
            self.put_share(Share { start: (digits << (WHOLE_BITS - now)) as u16, size: 1 << (WHOLE_BITS - now) });
        }
    }

    /// Takes a number: how many binary digits it has by `model`, then the digits after the first.
    #[inline]
    fn put_number(&mut self, value: u32, model: &Model<NUMBER>) {
        let digits = u32::BITS - value.leading_zeros();
        self.put_symbol(digits as usize, model);
        if digits > 1 {
            self.put_raw(value & !(1 << (digits - 1)), digits - 1);
        }
    }

    /// Takes a number that may be below zero, and is likely to be near it.
    #[inline]
    fn put_signed(&mut self, value: i32, model: &Model<NUMBER>) {
        self.put_number(((value << 1) ^ (value >> 31)) as u32, model);
    }
}

impl Shares for Vec<Share> {
    #[inline]
    fn put_share(&mut self, share: Share) {
        self.push(share);
    }
}

/// Symbols of a number's model: how many binary digits it has.
pub const NUMBER: usize = 33;

/// A model of numbers of about so many binary digits: each digit more or less halves how likely it is.
#[must_use]
pub const fn number_model(about: usize) -> Model<NUMBER> {
    let mut seen = [0; NUMBER];
    let mut digits = 0;
    while digits < NUMBER {
        let off = digits.abs_diff(about);
        seen[digits] = if off < 16 { 1 << (16 - off) } else { 1 };
        digits += 1;
    }
    Model::new(seen)
}

/// Writes shares as bits.
#[derive(Clone, Debug)]
pub struct RangeWriter {
    words: Vec<u32>,
    low: u64,
    range: u64,
}

impl Default for RangeWriter {
    fn default() -> RangeWriter {
        RangeWriter { words: Vec::new(), low: 0, range: u64::MAX }
    }
}

impl Shares for RangeWriter {
    #[inline]
    fn put_share(&mut self, share: Share) {
        let each = self.range >> WHOLE_BITS;
        self.add(each * u64::from(share.start));
        self.range = each * u64::from(share.size);
        if self.range < RANGE_MIN {
            self.words.push((self.low >> 32) as u32);
            self.low <<= 32;
            self.range <<= 32;
        }
    }
}

impl RangeWriter {
    #[inline]
    fn add(&mut self, part: u64) {
        let (low, carries) = self.low.overflowing_add(part);
        self.low = low;
        if carries {
            self.carry();
        }
    }

    #[cold]
    fn carry(&mut self) {
        for word in self.words.iter_mut().rev() {
            *word = word.wrapping_add(1);
            if *word != 0 {
                break;
            }
        }
    }

    /// Bits written so far, about.
    #[must_use]
    pub fn len_bits(&self) -> usize {
        self.words.len() * 32 + self.range.leading_zeros() as usize
    }

    /// Ends the stream with as few bits as tell it, appends it to `w`, and empties the writer but for
    /// its memory. A reader takes what follows for zeros, so nothing else must follow in the same bytes.
    pub fn finish_into(&mut self, w: &mut BitWriter) {
        // How far it is to the next number whose bits after the first `width` are zero.
        let gap = |width: u32| self.low.wrapping_neg() & (u64::MAX >> width);
        // The range is never so small that it holds no number of 32 binary digits.
        let width = (0..32).find(|width| gap(*width) < self.range).unwrap_or(32);
        self.add(gap(width));
        // The highest bit is read first: it is the lowest that is written.
        self.words.iter().for_each(|word| w.put(word.reverse_bits(), 32));
        w.put((self.low.reverse_bits() & ((1 << width) - 1)) as u32, width);
        self.words.clear();
        self.low = 0;
        self.range = u64::MAX;
    }
}

/// Reads what a [`RangeWriter`] wrote, or anything a stranger sent. It can be kept and gone on with
/// later, with the same bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct RangeReader {
    code: u64,
    range: u64,
    /// The next bit of the bytes to be read.
    at: usize,
}

impl RangeReader {
    /// Reads from where `r` stands to the end of its bytes.
    #[must_use]
    pub fn new(r: &BitReader<'_>, bytes: &[u8]) -> RangeReader {
        let mut reader = RangeReader { code: 0, range: u64::MAX, at: r.position() };
        (0..2).for_each(|_| reader.shift(bytes));
        reader.range = u64::MAX;
        reader
    }

    #[inline]
    fn shift(&mut self, bytes: &[u8]) {
        let word = BitReader::at(bytes, self.at).peek() as u32;
        self.code = self.code << 32 | u64::from(word.reverse_bits());
        self.range <<= 32;
        self.at += 32;
    }

    #[inline]
    fn take(&mut self, each: u64, share: Share, bytes: &[u8]) {
        self.code = self.code.wrapping_sub(each.wrapping_mul(u64::from(share.start)));
        self.range = each * u64::from(share.size);
        if self.range < RANGE_MIN {
            self.shift(bytes);
        }
    }

    /// Where in the whole the code stands, by parts of the range.
    #[inline]
    fn value(&self, each: u64) -> u32 {
        (self.code / each).min(u64::from(WHOLE) - 1) as u32
    }

    /// Reads a symbol.
    #[inline]
    pub fn symbol<const N: usize>(&mut self, model: &Model<N>, bytes: &[u8]) -> usize {
        let each = self.range >> WHOLE_BITS;
        let value = self.value(each);
        let mut symbol = usize::from(model.first[(value >> (WHOLE_BITS - PARTS.ilog2())) as usize]);
        while symbol + 1 < N && u32::from(model.shares[symbol + 1].start) <= value {
            symbol += 1;
        }
        self.take(each, model.shares[symbol], bytes);
        symbol
    }

    /// Reads `width` (0..=32) bits.
    #[inline]
    pub fn raw(&mut self, width: u32, bytes: &[u8]) -> u32 {
        let (mut value, mut left) = (0_u64, width);
        while left > 0 {
            let now = left.min(WHOLE_BITS);
            left -= now;
            let each = self.range >> WHOLE_BITS;
            let digits = self.value(each) >> (WHOLE_BITS - now);
            let size = 1 << (WHOLE_BITS - now);
            self.take(each, Share { start: digits as u16 * size, size }, bytes);
            value = value << now | u64::from(digits);
        }
        value as u32
    }

    /// Reads a number.
    #[inline]
    pub fn number(&mut self, model: &Model<NUMBER>, bytes: &[u8]) -> u32 {
        match self.symbol(model, bytes) as u32 {
            0 => 0,
            digits => 1 << (digits - 1) | self.raw(digits - 1, bytes),
        }
    }

    /// Reads a number that may be below zero.
    #[inline]
    pub fn signed(&mut self, model: &Model<NUMBER>, bytes: &[u8]) -> i32 {
        let code = self.number(model, bytes);
        (code >> 1) as i32 ^ -((code & 1) as i32)
    }

    /// Whether all that was read was there.
    ///
    /// # Errors
    /// When more was read than any writer leaves out.
    pub fn check(&self, bytes: &[u8]) -> Result<(), OutOfBits> {
        // Eight bytes are read ahead.
        if self.at <= (bytes.len() + 8) * 8 { Ok(()) } else { Err(OutOfBits) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Pcg32;

    static EVEN: Model<7> = Model::new([1; 7]);
    static STEEP: Model<5> = Model::new([100_000, 3_000, 0, 20, 1]);
    static SMALL: Model<NUMBER> = number_model(2);

    #[test]
    fn what_is_written_is_read_wherever_in_the_bytes_it_begins() {
        let mut rng = Pcg32::new(1, 1);
        let mut writer = RangeWriter::default();
        for round in 0..400_u32 {
            let symbols: Vec<(usize, u32)> =
                (0..rng.below(300)).map(|_| (rng.below(5) as usize, rng.next_u32() >> rng.below(32))).collect();
            let width = |n: usize| (n as u32 * 7 + round) % 33;
            let low = |value: u32, width: u32| (u64::from(value) & ((1 << width) - 1)) as u32;
            for (n, (symbol, value)) in symbols.iter().enumerate() {
                writer.put_symbol(*symbol, &EVEN);
                writer.put_symbol(*symbol, &STEEP);
                writer.put_raw(low(*value, width(n)), width(n));
                writer.put_number(*value, &SMALL);
                writer.put_signed(*value as i32, &SMALL);
            }
            let mut w = BitWriter::new();
            w.put(0, round % 32);
            writer.finish_into(&mut w);
            let bytes = w.finish();
            let mut r = BitReader::new(&bytes);
            r.get(round % 32).unwrap();
            let mut reader = RangeReader::new(&r, &bytes);
            for (n, (symbol, value)) in symbols.iter().enumerate() {
                assert_eq!(reader.symbol(&EVEN, &bytes), *symbol);
                assert_eq!(reader.symbol(&STEEP, &bytes), *symbol);
                assert_eq!(reader.raw(width(n), &bytes), low(*value, width(n)));
                assert_eq!(reader.number(&SMALL, &bytes), *value);
                assert_eq!(reader.signed(&SMALL, &bytes), *value as i32);
            }
            assert_eq!(reader.check(&bytes), Ok(()));
        }
    }

    #[test]
    fn likely_symbols_cost_less_than_a_bit() {
        let mut writer = RangeWriter::default();
        (0..1_000).for_each(|_| writer.put_symbol(0, &STEEP));
        let mut w = BitWriter::new();
        writer.finish_into(&mut w);
        assert!(w.len_bits() < 60, "{} bits", w.len_bits());
        writer.finish_into(&mut w);
        assert!(w.len_bits() < 61, "an empty stream takes no room");
    }

    #[test]
    fn hostile_bytes_end_and_are_told() {
        let mut rng = Pcg32::new(3, 1);
        for _ in 0..300 {
            let bytes: Vec<u8> = (0..rng.below(30)).map(|_| rng.next_u32() as u8 | rng.next_u32() as u8).collect();
            let mut reader = RangeReader::new(&BitReader::new(&bytes), &bytes);
            for _ in 0..400 {
                reader.symbol(&STEEP, &bytes);
                reader.raw(rng.below(33), &bytes);
                reader.number(&SMALL, &bytes);
            }
            assert_eq!(reader.check(&bytes), Err(OutOfBits));
        }
    }
}
