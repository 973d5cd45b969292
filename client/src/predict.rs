//! The own unit, moved at once by the same function that the server moves it with, and put right
//! when the server's word comes. It knows the own unit and nothing else of the battle.

use std::collections::VecDeque;

use gamera_protocol::balance::UnitTable;
use gamera_protocol::ids::Kind;
use gamera_protocol::input::SeatInput;
use gamera_protocol::measure::{Pos, TICK_HZ, Tick, UNITS_PER_M, Velocity, metres};
use gamera_protocol::motion::{self, Drive, Mover};
use gamera_protocol::view::{Life, OwnView};

/// Inputs that may be under way at once: two seconds of them.
const HISTORY: usize = 2 * TICK_HZ as usize;
/// A correction is blended away; each tick leaves this share of it, thousandths.
const BLEND_PERMILLE: i32 = 800;
/// A correction beyond this is no error but a new place (redeployed, thrown): shown at once.
const SNAP_M: i32 = 80;
/// A correction from here on is told to the player, who has steered by what was not so.
const TOLD_M: i32 = 8;

#[derive(Clone, Copy, Debug)]
struct Step {
    tick: Tick,
    input: SeatInput,
    after: Mover,
}

/// Where the own unit is now, as far as its player is concerned.
#[derive(Clone, Debug)]
pub struct Predictor {
    units: UnitTable,
    /// The server's last word; `None` before the first.
    known: Option<(OwnView, Kind)>,
    steps: VecDeque<Step>,
    /// What is drawn minus what is predicted.
    offset: Pos,
    last_correction: i32,
    /// The unit on its way into the next tick; `None` at the tick itself.
    leaning: Option<Mover>,
}

impl Predictor {
    /// For a match with these units.
    #[must_use]
    pub fn new(units: UnitTable) -> Predictor {
        Predictor {
            units,
            known: None,
            steps: VecDeque::with_capacity(HISTORY),
            offset: Pos::default(),
            last_correction: 0,
            leaning: None,
        }
    }

    /// Forgets everything: another seat, another match.
    pub fn clear(&mut self) {
        self.known = None;
        self.steps.clear();
        self.offset = Pos::default();
        self.leaning = None;
    }

    /// Moves the unit to `tick` by the player's `input` for it (see [`gamera_protocol::input`] for what
    /// that means).
    pub fn advance(&mut self, tick: Tick, input: SeatInput) {
        let Some(mut mover) = self.mover() else { return };
        if self.steps.back().is_some_and(|s| tick <= s.tick) {
            return;
        }
        self.step(&mut mover, tick, &input);
        if self.steps.len() == HISTORY {
            self.steps.pop_front();
        }
        self.steps.push_back(Step { tick, input, after: mover });
        self.leaning = None;
        let fade = |v: i32| v * BLEND_PERMILLE / 1_000;
        self.offset = Pos::new(fade(self.offset.x), fade(self.offset.y));
    }

    /// Takes the server's word: starts from it and plays the inputs since then again.
    pub fn reconcile(&mut self, own: &OwnView) {
        self.last_correction = 0;
        if self.known.as_ref().is_some_and(|(known, _)| own.tick < known.tick) {
            return;
        }
        self.leaning = None;
        let before = self.mover().map(|m| m.pos);
        let kind = own.role.kind();
        self.known = Some((*own, kind));
        while self.steps.front().is_some_and(|s| s.tick <= own.tick) {
            self.steps.pop_front();
        }
        let mut mover = own.mover;
        for i in 0..self.steps.len() {
            let Step { tick, input, .. } = self.steps[i];
            self.step(&mut mover, tick, &input);
            self.steps[i].after = mover;
        }
        self.correct(before, mover.pos);
    }

    /// The unit as predicted; `None` before the server's first word.
    #[must_use]
    pub fn mover(&self) -> Option<Mover> {
        self.steps.back().map(|s| s.after).or(self.known.as_ref().map(|(own, _)| own.mover))
    }

    /// Moves what is drawn on into the next tick, by the `part` of it (0..=1) that has passed and what the
    /// player wants now: so a key is answered in the next frame, not in the next tick.
    pub fn lean(&mut self, part: f64, wanted: SeatInput) {
        let (Some(from), Some(newest)) = (self.mover(), self.newest()) else { return };
        let mut mover = from;
        self.step(&mut mover, newest.after(1), &wanted);
        let mix = |a: i32, b: i32| a + (f64::from(b - a) * part).round() as i32;
        let sets_off = from.velocity == Velocity::default() && mover.pos != from.pos;
        mover.pos = Pos::new(mix(from.pos.x, mover.pos.x), mix(from.pos.y, mover.pos.y));
        if sets_off && mover.pos == from.pos {
            // The first part of a giant's first step is less than the grid tells: it is drawn going all the same.
            mover.pos = Pos::new(from.pos.x + mover.velocity.x.signum(), from.pos.y + mover.velocity.y.signum());
        }
        self.leaning = Some(mover);
    }

