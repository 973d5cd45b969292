//! Attackers' links: QUIC connections without a client behind them, sockets without QUIC, and the first
//! flight of a client, caught before a server has seen it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use gamera_link::framing::read_frame;
use gamera_link::key::Key;
use gamera_link::tls::{self, Trust};
use gamera_link::transport::{self, End};
use gamera_protocol::balance::Balance;
use gamera_protocol::codec;
use gamera_protocol::join::Fingerprint;
use gamera_protocol::message::{Hello, SERVER_NAME, ToServer, VERSION, Wish};
use quinn::{Connection, Endpoint, RecvStream, SendStream};
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// A server that does not answer for this long does not answer.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// The largest datagram.
const DATAGRAM: usize = 2_048;

#[derive(Debug)]
struct Anybody;

impl Trust for Anybody {
    fn accepts(&self, _server: Fingerprint) -> bool {
        true
    }
}

/// A connection of an attacker; it holds the server's memory until it is dropped.
pub(super) struct Peer {
    _endpoint: Endpoint,
    pub(super) connection: Connection,
    pub(super) send: SendStream,
    _recv: RecvStream,
}

/// An endpoint of an address of its own.
pub(super) fn endpoint(key: &Key, alpn: &[u8]) -> std::io::Result<Endpoint> {
    let crypto = tls::client(key, Arc::new(Anybody), alpn).map_err(std::io::Error::other)?;
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport::transport(End::Client)));
    let mut endpoint = Endpoint::client((Ipv4Addr::LOCALHOST, 0).into())?;
    endpoint.set_default_client_config(config);
    Ok(endpoint)
}

/// A key of its own.
pub(super) fn fresh_key() -> std::io::Result<Key> {
    Key::fresh().map_err(std::io::Error::other)
}

impl Peer {
    /// Connects, and says nothing; `None` where the server does not want it.
    pub(super) async fn dial(server: SocketAddr, key: &Key, alpn: &[u8]) -> Option<Peer> {
        let endpoint = endpoint(key, alpn).ok()?;
        let connection = timeout(PATIENCE, endpoint.connect(server, SERVER_NAME).ok()?).await.ok()?.ok()?;
        let (send, recv) = connection.open_bi().await.ok()?;
        Some(Peer { _endpoint: endpoint, connection, send, _recv: recv })
    }

    /// Connects and is let in.
    pub(super) async fn guest(server: SocketAddr, key: &Key) -> Option<Peer> {
        let mut peer = Peer::dial(server, key, gamera_protocol::message::ALPN).await?;
        peer.send.write_all(&hello()).await.ok()?;
        timeout(PATIENCE, read_frame(&mut peer._recv)).await.ok()?.ok()?;
        Some(peer)
    }
}

/// The frame of a good hello.
pub(super) fn hello() -> Vec<u8> {
    let balance = Balance::default().fingerprint();
    let hello = Hello { version: VERSION, balance, name: "attacker".into(), wish: Wish::Any };
    codec::frame(&ToServer::Hello(hello)).unwrap_or_default()
}

/// The first flight of so many clients, none of which a server has seen.
pub(super) async fn first_flights(count: usize) -> std::io::Result<Vec<Vec<u8>>> {
    let catcher = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = catcher.local_addr()?;
    let endpoint = endpoint(&fresh_key()?, gamera_protocol::message::ALPN)?;
    // Those who give up say so, and that is no first flight: they wait until all are caught.
    let (mut flights, mut waiting) = (Vec::new(), Vec::new());
    let mut buffer = vec![0; DATAGRAM];
    for _ in 0..count {
        waiting.push(endpoint.connect(address, SERVER_NAME).map_err(std::io::Error::other)?);
        if let Ok(received) = timeout(PATIENCE, catcher.recv(&mut buffer)).await {
            flights.push(buffer[..received?].to_vec());
        }
    }
    Ok(flights)
}

/// A socket without QUIC, which counts what it sends and what comes back.
pub(super) struct Bare {
    socket: UdpSocket,
    pub(super) sent: u64,
    pub(super) came_back: u64,
}

impl Bare {
    pub(super) async fn open(server: SocketAddr) -> std::io::Result<Bare> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        socket.connect(server).await?;
        Ok(Bare { socket, sent: 0, came_back: 0 })
    }

    /// Sends; false where the system does not take it.
    pub(super) fn send(&mut self, bytes: &[u8]) -> bool {
        let sent = self.socket.try_send(bytes);
        self.sent += sent.as_ref().map_or(0, |length| *length as u64);
        sent.is_ok()
    }

    /// Counts what has come back.
    pub(super) fn listen(&mut self) {
        let mut buffer = [0; DATAGRAM];
        while let Ok(length) = self.socket.try_recv(&mut buffer) {
            self.came_back += length as u64;
        }
    }
}
