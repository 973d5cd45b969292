//! The door: first packets that have come, and which of them begin their handshake at a look.

use std::collections::VecDeque;
use std::time::Instant;

use gamera_link::driver::Driver;
use quinn_proto::Incoming;

use crate::net::limits::{HELD_BACK, Turn};
use crate::ops::meters::NetMeters;

/// Handshakes begun at a look: each costs half a millisecond, and those who play are not to wait.
const HANDSHAKES: usize = 2;
/// The most that are begun at a look that comes late, while rooms have no time.
const HANDSHAKES_LATE: u128 = 4;
/// First packets looked at meanwhile: to ask for proof or to refuse costs next to nothing, but not nothing.
pub(super) const ASKED: usize = 32;

/// Who waits before it. While rooms have time nobody does for long, and the driver keeps them.
pub(super) struct Door {
    pub(super) queue: VecDeque<Incoming>,
    /// When the last handshake was begun.
    begun: Instant,
}

impl Door {
    pub(super) fn new(now: Instant) -> Door {
        Door { queue: VecDeque::new(), begun: now }
    }

    /// First packets that wait.
    pub(super) fn waiting(&self, driver: &Driver) -> usize {
        self.queue.len() + driver.waiting()
    }

    /// How many may begin at a look at `now`.
    pub(super) fn may_begin(&self, is_pressed: bool, now: Instant) -> usize {
        if !is_pressed {
            return HANDSHAKES;
        }
        // This thread may have been late as well: newcomers are not to wait for that too.
        let waited = now.duration_since(self.begun).as_nanos() / HELD_BACK.as_nanos();
        waited.min(HANDSHAKES_LATE) as usize
    }

    /// The first of those who wait.
    pub(super) fn next(&mut self, driver: &mut Driver) -> Option<Incoming> {
        self.queue.pop_front().or_else(|| driver.next_incoming())
    }

    /// Notes that a handshake has been begun.
    pub(super) fn note_begun(&mut self, now: Instant) {
        self.begun = now;
    }

    /// Rooms have no time: who has come since waits in the queue, or has to prove an address first, or is refused.
    pub(super) fn line_up(&mut self, driver: &mut Driver, meters: &NetMeters, now: Instant) {
        for _ in 0..ASKED {
            let Some(incoming) = driver.next_incoming() else { return };
            match Turn::of(self.queue.len(), incoming.may_retry()) {
                Turn::Waits => self.queue.push_back(incoming),
                Turn::Proves => {
                    meters.retries.increment(1);
                    driver.retry(incoming, now);
                }
                Turn::Refused => {
                    meters.handshakes_refused.increment(1);
                    driver.refuse(incoming, now);
                }
            }
        }
    }

    /// Refuses all who wait.
    pub(super) fn shut(&mut self, driver: &mut Driver, now: Instant) {
        while let Some(incoming) = self.next(driver) {
            driver.refuse(incoming, now);
        }
    }
}
