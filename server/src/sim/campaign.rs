//! The match as a whole: which city is fought over, overtime, and how it ends.
//!
//! Three cities are three phases of one match. What the factions do in a phase is theirs; this
//! module only watches where the queen is, which flowers stand and who lives.

use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Layer, Side};
use gamera_protocol::measure::{TICK_HZ, Tick, share, ticks};
use gamera_protocol::view::{EndCause, GameraState, Phase, QueenState, Verdict};

use super::fixed::Micro;
use super::knowledge::survival_permille;
use super::legion::{self, Hive, hive};
use super::{Battle, Mode, Scene, lifecycle};

/// Where the match stands.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Campaign {
    pub(in crate::sim) phase: Phase,
    /// The city that is fought over, or will be next.
    pub(in crate::sim) city: City,
    /// When the present phase began.
    pub(in crate::sim) since: Tick,
    pub(in crate::sim) overtime: bool,
    pub(in crate::sim) verdict: Option<Verdict>,
    /// When the present city's flower was gone.
    flower_gone_at: Option<Tick>,
    /// Ticks in a row that the queen has held the last city with Gamera dead.
    held_ticks: u32,
    /// The most oxygen there ever was, 0..=100.
    best_oxygen: i32,
}

impl Campaign {
    /// The siege of `city`, from the first tick.
    pub(in crate::sim) fn new(city: City) -> Campaign {
        Campaign {
            phase: Phase::Siege,
            city,
            since: Tick(0),
            overtime: false,
            verdict: None,
            flower_gone_at: None,
            held_ticks: 0,
            best_oxygen: 0,
        }
    }
}

impl Campaign {
    /// The most oxygen there ever was, 0..=100.
    pub(in crate::sim) fn best_oxygen(&self) -> i32 {
        self.best_oxygen
    }
}

/// Lengths that a campaign and a quick match differ in.
struct Limits {
    seeds_to_win: i32,
    overtime: Tick,
    end: Tick,
}

fn limits(battle: &Battle) -> Limits {
    let n = &battle.balance.campaign;
    let at = |seconds: i32| Tick(ticks(seconds as u32));
    match battle.mode {
        Mode::Campaign => Limits { seeds_to_win: n.seeds_to_win, overtime: at(n.overtime_s), end: at(n.end_s) },
        Mode::Quick { .. } => {
            Limits { seeds_to_win: n.quick_seeds_to_win, overtime: at(n.quick_overtime_s), end: at(n.quick_end_s) }
        }
    }
}

/// Gives the sides of a quick match what a campaign would have given them by the time of this city.
pub(in crate::sim) fn catch_up(battle: &mut Battle) {
    let Mode::Quick { city } = battle.mode else { return };
    let n = battle.balance.campaign;
    super::gamera::add_mana(battle, Micro::whole(n.quick_mana));
    let queen = &mut battle.units[battle.legion.queen.unit];
    queen.health_milli = queen.health_milli / 100 * n.quick_queen_pct;
    if city == City::Tokyo {
        super::sdf::research(battle, Micro::whole(n.tokyo_preset_research));
    }
}

/// Moves the match on: cities entered, phases begun and ended, overtime, the verdict, its end.
pub(in crate::sim) fn advance(battle: &mut Battle) {
    note_contested(battle);
    match battle.campaign.phase {
        Phase::Siege | Phase::Interlude | Phase::March => {
            if battle.mode == Mode::Campaign {
                follow_the_queen(battle);
            }
            begin_overtime(battle);
            wear_down(battle);
            if let Some((war, cause)) = decide(battle) {
                conclude(battle, war, cause);
            }
        }
        Phase::Epilogue => end_epilogue(battle),
        Phase::Ended => {}
    }
}

/// A city is contested once a hive is planted beneath it or the queen has entered it.
fn note_contested(battle: &mut Battle) {
    let queen = &battle.units[battle.legion.queen.unit];
    let entered =
        (queen.is_up() && queen.layer() != Layer::Underground).then(|| ground::city_at(queen.pos())).flatten();
    for city in City::ALL {
        let planted = battle.legion.hives[city.index()].is_some();
        battle.cities[city.index()].contested |= planted || entered == Some(*city);
    }
    let most = battle.legion.hives.iter().flatten().map(|h| h.oxygen.floor().clamp(0, 100)).max().unwrap_or(0);
    battle.campaign.best_oxygen = battle.campaign.best_oxygen.max(most);
}

fn follow_the_queen(battle: &mut Battle) {
    match battle.campaign.phase {
        Phase::Siege => end_siege(battle),
        Phase::Interlude | Phase::March => begin_siege(battle),
        Phase::Epilogue | Phase::Ended => {}
    }
}

