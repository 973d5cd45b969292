//! The delta of one group from a base to a newer version.
//!
//! | part | code | meaning |
//! |---|---|---|
//! | versions | `1` | this tick's, from the version of one tick ago |
//! | | `0`, Golomb 0 | else how many ticks old the new version is; then |
//! | | `1`, Golomb 2 | from the version before, so many ticks older |
//! | | `01`, Golomb 1 | from a version further back |
//! | | `00` | from none |
//! | things of the base | Golomb 1 | with a base; lets a reader who lacks the base pass on |
//! | for each of them | `STEPS` | after one tick: by how much it moved otherwise than predicted, or gone |
//! | | `0`, `10`, `110`, `111` | after more: moved, as predicted, changed otherwise, gone |
//! | new things | Golomb 0, list | sorted by id, whole |
//!
//! A thing is expected to go on with the displacement of its last tick. What is told is the
//! difference, and after more than one tick also the new displacement, so that the result is the
//! same by whatever way a client came to it: that is what lets one section serve all. A thing that
//! moves is expected to face where it goes.

use crate::bits::{BitReader, BitWriter, OutOfBits, PrefixCode};
use crate::ids::{Kind, Layer, NetId, SeatId};
use crate::measure::{Angle, Pos};
use crate::snapshot::group::{GROUP_THINGS_MAX, GroupId};
use crate::snapshot::{SnapshotError, Version};
use crate::view::{Marks, Thing};

/// Bits of a seat's number.
const SEAT_BITS: u32 = 11;
/// Bits of a kind's number.
const KIND_BITS: u32 = 5;
/// A displacement is predicted over this many ticks at most.
const PREDICT_TICKS_MAX: i32 = 32;

/// How a thing went on in one tick. The first 25 stand for a difference of -2 to 2 to the east and the
/// same to the north, row by row; the lengths follow what swarms were seen to do. A reader who lacks
/// the base passes on, so the code of a thing must not depend on what it was.
static STEPS: PrefixCode<29> = PrefixCode::new([
    9, 7, 6, 7, 9, //
    7, 5, 4, 5, 7, //
    6, 4, 4, 4, 6, //
    7, 4, 4, 4, 7, //
    9, 7, 6, 6, 9, //
    6, 5, 4, 2,
]);
/// The largest difference that a step stands for, and how many that makes on one axis.
const STEP_MAX: i32 = 2;
const STEP_SIDE: i32 = 2 * STEP_MAX + 1;
/// A larger difference follows.
const STEP_FAR: usize = 25;
/// It is gone.
const STEP_GONE: usize = 26;
/// Another step follows, and what else has changed.
const STEP_OTHER: usize = 27;
/// As predicted, its heading too.
const STEP_REST: usize = 28;
/// Order of the code of a difference that is too large for a step.
const FAR_ORDER: u32 = 3;

/// One thing as a group holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The faction's id of it.
    pub id: NetId,
    /// East of the group's origin, 1/64 m.
    pub x: u16,
    /// North of the group's origin, 1/64 m.
    pub y: u16,
    /// Displacement in the last tick, 1/64 m, within an `i8`.
    pub vx: i8,
    /// The same to the north.
    pub vy: i8,
    /// One of 256 directions.
    pub heading: u8,
    /// Health left, 255 is whole.
    pub health: u8,
    /// Its marks.
    pub marks: Marks,
    /// What it is.
    pub kind: Kind,
    /// In which layer.
    pub layer: Layer,
    /// The seat that steers it, if one does.
    pub seat: Option<SeatId>,
}

impl Entry {
    /// The thing in a group.
    #[must_use]
    pub const fn thing(&self, group: GroupId) -> Thing {
        let origin = group.origin();
        Thing {
            id: self.id,
            kind: self.kind,
            layer: self.layer,
            pos: Pos::new(origin.x + self.x as i32, origin.y + self.y as i32),
            heading: self.heading,
            health: self.health,
            marks: self.marks,
            seat: self.seat,
        }
    }

    /// True where it is the same thing; what else may differ can be told as a change.
    fn is_same_thing(&self, other: &Entry) -> bool {
        self.id == other.id && self.kind == other.kind && self.seat == other.seat
    }

    fn predict(&self, ticks: i32, limit: i32) -> (i32, i32) {
        let along = |at: u16, v: i8| (i32::from(at) + i32::from(v) * ticks).clamp(0, limit);
        (along(self.x, self.vx), along(self.y, self.vy))
    }
}

