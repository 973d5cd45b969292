//! When to draw: one frame under way at a time where the terminal answers, else a fixed rate. A slow
//! line then shows fewer frames, never older ones.

use std::time::Duration;

/// From one frame to the next where the terminal answers: a whole number of the loop's steps, for a
/// frame that is due between two of them waits for the second.
pub const BEST: Duration = Duration::from_millis(32);
/// The same where it does not.
const BLIND: Duration = Duration::from_millis(66);
/// An answer that takes longer is taken for lost.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// As many lost answers in a row mean that the terminal gives none.
const LOST_MAX: u32 = 3;
/// Share of a new answer in the mean time for a frame, percent.
const GAIN_PCT: u32 = 20;

/// Paces the frames.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    last: Option<Duration>,
    asked: Option<Duration>,
    lost: u32,
    mean: Option<Duration>,
}

impl Pace {
    /// True when a frame may be drawn at `now`.
    #[must_use]
    pub fn may_draw(&self, now: Duration) -> bool {
        let since = |at: Option<Duration>| at.map_or(Duration::MAX, |at| now.saturating_sub(at));
        match self.asked {
            Some(_) => since(self.asked) >= PATIENCE,
            None => since(self.last) >= if self.asks() { BEST } else { BLIND },
        }
    }

    /// True where the next frame is to end with the question.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.lost < LOST_MAX
    }

    /// A frame was written at `now`.
    pub fn drawn(&mut self, now: Duration) {
        if self.asked.is_some() {
            self.lost += 1;
        }
        self.asked = self.asks().then_some(now);
        self.last = Some(now);
    }

    /// The terminal has answered.
    pub fn answered(&mut self, now: Duration) {
        let Some(asked) = self.asked.take() else { return };
        self.lost = 0;
        let took = now.saturating_sub(asked);
        self.mean = Some(self.mean.map_or(took, |mean| (mean * (100 - GAIN_PCT) + took * GAIN_PCT) / 100));
    }

    /// How long the terminal takes for a frame, milliseconds, where it tells.
    #[must_use]
    pub fn frame_ms(&self) -> Option<u32> {
        self.mean.filter(|_| self.asks()).map(|mean| mean.as_millis() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames drawn in ten seconds on a terminal that answers after `answer_ms`, or never.
    fn frames(answer_ms: Option<u64>) -> (u32, Pace) {
        let mut pace = Pace::default();
        let mut answer_at = None;
        let mut drawn = 0;
        for ms in 0..10_000 {
            let now = Duration::from_millis(ms);
            if answer_at == Some(ms) {
                pace.answered(now);
            }
            if pace.may_draw(now) {
                if pace.asks() {
                    answer_at = answer_ms.map(|d| ms + d);
                }
                pace.drawn(now);
                drawn += 1;
            }
        }
        (drawn, pace)
    }

    #[test]
    fn frames_follow_what_the_terminal_can_take() {
        let (quick, _) = frames(Some(2));
        assert!((300..=315).contains(&quick), "{quick}");
        let (slow, pace) = frames(Some(200));
        assert!((45..=51).contains(&slow), "{slow}");
        assert_eq!(pace.frame_ms(), Some(200));
        let (mute, pace) = frames(None);
        assert!((70..=120).contains(&mute), "{mute}");
        assert_eq!(pace.frame_ms(), None);
    }
}
