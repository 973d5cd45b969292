//! Things that are told of roughly, for they are far from the eye: each goes on evenly from where it was told
//! of, and is told of anew only where it is elsewhere by more than can be seen.
//!
//! Speeds are whole grid units a tick, so that where a thing gets to does not depend on how many sections
//! led there.

use crate::entropy::{Model, RangeReader, Shares};
use crate::measure::UNITS_PER_M;
use crate::snapshot::SnapshotError;
use crate::snapshot::section::models;
use crate::snapshot::section::pace::{PARTS, Pace};
use crate::snapshot::section::write::{has_other, write_other, write_turn};
use crate::snapshot::section::{Entry, last_step};

/// A thing goes on by itself for so many ticks at most.
pub const DRIFT_TICKS_MAX: u32 = 96;
/// Its health may be off by as much: a sixteenth.
const HEALTH_OFF_MAX: u8 = 16;
/// Where it is is told in squares of so many binary digits of a grid unit: an eighth of a metre.
const SQUARE_BITS: u32 = 3;

/// How far a thing may be from where a reader takes it to be, and not be told of anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tolerance {
    /// On an axis, grid units.
    pub off: u16,
    /// How it faces, 1/256 of a turn.
    pub turn: u8,
}

impl Tolerance {
    /// Half a metre, which is half a dot of the screen at the largest scale that shows what is 64 m away.
    pub const FINE: Tolerance = Tolerance { off: UNITS_PER_M as u16 / 2, turn: 20 };
    /// In a crowd of more than a budget can follow.
    pub const COARSE: Tolerance = Tolerance { off: UNITS_PER_M as u16, turn: 32 };
}

/// Where `entry`, told of roughly, is after `ticks`, within a group whose largest coordinate is `limit`.
#[must_use]
pub fn drift(entry: &Entry, ticks: u32, limit: i32) -> Entry {
    let ticks = ticks.min(DRIFT_TICKS_MAX) as i32;
    let along = |at: u16, v: i16| (i32::from(at) + i32::from(v) / PARTS * ticks).clamp(0, limit) as u16;
    let pace = even(entry.pace);
    Entry { x: along(entry.x, pace.vx), y: along(entry.y, pace.vy), pace, ..*entry }
}

/// How `now` is told of roughly where the reader takes it to be `held`: left as it is where that cannot be
/// told from the truth, and else as it is.
#[must_use]
pub fn roughly(held: Option<&Entry>, now: &Entry, tolerance: Tolerance) -> Entry {
    let anew = Entry { x: middle(square(now.x)), y: middle(square(now.y)), pace: even(now.pace), ..*now };
    held.filter(|held| is_near_enough(held, now, tolerance)).copied().unwrap_or(anew)
}

/// The square that a coordinate lies in.
fn square(at: u16) -> i32 {
    i32::from(at) >> SQUARE_BITS
}

fn middle(square: i32) -> u16 {
    (square << SQUARE_BITS | 1 << (SQUARE_BITS - 1)) as u16
}

fn is_near_enough(held: &Entry, now: &Entry, tolerance: Tolerance) -> bool {
    let is_near = |a: u16, b: u16| a.abs_diff(b) <= tolerance.off;
    let turn = (held.heading.wrapping_sub(now.heading) as i8).unsigned_abs();
    held.is_same_thing(now)
        && is_near(held.x, now.x)
        && is_near(held.y, now.y)
        && turn <= tolerance.turn
        && held.health.abs_diff(now.health) <= HEALTH_OFF_MAX
        && (held.health == u8::MAX) == (now.health == u8::MAX)
        && held.marks == now.marks
        && held.layer == now.layer
}

/// The even pace nearest to `pace`.
fn even(pace: Pace) -> Pace {
    let whole = |v: i16| ((i32::from(v) + PARTS / 2).div_euclid(PARTS) * PARTS) as i16;
    Pace { vx: whole(pace.vx), vy: whole(pace.vy), ax: 0, ay: 0 }
}

/// Writes how a thing went on in `ticks`.
pub(super) fn write(was: &Entry, now: &Entry, ticks: u32, limit: i32, out: &mut impl Shares) {
    let expected = drift(was, ticks, limit);
    let model = models::rough(expected.pace.is_still());
    let other = has_other(was, now);
    if other {
        out.put_symbol(models::ROUGH_OTHER, model);
    }
    if (now.x, now.y, now.pace, now.heading) == (expected.x, expected.y, expected.pace, expected.heading) {
        out.put_symbol(models::ROUGH_EXPECTED, model);
    } else {
        write_place(&expected, now, model, out);
        out.put_signed(i32::from(now.pace.vx) / PARTS - i32::from(expected.pace.vx) / PARTS, &models::ROUGH_SPEED);
        out.put_signed(i32::from(now.pace.vy) / PARTS - i32::from(expected.pace.vy) / PARTS, &models::ROUGH_SPEED);
        write_turn(was.heading, now.heading, now.pace, last_step(now.pace), out);
    }
    if other {
        write_other(was, now, out);
    }
}

