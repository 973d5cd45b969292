//! A bad link: a UDP relay before the server that delays and loses datagrams both ways.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use gamera_protocol::join::JoinLine;
use gamera_protocol::rng::Pcg32;

/// How often the relay looks for something to do.
const STEP: Duration = Duration::from_millis(1);
/// Larger than any datagram of the game.
const BUFFER: usize = 2_048;
/// Datagrams that one look takes from one socket at most.
const BATCH: usize = 4_096;

/// A relay that runs until it is dropped.
pub(super) struct Relay {
    line: JoinLine,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Relays to the server of `line`; each way takes `delay` longer and loses `loss` of all datagrams.
    pub(super) fn start(line: &JoinLine, delay: Duration, loss: f64) -> std::io::Result<Relay> {
        let none = || std::io::Error::other(format!("{} has no address", line.host));
        let mut found = (line.host.as_str(), line.port).to_socket_addrs()?;
        let server = found.find(SocketAddr::is_ipv4).ok_or_else(none)?;
        let front = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        front.set_nonblocking(true)?;
        let port = front.local_addr()?.port();
        let stop = Arc::new(AtomicBool::new(false));
        let way = Way { delay, loss_ppm: (loss * 1e6) as u32, rng: Pcg32::new(1, 1) };
        let work = Work { front, server, peers: BTreeMap::new(), there: VecDeque::new(), back: VecDeque::new(), way };
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("relay".into()).spawn(move || work.run(&stopped))?;
        let line = JoinLine { host: Ipv4Addr::LOCALHOST.to_string(), port, fingerprint: line.fingerprint };
        Ok(Relay { line, stop, thread: Some(thread) })
    }

    /// How to join through it.
    pub(super) fn line(&self) -> &JoinLine {
        &self.line
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A relay that has panicked has nothing more to say.
            let _ = thread.join();
        }
    }
}

/// What happens to a datagram on its way.
struct Way {
    delay: Duration,
    loss_ppm: u32,
    rng: Pcg32,
}

impl Way {
    fn loses(&mut self) -> bool {
        self.rng.below(1_000_000) < self.loss_ppm
    }
}

/// A datagram under way, between a client's address and the server.
struct Parcel {
    due: Instant,
    client: SocketAddr,
    bytes: Vec<u8>,
}

struct Work {
    front: UdpSocket,
    server: SocketAddr,
    /// A socket towards the server for each client's address.
    peers: BTreeMap<SocketAddr, UdpSocket>,
    there: VecDeque<Parcel>,
    back: VecDeque<Parcel>,
    way: Way,
}

impl Work {
    fn run(mut self, stop: &AtomicBool) {
        let mut buffer = [0; BUFFER];
        while !stop.load(Ordering::Relaxed) {
            self.take(&mut buffer);
            self.pass_on();
            std::thread::sleep(STEP);
        }
    }

    fn take(&mut self, buffer: &mut [u8]) {
        let Work { front, server, peers, there, back, way } = self;
        let due = Instant::now() + way.delay;
        for _ in 0..BATCH {
            let Ok((length, client)) = front.recv_from(buffer) else { break };
            if let Entry::Vacant(place) = peers.entry(client) {
                let Ok(socket) = open(*server) else { continue };
                place.insert(socket);
            }
            if !way.loses() {
                there.push_back(Parcel { due, client, bytes: buffer[..length].to_vec() });
            }
        }
        for (client, socket) in peers.iter() {
            for _ in 0..BATCH {
                let Ok(length) = socket.recv(buffer) else { break };
                if !way.loses() {
                    back.push_back(Parcel { due, client: *client, bytes: buffer[..length].to_vec() });
                }
            }
        }
    }

    /// A datagram that the system does not take is lost, as on any link.
    fn pass_on(&mut self) {
        let now = Instant::now();
        while let Some(parcel) = pop_due(&mut self.there, now) {
            if let Some(socket) = self.peers.get(&parcel.client) {
                let _ = socket.send(&parcel.bytes);
            }
        }
        while let Some(parcel) = pop_due(&mut self.back, now) {
            let _ = self.front.send_to(&parcel.bytes, parcel.client);
        }
    }
}

fn pop_due(queue: &mut VecDeque<Parcel>, now: Instant) -> Option<Parcel> {
    let is_due = queue.front().is_some_and(|p| p.due <= now);
    if is_due { queue.pop_front() } else { None }
}

fn open(server: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(server)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_delays_and_loses_as_told() {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        server.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let port = server.local_addr().unwrap().port();
        let line = JoinLine { host: "127.0.0.1".to_owned(), port, fingerprint: None };
        let relay = Relay::start(&line, Duration::from_millis(40), 0.5).unwrap();
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        client.connect(("127.0.0.1", relay.line().port)).unwrap();
        let sent = Instant::now();
        (0..200).for_each(|n: u8| assert_eq!(client.send(&[n]).unwrap(), 1));
        let mut buffer = [0; 8];
        assert!(server.recv_from(&mut buffer).is_ok());
        assert!(sent.elapsed() >= Duration::from_millis(40));
        let arrived = 1 + std::iter::from_fn(|| server.recv_from(&mut buffer).ok()).count();
        assert!((60..=140).contains(&arrived), "{arrived} of 200");
    }
}
