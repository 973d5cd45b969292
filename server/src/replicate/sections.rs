//! Sections of the present tick. What becomes of each thing of a base is worked out once for all clients
//! that hold it, as shares that the range coder takes; for a client that holds a part of the group, the
//! shares of that part are put together.

use gamera_protocol::entropy::{RangeWriter, Share, Shares};
use gamera_protocol::snapshot::Version;
use gamera_protocol::snapshot::group::{GROUPS, GroupId};
use gamera_protocol::snapshot::section::{Base, Title, added, check_of, write_added, write_changes, write_gone};

use crate::replicate::cut::{Cut, Kept};
use crate::replicate::history::{Content, History};

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
    pub(super) bits: usize,
    /// True where the client held the whole of the group before, and where it does then.
    pub(super) base_whole: bool,
    pub(super) whole: bool,
    /// True where the client then holds nothing of the group.
    pub(super) is_empty: bool,
    shares: Span,
}

/// What a client holds: a content that is known, whether one change leads from it to the present one, and
/// which things of it.
#[derive(Clone, Copy, Debug)]
struct Held<'a> {
    content: &'a Content,
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
    bits: usize,
    check: u16,
    shares: Span,
    /// Where in `starts` it is told where the shares of each thing of the base begin; one more tells
    /// their end.
    starts: u32,
    next: u32,
}

/// What a client holds and is to hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) group: GroupId,
    /// What it was told last, and how much of it; none for nothing.
    pub(super) label: Version,
    pub(super) base_cut: Cut,
    /// How much it is to hold.
    pub(super) cut: Cut,
    /// The version that it then has.
    pub(super) now: Version,
    /// True where it may hold something that is not known, so that even nothing has to be told.
    pub(super) doubted: bool,
}

/// The sections written in this tick.
#[derive(Debug)]
pub(super) struct Sections {
    /// The first section of each group.
    first: Vec<u32>,
    touched: Vec<GroupId>,
    shared: Vec<Shared>,
    shares: Vec<Share>,
    starts: Vec<u32>,
}

impl Default for Sections {
    fn default() -> Sections {
        Sections {
            first: vec![NIL; GROUPS],
            touched: Vec::new(),
            shared: Vec::new(),
            shares: Vec::new(),
            starts: Vec::new(),
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
        self.starts.clear();
    }

    /// The section that fulfils `wish`; `None` where there is nothing to tell.
    pub(super) fn get(&mut self, wish: &Wish, history: &History) -> Option<Written> {
        let now = history.latest()?;
        let kept = wish.cut.of(wish.group, &now.things);
        match history.base(wish.label).filter(|_| wish.label.is_some()) {
            Some((content, direct)) => {
                let held = Held { content, direct, kept: wish.base_cut.of(wish.group, &content.things) };
                if content.version == now.version && held.kept == kept {
                    return None;
                }
                let written = self.section(wish, Some(held), now, kept);
                if written.bits <= SECTION_BITS_MAX {
                    return Some(written);
                }
            }
            None if kept.is_empty() && !wish.doubted => return None,
            None => {}
        }
        Some(self.section(wish, None, now, kept))
    }

    fn section(&mut self, wish: &Wish, held: Option<Held>, now: &Content, kept: Kept) -> Written {
        let base = held.map_or(Base::None, |held| Base::Held { version: wish.label, direct: held.direct });
        let title = Title { group: wish.group, base, version: wish.now };
        let had_all = held.is_none_or(|held| held.kept == Kept::all(held.content.things.len()));
        let (check, bits, shares) = if had_all && kept == Kept::all(now.things.len()) {
            let shared = self.shared(title, held, now);
            (shared.check, shared.bits, shared.shares)
        } else {
            self.part(title, held, now, kept)
        };
        let (base_whole, whole) = (wish.base_cut == Cut::Whole, wish.cut == Cut::Whole);
        Written { title, check, bits, base_whole, whole, is_empty: kept.is_empty(), shares }
    }

    /// What leads from all of a content to all of `now`, worked out once.
    fn shared(&mut self, title: Title, held: Option<Held>, now: &Content) -> Shared {
        let from_version = |held: Held| if held.direct { held.content.version } else { title.base.version() };
        let from = held.map_or(Version::NONE, from_version);
        let mut at = self.first[title.group.index()];
        if at == NIL {
            self.touched.push(title.group);
        }
        while at != NIL {
            let shared = self.shared[at as usize];
            if shared.from == from {
                return shared;
            }
            at = shared.next;
        }
        self.share(title, from, held.map(|held| held.content), now)
    }

    fn share(&mut self, title: Title, from: Version, was: Option<&Content>, now: &Content) -> Shared {
        let old = was.map_or(&[][..], |was| &was.things);
        let (start, first) = (self.shares.len(), self.starts.len());
        let starts = &mut self.starts;
        write_changes(title, old, &now.things, &mut self.shares, |at| starts.push(at as u32));
        self.starts.push(self.shares.len() as u32);
        write_added(title.group, added(old, &now.things), &mut self.shares);
        let shared = Shared {
            from,
            bits: cost(&self.shares[start..]),
            check: check_of(title.group, now.sums.iter().copied()),
            shares: Span { start: start as u32, end: self.shares.len() as u32 },
            starts: first as u32,
            next: self.first[title.group.index()],
        };
        self.first[title.group.index()] = self.shared.len() as u32;
        self.shared.push(shared);
        shared
    }

    /// The same for a client that holds a part of the group, or is to hold one: the sum, the cost, the shares.
    fn part(&mut self, title: Title, held: Option<Held>, now: &Content, kept: Kept) -> (u16, usize, Span) {
        let shared = held.map(|held| (held, self.shared(title, Some(held), now).starts as usize));
        let start = self.shares.len();
        let mut went_on = Kept::all(0);
        if let Some((held, starts)) = shared {
            let mut next = 0;
            for i in held.kept.iter() {
                let was = &held.content.things[i];
                next += now.things[next..].iter().take_while(|e| e.id < was.id).count();
                if kept.has(next) && now.things[next].is_same_thing(was) {
                    went_on.insert(next);
                    let span = self.starts[starts + i] as usize..self.starts[starts + i + 1] as usize;
                    self.shares.extend_from_within(span);
                } else {
                    write_gone(was, held.direct, &mut self.shares);
                }
            }
        }
        let added = kept.without(went_on).iter().map(|i| &now.things[i]);
        write_added(title.group, added, &mut self.shares);
        let shares = Span { start: start as u32, end: self.shares.len() as u32 };
        (check_of(title.group, kept.iter().map(|i| now.sums[i])), cost(&self.shares[start..]), shares)
    }

    /// Writes the body of `written`.
    pub(super) fn put(&self, written: &Written, out: &mut RangeWriter) {
        let Span { start, end } = written.shares;
        self.shares[start as usize..end as usize].iter().for_each(|share| out.put_share(*share));
    }
}

fn cost(shares: &[Share]) -> usize {
    shares.iter().map(|share| share.cost() as usize).sum::<usize>() / 16 + 1
}
