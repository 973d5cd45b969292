//! The QUIC endpoint: settings, and who is let as far as a hello.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use gamera_link::key::Key;
use gamera_link::tls::{self, TlsError};
use gamera_link::transport::{self, End};
use gamera_protocol::message::Refusal;
use quinn::{EndpointConfig, Incoming, ServerConfig, TokioRuntime};
use ring::{hkdf, hmac};
use tokio::time::{Instant, sleep_until, timeout};

use super::connection::{self, close_with};
use super::connection_id::OwnIds;
use super::limits::{BUSY_HANDSHAKES, HELD_BACK, PerAddress, Turn};
use super::{LinkId, Rooms};
use crate::ops::meters::{self, NetMeters};

/// Why there is no endpoint.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The address is in use or not ours.
    #[error("cannot listen on {address}: {source}; give another with --listen")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// How many connections an endpoint takes.
#[derive(Clone, Copy, Debug)]
pub struct Capacity {
    /// In all.
    pub connections: u32,
    /// From one address, loopback exempt.
    pub per_address: u32,
}

/// What all connections share.
pub(super) struct Shared {
    pub(super) rooms: Arc<dyn Rooms>,
    pub(super) meters: NetMeters,
    next_link: AtomicU64,
    handshakes: Arc<AtomicU32>,
    open: Arc<AtomicU32>,
    pub(super) per_address: PerAddress,
    pub(super) capacity: Capacity,
}

impl Shared {
    pub(super) fn new(rooms: Arc<dyn Rooms>, capacity: Capacity) -> Shared {
        Shared {
            rooms,
            meters: NetMeters::default(),
            next_link: AtomicU64::new(1),
            handshakes: Arc::default(),
            open: Arc::default(),
            per_address: PerAddress::new(capacity.per_address),
            capacity,
        }
    }

    pub(super) fn next_link(&self) -> LinkId {
        LinkId(self.next_link.fetch_add(1, Ordering::Relaxed))
    }
}

/// Counts one up for as long as it lives.
struct Tally(Arc<AtomicU32>);

impl Tally {
    fn of(count: &Arc<AtomicU32>) -> Tally {
        count.fetch_add(1, Ordering::Relaxed);
        Tally(Arc::clone(count))
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One UDP port that takes clients.
#[derive(Clone)]
pub struct Endpoint {
    quic: quinn::Endpoint,
    shared: Arc<Shared>,
}

impl Endpoint {
    /// Binds `address`, presents `key`, and leads clients to `rooms`. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the address cannot be bound or the key does not fit.
    pub fn bind(
        address: SocketAddr,
        key: &Key,
        capacity: Capacity,
        rooms: Arc<dyn Rooms>,
    ) -> Result<Endpoint, EndpointError> {
        let config = server_config(key)?;
        let socket = transport::open_socket(address).map_err(|source| EndpointError::Bind { address, source })?;
        let quic = quinn::Endpoint::new(endpoint_config(key), Some(config), socket, Arc::new(TokioRuntime))
            .map_err(|source| EndpointError::Bind { address, source })?;
        let shared = Arc::new(Shared::new(rooms, capacity));
        Ok(Endpoint { quic, shared })
    }

    /// The address that was bound.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.quic.local_addr()
    }

    /// Takes clients until the endpoint is closed.
    pub async fn serve(&self) {
        let (mut queue, mut due) = (VecDeque::new(), Instant::now());
        loop {
            tokio::select! {
                incoming = self.quic.accept() => match incoming {
                    Some(incoming) => self.line_up(incoming, &mut queue),
                    // Whoever still waits is refused as it is dropped.
                    None => return,
                },
                () = sleep_until(due), if !queue.is_empty() => {
                    let has_begun = queue.pop_front().is_some_and(|first| self.take(first));
                    if has_begun && self.shared.rooms.are_pressed() {
                        due = Instant::now() + HELD_BACK;
                    }
                }
            }
            self.shared.meters.handshakes_waiting.set(queue.len() as f64);
        }
    }

    /// Has one who comes wait for its handshake to begin: while rooms have no time not everybody can.
    fn line_up(&self, incoming: Incoming, queue: &mut VecDeque<Incoming>) {
        let turn = Turn::of(queue.len(), incoming.may_retry());
        match turn {
            Turn::Proves if self.shared.rooms.are_pressed() => self.retry(incoming),
            Turn::Refused if self.shared.rooms.are_pressed() => {
                self.shared.meters.handshakes_refused.increment(1);
                incoming.refuse();
            }
            _ => queue.push_back(incoming),
        }
    }

    fn retry(&self, incoming: Incoming) {
        self.shared.meters.retries.increment(1);
        // An error hands the connection attempt back; dropping it refuses it.
        let _ = incoming.retry();
    }

    /// Sends everybody away and waits until they have been told.
    pub async fn close(&self) {
        let reason = connection::reason(&Refusal::Stopped);
        self.quic.close(connection::code(&Refusal::Stopped), &reason);
        let _ = timeout(Duration::from_millis(500), self.quic.wait_idle()).await;
    }

    /// Begins a handshake; false where the address has to be proved first.
    fn take(&self, incoming: Incoming) -> bool {
        let is_busy = self.shared.handshakes.load(Ordering::Relaxed) >= BUSY_HANDSHAKES;
        if is_busy && incoming.may_retry() {
            self.retry(incoming);
            return false;
        }
        let shared = Arc::clone(&self.shared);
        // Counted here and not in the task: many may come before the first task runs.
        let handshake = Tally::of(&shared.handshakes);
        tokio::spawn(async move { attend(shared, incoming, handshake).await });
        true
    }
}

/// A connection from its first packet to its end, within the limits.
async fn attend(shared: Arc<Shared>, incoming: Incoming, handshake: Tally) {
    let address = incoming.remote_address();
    let counted = shared.per_address.count(address.ip());
    let is_full = shared.open.load(Ordering::Relaxed) >= shared.capacity.connections;
    let _open = Tally::of(&shared.open);
    let Some(connection) = connection::handshake(incoming).await else {
        shared.meters.handshakes_failed.increment(1);
        return;
    };
    drop(handshake);
    if counted.is_none() || is_full {
        meters::refused(&Refusal::Crowded);
        close_with(&connection, Refusal::Crowded);
        return;
    }
    shared.meters.links.increment(1.0);
    connection::run(&shared, &connection).await;
    shared.meters.links.decrement(1.0);
}

pub(super) fn server_config(key: &Key) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::with_crypto(Arc::new(tls::server(key)?));
    let token_key = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(&key.derive("retry token"));
    config
        .transport_config(Arc::new(transport::transport(End::Server)))
        .token_key(Arc::new(token_key))
        .retry_token_lifetime(Duration::from_secs(15))
        .max_incoming(1_024)
        .incoming_buffer_size(16 * 1024)
        .incoming_buffer_size_total(4 * 1024 * 1024);
    Ok(config)
}

