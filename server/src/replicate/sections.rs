//! Sections of the present tick, each worked out once for all clients that hold its base: a list of
//! shares that the range coder takes.

use gamera_protocol::entropy::{RangeWriter, Share, Shares};
use gamera_protocol::snapshot::Version;
use gamera_protocol::snapshot::group::{GROUPS, GroupId};
use gamera_protocol::snapshot::section::{Base, Entry, Title, write_body};

use crate::replicate::history::History;

/// A section larger than this would not leave room for a datagram's head.
pub(super) const SECTION_BITS_MAX: usize = 8_000;

/// End of a group's list.
const NIL: u32 = u32::MAX;

/// A section as it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) title: Title,
    pub(super) check: u16,
    /// What the body costs, rounded up.
    pub(super) bits: usize,
    start: usize,
    len: usize,
    /// What was asked for: the base may be none where that is not known any more.
    asked: Version,
    next: u32,
}

/// The sections written in this tick.
#[derive(Debug)]
pub(super) struct Sections {
    /// The first section of each group.
    first: Vec<u32>,
    touched: Vec<GroupId>,
    written: Vec<Written>,
    shares: Vec<Share>,
}

impl Default for Sections {
    fn default() -> Sections {
        Sections { first: vec![NIL; GROUPS], touched: Vec::new(), written: Vec::new(), shares: Vec::new() }
    }
}

impl Sections {
    /// Forgets all: a new tick has come.
    pub(super) fn clear(&mut self) {
        for group in self.touched.drain(..) {
            self.first[group.index()] = NIL;
        }
        self.written.clear();
        self.shares.clear();
    }

    /// The section that leads `group` from `asked` to its present version.
    pub(super) fn get(&mut self, group: GroupId, asked: Version, history: &History) -> Option<Written> {
        let mut at = self.first[group.index()];
        if at == NIL {
            self.touched.push(group);
        }
        while at != NIL {
            let written = self.written[at as usize];
            if written.asked == asked {
                return Some(written);
            }
            at = written.next;
        }
        self.write(group, asked, history)
    }

    fn write(&mut self, group: GroupId, asked: Version, history: &History) -> Option<Written> {
        let now = history.latest()?;
        let start = self.shares.len();
        let mut title = Title { group, base: Base::None, version: now.version };
        let mut bits = usize::MAX;
        if let Some((held, direct)) = history.base(asked) {
            title.base = Base::Held { version: asked, direct };
            bits = self.write_from(title, &held.things, &now.things);
        }
        if bits > SECTION_BITS_MAX {
            self.shares.truncate(start);
            title.base = Base::None;
            bits = self.write_from(title, &[], &now.things);
        }
        debug_assert!(bits <= SECTION_BITS_MAX, "a group is cut to what fits a datagram");
        let next = self.first[group.index()];
        let len = self.shares.len() - start;
        let written = Written { title, check: now.check, bits, start, len, asked, next };
        self.first[group.index()] = self.written.len() as u32;
        self.written.push(written);
        Some(written)
    }

    /// Works a section out; returns what it costs.
    fn write_from(&mut self, title: Title, old: &[Entry], new: &[Entry]) -> usize {
        let start = self.shares.len();
        write_body(title, old, new, &mut self.shares);
        let cost: u32 = self.shares[start..].iter().map(|share| share.cost()).sum();
        cost as usize / 16 + 1
    }

    /// Writes the body of `written`.
    pub(super) fn put(&self, written: &Written, out: &mut RangeWriter) {
        self.shares[written.start..][..written.len].iter().for_each(|share| out.put_share(*share));
    }
}
