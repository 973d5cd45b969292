//! A swarm's figures, the thresholds that a caller passes, and the verdict.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::cast::Manner;
use super::conduct::{self, Conduct};
use super::part::{Seen, Stay};
use super::run::Outcome;
use super::scrape::{Durations, Scrape};
use super::series::Second;
use super::shadow::ShadowFigures;
use crate::Exit;
use crate::report::{Judged, shown};
use crate::threshold::{Figured, Key, Threshold, least, most};

/// A generator whose turns were later than this is too slow for its figures to be the server's.
const GENERATOR_LATE_MS: f64 = 25.0;

/// What is reported of a swarm; what the server did not tell is null.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    bots: usize,
    joined: usize,
    /// Players that a busy server turned away at first, and seated later.
    waited: usize,
    /// Players that were still on their way in at the end: neither joined nor failed.
    joining: usize,
    failed: usize,
    seconds: f64,
    hz: Option<f64>,
    ticks: Option<u64>,
    ticks_missed: Option<u64>,
    tick_p50_ms: Option<f64>,
    tick_p99_ms: Option<f64>,
    replicate_p99_ms: Option<f64>,
    lateness_p99_ms: Option<f64>,
    snapshots_client_s_mean: f64,
    snapshots_client_s_min: f64,
    snapshot_age_p50_ms: f64,
    snapshot_age_p99_ms: f64,
    /// Percent of the datagrams.
    snapshot_loss: f64,
    bytes_down_client_s: f64,
    bytes_down_client_peak_s: f64,
    bytes_up_client_s: f64,
    server_cpu_cores: Option<f64>,
    server_rss_bytes: Option<u64>,
    soldiers: Option<u64>,
    generator_late_p99_ms: f64,
    #[serde(flatten)]
    conduct: Conduct,
    /// Only where somebody was looked at.
    #[serde(flatten)]
    shadow: Option<ShadowFigures>,
    verdict: String,
    thresholds: Vec<Judged>,
    /// The command that made it.
    command: String,
    /// Unix time.
    ended_unix_s: u64,
    /// Processors of the machine.
    cores: usize,
    /// The run second by second.
    series: Vec<Second>,
    /// How far the tails of what was measured reach: pairs of percent and milliseconds.
    tails: Tails,
    #[serde(skip)]
    exit: Exit,
}

/// Pairs of percent and milliseconds; empty where nothing is known.
type Tail = Vec<(f64, f64)>;

/// The tails of the distributions.
#[derive(Clone, Debug, Serialize)]
struct Tails {
    tick_ms: Tail,
    replicate_ms: Tail,
    lateness_ms: Tail,
    snapshot_age_ms: Tail,
    generator_late_ms: Tail,
}

/// The percents at which a tail is told: each step nears 100 by the same factor.
const TAIL_PCT: [f64; 11] = [0.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 99.95, 99.99];

fn tail(quantile_ms: impl Fn(f64) -> Option<f64>) -> Tail {
    TAIL_PCT.iter().filter_map(|percent| Some((*percent, quantile_ms(percent / 100.0)?))).collect()
}

/// The beginning of the names of figures that there are only with --shadow.
const SHADOW: &str = "shadow_";

