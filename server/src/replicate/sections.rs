//! Sections of the present tick. What becomes of each thing of a base is worked out once for all clients
//! that hold it, as shares that the range coder takes; for a client that holds a part of the group, the
//! shares of that part are put together.

use gamera_protocol::entropy::{RangeWriter, Share, Shares};
use gamera_protocol::snapshot::Version;
use gamera_protocol::snapshot::group::{GROUP_THINGS_MAX, GROUPS, GroupId};
use gamera_protocol::snapshot::section::{Base, Entry, Title, added, check_of, write_added, write_changes, write_gone};

use crate::replicate::cut::{Bounds, Cut, Kept};
use crate::replicate::history::{Content, History, Present};
use crate::replicate::rough::Rough;

/// A section larger than this would not leave room for a datagram's head.
pub(super) const SECTION_BITS_MAX: usize = 8_000;

/// End of a group's list.
const NIL: u32 = u32::MAX;

/// A section for one client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) title: Title,
    pub(super) check: u16,
    /// What the body costs, rounded up.
    pub(super) bits: u32,
    /// True where the client held the whole of the group before, and where it does then: of what is empty there is
    /// none.
    pub(super) base_whole: bool,
    pub(super) whole: bool,
    /// True where it was told of roughly before.
    pub(super) was_rough: bool,
    /// True where the client then holds nothing of the group.
    pub(super) is_empty: bool,
    shares: Span,
}

/// What a client holds: a content that is known, whether one change leads from it to the present one, and
/// which things of it.
#[derive(Clone, Copy, Debug)]
struct Held<'a> {
    content: Content<'a>,
    direct: bool,
    kept: Kept,
}

/// A part of the list of shares.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
}

/// What leads from one content to the present one, for all who hold the whole of it.
#[derive(Clone, Copy, Debug)]
struct Shared {
    /// What it starts from: of a step the content's version, of a leap the client's, for its length
    /// counts; none for the section that stands alone.
    from: Version,
    /// The version of what it leads to.
    to: Version,
    /// True where all change between the two came in one tick, and neither is told roughly.
    is_step: bool,
    /// Where the things lie that it starts from, and those it leads to.
    bounds: (Bounds, Bounds),
    /// True where it leads to nothing.
    is_empty: bool,
    /// Whether that was told roughly, and what it leads to is.
    rough: (bool, bool),
    bits: u32,
    check: u16,
    shares: Span,
    /// Where in `ways` it is told what becomes of each thing of the base; one more tells where that ends.
    ways: u32,
    next: u32,
}

/// What becomes of one thing of a base.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// Where its shares begin, and what they cost, 1/16 bits.
    start: u32,
    cost: u16,
    /// Its place in the present content; [`GONE`] where it is not in it.
    to: u8,
}

const GONE: u8 = u8::MAX;
const _: () = assert!(GROUP_THINGS_MAX <= GONE as usize, "a place fits a byte");

/// What a client holds and is to hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) group: GroupId,
    /// What it was told last, and how much of it; none for nothing.
    pub(super) label: Version,
    pub(super) base_cut: Cut,
    /// True where it was told so roughly.
    pub(super) was_rough: bool,
    /// How much it is to hold.
    pub(super) cut: Cut,
    /// True where it is to be told roughly: in a tick in which the group was looked at so.
    pub(super) rough: bool,
    /// The version that it then has.
    pub(super) now: Version,
    /// True where it may hold something that is not known, so that even nothing has to be told.
    pub(super) doubted: bool,
    /// True where it may hold something else than that, so that even no change has to be told.
    pub(super) unsure: bool,
}

/// The sections written in this tick.
#[derive(Debug)]
pub(super) struct Sections {
    /// The first section of each group.
    first: Vec<u32>,
    touched: Vec<GroupId>,
    shared: Vec<Shared>,
    shares: Vec<Share>,
    ways: Vec<Way>,
}

impl Default for Sections {
    fn default() -> Sections {
        Sections {
            first: vec![NIL; GROUPS],
            touched: Vec::new(),
            shared: Vec::new(),
            shares: Vec::new(),
            ways: Vec::new(),
        }
    }
}

