//! A bad line, made on purpose: loss, latency, jitter, reordering, doubles, a rate, a cut.
//!
//! [`Conditioner`] is the line in one direction as a state machine: datagrams in with a time, datagrams
//! out when they are due; it reads no clock and does no I/O, and the same seed does the same. Each
//! connection has a line of its own, found by the connection id that QUIC shows to everybody, so many may
//! share a socket. [`ImpairedPort`] puts it around a driver's socket, [`ImpairedSocket`] around one of
//! quinn's; both ways of it, so that only one end of a link has to have it.

mod impairment;
mod port;
#[cfg(test)]
mod tests;
mod udp;
mod way;

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use gamera_protocol::rng::Pcg32;

pub use impairment::{Cut, Impairment, ImpairmentError, NoSuchProfile, NotACut, PROFILES, Profile, rate};
pub use port::ImpairedPort;
pub use udp::ImpairedSocket;
use way::Way;

/// Lines at most; whoever makes up connection ids shares one line beyond that.
const LINES: usize = 4_096;
/// Datagrams under way at most; more are lost.
const UNDER_WAY: usize = 65_536;

/// Which way datagrams go through a conditioner: the two ways of a line have luck of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Away from the socket.
    Out,
    /// Towards it.
    In,
}

/// Lines of many connections in one direction. Times count from when it was opened.
#[derive(Debug)]
pub struct Conditioner<T> {
    rules: Impairment,
    seed: u64,
    direction: Direction,
    lines: HashMap<u64, Way>,
    under_way: BinaryHeap<Reverse<Parcel<T>>>,
    serial: u64,
}

/// A datagram under way. The first due is the first out, of those due at once the first in.
#[derive(Debug)]
struct Parcel<T> {
    due: Duration,
    serial: u64,
    item: T,
}

impl<T: Clone> Conditioner<T> {
    /// Lines that do what `rules` say; the same `seed` does the same.
    #[must_use]
    pub fn new(rules: Impairment, seed: u64, direction: Direction) -> Conditioner<T> {
        let (lines, under_way) = (HashMap::new(), BinaryHeap::new());
        Conditioner { rules, seed, direction, lines, under_way, serial: 0 }
    }

    /// Sends `item`, a datagram of `bytes`, on its way at `now` over the line called `line`.
    pub fn push(&mut self, line: u64, now: Duration, bytes: usize, item: T) {
        let name = if self.lines.len() < LINES || self.lines.contains_key(&line) { line } else { 0 };
        // Lines are numbered in the order in which they are first used: their names are chance.
        let stream = self.lines.len() as u64 * 2 + u64::from(self.direction == Direction::In);
        let way = self.lines.entry(name).or_insert_with(|| Way::new(self.rules, Pcg32::new(self.seed, stream)));
        let [first, double] = way.send(now, bytes);
        if let Some(due) = double {
            self.start(due, item.clone());
        }
        if let Some(due) = first {
            self.start(due, item);
        }
    }

    fn start(&mut self, due: Duration, item: T) {
        if self.under_way.len() < UNDER_WAY {
            self.serial += 1;
            self.under_way.push(Reverse(Parcel { due, serial: self.serial, item }));
        }
    }

    /// What has arrived by `now`, in the order of arrival, one at a time.
    pub fn pop(&mut self, now: Duration) -> Option<T> {
        let is_due = self.next_due().is_some_and(|due| due <= now);
        if is_due { self.under_way.pop().map(|Reverse(parcel)| parcel.item) } else { None }
    }

    /// When the next arrives.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        self.under_way.peek().map(|Reverse(parcel)| parcel.due)
    }
}

impl<T> Parcel<T> {
    fn key(&self) -> (Duration, u64) {
        (self.due, self.serial)
    }
}

impl<T> PartialEq for Parcel<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Eq for Parcel<T> {}

impl<T> PartialOrd for Parcel<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Parcel<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// The line of a packet: the beginning of the connection id that it is sent to, which is where every
/// version of QUIC has it (RFC 8999).
fn line_of(packet: &[u8]) -> u64 {
    const LONG: u8 = 0x80;
    let id = match packet {
        [flags, _, _, _, _, length, id @ ..] if flags & LONG != 0 => &id[..usize::from(*length).min(id.len())],
        [_, id @ ..] => id,
        [] => &[],
    };
    id.iter().take(8).fold(0, |name, byte| name << 8 | u64::from(*byte))
}
