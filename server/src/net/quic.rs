//! The QUIC endpoint: settings, and who is let as far as a hello.

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

use super::connection::{self, close_with};
use super::connection_id::OwnIds;
use super::limits::PerAddress;
use super::{LinkId, Rooms};
use crate::ops::meters::{self, NetMeters};

/// Handshakes under way above which an address, any address, has to be proved first: whoever asks then pays a
/// round trip more, and whoever does not mean it costs nothing.
pub(super) const BUSY_HANDSHAKES: u32 = 16;

/// While rooms have no time one handshake is begun in so long: whoever waits gets in all the same, somewhat later.
pub(super) const HELD_BACK: Duration = Duration::from_millis(8);

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
        while let Some(incoming) = self.quic.accept().await {
            if self.shared.rooms.are_pressed() {
                tokio::time::sleep(HELD_BACK).await;
            }
            self.take(incoming);
        }
    }

    /// Sends everybody away and waits until they have been told.
    pub async fn close(&self) {
        let reason = connection::reason(&Refusal::Stopped);
        self.quic.close(connection::code(&Refusal::Stopped), &reason);
        let _ = tokio::time::timeout(Duration::from_millis(500), self.quic.wait_idle()).await;
    }

    fn take(&self, incoming: Incoming) {
        let is_busy = self.shared.handshakes.load(Ordering::Relaxed) >= BUSY_HANDSHAKES;
        if is_busy && incoming.may_retry() {
            self.shared.meters.retries.increment(1);
            // An error hands the connection attempt back; dropping it refuses it.
            let _ = incoming.retry();
            return;
        }
        let shared = Arc::clone(&self.shared);
        // Counted here and not in the task: many may come before the first task runs.
        let handshake = Tally::of(&shared.handshakes);
        tokio::spawn(async move { attend(shared, incoming, handshake).await });
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
