//! A straight band over the ground: what a beam sweeps.

use gamera_protocol::measure::{Angle, Pos};

/// A band that begins at a point and goes on in one direction.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Band {
    pub(in crate::sim) from: Pos,
    pub(in crate::sim) turn: Angle,
    /// Half its width, grid units.
    pub(in crate::sim) half_width: i32,
}

impl Band {
    /// How far along the band something of this radius lies, grid units, if it lies ahead and the
    /// band touches it.
    pub(in crate::sim) fn along(&self, pos: Pos, radius: i32) -> Option<i32> {
        let (dx, dy) = (i64::from(pos.x - self.from.x), i64::from(pos.y - self.from.y));
        let (cos, sin) = (i64::from(self.turn.cos_q15()), i64::from(self.turn.sin_q15()));
        let along = (dx * cos + dy * sin) >> 15;
        let aside = ((dy * cos - dx * sin) >> 15).abs();
        (along > 0 && aside <= i64::from(self.half_width + radius)).then_some(along as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::measure::metres;

    #[test]
    fn a_band_touches_what_lies_ahead_and_near_its_middle() {
        let band = Band { from: Pos::from_m(1_000, 1_000), turn: Angle::NORTH, half_width: metres(10) };
        // East and north of its beginning, radius, how far along.
        let cases = [
            (0, 200, 0, Some(200)),
            (9, 200, 0, Some(200)),
            (15, 200, 0, None),
            (15, 200, 6, Some(200)),
            (0, -200, 0, None),
        ];
        for (east, north, radius, wanted) in cases {
            let along = band.along(Pos::from_m(1_000 + east, 1_000 + north), metres(radius));
            assert_eq!(along.map(|a| (a + 32) / 64), wanted, "{east} m east, {north} m north");
        }
    }
}
