//! One player of a swarm, looked at over its shoulder: the whole terminal client with a bot for a hand, and beside
//! it the battle as the server has it for that seat's side. What the two differ by is drawn and counted.
//!
//! It is one more player than the swarm's, on a thread of its own, and joins before them, so that the seat that is
//! asked for is still free.

mod figures;
mod judge;
mod marks;
mod panel;
mod pilot;
mod screen;
mod truths;

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use gamera_client::session::{Dialer, Options, Session};
use gamera_link::key::Key;
use gamera_protocol::admin::NoView;
use gamera_protocol::ids::{Role, SeatId};
use gamera_protocol::message::Wish;
use gamera_server::config::TransportSetting;
use tokio::task::LocalSet;

use super::plan::Plan;
use super::team::{Cue, CueCell};
use crate::Exit;
pub(super) use figures::ShadowFigures;
use judge::Judge;
use pilot::Pilot;
use screen::Screen;
use truths::Truths;

/// Links are looked after and turns taken so often.
const STEP: Duration = Duration::from_millis(4);
/// Frames are drawn, and judged, so often: as the client draws at best.
const FRAME: Duration = gamera_client::terminal::pace::BEST;
/// The answer to the goodbye is waited for this long.
const GOODBYE: Duration = Duration::from_millis(200);
/// Dice of its line and of its bot: nobody of the swarm has them.
const DICE: u64 = 1 << 40;

/// Who is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Whom {
    /// The one in this seat.
    Seat(SeatId),
    /// One with this role.
    Role(Role),
}

impl FromStr for Whom {
    type Err = String;

    fn from_str(text: &str) -> Result<Whom, String> {
        if let Ok(seat) = text.parse() {
            return Ok(Whom::Seat(SeatId(seat)));
        }
        let roles = || Role::ALL.iter().map(|role| role.label()).collect::<Vec<_>>().join(", ");
        Role::from_label(text).map(Whom::Role).ok_or_else(|| format!("give a seat's number, or one of {}", roles()))
    }
}

impl Whom {
    const fn wish(self) -> Wish {
        match self {
            Whom::Seat(seat) => Wish::Seat(seat),
            Whom::Role(role) => Wish::Role(role),
        }
    }
}

/// Why nobody can be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShadowError {
    #[error("--shadow with --server: give that server's administrator's socket with --admin PATH")]
    NoSocket,
    #[error("the player to be looked at could not join: {0}")]
    Join(String),
    #[error("the server's socket {} cannot be used: {source}; give the path that it was started with by --admin", path.display())]
    Socket { path: PathBuf, source: std::io::Error },
    #[error("the server does not tell of that seat: {0}")]
    NoView(#[from] NoView),
    #[error("the terminal failed: {0}; try --quiet")]
    Terminal(std::io::Error),
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
    #[error("the thread of --shadow has died")]
    Died,
}

impl ShadowError {
    pub(super) fn exit(&self) -> Exit {
        match self {
            ShadowError::NoSocket | ShadowError::Terminal(_) => Exit::Usage,
            ShadowError::Join(_) | ShadowError::Socket { .. } | ShadowError::NoView(_) => Exit::NoLink,
            ShadowError::System(_) | ShadowError::Died => Exit::Short,
        }
    }
}

/// The newest line on the run as a whole, for whoever looks at the shadow.
pub(super) type Note = Arc<Mutex<String>>;

/// What is asked for.
pub(super) struct Wanted {
    pub(super) whom: Whom,
    /// The server's administrator's socket.
    pub(super) socket: PathBuf,
    /// It is shown on the terminal.
    pub(super) is_shown: bool,
    /// Set where the person at the terminal wants the run to end.
    pub(super) stop: Arc<AtomicBool>,
    pub(super) note: Note,
}

/// The one who is looked at. It leaves when dropped.
pub(super) struct Shadow {
    cue: Arc<CueCell>,
    thread: Option<JoinHandle<Result<ShadowFigures, ShadowError>>>,
}

impl Shadow {
    /// Joins, and waits until that is done.
    pub(super) fn start(plan: &Plan, wanted: Wanted) -> Result<Shadow, ShadowError> {
        let (cue, plan) = (Arc::new(CueCell::default()), plan.clone());
        let (seated, is_seated) = channel();
        let station = Station { plan, wanted, cue: Arc::clone(&cue), seated };
        let thread = std::thread::Builder::new().name("shadow".into()).spawn(move || station.play())?;
        let mut shadow = Shadow { cue, thread: Some(thread) };
        // Nothing is said where it could not join: then the thread has ended, and tells why.
        if is_seated.recv().is_err() {
            return Err(shadow.join().err().unwrap_or(ShadowError::Died));
        }
        Ok(shadow)
    }

    pub(super) fn cue(&self, cue: Cue) {
        self.cue.set(cue);
    }

    /// Has it leave, and returns what was seen.
    pub(super) fn finish(mut self) -> Result<ShadowFigures, ShadowError> {
        self.join()
    }

