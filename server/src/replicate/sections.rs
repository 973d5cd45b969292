//! Sections of the present tick, each written once for all clients that hold its base.

use gamera_protocol::bits::BitWriter;
use gamera_protocol::snapshot::Version;
use gamera_protocol::snapshot::group::{GROUPS, GroupId};
use gamera_protocol::snapshot::section::{Base, write_body};

use crate::replicate::history::History;

/// A section larger than this would not leave room for a datagram's head.
pub(super) const SECTION_BITS_MAX: usize = 8_000;

/// End of a group's list.
const NIL: u32 = u32::MAX;

/// A section as it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) base: Base,
    pub(super) version: Version,
    pub(super) check: u16,
    pub(super) bits: usize,
    start: usize,
    /// What was asked for: `base` may be none where that is not known any more.
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
    bytes: Vec<u8>,
    writer: BitWriter,
}

impl Default for Sections {
    fn default() -> Sections {
        Sections {
            first: vec![NIL; GROUPS],
            touched: Vec::new(),
            written: Vec::new(),
            bytes: Vec::new(),
            writer: BitWriter::new(),
        }
    }
}

impl Sections {
    /// Forgets all: a new tick has come.
    pub(super) fn clear(&mut self) {
        for group in self.touched.drain(..) {
            self.first[group.index()] = NIL;
        }
        self.written.clear();
        self.bytes.clear();
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
        let mut base = Base::None;
        let start = self.bytes.len();
        if let Some((held, direct)) = history.base(asked) {
            base = Base::Held { version: asked, direct };
            write_body(group, now.version, base, &held.things, &now.things, &mut self.writer);
        }
        if base == Base::None || self.writer.len_bits() > SECTION_BITS_MAX {
            self.writer.clear();
            base = Base::None;
            write_body(group, now.version, base, &[], &now.things, &mut self.writer);
        }
        let bits = self.writer.drain_into(&mut self.bytes);
        debug_assert!(bits <= SECTION_BITS_MAX, "a group is cut to what fits a datagram");
        let next = self.first[group.index()];
        let written = Written { base, version: now.version, check: now.check, bits, start, asked, next };
        self.first[group.index()] = self.written.len() as u32;
        self.written.push(written);
        Some(written)
    }

    /// Appends the body of `written`.
    pub(super) fn append(&self, written: &Written, w: &mut BitWriter) {
        w.append(&self.bytes[written.start..], written.bits);
    }
}
