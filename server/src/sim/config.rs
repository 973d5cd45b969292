//! What a match is made from.

use gamera_protocol::balance::Balance;
use gamera_protocol::ids::City;

/// How long a match is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Three cities, 12 to 14 minutes.
    Campaign,
    /// One city, 4 to 6 minutes.
    Quick {
        /// Which one.
        city: City,
    },
}

/// Where a match starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scene {
    /// At its beginning.
    #[default]
    Opening,
    /// In the thick of it, and it stays there: the swarm at its cap, Gamera mobbed and duelling the
    /// queen, the flower at oxygen 60, losses replaced. For load tests.
    Clash,
}

/// Everything that a battle is made from: the same configuration and inputs give the same battle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MatchConfig {
    /// Campaign or one city.
    pub mode: Mode,
    /// Where it starts.
    pub scene: Scene,
    /// Seats in all; see [`gamera_protocol::roster::Roster`].
    pub seats: u16,
    /// Seeds every generator of the battle.
    pub seed: u64,
    /// The numbers in force.
    pub balance: Balance,
}