/// A sum over a group's content; both sides have the same where they hold the same.
#[must_use]
pub fn check(group: GroupId, entries: &[Entry]) -> u16 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut h = u64::from(group.0).wrapping_add(1).wrapping_mul(K);
    for e in entries {
        let place = u64::from(e.id.0) | u64::from(e.x) << 16 | u64::from(e.y) << 32 | u64::from(e.heading) << 48;
        let seat = e.seat.map_or(u16::MAX, |s| s.0);
        let rest = u64::from(e.health)
            | u64::from(e.vx as u8) << 8
            | u64::from(e.vy as u8) << 16
            | u64::from(e.marks.0) << 24
            | (e.kind.index() as u64) << 32
            | (e.layer.index() as u64) << 40
            | u64::from(seat) << 48;
        h = (h ^ place).wrapping_mul(K).rotate_left(29);
        h = (h ^ rest).wrapping_mul(K).rotate_left(29);
    }
    (h.wrapping_mul(K) >> 48) as u16
}

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
    #[must_use]
    pub const fn version(self) -> Version {
        match self {
            Base::None => Version::NONE,
            Base::Held { version, .. } => version,
        }
    }

    /// Writes the versions of a section that leads from here to `version` in a datagram of `now`.
    pub fn write(self, version: Version, now: Version, w: &mut BitWriter) {
        let age = version.0 - self.version().0;
        let is_usual = version == now && age == 1 && matches!(self, Base::Held { direct: true, .. });
        w.put_bit(is_usual);
        if is_usual {
            return;
        }
        w.put_golomb(now.0 - version.0, 0);
        match self {
            Base::None => w.put(0, 2),
            Base::Held { direct: true, .. } => {
                w.put(1, 1);
                w.put_golomb(age - 1, 2);
            }
            Base::Held { direct: false, .. } => {
                w.put(0b10, 2);
                w.put_golomb(age - 1, 1);
            }
        }
    }

    fn read(now: Version, r: &mut BitReader<'_>) -> Result<(Version, Base), SnapshotError> {
        let earlier = |from: Version, age: u32| match from.0.checked_sub(age) {
            Some(version) if version > 0 => Ok(Version(version)),
            _ => Err(SnapshotError::OutOfRange("version")),
        };
        if r.get_bit()? {
            return Ok((now, Base::Held { version: earlier(now, 1)?, direct: true }));
        }
        let version = earlier(now, r.get_golomb(0)?)?;
        let (age, direct) = if r.get_bit()? {
            (r.get_golomb(2)?, true)
        } else if r.get_bit()? {
            (r.get_golomb(1)?, false)
        } else {
            return Ok((version, Base::None));
        };
        Ok((version, Base::Held { version: earlier(version, age.saturating_add(1))?, direct }))
    }
}

/// How motion is coded, by the age of the base.
#[derive(Clone, Copy)]
struct Motion {
    /// Ticks to predict over.
    ticks: i32,
    /// True where the new displacement follows from the two positions.
    direct: bool,
    /// Order of the code of a difference in place.
    order: u32,
    /// Largest coordinate.
    limit: i32,
}

impl Motion {
    fn new(group: GroupId, version: Version, base: Version, direct: bool) -> Motion {
        let age = if direct { 1 } else { (version.0 - base.0).min(PREDICT_TICKS_MAX as u32) as i32 };
        let order = match age {
            1 => 0,
            2 => 1,
            3..=4 => 2,
            5..=8 => 3,
            _ => 5,
        };
        Motion { ticks: age, direct, order, limit: (1 << group.coordinate_bits()) - 1 }
    }

    /// Order of the code of a difference in displacement, after more than one tick.
    const fn speed_order(self) -> u32 {
        if self.ticks > 8 { 1 } else { 0 }
    }

    /// Order of the code of a turn, after more than one tick.
    const fn turn_order(self) -> u32 {
        if self.ticks > 4 { 2 } else { 0 }
    }

    /// The displacement expected after the place was off by `error` from what was predicted.
    fn expect(self, v: i8, error: i32) -> i32 {
        i32::from(v) + error * 3 / (2 * self.ticks)
    }
}