impl Sections {
    /// Forgets all: a new tick has come.
    pub(super) fn clear(&mut self) {
        for group in self.touched.drain(..) {
            self.first[group.index()] = NIL;
        }
        self.shared.clear();
        self.shares.clear();
        self.ways.clear();
    }

    /// The step to `group` as it is `now`, for a client that holds so much of it as of `label`, and is to hold so
    /// much, exactly and for sure. `None` where nobody has asked for it yet, or it takes another section than a step
    /// of the whole: then [`Self::get`] finds it.
    pub(super) fn step(&self, group: GroupId, label: Version, cuts: (Cut, Cut), now: Version) -> Option<Written> {
        let mut at = self.first[group.index()];
        let shared = loop {
            let shared = self.shared.get(at as usize)?;
            if shared.is_step && (shared.from..shared.to).contains(&label) {
                break shared;
            }
            at = shared.next;
        };
        let Shared { check, bits, is_empty, shares, bounds, .. } = *shared;
        let is_whole = cuts.0.holds_all(group, bounds.0) && cuts.1.holds_all(group, bounds.1);
        if !is_whole || bits as usize > SECTION_BITS_MAX {
            return None;
        }
        let title = Title { group, base: Base::Held { version: label, direct: true }, version: now, rough: false };
        let (base_whole, whole) = (cuts.0 == Cut::Whole, cuts.1 == Cut::Whole && !is_empty);
        Some(Written { title, check, bits, base_whole, whole, was_rough: false, is_empty, shares })
    }

    /// The section that fulfils `wish`; `None` where there is nothing to tell.
    pub(super) fn get(&mut self, wish: &Wish, history: &History, rough: &Rough) -> Option<Written> {
        if !wish.was_rough && !wish.rough && !wish.unsure {
            let step = self.step(wish.group, wish.label, (wish.base_cut, wish.cut), wish.now);
            if step.is_some() {
                return step;
            }
        }
        let now = if wish.rough { rough.present(wish.group) } else { history.present(wish.group) };
        if !now.version.is_some() && !wish.rough {
            return None;
        }
        let stays = wish.was_rough == wish.rough && !wish.unsure;
        let kept = wish.cut.of(wish.group, now.things, now.bounds);
        // Who holds nothing, and is to hold nothing, need not be told.
        if kept.is_empty() && !wish.doubted && !wish.unsure {
            return None;
        }
        let base = match wish.label {
            Version::NONE => None,
            label if wish.was_rough => rough.base(wish.group, label).map(|content| (content, false)),
            label => history.base(wish.group, label).map(|(content, direct)| (content, direct && !wish.rough)),
        };
        if let Some((content, direct)) = base {
            let kept_before = wish.base_cut.of(wish.group, content.things, content.bounds);
            let held = Held { content, direct, kept: kept_before };
            if stays && content.version == now.version && held.kept == kept {
                return None;
            }
            let written = self.section(wish, Some(held), now, kept);
            if written.bits as usize <= SECTION_BITS_MAX {
                return Some(written);
            }
        }
        Some(self.section(wish, None, now, kept))
    }

    fn section(&mut self, wish: &Wish, held: Option<Held>, now: Present<'_>, kept: Kept) -> Written {
        let base = held.map_or(Base::None, |held| Base::Held { version: wish.label, direct: held.direct });
        let title = Title { group: wish.group, base, version: wish.now, rough: wish.rough };
        let had_all = held.is_none_or(|held| held.kept == Kept::all(held.content.things.len()));
        let (check, bits, shares) = if had_all && kept == Kept::all(now.things.len()) {
            let Shared { check, bits, shares, .. } = *self.shared(title, wish.was_rough, held, now);
            (check, bits, shares)
        } else {
            self.part(title, wish.was_rough, held, now, kept)
        };
        let (base_whole, whole) = (wish.base_cut == Cut::Whole, wish.cut == Cut::Whole && !kept.is_empty());
        let was_rough = wish.was_rough;
        Written { title, check, bits, base_whole, whole, was_rough, is_empty: kept.is_empty(), shares }
    }

