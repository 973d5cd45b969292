//! A network without sockets: ports that hand datagrams to each other at once. With a time of its own
//! around it, and a conditioner before a port, links are played without waiting.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use quinn_proto::Transmit;

use super::port::{Port, Received, Tried};

/// Datagrams that wait for one port at most; more are lost.
const WAITING: usize = 65_536;

/// The network. Its clones are the same network.
#[derive(Clone, Debug, Default)]
pub struct MemoryNet {
    inboxes: Arc<Mutex<HashMap<SocketAddr, Inbox>>>,
}

/// Who sent what, the oldest first.
type Inbox = VecDeque<(SocketAddr, Vec<u8>)>;

impl MemoryNet {
    /// A port at `address`, which nobody else has.
    #[must_use]
    pub fn port(&self, address: SocketAddr) -> MemoryPort {
        self.inboxes().insert(address, Inbox::new());
        MemoryPort { net: self.clone(), address }
    }

    /// A map of whole lists stays one, whoever panicked.
    fn inboxes(&self) -> MutexGuard<'_, HashMap<SocketAddr, Inbox>> {
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One port of it.
#[derive(Debug)]
pub struct MemoryPort {
    net: MemoryNet,
    address: SocketAddr,
}

impl Port for MemoryPort {
    fn address(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }

    fn receive(&mut self, _now: Instant, take: &mut dyn FnMut(Received<'_>)) -> Tried {
        let waiting = self.net.inboxes().get_mut(&self.address).map(std::mem::take).unwrap_or_default();
        for (from, bytes) in &waiting {
            take(Received { from: *from, to: Some(self.address.ip()), ecn: None, bytes });
        }
        Tried::NotNow
    }

    fn send(&mut self, _now: Instant, transmit: &Transmit, bytes: &[u8]) -> Tried {
        // To where nobody is, a datagram is lost.
        if let Some(inbox) = self.net.inboxes().get_mut(&transmit.destination).filter(|inbox| inbox.len() < WAITING) {
            inbox.push_back((self.address, bytes[..transmit.size].to_vec()));
        }
        Tried::Done
    }

    fn wait(&self, _patience: Duration) {}
}
