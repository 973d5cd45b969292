//! The conditioner around the socket of a driver.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use quinn_proto::{EcnCodepoint, Transmit};

use super::{Conditioner, Direction, Impairment, line_of};
use crate::driver::{Port, Received, Tried};

/// Looks at a socket at a time: a flood must not keep the owner from its other work.
const LOOKS: usize = 64;

/// A port with bad lines before it, one for each connection, both ways.
pub struct ImpairedPort {
    inner: Box<dyn Port>,
    opened: Instant,
    out: Conditioner<Going>,
    into: Conditioner<Came>,
}

/// A datagram on its way out.
#[derive(Clone)]
struct Going {
    destination: SocketAddr,
    ecn: Option<EcnCodepoint>,
    src_ip: Option<IpAddr>,
    bytes: Vec<u8>,
}

/// A datagram on its way in.
#[derive(Clone)]
struct Came {
    from: SocketAddr,
    to: Option<IpAddr>,
    ecn: Option<EcnCodepoint>,
    bytes: Vec<u8>,
}

impl ImpairedPort {
    /// Puts lines that do what `rules` say before `inner`. They are opened at `now`.
    #[must_use]
    pub fn new(inner: Box<dyn Port>, rules: Impairment, seed: u64, now: Instant) -> ImpairedPort {
        let (out, into) = (Conditioner::new(rules, seed, Direction::Out), Conditioner::new(rules, seed, Direction::In));
        ImpairedPort { inner, opened: now, out, into }
    }

    fn since(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.opened)
    }

    /// Passes on what has come through. What the system does not take is lost.
    fn pass_on(&mut self, now: Instant) {
        let time = self.since(now);
        while let Some(Going { destination, ecn, src_ip, bytes }) = self.out.pop(time) {
            let transmit = Transmit { destination, ecn, size: bytes.len(), segment_size: None, src_ip };
            let _ = self.inner.send(now, &transmit, &bytes);
        }
    }
}

impl Port for ImpairedPort {
    fn address(&self) -> std::io::Result<SocketAddr> {
        self.inner.address()
    }

    fn receive(&mut self, now: Instant, take: &mut dyn FnMut(Received<'_>)) -> Tried {
        self.pass_on(now);
        let time = self.since(now);
        let ImpairedPort { inner, into, .. } = self;
        let mut push = |Received { from, to, ecn, bytes }: Received<'_>| {
            into.push(line_of(bytes), time, bytes.len(), Came { from, to, ecn, bytes: bytes.to_vec() });
        };
        for _ in 0..LOOKS {
            if inner.receive(now, &mut push) == Tried::NotNow {
                break;
            }
        }
        while let Some(Came { from, to, ecn, bytes }) = into.pop(time) {
            take(Received { from, to, ecn, bytes: &bytes });
        }
        Tried::NotNow
    }

    fn send(&mut self, now: Instant, transmit: &Transmit, bytes: &[u8]) -> Tried {
        let Transmit { destination, ecn, size, src_ip, .. } = *transmit;
        let going = Going { destination, ecn, src_ip, bytes: bytes[..size].to_vec() };
        self.out.push(line_of(bytes), self.since(now), size, going);
        self.pass_on(now);
        Tried::Done
    }

    fn wait(&self, patience: Duration) {
        // Whoever waits looks again at most a moment after the next is due.
        let is_busy = self.out.next_due().or(self.into.next_due()).is_some();
        self.inner.wait(if is_busy { patience.min(Duration::from_millis(1)) } else { patience });
    }
}
