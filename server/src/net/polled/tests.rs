//! The endpoint over a network and a time that are made up.

use std::net::Ipv4Addr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

use gamera_link::driver::{Driver, MemoryNet, Port, Transmit};
use gamera_link::tls::{self, Trust};
use gamera_link::transport::{self, End};
use gamera_protocol::balance::Balance;
use gamera_protocol::codec;
use gamera_protocol::join::Fingerprint;
use gamera_protocol::message::{ALPN, Hello, SERVER_NAME, ToServer, VERSION, Wish};
use quinn_proto::{ClientConfig, ConnectionError, EndpointConfig};

use super::*;
use crate::config::{BotsSetting, ModeSetting, Settings};
use crate::net::limits::{HELD_BACK, PLACES};
use crate::net::{Arrival, Mailbox};
use crate::ops::meters::RoomMeters;
use crate::room::Room;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(4);

#[derive(Debug)]
struct Anybody;

impl Trust for Anybody {
    fn accepts(&self, _server: Fingerprint) -> bool {
        true
    }
}

struct Doors {
    mailbox: Mutex<Mailbox>,
    pressed: AtomicBool,
}

impl Rooms for Doors {
    fn room_for(&self, _key: Fingerprint) -> Option<Mailbox> {
        Some(self.mailbox.lock().unwrap().clone())
    }

    fn are_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }
}

/// A server with one room, and all clients at one address.
struct World {
    net: MemoryNet,
    endpoint: PolledEndpoint,
    clients: Driver,
    doors: Arc<Doors>,
    room: Room,
    arrivals: Receiver<Arrival>,
    now: Instant,
    keys: u32,
}

impl World {
    fn new() -> World {
        let (net, now) = (MemoryNet::default(), Instant::now());
        let (mailbox, arrivals) = channel();
        let doors = Arc::new(Doors { mailbox: Mutex::new(mailbox), pressed: AtomicBool::new(false) });
        let capacity = Capacity { connections: 1_000, per_address: 1_000 };
        let port = Box::new(net.port(place(1)));
        let key = Key::seeded([1; 32]).unwrap();
        let rooms = Arc::clone(&doors) as Arc<dyn Rooms>;
        let endpoint = PolledEndpoint::over(port, &key, capacity, rooms, now, Some([2; 32])).unwrap();
        let clients = Driver::over(EndpointConfig::default(), None, Box::new(net.port(place(2))));
        let settings = Settings { seats: 16, mode: ModeSetting::Quick, bots: BotsSetting::Off, ..Settings::default() };
        let room = Room::new(&settings, 1, RoomMeters::new(0));
        World { net, endpoint, clients, doors, room, arrivals, now, keys: 0 }
    }

    /// A server whose rooms have no time.
    fn pressed() -> World {
        let world = World::new();
        world.doors.pressed.store(true, Ordering::Relaxed);
        world
    }

    /// What a client of a key brings that nobody has had before.
    fn fresh_client(&mut self) -> ClientConfig {
        self.keys += 1;
        let mut seed = [3; 32];
        seed[..4].copy_from_slice(&self.keys.to_le_bytes());
        let key = Key::seeded(seed).unwrap();
        let mut config = ClientConfig::new(Arc::new(tls::client(&key, Arc::new(Anybody), ALPN).unwrap()));
        config.transport_config(Arc::new(transport::transport(End::Client)));
        config
    }

    /// One more client.
    fn dial(&mut self) -> PeerId {
        let config = self.fresh_client();
        self.clients.connect(config, place(1), SERVER_NAME, self.now).unwrap()
    }

    /// The first packet of one more client, which hears nothing of what comes of it.
    fn first_packet(&mut self) -> Vec<u8> {
        let (config, mut catcher) = (self.fresh_client(), self.net.port(place(4)));
        let mut client = Driver::over(EndpointConfig::default(), None, Box::new(self.net.port(place(5))));
        client.connect(config, place(4), SERVER_NAME, self.now).unwrap();
        client.send(self.now);
        let mut packet = Vec::new();
        catcher.receive(self.now, &mut |received| packet.extend_from_slice(received.bytes));
        packet
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += LOOK;
            self.clients.send(self.now);
            self.endpoint.look(self.now);
            self.arrivals.try_iter().for_each(|arrival| self.room.receive(arrival));
            self.clients.receive(self.now);
        }
    }

    fn is_up(&self, id: PeerId) -> bool {
        self.clients.peer(id).is_some_and(|peer| peer.is_up())
    }

    /// True where QUIC's own refusal has come.
    fn is_refused(&self, id: PeerId) -> bool {
        let lost = self.clients.peer(id).and_then(|peer| peer.lost());
        matches!(lost, Some(ConnectionError::ConnectionClosed(close)) if u64::from(close.error_code) == 2)
    }

    /// First packets that wait.
    fn waiting(&self) -> usize {
        self.endpoint.door.waiting(&self.endpoint.driver)
    }

    fn send(&mut self, id: PeerId, message: &ToServer) {
        let frame = codec::frame(message).unwrap();
        self.clients.peer_mut(id).unwrap().send_frame(Bytes::from(frame));
    }

    fn lengths(&self) -> ([usize; 4], [usize; 4]) {
        (self.endpoint.lengths(), self.room.lengths())
    }
}

