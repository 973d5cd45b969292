//! Writes a section.

use crate::entropy::{Share, Shares};
use crate::ids::{Kind, Layer, NetId};
use crate::snapshot::group::GroupId;
use crate::snapshot::section::leap::Leap;
use crate::snapshot::section::pace::Pace;
use crate::snapshot::section::{Base, Entry, KIND_BITS, SEAT_BITS, Title, models, rough};
use crate::view::Marks;

/// Writes what leads from `old` (the content of the base) to `new`, the title apart. Both are sorted by
/// id. The shares are the same for every client that holds the base.
pub fn write_body(title: Title, old: &[Entry], new: &[Entry], out: &mut Vec<Share>) {
    let old = if title.base == Base::None { &[] } else { old };
    write_changes(title, old, new, out, |_, _| {});
    write_added(title.group, added(old, new), out);
}

/// Writes the first part of it: what becomes of each thing of `old`. Ahead of each calls `each` with the
/// length of `out`, and with the thing's place in `new` if it is still there.
pub fn write_changes(
    title: Title,
    old: &[Entry],
    new: &[Entry],
    out: &mut Vec<Share>,
    mut each: impl FnMut(usize, Option<usize>),
) {
    let Base::Held { version: from, direct } = title.base else { return };
    let leap = Leap::new(title.group, title.version, from);
    let mut next = 0;
    for was in old {
        next += new[next..].iter().take_while(|e| e.id < was.id).count();
        let now = new.get(next).filter(|now| now.is_same_thing(was));
        each(out.len(), now.map(|_| next));
        match now {
            Some(now) if title.rough => rough::write(was, now, title.version.0 - from.0, leap.limit, out),
            Some(now) if direct => write_step(was, now, leap.limit, out),
            Some(now) => write_leap(was, now, leap, out),
            None => write_gone(title, was, out),
        }
    }
}

/// Writes that a thing of the base is not there any more.
pub fn write_gone(title: Title, was: &Entry, out: &mut Vec<Share>) {
    if title.rough {
        rough::write_gone(was, out);
    } else if matches!(title.base, Base::Held { direct: true, .. }) {
        out.put_symbol(models::STEP_GONE, models::step(was.pace.mood()));
    } else {
        out.put_symbol(models::LEAP_GONE, models::leap(was.pace.mood()));
    }
}

/// Writes the second part: things that the base had not, sorted by id.
pub fn write_added<'a>(group: GroupId, added: impl Iterator<Item = &'a Entry> + Clone, out: &mut Vec<Share>) {
    out.put_number(added.clone().count() as u32, &models::ADDED);
    let mut last = None;
    for entry in added {
        write_entry(entry, group, last, out);
        last = Some(entry.id);
    }
}

/// What is in `new` and was not in `old`; both are sorted by id.
pub fn added<'a>(old: &'a [Entry], new: &'a [Entry]) -> impl Iterator<Item = &'a Entry> + Clone {
    let mut next = 0;
    new.iter().filter(move |e| {
        next += old[next..].iter().take_while(|o| o.id < e.id).count();
        old.get(next).is_none_or(|o| !o.is_same_thing(e))
    })
}

/// Writes how a thing went on in one tick: its pace follows from its places.
fn write_step(was: &Entry, now: &Entry, limit: i32, out: &mut Vec<Share>) {
    let model = models::step(was.pace.mood());
    let other = has_other(was, now);
    if other {
        out.put_symbol(models::STEP_OTHER, model);
    }
    let last = (i32::from(now.x) - i32::from(was.x), i32::from(now.y) - i32::from(was.y));
    if last == (0, 0) && now.heading == was.heading {
        out.put_symbol(models::STEP_HALT, model);
    } else {
        let (x, y) = was.expected(1, limit);
        let (off_x, off_y) = (i32::from(now.x) - x, i32::from(now.y) - y);
        if off_x.abs().max(off_y.abs()) <= models::STEP_MAX {
            let symbol = (off_y + models::STEP_MAX) * models::STEP_SIDE + off_x + models::STEP_MAX;
            out.put_symbol(symbol as usize, model);
        } else {
            out.put_symbol(models::STEP_FAR, model);
            out.put_signed(off_x, &models::FAR);
            out.put_signed(off_y, &models::FAR);
        }
        write_turn(was.heading, now.heading, now.pace, last, out);
    }
    if other {
        write_other(was, now, out);
    }
}

pub(super) fn write_turn(was: u8, now: u8, pace: Pace, last: (i32, i32), out: &mut impl Shares) {
    let facing = super::facing(was, pace, last);
    let turn = i32::from(now.wrapping_sub(facing.way) as i8);
    if turn.abs() <= models::TURN_MAX {
        out.put_symbol((turn + models::TURN_MAX) as usize, facing.model);
    } else if now == was {
        out.put_symbol(models::TURN_AS_WAS, facing.model);
    } else {
        out.put_symbol(models::TURN_FAR, facing.model);
        out.put_raw(u32::from(now), 8);
    }
}

