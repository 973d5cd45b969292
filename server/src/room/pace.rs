//! When a tick is due, whether it came in time, and what gives way so that it does. Deadlines are absolute: a late tick does not
//! shift those after it, and one that is a whole period late is counted and left out.

use std::time::{Duration, Instant};

use gamera_protocol::ids::Viewer;
use gamera_protocol::measure::TICK_HZ;

use crate::lobby::Uptime;
use crate::replicate::REACH_M;

/// From one tick to the next.
pub const PERIOD: Duration = Duration::from_nanos(1_000_000_000 / TICK_HZ as u64);

/// Parts of a period over which sending is spread: a burst waits for itself.
pub const SLICES: u32 = 8;

/// Share of the period that work may take before clients are told less, percent: the net needs
/// time too, and a tick that waits for a processor is late.
const BUSY_PCT: u32 = 65;
/// The tick itself, without telling anybody, is to take a smaller share: it counts so many times.
const TICK_WEIGHT: u32 = 3;
/// But for no more than so many times what telling takes: where that is little, to tell less gives nothing back.
const TICK_TIMES_SERVED: u32 = 5;
/// Share below which they are told more again, percent: less than half, for a step may double the work.
const CALM_PCT: u32 = 28;
/// One tick counts for no more than this, percent: a hiccup is not a trend.
const TICK_PCT_MAX: u32 = 250;
/// The shares of about so many ticks are looked at together.
const TREND_TICKS: u32 = 16;
/// Ticks that a step has to show its effect before the next one up, and down.
const UP_TICKS: u32 = 16;
/// The same where a tick has just taken more than its period: the next one will be late.
const STEEP_TICKS: u32 = 5;
const DOWN_TICKS: u32 = 60;
/// From so many players on a room tells each of them in `.1` of `.2` ticks at most: what a crowd sees is the crowd,
/// and the time of a machine that some of them share is better spent on keeping up.
const CROWDS: [(usize, u32, u32); 2] = [(600, 2, 3), (1_300, 5, 9)];
/// A step down that had to be taken back is tried half as often, down to every minute.
const DOWN_TICKS_MAX: u32 = 60 * TICK_HZ;

/// What overload takes from the clients.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Relief {
    /// They are told of the battle in `told` of `of` ticks.
    pub told: u32,
    /// See `told`.
    pub of: u32,
    /// They are told of things one by one as far as this.
    pub reach_m: u16,
    /// So many times the rate of what is not close is halved.
    pub coarse: u32,
}

const fn relief(told: u32, of: u32, reach_m: u16, coarse: u32) -> Relief {
    Relief { told, of, reach_m, coarse }
}

/// Each step takes more: first the rate, then the radius, then the detail, and never a tick.
pub const STEPS: [Relief; 10] = [
    relief(1, 1, REACH_M, 0),
    relief(2, 3, REACH_M, 0),
    relief(1, 2, REACH_M, 0),
    relief(1, 3, REACH_M, 0),
    relief(1, 4, REACH_M, 0),
    relief(1, 4, REACH_M / 4 * 3, 0),
    relief(1, 4, REACH_M / 16 * 9, 0),
    relief(1, 4, REACH_M / 5 * 2, 0),
    relief(1, 4, REACH_M / 5 * 2, 1),
    relief(1, 4, REACH_M / 5 * 2, 2),
];

impl Relief {
    /// True in the ticks in which clients that look through `viewer`'s eyes are told. Those who see
    /// the same are told together: it is taken and written once for them.
    #[must_use]
    pub fn tells(&self, viewer: Viewer, uptime: u64) -> bool {
        // Evenly spread: of five ticks in nine no two are left out in a row.
        (uptime + viewer.index() as u64) * u64::from(self.told) % u64::from(self.of) < u64::from(self.told)
    }

    /// How often a client is told, times a second.
    #[must_use]
    pub fn snapshots_s(&self) -> f64 {
        f64::from(TICK_HZ * self.told) / f64::from(self.of)
    }
}

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

