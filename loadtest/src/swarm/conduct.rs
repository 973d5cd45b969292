//! Figures of how players came, went and behaved, and of how the server bore it over the whole run.

use serde::Serialize;

use super::cast::Manner;
use super::run::Outcome;
use super::series::Second;

/// Of the measured stretch this share is warm-up, where memory is looked at.
const WARM_UP_SHARE: f64 = 0.2;
/// A slope wants so many seconds behind it.
const SLOPE_SECONDS: usize = 30;

/// What is reported besides the figures of those who play; what is not known is null.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Conduct {
    /// Players that came to be measured, by what they do.
    pub(super) honest: usize,
    pub(super) idle: usize,
    pub(super) hostile: usize,
    /// Joins, those who came again among them.
    pub(super) joins: u64,
    /// From the moment that a join was due to its welcome.
    pub(super) join_p50_ms: f64,
    pub(super) join_p99_ms: f64,
    pub(super) left_goodbye: u64,
    pub(super) left_vanished: u64,
    /// Came again with the same key; and were given their own seat.
    pub(super) returned: u64,
    pub(super) reseated: u64,
    /// Times that the server's bot has taken the seat of an idle player.
    pub(super) idle_relieved: u64,
    pub(super) hostile_sent: u64,
    pub(super) hostile_sent_away: u64,
    /// What the server counted as bad in the whole run.
    pub(super) bad_input: Option<u64>,
    /// Ticks missed in the whole run, joining included.
    pub(super) run_ticks_missed: Option<u64>,
    /// Ticks that the players saw left out, and that ages do not count.
    pub(super) ticks_slipped: u32,
    /// The furthest step of overload in the whole run.
    pub(super) overload_step_max: Option<f64>,
    /// Seconds from the schedule's end until nothing was taken from the players any more; null where nothing
    /// ever was, or where it was to the end.
    pub(super) recovered_s: Option<f64>,
    /// Slope of the server's memory over the measured stretch, its first fifth aside.
    pub(super) rss_growth_bytes_min: Option<f64>,
    /// What the server's memory grew by from nobody to everybody, for each of them.
    pub(super) rss_bytes_player: Option<f64>,
}

impl Conduct {
    pub(super) fn of(o: &Outcome) -> Conduct {
        let (part, counts) = (&o.part, &o.part.counts);
        let of = |manner| part.stays.iter().filter(|s| s.manner == manner && s.measured_s > 0.0).count();
        let run = o.empty.as_ref().zip(o.after.as_ref());
        let steps = || o.series.iter().filter_map(|s| s.overload_step);
        Conduct {
            honest: of(Manner::Honest),
            idle: of(Manner::Idle),
            hostile: of(Manner::Hostile),
            joins: counts.joins,
            join_p50_ms: part.joins.quantile_ms(0.5),
            join_p99_ms: part.joins.quantile_ms(0.99),
            left_goodbye: counts.goodbyes,
            left_vanished: counts.vanished,
            returned: counts.returned,
            reseated: counts.reseated,
            idle_relieved: counts.idle_relieved,
            hostile_sent: counts.hostile_sent,
            hostile_sent_away: counts.hostile_sent_away,
            bad_input: run.map(|(empty, after)| (after.bad_input - empty.bad_input) as u64),
            run_ticks_missed: run.map(|(empty, after)| (after.ticks_missed - empty.ticks_missed) as u64),
            ticks_slipped: part.ticks_slipped,
            overload_step_max: steps().reduce(f64::max),
            recovered_s: recovered_s(&o.series, o.schedule_end_s),
            rss_growth_bytes_min: growth_min(&o.series),
            rss_bytes_player: run.and_then(|(empty, after)| {
                let players = o.series.iter().rev().find_map(|s| (s.present > 0).then_some(s.present))?;
                Some((after.rss_bytes - empty.rss_bytes) / players as f64)
            }),
        }
    }
}

fn recovered_s(series: &[Second], load_gone_s: f64) -> Option<f64> {
    series.iter().find(|s| s.overload_step > Some(0.0))?;
    let last = series.iter().rposition(|s| s.overload_step > Some(0.0))?;
    let calm = series.get(last + 1)?;
    Some((calm.at_s - load_gone_s).max(0.0))
}

/// The straight line through the server's memory, by least squares, bytes a minute.
fn growth_min(series: &[Second]) -> Option<f64> {
    let measured: Vec<(f64, f64)> =
        series.iter().filter(|s| s.is_measured).filter_map(|s| Some((s.at_s, s.server_rss_bytes?))).collect();
    let settled = &measured[(measured.len() as f64 * WARM_UP_SHARE) as usize..];
    if settled.len() < SLOPE_SECONDS {
        return None;
    }
    let n = settled.len() as f64;
    let sum = |of: &dyn Fn(f64, f64) -> f64| settled.iter().map(|(x, y)| of(*x, *y)).sum::<f64>();
    let (x, y) = (sum(&|x, _| x) / n, sum(&|_, y| y) / n);
    let slope = sum(&|at, rss| (at - x) * (rss - y)) / sum(&|at, _| (at - x) * (at - x));
    Some(slope * 60.0)
}

/// The steps of overload in the order in which they came, and how many seconds each was seen.
pub(super) fn steps(series: &[Second]) -> Vec<(u32, usize)> {
    let mut steps: Vec<(u32, usize)> = Vec::new();
    for step in series.iter().filter_map(|s| s.overload_step).map(|step| step as u32) {
        match steps.last_mut() {
            Some((last, seconds)) if *last == step => *seconds += 1,
            _ => steps.push((step, 1)),
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(of: impl Fn(f64) -> (f64, f64), seconds: u32) -> Vec<Second> {
        let second = |at: u32| {
            let at_s = f64::from(at);
            let (step, rss) = of(at_s);
            let (overload_step, server_rss_bytes) = (Some(step), Some(rss));
            Second { at_s, is_measured: true, overload_step, server_rss_bytes, ..Second::default() }
        };
        (0..seconds).map(second).collect()
    }

    #[test]
    fn memory_that_grows_has_its_slope_and_what_is_warming_up_has_none() {
        let grows = series(|at| (0.0, 1e6 + at * 100.0), 300);
        assert!((growth_min(&grows).unwrap() - 6_000.0).abs() < 1e-3);
        let warms_up = series(|at| (0.0, 1e6 + at.min(60.0) * 100.0), 300);
        assert!(growth_min(&warms_up).unwrap().abs() < 1e-3);
        assert_eq!(growth_min(&series(|_| (0.0, 1.0), 20)), None, "too short to tell");
    }

    #[test]
    fn recovery_counts_from_when_the_load_went_to_when_nothing_is_taken_any_more() {
        let run = series(|at| (if (10.0..43.0).contains(&at) { 3.0 } else { 0.0 }, 1.0), 60);
        assert_eq!(recovered_s(&run, 30.0), Some(13.0));
        assert_eq!(steps(&run), [(0, 10), (3, 33), (0, 17)]);
        assert_eq!(recovered_s(&run[..40], 30.0), None, "not yet");
        assert_eq!(recovered_s(&run[..10], 5.0), None, "it never was overloaded");
    }
}
