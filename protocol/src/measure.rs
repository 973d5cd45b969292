//! Units of measure on integer grids, and the integer arithmetic that moves things on them.
//!
//! The wire form is the state: a position is 1/64 m, an angle 1/65,536 of a turn, time a tick. So
//! a prediction compares with `==`, and a step gives the same result on every machine.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Ticks a second of every battle.
pub const TICK_HZ: u32 = 30;

/// Grid units in a metre.
pub const UNITS_PER_M: i32 = 64;

/// A point in battle time: ticks since the match began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Encode, Decode, Serialize, Deserialize)]
pub struct Tick(pub u32);

impl Tick {
    /// The tick `ticks` later.
    #[must_use]
    pub const fn after(self, ticks: u32) -> Tick {
        Tick(self.0.saturating_add(ticks))
    }

    /// Ticks since `earlier`; zero when `earlier` is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Tick) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// True on every `period_ticks`-th tick, shifted by `phase_ticks`.
    #[must_use]
    pub const fn is_every(self, period_ticks: u32, phase_ticks: u32) -> bool {
        self.0 % period_ticks == phase_ticks % period_ticks
    }

    /// Whole seconds of battle time.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0 / TICK_HZ
    }
}

/// Ticks in `seconds`.
#[must_use]
pub const fn ticks(seconds: u32) -> u32 {
    seconds * TICK_HZ
}

/// Ticks in `tenths` of a second.
#[must_use]
pub const fn ticks_tenths(tenths: u32) -> u32 {
    tenths * TICK_HZ / 10
}

/// Grid units in `metres`.
#[must_use]
pub const fn metres(metres: i32) -> i32 {
    metres * UNITS_PER_M
}

/// A point of the ground, in 1/64 m: x grows to the east, y to the north.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Encode, Decode, Serialize, Deserialize)]
pub struct Pos {
    /// East, 1/64 m.
    pub x: i32,
    /// North, 1/64 m.
    pub y: i32,
}

impl Pos {
    /// From grid units.
    #[must_use]
    pub const fn new(x: i32, y: i32) -> Pos {
        Pos { x, y }
    }

    /// From whole metres.
    #[must_use]
    pub const fn from_m(x_m: i32, y_m: i32) -> Pos {
        Pos { x: metres(x_m), y: metres(y_m) }
    }

    /// Whole metres, rounded down.
    #[must_use]
    pub const fn to_m(self) -> (i32, i32) {
        (self.x.div_euclid(UNITS_PER_M), self.y.div_euclid(UNITS_PER_M))
    }

    /// Squared distance, in grid units squared.
    #[must_use]
    pub const fn distance2(self, other: Pos) -> i64 {
        let dx = (self.x - other.x) as i64;
        let dy = (self.y - other.y) as i64;
        dx * dx + dy * dy
    }

    /// Distance in grid units, rounded down.
    #[must_use]
    pub const fn distance(self, other: Pos) -> i32 {
        self.distance2(other).isqrt() as i32
    }

    /// True when `other` lies within `radius` grid units.
    #[must_use]
    pub const fn within(self, other: Pos, radius: i32) -> bool {
        let r = radius as i64;
        self.distance2(other) <= r * r
    }

    /// The angle that leads from here to `other`; zero when they coincide.
    #[must_use]
    pub fn angle_to(self, other: Pos) -> Angle {
        Angle::of(other.x - self.x, other.y - self.y)
    }

    /// `distance` grid units from here in the direction `angle`.
    #[must_use]
    pub fn offset(self, angle: Angle, distance: i32) -> Pos {
        let (dx, dy) = angle.vector(distance);
        Pos { x: self.x + dx, y: self.y + dy }
    }
}

/// A direction in 1/65,536 of a turn, counter-clockwise: 0 is east, 16,384 north.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Encode, Decode, Serialize, Deserialize)]
pub struct Angle(pub u16);

impl Angle {
    /// Due east.
    pub const EAST: Angle = Angle(0);
    /// Due north, inland from the sea.
    pub const NORTH: Angle = Angle(16_384);
    /// Due west.
    pub const WEST: Angle = Angle(32_768);
    /// Due south, towards the sea.
    pub const SOUTH: Angle = Angle(49_152);

    /// The direction of a vector; zero for the null vector. Error below 1/2,000 of a turn.
    #[must_use]
    pub fn of(dx: i32, dy: i32) -> Angle {
        let (ax, ay) = (i64::from(dx).abs(), i64::from(dy).abs());
        if ax == 0 && ay == 0 {
            return Angle(0);
        }
        // atan(z) for z in 0..=1 as z * (45 deg + 15.64 deg * (1 - z)), in 1/65,536 turns:
        // the classic one-term correction of the linear arc tangent.
        let (big, small) = if ax >= ay { (ax, ay) } else { (ay, ax) };
        let z = (small << 16) / big;
        let octant = (z * (8_192 + ((2_847 * (65_536 - z)) >> 16))) >> 16;
        let quadrant = if ax >= ay { octant } else { 16_384 - octant };
        let half = if dx >= 0 { quadrant } else { 32_768 - quadrant };
        let full = if dy >= 0 { half } else { 65_536 - half };
        Angle(full as u16)
    }

    /// The vector of this direction with the given length, each part rounded to nearest.
    #[must_use]
    pub fn vector(self, length: i32) -> (i32, i32) {
        let round = |v: i64| ((v + (1 << 14)) >> 15) as i32;
        let l = i64::from(length);
        (round(l * i64::from(self.cos_q15())), round(l * i64::from(self.sin_q15())))
    }

