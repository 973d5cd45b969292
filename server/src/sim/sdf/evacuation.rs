//! Who leaves and how fast: the alarm, the commander's effort, and the districts it goes to.

use gamera_protocol::balance::Rule;
use gamera_protocol::ground::{self, DISTRICTS};
use gamera_protocol::ids::{City, Layer};
use gamera_protocol::input::Verb;
use gamera_protocol::roster::MILLION;
use gamera_protocol::view::Phase;

use super::super::Battle;
use super::super::city::CityState;
use super::super::fixed::Micro;
use super::{alarm, convoy};

/// How often the streets are looked at for a reason to sound the sirens.
const WATCH_PERIOD_TICKS: u32 = 15;

/// Sounds the sirens where the battle shows: a pod, a giant in the streets, an annihilated
/// neighbour, the march.
pub(super) fn watch(battle: &mut Battle) {
    if !battle.tick.is_every(WATCH_PERIOD_TICKS, 0) {
        return;
    }
    for city in City::ALL.iter().copied().filter(|c| !battle.cities[c.index()].alarmed).collect::<Vec<_>>() {
        if shows(battle, city) {
            alarm(battle, city);
        }
    }
}

fn shows(battle: &Battle, city: City) -> bool {
    let pod = battle.legion.hives[city.index()].as_ref().is_some_and(|h| h.stage >= 2);
    let giant = [battle.gamera.unit, battle.legion.queen.unit].into_iter().any(|id| {
        let unit = &battle.units[id];
        unit.is_up() && unit.layer() != Layer::Underground && ground::city_at(unit.pos()) == Some(city)
    });
    let neighbour = city.index().checked_sub(1).is_some_and(|i| battle.cities[i].annihilated);
    let march = city == City::Tokyo && battle.campaign.phase == Phase::March;
    pod || giant || neighbour || march
}

/// Citizens board, and each full convoy leaves.
pub(super) fn board(battle: &mut Battle) {
    battle.sdf.boarding_milli_s = 0;
    if !battle.has(Rule::Evacuation) || matches!(battle.campaign.phase, Phase::Epilogue | Phase::Ended) {
        return;
    }
    for city in City::ALL.iter().copied() {
        let state = &battle.cities[city.index()];
        if !state.alarmed || state.annihilated || state.staying() == Micro::ZERO {
            battle.sdf.boarding[city.index()] = Micro::ZERO;
            continue;
        }
        let rate = rate_milli_s(battle, city);
        battle.sdf.boarding_milli_s += rate;
        battle.sdf.boarding[city.index()] += Micro::per_tick_milli(rate);
        send_convoy(battle, city);
    }
}

/// Citizens that board in `city`, thousandths of a tok a second.
fn rate_milli_s(battle: &Battle, city: City) -> i32 {
    let n = &battle.balance.sdf;
    let effort = if focus(battle) == city { effort_permille(battle) } else { 0 };
    let calm = n.evacuate_base_milli_tok_s + n.evacuate_effort_milli_tok_s * effort / 1_000;
    // Who fears Gamera needs no telling.
    let rate = calm + battle.gamera.wariness.scaled(i64::from(calm * n.evacuate_fear_pct), 10_000).floor();
    let from = battle.balance.legion.oxygen_evacuation_at;
    let thick = battle.legion.hives[city.index()].as_ref().is_some_and(|h| !h.dead && h.oxygen.floor() >= from);
    if thick { rate * n.evacuate_oxygen_pct / 100 } else { rate }
}

/// The city that the effort goes to: the commander's choice, once its people know.
fn focus(battle: &Battle) -> City {
    let wanted = battle.sdf.evacuation_city;
    let state = &battle.cities[wanted.index()];
    if state.alarmed && !state.annihilated { wanted } else { battle.campaign.city }
}

/// The effort on evacuation, thousandths: the commander's share, of which one part needs nobody
/// and the other those who escort.
fn effort_permille(battle: &Battle) -> i32 {
    let n = &battle.balance.sdf;
    let escorting: i64 = battle
        .seats
        .iter()
        .filter(|s| s.unit.is_some() && s.input.verb == Some(Verb::Escort))
        .map(|s| battle.roster.scale_ppm(s.playing))
        .sum();
    let escorts_permille = (escorting * 1_000 / (i64::from(n.escorts_full.max(1)) * MILLION)).min(1_000) as i32;
    let staff_permille = n.evacuate_staff_pct * 10 + (100 - n.evacuate_staff_pct) * escorts_permille / 100;
    battle.sdf.evacuation_pct * staff_permille / 100
}

