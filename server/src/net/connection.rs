//! One connection: handshake, hello, then its control stream and datagrams into a room's mailbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gamera_link::congestion::Answers;
use gamera_link::framing::{FrameError, read_frame};
use gamera_link::key;
use gamera_protocol::codec;
use gamera_protocol::join::Fingerprint;
use gamera_protocol::message::{DATAGRAM_MAX, Hello, Refusal, ToServer};
use quinn::rustls::pki_types::CertificateDer;
use quinn::{Connection, Incoming, RecvStream, SendStream, VarInt};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::limits::Allowance;
use super::{Arrival, Batch, Link, LinkFigures, LinkId, Mailbox, Shared};
use crate::lobby;
use crate::ops::meters::{self, BadInput, NetMeters};

/// From the first packet to the end of the handshake, and from there to the hello.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Messages that wait to be written to a client before it counts as too slow.
pub(super) const CONTROL_QUEUE: usize = 512;
/// Messages a second that a client may send, and at once; a room is stricter still.
pub(super) const CONTROL_RATE: (u32, u32) = (50, 200);
/// Datagrams a second that a client may send, and at once: three times what a client sends.
pub(super) const DATAGRAM_RATE: (u32, u32) = (90, 90);
/// Bytes that a tick may want to send at once.
const TICK_BURST: usize = 4 * DATAGRAM_MAX;
/// Batches of datagrams that may wait for the net thread.
pub(super) const BATCHES: u32 = 2;

/// Finishes the handshake; `None` where the peer does not.
pub(super) async fn handshake(incoming: Incoming) -> Option<Connection> {
    let connecting = incoming.accept().ok()?;
    timeout(PATIENCE, connecting).await.ok()?.ok()
}

/// The refusal as the reason of a closed connection.
pub(super) fn reason(why: &Refusal) -> Vec<u8> {
    codec::encode(why).unwrap_or_default()
}

/// The refusal as the code of a closed connection: zero is a goodbye.
pub(super) fn code(why: &Refusal) -> VarInt {
    VarInt::from_u32(u32::from(*why != Refusal::Left))
}

/// Ends a connection and tells the peer why.
pub(super) fn close_with(connection: &Connection, why: Refusal) {
    connection.close(code(&why), &reason(&why));
}

/// Runs a connection until it ends.
pub(super) async fn run(shared: &Shared, connection: &Connection) {
    match greet(shared, connection).await {
        Ok(guest) => serve(shared, connection, guest).await,
        Err(why) => {
            meters::refused(&why);
            close_with(connection, why);
        }
    }
}

/// A client that has said a good hello.
struct Guest {
    id: LinkId,
    mailbox: Mailbox,
    send: SendStream,
    recv: RecvStream,
    key: Fingerprint,
    hello: Hello,
}

async fn greet(shared: &Shared, connection: &Connection) -> Result<Guest, Refusal> {
    let key = peer_key(connection).ok_or(Refusal::NoHello)?;
    let (send, mut recv) =
        timeout(PATIENCE, connection.accept_bi()).await.map_err(|_| Refusal::NoHello)?.map_err(|_| Refusal::NoHello)?;
    let bytes = timeout(PATIENCE, read_frame(&mut recv)).await.map_err(|_| Refusal::NoHello)?.map_err(|_| {
        meters::bad_input(BadInput::Control);
        Refusal::NoHello
    })?;
    let hello = lobby::read_hello(&bytes).inspect_err(|_| meters::bad_input(BadInput::Control))?;
    let mailbox = shared.rooms.room_for(key).ok_or(Refusal::Draining)?;
    shared.meters.joins.increment(1);
    Ok(Guest { id: shared.next_link(), mailbox, send, recv, key, hello })
}

fn peer_key(connection: &Connection) -> Option<Fingerprint> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    key::fingerprint_of(chain.first()?)
}

async fn serve(shared: &Shared, connection: &Connection, guest: Guest) {
    let Guest { id, mailbox, send, recv, key, hello } = guest;
    let (control, queue) = mpsc::channel(CONTROL_QUEUE);
    let (batches, waiting) = mpsc::unbounded_channel();
    let link = Arc::new(QuicLink {
        connection: connection.clone(),
        control,
        batches,
        in_flight: AtomicU32::new(0),
        closing: AtomicBool::new(false),
        meters: shared.meters.clone(),
    });
    let joining = Arrival::Joining { id, link: Arc::clone(&link) as Arc<dyn Link>, key, hello };
    if mailbox.send(joining).is_err() {
        close_with(connection, Refusal::Stopped);
        return;
    }
    let writer = tokio::spawn(write_control(send, queue));
    let pump = tokio::spawn(pump(Arc::clone(&link), waiting));
    read(&shared.meters, connection, recv, &mailbox, id).await;
    // The room may have gone before its guests: then nobody is left to tell.
    let _ = mailbox.send(Arrival::Closed { id });
    writer.abort();
    pump.abort();
}

