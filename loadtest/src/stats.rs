//! Shares with their intervals, and percentiles.

use serde::Serialize;

/// The normal quantile of a 95 % interval.
const Z95: f64 = 1.959_964;

/// A share of many trials with its 95 % Wilson interval, all 0..=1.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub(crate) struct Rate {
    /// The share itself; zero where nothing was tried.
    pub(crate) rate: f64,
    /// Lower end of the interval.
    pub(crate) low: f64,
    /// Upper end of the interval.
    pub(crate) high: f64,
}

impl Rate {
    /// `hits` of `trials`.
    pub(crate) fn of(hits: usize, trials: usize) -> Rate {
        if trials == 0 {
            return Rate { rate: 0.0, low: 0.0, high: 1.0 };
        }
        let (n, p) = (trials as f64, hits as f64 / trials as f64);
        let z2 = Z95 * Z95;
        let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = Z95 / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        Rate { rate: p, low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
    }

    /// Hits among the items that `trial` says something of.
    pub(crate) fn count<T>(items: &[T], trial: impl Fn(&T) -> Option<bool>) -> Rate {
        let said: Vec<bool> = items.iter().filter_map(trial).collect();
        Rate::of(said.iter().filter(|hit| **hit).count(), said.len())
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:5.1} %  [{:.1}, {:.1}]", self.rate * 100.0, self.low * 100.0, self.high * 100.0);
        f.pad(&text)
    }
}

/// A mean with its 95 % interval, by the normal distribution.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub(crate) struct Spread {
    pub(crate) mean: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Spread {
    /// The mean of `values`; of fewer than two the interval is everything.
    pub(crate) fn of(values: &[f64]) -> Spread {
        let n = values.len() as f64;
        let mean = mean(values.iter().copied());
        let half = match values.len() {
            0 | 1 => f64::MAX,
            _ => Z95 * (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt(),
        };
        Spread { mean, low: mean - half, high: mean + half }
    }
}

/// The value below which `percent` of the sorted `values` lie, by nearest rank; zero of none.
pub(crate) fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0.0)
}

/// The mean; zero of none.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), v| (sum + v, count + 1));
    sum / f64::from(count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_intervals_are_those_of_the_textbook() {
        for (hits, trials, low, high) in
            [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (50, 100, 0.4038, 0.5962), (10, 10, 0.7225, 1.0)]
        {
            let r = Rate::of(hits, trials);
            assert!((r.low - low).abs() < 1e-3 && (r.high - high).abs() < 1e-3, "{hits} of {trials}: {r:?}");
        }
        assert_eq!(Rate::of(0, 0).high, 1.0);
    }

    #[test]
    fn a_mean_is_as_sure_as_its_values_are_alike_and_many() {
        let cases: [(&[f64], f64, f64); 3] =
            [(&[2.0, 2.0], 2.0, 0.0), (&[0.0, 4.0], 2.0, 3.92), (&[1.0, 3.0, 1.0, 3.0], 2.0, 1.132)];
        for (values, mean, half) in cases {
            let spread = Spread::of(values);
            assert!((spread.mean - mean).abs() < 1e-9 && (spread.high - mean - half).abs() < 1e-2, "{spread:?}");
        }
        assert_eq!(Spread::of(&[1.0]).high, f64::MAX);
    }

    #[test]
    fn percentiles_are_values_of_the_list() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        for (percent, wanted) in [(5, 5.0), (50, 50.0), (95, 95.0), (100, 100.0)] {
            assert_eq!(percentile(&values, percent), wanted);
        }
        assert_eq!(percentile(&[7.0], 5), 7.0);
        assert_eq!(percentile(&[], 50), 0.0);
    }
}
