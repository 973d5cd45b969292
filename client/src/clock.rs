//! Which tick it is: on the server when its newest picture was made, for inputs that must arrive in
//! time, and for what is drawn. Fed with arrivals; it reads no clock itself.

use std::time::Duration;

use gamera_protocol::measure::{TICK_HZ, Tick};

const TICK_MS: f64 = 1_000.0 / TICK_HZ as f64;
/// Arrivals are the server's ticks plus a delay; the base follows the quickest ones, and forgets
/// them by this much an arrival, so that a slower path or a drifting clock is followed too.
const BASE_RISE_MS: f64 = 0.05;
/// The quickest arrival is looked for in stretches of this length, milliseconds ...
const STRETCH_MS: f64 = 300.0;
/// ... and where it is later than the base by more than this, and the round trip has not grown, the battle
/// itself has fallen behind: the server has left ticks out.
const SLIP_MS: f64 = 2.0 * TICK_MS;
/// Share of a new arrival in the mean jitter.
const JITTER_GAIN: f64 = 0.05;
/// Inputs are made for a tick at least this far ahead of the round trip, ticks.
const LEAD_TICKS: f64 = 1.5;
/// Jitter on the way down counts for no more than this in it, milliseconds: inputs go the other way, and of those
/// that come too late the server tells.
const LEAD_JITTER_MS: f64 = 100.0;
/// The round trip counts for at most so many times the shortest one lately and so much more,
/// milliseconds: after a stall the smoothed one is far too long for a while.
const RTT_TIMES: f64 = 2.0;
const RTT_SLACK_MS: f64 = 100.0;
/// The shortest round trip is forgotten by this share at each measurement.
const RTT_RISE: f64 = 0.02;
/// The drawing runs behind by this many pictures, so that one or two may be lost.
const DELAY_PICTURES: f64 = 2.0;
const DELAY_MIN_MS: f64 = 50.0;
const DELAY_MAX_MS: f64 = 500.0;
/// A jump of more than this many ticks starts the clock anew: another match, or a link resumed.
const RESTART_TICKS: f64 = 60.0;

/// The quickest arrivals of the present stretch and of the last one: when tick 0 would have come with each.
#[derive(Clone, Copy, Debug, Default)]
struct Lately {
    since_ms: f64,
    quickest_ms: Option<f64>,
    before_ms: Option<f64>,
}

impl Lately {
    /// Takes an arrival at `now_ms`. At the end of a stretch: the quickest of it and of the one before.
    fn take(&mut self, now_ms: f64, sample: f64) -> Option<f64> {
        if now_ms - self.since_ms > 2.0 * STRETCH_MS {
            // After a silence: what was before it tells nothing.
            *self = Lately { since_ms: now_ms, ..Lately::default() };
        }
        if now_ms - self.since_ms < STRETCH_MS {
            self.quickest_ms = Some(self.quickest_ms.map_or(sample, |ms| ms.min(sample)));
            return None;
        }
        // Without an arrival in one of the two it is not known how quick one can be.
        let quickest = self.quickest_ms.zip(self.before_ms).map(|(now, before)| now.min(before));
        *self = Lately { since_ms: now_ms, quickest_ms: Some(sample), before_ms: self.quickest_ms };
        quickest
    }
}

/// The client's idea of battle time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds at which tick 0 would have arrived by the quickest way.
    base_ms: Option<f64>,
    lately: Lately,
    jitter_ms: f64,
    interval_ms: f64,
    newest: Tick,
    newest_at_ms: f64,
    rtt_ms: f64,
    /// The round trip as it was measured last, however far it is to be believed.
    measured_ms: f64,
    /// The round trip that goes with the base: the shortest, forgotten as slowly.
    base_rtt_ms: Option<f64>,
    /// The shortest round trip lately; `None` before the first.
    shortest_ms: Option<f64>,
    /// What the server's word about early or late inputs added, ticks.
    steered_ticks: f64,
    made: Option<Tick>,
    /// The part of a tick that has passed since the newest input, as last told: it does not go back.
    part: f64,
}