pub(super) fn endpoint_config(key: &Key) -> EndpointConfig {
    let reset = hmac::Key::new(hmac::HMAC_SHA256, &key.derive("stateless reset"));
    let ids = OwnIds::new(&key.derive("connection id"));
    let mut config = EndpointConfig::new(Arc::new(reset));
    // A restarted server answers each of its old clients at once.
    config.cid_generator(move || Box::new(ids.clone())).min_reset_interval(Duration::from_millis(1));
    config
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use gamera_link::tls::Trust;
    use gamera_protocol::join::Fingerprint;
    use gamera_protocol::message::{ALPN, SERVER_NAME};
    use quinn::ConnectionError;

    use super::*;
    use crate::net::Mailbox;
    use crate::net::limits::PLACES;

    #[derive(Debug)]
    struct Anybody;

    impl Trust for Anybody {
        fn accepts(&self, _server: Fingerprint) -> bool {
            true
        }
    }

    struct NoTime;

    impl Rooms for NoTime {
        fn room_for(&self, _key: Fingerprint) -> Option<Mailbox> {
            None
        }

        fn are_pressed(&self) -> bool {
            true
        }
    }

    #[tokio::test]
    async fn who_finds_no_place_among_those_who_wait_is_refused_at_once_and_the_others_get_in() {
        let key = Key::fresh().unwrap();
        let capacity = Capacity { connections: 1_000, per_address: 1_000 };
        let endpoint = Endpoint::bind((Ipv4Addr::LOCALHOST, 0).into(), &key, capacity, Arc::new(NoTime)).unwrap();
        let served = endpoint.clone();
        let serving = tokio::spawn(async move { served.serve().await });
        let client = quinn::Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let mut config = quinn::ClientConfig::new(Arc::new(tls::client(&key, Arc::new(Anybody), ALPN).unwrap()));
        config.transport_config(Arc::new(transport::transport(End::Client)));
        let address = endpoint.address().unwrap();
        let dial = |_| client.connect_with(config.clone(), address, SERVER_NAME).unwrap();
        let mut dialled: tokio::task::JoinSet<_> = (0..200).map(dial).collect();
        let (mut up, mut refused) = (0, 0);
        while let Some(ended) = dialled.join_next().await {
            match ended.unwrap() {
                Ok(_) => up += 1,
                Err(ConnectionError::ConnectionClosed(close)) if u64::from(close.error_code) == 2 => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert!(up >= PLACES && refused > 0, "{up} are up, {refused} were refused");
        endpoint.close().await;
        serving.await.unwrap();
    }
}