    /// Sine in 1/32,768.
    #[must_use]
    pub fn sin_q15(self) -> i32 {
        let step = (self.0 >> 6) as usize;
        let (a, b) = (SIN_Q15[step & 1023], SIN_Q15[(step + 1) & 1023]);
        a + (((b - a) * i32::from(self.0 & 63)) >> 6)
    }

    /// Cosine in 1/32,768.
    #[must_use]
    pub fn cos_q15(self) -> i32 {
        Angle(self.0.wrapping_add(16_384)).sin_q15()
    }

    /// The signed turn from here to `other`, the short way round, in -32,768..=32,767.
    #[must_use]
    pub const fn turn_to(self, other: Angle) -> i32 {
        other.0.wrapping_sub(self.0) as i16 as i32
    }

    /// This direction turned by `turn` 1/65,536 turns.
    #[must_use]
    pub const fn turned(self, turn: i32) -> Angle {
        Angle(self.0.wrapping_add(turn as u16))
    }

    /// Turned towards `other` by at most `limit` 1/65,536 turns.
    #[must_use]
    pub fn turned_towards(self, other: Angle, limit: i32) -> Angle {
        self.turned(self.turn_to(other).clamp(-limit, limit))
    }

    /// The nearest of the 256 directions that a snapshot tells.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        (self.0.wrapping_add(128) >> 8) as u8
    }

    /// The direction that a snapshot's byte tells.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Angle {
        Angle((byte as u16) << 8)
    }
}

/// A velocity in 1/64 m a second.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Encode, Decode, Serialize, Deserialize)]
pub struct Velocity {
    /// East, 1/64 m a second.
    pub x: i32,
    /// North, 1/64 m a second.
    pub y: i32,
}

impl Velocity {
    /// Standing still.
    pub const ZERO: Velocity = Velocity { x: 0, y: 0 };

    /// `speed` 1/64 m a second in direction `angle`.
    #[must_use]
    pub fn towards(angle: Angle, speed: i32) -> Velocity {
        let (x, y) = angle.vector(speed);
        Velocity { x, y }
    }

    /// The length, in 1/64 m a second, rounded down.
    #[must_use]
    pub const fn speed(self) -> i32 {
        let (x, y) = (self.x as i64, self.y as i64);
        (x * x + y * y).isqrt() as i32
    }

    /// Where a thing at `from` with this velocity is after `tick` has passed.
    ///
    /// The fraction of a grid unit that a tick leaves is not stored: it follows from the tick, so
    /// the mean speed is exact and the position still a whole number of grid units.
    #[must_use]
    pub const fn advance(self, from: Pos, tick: Tick) -> Pos {
        Pos { x: from.x + share(self.x, tick), y: from.y + share(self.y, tick) }
    }
}

/// The part of `per_second` that falls into `tick`: the parts of 30 ticks in a row sum to it exactly.
#[must_use]
pub const fn share(per_second: i32, tick: Tick) -> i32 {
    let t = (tick.0 % TICK_HZ) as i32;
    let hz = TICK_HZ as i32;
    (per_second * (t + 1)).div_euclid(hz) - (per_second * t).div_euclid(hz)
}

/// One turn of the sine in 1,024 steps, in 1/32,768: a Taylor series in whole numbers, so that no
/// floating point enters.
static SIN_Q15: [i32; 1024] = sine_table();

const fn sine_table() -> [i32; 1024] {
    // Taylor series in 1/2^30, on the first quadrant; the others mirror it.
    let mut table = [0; 1024];
    let mut i = 0;
    while i <= 256 {
        // 2 pi / 1024 in 1/2^30.
        let x = 6_588_397 * i as i64;
        let x2 = (x * x) >> 30;
        let mut term = x;
        let mut sum = x;
        let mut n = 1;
        while n < 8 {
            term = -((term * x2) >> 30) / ((2 * n) * (2 * n + 1));
            sum += term;
            n += 1;
        }
        let v = ((sum + (1 << 14)) >> 15) as i32;
        table[i] = v;
        table[512 - i] = v;
        table[(512 + i) % 1024] = -v;
        table[(1024 - i) % 1024] = -v;
        i += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sine_table_agrees_with_the_sine() {
        for step in 0..=u16::MAX {
            let a = f64::from(step) / 65_536.0 * std::f64::consts::TAU;
            let error = f64::from(Angle(step).sin_q15()) - a.sin() * 32_768.0;
            assert!(error.abs() < 2.0, "step {step}: off by {error}");
        }
    }

    #[test]
    fn angles_and_vectors_are_inverse_within_a_two_thousandth_of_a_turn() {
        for step in (0..=u16::MAX).step_by(7) {
            let (dx, dy) = Angle(step).vector(100_000);
            let back = Angle::of(dx, dy);
            assert!(Angle(step).turn_to(back).abs() <= 48, "{step} came back as {}", back.0);
        }
    }

    #[test]
    fn a_second_of_shares_sums_to_the_speed() {
        for speed in [-5_760, -17, -1, 0, 1, 29, 31, 768, 5_760] {
            let sum: i32 = (100..130).map(|t| share(speed, Tick(t))).sum();
            assert_eq!(sum, speed);
        }
    }

    #[test]
    fn turning_takes_the_short_way_and_stops_at_the_goal() {
        let east = Angle::EAST;
        assert_eq!(east.turned_towards(Angle(65_000), 1_000), Angle(65_000));
        assert_eq!(east.turned_towards(Angle(60_000), 1_000), Angle(64_536));
        assert_eq!(east.turned_towards(Angle::NORTH, 1_000), Angle(1_000));
    }
}
