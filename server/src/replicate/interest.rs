//! How often a client is told of a group, by its distance and by how tight the client's budget is.

use gamera_protocol::measure::{Pos, Tick, UNITS_PER_M, metres};
use gamera_protocol::snapshot::Window;
use gamera_protocol::snapshot::group::{CELL_M, GroupId, REACH_MAX_M, SLOTS, Tier};

use crate::replicate::group_set::SlotSet;

/// Cells within this of the own unit, metres, are told in every tick that the budget allows.
pub(super) const FULL_M: i32 = 256;
/// Cells beyond this, metres, are not told of at all; the density is.
pub const REACH_M: u16 = 448;

/// Cells up to `.0` metres away are told every `.1` ticks.
const RINGS: [(i32, u32); 4] = [(FULL_M, 1), (320, 2), (384, 4), (REACH_M as i32, 8)];
/// Cells beyond the client's reach: there is nothing to tell of them but that nothing is held any more.
const BEYOND_STRIDE: u32 = 1;
const GIANTS_STRIDE: u32 = 4;
const OUTPOSTS_STRIDE: u32 = 32;
/// What is told of roughly is looked at so often: the stride of whoever is told of it is this at least.
pub(super) const ROUGH_STRIDE: u32 = 4;
/// No stride is longer: the base would be too old.
const STRIDE_MAX: u32 = 16;
/// Cells this near, metres, keep their rate when the budget is tight.
const CLOSE_M: i32 = 64;

/// How well a client is told of its surroundings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Detail {
    /// Cells within this of the own unit, metres, are told exactly; those beyond roughly.
    pub(super) exact_m: i32,
    /// What is told roughly may be coarse.
    pub(super) is_coarse: bool,
    /// So many times the rate of what is not close is halved.
    pub(super) halvings: u32,
    /// So many times the rate of what is close is halved.
    pub(super) close_halvings: u32,
    /// The window's radius is cut by so many cells.
    pub(super) narrow: u8,
}

impl Detail {
    /// The same where the machine has the rates halved `coarse` times, of what is close half as often.
    pub(super) fn relieved(self, coarse: u32) -> Detail {
        let close_halvings = self.close_halvings.max(coarse / 2);
        Detail { halvings: self.halvings.max(coarse), close_halvings, ..self }
    }

    /// The radius that is left of `radius`, in cells.
    pub(super) fn narrowed(self, radius: u8) -> u8 {
        const LEAST: u8 = 2;
        radius.saturating_sub(self.narrow).max(LEAST.min(radius))
    }
}

const fn detail(exact_m: i32, is_coarse: bool, [halvings, close_halvings]: [u32; 2], narrow: u8) -> Detail {
    Detail { exact_m, is_coarse, halvings, close_halvings, narrow }
}

/// What gives way where a budget is short, step by step: first what cannot be seen, then the rates, those of
/// what is far first, then the radius, and in the end the rate of what is close.
pub(super) const DETAILS: [Detail; 15] = [
    detail(i32::MAX, false, [0, 0], 0),
    detail(192, false, [0, 0], 0),
    detail(96, false, [0, 0], 0),
    detail(CLOSE_M, false, [0, 0], 0),
    detail(CLOSE_M / 2, false, [0, 0], 0),
    detail(NOTHING, false, [0, 0], 0),
    detail(NOTHING, true, [0, 0], 0),
    detail(NOTHING, true, [1, 0], 0),
    detail(NOTHING, true, [2, 0], 0),
    detail(NOTHING, true, [2, 0], 1),
    detail(NOTHING, true, [2, 0], 2),
    detail(NOTHING, true, [2, 0], 3),
    detail(NOTHING, true, [2, 0], 4),
    detail(NOTHING, true, [2, 0], 5),
    detail(NOTHING, true, [2, 3], 5),
];
/// Not even what is at hand is told exactly.
const NOTHING: i32 = -1;
/// The step at which a client with a small budget begins: exact where it looks.
pub(super) const SMALL_BUDGET_STEP: usize = 3;

/// The squared distance of a group from `anchor`, in square metres; regions are "far".
pub(super) fn distance2_m(group: GroupId, anchor: Pos) -> u32 {
    if group.tier() != Tier::Cells {
        return square(FULL_M);
    }
    let low = group.origin();
    let gap = |at: i32, low: i32| (low - at).max(at - low - metres(CELL_M) + 1).max(0) / UNITS_PER_M;
    square(gap(anchor.x, low.x)) + square(gap(anchor.y, low.y))
}

