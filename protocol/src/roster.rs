//! Which seats a match of a given size has, and how many soldiers: a table of scales.

use std::ops::Range;

use crate::ids::{Kind, Role, SeatId, Side};

/// The smallest match: one seat a side.
pub const SEATS_MIN: u16 = 3;
/// The largest match.
pub const SEATS_MAX: u16 = 2_048;

/// One measured row of the scale table; sizes between two rows interpolate.
struct Scale {
    seats: u32,
    gamera: u32,
    legion: u32,
    soldiers: u32,
}

#[rustfmt::skip]
const SCALES: [Scale; 6] = [
    Scale { seats: 3,     gamera: 1,   legion: 1,   soldiers: 150 },
    Scale { seats: 16,    gamera: 3,   legion: 6,   soldiers: 400 },
    Scale { seats: 128,   gamera: 16,  legion: 52,  soldiers: 2_000 },
    // A thousand players meet all of the swarm; their sides are what they were between the rows around.
    Scale { seats: 1_000, gamera: 94,  legion: 420, soldiers: 10_000 },
    Scale { seats: 1_024, gamera: 96,  legion: 430, soldiers: 10_000 },
    Scale { seats: 2_048, gamera: 192, legion: 860, soldiers: 10_000 },
];

const GAMERA_FILL: [Role; 2] = [Role::Gamera, Role::Asagi];
const SDF_FILL: [Role; 6] = [Role::Commander, Role::Tank, Role::Engineer, Role::Scientist, Role::Missiles, Role::Jet];
const SDF_CYCLE: [Role; 4] = [Role::Tank, Role::Engineer, Role::Missiles, Role::Jet];

/// The match size that the balance tables are written for.
const REFERENCE_SEATS: u32 = 16;

/// What a thing of such a match counts for, in the unit of [`Roster::scale_ppm`].
pub const MILLION: i64 = 1_000_000;
/// No convoy is smaller than so much of one, millionths.
const CONVOY_LEAST_PPM: i64 = MILLION / 6;

/// The seats of one match: the role of each, and the soldier cap that goes with that size.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Roster {
    /// The seats that people can take, then one house seat for each role that none of them has.
    roles: Vec<Role>,
    seats: usize,
    sides: [u16; 3],
    soldier_cap: u32,
    /// By role: how many seats have it, how many have it in a match of 16. They are asked for in each tick.
    counts: [usize; Role::ALL.len()],
    reference: [usize; Role::ALL.len()],
}

impl Roster {
    /// The roster of a match with `seats` seats, clamped to [`SEATS_MIN`]`..=`[`SEATS_MAX`].
    ///
    /// Seats are numbered side by side: Gamera's first, then the Legion's, then the SDF's, each in
    /// its fill order.
    #[must_use]
    pub fn new(seats: u16) -> Roster {
        let count = u32::from(seats.clamp(SEATS_MIN, SEATS_MAX));
        let (gamera, legion, soldier_cap) = interpolate(count);
        let mut roles = seat_roles(count);
        let missing = |role: &&Role| !roles.contains(role);
        let house: Vec<Role> = Role::ALL.iter().filter(missing).copied().collect();
        roles.extend(house);
        let sdf = count - gamera - legion;
        let sides = [gamera as u16, legion as u16, sdf as u16];
        let (counts, reference) = (counts(&roles), counts(&seat_roles(REFERENCE_SEATS)));
        Roster { roles, seats: count as usize, sides, soldier_cap, counts, reference }
    }

