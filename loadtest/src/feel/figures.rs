//! What is reported of how it felt.

use serde::Serialize;

use crate::Exit;
use crate::report::Judged;
use crate::threshold::{Figured, Key, Threshold, least, most};

use super::pilot::Marks;
use super::play::Plan;
use crate::stats::percentile;

/// How it felt, all players together.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Figures {
    pub(super) profile: String,
    pub(super) players: usize,
    pub(super) seconds: f64,
    pub(super) seed: u64,
    /// From the key to the first frame whose own unit shows it.
    pub(super) input_to_screen_p50_ms: f64,
    pub(super) input_to_screen_p99_ms: f64,
    /// Keys that the very next frame answered, percent.
    pub(super) answered_next_frame: f64,
    /// By how much a word of the server corrected the own unit, over all words.
    pub(super) correction_p50_m: f64,
    pub(super) correction_p99_m: f64,
    pub(super) correction_max_m: f64,
    /// Corrections that were told to the player.
    pub(super) corrections_told: usize,
    /// How far others within 256 m were drawn from where the server had them at the time drawn; and the rest.
    pub(super) interpolation_error_p50_m: f64,
    pub(super) interpolation_error_p99_m: f64,
    /// The same within 64 m.
    pub(super) interpolation_error_close_p99_m: f64,
    pub(super) interpolation_error_far_p99_m: f64,
    /// Share of the others within 256 m that were drawn, percent.
    pub(super) shown_near: f64,
    /// How far others are drawn behind the newest snapshot.
    pub(super) interpolation_delay_p50_ms: f64,
    /// Age of the newest snapshot when a frame is drawn, from its tick on: the way is in it.
    pub(super) snapshot_age_p50_ms: f64,
    pub(super) snapshot_age_p99_ms: f64,
    pub(super) snapshots_client_s: f64,
    pub(super) rtt_p50_ms: f64,
    pub(super) rtt_p99_ms: f64,
    /// What UDP carried, QUIC's bytes with the game's; the peak is the worst second of any player.
    pub(super) bytes_down_client_s: f64,
    pub(super) bytes_down_client_peak_s: f64,
    pub(super) bytes_up_client_s: f64,
    /// True where every player is still in the session that it began with.
    pub(super) resumed: bool,
    pub(super) thresholds: Vec<Judged>,
    pub(super) verdict: String,
    #[serde(skip)]
    pub(super) exit: Exit,
}

static KEYS: [Key<Figures>; 22] = [
    most("input_to_screen_p50_ms", |f| Some(f.input_to_screen_p50_ms)),
    most("input_to_screen_p99_ms", |f| Some(f.input_to_screen_p99_ms)),
    least("answered_next_frame", |f| Some(f.answered_next_frame)),
    most("correction_p50_m", |f| Some(f.correction_p50_m)),
    most("correction_p99_m", |f| Some(f.correction_p99_m)),
    most("correction_max_m", |f| Some(f.correction_max_m)),
    most("corrections_told", |f| Some(f.corrections_told as f64)),
    most("interpolation_error_p50_m", |f| Some(f.interpolation_error_p50_m)),
    most("interpolation_error_p99_m", |f| Some(f.interpolation_error_p99_m)),
    most("interpolation_error_close_p99_m", |f| Some(f.interpolation_error_close_p99_m)),
    most("interpolation_error_far_p99_m", |f| Some(f.interpolation_error_far_p99_m)),
    least("shown_near", |f| Some(f.shown_near)),
    most("interpolation_delay_p50_ms", |f| Some(f.interpolation_delay_p50_ms)),
    most("snapshot_age_p50_ms", |f| Some(f.snapshot_age_p50_ms)),
    most("snapshot_age_p99_ms", |f| Some(f.snapshot_age_p99_ms)),
    least("snapshots_client_s", |f| Some(f.snapshots_client_s)),
    most("rtt_p50_ms", |f| Some(f.rtt_p50_ms)),
    most("rtt_p99_ms", |f| Some(f.rtt_p99_ms)),
    most("bytes_down_client_s", |f| Some(f.bytes_down_client_s)),
    most("bytes_down_client_peak_s", |f| Some(f.bytes_down_client_peak_s)),
    most("bytes_up_client_s", |f| Some(f.bytes_up_client_s)),
    least("resumed", |f| Some(f64::from(u8::from(f.resumed)))),
];

impl Figured for Figures {
    fn keys() -> &'static [Key<Figures>] {
        &KEYS
    }
}

