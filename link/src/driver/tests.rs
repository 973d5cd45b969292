//! Two drivers over loopback.

use std::net::Ipv4Addr;

use bytes::Bytes;
use gamera_protocol::codec;
use gamera_protocol::join::Fingerprint;
use gamera_protocol::message::{ALPN, Refusal, SERVER_NAME, ToServer};
use quinn_proto::ConnectionError;

use super::*;
use crate::key::Key;
use crate::tls::{self, Trust};
use crate::transport::{self, End};

#[derive(Debug)]
struct Anybody;

impl Trust for Anybody {
    fn accepts(&self, _server: Fingerprint) -> bool {
        true
    }
}

fn socket() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

fn server_config() -> ServerConfig {
    let mut config = ServerConfig::with_crypto(Arc::new(tls::server(&Key::fresh().unwrap()).unwrap()));
    config.transport_config(Arc::new(transport::transport(End::Server)));
    config
}

fn client_config(key: &Key) -> ClientConfig {
    let mut config = ClientConfig::new(Arc::new(tls::client(key, Arc::new(Anybody), ALPN).unwrap()));
    config.transport_config(Arc::new(transport::transport(End::Client)));
    config
}

/// A server, a client, and what connects them at each end.
struct Pair {
    server: Driver,
    client: Driver,
    at_server: Option<PeerId>,
    at_client: PeerId,
}

impl Pair {
    fn new(key: &Key) -> Pair {
        let server = Driver::new(EndpointConfig::default(), Some(server_config()), socket()).unwrap();
        let mut client = Driver::new(EndpointConfig::default(), None, socket()).unwrap();
        let address = server.address().unwrap();
        let at_client = client.connect(client_config(key), address, SERVER_NAME, Instant::now()).unwrap();
        Pair { server, client, at_server: None, at_client }
    }

