//! What a client must be told in a tick, and whether it shows just that.

use gamera_protocol::ids::NetId;
use gamera_protocol::measure::{Pos, UNITS_PER_M};
use gamera_protocol::view::{Thing, Things};
use gamera_server::sim::Sighting;

use super::scene;
use crate::trace::Unit;

/// Side of a square of the index, metres; the map has so many on a side.
const SQUARE_M: u32 = 128;
const SQUARES: u32 = 32;
const SQUARE: u32 = SQUARE_M * UNITS_PER_M as u32;

/// The units of one tick, found by place.
#[derive(Default)]
pub(super) struct Ground {
    pub(super) units: Vec<Unit>,
    pub(super) sightings: Vec<Sighting>,
    before: Vec<Unit>,
    squares: Vec<Vec<u32>>,
}

impl Ground {
    /// Takes the next tick's units.
    pub(super) fn take(&mut self, units: &[Unit]) {
        std::mem::swap(&mut self.units, &mut self.before);
        self.units.clear();
        self.units.extend_from_slice(units);
        self.sightings.clear();
        self.sightings.extend(units.iter().map(scene::sighting));
        self.squares.resize_with((SQUARES * SQUARES) as usize, Vec::new);
        self.squares.iter_mut().for_each(Vec::clear);
        for (slot, unit) in units.iter().enumerate() {
            self.squares[(unit.y / SQUARE * SQUARES + unit.x / SQUARE) as usize].push(slot as u32);
        }
    }

    /// The slots of the units within `radius` grid units of `middle`, ascending, into `out`.
    fn within(&self, middle: Pos, radius: i32, out: &mut Vec<u32>) {
        out.clear();
        let low = |at: i32| (at - radius).max(0) as u32 / SQUARE;
        let high = |at: i32| ((at + radius) as u32 / SQUARE).min(SQUARES - 1);
        for row in low(middle.y)..=high(middle.y) {
            for column in low(middle.x)..=high(middle.x) {
                let slots = &self.squares[(row * SQUARES + column) as usize];
                out.extend(slots.iter().filter(|slot| self.pos(**slot).within(middle, radius)));
            }
        }
        out.sort_unstable();
    }

    fn pos(&self, slot: u32) -> Pos {
        self.sightings[slot as usize].pos
    }

    /// True where the slot's unit is not as it was, or another.
    fn has_changed(&self, slot: u32) -> bool {
        self.before.get(slot as usize) != Some(&self.units[slot as usize])
    }

    fn uid_before(&self, slot: u32) -> Option<u32> {
        self.before.get(slot as usize).map(|unit| unit.uid)
    }
}

/// The ids by which a faction knows the units: one for each, for as long as it lives.
#[derive(Default)]
pub(super) struct Names {
    /// By uid.
    ids: Vec<Option<NetId>>,
}

impl Names {
    fn of(&mut self, uid: u32) -> &mut Option<NetId> {
        let at = uid as usize;
        if at >= self.ids.len() {
            self.ids.resize(at + 1_024, None);
        }
        &mut self.ids[at]
    }
}

/// How a client's view differs from the truth in one tick.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Verdict {
    /// Units not as they are.
    pub(super) wrong: u64,
    /// Units not shown.
    pub(super) missing: u64,
    /// Shown, and not there.
    pub(super) ghosts: u64,
}

impl Verdict {
    pub(super) fn is_right(self) -> bool {
        self == Verdict::default()
    }
}

/// One client's judge.
#[derive(Default)]
pub(super) struct Judge {
    visible: Vec<u32>,
    before: Vec<u32>,
}

/// Memory of a comparison, used again for each client.
#[derive(Default)]
pub(super) struct Desk {
    /// The shown things by id: index, and whether a unit has been found behind it.
    shown: Vec<(NetId, usize, bool)>,
}

impl Judge {
    /// Units that the client must be told of: those within its radius that changed, or were not within
    /// it in the tick before. Once a tick.
    pub(super) fn needed(&mut self, ground: &Ground, middle: Pos, radius: i32) -> u64 {
        std::mem::swap(&mut self.visible, &mut self.before);
        ground.within(middle, radius, &mut self.visible);
        let had = |slot: u32| {
            let is_same = ground.uid_before(slot) == Some(ground.units[slot as usize].uid);
            is_same && self.before.binary_search(&slot).is_ok()
        };
        self.visible.iter().filter(|slot| ground.has_changed(**slot) || !had(**slot)).count() as u64
    }