impl Figures {
    /// The figures of what was measured, which is at least one player.
    pub(super) fn of(profile: String, plan: &Plan, marks: &[Marks]) -> Figures {
        let seconds = plan.time.as_secs_f64();
        let all = |of: fn(&Marks) -> &Vec<f64>| {
            let mut values: Vec<f64> = marks.iter().flat_map(|m| of(m).iter().copied()).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let each_s = |of: fn(&Marks) -> u64| marks.iter().map(of).sum::<u64>() as f64 / seconds / marks.len() as f64;
        let (answers, corrections) = (all(|m| &m.answers_ms), all(|m| &m.corrections_m));
        let (ages, rtts) = (all(|m| &m.ages_ms), all(|m| &m.rtts_ms));
        let sum = |of: fn(&Marks) -> usize| marks.iter().map(of).sum::<usize>();
        let (near, next_frame) = (all(|m| &m.near_m), sum(|m| m.next_frame));
        Figures {
            profile,
            players: marks.len(),
            seconds,
            seed: plan.seed,
            input_to_screen_p50_ms: percentile(&answers, 50),
            input_to_screen_p99_ms: percentile(&answers, 99),
            answered_next_frame: next_frame as f64 * 100.0 / answers.len().max(1) as f64,
            correction_p50_m: percentile(&corrections, 50),
            correction_p99_m: percentile(&corrections, 99),
            correction_max_m: percentile(&corrections, 100),
            corrections_told: marks.iter().map(|m| m.told).sum(),
            interpolation_error_p50_m: percentile(&near, 50),
            interpolation_error_p99_m: percentile(&near, 99),
            interpolation_error_close_p99_m: percentile(&all(|m| &m.close_m), 99),
            shown_near: sum(|m| m.near_shown) as f64 * 100.0 / sum(|m| m.near).max(1) as f64,
            interpolation_error_far_p99_m: percentile(&all(|m| &m.far_m), 99),
            interpolation_delay_p50_ms: percentile(&all(|m| &m.delays_ms), 50),
            snapshot_age_p50_ms: percentile(&ages, 50),
            snapshot_age_p99_ms: percentile(&ages, 99),
            snapshots_client_s: each_s(|m| m.snapshots),
            rtt_p50_ms: percentile(&rtts, 50),
            rtt_p99_ms: percentile(&rtts, 99),
            bytes_down_client_s: each_s(|m| m.bytes_down),
            bytes_down_client_peak_s: marks.iter().map(|m| m.peak_down_s).max().unwrap_or(0) as f64,
            bytes_up_client_s: each_s(|m| m.bytes_up),
            resumed: marks.iter().all(|m| m.rejoins == 0),
            thresholds: Vec::new(),
            verdict: String::new(),
            exit: Exit::Ok,
        }
    }

    /// The same, held to bounds.
    pub(super) fn judged(mut self, thresholds: &[Threshold]) -> Figures {
        let short: Vec<String> = thresholds.iter().filter_map(|t| t.shortfall(&self)).collect();
        self.thresholds = thresholds.iter().map(|t| t.judged(&self)).collect();
        self.exit = if short.is_empty() { Exit::Ok } else { Exit::Short };
        self.verdict = if short.is_empty() { "ok".to_owned() } else { short.join("; ") };
        self
    }

    /// The same for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let rejoined = if self.resumed { "nobody had to join anew" } else { "a session broke" };
        vec![
            format!("line            {}, {} players, {:.0} s", self.profile, self.players, self.seconds),
            format!(
                "input to screen {:.0} / {:.0} ms (p50, p99), {:.1} % in the next frame",
                self.input_to_screen_p50_ms, self.input_to_screen_p99_ms, self.answered_next_frame
            ),
            format!(
                "corrections     {:.2} / {:.2} m (p50, p99), {:.1} at most, {} told",
                self.correction_p50_m, self.correction_p99_m, self.correction_max_m, self.corrections_told
            ),
            format!(
                "others          {:.2} m off within 64 m, {:.2} within 256 m, {:.2} beyond (p99), {:.0} ms behind",
                self.interpolation_error_close_p99_m,
                self.interpolation_error_p99_m,
                self.interpolation_error_far_p99_m,
                self.interpolation_delay_p50_ms
            ),
            format!(
                "shown           {:.1} % of those within 256 m, {:.2} m off (p50)",
                self.shown_near, self.interpolation_error_p50_m
            ),
            format!(
                "snapshots       {:.1} a second, {:.0} / {:.0} ms old (p50, p99)",
                self.snapshots_client_s, self.snapshot_age_p50_ms, self.snapshot_age_p99_ms
            ),
            format!("round trip      {:.0} / {:.0} ms (p50, p99)", self.rtt_p50_ms, self.rtt_p99_ms),
            format!(
                "bytes           {:.0} down ({:.0} at most), {:.0} up a second",
                self.bytes_down_client_s, self.bytes_down_client_peak_s, self.bytes_up_client_s
            ),
            format!("session         {rejoined}"),
            format!("verdict         {}", self.verdict),
        ]
    }
}
