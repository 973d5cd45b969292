//! Flow fields: the way to a goal around guns and along plants, shared by every squad that goes
//! to the same place. A few are kept, and at most one is made anew in a while.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use gamera_protocol::ground;
use gamera_protocol::ids::{Kind, Layer};
use gamera_protocol::measure::{Pos, Tick, metres};

use crate::sim::Battle;

/// Edge of a cell, metres.
const CELL_M: i32 = 64;
/// Cells along the window around the goal.
const SIDE: i32 = 32;
/// Fields kept.
const KEPT: usize = 16;
/// One field is made in so many ticks at most.
const BUILD_TICKS: u32 = 8;
/// A field is made anew after so many ticks: guns move.
const FRESH_TICKS: u32 = 90;
/// Nearer than this soldiers go straight, metres.
const STRAIGHT_M: i32 = 120;
/// What a cell costs in the open, on plants, at sea, and more for each gun in it.
const OPEN: u32 = 12;
const PLANTS: u32 = 10;
const SEA: u32 = 200;
const GUN: u32 = 10;
/// The eight neighbours, straight ones first.
const STEPS: [(i32, i32); 8] = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)];
/// No step: the goal itself.
const HERE: u8 = 8;

/// The way from everywhere near to one goal.
#[derive(Clone)]
pub(in crate::sim) struct Field {
    goal: (i32, i32),
    built: Tick,
    /// A step for each cell of the window, row by row.
    steps: Vec<u8>,
}

/// What a state hash sees of it: the rest follows from the battle at that tick.
impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}@{}", self.goal, self.built.0)
    }
}

fn cell(pos: Pos) -> (i32, i32) {
    (pos.x / metres(CELL_M), pos.y / metres(CELL_M))
}

fn middle((x, y): (i32, i32)) -> Pos {
    Pos::new(x * metres(CELL_M) + metres(CELL_M) / 2, y * metres(CELL_M) + metres(CELL_M) / 2)
}

impl Field {
    fn index(&self, (x, y): (i32, i32)) -> Option<usize> {
        let (column, row) = (x - self.goal.0 + SIDE / 2, y - self.goal.1 + SIDE / 2);
        let inside = (0..SIDE).contains(&column) && (0..SIDE).contains(&row);
        inside.then_some((row * SIDE + column) as usize)
    }

    /// Where to go next from `from`; `None` outside the window and near the goal.
    fn next(&self, from: Pos) -> Option<Pos> {
        let here = cell(from);
        let step = STEPS.get(usize::from(self.steps[self.index(here)?]))?;
        Some(middle((here.0 + step.0, here.1 + step.1)))
    }
}

/// The next place on the way from `from` to `to`, straight where no field knows better.
pub(super) fn next(fields: &[Field], field: Option<usize>, from: Pos, to: Pos) -> Pos {
    if from.within(to, metres(STRAIGHT_M)) {
        return to;
    }
    field.and_then(|i| fields.get(i)).and_then(|f| f.next(from)).unwrap_or(to)
}

/// The field that leads to `to`, if there is one.
pub(super) fn of(fields: &[Field], to: Pos) -> Option<usize> {
    let goal = cell(to);
    fields.iter().position(|f| f.goal == goal)
}

/// Makes one field for a squad on the surface that has none, or whose field is old.
pub(in crate::sim) fn renew(b: &mut Battle) {
    if !b.tick.is_every(BUILD_TICKS, 0) || b.legion.squads.is_empty() {
        return;
    }
    let turn = (b.tick.0 / BUILD_TICKS) as usize;
    let squads = b.legion.squads.iter().cycle().skip(turn % b.legion.squads.len()).take(b.legion.squads.len());
    let stale = |to: Pos| of(&b.legion.fields, to).is_none_or(|i| b.tick.since(b.legion.fields[i].built) > FRESH_TICKS);
    let wanted = squads.filter(|s| s.count > 0 && !s.course.under).map(|s| s.course.to).find(|to| stale(*to));
    let Some(to) = wanted else { return };
    let field = build(b, cell(to));
    let oldest = || (0..b.legion.fields.len()).min_by_key(|i| b.legion.fields[*i].built);
    match of(&b.legion.fields, to).or_else(|| oldest().filter(|_| b.legion.fields.len() >= KEPT)) {
        Some(i) => b.legion.fields[i] = field,
        None => b.legion.fields.push(field),
    }
}

