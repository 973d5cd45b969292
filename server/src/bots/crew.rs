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

/// Seats in a row think this many ticks apart, so that a tick has its share of the thinking. In a large match
/// a seat thinks with its counterpart of 16, those that share its part behind it: how soon Gamera can answer
/// what the queen does hangs on their turns, and is to be the same at every scale.
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
    /// It thinks at this tick, and once in each of its periods from there.
    turn: u32,
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
            turn: turn(roster, seat),
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
            let due = tick.is_every(pilot.bot.period_ticks(), pilot.turn);
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

/// The tick at which the bot of `seat` thinks first.
fn turn(roster: &Roster, seat: SeatId) -> u32 {
    let behind = roster.mates(seat).iter().position(|mate| *mate == seat).unwrap_or(0);
    (u32::from(roster.counterpart(seat).0) + behind as u32) * STAGGER_TICKS
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

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::ids::Role;

    #[test]
    fn who_is_alone_in_its_role_has_the_same_turn_at_every_scale() {
        let of = |seats, role| {
            let roster = Roster::new(seats);
            turn(&roster, roster.first(role).unwrap())
        };
        for seats in [48, 128, 512, 1_024] {
            for role in [Role::Gamera, Role::Asagi, Role::Queen, Role::Commander, Role::Scientist] {
                assert_eq!(of(seats, role), of(16, role), "{seats} seats, {role}");
            }
        }
    }

    #[test]
    fn a_tick_has_its_share_of_the_thinking_at_every_scale() {
        let period = Level::Normal.reaction_ticks();
        for seats in [128, 512, 1_024] {
            let roster = Roster::new(seats);
            let thinks_at = |tick| roster.all().filter(|(seat, _)| turn(&roster, *seat) % period == tick).count();
            let share = usize::from(seats) / period as usize;
            for tick in 0..period {
                let count = thinks_at(tick);
                assert!((share / 2..=share * 3 / 2).contains(&count), "{seats} seats, tick {tick}: {count}");
            }
        }
    }
}
