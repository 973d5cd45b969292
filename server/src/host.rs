//! A server as one value: an endpoint on a thread of its own, rooms on theirs, and what stops them.
//! The binary hosts with it, and so does a client that plays alone.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;

use dashmap::DashMap;
use gamera_link::key::{Key, KeyError};
use gamera_protocol::join::{Fingerprint, JoinLine};
use tokio::sync::oneshot;
use tracing::info;

use crate::config::{Settings, TransportSetting};
use crate::net::{Arrival, Capacity, Endpoint, EndpointError, Mailbox, PolledEndpoint, Rooms};
use crate::ops::admin::AdminSocket;
use crate::room::{self, RoomHandle};

/// The file of the server's key in its data directory.
const KEY_FILE: &str = "server.key";

/// Why nothing is hosted.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There is no endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The administrator's socket cannot be opened.
    #[error("cannot open the administrator's socket {}: {source}; give another path with --admin", path.display())]
    Admin {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The system gives no thread or socket.
    #[error("the server could not start: {0}")]
    System(#[from] std::io::Error),
}

/// Where a server keeps its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Identity {
    /// In the data directory, made at first use.
    Kept,
    /// Nowhere: a new one for this process alone.
    Fresh,
}

/// A server that runs.
pub struct HostHandle {
    address: SocketAddr,
    join: JoinLine,
    registry: Arc<Registry>,
    stop: Option<oneshot::Sender<()>>,
    net: Option<JoinHandle<()>>,
    admin: Option<AdminSocket>,
}

/// Hosts what `settings` ask for.
///
/// # Errors
/// When there is no key, the address cannot be bound, or the system refuses.
pub fn host(settings: &Settings, identity: Identity) -> Result<HostHandle, HostError> {
    let key = match identity {
        Identity::Kept => Key::load_or_make(&settings.data_dir.join(KEY_FILE))?,
        Identity::Fresh => Key::fresh()?,
    };
    let registry = Arc::new(Registry::open(settings)?);
    let (stop, stopped) = oneshot::channel();
    let fingerprint = key.fingerprint();
    let (net, address) = spawn_net(settings, key, Arc::clone(&registry), stopped)?;
    let host = settings.public_host.clone().unwrap_or_else(|| reachable(address.ip()).to_string());
    let join = JoinLine { host, port: address.port(), fingerprint: Some(fingerprint) };
    let admin = settings.admin.as_deref().map(|path| open_admin(path, &registry)).transpose()?;
    info!(%address, %join, seats = settings.seats, matches = settings.matches, "hosting");
    Ok(HostHandle { address, join, registry, stop: Some(stop), net: Some(net), admin })
}

impl HostHandle {
    /// The line that others join with.
    #[must_use]
    pub fn join_line(&self) -> &JoinLine {
        &self.join
    }

    /// The UDP address that was bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who answers here.
    #[must_use]
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.join.fingerprint
    }

    /// Where the administrator's socket is, if anywhere.
    #[must_use]
    pub fn admin(&self) -> Option<&Path> {
        self.admin.as_ref().map(AdminSocket::path)
    }

    /// Tells everybody that the server stops in `seconds`, and lets nobody new in.
    pub fn announce_drain(&self, seconds: u16) {
        self.registry.tell_all(|| Arrival::Draining { seconds });
    }

    /// Stops at once: everybody is sent away and told so.
    pub fn shutdown(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.admin = None;
        if let Some(stop) = self.stop.take() {
            // The net thread is gone only when the process is about to be.
            let _ = stop.send(());
        }
        self.registry.close();
        if let Some(net) = self.net.take() {
            // A panic of the net thread has been told on stderr already.
            let _ = net.join();
        }
    }
}

impl Drop for HostHandle {
    fn drop(&mut self) {
        self.end();
    }
}

fn open_admin(path: &Path, registry: &Arc<Registry>) -> Result<AdminSocket, HostError> {
    let registry = Arc::clone(registry);
    let find = move |room: u16| registry.mailbox(room);
    AdminSocket::open(path, Arc::new(find)).map_err(|source| HostError::Admin { path: path.to_owned(), source })
}

/// Starts the net thread and waits for its address. The runtime lives and dies on that thread, so
/// that a server can be started and stopped from anywhere, another runtime included.
fn spawn_net(
    settings: &Settings,
    key: Key,
    rooms: Arc<Registry>,
    stopped: oneshot::Receiver<()>,
) -> Result<(JoinHandle<()>, SocketAddr), HostError> {
    let listen = settings.listen;
    let capacity = Capacity { connections: settings.connections, per_address: settings.per_address };
    let transport = settings.transport;
    let (report, bound) = std::sync::mpsc::sync_channel(1);
    let net = std::thread::Builder::new().name("net".into()).spawn(move || {
        let opened = Net::open(transport, listen, &key, capacity, rooms).and_then(|net| Ok((net.address()?, net)));
        // The host waits for the report, so there is always somebody to take it.
        match opened {
            Ok((address, net)) => {
                let _ = report.send(Ok(address));
                net.serve(stopped);
            }
            Err(error) => drop(report.send(Err(error))),
        }
    })?;
    let gone = || std::io::Error::other("the net thread ended at once");
    let address = bound.recv().map_err(|_| gone())??;
    Ok((net, address))
}

