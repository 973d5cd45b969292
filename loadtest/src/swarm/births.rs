//! When each tick of the battle was stepped, as far as arrivals tell, from which snapshots are told their age.
//!
//! A tick is stepped a period after the one before it, or whole periods later where the server left ticks out. So
//! where even the quickest arrivals of a second come whole periods later than they did before, ticks were left out,
//! and what is shown is not older for it; anything less is age. That is known once the second has passed, and ages
//! are told then.

use std::collections::VecDeque;

use gamera_protocol::measure::{TICK_HZ, Tick};

const PERIOD_MS: f64 = 1_000.0 / TICK_HZ as f64;
/// The quickest arrival of so many ticks tells whether ticks were left out.
const WINDOW_TICKS: u32 = TICK_HZ;
/// Windows whose quickest arrival counts for the base: other machines' clocks drift.
const BASE_TICKS: u32 = 10 * TICK_HZ;
/// Two quickest arrivals differ by no more than this though nothing was left out.
const NOISE_MS: f64 = PERIOD_MS / 8.0;
/// An arrival that is later than this is of another match.
const ANOTHER_MS: f64 = 30_000.0;
/// Times that ticks were left out which are remembered, for players that are far behind.
const GAPS_MAX: usize = 64;

/// The age of a player's newest snapshot at a moment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Age {
    pub(super) ms: f64,
    /// The moment lies in the measured stretch.
    pub(super) is_measured: bool,
}

/// A player's newest snapshot at a moment, whose age is not known yet.
#[derive(Clone, Copy, Debug)]
struct Look {
    at_ms: f64,
    is_measured: bool,
}

/// A tick of which it is not known yet when it was stepped.
#[derive(Debug)]
struct Open {
    tick: Tick,
    /// Of all arrivals of it the least, its way and the periods before it taken off; infinite before the first that
    /// was looked for in time.
    least_ms: f64,
    looks: Vec<Look>,
}

/// What is known of a match's ticks.
#[derive(Debug, Default)]
pub(super) struct Births {
    /// Rising.
    open: VecDeque<Open>,
    /// Up to here it is known.
    settled: Option<Tick>,
    /// The quickest arrivals of windows of the last ticks, those left out taken off.
    quickest: VecDeque<(Tick, f64)>,
    /// From which tick on how many were left out in all.
    gaps: VecDeque<(Tick, u32)>,
    known: Vec<Age>,
    /// Ticks left out in this match and those before it.
    slipped: u32,
}

impl Births {
    /// A player has `tick` as its newest at `at_ms`. Its way takes `way_ms`; `None` where it looks too late to say
    /// anything of when that tick came.
    pub(super) fn look(&mut self, tick: Tick, at_ms: f64, way_ms: Option<f64>, is_measured: bool) {
        let shown_ms = at_ms - since_first_ms(tick);
        if self.base_ms().is_some_and(|base| (shown_ms - base - self.left_out_ms(tick)).abs() > ANOTHER_MS) {
            self.begin_anew();
        }
        let arrival_ms = way_ms.map_or(f64::INFINITY, |way_ms| shown_ms - way_ms);
        let look = Look { at_ms, is_measured };
        if self.settled.is_some_and(|settled| tick <= settled) {
            return self.tell(tick, look);
        }
        let at = self.open.partition_point(|open| open.tick < tick);
        match self.open.get_mut(at).filter(|open| open.tick == tick) {
            Some(open) => {
                open.least_ms = open.least_ms.min(arrival_ms);
                open.looks.push(look);
            }
            None => self.open.insert(at, Open { tick, least_ms: arrival_ms, looks: vec![look] }),
        }
        while self.open.len() > 1 && self.newest_since_first_open() > WINDOW_TICKS {
            self.settle();
        }
    }

    /// The ages that have become known.
    pub(super) fn take_known(&mut self) -> Vec<Age> {
        std::mem::take(&mut self.known)
    }

    /// Settles what is left with what there is: nothing more will come.
    pub(super) fn finish(&mut self) -> Vec<Age> {
        while !self.open.is_empty() {
            self.settle();
        }
        self.take_known()
    }

