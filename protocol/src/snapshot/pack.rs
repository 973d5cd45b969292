//! The own unit's and the faction's view, bit by bit.

use crate::bits::{BitReader, BitWriter};
use crate::ground;
use crate::ids::{City, Role};
use crate::input::Verb;
use crate::measure::{Angle, Pos, Tick, UNITS_PER_M, Velocity};
use crate::motion::{Gait, Mover};
use crate::snapshot::SnapshotError;
use crate::snapshot::group::CELL_M;
use crate::view::{
    Bearing, CityView, FlowerView, GameraSideView, GameraState, GameraView, LegionView, Life, OwnView, Phase,
    QueenState, QueenView, SdfView, TeamView, VERBS_MAX,
};

/// Numbers of the own unit stay within this, so that what a client computes with them cannot overflow.
const AMOUNT_MAX: u32 = 1 << 24;
/// Bits of a coordinate within a cell.
const CELL_BITS: u32 = (CELL_M * UNITS_PER_M).ilog2();
/// Bits of a coordinate of the ground.
const COORDINATE_BITS: u32 = 19;

/// Writes a faction's view.
pub fn pack_team(team: &TeamView, w: &mut BitWriter) {
    team.pack(w);
}

pub(super) fn unpack_team(r: &mut BitReader<'_>) -> Result<TeamView, SnapshotError> {
    TeamView::unpack(r)
}

/// The own unit's view but for how it moves: what rarely changes. It is told when it has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OwnState {
    role: Role,
    life: Life,
    speed_permille: u16,
    health: i32,
    health_max: i32,
    carried: u16,
    squad: u16,
    /// The tick in which each verb can be used again: it stays the same while the time runs down.
    ready: [Tick; VERBS_MAX],
    channel: Option<(Verb, u16, u16)>,
}

impl OwnState {
    /// Of a whole view.
    #[must_use]
    pub fn of(own: &OwnView) -> OwnState {
        OwnState {
            role: own.role,
            life: own.life,
            speed_permille: own.speed_permille,
            health: own.health,
            health_max: own.health_max,
            carried: own.carried,
            squad: own.squad,
            ready: ready(own.tick, own.cooldowns),
            channel: own.channel,
        }
    }

    /// The whole view, with how the unit moves in `tick`.
    pub(super) fn with(&self, tick: Tick, mover: Mover) -> OwnView {
        OwnView {
            tick,
            role: self.role,
            life: self.life,
            mover,
            speed_permille: self.speed_permille,
            health: self.health,
            health_max: self.health_max,
            carried: self.carried,
            squad: self.squad,
            cooldowns: self.cooldowns(tick),
            channel: self.channel,
        }
    }

    /// Writes it as of `tick`: times are told as the ticks that are left.
    pub(super) fn write(&self, tick: Tick, w: &mut BitWriter) {
        self.pack(w);
        self.cooldowns(tick).pack(w);
    }

    pub(super) fn read(tick: Tick, r: &mut BitReader<'_>) -> Result<OwnState, SnapshotError> {
        let fixed = OwnState::unpack(r)?;
        let cooldowns = <[u16; VERBS_MAX]>::unpack(r)?;
        Ok(OwnState { ready: ready(tick, cooldowns), ..fixed })
    }

    fn cooldowns(&self, tick: Tick) -> [u16; VERBS_MAX] {
        self.ready.map(|ready| ready.0.saturating_sub(tick.0).min(u16::MAX.into()) as u16)
    }
}

impl Pack for OwnState {
    /// All but the times, which mean something with a tick only.
    fn pack(&self, w: &mut BitWriter) {
        self.role.pack(w);
        self.life.pack(w);
        self.speed_permille.pack(w);
        self.health.pack(w);
        self.health_max.pack(w);
        self.carried.pack(w);
        self.squad.pack(w);
        self.channel.pack(w);
    }

    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
        Ok(OwnState {
            role: Pack::unpack(r)?,
            life: Pack::unpack(r)?,
            speed_permille: Pack::unpack(r)?,
            health: Pack::unpack(r)?,
            health_max: Pack::unpack(r)?,
            carried: Pack::unpack(r)?,
            squad: Pack::unpack(r)?,
            channel: Pack::unpack(r)?,
            ready: [Tick(0); VERBS_MAX],
        })
    }
}

fn ready(tick: Tick, cooldowns: [u16; VERBS_MAX]) -> [Tick; VERBS_MAX] {
    cooldowns.map(|ticks| if ticks == 0 { Tick(0) } else { Tick(tick.0.saturating_add(ticks.into())) })
}

