//! Whole runs of a swarm: the real programs, a server and its players, on this machine alone. What they print is held
//! to what is promised of it, never to how quick a machine is.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A server may be asked for these names by a script: they are kept.
const PROMISED: [&str; 28] = [
    "bots",
    "joined",
    "waited",
    "joining",
    "failed",
    "seconds",
    "hz",
    "ticks",
    "ticks_missed",
    "tick_p50_ms",
    "tick_p99_ms",
    "replicate_p99_ms",
    "lateness_p99_ms",
    "snapshots_client_s_mean",
    "snapshots_client_s_min",
    "snapshot_age_p50_ms",
    "snapshot_age_p99_ms",
    "snapshot_loss",
    "bytes_down_client_s",
    "bytes_down_client_peak_s",
    "bytes_up_client_s",
    "server_cpu_cores",
    "server_rss_bytes",
    "soldiers",
    "generator_late_p99_ms",
    "verdict",
    // Beyond the table, what the rest of the report is made of.
    "series",
    "tails",
];
const SHORT: i32 = 1;
const USAGE: i32 = 2;
const NO_LINK: i32 = 3;
const LATE: i32 = 4;
/// Beyond this the generator's own lateness is the verdict, whatever else was seen.
const GENERATOR_LATE_MS: f64 = 25.0;

fn swarm(args: &[&str]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_gamera-loadtest"));
    let server = program.with_file_name("gamera-server");
    assert!(server.exists(), "build the whole workspace first, the server with it: cargo test --workspace");
    Command::new(program).arg("swarm").args(args).stdin(Stdio::null()).output().unwrap()
}

/// What a run has printed, and its exit code.
struct Report {
    json: Value,
    code: i32,
}

