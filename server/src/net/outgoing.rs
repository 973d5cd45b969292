//! Memory of datagrams that are on their way: it is used again once they have left, so that a tick in which as much
//! is sent as in those before takes none.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;

/// Datagrams for one link, in order: mostly one.
pub type Batch = SmallVec<[Bytes; 2]>;

/// A piece of memory has room for so many bytes: some six datagrams. Until the last of them has left it is not used
/// again, so what a link that does not drain holds back is this much for each at most.
const PIECE_BYTES: usize = 4 * 1024;
/// So many pieces are kept: more than a tick of a thousand clients fills.
const PIECES_MAX: usize = 256;
/// So many are looked at for one that is free: a link that does not drain is not to keep all others waiting.
const LOOKS: usize = 3;

/// Pieces of memory, that which has rested longest first, and the one that is being filled.
#[derive(Debug, Default)]
pub struct Outgoing {
    resting: VecDeque<BytesMut>,
    open: BytesMut,
}

impl Outgoing {
    /// A datagram of `parts`, one after the other.
    ///
    /// # Panics
    /// When they are more than a piece of memory has room for.
    pub fn datagram(&mut self, parts: [&[u8]; 2]) -> Bytes {
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        assert!(length <= PIECE_BYTES, "a datagram of {length} bytes");
        if self.open.capacity() < length {
            self.turn();
        }
        parts.into_iter().for_each(|part| self.open.extend_from_slice(part));
        self.open.split().freeze()
    }

    /// Goes on with a piece that has rested long and is free, or with a new one.
    fn turn(&mut self) {
        let next = self.free().unwrap_or_else(|| BytesMut::with_capacity(PIECE_BYTES));
        let full = std::mem::replace(&mut self.open, next);
        if full.capacity() > 0 && self.resting.len() < PIECES_MAX {
            self.resting.push_back(full);
        }
    }

    fn free(&mut self) -> Option<BytesMut> {
        for _ in 0..LOOKS {
            let mut piece = self.resting.pop_front()?;
            if piece.try_reclaim(PIECE_BYTES) {
                return Some(piece);
            }
            self.resting.push_back(piece);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn memory_is_used_again_once_its_datagrams_have_left_and_never_before() {
        let mut outgoing = Outgoing::default();
        let mut on_their_way: VecDeque<(u8, Bytes)> = VecDeque::new();
        let mut pieces = HashSet::new();
        for round in 0..2_000 {
            let (first, rest) = (round as u8, vec![round as u8; 700]);
            let datagram = outgoing.datagram([&[first], &rest]);
            pieces.insert(datagram.as_ptr() as usize / PIECE_BYTES);
            on_their_way.push_back((first, datagram));
            if on_their_way.len() > 50 {
                let (first, left) = on_their_way.pop_front().unwrap();
                assert!(left.len() == 701 && left.iter().all(|byte| *byte == first));
            }
        }
        // Pieces need not begin at a multiple of their length, so each may count twice.
        assert!(pieces.len() <= 2 * (50 * 701 / PIECE_BYTES + 3), "{} pieces", pieces.len());
    }

    #[test]
    fn a_link_that_holds_on_to_what_it_was_sent_keeps_no_more_pieces() {
        let mut outgoing = Outgoing::default();
        let kept: Vec<Bytes> = (0..4_000).map(|_| outgoing.datagram([&[1], &[2; 999]])).collect();
        assert!(outgoing.resting.len() <= PIECES_MAX && kept.iter().all(|datagram| datagram[..2] == [1, 2]));
    }
}
