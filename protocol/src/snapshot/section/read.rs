//! Reads a section: the very mirror of the writer.

use crate::entropy::RangeReader;
use crate::ids::{Kind, Layer, NetId, SeatId};
use crate::snapshot::SnapshotError;
use crate::snapshot::group::GROUP_THINGS_MAX;
use crate::snapshot::section::leap::{Leap, Off};
use crate::snapshot::section::pace::Pace;
use crate::snapshot::section::{Base, Entry, KIND_BITS, SEAT_BITS, Title, models, rough};
use crate::view::Marks;

/// A reader with its bytes.
struct Reader<'a> {
    r: &'a mut RangeReader,
    bytes: &'a [u8],
}

/// Reads the section of `title`, and puts what the group holds after it into `out`; `old` is the content
/// of the base, and is not looked at where there is none.
///
/// # Errors
/// When the bits hold what no writer writes.
pub fn read_body(
    title: Title,
    old: &[Entry],
    r: &mut RangeReader,
    bytes: &[u8],
    out: &mut Vec<Entry>,
) -> Result<(), SnapshotError> {
    out.clear();
    let mut reader = Reader { r, bytes };
    if let Base::Held { version, direct } = title.base {
        let leap = Leap::new(title.group, title.version, version);
        for was in old {
            let now = match direct {
                _ if title.rough => reader.rough(was, title.version.0.saturating_sub(version.0), leap.limit)?,
                true => reader.step(was, leap.limit)?,
                false => reader.leap(was, leap)?,
            };
            out.extend(now);
        }
    }
    let added = reader.r.number(&models::ADDED, bytes) as usize;
    if out.len().saturating_add(added) > GROUP_THINGS_MAX {
        return Err(SnapshotError::OutOfRange("number of things"));
    }
    let mut last = None;
    for _ in 0..added {
        let entry = reader.entry(title.group.coordinate_bits(), last)?;
        last = Some(entry.id);
        out.push(entry);
    }
    if added > 0 {
        out.sort_unstable_by_key(|e| e.id);
        if out.windows(2).any(|pair| pair[0].id == pair[1].id) {
            return Err(SnapshotError::OutOfRange("id"));
        }
    }
    Ok(())
}

/// A coordinate of a group.
fn coordinate(expected: i32, off: i32, limit: i32) -> Result<u16, SnapshotError> {
    let at = expected.saturating_add(off);
    if (0..=limit).contains(&at) { Ok(at as u16) } else { Err(SnapshotError::OutOfRange("place")) }
}

