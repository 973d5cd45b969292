//! The ids by which one viewer knows what it sees. A thing gets one when it comes into sight and
//! gives it back when it is lost: seen again, it is a stranger.

use std::collections::VecDeque;

use gamera_protocol::ids::NetId;
use gamera_protocol::measure::{Pos, Tick, ticks};
use gamera_protocol::snapshot::group;
use gamera_protocol::snapshot::section::Pace;

use crate::sim::{Key, Sighting};

/// An id rests this long before it names another thing, so that no late word about the first is
/// taken for the second.
const REST_TICKS: u32 = ticks(5);

/// A thing in sight.
#[derive(Clone, Copy, Debug)]
struct Seen {
    key: Key,
    id: NetId,
    pos: Pos,
    pace: Pace,
}

/// An id that names nothing.
#[derive(Clone, Copy, Debug)]
struct Resting {
    id: NetId,
    /// What it named.
    key: Key,
    since: Tick,
}

impl Resting {
    fn new(lost: &Seen, since: Tick) -> Resting {
        Resting { id: lost.id, key: lost.key, since }
    }
}

/// One viewer's ids.
#[derive(Debug, Default)]
pub(super) struct NetIds {
    /// Sorted by key.
    seen: Vec<Seen>,
    before: Vec<Seen>,
    resting: VecDeque<Resting>,
    /// The lowest id never given.
    unused: u32,
}

impl NetIds {
    /// Names everything seen in `tick`, sorted by key, and hands each with its id and its
    /// pace to `each`. What is not seen any more loses its id. Without `moves` the places
    /// stay those of the last tick that had it, so that a displacement is always one between two
    /// pictures that clients can hold.
    ///
    /// # Panics
    /// When more is seen than there are ids.
    pub(super) fn name(
        &mut self,
        tick: Tick,
        moves: bool,
        sightings: &[Sighting],
        mut each: impl FnMut(&Sighting, NetId, Pace),
    ) {
        std::mem::swap(&mut self.seen, &mut self.before);
        self.seen.clear();
        let mut old = 0;
        for sighting in sightings {
            while let Some(lost) = self.before.get(old).filter(|s| s.key < sighting.key) {
                self.resting.push_back(Resting::new(lost, tick));
                old += 1;
            }
            let known = self.before.get(old).filter(|s| s.key == sighting.key).copied();
            old += usize::from(known.is_some());
            let id = known.map_or_else(|| self.fresh(sighting.key, tick), |s| s.id);
            let here = group::clamp(sighting.pos);
            let (pos, pace) = match known {
                Some(s) if !moves => (s.pos, s.pace),
                Some(s) => (here, s.pace.after(here.x - s.pos.x, here.y - s.pos.y)),
                None => (here, Pace::FRESH),
            };
            self.seen.push(Seen { key: sighting.key, id, pos, pace });
            each(sighting, id, pace);
        }
        self.resting.extend(self.before[old..].iter().map(|lost| Resting::new(lost, tick)));
    }

    /// The ids of what was named last, in the order of its sightings.
    pub(super) fn given(&self) -> impl Iterator<Item = NetId> + '_ {
        self.seen.iter().map(|seen| seen.id)
    }

    /// The id that has rested longest, or a new one; never one that `key` had, by which it would be known again.
    fn fresh(&mut self, key: Key, tick: Tick) -> NetId {
        let oldest = self.resting.iter().position(|r| r.key != key);
        let rested = oldest.is_some_and(|i| tick.since(self.resting[i].since) >= REST_TICKS);
        if rested || self.unused > u32::from(u16::MAX) {
            let taken = oldest.and_then(|i| self.resting.remove(i));
            return taken.expect("fewer things are seen than there are ids").id;
        }
        let id = NetId(self.unused as u16);
        self.unused += 1;
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::ids::{Kind, Layer};
    use gamera_protocol::view::Marks;

    fn sighting(key: u32) -> Sighting {
        Sighting {
            key: Key(key),
            kind: Kind::Soldier,
            layer: Layer::Surface,
            pos: Pos::from_m(key as i32, 600),
            heading: 0,
            health: 255,
            marks: Marks::default(),
            seat: None,
        }
    }

    fn names(ids: &mut NetIds, tick: u32, keys: &[u32]) -> Vec<u16> {
        let sightings: Vec<Sighting> = keys.iter().map(|key| sighting(*key)).collect();
        let mut out = Vec::new();
        ids.name(Tick(tick), true, &sightings, |_, id, _| out.push(id.0));
        out
    }

    #[test]
    fn a_thing_keeps_its_id_in_sight_and_gets_another_when_seen_again() {
        let mut ids = NetIds::default();
        assert_eq!(names(&mut ids, 1, &[5, 9]), [0, 1]);
        assert_eq!(names(&mut ids, 2, &[3, 9]), [2, 1]);
        assert_eq!(names(&mut ids, 3, &[3, 5, 9]), [2, 3, 1]);
    }

    #[test]
    fn an_id_rests_before_it_names_another() {
        let mut ids = NetIds::default();
        names(&mut ids, 1, &[1]);
        names(&mut ids, 2, &[]);
        assert_eq!(names(&mut ids, 1 + REST_TICKS, &[2]), [1]);
        assert_eq!(names(&mut ids, 2 + REST_TICKS, &[2, 3]), [1, 0]);
    }

    #[test]
    fn what_is_seen_again_after_long_does_not_get_the_id_it_had() {
        let mut ids = NetIds::default();
        names(&mut ids, 1, &[1, 2]);
        names(&mut ids, 2, &[]);
        assert_eq!(names(&mut ids, 2 + REST_TICKS, &[1]), [1], "another's, though its own has rested longer");
        assert_eq!(names(&mut ids, 3 + REST_TICKS, &[1, 3]), [1, 0]);
    }
}
