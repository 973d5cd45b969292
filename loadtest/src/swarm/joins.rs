//! Players on their way in: asked for when they are due, a bounded number at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gamera_client::session::{Dialer, Options, Session};
use gamera_link::key::Key;
use gamera_protocol::join::JoinLine;
use gamera_protocol::message::Wish;
use tokio::task::JoinSet;

/// Joins that are under way at a time, a thread: more would wait for each other until the server's
/// patience ends.
const AT_ONCE: usize = 16;
/// In a storm that is the point.
const AT_ONCE_IN_STORM: usize = 512;

/// What a player joins with.
pub(super) struct Ticket {
    pub(super) id: u64,
    pub(super) key: Arc<Key>,
    /// The key has been there before.
    pub(super) comes_back: bool,
    pub(super) name: String,
}

/// How a join ended.
pub(super) struct Joined {
    /// The place that it is for.
    pub(super) at: usize,
    /// When it was due, since the start: how long it took counts from there, not from when the generator
    /// got round to it.
    pub(super) due: Duration,
    pub(super) ticket: Ticket,
    /// The session and the moment of its welcome; or why there is none.
    pub(super) outcome: Result<(Session, Duration), String>,
}

/// Joins that wait and those under way.
pub(super) struct Joins {
    at_once: usize,
    waiting: VecDeque<(usize, Duration, Ticket, Dialer)>,
    under_way: JoinSet<Joined>,
}

impl Joins {
    pub(super) fn new(storms: bool) -> Joins {
        let at_once = if storms { AT_ONCE_IN_STORM } else { AT_ONCE };
        Joins { at_once, waiting: VecDeque::new(), under_way: JoinSet::new() }
    }

    /// A player for place `at` joins by `dialer` as soon as may be.
    pub(super) fn ask(&mut self, at: usize, due: Duration, ticket: Ticket, dialer: Dialer) {
        self.waiting.push_back((at, due, ticket, dialer));
    }

    /// Begins what can be begun, and returns what has ended.
    pub(super) fn poll(&mut self, line: &JoinLine, start: Instant) -> Vec<Joined> {
        while self.under_way.len() < self.at_once {
            let Some((at, due, ticket, dialer)) = self.waiting.pop_front() else { break };
            let options = Options::new(line.clone(), &ticket.name, Wish::Any);
            self.under_way.spawn_local(async move {
                let connected = Session::connect(&dialer, options, Arc::clone(&ticket.key)).await;
                let outcome = connected.map(|session| (session, start.elapsed())).map_err(|error| error.to_string());
                Joined { at, due, ticket, outcome }
            });
        }
        let mut ended = Vec::new();
        while let Some(joined) = self.under_way.try_join_next() {
            // A join that has panicked has said so on stderr; its place waits for it in vain.
            ended.extend(joined.ok());
        }
        ended
    }

    /// Ends those under way.
    pub(super) fn give_up(&mut self) {
        self.waiting.clear();
        self.under_way.abort_all();
    }
}
