//! What each kind of unit and structure can do: one row each.

use crate::ids::{Kind, Side};
use crate::measure::{UNITS_PER_M, ticks_tenths};

/// One kind's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnitRow {
    /// Which kind.
    pub kind: Kind,
    /// The faction it belongs to; `None` for what is nobody's.
    pub side: Option<Side>,
    /// Full health; for a soldier the health of one M. Zero: cannot be hurt.
    pub health: i32,
    /// Speed on the surface, tenths of a metre a second.
    pub speed_dms: i32,
    /// Speed in the sky, tenths of a metre a second; zero where it cannot fly.
    pub fly_dms: i32,
    /// Speed underground, tenths of a metre a second; zero where it cannot burrow.
    pub burrow_dms: i32,
    /// Sight, metres.
    pub sight_m: i32,
    /// Damage of one shot or blow of its own weapon.
    pub damage: i32,
    /// That weapon's reach, metres.
    pub range_m: i32,
    /// Between two shots, tenths of a second.
    pub cooldown_ds: i32,
    /// What it carries at most: motes, charges, rounds, citizens.
    pub carries: i32,
    /// Seconds until it is back after its death; zero: never.
    pub respawn_s: i32,
    /// How far from its middle it can be hit, metres.
    pub radius_m: i32,
}

impl UnitRow {
    /// Speed on the surface, 1/64 m a second.
    #[must_use]
    pub const fn speed(&self) -> i32 {
        self.speed_dms * UNITS_PER_M / 10
    }

    /// Speed in the sky, 1/64 m a second.
    #[must_use]
    pub const fn fly_speed(&self) -> i32 {
        self.fly_dms * UNITS_PER_M / 10
    }

    /// Speed underground, 1/64 m a second.
    #[must_use]
    pub const fn burrow_speed(&self) -> i32 {
        self.burrow_dms * UNITS_PER_M / 10
    }

    /// Weapon's reach in grid units.
    #[must_use]
    pub const fn range(&self) -> i32 {
        self.range_m * UNITS_PER_M
    }

    /// Ticks between two shots.
    #[must_use]
    pub const fn cooldown_ticks(&self) -> u32 {
        ticks_tenths(self.cooldown_ds as u32)
    }
}

/// One row a kind, in the order of [`Kind::ALL`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnitTable {
    rows: [UnitRow; Kind::ALL.len()],
}

impl UnitTable {
    /// The row of `kind`.
    #[must_use]
    pub const fn of(&self, kind: Kind) -> &UnitRow {
        &self.rows[kind.index()]
    }

    /// The row of `kind`, to be changed for a match.
    pub const fn of_mut(&mut self, kind: Kind) -> &mut UnitRow {
        &mut self.rows[kind.index()]
    }

    pub(super) fn fingerprint(&self, hash: &mut super::Fnv) {
        for r in &self.rows {
            hash.eat(&[r.kind.index() as u8, r.side.map_or(255, |s| s.index() as u8)]);
            for v in [
                r.health,
                r.speed_dms,
                r.fly_dms,
                r.burrow_dms,
                r.sight_m,
                r.damage,
                r.range_m,
                r.cooldown_ds,
                r.carries,
                r.respawn_s,
                r.radius_m,
            ] {
                hash.eat(&v.to_le_bytes());
            }
        }
    }
}

const G: Option<Side> = Some(Side::Gamera);
const L: Option<Side> = Some(Side::Legion);
const S: Option<Side> = Some(Side::Sdf);