    /// Drives both ends until `done`, within reason.
    fn until(&mut self, mut done: impl FnMut(&mut Pair) -> bool) {
        let patience = Instant::now() + Duration::from_secs(10);
        while !done(self) {
            assert!(Instant::now() < patience, "in time");
            let now = Instant::now();
            self.client.send(now);
            self.server.receive(now);
            while let Some(incoming) = self.server.next_incoming() {
                self.at_server = self.server.accept(incoming, now);
            }
            self.server.send(now);
            self.client.receive(now);
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    fn met(key: &Key) -> Pair {
        let mut pair = Pair::new(key);
        pair.until(|p| p.client().is_up() && p.at_server.is_some() && p.server().is_up());
        pair
    }

    fn client(&mut self) -> &mut Peer {
        self.client.peer_mut(self.at_client).unwrap()
    }

    fn server(&mut self) -> &mut Peer {
        self.server.peer_mut(self.at_server.unwrap()).unwrap()
    }
}

#[test]
fn frames_and_datagrams_go_both_ways_and_each_end_knows_the_other() {
    let key = Key::fresh().unwrap();
    let mut pair = Pair::met(&key);
    assert_eq!(pair.server().certificate(), Some(key.certificate()));
    pair.client().open_control();
    let frame = codec::frame(&ToServer::Leave).unwrap();
    let many = 500;
    for _ in 0..many {
        pair.client().send_frame(Bytes::from(frame.clone()));
    }
    assert!(pair.client().send_datagram(Bytes::from_static(b"up")));
    assert!(pair.server().send_datagram(Bytes::from_static(b"down")));
    let (mut frames, mut up, mut down) = (0, None, None);
    pair.until(|p| {
        while p.server().next_frame().unwrap().is_some() {
            frames += 1;
        }
        up = up.take().or_else(|| p.server().next_datagram());
        down = down.take().or_else(|| p.client().next_datagram());
        frames == many && up.is_some() && down.is_some()
    });
    pair.server().send_frame(Bytes::from(frame.clone()));
    pair.until(|p| p.client().next_frame().unwrap().is_some());
}

#[test]
fn who_is_sent_away_is_told_why_and_the_places_are_free_again() {
    let mut pair = Pair::met(&Key::fresh().unwrap());
    let reason = codec::encode(&Refusal::Crowded).unwrap();
    pair.server().close(VarInt::from_u32(1), Bytes::from(reason.clone()), Instant::now());
    pair.until(|p| p.client().lost().is_some());
    let Some(ConnectionError::ApplicationClosed(close)) = pair.client().lost().cloned() else {
        panic!("{:?}", pair.client().lost());
    };
    assert_eq!(close.reason, reason);
    let (at_client, at_server) = (pair.at_client, pair.at_server.unwrap());
    pair.client.forget(at_client, Instant::now());
    pair.server.forget(at_server, Instant::now());
    pair.until(|p| p.client.is_idle() && p.server.is_idle());
    assert!(pair.client.peer(at_client).is_none());
    let address = pair.server.address().unwrap();
    let next =
        pair.client.connect(client_config(&Key::fresh().unwrap()), address, SERVER_NAME, Instant::now()).unwrap();
    assert_eq!(next.index(), at_client.index(), "a place is used again, under another name");
    assert!(next != at_client);
}

#[test]
fn an_address_can_be_asked_for_proof_first() {
    let mut pair = Pair::new(&Key::fresh().unwrap());
    let (mut retried, mut id) = (0, None);
    let patience = Instant::now() + Duration::from_secs(10);
    while !pair.client().is_up() {
        assert!(Instant::now() < patience, "in time");
        let now = Instant::now();
        pair.client.send(now);
        pair.server.receive(now);
        while let Some(incoming) = pair.server.next_incoming() {
            if incoming.may_retry() {
                retried += 1;
                pair.server.retry(incoming, now);
            } else {
                id = id.or(pair.server.accept(incoming, now));
            }
        }
        pair.server.send(now);
        pair.client.receive(now);
        std::thread::sleep(Duration::from_micros(200));
    }
    assert!(retried > 0 && id.is_some());
}

#[test]
fn an_abandoned_connection_says_nothing_and_hears_nothing() {
    let mut pair = Pair::met(&Key::fresh().unwrap());
    let id = pair.at_client;
    pair.client.abandon(id);
    assert!(pair.client.peer(id).is_none());
    // A goodbye would be here long before the last of these: whatever is sent comes in order.
    let mut sent = 0;
    pair.until(|p| {
        let told = p.server().send_datagram(Bytes::from_static(b"news"));
        sent += u32::from(told);
        sent >= 200
    });
    assert!(pair.server().lost().is_none(), "{:?}", pair.server().lost());
    assert!(!pair.client.is_idle(), "it is there until it has timed out");
}

#[test]
fn an_address_that_is_not_proved_is_sent_less_than_three_times_what_came_from_there() {
    let place = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let (at_server, at_catcher, at_attacker) = (place(1), place(2), place(3));
    for times in [1, 2, 7] {
        let (net, start) = (MemoryNet::default(), Instant::now());
        let mut server = Driver::over(EndpointConfig::default(), Some(server_config()), Box::new(net.port(at_server)));
        let flight = first_flight(&net, at_catcher, start);
        let mut attacker = net.port(at_attacker);
        let to_server =
            Transmit { destination: at_server, ecn: None, size: flight.len(), segment_size: None, src_ip: None };
        let (mut accepted, mut back) = (0, 0);
        for ms in 0..30_000 {
            let now = start + Duration::from_millis(ms);
            if ms < times {
                attacker.send(now, &to_server, &flight);
            }
            server.receive(now);
            while let Some(incoming) = server.next_incoming() {
                accepted += u32::from(server.accept(incoming, now).is_some());
            }
            server.send(now);
            attacker.receive(now, &mut |received| back += received.bytes.len());
        }
        assert_eq!(accepted, 1, "{times} times the same flight");
        assert!(back >= flight.len() && back < 3 * times as usize * flight.len(), "{times} flights: {back} bytes");
        assert!(server.is_idle(), "and it is forgotten in the end");
    }
}

/// What a client sends first, caught by somebody who does not answer.
fn first_flight(net: &MemoryNet, catcher: SocketAddr, now: Instant) -> Vec<u8> {
    let mut port = net.port(catcher);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    let mut client = Driver::over(EndpointConfig::default(), None, Box::new(net.port(address)));
    client.connect(client_config(&Key::fresh().unwrap()), catcher, SERVER_NAME, now).unwrap();
    client.send(now);
    let mut flight = Vec::new();
    port.receive(now, &mut |received| flight.extend_from_slice(received.bytes));
    flight
}