/// Writes how a thing went on in more than one tick.
fn write_leap(was: &Entry, now: &Entry, leap: Leap, out: &mut Vec<Share>) {
    let model = models::leap(was.pace.mood());
    let other = has_other(was, now);
    if other {
        out.put_symbol(models::LEAP_OTHER, model);
    }
    let off = leap.off(was, now);
    if off.is_none() {
        out.put_symbol(models::LEAP_EXPECTED, model);
    } else {
        out.put_symbol(models::LEAP_MOVED, model);
        out.put_signed(off.x, models::off(leap.ticks));
        out.put_signed(off.y, models::off(leap.ticks));
        out.put_signed(off.vx, &models::SPEED_OFF);
        out.put_signed(off.vy, &models::SPEED_OFF);
        out.put_signed(off.ax, &models::CHANGE_OFF);
        out.put_signed(off.ay, &models::CHANGE_OFF);
        write_turn(was.heading, now.heading, now.pace, super::last_step(now.pace), out);
    }
    if other {
        write_other(was, now, out);
    }
}

pub(super) fn has_other(was: &Entry, now: &Entry) -> bool {
    now.health != was.health || now.marks != was.marks || now.layer != was.layer
}

pub(super) fn write_other(was: &Entry, now: &Entry, out: &mut impl Shares) {
    let part = |changed: bool, part: usize| if changed { part } else { 0 };
    let what = part(now.health != was.health, models::OTHER_HEALTH)
        | part(now.marks != was.marks, models::OTHER_MARKS)
        | part(now.layer != was.layer, models::OTHER_LAYER);
    out.put_symbol(what - 1, &models::OTHER);
    if now.health != was.health {
        out.put_signed(i32::from(now.health.wrapping_sub(was.health) as i8), &models::HEALTH);
    }
    if now.marks != was.marks {
        let changed = now.marks.0 ^ was.marks.0;
        let is_one = changed.is_power_of_two();
        out.put_symbol(if is_one { changed.ilog2() as usize } else { models::MARKS_MORE }, &models::MARKS);
        if !is_one {
            out.put_raw(u32::from(now.marks.0), 8);
        }
    }
    if now.layer != was.layer {
        out.put_symbol(now.layer.index(), &models::LAYERS);
    }
}

/// What a thing of `group` takes where a section tells all of it, whole bits, at most: whichever thing stands ahead of
/// it.
#[must_use]
pub fn bits_alone(entry: &Entry, group: GroupId) -> usize {
    let mut cost = Cost(0);
    // Room for the longest step to its id from the one before, beside the id as the first of a list tells it.
    cost.put_number(u32::from(u16::MAX), &models::ID_STEP);
    write_entry(entry, group, None, &mut cost);
    cost.0.div_ceil(16) as usize
}

/// Counts what shares cost, 1/16 bits.
struct Cost(u32);

impl Shares for Cost {
    fn put_share(&mut self, share: Share) {
        self.0 += share.cost();
    }
}

fn write_entry(e: &Entry, group: GroupId, last: Option<NetId>, out: &mut impl Shares) {
    match last {
        None => out.put_raw(u32::from(e.id.0), 16),
        Some(last) => out.put_number(u32::from(e.id.0 - last.0) - 1, &models::ID_STEP),
    }
    out.put_symbol(usize::from(e.kind == Kind::Soldier), &models::IS_SOLDIER);
    if e.kind != Kind::Soldier {
        out.put_raw(e.kind.index() as u32, KIND_BITS);
    }
    out.put_symbol(e.layer.index(), &models::LAYERS);
    out.put_raw(u32::from(e.x), group.coordinate_bits());
    out.put_raw(u32::from(e.y), group.coordinate_bits());
    write_pace(e.pace, out);
    write_turn_or_all(e, out);
    out.put_symbol(usize::from(e.health == u8::MAX), &models::IS_WHOLE);
    if e.health != u8::MAX {
        out.put_raw(u32::from(e.health), 8);
    }
    write_marks(e.marks, out);
    out.put_symbol(usize::from(e.seat.is_some()), &models::HAS_SEAT);
    if let Some(seat) = e.seat {
        out.put_raw(u32::from(seat.0), SEAT_BITS);
    }
}

fn write_pace(pace: Pace, out: &mut impl Shares) {
    let what = match pace {
        p if p == Pace::default() => models::PACE_STILL,
        Pace::FRESH => models::PACE_FRESH,
        _ => models::PACE_MOVING,
    };
    out.put_symbol(what, &models::PACE);
    if what == models::PACE_MOVING {
        out.put_signed(pace.vx.into(), &models::SPEED);
        out.put_signed(pace.vy.into(), &models::SPEED);
        out.put_signed(pace.ax.into(), &models::CHANGE);
        out.put_signed(pace.ay.into(), &models::CHANGE);
    }
}

/// The heading of a whole thing: nothing is known of how it faced.
fn write_turn_or_all(e: &Entry, out: &mut impl Shares) {
    if e.pace.is_still() {
        out.put_raw(u32::from(e.heading), 8);
    } else {
        write_turn(e.pace.way_on(), e.heading, e.pace, super::last_step(e.pace), out);
    }
}

fn write_marks(marks: Marks, out: &mut impl Shares) {
    let what = match marks.0 {
        0 => models::MARKS_NEW_NONE,
        one if one.is_power_of_two() => one.ilog2() as usize,
        _ => models::MARKS_NEW_MORE,
    };
    out.put_symbol(what, &models::MARKS_NEW);
    if what == models::MARKS_NEW_MORE {
        out.put_raw(u32::from(marks.0), 8);
    }
}

const _: () = assert!(Layer::ALL.len() == 3, "each layer has a symbol");
