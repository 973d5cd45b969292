//! The SDF: research, evacuation, the lure, and the order to fire.

use gamera_protocol::measure::Tick;

use super::fixed::Micro;

/// What the SDF owns.
#[derive(Clone, Debug, Default)]
pub(in crate::sim) struct Sdf {
    pub(in crate::sim) research: Micro,
    /// Charge of the lure, 0..=60.
    pub(in crate::sim) lure_charge: Micro,
    pub(in crate::sim) lure_until: Tick,
    /// Share of the effort on evacuation, percent.
    pub(in crate::sim) evacuation_pct: i32,
    /// The district that it looks to first.
    pub(in crate::sim) district: usize,
    pub(in crate::sim) weapons_free: bool,
    /// A sonar patrol is out until then.
    pub(in crate::sim) patrol_until: Tick,
    /// A conference helps research until then.
    pub(in crate::sim) confer_until: Tick,
    /// The launch's timer and the oxygen are known.
    pub(in crate::sim) theory: bool,
}