    fn join(&mut self) -> Result<ShadowFigures, ShadowError> {
        self.cue.set(Cue::End);
        let thread = self.thread.take().ok_or(ShadowError::Died)?;
        thread.join().map_err(|_| ShadowError::Died)?
    }
}

impl Drop for Shadow {
    fn drop(&mut self) {
        // The run has failed elsewhere and says why; the terminal is given back first.
        drop(self.join());
    }
}

/// What the thread is given.
struct Station {
    plan: Plan,
    wanted: Wanted,
    cue: Arc<CueCell>,
    /// Dropped unsaid where the player could not join.
    seated: Sender<()>,
}

impl Station {
    fn play(self) -> Result<ShadowFigures, ShadowError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, async {
            let dialer = match self.plan.transport {
                TransportSetting::Polled => Dialer::polled_impaired(self.plan.impairment, DICE)?,
                TransportSetting::Quinn => Dialer::impaired(self.plan.impairment, DICE)?,
            };
            let session = join(&dialer, &self.plan, self.wanted.whom.wish()).await?;
            let seat = session.welcome().place.seat.ok_or(NoView::NoSuchSeat)?;
            let truths = Truths::open(&self.wanted.socket, seat)?;
            let pilot = Pilot::new(session, self.plan.level);
            let screen = self.wanted.is_shown.then(Screen::take).transpose().map_err(ShadowError::Terminal)?;
            // Whoever waits for it is there.
            let _ = self.seated.send(());
            let mut view = View { dialer, seat, pilot, truths, judge: Judge::default(), screen };
            let figures = view.look(&self).await;
            view.part().await;
            figures
        })
    }
}

async fn join(dialer: &Dialer, plan: &Plan, wish: Wish) -> Result<Session, ShadowError> {
    let key = Arc::new(Key::fresh().map_err(|error| ShadowError::Join(error.to_string()))?);
    let options = Options::new(plan.line.clone(), "shadow", wish);
    let dialing = dialer.clone();
    let task = tokio::task::spawn_local(async move { Session::connect(&dialing, options, key).await });
    while !task.is_finished() {
        dialer.receive();
        tokio::task::yield_now().await;
        dialer.send();
        tokio::time::sleep(STEP).await;
    }
    let joined = task.await.map_err(std::io::Error::from)?;
    joined.map_err(|error| ShadowError::Join(error.to_string()))
}

/// Both views.
struct View {
    dialer: Dialer,
    seat: SeatId,
    pilot: Pilot,
    truths: Truths,
    judge: Judge,
    screen: Option<Screen>,
}

impl View {
    /// Plays and compares until the end is called.
    async fn look(&mut self, station: &Station) -> Result<ShadowFigures, ShadowError> {
        let start = Instant::now();
        let (mut framed, mut second) = (Duration::ZERO, Duration::ZERO);
        let mut measured = None;
        while station.cue.get() != Cue::End {
            let now = start.elapsed();
            if station.cue.get().is_measured() && measured.is_none() {
                measured = Some((now, self.pilot.figures()));
                self.judge.measure();
            }
            self.turn(now, start)?;
            if now.saturating_sub(framed) >= FRAME {
                framed = now;
                self.judge.frame(&self.pilot.model, now);
            }
            if now.saturating_sub(second) >= Duration::from_secs(1) {
                second = now;
                self.judge.second(self.pilot.figures());
            }
            if let Some(screen) = &mut self.screen {
                let note = station.wanted.note.lock().map(|note| note.clone()).unwrap_or_default();
                if screen.step(now, &self.pilot.model, &self.judge, &note) {
                    station.wanted.stop.store(true, Ordering::Relaxed);
                }
            }
            tokio::time::sleep(STEP).await;
        }
        let (since, before) = measured.unwrap_or((start.elapsed(), self.pilot.figures()));
        let span = start.elapsed().saturating_sub(since);
        Ok(ShadowFigures::of(self.seat, &self.pilot, self.judge.whole(), span, before))
    }

    fn turn(&mut self, now: Duration, start: Instant) -> Result<(), ShadowError> {
        self.dialer.receive();
        for (tick, pos) in self.pilot.step(now) {
            self.judge.predicted(tick, pos);
        }
        while let Some((at, picture)) = self.truths.next()? {
            self.judge.truth(picture, at.saturating_duration_since(start));
        }
        self.judge.compare(&self.pilot.model);
        self.dialer.send();
        Ok(())
    }

    /// Says goodbye; the terminal is given back before that.
    async fn part(&mut self) {
        self.screen = None;
        self.pilot.leave();
        let end = Instant::now() + GOODBYE;
        while Instant::now() < end {
            self.dialer.receive();
            self.pilot.listen();
            self.dialer.send();
            tokio::time::sleep(STEP).await;
        }
        self.dialer.finish().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_named_by_seat_or_role() {
        for (text, whom) in [("17", Whom::Seat(SeatId(17))), ("queen", Whom::Role(Role::Queen))] {
            assert_eq!(text.parse(), Ok(whom));
        }
        for text in ["", "-1", "70000", "king"] {
            let error = text.parse::<Whom>().unwrap_err();
            assert!(error.contains("a seat's number, or one of gamera, asagi"), "{error}");
        }
    }
}