/// Writes how the own unit moves; it is as a rule in the cell that begins at `corner`.
pub(super) fn write_mover(mover: &Mover, corner: Pos, w: &mut BitWriter) {
    let pos = ground::clamp(mover.pos);
    let (x, y) = (pos.x - corner.x, pos.y - corner.y);
    let inside = 0..1 << CELL_BITS;
    let is_inside = inside.contains(&x) && inside.contains(&y);
    w.put_bit(is_inside);
    if is_inside {
        w.put(x as u32, CELL_BITS);
        w.put(y as u32, CELL_BITS);
    } else {
        pos.pack(w);
    }
    mover.velocity.pack(w);
    mover.heading.pack(w);
    mover.gait.pack(w);
}

pub(super) fn read_mover(corner: Pos, r: &mut BitReader<'_>) -> Result<Mover, SnapshotError> {
    let pos = if r.get_bit()? {
        let pos = Pos::new(corner.x + r.get(CELL_BITS)? as i32, corner.y + r.get(CELL_BITS)? as i32);
        if ground::clamp(pos) == pos { pos } else { return Err(SnapshotError::OutOfRange("place")) }
    } else {
        Pos::unpack(r)?
    };
    Ok(Mover { pos, velocity: Pack::unpack(r)?, heading: Pack::unpack(r)?, gait: Pack::unpack(r)? })
}

/// What has a form in bits.
trait Pack: Sized {
    fn pack(&self, w: &mut BitWriter);
    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError>;
}

/// A struct is its fields, one after the other.
macro_rules! pack_struct {
    ($($name:ident { $($field:ident),+ $(,)? })+) => {$(
        impl Pack for $name {
            fn pack(&self, w: &mut BitWriter) { $(self.$field.pack(w);)+ }

            fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
                Ok($name { $($field: Pack::unpack(r)?,)+ })
            }
        }
    )+};
}

/// A plain enum is the number of its value.
macro_rules! pack_enum {
    ($($name:ident: $width:literal,)+) => {$(
        impl Pack for $name {
            fn pack(&self, w: &mut BitWriter) {
                const { assert!($name::ALL.len() <= 1 << $width, "every value has a number") };
                w.put(self.index() as u32, $width);
            }

            fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
                $name::from_index(r.get($width)? as usize).ok_or(SnapshotError::OutOfRange(stringify!($name)))
            }
        }
    )+};
}

pack_enum! {
    City: 2,
    Gait: 3,
    GameraState: 3,
    Phase: 3,
    QueenState: 3,
    Role: 4,
    Verb: 6,
}

pack_struct! {
    TeamView {
        tick, phase, city, last_city, cities, gamera, queen, seeds, wariness, scores, legion, gamera_side, sdf, rally,
    }
    CityView {
        staying_dtok, evacuated_dtok, dead_dtok, overgrown_pct, flower, contested, annihilated, districts_dtok,
    }
    FlowerView { stage, health_permille, oxygen, launch_s }
    GameraView { state, health_permille, mobbed, timer_s }
    QueenView {
        state, health_permille, horn_permille, wings_permille, claws_permille, egg_chamber_permille, legs_permille,
    }
    LegionView { mass, silicon, feed_pct, broodburst_s, hold }
    GameraSideView { mana_dm, bonded, jewel, arrival, knocked_out, plasma_spent, may_roar, retreated }
    SdfView {
        research_dm, lure_pct, lure_s, evacuation_pct, evacuation_district, weapons_free, confer_s, evacuation_city,
        evacuation_dtok_min, convoys, tier, theory, patrol_s, contact, bearings, meteor, lure_at,
    }
    Bearing { from, heading }
}

impl Pack for bool {
    fn pack(&self, w: &mut BitWriter) {
        w.put_bit(*self);
    }

    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
        Ok(r.get_bit()?)
    }
}

/// Zero is common and cheap; the rest is near the middle of its range.
macro_rules! pack_number {
    ($($name:ident: $order:literal,)+) => {$(
        impl Pack for $name {
            fn pack(&self, w: &mut BitWriter) {
                w.put_bit(*self != 0);
                if *self != 0 {
                    w.put_golomb(u32::from(*self), $order);
                }
            }

            fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
                if !r.get_bit()? {
                    return Ok(0);
                }
                $name::try_from(r.get_golomb($order)?).map_err(|_| SnapshotError::OutOfRange("number"))
            }
        }
    )+};
}

