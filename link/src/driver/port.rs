//! What a driver needs of a socket, and no more: datagrams out, datagrams in. A real one, one with a bad
//! line before it, or one in memory.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use quinn_proto::{EcnCodepoint, Transmit};

/// A datagram that has come.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// Who has sent it.
    pub from: SocketAddr,
    /// The own address that it was sent to, where the system tells.
    pub to: Option<IpAddr>,
    /// The marks of routers on it.
    pub ecn: Option<EcnCodepoint>,
    /// What it carries.
    pub bytes: &'a [u8],
}

/// What became of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tried {
    /// It went well, and more may follow.
    Done,
    /// Nothing waits, or nothing more fits: the system has to be left alone for a while.
    NotNow,
}

/// A socket as a driver sees it. Nothing but [`Port::wait`] waits.
pub trait Port: Send {
    /// The address that is bound.
    ///
    /// # Errors
    /// When the system does not tell.
    fn address(&self) -> std::io::Result<SocketAddr>;

    /// Hands some of what has come by `now` to `take`.
    fn receive(&mut self, now: Instant, take: &mut dyn FnMut(Received<'_>)) -> Tried;

    /// Sends one datagram at `now`. What cannot be sent for good is lost, as on the way.
    fn send(&mut self, now: Instant, transmit: &Transmit, bytes: &[u8]) -> Tried;

    /// Sleeps until something comes, at most for `patience`.
    fn wait(&self, patience: Duration);
}
