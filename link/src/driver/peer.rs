//! One connection of a driver: its control stream as frames, its datagrams, how it fares.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::task::Waker;
use std::time::{Duration, Instant};

use bytes::Bytes;
use quinn_proto::{
    Connection, ConnectionError, ConnectionHandle, Dir, Event, PathStats, ReadError, StreamEvent, StreamId, VarInt,
    WriteError,
};
use rustls::pki_types::CertificateDer;

use crate::congestion::Answers;
use crate::framing::{FrameError, Frames};

/// What is read of a stream at a time, bytes.
const CHUNK: usize = 4 * 1024;
/// The least that a datagram with a first packet has, and the most that any has before its way is known
/// (RFC 9000, 14.1).
const FIRST_DATAGRAM: u64 = 1_200;
/// To an address that is not proved less is sent than so many times what came from there. QUIC itself stops at
/// just so much (RFC 9000, 8.1), which a first flight that is sent again after its timer makes use of to the full.
const UNPROVED_TIMES: u64 = 3;

/// What has come from an address that is not proved, and gone there, bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unproved {
    came: u64,
    went: u64,
}

impl Unproved {
    /// Nothing but the first packet has come.
    pub(super) fn new() -> Unproved {
        Unproved { came: FIRST_DATAGRAM, went: 0 }
    }

    /// True where one more datagram, however long, leaves it under the bound.
    fn bears_another(self) -> bool {
        self.went + FIRST_DATAGRAM < self.came * UNPROVED_TIMES
    }
}

/// One connection.
pub struct Peer {
    pub(super) connection: Connection,
    pub(super) handle: ConnectionHandle,
    /// It waits to be looked after.
    pub(super) is_listed: bool,
    /// Nobody is interested in it any more.
    pub(super) is_forgotten: bool,
    /// It is cut off: nothing comes and nothing goes.
    pub(super) is_silent: bool,
    pub(super) waker: Option<Waker>,
    /// `None` once its address is proved.
    unproved: Option<Unproved>,
    is_up: bool,
    lost: Option<ConnectionError>,
    control: Option<StreamId>,
    /// Something has come on the control stream since it was read empty.
    is_readable: bool,
    frames: Frames,
    unsent: VecDeque<Bytes>,
}

impl Peer {
    pub(super) fn new(handle: ConnectionHandle, connection: Connection, unproved: Option<Unproved>) -> Peer {
        Peer {
            connection,
            handle,
            is_listed: false,
            is_forgotten: false,
            is_silent: false,
            waker: None,
            unproved,
            is_up: false,
            lost: None,
            control: None,
            is_readable: false,
            frames: Frames::default(),
            unsent: VecDeque::new(),
        }
    }

    /// Takes in what has happened; true where the owner should look.
    pub(super) fn take_events(&mut self) -> bool {
        let mut is_news = false;
        while let Some(event) = self.connection.poll() {
            match event {
                Event::Connected => {
                    self.is_up = true;
                    // Nobody finishes a handshake without reading what was sent to the address.
                    self.unproved = None;
                }
                Event::ConnectionLost { reason } => self.lost = self.lost.take().or(Some(reason)),
                Event::Stream(StreamEvent::Opened { dir: Dir::Bi }) => {
                    self.control = self.control.or_else(|| self.connection.streams().accept(Dir::Bi));
                    self.is_readable = true;
                }
                Event::Stream(StreamEvent::Writable { .. }) => self.write(),
                Event::Stream(StreamEvent::Readable { .. }) => self.is_readable = true,
                Event::DatagramReceived => {}
                Event::Stream(_) | Event::HandshakeDataReady | Event::DatagramsUnblocked => continue,
            }
            is_news = true;
        }
        is_news
    }

    /// Counts a datagram that has come.
    pub(super) fn note_came(&mut self, bytes: usize) {
        self.unproved.iter_mut().for_each(|unproved| unproved.came += bytes as u64);
    }

    /// Counts a datagram that goes.
    pub(super) fn note_went(&mut self, bytes: usize) {
        self.unproved.iter_mut().for_each(|unproved| unproved.went += bytes as u64);
    }

