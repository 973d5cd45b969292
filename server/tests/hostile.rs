//! A live server under clients that break the rules: each is answered or closed, and counted, and
//! the match goes on for everybody else.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gamera_link::framing::read_frame;
use gamera_link::key::Key;
use gamera_link::tls::{self, Trust};
use gamera_link::transport::{self, End};
use gamera_protocol::balance::Balance;
use gamera_protocol::codec;
use gamera_protocol::join::Fingerprint;
use gamera_protocol::message::{ALPN, Hello, Refusal, SERVER_NAME, ToClient, ToServer, VERSION, Wish};
use gamera_protocol::snapshot::InputDatagram;
use gamera_server::config::{BotsSetting, ModeSetting, Settings, TransportSetting};
use gamera_server::{HostHandle, Identity, host};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use quinn::{Connection, ConnectionError, Endpoint, RecvStream, SendStream};
use tokio::time::timeout;

#[derive(Debug)]
struct Anybody;

impl Trust for Anybody {
    fn accepts(&self, _server: Fingerprint) -> bool {
        true
    }
}

fn server(transport: TransportSetting) -> HostHandle {
    let settings = Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        seats: 16,
        mode: ModeSetting::Quick,
        bots: BotsSetting::Normal,
        seed: Some(1),
        transport,
        ..Settings::default()
    };
    host(&settings, Identity::Fresh).unwrap()
}

fn hello() -> Hello {
    let balance = Balance::default().fingerprint();
    Hello { version: VERSION, balance, name: "Honami".into(), wish: Wish::Any }
}

fn frame(message: &ToServer) -> Vec<u8> {
    codec::frame(message).unwrap()
}

struct Peer {
    _endpoint: Endpoint,
    connection: Connection,
    send: SendStream,
    recv: RecvStream,
}

impl Peer {
    async fn dial(server: &HostHandle, alpn: &[u8]) -> Result<Peer, ConnectionError> {
        let key = Key::fresh().unwrap();
        let mut config = quinn::ClientConfig::new(Arc::new(tls::client(&key, Arc::new(Anybody), alpn).unwrap()));
        config.transport_config(Arc::new(transport::transport(End::Client)));
        let endpoint = Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let connection = endpoint.connect_with(config, server.address(), SERVER_NAME).unwrap().await?;
        let (send, recv) = connection.open_bi().await?;
        Ok(Peer { _endpoint: endpoint, connection, send, recv })
    }

    /// A peer that has been let in.
    async fn guest(server: &HostHandle) -> Peer {
        let mut peer = Peer::dial(server, ALPN).await.unwrap();
        peer.send.write_all(&frame(&ToServer::Hello(hello()))).await.unwrap();
        let welcome = codec::decode::<ToClient>(&read_frame(&mut peer.recv).await.unwrap()).unwrap();
        assert!(matches!(welcome, ToClient::Welcome(_)));
        peer
    }

    /// Why the server has closed the connection; `None` while it has not.
    async fn closed(&self, patience: Duration) -> Option<Refusal> {
        match timeout(patience, self.connection.closed()).await.ok()? {
            ConnectionError::ApplicationClosed(close) => codec::decode(&close.reason).ok(),
            _ => None,
        }
    }
}