/// Takes what a client sends until its connection ends or it breaks the rules.
async fn read(meters: &NetMeters, connection: &Connection, recv: RecvStream, mailbox: &Mailbox, id: LinkId) {
    let control = read_control(recv, mailbox, id);
    let datagrams = read_datagrams(meters, connection, mailbox, id);
    let why = tokio::select! {
        why = control => why,
        why = datagrams => why,
    };
    if let Some(why) = why {
        meters::refused(&why);
        close_with(connection, why);
    }
}

async fn read_control(mut recv: RecvStream, mailbox: &Mailbox, id: LinkId) -> Option<Refusal> {
    let mut allowance = Allowance::new(CONTROL_RATE.0, CONTROL_RATE.1);
    loop {
        let bytes = match read_frame(&mut recv).await {
            Ok(bytes) => bytes,
            Err(FrameError::Ended) => return None,
            Err(FrameError::Bytes(_)) => return bad_control(),
        };
        if !allowance.take(Instant::now()) {
            return Some(Refusal::TooFast);
        }
        match codec::decode::<ToServer>(&bytes) {
            Ok(message) => mailbox.send(Arrival::Control { id, message }).ok()?,
            Err(_) => return bad_control(),
        }
    }
}

fn bad_control() -> Option<Refusal> {
    meters::bad_input(BadInput::Control);
    Some(Refusal::BadMessage)
}

async fn read_datagrams(meters: &NetMeters, connection: &Connection, mailbox: &Mailbox, id: LinkId) -> Option<Refusal> {
    let mut allowance = Allowance::new(DATAGRAM_RATE.0, DATAGRAM_RATE.1);
    while let Ok(bytes) = connection.read_datagram().await {
        meters.datagrams_in.increment(1);
        meters.bytes_in.increment(bytes.len() as u64);
        if !allowance.take(Instant::now()) {
            meters::bad_input(BadInput::Flood);
        } else if bytes.len() > DATAGRAM_MAX {
            meters::bad_input(BadInput::Datagram);
        } else {
            mailbox.send(Arrival::Datagram { id, bytes }).ok()?;
        }
    }
    None
}

async fn write_control(mut send: SendStream, mut queue: mpsc::Receiver<Bytes>) {
    while let Some(frame) = queue.recv().await {
        if send.write_all(&frame).await.is_err() {
            return;
        }
    }
}

/// Sends on the net thread what a room has handed over: the room wakes this thread once a batch,
/// not once a datagram.
async fn pump(link: Arc<QuicLink>, mut waiting: mpsc::UnboundedReceiver<Batch>) {
    while let Some(batch) = waiting.recv().await {
        link.in_flight.fetch_sub(1, Ordering::Relaxed);
        for datagram in batch {
            let length = datagram.len() as u64;
            if link.connection.send_datagram(datagram).is_ok() {
                link.meters.datagrams_out.increment(1);
                link.meters.bytes_out.increment(length);
            }
        }
    }
}

/// A link over QUIC.
struct QuicLink {
    connection: Connection,
    control: mpsc::Sender<Bytes>,
    batches: mpsc::UnboundedSender<Batch>,
    in_flight: AtomicU32,
    closing: AtomicBool,
    meters: NetMeters,
}

impl Link for QuicLink {
    fn send_control(&self, frame: Bytes) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.control.try_send(frame) {
            self.close(Refusal::TooSlow);
        }
    }

    fn is_ready(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) < BATCHES && self.connection.datagram_send_buffer_space() >= TICK_BURST
    }

    fn send_datagrams(&self, datagrams: Batch) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        // A link whose pump has ended is closed: nobody waits for these.
        let _ = self.batches.send(datagrams);
    }

    fn figures(&self) -> LinkFigures {
        let stats = self.connection.stats();
        let answers = Answers::noted_by(self.connection.congestion_state().as_ref());
        LinkFigures {
            round_trip: answers.quickest.unwrap_or(stats.path.rtt),
            sent: stats.path.sent_packets,
            lost: stats.path.lost_packets,
            bytes: stats.udp_tx.bytes,
            arrived: answers.arrived,
        }
    }

    fn close(&self, why: Refusal) {
        if !self.closing.swap(true, Ordering::Relaxed) {
            meters::refused(&why);
            close_with(&self.connection, why);
        }
    }
}
