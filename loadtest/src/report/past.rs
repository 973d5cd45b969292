//! A run as its JSON document tells it: this one, or an earlier one to compare with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::swarm::Second;

/// Why an earlier run cannot be compared with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BaselineError {
    #[error("cannot read the baseline {}: {source}; write one with `gamera-loadtest swarm --json {}`", path.display(), path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} is no report of a swarm ({reason}); write one with `gamera-loadtest swarm --json FILE` and give that", path.display())]
    Foreign { path: PathBuf, reason: String },
}

/// One run.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Run {
    /// What was judged.
    pub(crate) verdict: String,
    /// Players that were sent.
    pub(crate) bots: usize,
    /// Seconds that were measured.
    pub(crate) seconds: f64,
    /// The command that made it; empty where it was not kept.
    #[serde(default)]
    pub(crate) command: String,
    /// When it ended, seconds of Unix time.
    #[serde(default)]
    pub(crate) ended_unix_s: u64,
    /// Processors of the machine.
    #[serde(default)]
    pub(crate) cores: usize,
    /// What the caller wanted, and whether it held.
    #[serde(default)]
    pub(crate) thresholds: Vec<Judged>,
    /// Second by second.
    #[serde(default)]
    pub(crate) series: Vec<Second>,
    /// By name: pairs of percent and milliseconds.
    #[serde(default)]
    pub(crate) tails: BTreeMap<String, Vec<(f64, f64)>>,
    /// All figures by name.
    #[serde(flatten)]
    figures: Map<String, Value>,
}

/// A threshold beside what was measured.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Judged {
    /// The figure's name.
    pub(crate) figure: String,
    /// The sign and the value, as in `< 10`.
    pub(crate) bound: String,
    /// The value alone.
    pub(crate) wanted: f64,
    /// What was measured; `None` where it is not known.
    pub(crate) seen: Option<f64>,
    pub(crate) held: bool,
}

impl Run {
    /// The run that a document tells of.
    ///
    /// # Errors
    /// When it is no document of a swarm.
    pub(crate) fn of(document: &impl Serialize) -> Result<Run, serde_json::Error> {
        serde_json::from_value(serde_json::to_value(document)?)
    }

    /// Reads an earlier run's document.
    ///
    /// # Errors
    /// When there is none, or it is something else.
    pub(crate) fn read(path: &Path) -> Result<Run, BaselineError> {
        let path = path.to_owned();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => return Err(BaselineError::Unreadable { path, source }),
        };
        serde_json::from_str(&text).map_err(|e| BaselineError::Foreign { path, reason: e.to_string() })
    }

    /// A figure by its name; `None` where it is not known.
    pub(crate) fn figure(&self, name: &str) -> Option<f64> {
        match name {
            "bots" => Some(self.bots as f64),
            "seconds" => Some(self.seconds),
            _ => self.figures.get(name)?.as_f64(),
        }
    }

    /// When it ended, as `2026-11-26 12:30 UTC`; empty where that was not kept.
    pub(crate) fn date(&self) -> String {
        if self.ended_unix_s == 0 {
            return String::new();
        }
        let (year, month, day) = civil(self.ended_unix_s / 86_400);
        let minutes = self.ended_unix_s % 86_400 / 60;
        format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60)
    }
}

/// Year, month and day so many days after 1970-01-01: eras of 400 years begin on a first of March.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + u64::from(month <= 2), month, of_year - (153 * from_march + 2) / 5 + 1)
}

/// One figure then and now.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Change {
    pub(crate) name: &'static str,
    pub(crate) then: Option<f64>,
    pub(crate) now: Option<f64>,
    /// Now as a multiple of then, where both are known and then was not zero.
    pub(crate) ratio: Option<f64>,
    /// It moved the wrong way by more than [`NOISE`].
    pub(crate) is_worse: bool,
}

/// Two runs of the same differ by this much.
pub(crate) const NOISE: f64 = 0.1;

