//! One seat as its part has it: where it stands, and the few moves that every part is made of.

use gamera_protocol::ids::{Role, SeatId};
use gamera_protocol::input::{Order, SeatInput, Verb, verbs_of};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::motion::Gait;
use gamera_protocol::view::{Life, OwnView};

use super::set::Set;

/// What a seat does in one tick of a scene.
pub(super) type Act = fn(&mut Actor<'_>) -> SeatInput;

/// Lands this near its goal, metres.
const LAND_AT_M: i32 = 25;
/// Takes off for a way of this length, metres.
const FLY_FROM_M: i32 = 150;

/// A seat in its part.
pub(super) struct Actor<'a> {
    pub(super) set: &'a Set,
    pub(super) seat: SeatId,
    pub(super) own: OwnView,
    /// Its place among the seats of its role.
    pub(super) rank: usize,
    orders: &'a mut Vec<(SeatId, Order)>,
}

impl<'a> Actor<'a> {
    pub(super) fn new(set: &'a Set, seat: SeatId, rank: usize, orders: &'a mut Vec<(SeatId, Order)>) -> Actor<'a> {
        Actor { set, seat, own: set.own(seat), rank, orders }
    }

    /// True while the seat has a unit of `role`.
    pub(super) fn plays(&self, role: Role) -> bool {
        self.own.role == role && self.own.life == Life::Alive
    }

    pub(super) fn pos(&self) -> Pos {
        self.own.mover.pos
    }

    pub(super) fn is_within(&self, pos: Pos, m: i32) -> bool {
        self.pos().within(pos, metres(m))
    }

    pub(super) fn is_below(&self) -> bool {
        self.own.mover.gait == Gait::Burrow
    }

    pub(super) fn flies(&self) -> bool {
        self.own.mover.gait == Gait::Fly
    }

    /// True where the verb has cooled down.
    pub(super) fn is_ready(&self, verb: Verb) -> bool {
        let slot = verbs_of(self.own.role).position(|row| row.verb == verb);
        slot.is_some_and(|slot| self.own.cooldowns[slot] == 0)
    }

    pub(super) fn order(&mut self, order: Order) {
        self.orders.push((self.seat, order));
    }

    /// Stands still.
    pub(super) fn rest(&self) -> SeatInput {
        SeatInput::default()
    }

    /// Goes to within `near_m` metres of `goal`.
    pub(super) fn walk(&self, goal: Pos, near_m: i32) -> SeatInput {
        self.rest().towards(self.pos(), goal, metres(near_m))
    }

    /// Goes to within `near_m` metres of `goal` and does `verb` there, aimed at it.
    pub(super) fn walk_and(&self, goal: Pos, near_m: i32, verb: Verb) -> SeatInput {
        let input = self.walk(goal, near_m);
        if self.is_within(goal, near_m) { input.doing(verb).at(goal) } else { input }
    }

    /// Goes to `goal`, through the air where it is far.
    pub(super) fn fly(&self, goal: Pos) -> SeatInput {
        let there = self.is_within(goal, LAND_AT_M);
        match (self.flies(), there) {
            (true, true) => self.rest().doing(Verb::Fly),
            (true, false) => self.walk(goal, 0),
            (false, _) if !self.is_within(goal, FLY_FROM_M) && self.is_ready(Verb::Fly) => self.rest().doing(Verb::Fly),
            (false, _) => self.walk(goal, LAND_AT_M),
        }
    }
}
