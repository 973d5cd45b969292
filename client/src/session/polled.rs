//! A link over a [`Driver`] that many sessions share: no task and no channel for any of them. The
//! driver is moved by whoever holds the dialer, see [`super::Dialer::drive`].

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gamera_link::driver::{Driver, PeerId};
use gamera_link::framing::FrameError;
use gamera_protocol::codec;
use gamera_protocol::message::{SERVER_NAME, ToClient};
use quinn::ConnectionError;

use super::quic::gone;
use super::wire::{Gone, Incoming, Wire};

/// The time by tokio's clock, which whoever plays links on a time of its own has paused.
pub(super) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// A driver that sessions share.
#[derive(Clone)]
pub(super) struct SharedDriver(Arc<Mutex<Driver>>);

impl SharedDriver {
    pub(super) fn new(driver: Driver) -> SharedDriver {
        SharedDriver(Arc::new(Mutex::new(driver)))
    }

    /// A panic elsewhere while it was held leaves it as it is after a lost packet at worst.
    fn get(&self) -> MutexGuard<'_, Driver> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what has come.
    pub(super) fn receive(&self) {
        let mut driver = self.get();
        driver.receive(now());
        // Sessions look for themselves.
        driver.take_news(&mut Vec::new());
    }

    /// Sends what there is to be sent.
    pub(super) fn send(&self) {
        let mut driver = self.get();
        driver.send(now());
        driver.take_news(&mut Vec::new());
    }

    pub(super) fn is_idle(&self) -> bool {
        self.get().is_idle()
    }

    /// Connects; the wire is there from the start, so that who gives up on it lets go of it.
    pub(super) fn connect(&self, config: quinn::ClientConfig, address: SocketAddr) -> Result<PolledWire, String> {
        let id = self.get().connect(config, address, SERVER_NAME, now()).map_err(|error| error.to_string())?;
        Ok(PolledWire { driver: self.clone(), id, is_over: false })
    }
}

/// One connection of a shared driver.
pub(super) struct PolledWire {
    driver: SharedDriver,
    id: PeerId,
    is_over: bool,
}

impl PolledWire {
    /// Waits for the end of the handshake, and opens the control stream.
    pub(super) async fn connected(&mut self) -> Result<(), ConnectionError> {
        std::future::poll_fn(|cx| {
            let mut driver = self.driver.get();
            let Some(peer) = driver.peer_mut(self.id) else { return Poll::Ready(Err(ConnectionError::LocallyClosed)) };
            if let Some(error) = peer.lost() {
                return Poll::Ready(Err(error.clone()));
            }
            if peer.is_up() {
                peer.open_control();
                return Poll::Ready(Ok(()));
            }
            driver.wake_at_news(self.id, cx.waker());
            Poll::Pending
        })
        .await
    }

    fn look(&mut self, driver: &mut Driver) -> Option<Incoming> {
        if self.is_over {
            return None;
        }
        let over = |gone| Some(Incoming::Gone(gone));
        let Some(peer) = driver.peer_mut(self.id) else { return over(Gone::Lost("it was closed".to_owned())) };
        // The control stream first: a snapshot may be of the place that a message tells of.
        match peer.next_frame() {
            Ok(Some(bytes)) => match codec::decode::<ToClient>(&bytes) {
                Ok(message) => return Some(Incoming::Control(message)),
                Err(error) => return over(Gone::Lost(error.to_string())),
            },
            Err(FrameError::Bytes(error)) => return over(Gone::Lost(error.to_string())),
            // What ended it, the connection tells.
            Ok(None) | Err(FrameError::Ended) => {}
        }
        if let Some(datagram) = peer.next_datagram() {
            return Some(Incoming::Datagram(datagram));
        }
        let error = peer.lost()?.clone();
        over(gone(error).0)
    }
}

impl Drop for PolledWire {
    fn drop(&mut self) {
        // After a goodbye the server has closed it already; this is for all other ways out.
        self.driver.get().forget(self.id, now());
    }
}

impl Wire for PolledWire {
    fn poll(&mut self) -> Option<Incoming> {
        let driver = self.driver.clone();
        let incoming = self.look(&mut driver.get());
        self.is_over |= matches!(incoming, Some(Incoming::Gone(_)));
        incoming
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Incoming> {
        match self.poll() {
            Some(incoming) => Poll::Ready(incoming),
            None => {
                self.driver.get().wake_at_news(self.id, cx.waker());
                Poll::Pending
            }
        }
    }

    fn send_control(&mut self, frame: Bytes) {
        if let Some(peer) = self.driver.get().peer_mut(self.id) {
            peer.send_frame(frame);
        }
    }

    fn send_datagram(&mut self, datagram: Bytes) {
        if let Some(peer) = self.driver.get().peer_mut(self.id) {
            // What cannot be sent is lost, as on the way.
            let _ = peer.send_datagram(datagram);
        }
    }

    fn rtt(&self) -> Duration {
        self.driver.get().peer(self.id).map_or(Duration::ZERO, |peer| peer.rtt())
    }

    fn go_silent(&mut self) {
        self.is_over = true;
        self.driver.get().abandon(self.id);
    }
}