impl Clock {
    /// A picture of `tick` arrived at `now`.
    pub fn arrived(&mut self, tick: Tick, now: Duration) {
        let now_ms = millis(now);
        let sample = now_ms - f64::from(tick.0) * TICK_MS;
        let base = match self.base_ms {
            Some(base) if (sample - base).abs() < RESTART_TICKS * TICK_MS => sample.min(base + BASE_RISE_MS),
            _ => {
                *self = Clock {
                    rtt_ms: self.rtt_ms,
                    measured_ms: self.measured_ms,
                    base_rtt_ms: self.base_rtt_ms,
                    shortest_ms: self.shortest_ms,
                    interval_ms: TICK_MS,
                    ..Clock::default()
                };
                sample
            }
        };
        self.base_ms = Some(base);
        self.jitter_ms += (sample - base - self.jitter_ms) * JITTER_GAIN;
        if let Some(quickest) = self.lately.take(now_ms, sample) {
            self.follow_slip(quickest - base);
        }
        if tick > self.newest {
            let interval = f64::from(tick.since(self.newest)).min(30.0) * TICK_MS;
            self.interval_ms += (interval - self.interval_ms) * JITTER_GAIN;
            self.newest = tick;
            self.newest_at_ms = now_ms;
        }
    }

    /// The quickest arrivals lately were later than the base by so much. What a longer way explains may pass;
    /// the rest is ticks that the server never ran, and does not come back.
    fn follow_slip(&mut self, later_ms: f64) {
        let longer_ms = self.base_rtt_ms.map_or(0.0, |shortest| self.measured_ms - shortest);
        let slip_ms = later_ms - longer_ms;
        if slip_ms > SLIP_MS {
            self.base_ms = self.base_ms.map(|base| base + slip_ms);
            self.jitter_ms = (self.jitter_ms - slip_ms).max(0.0);
            self.lately = Lately { since_ms: self.lately.since_ms, ..Lately::default() };
        }
    }

    /// The link's round trip, and how early inputs reach the server where it has told.
    pub fn measured(&mut self, rtt_ms: u32, inputs_early_ticks: Option<i32>) {
        let rtt_ms = f64::from(rtt_ms);
        self.measured_ms = rtt_ms;
        self.base_rtt_ms = Some(self.base_rtt_ms.map_or(rtt_ms, |ms| (ms + BASE_RISE_MS).min(rtt_ms)));
        let shortest = self.shortest_ms.map_or(rtt_ms, |ms| (ms + ms.max(1.0) * RTT_RISE).min(rtt_ms));
        self.shortest_ms = Some(shortest);
        self.rtt_ms = rtt_ms.min(shortest * RTT_TIMES + RTT_SLACK_MS);
        let Some(early) = inputs_early_ticks else { return };
        // Late inputs are worth a quick answer, early ones a slow one.
        let change = if early < 1 {
            0.5
        } else if early > 4 {
            -0.1
        } else {
            0.0
        };
        self.steered_ticks = (self.steered_ticks + change).clamp(-4.0, 12.0);
    }

    /// The ticks that an input has to be made for now: mostly none or one, a few after a stall.
    pub fn due(&mut self, now: Duration) -> std::ops::Range<u32> {
        let Some(time) = self.input_time(now) else { return 0..0 };
        let target = time.max(1.0) as u32;
        let next = match self.made {
            Some(made) if target < made.0 + TICK_HZ => made.0 + 1,
            _ => target,
        };
        if target < next {
            return 0..0;
        }
        self.made = Some(Tick(target));
        self.part = 0.0;
        next..target + 1
    }

