//! One connection from its first packet to its end: handshake, hello, then its control stream and
//! datagrams into a room's mailbox. A state that is looked at when there is news, without waiting.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gamera_link::driver::{Peer, PeerId};
use gamera_link::framing::FrameError;
use gamera_link::key;
use gamera_protocol::codec;
use gamera_protocol::message::{DATAGRAM_MAX, Refusal, ToServer};

use super::outbox::{Outbox, PolledLink};
use crate::lobby;
use crate::net::connection::{CONTROL_QUEUE, CONTROL_RATE, DATAGRAM_RATE, PATIENCE};
use crate::net::limits::{Allowance, Counted};
use crate::net::{Arrival, Link, LinkId, Mailbox, Shared};
use crate::ops::meters::{self, BadInput};

/// Why a connection is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// It broke the rules, or there is no room for it: it is told.
    Refused(Refusal),
    /// It is gone.
    Gone,
}

/// How far it has come.
enum Stage {
    Handshaking,
    Greeting,
    Seated(Seat),
}

struct Seat {
    id: LinkId,
    mailbox: Mailbox,
    link: Arc<PolledLink>,
}

/// One connection.
pub(super) struct Guest {
    pub(super) peer: PeerId,
    stage: Stage,
    since: Instant,
    /// Counted among those of its address; `None` where there is no room for it.
    counted: Option<Counted>,
    control: Allowance,
    datagrams: Allowance,
    /// Messages that wait for the next snapshot, and the moment since which they do.
    held: Vec<Bytes>,
    held_since: Option<Instant>,
    /// It stands in the endpoint's list of those with messages to release.
    pub(super) is_listed: bool,
}

impl Guest {
    /// One who has sent a first packet.
    pub(super) fn new(peer: PeerId, counted: Option<Counted>, now: Instant) -> Guest {
        Guest {
            peer,
            stage: Stage::Handshaking,
            since: now,
            counted,
            control: Allowance::new(CONTROL_RATE.0, CONTROL_RATE.1),
            datagrams: Allowance::new(DATAGRAM_RATE.0, DATAGRAM_RATE.1),
            held: Vec::new(),
            held_since: None,
            is_listed: false,
        }
    }

    pub(super) fn is_handshaking(&self) -> bool {
        matches!(self.stage, Stage::Handshaking)
    }

    /// The link that a room has been given.
    pub(super) fn link(&self) -> Option<&PolledLink> {
        if let Stage::Seated(seat) = &self.stage { Some(&seat.link) } else { None }
    }

    /// Takes in what has come.
    pub(super) fn hear(
        &mut self,
        peer: &mut Peer,
        shared: &Shared,
        outbox: &Arc<Outbox>,
        now: Instant,
    ) -> Result<(), End> {
        if peer.lost().is_some() {
            return Err(End::Gone);
        }
        if self.is_handshaking() {
            if !peer.is_up() {
                return Ok(());
            }
            shared.meters.links.increment(1.0);
            self.stage = Stage::Greeting;
            self.since = now;
            if self.counted.is_none() {
                return Err(End::Refused(Refusal::Crowded));
            }
        }
        if let Stage::Greeting = self.stage {
            match self.greet(peer, shared, outbox)? {
                Some(seat) => self.stage = Stage::Seated(seat),
                None => return Ok(()),
            }
        }
        self.read(peer, shared, now)
    }

