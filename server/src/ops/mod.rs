//! What an operator sees: figures, logs, the process itself, the administrator's socket.

pub mod admin;
pub mod buckets;
pub mod meters;
pub mod process;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};

/// What makes the metrics page: durations as histograms of our own bounds.
///
/// # Errors
/// When there are no bounds, which there are.
pub fn exporter() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_ms".to_owned()), &buckets::durations_ms())
}