impl Report {
    fn of(args: &[&str]) -> Report {
        let output = swarm(&[args, &["--quiet", "--json", "-"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}; {said}"));
        Report { json, code: output.status.code().unwrap() }
    }

    fn number(&self, name: &str) -> f64 {
        self.json[name].as_f64().unwrap_or_else(|| panic!("{name} is no number: {}", self.json[name]))
    }

    fn holds(&self, name: &str, range: std::ops::RangeInclusive<f64>) {
        assert!(range.contains(&self.number(name)), "{name} {} is not within {range:?}", self.number(name));
    }

    fn rises(&self, names: &[&str]) {
        let values: Vec<f64> = names.iter().map(|name| self.number(name)).collect();
        assert!(values.is_sorted(), "{names:?} {values:?}");
    }

    /// A generator that was late, as it may be on a busy machine, says so and nothing else.
    fn ended(&self, code: i32, verdict: &str) {
        let said = self.json["verdict"].as_str().unwrap();
        if self.number("generator_late_p99_ms") > GENERATOR_LATE_MS {
            assert!(self.code == LATE && said.contains("the generator was"), "{} {said}", self.code);
        } else {
            assert!(self.code == code && said.contains(verdict), "{} {said}", self.code);
        }
    }
}

#[test]
fn a_run_tells_all_that_is_promised_and_passes_where_its_thresholds_hold() {
    let report = Report::of(&[
        "--bots",
        "6",
        "--duration",
        "3",
        "--shadow",
        "tank",
        "--threshold",
        "joined>=6",
        "--threshold",
        "failed<=0",
        "--threshold",
        "snapshot_loss<=100%",
    ]);
    for name in PROMISED {
        assert!(!report.json[name].is_null(), "{name} is missing");
    }
    assert_eq!((report.number("bots"), report.number("joined"), report.number("failed")), (6.0, 6.0, 0.0));
    report.ended(0, "ok");
    report.holds("seconds", 3.0..=600.0);
    report.holds("ticks", 1.0..=600.0 * 31.0);
    report.holds("hz", 0.1..=31.0);
    report.rises(&["tick_p50_ms", "tick_p99_ms"]);
    report.rises(&["snapshot_age_p50_ms", "snapshot_age_p99_ms"]);
    report.rises(&["snapshots_client_s_min", "snapshots_client_s_mean"]);
    report.rises(&["bytes_up_client_s", "bytes_down_client_s"]);
    report.holds("snapshots_client_s_mean", 0.1..=31.0);
    report.holds("snapshot_loss", 0.0..=100.0);
    report.holds("server_cpu_cores", 0.001..=1_024.0);
    report.holds("server_rss_bytes", 1e6..=1e10);
    report.holds("soldiers", 1.0..=10_000.0);
    let thresholds = report.json["thresholds"].as_array().unwrap();
    assert!(thresholds.len() == 3 && thresholds.iter().all(|t| t["held"] == true), "{thresholds:?}");
    check_series(&report);
    check_shadow(&report);
}

fn check_series(report: &Report) {
    let series = report.json["series"].as_array().unwrap();
    let measured = series.iter().filter(|second| second["is_measured"] == true).count();
    assert!(measured >= 2 && measured < series.len(), "{measured} of {}", series.len());
    assert!(series.iter().rev().find(|s| s["is_measured"] == true).is_some_and(|s| s["players"] == 6), "{series:?}");
    for name in ["tick_ms", "replicate_ms", "lateness_ms", "snapshot_age_ms", "generator_late_ms"] {
        let tail = report.json["tails"][name].as_array().unwrap();
        let values: Vec<f64> = tail.iter().map(|pair| pair[1].as_f64().unwrap()).collect();
        assert!(values.len() > 5 && values.is_sorted(), "{name} {values:?}");
    }
}

/// The one that was looked at: the server's pictures came, and the two views are of one battle.
fn check_shadow(report: &Report) {
    assert_eq!((&report.json["shadow_role"], &report.json["shadow_lost"]), (&Value::from("tank"), &Value::Null));
    report.holds("shadow_pictures_s", 0.1..=31.0);
    report.holds("shadow_snapshots_s", 0.1..=31.0);
    report.holds("shadow_seen_mean", 1.0..=20_000.0);
    report.rises(&["shadow_age_p50_ms", "shadow_age_p99_ms"]);
    for of in ["shadow_own_error", "shadow_others_error"] {
        report.rises(&[&format!("{of}_mean_m"), &format!("{of}_max_m")]);
        report.rises(&[&format!("{of}_p99_m"), &format!("{of}_max_m")]);
    }
    report.rises(&["shadow_missing_mean", "shadow_missing_max"]);
    report.rises(&["shadow_missing_mean", "shadow_seen_mean"]);
    report.rises(&["shadow_bytes_up_s", "shadow_bytes_down_s"]);
}

#[test]
fn a_threshold_that_cannot_hold_fails_the_run_and_is_named() {
    let report =
        Report::of(&["--bots", "3", "--duration", "1", "--threshold", "joined>=4", "--threshold", "failed<=0"]);
    report.ended(SHORT, "joined 3.000 is not >= 4");
    let held: Vec<&Value> = report.json["thresholds"].as_array().unwrap().iter().map(|t| &t["held"]).collect();
    assert_eq!(held, [&Value::Bool(false), &Value::Bool(true)]);
    assert_eq!(report.json.get("shadow_seat"), None, "nobody was looked at");
}

#[test]
fn where_nobody_answers_the_code_says_so() {
    // A socket that is bound and never read: whoever asks there is not answered, and nobody else is.
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let line = format!("gamera://{}", silent.local_addr().unwrap());
    let output = swarm(&["--server", &line, "--bots", "2", "--duration", "1", "--quiet"]);
    assert_eq!(output.status.code(), Some(NO_LINK));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nobody of 2 could join"));
}

#[test]
fn who_is_to_be_looked_at_and_cannot_join_is_told_of_as_well() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let line = format!("gamera://{}", silent.local_addr().unwrap());
    let output =
        swarm(&["--server", &line, "--bots", "2", "--shadow", "3", "--admin", "/nowhere/admin.sock", "--quiet"]);
    assert_eq!(output.status.code(), Some(NO_LINK));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the player to be looked at could not join"));
}

#[test]
fn bad_usage_is_told_before_anything_is_started() {
    let cases: [(&[&str], &str); 7] = [
        (&["--bots", "0"], "send at least one"),
        (&["--threshold", "luck<1"], "the figures are joined"),
        (&["--threshold", "tick_p99_ms<10kB"], "not given in \"kB\""),
        (&["--shadow", "king"], "a seat's number, or one of"),
        (&["--shadow", "3", "--server", "gamera://127.0.0.1:1"], "--admin PATH"),
        (&["--stage", "200"], "PLAYERS@SECONDS"),
        (&["--baseline", "/nowhere/run.json"], "cannot read the baseline"),
    ];
    for (args, part) in cases {
        let output = swarm(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(USAGE) && said.contains(part), "{args:?}: {said}");
    }
}
