//! QUIC under a session: dialing, the handshake; and where quinn's own tasks drive it, two small ones
//! more a connection.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use gamera_link::conditioner::{ImpairedPort, ImpairedSocket, Impairment};
use gamera_link::driver::{Driver, Port};
use gamera_link::framing::{FrameError, read_frame};
use gamera_link::key::Key;
use gamera_link::tls::{self, TlsError};
use gamera_link::transport::{self, End};
use gamera_protocol::codec;
use gamera_protocol::join::{HostPort, JoinLine};
use gamera_protocol::message::{ALPN, Refusal, SERVER_NAME, ToClient};
use quinn::{Connection, ConnectionError, EndpointConfig, RecvStream, Runtime, SendStream, TokioRuntime};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::polled::{self, SharedDriver};
use super::trust::{Judge, KnownHosts, TrustError, Trusted};
use super::wire::{Gone, Incoming, Wire};

/// From the first packet to the end of the handshake.
const PATIENCE: Duration = Duration::from_secs(8);
/// Things that wait for the session: datagrams beyond that are lost, messages wait.
const QUEUE: usize = 256;
/// TLS alert "no application protocol" as QUIC's error code.
const NO_SUCH_PROTOCOL: u64 = 0x100 + 120;
/// QUIC's error code of a server that takes no connection now (RFC 9000, 20.1). It comes before the server has shown
/// its key, so whoever sits on the way can say it too, and can as well say nothing.
const CONNECTION_REFUSED: u64 = 2;
/// The code of one that gives a handshake up which it has begun: it did not get to its end in time.
const APPLICATION_ERROR: u64 = 12;

/// Why no link came to be.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The host has no address.
    #[error("{host} cannot be found: {reason}; check the name, or give an address")]
    Resolve {
        /// Which.
        host: String,
        /// Why.
        reason: String,
    },
    /// There is no socket.
    #[error("no UDP socket could be opened: {0}")]
    Socket(#[from] std::io::Error),
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Nobody answers.
    #[error("{address} does not answer; is the server running, and does its firewall let UDP through?")]
    Silent {
        /// Which.
        address: SocketAddr,
    },
    /// The server's key is not trusted.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// Another protocol is spoken there.
    #[error("{address} speaks another version of the protocol; install the release that the host runs")]
    Protocol {
        /// Which.
        address: SocketAddr,
    },
    /// Somebody is there, and has no time for one more.
    #[error("{address} is busy and lets nobody in just now")]
    Busy {
        /// Which.
        address: SocketAddr,
    },
    /// The server ended the connection and said why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something else.
    #[error("{address} cannot be joined: {reason}; try again")]
    Failed {
        /// Which.
        address: SocketAddr,
        /// Why.
        reason: String,
    },
}

/// Opens links; many sessions may share one, and its socket.
#[derive(Clone)]
pub struct Dialer {
    way: Way,
    is_ipv6: bool,
}

/// Who drives QUIC.
#[derive(Clone)]
enum Way {
    /// Quinn's own tasks on the tokio runtime: a link looks after itself.
    Tasks(quinn::Endpoint),
    /// Whoever calls [`Dialer::receive`] and [`Dialer::send`]: cheaper by half where links are many.
    Polled(SharedDriver),
}

impl Dialer {
    /// Opens a socket whose links look after themselves. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the system has none.
    pub fn new() -> std::io::Result<Dialer> {
        Dialer::impaired(Impairment::NONE, 0)
    }

    /// The same over bad lines, one for each link, opened now. The same `seed` gives the same luck.
    ///
    /// # Errors
    /// When the system has no socket.
    pub fn impaired(rules: Impairment, seed: u64) -> std::io::Result<Dialer> {
        let (socket, is_ipv6) = open_socket()?;
        let runtime: Arc<dyn Runtime> = Arc::new(TokioRuntime);
        let mut socket = runtime.wrap_udp_socket(socket)?;
        if !rules.is_none() {
            socket = Arc::new(ImpairedSocket::new(socket, Arc::clone(&runtime), rules, seed));
        }
        let endpoint = quinn::Endpoint::new_with_abstract_socket(EndpointConfig::default(), None, socket, runtime)?;
        Ok(Dialer { way: Way::Tasks(endpoint), is_ipv6 })
    }

    /// Opens a socket that is to be driven: nothing moves but in [`Self::receive`] and [`Self::send`].
    ///
    /// # Errors
    /// When the system has none.
    pub fn polled() -> std::io::Result<Dialer> {
        Dialer::polled_impaired(Impairment::NONE, 0)
    }

    /// The same over bad lines, one for each link, opened now. The same `seed` gives the same luck.
    ///
    /// # Errors
    /// When the system has no socket.
    pub fn polled_impaired(rules: Impairment, seed: u64) -> std::io::Result<Dialer> {
        let (socket, is_ipv6) = open_socket()?;
        let mut port = Driver::port(socket)?;
        if !rules.is_none() {
            port = Box::new(ImpairedPort::new(port, rules, seed, polled::now()));
        }
        Ok(Dialer { is_ipv6, ..Dialer::over(port, None) })
    }

