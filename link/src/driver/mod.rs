//! QUIC without a runtime: quinn's state machines, driven by whoever calls [`Driver::receive`] and
//! [`Driver::send`] every millisecond or two. No task, channel or wake for a connection: with a
//! thousand of them those cost more than the protocol does.
//!
//! It reads no clock, so links can be played on a time that is made up. Knows peers, frames and datagrams; what they mean, its owner knows.

mod memory;
mod peer;
mod port;
mod socket;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use quinn_proto::{
    ClientConfig, ConnectError, Connection, ConnectionHandle, DatagramEvent, Endpoint, EndpointConfig, Incoming,
    ServerConfig, VarInt,
};

pub use memory::{MemoryNet, MemoryPort};
pub use peer::Peer;
use peer::Unproved;
pub use port::{Port, Received, Tried};
pub use quinn_proto::Transmit;
use socket::Socket;

/// Batches that are taken in at a time: a flood must not keep the owner from its other work.
const BATCHES: usize = 64;
/// Packets that one peer sends at a time.
const PACKETS: usize = 16;
/// Timers are looked at this often. An acknowledgement that waits for its timer meanwhile goes out
/// with the next tick's datagram instead of alone, which saves a packet in five.
const TIMER_GRAIN: Duration = Duration::from_millis(8);

/// A connection's name, for as long as the driver lives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PeerId {
    at: u32,
    serial: u32,
}

impl PeerId {
    /// A number below the most connections there ever were at a time.
    #[must_use]
    pub fn index(self) -> usize {
        self.at as usize
    }
}

/// A place for a connection.
#[derive(Default)]
struct Slot {
    serial: u32,
    peer: Option<Box<Peer>>,
}

/// A socket and the connections over it.
pub struct Driver {
    endpoint: Endpoint,
    port: Box<dyn Port>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// The place of each of the endpoint's connections.
    places: Vec<u32>,
    /// When each place's next timer runs out; apart from the rest, for they are looked at often.
    deadlines: Vec<Option<Instant>>,
    timers_due: Option<Instant>,
    /// Places to look after.
    listed: Vec<u32>,
    news: Vec<PeerId>,
    incoming: VecDeque<Incoming>,
    /// The packet written last.
    out: Vec<u8>,
    /// Where it goes, if the system has not taken it yet.
    stuck: Option<Transmit>,
}

impl Driver {
    /// Drives `socket`. Without a `server` configuration nobody can connect to it.
    ///
    /// # Errors
    /// When the system refuses what is asked of the socket.
    pub fn new(config: EndpointConfig, server: Option<ServerConfig>, socket: UdpSocket) -> std::io::Result<Driver> {
        Ok(Driver::over(config, server, Driver::port(socket)?))
    }

    /// A socket as a port, to put something before it.
    ///
    /// # Errors
    /// When the system refuses what is asked of the socket.
    pub fn port(socket: UdpSocket) -> std::io::Result<Box<dyn Port>> {
        Ok(Box::new(Socket::new(socket)?))
    }

    /// Drives a port.
    #[must_use]
    pub fn over(config: EndpointConfig, server: Option<ServerConfig>, port: Box<dyn Port>) -> Driver {
        Driver {
            endpoint: Endpoint::new(Arc::new(config), server.map(Arc::new), true, None),
            port,
            slots: Vec::new(),
            free: Vec::new(),
            places: Vec::new(),
            deadlines: Vec::new(),
            timers_due: None,
            listed: Vec::new(),
            news: Vec::new(),
            incoming: VecDeque::new(),
            out: Vec::new(),
            stuck: None,
        }
    }