    /// The number of seats that people can take.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seats
    }

    /// A roster always has seats.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seats == 0
    }

    /// Every seat that people can take, with its role, in seat order.
    pub fn seats(&self) -> impl Iterator<Item = (SeatId, Role)> + '_ {
        self.all().take(self.seats)
    }

    /// The same and behind them the house seats: roles that no seat of this size has, which a bot
    /// plays so that the battle is whole.
    pub fn all(&self) -> impl Iterator<Item = (SeatId, Role)> + '_ {
        self.roles.iter().enumerate().map(|(i, role)| (SeatId(i as u16), *role))
    }

    /// True for a seat that no person can take.
    #[must_use]
    pub fn is_house(&self, seat: SeatId) -> bool {
        seat.index() >= self.seats
    }

    /// The role of `seat`, house seats included, or `None` where the match has no such seat.
    #[must_use]
    pub fn role(&self, seat: SeatId) -> Option<Role> {
        self.roles.get(seat.index()).copied()
    }

    /// What one seat with `role` is worth in health and output, millionths of the same seat in a
    /// match of 16: a faction's totals are the same at every scale.
    #[must_use]
    pub fn scale_ppm(&self, role: Role) -> i64 {
        (self.reference[role.index()] as i64 * MILLION / self.count(role).max(1) as i64).max(1)
    }

    /// What one thing of this kind counts for: what comes in smaller pieces in a large match is worth as much less.
    #[must_use]
    pub fn weight_ppm(&self, kind: Kind) -> i64 {
        match kind {
            Kind::Soldier => self.soldier_scale_ppm(),
            Kind::Convoy => self.convoy_scale_ppm(),
            _ => Role::ALL.iter().find(|role| role.kind() == kind).map_or(MILLION, |role| self.scale_ppm(*role)),
        }
    }

    /// The same of one soldier.
    #[must_use]
    pub fn soldier_scale_ppm(&self) -> i64 {
        let (.., reference) = interpolate(REFERENCE_SEATS);
        i64::from(reference) * MILLION / i64::from(self.soldier_cap.max(1))
    }

    /// The same of one convoy: many small ones where there are many tanks to escort them.
    #[must_use]
    pub fn convoy_scale_ppm(&self) -> i64 {
        self.scale_ppm(Role::Tank).clamp(CONVOY_LEAST_PPM, MILLION)
    }

    /// Which part of its role's work `seat` has a share in, and how many parts that work has: those of a
    /// match of 16. In a larger match several seats have one part together, in a smaller one there are
    /// only so many parts as seats.
    #[must_use]
    pub fn part(&self, seat: SeatId) -> (usize, usize) {
        let Some(role) = self.role(seat) else { return (0, 1) };
        let rank = self.roles.iter().take(seat.index()).filter(|r| **r == role).count();
        (self.part_of(role, rank), self.parts(role))
    }

    /// Which of those with `role`, by their rank, share this part of its work.
    #[must_use]
    pub fn ranks(&self, role: Role, part: usize) -> Range<usize> {
        let (count, parts) = (self.count(role), self.parts(role));
        (part * count).div_ceil(parts)..((part + 1) * count).div_ceil(parts)
    }

    /// The part of the one with `role` and this rank.
    #[must_use]
    pub fn part_of(&self, role: Role, rank: usize) -> usize {
        rank * self.parts(role) / self.count(role).max(1)
    }

    /// How many parts the work of `role` has.
    #[must_use]
    pub fn parts(&self, role: Role) -> usize {
        self.reference[role.index()].clamp(1, self.count(role).max(1))
    }

    /// The seat of a match of 16 that has the same part of its role's work.
    #[must_use]
    pub fn counterpart(&self, seat: SeatId) -> SeatId {
        let (part, _) = self.part(seat);
        let reference = seat_roles(REFERENCE_SEATS);
        let mut alike = reference.iter().enumerate().filter(|(_, role)| Some(**role) == self.role(seat));
        alike.nth(part).map_or(seat, |(index, _)| SeatId(index as u16))
    }

    /// Everyone who shares the part of `seat`, itself included, in seat order.
    #[must_use]
    pub fn mates(&self, seat: SeatId) -> Vec<SeatId> {
        let Some(role) = self.role(seat) else { return vec![seat] };
        let ranks = self.ranks(role, self.part(seat).0);
        let alike = self.all().filter(|(_, other)| *other == role).map(|(other, _)| other);
        alike.take(ranks.end).skip(ranks.start).collect()
    }

    /// The first seat with `role`.
    #[must_use]
    pub fn first(&self, role: Role) -> Option<SeatId> {
        self.roles.iter().position(|r| *r == role).map(|i| SeatId(i as u16))
    }

    /// How many seats have `role`, house seats included.
    #[must_use]
    pub fn count(&self, role: Role) -> usize {
        self.counts[role.index()]
    }

    /// How many seats `side` has.
    #[must_use]
    pub fn side_len(&self, side: Side) -> u16 {
        self.sides[side.index()]
    }

    /// The soldiers that make up the full swarm mass of 400 M.
    #[must_use]
    pub fn soldier_cap(&self) -> u32 {
        self.soldier_cap
    }
}

fn counts(roles: &[Role]) -> [usize; Role::ALL.len()] {
    let mut counts = [0; Role::ALL.len()];
    roles.iter().for_each(|role| counts[role.index()] += 1);
    counts
}

fn seat_roles(count: u32) -> Vec<Role> {
    let (gamera, legion, _) = interpolate(count);
    let sdf = count - gamera - legion;
    let mut roles = Vec::with_capacity(count as usize);
    roles.extend((0..gamera as usize).map(|i| GAMERA_FILL.get(i).copied().unwrap_or(Role::LightBearer)));
    roles.extend((0..legion as usize).map(|i| if i == 0 { Role::Queen } else { Role::BroodLeader }));
    roles.extend((0..sdf as usize).map(sdf_role));
    roles
}

