//! The bounds by which durations are counted: fixed, so that the difference of two looks at the metrics gives the
//! percentiles of just the stretch between them, which a rolling summary cannot. Fine where figures are judged, from
//! half a millisecond to a period and a half, and coarse elsewhere: each bound is a line a histogram and room.

/// Bounds below the fine ones, milliseconds.
const BELOW_MS: [f64; 3] = [0.05, 0.1, 0.2];
/// Bounds above them: a period is 33 ms, so what falls here is missed in any case.
const ABOVE_MS: [f64; 4] = [100.0, 200.0, 500.0, 1_000.0];
/// Fine bounds in each decade: each is 15.5 % above the one before, and the powers of ten are among them.
const A_DECADE: i32 = 16;
/// The least of them is 10^(-5/16) ms, about half a millisecond.
const FIRST: i32 = -5;
/// The last is 10^(27/16) ms, about 49.
const LAST: i32 = 27;
/// Bounds are round to this part of a millisecond: a short text on the page.
const ROUND: f64 = 1_000.0;

/// Upper bounds of the buckets, milliseconds, rising.
#[must_use]
pub fn durations_ms() -> Vec<f64> {
    let bound = |n: i32| 10_f64.powf(f64::from(n) / f64::from(A_DECADE));
    let fine = (FIRST..=LAST).map(|n| (bound(n) * ROUND).round() / ROUND);
    BELOW_MS.into_iter().chain(fine).chain(ABOVE_MS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_rise_are_fine_where_figures_are_judged_and_hold_those_that_are_asked_for() {
        let bounds = durations_ms();
        assert!(bounds.windows(2).all(|w| w[0] < w[1]), "{bounds:?}");
        let fine = |w: &[f64]| w[1] / w[0] < 1.16 || w[1] < 0.5 || w[0] > 48.0;
        assert!(bounds.windows(2).all(fine), "{bounds:?}");
        for asked in [0.1, 1.0, 10.0, 100.0, 1_000.0] {
            assert!(bounds.contains(&asked), "{asked}");
        }
        assert!(bounds.len() <= 40, "{} bounds", bounds.len());
    }
}
