//! The world of a trace: eight points drift over the map, and units steer towards goals near them.
//!
//! Floating point is used with + - * / and the square root alone, so that a trace is the same on every
//! machine. The order of the random draws is part of the format: each unit's draws follow from all
//! before it.

use std::f32::consts::{FRAC_PI_2, PI};

use gamera_protocol::rng::Pcg32;

use super::file::{HZ, MAP_M, Place, Trace, UNITS_PER_M, Unit};

const DT_S: f32 = 1.0 / HZ as f32;
/// Ticks before the trace begins: crowds, speeds and rests have settled by then.
const BURN_IN_TICKS: usize = 300;
const FLOCKS: usize = 8;
/// Metres a second, by the kind's lower two bits.
const SPEEDS_M_S: [f32; 4] = [8.0, 12.0, 16.0, 20.0];
const SPEED_MAX_M_S: f32 = 20.0;
/// Metres a second squared.
const ACCELERATION_MAX: f32 = 15.0;
/// Jolts of units and viewers, metres a second squared.
const UNIT_NOISE: f32 = 12.0;
const VIEWER_NOISE: f32 = 4.0;
/// A goal lies within this of its flock, metres.
const GOAL_SPREAD_M: f32 = 250.0;
const KINDS: u32 = 24;
/// The streams of random numbers of the flocks, the units and the first viewer.
const FLOCK_STREAM: u64 = 1;
const UNIT_STREAM: u64 = 2;
const VIEWER_STREAM: u64 = 1_000;

type V2 = (f32, f32);

#[derive(Clone, Copy, Default)]
struct Body {
    at: V2,
    velocity: V2,
    goal: V2,
    flock: usize,
    moving: bool,
}

struct Flock {
    at: V2,
    drift: V2,
}

struct World {
    rng: Pcg32,
    flocks: Vec<Flock>,
    bodies: Vec<Body>,
    units: Vec<Unit>,
    next_uid: u32,
    viewers: Vec<(Body, Pcg32)>,
}

/// The trace of a world.
pub(super) fn generate(units: usize, ticks: usize, viewers: usize, seed: u64) -> Trace {
    let mut world = World::new(units, viewers, seed);
    (0..BURN_IN_TICKS).for_each(|_| world.step());
    let mut trace = Trace { seed, ..Trace::default() };
    for _ in 0..ticks {
        world.step();
        trace.units.push(world.units.clone());
        trace.viewers.push(world.viewers.iter().map(|(body, _)| place(body.at)).collect());
    }
    trace
}

impl World {
    fn new(units: usize, viewers: usize, seed: u64) -> World {
        let mut rng = Pcg32::new(seed, FLOCK_STREAM);
        let flock = |_| Flock {
            at: (range(&mut rng, 600.0, 3_496.0), range(&mut rng, 600.0, 3_496.0)),
            drift: (range(&mut rng, -4.0, 4.0), range(&mut rng, -4.0, 4.0)),
        };
        let flocks = (0..FLOCKS).map(flock).collect();
        let mut world = World {
            rng: Pcg32::new(seed, UNIT_STREAM),
            flocks,
            bodies: vec![Body::default(); units],
            units: vec![Unit::default(); units],
            next_uid: 1,
            viewers: Vec::new(),
        };
        (0..units).for_each(|slot| world.spawn(slot));
        world.viewers = (0..viewers).map(|n| viewer(&world.flocks, n, seed)).collect();
        world
    }