fn sdf_role(index: usize) -> Role {
    match SDF_FILL.get(index) {
        Some(role) => *role,
        None => SDF_CYCLE[(index - SDF_FILL.len()) % SDF_CYCLE.len()],
    }
}

fn interpolate(seats: u32) -> (u32, u32, u32) {
    let above = SCALES.iter().position(|s| s.seats >= seats).unwrap_or(SCALES.len() - 1).max(1);
    let (a, b) = (&SCALES[above - 1], &SCALES[above]);
    let between = |from: u32, to: u32| {
        let span = b.seats - a.seats;
        from + ((to - from) * (seats - a.seats) + span / 2) / span
    };
    (between(a.gamera, b.gamera), between(a.legion, b.legion), between(a.soldiers, b.soldiers))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seats, those of each side, soldiers.
    #[rustfmt::skip]
    const TABLE: [(u16, u16, u16, u16, u32); 6] = [
        (3, 1, 1, 1, 150),
        (16, 3, 6, 7, 400),
        (128, 16, 52, 60, 2_000),
        (1_000, 94, 420, 486, 10_000),
        (1_024, 96, 430, 498, 10_000),
        (2_048, 192, 860, 996, 10_000),
    ];

    #[test]
    fn the_rows_of_the_scale_table_come_out() {
        for (seats, gamera, legion, sdf, soldiers) in TABLE {
            let r = Roster::new(seats);
            assert_eq!(r.len(), usize::from(seats));
            assert_eq!(Side::ALL.iter().map(|s| r.side_len(*s)).collect::<Vec<_>>(), [gamera, legion, sdf]);
            assert_eq!(r.soldier_cap(), soldiers);
        }
    }

    #[test]
    fn every_size_has_each_side_and_numbers_its_seats_side_by_side() {
        for seats in SEATS_MIN..=300 {
            let r = Roster::new(seats);
            let sides: Vec<Side> = r.seats().map(|(_, role)| role.side()).collect();
            assert!(sides.is_sorted(), "{seats} seats");
            assert!(Side::ALL.iter().all(|s| sides.contains(s)), "{seats} seats");
        }
    }

    #[test]
    fn a_faction_is_worth_the_same_at_every_scale() {
        for seats in [3, 16, 40, 128, 1_024] {
            let r = Roster::new(seats);
            for role in [Role::Tank, Role::BroodLeader, Role::LightBearer, Role::Missiles] {
                let (total, reference) =
                    (r.count(role) as i64 * r.scale_ppm(role), 1_000_000 * Roster::new(16).count(role) as i64);
                assert!((reference * 999 / 1_000..=reference).contains(&total), "{seats} seats, {role}: {total}");
            }
        }
    }

    #[test]
    fn the_parts_of_a_roles_work_are_those_of_sixteen_seats_and_evenly_shared() {
        for seats in [3, 16, 48, 128, 512, 1_024] {
            let r = Roster::new(seats);
            for role in Role::ALL.iter().copied() {
                let mut shares = std::collections::BTreeMap::new();
                let wanted = Roster::new(16).count(role).min(r.count(role));
                for (seat, _) in r.all().filter(|(_, other)| *other == role) {
                    let (part, parts) = r.part(seat);
                    assert_eq!(parts, wanted, "{seats} seats, {role}");
                    let counterpart = r.counterpart(seat);
                    assert_eq!(Roster::new(16).role(counterpart), Some(role));
                    assert_eq!(Roster::new(16).part(counterpart).0, part);
                    assert!(seats != 16 || counterpart == seat);
                    *shares.entry(part).or_insert(0) += 1;
                }
                assert_eq!(shares.len(), wanted, "{seats} seats, {role}: each part has somebody");
                let (least, most) = (shares.values().min(), shares.values().max());
                assert!(most.zip(least).is_some_and(|(m, l)| m - l <= 1), "{seats} seats, {role}: {shares:?}");
            }
        }
    }

    #[test]
    fn three_seats_have_house_seats_for_the_other_roles() {
        let r = Roster::new(3);
        assert_eq!(r.seats().count(), 3);
        assert!(Role::ALL.iter().all(|role| r.count(*role) >= 1));
        assert!(r.all().skip(3).all(|(seat, _)| r.is_house(seat)));
    }

    #[test]
    fn sixteen_seats_hold_every_single_role() {
        let r = Roster::new(16);
        for role in [Role::Gamera, Role::Asagi, Role::Queen, Role::Commander, Role::Scientist, Role::Jet] {
            assert_eq!(r.count(role), 1, "{role}");
        }
        assert_eq!(r.count(Role::BroodLeader), 5);
        assert_eq!(r.count(Role::Tank), 2);
    }
}
