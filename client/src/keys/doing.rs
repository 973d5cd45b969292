//! Which verb the player's keys ask for. A verb that works only while held is held by the key
//! where releases are told, and switched on and off by taps where they are not.

use std::time::Duration;

use gamera_protocol::input::Verb;

use super::steer::Scheme;

/// A verb that is done by a tap is asked for in so many ticks, so that a lost datagram does not lose it.
const PULSE_TICKS: u8 = 3;
/// Presses of one key closer than this are its repeats: a terminal's first repeat may take 650 ms.
const REPEAT: Duration = Duration::from_millis(800);
/// Verbs that turn something over: held down they must not turn it back.
const TURNS: [Verb; 3] = [Verb::Fly, Verb::Dive, Verb::Burrow];

/// The verbs in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Doing {
    held: Option<Verb>,
    /// A held verb that acts when its key goes down is asked for in beats of pulse and pause, so that
    /// it acts again as soon as it can: the tick of the beat, `None` for a verb that works while held.
    beat: Option<u8>,
    pulse: Option<(Verb, u8)>,
    last: Option<(Verb, Duration)>,
}

impl Doing {
    /// A verb's key went down; `hold` says that the verb works only while held.
    pub fn press(&mut self, scheme: Scheme, verb: Verb, hold: bool, now: Duration) {
        let repeated = self.last.is_some_and(|(v, at)| v == verb && now.saturating_sub(at) < REPEAT);
        self.last = Some((verb, now));
        match scheme {
            Scheme::Hold if TURNS.contains(&verb) => self.pulse = Some((verb, PULSE_TICKS)),
            Scheme::Hold if self.held == Some(verb) => {}
            Scheme::Hold => {
                self.held = Some(verb);
                self.pulse = None;
                self.beat = (!hold).then_some(PULSE_TICKS);
                if !hold {
                    self.pulse = Some((verb, PULSE_TICKS));
                }
            }
            Scheme::Course if hold && repeated => {}
            Scheme::Course if hold => {
                self.held = (self.held != Some(verb)).then_some(verb);
                self.beat = None;
            }
            Scheme::Course if repeated && TURNS.contains(&verb) => {}
            Scheme::Course => self.pulse = Some((verb, PULSE_TICKS)),
        }
    }

    /// A verb's key was let go.
    pub fn release(&mut self, verb: Verb) {
        if self.held == Some(verb) {
            self.held = None;
        }
    }

    /// Does nothing any more.
    pub fn stop(&mut self) {
        *self = Doing::default();
    }

    /// The verb that stays on by itself.
    #[must_use]
    pub fn held(&self) -> Option<Verb> {
        self.held
    }

    /// The verb for one tick.
    pub fn in_next_tick(&mut self) -> Option<Verb> {
        if let Some((verb, left)) = self.pulse {
            self.pulse = (left > 1).then_some((verb, left - 1));
            return Some(verb);
        }
        let Some(beat) = &mut self.beat else { return self.held };
        *beat = (*beat + 1) % (PULSE_TICKS + 1);
        self.held.filter(|_| *beat != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRIKE: (Verb, bool) = (Verb::Strike, true);
    const SHELL: (Verb, bool) = (Verb::Strike, false);
    const FLY: (Verb, bool) = (Verb::Fly, false);

    /// Presses at the given milliseconds, then the verbs of the next five ticks.
    fn play(scheme: Scheme, (verb, hold): (Verb, bool), presses: &[u64], released: bool) -> [bool; 5] {
        let mut doing = Doing::default();
        presses.iter().for_each(|ms| doing.press(scheme, verb, hold, Duration::from_millis(*ms)));
        if released {
            doing.release(verb);
        }
        std::array::from_fn(|_| doing.in_next_tick() == Some(verb))
    }

    #[test]
    fn a_key_does_what_its_verb_and_the_scheme_say() {
        let (on, off, pulse) = ([true; 5], [false; 5], [true, true, true, false, false]);
        for (scheme, verb, presses, released, wanted) in [
            (Scheme::Hold, STRIKE, &[0][..], false, on),
            (Scheme::Hold, STRIKE, &[0], true, off),
            (Scheme::Hold, SHELL, &[0], false, [true, true, true, false, true]),
            (Scheme::Hold, SHELL, &[0, 500, 530], false, [true, true, true, false, true]),
            (Scheme::Hold, SHELL, &[0], true, pulse),
            (Scheme::Hold, FLY, &[0], false, pulse),
            (Scheme::Course, STRIKE, &[0], false, on),
            (Scheme::Course, STRIKE, &[0, 650, 690, 730], false, on),
            (Scheme::Course, STRIKE, &[0, 1_500], false, off),
            (Scheme::Course, SHELL, &[0], false, pulse),
            (Scheme::Course, FLY, &[0, 650, 690], false, pulse),
        ] {
            assert_eq!(play(scheme, verb, presses, released), wanted, "{scheme:?} {verb:?} {presses:?}");
        }
    }

    #[test]
    fn another_verb_takes_the_first_ones_place() {
        let mut doing = Doing::default();
        doing.press(Scheme::Course, Verb::Harvest, true, Duration::ZERO);
        doing.press(Scheme::Course, Verb::Dig, true, Duration::from_millis(100));
        assert_eq!(doing.in_next_tick(), Some(Verb::Dig));
        doing.stop();
        assert_eq!(doing.in_next_tick(), None);
    }
}