static KEYS: [Key<Figures>; 62] = [
    least("joined", |f| Some(f.joined as f64)),
    most("waited", |f| Some(f.waited as f64)),
    most("joining", |f| Some(f.joining as f64)),
    most("failed", |f| Some(f.failed as f64)),
    least("hz", |f| f.hz),
    least("ticks", |f| f.ticks.map(|v| v as f64)),
    most("ticks_missed", |f| f.ticks_missed.map(|v| v as f64)),
    most("tick_p50_ms", |f| f.tick_p50_ms),
    most("tick_p99_ms", |f| f.tick_p99_ms),
    most("replicate_p99_ms", |f| f.replicate_p99_ms),
    most("lateness_p99_ms", |f| f.lateness_p99_ms),
    least("snapshots_client_s_mean", |f| Some(f.snapshots_client_s_mean)),
    least("snapshots_client_s_min", |f| Some(f.snapshots_client_s_min)),
    most("snapshot_age_p50_ms", |f| Some(f.snapshot_age_p50_ms)),
    most("snapshot_age_p99_ms", |f| Some(f.snapshot_age_p99_ms)),
    most("snapshot_loss", |f| Some(f.snapshot_loss)),
    most("bytes_down_client_s", |f| Some(f.bytes_down_client_s)),
    most("bytes_down_client_peak_s", |f| Some(f.bytes_down_client_peak_s)),
    most("bytes_up_client_s", |f| Some(f.bytes_up_client_s)),
    most("server_cpu_cores", |f| f.server_cpu_cores),
    most("server_rss_bytes", |f| f.server_rss_bytes.map(|v| v as f64)),
    least("soldiers", |f| f.soldiers.map(|v| v as f64)),
    most("generator_late_p99_ms", |f| Some(f.generator_late_p99_ms)),
    most("join_p50_ms", |f| Some(f.conduct.join_p50_ms)),
    most("join_p99_ms", |f| Some(f.conduct.join_p99_ms)),
    least("joins", |f| Some(f.conduct.joins as f64)),
    least("honest", |f| Some(f.conduct.honest as f64)),
    least("idle", |f| Some(f.conduct.idle as f64)),
    least("idle_relieved", |f| Some(f.conduct.idle_relieved as f64)),
    least("hostile", |f| Some(f.conduct.hostile as f64)),
    least("hostile_sent", |f| Some(f.conduct.hostile_sent as f64)),
    least("hostile_sent_away", |f| Some(f.conduct.hostile_sent_away as f64)),
    least("bad_input", |f| f.conduct.bad_input.map(|v| v as f64)),
    least("left_goodbye", |f| Some(f.conduct.left_goodbye as f64)),
    least("left_vanished", |f| Some(f.conduct.left_vanished as f64)),
    least("returned", |f| Some(f.conduct.returned as f64)),
    least("reseated", |f| Some(f.conduct.reseated as f64)),
    most("run_ticks_missed", |f| f.conduct.run_ticks_missed.map(|v| v as f64)),
    most("overload_step_max", |f| f.conduct.overload_step_max),
    most("recovered_s", |f| f.conduct.recovered_s),
    most("rss_bytes_player", |f| f.conduct.rss_bytes_player),
    most("rss_growth_bytes_min", |f| f.conduct.rss_growth_bytes_min),
    most("shadow_age_p50_ms", |f| f.shadow.as_ref()?.shadow_age_p50_ms),
    most("shadow_age_p99_ms", |f| f.shadow.as_ref()?.shadow_age_p99_ms),
    most("shadow_own_error_mean_m", |f| f.shadow.as_ref()?.shadow_own_error_mean_m),
    most("shadow_own_error_p99_m", |f| f.shadow.as_ref()?.shadow_own_error_p99_m),
    most("shadow_own_error_max_m", |f| f.shadow.as_ref()?.shadow_own_error_max_m),
    most("shadow_others_error_mean_m", |f| f.shadow.as_ref()?.shadow_others_error_mean_m),
    most("shadow_others_error_p99_m", |f| f.shadow.as_ref()?.shadow_others_error_p99_m),
    most("shadow_others_error_max_m", |f| f.shadow.as_ref()?.shadow_others_error_max_m),
    most("shadow_far_error_p99_m", |f| f.shadow.as_ref()?.shadow_far_error_p99_m),
    most("shadow_apart_mean_m", |f| f.shadow.as_ref()?.shadow_apart_mean_m),
    most("shadow_apart_p99_m", |f| f.shadow.as_ref()?.shadow_apart_p99_m),
    least("shadow_seen_mean", |f| f.shadow.as_ref()?.shadow_seen_mean),
    most("shadow_missing_mean", |f| f.shadow.as_ref()?.shadow_missing_mean),
    most("shadow_missing_max", |f| f.shadow.as_ref()?.shadow_missing_max),
    most("shadow_ghosts_mean", |f| f.shadow.as_ref()?.shadow_ghosts_mean),
    most("shadow_ghosts_max", |f| f.shadow.as_ref()?.shadow_ghosts_max),
    least("shadow_snapshots_s", |f| Some(f.shadow.as_ref()?.shadow_snapshots_s)),
    most("shadow_bytes_down_s", |f| Some(f.shadow.as_ref()?.shadow_bytes_down_s)),
    most("shadow_bytes_up_s", |f| Some(f.shadow.as_ref()?.shadow_bytes_up_s)),
    least("shadow_pictures_s", |f| Some(f.shadow.as_ref()?.shadow_pictures_s)),
];