/// Dijkstra's walk from the goal outwards over the window.
fn build(b: &Battle, goal: (i32, i32)) -> Field {
    let mut field = Field { goal, built: b.tick, steps: vec![HERE; (SIDE * SIDE) as usize] };
    let costs = costs(b, &field);
    let mut best = vec![u32::MAX; costs.len()];
    let mut open = BinaryHeap::new();
    if let Some(start) = field.index(goal) {
        best[start] = 0;
        open.push(Reverse((0, goal)));
    }
    while let Some(Reverse((cost, at))) = open.pop() {
        let Some(here) = field.index(at).filter(|i| best[*i] == cost) else { continue };
        for (i, (dx, dy)) in STEPS.iter().enumerate() {
            let next = (at.0 + dx, at.1 + dy);
            let Some(there) = field.index(next) else { continue };
            // A diagonal is longer by two fifths.
            let way = if i < 4 { 10 } else { 14 };
            let total = cost + costs[here] * way;
            if total < best[there] {
                best[there] = total;
                // Straight and diagonal steps lie opposite each other two places on.
                field.steps[there] = (i / 4 * 4 + (i + 2) % 4) as u8;
                open.push(Reverse((total, next)));
            }
        }
    }
    field
}

fn costs(b: &Battle, field: &Field) -> Vec<u32> {
    let (low_x, low_y) = (field.goal.0 - SIDE / 2, field.goal.1 - SIDE / 2);
    let ground_cost = |i: i32| {
        let at = middle((low_x + i % SIDE, low_y + i / SIDE));
        let plants = || ground::city_at(at).is_some_and(|city| b.cities[city.index()].is_overgrown(at));
        match ground::is_sea(at) {
            true => SEA,
            false if plants() => PLANTS,
            false => OPEN,
        }
    };
    let mut costs: Vec<u32> = (0..SIDE * SIDE).map(ground_cost).collect();
    let gun = |kind| matches!(kind, Kind::Tank | Kind::Missiles);
    for (_, unit) in b.units.iter().filter(|(_, u)| gun(u.kind) && u.is_up() && u.layer() == Layer::Surface) {
        let (x, y) = cell(unit.pos());
        for near in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (x + dx, y + dy))) {
            if let Some(i) = field.index(near) {
                costs[i] += GUN;
            }
        }
    }
    costs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::motion::Gait;

    /// The way over the field from `from` to its goal, cell by cell.
    fn walk(field: &Field, from: Pos) -> Vec<(i32, i32)> {
        let mut at = from;
        let mut way = vec![cell(at)];
        while let Some(next) = field.next(at) {
            at = next;
            way.push(cell(at));
            assert!(way.len() < 100, "the field goes in circles: {way:?}");
        }
        way
    }

    #[test]
    fn every_way_leads_to_the_goal_and_around_guns() {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        let (goal, from) = (Pos::from_m(7_400, 1_500), Pos::from_m(6_600, 1_500));
        let gun = Pos::from_m(7_000, 1_500);
        let free = build(&stage.battle, cell(goal));
        assert_eq!(walk(&free, from).last(), Some(&cell(goal)));
        stage.put(Role::Tank, gun, Gait::Walk);
        let guarded = build(&stage.battle, cell(goal));
        let way = walk(&guarded, from);
        assert_eq!(way.last(), Some(&cell(goal)));
        assert!(!way.contains(&cell(gun)), "{way:?}");
    }

    #[test]
    fn squads_share_a_field_and_few_are_kept() {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(90);
        let fields = &stage.battle.legion.fields;
        assert!(fields.len() <= KEPT);
        for (i, field) in fields.iter().enumerate() {
            assert!(fields[..i].iter().all(|other| other.goal != field.goal));
        }
    }
}
