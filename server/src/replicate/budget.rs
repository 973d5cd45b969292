//! How many bytes a client may be sent, and how it lives with them.
//!
//! Two buckets fill with time. One is the line's: never more in a second than the line bears. The other is
//! the client's share of what the host gives all: it holds a little more than a second's, so that a join or a
//! fight that breaks out is told as fast as the line allows, and over time no more than the share goes out.

use gamera_protocol::measure::{TICK_HZ, Tick, ticks};

use crate::replicate::interest::{DETAILS, Detail, SMALL_BUDGET_STEP};

/// Bytes a second that a client is sent unless the net layer says otherwise.
pub const BUDGET_BYTES_S: u32 = 8_000;
/// Bytes that QUIC adds to a datagram: the packet's head and seal, the frame's head, and its part of the
/// acknowledgements.
pub(super) const PACKET_BYTES: usize = 32;

/// The part of a second that may go out at once, and by which less flows in: so no second holds more than
/// a line bears.
const AT_ONCE: i64 = 16;
/// Seconds of its share that a client may have saved.
const SAVED_S: i64 = 3;

/// Who may be sent less is told exactly of what is near alone, from the start.
const SMALL_BYTES_S: i64 = 16_000;
/// So many ticks in a row of too little take something, and so many of enough give something back; where that
/// was too early, twice as many do, and so on.
const TIGHT_TICKS: u32 = 12;
const PATIENCE_TICKS: u32 = ticks(2);
const PATIENCE_TICKS_MAX: u32 = ticks(120);

/// A bucket of bits.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    bits: i64,
    each_tick: i64,
    full: i64,
}

impl Bucket {
    /// What a line bears that carries `bytes_s`.
    fn of_line(bytes_s: u32) -> Bucket {
        let second = i64::from(bytes_s) * 8;
        let at_once = second / AT_ONCE;
        Bucket { bits: at_once, each_tick: (second - at_once) / i64::from(TICK_HZ), full: at_once }
    }

    /// A share of `bytes_s`.
    fn of_share(bytes_s: u32) -> Bucket {
        let second = i64::from(bytes_s) * 8;
        Bucket { bits: second * SAVED_S, each_tick: second / i64::from(TICK_HZ), full: second * SAVED_S }
    }

    /// The same bucket for another rate: what is in it stays, as far as it has room.
    fn changed(self, to: Bucket) -> Bucket {
        Bucket { bits: self.bits.min(to.full), ..to }
    }

    fn fill(&mut self, ticks: i64) {
        self.bits = (self.bits + self.each_tick * ticks).min(self.full);
    }

    fn take(&mut self, bits: i64) {
        // A debt of more than a second would be paid with silence for longer than anybody's patience.
        self.bits = (self.bits - bits).max(-self.each_tick * i64::from(TICK_HZ));
    }
}

/// One client's budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    line: Bucket,
    share: Option<Bucket>,
    /// The tick up to which time has flowed in.
    filled: Option<Tick>,
    /// Bytes taken so far.
    taken: u64,
    /// The step of [`DETAILS`] in force.
    pub(super) step: usize,
    /// Ticks in a row in which there was too little, or enough; which of the two.
    pressure: u32,
    was_short: bool,
    /// Ticks since the last change, and whether that gave back.
    settled: u32,
    gave_back: bool,
    /// Ticks in a row of enough before something is given back.
    patience: u32,
}

impl Default for Budget {
    fn default() -> Budget {
        let line = Bucket::of_line(BUDGET_BYTES_S);
        Budget {
            line,
            share: None,
            filled: None,
            taken: 0,
            step: SMALL_BUDGET_STEP,
            pressure: 0,
            was_short: false,
            settled: 0,
            gave_back: false,
            patience: PATIENCE_TICKS,
        }
    }
}

impl Budget {
    /// What the line bears in any second from now on.
    pub(super) fn set_line(&mut self, bytes_s: u32) {
        let full = Bucket::of_line(bytes_s);
        let line = if self.is_untouched() { full } else { self.line.changed(full) };
        // Where the line bears less than before, what was given back was not given back too early.
        self.gave_back &= line.each_tick >= self.line.each_tick;
        self.line = line;
        self.begin();
    }

    /// What may be sent over time from now on.
    pub(super) fn set_share(&mut self, bytes_s: u32) {
        let to = Bucket::of_share(bytes_s);
        let had = self.share.filter(|_| !self.is_untouched());
        self.share = Some(had.map_or(to, |share| share.changed(to)));
        self.begin();
    }

    /// True before anything was sent: then what is allowed at once is there from the start.
    fn is_untouched(&self) -> bool {
        self.filled.is_none() && self.taken == 0
    }

    /// Before anything was told: the step to begin at.
    fn begin(&mut self) {
        let each_tick = self.share.map_or(self.line.each_tick, |share| share.each_tick.min(self.line.each_tick));
        if self.filled.is_none() {
            let is_small = each_tick * i64::from(TICK_HZ) < SMALL_BYTES_S * 8;
            self.step = if is_small { SMALL_BUDGET_STEP } else { 0 };
        }
    }

    /// Lets the time up to `tick` flow in; returns the bits that may be sent now.
    pub(super) fn fill(&mut self, tick: Tick) -> i64 {
        let passed = self.filled.map_or(0, |filled| i64::from(tick.since(filled)));
        self.filled = Some(tick);
        self.line.fill(passed);
        self.share.iter_mut().for_each(|share| share.fill(passed));
        self.share.map_or(self.line.bits, |share| share.bits.min(self.line.bits))
    }

