//! What was counted of the differences between two views: of a second, or of the whole measured stretch.

use hdrhistogram::Histogram;

use crate::swarm::hist::Hist;

/// The farthest that is told apart, millimetres: more than the map is wide.
const FARTHEST_MM: u64 = 10_000_000;

/// Distances, to the millimetre near zero and to three digits far off.
#[derive(Clone, Debug)]
pub(super) struct Metres(Histogram<u64>);

impl Default for Metres {
    fn default() -> Metres {
        Metres(Histogram::new_with_max(FARTHEST_MM, 3).expect("these bounds are good"))
    }
}

impl Metres {
    fn record(&mut self, metres: f64) {
        self.0.saturating_record((metres.max(0.0) * 1_000.0) as u64);
    }

    fn known(&self, mm: f64) -> Option<f64> {
        (!self.0.is_empty()).then_some(mm / 1_000.0)
    }

    /// `None` of none, here and below.
    pub(super) fn mean(&self) -> Option<f64> {
        self.known(self.0.mean())
    }

    /// What a share of 0..=1 does not exceed.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        self.known(self.0.value_at_quantile(share) as f64)
    }

    pub(super) fn max(&self) -> Option<f64> {
        self.known(self.0.max() as f64)
    }
}

/// How many there were, time after time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    sum: u64,
    times: u64,
    most: usize,
}

impl Tally {
    fn record(&mut self, count: usize) {
        self.sum += count as u64;
        self.times += 1;
        self.most = self.most.max(count);
    }

    /// `None` of none, here and below.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.times > 0).then(|| self.sum as f64 / self.times as f64)
    }

    pub(super) fn max(&self) -> Option<f64> {
        (self.times > 0).then_some(self.most as f64)
    }
}

/// What was counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// How far the own unit was predicted from where the server had it in that tick.
    pub(super) own: Metres,
    /// How far others were drawn from where the server had them at the time drawn: near, and farther off.
    pub(super) near: Metres,
    pub(super) far: Metres,
    /// How far those near were drawn from where the server had them by then.
    pub(super) apart: Metres,
    /// From the tick that was stepped to the frame that shows it.
    pub(super) age: Hist,
    pub(super) ages: u64,
    /// Near things of the server in the tick of the newest snapshot; those of them that the client has not; and
    /// those that it has alone.
    pub(super) seen: Tally,
    pub(super) missing: Tally,
    pub(super) ghosts: Tally,
    /// The server's pictures.
    pub(super) pictures: u64,
}

/// Something to be counted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    Own(f64),
    Near(f64),
    Far(f64),
    Apart(f64),
    AgeMs(f64),
    Things { seen: usize, missing: usize, ghosts: usize },
    Picture,
}

impl Marks {
    pub(super) fn count(&mut self, mark: Mark) {
        match mark {
            Mark::Own(metres) => self.own.record(metres),
            Mark::Near(metres) => self.near.record(metres),
            Mark::Far(metres) => self.far.record(metres),
            Mark::Apart(metres) => self.apart.record(metres),
            Mark::AgeMs(ms) => {
                self.age.record_ms(ms);
                self.ages += 1;
            }
            Mark::Things { seen, missing, ghosts } => {
                self.seen.record(seen);
                self.missing.record(missing);
                self.ghosts.record(ghosts);
            }
            Mark::Picture => self.pictures += 1,
        }
    }

    /// The age that a share of 0..=1 does not exceed, milliseconds; `None` of none.
    pub(super) fn age_ms(&self, share: f64) -> Option<f64> {
        (self.ages > 0).then(|| self.age.quantile_ms(share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_nothing_nothing_is_known_and_of_something_mean_and_most() {
        let mut marks = Marks::default();
        assert_eq!((marks.own.mean(), marks.missing.max(), marks.age_ms(0.5)), (None, None, None));
        for (metres, missing) in [(0.0, 0), (3.0, 4)] {
            marks.count(Mark::Own(metres));
            marks.count(Mark::Things { seen: 9, missing, ghosts: 0 });
        }
        assert!((marks.own.mean().unwrap() - 1.5).abs() < 0.01 && (marks.own.max().unwrap() - 3.0).abs() < 0.01);
        assert_eq!((marks.missing.mean(), marks.missing.max(), marks.seen.mean()), (Some(2.0), Some(4.0), Some(9.0)));
    }
}
