//! Bounded bit writer and reader, with the three codes that datagrams are made of: fixed width,
//! Exp-Golomb, and prefix codes made of a table. It knows nothing of what the bits mean.
//!
//! The first bit written is the lowest bit of the first byte. A reader never reads past its bytes,
//! never panics and never allocates.

/// The bytes ended before the value did, or no value has this code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the datagram ends in the middle of a value")]
pub struct OutOfBits;

/// The longest code of a [`PrefixCode`], bits.
const PREFIX_BITS: u32 = 10;

/// A code for the numbers below `N` in which the common ones are short.
#[derive(Clone, Debug)]
pub struct PrefixCode<const N: usize> {
    codes: [(u16, u8); N],
    numbers: [u8; 1 << PREFIX_BITS],
}

impl<const N: usize> PrefixCode<N> {
    /// The code in which number `i` has `lengths[i]` bits, 1 to 10.
    ///
    /// # Panics
    /// When there is no such code, or one with bits to spare: a reader must know what to make of any bits.
    #[must_use]
    pub const fn new(lengths: [u8; N]) -> PrefixCode<N> {
        assert!(N <= 256, "a number fits a byte");
        let mut code = PrefixCode { codes: [(0, 0); N], numbers: [0; 1 << PREFIX_BITS] };
        let (mut next, mut length) = (0_u32, 1_u32);
        while length <= PREFIX_BITS {
            let mut i = 0;
            while i < N {
                if lengths[i] as u32 == length {
                    code.set(i, next.reverse_bits() >> (u32::BITS - length), length);
                    next += 1;
                }
                i += 1;
            }
            next <<= 1;
            length += 1;
        }
        assert!(next == 2 << PREFIX_BITS, "the lengths leave no code unused and use none twice");
        code
    }

    const fn set(&mut self, number: usize, bits: u32, length: u32) {
        self.codes[number] = (bits as u16, length as u8);
        let mut at = bits as usize;
        while at < 1 << PREFIX_BITS {
            self.numbers[at] = number as u8;
            at += 1 << length;
        }
    }
}

/// Writes values bit by bit into bytes that it grows.
#[derive(Clone, Debug, Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// Bits not yet in `bytes`, lowest first.
    pending: u64,
    pending_len: u32,
}

impl BitWriter {
    /// An empty writer.
    #[must_use]
    pub fn new() -> BitWriter {
        BitWriter::default()
    }

    /// An empty writer that needs no more memory for the first `bytes` bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> BitWriter {
        BitWriter { bytes: Vec::with_capacity(bytes), pending: 0, pending_len: 0 }
    }

    /// Bits written so far.
    #[must_use]
    pub fn len_bits(&self) -> usize {
        self.bytes.len() * 8 + self.pending_len as usize
    }

    /// Writes the lowest `width` (0..=32) bits of `value`, which must have no others.
    #[inline]
    pub fn put(&mut self, value: u32, width: u32) {
        debug_assert!(width <= 32 && (width == 32 || value >> width == 0), "{value} has more than {width} bits");
        self.pending |= u64::from(value) << self.pending_len;
        self.pending_len += width;
        if self.pending_len >= 32 {
            self.bytes.extend_from_slice(&(self.pending as u32).to_le_bytes());
            self.pending >>= 32;
            self.pending_len -= 32;
        }
    }

    /// Writes one bit.
    #[inline]
    pub fn put_bit(&mut self, bit: bool) {
        self.put(u32::from(bit), 1);
    }

    /// Writes `value` as an Exp-Golomb code of `order`: short where it is below 2^`order` or near.
    #[inline]
    pub fn put_golomb(&mut self, value: u32, order: u32) {
        let quotient = (u64::from(value) >> order) + 1;
        let extra = quotient.ilog2();
        self.put(0, extra);
        self.put(1, 1);
        self.put((quotient - (1 << extra)) as u32, extra);
        self.put(value & ((1 << order) - 1), order);
    }

    /// Writes a signed value as an Exp-Golomb code: short where it is near zero.
    #[inline]
    pub fn put_signed(&mut self, value: i32, order: u32) {
        self.put_golomb(zigzag(value), order);
    }

    /// Writes `number`, which `code` must have.
    #[inline]
    pub fn put_prefix<const N: usize>(&mut self, number: usize, code: &PrefixCode<N>) {
        let (bits, length) = code.codes[number];
        self.put(u32::from(bits), u32::from(length));
    }

    /// Appends `len_bits` bits of `bytes`, which an own writer has filled.
    pub fn append(&mut self, bytes: &[u8], len_bits: usize) {
        let mut left = len_bits;
        for chunk in bytes.chunks(4) {
            let width = left.min(32);
            let mut word = [0; 4];
            word[..chunk.len()].copy_from_slice(chunk);
            self.put(low_bits(u32::from_le_bytes(word), width as u32), width as u32);
            left -= width;
            if left == 0 {
                break;
            }
        }
    }

    /// The bytes, the last one filled up with zeros.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.flush();
        self.bytes
    }

    /// The bytes, the last one filled up with zeros: then nothing more is written, but for [`Self::clear`].
    pub fn bytes(&mut self) -> &[u8] {
        self.flush();
        &self.bytes
    }

    /// Appends the bytes to `out`, the last one filled up with zeros, and empties the writer but for
    /// its memory. Returns the number of bits.
    pub fn drain_into(&mut self, out: &mut Vec<u8>) -> usize {
        let len = self.len_bits();
        self.flush();
        out.extend_from_slice(&self.bytes);
        self.bytes.clear();
        len
    }

    /// Empties the writer but for its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.pending = 0;
        self.pending_len = 0;
    }

    fn flush(&mut self) {
        let tail = self.pending_len.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.pending.to_le_bytes()[..tail]);
        self.pending = 0;
        self.pending_len = 0;
    }
}

