//! The conditioner around a socket of quinn's, for endpoints that quinn's own tasks drive.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use quinn::{AsyncTimer, AsyncUdpSocket, Runtime, UdpPoller};
use quinn_udp::{EcnCodepoint, RecvMeta, Transmit};

use super::{Conditioner, Direction, Impairment, line_of};

/// The longest datagram that is taken in.
const DATAGRAM_MAX: usize = 1_500;

/// A socket with bad lines before it, one for each connection, both ways.
#[derive(Debug)]
pub struct ImpairedSocket {
    inner: Arc<dyn AsyncUdpSocket>,
    runtime: Arc<dyn Runtime>,
    opened: Instant,
    lines: Mutex<Lines>,
}

#[derive(Debug)]
struct Lines {
    out: Conditioner<Going>,
    into: Conditioner<Came>,
    /// Runs out when the next datagram is due; who takes datagrams in waits for it.
    timer: Pin<Box<dyn AsyncTimer>>,
    waker: Option<Waker>,
    /// Room for what the system joins in one piece.
    room: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Going {
    destination: SocketAddr,
    ecn: Option<EcnCodepoint>,
    src_ip: Option<IpAddr>,
    bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Came {
    meta: RecvMeta,
    bytes: Vec<u8>,
}

impl ImpairedSocket {
    /// Puts lines that do what `rules` say before `inner`. They are opened now.
    #[must_use]
    pub fn new(
        inner: Arc<dyn AsyncUdpSocket>,
        runtime: Arc<dyn Runtime>,
        rules: Impairment,
        seed: u64,
    ) -> ImpairedSocket {
        let opened = runtime.now();
        let lines = Lines {
            out: Conditioner::new(rules, seed, Direction::Out),
            into: Conditioner::new(rules, seed, Direction::In),
            timer: runtime.new_timer(opened),
            waker: None,
            room: vec![0; DATAGRAM_MAX * inner.max_receive_segments()],
        };
        ImpairedSocket { inner, runtime, opened, lines: Mutex::new(lines) }
    }

    /// Lists of datagrams stay such, whoever panicked.
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn time(&self) -> Duration {
        self.runtime.now().saturating_duration_since(self.opened)
    }

    /// Passes on what has come through. What the system does not take is lost.
    fn pass_on(&self, lines: &mut Lines) {
        let time = self.time();
        while let Some(Going { destination, ecn, src_ip, bytes }) = lines.out.pop(time) {
            let transmit = Transmit { destination, ecn, contents: &bytes, segment_size: None, src_ip };
            let _ = self.inner.try_send(&transmit);
        }
    }

    /// Takes in what the system has, up to where it asks to be left alone.
    fn take_in(&self, lines: &mut Lines, cx: &mut Context<'_>) -> io::Result<()> {
        let Lines { into, room, .. } = lines;
        loop {
            let mut meta = [RecvMeta::default()];
            match self.inner.poll_recv(cx, &mut [IoSliceMut::new(room)], &mut meta) {
                Poll::Pending => return Ok(()),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Ready(Ok(0)) => {}
                Poll::Ready(Ok(_)) => {
                    let [meta] = meta;
                    for bytes in room[..meta.len].chunks(meta.stride.max(1)) {
                        let came = Came { meta, bytes: bytes.to_vec() };
                        into.push(line_of(bytes), self.time(), bytes.len(), came);
                    }
                }
            }
        }
    }

    fn next_due(&self, lines: &Lines) -> Option<Instant> {
        let dues = [lines.out.next_due(), lines.into.next_due()];
        dues.into_iter().flatten().min().map(|due| self.opened + due)
    }
}

/// Fills `bufs` with what is due; returns how many.
fn hand_over(
    into: &mut Conditioner<Came>,
    time: Duration,
    bufs: &mut [IoSliceMut<'_>],
    metas: &mut [RecvMeta],
) -> usize {
    let mut count = 0;
    for (buf, place) in bufs.iter_mut().zip(metas) {
        let Some(Came { mut meta, bytes }) = into.pop(time) else { break };
        let length = bytes.len().min(buf.len());
        buf[..length].copy_from_slice(&bytes[..length]);
        (meta.len, meta.stride) = (length, length);
        *place = meta;
        count += 1;
    }
    count
}

impl AsyncUdpSocket for ImpairedSocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Arc::clone(&self.inner).create_io_poller()
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let lines = &mut *self.lines();
        let before = self.next_due(lines);
        let Transmit { destination, ecn, contents, src_ip, .. } = *transmit;
        let going = Going { destination, ecn, src_ip, bytes: contents.to_vec() };
        lines.out.push(line_of(contents), self.time(), contents.len(), going);
        self.pass_on(lines);
        let is_sooner = self.next_due(lines).is_some_and(|due| before.is_none_or(|before| due < before));
        if is_sooner && let Some(waker) = lines.waker.take() {
            waker.wake();
        }
        Ok(())
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let lines = &mut *self.lines();
        self.take_in(lines, cx)?;
        loop {
            self.pass_on(lines);
            let count = hand_over(&mut lines.into, self.time(), bufs, meta);
            if count > 0 {
                return Poll::Ready(Ok(count));
            }
            if let Some(due) = self.next_due(lines) {
                lines.timer.as_mut().reset(due);
                if lines.timer.as_mut().poll(cx).is_ready() {
                    continue;
                }
            }
            lines.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    fn may_fragment(&self) -> bool {
        self.inner.may_fragment()
    }
}
