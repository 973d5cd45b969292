//! The moment at which tick 0 of the battle would have been sent, from which snapshots are told their age.

use std::collections::VecDeque;
use std::time::Duration;

/// The quickest way is looked for anew this often.
const SECOND: Duration = Duration::from_secs(1);
/// Seconds that an arrival counts for.
const BASE_SECONDS: usize = 10;

/// The quickest arrival of the last seconds, less its way.
#[derive(Debug, Default)]
pub(super) struct Base {
    /// The least of each of the last seconds.
    seconds: VecDeque<(Duration, f64)>,
}

impl Base {
    pub(super) fn offer(&mut self, arrival_ms: f64, way_ms: f64, now: Duration) {
        let sample = arrival_ms - way_ms;
        match self.seconds.back_mut() {
            // A jump is another match: what was before does not count any more.
            Some((_, least)) if (*least - sample).abs() > 5_000.0 => {
                self.seconds.clear();
                self.seconds.push_back((now, sample));
            }
            Some((since, least)) if now - *since < SECOND => *least = least.min(sample),
            _ => self.seconds.push_back((now, sample)),
        }
        if self.seconds.len() > BASE_SECONDS {
            self.seconds.pop_front();
        }
    }

    pub(super) fn ms(&self) -> f64 {
        self.seconds.iter().map(|(_, least)| *least).fold(f64::INFINITY, f64::min)
    }
}