/// Bits of `value` as an Exp-Golomb code of `order`.
#[must_use]
pub const fn golomb_bits(value: u32, order: u32) -> u32 {
    2 * ((value as u64 >> order) + 1).ilog2() + 1 + order
}

/// Reads what a [`BitWriter`] wrote, or anything a stranger sent.
#[derive(Clone, Copy, Debug)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    /// Reads from the first bit of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> BitReader<'a> {
        BitReader { bytes, at: 0 }
    }

    /// Reads from bit `at` of `bytes`; past the end there are zeros.
    #[inline]
    pub(crate) fn at(bytes: &'a [u8], at: usize) -> BitReader<'a> {
        BitReader { bytes, at }
    }

    /// The number of bits read.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// The number of bits left, those that fill up the last byte included.
    #[must_use]
    pub fn left(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    /// Up to 57 bits from the current place; those past the end are zero.
    #[inline]
    pub(crate) fn peek(&self) -> u64 {
        let byte = self.at / 8;
        let word = match self.bytes.get(byte..byte + 8) {
            Some(whole) => {
                u64::from_le_bytes([whole[0], whole[1], whole[2], whole[3], whole[4], whole[5], whole[6], whole[7]])
            }
            None => {
                let mut word = [0; 8];
                let rest = self.bytes.get(byte..).unwrap_or(&[]);
                word[..rest.len()].copy_from_slice(rest);
                u64::from_le_bytes(word)
            }
        };
        word >> (self.at % 8)
    }

    #[inline]
    fn skip(&mut self, width: u32) -> Result<(), OutOfBits> {
        if width as usize > self.left() {
            return Err(OutOfBits);
        }
        self.at += width as usize;
        Ok(())
    }

    /// Reads `width` (0..=32) bits.
    ///
    /// # Errors
    /// When fewer are left.
    #[inline]
    pub fn get(&mut self, width: u32) -> Result<u32, OutOfBits> {
        debug_assert!(width <= 32, "a value has at most 32 bits");
        let value = low_bits(self.peek() as u32, width);
        self.skip(width)?;
        Ok(value)
    }

    /// Reads one bit.
    ///
    /// # Errors
    /// When none is left.
    #[inline]
    pub fn get_bit(&mut self) -> Result<bool, OutOfBits> {
        Ok(self.get(1)? == 1)
    }

    /// Reads an Exp-Golomb code of `order`.
    ///
    /// # Errors
    /// When the bits end, or the code stands for more than 32 bits.
    #[inline]
    pub fn get_golomb(&mut self, order: u32) -> Result<u32, OutOfBits> {
        let extra = self.peek().trailing_zeros();
        if extra > 32 {
            return Err(OutOfBits);
        }
        self.skip(extra + 1)?;
        let quotient = (1_u64 << extra) + u64::from(self.get(extra)?) - 1;
        let value = (quotient << order) | u64::from(self.get(order)?);
        u32::try_from(value).map_err(|_| OutOfBits)
    }

    /// Reads a number of `code`.
    ///
    /// # Errors
    /// When the bits end.
    #[inline]
    pub fn get_prefix<const N: usize>(&mut self, code: &PrefixCode<N>) -> Result<usize, OutOfBits> {
        let number = usize::from(code.numbers[self.peek() as usize % (1 << PREFIX_BITS)]);
        self.skip(u32::from(code.codes[number].1))?;
        Ok(number)
    }

    /// Reads a signed Exp-Golomb code.
    ///
    /// # Errors
    /// As [`Self::get_golomb`].
    #[inline]
    pub fn get_signed(&mut self, order: u32) -> Result<i32, OutOfBits> {
        self.get_golomb(order).map(unzigzag)
    }
}

#[inline]
fn low_bits(value: u32, width: u32) -> u32 {
    (u64::from(value) & ((1 << width) - 1)) as u32
}

const fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

const fn unzigzag(code: u32) -> i32 {
    (code >> 1) as i32 ^ -((code & 1) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Pcg32;

    #[test]
    fn what_is_written_is_read_whatever_its_width() {
        let mut rng = Pcg32::new(1, 1);
        for _ in 0..200 {
            let values: Vec<(u32, u32, u32)> = (0..60)
                .map(|_| {
                    let width = rng.below(33);
                    (low_bits(rng.next_u32(), width), width, rng.below(9))
                })
                .collect();
            let mut w = BitWriter::new();
            for (value, width, order) in &values {
                w.put(*value, *width);
                w.put_golomb(*value, *order);
                w.put_signed(*value as i32, *order);
            }
            let len = w.len_bits();
            let bytes = w.finish();
            assert_eq!(bytes.len(), len.div_ceil(8));
            let mut r = BitReader::new(&bytes);
            for (value, width, order) in &values {
                assert_eq!(r.get(*width), Ok(*value));
                assert_eq!(r.get_golomb(*order), Ok(*value));
                assert_eq!(r.get_signed(*order), Ok(*value as i32));
            }
            assert_eq!(r.position(), len);
        }
    }

    #[test]
    fn appended_bits_are_the_bits_of_the_part() {
        let mut rng = Pcg32::new(2, 1);
        for _ in 0..300 {
            let parts: Vec<Vec<bool>> =
                (0..4).map(|_| (0..rng.below(200)).map(|_| rng.next_u32() & 1 == 1).collect()).collect();
            let mut whole = BitWriter::new();
            for part in &parts {
                let mut w = BitWriter::new();
                part.iter().for_each(|bit| w.put_bit(*bit));
                let mut bytes = Vec::new();
                let len = w.drain_into(&mut bytes);
                whole.append(&bytes, len);
            }
            let bytes = whole.finish();
            let mut r = BitReader::new(&bytes);
            for bit in parts.iter().flatten() {
                assert_eq!(r.get_bit(), Ok(*bit));
            }
        }
    }

    #[test]
    fn a_reader_stops_at_the_end_whatever_the_bytes() {
        let mut rng = Pcg32::new(3, 1);
        for _ in 0..2_000 {
            let bytes: Vec<u8> = (0..rng.below(20)).map(|_| (rng.next_u32() & rng.next_u32()) as u8).collect();
            let mut r = BitReader::new(&bytes);
            while r.get_golomb(rng.below(4)).is_ok() {
                assert!(r.position() <= bytes.len() * 8);
            }
        }
        assert_eq!(BitReader::new(&[]).get(1), Err(OutOfBits));
        assert_eq!(BitReader::new(&[0; 16]).get_golomb(0), Err(OutOfBits));
    }

    #[test]
    fn a_number_of_a_table_is_read_as_it_was_written_and_any_bits_are_some_number() {
        const CODE: PrefixCode<5> = PrefixCode::new([1, 2, 4, 4, 3]);
        let mut rng = Pcg32::new(4, 1);
        let numbers: Vec<usize> = (0..500).map(|_| rng.below(5) as usize).collect();
        let mut w = BitWriter::new();
        numbers.iter().for_each(|number| w.put_prefix(*number, &CODE));
        let bytes = w.finish();
        let mut r = BitReader::new(&bytes);
        assert!(numbers.iter().all(|number| r.get_prefix(&CODE) == Ok(*number)));
        let noise: Vec<u8> = (0..99).map(|_| rng.next_u32() as u8).collect();
        let mut r = BitReader::new(&noise);
        while r.get_prefix(&CODE).is_ok_and(|number| number < 5) {}
        assert!(r.left() < 4);
    }

    #[test]
    fn small_values_have_short_codes() {
        for (value, order, bits) in [(0, 0, 1), (1, 0, 3), (2, 0, 3), (3, 0, 5), (0, 2, 3), (3, 2, 3), (4, 2, 5)] {
            let mut w = BitWriter::new();
            w.put_golomb(value, order);
            assert_eq!((w.len_bits(), golomb_bits(value, order)), (bits, bits as u32), "{value} of order {order}");
        }
    }
}
