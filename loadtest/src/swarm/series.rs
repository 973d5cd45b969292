//! A run second by second: what the players saw beside what the server said of itself. The run loop
//! makes one call a second, [`Recorder::second`]; reports and the live view read what it keeps.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::live::Live;
use super::scrape::{Scrape, scrape};

/// What all players saw in one second.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Told {
    /// Players that are there and play.
    pub(super) players: usize,
    /// All that are there.
    pub(super) present: usize,
    /// Players that there should be in the end.
    pub(super) wanted: usize,
    /// Joins in this second, and how many of them had been turned away before.
    pub(super) joins: u64,
    pub(super) waited: u64,
    /// Snapshots of all of them in this second, and their bytes both ways.
    pub(super) snapshots: u64,
    pub(super) bytes_down: u64,
    pub(super) bytes_up: u64,
    /// Age of the newest snapshot in this second.
    pub(super) age_p50_ms: f64,
    pub(super) age_p99_ms: f64,
    /// How late players had their turns in this second.
    pub(super) late_p99_ms: f64,
}

/// One second of a run; what the server did not tell is null.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Second {
    /// Since the first join, at its end.
    pub(crate) at_s: f64,
    /// The figures are of this second, not of the joining or the leaving.
    pub(crate) is_measured: bool,
    /// Those who play.
    pub(crate) players: usize,
    /// All that are there, idle and hostile ones too.
    pub(crate) present: usize,
    pub(crate) joins: u64,
    /// Of the joins, those of players that had been turned away before.
    pub(crate) waited: u64,
    pub(crate) snapshots_client_s: f64,
    pub(crate) bytes_down_client_s: f64,
    pub(crate) bytes_up_client_s: f64,
    pub(crate) snapshot_age_p50_ms: f64,
    pub(crate) snapshot_age_p99_ms: f64,
    pub(crate) generator_late_p99_ms: f64,
    pub(crate) ticks_missed: Option<f64>,
    pub(crate) tick_p50_ms: Option<f64>,
    pub(crate) tick_p99_ms: Option<f64>,
    pub(crate) replicate_p99_ms: Option<f64>,
    pub(crate) lateness_p99_ms: Option<f64>,
    pub(crate) server_cpu_cores: Option<f64>,
    pub(crate) server_rss_bytes: Option<f64>,
    pub(crate) overload_step: Option<f64>,
}

/// Keeps a run's seconds.
pub(super) struct Recorder {
    start: Instant,
    noted: Instant,
    /// Where the server's metrics are.
    metrics: Option<String>,
    last: Option<Scrape>,
    seconds: Vec<Second>,
    live: Live,
}

impl Recorder {
    /// Begins now; `metrics` is where the server's are.
    pub(super) fn new(metrics: Option<&str>) -> Recorder {
        let now = Instant::now();
        let metrics = metrics.map(str::to_owned);
        let last = metrics.as_deref().and_then(scrape);
        Recorder { start: now, noted: now, metrics, last, seconds: Vec::new(), live: Live::none() }
    }

    /// Shows each second as it comes.
    pub(super) fn shown(self, live: Live) -> Recorder {
        Recorder { live, ..self }
    }

    /// A second has passed: `told` is what players saw in it.
    pub(super) fn second(&mut self, told: &Told, is_measured: bool) {
        let now = Instant::now();
        let next = self.metrics.as_deref().and_then(scrape);
        let span_s = now.duration_since(self.noted).as_secs_f64();
        let mut second = of_players(told, span_s);
        (second.at_s, second.is_measured) = (now.duration_since(self.start).as_secs_f64(), is_measured);
        if let Some((before, after)) = self.last.as_ref().zip(next.as_ref()) {
            add_server(&mut second, before, after);
        }
        self.noted = now;
        self.last = next.or(self.last.take());
        self.live.second(&second, told.wanted);
        self.seconds.push(second);
    }

    /// The seconds so far, the earliest first.
    pub(super) fn into_seconds(self) -> Vec<Second> {
        self.seconds
    }
}

fn of_players(told: &Told, span_s: f64) -> Second {
    let each = |sum: u64| sum as f64 / told.players.max(1) as f64 / span_s.max(0.001);
    Second {
        players: told.players,
        present: told.present,
        joins: told.joins,
        waited: told.waited,
        snapshots_client_s: each(told.snapshots),
        bytes_down_client_s: each(told.bytes_down),
        bytes_up_client_s: each(told.bytes_up),
        snapshot_age_p50_ms: told.age_p50_ms,
        snapshot_age_p99_ms: told.age_p99_ms,
        generator_late_p99_ms: told.late_p99_ms,
        ..Second::default()
    }
}

/// What the server did between two looks at its metrics.
fn add_server(second: &mut Second, before: &Scrape, after: &Scrape) {
    let span_s = after.at.duration_since(before.at).as_secs_f64().max(0.001);
    let tick = after.tick_ms.since(&before.tick_ms);
    second.ticks_missed = Some(after.ticks_missed - before.ticks_missed);
    second.tick_p50_ms = tick.quantile_ms(0.5);
    second.tick_p99_ms = tick.quantile_ms(0.99);
    second.replicate_p99_ms = after.replicate_ms.since(&before.replicate_ms).quantile_ms(0.99);
    second.lateness_p99_ms = after.lateness_ms.since(&before.lateness_ms).quantile_ms(0.99);
    second.server_cpu_cores = Some((after.cpu_s - before.cpu_s) / span_s);
    second.server_rss_bytes = Some(after.rss_bytes);
    second.overload_step = Some(after.overload_step);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_told_a_player_and_a_second() {
        let told = Told { players: 10, snapshots: 600, bytes_down: 20_000, bytes_up: 1_000, ..Told::default() };
        let second = of_players(&told, 2.0);
        assert_eq!(
            (second.snapshots_client_s, second.bytes_down_client_s, second.bytes_up_client_s),
            (30.0, 1_000.0, 50.0)
        );
        assert_eq!(of_players(&Told::default(), 0.0).bytes_down_client_s, 0.0, "nobody was there");
    }

    #[test]
    fn a_server_without_metrics_leaves_its_figures_unknown() {
        let mut recorder = Recorder::new(None);
        recorder.second(&Told { players: 2, ..Told::default() }, true);
        let seconds = recorder.into_seconds();
        assert_eq!((seconds.len(), seconds[0].players, seconds[0].tick_p99_ms), (1, 2, None));
        let text = serde_json::to_string(&seconds).expect("seconds are written");
        assert!(text.contains("\"tick_p99_ms\":null"), "{text}");
    }
}
