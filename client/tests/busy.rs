//! Joining a server that has no time, with real sessions and the real endpoint over a network and a time that are
//! made up: who is turned away asks again, and everybody is told what the matter is.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gamera_client::session::{Dialer, Options, Session, SessionError, SessionEvent, TrustError, Waiting};
use gamera_link::driver::{Driver, MemoryNet};
use gamera_link::key::Key;
use gamera_link::tls;
use gamera_protocol::join::{Fingerprint, JoinLine};
use gamera_protocol::message::{PlacedBy, Wish};
use gamera_server::config::{BotsSetting, ModeSetting, Settings};
use gamera_server::net::{Arrival, Capacity, Mailbox, PolledEndpoint, Rooms};
use gamera_server::ops::meters::RoomMeters;
use gamera_server::room::{Room, SLICES};
use quinn::{EndpointConfig, ServerConfig};
use tokio::task::{JoinSet, LocalSet};

/// Time passes in steps of this.
const STEP: Duration = Duration::from_millis(2);
/// A tick of the battle.
const TICK_STEPS: u64 = 16;
const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 27_996);

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Whatever stands at the server's address.
trait Server {
    fn look(&mut self, now: Instant);
}

struct NoTime(Mutex<Mailbox>);

impl Rooms for NoTime {
    fn room_for(&self, _key: Fingerprint) -> Option<Mailbox> {
        Some(self.0.lock().unwrap().clone())
    }

    fn are_pressed(&self) -> bool {
        true
    }
}

/// A server whose room has no time, ever.
struct Pressed {
    endpoint: PolledEndpoint,
    room: Room,
    arrivals: Receiver<Arrival>,
    looks: u64,
    /// Before this look the room takes nothing in.
    deaf: u64,
}

impl Pressed {
    fn new(net: &MemoryNet) -> Pressed {
        let (mailbox, arrivals) = channel();
        let capacity = Capacity { connections: 1_000, per_address: 1_000 };
        let rooms = Arc::new(NoTime(Mutex::new(mailbox)));
        let port = Box::new(net.port(SERVER));
        let endpoint = PolledEndpoint::over(port, &server_key(), capacity, rooms, now(), Some([2; 32])).unwrap();
        let settings = Settings { seats: 256, mode: ModeSetting::Quick, bots: BotsSetting::Off, ..Settings::default() };
        Pressed { endpoint, room: Room::new(&settings, 1, RoomMeters::new(0)), arrivals, looks: 0, deaf: 0 }
    }
}

impl Server for Pressed {
    fn look(&mut self, now: Instant) {
        self.endpoint.look(now);
        self.looks += 1;
        if self.looks < self.deaf {
            return;
        }
        self.arrivals.try_iter().for_each(|arrival| self.room.receive(arrival));
        if self.looks.is_multiple_of(TICK_STEPS) {
            self.room.tick();
            (0..SLICES).for_each(|slice| self.room.serve(slice));
        }
    }
}

/// A server that lets nobody in.
struct Full(Driver);

fn driver(net: &MemoryNet) -> Driver {
    let config = ServerConfig::with_crypto(Arc::new(tls::server(&server_key()).unwrap()));
    Driver::over(EndpointConfig::default(), Some(config), Box::new(net.port(SERVER)))
}

impl Server for Full {
    fn look(&mut self, now: Instant) {
        self.0.receive(now);
        while let Some(incoming) = self.0.next_incoming() {
            self.0.refuse(incoming, now);
        }
        self.0.send(now);
    }
}

/// A server that gives up each handshake as soon as it has begun.
struct Hasty(Driver);

impl Server for Hasty {
    fn look(&mut self, now: Instant) {
        self.0.receive(now);
        while let Some(incoming) = self.0.next_incoming() {
            let begun = self.0.accept(incoming, now).unwrap();
            self.0.forget(begun, now);
        }
        self.0.send(now);
    }
}

/// A server that is not there.
struct Nobody;

impl Server for Nobody {
    fn look(&mut self, _now: Instant) {}
}

fn server_key() -> Key {
    Key::seeded([1; 32]).unwrap()
}

fn line() -> JoinLine {
    let fingerprint = Some(server_key().fingerprint());
    JoinLine { host: SERVER.ip().to_string(), port: SERVER.port(), fingerprint }
}

/// How a join went.
struct Joined {
    outcome: Result<Session, SessionError>,
    told: Vec<Waiting>,
    took: Duration,
}

/// The players' end of the network.
struct Players {
    dialer: Dialer,
    began: Instant,
}

impl Players {
    fn new(net: &MemoryNet) -> Players {
        let port = Box::new(net.port((Ipv4Addr::new(10, 0, 0, 2), 4_433).into()));
        Players { dialer: Dialer::over(port, Some([3; 32])), began: now() }
    }

    /// Lets a step of time pass for both ends.
    async fn step(&self, server: &mut dyn Server) {
        assert!(now().duration_since(self.began) < Duration::from_secs(90), "it takes too long");
        tokio::time::advance(STEP).await;
        self.dialer.send();
        server.look(now());
        self.dialer.receive();
        tokio::task::yield_now().await;
    }