pack_number! {
    u8: 4,
    u16: 8,
}

impl Pack for i32 {
    fn pack(&self, w: &mut BitWriter) {
        w.put_signed((*self).clamp(-(AMOUNT_MAX as i32), AMOUNT_MAX as i32), 11);
    }

    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
        match r.get_signed(11)? {
            n if n.unsigned_abs() <= AMOUNT_MAX => Ok(n),
            _ => Err(SnapshotError::OutOfRange("number")),
        }
    }
}

impl Pack for Tick {
    fn pack(&self, w: &mut BitWriter) {
        w.put_golomb(self.0, 14);
    }

    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
        Ok(Tick(r.get_golomb(14)?))
    }
}

impl Pack for Angle {
    fn pack(&self, w: &mut BitWriter) {
        w.put(u32::from(self.0), 16);
    }

    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
        Ok(Angle(r.get(16)? as u16))
    }
}

impl Pack for Pos {
    fn pack(&self, w: &mut BitWriter) {
        let p = ground::clamp(*self);
        w.put(p.x as u32, COORDINATE_BITS);
        w.put(p.y as u32, COORDINATE_BITS);
    }

    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
        let pos = Pos::new(r.get(COORDINATE_BITS)? as i32, r.get(COORDINATE_BITS)? as i32);
        if ground::clamp(pos) == pos { Ok(pos) } else { Err(SnapshotError::OutOfRange("place")) }
    }
}

impl Pack for Velocity {
    fn pack(&self, w: &mut BitWriter) {
        let resting = *self == Velocity::ZERO;
        w.put_bit(resting);
        if !resting {
            self.x.pack(w);
            self.y.pack(w);
        }
    }

    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
        if r.get_bit()? {
            return Ok(Velocity::ZERO);
        }
        Ok(Velocity { x: i32::unpack(r)?, y: i32::unpack(r)? })
    }
}

impl Pack for Life {
    fn pack(&self, w: &mut BitWriter) {
        match self {
            Life::Alive => w.put(0, 1),
            Life::Down { until } => {
                w.put(0b01, 2);
                until.pack(w);
            }
            Life::Waiting { until } => {
                w.put(0b11, 2);
                until.pack(w);
            }
        }
    }

    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
        if !r.get_bit()? {
            return Ok(Life::Alive);
        }
        let waiting = r.get_bit()?;
        let until = Tick::unpack(r)?;
        Ok(if waiting { Life::Waiting { until } } else { Life::Down { until } })
    }
}

impl<T: Pack> Pack for Option<T> {
    fn pack(&self, w: &mut BitWriter) {
        w.put_bit(self.is_some());
        if let Some(value) = self {
            value.pack(w);
        }
    }

    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
        if r.get_bit()? { T::unpack(r).map(Some) } else { Ok(None) }
    }
}

impl<T: Pack + Copy + Default, const N: usize> Pack for [T; N] {
    fn pack(&self, w: &mut BitWriter) {
        self.iter().for_each(|value| value.pack(w));
    }

    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
        let mut out = [T::default(); N];
        for slot in &mut out {
            *slot = T::unpack(r)?;
        }
        Ok(out)
    }
}

impl Pack for (Verb, u16, u16) {
    fn pack(&self, w: &mut BitWriter) {
        self.0.pack(w);
        self.1.pack(w);
        self.2.pack(w);
    }