    /// Ticks that were left out.
    pub(super) fn slipped(&self) -> u32 {
        self.slipped
    }

    fn newest_since_first_open(&self) -> u32 {
        self.open.front().zip(self.open.back()).map_or(0, |(first, last)| last.tick.since(first.tick))
    }

    fn begin_anew(&mut self) {
        *self = Births { slipped: self.slipped, known: std::mem::take(&mut self.known), ..Births::default() };
    }

    /// The moment at which tick 0 would have been stepped.
    fn base_ms(&self) -> Option<f64> {
        self.quickest.iter().map(|(_, ms)| *ms).reduce(f64::min)
    }

    /// What ticks left out before `tick` made it later by.
    fn left_out_ms(&self, tick: Tick) -> f64 {
        let gap = self.gaps.iter().rev().find(|(from, _)| *from <= tick);
        gap.map_or(0.0, |(_, ticks)| f64::from(*ticks) * PERIOD_MS)
    }

    /// The first open tick's window has passed: now it is known when it was stepped.
    fn settle(&mut self) {
        let window = |open: &&Open| self.open.front().is_some_and(|first| open.tick.since(first.tick) <= WINDOW_TICKS);
        let quickest = self.open.iter().take_while(window).map(|open| open.least_ms).reduce(f64::min);
        let (Some(open), Some(quickest)) = (self.open.pop_front(), quickest) else { return };
        self.settled = Some(open.tick);
        if quickest.is_finite() {
            self.note_quickest(open.tick, quickest);
        }
        open.looks.into_iter().for_each(|look| self.tell(open.tick, look));
    }

    fn note_quickest(&mut self, tick: Tick, quickest_ms: f64) {
        let quickest_ms = quickest_ms - self.left_out_ms(tick);
        let later_ms = self.base_ms().map_or(0.0, |base| quickest_ms - base);
        let left_out = ((later_ms + NOISE_MS) / PERIOD_MS).max(0.0) as u32;
        if left_out > 0 {
            let before = self.gaps.back().map_or(0, |(_, ticks)| *ticks);
            self.gaps.push_back((tick, before + left_out));
            self.slipped += left_out;
        }
        if self.gaps.len() > GAPS_MAX {
            self.gaps.pop_front();
        }
        self.quickest.push_back((tick, quickest_ms - f64::from(left_out) * PERIOD_MS));
        while self.quickest.front().is_some_and(|(first, _)| tick.since(*first) > BASE_TICKS) {
            self.quickest.pop_front();
        }
    }

    fn tell(&mut self, tick: Tick, look: Look) {
        let Some(base_ms) = self.base_ms() else { return };
        let born_ms = base_ms + since_first_ms(tick) + self.left_out_ms(tick);
        self.known.push(Age { ms: look.at_ms - born_ms, is_measured: look.is_measured });
    }
}

