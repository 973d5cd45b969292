//! Sitting down, waiting where a busy server wants that, and doing it again when the link breaks: the same key
//! regains the same seat.

use std::sync::Arc;
use std::time::Duration;

use gamera_protocol::codec;
use gamera_protocol::join::{Fingerprint, HostPort};
use gamera_protocol::message::{Refusal, ToClient, ToServer, Welcome, Wish};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::asking::{self, Event, Pauses, State, TurnedAway, Waiting};
use super::quic::{DialError, Dialed, dial};
use super::trust::{KnownHosts, Trusted};
use super::wire::{Gone, Incoming, Wire};
use super::{Options, Seating, SessionError};

/// From the hello to the welcome.
const PATIENCE: Duration = Duration::from_secs(5);
/// The first attempt follows at once, the next ones with pauses that double up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// The server keeps the seat for two minutes: no use in trying for longer.
const GIVE_UP: Duration = Duration::from_secs(120);

/// A place at the table.
pub(super) struct Seated {
    pub(super) wire: Box<dyn Wire>,
    pub(super) welcome: Welcome,
    pub(super) trusted: Trusted,
    pub(super) server: Fingerprint,
}

/// Why one attempt to sit down came to nothing.
enum NotSeated {
    /// The server is there, and busy.
    Busy,
    /// Asking again does not change it, or not soon.
    For(SessionError),
}

impl<E: Into<SessionError>> From<E> for NotSeated {
    fn from(error: E) -> NotSeated {
        NotSeated::For(error.into())
    }
}

/// Sits down, asking again while the server is busy; `tell` hears what one waits for. With the seat comes how often
/// one was turned away.
pub(super) async fn get_in(seating: &Seating, tell: &mut impl FnMut(Waiting)) -> Result<(Seated, u32), SessionError> {
    let (start, mut pauses) = (Instant::now(), seating.pauses());
    let (mut state, mut count, mut answer) = (State::Asking, 0, None);
    loop {
        let event = match state {
            State::Asking => match slowly(sit_down(seating), || tell(Waiting::Slow)).await {
                Err(NotSeated::Busy) => {
                    count += 1;
                    Event::TurnedAway(pauses.next())
                }
                Err(NotSeated::For(error)) => {
                    answer = Some(Err(error));
                    Event::Answer
                }
                Ok(seated) => {
                    answer = Some(Ok((seated, count)));
                    Event::Answer
                }
            },
            State::Resting(until) => {
                tell(Waiting::Busy { patience_s: asking::PATIENCE.as_secs() });
                sleep_until(start + until).await;
                Event::Passed
            }
            State::Answered | State::GaveUp => {
                return answer.unwrap_or_else(|| Err(seating.turned_away(count, start.elapsed())));
            }
        };
        state = state.after(event, start.elapsed());
    }
}

/// Waits for `work`; `tell` is called where it takes its time.
async fn slowly<T>(work: impl Future<Output = T>, tell: impl FnOnce()) -> T {
    let mut work = std::pin::pin!(work);
    match timeout(asking::SLOW, &mut work).await {
        Ok(done) => done,
        Err(_) => {
            tell();
            work.await
        }
    }
}

impl Seating {
    /// Everybody's own luck: whoever were turned away together do not come back together.
    fn pauses(&self) -> Pauses {
        Pauses::new(self.key.fingerprint().0.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)))
    }

    fn turned_away(&self, count: u32, time: Duration) -> SessionError {
        let Options { line, hello, .. } = &self.options;
        let verb = if hello.wish == Wish::Watch { "watch" } else { "join" };
        let (server, again) = (HostPort(&line.host, line.port).to_string(), format!("gamera-client {verb} {line}"));
        SessionError::Busy(TurnedAway { server, count, time, again })
    }
}