/// Where a thing is expected to face that faced `was` and now moves so: where it goes, unless it is
/// one that looks elsewhere.
fn expect_heading(was: u8, vx: i8, vy: i8) -> u8 {
    /// Slower things say too little of a direction.
    const LEAST: i32 = 4;
    /// An eighth of a turn.
    const NEAR: u8 = 32;
    if i32::from(vx).abs() + i32::from(vy).abs() < LEAST {
        return was;
    }
    let way = heading_of(vx, vy);
    if (way.wrapping_sub(was) as i8).unsigned_abs() < NEAR { way } else { was }
}

/// Where a thing goes that moves so.
fn heading_of(vx: i8, vy: i8) -> u8 {
    Angle::of(vx.into(), vy.into()).to_byte()
}

/// The displacement told of a move by `distance` in one tick.
#[must_use]
pub const fn displacement(distance: i32) -> i8 {
    if distance > i8::MAX as i32 {
        i8::MAX
    } else if distance < i8::MIN as i32 {
        i8::MIN
    } else {
        distance as i8
    }
}

/// Writes what leads from `old` (the content of `base`) to `new`, the head apart. Both are sorted by
/// id. The bits are the same for every client that holds the base.
pub fn write_body(group: GroupId, version: Version, base: Base, old: &[Entry], new: &[Entry], w: &mut BitWriter) {
    let old = if base == Base::None { &[] } else { old };
    if let Base::Held { version: from, direct } = base {
        let motion = Motion::new(group, version, from, direct);
        w.put_golomb(old.len() as u32, 1);
        let mut next = 0;
        for was in old {
            next += new[next..].iter().take_while(|e| e.id < was.id).count();
            match new.get(next).filter(|now| now.is_same_thing(was)) {
                Some(now) => write_change(was, now, motion, w),
                None if direct => w.put_prefix(STEP_GONE, &STEPS),
                None => w.put(0b111, 3),
            }
        }
    }
    w.put_golomb(added(old, new).count() as u32, 0);
    let mut last = None;
    for entry in added(old, new) {
        write_entry(entry, group, last, w);
        last = Some(entry.id);
    }
}

/// What is in `new` and was not in `old`.
fn added<'a>(old: &'a [Entry], new: &'a [Entry]) -> impl Iterator<Item = &'a Entry> {
    let mut next = 0;
    new.iter().filter(move |e| {
        next += old[next..].iter().take_while(|o| o.id < e.id).count();
        old.get(next).is_none_or(|o| !o.is_same_thing(e))
    })
}

fn write_change(was: &Entry, now: &Entry, motion: Motion, w: &mut BitWriter) {
    let (px, py) = was.predict(motion.ticks, motion.limit);
    let (ex, ey) = (i32::from(now.x) - px, i32::from(now.y) - py);
    let turn = i32::from(now.heading.wrapping_sub(expect_heading(was.heading, now.vx, now.vy)) as i8);
    let other = now.health != was.health || now.marks != was.marks || now.layer != was.layer;
    if motion.direct {
        if other {
            w.put_prefix(STEP_OTHER, &STEPS);
        }
        write_step(ex, ey, turn, w);
    } else {
        let (vx, vy) = (motion.expect(was.vx, ex), motion.expect(was.vy, ey));
        let by = Move { x: ex, y: ey, vx: i32::from(now.vx) - vx, vy: i32::from(now.vy) - vy, turn, ..Move::default() };
        write_leap(&by, other, motion, w);
    }
    if other {
        write_other(was, now, w);
    }
}

/// Writes how a thing went on in one tick.
fn write_step(ex: i32, ey: i32, turn: i32, w: &mut BitWriter) {
    if (ex, ey, turn) == (0, 0, 0) {
        w.put_prefix(STEP_REST, &STEPS);
        return;
    }
    if ex.abs().max(ey.abs()) <= STEP_MAX {
        w.put_prefix(((ey + STEP_MAX) * STEP_SIDE + ex + STEP_MAX) as usize, &STEPS);
    } else {
        w.put_prefix(STEP_FAR, &STEPS);
        w.put_signed(ex, FAR_ORDER);
        w.put_signed(ey, FAR_ORDER);
    }
    w.put_signed(turn, 0);
}

/// Writes how a thing went on in more than one tick.
fn write_leap(by: &Move, other: bool, motion: Motion, w: &mut BitWriter) {
    let moved = [by.x, by.y, by.vx, by.vy, by.turn].iter().any(|part| *part != 0);
    if !moved && !other {
        w.put(0b01, 2);
        return;
    }
    w.put(if other { 0b011 } else { 0 }, if other { 3 } else { 1 });
    w.put_signed(by.x, motion.order);
    w.put_signed(by.y, motion.order);
    w.put_signed(by.vx, motion.speed_order());
    w.put_signed(by.vy, motion.speed_order());
    w.put_signed(by.turn, motion.turn_order());
}

