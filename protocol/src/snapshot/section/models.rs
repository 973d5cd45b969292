//! What is likely: the models of a section's symbols, as seen in swarms.

use crate::entropy::{Model, NUMBER, number_model};
use crate::snapshot::section::pace::Mood;

/// The largest difference from what was expected that a step tells, and how many that makes on an axis.
pub(super) const STEP_MAX: i32 = 3;
pub(super) const STEP_SIDE: i32 = 2 * STEP_MAX + 1;
/// A larger difference follows.
pub(super) const STEP_FAR: usize = 49;
/// It is gone.
pub(super) const STEP_GONE: usize = 50;
/// Another step follows, and what else has changed.
pub(super) const STEP_OTHER: usize = 51;
/// It stands, and faces as before.
pub(super) const STEP_HALT: usize = 52;
pub(super) const STEPS: usize = 53;

/// How a thing went on in one tick.
pub(super) fn step(mood: Mood) -> &'static Model<STEPS> {
    match mood {
        Mood::Rest => &STEP_REST,
        Mood::Fresh => &STEP_FRESH,
        Mood::Steady => &STEP_STEADY,
        Mood::Turning => &STEP_TURNING,
    }
}

/// Weights of a step's differences that fall off from the middle, by `one` and `two` and `three` in 1,024
/// of the axis' middle.
const fn bell(axis: [u32; 4], [far, gone, other, halt]: [u32; 4]) -> [u32; STEPS] {
    let mut seen = [0; STEPS];
    let mut i = 0;
    while i < STEP_FAR {
        let (x, y) = (i as i32 % STEP_SIDE - STEP_MAX, i as i32 / STEP_SIDE - STEP_MAX);
        seen[i] = axis[x.unsigned_abs() as usize] * axis[y.unsigned_abs() as usize];
        i += 1;
    }
    seen[STEP_FAR] = far;
    seen[STEP_GONE] = gone;
    seen[STEP_OTHER] = other;
    seen[STEP_HALT] = halt;
    seen
}

static STEP_STEADY: Model<STEPS> = Model::new(bell([560, 210, 10, 1], [2_000, 12_000, 75_000, 8_000]));
static STEP_TURNING: Model<STEPS> = Model::new(bell([480, 240, 20, 3], [5_000, 12_000, 75_000, 8_000]));
static STEP_REST: Model<STEPS> = Model::new(bell([60, 90, 5, 1], [3_000, 12_000, 75_000, 850_000]));
static STEP_FRESH: Model<STEPS> = Model::new(bell([200, 300, 10, 1], [90_000, 12_000, 75_000, 250_000]));

/// How a thing went on in more than one tick.
pub(super) const LEAP_EXPECTED: usize = 0;
pub(super) const LEAP_MOVED: usize = 1;
pub(super) const LEAP_OTHER: usize = 2;
pub(super) const LEAP_GONE: usize = 3;

pub(super) fn leap(mood: Mood) -> &'static Model<4> {
    match mood {
        Mood::Rest => &LEAP_REST,
        _ => &LEAP_ON_ITS_WAY,
    }
}

static LEAP_REST: Model<4> = Model::new([700, 150, 120, 30]);
static LEAP_ON_ITS_WAY: Model<4> = Model::new([100, 700, 150, 50]);

/// How a thing that is told of roughly went on.
pub(super) const ROUGH_EXPECTED: usize = 0;
pub(super) const ROUGH_MOVED: usize = 1;
pub(super) const ROUGH_OTHER: usize = 2;
pub(super) const ROUGH_GONE: usize = 3;
/// It is somewhere that is not the middle of a square.
pub(super) const ROUGH_PLACED: usize = 4;

pub(super) fn rough(is_still: bool) -> &'static Model<5> {
    if is_still { &ROUGH_STILL } else { &ROUGH_MOVING }
}

static ROUGH_STILL: Model<5> = Model::new([950, 35, 30, 5, 4]);
static ROUGH_MOVING: Model<5> = Model::new([820, 150, 20, 15, 4]);
/// How many squares off it is where it is told of anew, and by how much its speed has changed, grid units a tick.
pub(super) static ROUGH_OFF: Model<NUMBER> = number_model(3);
pub(super) static ROUGH_OFF_FINE: Model<NUMBER> = number_model(6);
pub(super) static ROUGH_SPEED: Model<NUMBER> = number_model(3);

/// How far off a step is that is too large for a symbol.
pub(super) static FAR: Model<NUMBER> = number_model(4);

/// How far off a leap over so many ticks is.
pub(super) fn off(ticks: i32) -> &'static Model<NUMBER> {
    match ticks {
        ..=2 => &OFF_2,
        3..=4 => &OFF_4,
        5..=8 => &OFF_8,
        _ => &OFF_LONG,
    }
}

