//! Gamera's side: her state, her people, mana.

use gamera_protocol::measure::{Pos, Tick};
use gamera_protocol::view::GameraState;

use super::fixed::Micro;
use super::unit::UnitId;

/// What Gamera's side owns.
#[derive(Clone, Debug)]
pub(in crate::sim) struct GameraSide {
    /// Her body; it exists from the first tick on and is present while she is there.
    pub(in crate::sim) unit: UnitId,
    pub(in crate::sim) state: GameraState,
    /// When the present state may end: down, coma, retreat.
    pub(in crate::sim) until: Tick,
    /// Where she means to come out of the sea.
    pub(in crate::sim) landfall: Pos,
    pub(in crate::sim) mana: Micro,
    pub(in crate::sim) jewel: bool,
    pub(in crate::sim) bonded: bool,
    /// She has been knocked out once: the second time is death.
    pub(in crate::sim) knocked_out: bool,
    /// Wariness of mankind, 0..=100.
    pub(in crate::sim) wariness: Micro,
    pub(in crate::sim) plasma_spent: bool,
}
