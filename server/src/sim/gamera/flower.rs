//! Gamera and the flower: torn out by its roots while she stands, pushed over while she crawls.

use gamera_protocol::balance::Rule;
use gamera_protocol::ids::{City, Layer, SeatId};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{metres, ticks};
use gamera_protocol::view::{GameraState, Marks};

use super::{add_mana, body, body_mut};
use crate::sim::Battle;
use crate::sim::arena::Class;
use crate::sim::fixed::Micro;
use crate::sim::legion::{hive, mob, queen};
use crate::sim::structure::StructureId;

/// One tick of tearing the flower out: slow while the queen is at her, slower with a mob on her.
pub(super) fn uproot(battle: &mut Battle, seat: SeatId) {
    let n = battle.balance.gamera;
    let grounded = body(battle).layer() == Layer::Surface;
    let Some((city, flower)) = flower_in_reach(battle, n.uproot_range_m) else { return };
    if !grounded || !battle.has(Rule::Uproot) {
        return;
    }
    let (whole, speed) = (ticks(n.uproot_s as u32), uproot_permille(battle));
    if work(battle, seat, flower, whole, speed) {
        hive::uproot(battle, city, Some(seat));
        add_mana(battle, Micro::whole(n.uproot_mana));
    }
}

/// One tick of pushing the flower over, with the last of her strength.
pub(super) fn topple(battle: &mut Battle, seat: SeatId) {
    let n = &battle.balance.gamera;
    let whole = ticks(n.topple_s as u32);
    let Some((city, flower)) = flower_in_reach(battle, n.topple_range_m) else { return };
    if battle.gamera.state == GameraState::Limping && work(battle, seat, flower, whole, 1_000) {
        hive::topple(battle, city, Some(seat));
    }
}

fn work(battle: &mut Battle, seat: SeatId, flower: StructureId, whole: u32, speed_permille: u32) -> bool {
    let body = body_mut(battle);
    body.marks = body.marks.with(Marks::ATTACKING, true);
    battle.seats[seat.index()].channel(Verb::Uproot, Some(flower.key(Class::Structure)), whole, speed_permille)
}

fn uproot_permille(battle: &Battle) -> u32 {
    let n = &battle.balance.gamera;
    let engaged = queen::is_engaging(battle, body(battle).pos(), metres(n.uproot_engaged_range_m));
    let free = if engaged { n.uproot_engaged_permille } else { 1_000 };
    let mobbed = mob::latched(battle).floor() * n.uproot_mob_permille_mass;
    (free * (1_000 - mobbed.clamp(0, n.uproot_mob_max_permille)) / 1_000).max(0) as u32
}

fn flower_in_reach(battle: &Battle, range_m: i32) -> Option<(City, StructureId)> {
    let from = body(battle).pos();
    let near = |id: StructureId| battle.structures.get(id).is_some_and(|f| f.pos.within(from, metres(range_m)));
    let standing = City::ALL.iter().filter_map(|city| hive::flower_at(battle, *city).map(|id| (*city, id)));
    standing.into_iter().find(|(_, id)| near(*id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::legion::Hive;
    use crate::sim::structure::Structure;
    use crate::sim::testing::Stage;
    use gamera_protocol::event::EventKind;
    use gamera_protocol::ground;
    use gamera_protocol::ids::{Kind, Role};
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::Pos;
    use gamera_protocol::motion::Gait;
    use gamera_protocol::view::QueenState;

    fn at(x_m: i32) -> Pos {
        let centre = ground::city_centre(City::Sendai);
        Pos::new(centre.x + metres(x_m), centre.y)
    }

    /// Gamera `apart_m` from a flower with this oxygen, holding it.
    fn holding(oxygen: i32, apart_m: i32) -> Stage {
        let mut stage = Stage::quick(City::Sendai);
        stage.run(1);
        stage.battle.swarm.soldiers.clear();
        let structure = Structure::new(Kind::Flower, at(apart_m), &stage.battle.balance);
        let flower = stage.battle.structures.insert(structure);
        let oxygen = Micro::whole(oxygen);
        let hive = Hive { flower: Some(flower), stage: 3, oxygen, ..Hive::new(City::Sendai, at(apart_m), false) };
        stage.battle.legion.hives[City::Sendai.index()] = Some(hive);
        stage.put(Role::Gamera, at(0), Gait::Walk);
        stage.hold(Role::Gamera, SeatInput::default().doing(Verb::Uproot));
        stage
    }

    #[test]
    fn an_uprooting_takes_eleven_seconds_and_more_with_the_queen_or_a_mob_at_her() {
        type Case = (&'static str, fn(&mut Stage), Option<u32>);
        let cases: [Case; 5] = [
            ("alone", |_| {}, Some(11)),
            (
                "the queen engages",
                |s| {
                    s.put(Role::Queen, at(-100), Gait::Walk);
                    s.battle.legion.queen.state = QueenState::Active;
                },
                Some(69),
            ),
            ("a pin", |s| s.unit_mut(Role::Gamera).stunned_until = gamera_protocol::measure::Tick(9_000), None),
            ("flying", |s| s.put(Role::Gamera, at(0), Gait::Fly), None),
            ("without the rule", |s| s.battle.balance.rules.remove(Rule::Uproot), None),
        ];
        for (name, set, seconds) in cases {
            let mut stage = holding(30, 60);
            set(&mut stage);
            let taken = stage.run_until(EventKind::FlowerUprooted, ticks(80)).map(|t| t.div_ceil(30));
            assert_eq!(taken, seconds, "{name}");
        }
    }

    #[test]
    fn a_mob_slows_her_hands() {
        for (count, permille) in [(0, 1_000), (100, 700), (300, 400)] {
            let mut stage = holding(30, 60);
            stage.soldiers(count, at(0));
            for soldier in &mut stage.battle.swarm.soldiers {
                soldier.task = crate::sim::swarm::Task::Latched;
            }
            assert_eq!(uproot_permille(&stage.battle), permille, "{count} soldiers");
        }
    }

    #[test]
    fn oxygen_decides_whether_it_blows_up_in_her_hands() {
        for (oxygen, blast) in [(30, 0), (75, 0), (90, 1)] {
            let mut stage = holding(oxygen, 60);
            let mana = stage.battle.gamera.mana;
            stage.run_until(EventKind::FlowerUprooted, ticks(12)).unwrap();
            let gained = Micro::whole(stage.battle.balance.gamera.uproot_mana);
            assert!(stage.battle.gamera.mana - mana >= gained, "oxygen {oxygen}");
            assert_eq!(stage.heard(EventKind::CityDetonated), blast, "oxygen {oxygen}");
        }
    }

    #[test]
    fn out_of_reach_nothing_is_held() {
        assert_eq!(holding(30, 120).run_until(EventKind::FlowerUprooted, ticks(15)), None);
    }

    #[test]
    fn crawling_she_pushes_it_over_and_has_no_strength_left() {
        let mut stage = holding(50, 60);
        stage.release(Role::Gamera);
        stage.unit_mut(Role::Gamera).health_milli = 0;
        stage.run_until(EventKind::GameraLimps, ticks(22)).unwrap();
        stage.hold(Role::Gamera, SeatInput::default().doing(Verb::Uproot));
        let taken = stage.run_until(EventKind::FlowerToppled, ticks(8)).unwrap();
        assert_eq!(taken.div_ceil(30), 6);
        assert_eq!(stage.run_until(EventKind::GameraComa, 2), Some(1));
    }
}
