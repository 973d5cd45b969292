//! Asking again: what one does who wants in and is turned away by a busy server. A table of states and events; it
//! reads no clock, and its chance comes from a seed.

use std::time::Duration;

use gamera_protocol::rng::Pcg32;

/// The first pause is about this long, and each later one about twice the one before it, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// Nobody begins an attempt later than this after the first one.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// Whoever is not answered for so long is told something.
pub(super) const SLOW: Duration = Duration::from_secs(1);

/// What one who waits to get in is told.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Waiting {
    /// Nothing has come yet: a server that is short of time lets newcomers wait.
    #[error("no answer yet; where the server is busy, this client waits in its queue")]
    Slow,
    /// The server has no time for one more.
    #[error("the server is busy and lets nobody in just now; asking again for up to {patience_s} s")]
    Busy {
        /// How long, from the first attempt on.
        patience_s: u64,
    },
}

/// Where one stands. Times count from the first attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// An attempt is under way.
    Asking,
    /// It was turned away, and asks again at a time.
    Resting(Duration),
    /// It is in, or was told something that asking again does not change.
    Answered,
    /// It was turned away for long enough.
    GaveUp,
}

/// What happens to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Event {
    /// The server is busy; a pause that begins now is so long.
    TurnedAway(Duration),
    /// There is a seat; or nobody answers, or with another key, or with a no.
    Answer,
    /// Time has passed.
    Passed,
}

impl State {
    /// What comes of `event` at `now`.
    pub(super) fn after(self, event: Event, now: Duration) -> State {
        match (self, event) {
            (State::Asking, Event::Answer) => State::Answered,
            (State::Asking, Event::TurnedAway(pause)) if now + pause > PATIENCE => State::GaveUp,
            (State::Asking, Event::TurnedAway(pause)) => State::Resting(now + pause),
            (State::Resting(until), Event::Passed) if now >= until => State::Asking,
            (state, _) => state,
        }
    }
}

/// Pauses, each between half of what it is about and one and a half of it: those who are turned away together are
/// not to come back together.
pub(super) struct Pauses {
    about: Duration,
    rng: Pcg32,
}

impl Pauses {
    pub(super) fn new(seed: u64) -> Pauses {
        Pauses { about: FIRST_PAUSE, rng: Pcg32::new(seed, 17) }
    }

    /// How long the next one is.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.about * (500 + self.rng.below(1_001)) / 1_000;
        self.about = (self.about * 2).min(LONGEST_PAUSE);
        pause
    }
}

/// A busy server that turned a client away until it gave up.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{server} is busy: it turned this client away {} in {} s; wait a minute and ask again: `{again}`", times(*.count), .time.as_secs())]
pub struct TurnedAway {
    /// Which server.
    pub server: String,
    /// How often.
    pub count: u32,
    /// From the first attempt to the last answer.
    pub time: Duration,
    /// The command that asks again.
    pub again: String,
}

fn times(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn who_is_turned_away_asks_again_until_its_patience_ends_and_nothing_else_is_asked_twice() {
        let (resting, turned_away) = (State::Resting(s(5)), Event::TurnedAway(s(2)));
        for (state, event, at, then) in [
            (State::Asking, Event::Answer, 0, State::Answered),
            (State::Asking, Event::Answer, 99, State::Answered),
            (State::Asking, turned_away, 0, State::Resting(s(2))),
            (State::Asking, turned_away, 28, State::Resting(s(30))),
            (State::Asking, turned_away, 29, State::GaveUp),
            (State::Asking, Event::Passed, 9, State::Asking),
            (resting, Event::Passed, 4, resting),
            (resting, Event::Passed, 5, State::Asking),
            // Answers to an attempt that is over change nothing.
            (resting, turned_away, 6, resting),
            (resting, Event::Answer, 6, resting),
            (State::Answered, turned_away, 1, State::Answered),
            (State::Answered, Event::Passed, 99, State::Answered),
            (State::GaveUp, Event::Passed, 99, State::GaveUp),
            (State::GaveUp, turned_away, 1, State::GaveUp),
            (State::GaveUp, Event::Answer, 1, State::GaveUp),
        ] {
            assert_eq!(state.after(event, s(at)), then, "{state:?}, {event:?} at {at} s");
        }
    }

    #[test]
    fn pauses_grow_to_their_longest_and_differ_from_seed_to_seed() {
        let pauses = |seed| {
            let mut pauses = Pauses::new(seed);
            [(); 6].map(|()| pauses.next())
        };
        for seed in 0..200 {
            for (pause, about_ms) in pauses(seed).into_iter().zip([1_000, 2_000, 4_000, 4_000, 4_000, 4_000]) {
                let (least, most) = (Duration::from_millis(about_ms / 2), Duration::from_millis(about_ms * 3 / 2));
                assert!((least..=most).contains(&pause), "{seed}: {pause:?} is not about {about_ms} ms");
            }
        }
        assert_eq!(pauses(7), pauses(7));
        let firsts: std::collections::BTreeSet<_> = (0..200).map(|seed| pauses(seed)[0]).collect();
        assert!(firsts.len() > 150, "{} different ones of 200", firsts.len());
    }

    #[test]
    fn who_gives_up_is_told_the_cause_and_what_to_do() {
        let again = "gamera-client join h:7".to_owned();
        let mut error = TurnedAway { server: "h:7".into(), count: 9, time: s(28), again };
        let text = "h:7 is busy: it turned this client away 9 times in 28 s; wait a minute and ask again: \
                    `gamera-client join h:7`";
        assert_eq!(error.to_string(), text);
        error.count = 1;
        assert!(error.to_string().contains("away once in"));
    }
}
