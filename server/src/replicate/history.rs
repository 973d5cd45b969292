//! What each group is, and was in the last ticks: the bases that a section can start from.
//!
//! A publication is one page: all that is seen, group by group. A group's content is a part of a page, and
//! so are the contents before, for as long as the pages are kept.

use std::hint::black_box;

use gamera_protocol::ids::Kind;
use gamera_protocol::snapshot::Version;
use gamera_protocol::snapshot::group::{GROUP_THINGS_MAX, GROUPS, GroupId};
use gamera_protocol::snapshot::section::{Entry, bits_alone};

use crate::replicate::cut::Bounds;
use crate::replicate::group_set::GroupSet;
use crate::replicate::sections::SECTION_BITS_MAX;

/// A version can be a base for this many publications after it was followed by another.
pub(super) const BASE_TICKS: u32 = 32;
/// A content lies in the page before that in which it was followed.
const PAGES: usize = BASE_TICKS as usize + 2;

/// Bits of how many things there are.
const COUNT_BITS_MAX: usize = 24;
/// So few things fit a section whatever they are. Of more it is counted what they take.
const THINGS_FIT: usize = 30;

/// A group's content at one version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content<'a> {
    pub(super) version: Version,
    pub(super) things: &'a [Entry],
    pub(super) bounds: Bounds,
}

/// A group's present content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present<'a> {
    pub(super) version: Version,
    pub(super) things: &'a [Entry],
    /// Each thing's sum.
    pub(super) sums: &'a [u64],
    pub(super) bounds: Bounds,
}

/// What all groups are and were.
#[derive(Debug)]
pub(super) struct History {
    /// By publication.
    pages: Vec<Page>,
    /// Publications so far.
    publications: u32,
    /// Each thing's sum, of the last page.
    sums: Vec<u64>,
    /// By group: what it is, and what it was before.
    present: Vec<[Part; 2]>,
    /// What has been taken for the next page, each group's things chained by the place of the one before.
    coming: Vec<(u32, Entry)>,
    /// By group, the place of the last thing taken.
    last: Vec<u32>,
    /// Groups of which something has been taken.
    seen: Vec<GroupId>,
}

#[derive(Clone, Debug, Default)]
struct Page {
    publication: u32,
    things: Vec<Entry>,
    /// Contents of the page before that were followed by another in this one.
    followed: Vec<Part>,
}

impl Page {
    /// Makes room for so many things, and not for many more: of a crowd that has gone no memory is kept.
    fn clear(&mut self, things: usize) {
        let room = things + things / 8;
        self.things.clear();
        if self.things.capacity() > 2 * room {
            self.things.shrink_to(room);
        }
        if self.things.capacity() < things {
            self.things.reserve_exact(room);
        }
        self.followed.clear();
    }
}

/// A content: a part of a page, and the content before it.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    version: Version,
    start: u32,
    end: u32,
    before: Place,
    bounds: Bounds,
}

/// Which of the contents that were followed in a publication, if it is still known.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    publication: u32,
    at: u32,
}

/// End of a chain.
const NIL: u32 = u32::MAX;

impl Default for History {
    fn default() -> History {
        History {
            pages: vec![Page::default(); PAGES],
            publications: 0,
            sums: Vec::new(),
            present: vec![Default::default(); GROUPS],
            coming: Vec::new(),
            last: vec![NIL; GROUPS],
            seen: Vec::new(),
        }
    }
}