/// Compares the figures named in `keys`, each with whether more is worse.
pub(crate) fn compare(then: &Run, now: &Run, keys: &[(&'static str, bool)]) -> Vec<Change> {
    keys.iter()
        .map(|(name, more_is_worse)| {
            let (then, now) = (then.figure(name), now.figure(name));
            let ratio = then.zip(now).filter(|(then, _)| *then != 0.0).map(|(then, now)| now / then);
            let from_nothing = then == Some(0.0) && now.is_some_and(|n| n > 0.0) && *more_is_worse;
            let moved = |r: f64| if *more_is_worse { r > 1.0 + NOISE } else { r < 1.0 - NOISE };
            Change { name, then, now, ratio, is_worse: from_nothing || ratio.is_some_and(moved) }
        })
        .collect()
}

/// A figure's value for people.
pub(crate) fn shown(value: Option<f64>) -> String {
    match value {
        None => "not known".to_owned(),
        Some(v) if v.fract() == 0.0 || v.abs() >= 1_000.0 => format!("{v:.0}"),
        Some(v) => format!("{v:.2}"),
    }
}

/// The comparison as a table for people.
pub(crate) fn lines(changes: &[Change]) -> Vec<String> {
    let mut out = vec![format!("{:<28} {:>12} {:>12} {:>7}", "figure", "then", "now", "ratio")];
    out.extend(changes.iter().map(|c| {
        let ratio = c.ratio.map_or("-".to_owned(), |r| format!("{r:.2}"));
        let worse = if c.is_worse { "  worse" } else { "" };
        format!("{:<28} {:>12} {:>12} {ratio:>7}{worse}", c.name, shown(c.then), shown(c.now))
    }));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(tick_p99_ms: f64, hz: f64, missed: u32) -> Run {
        let document = serde_json::json!({
            "bots": 4, "seconds": 3.0, "verdict": "ok", "tick_p99_ms": tick_p99_ms, "hz": hz, "ticks_missed": missed,
            "soldiers": null,
        });
        Run::of(&document).expect("a document")
    }

    #[test]
    fn what_moved_the_wrong_way_is_marked() {
        let keys = [("tick_p99_ms", true), ("hz", false), ("ticks_missed", true), ("soldiers", false)];
        for (now, ratio, worse) in [
            (run(5.0, 30.0, 0), Some(1.0), [false, false, false, false]),
            (run(10.0, 20.0, 3), Some(2.0), [true, true, true, false]),
            (run(5.4, 28.0, 0), Some(1.08), [false, false, false, false]),
            (run(1.0, 60.0, 0), Some(0.2), [false, false, false, false]),
        ] {
            let changes = compare(&run(5.0, 30.0, 0), &now, &keys);
            assert_eq!(changes.iter().map(|c| c.is_worse).collect::<Vec<_>>(), worse);
            assert_eq!((changes[0].ratio, changes[2].ratio, changes[3].now), (ratio, None, None));
        }
    }

    #[test]
    fn a_missing_or_foreign_baseline_is_told_with_its_cause_and_the_next_command() {
        let there = std::env::temp_dir().join(format!("gamera-baseline-{}.json", std::process::id()));
        for (text, cause) in [
            (None, "cannot read the baseline"),
            (Some("not json"), "no report of a swarm (expected"),
            (Some("{\"matches\": 3}"), "no report of a swarm (missing field"),
            (Some("[1]"), "no report of a swarm ("),
        ] {
            if let Some(text) = text {
                std::fs::write(&there, text).expect("a temporary file");
            }
            let error = Run::read(&there).expect_err("no baseline").to_string();
            assert!(error.contains(cause) && error.contains("gamera-loadtest swarm --json"), "{error}");
        }
        std::fs::remove_file(&there).expect("it was written");
    }

    #[test]
    fn the_moment_of_a_run_is_told_as_a_date() {
        for (ended_unix_s, date) in [
            (0, ""),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (1_735_689_599, "2024-12-31 23:59 UTC"),
            (1_795_696_200, "2026-11-26 12:30 UTC"),
        ] {
            assert_eq!(Run { ended_unix_s, ..run(1.0, 30.0, 0) }.date(), date);
        }
    }
}