impl Default for UnitTable {
    #[rustfmt::skip]
    fn default() -> Self {
        // kind, side, health, surface, sky, underground dm/s, sight, damage, range m, cooldown ds, carries, respawn s, radius m
        UnitTable { rows: [
            row(Kind::Gamera,      G, 10_000, [120, 900, 0],   1_200, 0,   [0, 0],    0,     0,  25),
            row(Kind::Queen,       L, 16_500, [100, 450, 200], 1_200, 0,   [0, 0],    0,     0,  35),
            row(Kind::Soldier,     L, 26,     [80, 0, 60],     120,   0,   [6, 10],   0,     0,  2),
            row(Kind::BroodLeader, L, 320,    [100, 0, 70],    220,   22,  [40, 12],  0,     12, 3),
            row(Kind::Asagi,       G, 100,    [70, 0, 0],      250,   0,   [0, 0],    1,     20, 1),
            row(Kind::LightBearer, G, 110,    [75, 0, 0],      220,   14,  [90, 10],  2,     10, 1),
            row(Kind::Commander,   S, 300,    [140, 0, 0],     350,   12,  [140, 10], 0,     15, 3),
            row(Kind::Scientist,   S, 160,    [120, 0, 0],     250,   8,   [90, 10],  0,     15, 3),
            row(Kind::Jet,         S, 240,    [0, 1_200, 0],   600,   60,  [220, 40], 4,     20, 6),
            row(Kind::Tank,        S, 520,    [110, 0, 0],     300,   70,  [320, 25], 0,     14, 4),
            row(Kind::Missiles,    S, 280,    [90, 0, 0],      300,   60,  [900, 60], 24,    18, 4),
            row(Kind::Engineer,    S, 240,    [110, 0, 0],     220,   16,  [110, 8],  3,     12, 3),
            row(Kind::Guard,       S, 60,     [0, 0, 0],       70,    6,   [80, 10],  0,     45, 1),
            row(Kind::Convoy,      S, 400,    [140, 0, 0],     100,   0,   [0, 0],    12_000, 0, 6),
            row(Kind::Flower,      L, 1_500,  [0, 0, 0],       200,   0,   [0, 0],    0,     0,  20),
            row(Kind::Pod,         L, 900,    [0, 0, 0],       80,    0,   [0, 0],    0,     0,  10),
            row(Kind::Burrow,      L, 240,    [0, 0, 0],       60,    0,   [0, 0],    0,     0,  5),
            row(Kind::Cache,       None, 0,   [0, 0, 0],       0,     0,   [0, 0],    60,    0,  8),
            row(Kind::Shrine,      None, 0,   [0, 0, 0],       0,     0,   [0, 0],    1,     0,  5),
            row(Kind::Pylon,       S, 200,    [0, 0, 0],       40,    0,   [0, 0],    0,     0,  3),
            row(Kind::Substation,  S, 500,    [0, 0, 0],       60,    0,   [0, 0],    0,     0,  10),
            row(Kind::Lab,         S, 800,    [0, 0, 0],       150,   0,   [0, 0],    0,     0,  15),
            row(Kind::Sensor,      S, 40,     [0, 0, 0],       30,    0,   [0, 0],    0,     0,  1),
            row(Kind::Charge,      S, 60,     [0, 0, 0],       10,    0,   [0, 0],    0,     0,  1),
            row(Kind::Sonar,       S, 200,    [0, 0, 0],       200,   0,   [0, 0],    0,     0,  4),
            row(Kind::Roadblock,   L, 160,    [0, 0, 0],       20,    0,   [0, 0],    0,     0,  6),
            row(Kind::Mote,        G, 0,      [0, 0, 0],       0,     0,   [0, 0],    0,     0,  1),
            row(Kind::Meteor,      None, 0,   [0, 0, 0],       0,     0,   [0, 0],    0,     0,  20),
            row(Kind::Carcass,     None, 0,   [0, 0, 0],       0,     0,   [0, 0],    0,     0,  2),
        ] }
    }
}

#[expect(clippy::too_many_arguments, reason = "one row of a table, read column by column")]
const fn row(
    kind: Kind,
    side: Option<Side>,
    health: i32,
    [speed_dms, fly_dms, burrow_dms]: [i32; 3],
    sight_m: i32,
    damage: i32,
    [range_m, cooldown_ds]: [i32; 2],
    carries: i32,
    respawn_s: i32,
    radius_m: i32,
) -> UnitRow {
    UnitRow {
        kind,
        side,
        health,
        speed_dms,
        fly_dms,
        burrow_dms,
        sight_m,
        damage,
        range_m,
        cooldown_ds,
        carries,
        respawn_s,
        radius_m,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_stands_at_its_kind() {
        let table = UnitTable::default();
        for kind in Kind::ALL {
            assert_eq!(table.of(*kind).kind, *kind);
        }
    }
}