impl History {
    /// The present content; of no version where there never was any.
    pub(super) fn present(&self, group: GroupId) -> Present<'_> {
        let Part { version, start, end, bounds, .. } = self.present[group.index()][0];
        let (page, part) = (&self.pages[self.publications as usize % PAGES], start as usize..end as usize);
        Present { version, things: &page.things[part.clone()], sums: &self.sums[part], bounds }
    }

    /// Publications so far.
    pub(super) fn publications(&self) -> u32 {
        self.publications
    }

    /// The page of a publication, if it is still kept.
    fn page(&self, publication: u32) -> Option<&Page> {
        let page = &self.pages[publication as usize % PAGES];
        (page.publication == publication).then_some(page)
    }

    /// The content that was the present one at `label`, if it is still known, and whether no more than
    /// one change has come since.
    pub(super) fn base(&self, group: GroupId, label: Version) -> Option<(Content<'_>, bool)> {
        let [present, before] = &self.present[group.index()];
        if present.version <= label {
            let Present { version, things, bounds, .. } = self.present(group);
            return version.is_some().then_some((Content { version, things, bounds }, true));
        }
        let (mut place, mut part) = (present.before, before);
        while part.version > label {
            place = part.before;
            part = self.page(place.publication)?.followed.get(place.at as usize)?;
        }
        // Each content lies in the page before that in which it was followed.
        let page = self.page(place.publication.checked_sub(1)?)?;
        let things = &page.things[part.start as usize..part.end as usize];
        let content = Content { version: part.version, things, bounds: part.bounds };
        Some((content, place.publication == present.before.publication))
    }

    /// Takes a thing that a group holds in the next publication.
    pub(super) fn take(&mut self, group: GroupId, entry: Entry) {
        let last = &mut self.last[group.index()];
        if *last == NIL {
            self.seen.push(group);
        }
        self.coming.push((*last, entry));
        *last = self.coming.len() as u32 - 1;
    }

    /// Publishes what was taken as version `now`. Of the groups that held something before, or hold
    /// something now, calls `changed` with those that are not as they were.
    pub(super) fn publish(&mut self, now: Version, occupied: &GroupSet, mut changed: impl FnMut(GroupId, bool)) {
        self.publications += 1;
        let mut page = std::mem::take(&mut self.pages[self.publications as usize % PAGES]);
        page.publication = self.publications;
        page.clear(self.coming.len());
        let mut left = occupied.clone();
        let seen = std::mem::take(&mut self.seen);
        // Since the last tick clients have been served, and what groups were is in no cache any more. Read in a row
        // it comes at once; where each is waited for, that is half of the time of all this.
        black_box(seen.iter().map(|group| self.present[group.index()][0].version.0).fold(0, |all, one| all ^ one));
        for group in &seen {
            left.set(*group, false);
            self.renew(*group, now, &mut page, &mut changed);
        }
        left.iter().for_each(|group| self.renew(group, now, &mut page, &mut changed));
        self.sums.clear();
        self.sums.extend(page.things.iter().map(Entry::sum));
        self.pages[self.publications as usize % PAGES] = page;
        self.seen = seen;
        self.seen.clear();
        self.coming.clear();
    }

    /// Things that there is memory for.
    #[cfg(test)]
    fn capacity(&self) -> usize {
        self.pages.iter().map(|page| page.things.capacity()).sum()
    }

    /// Puts what was taken of a group into the page, as far as it fits.
    fn renew(&mut self, group: GroupId, now: Version, page: &mut Page, changed: &mut impl FnMut(GroupId, bool)) {
        let start = page.things.len();
        let mut at = std::mem::replace(&mut self.last[group.index()], NIL);
        while at != NIL {
            let (before, entry) = self.coming[at as usize];
            page.things.push(entry);
            at = before;
        }
        // The last one taken stands first, and what has been in sight for long has kept its order.
        page.things[start..].reverse();
        if !page.things[start..].is_sorted_by_key(|entry| entry.id) {
            page.things[start..].sort_unstable_by_key(|entry| entry.id);
        }
        cut(&mut page.things, start, group);
        let things = &page.things[start..];
        let is_empty = things.is_empty();
        // What holds nothing is not looked at in the next publication, and must not point behind that page.
        let (start, end) = if is_empty { (0, 0) } else { (start as u32, page.things.len() as u32) };
        let [present, followed] = &mut self.present[group.index()];
        let before = &self.pages[(self.publications - 1) as usize % PAGES].things;
        if before.get(present.start as usize..present.end as usize) == Some(things) {
            (present.start, present.end) = (start, end);
            return;
        }
        let mut place = Place::default();
        if present.version.is_some() {
            place = Place { publication: page.publication, at: page.followed.len() as u32 };
            page.followed.push(*present);
            *followed = *present;
        }
        *present = Part { version: now, start, end, before: place, bounds: Bounds::of(things) };
        changed(group, is_empty);
    }
}

