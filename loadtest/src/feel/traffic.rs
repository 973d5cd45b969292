//! Counts what passes a port: all that UDP carries, QUIC's own bytes with the game's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gamera_link::driver::{Port, Received, Transmit, Tried};

/// Bytes so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Traffic {
    down: Arc<AtomicU64>,
    up: Arc<AtomicU64>,
}

impl Traffic {
    /// Down and up.
    pub(super) fn bytes(&self) -> (u64, u64) {
        (self.down.load(Ordering::Relaxed), self.up.load(Ordering::Relaxed))
    }
}

/// A port that counts.
pub(super) struct Counted {
    inner: Box<dyn Port>,
    traffic: Traffic,
}

impl Counted {
    pub(super) fn new<P: Port + 'static>(inner: P) -> (Counted, Traffic) {
        let traffic = Traffic::default();
        (Counted { inner: Box::new(inner), traffic: traffic.clone() }, traffic)
    }
}

impl Port for Counted {
    fn address(&self) -> std::io::Result<SocketAddr> {
        self.inner.address()
    }

    fn receive(&mut self, now: Instant, take: &mut dyn FnMut(Received<'_>)) -> Tried {
        let down = &self.traffic.down;
        self.inner.receive(now, &mut |received| {
            down.fetch_add(received.bytes.len() as u64, Ordering::Relaxed);
            take(received);
        })
    }

    fn send(&mut self, now: Instant, transmit: &Transmit, bytes: &[u8]) -> Tried {
        self.traffic.up.fetch_add(transmit.size as u64, Ordering::Relaxed);
        self.inner.send(now, transmit, bytes)
    }

    fn wait(&self, patience: Duration) {
        self.inner.wait(patience);
    }
}
