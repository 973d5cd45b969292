//! A player's hand: goes somewhere for a while, rests for a while. The keys are those of the terminal.

use std::time::Duration;

use gamera_client::keys::steer::Steer;
use gamera_client::terminal::input::Key;
use gamera_protocol::measure::Angle;
use gamera_protocol::rng::Pcg32;

/// The keys of the eight ways.
const KEYS: [char; 8] = ['w', 'a', 's', 'd', 'y', 'u', 'b', 'n'];
/// How long a key is held, and how long none is, milliseconds.
const HOLDS_MS: (i32, i32) = (600, 2_600);
const RESTS_MS: (i32, i32) = (500, 1_300);

/// What the hand does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Move {
    /// A key goes down that leads this way.
    Press(Key, Angle),
    /// It is let go.
    Release(Key),
}

/// The hand.
#[derive(Debug)]
pub(super) struct Hand {
    rng: Pcg32,
    held: Option<Key>,
    due: Duration,
}

impl Hand {
    pub(super) fn new(seed: u64, player: u64) -> Hand {
        Hand { rng: Pcg32::new(seed, 1_000 + player), held: None, due: Duration::ZERO }
    }

    /// What it does at `now`, if anything.
    pub(super) fn moves(&mut self, now: Duration) -> Option<Move> {
        if now < self.due {
            return None;
        }
        let (least, most) = if self.held.is_some() { RESTS_MS } else { HOLDS_MS };
        self.due = now + Duration::from_millis(self.rng.between(least, most) as u64);
        if let Some(key) = self.held.take() {
            return Some(Move::Release(key));
        }
        let key = Key::Char(KEYS[self.rng.below(KEYS.len() as u32) as usize]);
        let (x, y) = Steer::way(key)?;
        self.held = Some(key);
        Some(Move::Press(key, Angle::of(x.into(), y.into())))
    }
}
