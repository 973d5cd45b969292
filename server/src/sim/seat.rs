//! The seats: what each wants in this tick, what it is in the middle of, when it can act again.

use gamera_protocol::ids::{Role, SeatId};
use gamera_protocol::input::{Control, Driver, SeatInput, TickInputs, Verb, verbs_of};
use gamera_protocol::measure::Tick;
use gamera_protocol::view::{Life, VERBS_MAX};

use super::Battle;
use super::sighting::Key;
use super::unit::UnitId;

/// Something that takes a while and breaks off when its verb is let go or its target changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sim) struct Channel {
    pub(in crate::sim) verb: Verb,
    /// What it works on; another target begins anew.
    pub(in crate::sim) target: Option<Key>,
    /// Progress and its end, in thousandths of a tick: slowed work goes on by less than a tick.
    pub(in crate::sim) done_milli: u32,
    pub(in crate::sim) total_milli: u32,
}

/// What a seat did in the match, for its line on the verdict screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::sim) struct Tally {
    /// Thousandths of a point.
    pub(in crate::sim) damage_milli: i64,
    pub(in crate::sim) kills: u32,
    pub(in crate::sim) downs: u32,
    pub(in crate::sim) deeds: u32,
}

/// One seat.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Seat {
    /// The role it is assigned.
    pub(in crate::sim) role: Role,
    /// The role it plays now: Gamera's seat plays a light-bearer while she is away.
    pub(in crate::sim) playing: Role,
    pub(in crate::sim) driver: Driver,
    pub(in crate::sim) unit: Option<UnitId>,
    pub(in crate::sim) life: Life,
    pub(in crate::sim) input: SeatInput,
    /// The verb of the tick before: a tap acts where this differs.
    pub(in crate::sim) last_verb: Option<Verb>,
    /// From when on each verb of the role being played can be used, in the order of `verbs_of`.
    pub(in crate::sim) ready_at: [Tick; VERBS_MAX],
    pub(in crate::sim) channel: Option<Channel>,
    /// True when this tick's action kept the channel going.
    channel_kept: bool,
    /// Motes, charges, rounds, glass.
    pub(in crate::sim) carried: u16,
    pub(in crate::sim) tally: Tally,
}

impl Seat {
    pub(in crate::sim) fn new(role: Role) -> Seat {
        Seat {
            role,
            playing: role,
            driver: Driver::Bot,
            unit: None,
            life: Life::Alive,
            input: SeatInput::default(),
            last_verb: None,
            ready_at: [Tick(0); VERBS_MAX],
            channel: None,
            channel_kept: false,
            carried: 0,
            tally: Tally::default(),
        }
    }

    /// True in the first tick of a press.
    pub(in crate::sim) fn pressed(&self) -> bool {
        self.input.verb.is_some() && self.input.verb != self.last_verb
    }

    fn slot(&self, verb: Verb) -> Option<usize> {
        verbs_of(self.playing).position(|row| row.verb == verb)
    }

    /// True where `verb` has cooled down.
    pub(in crate::sim) fn is_ready(&self, verb: Verb, now: Tick) -> bool {
        self.slot(verb).is_some_and(|slot| now >= self.ready_at[slot])
    }

    /// `verb` cannot be used again for `ticks`.
    pub(in crate::sim) fn cool_down(&mut self, verb: Verb, now: Tick, ticks: u32) {
        if let Some(slot) = self.slot(verb) {
            self.ready_at[slot] = now.after(ticks);
        }
    }

    /// Works for one tick on something that takes `total_ticks` at full speed, at `speed_permille`
    /// of it. True in the tick it is done, which counts as a deed; letting go or another target
    /// begins it anew.
    pub(in crate::sim) fn channel(
        &mut self,
        verb: Verb,
        target: Option<Key>,
        total_ticks: u32,
        speed_permille: u32,
    ) -> bool {
        let fresh = Channel { verb, target, done_milli: 0, total_milli: total_ticks * 1_000 };
        let channel = match self.channel {
            Some(c) if (c.verb, c.target) == (verb, target) => c,
            _ => fresh,
        };
        let done_milli = channel.done_milli + speed_permille;
        self.channel_kept = true;
        if done_milli >= channel.total_milli {
            self.channel = None;
            self.tally.deeds += 1;
            return true;
        }
        self.channel = Some(Channel { done_milli, ..channel });
        false
    }

    /// Plays another role from now on, with nothing cooling down.
    pub(in crate::sim) fn play(&mut self, role: Role) {
        if self.playing != role {
            self.playing = role;
            self.ready_at = [Tick(0); VERBS_MAX];
            self.channel = None;
            self.carried = 0;
        }
    }
}

/// Takes this tick's inputs in: a seat without one wants nothing. Inputs of seats that the match
/// does not have, and verbs that the role does not have, are dropped.
pub(in crate::sim) fn take_inputs(battle: &mut Battle, inputs: &TickInputs) {
    for seat in &mut battle.seats {
        seat.last_verb = seat.input.verb;
        seat.input = SeatInput::default();
        if !std::mem::take(&mut seat.channel_kept) {
            seat.channel = None;
        }
    }
    for (id, input) in &inputs.seats {
        if let Some(seat) = battle.seats.get_mut(id.index()) {
            let has = |verb: &Verb| verbs_of(seat.playing).any(|row| row.verb == *verb);
            seat.input = SeatInput { verb: input.verb.filter(has), aim: input.aim.filter(|a| a.is_valid()), ..*input };
        }
    }
    for control in &inputs.controls {
        match *control {
            Control::Drive { seat, driver } => {
                if let Some(seat) = battle.seats.get_mut(seat.index()) {
                    seat.driver = driver;
                }
            }
            Control::End => battle.end_asked = true,
        }
    }
    battle.orders.clear();
    let known = |(id, order): &&(SeatId, _)| {
        let order: &gamera_protocol::input::Order = order;
        id.index() < battle.seats.len() && order.is_valid()
    };
    battle.orders.extend(inputs.orders.iter().filter(known));
}

/// Sets each unit's drive from what its seat wants. Later phases slow it down or turn it.
pub(in crate::sim) fn drive_units(battle: &mut Battle) {
    for seat in &battle.seats {
        let Some(unit) = seat.unit.and_then(|id| battle.units.get_mut(id)) else { continue };
        unit.drive.heading = seat.input.direction();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_ends_after_its_ticks_and_slowed_work_takes_longer() {
        for (speed_permille, ticks) in [(1_000, 10), (500, 20), (160, 63)] {
            let mut seat = Seat::new(Role::Gamera);
            let taken = (1..=100).find(|_| seat.channel(Verb::Uproot, None, 10, speed_permille));
            assert_eq!(taken, Some(ticks), "at {speed_permille}");
        }
    }

    #[test]
    fn another_target_begins_anew() {
        let mut seat = Seat::new(Role::Gamera);
        for _ in 0..9 {
            assert!(!seat.channel(Verb::Uproot, Some(Key(1)), 10, 1_000));
        }
        assert!(!seat.channel(Verb::Uproot, Some(Key(2)), 10, 1_000));
    }

    #[test]
    fn a_verb_cools_down_by_itself() {
        let mut seat = Seat::new(Role::Gamera);
        seat.cool_down(Verb::Fireball, Tick(10), 180);
        assert!(!seat.is_ready(Verb::Fireball, Tick(189)));
        assert!(seat.is_ready(Verb::Fireball, Tick(190)));
        assert!(seat.is_ready(Verb::Shake, Tick(10)));
        assert!(!seat.is_ready(Verb::Beam, Tick(10)), "Gamera has no horn beam");
    }
}
