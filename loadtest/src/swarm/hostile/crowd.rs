//! Honest players during an attack: sessions that take in what comes, answer, and hold their seats.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use gamera_client::session::{Dialer, Options, Session, SessionEvent};
use gamera_link::key::Key;
use gamera_protocol::join::JoinLine;
use gamera_protocol::measure::{TICK_HZ, Tick};
use gamera_protocol::message::Wish;

/// From one turn to the next.
const TURN: Duration = Duration::from_nanos(1_000_000_000 / TICK_HZ as u64);

/// The honest players.
pub(super) struct Crowd {
    present: Rc<Cell<usize>>,
    is_over: Rc<Cell<bool>>,
}

impl Crowd {
    /// Joins so many, who then play on their own.
    ///
    /// # Errors
    /// The first reason why one could not join.
    pub(super) async fn join(line: &JoinLine, players: usize) -> Result<Crowd, String> {
        let dialer = Dialer::new().map_err(|e| e.to_string())?;
        let (present, is_over) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
        for number in 0..players {
            let key = Arc::new(Key::fresh().map_err(|e| e.to_string())?);
            let options = Options::new(line.clone(), &format!("honest {number}"), Wish::Any);
            let session = Session::connect(&dialer, options, key).await.map_err(|e| e.to_string())?;
            present.set(present.get() + 1);
            tokio::task::spawn_local(play(session, Rc::clone(&present), Rc::clone(&is_over)));
        }
        Ok(Crowd { present, is_over })
    }

    /// How many are still there.
    pub(super) fn present(&self) -> usize {
        self.present.get()
    }

    /// Lets all of them go.
    pub(super) fn leave(&self) {
        self.is_over.set(true);
    }
}

async fn play(mut session: Session, present: Rc<Cell<usize>>, is_over: Rc<Cell<bool>>) {
    let mut newest = Tick::default();
    while !is_over.get() {
        tokio::time::sleep(TURN).await;
        while let Some(event) = session.poll() {
            match event {
                SessionEvent::Snapshot(applied) => newest = newest.max(applied.tick),
                SessionEvent::Closed(_) => {
                    present.set(present.get() - 1);
                    return;
                }
                _ => {}
            }
        }
        session.send_input(Tick(newest.0 + 3), Default::default());
    }
    session.leave();
}
