//! One line in one direction: decides of each datagram when it arrives, once, twice or never.

use std::time::Duration;

use gamera_protocol::rng::Pcg32;

use super::Impairment;

/// What UDP and IP add to each datagram on the line, bytes.
const HEADERS: usize = 28;
/// A line with a rate takes so much at once before it makes others wait, bytes: two full packets.
const BUCKET: usize = 3_000;
/// What would have to wait longer before the line is dropped, as the queue of a router does.
const QUEUE: Duration = Duration::from_millis(500);
/// What is overtaken arrives this much later, from and to.
const OVERTAKEN_MS: (u32, u32) = (10, 80);

const MILLION: u32 = 1_000_000;

/// One line in one direction.
#[derive(Clone, Debug)]
pub(super) struct Way {
    rules: Impairment,
    rng: Pcg32,
    /// In the middle of a burst of losses.
    is_losing: bool,
    /// When the line's bucket is full again.
    free_at: Duration,
    /// What was sent in order is all there by then.
    newest_due: Duration,
}

/// When a datagram arrives, and its double where it comes twice.
pub(super) type Arrivals = [Option<Duration>; 2];

impl Way {
    pub(super) fn new(rules: Impairment, rng: Pcg32) -> Way {
        Way { rules, rng, is_losing: false, free_at: Duration::ZERO, newest_due: Duration::ZERO }
    }

    /// What becomes of a datagram of `bytes` that is sent at `now`.
    pub(super) fn send(&mut self, now: Duration, bytes: usize) -> Arrivals {
        // Everything is drawn for every datagram: one number of the rules does not shift the others' luck.
        let is_lost = self.loses();
        let (jitter, double_jitter) = (self.jitter(), self.jitter());
        let is_overtaken = self.hits(self.rules.reorder_pct);
        let overtaken = self.rng.between(OVERTAKEN_MS.0 as i32, OVERTAKEN_MS.1 as i32) as u64;
        let is_doubled = self.hits(self.rules.duplicate_pct);
        let is_cut = self.rules.cut.is_some_and(|cut| cut.covers(now));
        let Some(leaves) = self.leaves(now, bytes).filter(|_| !is_cut) else { return [None; 2] };
        if is_lost {
            return [None; 2];
        }
        let way = leaves + self.rules.latency / 2;
        let due = if is_overtaken {
            way + jitter + Duration::from_millis(overtaken)
        } else {
            self.newest_due = self.newest_due.max(way + jitter);
            self.newest_due
        };
        [Some(due), is_doubled.then_some(due + double_jitter)]
    }

    /// Two states, of which one loses everything (Gilbert and Elliott's model).
    fn loses(&mut self) -> bool {
        let loss = (self.rules.loss_pct / 100.0).min(0.999_999);
        let ends = 1.0 / self.rules.burst;
        // Such that the share lost is `loss` whatever the bursts: of n that pass, n * begins end.
        let begins = loss / (1.0 - loss) * ends;
        let (even, draw) = (self.rules.burst <= 1.0, f64::from(self.rng.below(MILLION)) / f64::from(MILLION));
        self.is_losing = match (even, self.is_losing) {
            (true, _) => draw < loss,
            (false, true) => draw >= ends,
            (false, false) => draw < begins,
        };
        self.is_losing
    }

    fn hits(&mut self, percent: f64) -> bool {
        f64::from(self.rng.below(MILLION)) < percent / 100.0 * f64::from(MILLION)
    }

    fn jitter(&mut self) -> Duration {
        let share = f64::from(self.rng.below(MILLION)) / f64::from(MILLION);
        self.rules.jitter.mul_f64(share)
    }

    /// When the rate lets the datagram go; `None` where the queue before it is full.
    fn leaves(&mut self, now: Duration, bytes: usize) -> Option<Duration> {
        let Some(rate) = self.rules.rate_bits_s else { return Some(now) };
        let takes = |bytes: usize| Duration::from_secs_f64(bytes as f64 * 8.0 / f64::from(rate));
        let free_at = self.free_at.max(now) + takes(bytes + HEADERS);
        let leaves = free_at.saturating_sub(takes(BUCKET)).max(now);
        if leaves > now + QUEUE {
            return None;
        }
        self.free_at = free_at;
        Some(leaves)
    }
}
