//! A small world of walkers in flocks, seen by one faction: what the tests of replication tell of.

use gamera_protocol::ground;
use gamera_protocol::ids::{Kind, Layer, SeatId};
use gamera_protocol::measure::{Angle, Pos, metres};
use gamera_protocol::rng::Pcg32;
use gamera_protocol::view::Marks;

use crate::sim::{Key, Sighting};

/// One walker of the world.
#[derive(Clone, Debug)]
pub(super) struct Walker {
    pub(super) sighting: Sighting,
    velocity: (i32, i32),
    /// 1/256 of a grid unit, so that motion is smooth.
    at: (i32, i32),
    goal: Pos,
    moving: bool,
}

/// Flocks that drift about: eight in ten move in a tick, one in twenty changes its health, one in a
/// hundred dies and another comes.
pub(super) struct World {
    rng: Pcg32,
    pub(super) flocks: Vec<Pos>,
    pub(super) walkers: Vec<Walker>,
    next_key: u32,
    pub(super) middle: Pos,
    spread_m: i32,
}

impl World {
    pub(super) fn new(count: usize, flocks: usize, spread_m: i32, seed: u64) -> World {
        let middle = Pos::from_m(4_000, 1_700);
        let mut rng = Pcg32::new(seed, 7);
        let around = |rng: &mut Pcg32| near(rng, middle, spread_m);
        let flocks = (0..flocks).map(|_| around(&mut rng)).collect();
        let mut world = World { rng, flocks, walkers: Vec::new(), next_key: 1, middle, spread_m };
        world.walkers = (0..count).map(|_| world.spawn()).collect();
        (0..100).for_each(|_| world.step());
        world
    }

    fn spawn(&mut self) -> Walker {
        let flock = self.flocks[self.rng.below(self.flocks.len() as u32) as usize];
        let pos = if self.rng.chance_permille(750) {
            near(&mut self.rng, flock, 350)
        } else {
            near(&mut self.rng, self.middle, self.spread_m)
        };
        let kind = match self.rng.below(1_000) {
            0 => Kind::Tank,
            1 => Kind::Flower,
            2 => Kind::Pylon,
            3 => Kind::Queen,
            4..30 => Kind::Tank,
            _ => Kind::Soldier,
        };
        self.next_key += 1;
        let sighting = Sighting {
            key: Key(self.next_key * 3),
            kind,
            layer: Layer::ALL[self.rng.below(3) as usize],
            pos,
            heading: self.rng.below(256) as u8,
            health: 255,
            marks: Marks::default(),
            seat: (kind == Kind::Tank).then(|| SeatId(self.rng.below(2_000) as u16)),
        };
        let moving = self.rng.chance_permille(800) && !matches!(kind, Kind::Flower | Kind::Pylon);
        let at = (pos.x << 8, pos.y << 8);
        Walker { sighting, velocity: (0, 0), at, goal: near(&mut self.rng, flock, 250), moving }
    }

    pub(super) fn step(&mut self) {
        for i in 0..self.walkers.len() {
            if self.rng.chance_permille(10) {
                self.walkers[i] = self.spawn();
                continue;
            }
            let flock = self.flocks[i % self.flocks.len()];
            self.walkers[i].step(&mut self.rng, flock);
        }
    }

    pub(super) fn sightings(&self, out: &mut Vec<Sighting>) {
        out.extend(self.walkers.iter().map(|w| w.sighting));
    }
}

impl Walker {
    fn step(&mut self, rng: &mut Pcg32, flock: Pos) {
        let fixed = matches!(self.sighting.kind, Kind::Flower | Kind::Pylon);
        if !fixed && rng.chance_permille(if self.moving { 8 } else { 33 }) {
            self.moving = !self.moving;
        }
        if self.moving {
            self.walk(rng, flock);
        } else {
            self.velocity = (0, 0);
        }
        if rng.chance_permille(50) {
            self.sighting.health = self.sighting.health.wrapping_add(rng.between(-40, 40) as u8);
        }
        if rng.chance_permille(10) {
            self.sighting.marks = Marks(1 << rng.below(6));
        }
    }

    /// Steers with 15 m/s2 at most and some noise, as the trace does that others were measured on.
    fn walk(&mut self, rng: &mut Pcg32, flock: Pos) {
        if self.sighting.pos.within(self.goal, metres(20)) {
            self.goal = near(rng, flock, 250);
        }
        let speed = [8, 12, 16, 20][self.sighting.key.0 as usize % 4] * 64 * 256 / 30;
        let wish = self.sighting.pos.angle_to(self.goal).vector(speed);
        let limit = 15 * 64 * 256 / 900;
        let noise = 12 * 64 * 256 / 900;
        let mut axis =
            |v: i32, wish: i32| v + (wish - v).clamp(-limit * 7 / 10, limit * 7 / 10) + rng.between(-noise, noise);
        self.velocity = (axis(self.velocity.0, wish.0), axis(self.velocity.1, wish.1));
        self.at = (self.at.0 + self.velocity.0, self.at.1 + self.velocity.1);
        self.sighting.pos = ground::clamp(Pos::new(self.at.0 >> 8, self.at.1 >> 8));
        self.at = (self.sighting.pos.x << 8 | self.at.0 & 255, self.sighting.pos.y << 8 | self.at.1 & 255);
        self.sighting.heading = Angle::of(self.velocity.0, self.velocity.1).to_byte();
    }
}

pub(super) fn near(rng: &mut Pcg32, pos: Pos, radius_m: i32) -> Pos {
    let angle = Angle(rng.below(65_536) as u16);
    ground::clamp(
        pos.offset(angle, metres(radius_m).min(rng.between(0, metres(radius_m)) + rng.between(0, metres(radius_m)))),
    )
}