/// Clients have seen after so many ticks that some were left out, and make their inputs for later times.
const NOTICED_TICKS: u64 = 3 * TICK_HZ as u64;

/// Ticks that were left out lately: inputs come for as many more ahead, from clients that cannot know yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeftOut {
    ticks: u32,
    until: Uptime,
}

impl LeftOut {
    /// So many more are left out.
    pub fn note(&mut self, ticks: u32, now: Uptime) {
        if ticks > 0 {
            let before = self.lately(now);
            *self = LeftOut { ticks: before.saturating_add(ticks), until: Uptime(now.0 + NOTICED_TICKS) };
        }
    }

    /// How many there were lately.
    #[must_use]
    pub fn lately(&self, now: Uptime) -> u32 {
        if now < self.until { self.ticks } else { 0 }
    }
}

/// When slice `slice` of the tick that was due at `due` may be sent.
#[must_use]
pub fn slice_due(due: Instant, slice: u32) -> Instant {
    // The last slice ends before the next tick: an eighth is left for what comes late.
    due + PERIOD * slice / (SLICES + 1)
}

/// Takes from the clients when the machine is too slow, so that no tick is missed, and gives back.
#[derive(Clone, Copy, Debug)]
pub struct Governor {
    step: usize,
    /// Share of the period that the last ticks took, the tick itself weighed, hundredths of a percent.
    strain: u32,
    /// The same without the weight: no step makes the battle itself cheaper, so it must not keep one in force.
    load: u32,
    /// Ticks since the last step, and whether that was down.
    settled: u32,
    was_down: bool,
    /// Ticks of calm before the next step down.
    patience: u32,
    /// The last tick took most of its period, or a step is due.
    is_pressed: bool,
}

impl Default for Governor {
    fn default() -> Self {
        Governor { step: 0, strain: 0, load: 0, settled: 0, was_down: false, patience: DOWN_TICKS, is_pressed: false }
    }
}

impl Governor {
    /// The step of [`STEPS`] in force.
    #[must_use]
    pub fn step(&self) -> usize {
        self.step
    }

    /// What is taken from the clients now, of whom there are `players`.
    #[must_use]
    pub fn relief(&self, players: usize) -> Relief {
        let step = STEPS[self.step];
        let crowd = CROWDS.iter().rev().find(|(from, ..)| players >= *from);
        let crowd = crowd.map_or(step, |(_, told, of)| Relief { told: *told, of: *of, ..step });
        // What overload takes is not taken twice.
        if crowd.snapshots_s() < step.snapshots_s() { crowd } else { step }
    }

    /// True where there is no time for anybody new: first the machine has to bear those who are here.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.is_pressed
    }

    /// A tick took `ticked` and telling of it `served`; it began `late`.
    pub fn look(&mut self, ticked: Duration, served: Duration, late: Duration) {
        let served_too = ticked + served;
        let weighed = (ticked * TICK_WEIGHT).min(served * TICK_TIMES_SERVED);
        let spent = served_too.max(weighed) + late;
        let up_ticks = if spent > PERIOD { STEEP_TICKS } else { UP_TICKS };
        self.is_pressed = spent > PERIOD || self.strain > BUSY_PCT * 100;
        self.strain = follow(self.strain, spent);
        self.load = follow(self.load, served_too + late);
        self.settled = self.settled.saturating_add(1);
        if self.strain > BUSY_PCT * 100 && self.settled >= up_ticks && self.step + 1 < STEPS.len() {
            let taken_back = self.was_down && self.settled < DOWN_TICKS_MAX;
            self.patience = if taken_back { (self.patience * 2).min(DOWN_TICKS_MAX) } else { DOWN_TICKS };
            self.go(self.step + 1, false);
        } else if self.load < CALM_PCT * 100 && self.settled >= self.patience && self.step > 0 {
            self.go(self.step - 1, true);
        }
    }

    fn go(&mut self, step: usize, was_down: bool) {
        (self.step, self.settled, self.was_down) = (step, 0, was_down);
        // What was before the step tells nothing of what it does.
        self.strain = (BUSY_PCT + CALM_PCT) / 2 * 100;
        self.load = self.strain;
    }
}

