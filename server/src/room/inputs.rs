//! The inputs of one seat on their way into the battle: put in order, each used once, the newest
//! held for a moment when one is missing.

use gamera_protocol::input::{HOLD_TICKS, SeatInput};
use gamera_protocol::measure::Tick;

/// Ticks that an input may be ahead of the battle.
const AHEAD_TICKS: u32 = 30;
/// Ticks that an input may be late and is still used, once, instead of nothing.
const LATE_TICKS: u32 = 15;
const SLOTS: usize = 32;

const _: () = assert!(SLOTS > AHEAD_TICKS as usize, "two inputs that may wait must not share a slot");

/// What became of an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Offered {
    /// It waits for its tick.
    Waits,
    /// It is late, and newer than what was used: it is used next.
    Late,
    /// It was there already, or something newer was used.
    Known,
    /// It is too far ahead by ticks that were left out, of which its client could not know yet.
    Early,
    /// It is for a tick too far away either way.
    Absurd,
}

/// The queue of one seat.
#[derive(Clone, Debug)]
pub struct InputQueue {
    slots: [Option<(Tick, SeatInput)>; SLOTS],
    /// The newest that was used.
    used: Option<(Tick, SeatInput)>,
    /// A newer one that came late.
    late: Option<(Tick, SeatInput)>,
    /// Ticks since a fresh input was used.
    starved_ticks: u32,
}

impl Default for InputQueue {
    fn default() -> Self {
        InputQueue { slots: [None; SLOTS], used: None, late: None, starved_ticks: 0 }
    }
}

impl InputQueue {
    /// Takes an input for `tick`, where `next` is the tick to be stepped next and `left_out` ticks were left
    /// out lately.
    pub fn offer(&mut self, tick: Tick, input: SeatInput, next: Tick, left_out: u32) -> Offered {
        let ahead = tick.since(next);
        if ahead > AHEAD_TICKS.saturating_add(left_out) || next.since(tick) > TICKS_FORGOTTEN {
            return Offered::Absurd;
        }
        if ahead > AHEAD_TICKS {
            return Offered::Early;
        }
        if tick >= next {
            let slot = &mut self.slots[tick.0 as usize % SLOTS];
            if slot.is_some_and(|(held, _)| held == tick) {
                return Offered::Known;
            }
            *slot = Some((tick, input));
            return Offered::Waits;
        }
        let newest = self.late.or(self.used).map(|(t, _)| t);
        if next.since(tick) <= LATE_TICKS && newest.is_none_or(|t| tick > t) {
            self.late = Some((tick, input));
            return Offered::Late;
        }
        Offered::Known
    }

    /// The input for `tick`: its own, else one that came late, else the newest for a while.
    pub fn take(&mut self, tick: Tick) -> SeatInput {
        let own = self.slots[tick.0 as usize % SLOTS].take().filter(|(held, _)| *held == tick);
        match own.or(self.late.take()) {
            Some(fresh) => {
                self.late = None;
                self.starved_ticks = 0;
                self.used = Some(fresh);
            }
            None => self.starved_ticks = self.starved_ticks.saturating_add(1),
        }
        match self.used {
            Some((_, input)) if self.starved_ticks <= HOLD_TICKS => input,
            _ => SeatInput::default(),
        }
    }

    /// The tick of the newest input that entered a step.
    #[must_use]
    pub fn newest_used(&self) -> Option<Tick> {
        self.used.map(|(tick, _)| tick)
    }

    /// Forgets everything: the seat has another driver.
    pub fn clear(&mut self) {
        *self = InputQueue::default();
    }
}

/// Older than any input that a datagram still repeats on a link that is alive.
const TICKS_FORGOTTEN: u32 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn input(n: u8) -> SeatInput {
        SeatInput { heading: Some(n), ..SeatInput::default() }
    }

    fn heading(queue: &mut InputQueue, tick: u32) -> Option<u8> {
        queue.take(Tick(tick)).heading
    }

    #[test]
    fn inputs_come_out_in_order_each_in_its_tick() {
        let mut queue = InputQueue::default();
        for tick in [12, 10, 11] {
            assert_eq!(queue.offer(Tick(tick), input(tick as u8), Tick(10), 0), Offered::Waits);
        }
        assert_eq!(queue.offer(Tick(11), input(99), Tick(10), 0), Offered::Known, "the first word counts");
        assert_eq!((10..13).map(|t| heading(&mut queue, t)).collect::<Vec<_>>(), [Some(10), Some(11), Some(12)]);
        assert_eq!(queue.newest_used(), Some(Tick(12)));
    }

    #[test]
    fn a_missing_input_is_bridged_for_a_moment_and_then_the_seat_rests() {
        let mut queue = InputQueue::default();
        queue.offer(Tick(10), input(7), Tick(10), 0);
        let bridged = (10..30).filter(|t| heading(&mut queue, *t) == Some(7)).count();
        assert_eq!(bridged as u32, 1 + HOLD_TICKS);
    }

    #[test]
    fn a_late_input_is_used_once_where_it_is_news() {
        let mut queue = InputQueue::default();
        queue.offer(Tick(10), input(1), Tick(10), 0);
        assert_eq!(heading(&mut queue, 10), Some(1));
        assert_eq!(heading(&mut queue, 11), Some(1));
        assert_eq!(queue.offer(Tick(11), input(2), Tick(12), 0), Offered::Late);
        assert_eq!(queue.offer(Tick(11), input(2), Tick(12), 0), Offered::Known);
        assert_eq!(queue.offer(Tick(10), input(1), Tick(12), 0), Offered::Known);
        assert_eq!(heading(&mut queue, 12), Some(2));
    }

    #[test]
    fn who_could_not_know_of_ticks_left_out_is_early_and_not_absurd() {
        let mut queue = InputQueue::default();
        for (ahead, left_out, offered) in [
            (AHEAD_TICKS, 0, Offered::Waits),
            (AHEAD_TICKS + 1, 0, Offered::Absurd),
            (AHEAD_TICKS + 9, 9, Offered::Early),
            (AHEAD_TICKS + 10, 9, Offered::Absurd),
            (u32::MAX - 10, 9, Offered::Absurd),
        ] {
            assert_eq!(queue.offer(Tick(10 + ahead), input(1), Tick(10), left_out), offered, "{ahead} {left_out}");
        }
    }

    #[test]
    fn inputs_far_away_are_refused() {
        let mut queue = InputQueue::default();
        for (tick, next) in [(Tick(1_000), Tick(10)), (Tick(u32::MAX), Tick(10)), (Tick(10), Tick(1_000))] {
            assert_eq!(queue.offer(tick, input(1), next, 0), Offered::Absurd);
        }
        assert_eq!(heading(&mut queue, 10), None);
    }
}
