//! A server, a network and a time that are made up: the real room, the real endpoint and quinn's real
//! protocol, with a millisecond that passes when it is told to. Nothing sleeps; the same seed is the same
//! battle over the same bad lines.

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gamera_link::driver::{MemoryNet, Port};
use gamera_link::key::Key;
use gamera_protocol::ids::{NetId, Viewer};
use gamera_protocol::join::{Fingerprint, JoinLine};
use gamera_protocol::measure::{Pos, Tick};
use gamera_server::config::{ModeSetting, SceneSetting, Settings};
use gamera_server::net::{Arrival, Capacity, Mailbox, PolledEndpoint, Rooms};
use gamera_server::ops::meters::RoomMeters;
use gamera_server::room::{PERIOD, Room, SLICES, slice_due};

use super::FeelError;

/// Time passes in steps of this.
pub(super) const STEP: Duration = Duration::from_millis(1);
/// The server's net thread looks so often.
const LOOK_STEPS: u64 = 2;
/// What sides saw is remembered for so many of its makings: longer than any drawing runs behind.
const TRUTHS: usize = 64;

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 27_996);

/// What a side saw in a tick: each thing by the id that the side knows it by, and where it was.
pub(super) struct Truth {
    pub(super) tick: Tick,
    pub(super) places: HashMap<NetId, Pos>,
}

/// The server's end of it.
pub(super) struct World {
    net: MemoryNet,
    key: Key,
    endpoint: PolledEndpoint,
    room: Room,
    arrivals: Receiver<Arrival>,
    began: Instant,
    /// Ticks of the battle before it began here.
    first: Tick,
    steps: u64,
    ticks: u32,
    slice: u32,
    truths: Vec<VecDeque<Truth>>,
    addresses: u16,
}

struct OneRoom(Mutex<Mailbox>);

impl Rooms for OneRoom {
    fn room_for(&self, _key: Fingerprint) -> Option<Mailbox> {
        Some(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl World {
    /// A battle in the thick of it, from `now` on.
    pub(super) fn new(seed: u64, seats: u16, now: Instant) -> Result<World, FeelError> {
        let settings = Settings {
            mode: ModeSetting::Quick,
            scene: SceneSetting::Clash,
            seats,
            seed: Some(seed),
            ..Settings::default()
        };
        let mut room = Room::new(&settings, seed, RoomMeters::new(0));
        // Each is sent what it would be if a person sat in every seat.
        room.share_among(seats.into());
        let (mailbox, arrivals) = channel();
        let (net, key) = (MemoryNet::default(), Key::seeded(seed_of(seed, 0))?);
        let capacity = Capacity { connections: 4_096, per_address: 4_096 };
        let rooms = Arc::new(OneRoom(Mutex::new(mailbox)));
        let port = Box::new(net.port(SERVER));
        let endpoint = PolledEndpoint::over(port, &key, capacity, rooms, now, Some(seed_of(seed, 1)))?;
        let first = room.battle().tick();
        let truths = Viewer::ALL.iter().map(|_| VecDeque::new()).collect();
        Ok(World {
            net,
            key,
            endpoint,
            room,
            arrivals,
            began: now,
            first,
            steps: 0,
            ticks: 0,
            slice: SLICES,
            truths,
            addresses: 0,
        })
    }

    /// How to join it.
    pub(super) fn line(&self) -> JoinLine {
        let (host, port) = (SERVER.ip().to_string(), SERVER.port());
        JoinLine { host, port, fingerprint: Some(self.key.fingerprint()) }
    }

    /// A port in its network, at an address of its own.
    pub(super) fn port(&mut self) -> Box<dyn Port> {
        self.addresses += 1;
        let [high, low] = self.addresses.to_be_bytes();
        Box::new(self.net.port((Ipv4Addr::new(10, 1, high, low), 4_433).into()))
    }

    /// When `tick` was stepped.
    pub(super) fn time_of(&self, tick: Tick) -> Duration {
        PERIOD * tick.since(self.first)
    }

    /// What `viewer` saw lately, the oldest first.
    pub(super) fn truths(&self, viewer: Viewer) -> &VecDeque<Truth> {
        &self.truths[viewer.index()]
    }

    /// Does what the server has to do at `now`: as its threads do, each when it is due.
    pub(super) fn work(&mut self, now: Instant) {
        let due = self.began + PERIOD * self.ticks;
        while self.slice < SLICES && slice_due(due, self.slice) <= now {
            self.room.serve(self.slice);
            self.slice += 1;
            self.receive();
        }
        if self.slice == SLICES && due + PERIOD <= now {
            self.receive();
            self.room.tick();
            (self.ticks, self.slice) = (self.ticks + 1, 0);
            self.note();
        }
        self.steps += 1;
        if self.steps.is_multiple_of(LOOK_STEPS) {
            self.endpoint.look(now);
        }
    }

    fn receive(&mut self) {
        while let Ok(arrival) = self.arrivals.try_recv() {
            self.room.receive(arrival);
        }
    }

    fn note(&mut self) {
        let tick = self.room.battle().tick();
        for (viewer, truths) in Viewer::ALL.iter().zip(&mut self.truths) {
            let Some(things) = self.room.seen(*viewer) else { continue };
            if truths.len() == TRUTHS {
                truths.pop_front();
            }
            let places = things.all().iter().map(|thing| (thing.id, thing.pos)).collect();
            truths.push_back(Truth { tick, places });
        }
    }
}

/// Thirty-two bytes that follow from a seed and what they are for.
pub(super) fn seed_of(seed: u64, of: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    bytes[8..16].copy_from_slice(&of.to_be_bytes());
    bytes
}