/// A siege ends when its flower is gone and the queen has left, or some time after the flower.
fn end_siege(battle: &mut Battle) {
    let city = battle.campaign.city;
    let Some(next) = City::from_index(city.index() + 1) else { return };
    let gone = battle.legion.hives[city.index()].as_ref().is_some_and(|h| h.dead);
    if !gone || battle.legion.queen.state == QueenState::Dead {
        return;
    }
    let since = *battle.campaign.flower_gone_at.get_or_insert(battle.tick);
    let forced = ticks(battle.balance.campaign.phase_forced_end_s as u32);
    let queen = battle.units[battle.legion.queen.unit].pos();
    if ground::city_at(queen) == Some(city) && battle.tick.since(since) < forced {
        return;
    }
    let campaign = &mut battle.campaign;
    campaign.phase = if next == City::Tokyo { Phase::March } else { Phase::Interlude };
    campaign.city = next;
    campaign.since = battle.tick;
    campaign.flower_gone_at = None;
    let wait_ticks = ticks(battle.balance.campaign.redeploy_s as u32);
    lifecycle::redeploy(battle, wait_ticks);
    legion::follow(battle, next);
}

/// The next siege begins when the queen is there, or when she has taken too long.
fn begin_siege(battle: &mut Battle) {
    let city = battle.campaign.city;
    let queen = &battle.units[battle.legion.queen.unit];
    let there = ground::city_at(queen.pos()) == Some(city);
    let n = &battle.balance.campaign;
    let longest_s = if battle.campaign.phase == Phase::March { n.march_max_s } else { n.interlude_max_s };
    let waited = battle.tick.since(battle.campaign.since);
    // Never before the seats have been redeployed.
    let redeployed = waited >= ticks(n.redeploy_s as u32);
    if redeployed && (there || waited >= ticks(longest_s as u32)) {
        battle.campaign.phase = Phase::Siege;
        battle.campaign.since = battle.tick;
        battle.tell(Event::new(battle.tick, EventKind::PhaseBegan).in_city(city));
    }
}

fn begin_overtime(battle: &mut Battle) {
    let is_time = battle.scene == Scene::Opening && battle.tick >= limits(battle).overtime;
    if is_time && !battle.campaign.overtime {
        battle.campaign.overtime = true;
        battle.tell(Event::new(battle.tick, EventKind::Overtime));
    }
}

/// In overtime both giants lose strength.
fn wear_down(battle: &mut Battle) {
    if !battle.campaign.overtime {
        return;
    }
    for id in [battle.gamera.unit, battle.legion.queen.unit] {
        let permille_s = battle.balance.campaign.overtime_loss_permille_s;
        let tick = battle.tick;
        let unit = &mut battle.units[id];
        if unit.is_up() {
            unit.health_milli -= share(unit.health_max_milli / 1_000 * permille_s, tick);
        }
    }
}

/// Who has won the war, if anyone has. Launches come before the queen's death in the same tick.
fn decide(battle: &mut Battle) -> Option<(Side, EndCause)> {
    if battle.scene == Scene::Clash && !battle.end_asked {
        return None;
    }
    let limits = limits(battle);
    let flower = any_flower_stands(battle);
    if battle.legion.seeds >= limits.seeds_to_win {
        return Some((Side::Legion, EndCause::SeedsLaunched));
    }
    if battle.legion.queen.state == QueenState::Dead && !flower {
        return Some((Side::Gamera, EndCause::QueenDestroyed));
    }
    if is_last_city_held(battle) {
        return Some((Side::Legion, EndCause::CityHeld));
    }
    let by_flower = if flower { Side::Legion } else { Side::Gamera };
    if battle.end_asked {
        return Some((by_flower, EndCause::Ended));
    }
    let cause = if flower { EndCause::TimeWithFlower } else { EndCause::TimeWithoutFlower };
    (battle.tick >= limits.end).then_some((by_flower, cause))
}

/// True while any flower stands. A hive whose pod has not burst is none yet: nothing can leave from it,
/// and nobody can reach it.
fn any_flower_stands(battle: &Battle) -> bool {
    battle.legion.hives.iter().flatten().any(hive::is_flower)
}

/// The city after which none comes.
pub(in crate::sim) const fn last_city(mode: Mode) -> City {
    match mode {
        Mode::Campaign => City::Tokyo,
        Mode::Quick { city } => city,
    }
}

fn is_last_city_held(battle: &mut Battle) -> bool {
    let last = last_city(battle.mode);
    let queen = &battle.units[battle.legion.queen.unit];
    let inside = queen.is_up() && queen.layer() != Layer::Underground && ground::city_at(queen.pos()) == Some(last);
    let holds = inside && battle.gamera.state == GameraState::Dead;
    battle.campaign.held_ticks = if holds { battle.campaign.held_ticks + 1 } else { 0 };
    battle.campaign.held_ticks >= ticks(battle.balance.campaign.hold_s as u32)
}

