//! The bots of one match: which seats they drive, and when each thinks. The match loop, the
//! tournament and the tests all drive their bots through here.

use std::sync::Arc;

use gamera_protocol::balance::Balance;
use gamera_protocol::event::Event;
use gamera_protocol::ids::{SeatId, Viewer};
use gamera_protocol::input::{Order, SeatInput, TickInputs};
use gamera_protocol::measure::Tick;
use gamera_protocol::roster::Roster;
use gamera_protocol::view::{OwnView, SeatView, TeamView, Things};

use super::{Bot, Level, Policy};

/// Seats in a row think this many ticks apart, so that a tick has its share of the thinking.
const STAGGER_TICKS: u32 = 7;

/// What a faction knows, shared by all its bots.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The match.
    pub team: &'a TeamView,
    /// What can be seen.
    pub things: &'a Things,
    /// What it heard of late, oldest first: at least of the last second.
    pub events: &'a [Event],
}

/// The bots of a match.
#[derive(Clone, Debug)]
pub struct BotCrew {
    pilots: Vec<Pilot>,
    orders: Vec<Order>,
}

#[derive(Clone, Debug)]
struct Pilot {
    bot: Bot,
    viewer: Viewer,
    drives: bool,
    /// The tick of its last thought while it drives.
    thought: Option<Tick>,
}

impl BotCrew {
    /// Bots in every seat, house seats included, all of one level.
    #[must_use]
    pub fn new(roster: &Roster, balance: &Arc<Balance>, level: Level, seed: u64) -> BotCrew {
        let pilot = |(seat, role): (SeatId, gamera_protocol::ids::Role)| Pilot {
            bot: Bot::new(roster, balance, seat, level, seed),
            viewer: role.side().into(),
            drives: true,
            thought: None,
        };
        BotCrew { pilots: roster.all().map(pilot).collect(), orders: Vec::new() }
    }

    /// Has the bots of the policy's side play nothing else.
    pub fn set_policy(&mut self, policy: Policy) {
        for pilot in self.pilots.iter_mut().filter(|p| p.viewer == policy.side().into()) {
            pilot.bot.set_policy(policy);
        }
    }

    /// Hands a seat to its bot, or takes it from it.
    ///
    /// # Panics
    /// When the match has no such seat.
    pub fn set_driving(&mut self, seat: SeatId, drives: bool) {
        let pilot = &mut self.pilots[seat.index()];
        pilot.drives = drives;
        pilot.thought = None;
    }

    /// True where a bot drives the seat.
    #[must_use]
    pub fn is_driving(&self, seat: SeatId) -> bool {
        self.pilots.get(seat.index()).is_some_and(|p| p.drives)
    }

    /// How many seats bots drive.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pilots.iter().filter(|p| p.drives).count()
    }

    /// True where bots drive no seat.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.pilots.iter().any(|p| p.drives)
    }

    /// Adds the inputs and orders of every bot for the step that comes next, and leaves the inputs
    /// in seat order. `own` tells a seat's own unit, `known` what a faction knows.
    pub fn fill<'a>(
        &mut self,
        tick: Tick,
        own: impl Fn(SeatId) -> OwnView,
        known: impl Fn(Viewer) -> Known<'a>,
        inputs: &mut TickInputs,
    ) {
        let orders = &mut self.orders;
        for (index, pilot) in self.pilots.iter_mut().enumerate().filter(|(_, p)| p.drives) {
            let seat = SeatId(index as u16);
            let due = tick.is_every(pilot.bot.period_ticks(), index as u32 * STAGGER_TICKS);
            let input = if due || pilot.thought.is_none() {
                pilot.think(seat, tick, &own(seat), known(pilot.viewer), orders)
            } else {
                pilot.bot.held(tick)
            };
            inputs.seats.push((seat, input));
            inputs.orders.extend(orders.drain(..).map(|order| (seat, order)));
        }
        inputs.seats.sort_by_key(|(seat, _)| *seat);
    }
}

impl Pilot {
    fn think(
        &mut self,
        seat: SeatId,
        tick: Tick,
        own: &OwnView,
        known: Known<'_>,
        orders: &mut Vec<Order>,
    ) -> SeatInput {
        let heard = self.thought.map_or(0, |last| known.events.partition_point(|e| e.tick < last));
        self.thought = Some(tick);
        let view = SeatView { seat, own, team: known.team, things: known.things, events: &known.events[heard..] };
        self.bot.think(&view, orders)
    }
}