    /// Another unit in a slot.
    fn spawn(&mut self, slot: usize) {
        let rng = &mut self.rng;
        let flock = rng.below(FLOCKS as u32) as usize;
        let middle = self.flocks[flock].at;
        let at = if chance(rng, 0.75) {
            around(rng, middle, 400.0)
        } else {
            (range(rng, 1.0, MAP_M as f32 - 2.0), range(rng, 1.0, MAP_M as f32 - 2.0))
        };
        let goal = around(rng, middle, GOAL_SPREAD_M);
        let moving = chance(rng, 0.8);
        let kind = rng.below(KINDS) as u8;
        let yaw = rng.below(256) as u8;
        let Place { x, y } = place(at);
        self.bodies[slot] = Body { at, velocity: (0.0, 0.0), goal, flock, moving };
        self.units[slot] = Unit { uid: self.next_uid, x, y, yaw, health: 255, flags: u8::from(moving), kind };
        self.next_uid += 1;
    }

    fn step(&mut self) {
        self.flocks.iter_mut().for_each(Flock::step);
        for slot in 0..self.units.len() {
            if chance(&mut self.rng, 0.01) {
                self.spawn(slot);
            } else {
                let (mut body, mut unit) = (self.bodies[slot], self.units[slot]);
                self.step_unit(&mut body, &mut unit);
                (self.bodies[slot], self.units[slot]) = (body, unit);
            }
        }
        for (body, rng) in &mut self.viewers {
            if is_within(body.at, body.goal, 30.0) {
                body.goal = around(rng, self.flocks[body.flock].at, GOAL_SPREAD_M);
            }
            body.steer(rng, SPEED_MAX_M_S, VIEWER_NOISE);
        }
    }

    fn step_unit(&mut self, body: &mut Body, unit: &mut Unit) {
        let turns = chance(&mut self.rng, if body.moving { 1.0 / 120.0 } else { 4.0 / 120.0 });
        body.moving ^= turns;
        if body.moving {
            self.choose_goal(body);
            body.steer(&mut self.rng, SPEEDS_M_S[usize::from(unit.kind & 3)], UNIT_NOISE);
            let Place { x, y } = place(body.at);
            *unit = Unit { x, y, yaw: yaw(body.velocity), ..*unit };
        } else {
            body.velocity = (0.0, 0.0);
        }
        let rng = &mut self.rng;
        if chance(rng, 0.05) {
            unit.health = harmed_or_healed(unit.health, rng);
        }
        unit.flags = unit.flags & !1 | u8::from(body.moving);
        if chance(rng, 0.01) {
            unit.flags ^= 2 << rng.below(7);
        }
    }

    fn choose_goal(&mut self, body: &mut Body) {
        let rng = &mut self.rng;
        if !is_within(body.at, body.goal, 20.0) {
            return;
        }
        if chance(rng, 0.25) {
            body.flock = rng.below(FLOCKS as u32) as usize;
        }
        body.goal = around(rng, self.flocks[body.flock].at, GOAL_SPREAD_M);
    }
}

fn viewer(flocks: &[Flock], n: usize, seed: u64) -> (Body, Pcg32) {
    let mut rng = Pcg32::new(seed, VIEWER_STREAM + n as u64);
    let flock = n % FLOCKS;
    let middle = flocks[flock].at;
    let at = around(&mut rng, middle, 300.0);
    (Body { at, velocity: (0.0, 0.0), goal: middle, flock, moving: true }, rng)
}

fn harmed_or_healed(health: u8, rng: &mut Pcg32) -> u8 {
    let by = 1 + rng.below(40) as i32;
    let new = i32::from(health) + if chance(rng, 0.5) { by } else { -by };
    match new {
        ..1 => 255,
        1..=255 => new as u8,
        _ => (1 + new - 256) as u8,
    }
}

impl Flock {
    fn step(&mut self) {
        let turn = |at: f32, drift: f32| if (500.0..=3_596.0).contains(&at) { drift } else { -drift };
        self.at = (self.at.0 + self.drift.0 * DT_S, self.at.1 + self.drift.1 * DT_S);
        self.drift = (turn(self.at.0, self.drift.0), turn(self.at.1, self.drift.1));
    }
}

