//! The table of attacks, and how each is run. Every one is bounded in number and in time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gamera_protocol::measure::Tick;
use gamera_protocol::message::{ALPN, Audience, DATAGRAM_MAX, ToServer};
use gamera_protocol::rng::Pcg32;
use gamera_protocol::snapshot::InputDatagram;
use gamera_protocol::{codec, text};

use gamera_link::key::Key;

use super::peer::{Bare, Peer, first_flights, fresh_key, hello};

/// Links of an attack that opens links.
const LINKS: usize = 48;
/// Attackers that are let in, of one that needs a seat.
pub(super) const GUESTS: usize = 12;
/// Addresses of an attack without links.
const SOCKETS: usize = 64;
/// Between two volleys.
const VOLLEY: Duration = Duration::from_millis(10);

/// One attack.
pub(super) struct Attack {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Rubbish,
    HandshakeFlood,
    Replay,
    WrongAlpn,
    NoHello,
    SlowHello,
    Opening(&'static [u8]),
    LongHello,
    StreamFlood,
    BadDatagrams,
    InputFlood,
    AbsurdTicks,
    ChatFlood,
    KeyFight,
}

const fn attack(name: &'static str, kind: Kind) -> Attack {
    Attack { name, kind }
}

/// All of them, in their order.
pub(super) const ATTACKS: [Attack; 15] = [
    attack("random datagrams", Kind::Rubbish),
    attack("handshakes never ended", Kind::HandshakeFlood),
    attack("first flight replayed", Kind::Replay),
    attack("another protocol", Kind::WrongAlpn),
    attack("links without a hello", Kind::NoHello),
    attack("hello byte by byte", Kind::SlowHello),
    attack("stream that stalls", Kind::Opening(&[0x20])),
    attack("hello that is rubbish", Kind::Opening(&[0, 9, 255, 255, 255, 255, 255, 255, 255, 255, 255])),
    attack("hello beyond its bound", Kind::LongHello),
    attack("streams and streams", Kind::StreamFlood),
    attack("datagrams malformed", Kind::BadDatagrams),
    attack("inputs in floods", Kind::InputFlood),
    attack("inputs of absurd ticks", Kind::AbsurdTicks),
    attack("chat beyond its bound", Kind::ChatFlood),
    attack("two fight for one key", Kind::KeyFight),
];

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Done {
    /// Datagrams, connections or messages.
    pub(super) tried: u64,
    /// Attackers, by their addresses.
    pub(super) peers: usize,
    /// Bytes sent from addresses that were not proved, and those that came back.
    pub(super) unproved: Option<(u64, u64)>,
}

/// The attackers of one attack, whose links stay open until its end.
pub(super) struct Siege<'a> {
    server: SocketAddr,
    until: Instant,
    links: Vec<Peer>,
    /// Who comes again has its seat again: attacks one after the other fill no more than these.
    keys: &'a [Key],
}