    /// Compares what is shown within the radius with what [`Self::needed`] saw there.
    pub(super) fn compare(
        &self,
        ground: &Ground,
        things: &Things,
        names: &mut Names,
        desk: &mut Desk,
        (middle, radius): (Pos, i32),
    ) -> Verdict {
        let mut verdict = Verdict::default();
        let all = things.all();
        desk.shown.clear();
        desk.shown.extend(all.iter().enumerate().map(|(at, thing)| (thing.id, at, false)));
        desk.shown.sort_unstable();
        for slot in &self.visible {
            let sighting = &ground.sightings[*slot as usize];
            let name = names.of(ground.units[*slot as usize].uid);
            let Some(shown) = find(&mut desk.shown, all, *name, sighting) else {
                verdict.missing += 1;
                continue;
            };
            shown.2 = true;
            *name = Some(shown.0);
            verdict.wrong += u64::from(!scene::is_as(&all[shown.1], sighting));
        }
        let strangers = desk.shown.iter().filter(|shown| !shown.2 && all[shown.1].pos.within(middle, radius));
        verdict.ghosts = strangers.count() as u64;
        verdict
    }
}

/// What is shown of a unit: found by its name, or, before it has one, by what it is.
fn find<'a>(
    shown: &'a mut [(NetId, usize, bool)],
    all: &[Thing],
    name: Option<NetId>,
    sighting: &Sighting,
) -> Option<&'a mut (NetId, usize, bool)> {
    match name {
        Some(id) => {
            let at = shown.binary_search_by_key(&id, |(id, ..)| *id).ok()?;
            Some(&mut shown[at])
        }
        None => shown.iter_mut().find(|(_, at, found)| !found && scene::is_as(&all[*at], sighting)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ground_of(units: &[Unit]) -> Ground {
        let mut ground = Ground::default();
        ground.take(units);
        ground.take(units);
        ground
    }

    fn unit(uid: u32, x_m: u32) -> Unit {
        Unit { uid, x: x_m * 64, y: 64_000, health: 9, ..Unit::default() }
    }

    fn shown(ground: &Ground, change: impl Fn(usize, Thing) -> Option<Thing>) -> Things {
        let thing = |(n, s): (usize, &Sighting)| {
            let id = NetId(n as u16 + 100);
            let Sighting { kind, layer, pos, heading, health, marks, seat, .. } = *s;
            change(n, Thing { id, kind, layer, pos, heading, health, marks, seat })
        };
        let mut things = Things::default();
        things.rebuild(ground.sightings.iter().enumerate().filter_map(thing));
        things
    }

    /// What the judge says of a second look, after a first in which everything was as it should be.
    fn verdict(change: impl Fn(usize, Thing) -> Option<Thing>) -> Verdict {
        let ground = ground_of(&[unit(1, 1_000), unit(2, 1_010), unit(3, 1_020), unit(4, 2_000)]);
        let at = (Pos::from_m(1_000, 1_000), 256 * UNITS_PER_M);
        let (mut judge, mut names, mut desk) = (Judge::default(), Names::default(), Desk::default());
        assert_eq!(judge.needed(&ground, at.0, at.1), 3);
        let first = judge.compare(&ground, &shown(&ground, |_, t| Some(t)), &mut names, &mut desk, at);
        assert!(first.is_right());
        assert_eq!(judge.needed(&ground, at.0, at.1), 0);
        judge.compare(&ground, &shown(&ground, change), &mut names, &mut desk, at)
    }

    #[test]
    fn what_is_not_as_it_is_counts_once_and_what_is_out_of_reach_does_not() {
        let of = |wrong, missing, ghosts| Verdict { wrong, missing, ghosts };
        assert_eq!(verdict(|n, t| (n != 3).then_some(t)), of(0, 0, 0));
        assert_eq!(verdict(|n, t| Some(Thing { health: t.health + u8::from(n == 1), ..t })), of(1, 0, 0));
        assert_eq!(verdict(|n, t| (n != 2).then_some(t)), of(0, 1, 0));
        assert_eq!(verdict(|n, t| Some(Thing { id: if n == 0 { NetId(7) } else { t.id }, ..t })), of(0, 1, 1));
        assert_eq!(
            verdict(|n, t| Some(Thing { pos: if n == 3 { Pos::from_m(990, 990) } else { t.pos }, ..t })),
            of(0, 0, 1)
        );
    }
}