    /// The part of a tick, 0..=1, that has passed at `now` since the tick of the newest input.
    pub fn part(&mut self, now: Duration) -> f64 {
        let (Some(time), Some(made)) = (self.input_time(now), self.made) else { return 0.0 };
        self.part = (time - f64::from(made.0)).clamp(self.part, 1.0);
        self.part
    }

    /// The moment that an input made now is for, in ticks and parts of one.
    fn input_time(&self, now: Duration) -> Option<f64> {
        let ahead_ms = self.rtt_ms + self.jitter_ms.min(LEAD_JITTER_MS);
        let ahead = ahead_ms / TICK_MS + LEAD_TICKS + self.steered_ticks;
        Some((millis(now) - self.base_ms?) / TICK_MS + ahead)
    }

    /// The moment that is drawn, in ticks and parts of one.
    #[must_use]
    pub fn drawn_tick(&self, now: Duration) -> f64 {
        let Some(base) = self.base_ms else { return 0.0 };
        (millis(now) - base - self.delay_ms()) / TICK_MS
    }

    /// How far the drawing runs behind the newest picture, milliseconds.
    #[must_use]
    pub fn delay_ms(&self) -> f64 {
        (self.interval_ms * DELAY_PICTURES + self.jitter_ms * 3.0).clamp(DELAY_MIN_MS, DELAY_MAX_MS)
    }

    /// Milliseconds since the newest picture arrived.
    #[must_use]
    pub fn age_ms(&self, now: Duration) -> u32 {
        if self.base_ms.is_none() { 0 } else { (millis(now) - self.newest_at_ms).max(0.0) as u32 }
    }

    /// The tick of the newest picture.
    #[must_use]
    pub fn newest(&self) -> Tick {
        self.newest
    }
}

