//! Players on their way in: begun when they are due, a bounded number at a time, and a few a turn: a key and the
//! beginning of a handshake cost a tenth of a millisecond, and the players who are there already wait for it.

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
/// Joins that one turn begins: 1,920 a second and thread.
const BEGUN_A_TURN: usize = 8;

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

/// Joins under way.
pub(super) struct Joins {
    at_once: usize,
    line: JoinLine,
    /// What moments count from.
    start: Instant,
    /// In this turn.
    begun: usize,
    under_way: JoinSet<Joined>,
}

impl Joins {
    pub(super) fn new(line: &JoinLine, start: Instant, storms: bool) -> Joins {
        let at_once = if storms { AT_ONCE_IN_STORM } else { AT_ONCE };
        Joins { at_once, line: line.clone(), start, begun: 0, under_way: JoinSet::new() }
    }

    /// True where one more may be begun in this turn.
    pub(super) fn has_room(&self) -> bool {
        self.begun < BEGUN_A_TURN && self.under_way.len() < self.at_once
    }

    /// A player for place `at`, due at `due`, joins by `dialer`.
    pub(super) fn begin(&mut self, at: usize, due: Duration, ticket: Ticket, dialer: Dialer) {
        self.begun += 1;
        let (options, start) = (Options::new(self.line.clone(), &ticket.name, Wish::Any), self.start);
        self.under_way.spawn_local(async move {
            let connected = Session::connect(&dialer, options, Arc::clone(&ticket.key)).await;
            let outcome = connected.map(|session| (session, start.elapsed())).map_err(|error| error.to_string());
            Joined { at, due, ticket, outcome }
        });
    }

    /// Ends a turn, and returns what has ended.
    pub(super) fn poll(&mut self) -> Vec<Joined> {
        self.begun = 0;
        let mut ended = Vec::new();
        while let Some(joined) = self.under_way.try_join_next() {
            // A join that has panicked has said so on stderr; its place waits for it in vain.
            ended.extend(joined.ok());
        }
        ended
    }

    /// Ends those under way.
    pub(super) fn give_up(&mut self) {
        self.under_way.abort_all();
    }
}
