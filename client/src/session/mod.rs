//! A player's session with a server: hello, lobby, inputs out, snapshots in, and back again when the
//! link breaks. Polled, never blocking; it knows neither screen nor clock of the game.
//!
//! Invariant: what a session tells is in the order in which the server said it, and a datagram of
//! another place than the present one is never applied.

mod asking;
mod options;
mod polled;
mod quic;
mod quiet;
mod resume;
mod trust;
mod wire;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gamera_link::key::Key;
use gamera_protocol::codec;
use gamera_protocol::event::Event;
use gamera_protocol::ids::Side;
use gamera_protocol::input::{Aim, Driver, Order, SeatInput};
use gamera_protocol::join::Fingerprint;
use gamera_protocol::measure::{Pos, Tick};
use gamera_protocol::message::{Audience, PlacedBy, Refusal, RosterEntry, Summary, ToClient, ToServer, Welcome, Wish};
use gamera_protocol::snapshot::{Applied, INPUTS_MAX, InputDatagram, Replica};

pub use asking::{TurnedAway, Waiting};
pub use options::{Options, config_dir, player_key};
pub use quic::{DialError, Dialer};
pub use trust::{KnownHosts, TrustError, Trusted};
pub use wire::{Gone, Incoming, Wire};

use quiet::{News, Quiet};
use resume::{Attempt, Resume};

/// Inputs that each datagram repeats on a clean line, and at most; one more for so many thousandths that the
/// line loses. An input that is as the one before costs a bit.
const REDUNDANCY: (usize, usize) = (4, 12);
const REDUNDANCY_LOSS_PERMILLE: u32 = 25;

/// What happened in a session.
#[derive(Clone, PartialEq, Debug)]
pub enum SessionEvent {
    /// Seated in another place, or in the next match.
    Placed(Welcome),
    /// The last wish could not be met.
    Denied(Refusal),
    /// Seats that have changed hands.
    Roster(Vec<RosterEntry>),
    /// Something happened in the battle.
    Event(Event),
    /// A line of chat.
    Said {
        /// Who said it.
        from: String,
        /// The side of the speaker.
        side: Option<Side>,
        /// Who was meant to read it.
        to: Audience,
        /// The line.
        text: String,
    },
    /// A bot drives the own seat while the player is idle; or the player again.
    Driven(Driver),
    /// The match is decided.
    Verdict(Summary),
    /// The server stops.
    Draining {
        /// In this many seconds.
        seconds: u16,
    },
    /// A snapshot has been taken in: [`Session::replica`] is newer.
    Snapshot(Applied),
    /// The link is lost; it is being taken up again.
    Lost {
        /// Why.
        reason: String,
    },
    /// The link stands again.
    Resumed(Welcome),
    /// The session is over, and why.
    Closed(SessionError),
}

/// Why a session ended or never began.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SessionError {
    /// The server does not want it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The server's key is not trusted.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The server cannot be reached.
    #[error("{0}")]
    Unreachable(String),
    /// The server is there, and had no time for one more.
    #[error(transparent)]
    Busy(#[from] TurnedAway),
}

impl From<DialError> for SessionError {
    fn from(error: DialError) -> SessionError {
        match error {
            DialError::Refused(refusal) => SessionError::Refused(refusal),
            DialError::Trust(trust) => SessionError::Trust(trust),
            other => SessionError::Unreachable(other.to_string()),
        }
    }
}

/// How the link has been.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SessionFigures {
    /// Round trip, smoothed.
    pub rtt: Duration,
    /// Datagrams that came.
    pub datagrams_down: u64,
    /// Their bytes.
    pub bytes_down: u64,
    /// Ticks of the battle that it has been told of.
    pub snapshots: u64,
    /// Datagrams sent.
    pub datagrams_up: u64,
    /// Their bytes.
    pub bytes_up: u64,
    /// Datagrams of the present place that could not be read: a fault of one of the two sides.
    pub unreadable: u64,
    /// Times that the link was taken up again.
    pub resumed: u32,
    /// Times that a busy server turned it away before it let it in.
    pub turned_away: u32,
}

/// A session with a server.
pub struct Session {
    seating: Arc<Seating>,
    state: State,
    welcome: Welcome,
    trusted: Trusted,
    server: Fingerprint,
    replica: Replica,
    inputs: VecDeque<SeatInput>,
    newest_input: Tick,
    quiet: Quiet,
    camera: Option<Aim>,
    ready: VecDeque<SessionEvent>,
    figures: SessionFigures,
}

/// Everything that it takes to sit down again.
struct Seating {
    dialer: Dialer,
    options: Options,
    key: Arc<Key>,
}

enum State {
    Up(Box<dyn Wire>),
    Down(Resume),
    Over,
}

impl Session {
    /// Joins, and asks again for half a minute where the server is busy. Needs a tokio runtime, as does everything
    /// that follows.
    ///
    /// # Errors
    /// When the server cannot be reached, is not the one that is meant, refuses, or is busy all the time.
    pub async fn connect(dialer: &Dialer, options: Options, key: Arc<Key>) -> Result<Session, SessionError> {
        Session::connect_telling(dialer, options, key, |_| {}).await
    }

