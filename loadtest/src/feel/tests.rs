//! What must be reached, on a made-up time: the same figures on every machine, so they may be held to
//! bounds.

use gamera_link::conditioner::{Cut, Impairment};

use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn figures(rules: Impairment, players: usize, seconds: u64) -> Figures {
    let plan = Plan { rules, players, seats: 16, time: Duration::from_secs(seconds), seed: 1 };
    Figures::of("test".to_owned(), &plan, &play(&plan).unwrap())
}

/// Holds what a player feels to bounds: p99 of a snapshot's age, and how far others are drawn off at most.
fn holds(name: &str, figures: &Figures, age_ms: f64, off_m: f64) {
    assert!(figures.answered_next_frame >= 95.0, "{name}: keys are answered in the next frame: {figures:?}");
    assert!(figures.input_to_screen_p99_ms <= 75.0, "{name}: {figures:?}");
    assert!(figures.correction_p99_m < 1.0, "{name}: {figures:?}");
    assert!(figures.snapshot_age_p99_ms < age_ms, "{name}: {figures:?}");
    assert!(figures.interpolation_error_p99_m < off_m, "{name}: {figures:?}");
    assert!(figures.resumed, "{name}: {figures:?}");
}

#[test]
fn the_same_seed_feels_the_same() {
    let rules = "awful".parse::<gamera_link::conditioner::Profile>().unwrap().impairment();
    let once = figures(rules, 2, 5);
    assert_eq!(once, figures(rules, 2, 5));
    assert!(once.snapshots_client_s > 0.0 && once.bytes_down_client_s > 0.0, "{once:?}");
}

#[test]
fn a_bad_line_is_hardly_felt() {
    let rules = Impairment { latency: ms(100), jitter: ms(20), loss_pct: 5.0, ..Impairment::NONE };
    holds("100 ms, 20 ms jitter, 5 % loss", &figures(rules, 6, 20), 250.0, 4.0);
}

#[test]
fn an_awful_line_can_be_played_on() {
    let rules =
        Impairment { latency: ms(200), loss_pct: 20.0, reorder_pct: 5.0, duplicate_pct: 2.0, ..Impairment::NONE };
    let figures = figures(rules, 6, 20);
    holds("200 ms, 20 % loss, 5 % reordered, 2 % doubled", &figures, 350.0, 8.0);
    assert!(figures.snapshots_client_s > 15.0, "{figures:?}");
}

#[test]
fn a_cut_of_three_seconds_is_survived_in_the_same_session_and_what_it_cost_is_told() {
    let cut = Some(Cut { at: ms(15_000), lasts: ms(3_000) });
    let figures = figures(Impairment { latency: ms(100), cut, ..Impairment::NONE }, 6, 20);
    assert!(figures.resumed, "{figures:?}");
    // Some part of the measured time is the cut itself.
    assert!((2_000.0..3_500.0).contains(&figures.snapshot_age_p99_ms), "{figures:?}");
    assert!(figures.snapshot_age_p50_ms < 120.0 && figures.snapshots_client_s > 24.0, "{figures:?}");
    assert!(figures.correction_max_m > 8.0 && figures.corrections_told > 0, "{figures:?}");
}

#[test]
fn a_narrow_line_plays_without_a_queue_and_a_wide_one_is_used() {
    let narrow = figures(Impairment { rate_bits_s: Some(256_000), ..Impairment::NONE }, 6, 20);
    holds("256 kbit/s", &narrow, 150.0, 2.0);
    assert!(narrow.rtt_p99_ms < 100.0, "no queue stands before it: {narrow:?}");
    let slow = figures(Impairment { rate_bits_s: Some(96_000), ..Impairment::NONE }, 6, 20);
    assert!(slow.resumed && slow.snapshots_client_s > 20.0 && slow.rtt_p50_ms < 100.0, "{slow:?}");
    assert!(narrow.bytes_down_client_s > slow.bytes_down_client_s * 1.2, "{narrow:?} {slow:?}");
}