/// The squared distance of a cell's farthest corner from `anchor`, in square metres.
fn farthest2_m(cell: GroupId, anchor: Pos) -> u32 {
    let low = cell.origin();
    let far = |at: i32, low: i32| (at - low).abs().max((low + metres(CELL_M) - at).abs()) / UNITS_PER_M + 1;
    square(far(anchor.x, low.x)) + square(far(anchor.y, low.y))
}

const fn square(metres: i32) -> u32 {
    (metres * metres) as u32
}

/// A cell so far away is told every so many ticks to a client that is told of what is within `reach_m`;
/// in such a `detail`.
fn stride(distance2_m: u32, reach_m: i32, detail: Detail) -> u32 {
    let is_within = |ring_m: i32| distance2_m < square(ring_m + SLACK_M + 1);
    let ring = RINGS.iter().find(|(ring_m, _)| is_within((*ring_m).min(reach_m))).map_or(BEYOND_STRIDE, |(_, k)| *k);
    let least = if is_rough(distance2_m, detail) { ROUGH_STRIDE } else { 1 };
    if is_within(CLOSE_M) {
        (ring << detail.close_halvings).max(least)
    } else {
        (ring.max(least) << detail.halvings).min(STRIDE_MAX)
    }
}

/// True for a cell so far away that it is told of roughly in such a `detail`.
fn is_rough(distance2_m: u32, detail: Detail) -> bool {
    let exact_m = detail.exact_m.saturating_add(SLACK_M + 1).min(2 * REACH_MAX_M);
    detail.exact_m < 0 || distance2_m >= square(exact_m)
}

/// Binary logarithms of the strides, and one more.
const RATES: usize = OUTPOSTS_STRIDE.ilog2() as usize + 1;
/// The rings are drawn so much wider, metres, and anew when the own unit has gone as far.
const SLACK_M: i32 = 3;

/// Which places of a client's table are told at which rate.
#[derive(Debug, Default)]
pub(super) struct Rings {
    drawn: Option<Drawn>,
    /// By the stride's binary logarithm.
    places: [SlotSet; RATES],
    is_used: [bool; RATES],
    /// Places that lie within the reach, all of them.
    pub(super) inside: SlotSet,
    /// Places that the rim of the reach crosses.
    pub(super) rim: SlotSet,
    /// Places that are told of roughly.
    pub(super) rough: SlotSet,
    pub(super) is_any_rough: bool,
}

/// What the rings follow from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Drawn {
    anchor: Pos,
    window: Window,
    reach_m: i32,
    detail: Detail,
}

impl Rings {
    /// Brings the rings up to date.
    pub(super) fn draw(&mut self, anchor: Pos, window: Window, reach_m: i32, detail: Detail) {
        let near = |d: &Drawn| if d.anchor.within(anchor, metres(SLACK_M)) { d.anchor } else { anchor };
        let wanted = Drawn { anchor: self.drawn.as_ref().map_or(anchor, near), window, reach_m, detail };
        if self.drawn == Some(wanted) {
            return;
        }
        self.drawn = Some(wanted);
        self.places = Default::default();
        (self.inside, self.rim, self.rough) = Default::default();
        self.is_any_rough = detail.exact_m < reach_m;
        for (tier, stride) in [(Tier::Giants, GIANTS_STRIDE), (Tier::Outposts, OUTPOSTS_STRIDE)] {
            self.places[stride.ilog2() as usize].add(&SlotSet::regions(tier));
            self.inside.add(&SlotSet::regions(tier));
        }
        for cell in window.cells() {
            let (slot, near) = (cell.slot(), distance2_m(cell, wanted.anchor));
            self.places[stride(near, reach_m, detail).ilog2() as usize].insert(slot);
            self.rough.set(slot, is_rough(near, detail));
            if farthest2_m(cell, wanted.anchor) < square((reach_m - SLACK_M).max(0)) {
                self.inside.insert(slot);
            } else if near < square(reach_m + SLACK_M + 1) {
                self.rim.insert(slot);
            }
        }
        self.is_used = std::array::from_fn(|rate| !self.places[rate].is_empty());
    }

    /// The places that have become due since the tick in which the client was told last.
    pub(super) fn due(&self, calendar: &Calendar, before: Option<Tick>, tick: Tick) -> SlotSet {
        let ticks = before.map_or(1, |before| tick.since(before)).clamp(1, OUTPOSTS_STRIDE);
        let mut due = SlotSet::default();
        for (rate, days) in calendar.due.iter().enumerate().filter(|(rate, _)| self.is_used[*rate]) {
            for back in 0..ticks.min(days.len() as u32) {
                due.add_common(&self.places[rate], &days[tick.0.wrapping_sub(back) as usize % days.len()]);
            }
        }
        due
    }
}