    /// The same; `tell` hears what is waited for where it takes its time. Who does not want to wait any longer drops
    /// the future.
    ///
    /// # Errors
    /// The same.
    pub async fn connect_telling(
        dialer: &Dialer,
        options: Options,
        key: Arc<Key>,
        mut tell: impl FnMut(Waiting),
    ) -> Result<Session, SessionError> {
        let seating = Arc::new(Seating { dialer: dialer.clone(), options, key });
        let (seated, turned_away) = resume::get_in(&seating, &mut tell).await?;
        Ok(Session {
            seating,
            state: State::Up(seated.wire),
            welcome: seated.welcome,
            trusted: seated.trusted,
            server: seated.server,
            replica: Replica::new(),
            inputs: VecDeque::new(),
            newest_input: Tick::default(),
            quiet: Quiet::default(),
            camera: None,
            ready: VecDeque::new(),
            figures: SessionFigures { turned_away, ..SessionFigures::default() },
        })
    }

    /// The place and the match, as last told.
    #[must_use]
    pub fn welcome(&self) -> &Welcome {
        &self.welcome
    }

    /// How the server came to be trusted: at the first time a person should be shown its key.
    #[must_use]
    pub fn trusted(&self) -> Trusted {
        self.trusted
    }

    /// The server's key.
    #[must_use]
    pub fn server(&self) -> Fingerprint {
        self.server
    }

    /// What is known of the battle.
    #[must_use]
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The same, to bring its lists up to date.
    pub fn replica_mut(&mut self) -> &mut Replica {
        &mut self.replica
    }

    /// How the link has been.
    #[must_use]
    pub fn figures(&self) -> SessionFigures {
        let rtt = if let State::Up(wire) = &self.state { wire.rtt() } else { self.figures.rtt };
        SessionFigures { rtt, ..self.figures }
    }

