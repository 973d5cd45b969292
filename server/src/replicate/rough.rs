//! Cells as they are told from afar: who goes on evenly is left to go on, until it is elsewhere by more than
//! can be seen. They are looked at in turn, all within a few ticks, and only while somebody is told so.

use std::collections::VecDeque;

use gamera_protocol::measure::Tick;
use gamera_protocol::snapshot::Version;
use gamera_protocol::snapshot::group::{CELLS, GroupId, Tier};
use gamera_protocol::snapshot::pool::Pool;
use gamera_protocol::snapshot::section::Entry;
use gamera_protocol::snapshot::section::rough::{DRIFT_TICKS_MAX, Tolerance, drift, roughly};

use crate::replicate::cut::Bounds;
use crate::replicate::group_set::GroupSet;
use crate::replicate::history::{Content, History, Present, cut};
use crate::replicate::interest::{ROUGH_STRIDE, is_due};

/// Without anybody who is told roughly for so long, nothing is looked at so any more.
const IDLE_TICKS: u32 = 30;
/// Things that there is memory for which no look needs at the moment.
const SPARE_MAX: usize = 16_384;
/// Looks at one cell that are kept at most: what may still be gone on from, and one more.
const LOOKS_MAX: usize = (DRIFT_TICKS_MAX / ROUGH_STRIDE) as usize + 2;

/// A cell's content at one version.
#[derive(Clone, Debug, Default)]
struct Look {
    version: Version,
    things: Vec<Entry>,
    sums: Vec<u64>,
    bounds: Bounds,
}

/// All cells, as far as they were looked at.
#[derive(Debug)]
pub(super) struct Rough {
    /// By cell, the oldest first; empty while nobody is told so.
    looks: Vec<VecDeque<Look>>,
    /// Which cells were changed when, as long as what they were before is kept.
    followed: VecDeque<(Version, GroupId)>,
    /// Cells that hold something.
    occupied: GroupSet,
    /// When somebody was told roughly last.
    wanted: Option<Tick>,
    /// When cells were looked at last: those that were due in so many ticks up to then.
    seen: Option<Tick>,
    ticks: u32,
    /// Of those who were told roughly in the last tick, how many may be told coarsely, and how many not.
    wishes: (u32, u32),
    tolerance: Tolerance,
    /// Cells for which it is time, and what a cell is looked at in.
    due: Vec<GroupId>,
    look: Vec<Entry>,
    lists: Pool<Entry>,
    sums: Pool<u64>,
}

impl Default for Rough {
    fn default() -> Rough {
        Rough {
            looks: Vec::new(),
            followed: VecDeque::new(),
            occupied: GroupSet::default(),
            wanted: None,
            seen: None,
            ticks: 0,
            wishes: (0, 0),
            tolerance: Tolerance::FINE,
            due: Vec::new(),
            look: Vec::new(),
            lists: Pool::new(SPARE_MAX),
            sums: Pool::new(SPARE_MAX),
        }
    }
}

