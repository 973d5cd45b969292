//! Who is here and who holds which seat: people, bots in the empty seats, seats kept for those
//! whose link was lost. Pure: it is told the time in ticks and knows neither links nor the battle.
//!
//! Invariant: a seat has at most one holder, and a holder at most one seat; a seat is regained by
//! the key that held it alone.

mod players;
mod seats;

pub use players::{Player, Players};
pub use seats::{Holder, Seats};

use gamera_protocol::balance::Balance;
use gamera_protocol::codec;
use gamera_protocol::ids::{SeatId, Viewer};
use gamera_protocol::input::{Control, Driver};
use gamera_protocol::join::Fingerprint;
use gamera_protocol::measure::ticks;
use gamera_protocol::message::{self, Hello, Place, PlacedBy, Refusal, RosterEntry, ToServer, VERSION, Wish};
use gamera_protocol::roster::Roster;
use gamera_protocol::text;

use crate::net::LinkId;

/// Ticks since the room opened. It runs on through one match after another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Uptime(pub u64);

impl Uptime {
    /// Ticks since `earlier`.
    #[must_use]
    pub const fn since(self, earlier: Uptime) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// How patient a lobby is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// A seat without input for this many ticks goes to a bot.
    pub idle: u64,
    /// A seat whose link was lost is kept for this many ticks.
    pub kept: u64,
}

impl Patience {
    /// As the balance says; a lost seat is kept for two minutes.
    #[must_use]
    pub fn of(balance: &Balance) -> Patience {
        Patience { idle: u64::from(ticks(balance.campaign.idle_to_bot_s.unsigned_abs())), kept: u64::from(ticks(120)) }
    }
}

/// Reads the first message of a client.
///
/// # Errors
/// When it is no hello, or one of another version.
pub fn read_hello(bytes: &[u8]) -> Result<Hello, Refusal> {
    let version = message::hello_version(bytes).map_err(|_| Refusal::NoHello)?;
    if version != VERSION {
        return Err(Refusal::Version { server: VERSION });
    }
    match codec::decode(bytes) {
        Ok(ToServer::Hello(hello)) => Ok(hello),
        Ok(_) => Err(Refusal::NoHello),
        Err(_) => Err(Refusal::BadMessage),
    }
}

/// A player who has just been let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Newly, or back on a kept seat.
    pub by: PlacedBy,
    /// Where.
    pub place: Place,
    /// The name as others see it.
    pub name: String,
    /// The older link of the same key, which has to go.
    pub replaced: Option<LinkId>,
}

/// The lobby of one room.
pub struct Lobby {
    balance: u64,
    patience: Patience,
    seats: Seats,
    players: Players,
    draining: bool,
}

impl Lobby {
    /// A lobby where every seat is empty.
    #[must_use]
    pub fn new(roster: Roster, balance: u64, patience: Patience) -> Lobby {
        Lobby { balance, patience, seats: Seats::new(roster), players: Players::default(), draining: false }
    }

    /// Lets a player in, or back in.
    ///
    /// # Errors
    /// With what stands against it.
    pub fn join(&mut self, now: Uptime, link: LinkId, key: Fingerprint, hello: &Hello) -> Result<Joined, Refusal> {
        let name = self.admit(hello)?.to_owned();
        let replaced = self.players.link_of(key);
        let kept = self.seats.of(key);
        let seat = match kept {
            Some(seat) => Some(seat),
            None => self.seats.find(hello.wish)?,
        };
        if let Some(older) = replaced {
            self.players.remove(older);
        }
        let by = if kept.is_some() { PlacedBy::Resuming } else { PlacedBy::Joining };
        let name = self.players.free_name(&name);
        if let Some(seat) = seat {
            self.seats.hold(seat, key, &name);
        }
        let place = self.players.add(link, Player::new(key, name.clone(), seat, now), self.viewer_of(seat));
        Ok(Joined { by, place, name, replaced })
    }

    fn admit<'a>(&self, hello: &'a Hello) -> Result<&'a str, Refusal> {
        if hello.balance != self.balance {
            return Err(Refusal::Balance { server: self.balance });
        }
        if self.draining {
            return Err(Refusal::Draining);
        }
        text::name(&hello.name).map_err(Refusal::Name)
    }

    /// Gives a player another seat, or none.
    ///
    /// # Errors
    /// When no such seat is free; the player then stays.
    pub fn choose(&mut self, now: Uptime, link: LinkId, wish: Wish) -> Result<Option<Place>, Refusal> {
        let Some(player) = self.players.get(link) else { return Ok(None) };
        let (key, name, old) = (player.key, player.name.clone(), player.seat);
        let seat = self.seats.find_for(key, wish)?;
        if seat == old {
            return Ok(None);
        }
        if let Some(old) = old {
            self.seats.free(old);
        }
        if let Some(seat) = seat {
            self.seats.hold(seat, key, &name);
        }
        let viewer = self.viewer_of(seat);
        Ok(self.players.move_to(link, seat, viewer, now))
    }

    /// The link has gone. Its seat is kept for its key, or free at once after a goodbye.
    pub fn leave(&mut self, now: Uptime, link: LinkId, goodbye: bool) {
        let Some(player) = self.players.remove(link) else { return };
        match player.seat {
            Some(seat) if goodbye || self.draining => self.seats.free(seat),
            Some(seat) => self.seats.keep(seat, now),
            None => {}
        }
    }

    /// The player does something: a seat that a bot held for an idle player is taken back.
    /// Returns true where it was.
    pub fn act(&mut self, now: Uptime, link: LinkId) -> bool {
        self.players.act(link, now).is_some_and(|seat| self.seats.drive(seat, Driver::Person))
    }

    /// Gives idle players' seats to bots and frees seats kept too long. Returns who was idle.
    pub fn sweep(&mut self, now: Uptime) -> Vec<LinkId> {
        self.seats.forget(now, self.patience.kept);
        let idle: Vec<(LinkId, SeatId)> = self.players.idle_since(now, self.patience.idle).collect();
        idle.into_iter().filter(|(_, seat)| self.seats.drive(*seat, Driver::Bot)).map(|(link, _)| link).collect()
    }

    /// A new match begins: everybody keeps the seat, under a new epoch.
    pub fn next_match(&mut self, now: Uptime) -> Vec<(LinkId, Place)> {
        self.seats.restate();
        self.players.next_match(now)
    }

    /// From now on nobody is let in.
    pub fn drain(&mut self) {
        self.draining = true;
    }

    /// The place of a player.
    #[must_use]
    pub fn player(&self, link: LinkId) -> Option<&Player> {
        self.players.get(link)
    }

    /// Everybody that is here.
    pub fn players(&self) -> impl Iterator<Item = (LinkId, &Player)> {
        self.players.iter()
    }

    /// The seats.
    #[must_use]
    pub fn seats(&self) -> &Seats {
        &self.seats
    }

    /// The seats that have changed hands since the last call, for the battle and for the rosters.
    pub fn take_changes(&mut self) -> (Vec<Control>, Vec<RosterEntry>) {
        self.seats.take_changes()
    }

    fn viewer_of(&self, seat: Option<SeatId>) -> Viewer {
        seat.and_then(|s| self.seats.roster().role(s)).map_or(Viewer::Spectator, |role| role.side().into())
    }
}

#[cfg(test)]
mod tests;
