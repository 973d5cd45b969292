//! The seats of a match: who holds each, who drives it, and which one fits a wish.

use std::collections::{BTreeSet, HashMap};

use gamera_protocol::ids::{Role, SeatId, Side};
use gamera_protocol::input::{Control, Driver};
use gamera_protocol::join::Fingerprint;
use gamera_protocol::message::{Refusal, RosterEntry, Wish};
use gamera_protocol::roster::Roster;

use super::Uptime;

/// The giants, which are filled first.
const GIANTS: [Role; 2] = [Role::Gamera, Role::Queen];

/// A person that holds a seat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The player.
    pub key: Fingerprint,
    /// The name as others see it.
    pub name: String,
    /// Since when the link has been lost, if it has.
    pub lost: Option<Uptime>,
}

#[derive(Clone, Debug, Default)]
struct Seat {
    holder: Option<Holder>,
    driver: Driver,
    /// What the battle was last told.
    told: Driver,
}

/// All seats of a match.
pub struct Seats {
    roster: Roster,
    seats: Vec<Seat>,
    by_key: HashMap<Fingerprint, SeatId>,
    changed: BTreeSet<SeatId>,
}

impl Seats {
    /// Every seat empty, so in a bot's hands.
    #[must_use]
    pub fn new(roster: Roster) -> Seats {
        let seats = vec![Seat::default(); roster.len()];
        Seats { roster, seats, by_key: HashMap::new(), changed: BTreeSet::new() }
    }

    /// The roles.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The seat that `key` holds.
    #[must_use]
    pub fn of(&self, key: Fingerprint) -> Option<SeatId> {
        self.by_key.get(&key).copied()
    }

    /// Who holds `seat`.
    #[must_use]
    pub fn holder(&self, seat: SeatId) -> Option<&Holder> {
        self.seats.get(seat.index())?.holder.as_ref()
    }

    /// Who drives `seat` now.
    #[must_use]
    pub fn driver(&self, seat: SeatId) -> Driver {
        self.seats.get(seat.index()).map_or(Driver::Bot, |s| s.driver)
    }

    /// Seats that no person holds.
    #[must_use]
    pub fn free_count(&self) -> usize {
        self.seats.len() - self.by_key.len()
    }

    /// The free seat that fits `wish` best; none for a wish to watch.
    ///
    /// # Errors
    /// When none is free, or there is none.
    pub fn find(&self, wish: Wish) -> Result<Option<SeatId>, Refusal> {
        match wish {
            Wish::Watch => Ok(None),
            Wish::Any => self.best(|_| true).ok_or(Refusal::Full).map(Some),
            Wish::Side(side) => self.best(|role| role.side() == side).ok_or(self.full_or_taken()).map(Some),
            Wish::Role(role) if self.roster.seats().all(|(_, r)| r != role) => Err(Refusal::NoSuchSeat),
            Wish::Role(role) => self.best(|r| r == role).ok_or(self.full_or_taken()).map(Some),
            Wish::Seat(seat) => match self.seats.get(seat.index()) {
                None => Err(Refusal::NoSuchSeat),
                Some(Seat { holder: None, .. }) => Ok(Some(seat)),
                Some(_) => Err(self.full_or_taken()),
            },
        }
    }

    /// As [`Seats::find`], but a seat that `key` holds itself fits too.
    ///
    /// # Errors
    /// When none is free, or there is none.
    pub fn find_for(&self, key: Fingerprint, wish: Wish) -> Result<Option<SeatId>, Refusal> {
        match (wish, self.of(key)) {
            (Wish::Seat(seat), Some(own)) if seat == own => Ok(Some(own)),
            (Wish::Any, Some(own)) => Ok(Some(own)),
            _ => self.find(wish),
        }
    }

    fn full_or_taken(&self) -> Refusal {
        if self.free_count() == 0 { Refusal::Full } else { Refusal::SeatTaken }
    }

