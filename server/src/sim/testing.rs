//! A stage for one scenario a rule: put units somewhere, hold inputs, run, and ask what happened.
//! Everything acts through the step, as in a match; only the places are set by hand.

use std::collections::BTreeMap;

use gamera_protocol::balance::{Balance, Rule};
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{City, Role, SeatId};
use gamera_protocol::input::{Order, SeatInput, TickInputs};
use gamera_protocol::measure::Pos;
use gamera_protocol::motion::{Gait, Mover};

use super::hit::Target;
use super::unit::{Unit, UnitId};
use super::{Battle, MatchConfig, Mode, Scene, sight};

/// A battle under a scenario's control.
pub(in crate::sim) struct Stage {
    pub(in crate::sim) battle: Battle,
    /// Everything that has happened.
    pub(in crate::sim) log: Vec<Event>,
    held: BTreeMap<SeatId, SeatInput>,
    orders: Vec<(SeatId, Order)>,
}

impl Stage {
    /// A campaign of 16 seats at its beginning.
    pub(in crate::sim) fn campaign() -> Stage {
        Stage::new(Mode::Campaign, |_| {})
    }

    /// A quick match of 16 seats in `city` at its beginning.
    pub(in crate::sim) fn quick(city: City) -> Stage {
        Stage::new(Mode::Quick { city }, |_| {})
    }

    /// The same campaign with `rule` switched off.
    pub(in crate::sim) fn campaign_without(rule: Rule) -> Stage {
        Stage::new(Mode::Campaign, |balance| balance.rules.remove(rule))
    }

    /// A campaign of so many seats at its beginning.
    pub(in crate::sim) fn sized(seats: u16) -> Stage {
        Stage::of(seats, Mode::Campaign, Balance::default())
    }

    /// A match of 16 seats with other numbers.
    pub(in crate::sim) fn new(mode: Mode, change: impl FnOnce(&mut Balance)) -> Stage {
        let mut balance = Balance::default();
        change(&mut balance);
        Stage::of(16, mode, balance)
    }

    fn of(seats: u16, mode: Mode, balance: Balance) -> Stage {
        let config = MatchConfig { mode, scene: Scene::Opening, seats, seed: 7, balance };
        Stage { battle: Battle::new(&config), log: Vec::new(), held: BTreeMap::new(), orders: Vec::new() }
    }

    /// Every seat with `role`.
    pub(in crate::sim) fn seats(&self, role: Role) -> Vec<SeatId> {
        self.battle.roster.all().filter(|(_, other)| *other == role).map(|(seat, _)| seat).collect()
    }

    /// Puts the units of all seats with `role` at `pos`, at rest.
    pub(in crate::sim) fn put_all(&mut self, role: Role, pos: Pos, gait: Gait) {
        for seat in self.seats(role) {
            if let Some(unit) = self.battle.seats[seat.index()].unit {
                self.battle.units[unit].mover = Mover::at(pos, gait);
            }
        }
    }

    /// All seats with `role` hold `input` from now on.
    pub(in crate::sim) fn hold_all(&mut self, role: Role, input: SeatInput) {
        for seat in self.seats(role) {
            self.held.insert(seat, input);
        }
    }

    /// The first seat with `role`.
    ///
    /// # Panics
    /// When the match has none.
    pub(in crate::sim) fn seat(&self, role: Role) -> SeatId {
        self.battle.roster.first(role).expect("a match of 16 has every role")
    }

    /// The unit of the first seat with `role`.
    ///
    /// # Panics
    /// When it has none just now.
    pub(in crate::sim) fn unit_id(&self, role: Role) -> UnitId {
        let seat = self.seat(role);
        self.battle.seats[seat.index()].unit.expect("the seat has a unit")
    }

    /// What the unit of the first seat of `role` is about to lose, in thousandths of a point.
    pub(in crate::sim) fn due_milli(&self, role: Role) -> i32 {
        let target = Target::Unit(self.unit_id(role));
        self.battle.hits.iter().filter(|hit| hit.target == target).map(|hit| hit.damage_milli).sum()
    }

    /// The same as a share of its health, millionths.
    pub(in crate::sim) fn due_ppm(&self, role: Role) -> i64 {
        i64::from(self.due_milli(role)) * 1_000_000 / i64::from(self.unit(role).health_milli)
    }