fn write_other(was: &Entry, now: &Entry, w: &mut BitWriter) {
    w.put_bit(now.health != was.health);
    if now.health != was.health {
        w.put(u32::from(now.health), 8);
    }
    w.put_bit(now.marks != was.marks);
    if now.marks != was.marks {
        w.put(u32::from(now.marks.0), 8);
    }
    w.put_bit(now.layer != was.layer);
    if now.layer != was.layer {
        w.put(now.layer.index() as u32, 2);
    }
}

fn write_entry(e: &Entry, group: GroupId, last: Option<NetId>, w: &mut BitWriter) {
    match last {
        None => w.put(u32::from(e.id.0), 16),
        Some(last) => w.put_golomb(u32::from(e.id.0 - last.0) - 1, 6),
    }
    w.put_bit(e.kind == Kind::Soldier);
    if e.kind != Kind::Soldier {
        w.put(e.kind.index() as u32, KIND_BITS);
    }
    w.put_bit(e.layer == Layer::Surface);
    if e.layer != Layer::Surface {
        w.put_bit(e.layer == Layer::Sky);
    }
    w.put(u32::from(e.x), group.coordinate_bits());
    w.put(u32::from(e.y), group.coordinate_bits());
    let moving = e.vx != 0 || e.vy != 0;
    w.put_bit(moving);
    if moving {
        w.put_signed(i32::from(e.vx), 4);
        w.put_signed(i32::from(e.vy), 4);
    }
    let way = moving.then(|| heading_of(e.vx, e.vy));
    match way {
        Some(way) => w.put_signed(i32::from(e.heading.wrapping_sub(way) as i8), 1),
        None => w.put(u32::from(e.heading), 8),
    }
    write_unless(u32::from(e.health), 255, 8, w);
    write_unless(u32::from(e.marks.0), 0, 8, w);
    w.put_bit(e.seat.is_some());
    if let Some(seat) = e.seat {
        w.put(u32::from(seat.0), SEAT_BITS);
    }
}

/// One bit where `value` is the `usual` one, else also the value.
fn write_unless(value: u32, usual: u32, width: u32, w: &mut BitWriter) {
    w.put_bit(value != usual);
    if value != usual {
        w.put(value, width);
    }
}

fn read_unless(usual: u32, width: u32, r: &mut BitReader<'_>) -> Result<u32, OutOfBits> {
    if r.get_bit()? { r.get(width) } else { Ok(usual) }
}

/// A section as it was read, not yet applied: a reader needs no base to get this far.
#[derive(Clone, Debug)]
pub struct Section {
    /// The group.
    pub group: GroupId,
    /// What it starts from.
    pub base: Base,
    /// What it leads to.
    pub version: Version,
    changes: Vec<Change>,
    added: Vec<Entry>,
}

/// What becomes of one thing of the base.
#[derive(Clone, Copy, Debug)]
enum Change {
    Gone,
    Moved(Move),
}

/// How a thing differs from what was predicted.
#[derive(Clone, Copy, Default, Debug)]
struct Move {
    x: i32,
    y: i32,
    vx: i32,
    vy: i32,
    turn: i32,
    health: Option<u8>,
    marks: Option<Marks>,
    layer: Option<Layer>,
}

impl Default for Section {
    fn default() -> Section {
        let group = GroupId(0);
        Section { group, base: Base::None, version: Version::NONE, changes: Vec::new(), added: Vec::new() }
    }
}

impl Section {
    /// Reads a section of `group` in a datagram of `now`; keeps the memory of what was here before.
    ///
    /// # Errors
    /// When the bits end or hold what no writer writes.
    pub fn read(&mut self, group: GroupId, now: Version, r: &mut BitReader<'_>) -> Result<(), SnapshotError> {
        self.group = group;
        (self.version, self.base) = Base::read(now, r)?;
        self.changes.clear();
        self.added.clear();
        if let Base::Held { direct, .. } = self.base {
            let motion = Motion::new(group, self.version, self.base.version(), direct);
            for _ in 0..read_count(r, 1)? {
                self.changes.push(read_change(motion, r)?);
            }
        }
        for _ in 0..read_count(r, 0)? {
            let last = self.added.last().map(|e| e.id);
            self.added.push(read_entry(group, last, r)?);
        }
        Ok(())
    }

