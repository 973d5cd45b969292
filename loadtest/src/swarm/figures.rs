//! A swarm's figures, the thresholds that a caller passes, and the verdict.

use std::str::FromStr;

use gamera_protocol::measure::TICK_HZ;
use serde::Serialize;

use super::run::Outcome;
use super::scrape::{Durations, Scrape};
use super::series::Second;
use crate::Exit;
use crate::stats::mean;

/// A generator whose turns were later than this is too slow for its figures to be the server's.
const GENERATOR_LATE_MS: f64 = 25.0;

/// What is reported of a swarm; what the server did not tell is null.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    bots: usize,
    joined: usize,
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
    verdict: String,
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

/// A bound that one figure must keep.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Threshold {
    key: &'static str,
    bound: Bound,
    value: f64,
}

/// On which side of its value a bound's figure must stay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bound {
    Below,
    AtMost,
    AtLeast,
    Above,
}

/// How bounds are written; what begins with another stands before it. `=` is the figure's own better
/// side, the value included.
const SIGNS: [(&str, Option<Bound>); 5] = [
    ("<=", Some(Bound::AtMost)),
    (">=", Some(Bound::AtLeast)),
    ("<", Some(Bound::Below)),
    (">", Some(Bound::Above)),
    ("=", None),
];

impl Bound {
    const fn sign(self) -> &'static str {
        match self {
            Bound::Below => "<",
            Bound::AtMost => "<=",
            Bound::AtLeast => ">=",
            Bound::Above => ">",
        }
    }

    fn holds(self, figure: f64, value: f64) -> bool {
        match self {
            Bound::Below => figure < value,
            Bound::AtMost => figure <= value,
            Bound::AtLeast => figure >= value,
            Bound::Above => figure > value,
        }
    }
}

/// One figure by its name: which way is worse, and how to read it.
struct Key {
    name: &'static str,
    more_is_worse: bool,
    read: fn(&Figures) -> Option<f64>,
}

const fn most(name: &'static str, read: fn(&Figures) -> Option<f64>) -> Key {
    Key { name, more_is_worse: true, read }
}

const fn least(name: &'static str, read: fn(&Figures) -> Option<f64>) -> Key {
    Key { name, more_is_worse: false, read }
}

static KEYS: [Key; 21] = [
    least("joined", |f| Some(f.joined as f64)),
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
];

impl FromStr for Threshold {
    type Err = String;

    /// `tick_p99<10ms`: a figure's name (its unit may follow the value instead), a sign, a value.
    fn from_str(text: &str) -> Result<Threshold, String> {
        let usage = "give it as FIGURE<VALUE (or <=, >, >=), as in tick_p99_ms<10 or tick_p99<10ms";
        let at = text.find(['<', '>', '=']).ok_or(usage)?;
        let (name, rest) = text.split_at(at);
        let (sign, bound) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)).ok_or(usage)?;
        let value = &rest[sign.len()..];
        let digits = value.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(value.len());
        let (number, unit) = value.split_at(digits);
        let with_unit = format!("{name}_{unit}");
        let named = |key: &&Key| key.name == name || (!unit.is_empty() && key.name == with_unit);
        let names = || KEYS.iter().map(|k| k.name).collect::<Vec<_>>().join(", ");
        let key = KEYS.iter().find(named).ok_or_else(|| format!("the figures are {}", names()))?;
        let is_its_unit = unit.is_empty() || key.name.ends_with(&format!("_{unit}"));
        let is_share = unit == "%" && key.name == "snapshot_loss";
        if !(is_its_unit || is_share) {
            return Err(format!("{} is not given in {unit:?}", key.name));
        }
        let value = number.parse().map_err(|_| format!("{number:?} is not a number"))?;
        let better = if key.more_is_worse { Bound::AtMost } else { Bound::AtLeast };
        Ok(Threshold { key: key.name, bound: bound.unwrap_or(better), value })
    }
}

impl Threshold {
    /// What fell short of it, if anything did: a figure that is not known does.
    fn shortfall(&self, figures: &Figures) -> Option<String> {
        let key = KEYS.iter().find(|k| k.name == self.key)?;
        let Some(value) = (key.read)(figures) else { return Some(format!("{} is not known", self.key)) };
        let (bound, wanted) = (self.bound, self.value);
        (!bound.holds(value, wanted)).then(|| format!("{} {value:.3} is not {} {wanted}", self.key, bound.sign()))
    }
}

