//! Which part of a group a client is told of: a cell at the rim of its reach holds things within it and
//! things beyond, and the latter are nobody's business.

use gamera_protocol::ids::{Kind, Side};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::snapshot::group::{GROUP_THINGS_MAX, GroupId, far_tier};
use gamera_protocol::snapshot::section::Entry;
use gamera_protocol::view::side_of;

/// What of a group a client holds, as far as it holds the group.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Cut {
    /// All of it.
    #[default]
    Whole,
    /// What is within so many metres of a place, and what is told from afar anyway: what a cell says of
    /// that holds against a region's older word, so it must say all.
    Around(Pos, u16, Afar),
}

/// Which kinds somebody is told of from afar, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Afar(u32);

const _: () = assert!(Kind::ALL.len() <= 32, "each kind has a bit");

impl Afar {
    /// Those that are told from afar to `side`, or to who belongs to none.
    pub(super) fn to(side: Option<Side>) -> Afar {
        let is_own = |kind: Kind| side.is_none_or(|side| side_of(kind) == Some(side));
        let told = Kind::ALL.iter().filter(|kind| far_tier(**kind, is_own(**kind)).is_some());
        Afar(told.fold(0, |bits, kind| bits | 1 << kind.index()))
    }

    const fn has(self, kind: Kind) -> bool {
        self.0 >> kind.index() & 1 == 1
    }
}

/// Where a content's things lie, and of what kinds they are, all together: mostly that decides whether a cut
/// holds all of them, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Bounds {
    low: (u16, u16),
    high: (u16, u16),
    /// One bit each.
    kinds: u32,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { low: (u16::MAX, u16::MAX), high: (0, 0), kinds: 0 }
    }
}

impl Bounds {
    pub(super) fn of(things: &[Entry]) -> Bounds {
        things.iter().fold(Bounds::default(), |Bounds { low, high, kinds }, e| Bounds {
            low: (low.0.min(e.x), low.1.min(e.y)),
            high: (high.0.max(e.x), high.1.max(e.y)),
            kinds: kinds | 1 << e.kind.index(),
        })
    }

    /// The squared distances of a place from the nearest and from the farthest of what lies within.
    fn distances2(&self, x: i32, y: i32) -> (i64, i64) {
        let near = |at: i32, low: u16, high: u16| i64::from((i32::from(low) - at).max(at - i32::from(high)).max(0));
        let far = |at: i32, low: u16, high: u16| i64::from((at - i32::from(low)).max(i32::from(high) - at));
        let (near_x, near_y) = (near(x, self.low.0, self.high.0), near(y, self.low.1, self.high.1));
        let (far_x, far_y) = (far(x, self.low.0, self.high.0), far(y, self.low.1, self.high.1));
        (near_x * near_x + near_y * near_y, far_x * far_x + far_y * far_y)
    }
}

impl Cut {
    /// True where it is soon seen that all of a content of `group` with these bounds is held.
    pub(super) fn holds_all(self, group: GroupId, bounds: Bounds) -> bool {
        let Cut::Around(middle, reach_m, _) = self else { return true };
        let (origin, reach) = (group.origin(), i64::from(metres(reach_m.into())));
        bounds.distances2(middle.x - origin.x, middle.y - origin.y).1 <= reach * reach
    }

    /// Which of `things`, the content of `group` with these bounds, a client holds that holds this much of it.
    pub(super) fn of(self, group: GroupId, things: &[Entry], bounds: Bounds) -> Kept {
        let Cut::Around(middle, reach_m, afar) = self else { return Kept::all(things.len()) };
        let (origin, reach) = (group.origin(), i64::from(metres(reach_m.into())));
        let (x, y, reach2) = (middle.x - origin.x, middle.y - origin.y, reach * reach);
        let (nearest2, farthest2) = bounds.distances2(x, y);
        if farthest2 <= reach2 {
            return Kept::all(things.len());
        }
        if nearest2 > reach2 && bounds.kinds & afar.0 == 0 {
            return Kept::all(0);
        }
        let (x, y, mut kept, mut bit) = (i64::from(x), i64::from(y), 0, 1_u128);
        for entry in things {
            let (dx, dy) = (i64::from(entry.x) - x, i64::from(entry.y) - y);
            // One expression without a branch: who is within and who is not nobody can foresee.
            let holds = (dx * dx + dy * dy <= reach2) | afar.has(entry.kind);
            kept |= if holds { bit } else { 0 };
            bit <<= 1;
        }
        Kept(kept)
    }
}

/// Which things of a content, by their place in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Kept(u128);

const _: () = assert!(GROUP_THINGS_MAX < 128, "a content's things fit the bits");

impl Kept {
    /// The first `len` things.
    pub(super) const fn all(len: usize) -> Kept {
        Kept((1 << len) - 1)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }

