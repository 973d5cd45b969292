//! What rooms hand to the net thread: one list for all links, which the thread takes as a whole each
//! time it looks. Nobody is woken.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use gamera_link::driver::{Peer, PeerId};
use gamera_protocol::message::Refusal;

use crate::net::connection::{BATCHES, CONTROL_QUEUE};
use crate::net::{Batch, Link, LinkFigures};
use crate::ops::meters;

/// What is to be done for one link.
pub(super) enum Task {
    /// Send a framed message.
    Control(Bytes),
    /// The same with the next datagrams.
    Later(Bytes),
    /// Send datagrams.
    Datagrams(Batch),
    /// End it and say why.
    Close(Refusal),
}

/// Tasks for the net thread, in order.
#[derive(Default)]
pub(super) struct Outbox {
    tasks: Mutex<Vec<(PeerId, Task)>>,
}

impl Outbox {
    fn put(&self, peer: PeerId, task: Task) {
        self.tasks().push((peer, task));
    }

    /// Changes the tasks for an empty list, whose memory is used next.
    pub(super) fn take(&self, into: &mut Vec<(PeerId, Task)>) {
        std::mem::swap(&mut *self.tasks(), into);
    }

    /// A list is whole after each push, whoever panicked.
    fn tasks(&self) -> MutexGuard<'_, Vec<(PeerId, Task)>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A link as a room sees it.
pub(super) struct PolledLink {
    peer: PeerId,
    outbox: Arc<Outbox>,
    /// Messages handed over and not yet taken by QUIC.
    control: AtomicU32,
    /// Batches of datagrams handed over and not yet taken by QUIC.
    batches: AtomicU32,
    /// What was taken has not left.
    is_clogged: AtomicBool,
    is_closing: AtomicBool,
    round_trip_us: AtomicU64,
    sent: AtomicU64,
    lost: AtomicU64,
    bytes: AtomicU64,
    arrived: AtomicU64,
}

impl PolledLink {
    pub(super) fn new(peer: PeerId, outbox: Arc<Outbox>) -> PolledLink {
        PolledLink {
            peer,
            outbox,
            control: AtomicU32::new(0),
            batches: AtomicU32::new(0),
            is_clogged: AtomicBool::new(false),
            is_closing: AtomicBool::new(false),
            round_trip_us: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            arrived: AtomicU64::new(0),
        }
    }

    fn put_control(&self, task: Task) {
        if self.control.fetch_add(1, Ordering::Relaxed) as usize >= CONTROL_QUEUE {
            self.close(Refusal::TooSlow);
        } else {
            self.outbox.put(self.peer, task);
        }
    }

    /// Notes that QUIC has a message.
    pub(super) fn control_taken(&self) {
        self.control.fetch_sub(1, Ordering::Relaxed);
    }

    /// Notes that QUIC has a batch, and whether those before have not left.
    pub(super) fn batch_taken(&self, is_clogged: bool) {
        self.batches.fetch_sub(1, Ordering::Relaxed);
        self.is_clogged.store(is_clogged, Ordering::Relaxed);
    }

    /// Notes that everything has left.
    pub(super) fn unclogged(&self) {
        self.is_clogged.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_clogged(&self) -> bool {
        self.is_clogged.load(Ordering::Relaxed)
    }

    /// Notes how the way fares, and what it has carried.
    pub(super) fn note(&self, peer: &Peer) {
        let (path, answers) = (peer.path(), peer.answers());
        let round_trip = answers.quickest.unwrap_or(path.rtt);
        self.round_trip_us.store(round_trip.as_micros() as u64, Ordering::Relaxed);
        self.sent.store(path.sent_packets, Ordering::Relaxed);
        self.lost.store(path.lost_packets, Ordering::Relaxed);
        self.bytes.store(peer.carried().0, Ordering::Relaxed);
        self.arrived.store(answers.arrived, Ordering::Relaxed);
    }
}

impl Link for PolledLink {
    fn send_control(&self, frame: Bytes) {
        self.put_control(Task::Control(frame));
    }

    fn send_control_later(&self, frame: Bytes) {
        self.put_control(Task::Later(frame));
    }

    fn is_ready(&self) -> bool {
        !self.is_clogged() && self.batches.load(Ordering::Relaxed) < BATCHES
    }

    fn send_datagrams(&self, datagrams: Batch) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.outbox.put(self.peer, Task::Datagrams(datagrams));
    }

    fn figures(&self) -> LinkFigures {
        LinkFigures {
            round_trip: Duration::from_micros(self.round_trip_us.load(Ordering::Relaxed)),
            sent: self.sent.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            arrived: self.arrived.load(Ordering::Relaxed),
        }
    }

    fn close(&self, why: Refusal) {
        if !self.is_closing.swap(true, Ordering::Relaxed) {
            meters::refused(&why);
            self.outbox.put(self.peer, Task::Close(why));
        }
    }
}