fn send_convoy(battle: &mut Battle, city: City) {
    let size = convoy_size(battle);
    let room = battle.sdf.convoys() < battle.balance.sdf.convoys_max as usize;
    let state = &battle.cities[city.index()];
    let enough = battle.sdf.boarding[city.index()] >= size.min(state.staying());
    if !enough {
        return;
    }
    if !room {
        battle.sdf.boarding[city.index()] = size;
        return;
    }
    let first = (battle.sdf.evacuation_city == city).then_some(battle.sdf.district);
    let district = next_district(state, first);
    let load = battle.cities[city.index()].depart(district, size);
    battle.sdf.boarding[city.index()] -= load;
    convoy::set_out(battle, city, district, load);
}

/// Citizens of one convoy: many small ones where there are many to escort them.
fn convoy_size(battle: &Battle) -> Micro {
    let ppm = battle.roster.convoy_scale_ppm();
    Micro::milli(battle.balance.sdf.convoy_citizens).scaled(ppm, MILLION)
}

/// The ordered district while anyone is left in it, then the fullest.
fn next_district(state: &CityState, first: Option<usize>) -> usize {
    let staying = |d: &usize| state.districts[*d].staying;
    let fullest = || (0..DISTRICTS).rev().max_by_key(staying).unwrap_or(0);
    first.filter(|d| staying(d) > Micro::ZERO).unwrap_or_else(fullest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::balance::Balance;
    use gamera_protocol::event::EventKind;
    use gamera_protocol::ids::Role;
    use gamera_protocol::input::{Order, SeatInput};
    use gamera_protocol::measure::ticks;

    /// Citizens that left Tokyo in a minute, tok.
    fn left_in_a_minute(set: impl FnOnce(&mut Stage)) -> i32 {
        let mut stage = Stage::quick(City::Tokyo);
        stage.battle.legion.hives = [None, None, None];
        alarm(&mut stage.battle, City::Tokyo);
        set(&mut stage);
        stage.run(ticks(60));
        let city = &stage.battle.cities[City::Tokyo.index()];
        (city.on_road() + city.evacuated() + city.dead()).floor()
    }

    #[test]
    fn nobody_leaves_a_city_that_does_not_know() {
        let mut stage = Stage::campaign();
        stage.run(ticks(20));
        assert_eq!(stage.battle.cities[City::Tokyo.index()].on_road(), Micro::ZERO);
        alarm(&mut stage.battle, City::Tokyo);
        assert!(stage.battle.events.iter().any(|e| e.kind == EventKind::CityAlarmed && e.city == Some(City::Tokyo)));
        let first = stage.run_until(EventKind::EvacConvoy, ticks(60));
        assert!(first.is_some(), "now they leave");
    }

    #[test]
    fn the_rate_follows_share_and_escorts() {
        type Case = (&'static str, u8, &'static [Role], i32);
        // 60 s of base + effort x share x (staff + (1 - staff) x escorts / 3), in convoys of 12 tok
        let cases: [Case; 4] = [
            ("nothing but feet", 0, &[], 0),
            ("orders alone", 100, &[], 40),
            ("with escorts", 100, &[Role::Commander, Role::Tank, Role::Engineer], 100),
            ("escorts without orders", 0, &[Role::Commander, Role::Tank, Role::Engineer], 0),
        ];
        let n = Balance::default().sdf;
        assert_eq!(n.evacuate_staff_pct, 40);
        for (name, percent, escorts, effort_pct) in cases {
            let milli_tok_s = n.evacuate_base_milli_tok_s + n.evacuate_effort_milli_tok_s * effort_pct / 100;
            let wanted = milli_tok_s * 60 / 1_000;
            let left = left_in_a_minute(|s| {
                s.order(Role::Commander, Order::EvacuationShare { percent });
                for role in escorts {
                    s.hold(*role, SeatInput::default().doing(Verb::Escort));
                }
            });
            // The last bus of a district may be half empty.
            assert!((wanted - 12..=wanted).contains(&left), "{name}: {left}");
        }
    }

    #[test]
    fn who_fears_gamera_leaves_sooner() {
        let rate = |wariness: i32| {
            let mut stage = Stage::quick(City::Tokyo);
            stage.battle.gamera.wariness = Micro::whole(wariness);
            rate_milli_s(&stage.battle, City::Tokyo)
        };
        let more_pct = |wariness| (rate(wariness) - rate(0)) * 100 / rate(0);
        let most = Balance::default().sdf.evacuate_fear_pct;
        assert!((most - 1..=most).contains(&more_pct(100)), "{} %", more_pct(100));
        assert!((most / 2 - 1..=most / 2).contains(&more_pct(50)), "{} %", more_pct(50));
    }

    #[test]
    fn the_ordered_district_goes_first() {
        let left = |district: u8| {
            let mut stage = Stage::quick(City::Tokyo);
            alarm(&mut stage.battle, City::Tokyo);
            stage.order(Role::Commander, Order::EvacuateDistrict { city: City::Tokyo, district });
            stage.run(ticks(30));
            let left = stage.battle.cities[City::Tokyo.index()].districts[usize::from(district)];
            (left.on_road + left.evacuated).floor() >= 12
        };
        assert!((0..9).all(left));
    }
}
