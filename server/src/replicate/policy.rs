//! What a section starts from: the choice that decides how many bits an update costs and what a
//! lost datagram does.

use gamera_protocol::snapshot::Version;

/// What the server knows of one group at one client.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HeldGroup {
    /// The last version sent and not known to be lost.
    pub sent: Version,
    /// The last version known to have arrived.
    pub acked: Version,
}

/// Where to start from, or that it is better to wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// From this version; [`Version::NONE`] sends the whole group.
    From(Version),
    /// Not now.
    Wait,
}

/// Chooses the base of each section.
pub trait BasePolicy: Send + Sync {
    /// The base for a group that the client holds so.
    fn start(&self, held: &HeldGroup) -> Start;
}

/// From the last version sent, in the hope that it arrived. The base is as young as can be, and the
/// same for all clients near; what follows a lost datagram is repaired.
#[derive(Clone, Copy, Debug)]
pub struct Chain;

/// From the last version acknowledged, and nothing while one is on its way: never a repair, and
/// never faster than a round trip.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledged;

/// From nothing: each section stands alone.
#[derive(Clone, Copy, Debug)]
pub struct Full;

impl BasePolicy for Chain {
    fn start(&self, held: &HeldGroup) -> Start {
        Start::From(held.sent)
    }
}

impl BasePolicy for Acknowledged {
    fn start(&self, held: &HeldGroup) -> Start {
        if held.sent == held.acked { Start::From(held.acked) } else { Start::Wait }
    }
}

impl BasePolicy for Full {
    fn start(&self, _: &HeldGroup) -> Start {
        Start::From(Version::NONE)
    }
}
