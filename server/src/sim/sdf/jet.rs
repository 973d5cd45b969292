//! Jet: strafing passes at wings, burrow mouths and soldiers. A pass needs the target before the
//! nose; four passes empty the belts, and new ones are loaded over the airfield.

use gamera_protocol::balance::Rule;
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::motion::Gait;

use super::super::Battle;
use super::super::hit::{Hit, Part, Target};
use super::{Hand, gun};

/// One pass at what is aimed at, or at what is nearest.
pub(super) fn pass(battle: &mut Battle, hand: &Hand) {
    if battle.seats[hand.seat.index()].carried == 0 {
        return;
    }
    let Some(target) = gun::take_aim(battle, hand, true) else { return };
    if !is_ahead(battle, hand, target) {
        return;
    }
    rake(battle, hand, target);
    battle.seats[hand.seat.index()].carried -= 1;
    let row = gun::row_of(battle, hand);
    gun::reload(battle, hand, row.cooldown_ticks());
}

fn is_ahead(battle: &Battle, hand: &Hand, target: Target) -> bool {
    let at = place(battle, hand, target);
    let heading = battle.units[hand.unit].mover.heading;
    // Right below it the bearing says nothing.
    let below = hand.pos.within(at, metres(battle.balance.sdf.strafe_radius_m));
    below || heading.turn_to(hand.pos.angle_to(at)).abs() <= battle.balance.sdf.strafe_nose
}

fn place(battle: &Battle, hand: &Hand, target: Target) -> Pos {
    match target {
        Target::Unit(id) => battle.units[id].pos(),
        Target::Structure(id) => battle.structures[id].pos,
        Target::Soldier(index) => battle.swarm.soldiers[index].pos,
        Target::Part(_) => hand.pos,
    }
}

fn rake(battle: &mut Battle, hand: &Hand, target: Target) {
    let n = battle.balance.sdf;
    let at = place(battle, hand, target);
    if target == Target::Unit(battle.legion.queen.unit) {
        rake_wings(battle, hand);
        return;
    }
    let damage_milli = battle.scaled_milli(hand.seat, n.strafe_soldiers);
    match target {
        Target::Soldier(_) => gun::spray(battle, hand.seat, at, metres(n.strafe_radius_m), damage_milli),
        target => battle.hits.push(Hit { target, damage_milli, by: Some(hand.seat) }),
    }
}

/// Spread wings take it all, folded ones half: low and landed she is the harder target.
fn rake_wings(battle: &mut Battle, hand: &Hand) {
    let n = battle.balance.sdf;
    if !battle.has(Rule::Strafe) || !battle.legion.queen.parts.stands(Part::Wings) {
        return;
    }
    let points = battle.rngs.combat.between(n.strafe_wings_low, n.strafe_wings_high.max(n.strafe_wings_low));
    let flies = battle.units[battle.legion.queen.unit].mover.gait == Gait::Fly;
    let pct = if flies { 100 } else { n.strafe_folded_pct };
    let damage_milli = battle.scaled_milli(hand.seat, points) / 100 * pct;
    battle.hits.push(Hit { target: Target::Part(Part::Wings), damage_milli, by: Some(hand.seat) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ground;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::{SeatInput, Verb};
    use gamera_protocol::measure::Angle;
    use gamera_protocol::view::QueenState;

    #[test]
    fn a_pass_hurts_the_wings_ahead_and_nothing_behind() {
        let c = ground::city_centre(City::Sendai);
        // the queen's gait, which way the jet flies, least and most damage
        let cases = [
            ("in the air", Gait::Fly, Angle::EAST, 40, 60),
            ("on the ground", Gait::Walk, Angle::EAST, 20, 30),
            ("behind the jet", Gait::Fly, Angle::WEST, 0, 0),
            ("underground", Gait::Burrow, Angle::EAST, 0, 0),
        ];
        for (name, gait, heading, low, high) in cases {
            let mut stage = Stage::quick(City::Sendai);
            stage.put(Role::Jet, c, Gait::Fly);
            stage.unit_mut(Role::Jet).mover.heading = heading;
            let queen = Pos::new(c.x + metres(150), c.y);
            stage.put(Role::Queen, queen, gait);
            stage.battle.legion.queen.state = QueenState::Active;
            let input = SeatInput { heading: Some(heading.to_byte()), ..SeatInput::default() };
            stage.hold(Role::Jet, input.doing(Verb::Strike).at(queen));
            let before = stage.battle.legion.queen.parts.health(Part::Wings);
            stage.run(1);
            let taken = (before - stage.battle.legion.queen.parts.health(Part::Wings)) / 1_000;
            assert!((low..=high).contains(&taken), "{name}: {taken}");
        }
    }

    #[test]
    fn the_belts_hold_four_passes() {
        let c = ground::city_centre(City::Sendai);
        let mut stage = Stage::quick(City::Sendai);
        stage.put(Role::Jet, c, Gait::Fly);
        let seat = stage.seat(Role::Jet);
        let mut passes = 0;
        for _ in 0..30 * 60 {
            stage.soldiers(1, Pos::new(c.x, c.y + metres(100)));
            stage.put(Role::Jet, c, Gait::Fly);
            stage.hold(Role::Jet, SeatInput::default().doing(Verb::Strike));
            let before = stage.battle.seats[seat.index()].carried;
            stage.run(1);
            passes += before - stage.battle.seats[seat.index()].carried;
            stage.battle.swarm.soldiers.clear();
            stage.battle.swarm.index();
        }
        assert_eq!(passes, 4);
    }
}