impl Reader<'_> {
    /// How a thing goes on in one tick; `None` where it is gone.
    fn step(&mut self, was: &Entry, limit: i32) -> Result<Option<Entry>, SnapshotError> {
        let model = models::step(was.pace.mood());
        let mut symbol = self.r.symbol(model, self.bytes);
        let other = symbol == models::STEP_OTHER;
        if other {
            symbol = self.r.symbol(model, self.bytes);
        }
        let mut now = *was;
        match symbol {
            models::STEP_GONE if !other => return Ok(None),
            models::STEP_GONE | models::STEP_OTHER => return Err(SnapshotError::OutOfRange("step")),
            models::STEP_HALT => now.pace = Pace::default(),
            _ => self.moved(was, symbol, limit, &mut now)?,
        }
        if other {
            self.other(&mut now)?;
        }
        Ok(Some(now))
    }

    fn moved(&mut self, was: &Entry, symbol: usize, limit: i32, now: &mut Entry) -> Result<(), SnapshotError> {
        let (off_x, off_y) = if symbol == models::STEP_FAR {
            (self.r.signed(&models::FAR, self.bytes), self.r.signed(&models::FAR, self.bytes))
        } else {
            let pair = symbol as i32;
            (pair % models::STEP_SIDE - models::STEP_MAX, pair / models::STEP_SIDE - models::STEP_MAX)
        };
        let (x, y) = was.expected(1, limit);
        (now.x, now.y) = (coordinate(x, off_x, limit)?, coordinate(y, off_y, limit)?);
        let last = (i32::from(now.x) - i32::from(was.x), i32::from(now.y) - i32::from(was.y));
        now.pace = was.pace.after(last.0, last.1);
        now.heading = self.turn(was.heading, now.pace, last);
        Ok(())
    }

    fn turn(&mut self, was: u8, pace: Pace, last: (i32, i32)) -> u8 {
        let facing = super::facing(was, pace, last);
        match self.r.symbol(facing.model, self.bytes) {
            models::TURN_FAR => self.r.raw(8, self.bytes) as u8,
            models::TURN_AS_WAS => was,
            turn => facing.way.wrapping_add((turn as i32 - models::TURN_MAX) as u8),
        }
    }

    /// How a thing that is told of roughly goes on; `None` where it is gone.
    fn rough(&mut self, was: &Entry, ticks: u32, limit: i32) -> Result<Option<Entry>, SnapshotError> {
        let (mut now, other) = match rough::read(was, ticks, limit, self.r, self.bytes)? {
            rough::Read::Gone => return Ok(None),
            rough::Read::Expected { now, other } => (now, other),
            rough::Read::Moved { mut now, other } => {
                now.heading = self.turn(was.heading, now.pace, super::last_step(now.pace));
                (now, other)
            }
        };
        if other {
            self.other(&mut now)?;
        }
        Ok(Some(now))
    }

    /// How a thing goes on in more than one tick; `None` where it is gone.
    fn leap(&mut self, was: &Entry, leap: Leap) -> Result<Option<Entry>, SnapshotError> {
        let model = models::leap(was.pace.mood());
        let mut symbol = self.r.symbol(model, self.bytes);
        let other = symbol == models::LEAP_OTHER;
        if other {
            symbol = self.r.symbol(model, self.bytes);
        }
        let mut now = *was;
        match symbol {
            models::LEAP_GONE if !other => return Ok(None),
            models::LEAP_GONE | models::LEAP_OTHER => return Err(SnapshotError::OutOfRange("leap")),
            models::LEAP_MOVED => self.leapt(was, leap, &mut now)?,
            _ => leap.land(was, Off::default(), &mut now)?,
        }
        if other {
            self.other(&mut now)?;
        }
        Ok(Some(now))
    }

    fn leapt(&mut self, was: &Entry, leap: Leap, now: &mut Entry) -> Result<(), SnapshotError> {
        let model = models::off(leap.ticks);
        let (x, y) = (self.r.signed(model, self.bytes), self.r.signed(model, self.bytes));
        let (vx, vy) = (self.r.signed(&models::SPEED_OFF, self.bytes), self.r.signed(&models::SPEED_OFF, self.bytes));
        let (ax, ay) = (self.r.signed(&models::CHANGE_OFF, self.bytes), self.r.signed(&models::CHANGE_OFF, self.bytes));
        leap.land(was, Off { x, y, vx, vy, ax, ay, turned: false }, now)?;
        now.heading = self.turn(was.heading, now.pace, super::last_step(now.pace));
        Ok(())
    }

    fn other(&mut self, now: &mut Entry) -> Result<(), SnapshotError> {
        let what = self.r.symbol(&models::OTHER, self.bytes) + 1;
        if what & models::OTHER_HEALTH != 0 {
            now.health = now.health.wrapping_add(self.r.signed(&models::HEALTH, self.bytes) as u8);
        }
        if what & models::OTHER_MARKS != 0 {
            now.marks = match self.r.symbol(&models::MARKS, self.bytes) {
                models::MARKS_MORE => Marks(self.r.raw(8, self.bytes) as u8),
                one => Marks(now.marks.0 ^ 1 << one),
            };
        }
        if what & models::OTHER_LAYER != 0 {
            now.layer = self.layer()?;
        }
        Ok(())
    }

    fn layer(&mut self) -> Result<Layer, SnapshotError> {
        let index = self.r.symbol(&models::LAYERS, self.bytes);
        Layer::from_index(index).ok_or(SnapshotError::OutOfRange("layer"))
    }

    fn entry(&mut self, coordinate_bits: u32, last: Option<NetId>) -> Result<Entry, SnapshotError> {
        let id = match last {
            None => self.r.raw(16, self.bytes),
            Some(last) => self.r.number(&models::ID_STEP, self.bytes).saturating_add(u32::from(last.0) + 1),
        };
        let id = NetId(u16::try_from(id).map_err(|_| SnapshotError::OutOfRange("id"))?);
        let kind = match self.r.symbol(&models::IS_SOLDIER, self.bytes) {
            1 => Some(Kind::Soldier),
            _ => Kind::from_index(self.r.raw(KIND_BITS, self.bytes) as usize),
        };
        let kind = kind.ok_or(SnapshotError::OutOfRange("kind"))?;
        let layer = self.layer()?;
        let (x, y) = (self.r.raw(coordinate_bits, self.bytes) as u16, self.r.raw(coordinate_bits, self.bytes) as u16);
        let pace = self.pace()?;
        let heading = if pace.is_still() {
            self.r.raw(8, self.bytes) as u8
        } else {
            self.turn(pace.way_on(), pace, super::last_step(pace))
        };
        let is_whole = self.r.symbol(&models::IS_WHOLE, self.bytes) == 1;
        let health = if is_whole { u8::MAX } else { self.r.raw(8, self.bytes) as u8 };
        let marks = self.marks();
        let has_seat = self.r.symbol(&models::HAS_SEAT, self.bytes) == 1;
        let seat = has_seat.then(|| SeatId(self.r.raw(SEAT_BITS, self.bytes) as u16));
        Ok(Entry { id, x, y, pace, heading, health, marks, kind, layer, seat })
    }

    fn pace(&mut self) -> Result<Pace, SnapshotError> {
        match self.r.symbol(&models::PACE, self.bytes) {
            models::PACE_STILL => return Ok(Pace::default()),
            models::PACE_FRESH => return Ok(Pace::FRESH),
            _ => {}
        }
        let (vx, vy) = (self.r.signed(&models::SPEED, self.bytes), self.r.signed(&models::SPEED, self.bytes));
        let (ax, ay) = (self.r.signed(&models::CHANGE, self.bytes), self.r.signed(&models::CHANGE, self.bytes));
        Pace::told(vx, vy, ax, ay).ok_or(SnapshotError::OutOfRange("speed"))
    }

    fn marks(&mut self) -> Marks {
        match self.r.symbol(&models::MARKS_NEW, self.bytes) {
            models::MARKS_NEW_NONE => Marks(0),
            models::MARKS_NEW_MORE => Marks(self.r.raw(8, self.bytes) as u8),
            one => Marks(1 << one),
        }
    }
}
