//! A datagram's sections as a client reads them: now, as far as it holds the bases, and the rest when
//! those have come.

use crate::bits::BitReader;
use crate::entropy::RangeReader;
use crate::snapshot::section::{Title, read_list};
use crate::snapshot::{Header, SnapshotError, Version};

/// The sections of one datagram.
#[derive(Clone, Debug, Default)]
pub(super) struct Sections {
    pub(super) sequence: u32,
    /// What they are about, as they follow.
    pub(super) titles: Vec<Title>,
    /// Memory to sort them.
    aside: Vec<Title>,
    /// The first that is not read yet.
    pub(super) next: usize,
    pub(super) reader: RangeReader,
    pub(super) bytes: Vec<u8>,
    /// Sum over the groups that were rebuilt so far.
    pub(super) sum: u16,
    /// What the sum is to be in the end.
    pub(super) wanted_sum: u16,
    /// True where all that was read could also be applied, so that the sums can be compared.
    pub(super) is_whole: bool,
}

impl Sections {
    /// Reads the list; `r` stands behind the head of the datagram `bytes`. The memory of what was here
    /// before is kept.
    pub(super) fn open(
        &mut self,
        header: &Header,
        sequence: u32,
        r: &BitReader<'_>,
        bytes: &[u8],
    ) -> Result<(), SnapshotError> {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.reader = RangeReader::new(r, bytes);
        self.sequence = sequence;
        (self.next, self.sum, self.wanted_sum, self.is_whole) = (0, 0, header.check, true);
        let now = Version::at(header.tick);
        read_list(&mut self.titles, &mut self.aside, header.window, now, &mut self.reader, bytes)
    }
}
