//! Sitting down, and doing it again when the link breaks: the same key regains the same seat.

use std::sync::Arc;
use std::time::Duration;

use gamera_protocol::codec;
use gamera_protocol::join::Fingerprint;
use gamera_protocol::message::{Refusal, ToClient, ToServer, Welcome};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use super::quic::{Dialed, dial};
use super::trust::{KnownHosts, Trusted};
use super::wire::{Gone, Incoming, Wire};
use super::{Seating, SessionError};

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

/// Dials, says hello and waits for the welcome.
pub(super) async fn sit_down(seating: &Seating) -> Result<Seated, SessionError> {
    let options = &seating.options;
    let mut known = options.known_hosts.as_deref().map(KnownHosts::open).transpose()?.unwrap_or_default();
    let Dialed { mut wire, trusted, fingerprint } =
        dial(&seating.dialer, &options.line, &seating.key, known.clone()).await?;
    if options.known_hosts.is_some() {
        known.remember(&options.line, fingerprint)?;
    }
    let hello = codec::frame(&ToServer::Hello(options.hello.clone()))
        .map_err(|_| SessionError::Unreachable("the name is too long; shorten it".to_owned()))?;
    wire.send_control(hello.into());
    let welcome = timeout(PATIENCE, welcome(wire.as_mut())).await;
    let welcome =
        welcome.map_err(|_| SessionError::Unreachable("the server does not answer the hello".to_owned()))??;
    Ok(Seated { wire, welcome, trusted, server: fingerprint })
}

async fn welcome(wire: &mut dyn Wire) -> Result<Welcome, SessionError> {
    loop {
        match wire.next().await {
            Incoming::Control(ToClient::Welcome(welcome)) => return Ok(welcome),
            Incoming::Gone(Gone::Refused(refusal)) => return Err(refusal.into()),
            Incoming::Gone(gone) => return Err(SessionError::Unreachable(gone.to_string())),
            // Snapshots may overtake the welcome.
            Incoming::Control(_) | Incoming::Datagram(_) => {}
        }
    }
}

/// How an attempt to come back ended.
pub(super) enum Attempt {
    /// Back.
    Seated(Box<Seated>),
    /// For good.
    GaveUp(SessionError),
}

/// Coming back.
pub(super) struct Resume {
    outcome: oneshot::Receiver<Attempt>,
}

impl Resume {
    pub(super) fn begin(seating: Arc<Seating>) -> Resume {
        let (done, outcome) = oneshot::channel();
        tokio::spawn(async move {
            let attempt = come_back(&seating).await;
            // A session that was dropped does not want to come back.
            let _ = done.send(attempt);
        });
        Resume { outcome }
    }

    pub(super) fn poll(&mut self) -> Option<Attempt> {
        match self.outcome.try_recv() {
            Ok(attempt) => Some(attempt),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => Some(given_up()),
        }
    }

    pub(super) async fn next(&mut self) -> Attempt {
        (&mut self.outcome).await.unwrap_or_else(|_| given_up())
    }
}

fn given_up() -> Attempt {
    Attempt::GaveUp(SessionError::Unreachable("the link could not be taken up again; join anew".to_owned()))
}

async fn come_back(seating: &Seating) -> Attempt {
    let start = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        match sit_down(seating).await {
            Ok(seated) => return Attempt::Seated(Box::new(seated)),
            Err(error) if is_final(&error) || start.elapsed() > GIVE_UP => return Attempt::GaveUp(error),
            Err(_) => {}
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
        SessionError::Unreachable(_) => false,
    }
}
