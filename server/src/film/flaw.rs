//! What can be wrong with a film.

use gamera_protocol::balance::Rule;

use super::beats::Beat;

/// One thing that is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Flaw {
    /// A scene ran out of time.
    #[error("{scene}: {beat} did not come")]
    Missing {
        /// Which scene.
        scene: &'static str,
        /// What it waited for.
        beat: Beat,
    },
    /// Something happened that must not, or the wrong side won.
    #[error("{0}")]
    Broken(&'static str),
    /// What the film shows beside its beats is not to be seen.
    #[error("not seen: {says}")]
    Unseen {
        /// The rule that it shows.
        rule: Rule,
        /// What it is.
        says: &'static str,
    },
    /// On a road not taken, what had to come did not.
    #[error("on the road not taken: {expected} did not come")]
    Road {
        /// The rule that the road shows.
        rule: Rule,
        /// What had to come.
        expected: Beat,
    },
    /// The same inputs led to another state.
    #[error("run again, the state hash was {again:016x}")]
    Hash {
        /// The other state.
        again: u64,
    },
}
