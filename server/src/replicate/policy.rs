//! What a section starts from: the choice that decides how many bits an update costs and what a
//! lost datagram does.

use std::collections::VecDeque;

use gamera_protocol::snapshot::Version;
use gamera_protocol::snapshot::group::GroupId;

use crate::replicate::client::Sent;

/// What the server knows of one group at one client.
#[derive(Clone, Copy, Debug)]
pub struct HeldGroup<'a> {
    /// The last version sent and not known to be lost.
    pub sent: Version,
    /// The newest version that is known to have arrived, and that the client still holds; [`Self::sent`] where all
    /// have arrived, or none is known. Only for a policy that [`BasePolicy::asks_what_is_known`].
    pub known: Version,
    pub(super) group: GroupId,
    pub(super) on_their_way: &'a VecDeque<Sent>,
}

impl HeldGroup<'_> {
    /// True where the version sent is known to have arrived.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        !self.on_their_way.iter().any(|sent| sent.group == self.group && !sent.is_void)
    }
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
    fn start(&self, held: &HeldGroup<'_>) -> Start;

    /// True where [`HeldGroup::known`] is to be found out, which takes time.
    fn asks_what_is_known(&self) -> bool {
        false
    }
}

/// From the last version sent, in the hope that it arrived. The base is as young as can be, and the
/// same for all clients near; what follows a lost datagram is repaired.
#[derive(Clone, Copy, Debug)]
pub struct Chain;

/// From the newest version that is known to have arrived, in every tick: a lost datagram costs only what it told. The
/// base is older by a round trip, so an update costs half as much again, and few share a base.
#[derive(Clone, Copy, Debug)]
pub struct Known;

/// From the last version acknowledged, and nothing while one is on its way: never a repair, and
/// never faster than a round trip.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledged;

/// From nothing: each section stands alone.
#[derive(Clone, Copy, Debug)]
pub struct Full;

impl BasePolicy for Chain {
    fn start(&self, held: &HeldGroup<'_>) -> Start {
        Start::From(held.sent)
    }
}

impl BasePolicy for Known {
    fn start(&self, held: &HeldGroup<'_>) -> Start {
        Start::From(held.known)
    }

    fn asks_what_is_known(&self) -> bool {
        true
    }
}

impl BasePolicy for Acknowledged {
    fn start(&self, held: &HeldGroup<'_>) -> Start {
        if held.is_acknowledged() { Start::From(held.sent) } else { Start::Wait }
    }
}

impl BasePolicy for Full {
    fn start(&self, _: &HeldGroup<'_>) -> Start {
        Start::From(Version::NONE)
    }
}
