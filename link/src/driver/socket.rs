//! A UDP socket that is asked for many datagrams at a time and never waits.

use std::io::{ErrorKind, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use quinn_proto::{EcnCodepoint, Transmit};
use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSocketState};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::port::{Port, Received, Tried};

/// The longest datagram that is taken in.
const DATAGRAM_MAX: usize = 1_500;

pub(super) struct Socket {
    io: UdpSocket,
    state: UdpSocketState,
    /// Room for a batch; the system may join datagrams of one sender in one piece of it.
    room: Vec<u8>,
}

impl Socket {
    pub(super) fn new(io: UdpSocket) -> std::io::Result<Socket> {
        let state = UdpSocketState::new((&io).into())?;
        let room = vec![0; BATCH_SIZE * DATAGRAM_MAX * state.gro_segments()];
        Ok(Socket { io, state, room })
    }
}

impl Port for Socket {
    fn address(&self) -> std::io::Result<SocketAddr> {
        self.io.local_addr()
    }

    fn receive(&mut self, _now: Instant, take: &mut dyn FnMut(Received<'_>)) -> Tried {
        let piece = self.room.len() / BATCH_SIZE;
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let mut pieces = self.room.chunks_exact_mut(piece);
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            std::array::from_fn(|_| IoSliceMut::new(pieces.next().expect("there is room for a batch")));
        let count = match self.state.recv((&self.io).into(), &mut slices, &mut metas) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Tried::NotNow,
            // An answer to something sent before, as that nobody listens there: others may still send.
            Err(_) => return Tried::Done,
        };
        for (slice, meta) in slices.iter().zip(&metas).take(count) {
            let ecn = meta.ecn.and_then(|ecn| EcnCodepoint::from_bits(ecn as u8));
            for bytes in slice[..meta.len].chunks(meta.stride.max(1)) {
                take(Received { from: meta.addr, to: meta.dst_ip, ecn, bytes });
            }
        }
        Tried::Done
    }

    fn send(&mut self, _now: Instant, transmit: &Transmit, bytes: &[u8]) -> Tried {
        let out = quinn_udp::Transmit {
            destination: transmit.destination,
            ecn: transmit.ecn.and_then(|ecn| quinn_udp::EcnCodepoint::from_bits(ecn as u8)),
            contents: &bytes[..transmit.size],
            segment_size: transmit.segment_size,
            src_ip: transmit.src_ip,
        };
        match self.state.try_send((&self.io).into(), &out) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Tried::NotNow,
            Ok(()) | Err(_) => Tried::Done,
        }
    }

    fn wait(&self, patience: Duration) {
        let timeout = Timespec::try_from(patience).ok();
        // A signal ends the wait early, which is no harm: whoever waits looks again.
        let _ = poll(&mut [PollFd::new(&self.io, PollFlags::IN)], timeout.as_ref());
    }
}