/// The names of the figures, each with whether more is worse; those of a shadow where one was looked at.
pub(super) fn names(has_shadow: bool) -> Vec<(&'static str, bool)> {
    KEYS.iter()
        .filter(|key| has_shadow || !key.name.starts_with(SHADOW))
        .map(|key| (key.name, key.more_is_worse))
        .collect()
}

/// The command that this process was started with, its program by name alone.
fn command() -> String {
    let mut words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(program) = words.first_mut() {
        *program = Path::new(program).file_name().unwrap_or_default().to_string_lossy().into_owned();
    }
    let quoted = |word: &String| if word.contains([' ', '<', '>']) { format!("'{word}'") } else { word.clone() };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

impl Figured for Figures {
    fn keys() -> &'static [Key<Figures>] {
        &KEYS
    }
}

impl Figures {
    /// The figures of an outcome, judged by the thresholds. Those of players are of honest ones, and each counts
    /// the time that the player was there.
    pub(super) fn of(bots: usize, o: &Outcome, thresholds: &[Threshold]) -> Figures {
        let stays: Vec<&Stay> = o.part.stays.iter().filter(|s| s.manner == Manner::Honest).collect();
        let mut all = Seen::default();
        stays.iter().for_each(|stay| all.add(stay.seen));
        let time_s: f64 = stays.iter().map(|stay| stay.measured_s).sum();
        let a_second = |sum: u64| if time_s > 0.0 { sum as f64 / time_s } else { 0.0 };
        let span = o.before.as_ref().zip(o.after.as_ref());
        let span = span.map(|(b, a)| (a.at.duration_since(b.at).as_secs_f64(), b, a));
        let durations = |read: fn(&Scrape) -> &Durations| span.map(|(_, b, a)| read(a).since(read(b)));
        let (ticked, late) = (durations(|s| &s.tick_ms), durations(|s| &s.lateness_ms));
        let replicated = durations(|s| &s.replicate_ms);
        let quantile = |of: &Option<Durations>, share| of.as_ref().and_then(|d| d.quantile_ms(share));
        let mut figures = Figures {
            bots,
            joined: o.part.counts.joined as usize,
            waited: o.part.counts.waited as usize,
            joining: o.part.counts.joining as usize,
            failed: o.part.counts.failed as usize,
            seconds: o.measured_s,
            hz: span.map(|(s, b, a)| (a.ticks - b.ticks) / s),
            ticks: span.map(|(_, b, a)| (a.ticks - b.ticks) as u64),
            ticks_missed: span.map(|(_, b, a)| (a.ticks_missed - b.ticks_missed) as u64),
            tick_p50_ms: quantile(&ticked, 0.5),
            tick_p99_ms: quantile(&ticked, 0.99),
            replicate_p99_ms: quantile(&replicated, 0.99),
            lateness_p99_ms: quantile(&late, 0.99),
            snapshots_client_s_mean: a_second(all.snapshots),
            snapshots_client_s_min: least_snapshots_s(&stays, o.measured_s),
            snapshot_age_p50_ms: o.part.age.quantile_ms(0.5),
            snapshot_age_p99_ms: o.part.age.quantile_ms(0.99),
            snapshot_loss: all.loss_permille as f64 / all.loss_samples.max(1) as f64 / 10.0,
            bytes_down_client_s: a_second(all.bytes_down),
            bytes_down_client_peak_s: stays.iter().map(|s| s.peak_down_s).max().unwrap_or(0) as f64,
            bytes_up_client_s: a_second(all.bytes_up),
            server_cpu_cores: span.map(|(s, b, a)| (a.cpu_s - b.cpu_s) / s),
            server_rss_bytes: o.after.as_ref().map(|a| a.rss_bytes as u64),
            soldiers: o.after.as_ref().map(|a| a.soldiers as u64),
            generator_late_p99_ms: o.part.late.quantile_ms(0.99),
            conduct: Conduct::of(o),
            shadow: o.shadow.clone(),
            verdict: String::new(),
            thresholds: Vec::new(),
            command: command(),
            ended_unix_s: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            series: o.series.clone(),
            tails: Tails {
                tick_ms: tail(|share| quantile(&ticked, share)),
                replicate_ms: tail(|share| quantile(&replicated, share)),
                lateness_ms: tail(|share| quantile(&late, share)),
                snapshot_age_ms: tail(|share| Some(o.part.age.quantile_ms(share))),
                generator_late_ms: tail(|share| Some(o.part.late.quantile_ms(share))),
            },
            exit: Exit::Ok,
        };
        figures.thresholds = thresholds.iter().map(|t| t.judged(&figures)).collect();
        (figures.exit, figures.verdict) = figures.judge(thresholds);
        figures
    }