    /// What leads from all of a content to all of `now`, worked out once.
    fn shared(&mut self, title: Title, was_rough: bool, held: Option<Held>, now: Present<'_>) -> &Shared {
        let from_version = |held: Held| if held.direct { held.content.version } else { title.base.version() };
        let from = held.map_or(Version::NONE, from_version);
        let mut at = self.first[title.group.index()];
        if at == NIL {
            self.touched.push(title.group);
        }
        while at != NIL {
            let shared = &self.shared[at as usize];
            if shared.from == from && shared.rough == (was_rough, title.rough) {
                break;
            }
            at = shared.next;
        }
        if at == NIL {
            at = self.shared.len() as u32;
            let old = held.map_or((&[][..], Bounds::default()), |held| (held.content.things, held.content.bounds));
            self.share(title, was_rough, from, old, now);
        }
        &self.shared[at as usize]
    }

    fn share(
        &mut self,
        title: Title,
        was_rough: bool,
        from: Version,
        (old, old_bounds): (&[Entry], Bounds),
        now: Present<'_>,
    ) {
        let (start, first) = (self.shares.len(), self.ways.len());
        let Sections { shares, ways, .. } = self;
        let mut way = |start: usize, to: Option<usize>| {
            ways.push(Way { start: start as u32, cost: 0, to: to.map_or(GONE, |to| to as u8) });
        };
        write_changes(title, old, now.things, shares, &mut way);
        way(shares.len(), None);
        for i in first..ways.len() - 1 {
            ways[i].cost = cost_of(&shares[ways[i].start as usize..ways[i + 1].start as usize]) as u16;
        }
        write_added(title.group, added(old, now.things), shares);
        let is_direct = matches!(title.base, Base::Held { direct: true, .. });
        let shared = Shared {
            from,
            to: now.version,
            is_step: is_direct && !was_rough && !title.rough,
            bounds: (old_bounds, now.bounds),
            is_empty: now.things.is_empty(),
            rough: (was_rough, title.rough),
            bits: bits(cost_of(&shares[start..])),
            check: check_of(title.group, now.sums.iter().copied()),
            shares: Span { start: start as u32, end: shares.len() as u32 },
            ways: first as u32,
            next: self.first[title.group.index()],
        };
        self.first[title.group.index()] = self.shared.len() as u32;
        self.shared.push(shared);
    }

    /// The same for a client that holds a part of the group, or is to hold one: the sum, the cost, the shares.
    fn part(
        &mut self,
        title: Title,
        was_rough: bool,
        held: Option<Held>,
        now: Present<'_>,
        kept: Kept,
    ) -> (u16, u32, Span) {
        let ways = held.map_or(0, |held| self.shared(title, was_rough, Some(held), now).ways as usize);
        let (start, mut cost, mut new) = (self.shares.len(), 0, kept);
        let Sections { shares, ways: all, .. } = self;
        if let Some(held) = held {
            let ways = &all[ways..][..=held.content.things.len()];
            for i in held.kept.iter() {
                let Way { start, cost: each, to } = ways[i];
                if to != GONE && kept.has(to.into()) {
                    new.remove(to.into());
                    // They are few: copied one by one, for a call would take longer.
                    for at in start..ways[i + 1].start {
                        let share = shares[at as usize];
                        shares.push(share);
                    }
                    cost += u32::from(each);
                } else {
                    write_gone(title, &held.content.things[i], shares);
                    cost += cost_of(&shares[shares.len() - 1..]);
                }
            }
        }
        let went_on = shares.len();
        if new.is_empty() {
            write_added(title.group, std::iter::empty(), shares);
        } else {
            write_added(title.group, new.iter().map(|i| &now.things[i]), shares);
        }
        cost += cost_of(&shares[went_on..]);
        let span = Span { start: start as u32, end: shares.len() as u32 };
        (check_of(title.group, kept.iter().map(|i| now.sums[i])), bits(cost), span)
    }

    /// Writes the body of `written`.
    pub(super) fn put(&self, written: &Written, out: &mut RangeWriter) {
        let Span { start, end } = written.shares;
        self.shares[start as usize..end as usize].iter().for_each(|share| out.put_share(*share));
    }
}

/// What shares cost, 1/16 bits.
fn cost_of(shares: &[Share]) -> u32 {
    shares.iter().map(|share| share.cost()).sum()
}

/// Whole bits, rounded up.
const fn bits(cost: u32) -> u32 {
    cost / 16 + 1
}