impl Figures {
    /// The figures of an outcome, judged by the thresholds.
    pub(super) fn of(bots: usize, o: &Outcome, thresholds: &[Threshold]) -> Figures {
        let a_second = |sum: u64| sum as f64 / o.seconds;
        let snapshots = || o.seen.iter().map(|s| a_second(s.snapshots));
        let loss: u64 = o.seen.iter().map(|s| s.loss_permille).sum();
        let samples: u64 = o.seen.iter().map(|s| s.loss_samples).sum();
        let span = o.before.as_ref().zip(o.after.as_ref());
        let span = span.map(|(b, a)| (a.at.duration_since(b.at).as_secs_f64(), b, a));
        let durations = |read: fn(&Scrape) -> &Durations| span.map(|(_, b, a)| read(a).since(read(b)));
        let (ticked, late) = (durations(|s| &s.tick_ms), durations(|s| &s.lateness_ms));
        let replicated = durations(|s| &s.replicate_ms);
        let quantile = |of: &Option<Durations>, share| of.as_ref().and_then(|d| d.quantile_ms(share));
        let mut figures = Figures {
            bots,
            joined: o.joined,
            failed: o.failed,
            seconds: o.seconds,
            hz: span.map(|(s, b, a)| (a.ticks - b.ticks) / s),
            ticks: span.map(|(_, b, a)| (a.ticks - b.ticks) as u64),
            ticks_missed: span.map(|(_, b, a)| (a.ticks_missed - b.ticks_missed) as u64),
            tick_p50_ms: quantile(&ticked, 0.5),
            tick_p99_ms: quantile(&ticked, 0.99),
            replicate_p99_ms: quantile(&replicated, 0.99),
            lateness_p99_ms: quantile(&late, 0.99),
            snapshots_client_s_mean: mean(snapshots()),
            snapshots_client_s_min: snapshots().fold(f64::from(TICK_HZ), f64::min),
            snapshot_age_p50_ms: o.age.value_at_quantile(0.5) as f64 / 10.0,
            snapshot_age_p99_ms: o.age.value_at_quantile(0.99) as f64 / 10.0,
            snapshot_loss: loss as f64 / samples.max(1) as f64 / 10.0,
            bytes_down_client_s: mean(o.seen.iter().map(|s| a_second(s.bytes_down))),
            bytes_down_client_peak_s: o.peak_down_s as f64,
            bytes_up_client_s: mean(o.seen.iter().map(|s| a_second(s.bytes_up))),
            server_cpu_cores: span.map(|(s, b, a)| (a.cpu_s - b.cpu_s) / s),
            server_rss_bytes: o.after.as_ref().map(|a| a.rss_bytes as u64),
            soldiers: o.after.as_ref().map(|a| a.soldiers as u64),
            generator_late_p99_ms: o.late.value_at_quantile(0.99) as f64 / 10.0,
            verdict: String::new(),
            series: o.series.clone(),
            tails: Tails {
                tick_ms: tail(|share| quantile(&ticked, share)),
                replicate_ms: tail(|share| quantile(&replicated, share)),
                lateness_ms: tail(|share| quantile(&late, share)),
                snapshot_age_ms: tail(|share| Some(o.age.value_at_quantile(share) as f64 / 10.0)),
                generator_late_ms: tail(|share| Some(o.late.value_at_quantile(share) as f64 / 10.0)),
            },
            exit: Exit::Ok,
        };
        (figures.exit, figures.verdict) = figures.judge(thresholds);
        figures
    }

    fn judge(&self, thresholds: &[Threshold]) -> (Exit, String) {
        // First: what a late generator saw, lost players included, says nothing of the server.
        if self.generator_late_p99_ms > GENERATOR_LATE_MS {
            let late = self.generator_late_p99_ms;
            return (Exit::Late, format!("the generator was {late:.1} ms late: these are not the server's figures"));
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

    /// The table for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut out = vec![format!("{} players for {:.0} s", self.bots, self.seconds), String::new()];
        let row = |key: &Key| {
            let value = (key.read)(self).map_or("not known".to_owned(), |v| {
                if v.fract() == 0.0 || v.abs() >= 1_000.0 { format!("{v:.0}") } else { format!("{v:.2}") }
            });
            format!("{:<28} {value:>12}", key.name)
        };
        out.extend(KEYS.iter().map(row));
        out.push(String::new());
        out.push(format!("verdict: {}", self.verdict));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_read_by_the_figures_names() {
        for (text, part) in [
            ("tick_p99_ms", "FIGURE<VALUE"),
            ("luck<1", "the figures are joined"),
            ("hz=many", "not given in \"many\""),
            ("hz=", "\"\" is not a number"),
            ("tick_p99_ms<10kB", "not given in \"kB\""),
        ] {
            assert!(text.parse::<Threshold>().unwrap_err().contains(part), "{text}");
        }
        for (text, key, bound, value) in [
            ("hz=30", "hz", Bound::AtLeast, 30.0),
            ("tick_p99_ms=10", "tick_p99_ms", Bound::AtMost, 10.0),
            ("tick_p99<10ms", "tick_p99_ms", Bound::Below, 10.0),
            ("snapshots_client_s_min>=15", "snapshots_client_s_min", Bound::AtLeast, 15.0),
            ("snapshot_loss<1%", "snapshot_loss", Bound::Below, 1.0),
        ] {
            assert_eq!(text.parse(), Ok(Threshold { key, bound, value }), "{text}");
        }
    }
}
