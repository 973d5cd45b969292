//! When a tick is due, and whether it came in time. Deadlines are absolute: a late tick does not
//! shift those after it, and one that is a whole period late is counted and left out.

use std::time::{Duration, Instant};

use gamera_protocol::measure::TICK_HZ;

/// From one tick to the next.
pub const PERIOD: Duration = Duration::from_nanos(1_000_000_000 / TICK_HZ as u64);

/// Parts of a period over which sending is spread: a burst waits for itself.
pub const SLICES: u32 = 8;

/// Share of the period that work may take before clients are told less often, percent.
const BUSY_PCT: u32 = 80;
/// Share below which they are told more often again, percent.
const CALM_PCT: u32 = 40;
/// One tick counts for no more than this, percent: a hiccup is not a trend.
const TICK_PCT_MAX: u32 = 250;
/// The shares of about so many ticks are looked at together.
const TREND_TICKS: u32 = 16;
/// Ticks that a step has to show its effect before the next one up, and down.
const UP_TICKS: u32 = 16;
const DOWN_TICKS: u32 = 60;
/// Clients are told of the battle at least every so many ticks.
const DIVISOR_MAX: u32 = 4;

/// The deadlines of one room.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    due: Instant,
}

/// How a tick began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Begun {
    /// When it was due.
    pub due: Instant,
    /// How late it began.
    pub late: Duration,
    /// Ticks that are left out for good, this one among them if it began a period late.
    pub missed: u32,
}

impl Pace {
    /// The first tick is due at `start`.
    #[must_use]
    pub fn new(start: Instant) -> Pace {
        Pace { due: start }
    }

    /// When the next tick is due.
    #[must_use]
    pub fn due(&self) -> Instant {
        self.due
    }

    /// A tick begins at `now`; sets when the next is due.
    pub fn begin(&mut self, now: Instant) -> Begun {
        let late = now.saturating_duration_since(self.due);
        let missed = (late.as_nanos() / PERIOD.as_nanos()) as u32;
        let due = self.due + PERIOD * missed;
        self.due = due + PERIOD;
        Begun { due, late, missed }
    }
}

/// When slice `slice` of the tick that was due at `due` may be sent.
#[must_use]
pub fn slice_due(due: Instant, slice: u32) -> Instant {
    // The last slice ends before the next tick: an eighth is left for what comes late.
    due + PERIOD * slice / (SLICES + 1)
}

/// Tells clients less often when the machine is too slow, so that no tick is missed.
#[derive(Clone, Copy, Debug)]
pub struct Governor {
    divisor: u32,
    /// Share of the period that the last ticks took, hundredths of a percent.
    trend: u32,
    /// Ticks since the last step.
    settled: u32,
}

impl Default for Governor {
    fn default() -> Self {
        Governor { divisor: 1, trend: 0, settled: 0 }
    }
}

impl Governor {
    /// Every how many ticks a client is told of the battle.
    #[must_use]
    pub fn divisor(&self) -> u32 {
        self.divisor
    }

    /// A tick took `busy` of work and began `late`.
    pub fn look(&mut self, busy: Duration, late: Duration) {
        let percent = ((busy + late).as_nanos() * 100 / PERIOD.as_nanos()).min(u128::from(TICK_PCT_MAX)) as u32;
        self.trend = self.trend - self.trend / TREND_TICKS + percent * 100 / TREND_TICKS;
        self.settled = self.settled.saturating_add(1);
        if self.trend > BUSY_PCT * 100 && self.settled >= UP_TICKS && self.divisor < DIVISOR_MAX {
            self.divisor += 1;
            self.settled = 0;
        } else if self.trend < CALM_PCT * 100 && self.settled >= DOWN_TICKS && self.divisor > 1 {
            self.divisor -= 1;
            self.settled = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_tick_does_not_shift_those_after_it() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        for (began_ms, late_ms, missed) in [(0, 0, 0), (40, 6, 0), (67, 0, 0), (100, 0, 0)] {
            let begun = pace.begin(start + Duration::from_millis(began_ms));
            assert_eq!((begun.late.as_millis(), begun.missed), (late_ms, missed), "{began_ms} ms");
        }
    }

    #[test]
    fn ticks_that_are_a_whole_period_late_are_counted_and_left_out() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let begun = pace.begin(start + Duration::from_millis(110));
        assert_eq!(begun.missed, 3);
        assert!(pace.due() > start + Duration::from_millis(110), "no race to catch up");
    }

    #[test]
    fn slices_lie_in_order_within_the_tick() {
        let due = Instant::now();
        let times: Vec<Instant> = (0..SLICES).map(|s| slice_due(due, s)).collect();
        assert!(times.is_sorted() && times[0] == due && times[7] < due + PERIOD);
    }

    #[test]
    fn overload_costs_snapshots_first_and_calm_brings_them_back() {
        let mut governor = Governor::default();
        let (busy, calm) = (Duration::from_millis(32), Duration::from_millis(3));
        (0..90).for_each(|_| governor.look(busy, Duration::ZERO));
        assert_eq!(governor.divisor(), DIVISOR_MAX);
        (0..300).for_each(|_| governor.look(calm, Duration::ZERO));
        assert_eq!(governor.divisor(), 1);
    }

    #[test]
    fn a_hiccup_costs_nobody_anything() {
        let mut governor = Governor::default();
        for tick in 0..900 {
            let busy = if tick % 30 == 0 { 200 } else { 4 };
            governor.look(Duration::from_millis(busy), Duration::ZERO);
            assert_eq!(governor.divisor(), 1, "tick {tick}");
        }
    }
}
