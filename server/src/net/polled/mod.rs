//! The endpoint without a runtime: one thread looks after all links every two milliseconds. What
//! came goes into the rooms' mailboxes, what rooms have handed over goes out.
//!
//! A thousand links cost less than half of what quinn's tasks cost for them: see ARCHITECTURE.md.

mod door;
mod guest;
mod outbox;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gamera_link::driver::{Driver, PeerId, Port};
use gamera_link::key::Key;
use gamera_link::transport;
use gamera_protocol::message::{DATAGRAM_MAX, Refusal};
use quinn_proto::Incoming;

use super::limits::BUSY_HANDSHAKES;
use super::quic::{Capacity, EndpointError, Shared, endpoint_config, server_config};
use super::{Rooms, connection};
use crate::ops::meters;
use door::Door;
use guest::{End, Guest};
use outbox::{Outbox, Task};

/// From one look to the next. Longer saves little and delays what is sent.
const PERIOD: Duration = Duration::from_millis(2);
/// The longest wait while nobody is there.
const IDLE: Duration = Duration::from_millis(50);
/// Between two looks at who takes too long and how links fare.
const SWEEP: Duration = Duration::from_millis(125);
/// What a tick may want to send at once.
const TICK_BURST: usize = 4 * DATAGRAM_MAX;
/// A message waits so long for the next snapshot, to go in its packet: packets cost, bytes do not.
const HOLD: Duration = Duration::from_millis(70);
/// Goodbyes are given this long to be heard.
const GOODBYE: Duration = Duration::from_millis(500);

/// One UDP port that takes clients.
pub struct PolledEndpoint {
    driver: Driver,
    shared: Shared,
    outbox: Arc<Outbox>,
    /// By the index of their peers.
    guests: Vec<Option<Guest>>,
    /// Links with messages that wait for a snapshot.
    holding: Vec<PeerId>,
    /// Links that have not drained.
    clogged: Vec<PeerId>,
    swept: Instant,
    door: Door,
    /// Lists that each look fills and empties: their memory is kept.
    news: Vec<PeerId>,
    tasks: Vec<(PeerId, Task)>,
}

impl PolledEndpoint {
    /// Binds `address`, presents `key`, and leads clients to `rooms`.
    ///
    /// # Errors
    /// When the address cannot be bound or the key does not fit.
    pub fn bind(
        address: SocketAddr,
        key: &Key,
        capacity: Capacity,
        rooms: Arc<dyn Rooms>,
    ) -> Result<PolledEndpoint, EndpointError> {
        let bind = |source| EndpointError::Bind { address, source };
        let port = transport::open_socket(address).and_then(Driver::port).map_err(bind)?;
        PolledEndpoint::over(port, key, capacity, rooms, Instant::now(), None)
    }

    /// The same over a port that stands already, from `now` on: with one in memory, on a time that is made
    /// up. A `seed` takes chance out of the protocol, and with it its safety.
    ///
    /// # Errors
    /// When the key does not fit.
    pub fn over(
        port: Box<dyn Port>,
        key: &Key,
        capacity: Capacity,
        rooms: Arc<dyn Rooms>,
        now: Instant,
        seed: Option<[u8; 32]>,
    ) -> Result<PolledEndpoint, EndpointError> {
        let mut config = endpoint_config(key);
        config.rng_seed(seed);
        Ok(PolledEndpoint {
            driver: Driver::over(config, Some(server_config(key)?), port),
            shared: Shared::new(rooms, capacity),
            outbox: Arc::default(),
            guests: Vec::new(),
            holding: Vec::new(),
            clogged: Vec::new(),
            swept: now,
            door: Door::new(now),
            news: Vec::new(),
            tasks: Vec::new(),
        })
    }