/// Cuts `group`, the things from `start` on, to what fits a datagram where all of it is told: soldiers give way first,
/// those with high ids before others.
pub(super) fn cut(all: &mut Vec<Entry>, start: usize, group: GroupId) {
    let things = &mut all[start..];
    if things.len() <= THINGS_FIT {
        return;
    }
    let fits = |things: &[Entry]| {
        let mut left = SECTION_BITS_MAX - COUNT_BITS_MAX;
        let has_room = |e: &&Entry| left.checked_sub(bits_alone(e, group)).map(|rest| left = rest).is_some();
        things.iter().take_while(has_room).count().min(GROUP_THINGS_MAX)
    };
    if fits(things) == things.len() {
        return;
    }
    things.sort_unstable_by_key(|e| (e.kind == Kind::Soldier, e.id));
    let keep = fits(things);
    things[..keep].sort_unstable_by_key(|e| e.id);
    all.truncate(start + keep);
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::ids::{Layer, NetId, SeatId};
    use gamera_protocol::snapshot::section::{Pace, write_added};
    use gamera_protocol::view::Marks;

    fn content(x: u16) -> Vec<Entry> {
        vec![Entry {
            id: NetId(1),
            x,
            y: 0,
            pace: Pace::default(),
            heading: 0,
            health: 255,
            marks: Marks::default(),
            kind: Kind::Tank,
            layer: Layer::Surface,
            seat: None,
        }]
    }

    const GROUP: GroupId = GroupId(7);

    /// Publishes one group's content; returns whether that is a change.
    fn publish(history: &mut History, tick: u32, content: &[Entry]) -> bool {
        let mut occupied = GroupSet::default();
        occupied.set(GROUP, !history.present(GROUP).things.is_empty());
        content.iter().for_each(|entry| history.take(GROUP, *entry));
        let mut is_change = false;
        history.publish(Version(tick), &occupied, |group, is_empty| {
            assert_eq!((group, is_empty), (GROUP, content.is_empty()));
            is_change = true;
        });
        is_change
    }

    /// The base's version, where its thing stands, and whether one change leads from it.
    fn base(history: &History, label: u32) -> Option<(u32, Option<u16>, bool)> {
        let (content, direct) = history.base(GROUP, Version(label))?;
        Some((content.version.0, content.things.first().map(|entry| entry.x), direct))
    }

    #[test]
    fn a_version_is_a_base_for_as_long_as_promised_and_no_longer() {
        let mut history = History::default();
        for tick in 1..=100 {
            assert!(publish(&mut history, tick, &content(tick as u16)));
        }
        let first = 100 - BASE_TICKS;
        assert_eq!(base(&history, first), Some((first, Some(first as u16), false)));
        assert_eq!(base(&history, first - 2), None);
        assert_eq!(base(&history, 101), Some((100, Some(100), true)));
        assert_eq!(base(&history, 99), Some((99, Some(99), true)));
        assert_eq!(base(&history, 98), Some((98, Some(98), false)));
    }

    /// The costliest things there are: fast, turning, hurt, marked and seated.
    fn costly(things: u16) -> Vec<Entry> {
        let pace = Pace { vx: -12_345, vy: 15_999, ax: -63, ay: 63 };
        let thing = |n: u16| Entry {
            id: NetId(n * 500),
            pace,
            health: 77,
            marks: Marks(0xa5),
            layer: Layer::Underground,
            seat: Some(SeatId(n)),
            kind: if n.is_multiple_of(3) { Kind::Jet } else { Kind::Soldier },
            ..content(n * 30)[0]
        };
        (0..things).map(thing).collect()
    }

    #[test]
    fn what_is_kept_of_a_crowd_fits_a_section_however_costly_it_is() {
        for things in [THINGS_FIT as u16, 31, 60, 120] {
            let mut kept = costly(things);
            cut(&mut kept, 0, GROUP);
            let mut shares = Vec::new();
            write_added(GROUP, kept.iter(), &mut shares);
            let bits = shares.iter().map(|share| share.cost()).sum::<u32>() / 16;
            assert!(bits as usize <= SECTION_BITS_MAX, "{} of {things} things take {bits} bits", kept.len());
            assert!(kept.len() >= usize::from(things).min(THINGS_FIT) && kept.is_sorted_by_key(|e| e.id));
            let jets = kept.iter().filter(|e| e.kind == Kind::Jet).count();
            let wanted = kept.len().min(usize::from(things).div_ceil(3));
            assert_eq!(jets, wanted, "soldiers give way first");
        }
    }

    #[test]
    fn a_crowd_that_has_gone_leaves_no_memory_behind() {
        let crowd: Vec<Entry> = (0..100).map(|id| Entry { id: NetId(id), ..content(1)[0] }).collect();
        let mut history = History::default();
        let mut tick = 0;
        let mut update = |history: &mut History, ticks: u32, crowd: &[Entry]| {
            for _ in 0..ticks {
                tick += 1;
                let entries: Vec<Entry> = crowd.iter().map(|e| Entry { x: tick as u16, ..*e }).collect();
                publish(history, tick, &entries);
            }
            tick
        };
        update(&mut history, 200, &crowd);
        assert!(history.capacity() <= 112 * PAGES, "as much as the bases need: {}", history.capacity());
        update(&mut history, 2 * BASE_TICKS, &crowd[..10]);
        assert!(history.capacity() <= 20 * PAGES, "{}", history.capacity());
        let gone = update(&mut history, 1, &[]);
        update(&mut history, BASE_TICKS, &[]);
        let last = history.base(GROUP, Version(gone - 1));
        assert!(last.is_some_and(|(content, _)| content.things.len() == 10));
        update(&mut history, 1, &[]);
        assert_eq!((history.capacity(), history.present(GROUP).version), (0, Version(gone)));
    }

    #[test]
    fn what_does_not_change_keeps_its_version_and_stays_a_base_when_it_does() {
        let mut history = History::default();
        assert!(!publish(&mut history, 4, &[]) && base(&history, 4).is_none());
        assert!(publish(&mut history, 5, &content(1)));
        assert!(!publish(&mut history, 500, &content(1)));
        assert_eq!(history.present(GROUP).version, Version(5));
        assert!(publish(&mut history, 501, &[]));
        assert_eq!(base(&history, 5), Some((5, Some(1), true)));
        assert_eq!(base(&history, 4), None);
    }
}