fn millis(at: Duration) -> f64 {
    at.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    fn at(ms: f64) -> Duration {
        Duration::from_secs_f64(ms / 1_000.0)
    }

    #[test]
    fn every_tick_gets_exactly_one_input_over_a_jittering_link() {
        let mut clock = Clock::default();
        let mut made = Vec::new();
        for i in 0..600_u32 {
            let jitter = f64::from(i * 7 % 23);
            let now = at(100.0 + f64::from(i) * TICK_MS + jitter);
            clock.arrived(Tick(50 + i), now);
            made.extend(clock.due(now));
        }
        assert!(made.windows(2).all(|w| w[1] == w[0] + 1), "gaps or repeats");
        assert!(made.len() > 590);
    }

    #[test]
    fn the_part_of_a_tick_grows_from_input_to_input_and_never_goes_back() {
        let mut clock = Clock::default();
        clock.measured(40, None);
        clock.arrived(Tick(30), at(1_000.0));
        let mut last = 0.0;
        for i in 0..400 {
            let now = at(1_000.0 + f64::from(i));
            // A quicker arrival now and then pulls the time of inputs back or forth.
            if i % 33 == 0 {
                clock.arrived(Tick(31 + i / 33), at(1_033.0 + f64::from(i + i % 7)));
            }
            let made = !clock.due(now).is_empty();
            let part = clock.part(now);
            assert!((0.0..=1.0).contains(&part) && (made || part >= last), "{i}: {part} after {last}");
            last = part;
        }
    }

    #[test]
    fn inputs_run_ahead_by_the_round_trip() {
        for rtt in [0, 100, 300] {
            let mut clock = Clock::default();
            clock.measured(rtt, None);
            clock.arrived(Tick(300), at(1_000.0));
            let lead = f64::from(clock.due(at(1_000.0)).end) - 301.0;
            assert!((lead * TICK_MS - f64::from(rtt)) >= TICK_MS * 0.5, "{rtt} ms: {lead} ticks");
            assert!((lead * TICK_MS - f64::from(rtt)) < TICK_MS * 3.0, "{rtt} ms: {lead} ticks");
        }
    }

    #[test]
    fn the_delay_grows_with_jitter_and_is_bounded() {
        let run = |spread: u32| {
            let mut clock = Clock::default();
            for i in 0..300 {
                clock.arrived(Tick(i), at(f64::from(i) * TICK_MS + f64::from(i * 31 % (spread + 1))));
            }
            clock.delay_ms()
        };
        assert!(run(0) < run(40) && run(40) < run(120));
        assert!(run(5_000) <= DELAY_MAX_MS);
    }

    /// A server that leaves ticks out now and then, 20 ms away each way: how far ahead of the tick that it
    /// steps next the inputs were that had reached it, in each tick that it ran in `seconds`.
    fn ahead_of(mut left_out: impl FnMut(u32) -> u32, seconds: u32) -> Vec<i32> {
        let mut clock = Clock::default();
        clock.measured(40, None);
        let (mut battle, mut newest, mut ahead) = (100, 0, Vec::new());
        // What is made at 20 ms past a moment of the server is there 20 ms later.
        let (mut made, mut under_way) = (0, VecDeque::from([0; 40]));
        for ms in 0..seconds * 1_000 {
            let now = at(f64::from(ms) + 20.0);
            let period = ms * TICK_HZ / 1_000;
            if (ms + 1) * TICK_HZ / 1_000 > period {
                // A tick is due: it runs, or it is one of those that are left out.
                let is_run = left_out(period) == 0;
                battle += u32::from(is_run);
                if is_run {
                    clock.arrived(Tick(battle), now);
                    clock.measured(40, (newest > 0).then(|| newest as i32 - battle as i32 - 1));
                    ahead.push(newest as i32 - battle as i32 - 1);
                }
            }
            made = clock.due(now).last().unwrap_or(made);
            under_way.push_back(made);
            newest = under_way.pop_front().unwrap();
        }
        ahead
    }

    #[test]
    fn inputs_come_in_time_for_a_server_that_leaves_ticks_out_and_not_far_ahead() {
        let once = |from: u32, count: u32| move |period: u32| u32::from((from..from + count).contains(&period));
        let now_and_then = |period: u32| u32::from(period.is_multiple_of(10) && period < 600);
        for (name, ahead) in [
            ("none left out", ahead_of(|_| 0, 30)),
            ("a stall of half a second", ahead_of(once(300, 15), 30)),
            ("a stall of a second", ahead_of(once(300, 30), 30)),
            ("a stall of three seconds", ahead_of(once(300, 90), 30)),
            ("every tenth for 20 s", ahead_of(now_and_then, 30)),
        ] {
            let settled = &ahead[ahead.len() - 5 * TICK_HZ as usize..];
            assert!(settled.iter().all(|ahead| (0..=6).contains(ahead)), "{name}: {settled:?}");
            let absurd = ahead.iter().filter(|ahead| **ahead > 30).count();
            assert!(absurd <= TICK_HZ as usize, "{name}: {absurd} ticks with inputs that no server keeps");
        }
    }

    #[test]
    fn a_way_that_is_longer_for_a_while_does_not_move_what_is_drawn_back() {
        let mut clock = Clock::default();
        let mut last = 0.0;
        for i in 0..600_u32 {
            let longer = if (200..290).contains(&i) { 300.0 } else { 0.0 };
            let now = at(1_000.0 + f64::from(i) * TICK_MS + longer);
            clock.measured(40 + longer as u32, None);
            clock.arrived(Tick(30 + i), now);
            let base = clock.base_ms.unwrap();
            assert!(i == 0 || base - last < 1.0, "picture {i}: {last} to {base}");
            last = base;
        }
    }

    #[test]
    fn another_match_starts_the_clock_anew() {
        let mut clock = Clock::default();
        clock.arrived(Tick(9_000), at(1_000.0));
        let _ = clock.due(at(1_000.0));
        clock.arrived(Tick(10), at(1_033.0));
        assert!(clock.due(at(1_033.0)).end < 20);
    }
}