impl Rough {
    /// The present content; of no version where the cell was never looked at, or holds nothing since.
    pub(super) fn present(&self, group: GroupId) -> Present<'_> {
        let look = self.looks.get(group.index()).and_then(VecDeque::back);
        let none = Present { version: Version::NONE, things: &[], sums: &[], bounds: Bounds::default() };
        look.map_or(none, |look| Present {
            version: look.version,
            things: &look.things,
            sums: &look.sums,
            bounds: look.bounds,
        })
    }

    /// The content that was the present one at `label`, if it is still known.
    pub(super) fn base(&self, group: GroupId, label: Version) -> Option<Content<'_>> {
        let looks = self.looks.get(group.index())?;
        let look = looks.iter().rev().find(|look| look.version <= label)?;
        Some(Content { version: look.version, things: &look.things, bounds: look.bounds })
    }

    /// Notes that somebody is told roughly in `tick`: it is looked at so from the next one on.
    pub(super) fn want(&mut self, tick: Tick, is_coarse: bool) {
        self.wanted = Some(tick);
        let (coarse, fine) = &mut self.wishes;
        *if is_coarse { coarse } else { fine } += 1;
    }

    /// True for a cell that has been looked at in `tick`; where nothing is, that is soon done.
    pub(super) fn is_fresh(&self, group: GroupId, tick: Tick) -> bool {
        self.seen == Some(tick) && is_due(group.slot(), ROUGH_STRIDE, self.ticks, tick)
    }

    /// Lets go of everything where nobody has been told so for a while.
    pub(super) fn rest(&mut self, tick: Tick) {
        if self.wanted.is_some_and(|wanted| tick.since(wanted) > IDLE_TICKS) {
            *self = Rough::default();
        }
    }

    /// Looks at the cells for which it is time, where somebody is told so: once in a tick in which clients are
    /// told, before the first of them. Calls `changed` with those that are not as they were.
    pub(super) fn look(&mut self, tick: Tick, history: &History, occupied: &GroupSet, changed: impl FnMut(GroupId)) {
        if self.wanted.is_none() || self.seen == Some(tick) {
            return;
        }
        // All who look through the same eyes are told the same: as most of them can afford it.
        let (coarse, fine) = std::mem::take(&mut self.wishes);
        if coarse + fine > 0 {
            self.tolerance = if coarse > fine { Tolerance::COARSE } else { Tolerance::FINE };
        }
        if self.looks.is_empty() {
            self.looks = vec![VecDeque::new(); CELLS];
        }
        self.ticks = self.seen.map_or(ROUGH_STRIDE, |seen| tick.since(seen));
        self.seen = Some(tick);
        self.forget(Version::at(tick));
        let ticks = self.ticks;
        let is_due = |group: &GroupId| group.tier() == Tier::Cells && is_due(group.slot(), ROUGH_STRIDE, ticks, tick);
        let mut due = std::mem::take(&mut self.due);
        due.extend(occupied.iter().chain(self.occupied.iter()).filter(is_due));
        due.sort_unstable();
        due.dedup();
        let is_changed = |cell: &GroupId| self.renew(*cell, history.present(*cell).things, Version::at(tick));
        due.drain(..).filter(is_changed).for_each(changed);
        self.due = due;
    }

    /// Lets go of what nobody can go on from any more, of cells that nothing comes to as well.
    fn forget(&mut self, now: Version) {
        let Rough { looks, followed, lists, .. } = self;
        while let Some((by, cell)) = followed.pop_front_if(|(by, _)| by.0 + DRIFT_TICKS_MAX < now.0) {
            while let Some(old) = looks[cell.index()].pop_front_if(|look| look.version < by) {
                lists.take(old.things);
            }
        }
    }

    /// Looks at a cell that holds `things`; returns whether it is not as it was.
    fn renew(&mut self, cell: GroupId, things: &[Entry], now: Version) -> bool {
        let Rough { looks, look, lists, sums, .. } = self;
        let looks = &mut looks[cell.index()];
        let limit = (1 << cell.coordinate_bits()) - 1;
        let held = looks.back();
        let (before, ticks) = held.map_or((&[][..], 0), |look| (&look.things, now.0 - look.version.0));
        let mut next = 0;
        look.clear();
        for thing in things {
            next += before[next..].iter().take_while(|held| held.id < thing.id).count();
            let held = before.get(next).map(|held| drift(held, ticks, limit));
            look.push(roughly(held.as_ref(), thing, self.tolerance));
        }
        // What fits as it is may not as it is told roughly.
        cut(look, 0, cell);
        let is_changed = look != before;
        if is_changed {
            let (version, bounds) = (now, Bounds::of(look));
            // Sums are asked for of what is present alone.
            looks.back_mut().into_iter().for_each(|before| sums.take(std::mem::take(&mut before.sums)));
            if looks.capacity() == 0 {
                looks.reserve_exact(LOOKS_MAX);
            }
            let sums = sums.list_with(look.iter().map(Entry::sum));
            looks.push_back(Look { version, things: lists.list_of(look), sums, bounds });
            self.followed.push_back((now, cell));
            self.occupied.set(cell, !things.is_empty());
        }
        is_changed
    }
}
