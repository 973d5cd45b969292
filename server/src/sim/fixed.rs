//! Slow rates in fixed point: millionths, fine enough that a tick's share never rounds to zero.

use gamera_protocol::measure::TICK_HZ;

/// An amount in millionths of its unit (silicon, oxygen, mana, research, wariness, tok, M).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(in crate::sim) struct Micro(pub(in crate::sim) i64);

const ONE: i64 = 1_000_000;

impl Micro {
    pub(in crate::sim) const ZERO: Micro = Micro(0);

    /// Whole units.
    pub(in crate::sim) const fn whole(units: i32) -> Micro {
        Micro(units as i64 * ONE)
    }

    /// Thousandths of a unit.
    pub(in crate::sim) const fn milli(milli: i32) -> Micro {
        Micro(milli as i64 * 1_000)
    }

    /// One tick's share of `milli_s` thousandths a second. The division by 30 loses less than a
    /// millionth a tick: 1 % of the slowest rate that can be told, nothing of a common one.
    pub(in crate::sim) const fn per_tick_milli(milli_s: i32) -> Micro {
        Micro(milli_s as i64 * 1_000 / TICK_HZ as i64)
    }

    /// Whole units, rounded down.
    pub(in crate::sim) const fn floor(self) -> i32 {
        (self.0.div_euclid(ONE)) as i32
    }

    /// Tenths, rounded down, never negative.
    pub(in crate::sim) const fn tenths(self) -> u16 {
        let t = self.0.div_euclid(ONE / 10);
        if t < 0 { 0 } else { t as u16 }
    }

    /// This amount times `numerator` / `denominator`.
    pub(in crate::sim) const fn scaled(self, numerator: i64, denominator: i64) -> Micro {
        Micro((self.0 as i128 * numerator as i128 / denominator as i128) as i64)
    }

    /// `percent` of this amount.
    pub(in crate::sim) const fn percent(self, percent: i32) -> Micro {
        self.scaled(percent as i64, 100)
    }

    /// This product of two amounts, in millionths.
    pub(in crate::sim) const fn times(self, other: Micro) -> Micro {
        self.scaled(other.0, ONE)
    }

    /// Takes up to `wanted` out and returns what was there.
    pub(in crate::sim) fn take(&mut self, wanted: Micro) -> Micro {
        let got = (*self).min(wanted).max(Micro::ZERO);
        *self -= got;
        got
    }
}

impl std::ops::Add for Micro {
    type Output = Micro;
    fn add(self, other: Micro) -> Micro {
        Micro(self.0 + other.0)
    }
}
impl std::ops::Sub for Micro {
    type Output = Micro;
    fn sub(self, other: Micro) -> Micro {
        Micro(self.0 - other.0)
    }
}
impl std::ops::AddAssign for Micro {
    fn add_assign(&mut self, other: Micro) {
        self.0 += other.0;
    }
}
impl std::ops::SubAssign for Micro {
    fn sub_assign(&mut self, other: Micro) {
        self.0 -= other.0;
    }
}
impl std::iter::Sum for Micro {
    fn sum<I: Iterator<Item = Micro>>(iter: I) -> Micro {
        iter.fold(Micro::ZERO, std::ops::Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_rate_still_accrues() {
        let mut sum = Micro::ZERO;
        for _ in 0..TICK_HZ * 1_000 {
            sum += Micro::per_tick_milli(1);
        }
        assert!((Micro::milli(990)..=Micro::whole(1)).contains(&sum), "{sum:?}");
    }

    #[test]
    fn taking_never_gives_more_than_there_is() {
        let mut store = Micro::whole(3);
        assert_eq!(store.take(Micro::whole(2)), Micro::whole(2));
        assert_eq!(store.take(Micro::whole(2)), Micro::whole(1));
        assert_eq!(store.take(Micro::whole(2)), Micro::ZERO);
    }
}