impl<'a> Siege<'a> {
    /// Attackers of `server` that are done after `stretch`.
    pub(super) fn new(server: SocketAddr, stretch: Duration, keys: &'a [Key]) -> Siege<'a> {
        Siege { server, until: Instant::now() + stretch, links: Vec::new(), keys }
    }

    /// Attacks until the time is over.
    pub(super) async fn run(&mut self, kind: Kind) -> std::io::Result<Done> {
        match kind {
            Kind::Rubbish | Kind::HandshakeFlood | Kind::Replay => self.without_proof(kind).await,
            Kind::WrongAlpn | Kind::KeyFight => self.again_and_again(kind).await,
            Kind::NoHello => self.openings(&[]).await,
            Kind::Opening(bytes) => self.openings(bytes).await,
            Kind::LongHello => self.openings(&[0xff; 4_096]).await,
            Kind::SlowHello => self.slow_hello().await,
            _ => self.with_seats(kind).await,
        }
    }

    /// Lets the links go, and the server see it.
    pub(super) async fn end(self) {
        self.links.iter().for_each(|link| link.connection.close(0_u32.into(), b""));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    async fn without_proof(&self, kind: Kind) -> std::io::Result<Done> {
        let flights = if kind == Kind::Rubbish { Vec::new() } else { first_flights(SOCKETS).await? };
        let mut sockets = Vec::new();
        for _ in 0..SOCKETS {
            sockets.push(Bare::open(self.server).await?);
        }
        let (mut rng, mut tried) = (Pcg32::new(1, 1), 0);
        while !self.is_over() {
            for (number, socket) in sockets.iter_mut().enumerate() {
                match kind {
                    Kind::Rubbish => {
                        let length = 1 + rng.below(1_200);
                        let bytes: Vec<u8> = (0..length).map(|_| rng.next_u32() as u8).collect();
                        tried += u64::from(socket.send(&bytes));
                    }
                    // Once an address: what is asked is what a first flight costs.
                    Kind::HandshakeFlood if socket.sent > 0 => {}
                    _ => {
                        let which = if kind == Kind::Replay { 0 } else { number };
                        let Some(flight) = flights.get(which) else { continue };
                        tried += u64::from(socket.send(flight));
                    }
                }
                socket.listen();
            }
            tokio::time::sleep(VOLLEY).await;
        }
        let sums = sockets.iter().fold((0, 0), |(to, back), s| (to + s.sent, back + s.came_back));
        Ok(Done { tried, peers: SOCKETS, unproved: Some(sums) })
    }

    /// Connects, one after the other, until the time is over.
    async fn again_and_again(&mut self, kind: Kind) -> std::io::Result<Done> {
        let Some(key) = self.keys.first() else { return Ok(Done::default()) };
        let mut tried = 0;
        while !self.is_over() {
            tried += 1;
            match kind {
                Kind::WrongAlpn => drop(Peer::dial(self.server, key, b"gamera/0").await),
                _ => self.links.extend(Peer::guest(self.server, key).await),
            }
            // The two that fight: those before have lost.
            let lost = self.links.len().saturating_sub(2);
            self.links.drain(..lost);
        }
        Ok(Done { tried, peers: 2, unproved: None })
    }

    /// Opens links that send `bytes` and no more.
    async fn openings(&mut self, bytes: &[u8]) -> std::io::Result<Done> {
        self.dial(LINKS).await?;
        for link in &mut self.links {
            // The server may have had enough before the last byte.
            let _ = link.send.write_all(bytes).await;
        }
        tokio::time::sleep(self.until.saturating_duration_since(Instant::now())).await;
        Ok(Done { tried: self.links.len() as u64, peers: LINKS, unproved: None })
    }

    async fn slow_hello(&mut self) -> std::io::Result<Done> {
        self.dial(LINKS).await?;
        let mut tried = 0;
        for byte in hello() {
            if self.is_over() {
                break;
            }
            for link in &mut self.links {
                let _ = link.send.write_all(&[byte]).await;
                tried += 1;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        Ok(Done { tried, peers: LINKS, unproved: None })
    }

    async fn dial(&mut self, count: usize) -> std::io::Result<()> {
        for _ in 0..count {
            self.links.extend(Peer::dial(self.server, &fresh_key()?, ALPN).await);
        }
        Ok(())
    }

    /// Attacks with seats.
    async fn with_seats(&mut self, kind: Kind) -> std::io::Result<Done> {
        for key in self.keys {
            self.links.extend(Peer::guest(self.server, key).await);
        }
        let (mut rng, mut tried) = (Pcg32::new(2, 2), 0);
        while !self.is_over() {
            for link in &mut self.links {
                tried += strike(kind, link, &mut rng).await;
            }
            tokio::time::sleep(VOLLEY).await;
        }
        Ok(Done { tried, peers: GUESTS, unproved: None })
    }
}

/// One volley of one guest; whether the server still listens does not matter.
async fn strike(kind: Kind, link: &mut Peer, rng: &mut Pcg32) -> u64 {
    match kind {
        Kind::StreamFlood => {
            // Where no more are granted this would wait for ever.
            let opened = tokio::time::timeout(Duration::from_millis(1), link.connection.open_uni()).await;
            if let Ok(Ok(mut stream)) = opened {
                let _ = stream.write_all(&[7; 64]).await;
            }
            return 1;
        }
        Kind::ChatFlood => {
            let say = ToServer::Say { to: Audience::All, text: "x".repeat(text::CHAT_MAX * 2) };
            let frame = codec::frame(&say).unwrap_or_default();
            let _ = tokio::time::timeout(VOLLEY, link.send.write_all(&frame)).await;
            return 1;
        }
        _ => {}
    }
    let volley = if kind == Kind::InputFlood { 20 } else { 2 };
    for _ in 0..volley {
        let bytes = match kind {
            Kind::BadDatagrams => {
                let length = 1 + rng.below(DATAGRAM_MAX as u32);
                (0..length).map(|_| rng.next_u32() as u8).collect()
            }
            _ => input(if kind == Kind::InputFlood { 1 } else { rng.next_u32() }),
        };
        let _ = link.connection.send_datagram(Bytes::from(bytes));
    }
    volley
}

/// A readable datagram of inputs for a tick; its first byte is the place it is meant for.
fn input(tick: u32) -> Vec<u8> {
    let datagram =
        InputDatagram { newest: Tick(tick), inputs: vec![Default::default(); 4], ..InputDatagram::default() };
    [1].into_iter().chain(datagram.encode()).collect()
}
