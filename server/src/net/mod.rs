//! How links reach a room and how a room reaches its links: a narrow seam that is polled. A room
//! takes [`Arrival`]s from its mailbox once a tick and calls [`Link`]s that never block; QUIC stays
//! behind it, and [`memory`] stands in for it in tests.

pub mod budget;
mod connection;
mod connection_id;
pub mod limits;
pub mod memory;
mod outgoing;
mod polled;
mod quic;

use std::sync::Arc;

use bytes::Bytes;
use gamera_protocol::admin::{NoView, SeatPicture};
use gamera_protocol::ids::SeatId;
use gamera_protocol::join::Fingerprint;
use gamera_protocol::message::{Hello, Refusal, ToServer};

pub use budget::LinkFigures;
pub use outgoing::{Batch, Outgoing};
pub use polled::PolledEndpoint;
use quic::Shared;
pub use quic::{Capacity, Endpoint, EndpointError};

/// One link, for as long as the process lives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkId(pub u64);

/// What a room may do with a link. Nothing here blocks.
pub trait Link: Send + Sync {
    /// Sends a framed message, in order. A link that does not drain is closed.
    fn send_control(&self, frame: Bytes);

    /// The same for what may wait a moment for the next datagrams, to go in their packet.
    fn send_control_later(&self, frame: Bytes) {
        self.send_control(frame);
    }

    /// True where what was sent before has left: else the newest state is better told later.
    fn is_ready(&self) -> bool;

    /// Sends datagrams; whatever does not fit is lost, as on the way.
    fn send_datagrams(&self, datagrams: Batch);

    /// How the link fares.
    fn figures(&self) -> LinkFigures;

    /// Ends the link and tells the other side why.
    fn close(&self, why: Refusal);
}

/// What reaches a room.
pub enum Arrival {
    /// A client whose hello could be read.
    Joining {
        /// Its link.
        id: LinkId,
        /// The same, to answer on.
        link: Arc<dyn Link>,
        /// The key that it has proved to hold.
        key: Fingerprint,
        /// What it said.
        hello: Hello,
    },
    /// A message of a client.
    Control {
        /// Its link.
        id: LinkId,
        /// The message.
        message: ToServer,
    },
    /// A datagram of a client, as it came.
    Datagram {
        /// Its link.
        id: LinkId,
        /// The bytes.
        bytes: Bytes,
    },
    /// The link has gone.
    Closed {
        /// Which.
        id: LinkId,
    },
    /// An administrator looks at the battle as a seat's side may see it.
    Look {
        /// Which seat.
        seat: SeatId,
        /// Who is told; it never makes the battle wait.
        to: Look,
    },
    /// The server will stop: tell everybody.
    Draining {
        /// In this many seconds.
        seconds: u16,
    },
    /// The server stops now.
    Stop,
}

/// Takes what an administrator sees to it.
pub type Look = std::sync::mpsc::SyncSender<Result<SeatPicture, NoView>>;

/// Takes arrivals from the net into one room.
pub type Mailbox = std::sync::mpsc::Sender<Arrival>;

/// Finds the room for a client.
pub trait Rooms: Send + Sync + 'static {
    /// The room that holds the seat of `key`, or has room for it; `None` when the server is stopping.
    fn room_for(&self, key: Fingerprint) -> Option<Mailbox>;

    /// True where those who are here need all the time there is: who comes now has to wait a little.
    fn are_pressed(&self) -> bool {
        false
    }
}