    /// Takes what goes out.
    pub(super) fn take(&mut self, bytes: usize) {
        self.taken += bytes as u64;
        let bits = bytes as i64 * 8;
        self.line.take(bits);
        self.share.iter_mut().for_each(|share| share.take(bits));
    }

    /// Takes what went out besides what was taken, where the line says that it has carried `bytes` in all.
    pub(super) fn take_rest(&mut self, bytes: u64) {
        self.take(bytes.saturating_sub(self.taken) as usize);
    }

    /// Notes whether all that was due could be sent. First the detail gives way, then the radius; both come
    /// back slowly, and the more slowly the more often that was too early.
    pub(super) fn adapt(&mut self, fell_short: bool) {
        self.settled = self.settled.saturating_add(1);
        if self.settled == PATIENCE_TICKS_MAX {
            self.patience = PATIENCE_TICKS;
        }
        self.pressure = if fell_short == self.was_short { self.pressure + 1 } else { 1 };
        self.was_short = fell_short;
        if fell_short && self.pressure > TIGHT_TICKS {
            let was_too_early = self.gave_back && self.settled < PATIENCE_TICKS_MAX;
            self.patience = if was_too_early { (self.patience * 2).min(PATIENCE_TICKS_MAX) } else { self.patience };
            self.step = (self.step + 1).min(DETAILS.len() - 1);
            self.changed(false);
        } else if !fell_short && self.pressure > self.patience && self.step > 0 {
            self.step -= 1;
            self.changed(true);
        }
    }

    fn changed(&mut self, gave_back: bool) {
        (self.pressure, self.settled, self.gave_back) = (0, 0, gave_back);
    }

    /// True where not all that was due could be sent the last time.
    pub(super) fn is_short(&self) -> bool {
        self.was_short
    }

    /// True where the line bears nothing now, whatever the share would allow.
    pub(super) fn is_line_spent(&self) -> bool {
        self.line.bits <= 0
    }

    /// The same where it was the line that bore no more.
    pub(super) fn is_held_back(&self) -> bool {
        self.was_short && self.share.is_none_or(|share| share.bits > self.line.bits)
    }

    /// How well the client is told.
    pub(super) fn detail(&self) -> Detail {
        DETAILS[self.step]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends all that is allowed in each of `ticks`, in packets of up to 1,100 bytes; what each tick sent.
    fn greedy(budget: &mut Budget, ticks: std::ops::Range<u32>) -> Vec<i64> {
        let send = |tick| {
            let mut left = budget.fill(Tick(tick)) / 8;
            let sent = left.max(0);
            while left > 0 {
                budget.take(left.min(1_100) as usize);
                left -= 1_100;
            }
            sent
        };
        ticks.map(send).collect()
    }

    #[test]
    fn no_second_holds_more_than_the_line_bears_and_no_minute_more_than_the_share() {
        for (line, share) in [(24_000, 8_000), (24_000, 24_000), (6_000, 8_000)] {
            let mut budget = Budget::default();
            budget.set_line(line);
            budget.set_share(share);
            let sent = greedy(&mut budget, 0..1_800);
            let peak = sent.windows(30).map(|second| second.iter().sum::<i64>()).max().unwrap();
            assert!(peak <= i64::from(line), "{line} {share}: {peak}");
            let mean = sent[90..].iter().sum::<i64>() / 57;
            assert!(mean <= i64::from(share.min(line)) * 101 / 100, "{line} {share}: {mean}");
            assert!(mean >= i64::from(share.min(line)) * 85 / 100, "{line} {share}: {mean}");
        }
    }

    #[test]
    fn what_was_given_back_too_early_is_given_back_less_often() {
        let mut budget = Budget::default();
        // Enough at the second step, too little at the first.
        let changes = |ticks: u32, budget: &mut Budget| {
            let mut changes = 0;
            for _ in 0..ticks {
                let before = budget.step;
                budget.adapt(budget.step < 2);
                changes += usize::from(budget.step != before);
            }
            changes
        };
        let (first, later) = (changes(1_800, &mut budget), changes(1_800, &mut budget));
        assert!(first > 2 && later * 2 <= first, "{first} changes in the first minute, {later} in the second");
        assert!((1..=2).contains(&budget.step));
    }

    #[test]
    fn a_join_is_told_as_fast_as_the_line_allows() {
        let mut budget = Budget::default();
        budget.set_line(24_000);
        budget.set_share(8_000);
        let sent = greedy(&mut budget, 0..45);
        assert!(sent.iter().sum::<i64>() > 24_000, "{sent:?}");
    }

    #[test]
    fn what_is_allowed_at_once_is_there_from_the_start() {
        let mut budget = Budget::default();
        budget.set_line(4_000_000);
        assert_eq!(budget.fill(Tick(0)), 4_000_000 * 8 / AT_ONCE);
        assert_eq!(budget.step, 0);
        budget.set_line(8_000);
        assert_eq!(budget.fill(Tick(0)), 8_000 * 8 / AT_ONCE);
    }

    #[test]
    fn what_the_line_carried_besides_is_taken_too_and_only_once() {
        let mut budget = Budget::default();
        budget.set_line(8_000);
        budget.take(600);
        let before = budget.fill(Tick(0));
        for (carried, taken_bytes) in [(500, 0), (900, 300), (900, 0)] {
            let had = budget.fill(Tick(0));
            budget.take_rest(carried);
            assert_eq!(had - budget.fill(Tick(0)), taken_bytes * 8, "{carried} of {before}");
        }
    }
}
