//! What a session needs of a link, and no more: frames and datagrams out, what came in, the round
//! trip. QUIC stays behind it.

use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use gamera_protocol::message::{Refusal, ToClient};

/// What came over the link.
#[derive(Clone, PartialEq, Debug)]
pub enum Incoming {
    /// A message of the control stream.
    Control(ToClient),
    /// A datagram.
    Datagram(Bytes),
    /// The link is gone.
    Gone(Gone),
}

/// How a link went.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Gone {
    /// The server ended it and said why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The server has no time for it; it says that before there is a link.
    #[error("the server is busy and lets nobody in just now")]
    Busy,
    /// It broke.
    #[error("the link is lost: {0}")]
    Lost(String),
}

/// A link to a server. Nothing here blocks.
pub trait Wire: Send {
    /// What came next, if anything has.
    fn poll(&mut self) -> Option<Incoming>;

    /// The same for one who waits.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Incoming>;

    /// Sends a framed message, in order.
    fn send_control(&mut self, frame: Bytes);

    /// Sends a datagram, or loses it.
    fn send_datagram(&mut self, datagram: Bytes);

    /// The round trip, smoothed.
    fn rtt(&self) -> Duration;

    /// From now on nothing is sent, not even that it has ended, where the link can do that.
    fn go_silent(&mut self) {}
}

impl dyn Wire + '_ {
    /// Waits for what comes next.
    pub(super) async fn next(&mut self) -> Incoming {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }
}