    /// Reads the hello and leads the guest to a room; `None` while it has not come.
    fn greet(&self, peer: &mut Peer, shared: &Shared, outbox: &Arc<Outbox>) -> Result<Option<Seat>, End> {
        let no_hello = End::Refused(Refusal::NoHello);
        let bytes = match peer.next_frame() {
            Ok(None) => return Ok(None),
            Ok(Some(bytes)) => bytes,
            Err(FrameError::Ended) => return Err(no_hello),
            Err(FrameError::Bytes(_)) => {
                meters::bad_input(BadInput::Control);
                return Err(no_hello);
            }
        };
        let key = peer.certificate().and_then(|certificate| key::fingerprint_of(&certificate)).ok_or(no_hello)?;
        let hello = lobby::read_hello(&bytes).map_err(|why| {
            meters::bad_input(BadInput::Control);
            End::Refused(why)
        })?;
        let mailbox = shared.rooms.room_for(key).ok_or(End::Refused(Refusal::Draining))?;
        shared.meters.joins.increment(1);
        let (id, link) = (shared.next_link(), Arc::new(PolledLink::new(self.peer, Arc::clone(outbox))));
        let joining = Arrival::Joining { id, link: Arc::clone(&link) as Arc<dyn Link>, key, hello };
        mailbox.send(joining).map_err(|_| End::Refused(Refusal::Stopped))?;
        Ok(Some(Seat { id, mailbox, link }))
    }

    /// Passes on what a seated guest has sent.
    fn read(&mut self, peer: &mut Peer, shared: &Shared, now: Instant) -> Result<(), End> {
        let Stage::Seated(Seat { id, mailbox, .. }) = &self.stage else { return Ok(()) };
        let bad_control = || {
            meters::bad_input(BadInput::Control);
            End::Refused(Refusal::BadMessage)
        };
        while let Some(bytes) = peer.next_frame().map_err(|error| match error {
            FrameError::Ended => End::Gone,
            FrameError::Bytes(_) => bad_control(),
        })? {
            if !self.control.take(now) {
                return Err(End::Refused(Refusal::TooFast));
            }
            let message = codec::decode::<ToServer>(&bytes).map_err(|_| bad_control())?;
            mailbox.send(Arrival::Control { id: *id, message }).map_err(|_| End::Gone)?;
        }
        while let Some(bytes) = peer.next_datagram() {
            shared.meters.datagrams_in.increment(1);
            shared.meters.bytes_in.increment(bytes.len() as u64);
            if !self.datagrams.take(now) {
                meters::bad_input(BadInput::Flood);
            } else if bytes.len() > DATAGRAM_MAX {
                meters::bad_input(BadInput::Datagram);
            } else {
                mailbox.send(Arrival::Datagram { id: *id, bytes }).map_err(|_| End::Gone)?;
            }
        }
        Ok(())
    }

    /// Keeps a message, behind those that are kept already.
    pub(super) fn hold(&mut self, frame: Bytes, now: Instant) {
        self.held.push(frame);
        self.held_since.get_or_insert(now);
    }

    /// How long messages have been held; `None` where there are none.
    pub(super) fn held_for(&self, now: Instant) -> Option<Duration> {
        self.held_since.map(|since| now.saturating_duration_since(since))
    }

    /// Hands the messages held to QUIC; an error where too many wait there for a peer that does not read.
    pub(super) fn release(&mut self, peer: &mut Peer) -> Result<(), Refusal> {
        self.held_since = None;
        for frame in self.held.drain(..) {
            peer.send_frame(frame);
            if let Stage::Seated(seat) = &self.stage {
                seat.link.control_taken();
            }
        }
        if peer.unsent() > CONTROL_QUEUE { Err(Refusal::TooSlow) } else { Ok(()) }
    }

    /// The end of one who takes too long to say hello.
    pub(super) fn overdue(&self, now: Instant) -> Option<End> {
        let is_late = now.duration_since(self.since) > PATIENCE;
        match self.stage {
            Stage::Handshaking if is_late => Some(End::Gone),
            Stage::Greeting if is_late => Some(End::Refused(Refusal::NoHello)),
            _ => None,
        }
    }

    /// It is over: whoever counts on it is told.
    pub(super) fn part(self, shared: &Shared) {
        match self.stage {
            Stage::Handshaking => shared.meters.handshakes_failed.increment(1),
            Stage::Greeting => shared.meters.links.decrement(1.0),
            Stage::Seated(Seat { id, mailbox, .. }) => {
                shared.meters.links.decrement(1.0);
                // The room may have gone before its guests: then nobody is left to tell.
                let _ = mailbox.send(Arrival::Closed { id });
            }
        }
    }
}