    /// A driven dialer over a port that stands already: one in memory, to play links on a time that is made
    /// up. It goes by tokio's clock, which may be paused. A `seed` takes chance out of the protocol, and with it
    /// its safety.
    #[must_use]
    pub fn over(port: Box<dyn Port>, seed: Option<[u8; 32]>) -> Dialer {
        let mut config = EndpointConfig::default();
        config.rng_seed(seed);
        Dialer { way: Way::Polled(SharedDriver::new(Driver::over(config, None, port))), is_ipv6: false }
    }

    /// Takes in what has come, where the dialer is driven.
    pub fn receive(&self) {
        if let Way::Polled(driver) = &self.way {
            driver.receive();
        }
    }

    /// Sends what there is to be sent, where the dialer is driven.
    pub fn send(&self) {
        if let Way::Polled(driver) = &self.way {
            driver.send();
        }
    }

    /// Waits until every goodbye has been told. A peer that does not answer is not waited for.
    pub async fn finish(&self) {
        let told = async {
            match &self.way {
                Way::Tasks(endpoint) => endpoint.wait_idle().await,
                Way::Polled(driver) => {
                    while !driver.is_idle() {
                        driver.receive();
                        driver.send();
                        sleep(Duration::from_millis(2)).await;
                    }
                }
            }
        };
        let _ = timeout(Duration::from_millis(500), told).await;
    }

    async fn resolve(&self, line: &JoinLine) -> Result<SocketAddr, DialError> {
        let failed = |reason: String| DialError::Resolve { host: HostPort(&line.host, line.port).to_string(), reason };
        let found =
            tokio::net::lookup_host((line.host.as_str(), line.port)).await.map_err(|e| failed(e.to_string()))?;
        let mut usable: Vec<SocketAddr> = found.filter(|a| self.is_ipv6 || a.is_ipv4()).collect();
        usable.sort_by_key(SocketAddr::is_ipv6);
        usable.first().copied().ok_or_else(|| failed("it has no usable address".to_owned()))
    }
}

fn open_socket() -> std::io::Result<(UdpSocket, bool)> {
    let socket = transport::open_socket(SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0))?;
    let is_ipv6 = socket.local_addr()?.is_ipv6();
    Ok((socket, is_ipv6))
}

/// A link that stands, and how its server came to be trusted.
pub(super) struct Dialed {
    pub(super) wire: Box<dyn Wire>,
    pub(super) trusted: Trusted,
    pub(super) fingerprint: gamera_protocol::join::Fingerprint,
}

/// Dials the server of `line` with the player's key.
pub(super) async fn dial(dialer: &Dialer, line: &JoinLine, key: &Key, known: KnownHosts) -> Result<Dialed, DialError> {
    let address = dialer.resolve(line).await?;
    let judge = Arc::new(Judge::new(line.clone(), known));
    let crypto = tls::client(key, Arc::clone(&judge) as _, ALPN)?;
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport::transport(End::Client)));
    let connected = timeout(PATIENCE, connect(&dialer.way, config, address)).await;
    let (fingerprint, trusted) = match judge.outcome() {
        Some((fingerprint, judged)) => (fingerprint, judged?),
        None => {
            let error = connected.ok().and_then(Result::err);
            return Err(error.unwrap_or(DialError::Silent { address }));
        }
    };
    let wire = connected.map_err(|_| DialError::Silent { address })??;
    Ok(Dialed { wire, trusted, fingerprint })
}

async fn connect(way: &Way, config: quinn::ClientConfig, address: SocketAddr) -> Result<Box<dyn Wire>, DialError> {
    let failed = |reason: String| DialError::Failed { address, reason };
    let broken = |error| why(address, error);
    match way {
        Way::Tasks(endpoint) => {
            let connecting = endpoint.connect_with(config, address, SERVER_NAME).map_err(|e| failed(e.to_string()))?;
            let connection = connecting.await.map_err(broken)?;
            let (send, recv) = connection.open_bi().await.map_err(broken)?;
            Ok(Box::new(QuicWire::start(connection, send, recv)))
        }
        Way::Polled(driver) => {
            let mut wire = driver.connect(config, address).map_err(failed)?;
            wire.connected().await.map_err(broken)?;
            Ok(Box::new(wire))
        }
    }
}

fn why(address: SocketAddr, error: ConnectionError) -> DialError {
    match gone(error) {
        (Gone::Busy, _) => DialError::Busy { address },
        (_, Some(NO_SUCH_PROTOCOL)) => DialError::Protocol { address },
        (Gone::Refused(refusal), _) => DialError::Refused(refusal),
        (Gone::Lost(reason), _) if reason == TIMED_OUT => DialError::Silent { address },
        (Gone::Lost(reason), _) => DialError::Failed { address, reason },
    }
}