    /// The address that was bound.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.driver.address()
    }

    /// What is kept for links: places, guests in them, and those with something to do.
    #[cfg(test)]
    fn lengths(&self) -> [usize; 4] {
        [self.guests.len(), self.guests.iter().flatten().count(), self.holding.len(), self.clogged.len()]
    }

    /// Takes clients until `is_over`, then sends everybody away.
    pub fn serve(mut self, mut is_over: impl FnMut() -> bool) {
        while !is_over() {
            let now = Instant::now();
            self.look(now);
            if self.driver.is_idle() && self.door.waiting(&self.driver) == 0 {
                self.driver.wait(IDLE);
            } else {
                std::thread::sleep(PERIOD.saturating_sub(now.elapsed()));
            }
        }
        self.close();
    }

    /// Looks after all links once, at `now`: takes in what has come, sends what is to be sent.
    pub fn look(&mut self, now: Instant) {
        let (mut news, mut tasks) = (std::mem::take(&mut self.news), std::mem::take(&mut self.tasks));
        self.driver.receive(now);
        self.admit(now);
        self.driver.take_news(&mut news);
        news.drain(..).for_each(|id| self.hear(id, now));
        self.outbox.take(&mut tasks);
        tasks.drain(..).for_each(|(id, task)| self.carry_out(id, task, now));
        self.release(now);
        self.driver.send(now);
        self.look_at_clogged();
        if now.duration_since(self.swept) >= SWEEP {
            self.swept = now;
            self.sweep(now);
        }
        (self.news, self.tasks) = (news, tasks);
    }

    /// Looks after those at the door.
    fn admit(&mut self, now: Instant) {
        if self.door.waiting(&self.driver) == 0 {
            return;
        }
        let is_pressed = self.shared.rooms.are_pressed();
        self.begin(self.door.may_begin(is_pressed, now), now);
        if is_pressed {
            self.door.line_up(&mut self.driver, &self.shared.meters, now);
        }
        self.shared.meters.handshakes_waiting.set(self.door.waiting(&self.driver) as f64);
    }

    /// Lets so many of those who wait begin their handshakes, and asks those that are too many for proof first.
    fn begin(&mut self, may_begin: usize, now: Instant) {
        let under_way = self.handshakes();
        let mut begun = 0;
        for _ in 0..door::ASKED {
            let next = (begun < may_begin).then(|| self.door.next(&mut self.driver)).flatten();
            let Some(incoming) = next else { return };
            if incoming.may_retry() && under_way + begun >= BUSY_HANDSHAKES as usize {
                self.shared.meters.retries.increment(1);
                self.driver.retry(incoming, now);
            } else {
                begun += 1;
                self.door.note_begun(now);
                self.take(incoming, now);
            }
        }
    }

    /// Handshakes under way.
    fn handshakes(&self) -> usize {
        self.guests.iter().flatten().filter(|guest| guest.is_handshaking()).count()
    }

    fn take(&mut self, incoming: Incoming, now: Instant) {
        let address = incoming.remote_address().ip();
        let is_full = self.guests.iter().flatten().count() >= self.shared.capacity.connections as usize;
        let counted = self.shared.per_address.count(address).filter(|_| !is_full);
        let Some(peer) = self.driver.accept(incoming, now) else {
            self.shared.meters.handshakes_failed.increment(1);
            return;
        };
        if self.guests.len() <= peer.index() {
            self.guests.resize_with(peer.index() + 1, || None);
        }
        self.guests[peer.index()] = Some(Guest::new(peer, counted, now));
    }

    fn hear(&mut self, id: PeerId, now: Instant) {
        let PolledEndpoint { driver, shared, outbox, guests, .. } = self;
        let Some(guest) = guest_of(guests, id) else { return };
        let Some(peer) = driver.peer_mut(id) else { return };
        if let Err(end) = guest.hear(peer, shared, outbox, now) {
            self.part(id, end, now);
        }
    }

    fn carry_out(&mut self, id: PeerId, task: Task, now: Instant) {
        let PolledEndpoint { driver, shared, guests, holding, clogged, .. } = self;
        let Some(guest) = guest_of(guests, id) else { return };
        let Some(peer) = driver.peer_mut(id) else { return };
        match task {
            Task::Control(frame) => {
                guest.hold(frame, now);
                if guest.release(peer).is_err() {
                    self.part(id, End::Refused(Refusal::TooSlow), now);
                }
            }
            Task::Later(frame) => {
                guest.hold(frame, now);
                if !std::mem::replace(&mut guest.is_listed, true) {
                    holding.push(id);
                }
            }
            Task::Datagrams(datagrams) => {
                let is_slow = guest.release(peer).is_err();
                let is_clogged = peer.datagram_space() < TICK_BURST;
                if is_clogged {
                    clogged.push(id);
                }
                guest.link().into_iter().for_each(|link| link.batch_taken(is_clogged));
                for datagram in datagrams {
                    let length = datagram.len() as u64;
                    if peer.send_datagram(datagram) {
                        shared.meters.datagrams_out.increment(1);
                        shared.meters.bytes_out.increment(length);
                    }
                }
                if is_slow {
                    self.part(id, End::Refused(Refusal::TooSlow), now);
                }
            }
            // The room has counted the reason.
            Task::Close(why) => self.send_away(id, why, now),
        }
    }

    /// Sends the messages for which no snapshot has come.
    fn release(&mut self, now: Instant) {
        let PolledEndpoint { driver, guests, holding, .. } = self;
        let mut slow = Vec::new();
        holding.retain(|id| {
            let Some(guest) = guest_of(guests, *id) else { return false };
            guest.is_listed = guest.held_for(now).is_some_and(|held| held < HOLD);
            if guest.is_listed || guest.held_for(now).is_none() {
                return guest.is_listed;
            }
            if driver.peer_mut(*id).is_some_and(|peer| guest.release(peer).is_err()) {
                slow.push(*id);
            }
            false
        });
        slow.into_iter().for_each(|id| self.part(id, End::Refused(Refusal::TooSlow), now));
    }

    /// Lets rooms go on with links that have drained since.
    fn look_at_clogged(&mut self) {
        let PolledEndpoint { driver, guests, clogged, .. } = self;
        clogged.retain(|id| {
            let Some(link) = guest_of(guests, *id).and_then(|guest| guest.link()) else { return false };
            let has_space = driver.peer_mut(*id).is_some_and(|peer| peer.datagram_space() >= TICK_BURST);
            if has_space {
                link.unclogged();
            }
            !has_space && link.is_clogged()
        });
    }

    fn sweep(&mut self, now: Instant) {
        let mut overdue = Vec::new();
        for guest in self.guests.iter().flatten() {
            overdue.extend(guest.overdue(now).map(|end| (guest.peer, end)));
            if let (Some(link), Some(peer)) = (guest.link(), self.driver.peer(guest.peer)) {
                link.note(peer);
            }
        }
        overdue.into_iter().for_each(|(id, end)| self.part(id, end, now));
    }

    /// Ends a connection, for a reason of the net's own where there is one.
    fn part(&mut self, id: PeerId, end: End, now: Instant) {
        match end {
            End::Refused(why) => {
                meters::refused(&why);
                self.send_away(id, why, now);
            }
            End::Gone => self.let_go(id, now),
        }
    }

    fn send_away(&mut self, id: PeerId, why: Refusal, now: Instant) {
        if let Some(peer) = self.driver.peer_mut(id) {
            peer.close(connection::code(&why), Bytes::from(connection::reason(&why)), now);
        }
        self.let_go(id, now);
    }

    fn let_go(&mut self, id: PeerId, now: Instant) {
        self.driver.forget(id, now);
        if let Some(guest) = self.guests.get_mut(id.index()).and_then(|g| g.take_if(|guest| guest.peer == id)) {
            guest.part(&self.shared);
        }
    }

    /// Sends everybody away and waits until they have been told.
    fn close(mut self) {
        let everybody: Vec<PeerId> = self.guests.iter().flatten().map(|guest| guest.peer).collect();
        let now = Instant::now();
        self.door.shut(&mut self.driver, now);
        everybody.into_iter().for_each(|id| self.send_away(id, Refusal::Stopped, now));
        let deadline = Instant::now() + GOODBYE;
        while !self.driver.is_idle() && Instant::now() < deadline {
            let now = Instant::now();
            self.driver.send(now);
            self.driver.receive(now);
            std::thread::sleep(PERIOD);
        }
    }
}

fn guest_of(guests: &mut [Option<Guest>], id: PeerId) -> Option<&mut Guest> {
    guests.get_mut(id.index())?.as_mut().filter(|guest| guest.peer == id)
}
