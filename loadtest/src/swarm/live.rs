//! A run while it runs: a few lines redrawn in place where a person looks on, else one plain line now and
//! then. Lines are pure: a second to text.

use std::collections::VecDeque;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::series::Second;
use super::shadow::Note;

/// Seconds between two lines where nobody looks on.
const PLAIN_PERIOD: usize = 5;
/// Seconds that the little curve shows.
const CURVE_SECONDS: usize = 40;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What a person sees of a run.
pub(super) struct Live {
    to: To,
    duration_s: u64,
    measured: u64,
    told: usize,
    curve: VecDeque<f64>,
}

enum To {
    Nobody,
    Terminal(ProgressBar),
    Lines,
    /// Whoever looks at something else on the terminal reads it there.
    Note(Note),
}

impl Live {
    /// Shows nothing.
    pub(super) fn none() -> Live {
        Live::new(To::Nobody, Duration::ZERO)
    }

    /// Shows a run that measures for `duration`, on the standard error output.
    pub(super) fn start(duration: Duration) -> Live {
        let target = ProgressDrawTarget::stderr_with_hz(4);
        let to = if target.is_hidden() {
            To::Lines
        } else {
            let bar = ProgressBar::with_draw_target(Some(duration.as_secs()), target);
            let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} s\n{msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_prefix("joining");
            To::Terminal(bar)
        };
        Live::new(to, duration)
    }

    /// Leaves each second's line in `note`.
    pub(super) fn noted(note: Note, duration: Duration) -> Live {
        Live::new(To::Note(note), duration)
    }

    fn new(to: To, duration: Duration) -> Live {
        Live { to, duration_s: duration.as_secs(), measured: 0, told: 0, curve: VecDeque::new() }
    }

    /// A second has passed, with `wanted` players to be there.
    pub(super) fn second(&mut self, second: &Second, wanted: usize) {
        self.measured += u64::from(second.is_measured);
        self.told += 1;
        self.curve.extend(second.tick_p99_ms);
        if self.curve.len() > CURVE_SECONDS {
            self.curve.pop_front();
        }
        match &self.to {
            To::Nobody => {}
            To::Note(note) => {
                let stage = if second.is_measured { "measuring" } else { "joining" };
                let text = format!("{stage}, {} of {} s; {}", self.measured, self.duration_s, line(second, wanted));
                // A thread that has panicked shows nothing any more.
                note.lock().map(|mut note| *note = text).ok();
            }
            To::Terminal(bar) => {
                bar.set_prefix(if second.is_measured { "measuring" } else { "joining" });
                bar.set_position(self.measured.min(self.duration_s));
                bar.set_message(screen(second, wanted, self.curve.make_contiguous()).join("\n"));
            }
            To::Lines if self.told.is_multiple_of(PLAIN_PERIOD) => eprintln!("{}", line(second, wanted)),
            To::Lines => {}
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let To::Terminal(bar) = &self.to {
            bar.finish_and_clear();
        }
    }
}

/// The lines below the bar; each fits 80 columns.
fn screen(s: &Second, wanted: usize, curve: &[f64]) -> Vec<String> {
    vec![
        format!("players  {:>6} of {wanted}, {} joined in this second{}", s.players, s.joins, after_waiting(s)),
        format!("tick     {:>6} ms p50, {} p99  {}", ms(s.tick_p50_ms), ms(s.tick_p99_ms), sparkline(curve)),
        format!(
            "snapshots{:>6.1} a client a second, age {:.0} ms p50, {:.0} p99",
            s.snapshots_client_s, s.snapshot_age_p50_ms, s.snapshot_age_p99_ms
        ),
        format!("bytes    {:>6.0} down, {:.0} up, a client a second", s.bytes_down_client_s, s.bytes_up_client_s),
        format!(
            "server   {:>6} cores, {} MB, overload step {}, {} ticks missed",
            known(s.server_cpu_cores, 2),
            known(s.server_rss_bytes.map(|b| b / 1e6), 0),
            known(s.overload_step, 0),
            known(s.ticks_missed, 0)
        ),
        format!("generator{:>6.1} ms late p99", s.generator_late_p99_ms),
    ]
}

/// All of it on one line.
fn line(s: &Second, wanted: usize) -> String {
    format!(
        "{:.0} s: {}/{wanted} players{}, tick {}/{} ms, {:.1} snapshots/s, age p99 {:.0} ms, {:.0} B/s down, server {} \
         cores {} MB, step {}, generator {:.1} ms late",
        s.at_s,
        s.players,
        after_waiting(s),
        ms(s.tick_p50_ms),
        ms(s.tick_p99_ms),
        s.snapshots_client_s,
        s.snapshot_age_p99_ms,
        s.bytes_down_client_s,
        known(s.server_cpu_cores, 2),
        known(s.server_rss_bytes.map(|b| b / 1e6), 0),
        known(s.overload_step, 0),
        s.generator_late_p99_ms
    )
}

/// Says it where a busy server had turned some away at first.
fn after_waiting(s: &Second) -> String {
    if s.waited > 0 { format!(", {} of them had to wait", s.waited) } else { String::new() }
}

fn ms(value: Option<f64>) -> String {
    known(value, 1)
}

fn known(value: Option<f64>, digits: usize) -> String {
    value.map_or("?".to_owned(), |v| format!("{v:.digits$}"))
}

/// A curve of one character a value, from zero to the largest of them.
fn sparkline(values: &[f64]) -> String {
    let most = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let bar = |value: &f64| BARS[((value / most * 7.0).round().clamp(0.0, 7.0)) as usize];
    values.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_reaches_from_nothing_to_the_largest() {
        assert_eq!(sparkline(&[0.0, 1.0, 3.5, 7.0]), "▁▂▅█");
        assert_eq!((sparkline(&[]), sparkline(&[0.0])), (String::new(), "▁".to_owned()));
    }

    #[test]
    fn lines_fit_a_narrow_terminal_and_say_what_is_not_known() {
        let full = Second {
            players: 1_000,
            joins: 1_000,
            waited: 1_000,
            snapshots_client_s: 30.0,
            bytes_down_client_s: 123_456.0,
            bytes_up_client_s: 12_345.0,
            snapshot_age_p50_ms: 1_234.0,
            snapshot_age_p99_ms: 12_345.0,
            generator_late_p99_ms: 1_234.5,
            tick_p50_ms: Some(123.4),
            tick_p99_ms: Some(1_234.5),
            server_cpu_cores: Some(12.34),
            server_rss_bytes: Some(12_345e6),
            overload_step: Some(9.0),
            ..Second::default()
        };
        for second in [full, Second::default()] {
            for line in screen(&second, 2_048, &[1.0; CURVE_SECONDS]) {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
        assert!(line(&Second::default(), 5).contains("0/5 players, tick ?/? ms"));
    }
}