    /// How the verdict is told where the run was ended before its time.
    pub(super) fn note_interruption(&mut self) {
        self.exit = Exit::Short;
        self.verdict = format!("stopped after {:.0} s; {}", self.seconds, self.verdict);
    }

    fn judge(&self, thresholds: &[Threshold]) -> (Exit, String) {
        // First: what a late generator saw, lost players included, says nothing of the server.
        if self.generator_late_p99_ms > GENERATOR_LATE_MS {
            let late = self.generator_late_p99_ms;
            return (Exit::Late, format!("the generator was {late:.1} ms late: these are not the server's figures"));
        }
        if let Some(reason) = self.shadow.as_ref().and_then(|shadow| shadow.shadow_lost.as_ref()) {
            return (Exit::Short, format!("the player that was looked at could not stay: {reason}"));
        }
        if self.failed > 0 {
            return (Exit::Short, format!("{} of {} could not join or stay", self.failed, self.bots));
        }
        let short: Vec<String> = thresholds.iter().filter_map(|t| t.shortfall(self)).collect();
        if short.is_empty() { (Exit::Ok, "ok".to_owned()) } else { (Exit::Short, short.join("; ")) }
    }

    /// What the exit code says.
    pub(super) fn exit(&self) -> Exit {
        self.exit
    }

    /// The table for people; `changes` where it is compared with an earlier run.
    pub(super) fn lines(&self, changes: Option<Vec<String>>) -> Vec<String> {
        let mut out = vec![format!("{} players for {:.0} s", self.bots, self.seconds), String::new()];
        let row = |key: &Key<Figures>| format!("{:<28} {:>12}", key.name, shown((key.read)(self)));
        let is_there = |key: &&Key<Figures>| self.shadow.is_some() || !key.name.starts_with(SHADOW);
        out.extend(changes.unwrap_or_else(|| KEYS.iter().filter(is_there).map(row).collect()));
        out.extend(self.shadow.iter().map(ShadowFigures::title));
        out.push(String::new());
        let steps = conduct::steps(&self.series);
        if steps.len() > 1 {
            let steps: Vec<String> = steps.iter().map(|(step, seconds)| format!("{step} ({seconds} s)")).collect();
            out.push(format!("overload steps: {}", steps.join(", ")));
        }
        out.push(format!("verdict: {}", self.verdict));
        out
    }
}

/// A player that was there for less than this is not judged alone, seconds.
const ENOUGH_S: f64 = 5.0;

/// What the worst off was told, times a second; of a run in which nobody stayed for long enough, zero.
fn least_snapshots_s(stays: &[&Stay], measured_s: f64) -> f64 {
    let enough_s = ENOUGH_S.min(measured_s / 2.0);
    let rates = stays.iter().filter(|s| s.measured_s >= enough_s).map(|s| s.seen.snapshots as f64 / s.measured_s);
    rates.reduce(f64::min).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_player_counts_for_the_time_that_it_was_there() {
        let stay = |measured_s: f64, snapshots| Stay {
            id: 0,
            manner: Manner::Honest,
            joined_s: 0.0,
            left_s: 0.0,
            measured_s,
            seen: Seen { snapshots, ..Seen::default() },
            peak_down_s: 0,
        };
        // The one of a second was told nothing yet, which says nothing of the server.
        let stays = [stay(60.0, 1_800), stay(6.0, 90), stay(1.0, 0)];
        assert_eq!(least_snapshots_s(&stays.iter().collect::<Vec<_>>(), 60.0), 15.0);
        assert_eq!(least_snapshots_s(&[], 60.0), 0.0);
    }
}