    fn unpack(r: &mut BitReader<'_>) -> Result<Self, SnapshotError> {
        Ok((Verb::unpack(r)?, u16::unpack(r)?, u16::unpack(r)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Role;
    use crate::rng::Pcg32;
    use crate::snapshot::group::GroupId;

    fn some_own(rng: &mut Pcg32) -> OwnView {
        let until = Tick(rng.below(30_000));
        OwnView {
            tick: Tick(rng.below(30_000)),
            role: Role::ALL[rng.below(Role::ALL.len() as u32) as usize],
            life: [Life::Alive, Life::Down { until }, Life::Waiting { until }][rng.below(3) as usize],
            mover: Mover {
                pos: ground::clamp(Pos::from_m(rng.between(0, 8_191), rng.between(0, 3_071))),
                velocity: Velocity { x: rng.between(-9_000, 9_000), y: rng.between(-9_000, 9_000) },
                heading: Angle(rng.next_u32() as u16),
                gait: Gait::ALL[rng.below(5) as usize],
            },
            speed_permille: rng.below(2_000) as u16,
            health: rng.between(-5, 20_000),
            health_max: 20_000,
            carried: rng.below(300) as u16,
            squad: rng.below(300) as u16,
            cooldowns: [rng.below(900) as u16; VERBS_MAX],
            channel: (rng.below(2) > 0).then_some((Verb::Uproot, 10, 330)),
        }
    }

    fn some_team(rng: &mut Pcg32) -> TeamView {
        let mut n = |below: u32| rng.below(below) as u16;
        let flower = FlowerView { stage: 2, health_permille: n(1_001), oxygen: Some(n(101) as u8), launch_s: None };
        let city = CityView {
            staying_dtok: n(9_000),
            dead_dtok: n(9_000),
            flower: Some(flower),
            contested: true,
            districts_dtok: [n(2_000); ground::DISTRICTS],
            ..CityView::default()
        };
        TeamView {
            tick: Tick(u32::from(n(30_000))),
            phase: Phase::March,
            city: City::Sendai,
            last_city: City::Tokyo,
            cities: [city, CityView::default(), city],
            gamera: Some(GameraView { state: GameraState::Coma, health_permille: n(1_001), mobbed: 3, timer_s: 170 }),
            queen: Some(QueenView {
                state: QueenState::Marching,
                health_permille: n(1_001),
                horn_permille: 0,
                wings_permille: 1_000,
                claws_permille: n(1_001),
                egg_chamber_permille: 1_000,
                legs_permille: [n(1_001); 4],
            }),
            seeds: 1,
            wariness: 70,
            scores: [n(1_001); 3],
            legion: Some(LegionView { mass: n(401), silicon: n(500), feed_pct: 50, broodburst_s: 40, hold: true }),
            gamera_side: Some(GameraSideView {
                mana_dm: n(1_001),
                bonded: true,
                jewel: true,
                arrival: Tick(4_500),
                ..GameraSideView::default()
            }),
            sdf: Some(SdfView { research_dm: n(1_001), weapons_free: true, ..SdfView::default() }),
            rally: Some(Pos::from_m(900, 900)),
        }
    }

    #[test]
    fn the_views_come_back_as_they_were_and_leave_room_in_a_datagram() {
        let mut rng = Pcg32::new(1, 1);
        for round in 0..500 {
            let (own, team) = (some_own(&mut rng), some_team(&mut rng));
            let corner = if round % 2 == 0 { GroupId::cell_at(own.mover.pos).origin() } else { Pos::from_m(64, 64) };
            let mut w = BitWriter::new();
            write_mover(&own.mover, corner, &mut w);
            OwnState::of(&own).write(own.tick, &mut w);
            assert!(w.len_bits() <= 520, "{} bits", w.len_bits());
            pack_team(&team, &mut w);
            assert!(w.len_bits() <= 2_400, "{} bits", w.len_bits());
            let bytes = w.finish();
            let mut r = BitReader::new(&bytes);
            let mover = read_mover(corner, &mut r).unwrap();
            let state = OwnState::read(own.tick, &mut r).unwrap();
            assert_eq!((state, state.with(own.tick, mover)), (OwnState::of(&own), own));
            assert_eq!(unpack_team(&mut r), Ok(team));
        }
    }

    #[test]
    fn what_a_client_computes_with_is_bounded() {
        let mut rng = Pcg32::new(2, 1);
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..90).map(|_| (rng.next_u32() | rng.next_u32()) as u8).collect();
            if let Ok(mover) = read_mover(Pos::from_m(8_128, 3_008), &mut BitReader::new(&bytes)) {
                assert_eq!(ground::clamp(mover.pos), mover.pos);
                assert!(mover.velocity.x.unsigned_abs() <= AMOUNT_MAX && mover.velocity.y.unsigned_abs() <= AMOUNT_MAX);
            }
            if let Ok(state) = OwnState::read(Tick(u32::MAX), &mut BitReader::new(&bytes)) {
                assert!(state.health.unsigned_abs() <= AMOUNT_MAX && state.health_max.unsigned_abs() <= AMOUNT_MAX);
            }
        }
    }

    #[test]
    fn a_cooldown_that_runs_down_is_no_change() {
        let mut rng = Pcg32::new(3, 1);
        let own = some_own(&mut rng);
        let later = OwnView { tick: own.tick.after(1), cooldowns: own.cooldowns.map(|c| c.saturating_sub(1)), ..own };
        assert!(own.cooldowns[0] < 2 || OwnState::of(&own) == OwnState::of(&later));
    }
}