    /// What happened next, if anything has.
    pub fn poll(&mut self) -> Option<SessionEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            match &mut self.state {
                State::Up(wire) => {
                    let incoming = wire.poll()?;
                    self.take(incoming);
                }
                State::Down(resume) => {
                    let attempt = resume.poll()?;
                    self.resume(attempt);
                }
                State::Over => return None,
            }
        }
    }

    /// Waits for what happens next; `None` once the session is over.
    pub async fn next(&mut self) -> Option<SessionEvent> {
        loop {
            if let Some(event) = self.poll() {
                return Some(event);
            }
            match &mut self.state {
                State::Up(wire) => {
                    let incoming = wire.next().await;
                    self.take(incoming);
                }
                State::Down(resume) => {
                    let attempt = resume.next().await;
                    self.resume(attempt);
                }
                State::Over => return None,
            }
        }
    }

    /// Sends the input for `tick`, with those before it and the acknowledgements; with the next one where pictures
    /// come seldom, it is as it was, and there is nothing to acknowledge.
    pub fn send_input(&mut self, tick: Tick, input: SeatInput) {
        let gap = tick.since(self.newest_input) as usize;
        if gap == 0 {
            return;
        }
        let loss_permille = self.replica.loss_permille();
        let is_new = gap > 1 || self.inputs.front() != Some(&input);
        let news =
            News { tick, is_new, heard: self.figures.datagrams_down, asks: self.replica.is_behind(), loss_permille };
        let redundancy = redundancy(loss_permille);
        if gap > redundancy {
            self.inputs.clear();
        } else {
            (1..gap).for_each(|_| self.inputs.push_front(input));
        }
        self.inputs.push_front(input);
        self.inputs.truncate(redundancy);
        self.newest_input = tick;
        if !self.quiet.may_wait(news) {
            self.send_datagram();
        }
    }

    /// Sends the acknowledgements and the camera alone: for one who watches, about ten times a second.
    pub fn send_acks(&mut self) {
        self.inputs.clear();
        self.newest_input = self.replica.tick();
        self.send_datagram();
    }

    /// Where a spectator looks from now on.
    pub fn look_at(&mut self, at: Pos) {
        self.camera = Some(Aim::at(at));
    }

    /// Gives an order.
    pub fn send_order(&mut self, order: Order) {
        self.send(&ToServer::Order(order));
    }

    /// Says something.
    pub fn say(&mut self, to: Audience, text: &str) {
        self.send(&ToServer::Say { to, text: text.to_owned() });
    }

    /// Asks for another seat, or to watch.
    pub fn choose(&mut self, wish: Wish) {
        self.send(&ToServer::Choose(wish));
    }

    /// Says goodbye: the seat is free at once. [`SessionEvent::Closed`] follows.
    pub fn leave(&mut self) {
        match self.state {
            State::Up(_) => self.send(&ToServer::Leave),
            State::Down(_) => self.end(SessionError::Refused(Refusal::Left)),
            State::Over => {}
        }
    }

    /// Is gone without a word, as a machine is whose power fails: the server has to find out by itself. A
    /// link that looks after itself is closed instead.
    pub fn vanish(mut self) {
        if let State::Up(wire) = &mut self.state {
            wire.go_silent();
        }
    }

    /// Sends a datagram as it is: for those who test what a server makes of it.
    pub fn send_raw(&mut self, bytes: Vec<u8>) {
        if let State::Up(wire) = &mut self.state {
            self.figures.datagrams_up += 1;
            self.figures.bytes_up += bytes.len() as u64;
            wire.send_datagram(Bytes::from(bytes));
        }
    }

    fn send(&mut self, message: &ToServer) {
        if let (State::Up(wire), Ok(frame)) = (&mut self.state, codec::frame(message)) {
            wire.send_control(frame.into());
        }
    }

    fn send_datagram(&mut self) {
        let State::Up(wire) = &mut self.state else { return };
        let datagram = InputDatagram {
            newest: self.newest_input,
            inputs: self.inputs.iter().copied().collect(),
            acks: self.replica.acks(),
            camera: self.camera,
        };
        let mut bytes = datagram.encode();
        bytes.insert(0, self.welcome.place.epoch);
        self.figures.datagrams_up += 1;
        self.figures.bytes_up += bytes.len() as u64;
        wire.send_datagram(Bytes::from(bytes));
    }

    fn take(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Control(message) => self.hear(message),
            Incoming::Datagram(bytes) => self.see(&bytes),
            Incoming::Gone(Gone::Refused(refusal)) if !refusal.is_passing() => self.end(refusal.into()),
            Incoming::Gone(gone) => self.lose(gone.to_string()),
        }
    }

    fn hear(&mut self, message: ToClient) {
        let event = match message {
            ToClient::Welcome(welcome) => {
                self.place(welcome.clone());
                SessionEvent::Placed(welcome)
            }
            ToClient::Denied(why) => SessionEvent::Denied(why),
            ToClient::Roster(entries) => SessionEvent::Roster(entries),
            ToClient::Events(events) => {
                self.ready.extend(events.into_iter().map(SessionEvent::Event));
                return;
            }
            ToClient::Said { from, side, to, text } => SessionEvent::Said { from, side, to, text },
            ToClient::Driven(driver) => SessionEvent::Driven(driver),
            ToClient::Verdict(summary) => SessionEvent::Verdict(summary),
            ToClient::Draining { seconds } => SessionEvent::Draining { seconds },
        };
        self.ready.push_back(event);
    }

    fn see(&mut self, bytes: &Bytes) {
        self.figures.datagrams_down += 1;
        self.figures.bytes_down += bytes.len() as u64;
        let before = self.replica.tick();
        match bytes.split_first() {
            Some((epoch, snapshot)) if *epoch == self.welcome.place.epoch => match self.replica.apply(snapshot) {
                Ok(applied) => self.ready.push_back(SessionEvent::Snapshot(applied)),
                Err(_) => self.figures.unreadable += 1,
            },
            // From before the place changed, or from after a change that is still on its way.
            _ => {}
        }
        let gap_ticks = self.replica.tick().since(before);
        if gap_ticks > 0 {
            self.figures.snapshots += 1;
            self.quiet.seen(gap_ticks);
        }
    }

    fn place(&mut self, welcome: Welcome) {
        self.replica = Replica::new();
        self.inputs.clear();
        self.newest_input = Tick::default();
        self.quiet = Quiet::default();
        self.welcome = welcome;
    }

    fn lose(&mut self, reason: String) {
        self.figures.rtt = self.figures().rtt;
        self.state = State::Down(Resume::begin(Arc::clone(&self.seating)));
        self.ready.push_back(SessionEvent::Lost { reason });
    }

    fn resume(&mut self, attempt: Attempt) {
        match attempt {
            Attempt::Waits(waiting) => self.ready.push_back(SessionEvent::Lost { reason: waiting.to_string() }),
            Attempt::Seated(seated) => {
                self.state = State::Up(seated.wire);
                self.figures.resumed += u32::from(seated.welcome.by == PlacedBy::Resuming);
                self.place(seated.welcome.clone());
                self.ready.push_back(SessionEvent::Resumed(seated.welcome));
            }
            Attempt::GaveUp(error) => self.end(error),
        }
    }

    fn end(&mut self, why: SessionError) {
        self.state = State::Over;
        self.ready.push_back(SessionEvent::Closed(why));
    }
}

/// Inputs that a datagram repeats on a line that loses so much: what the line does to the server's datagrams it
/// does to the client's.
fn redundancy(loss_permille: u32) -> usize {
    (REDUNDANCY.0 + (loss_permille / REDUNDANCY_LOSS_PERMILLE) as usize).min(REDUNDANCY.1)
}

const _: () = assert!(REDUNDANCY.1 <= INPUTS_MAX, "a datagram has room for them");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_a_line_loses_the_more_is_said_again() {
        for (loss_permille, inputs) in [(0, 4), (20, 4), (50, 6), (100, 8), (200, 12), (900, 12)] {
            assert_eq!(redundancy(loss_permille), inputs, "{loss_permille}");
        }
    }
}