/// Dials, says hello and waits for the welcome.
async fn sit_down(seating: &Seating) -> Result<Seated, NotSeated> {
    let options = &seating.options;
    let mut known = options.known_hosts.as_deref().map(KnownHosts::open).transpose()?.unwrap_or_default();
    let dialed = dial(&seating.dialer, &options.line, &seating.key, known.clone()).await;
    let Dialed { mut wire, trusted, fingerprint } = dialed.map_err(|error| match error {
        DialError::Busy { .. } => NotSeated::Busy,
        other => other.into(),
    })?;
    if options.known_hosts.is_some() {
        known.remember(&options.line, fingerprint)?;
    }
    let hello = codec::frame(&ToServer::Hello(options.hello.clone()))
        .map_err(|_| SessionError::Unreachable("the name is too long; shorten it".to_owned()))?;
    wire.send_control(hello.into());
    // A server that has proved its key and does not come to the hello is there, and has no time.
    let welcome = timeout(PATIENCE, welcome(wire.as_mut())).await.map_err(|_| NotSeated::Busy)??;
    Ok(Seated { wire, welcome, trusted, server: fingerprint })
}

async fn welcome(wire: &mut dyn Wire) -> Result<Welcome, NotSeated> {
    loop {
        match wire.next().await {
            Incoming::Control(ToClient::Welcome(welcome)) => return Ok(welcome),
            Incoming::Gone(Gone::Refused(refusal)) => return Err(refusal.into()),
            // The handshake is over at this end and not yet at the other.
            Incoming::Gone(Gone::Busy) => return Err(NotSeated::Busy),
            Incoming::Gone(gone) => return Err(SessionError::Unreachable(gone.to_string()).into()),
            // Snapshots may overtake the welcome.
            Incoming::Control(_) | Incoming::Datagram(_) => {}
        }
    }
}

/// How the attempts to come back go.
pub(super) enum Attempt {
    /// The server is busy; they go on.
    Waits(Waiting),
    /// Back.
    Seated(Box<Seated>),
    /// For good.
    GaveUp(SessionError),
}

/// Coming back.
pub(super) struct Resume {
    outcome: mpsc::Receiver<Attempt>,
}

impl Resume {
    pub(super) fn begin(seating: Arc<Seating>) -> Resume {
        let (told, outcome) = mpsc::channel(2);
        tokio::spawn(async move {
            let attempt = come_back(&seating, &told).await;
            // A session that was dropped does not want to come back.
            let _ = told.send(attempt).await;
        });
        Resume { outcome }
    }

    pub(super) fn poll(&mut self) -> Option<Attempt> {
        match self.outcome.try_recv() {
            Ok(attempt) => Some(attempt),
            Err(mpsc::error::TryRecvError::Empty) => None,
            Err(mpsc::error::TryRecvError::Disconnected) => Some(given_up()),
        }
    }

    pub(super) async fn next(&mut self) -> Attempt {
        self.outcome.recv().await.unwrap_or_else(given_up)
    }
}

fn given_up() -> Attempt {
    Attempt::GaveUp(SessionError::Unreachable("the link could not be taken up again; join anew".to_owned()))
}

async fn come_back(seating: &Seating, told: &mpsc::Sender<Attempt>) -> Attempt {
    let (start, mut pauses) = (Instant::now(), seating.pauses());
    let (mut pause, mut count) = (FIRST_PAUSE, 0);
    loop {
        let is_late = start.elapsed() > GIVE_UP;
        match sit_down(seating).await {
            Ok(seated) => return Attempt::Seated(Box::new(seated)),
            Err(NotSeated::For(error)) if is_late || is_final(&error) => return Attempt::GaveUp(error),
            Err(NotSeated::For(_)) => {}
            Err(NotSeated::Busy) if is_late => return Attempt::GaveUp(seating.turned_away(count, start.elapsed())),
            Err(NotSeated::Busy) => {
                count += 1;
                if count == 1 {
                    // There is room for one; a session that was dropped does not want to hear it.
                    let _ = told.try_send(Attempt::Waits(Waiting::Busy { patience_s: GIVE_UP.as_secs() }));
                }
                sleep(pauses.next()).await;
                continue;
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// A server that is stopping may be back in a moment; a wrong key will not become right.
fn is_final(error: &SessionError) -> bool {
    match error {
        SessionError::Trust(_) => true,
        SessionError::Refused(refusal) => {
            !refusal.is_passing() && !matches!(refusal, Refusal::Draining | Refusal::Stopped)
        }
        SessionError::Unreachable(_) | SessionError::Busy(_) => false,
    }
}
