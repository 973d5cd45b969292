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

use crate::framing::{FrameError, Frames};

/// What is read of a stream at a time, bytes.
const CHUNK: usize = 4 * 1024;

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
    is_up: bool,
    lost: Option<ConnectionError>,
    control: Option<StreamId>,
    frames: Frames,
    unsent: VecDeque<Bytes>,
}

impl Peer {
    pub(super) fn new(handle: ConnectionHandle, connection: Connection) -> Peer {
        Peer {
            connection,
            handle,
            is_listed: false,
            is_forgotten: false,
            is_silent: false,
            waker: None,
            is_up: false,
            lost: None,
            control: None,
            frames: Frames::default(),
            unsent: VecDeque::new(),
        }
    }

    /// Takes in what has happened; true where the owner should look.
    pub(super) fn take_events(&mut self) -> bool {
        let mut is_news = false;
        while let Some(event) = self.connection.poll() {
            match event {
                Event::Connected => self.is_up = true,
                Event::ConnectionLost { reason } => self.lost = self.lost.take().or(Some(reason)),
                Event::Stream(StreamEvent::Opened { dir: Dir::Bi }) => {
                    self.control = self.control.or_else(|| self.connection.streams().accept(Dir::Bi));
                }
                Event::Stream(StreamEvent::Writable { .. }) => self.write(),
                Event::Stream(StreamEvent::Readable { .. }) | Event::DatagramReceived => {}
                Event::Stream(_) | Event::HandshakeDataReady | Event::DatagramsUnblocked => continue,
            }
            is_news = true;
        }
        is_news
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
        let Some(id) = self.control else { return Ok(false) };
        let mut stream = self.connection.recv_stream(id);
        let mut chunks = stream.read(true).map_err(|_| FrameError::Ended)?;
        let outcome = match chunks.next(CHUNK) {
            Ok(Some(chunk)) => {
                self.frames.push(&chunk.bytes);
                Ok(true)
            }
            Err(ReadError::Blocked) => Ok(false),
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

    /// How the way fares.
    #[must_use]
    pub fn path(&self) -> PathStats {
        self.connection.stats().path
    }
}