    pub(super) fn remove(&mut self, place: usize) {
        self.0 &= !(1 << place);
    }

    /// The places, in ascending order.
    pub(super) fn iter(self) -> impl Iterator<Item = usize> + Clone {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let place = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            (place < u128::BITS).then_some(place as usize)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::ids::{Layer, NetId};
    use gamera_protocol::rng::Pcg32;
    use gamera_protocol::snapshot::group::Tier;
    use gamera_protocol::snapshot::section::Pace;
    use gamera_protocol::view::Marks;

    /// A thing `x_m` east of the south-west corner of its group.
    fn entry(kind: Kind, x_m: i32) -> Entry {
        Entry {
            id: NetId(x_m as u16),
            x: metres(x_m) as u16,
            y: 0,
            pace: Pace::default(),
            heading: 0,
            health: 255,
            marks: Marks::default(),
            kind,
            layer: Layer::Surface,
            seat: None,
        }
    }

    #[test]
    fn a_part_is_what_lies_within_reach_and_what_is_told_from_afar() {
        let group = GroupId::at(Tier::Cells, Pos::from_m(1_000, 1_000));
        let middle = group.origin();
        let things = [entry(Kind::Soldier, 3), entry(Kind::Queen, 20), entry(Kind::Soldier, 21), entry(Kind::Tank, 25)];
        let around = |reach_m, side| Cut::Around(middle, reach_m, Afar::to(side));
        let cases: [(Cut, &[usize]); 5] = [
            (Cut::Whole, &[0, 1, 2, 3]),
            (around(30, None), &[0, 1, 2, 3]),
            (around(10, Some(Side::Legion)), &[0, 1]),
            (around(21, Some(Side::Legion)), &[0, 1, 2]),
            (around(10, Some(Side::Sdf)), &[0, 1, 3]),
        ];
        for (cut, places) in cases {
            let kept = cut.of(group, &things, Bounds::of(&things));
            assert_eq!(kept.iter().collect::<Vec<_>>(), places, "{cut:?}");
        }
        assert!(around(10, None).of(group, &[], Bounds::of(&[])).is_empty());
    }

    #[test]
    fn bounds_decide_as_looking_at_each_thing_would() {
        let mut rng = Pcg32::new(5, 1);
        let mut decided = [0; 3];
        for round in 0..3_000 {
            let group = GroupId::at(Tier::Cells, Pos::from_m(2_000, 1_000));
            // Every other group holds nothing that all are told of from afar.
            let kinds = [Kind::Soldier, Kind::Tank, if round % 2 == 0 { Kind::Soldier } else { Kind::Queen }];
            let things: Vec<Entry> = (0..rng.below(6))
                .map(|_| Entry {
                    y: rng.below(4_096) as u16,
                    ..entry(kinds[rng.below(3) as usize], rng.between(0, 63))
                })
                .collect();
            let off = |rng: &mut Pcg32| rng.between(-metres(120), metres(180));
            let middle = Pos::new(group.origin().x + off(&mut rng), group.origin().y + off(&mut rng));
            let (reach_m, side) = (rng.below(150) as u16, [None, Some(Side::Sdf)][rng.below(2) as usize]);
            let is_within = |e: &Entry| {
                let pos = Pos::new(group.origin().x + i32::from(e.x), group.origin().y + i32::from(e.y));
                pos.within(middle, metres(reach_m.into()))
            };
            let is_own = |kind: Kind| side.is_none_or(|side| side_of(kind) == Some(side));
            let holds = |e: &Entry| is_within(e) || far_tier(e.kind, is_own(e.kind)).is_some();
            let wanted: Vec<usize> = (0..things.len()).filter(|place| holds(&things[*place])).collect();
            let kept = Cut::Around(middle, reach_m, Afar::to(side)).of(group, &things, Bounds::of(&things));
            assert_eq!(kept.iter().collect::<Vec<_>>(), wanted);
            let what = usize::from(!wanted.is_empty()) + usize::from(wanted.len() == things.len());
            decided[what] += 1;
        }
        assert!(decided.iter().all(|times| *times > 300), "each way is taken: {decided:?}");
    }

    #[test]
    fn places_are_taken_out() {
        let mut kept = Kept::all(GROUP_THINGS_MAX);
        assert!(kept.has(GROUP_THINGS_MAX - 1) && !kept.has(GROUP_THINGS_MAX) && Kept::all(0).is_empty());
        (0..GROUP_THINGS_MAX - 1).filter(|place| *place != 3).for_each(|place| kept.remove(place));
        assert_eq!(kept.iter().collect::<Vec<_>>(), [3, GROUP_THINGS_MAX - 1]);
    }
}
