//! What a section starts from, and the list that leads a datagram's sections: which groups, and from
//! what to what. The list can be read whatever the reader holds.

use crate::entropy::{Model, NUMBER, RangeReader, Shares, number_model};
use crate::snapshot::group::GroupId;
use crate::snapshot::{SECTIONS_MAX, SnapshotError, Version, Window};

static COUNT: Model<NUMBER> = number_model(6);
static GAP: Model<NUMBER> = Model::new([
    620, 190, 90, 50, 25, 12, 6, 3, 3, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
static START: Model<6> = Model::new([860, 100, 20, 20, 60, 4]);
static LATE: Model<NUMBER> = number_model(0);
static AGE: Model<NUMBER> = number_model(2);
static ROUGH_AGE: Model<NUMBER> = number_model(2);

/// The usual start: from the version of one tick ago to this tick's, all in one step.
const USUAL: usize = 0;
/// From the version before.
const DIRECT: usize = 1;
/// From a version further back.
const HELD: usize = 2;
/// From none.
const NONE: usize = 3;
/// To this tick's version, of what is told of roughly then; from any version, and from none.
const ROUGH: usize = 4;
const ROUGH_NONE: usize = 5;

/// What a section starts from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Base {
    /// Nothing: the section is the whole group.
    None,
    /// A version that the client holds.
    Held {
        /// Which.
        version: Version,
        /// True where it is the one before: all change happened in one tick.
        direct: bool,
    },
}

impl Base {
    /// The version started from; [`Version::NONE`] for none.
    #[inline]
    #[must_use]
    pub const fn version(self) -> Version {
        match self {
            Base::None => Version::NONE,
            Base::Held { version, .. } => version,
        }
    }

    fn write_rough(self, version: Version, out: &mut impl Shares) {
        out.put_symbol(if self == Base::None { ROUGH_NONE } else { ROUGH }, &START);
        if self != Base::None {
            out.put_number(version.0 - self.version().0 - 1, &ROUGH_AGE);
        }
    }

    fn write(self, version: Version, now: Version, out: &mut impl Shares) {
        let age = version.0 - self.version().0;
        let start = match self {
            Base::Held { direct: true, .. } if version == now && age == 1 => USUAL,
            Base::Held { direct: true, .. } => DIRECT,
            Base::Held { direct: false, .. } => HELD,
            Base::None => NONE,
        };
        out.put_symbol(start, &START);
        if start != USUAL {
            out.put_number(now.0 - version.0, &LATE);
        }
        if start == DIRECT || start == HELD {
            out.put_number(age - 1, &AGE);
        }
    }

    /// The version led to, what from, and whether what is there is told of roughly then.
    fn read(now: Version, r: &mut RangeReader, bytes: &[u8]) -> Result<(Version, Base, bool), SnapshotError> {
        let earlier = |from: Version, age: u32| match from.0.checked_sub(age) {
            Some(version) if version > 0 => Ok(Version(version)),
            _ => Err(SnapshotError::OutOfRange("version")),
        };
        let start = r.symbol(&START, bytes);
        if start == USUAL {
            return Ok((now, Base::Held { version: earlier(now, 1)?, direct: true }, false));
        }
        if start == ROUGH_NONE {
            return Ok((now, Base::None, true));
        }
        if start == ROUGH {
            let age = r.number(&ROUGH_AGE, bytes).saturating_add(1);
            return Ok((now, Base::Held { version: earlier(now, age)?, direct: false }, true));
        }
        let version = earlier(now, r.number(&LATE, bytes))?;
        if start == NONE {
            return Ok((version, Base::None, false));
        }
        let age = r.number(&AGE, bytes).saturating_add(1);
        Ok((version, Base::Held { version: earlier(version, age)?, direct: start == DIRECT }, false))
    }
}

/// What one section is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Title {
    /// The group.
    pub group: GroupId,
    /// What it starts from.
    pub base: Base,
    /// What it leads to.
    pub version: Version,
    /// True where what is there is told of roughly: then it leads to the version of its tick.
    pub rough: bool,
}

/// Bits of the list's head at most.
pub const LIST_BITS_MAX: usize = 32;
/// Bits that room is kept for, for a title at most, and for one from the version of the tick before.
pub const TITLE_BITS_MAX: usize = 30;
const TITLE_BITS_USUAL: usize = 10;

impl Title {
    /// Bits that it takes in a list, as a rule.
    #[inline]
    #[must_use]
    pub fn bits(&self, now: Version) -> usize {
        let is_usual = self.base == (Base::Held { version: Version(now.0.saturating_sub(1)), direct: true });
        if is_usual && self.version == now && !self.rough { TITLE_BITS_USUAL } else { TITLE_BITS_MAX }
    }
}

/// Sorts what stands in the window's order as the sections of a datagram of `now` follow: those from older
/// bases first, for what a reader lacks is as a rule young, and where it lacks a base it can read no
/// further. `aside` is memory.
pub fn sort_as_they_follow<T: Copy>(list: &mut Vec<T>, aside: &mut Vec<T>, now: Version, title: impl Fn(&T) -> Title) {
    let is_old = |item: &T| title(item).base.version().0 + 1 < now.0;
    if !list.iter().any(is_old) {
        return;
    }
    aside.clear();
    // Nearly all start from the youngest base there can be.
    list.retain(|item| {
        let is_old = is_old(item);
        if !is_old {
            aside.push(*item);
        }
        is_old
    });
    list.sort_by_key(|item| title(item).base.version());
    list.extend_from_slice(aside);
}

/// Writes the list of a datagram of `now`; the titles stand in the window's order.
pub fn write_list(titles: impl ExactSizeIterator<Item = Title>, window: Window, now: Version, out: &mut impl Shares) {
    out.put_number(titles.len() as u32, &COUNT);
    let mut next = 0;
    for title in titles {
        let order = window.order_of(title.group);
        out.put_number(order - next, &GAP);
        next = order + 1;
        if title.rough {
            debug_assert!(title.version == now, "what is told of roughly is told as of now");
            title.base.write_rough(now, out);
        } else {
            title.base.write(title.version, now, out);
        }
    }
}

/// Reads what [`write_list`] wrote, into `titles`, and sorts it as the sections follow; `aside` is memory.
///
/// # Errors
/// When it holds what no writer writes.
pub fn read_list(
    titles: &mut Vec<Title>,
    aside: &mut Vec<Title>,
    window: Window,
    now: Version,
    r: &mut RangeReader,
    bytes: &[u8],
) -> Result<(), SnapshotError> {
    titles.clear();
    let count = r.number(&COUNT, bytes);
    if count as usize > SECTIONS_MAX {
        return Err(SnapshotError::OutOfRange("number of sections"));
    }
    let mut next = 0_u32;
    for _ in 0..count {
        let order = next.saturating_add(r.number(&GAP, bytes));
        let group = window.group_at(order).ok_or(SnapshotError::OutOfRange("group"))?;
        next = order.saturating_add(1);
        let (version, base, rough) = Base::read(now, r, bytes)?;
        titles.push(Title { group, base, version, rough });
    }
    sort_as_they_follow(titles, aside, now, |title| *title);
    Ok(())
}