    /// Lets so many players join at the same time, and waits for what comes of it.
    async fn join(&self, players: u32, line: &JoinLine, server: &mut dyn Server) -> Vec<Joined> {
        let (mut joining, mut joined) = (JoinSet::new(), Vec::new());
        for number in 0..players {
            let mut seed = [4; 32];
            seed[..4].copy_from_slice(&number.to_le_bytes());
            let (key, dialer, began) = (Arc::new(Key::seeded(seed).unwrap()), self.dialer.clone(), self.began);
            let options = Options::new(line.clone(), &format!("player {number}"), Wish::Any);
            joining.spawn_local(async move {
                let mut told = Vec::new();
                let outcome = Session::connect_telling(&dialer, options, key, |what| told.push(what)).await;
                Joined { outcome, told, took: now().duration_since(began) }
            });
        }
        while !joining.is_empty() {
            self.step(server).await;
            while let Some(ended) = joining.try_join_next() {
                joined.push(ended.unwrap());
            }
        }
        joined
    }
}

/// Plays on a time that passes when it is told to.
fn play<T>(scene: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, scene)
}

/// Lets so many players join a server at the same time.
fn join<S: Server>(players: u32, line: &JoinLine, serve: impl FnOnce(&MemoryNet) -> S) -> Vec<Joined> {
    play(async {
        let net = MemoryNet::default();
        let mut server = serve(&net);
        Players::new(&net).join(players, line, &mut server).await
    })
}

#[test]
fn a_crowd_that_comes_at_once_is_let_in_and_nobody_waits_in_silence() {
    let joined = join(240, &line(), Pressed::new);
    let busy = Waiting::Busy { patience_s: 30 };
    let mut turned_away = 0;
    for Joined { outcome, told, took } in &joined {
        let session = outcome.as_ref().unwrap_or_else(|error| panic!("after {took:?}: {error}"));
        let count = session.figures().turned_away;
        turned_away += u32::from(count > 0);
        assert_eq!(told.iter().filter(|what| **what == busy).count(), count as usize, "each time it is told");
        assert!(count > 0 || *took < Duration::from_secs(1), "one of the queue has waited for {took:?}");
    }
    // At most half a second's worth waits, and one gets in in 8 ms: the others were turned away at first.
    assert!((100..=240 - 64).contains(&turned_away), "{turned_away} of 240 were turned away");
}

#[test]
fn who_gets_no_answer_to_the_hello_asks_again() {
    let deaf = Duration::from_secs(6).div_duration_f64(STEP) as u64;
    let joined = join(3, &line(), |net| Pressed { deaf, ..Pressed::new(net) });
    for Joined { outcome, told, took } in joined {
        assert_eq!(outcome.unwrap().figures().turned_away, 1, "{told:?}");
        assert_eq!(told, [Waiting::Slow, Waiting::Busy { patience_s: 30 }]);
        assert!(took < Duration::from_secs(8), "{took:?}");
    }
}

#[test]
fn who_is_turned_away_all_the_time_gives_up_and_names_the_cause_and_the_next_command() {
    let full = join(20, &line(), |net| Full(driver(net)));
    let hasty = join(20, &line(), |net| Hasty(driver(net)));
    for joined in full.into_iter().chain(hasty) {
        let Some(SessionError::Busy(error)) = joined.outcome.err() else { panic!("it has time for nobody") };
        assert!((8..=16).contains(&error.count), "{error}");
        assert_eq!(error.count as usize, joined.told.len() + 1, "{:?}", joined.told);
        assert!((20..=30).contains(&joined.took.as_secs()), "{:?}", joined.took);
        let text = error.to_string();
        for part in ["10.0.0.1:27996 is busy", "wait", &format!("`gamera-client join {}`", line())] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn a_busy_server_is_neither_one_that_does_not_answer_nor_another() {
    let silent = join(1, &line(), |_| Nobody).remove(0);
    let error = silent.outcome.err().unwrap();
    assert!(matches!(error, SessionError::Unreachable(_)) && error.to_string().contains("does not answer"), "{error}");
    assert_eq!(silent.told, [Waiting::Slow], "in time, and once");
    assert!(silent.took < Duration::from_secs(10), "{:?}", silent.took);

    let other = JoinLine { fingerprint: Some(Fingerprint([9; 32])), ..line() };
    let wrong = join(1, &other, Pressed::new).remove(0);
    assert!(matches!(wrong.outcome, Err(SessionError::Trust(TrustError::NotTheOne { .. }))));
    assert_eq!((wrong.told, wrong.took < Duration::from_secs(1)), (vec![], true), "nobody asks again for that");
}

#[test]
fn who_has_lost_the_link_and_finds_the_server_busy_is_told_and_has_the_seat_again_later() {
    play(async {
        let net = MemoryNet::default();
        // Both have the server's address: the one that is looked after is the one that is there.
        let (mut full, mut server) = (Full(driver(&net)), Pressed::new(&net));
        let players = Players::new(&net);
        let mut session = players.join(1, &line(), &mut server).await.remove(0).outcome.unwrap();
        let mut lost = Vec::new();
        while lost.len() < 2 {
            players.step(&mut full).await;
            while let Some(event) = session.poll() {
                if let SessionEvent::Lost { reason } = event {
                    lost.push(reason);
                }
            }
        }
        assert!(lost[1].contains("busy") && !lost[0].contains("busy"), "{lost:?}");
        let welcome = loop {
            players.step(&mut server).await;
            if let Some(SessionEvent::Resumed(welcome)) = session.poll() {
                break welcome;
            }
        };
        assert_eq!((welcome.by, session.figures().resumed), (PlacedBy::Resuming, 1));
    });
}
