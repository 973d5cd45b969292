//! A place of a crowd: one player after another sits in it.

use std::sync::Arc;
use std::time::Duration;

use gamera_link::key::Key;
use gamera_protocol::message::PlacedBy;

use super::cast::Manner;
use super::joins::Ticket;
use super::part::Counts;
use super::player::Player;

/// A place.
pub(super) struct Place {
    /// Its number among all places of the run.
    pub(super) number: usize,
    pub(super) manner: Manner,
    pub(super) state: State,
    /// Nobody comes before.
    pub(super) rests_until: Duration,
    /// The key of the last one, where it is to come back.
    pub(super) key: Option<Arc<Key>>,
    /// Players so far.
    lives: u64,
}

/// Who is there.
pub(super) enum State {
    Empty,
    Joining,
    Here(Box<Player>),
    /// A join has failed, or somebody could not stay.
    GivenUp,
}

impl Place {
    pub(super) fn new(number: usize, manner: Manner) -> Place {
        Place { number, manner, state: State::Empty, rests_until: Duration::ZERO, key: None, lives: 0 }
    }

    pub(super) fn player(&mut self) -> Option<&mut Player> {
        if let State::Here(player) = &mut self.state { Some(player) } else { None }
    }

    /// Takes the player out; the next one comes after `rests_until`.
    pub(super) fn empty(&mut self, rests_until: Duration) -> Option<Player> {
        match std::mem::replace(&mut self.state, State::Empty) {
            State::Here(player) => {
                self.rests_until = rests_until;
                Some(*player)
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    /// What the next player joins with, in a run with so many places.
    pub(super) fn ticket(&mut self, places: usize) -> Result<Ticket, gamera_link::key::KeyError> {
        let comes_back = self.key.is_some();
        let key = match self.key.take() {
            Some(key) => key,
            None => Arc::new(Key::fresh()?),
        };
        let id = self.lives * places as u64 + self.number as u64;
        Ok(Ticket { id, key, comes_back, name: format!("bot {id}") })
    }

    /// Counts one who has been welcomed, after so many times of being turned away.
    pub(super) fn note_join(&mut self, counts: &mut Counts, ticket: &Ticket, by: PlacedBy, turned_away: u32) {
        counts.joined += u64::from(self.lives == 0);
        counts.joins += 1;
        counts.waited += u64::from(turned_away > 0);
        counts.returned += u64::from(ticket.comes_back);
        counts.reseated += u64::from(ticket.comes_back && by == PlacedBy::Resuming);
        self.lives += 1;
    }

    /// True where the churn may take who is there.
    pub(super) fn may_churn(&self) -> bool {
        self.manner != Manner::Hostile && matches!(self.state, State::Here(_))
    }

    /// True where nothing is under way.
    pub(super) fn is_settled(&self, is_wanted: bool) -> bool {
        match self.state {
            State::Empty => !is_wanted,
            State::Joining => false,
            State::Here(_) => is_wanted,
            State::GivenUp => true,
        }
    }
}