/// A thing told of anew is in the middle of a square. One that goes on evenly is not, and has to be told of as
/// well to a reader who has held something else.
fn write_place(expected: &Entry, now: &Entry, model: &Model<5>, out: &mut impl Shares) {
    let (from, to) = ((square(expected.x), square(expected.y)), (square(now.x), square(now.y)));
    if (middle(to.0), middle(to.1)) == (now.x, now.y) {
        out.put_symbol(models::ROUGH_MOVED, model);
        out.put_signed(to.0 - from.0, &models::ROUGH_OFF);
        out.put_signed(to.1 - from.1, &models::ROUGH_OFF);
    } else {
        out.put_symbol(models::ROUGH_PLACED, model);
        out.put_signed(i32::from(now.x) - i32::from(expected.x), &models::ROUGH_OFF_FINE);
        out.put_signed(i32::from(now.y) - i32::from(expected.y), &models::ROUGH_OFF_FINE);
    }
}

/// Writes that a thing of the base is not there any more.
pub(super) fn write_gone(was: &Entry, out: &mut impl Shares) {
    out.put_symbol(models::ROUGH_GONE, models::rough(even(was.pace).is_still()));
}

/// What was read of a thing: where it moved to, but for how it faces.
pub(super) enum Read {
    Gone,
    Expected { now: Entry, other: bool },
    Moved { now: Entry, other: bool },
}

/// Reads what [`write()`] wrote, up to how it faces.
pub(super) fn read(
    was: &Entry,
    ticks: u32,
    limit: i32,
    r: &mut RangeReader,
    bytes: &[u8],
) -> Result<Read, SnapshotError> {
    let expected = drift(was, ticks, limit);
    let model = models::rough(expected.pace.is_still());
    let mut symbol = r.symbol(model, bytes);
    let other = symbol == models::ROUGH_OTHER;
    if other {
        symbol = r.symbol(model, bytes);
    }
    match symbol {
        models::ROUGH_GONE if !other => Ok(Read::Gone),
        models::ROUGH_GONE | models::ROUGH_OTHER => Err(SnapshotError::OutOfRange("rough step")),
        models::ROUGH_EXPECTED => Ok(Read::Expected { now: expected, other }),
        symbol => Ok(Read::Moved { now: moved(&expected, symbol == models::ROUGH_MOVED, limit, r, bytes)?, other }),
    }
}

