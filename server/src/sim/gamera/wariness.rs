//! What mankind thinks of Gamera: citizens who die by her hand make it wary, and trust is what
//! the light gathers by.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground;
use gamera_protocol::ids::Layer;
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::Marks;

use super::body;
use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::unit::Unit;

const FULL: Micro = Micro::whole(100);

/// Adds wariness, or takes some off; tells when it crosses the threshold on its way up.
pub(in crate::sim) fn add_wariness(battle: &mut Battle, amount: Micro) {
    if !battle.has(Rule::Wariness) {
        return;
    }
    let threshold = battle.balance.sdf.wariness_free_at;
    let calm_below = Micro::whole(threshold - battle.balance.gamera.wariness_slack);
    battle.gamera.wariness = (battle.gamera.wariness + amount).clamp(Micro::ZERO, FULL);
    let wary = battle.gamera.wariness;
    if wary >= Micro::whole(threshold) && !battle.gamera.trembling {
        battle.gamera.trembling = true;
        battle.tell(Event::new(battle.tick, EventKind::WarinessThreshold).amount(threshold));
    } else if wary < calm_below {
        battle.gamera.trembling = false;
    }
}

/// Trust, thousandths: 1,000 without wariness, 500 at its most.
pub(in crate::sim) fn trust_permille(battle: &Battle) -> i32 {
    1_000 - battle.gamera.wariness.scaled(5, 1).floor()
}

/// Citizens around `pos` die by Gamera's doing, up to `tok` at full density.
pub(super) fn kill_citizens(battle: &mut Battle, pos: Pos, tok: Micro) {
    let died = take_lives(battle, pos, tok);
    let milli = i64::from(battle.balance.gamera.wariness_kill_milli);
    add_wariness(battle, died.scaled(milli, 1_000));
}

fn take_lives(battle: &mut Battle, pos: Pos, tok: Micro) -> Micro {
    let Some(city) = ground::city_at(pos) else { return Micro::ZERO };
    let Some(district) = ground::district_at(city, pos) else { return Micro::ZERO };
    let people = &mut battle.cities[city.index()];
    let density = i64::from(people.density_permille(district));
    people.kill(district, tok.scaled(density, 1_000))
}

/// Two giants that fight in a city kill citizens around them; each answers for its own blows.
pub(in crate::sim) fn duel(battle: &mut Battle) {
    let (gamera, queen) = (body(battle), &battle.units[battle.legion.queen.unit]);
    let range = metres(battle.balance.gamera.duel_range_m);
    let up = |unit: &Unit| unit.is_up() && unit.layer() != Layer::Underground;
    if !up(gamera) || !up(queen) || !gamera.pos().within(queen.pos(), range) {
        return;
    }
    let (hers, the_queens) = (gamera.marks.has(Marks::ATTACKING), queen.marks.has(Marks::ATTACKING));
    let at = gamera.pos();
    let all = Micro::per_tick_milli(battle.balance.gamera.duel_deaths_milli_tok_s);
    match (hers, the_queens) {
        (true, true) => {
            kill_citizens(battle, at, all.percent(50));
            take_lives(battle, at, all.percent(50));
        }
        (true, false) => kill_citizens(battle, at, all),
        (false, true) => {
            take_lives(battle, at, all);
        }
        (false, false) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::motion::Gait;

    #[test]
    fn the_threshold_is_told_once_on_the_way_up() {
        let mut stage = Stage::campaign();
        for (change, told) in [(69, 0), (1, 1), (5, 1), (-10, 1), (6, 1), (-15, 1), (20, 2)] {
            stage.battle.events.clear();
            add_wariness(&mut stage.battle, Micro::whole(change));
            stage.log.extend_from_slice(&stage.battle.events);
            assert_eq!(stage.heard(EventKind::WarinessThreshold), told, "after {change}");
        }
    }

    #[test]
    fn trust_is_one_less_a_two_hundredth_of_wariness() {
        for (wariness, trust) in [(0, 1_000), (25, 875), (70, 650), (100, 500), (200, 500)] {
            let mut stage = Stage::campaign();
            add_wariness(&mut stage.battle, Micro::whole(wariness));
            assert_eq!(trust_permille(&stage.battle), trust, "wariness {wariness}");
        }
    }

    #[test]
    fn a_duel_kills_and_gamera_answers_for_her_share() {
        let centre = ground::city_centre(City::Sapporo);
        // Who strikes, how far apart, dead and wariness in a second, thousandths.
        for (name, hers, the_queens, apart_m, dead_milli, wariness_milli) in [
            ("both", true, true, 60, 5_200, 1_300),
            ("Gamera alone", true, false, 60, 5_200, 2_600),
            ("the queen alone", false, true, 60, 5_200, 0),
            ("nobody", false, false, 60, 0, 0),
            ("far apart", true, true, 600, 0, 0),
        ] {
            let mut stage = Stage::quick(City::Sapporo);
            stage.run(1);
            stage.put(Role::Gamera, centre, Gait::Walk);
            stage.put(Role::Queen, Pos::new(centre.x + metres(apart_m), centre.y), Gait::Walk);
            for _ in 0..30 {
                stage.unit_mut(Role::Gamera).marks = Marks::default().with(Marks::ATTACKING, hers);
                stage.unit_mut(Role::Queen).marks = Marks::default().with(Marks::ATTACKING, the_queens);
                duel(&mut stage.battle);
            }
            let dead = stage.battle.cities[0].dead().0 / 1_000;
            let wariness = stage.battle.gamera.wariness.0 / 1_000;
            assert!((dead - dead_milli).abs() <= 120, "{name}: {dead} dead");
            assert!((wariness - wariness_milli).abs() <= 60, "{name}: wariness {wariness}");
        }
    }

    #[test]
    fn nobody_dies_at_sea_and_nobody_grows_wary_without_the_rule() {
        let mut stage = Stage::quick(City::Sapporo);
        kill_citizens(&mut stage.battle, Pos::from_m(1_000, 100), Micro::whole(5));
        assert_eq!(stage.battle.cities[0].dead(), Micro::ZERO);
        stage.battle.balance.rules.remove(Rule::Wariness);
        kill_citizens(&mut stage.battle, ground::city_centre(City::Sapporo), Micro::whole(5));
        assert_eq!(stage.battle.gamera.wariness, Micro::ZERO);
    }
}