static OFF_2: Model<NUMBER> = number_model(2);
static OFF_4: Model<NUMBER> = number_model(3);
static OFF_8: Model<NUMBER> = number_model(4);
static OFF_LONG: Model<NUMBER> = number_model(6);
/// How far off a speed is after a leap, and its change.
pub(super) static SPEED_OFF: Model<NUMBER> = number_model(3);
pub(super) static CHANGE_OFF: Model<NUMBER> = number_model(2);

/// How a heading differs from the way, up to so much.
pub(super) const TURN_MAX: i32 = 6;
/// The heading follows, all of it.
pub(super) const TURN_FAR: usize = 13;
/// It faces as before.
pub(super) const TURN_AS_WAS: usize = 14;
pub(super) const TURNS: usize = 15;

/// How a thing faces that went `far` grid units along one axis; `near` where its way is not far from
/// where it faced.
pub(super) fn turn(far: i32, near: bool) -> &'static Model<TURNS> {
    match far {
        _ if !near => &TURN_ELSEWHERE,
        ..3 => &TURN_CREEP,
        3..6 => &TURN_SLOW,
        6..10 => &TURN_WALK,
        10..16 => &TURN_RUN,
        16..24 => &TURN_FAST,
        _ => &TURN_FASTER,
    }
}

static TURN_ELSEWHERE: Model<TURNS> = Model::new([8, 12, 18, 25, 35, 50, 70, 50, 35, 25, 18, 12, 8, 130, 330]);
static TURN_CREEP: Model<TURNS> = Model::new([20, 24, 30, 36, 46, 56, 70, 56, 46, 36, 30, 24, 20, 350, 20]);
static TURN_SLOW: Model<TURNS> = Model::new([24, 32, 44, 60, 80, 100, 120, 100, 80, 60, 44, 32, 24, 120, 20]);
static TURN_WALK: Model<TURNS> = Model::new([4, 10, 24, 50, 100, 150, 190, 150, 100, 50, 24, 10, 4, 8, 8]);
static TURN_RUN: Model<TURNS> = Model::new([1, 1, 4, 20, 80, 220, 350, 220, 80, 20, 4, 1, 1, 2, 5]);
static TURN_FAST: Model<TURNS> = Model::new([1, 1, 1, 4, 40, 220, 480, 220, 40, 4, 1, 1, 1, 1, 4]);
static TURN_FASTER: Model<TURNS> = Model::new([1, 1, 1, 1, 10, 180, 620, 180, 10, 1, 1, 1, 1, 1, 3]);

/// What else changed: health, marks, layer, one bit each, less one.
pub(super) const OTHER_HEALTH: usize = 1;
pub(super) const OTHER_MARKS: usize = 2;
pub(super) const OTHER_LAYER: usize = 4;
pub(super) static OTHER: Model<7> = Model::new([600, 250, 20, 20, 2, 4, 2]);
/// By how much health changed.
pub(super) static HEALTH: Model<NUMBER> = Model::new([
    0, 10, 25, 50, 100, 200, 400, 150, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
/// The one mark that changed, or that more did.
pub(super) const MARKS_MORE: usize = 8;
pub(super) static MARKS: Model<9> = Model::new([40, 12, 12, 12, 12, 12, 12, 12, 10]);

/// How many things are new.
pub(super) static ADDED: Model<NUMBER> =
    Model::new([930, 55, 8, 3, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/// A whole thing: the step of the ids from one to the next.
pub(super) static ID_STEP: Model<NUMBER> = number_model(9);
pub(super) static IS_SOLDIER: Model<2> = Model::new([1, 2]);
pub(super) static LAYERS: Model<3> = Model::new([25, 60, 15]);
/// It stands, it has just come into sight, it moves.
pub(super) const PACE_STILL: usize = 0;
pub(super) const PACE_FRESH: usize = 1;
pub(super) const PACE_MOVING: usize = 2;
pub(super) static PACE: Model<3> = Model::new([25, 35, 40]);
pub(super) static SPEED: Model<NUMBER> = number_model(7);
pub(super) static CHANGE: Model<NUMBER> = number_model(2);
pub(super) static IS_WHOLE: Model<2> = Model::new([2, 3]);
/// No mark, one of the eight, or more.
pub(super) const MARKS_NEW_NONE: usize = 8;
pub(super) const MARKS_NEW_MORE: usize = 9;
pub(super) static MARKS_NEW: Model<10> = Model::new([30, 3, 3, 3, 3, 3, 3, 3, 40, 20]);
pub(super) static HAS_SEAT: Model<2> = Model::new([9, 1]);