    /// The unit as it is drawn: as predicted, with a correction still fading.
    #[must_use]
    pub fn drawn(&self) -> Option<Mover> {
        let mover = self.leaning.or(self.mover())?;
        Some(Mover { pos: Pos::new(mover.pos.x + self.offset.x, mover.pos.y + self.offset.y), ..mover })
    }

    fn newest(&self) -> Option<Tick> {
        self.steps.back().map(|s| s.tick).or(self.known.as_ref().map(|(own, _)| own.tick))
    }

    /// Size of the last correction in whole metres, where it is worth telling: a small one is blended away, and
    /// a new place is no correction.
    #[must_use]
    pub fn told_correction_m(&self) -> Option<i32> {
        let told = metres(TOLD_M)..=metres(SNAP_M);
        told.contains(&self.last_correction).then_some(self.last_correction / UNITS_PER_M)
    }

    /// Size of the last correction, grid units.
    #[must_use]
    pub fn last_correction(&self) -> i32 {
        self.last_correction
    }

    fn step(&self, mover: &mut Mover, tick: Tick, input: &SeatInput) {
        let Some((own, kind)) = &self.known else { return };
        if own.life != Life::Alive {
            return;
        }
        let drive = Drive { heading: input.direction(), speed_permille: own.speed_permille };
        motion::step(mover, *kind, drive, &self.units, Tick(tick.0.saturating_sub(1)));
    }