/// The endpoint, and what drives it.
enum Net {
    Polled(Box<PolledEndpoint>),
    Quinn(tokio::runtime::Runtime, Endpoint),
}

impl Net {
    fn open(
        transport: TransportSetting,
        listen: SocketAddr,
        key: &Key,
        capacity: Capacity,
        rooms: Arc<Registry>,
    ) -> Result<Net, HostError> {
        match transport {
            TransportSetting::Polled => Ok(Net::Polled(Box::new(PolledEndpoint::bind(listen, key, capacity, rooms)?))),
            TransportSetting::Quinn => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                let endpoint = {
                    let _inside = runtime.enter();
                    Endpoint::bind(listen, key, capacity, rooms)?
                };
                Ok(Net::Quinn(runtime, endpoint))
            }
        }
    }

    fn address(&self) -> std::io::Result<SocketAddr> {
        match self {
            Net::Polled(endpoint) => endpoint.address(),
            Net::Quinn(_, endpoint) => endpoint.address(),
        }
    }

    fn serve(self, mut stopped: oneshot::Receiver<()>) {
        match self {
            Net::Polled(endpoint) => {
                endpoint.serve(|| !matches!(stopped.try_recv(), Err(oneshot::error::TryRecvError::Empty)));
            }
            Net::Quinn(runtime, endpoint) => runtime.block_on(async {
                tokio::select! {
                    () = endpoint.serve() => {}
                    _ = stopped => {}
                }
                endpoint.close().await;
            }),
        }
    }
}

/// The address that another machine would use: where all are listened on, the one that leads out.
fn reachable(bound: IpAddr) -> IpAddr {
    if !bound.is_unspecified() {
        return bound;
    }
    // Connecting a UDP socket sends nothing; it only asks for the route.
    let route = || -> std::io::Result<IpAddr> {
        let socket = UdpSocket::bind(("0.0.0.0", 0))?;
        socket.connect(("192.0.2.1", 9))?;
        Ok(socket.local_addr()?.ip())
    };
    route().ok().filter(|ip| !ip.is_unspecified()).unwrap_or(IpAddr::from([127, 0, 0, 1]))
}

/// The rooms of a process, and who is in which.
struct Registry {
    rooms: RwLock<Vec<RoomHandle>>,
    sessions: DashMap<Fingerprint, usize>,
}

/// Keys that are remembered. Who comes after that is led to a room all the same, and found again
/// by that room alone.
const SESSIONS_MAX: usize = 65_536;

impl Registry {
    fn open(settings: &Settings) -> std::io::Result<Registry> {
        let seed = settings.seed.unwrap_or_else(draw_seed);
        let room = |number: u16| room::spawn(settings, number, seed.wrapping_add(u64::from(number) << 32));
        let rooms = (0..settings.matches).map(room).collect::<std::io::Result<Vec<_>>>()?;
        Ok(Registry { rooms: RwLock::new(rooms), sessions: DashMap::new() })
    }

    fn mailbox(&self, room: u16) -> Option<Mailbox> {
        let rooms = self.rooms.read().unwrap_or_else(PoisonError::into_inner);
        rooms.get(usize::from(room)).map(|room| room.mailbox().clone())
    }

    fn tell_all(&self, arrival: impl Fn() -> Arrival) {
        for room in self.rooms.read().unwrap_or_else(PoisonError::into_inner).iter() {
            // A room that has ended needs no news.
            let _ = room.mailbox().send(arrival());
        }
    }

    fn close(&self) {
        let rooms = std::mem::take(&mut *self.rooms.write().unwrap_or_else(PoisonError::into_inner));
        rooms.into_iter().for_each(RoomHandle::stop);
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.close();
    }
}

impl Rooms for Registry {
    fn room_for(&self, key: Fingerprint) -> Option<Mailbox> {
        let rooms = self.rooms.read().unwrap_or_else(PoisonError::into_inner);
        let known = self.sessions.get(&key).map(|room| *room).filter(|room| *room < rooms.len());
        let emptiest = || (0..rooms.len()).max_by_key(|room| (rooms[*room].free_seats(), usize::MAX - room));
        let room = known.or_else(emptiest)?;
        if self.sessions.len() < SESSIONS_MAX {
            self.sessions.insert(key, room);
        }
        Some(rooms[room].mailbox().clone())
    }

    fn are_pressed(&self) -> bool {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner).iter().any(RoomHandle::is_pressed)
    }
}

fn draw_seed() -> u64 {
    use ring::rand::SecureRandom;
    let mut bytes = [0; 8];
    // Without randomness the key could not have been made; the clock would do for a seed anyway.
    let _ = ring::rand::SystemRandom::new().fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