fn place(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn hello(wish: Wish) -> ToServer {
    let balance = Balance::default().fingerprint();
    ToServer::Hello(Hello { version: VERSION, balance, name: "Honami".into(), wish })
}

#[test]
fn who_comes_while_rooms_have_no_time_waits_a_little_and_gets_in() {
    let mut world = World::new();
    world.doors.pressed.store(true, Ordering::Relaxed);
    let dialled: Vec<PeerId> = (0..40).map(|_| world.dial()).collect();
    let up = |world: &World| dialled.iter().filter(|id| world.is_up(**id)).count();
    world.pass(HELD_BACK * 10);
    assert!((5..=10).contains(&up(&world)), "{} of 40", up(&world));
    world.pass(HELD_BACK * 10);
    assert!((15..=20).contains(&up(&world)), "{} of 40", up(&world));
    world.pass(HELD_BACK * 30);
    assert_eq!(up(&world), 40, "nobody waits for ever");

    let mut world = World::new();
    let dialled: Vec<PeerId> = (0..40).map(|_| world.dial()).collect();
    world.pass(HELD_BACK * 20);
    assert_eq!(dialled.iter().filter(|id| world.is_up(**id)).count(), 40, "with time to spare all get in at once");
}

#[test]
fn who_finds_no_place_among_those_who_wait_is_refused_at_once_and_gets_in_later() {
    let mut world = World::pressed();
    let dialled: Vec<PeerId> = (0..100).map(|_| world.dial()).collect();
    let mut most = 0;
    for _ in 0..12 {
        world.pass(LOOK);
        most = most.max(world.endpoint.door.queue.len());
    }
    assert_eq!(most, PLACES);
    let (refused, others): (Vec<PeerId>, Vec<PeerId>) = dialled.into_iter().partition(|id| world.is_refused(*id));
    assert_eq!(refused.len() + others.len(), 100);
    // One gets in every other look; all others of the hundred have found one of the places.
    let begun = 12 / 2;
    assert!((100 - PLACES - begun..=100 - PLACES).contains(&refused.len()), "{} are refused", refused.len());
    world.pass(HELD_BACK * (PLACES as u32 + 4));
    assert!(others.iter().all(|id| world.is_up(*id)), "who has a place gets in");
    assert_eq!(world.waiting(), 0);
    refused.into_iter().for_each(|id| world.clients.forget(id, world.now));
    let again: Vec<PeerId> = (0..100 - others.len()).map(|_| world.dial()).collect();
    world.pass(HELD_BACK * 60);
    assert!(again.iter().all(|id| world.is_up(*id)), "and so does who asks again");
}

#[test]
fn what_answers_a_first_packet_that_finds_no_place_is_smaller_than_it_and_nothing_of_it_is_kept() {
    let mut world = World::pressed();
    // Those who have proved themselves come back, and fill what has become free.
    for crowd in [100, 20] {
        for _ in 0..crowd {
            world.dial();
        }
        world.pass(LOOK * if crowd == 100 { 12 } else { 2 });
    }
    assert_eq!(world.waiting(), PLACES);
    let (guests, mut attacker) = (world.lengths().0, world.net.port(place(3)));
    let mut answers = Vec::new();
    for _ in 0..60 {
        let packet = world.first_packet();
        let to_server =
            Transmit { destination: place(1), ecn: None, size: packet.len(), segment_size: None, src_ip: None };
        assert!(packet.len() >= 1_200);
        // The same again is answered again, and that is all.
        for _ in 0..3 {
            attacker.send(world.now, &to_server, &packet);
            world.endpoint.look(world.now);
        }
        attacker.receive(world.now, &mut |received| answers.push(received.bytes.len()));
    }
    assert_eq!(answers.len(), 180);
    assert!(answers.iter().all(|len| *len <= 100), "{answers:?}");
    assert_eq!((world.waiting(), world.lengths().0), (PLACES, guests), "nobody more is there");
}

#[test]
fn those_who_wait_when_the_server_stops_are_told() {
    let mut world = World::pressed();
    let dialled: Vec<PeerId> = (0..10).map(|_| world.dial()).collect();
    world.pass(LOOK);
    assert_eq!(world.waiting(), 10);
    world.endpoint.close();
    world.clients.receive(world.now);
    let told = dialled.iter().filter(|id| world.clients.peer(**id).is_some_and(|peer| peer.lost().is_some()));
    assert_eq!(told.count(), 10);
}

#[test]
fn thousands_that_come_and_go_leave_nothing_behind() {
    let mut world = World::new();
    let mut settled = None;
    for round in 0..200 {
        let dialled: Vec<PeerId> = (0..10).map(|_| world.dial()).collect();
        world.pass(Duration::from_millis(80));
        for (number, id) in dialled.iter().enumerate() {
            assert!(world.is_up(*id), "round {round}");
            world.clients.peer_mut(*id).unwrap().open_control();
            world.send(*id, &hello(if number < 5 { Wish::Any } else { Wish::Watch }));
        }
        world.pass(Duration::from_millis(40));
        world.room.tick();
        (0..crate::room::SLICES).for_each(|slice| world.room.serve(slice));
        assert!(world.room.lengths()[0] >= 10, "round {round}: {:?}", world.lengths());
        world.pass(Duration::from_millis(40));
        for (number, id) in dialled.into_iter().enumerate() {
            match number {
                // Gone without a word: it times out.
                9 => world.clients.abandon(id),
                8 => world.clients.forget(id, world.now),
                _ => world.send(id, &ToServer::Leave),
            }
        }
        world.pass(Duration::from_millis(1_000));
        if round % 50 == 49 {
            world.pass(transport::IDLE_TIMEOUT * 2);
            world.room.tick();
            let lengths = world.lengths();
            assert_eq!(lengths.0[1..], [0, 0, 0], "round {round}: nobody is there");
            assert_eq!(*settled.get_or_insert(lengths), lengths, "round {round}: after {} joins", world.keys);
        }
    }
    assert!(world.keys >= 2_000 && world.endpoint.lengths()[0] < 50, "{} places", world.endpoint.lengths()[0]);
}