    fn correct(&mut self, before: Option<Pos>, after: Pos) {
        let Some(before) = before else { return };
        self.last_correction = before.distance(after);
        if self.last_correction > metres(SNAP_M) {
            self.offset = Pos::default();
            return;
        }
        self.offset = Pos::new(self.offset.x + before.x - after.x, self.offset.y + before.y - after.y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::ids::Role;
    use gamera_protocol::motion::Gait;
    use gamera_protocol::view::VERBS_MAX;

    /// A server that moves one unit by the inputs that reached it, an input late by its delay, and
    /// holds on to the last one where none came.
    struct Server {
        own: OwnView,
        units: UnitTable,
        last: SeatInput,
    }

    fn own(role: Role, gait: Gait) -> OwnView {
        OwnView {
            tick: Tick(0),
            role,
            life: Life::Alive,
            mover: Mover::at(Pos::from_m(1_000, 1_500), gait),
            speed_permille: 1_000,
            health: 100,
            health_max: 100,
            carried: 0,
            squad: 0,
            cooldowns: [0; VERBS_MAX],
            channel: None,
        }
    }

    impl Server {
        fn new(role: Role, gait: Gait) -> Server {
            Server { own: own(role, gait), units: UnitTable::default(), last: SeatInput::default() }
        }

        fn step(&mut self, input: Option<SeatInput>) {
            self.last = input.unwrap_or(self.last);
            let drive = Drive { heading: self.last.direction(), speed_permille: self.own.speed_permille };
            motion::step(&mut self.own.mover, self.own.role.kind(), drive, &self.units, self.own.tick);
            self.own.tick = self.own.tick.after(1);
        }
    }

    fn input(tick: u32) -> SeatInput {
        let heading = (!tick.is_multiple_of(50)).then_some((tick / 20 * 37) as u8);
        SeatInput { heading, ..SeatInput::default() }
    }

    /// Plays 20 s with the server's word `delay` ticks old; `lost` says which words never come.
    fn play(role: Role, gait: Gait, delay: usize, lost: impl Fn(u32) -> bool) -> Vec<i32> {
        let mut server = Server::new(role, gait);
        let mut client = Predictor::new(UnitTable::default());
        client.reconcile(&server.own);
        let mut under_way = VecDeque::new();
        let mut corrections = Vec::new();
        for t in 1..=600 {
            client.advance(Tick(t), input(t));
            server.step(Some(input(t)));
            under_way.push_back(server.own);
            assert_eq!(client.mover(), Some(server.own.mover), "tick {t}");
            if under_way.len() > delay {
                let word = under_way.pop_front().unwrap();
                if !lost(t) {
                    client.reconcile(&word);
                    corrections.push(client.last_correction());
                }
            }
        }
        corrections
    }

    #[test]
    fn a_prediction_equals_the_servers_result_whatever_delay_and_loss() {
        for (role, gait) in
            [(Role::Tank, Gait::Walk), (Role::Gamera, Gait::Fly), (Role::Jet, Gait::Fly), (Role::Queen, Gait::Burrow)]
        {
            for delay in [0, 3, 9, 20] {
                let corrections = play(role, gait, delay, |t| t % 7 == 0 || (200..230).contains(&t));
                assert!(corrections.iter().all(|c| *c == 0), "{role} at {delay} ticks");
            }
        }
    }

    #[test]
    fn an_input_that_never_arrived_is_corrected_and_then_equal_again() {
        let mut server = Server::new(Role::Tank, Gait::Walk);
        let mut client = Predictor::new(UnitTable::default());
        client.reconcile(&server.own);
        for t in 1..=60 {
            client.advance(Tick(t), input(t));
            server.step((!(10..25).contains(&t)).then(|| input(t)));
        }
        assert_ne!(client.mover(), Some(server.own.mover));
        let drawn_before = client.drawn().unwrap().pos;
        client.reconcile(&server.own);
        assert_eq!(client.mover(), Some(server.own.mover));
        assert_eq!(client.told_correction_m(), None, "a small one is not worth a line");
        assert_eq!(client.drawn().map(|m| m.pos), Some(drawn_before), "the correction is not seen as a jump");
        for t in 61..=120 {
            client.advance(Tick(t), input(t));
            server.step(Some(input(t)));
        }
        assert_eq!(client.mover(), Some(server.own.mover));
        assert_eq!(client.drawn(), Some(server.own.mover), "the correction has faded");
    }

    #[test]
    fn a_new_place_is_shown_at_once_and_a_fallen_unit_does_not_move() {
        let mut client = Predictor::new(UnitTable::default());
        let mut word = own(Role::Tank, Gait::Walk);
        client.reconcile(&word);
        word.tick = Tick(5);
        word.mover.pos = Pos::from_m(4_000, 1_000);
        word.life = Life::Down { until: Tick(500) };
        client.reconcile(&word);
        assert_eq!(client.told_correction_m(), None, "a new place is no correction");
        assert_eq!(client.drawn(), Some(word.mover));
        client.advance(Tick(6), input(6));
        assert_eq!(client.mover(), Some(word.mover));
    }

    #[test]
    fn between_two_ticks_the_unit_is_drawn_on_its_way_and_answers_at_once() {
        for (role, gait) in [(Role::Tank, Gait::Walk), (Role::Gamera, Gait::Walk), (Role::Jet, Gait::Fly)] {
            let mut client = Predictor::new(UnitTable::default());
            client.reconcile(&own(role, gait));
            (1..=30).for_each(|t| client.advance(Tick(t), SeatInput::default()));
            let from = client.mover().unwrap();
            let east = SeatInput { heading: Some(0), ..SeatInput::default() };
            client.lean(0.3, east);
            let leaning = client.drawn().unwrap();
            assert_ne!(leaning.heading, from.heading, "{role}: it turns before the tick comes");
            assert_eq!(client.mover(), Some(from), "{role}: what is predicted waits for the tick");
            client.lean(1.0, east);
            let whole = client.drawn().unwrap();
            client.advance(Tick(31), east);
            assert_eq!(client.drawn(), Some(whole), "{role}: the way leads to where the tick does");
        }
    }

    #[test]
    fn a_large_correction_is_told_once() {
        let mut client = Predictor::new(UnitTable::default());
        let mut word = own(Role::Tank, Gait::Walk);
        client.reconcile(&word);
        word.tick = Tick(3);
        word.mover.pos = Pos::from_m(1_020, 1_500);
        client.reconcile(&word);
        assert_eq!(client.told_correction_m(), Some(20));
        word.tick = Tick(4);
        client.reconcile(&word);
        assert_eq!(client.told_correction_m(), None);
    }

    #[test]
    fn an_old_word_is_ignored() {
        let mut client = Predictor::new(UnitTable::default());
        let mut word = own(Role::Tank, Gait::Walk);
        word.tick = Tick(9);
        client.reconcile(&word);
        let old = own(Role::Tank, Gait::Walk);
        client.reconcile(&OwnView { mover: Mover::at(Pos::from_m(1, 600), Gait::Walk), ..old });
        assert_eq!(client.mover(), Some(word.mover));
    }
}
