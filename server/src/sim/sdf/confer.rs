//! Watarase and Honami put two and two together: it is a launch pad.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::Role;
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{metres, ticks};

use super::super::Battle;
use super::Hand;

/// Commander and scientist confer, at one place; either of them may lead the talk.
pub(super) fn confer(battle: &mut Battle, role: Role, hand: &Hand) {
    let n = battle.balance.sdf;
    let other = if role == Role::Commander { Role::Scientist } else { Role::Commander };
    let rested = battle.seats[hand.seat.index()].is_ready(Verb::Confer, battle.tick);
    if !battle.has(Rule::Confer) || !rested || !is_beside(battle, hand, other) {
        return;
    }
    if !battle.seats[hand.seat.index()].channel(hand.verb, None, ticks(n.confer_s as u32), 1_000) {
        return;
    }
    let bonus = ticks(n.confer_bonus_s as u32);
    battle.sdf.confer_until = battle.tick.after(bonus);
    let now = battle.tick;
    for seat in battle.seats.iter_mut().filter(|s| matches!(s.playing, Role::Commander | Role::Scientist)) {
        seat.cool_down(Verb::Confer, now, bonus);
        seat.channel = None;
    }
    understand(battle, hand);
}

fn is_beside(battle: &Battle, hand: &Hand, other: Role) -> bool {
    let range = metres(battle.balance.sdf.confer_range_m);
    battle.units.iter().any(|(_, u)| u.kind == other.kind() && u.is_up() && u.pos().within(hand.pos, range))
}

/// There has to be something to understand: a hive that was found or a pod that is up.
fn understand(battle: &mut Battle, hand: &Hand) {
    let known = battle.legion.hives.iter().flatten().any(|h| h.discovered || h.stage >= 2);
    if known && !battle.sdf.theory {
        battle.sdf.theory = true;
        battle.tell(Event::new(battle.tick, EventKind::LaunchpadTheory).at(hand.pos).by(Some(hand.seat)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::legion::Hive;
    use crate::sim::testing::Stage;
    use gamera_protocol::ground;
    use gamera_protocol::ids::{City, Viewer};
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::Pos;
    use gamera_protocol::motion::Gait;

    #[test]
    fn eight_seconds_at_one_place_reveal_the_launch_pad() {
        let centre = ground::city_centre(City::Sapporo);
        // metres apart, a pod is up, understood
        for (apart_m, stage_of_growth, wanted) in [(20, 2, true), (40, 2, false), (20, 0, false)] {
            let mut stage = Stage::campaign();
            let mut hive = Hive::new(City::Sapporo, centre, false);
            hive.stage = stage_of_growth;
            stage.battle.legion.hives[0] = Some(hive);
            stage.put(Role::Commander, Pos::new(centre.x + metres(600), centre.y), Gait::Walk);
            stage.put(Role::Scientist, Pos::new(centre.x + metres(600 + apart_m), centre.y), Gait::Walk);
            stage.hold(Role::Commander, SeatInput::default().doing(Verb::Confer));
            stage.run(ticks(8) - 2);
            assert!(!stage.battle.sdf.theory);
            stage.run(4);
            assert_eq!(stage.battle.sdf.theory, wanted, "{apart_m} m apart, growth {stage_of_growth}");
            assert_eq!(stage.heard(EventKind::LaunchpadTheory), usize::from(wanted));
            assert_eq!(stage.battle.team_view(Viewer::Sdf).sdf.unwrap().confer_s > 0, apart_m < 30);
        }
    }

    #[test]
    fn a_raid_on_one_of_them_breaks_it_off() {
        let centre = ground::city_centre(City::Sapporo);
        let mut stage = Stage::campaign();
        stage.put(Role::Commander, centre, Gait::Walk);
        stage.put(Role::Scientist, centre, Gait::Walk);
        stage.hold(Role::Scientist, SeatInput::default().doing(Verb::Confer));
        stage.run(ticks(6));
        stage.unit_mut(Role::Commander).health_milli = 0;
        stage.run(ticks(4));
        assert_eq!(stage.battle.sdf.confer_until, gamera_protocol::measure::Tick(0));
    }
}