impl Body {
    fn steer(&mut self, rng: &mut Pcg32, speed: f32, noise: f32) {
        let (dx, dy) = (self.goal.0 - self.at.0, self.goal.1 - self.at.1);
        let d = length(dx, dy).max(0.001);
        let (mut ax, mut ay) = (dx / d * speed - self.velocity.0, dy / d * speed - self.velocity.1);
        let a = length(ax, ay);
        let limit = ACCELERATION_MAX * DT_S;
        if a > limit {
            ax = ax / a * limit;
            ay = ay / a * limit;
        }
        self.velocity.0 += ax + range(rng, -noise, noise) * DT_S;
        self.velocity.1 += ay + range(rng, -noise, noise) * DT_S;
        let v = length(self.velocity.0, self.velocity.1);
        if v > SPEED_MAX_M_S {
            self.velocity.0 = self.velocity.0 / v * SPEED_MAX_M_S;
            self.velocity.1 = self.velocity.1 / v * SPEED_MAX_M_S;
        }
        self.at = (within_map(self.at.0 + self.velocity.0 * DT_S), within_map(self.at.1 + self.velocity.1 * DT_S));
    }
}

fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

fn is_within(a: V2, b: V2, radius: f32) -> bool {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    dx * dx + dy * dy < radius * radius
}

fn within_map(at: f32) -> f32 {
    at.clamp(0.5, MAP_M as f32 - 1.5)
}

/// A random place within `radius` of `middle`, on the map.
fn around(rng: &mut Pcg32, middle: V2, radius: f32) -> V2 {
    let (x, y) = disc(rng, radius);
    (within_map(middle.0 + x), within_map(middle.1 + y))
}

fn disc(rng: &mut Pcg32, radius: f32) -> V2 {
    for _ in 0..16 {
        let (x, y) = (range(rng, -1.0, 1.0), range(rng, -1.0, 1.0));
        if x * x + y * y <= 1.0 {
            return (x * radius, y * radius);
        }
    }
    (0.0, 0.0)
}

/// A number in 0..1 of 24 bits.
fn unit_interval(rng: &mut Pcg32) -> f32 {
    (rng.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
}

fn range(rng: &mut Pcg32, low: f32, high: f32) -> f32 {
    low + (high - low) * unit_interval(rng)
}

fn chance(rng: &mut Pcg32, p: f32) -> bool {
    unit_interval(rng) < p
}

fn place(at: V2) -> Place {
    let grid = |metres: f32| {
        let units = (metres * UNITS_PER_M as f32 + 0.5) as i32;
        units.clamp(0, (MAP_M * UNITS_PER_M) as i32 - 1) as u32
    };
    Place { x: grid(at.0), y: grid(at.1) }
}

/// The direction of a velocity in 256 steps, by a polynomial that is off by less than 0.3 of a step.
fn yaw(velocity: V2) -> u8 {
    let (vx, vy) = velocity;
    let (ax, ay) = (vx.abs(), vy.abs());
    let (large, small) = if ax > ay { (ax, ay) } else { (ay, ax) };
    if large <= 0.0 {
        return 0;
    }
    let a = small / large;
    let s = a * a;
    let mut angle = ((-0.046_496_475 * s + 0.159_314_22) * s - 0.327_622_76) * s * a + a;
    if ay > ax {
        angle = FRAC_PI_2 - angle;
    }
    if vx < 0.0 {
        angle = PI - angle;
    }
    if vy < 0.0 {
        angle = -angle;
    }
    let steps = angle * (128.0 / PI) + 256.5;
    (steps as i32 & 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of the reference generator's files.
    #[test]
    fn the_same_seed_gives_the_bytes_that_others_were_measured_on() {
        for (units, ticks, viewers, seed, fnv) in
            [(40, 20, 4, 7, 0x6674_434a_f23e_bc8f_u64), (500, 60, 8, 1, 0x62b2_5861_df82_89ee)]
        {
            assert_eq!(generate(units, ticks, viewers, seed).fnv(), fnv, "{units} units, seed {seed}");
        }
    }
}
