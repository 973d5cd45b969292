//! How a thing moves, and where that leads it: both sides keep the same for each thing, so that a
//! datagram tells only what nobody could foresee.
//!
//! Whole numbers alone, so that both sides agree on every machine.

use crate::measure::Angle;

/// Parts of a grid unit in which speeds are kept.
pub(super) const PARTS: i32 = 8;
/// No speed is kept above this, parts a tick: a thing that is faster has jumped.
const SPEED_MAX: i32 = 16_000;
/// A thing this far off what was expected has jumped, parts.
const JUMP: i32 = 800;
/// What starts is taken to go on to speed up by this much, parts a tick.
const START: i32 = 8;
/// From this on a thing is taken to turn, to speed up or to slow down, parts a tick.
const TURNS: i32 = 5;
/// Largest change of speed that is kept, parts a tick.
const CHANGE_MAX: i32 = 63;
/// Over more ticks than this no change of speed is expected to go on.
const CHANGE_TICKS: i32 = 4;

/// Speed and its change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pace {
    /// East, 1/512 m a tick.
    pub vx: i16,
    /// North, 1/512 m a tick.
    pub vy: i16,
    /// How `vx` changes each tick.
    pub ax: i8,
    /// How `vy` changes each tick.
    pub ay: i8,
}

/// What is known of how predictable a thing is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mood {
    /// It stands.
    Rest,
    /// It has just come into sight.
    Fresh,
    /// It goes on at its speed.
    Steady,
    /// It turns, speeds up or slows down.
    Turning,
}

impl Pace {
    /// Of a thing that has just come into sight: it stands, as far as is known.
    pub const FRESH: Pace = Pace { vx: 0, vy: 0, ax: 1, ay: 0 };

    /// From what the other side says, if it is a pace that it can have.
    pub(super) fn told(vx: i32, vy: i32, ax: i32, ay: i32) -> Option<Pace> {
        let is_possible = [vx, vy].iter().all(|v| v.unsigned_abs() <= SPEED_MAX as u32)
            && [ax, ay].iter().all(|a| a.unsigned_abs() <= CHANGE_MAX as u32);
        is_possible.then_some(Pace { vx: vx as i16, vy: vy as i16, ax: ax as i8, ay: ay as i8 })
    }

    pub(super) const fn is_still(self) -> bool {
        self.vx == 0 && self.vy == 0
    }

    const fn turns(self) -> bool {
        (self.ax as i32).abs() + (self.ay as i32).abs() >= TURNS
    }

    pub(super) const fn mood(self) -> Mood {
        match (self.is_still(), self.ax == 0 && self.ay == 0) {
            (true, true) => Mood::Rest,
            (true, false) => Mood::Fresh,
            _ if self.turns() => Mood::Turning,
            _ => Mood::Steady,
        }
    }

    /// How far it is expected to go in `ticks` ticks, grid units.
    pub(super) fn ahead(self, ticks: i32) -> (i32, i32) {
        let changing = if ticks < CHANGE_TICKS { ticks } else { CHANGE_TICKS };
        let share = changing * (changing + 1) / 2 + changing * (ticks - changing);
        let along = |v: i16, a: i8| (i32::from(v) * ticks + i32::from(a) * share + PARTS / 2).div_euclid(PARTS);
        (along(self.vx, self.ax), along(self.vy, self.ay))
    }

