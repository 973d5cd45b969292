//! Whether an input has to be told at once. Packets cost, on both sides, and what is as it was is what a server
//! takes anyway that has heard nothing: it holds the newest input for a while. So where it tells of every other tick
//! it is told of half as many, two pictures acknowledged in one; where it tells of each, a tick without a picture is
//! a line's doing, and nobody is quiet.

use gamera_protocol::input::HOLD_TICKS;
use gamera_protocol::measure::Tick;

/// Ticks in a row of which nothing is said.
const QUIET_TICKS_MAX: u32 = 3;
/// So many pictures are acknowledged at once where none was lost.
const HEARD_MAX: u64 = 2;
/// Ticks from one picture to the next, on average, from which on they come seldom.
const SELDOM_TICKS: f64 = 1.25;
/// Share of a new gap between pictures in their average.
const GAP_GAIN: f64 = 1.0 / 32.0;
/// A gap counts for no more than this.
const GAP_TICKS_MAX: u32 = 4;

const _: () = assert!(2 * (QUIET_TICKS_MAX + 1) <= HOLD_TICKS, "one packet lost among quiet ticks must stop nobody");

/// What was said last, and how often pictures come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quiet {
    /// In which tick.
    said: Tick,
    /// How many datagrams had come by then.
    heard: u64,
    gap_ticks: f64,
}

impl Default for Quiet {
    fn default() -> Quiet {
        Quiet { said: Tick(0), heard: 0, gap_ticks: 1.0 }
    }
}

/// What there is to say in a tick.
#[derive(Clone, Copy, Debug)]
pub(super) struct News {
    /// The tick of the input.
    pub(super) tick: Tick,
    /// The input is not as it was in the tick before.
    pub(super) is_new: bool,
    /// Datagrams that have come in all.
    pub(super) heard: u64,
    /// Something of what was sent has to be asked for.
    pub(super) asks: bool,
    /// What the line loses: what is said must be said several times then.
    pub(super) loss_permille: u32,
}

impl Quiet {
    /// A picture has come, so many ticks younger than the one before.
    pub(super) fn seen(&mut self, gap_ticks: u32) {
        self.gap_ticks += (f64::from(gap_ticks.min(GAP_TICKS_MAX)) - self.gap_ticks) * GAP_GAIN;
    }

    /// True where it may go unsaid for now; otherwise it counts as said.
    pub(super) fn may_wait(&mut self, news: News) -> bool {
        let is_heard = news.heard - self.heard >= HEARD_MAX;
        let is_news = news.is_new || news.asks || is_heard || news.loss_permille > 0;
        let is_seldom = self.gap_ticks >= SELDOM_TICKS;
        if is_seldom && !is_news && news.tick.since(self.said) <= QUIET_TICKS_MAX {
            return true;
        }
        (self.said, self.heard) = (news.tick, news.heard);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_it_was_is_told_with_the_second_picture_or_four_ticks_after_the_last_word() {
        let mut quiet = Quiet { gap_ticks: SELDOM_TICKS, ..Quiet::default() };
        // Tick, new input, datagrams heard, something to ask for, loss; whether it waits.
        for (tick, is_new, heard, asks, loss_permille, waits) in [
            (10, true, 0, false, 0, false),
            (11, false, 0, false, 0, true),
            (12, false, 0, false, 0, true),
            (13, false, 0, false, 0, true),
            (14, false, 0, false, 0, false),
            (15, false, 1, false, 0, true),
            (16, false, 2, false, 0, false),
            (17, false, 3, false, 0, true),
            (18, false, 3, true, 0, false),
            (19, true, 3, false, 0, false),
            (20, true, 3, false, 0, false),
            (21, false, 3, false, 16, false),
            (22, false, 4, false, 0, true),
        ] {
            let news = News { tick: Tick(tick), is_new, heard, asks, loss_permille };
            assert_eq!(quiet.may_wait(news), waits, "{tick}");
        }
    }

    #[test]
    fn nobody_is_quiet_who_is_told_of_each_tick_however_uneven_the_line() {
        let still = News { tick: Tick(900), is_new: false, heard: 0, asks: false, loss_permille: 0 };
        // The gaps between pictures, again and again; whether who has nothing new to say may wait.
        for (gaps, waits) in [(&[1][..], false), (&[1, 2, 1, 1, 1, 1, 1, 1], false), (&[1, 2], true), (&[2], true)] {
            let mut quiet = Quiet { said: Tick(899), ..Quiet::default() };
            gaps.iter().cycle().take(200).for_each(|gap| quiet.seen(*gap));
            assert_eq!(quiet.may_wait(still), waits, "{gaps:?}");
        }
    }
}
