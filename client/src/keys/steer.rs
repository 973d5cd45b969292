//! Where the player's keys send the own unit. Two schemes, because terminals differ: HOLD where key
//! releases are told, COURSE where only presses are. Knows keys and places, not the battle.

use std::time::Duration;

use gamera_protocol::measure::{Angle, Pos, metres};

use crate::terminal::input::Key;

/// Two taps within this are one diagonal.
const COMBINE: Duration = Duration::from_millis(300);
/// So near is there.
const ARRIVED_M: i32 = 4;

/// How movement keys work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scheme {
    /// A tap sets the course; space halts.
    #[default]
    Course,
    /// Going for as long as a key is down.
    Hold,
}

/// One step of a movement key, as (east, north).
type Way = (i8, i8);

/// The course the player has set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Steer {
    held: Vec<(Key, Way)>,
    course: Way,
    last_tap: Option<(Way, Duration)>,
    goal: Option<Pos>,
}

impl Steer {
    /// The way that a movement key leads.
    #[must_use]
    pub fn way(key: Key) -> Option<(i8, i8)> {
        Some(match key {
            Key::Up | Key::Char('w' | 'k') => (0, 1),
            Key::Down | Key::Char('s' | 'j') => (0, -1),
            Key::Left | Key::Char('a' | 'h') => (-1, 0),
            Key::Right | Key::Char('d' | 'l') => (1, 0),
            Key::Char('y') => (-1, 1),
            Key::Char('u') => (1, 1),
            Key::Char('b') => (-1, -1),
            Key::Char('n') => (1, -1),
            _ => return None,
        })
    }

    /// A movement key went down.
    pub fn press(&mut self, scheme: Scheme, key: Key, now: Duration) {
        let Some(way) = Steer::way(key) else { return };
        self.goal = None;
        match scheme {
            Scheme::Hold if self.held.iter().any(|(k, _)| *k == key) => {}
            Scheme::Hold => self.held.push((key, way)),
            Scheme::Course => self.tap(way, now),
        }
    }

    /// A movement key was let go.
    pub fn release(&mut self, key: Key) {
        self.held.retain(|(k, _)| *k != key);
    }

    /// Goes to `goal` and stops there.
    pub fn go_to(&mut self, goal: Pos) {
        self.halt();
        self.goal = Some(goal);
    }

    /// Goes nowhere.
    pub fn halt(&mut self) {
        *self = Steer::default();
    }

    /// Where a click sent the unit, until it is there.
    #[must_use]
    pub fn goal(&self) -> Option<Pos> {
        self.goal
    }

    /// The heading for a unit at `from`.
    #[must_use]
    pub fn heading(&self, from: Pos) -> Option<u8> {
        if let Some(goal) = self.goal {
            return (!from.within(goal, metres(ARRIVED_M))).then(|| from.angle_to(goal).to_byte());
        }
        let (x, y) = self.held.iter().fold(self.course, |(x, y), (_, way)| (x + way.0, y + way.1));
        let (x, y) = (x.signum(), y.signum());
        ((x, y) != (0, 0)).then(|| Angle::of(i32::from(x), i32::from(y)).to_byte())
    }

    fn tap(&mut self, way: Way, now: Duration) {
        let combined = self.last_tap.filter(|(last, at)| now.saturating_sub(*at) < COMBINE && across(*last, way));
        self.course = combined.map_or(way, |(last, _)| (last.0 + way.0, last.1 + way.1));
        self.last_tap = Some((way, now));
    }
}

/// True for two plain ways that make a diagonal.
fn across(a: Way, b: Way) -> bool {
    let plain = |w: Way| (w.0 == 0) != (w.1 == 0);
    plain(a) && plain(b) && (a.0 == 0) != (b.0 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Pos = Pos::from_m(1_000, 1_000);

    fn heading(scheme: Scheme, script: &str) -> Option<u8> {
        let mut steer = Steer::default();
        let mut now = Duration::ZERO;
        for c in script.chars() {
            match c {
                '.' => now += Duration::from_secs(1),
                ' ' => steer.halt(),
                c if c.is_ascii_uppercase() => steer.release(Key::Char(c.to_ascii_lowercase())),
                c => steer.press(scheme, Key::Char(c), now),
            }
            now += Duration::from_millis(50);
        }
        steer.heading(HERE)
    }

    #[test]
    fn keys_lead_where_each_scheme_says() {
        let (e, ne, n, w) = (Some(0), Some(32), Some(64), Some(128));
        for (scheme, script, wanted) in [
            (Scheme::Course, "d", e),
            (Scheme::Course, "dw", ne),
            (Scheme::Course, "d.w", n),
            (Scheme::Course, "da", w),
            (Scheme::Course, "dddd", e),
            (Scheme::Course, "u", ne),
            (Scheme::Course, "d ", None),
            (Scheme::Course, "dD", e),
            (Scheme::Hold, "d", e),
            (Scheme::Hold, "dw", ne),
            (Scheme::Hold, "d.w", ne),
            (Scheme::Hold, "d.wD", n),
            (Scheme::Hold, "dD", None),
            (Scheme::Hold, "da", None),
            (Scheme::Hold, "ddD", None),
        ] {
            assert_eq!(heading(scheme, script), wanted, "{scheme:?} {script:?}");
        }
    }

    #[test]
    fn a_click_leads_there_and_ends_there_and_a_key_takes_over() {
        let mut steer = Steer::default();
        steer.go_to(Pos::from_m(1_100, 1_000));
        assert_eq!(steer.heading(HERE), Some(0));
        assert_eq!(steer.heading(Pos::from_m(1_099, 1_000)), None);
        steer.press(Scheme::Course, Key::Up, Duration::ZERO);
        assert_eq!((steer.heading(HERE), steer.goal()), (Some(64), None));
    }
}