fn conclude(battle: &mut Battle, war: Side, cause: EndCause) {
    let survival = survival_permille(battle);
    battle.campaign.verdict = Some(Verdict {
        at: battle.tick,
        war,
        sdf: survival >= battle.balance.campaign.sdf_survival_pct * 10,
        cause,
        scores: scores(battle),
        survival_permille: survival as u16,
    });
    battle.campaign.phase = Phase::Epilogue;
    battle.campaign.since = battle.tick;
}

/// Reckons the verdict's scores anew: what the epilogue brings counts.
pub(in crate::sim) fn settle_scores(battle: &mut Battle) {
    let scores = scores(battle);
    if let Some(verdict) = &mut battle.campaign.verdict {
        verdict.scores = scores;
    }
}

fn end_epilogue(battle: &mut Battle) {
    if battle.tick.since(battle.campaign.since) >= battle.balance.campaign.epilogue_s as u32 * TICK_HZ {
        battle.campaign.phase = Phase::Ended;
        battle.campaign.since = battle.tick;
        battle.tell(Event::new(battle.tick, EventKind::Epilogue));
    }
}

/// Scores by side, 0..=1,000. The side with the higher score is in the lead.
pub(in crate::sim) fn scores(battle: &Battle) -> [u16; 3] {
    scores_with(battle, |_| true, battle.campaign.best_oxygen, survival_permille(battle))
}