    /// Appends to `out` what the group holds after this section; `old` is the content of the base,
    /// and is not read where there is none.
    ///
    /// # Errors
    /// When the section does not fit `old`.
    pub fn apply(&self, old: &[Entry], out: &mut Vec<Entry>) -> Result<(), SnapshotError> {
        let mut added = self.added.iter().peekable();
        if let Base::Held { version, direct } = self.base {
            if old.len() != self.changes.len() {
                return Err(SnapshotError::OutOfRange("number of things"));
            }
            let motion = Motion::new(self.group, self.version, version, direct);
            for (was, change) in old.iter().zip(&self.changes) {
                while let Some(entry) = added.next_if(|e| e.id < was.id) {
                    out.push(*entry);
                }
                match change {
                    Change::Moved(_) if added.peek().is_some_and(|e| e.id == was.id) => {
                        return Err(SnapshotError::OutOfRange("id"));
                    }
                    Change::Moved(by) => out.push(by.apply(was, motion)?),
                    Change::Gone => {}
                }
            }
        }
        out.extend(added);
        if out.len() > GROUP_THINGS_MAX { Err(SnapshotError::OutOfRange("number of things")) } else { Ok(()) }
    }
}

impl Move {
    fn apply(&self, was: &Entry, motion: Motion) -> Result<Entry, SnapshotError> {
        let (px, py) = was.predict(motion.ticks, motion.limit);
        let place = |predicted: i32, error: i32| {
            let at = predicted.saturating_add(error);
            if (0..=motion.limit).contains(&at) { Ok(at) } else { Err(SnapshotError::OutOfRange("place")) }
        };
        let (x, y) = (place(px, self.x)?, place(py, self.y)?);
        let speed = |was: u16, now: i32, v: i8, error: i32, told: i32| {
            if motion.direct {
                return Ok(displacement(now - i32::from(was)));
            }
            i8::try_from(motion.expect(v, error).saturating_add(told)).map_err(|_| SnapshotError::OutOfRange("speed"))
        };
        let (vx, vy) = (speed(was.x, x, was.vx, self.x, self.vx)?, speed(was.y, y, was.vy, self.y, self.vy)?);
        Ok(Entry {
            x: x as u16,
            y: y as u16,
            vx,
            vy,
            heading: expect_heading(was.heading, vx, vy).wrapping_add(self.turn as u8),
            health: self.health.unwrap_or(was.health),
            marks: self.marks.unwrap_or(was.marks),
            layer: self.layer.unwrap_or(was.layer),
            ..*was
        })
    }
}

fn read_count(r: &mut BitReader<'_>, order: u32) -> Result<u32, SnapshotError> {
    match r.get_golomb(order)? {
        n if n as usize <= GROUP_THINGS_MAX => Ok(n),
        _ => Err(SnapshotError::OutOfRange("number of things")),
    }
}

fn read_change(motion: Motion, r: &mut BitReader<'_>) -> Result<Change, SnapshotError> {
    let read = if motion.direct { read_step(r)? } else { read_leap(motion, r)? };
    let Some((mut by, other)) = read else { return Ok(Change::Gone) };
    // No difference is larger than the ground; a stranger's would overflow what is made of it.
    if by.x.unsigned_abs().max(by.y.unsigned_abs()) > motion.limit as u32 {
        return Err(SnapshotError::OutOfRange("place"));
    }
    if other {
        read_other(&mut by, r)?;
    }
    Ok(Change::Moved(by))
}

/// Reads what [`write_step`] wrote, and whether other changes follow; `None` for what is gone.
fn read_step(r: &mut BitReader<'_>) -> Result<Option<(Move, bool)>, SnapshotError> {
    let mut step = r.get_prefix(&STEPS)?;
    let other = step == STEP_OTHER;
    if other {
        step = r.get_prefix(&STEPS)?;
    }
    let (x, y) = match step {
        STEP_GONE if !other => return Ok(None),
        STEP_GONE | STEP_OTHER => return Err(SnapshotError::OutOfRange("step")),
        STEP_REST => return Ok(Some((Move::default(), other))),
        STEP_FAR => (r.get_signed(FAR_ORDER)?, r.get_signed(FAR_ORDER)?),
        pair => (pair as i32 % STEP_SIDE - STEP_MAX, pair as i32 / STEP_SIDE - STEP_MAX),
    };
    Ok(Some((Move { x, y, turn: r.get_signed(0)?, ..Move::default() }, other)))
}

