//! What one group was in the last ticks: the bases that a section can start from.

use std::collections::VecDeque;

use gamera_protocol::snapshot::Version;
use gamera_protocol::snapshot::section::Entry;

/// A version can be a base for this many ticks after it was followed by another.
pub(super) const BASE_TICKS: u32 = 32;

/// A group's content at one version.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) version: Version,
    pub(super) things: Vec<Entry>,
    /// Each thing's sum.
    pub(super) sums: Vec<u64>,
}

impl Content {
    /// True where its memory holds so many things, and not many more: of a crowd that has gone nothing is kept.
    fn is_worth_keeping(&self, things: usize) -> bool {
        let capacity = self.things.capacity();
        capacity >= things && capacity <= things + things / 2 + 4
    }
}

/// A group's last versions, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    versions: VecDeque<Content>,
}

impl History {
    /// The present content; `None` where there never was any.
    pub(super) fn latest(&self) -> Option<&Content> {
        self.versions.back()
    }

    /// The present version; none where there never was any content.
    pub(super) fn version(&self) -> Version {
        self.versions.back().map_or(Version::NONE, |c| c.version)
    }

    /// True where the group holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.versions.back().is_none_or(|c| c.things.is_empty())
    }

    /// The content that was the present one at `label`, if it is still known, and whether no more than
    /// one change has come since.
    pub(super) fn base(&self, label: Version) -> Option<(&Content, bool)> {
        // As a rule it is one of the last two.
        let last = self.versions.len();
        let young = (last.saturating_sub(2)..last).rev().find(|at| self.versions[*at].version <= label);
        let at = young.or_else(|| self.versions.partition_point(|c| c.version <= label).checked_sub(1))?;
        Some((&self.versions[at], at + 2 >= self.versions.len()))
    }

    /// Takes what the group holds now; returns true where that is a change.
    pub(super) fn update(&mut self, now: Version, things: &[Entry]) -> bool {
        let before = self.versions.back().map_or(&[][..], |c| &c.things);
        if before == things {
            return false;
        }
        let mut content = self.outdated(now).filter(|old| old.is_worth_keeping(things.len())).unwrap_or_default();
        content.version = now;
        content.sums.clear();
        content.sums.reserve_exact(things.len());
        content.sums.extend(things.iter().map(Entry::sum));
        content.things.clear();
        content.things.reserve_exact(things.len());
        content.things.extend_from_slice(things);
        self.versions.push_back(content);
        true
    }

    /// Lets go of what cannot be a base any more, and of memory that a group needs no more which is quiet now.
    pub(super) fn rest(&mut self, now: Version) {
        self.outdated(now);
        if self.versions.len() == 1 {
            self.versions[0].things.shrink_to_fit();
            self.versions[0].sums.shrink_to_fit();
            self.versions.shrink_to_fit();
        }
    }

    /// Things that there is memory for.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.versions.iter().map(|content| content.things.capacity()).sum()
    }

    /// Takes out what cannot be a base any more; the last of it is handed on for its memory.
    fn outdated(&mut self, now: Version) -> Option<Content> {
        let mut out = None;
        while self.versions.get(1).is_some_and(|next| next.version.0 + BASE_TICKS < now.0) {
            out = self.versions.pop_front();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::ids::{Kind, Layer, NetId};
    use gamera_protocol::snapshot::section::Pace;
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

    #[test]
    fn a_version_is_a_base_for_as_long_as_promised_and_no_longer() {
        let mut history = History::default();
        for tick in 1..=100 {
            assert!(history.update(Version(tick), &content(tick as u16)));
        }
        assert!(history.base(Version(100 - BASE_TICKS)).is_some());
        assert!(history.base(Version(100 - BASE_TICKS - 2)).is_none());
        assert!(history.base(Version(101)).is_some_and(|(content, direct)| direct && content.version == Version(100)));
        assert!(history.base(Version(99)).is_some_and(|(_, direct)| direct));
        assert!(history.base(Version(98)).is_some_and(|(_, direct)| !direct));
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
                history.update(Version(tick), &entries);
            }
            tick
        };
        update(&mut history, 200, &crowd);
        assert_eq!(history.capacity(), 100 * (BASE_TICKS as usize + 2), "as much as the bases need");
        update(&mut history, 2 * BASE_TICKS, &crowd[..10]);
        assert!(history.capacity() <= 20 * (BASE_TICKS as usize + 2), "{}", history.capacity());
        let tick = update(&mut history, 1, &[]);
        history.rest(Version(tick + BASE_TICKS));
        assert!(history.base(Version(tick - 1)).is_some_and(|(content, _)| content.things.len() == 10));
        history.rest(Version(tick + BASE_TICKS + 1));
        assert_eq!((history.capacity(), history.version()), (0, Version(tick)));
    }

    #[test]
    fn what_does_not_change_keeps_its_version_and_stays_a_base_when_it_does() {
        let mut history = History::default();
        assert!(history.update(Version(5), &content(1)));
        assert!(!history.update(Version(500), &content(1)));
        assert_eq!(history.version(), Version(5));
        assert!(history.update(Version(501), &[]));
        assert!(history.base(Version(5)).is_some_and(|(_, direct)| direct));
    }
}