/// The sum of a counter over its labels that contain `label`.
fn count(figures: &PrometheusHandle, name: &str, label: &str) -> u64 {
    let text = figures.render();
    let lines = text.lines().filter(|l| l.starts_with(name) && l.contains(label));
    lines.filter_map(|l| l.rsplit_once(' ')?.1.parse::<f64>().ok()).sum::<f64>() as u64
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_bytes_are_answered_and_counted_and_the_match_goes_on() {
    let figures = PrometheusBuilder::new().install_recorder().unwrap();
    for transport in [TransportSetting::Polled, TransportSetting::Quinn] {
        attack(transport, &figures).await;
    }
}

async fn attack(transport: TransportSetting, figures: &PrometheusHandle) {
    let server = server(transport);
    let honest = Peer::guest(&server).await;
    let counts = |(name, label, _): (&str, &str, u64)| count(figures, name, label);
    let before = COUNTED.map(counts);

    bad_openings_are_refused(&server).await;
    bad_messages_end_their_own_link(&server).await;
    bad_datagrams_end_their_own_link(&server).await;
    a_flood_of_datagrams_is_dropped(&server).await;

    for ((name, label, least), before) in COUNTED.into_iter().zip(before) {
        let counted = count(figures, name, label) - before;
        assert!(counted >= least, "{transport:?} {name} {label}: {counted}");
    }

    let before = (count(figures, "gamera_ticks_total", ""), Instant::now());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let ticks = count(figures, "gamera_ticks_total", "") - before.0;
    assert!(ticks >= 20, "{ticks} ticks in {:?}", before.1.elapsed());
    assert!(honest.connection.close_reason().is_none(), "{:?}", honest.connection.close_reason());
    let datagram = timeout(Duration::from_secs(2), honest.connection.read_datagram()).await;
    assert!(datagram.is_ok_and(|read| read.is_ok()), "snapshots still come");
    server.shutdown();
}

/// What must have been counted at least.
const COUNTED: [(&str, &str, u64); 8] = [
    ("gamera_bad_input_total", "control", 5),
    ("gamera_bad_input_total", "unexpected", 1),
    ("gamera_bad_input_total", "datagram", 20),
    ("gamera_bad_input_total", "flood", 1),
    ("gamera_refusals_total", "version", 1),
    ("gamera_refusals_total", "balance", 1),
    ("gamera_refusals_total", "name", 1),
    ("gamera_refusals_total", "too-fast", 1),
];

async fn bad_openings_are_refused(server: &HostHandle) {
    let named = |name: &str| Hello { name: name.into(), ..hello() };
    let truncated = {
        let mut bytes = frame(&ToServer::Hello(hello()));
        bytes.truncate(bytes.len() - 1);
        bytes[1] -= 1;
        bytes
    };
    for (name, bytes, refusal) in [
        ("garbage", vec![0, 9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Refusal::NoHello),
        ("an oversize frame", vec![0xff; 64], Refusal::NoHello),
        ("an empty frame", vec![0, 0], Refusal::NoHello),
        ("another message", frame(&ToServer::Leave), Refusal::NoHello),
        ("a truncated hello", truncated, Refusal::BadMessage),
        (
            "another version",
            frame(&ToServer::Hello(Hello { version: 99, ..hello() })),
            Refusal::Version { server: VERSION },
        ),
        (
            "other numbers",
            frame(&ToServer::Hello(Hello { balance: 1, ..hello() })),
            Refusal::Balance { server: hello().balance },
        ),
        (
            "a hostile name",
            frame(&ToServer::Hello(named("\u{1b}[2J"))),
            Refusal::Name(gamera_protocol::text::TextError::Unsafe { code: 0x1b }),
        ),
    ] {
        let mut peer = Peer::dial(server, ALPN).await.unwrap();
        peer.send.write_all(&bytes).await.unwrap();
        assert_eq!(peer.closed(Duration::from_secs(5)).await, Some(refusal), "{name}");
    }
    assert!(Peer::dial(server, b"gamera/0").await.is_err(), "another protocol ends in the handshake");
}

async fn bad_messages_end_their_own_link(server: &HostHandle) {
    for (name, bytes, refusal) in [
        ("garbage", vec![0, 4, 9, 9, 9, 9], Refusal::BadMessage),
        ("an oversize frame", vec![0xff; 16], Refusal::BadMessage),
        ("a second hello", frame(&ToServer::Hello(hello())), Refusal::BadMessage),
        ("a flood of orders", frame(&ToServer::Choose(Wish::Any)).repeat(2_000), Refusal::TooFast),
    ] {
        let mut peer = Peer::guest(server).await;
        // The server may close while it is still being written to.
        let _ = peer.send.write_all(&bytes).await;
        assert_eq!(peer.closed(Duration::from_secs(5)).await, Some(refusal), "{name}");
    }
}

/// Readable datagrams of a place that was never given: they change nothing, and too many are dropped.
async fn a_flood_of_datagrams_is_dropped(server: &HostHandle) {
    let peer = Peer::guest(server).await;
    let stale: Vec<u8> = [200].into_iter().chain(InputDatagram::default().encode()).collect();
    for i in 0..400 {
        peer.connection.send_datagram(Bytes::from(stale.clone())).unwrap();
        if i % 40 == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    assert_eq!(peer.closed(Duration::from_millis(200)).await, None);
}

async fn bad_datagrams_end_their_own_link(server: &HostHandle) {
    let peer = Peer::guest(server).await;
    for i in 0..400_u32 {
        let _ = peer.connection.send_datagram(Bytes::from(i.to_le_bytes().repeat(1 + i as usize % 200)));
        if i % 40 == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    assert_eq!(peer.closed(Duration::from_secs(5)).await, Some(Refusal::BadMessage));
}