    /// The address that is bound.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.port.address()
    }

    /// True where there is no connection, not even one that is ending.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.endpoint.open_connections() == 0 && self.incoming.is_empty()
    }

    /// Sleeps until something comes, at most for `patience`.
    pub fn wait(&self, patience: Duration) {
        self.port.wait(patience);
    }

    /// Takes in what has come, and lets timers run out.
    pub fn receive(&mut self, now: Instant) {
        for _ in 0..BATCHES {
            if self.receive_batch(now) == Tried::NotNow {
                break;
            }
        }
        if self.timers_due.is_none_or(|due| due <= now) {
            self.timers_due = Some(now + TIMER_GRAIN);
            self.run_timers(now);
        }
        for at in 0..self.listed.len() {
            self.look_after(self.listed[at]);
        }
    }

    fn receive_batch(&mut self, now: Instant) -> Tried {
        let Driver { endpoint, port, slots, places, listed, incoming, .. } = self;
        let mut answers: Vec<(Transmit, Vec<u8>)> = Vec::new();
        let tried = port.receive(now, &mut |Received { from, to, ecn, bytes }| {
            let mut answer = Vec::new();
            match endpoint.handle(now, from, to, ecn, BytesMut::from(bytes), &mut answer) {
                Some(DatagramEvent::ConnectionEvent(handle, event)) => {
                    let at = places[handle.0];
                    if let Some(peer) = slots[at as usize].peer.as_mut().filter(|peer| !peer.is_silent) {
                        peer.note_came(bytes.len());
                        peer.connection.handle_event(event);
                        list(listed, at, peer);
                    }
                }
                Some(DatagramEvent::NewConnection(new)) => incoming.push_back(new),
                Some(DatagramEvent::Response(transmit)) => answers.push((transmit, answer)),
                None => {}
            }
        });
        for (transmit, bytes) in answers {
            self.answer(&transmit, &bytes, now);
        }
        tried
    }

    /// Sends what belongs to no connection. It may be lost.
    fn answer(&mut self, transmit: &Transmit, bytes: &[u8], now: Instant) {
        if self.stuck.is_none() {
            let _ = self.port.send(now, transmit, bytes);
        }
    }

    fn run_timers(&mut self, now: Instant) {
        for (at, deadline) in (0..).zip(&mut self.deadlines) {
            if deadline.is_some_and(|due| due <= now) {
                *deadline = None;
                if let Some(peer) = &mut self.slots[at as usize].peer {
                    peer.connection.handle_timeout(now);
                    list(&mut self.listed, at, peer);
                }
            }
        }
    }

    /// Passes on between the endpoint and one of its connections, notes whether there is news, and
    /// frees the place of a connection that is over and forgotten.
    fn look_after(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        let Some(peer) = &mut slot.peer else { return };
        while let Some(event) = peer.connection.poll_endpoint_events() {
            if let Some(answer) = self.endpoint.handle_event(peer.handle, event) {
                peer.connection.handle_event(answer);
            }
        }
        if peer.take_events() && !peer.is_forgotten {
            self.news.push(PeerId { at, serial: slot.serial });
            peer.waker.take().into_iter().for_each(Waker::wake);
        }
        if peer.is_forgotten && peer.connection.is_drained() {
            slot.peer = None;
            self.deadlines[at as usize] = None;
            self.free.push(at);
        }
    }

    /// Sends what there is to be sent.
    pub fn send(&mut self, now: Instant) {
        if let Some(transmit) = self.stuck.take()
            && self.port.send(now, &transmit, &self.out) == Tried::NotNow
        {
            self.stuck = Some(transmit);
            return;
        }
        let mut listed = std::mem::take(&mut self.listed);
        let mut sent = 0;
        while let Some(at) = listed.get(sent).copied().filter(|_| self.stuck.is_none()) {
            sent += 1;
            if self.send_for(at, now) {
                // It has more than its share: it is the last in the next round.
                listed.push(at);
                if sent > self.slots.len() * 2 {
                    break;
                }
            }
        }
        listed.drain(..sent);
        listed.append(&mut self.listed);
        self.listed = listed;
    }

    /// Sends for one connection; true where it has more.
    fn send_for(&mut self, at: u32, now: Instant) -> bool {
        let Some(peer) = &mut self.slots[at as usize].peer else { return false };
        for _ in 0..PACKETS {
            self.out.clear();
            let more = peer.may_be_sent_more().then(|| peer.connection.poll_transmit(now, 1, &mut self.out)).flatten();
            let Some(transmit) = more else {
                peer.is_listed = false;
                self.deadlines[at as usize] = peer.connection.poll_timeout();
                self.look_after(at);
                return false;
            };
            peer.note_went(transmit.size);
            if !peer.is_silent && self.port.send(now, &transmit, &self.out) == Tried::NotNow {
                self.stuck = Some(transmit);
                return true;
            }
        }
        true
    }

    fn take_in(&mut self, handle: ConnectionHandle, connection: Connection, unproved: Option<Unproved>) -> PeerId {
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.deadlines.push(None);
            self.slots.len() as u32 - 1
        });
        let slot = &mut self.slots[at as usize];
        slot.serial = slot.serial.wrapping_add(1);
        let peer = slot.peer.insert(Box::new(Peer::new(handle, connection, unproved)));
        list(&mut self.listed, at, peer);
        if self.places.len() <= handle.0 {
            self.places.resize(handle.0 + 1, u32::MAX);
        }
        self.places[handle.0] = at;
        PeerId { at, serial: slot.serial }
    }

    /// Connects to `address`.
    ///
    /// # Errors
    /// When the configuration or the address is no good.
    pub fn connect(
        &mut self,
        config: ClientConfig,
        address: SocketAddr,
        name: &str,
        now: Instant,
    ) -> Result<PeerId, ConnectError> {
        let is_ipv6 = self.address().is_ok_and(|own| own.is_ipv6());
        let address = if is_ipv6 { as_ipv6(address) } else { address };
        let (handle, connection) = self.endpoint.connect(now, config, address, name)?;
        Ok(self.take_in(handle, connection, None))
    }

    /// How many ask for a connection.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.incoming.len()
    }

    /// The next connection that somebody asks for: accept it, have it retried, or refuse it.
    pub fn next_incoming(&mut self) -> Option<Incoming> {
        self.incoming.pop_front()
    }

    /// Begins the handshake; `None` where the first packet is no good.
    pub fn accept(&mut self, incoming: Incoming, now: Instant) -> Option<PeerId> {
        let mut answer = Vec::new();
        let unproved = (!incoming.remote_address_validated()).then(Unproved::new);
        match self.endpoint.accept(incoming, now, &mut answer, None) {
            Ok((handle, connection)) => Some(self.take_in(handle, connection, unproved)),
            Err(error) => {
                if let Some(transmit) = error.response {
                    self.answer(&transmit, &answer, now);
                }
                None
            }
        }
    }

    /// Has the other side prove its address first.
    pub fn retry(&mut self, incoming: Incoming, now: Instant) {
        let mut answer = Vec::new();
        match self.endpoint.retry(incoming, &mut answer) {
            Ok(transmit) => self.answer(&transmit, &answer, now),
            Err(error) => self.endpoint.ignore(error.into_incoming()),
        }
    }

    /// Turns somebody away at once: QUIC's own refusal, far smaller than what it answers. Nothing is kept.
    pub fn refuse(&mut self, incoming: Incoming, now: Instant) {
        let mut answer = Vec::new();
        let transmit = self.endpoint.refuse(incoming, &mut answer);
        self.answer(&transmit, &answer, now);
    }

    /// Moves the connections with news since the last call to `into`; one may stand there twice.
    pub fn take_news(&mut self, into: &mut Vec<PeerId>) {
        into.append(&mut self.news);
    }

    /// A connection, to be looked at.
    #[must_use]
    pub fn peer(&self, id: PeerId) -> Option<&Peer> {
        let slot = self.slots.get(id.index()).filter(|slot| slot.serial == id.serial)?;
        slot.peer.as_deref().filter(|peer| !peer.is_forgotten)
    }

    /// A connection, to be worked with: what it has to send goes out with the next [`Self::send`].
    pub fn peer_mut(&mut self, id: PeerId) -> Option<&mut Peer> {
        let slot = self.slots.get_mut(id.index()).filter(|slot| slot.serial == id.serial)?;
        let peer = slot.peer.as_deref_mut().filter(|peer| !peer.is_forgotten)?;
        list(&mut self.listed, id.at, peer);
        Some(peer)
    }

    /// Has `waker` woken at the next news of a connection.
    pub fn wake_at_news(&mut self, id: PeerId, waker: &Waker) {
        if let Some(peer) = self.peer_mut(id) {
            peer.waker = Some(waker.clone());
        }
    }

    /// Forgets a connection without a word, as a machine does whose power has failed: nothing is sent for it
    /// and nothing taken in, and its place is free once it has timed out.
    pub fn abandon(&mut self, id: PeerId) {
        if let Some(peer) = self.peer_mut(id) {
            peer.is_silent = true;
            peer.is_forgotten = true;
            peer.waker = None;
        }
    }

    /// Ends a connection, unless it is over, and forgets it.
    pub fn forget(&mut self, id: PeerId, now: Instant) {
        if let Some(peer) = self.peer_mut(id) {
            peer.close(VarInt::from_u32(0), bytes::Bytes::new(), now);
            peer.is_forgotten = true;
            peer.waker = None;
        }
    }
}

/// IPv4 goes through a socket for IPv6 under a name of its own.
fn as_ipv6(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(v4) => SocketAddr::new(v4.to_ipv6_mapped().into(), address.port()),
        IpAddr::V6(_) => address,
    }
}

/// Notes once that a connection is to be looked after.
fn list(listed: &mut Vec<u32>, at: u32, peer: &mut Peer) {
    if !std::mem::replace(&mut peer.is_listed, true) {
        listed.push(at);
    }
}