    /// False where its address has been sent as much as one may be that is not proved.
    pub(super) fn may_be_sent_more(&self) -> bool {
        self.unproved.is_none_or(Unproved::bears_another)
    }

    /// True once the handshake is done.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.is_up
    }

    /// Why it is over, once it is.
    #[must_use]
    pub fn lost(&self) -> Option<&ConnectionError> {
        self.lost.as_ref()
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.connection.remote_address()
    }

    /// The certificate that it has presented.
    #[must_use]
    pub fn certificate(&self) -> Option<CertificateDer<'static>> {
        let chain = self.connection.crypto_session().peer_identity()?;
        chain.downcast::<Vec<CertificateDer<'static>>>().ok()?.into_iter().next()
    }

    /// Opens the control stream: the client's part.
    pub fn open_control(&mut self) {
        self.control = self.control.or_else(|| self.connection.streams().open(Dir::Bi));
    }

    /// The next message of the control stream, if a whole one has come.
    ///
    /// # Errors
    /// When the stream has ended or what comes is no frame.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        loop {
            if let Some(frame) = self.frames.next_frame()? {
                return Ok(Some(frame));
            }
            if !self.read()? {
                return Ok(None);
            }
        }
    }

    /// Reads on; false where nothing more has come.
    fn read(&mut self) -> Result<bool, FrameError> {
        let Some(id) = self.control.filter(|_| self.is_readable) else { return Ok(false) };
        let mut stream = self.connection.recv_stream(id);
        let mut chunks = stream.read(true).map_err(|_| FrameError::Ended)?;
        let outcome = match chunks.next(CHUNK) {
            Ok(Some(chunk)) => {
                self.frames.push(&chunk.bytes);
                Ok(true)
            }
            Err(ReadError::Blocked) => {
                self.is_readable = false;
                Ok(false)
            }
            Ok(None) | Err(ReadError::Reset(_)) => Err(FrameError::Ended),
        };
        // What it grants to be sent goes out with the rest: whoever reads has marked the peer.
        let _ = chunks.finalize();
        outcome
    }

    /// Sends a framed message, in order.
    pub fn send_frame(&mut self, frame: Bytes) {
        self.unsent.push_back(frame);
        self.write();
    }

    /// Messages that wait, for the other side does not read.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    fn write(&mut self) {
        let Some(id) = self.control else { return };
        while let Some(frame) = self.unsent.front_mut() {
            match self.connection.send_stream(id).write(frame) {
                Ok(count) if count < frame.len() => drop(frame.split_to(count)),
                Ok(_) => drop(self.unsent.pop_front()),
                Err(WriteError::Blocked) => return,
                Err(_) => self.unsent.clear(),
            }
        }
    }

    /// The next datagram, if one has come.
    pub fn next_datagram(&mut self) -> Option<Bytes> {
        self.connection.datagrams().recv()
    }

    /// Sends a datagram. False where it is lost: the link is not up, or it is too long.
    pub fn send_datagram(&mut self, datagram: Bytes) -> bool {
        self.connection.datagrams().send(datagram, true).is_ok()
    }

    /// Bytes of datagrams that may be sent without pushing older ones out.
    #[must_use]
    pub fn datagram_space(&mut self) -> usize {
        self.connection.datagrams().send_buffer_space()
    }

    /// Ends the connection and tells the other side why.
    pub fn close(&mut self, code: VarInt, reason: Bytes, now: Instant) {
        if self.lost.is_none() {
            self.connection.close(now, code, reason);
            self.lost = Some(ConnectionError::LocallyClosed);
        }
    }

    /// Round trip, smoothed.
    #[must_use]
    pub fn rtt(&self) -> Duration {
        self.connection.rtt()
    }

    /// Bytes of all that UDP has carried for it, sent and received.
    #[must_use]
    pub fn carried(&self) -> (u64, u64) {
        let stats = self.connection.stats();
        (stats.udp_tx.bytes, stats.udp_rx.bytes)
    }

    /// What acknowledgements tell of the way.
    #[must_use]
    pub fn answers(&self) -> Answers {
        Answers::noted_by(self.connection.congestion_state())
    }

    /// How the way fares.
    #[must_use]
    pub fn path(&self) -> PathStats {
        self.connection.stats().path
    }
}