    /// Giants first, then the side with the smallest share of people, then the fill order.
    fn best(&self, fits: impl Fn(Role) -> bool) -> Option<SeatId> {
        let shares: Vec<u32> = Side::ALL.iter().map(|side| self.share_permille(*side)).collect();
        self.roster
            .seats()
            .filter(|(seat, role)| fits(*role) && self.holder(*seat).is_none())
            .min_by_key(|(seat, role)| (!GIANTS.contains(role), shares[role.side().index()], *seat))
            .map(|(seat, _)| seat)
    }

    /// People on a side, in thousandths of its seats.
    fn share_permille(&self, side: Side) -> u32 {
        let people = self.by_key.values().filter(|s| self.roster.role(**s).map(Role::side) == Some(side)).count();
        people as u32 * 1_000 / u32::from(self.roster.side_len(side).max(1))
    }

    /// `key` takes `seat` from its bot, or takes its own seat back.
    pub(super) fn hold(&mut self, seat: SeatId, key: Fingerprint, name: &str) {
        let slot = &mut self.seats[seat.index()];
        debug_assert!(slot.holder.as_ref().is_none_or(|h| h.key == key), "a seat has one holder");
        slot.holder = Some(Holder { key, name: name.to_owned(), lost: None });
        slot.driver = Driver::Person;
        self.by_key.insert(key, seat);
        self.changed.insert(seat);
    }

    /// A bot drives the seat; its holder may come back.
    pub(super) fn keep(&mut self, seat: SeatId, now: Uptime) {
        let slot = &mut self.seats[seat.index()];
        if let Some(holder) = &mut slot.holder {
            holder.lost = Some(now);
        }
        slot.driver = Driver::Bot;
        self.changed.insert(seat);
    }

    /// The seat is a bot's again.
    pub(super) fn free(&mut self, seat: SeatId) {
        let slot = &mut self.seats[seat.index()];
        if let Some(holder) = slot.holder.take() {
            self.by_key.remove(&holder.key);
        }
        slot.driver = Driver::Bot;
        self.changed.insert(seat);
    }

    /// Hands the seat of a present holder over; true where that changes something.
    pub(super) fn drive(&mut self, seat: SeatId, driver: Driver) -> bool {
        let slot = &mut self.seats[seat.index()];
        let changes = slot.driver != driver;
        slot.driver = driver;
        if changes {
            self.changed.insert(seat);
        }
        changes
    }

    /// Frees what has been kept for longer than `kept` ticks.
    pub(super) fn forget(&mut self, now: Uptime, kept: u64) {
        let is_stale = |s: &SeatId| self.holder(*s).and_then(|h| h.lost).is_some_and(|lost| now.since(lost) > kept);
        let stale: Vec<SeatId> = self.by_key.values().copied().filter(is_stale).collect();
        stale.into_iter().for_each(|seat| self.free(seat));
    }

    /// Tells a battle that has just begun who drives what.
    pub(super) fn restate(&mut self) {
        for (seat, slot) in (0..).map(SeatId).zip(&mut self.seats) {
            slot.told = Driver::Bot;
            if slot.holder.is_some() {
                self.changed.insert(seat);
            }
        }
    }

    pub(super) fn take_changes(&mut self) -> (Vec<Control>, Vec<RosterEntry>) {
        let mut controls = Vec::new();
        let mut entries = Vec::new();
        for seat in std::mem::take(&mut self.changed) {
            let slot = &mut self.seats[seat.index()];
            if slot.told != slot.driver {
                slot.told = slot.driver;
                controls.push(Control::Drive { seat, driver: slot.driver });
            }
            entries.push(entry(seat, slot));
        }
        (controls, entries)
    }

    /// Every seat that a person holds, for one who has just come.
    pub fn entries(&self) -> impl Iterator<Item = RosterEntry> + '_ {
        (0..).map(SeatId).zip(&self.seats).filter(|(_, slot)| slot.holder.is_some()).map(|(id, slot)| entry(id, slot))
    }
}

fn entry(seat: SeatId, slot: &Seat) -> RosterEntry {
    RosterEntry { seat, driver: slot.driver, name: slot.holder.as_ref().map(|h| h.name.clone()) }
}
