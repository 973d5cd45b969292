//! The film's inputs, tick by tick: all that is needed to play it again, or up to a turn.

use gamera_protocol::input::TickInputs;
use gamera_protocol::measure::Tick;

use super::set::Set;
use crate::sim::MatchConfig;

/// A match as its inputs.
pub(super) struct Reel {
    config: MatchConfig,
    inputs: Vec<TickInputs>,
}

impl Reel {
    pub(super) fn new(config: MatchConfig) -> Reel {
        Reel { config, inputs: Vec::new() }
    }

    pub(super) fn push(&mut self, inputs: TickInputs) {
        self.inputs.push(inputs);
    }

    /// The battle as it was before the step of `until`.
    pub(super) fn replay(&self, until: Tick) -> Set {
        let mut set = Set::new(&self.config);
        for inputs in self.inputs.iter().take(until.0 as usize) {
            set.step(inputs);
        }
        set
    }
}
