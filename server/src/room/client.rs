//! What a room keeps for each client: its link, what it has been told, its budget,
//! its limits.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gamera_protocol::codec;
use gamera_protocol::event::Event;
use gamera_protocol::ids::Viewer;
use gamera_protocol::message::{EVENT_PAGE, Place, ROSTER_PAGE, Refusal, RosterEntry, ToClient};

use crate::net::Link;
use crate::net::budget::{self, Budget, Told};
use crate::net::limits::Allowance;
use crate::ops::meters;
use crate::replicate::ClientReplica;

/// Lines of chat a second, and at once.
const CHAT_RATE: (u32, u32) = (1, 5);
/// Orders and wishes a second, and at once.
const ORDER_RATE: (u32, u32) = (5, 20);
/// Datagrams that cannot be read before a client is sent away.
const BAD_DATAGRAMS: u32 = 20;

/// One client of a room.
pub(super) struct Client {
    pub(super) link: Arc<dyn Link>,
    pub(super) viewer: Viewer,
    pub(super) epoch: u8,
    pub(super) replica: ClientReplica,
    budget: Budget,
    /// Its share of what the room sends over time, bytes a second.
    share: u32,
    /// What the link had carried when the client took its place.
    before: u64,
    chat: Allowance,
    orders: Allowance,
    bad_datagrams: u32,
}

impl Client {
    /// In a box: half of the places of a map's nodes are empty, and a client takes more than three kilobytes.
    pub(super) fn new(link: Arc<dyn Link>, place: Place) -> Box<Client> {
        Box::new(Client {
            link,
            viewer: place.viewer,
            epoch: place.epoch,
            replica: ClientReplica::new(place.viewer, place.seat),
            budget: Budget::default(),
            share: budget::share(1),
            before: 0,
            chat: Allowance::new(CHAT_RATE.0, CHAT_RATE.1),
            orders: Allowance::new(ORDER_RATE.0, ORDER_RATE.1),
            bad_datagrams: 0,
        })
    }

    /// Puts the client elsewhere: what it had been told is void.
    pub(super) fn place(&mut self, place: Place) {
        self.viewer = place.viewer;
        self.epoch = place.epoch;
        self.replica = ClientReplica::new(place.viewer, place.seat);
        self.replica.set_budget(self.budget.bytes_s());
        self.replica.set_share(self.share);
        self.before = self.link.figures().bytes;
    }

    /// Gives the client, one of `clients`, as much as its link bears now.
    pub(super) fn steer(&mut self, clients: usize) {
        let told = Told { bytes: self.replica.figures().bytes, is_held_back: self.replica.is_held_back() };
        let figures = self.link.figures();
        self.replica.set_budget(self.budget.steer(figures, told, clients));
        self.replica.set_loss(self.budget.loss_permille());
        self.share = budget::share(clients);
        self.replica.set_share(self.share);
        self.replica.charge_up_to(figures.bytes.saturating_sub(self.before));
    }

    pub(super) fn may_chat(&mut self, now: Instant) -> bool {
        self.chat.take(now)
    }

    pub(super) fn may_order(&mut self, now: Instant) -> bool {
        self.orders.take(now)
    }

    /// Counts a datagram that could not be read; too many end the link.
    pub(super) fn bad_datagram(&mut self) {
        self.bad_datagrams += 1;
        if self.bad_datagrams >= BAD_DATAGRAMS {
            self.link.close(Refusal::BadMessage);
        }
    }

    pub(super) fn tell(&self, message: &ToClient) {
        if let Some(frame) = frame(message) {
            self.link.send_control(frame);
        }
    }

    pub(super) fn deny(&self, why: Refusal) {
        meters::refused(&why);
        self.tell(&ToClient::Denied(why));
    }
}

/// The message as it crosses the wire. Every message that a room makes fits: the pages see to it.
pub(super) fn frame(message: &ToClient) -> Option<Bytes> {
    let frame = codec::frame(message);
    debug_assert!(frame.is_ok(), "a message of a room fits its frame");
    frame.ok().map(Bytes::from)
}

/// The roster entries as frames.
pub(super) fn roster_frames(entries: &[RosterEntry]) -> Vec<Bytes> {
    entries.chunks(ROSTER_PAGE).filter_map(|page| frame(&ToClient::Roster(page.to_vec()))).collect()
}

/// The events as frames.
pub(super) fn event_frames(events: &[Event]) -> Vec<Bytes> {
    events.chunks(EVENT_PAGE).filter_map(|page| frame(&ToClient::Events(page.to_vec()))).collect()
}