    /// The unit of the first seat of `role`, to look at.
    pub(in crate::sim) fn unit(&self, role: Role) -> &Unit {
        &self.battle.units[self.unit_id(role)]
    }

    /// The same, to be changed by hand.
    pub(in crate::sim) fn unit_mut(&mut self, role: Role) -> &mut Unit {
        let id = self.unit_id(role);
        &mut self.battle.units[id]
    }

    /// Puts the unit of the first seat with `role` at `pos`, at rest.
    pub(in crate::sim) fn put(&mut self, role: Role, pos: Pos, gait: Gait) {
        let unit = self.unit_mut(role);
        unit.mover = Mover::at(pos, gait);
        unit.present = true;
    }

    /// Puts `count` soldiers of squad 0 around `pos`, a metre apart in rows of 20.
    pub(in crate::sim) fn soldiers(&mut self, count: usize, pos: Pos) {
        for i in 0..count as i32 {
            let at = Pos::new(pos.x + (i % 20) * 64, pos.y + (i / 20) * 64);
            assert!(self.battle.swarm.spawn(at, 0, false), "the swarm is at its cap");
        }
        self.battle.swarm.index();
    }

    /// The first seat with `role` holds `input` from now on.
    pub(in crate::sim) fn hold(&mut self, role: Role, input: SeatInput) {
        self.held.insert(self.seat(role), input);
    }

    /// The first seat with `role` lets everything go.
    pub(in crate::sim) fn release(&mut self, role: Role) {
        self.held.remove(&self.seat(role));
    }

    /// The first seat with `role` gives `order` in the next tick.
    pub(in crate::sim) fn order(&mut self, role: Role, order: Order) {
        self.orders.push((self.seat(role), order));
    }

    /// What was placed by hand is seen where it is now.
    pub(in crate::sim) fn settle(&mut self) {
        sight::renew(&mut self.battle);
        self.battle.rewind.remember(self.battle.tick, &self.battle.units);
    }

    /// Steps `ticks` times; nobody but the held inputs acts, each by what is seen now.
    pub(in crate::sim) fn run(&mut self, ticks: u32) {
        self.settle();
        for _ in 0..ticks {
            let seen = self.battle.tick;
            let inputs = TickInputs {
                seats: self.held.iter().map(|(seat, input)| (*seat, SeatInput { seen, ..*input })).collect(),
                orders: std::mem::take(&mut self.orders),
                controls: Vec::new(),
            };
            self.log.extend_from_slice(self.battle.step(&inputs));
        }
    }

    /// Steps until an event of `kind` happens; how many ticks that took, or `None` within `ticks`.
    pub(in crate::sim) fn run_until(&mut self, kind: EventKind, ticks: u32) -> Option<u32> {
        let before = self.heard(kind);
        (1..=ticks).find(|_| {
            self.run(1);
            self.heard(kind) > before
        })
    }

    /// How often an event of `kind` has happened.
    pub(in crate::sim) fn heard(&self, kind: EventKind) -> usize {
        self.log.iter().filter(|e| e.kind == kind).count()
    }

    /// The newest event of `kind`.
    pub(in crate::sim) fn last(&self, kind: EventKind) -> Option<&Event> {
        self.log.iter().rev().find(|e| e.kind == kind)
    }
}

mod tests {
    use super::*;
    use gamera_protocol::measure::Angle;

    #[test]
    fn a_stage_puts_runs_and_tells() {
        let mut stage = Stage::quick(City::Sendai);
        let at = Pos::from_m(4_000, 1_500);
        stage.put(Role::Tank, at, Gait::Walk);
        stage.hold(Role::Tank, SeatInput { heading: Some(Angle::EAST.to_byte()), ..SeatInput::default() });
        stage.run(30);
        assert_eq!(stage.unit(Role::Tank).pos(), Pos::from_m(4_011, 1_500));
        stage.unit_mut(Role::Tank).health_milli = 0;
        assert_eq!(stage.run_until(EventKind::SeatDowned, 2), Some(1));
        assert_eq!(stage.heard(EventKind::SeatDowned), 1);
    }
}
