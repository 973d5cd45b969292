//! The bounds by which durations are counted: fixed and fine, so that the difference of two looks at the
//! metrics gives the percentiles of just the stretch between them, which a rolling summary cannot.

/// Bounds in each decade: each is 4.9 % above the one before, and the powers of ten are among them.
const A_DECADE: i32 = 48;
/// The least bound is 10^(-72/48) ms, about 32 microseconds.
const FIRST: i32 = -72;
/// The last is a second.
const LAST: i32 = 144;
/// Bounds are round to this part of a millisecond: a short text on the page.
const ROUND: f64 = 100_000.0;

/// Upper bounds of the buckets, milliseconds, rising.
#[must_use]
pub fn durations_ms() -> Vec<f64> {
    let bound = |n: i32| 10_f64.powf(f64::from(n) / f64::from(A_DECADE));
    (FIRST..=LAST).map(|n| (bound(n) * ROUND).round() / ROUND).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_fine_and_hold_the_figures_that_are_asked_for() {
        let bounds = durations_ms();
        assert!(bounds.windows(2).all(|w| w[0] < w[1] && w[1] / w[0] < 1.05), "{bounds:?}");
        for asked in [0.1, 1.0, 10.0, 100.0, 1_000.0] {
            assert!(bounds.contains(&asked), "{asked}");
        }
    }
}