/// Reads what [`write_leap`] wrote, as [`read_step`] does.
fn read_leap(motion: Motion, r: &mut BitReader<'_>) -> Result<Option<(Move, bool)>, SnapshotError> {
    let other = r.get_bit()?;
    if other && !r.get_bit()? {
        return Ok(Some((Move::default(), false)));
    }
    if other && r.get_bit()? {
        return Ok(None);
    }
    let (x, y) = (r.get_signed(motion.order)?, r.get_signed(motion.order)?);
    let (vx, vy) = (r.get_signed(motion.speed_order())?, r.get_signed(motion.speed_order())?);
    let turn = r.get_signed(motion.turn_order())?;
    Ok(Some((Move { x, y, vx, vy, turn, ..Move::default() }, other)))
}

fn read_other(by: &mut Move, r: &mut BitReader<'_>) -> Result<(), SnapshotError> {
    if r.get_bit()? {
        by.health = Some(r.get(8)? as u8);
    }
    if r.get_bit()? {
        by.marks = Some(Marks(r.get(8)? as u8));
    }
    if r.get_bit()? {
        by.layer = Some(Layer::from_index(r.get(2)? as usize).ok_or(SnapshotError::OutOfRange("layer"))?);
    }
    Ok(())
}

fn read_entry(group: GroupId, last: Option<NetId>, r: &mut BitReader<'_>) -> Result<Entry, SnapshotError> {
    let id = match last {
        None => r.get(16)?,
        Some(last) => r.get_golomb(6)?.saturating_add(u32::from(last.0) + 1),
    };
    let kind = if r.get_bit()? { Some(Kind::Soldier) } else { Kind::from_index(r.get(KIND_BITS)? as usize) };
    let layer = if r.get_bit()? {
        Layer::Surface
    } else if r.get_bit()? {
        Layer::Sky
    } else {
        Layer::Underground
    };
    let (x, y) = (r.get(group.coordinate_bits())?, r.get(group.coordinate_bits())?);
    let moving = r.get_bit()?;
    let speed = |v: i32| i8::try_from(v).map_err(|_| SnapshotError::OutOfRange("speed"));
    let (vx, vy) = if moving { (speed(r.get_signed(4)?)?, speed(r.get_signed(4)?)?) } else { (0, 0) };
    let heading = if moving { heading_of(vx, vy).wrapping_add(r.get_signed(1)? as u8) } else { r.get(8)? as u8 };
    Ok(Entry {
        id: NetId(u16::try_from(id).map_err(|_| SnapshotError::OutOfRange("id"))?),
        x: x as u16,
        y: y as u16,
        vx,
        vy,
        heading,
        health: read_unless(255, 8, r)? as u8,
        marks: Marks(read_unless(0, 8, r)? as u8),
        kind: kind.ok_or(SnapshotError::OutOfRange("kind"))?,
        layer,
        seat: if r.get_bit()? { Some(SeatId(r.get(SEAT_BITS)? as u16)) } else { None },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Tick;
    use crate::rng::Pcg32;
    use crate::snapshot::group::CELLS;

    fn some_entry(rng: &mut Pcg32, id: u16, limit: u32) -> Entry {
        Entry {
            id: NetId(id),
            x: rng.below(limit) as u16,
            y: rng.below(limit) as u16,
            vx: rng.between(-128, 127) as i8,
            vy: rng.between(-40, 40) as i8,
            heading: rng.below(256) as u8,
            health: rng.below(256) as u8,
            marks: Marks(rng.below(256) as u8 & rng.below(256) as u8),
            kind: Kind::ALL[rng.below(Kind::ALL.len() as u32) as usize],
            layer: Layer::ALL[rng.below(3) as usize],
            seat: (rng.below(2) > 0).then(|| SeatId(rng.below(2_048) as u16)),
        }
    }

    fn some_group(rng: &mut Pcg32, limit: u32) -> Vec<Entry> {
        let share = rng.below(80);
        let ids: Vec<u16> = (0..900).filter(|_| rng.below(900) < share).collect();
        ids.into_iter().map(|id| some_entry(rng, id, limit)).collect()
    }

    /// The next version: most go on, some change, some go, some come.
    fn next(rng: &mut Pcg32, old: &[Entry], direct: bool, limit: u32) -> Vec<Entry> {
        let mut new = Vec::new();
        for was in old {
            let mut now = match rng.below(10) {
                0 => continue,
                1 => some_entry(rng, was.id.0, limit),
                2 => Entry { kind: Kind::Soldier, seat: None, ..some_entry(rng, was.id.0, limit) },
                3 => Entry { health: 1, ..*was },
                _ => {
                    let step = |at: u16, v: i8| (i32::from(at) + i32::from(v)).clamp(0, limit as i32 - 1) as u16;
                    Entry { x: step(was.x, was.vx), y: step(was.y, was.vy), ..*was }
                }
            };
            if direct && now.is_same_thing(was) {
                now.vx = displacement(i32::from(now.x) - i32::from(was.x));
                now.vy = displacement(i32::from(now.y) - i32::from(was.y));
            }
            new.push(now);
        }
        new.extend((0..rng.below(5)).map(|n| some_entry(rng, 1_000 + n as u16 * 500, limit)));
        new
    }

    #[test]
    fn a_section_leads_from_its_base_to_the_very_group_and_its_length_needs_no_base() {
        let mut rng = Pcg32::new(1, 1);
        for round in 0..3_000_u32 {
            let group = GroupId(if round % 3 == 0 { CELLS as u16 + 5 } else { rng.below(CELLS as u32) as u16 });
            let limit = 1 << group.coordinate_bits();
            let old = some_group(&mut rng, limit);
            let direct = round % 2 == 0;
            let new = next(&mut rng, &old, direct, limit);
            let now = Version::at(Tick(1_000 + rng.below(3)));
            let version = Version(now.0 - rng.below(2));
            let age = if direct { 1 + rng.below(3) } else { 2 + rng.below(30) };
            let base = match round % 5 {
                0 => Base::None,
                _ => Base::Held { version: Version(version.0 - age), direct },
            };
            let mut w = BitWriter::new();
            base.write(version, now, &mut w);
            write_body(group, version, base, &old, &new, &mut w);
            let len = w.len_bits();
            let bytes = w.finish();
            let mut section = Section::default();
            let mut r = BitReader::new(&bytes);
            section.read(group, now, &mut r).unwrap();
            assert_eq!((section.base, section.version, r.position()), (base, version, len));
            let mut rebuilt = Vec::new();
            section.apply(&old, &mut rebuilt).unwrap();
            assert_eq!(rebuilt, new);
            assert_eq!(check(group, &rebuilt), check(group, &new));
        }
    }

    #[test]
    fn hostile_sections_are_refused_or_applied_and_nothing_else() {
        let mut rng = Pcg32::new(2, 1);
        let mut section = Section::default();
        let mut rebuilt = Vec::new();
        for round in 0..40_000_u32 {
            let group = GroupId(rng.below(CELLS as u32) as u16);
            let old = if round % 8 == 0 { some_group(&mut rng, 4_096) } else { Vec::new() };
            let bytes: Vec<u8> = (0..rng.below(60)).map(|_| (rng.next_u32() & rng.next_u32()) as u8).collect();
            if section.read(group, Version(rng.below(400)), &mut BitReader::new(&bytes)).is_ok() {
                rebuilt.clear();
                let applied = section.apply(&old, &mut rebuilt);
                assert!(applied.is_err() || rebuilt.len() <= GROUP_THINGS_MAX && rebuilt.is_sorted_by_key(|e| e.id));
            }
        }
    }

    #[test]
    fn a_steady_walker_costs_two_bits_and_a_swerving_one_five() {
        let walker = |id: u16, x: u16, vx: i8| Entry {
            id: NetId(id),
            x,
            y: 900,
            vx,
            vy: 0,
            heading: 0,
            health: 255,
            marks: Marks::default(),
            kind: Kind::Soldier,
            layer: Layer::Surface,
            seat: None,
        };
        let old: Vec<Entry> = (0..50).map(|id| walker(id, 100 + id * 8, 25)).collect();
        for (swerve, bits_max) in [(0, 115), (1, 300)] {
            let new: Vec<Entry> = old.iter().map(|e| walker(e.id.0, e.x + 25 + swerve, 25 + swerve as i8)).collect();
            let mut w = BitWriter::new();
            write_body(GroupId(9), Version(2), Base::Held { version: Version(1), direct: true }, &old, &new, &mut w);
            assert!(w.len_bits() <= bits_max, "{} bits", w.len_bits());
        }
    }
}
