//! What is reported of the one who was looked at.

use std::time::Duration;

use gamera_client::session::SessionFigures;
use gamera_protocol::ids::SeatId;
use serde::Serialize;

use super::marks::Marks;
use super::pilot::Pilot;

/// What the client's view and the server's differed by in the measured stretch; null where there was nothing to
/// compare. "Near" is within 256 m of the own unit.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ShadowFigures {
    shadow_seat: u16,
    shadow_role: String,
    /// Its age is counted from the tick that was stepped.
    pub(in crate::swarm) shadow_age_p50_ms: Option<f64>,
    pub(in crate::swarm) shadow_age_p99_ms: Option<f64>,
    /// The own unit: where it was predicted, against where the server had it in that tick.
    pub(in crate::swarm) shadow_own_error_mean_m: Option<f64>,
    pub(in crate::swarm) shadow_own_error_p99_m: Option<f64>,
    pub(in crate::swarm) shadow_own_error_max_m: Option<f64>,
    /// Others near: where they were drawn, against where the server had them at the time that was drawn.
    pub(in crate::swarm) shadow_others_error_mean_m: Option<f64>,
    pub(in crate::swarm) shadow_others_error_p99_m: Option<f64>,
    pub(in crate::swarm) shadow_others_error_max_m: Option<f64>,
    /// The same of those farther off.
    pub(in crate::swarm) shadow_far_error_p99_m: Option<f64>,
    /// Others near: where they were drawn, against where the server had them by then.
    pub(in crate::swarm) shadow_apart_mean_m: Option<f64>,
    pub(in crate::swarm) shadow_apart_p99_m: Option<f64>,
    /// Near things of the server's picture of a snapshot's tick, what of them the client had not, and what it had
    /// that the server had not.
    pub(in crate::swarm) shadow_seen_mean: Option<f64>,
    pub(in crate::swarm) shadow_missing_mean: Option<f64>,
    pub(in crate::swarm) shadow_missing_max: Option<f64>,
    pub(in crate::swarm) shadow_ghosts_mean: Option<f64>,
    pub(in crate::swarm) shadow_ghosts_max: Option<f64>,
    pub(in crate::swarm) shadow_snapshots_s: f64,
    pub(in crate::swarm) shadow_bytes_down_s: f64,
    pub(in crate::swarm) shadow_bytes_up_s: f64,
    /// Pictures of the server that all this was held against.
    pub(in crate::swarm) shadow_pictures_s: f64,
    /// Why it was sent away, where it was.
    pub(in crate::swarm) shadow_lost: Option<String>,
}

impl ShadowFigures {
    /// The figures of a `span`, before which the link had carried `before`.
    pub(super) fn of(
        seat: SeatId,
        pilot: &Pilot,
        marks: &Marks,
        span: Duration,
        before: SessionFigures,
    ) -> ShadowFigures {
        let now = pilot.figures();
        let a_second = |sum: u64| if span.is_zero() { 0.0 } else { sum as f64 / span.as_secs_f64() };
        ShadowFigures {
            shadow_seat: seat.0,
            shadow_role: pilot.model.seat_role().map(|role| role.label().to_owned()).unwrap_or_default(),
            shadow_age_p50_ms: marks.age_ms(0.5),
            shadow_age_p99_ms: marks.age_ms(0.99),
            shadow_own_error_mean_m: marks.own.mean(),
            shadow_own_error_p99_m: marks.own.quantile(0.99),
            shadow_own_error_max_m: marks.own.max(),
            shadow_others_error_mean_m: marks.near.mean(),
            shadow_others_error_p99_m: marks.near.quantile(0.99),
            shadow_others_error_max_m: marks.near.max(),
            shadow_far_error_p99_m: marks.far.quantile(0.99),
            shadow_apart_mean_m: marks.apart.mean(),
            shadow_apart_p99_m: marks.apart.quantile(0.99),
            shadow_seen_mean: marks.seen.mean(),
            shadow_missing_mean: marks.missing.mean(),
            shadow_missing_max: marks.missing.max(),
            shadow_ghosts_mean: marks.ghosts.mean(),
            shadow_ghosts_max: marks.ghosts.max(),
            shadow_snapshots_s: a_second(now.snapshots.saturating_sub(before.snapshots)),
            shadow_bytes_down_s: a_second(now.bytes_down.saturating_sub(before.bytes_down)),
            shadow_bytes_up_s: a_second(now.bytes_up.saturating_sub(before.bytes_up)),
            shadow_pictures_s: a_second(marks.pictures),
            shadow_lost: pilot.lost(),
        }
    }

    /// Whom it is of, for people.
    pub(in crate::swarm) fn title(&self) -> String {
        format!("shadowed: seat {}, {}", self.shadow_seat, self.shadow_role)
    }
}