    /// The pace of a thing that went this far in one tick, grid units.
    #[must_use]
    pub fn after(self, dx: i32, dy: i32) -> Pace {
        if (dx, dy) == (0, 0) {
            return Pace::default();
        }
        let (dx, dy) = (dx.saturating_mul(PARTS), dy.saturating_mul(PARTS));
        if self.is_still() {
            return Pace::starting(dx, dy);
        }
        let (px, py) = (i32::from(self.vx) + i32::from(self.ax), i32::from(self.vy) + i32::from(self.ay));
        let (off_x, off_y) = (dx.saturating_sub(px), dy.saturating_sub(py));
        if off_x.saturating_abs().max(off_y.saturating_abs()) > JUMP {
            return Pace::FRESH;
        }
        let turns = self.turns();
        let speed = |expected: i32, off: i32| {
            let by = if turns { off * 3 / 4 } else { (off + 2) >> 2 };
            (expected + by).clamp(-SPEED_MAX, SPEED_MAX) as i16
        };
        let change = |was: i8, off: i32| {
            let was = i32::from(was);
            let by = (off + 4) >> 3;
            // Too little to count, and yet the other way: what is no more must not be kept up.
            let now = if by == 0 && off * was < 0 { was - was.signum() } else { was + by };
            (if turns { now } else { now * 3 / 4 }).clamp(-CHANGE_MAX, CHANGE_MAX) as i8
        };
        let pace =
            Pace { vx: speed(px, off_x), vy: speed(py, off_y), ax: change(self.ax, off_x), ay: change(self.ay, off_y) };
        // What moves is never taken for standing.
        if pace.is_still() { Pace { vx: 1, ..pace } } else { pace }
    }

    fn starting(vx: i32, vy: i32) -> Pace {
        let most = vx.saturating_abs().max(vy.saturating_abs());
        if most > SPEED_MAX {
            return Pace::FRESH;
        }
        let (ax, ay) = if most > START { (vx * START / most, vy * START / most) } else { (vx, vy) };
        Pace { vx: vx as i16, vy: vy as i16, ax: ax as i8, ay: ay as i8 }
    }

    /// The pace expected after `ticks` ticks of a thing that is `off` from where it was expected, grid
    /// units.
    pub(super) fn expected(self, ticks: i32, off: (i32, i32)) -> Pace {
        let changing = ticks.min(CHANGE_TICKS);
        let speed = |v: i16, a: i8, off: i32| {
            let now = i32::from(v) + i32::from(a) * changing + off.saturating_mul(PARTS * 3 / 2) / ticks;
            now.clamp(-SPEED_MAX, SPEED_MAX) as i16
        };
        Pace { vx: speed(self.vx, self.ax, off.0), vy: speed(self.vy, self.ay, off.1), ..self }
    }

    /// Where a thing of this pace faces if it faces where it goes; `last` is its last step, grid units.
    pub(super) fn way(self, last: (i32, i32)) -> u8 {
        // The last step says where it went, the pace where it meant to go.
        let blend = |d: i32, v: i16| 5 * PARTS * d.clamp(-SPEED_MAX, SPEED_MAX) + 3 * i32::from(v);
        Angle::of(blend(last.0, self.vx), blend(last.1, self.vy)).to_byte()
    }

    /// The same where no step is known.
    pub(super) fn way_on(self) -> u8 {
        Angle::of(self.vx.into(), self.vy.into()).to_byte()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Pcg32;

    #[test]
    fn what_goes_on_steadily_is_soon_foreseen() {
        for (vx, vy) in [(17, 0), (-5, 31), (1, -1), (60, -90)] {
            let mut pace = Pace::FRESH;
            (0..40).for_each(|_| pace = pace.after(vx, vy));
            assert_eq!((pace.ahead(1), pace.mood()), ((vx, vy), Mood::Steady), "{vx} {vy}: {pace:?}");
            assert_eq!(pace.after(0, 0), Pace::default());
        }
    }

    #[test]
    fn any_steps_at_all_leave_a_pace_that_can_be_told() {
        let mut rng = Pcg32::new(4, 1);
        let mut pace = Pace::default();
        for _ in 0..50_000 {
            let mut step = || {
                let any = rng.next_u32() as i32;
                any >> rng.below(32)
            };
            let (dx, dy) = (step(), step());
            let before = pace;
            pace = pace.after(dx, dy);
            assert_eq!(Pace::told(pace.vx.into(), pace.vy.into(), pace.ax.into(), pace.ay.into()), Some(pace));
            let _ = (pace.ahead(32), before.expected(32, (dx, dy)), pace.way((dx, dy)), pace.way_on());
        }
    }
}