fn since_first_ms(tick: Tick) -> f64 {
    f64::from(tick.0) * PERIOD_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that steps ticks `from..to`, and leaves ticks out before some of them.
    struct Server {
        ticks: std::ops::Range<u32>,
        /// Before this tick, so many.
        left_out: Vec<(u32, u32)>,
    }

    impl Server {
        fn born_ms(&self, tick: u32) -> f64 {
            let out: u32 = self.left_out.iter().filter(|(at, _)| *at <= tick).map(|(_, ticks)| ticks).sum();
            7_000.0 + f64::from(tick + out) * PERIOD_MS
        }

        /// The ages of `players` that look at each tick when it has come, `delay` after it was stepped, and ten
        /// milliseconds later.
        fn ages(&self, players: u32, delay: impl Fn(u32, u32) -> f64) -> (Vec<f64>, u32) {
            let mut births = Births::default();
            for tick in self.ticks.clone() {
                for player in 0..players {
                    for later in [0.0, 10.0] {
                        let at = self.born_ms(tick) + delay(tick, player) + later;
                        births.look(Tick(tick), at, Some(0.0), true);
                    }
                }
            }
            let slipped = births.slipped();
            (births.finish().iter().map(|age| age.ms).collect(), slipped)
        }
    }

    fn most(ages: &[f64]) -> f64 {
        ages.iter().copied().fold(f64::MIN, f64::max)
    }

    #[test]
    fn age_is_what_an_arrival_is_later_than_the_quickest() {
        let server = Server { ticks: 100..400, left_out: vec![] };
        let (ages, slipped) = server.ages(4, |tick, player| f64::from((tick * 7 + player * 5) % 20));
        assert_eq!((ages.len(), slipped), (300 * 4 * 2, 0));
        assert!((most(&ages) - 29.0).abs() < 0.5 && ages.iter().all(|ms| *ms > -0.5), "{}", most(&ages));
    }

    #[test]
    fn ticks_left_out_are_no_age_however_many_and_however_often() {
        for left_out in [vec![(250, 1)], vec![(250, 13)], vec![(200, 2), (210, 3), (340, 1)]] {
            let wanted: u32 = left_out.iter().map(|(_, ticks)| ticks).sum();
            let server = Server { ticks: 100..500, left_out };
            let (ages, slipped) = server.ages(4, |tick, player| f64::from((tick * 7 + player * 5) % 20));
            assert_eq!(slipped, wanted);
            assert!(most(&ages) < 30.0 && ages.iter().all(|ms| *ms > -PERIOD_MS / 4.0), "{}", most(&ages));
        }
    }

    #[test]
    fn what_comes_late_to_all_is_age_where_it_is_less_than_a_period_or_passes() {
        // For two seconds by 25 ms, and for half of one by 200.
        for (ticks, late_ms) in [(200..260, 25.0), (200..215, 200.0)] {
            let server = Server { ticks: 100..500, left_out: vec![] };
            let (ages, slipped) = server.ages(3, |tick, _| if ticks.contains(&tick) { late_ms } else { 0.0 });
            assert_eq!(slipped, 0);
            assert!((most(&ages) - 10.0 - late_ms).abs() < 0.5, "{} of {late_ms}", most(&ages));
        }
    }

    #[test]
    fn who_is_seconds_behind_sees_what_is_seconds_old() {
        let (server, mut births) = (Server { ticks: 100..500, left_out: vec![(300, 5)] }, Births::default());
        for tick in server.ticks.clone() {
            let at = server.born_ms(tick);
            births.look(Tick(tick), at, Some(0.0), true);
            births.look(Tick(tick.min(200)), at, Some(0.0), false);
        }
        let stuck: Vec<f64> = births.finish().into_iter().filter(|age| !age.is_measured).map(|age| age.ms).collect();
        assert!((most(&stuck) - (server.born_ms(499) - server.born_ms(200))).abs() < 1.0, "{}", most(&stuck));
    }

    #[test]
    fn a_generator_that_is_late_itself_takes_no_tick_for_left_out() {
        let (server, mut births) = (Server { ticks: 100..500, left_out: vec![] }, Births::default());
        for tick in server.ticks.clone() {
            let late = (200..300).contains(&tick);
            let at = server.born_ms(tick) + if late { 50.0 } else { 0.0 };
            births.look(Tick(tick), at, (!late).then_some(0.0), true);
        }
        let slipped = births.slipped();
        let ages = births.finish();
        assert_eq!((ages.len(), slipped), (400, 0));
        let late = ages.iter().filter(|age| (age.ms - 50.0).abs() < 0.5).count();
        assert_eq!(late, 100, "what was shown so late was so old");
    }

    #[test]
    fn the_next_match_begins_anew() {
        let mut births = Births::default();
        for tick in 9_000..9_100 {
            births.look(Tick(tick), f64::from(tick) * PERIOD_MS, Some(0.0), true);
        }
        let start = 9_100.0 * PERIOD_MS;
        for tick in 1..100 {
            births.look(Tick(tick), start + f64::from(tick) * PERIOD_MS + 3.0, Some(0.0), true);
        }
        let slipped = births.slipped();
        let ages = births.finish();
        assert!(ages.iter().all(|age| age.ms.abs() < 5.0) && slipped == 0, "{ages:?}");
    }
}
