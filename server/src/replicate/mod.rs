//! What each seat may see, and its bytes: interest, ids, bases, budgets, datagrams. The format of
//! the datagrams is [`gamera_protocol::snapshot`]'s; sockets are the net layer's.
//!
//! Once a tick [`Replicator::publish`] takes each faction's sightings, which the fog has filtered
//! already, and files them by group of the ground. Nothing that is not in them can reach a byte.
//! Then [`Replicator::encode`] is called for each client: it walks the groups that changed in the
//! client's window, and puts sections into its stream that are worked out once for all who hold the same
//! base. Of a group that the rim of its reach crosses it is told a part, which is picked from the same
//! shares. So the work grows with what is seen.
//!
//! When a client's budget is short, what is far is told less often, then what is near; what is most
//! urgent goes first, and urgency grows with waiting, so nothing starves.
//!
//! Invariant: it reads the battle and never changes it.

mod arrivals;
mod budget;
mod client;
mod cut;
mod encode;
mod group_set;
mod history;
mod interest;
mod net_ids;
mod picture;
mod policy;
mod rough;
mod sections;
#[cfg(test)]
mod tests;

pub use budget::BUDGET_BYTES_S;
pub use client::{ClientFigures, ClientReplica};
pub use interest::REACH_M;
pub use policy::{Acknowledged, BasePolicy, Chain, Full, HeldGroup, Known, Start};

use gamera_protocol::ids::Viewer;
use gamera_protocol::measure::{Tick, ticks};
use gamera_protocol::view::{OwnView, TeamView, Thing, Things};

use crate::sim::{Battle, Sighting};
use encode::Scratch;
use picture::{Picture, THINGS_TICKS};

/// A viewer without a client for this long is not prepared for clients any more.
const IDLE_TICKS: u32 = ticks(3);

/// One match's replication: a picture for each viewer.
pub struct Replicator {
    views: Vec<View>,
    scratch: Scratch,
}

struct View {
    picture: Picture,
    /// The last tick in which a client was served, if any.
    served: Option<Tick>,
    /// The last tick whose groups were published.
    grouped: Option<Tick>,
}

impl View {
    fn is_served(&self, tick: Tick) -> bool {
        self.served.is_some_and(|served| tick.since(served) <= IDLE_TICKS)
    }
}

impl Default for Replicator {
    fn default() -> Replicator {
        Replicator::new()
    }
}

impl Replicator {
    /// For a match in which nothing has been published yet.
    #[must_use]
    pub fn new() -> Replicator {
        let view = |viewer: &Viewer| View { picture: Picture::new(*viewer), served: None, grouped: None };
        Replicator { views: Viewer::ALL.iter().map(view).collect(), scratch: Scratch::default() }
    }

    /// Takes the battle's state of this tick. Once a tick, before [`Self::encode`].
    pub fn publish(&mut self, battle: &Battle) {
        self.publish_for(battle, |_| true);
    }

    /// The same where only clients of some viewers are told in this tick: what the others see is taken
    /// as often as bots look, and when one of their clients is told all the same.
    pub fn publish_for(&mut self, battle: &Battle, is_told: impl Fn(Viewer) -> bool) {
        let tick = battle.tick();
        for viewer in Viewer::ALL {
            let is_due = tick.is_every(THINGS_TICKS, viewer.index() as u32);
            if is_due || is_told(*viewer) {
                self.publish_seen(tick, *viewer, |out| battle.sightings(*viewer, out));
            }
            let picture = &mut self.views[viewer.index()].picture;
            if picture.team.is_none() || is_due {
                picture.publish_team(battle.team_view(*viewer));
            }
        }
    }

    /// Takes what one viewer sees in `tick`: at the rate of its clients where it has some, else at
    /// the rate at which bots look. A battle's are taken by [`Self::publish`].
    pub fn publish_seen(&mut self, tick: Tick, viewer: Viewer, see: impl FnOnce(&mut Vec<Sighting>)) {
        let view = &mut self.views[viewer.index()];
        let groups = view.is_served(tick);
        if groups || tick.is_every(THINGS_TICKS, viewer.index() as u32) {
            view.picture.publish(tick, groups, see);
            view.grouped = if groups { Some(tick) } else { view.grouped };
        }
    }

    /// What a viewer sees as an indexed list: bots think with it. Renewed at 5 Hz.
    #[must_use]
    pub fn things(&self, viewer: Viewer) -> &Things {
        self.views[viewer.index()].picture.things()
    }

    /// The same in the ticks in which it is renewed; `None` in the others.
    #[must_use]
    pub fn renewed_things(&self, tick: Tick, viewer: Viewer) -> Option<&Things> {
        tick.is_every(THINGS_TICKS, viewer.index() as u32).then(|| self.things(viewer))
    }

    /// All that a viewer sees in `tick`, as the battle has it, by the ids that the viewer's clients know;
    /// `None` where it was not taken in that tick.
    #[must_use]
    pub fn seen(&self, tick: Tick, viewer: Viewer) -> Option<impl Iterator<Item = Thing> + '_> {
        let picture = &self.views[viewer.index()].picture;
        (picture.tick == tick).then(|| picture.seen())
    }

    /// What a viewer's faction knows of the match. Renewed at 5 Hz.
    ///
    /// # Panics
    /// Before the first [`Self::publish`].
    #[must_use]
    pub fn team(&self, viewer: Viewer) -> &TeamView {
        self.views[viewer.index()].picture.team.as_ref().expect("a battle is published before anybody looks")
    }

    /// Hands this tick's datagrams for one client to `send`, each at most 1,100 bytes and readable alone.
    pub fn encode(&mut self, client: &mut ClientReplica, battle: &Battle, send: impl FnMut(&[u8])) {
        let own = client.seat.map(|seat| battle.own_view(seat));
        let viewer = client.viewer;
        self.encode_seen(client, battle.tick(), own.as_ref(), |seen| battle.sightings(viewer, seen), send);
    }

    /// The same for what is not a [`Battle`]: `see` appends what the client's viewer sees in `tick`, and
    /// is called where that was not published.
    pub fn encode_seen(
        &mut self,
        client: &mut ClientReplica,
        tick: Tick,
        own: Option<&OwnView>,
        see: impl FnOnce(&mut Vec<Sighting>),
        send: impl FnMut(&[u8]),
    ) {
        let view = &mut self.views[client.viewer.index()];
        view.served = Some(tick);
        if view.grouped != Some(tick) {
            view.picture.publish(tick, true, see);
            view.grouped = Some(tick);
        }
        encode::encode(&mut view.picture, client, own, &mut self.scratch, send);
    }
}
