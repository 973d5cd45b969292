//! Gamera against the horn and the mob: the grab in its window, and the shake.

use gamera_protocol::balance::Rule;
use gamera_protocol::ids::SeatId;
use gamera_protocol::input::Verb;
use gamera_protocol::measure::ticks;
use gamera_protocol::view::Marks;

use super::{add_mana, body_mut, is_adjacent_to_queen};
use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::hit::Part;
use crate::sim::legion::{mob, queen};

/// Grabs the horn. In the window of a charge it is torn off; a grab at nothing, which a feint of
/// the queen's can bait, leaves Gamera off her balance.
pub(super) fn grab(battle: &mut Battle, seat: SeatId) {
    let n = battle.balance.gamera;
    let horn = battle.legion.queen.parts.stands(Part::Horn);
    let ready = battle.seats[seat.index()].is_ready(Verb::Grab, battle.tick);
    if !ready || !horn || !is_adjacent_to_queen(battle) || !battle.has(Rule::Grab) {
        return;
    }
    battle.seats[seat.index()].cool_down(Verb::Grab, battle.tick, ticks(n.grab_pause_s as u32));
    if window(battle).contains(&battle.legion.queen.charge_ticks) {
        queen::tear_horn(battle, Some(seat));
        add_mana(battle, Micro::whole(n.grab_mana));
        battle.seats[seat.index()].tally.deeds += 1;
    } else {
        let until = battle.tick.after(n.grab_miss_ticks as u32);
        let body = body_mut(battle);
        body.stunned_until = body.stunned_until.max(until);
    }
}

/// The ticks of a charge in which the horn can be grabbed.
fn window(battle: &Battle) -> std::ops::Range<u32> {
    let left = battle.legion.queen.parts.health(Part::Horn);
    battle.balance.gamera.grab_window(left, battle.balance.legion.horn_health * 1_000)
}

/// Shakes a share of the mob off.
pub(super) fn shake(battle: &mut Battle, seat: SeatId) {
    let n = battle.balance.gamera;
    if !battle.seats[seat.index()].is_ready(Verb::Shake, battle.tick) || mob::latched(battle) <= Micro::ZERO {
        return;
    }
    battle.seats[seat.index()].cool_down(Verb::Shake, battle.tick, ticks(n.shake_cooldown_s as u32));
    mob::throw_off(battle, n.shake_pct, n.shake_kill_pct);
    let body = body_mut(battle);
    body.marks = body.marks.with(Marks::ATTACKING, true);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::swarm::Task;
    use crate::sim::testing::Stage;
    use gamera_protocol::event::EventKind;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::Pos;
    use gamera_protocol::motion::Gait;
    use gamera_protocol::view::QueenState;

    fn beside_the_queen(apart_m: i32, charge_ticks: u32, horn_pct: i32) -> Stage {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        stage.put(Role::Gamera, Pos::from_m(7_000, 1_500), Gait::Walk);
        stage.put(Role::Queen, Pos::from_m(7_000 + apart_m, 1_500), Gait::Walk);
        stage.battle.legion.queen.state = QueenState::Active;
        *stage.battle.legion.queen.parts.health_mut(Part::Horn) = 25_000 * horn_pct;
        stage.battle.legion.queen.charge_ticks = charge_ticks;
        stage
    }

    #[test]
    fn the_horn_is_grabbed_in_a_window_that_widens_as_it_weakens() {
        for (name, apart_m, charge_ticks, horn_pct, torn) in [
            ("in the window", 70, 50, 100, true),
            ("too early", 70, 40, 100, false),
            ("early on a weak horn", 70, 30, 5, true),
            ("a feint", 70, 0, 100, false),
            ("out of reach", 120, 50, 100, false),
            ("no horn any more", 70, 50, 0, false),
        ] {
            let mut stage = beside_the_queen(apart_m, charge_ticks, horn_pct);
            let mana = stage.battle.gamera.mana;
            let seat = stage.seat(Role::Gamera);
            grab(&mut stage.battle, seat);
            let told = stage.battle.events.iter().filter(|e| e.kind == EventKind::HornTorn).count();
            assert_eq!(told == 1, torn, "{name}");
            assert_eq!(stage.battle.gamera.mana - mana, Micro::whole(if torn { 10 } else { 0 }), "{name}");
        }
    }

    #[test]
    fn a_baited_grab_costs_her_her_balance_and_the_next_one() {
        let mut stage = beside_the_queen(70, 0, 100);
        let seat = stage.seat(Role::Gamera);
        grab(&mut stage.battle, seat);
        assert!(stage.unit(Role::Gamera).stunned_until > stage.battle.tick);
        stage.battle.legion.queen.charge_ticks = 50;
        grab(&mut stage.battle, seat);
        assert!(stage.battle.legion.queen.parts.stands(Part::Horn));
    }

    #[test]
    fn a_shake_throws_a_share_off_and_needs_its_time() {
        let mut stage = beside_the_queen(900, 0, 100);
        stage.battle.swarm.soldiers.clear();
        stage.soldiers(100, Pos::from_m(7_000, 1_500));
        for soldier in &mut stage.battle.swarm.soldiers {
            soldier.task = Task::Latched;
        }
        for (wait_s, left) in [(0, 65), (1, 65), (8, 43)] {
            stage.run(ticks(wait_s));
            stage.hold(Role::Gamera, SeatInput::default().doing(Verb::Shake));
            stage.run(1);
            stage.release(Role::Gamera);
            stage.run(1);
            let latched = stage.battle.swarm.soldiers.iter().filter(|s| s.task == Task::Latched).count();
            assert!(latched.abs_diff(left) <= 1, "{wait_s} s later: {latched}");
        }
    }
}