/// The places that are due in each tick, by the stride's binary logarithm: the same ticks for all
/// clients, so that they hold the same bases, and others for neighbours.
#[derive(Debug)]
pub(super) struct Calendar {
    due: Vec<Vec<SlotSet>>,
}

impl Default for Calendar {
    fn default() -> Calendar {
        let mut due: Vec<Vec<SlotSet>> = (0..RATES).map(|rate| vec![SlotSet::default(); 1 << rate]).collect();
        for slot in 0..SLOTS {
            due.iter_mut().for_each(|days| {
                let day = phase(slot) as usize % days.len();
                days[day].insert(slot);
            });
        }
        Calendar { due }
    }
}

fn phase(slot: usize) -> u32 {
    (slot as u32).wrapping_mul(0x9e37_79b1) >> 16
}

/// True where a place that is looked at every `stride` ticks is due in one of the last `ticks` up to `tick`.
pub(super) fn is_due(slot: usize, stride: u32, ticks: u32, tick: Tick) -> bool {
    tick.0.wrapping_sub(phase(slot)) % stride < ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_from_the_nearest_edge_of_a_cell() {
        let cell = GroupId::cell_at(Pos::from_m(640, 640));
        for (x, y, m) in [(650, 650, 0), (600, 650, 40), (704, 650, 0), (765, 650, 61), (610, 600, 50)] {
            assert_eq!(distance2_m(cell, Pos::from_m(x, y)).isqrt(), m, "{x} {y}");
        }
    }

    #[test]
    fn a_place_is_due_once_in_each_stride() {
        let calendar = Calendar::default();
        for (rate, days) in calendar.due.iter().enumerate() {
            assert_eq!(days.len(), 1 << rate);
            let mut places: Vec<usize> = days.iter().flat_map(SlotSet::iter).collect();
            places.sort_unstable();
            assert!(places.into_iter().eq(0..SLOTS));
        }
    }

    #[test]
    fn what_is_told_of_roughly_is_due_when_it_is_looked_at() {
        let calendar = Calendar::default();
        for slot in 0..SLOTS {
            for tick in 0..32 {
                let days = &calendar.due[ROUGH_STRIDE.ilog2() as usize];
                let is_day = days[tick as usize % days.len()].contains(slot);
                assert_eq!(is_due(slot, ROUGH_STRIDE, 1, Tick(tick)), is_day, "{slot} in {tick}");
            }
        }
    }

    #[test]
    fn each_step_takes_detail_where_it_is_least_seen() {
        for steps in DETAILS.windows(2) {
            assert!(steps[1].exact_m <= steps[0].exact_m && steps[1].halvings >= steps[0].halvings);
            assert!(steps[1].is_coarse >= steps[0].is_coarse && steps[1].narrow >= steps[0].narrow);
            assert!(steps[1].close_halvings >= steps[0].close_halvings && steps[0] != steps[1]);
        }
        for (metres, step, stride_ticks) in [
            (40, 0, 1),
            (200, 0, 1),
            (200, 1, 4),
            (100, 1, 1),
            (100, 3, 4),
            (30, 4, 1),
            (40, 5, 4),
            (40, 7, 4),
            (100, 7, 8),
            (40, 8, 4),
            (440, 8, 16),
            (40, 13, 4),
            (30, 14, 8),
        ] {
            let stride = stride(square(metres), i32::from(REACH_M), DETAILS[step]);
            assert_eq!(stride, stride_ticks, "{metres} m at step {step}");
        }
    }

    #[test]
    fn what_is_within_full_reach_is_due_in_every_tick_wherever_the_unit_has_gone_since() {
        let calendar = Calendar::default();
        let mut rings = Rings::default();
        for step in 0..200 {
            let anchor = Pos::from_m(3_000 + step, 1_500);
            let window = Window::around(anchor, Window::radius_for(i32::from(REACH_M)));
            rings.draw(anchor, window, i32::from(REACH_M), DETAILS[0]);
            let due = rings.due(&calendar, None, Tick(step as u32));
            let near = window.groups().filter(|g| g.tier() == Tier::Cells && distance2_m(*g, anchor) <= square(FULL_M));
            assert!(near.map(GroupId::slot).all(|slot| due.contains(slot)), "step {step}");
        }
    }
}