fn moved(
    expected: &Entry,
    in_squares: bool,
    limit: i32,
    r: &mut RangeReader,
    bytes: &[u8],
) -> Result<Entry, SnapshotError> {
    let mut place = |at: u16| {
        let (from, most, model) = if in_squares {
            (square(at), limit >> SQUARE_BITS, &models::ROUGH_OFF)
        } else {
            (i32::from(at), limit, &models::ROUGH_OFF_FINE)
        };
        let to = from.saturating_add(r.signed(model, bytes));
        let is_there = (0..=most).contains(&to);
        let place = if in_squares { middle(to) } else { to as u16 };
        if is_there { Ok(place) } else { Err(SnapshotError::OutOfRange("place")) }
    };
    let (x, y) = (place(expected.x)?, place(expected.y)?);
    let mut speed = |v: i16| (i32::from(v) / PARTS).saturating_add(r.signed(&models::ROUGH_SPEED, bytes));
    let (vx, vy) = (speed(expected.pace.vx), speed(expected.pace.vy));
    let pace = Pace::told(vx.saturating_mul(PARTS), vy.saturating_mul(PARTS), 0, 0);
    let pace = pace.ok_or(SnapshotError::OutOfRange("speed"))?;
    Ok(Entry { x, y, pace, ..*expected })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::{BitReader, BitWriter};
    use crate::entropy::{RangeWriter, Share};
    use crate::ids::{Kind, Layer, NetId};
    use crate::rng::Pcg32;
    use crate::view::Marks;

    const LIMIT: i32 = 4_095;

    fn walker(rng: &mut Pcg32) -> Entry {
        let mut pace = Pace::FRESH;
        (0..rng.below(9)).for_each(|_| pace = pace.after(rng.between(-40, 40), rng.between(-40, 40)));
        Entry {
            id: NetId(7),
            x: rng.below(4_096) as u16,
            y: rng.below(4_096) as u16,
            pace,
            heading: rng.below(256) as u8,
            health: 255,
            marks: Marks::default(),
            kind: Kind::Soldier,
            layer: Layer::Surface,
            seat: None,
        }
    }

    #[test]
    fn where_a_thing_gets_to_does_not_depend_on_how_many_sections_led_there() {
        let mut rng = Pcg32::new(1, 1);
        for _ in 0..2_000 {
            let start = roughly(None, &walker(&mut rng), Tolerance::FINE);
            let (first, then) = (rng.below(17), rng.below(16));
            let at_once = drift(&start, first + then, LIMIT);
            assert_eq!(drift(&drift(&start, first, LIMIT), then, LIMIT), at_once, "{start:?}");
        }
    }

    #[test]
    fn what_is_held_is_never_farther_off_than_can_be_seen() {
        let mut rng = Pcg32::new(2, 1);
        let (mut told, mut ticks) = (0, 0);
        for _ in 0..200 {
            let mut now = walker(&mut rng);
            let mut held = roughly(None, &now, Tolerance::FINE);
            let (mut vx, vy) = (rng.between(-20, 20), rng.between(-20, 20));
            for _ in 0..60 {
                // It walks on, a little unevenly, and turns now and then.
                vx = if rng.below(30) == 0 { rng.between(-20, 20) } else { vx };
                let (x, y) = (i32::from(now.x) + vx + rng.between(-1, 1), i32::from(now.y) + vy);
                let (x, y) = (x.clamp(0, LIMIT), y.clamp(0, LIMIT));
                now.pace = now.pace.after(x - i32::from(now.x), y - i32::from(now.y));
                (now.x, now.y) = (x as u16, y as u16);
                let expected = drift(&held, 1, LIMIT);
                held = roughly(Some(&expected), &now, Tolerance::FINE);
                told += u32::from(held != expected);
                ticks += 1;
                assert!(held.x.abs_diff(now.x).max(held.y.abs_diff(now.y)) <= Tolerance::FINE.off);
            }
        }
        assert!(told * 8 < ticks, "{told} times told in {ticks} ticks");
    }

    #[test]
    fn whatever_a_reader_has_held_it_comes_to_hold_the_very_thing() {
        let mut rng = Pcg32::new(4, 1);
        for round in 0..5_000 {
            let was = if round % 2 == 0 { walker(&mut rng) } else { roughly(None, &walker(&mut rng), Tolerance::FINE) };
            let ticks = rng.below(40);
            let now = match round % 3 {
                0 => drift(&was, ticks, LIMIT),
                1 => roughly(None, &walker(&mut rng), Tolerance::FINE),
                _ => drift(&roughly(None, &walker(&mut rng), Tolerance::FINE), rng.below(9), LIMIT),
            };
            let mut shares: Vec<Share> = Vec::new();
            write(&was, &now, ticks, LIMIT, &mut shares);
            let mut writer = RangeWriter::default();
            shares.iter().for_each(|share| writer.put_share(*share));
            let mut w = BitWriter::new();
            writer.finish_into(&mut w);
            let bytes = w.finish();
            let mut r = RangeReader::new(&BitReader::new(&bytes), &bytes);
            let (Read::Expected { now: held, .. } | Read::Moved { now: held, .. }) =
                read(&was, ticks, LIMIT, &mut r, &bytes).unwrap()
            else {
                panic!("it is not gone")
            };
            assert_eq!((held.x, held.y, held.pace), (now.x, now.y, now.pace), "{was:?} {now:?}");
        }
    }

    #[test]
    fn what_everybody_sees_is_told_at_once() {
        let now = walker(&mut Pcg32::new(3, 1));
        let held = roughly(None, &now, Tolerance::FINE);
        for (name, changed, is_told) in [
            ("nothing", now, false),
            ("a step", Entry { x: now.x ^ 16, ..now }, false),
            ("a scratch", Entry { health: 250, ..now }, true),
            ("another layer", Entry { layer: Layer::Sky, ..now }, true),
            ("a mark", Entry { marks: Marks(1), ..now }, true),
            ("about face", Entry { heading: now.heading ^ 128, ..now }, true),
        ] {
            assert_eq!(roughly(Some(&held), &changed, Tolerance::FINE) != held, is_told, "{name}");
        }
    }
}