/// Scores as one reckons them who knows of these hives, of so much oxygen and of so many citizens.
pub(in crate::sim) fn scores_with(
    battle: &Battle,
    is_known: fn(&Hive) -> bool,
    oxygen: i32,
    survival: i32,
) -> [u16; 3] {
    let n = &battle.balance.campaign;
    let legion = n.score_seed * battle.legion.seeds + n.score_oxygen * oxygen / 100;
    let hives = battle.legion.hives.iter().flatten().filter(|h| is_known(h)).count() as i32;
    let stopped = battle.legion.hives.iter().flatten().filter(|h| h.dead).count() as i32 - battle.legion.seeds;
    let queen_dead = battle.legion.queen.state == QueenState::Dead;
    let gamera = if queen_dead { n.score_queen } else { 0 }
        + n.score_flowers * stopped.max(0) / hives.max(1)
        + n.score_trust * super::gamera::trust_permille(battle) / 1_000;
    let free_fire = if battle.sdf.fired_on_gamera { battle.balance.sdf.weapons_free_score } else { 0 };
    let sdf = n.score_survival * survival / 1_000 - free_fire;
    [gamera, legion, sdf].map(|score| score.clamp(0, 1_000) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{Kind, Role};
    use gamera_protocol::motion::Gait;

    /// A hive whose pod has burst, so that a flower stands unless it is dead.
    fn plant(stage: &mut Stage, city: City, dead: bool) {
        let hive = Hive { dead, stage: 2, ..Hive::new(city, ground::city_centre(city), false) };
        stage.battle.legion.hives = [None, None, None];
        stage.battle.legion.hives[city.index()] = Some(hive);
    }

    /// A hive that nothing has grown from.
    fn bury(stage: &mut Stage, city: City) {
        plant(stage, city, false);
        stage.battle.legion.hives[city.index()].as_mut().unwrap().stage = 1;
    }

    fn kill_queen(stage: &mut Stage) {
        stage.battle.legion.queen.state = QueenState::Dead;
        let unit = stage.battle.legion.queen.unit;
        stage.battle.units[unit].health_milli = 0;
    }

    #[test]
    fn the_war_is_decided_by_seeds_the_queen_and_the_clock() {
        type Case = (&'static str, fn(&mut Stage), Option<(Side, EndCause)>);
        let cases: [Case; 9] = [
            ("nothing yet", |s| plant(s, City::Tokyo, false), None),
            ("a seed in a quick match", |s| s.battle.legion.seeds = 1, Some((Side::Legion, EndCause::SeedsLaunched))),
            (
                "queen dead, flower stands",
                |s| {
                    plant(s, City::Tokyo, false);
                    kill_queen(s);
                },
                None,
            ),
            (
                "queen dead, no flower",
                |s| {
                    plant(s, City::Tokyo, true);
                    kill_queen(s);
                },
                Some((Side::Gamera, EndCause::QueenDestroyed)),
            ),
            (
                "queen dead, a hive without a flower",
                |s| {
                    bury(s, City::Tokyo);
                    kill_queen(s);
                },
                Some((Side::Gamera, EndCause::QueenDestroyed)),
            ),
            (
                "time, a hive without a flower",
                |s| {
                    bury(s, City::Tokyo);
                    s.battle.tick = Tick(ticks(360));
                },
                Some((Side::Gamera, EndCause::TimeWithoutFlower)),
            ),
            (
                "a launch and the queen's death in one tick",
                |s| {
                    plant(s, City::Tokyo, true);
                    s.battle.legion.seeds = 1;
                    kill_queen(s);
                },
                Some((Side::Legion, EndCause::SeedsLaunched)),
            ),
            (
                "time, a flower stands",
                |s| {
                    plant(s, City::Tokyo, false);
                    s.battle.tick = Tick(ticks(360));
                },
                Some((Side::Legion, EndCause::TimeWithFlower)),
            ),
            (
                "time, none stands",
                |s| {
                    plant(s, City::Tokyo, true);
                    s.battle.tick = Tick(ticks(360));
                },
                Some((Side::Gamera, EndCause::TimeWithoutFlower)),
            ),
        ];
        for (name, set, wanted) in cases {
            let mut stage = Stage::quick(City::Tokyo);
            set(&mut stage);
            assert_eq!(decide(&mut stage.battle), wanted, "{name}");
        }
    }

    #[test]
    fn a_quick_match_begins_where_a_campaign_would_be() {
        let n = gamera_protocol::balance::Balance::default().campaign;
        for (city, research) in [(City::Sapporo, 0), (City::Sendai, 0), (City::Tokyo, n.tokyo_preset_research)] {
            let battle = Stage::quick(city).battle;
            assert_eq!(battle.gamera.mana, Micro::whole(n.quick_mana), "{city}");
            let (queen, whole) = (&battle.units[battle.legion.queen.unit], battle.balance.units.of(Kind::Queen).health);
            assert_eq!(queen.health_milli, whole * 10 * n.quick_queen_pct, "{city}");
            assert_eq!(battle.sdf.research, Micro::whole(research), "{city}");
        }
        assert_eq!(Stage::campaign().battle.gamera.mana, Micro::ZERO);
    }

    #[test]
    fn the_queen_holding_the_last_city_wins_only_with_gamera_dead() {
        for (state, wins) in [(GameraState::Dead, true), (GameraState::Coma, false)] {
            let mut stage = Stage::quick(City::Tokyo);
            plant(&mut stage, City::Tokyo, false);
            stage.battle.gamera.state = state;
            stage.put(Role::Queen, ground::city_centre(City::Tokyo), Gait::Walk);
            let hold_s = stage.battle.balance.campaign.hold_s as u32;
            let held = (0..ticks(hold_s)).filter(|_| is_last_city_held(&mut stage.battle)).count();
            assert_eq!(held, usize::from(wins), "{state}");
        }
    }

    #[test]
    fn the_sdf_wins_apart_from_the_war() {
        for (dead_tok, sdf) in [(269, true), (271, false)] {
            let mut stage = Stage::quick(City::Tokyo);
            plant(&mut stage, City::Tokyo, true);
            stage.battle.cities[2].contested = true;
            for district in 0..ground::DISTRICTS {
                let left = dead_tok - stage.battle.cities[2].dead().floor();
                stage.battle.cities[2].kill(district, Micro::whole(left));
            }
            conclude(&mut stage.battle, Side::Legion, EndCause::SeedsLaunched);
            let verdict = stage.battle.verdict().unwrap();
            assert_eq!((verdict.war, verdict.sdf), (Side::Legion, sdf), "{dead_tok} dead");
        }
    }

    #[test]
    fn the_battle_follows_the_queen_to_the_next_city() {
        let mut stage = Stage::campaign();
        stage.battle.tick = Tick(ticks(200));
        plant(&mut stage, City::Sapporo, true);
        advance(&mut stage.battle);
        assert_eq!(stage.battle.campaign.phase, Phase::Siege, "the queen is still there");
        stage.put(Role::Queen, ground::city_centre(City::Sendai), Gait::Fly);
        advance(&mut stage.battle);
        assert_eq!((stage.battle.campaign.phase, stage.battle.campaign.city), (Phase::Interlude, City::Sendai));
        advance(&mut stage.battle);
        assert_eq!(stage.battle.campaign.phase, Phase::Interlude, "the seats are still on their way");
        stage.battle.tick = Tick(ticks(231));
        advance(&mut stage.battle);
        assert_eq!(stage.battle.campaign.phase, Phase::Siege);
        let began = stage.battle.events.iter().find(|e| e.kind == EventKind::PhaseBegan);
        assert_eq!(began.unwrap().city, Some(City::Sendai));
    }

    #[test]
    fn after_the_verdict_comes_the_epilogue_and_then_nothing() {
        let mut stage = Stage::quick(City::Tokyo);
        plant(&mut stage, City::Tokyo, true);
        kill_queen(&mut stage);
        stage.run(2);
        assert!(stage.battle.verdict().is_some() && !stage.battle.is_over());
        assert!(stage.run_until(EventKind::Epilogue, ticks(11)).is_some());
        assert!(stage.battle.is_over());
    }
}