/// A trend, one tick later, which took `spent`.
fn follow(trend: u32, spent: Duration) -> u32 {
    let percent = (spent.as_nanos() * 100 / PERIOD.as_nanos()).min(u128::from(TICK_PCT_MAX)) as u32;
    trend - trend / TREND_TICKS + percent * 100 / TREND_TICKS
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

    /// A machine whose work is a fixed part and one that grows with what clients are told.
    struct Machine {
        now: Instant,
        pace: Pace,
        governor: Governor,
        /// Steps in the order in which they were taken.
        taken: Vec<usize>,
    }

    impl Machine {
        fn new() -> Machine {
            let now = Instant::now();
            Machine { now, pace: Pace::new(now), governor: Governor::default(), taken: Vec::new() }
        }

        /// What a tick takes on average.
        fn work(relief: Relief, clients_ms: f64) -> Duration {
            let area = (f64::from(relief.reach_m) / f64::from(REACH_M)).powi(2);
            let told = area * relief.snapshots_s() / f64::from(TICK_HZ) / f64::from(1 << relief.coarse);
            Duration::from_secs_f64((4.0 + clients_ms * told) / 1_000.0)
        }

        /// Runs `ticks` with `clients_ms` of work for clients told everything; returns the missed ones.
        fn run(&mut self, ticks: u32, clients_ms: f64) -> u32 {
            let mut missed = 0;
            for _ in 0..ticks {
                self.now = self.now.max(self.pace.due());
                let begun = self.pace.begin(self.now);
                missed += begun.missed;
                let work = Machine::work(self.governor.relief(1), clients_ms);
                self.now += work;
                self.governor.look(Duration::ZERO, work, begun.late);
                if self.taken.last() != Some(&self.governor.step()) {
                    self.taken.push(self.governor.step());
                }
            }
            missed
        }
    }

    #[test]
    fn twice_what_the_machine_carries_costs_rate_then_radius_then_detail_and_no_tick_once_settled() {
        for clients_ms in [20.0, 62.0, 120.0, 400.0, 700.0, 1_200.0] {
            let mut machine = Machine::new();
            machine.run(300, clients_ms);
            assert!(machine.taken.windows(2).all(|w| w[1] == w[0] + 1), "{:?}", machine.taken);
            let is_enough = |relief: &Relief| Machine::work(*relief, clients_ms) * 100 <= PERIOD * BUSY_PCT;
            assert_eq!(Some(machine.governor.step()), STEPS.iter().position(is_enough), "{clients_ms} ms");
            assert_eq!(machine.run(900, clients_ms), 0, "no tick is missed at {clients_ms} ms");
            machine.run(3_000, 3.0);
            assert_eq!(machine.governor.step(), 0, "calm gives all of it back");
        }
        let order = STEPS.map(|s| (s.of * 12 / s.told, std::cmp::Reverse(s.reach_m), s.coarse));
        assert!(order.is_sorted(), "rate, then radius, then detail");
    }

    #[test]
    fn what_calm_gives_back_too_early_is_given_back_less_often() {
        let mut machine = Machine::new();
        // Calm enough below the step at which it is too much: there and back for ever.
        let mut back_and_forth = |ticks| {
            machine.taken.clear();
            for _ in 0..ticks {
                let clients_ms = if machine.governor.step() == 0 { 20.0 } else { 4.0 };
                machine.run(1, clients_ms);
            }
            machine.taken.len()
        };
        let (first, later) = (back_and_forth(1_800), back_and_forth(1_800));
        assert!(later * 2 < first, "{first} steps in the first minute, {later} in the second");
    }

    #[test]
    fn viewers_are_told_in_turns_and_each_as_often_as_the_others() {
        let crowds = CROWDS.map(|(_, told, of)| Relief { told, of, ..STEPS[0] });
        for relief in STEPS.into_iter().chain(crowds) {
            for viewer in Viewer::ALL {
                let told = (0..360).filter(|uptime| relief.tells(*viewer, *uptime)).count() as u32;
                assert_eq!(told * relief.of, 360 * relief.told);
            }
        }
    }

    #[test]
    fn a_tick_that_is_long_in_itself_costs_snapshots_too() {
        for (ticked_ms, step) in [(4, 0), (9, 1)] {
            let mut governor = Governor::default();
            (0..60).for_each(|_| {
                let ticked = if governor.step() == 0 { ticked_ms } else { 4 };
                governor.look(Duration::from_millis(ticked), Duration::from_millis(5), Duration::ZERO);
            });
            assert_eq!(governor.step(), step, "{ticked_ms} ms");
        }
    }

    #[test]
    fn a_tick_that_is_long_while_telling_takes_nothing_costs_nobody_anything() {
        let mut governor = Governor::default();
        for _ in 0..600 {
            governor.look(Duration::from_millis(9), Duration::from_millis(2), Duration::ZERO);
            assert_eq!((governor.step(), governor.is_pressed()), (0, false));
        }
    }

    #[test]
    fn a_battle_that_is_heavy_in_itself_gives_back_what_its_clients_cost() {
        let mut governor = Governor::default();
        let heavy = Duration::from_micros(4_200);
        for (served_ms, ticks, step) in [(40, 300, STEPS.len() - 1), (2, 3_000, 0)] {
            (0..ticks).for_each(|_| governor.look(heavy, Duration::from_millis(served_ms), Duration::ZERO));
            assert_eq!(governor.step(), step, "{served_ms} ms for clients");
        }
    }

    #[test]
    fn ticks_left_out_count_until_everybody_has_noticed() {
        let mut left_out = LeftOut::default();
        left_out.note(4, Uptime(10));
        left_out.note(0, Uptime(30));
        left_out.note(3, Uptime(50));
        let end = 50 + NOTICED_TICKS;
        let seen = [10, 49, 50, end - 1, end].map(|now| left_out.lately(Uptime(now)));
        assert_eq!(seen, [7, 7, 7, 7, 0]);
        left_out.note(1, Uptime(end + 1));
        assert_eq!(left_out.lately(Uptime(end + 1)), 1);
    }

    #[test]
    fn a_steep_overload_is_answered_quickly_and_nobody_new_is_let_in_meanwhile() {
        let mut machine = Machine::new();
        machine.run(300, 8.0);
        assert!(!machine.governor.is_pressed());
        let (mut pressed, mut ticks) = (0, 0);
        while machine.governor.step() < 4 {
            machine.run(1, 62.0);
            ticks += 1;
            pressed += u32::from(machine.governor.is_pressed());
            assert!(ticks <= 4 * UP_TICKS, "step {} after {ticks} ticks", machine.governor.step());
        }
        assert!(pressed > 0);
        machine.run(60, 62.0);
        assert!(!machine.governor.is_pressed(), "what was taken is enough");
    }

    #[test]
    fn a_crowd_is_told_less_often_and_no_less_of() {
        let mut governor = Governor::default();
        let crowds = CROWDS.map(|(from, ..)| from);
        let told = |players: usize| (governor.relief(players).told, governor.relief(players).of);
        let rates = [1, crowds[0] - 1, crowds[0], crowds[1] - 1, crowds[1]].map(told);
        assert_eq!(rates, [(1, 1), (1, 1), (2, 3), (2, 3), (5, 9)]);
        assert!(crowds.iter().all(|players| governor.relief(*players).reach_m == REACH_M));
        governor.go(4, false);
        for players in crowds {
            assert_eq!(governor.relief(players), governor.relief(1), "what overload takes is not taken twice");
        }
    }

    #[test]
    fn a_hiccup_costs_nobody_anything() {
        let mut governor = Governor::default();
        for tick in 0..900 {
            let busy = if tick % 30 == 0 { 80 } else { 4 };
            governor.look(Duration::ZERO, Duration::from_millis(busy), Duration::ZERO);
            assert_eq!(governor.step(), 0, "tick {tick}");
        }
    }
}