const TIMED_OUT: &str = "nothing has come for a while";

/// How a connection ended, and QUIC's own code where it has one.
pub(super) fn gone(error: ConnectionError) -> (Gone, Option<u64>) {
    match error {
        ConnectionError::ApplicationClosed(close) => match codec::decode::<Refusal>(&close.reason) {
            Ok(refusal) => (Gone::Refused(refusal), None),
            Err(_) => (Gone::Lost("the server closed it without a reason".to_owned()), None),
        },
        ConnectionError::ConnectionClosed(close)
            if [CONNECTION_REFUSED, APPLICATION_ERROR].contains(&close.error_code.into()) =>
        {
            (Gone::Busy, Some(close.error_code.into()))
        }
        ConnectionError::ConnectionClosed(close) => (Gone::Lost(close.to_string()), Some(u64::from(close.error_code))),
        ConnectionError::TransportError(error) => (Gone::Lost(error.to_string()), Some(u64::from(error.code))),
        ConnectionError::TimedOut => (Gone::Lost(TIMED_OUT.to_owned()), None),
        ConnectionError::Reset => (Gone::Lost("the server was started anew".to_owned()), None),
        other => (Gone::Lost(other.to_string()), None),
    }
}

/// A connection whose tasks end with it.
pub(super) struct QuicWire {
    connection: Connection,
    incoming: mpsc::Receiver<Incoming>,
    control: mpsc::UnboundedSender<Bytes>,
}

impl QuicWire {
    fn start(connection: Connection, send: SendStream, recv: RecvStream) -> QuicWire {
        let (queue, incoming) = mpsc::channel(QUEUE);
        let (control, frames) = mpsc::unbounded_channel();
        tokio::spawn(write(send, frames));
        tokio::spawn(read(connection.clone(), recv, queue));
        QuicWire { connection, incoming, control }
    }
}

impl Drop for QuicWire {
    fn drop(&mut self) {
        // After a goodbye the server has closed it already; this is for all other ways out.
        self.connection.close(0_u8.into(), b"");
    }
}

impl Wire for QuicWire {
    fn poll(&mut self) -> Option<Incoming> {
        match self.incoming.try_recv() {
            Ok(incoming) => Some(incoming),
            Err(mpsc::error::TryRecvError::Empty) => None,
            Err(mpsc::error::TryRecvError::Disconnected) => {
                Some(Incoming::Gone(Gone::Lost("it was closed".to_owned())))
            }
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Incoming> {
        let closed = || Incoming::Gone(Gone::Lost("it was closed".to_owned()));
        self.incoming.poll_recv(cx).map(|incoming| incoming.unwrap_or_else(closed))
    }

    fn send_control(&mut self, frame: Bytes) {
        // The writer ends with the connection, which the reader tells of.
        let _ = self.control.send(frame);
    }

    fn send_datagram(&mut self, datagram: Bytes) {
        // What cannot be sent is lost, as on the way.
        let _ = self.connection.send_datagram(datagram);
    }

    fn rtt(&self) -> Duration {
        self.connection.rtt()
    }
}

async fn write(mut send: SendStream, mut frames: mpsc::UnboundedReceiver<Bytes>) {
    while let Some(frame) = frames.recv().await {
        if send.write_all(&frame).await.is_err() {
            return;
        }
    }
}

/// Takes what comes until the connection ends, and tells how.
async fn read(connection: Connection, recv: RecvStream, queue: mpsc::Sender<Incoming>) {
    let control = read_control(recv, &queue);
    let datagrams = async {
        while let Ok(datagram) = connection.read_datagram().await {
            // A session that does not look loses datagrams, as a slow link does.
            if let Err(mpsc::error::TrySendError::Closed(_)) = queue.try_send(Incoming::Datagram(datagram)) {
                return;
            }
        }
    };
    let broken = tokio::select! {
        broken = control => broken,
        () = datagrams => None,
    };
    let gone = match broken {
        Some(reason) => Gone::Lost(reason),
        None => gone(connection.closed().await).0,
    };
    // Nobody waits where the session has been dropped.
    let _ = queue.send(Incoming::Gone(gone)).await;
}

/// Ends when the stream does; with a reason where it carried nonsense.
async fn read_control(mut recv: RecvStream, queue: &mpsc::Sender<Incoming>) -> Option<String> {
    loop {
        let bytes = match read_frame(&mut recv).await {
            Ok(bytes) => bytes,
            Err(FrameError::Ended) => return None,
            Err(FrameError::Bytes(error)) => return Some(error.to_string()),
        };
        match codec::decode::<ToClient>(&bytes) {
            Ok(message) => queue.send(Incoming::Control(message)).await.ok()?,
            Err(error) => return Some(error.to_string()),
        }
    }
}
