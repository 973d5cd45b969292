//! The queen: feed and hatch, guard the flower, beam from afar, impale when near, and be gone
//! before the blast.

use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind};
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{GameraState, LegionView, Marks, Phase, QueenState, QueenView, SeatView, Thing};

use super::level::{Level, Policy};
use super::look::{self, Flower};
use super::mind::Mind;

/// Burrows this long before a blast, seconds, if the level looks as far ahead.
const BURROW_BEFORE_S: i32 = 9;
/// What every level sees coming, seconds.
const BURROW_SIGHT_S: i32 = 5;
/// Comes up when Gamera is this near the flower, metres.
const MEET_AT_M: i32 = 700;
/// Guards against guns and engineers this near the flower, metres.
const THREAT_M: i32 = 160;
/// Below this horn (thousandths) she charges no beam with Gamera beside her.
const HORN_AT_RISK: u16 = 400;
/// Gamera counts as beside her within this, metres.
const BESIDE_M: i32 = 120;
/// Opens the egg chamber below this mass.
const BURST_BELOW_M: u16 = 340;
/// She flies on a march where her wings have at least this, thousandths.
const FLY_WINGS: u16 = 500;

/// And where the way is at least this long, metres.
const FLY_FROM_M: i32 = 1_000;
/// And where Gamera is farther than this, metres.
const CHASE_M: i32 = 1_000;
/// Lands this near her goal, metres.
const LAND_AT_M: i32 = 500;

/// Worn down to this health she leaves a city to Gamera, percent, by city; a last one she holds to the
/// end.
const WITHDRAW_AT_PCT: [i32; 2] = [78, 48];

/// She comes up for a flower with less health than this, thousandths.
const WORN: u16 = 700;
/// And for Sapporo's, thousandths.
const WORN_FIRST: u16 = 300;

/// What the queen sees, gathered once a thought.
struct Scene<'a> {
    view: &'a SeatView<'a>,
    me: QueenView,
    legion: LegionView,
    gamera: Option<&'a Thing>,
    gamera_state: Option<GameraState>,
    flower: Option<Flower>,
}

impl Scene<'_> {
    fn gamera_within(&self, m: i32) -> Option<&Thing> {
        self.gamera.filter(|g| look::is_within(self.view, g.pos, m))
    }

    /// Gamera where she can be fought.
    fn rival(&self, m: i32) -> Option<&Thing> {
        let up = matches!(self.gamera_state, Some(GameraState::Active | GameraState::Down | GameraState::Limping));
        self.gamera_within(m).filter(|_| up)
    }
}

type Rule = fn(&mut Mind, &Scene<'_>) -> Option<SeatInput>;

const ABOVE: [Rule; 11] = [flee_blast, leave, settle, withdraw, execute, burst, impale, whips, beam, fight, guard];
const BELOW: [Rule; 5] = [stay_below, plant, depart, emerge, lurk];

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, orders: &mut Vec<Order>) -> SeatInput {
    let (Some(me), Some(legion)) = (view.team.queen, view.team.legion) else { return look::rest() };
    let scene = Scene {
        view,
        me,
        legion,
        gamera: look::exposed(view, Kind::Gamera),
        gamera_state: view.team.gamera.map(|g| g.state),
        flower: look::flower(view),
    };
    command(mind, &scene, orders);
    let rules: &[Rule] = match me.state {
        QueenState::Dead | QueenState::Stunned | QueenState::Emerging | QueenState::Burrowing => return look::rest(),
        _ if look::is_below(view) => &BELOW,
        QueenState::Lair | QueenState::Active | QueenState::Marching => &ABOVE,
    };
    rules.iter().find_map(|rule| rule(mind, &scene)).unwrap_or_default()
}

/// The vote, the slider between flower and soldiers, and holding against the lure.
fn command(mind: &mut Mind, scene: &Scene<'_>, orders: &mut Vec<Order>) {
    let now = scene.view.tick();
    let percent = feed_share(mind, scene);
    let hold = mind.live_lure(now).is_some() && scene.view.team.gamera.is_some_and(|g| g.mobbed >= 40);
    let turn = i32::from(percent) - i32::from(scene.legion.feed_pct);
    if (turn.abs() >= 10 || hold != scene.legion.hold) && mind.may_order(now) {
        if turn.abs() >= 10 {
            orders.push(Order::FeedShare { percent });
        }
        if hold != scene.legion.hold {
            orders.push(Order::HoldSwarm { on: hold });
        }
    } else if now.seconds() < 8 && mind.may_order(now) {
        orders.push(Order::VoteImpact { site: mind.rng.below(3) as u8 });
    }
}

fn feed_share(mind: &Mind, scene: &Scene<'_>) -> u8 {
    if mind.plays(Policy::NeverFeed) {
        return 0;
    }
    let flower = scene.flower.map(|f| f.known);
    let primed = flower.is_some_and(|f| f.launch_s.is_some());
    match (flower.map_or(0, |f| f.stage), scene.legion.mass) {
        _ if primed => 0,
        (0..=1, ..60) => 75,
        (0..=1, _) => 100,
        (_, ..100) => 45,
        (_, ..180) => 55,
        (_, ..300) => 70,
        _ => 95,
    }
}

/// Seconds to a blast that she knows of.
fn blast_in(scene: &Scene<'_>) -> Option<i32> {
    scene.flower.and_then(|f| f.known.launch_s).map(i32::from)
}

fn is_blast_near(mind: &Mind, scene: &Scene<'_>) -> bool {
    let sight = BURROW_BEFORE_S.min(BURROW_SIGHT_S + mind.level.lookahead_s());
    blast_in(scene).is_some_and(|s| s <= sight)
}

fn flee_blast(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    is_blast_near(mind, scene).then(|| go_under(scene))
}

/// Nothing is left to guard here: the next city waits.
fn leave(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let team = scene.view.team;
    let marching = matches!(team.phase, Phase::Interlude | Phase::March);
    let spent = mind.is_flower_gone(team.city) && !is_last(scene);
    if !spent && !marching {
        return None;
    }
    let goal = if marching { team.city } else { following(team.city) };
    if look::flies(scene.view) {
        let there = look::is_within(scene.view, next_lair(goal), LAND_AT_M);
        return Some(if there { land() } else { look::walk(scene.view, next_lair(goal), 60) });
    }
    let wings = scene.me.wings_permille >= FLY_WINGS && look::is_ready(scene.view, Verb::Fly);
    let far = !look::is_within(scene.view, next_lair(goal), FLY_FROM_M);
    if scene.rival(CHASE_M).is_some() {
        mind.note_chase(scene.view.tick());
        return Some(go_under(scene));
    }
    let fly = far && wings && mind.level != Level::Easy;
    Some(if fly { look::walk(scene.view, next_lair(goal), 60).doing(Verb::Fly) } else { go_under(scene) })
}

/// A Gamera that is down is left for dead; one that crawls on is ended for good.
fn execute(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let crawls = scene.gamera_state == Some(GameraState::Limping);
    let body = scene.gamera_within(500).filter(|_| crawls)?;
    Some(look::walk_and(scene.view, body.pos, mind.balance.legion.execute_range_m * 5 / 6, Verb::Execute))
}

fn burst(_mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let use_it = scene.me.egg_chamber_permille > 0 && scene.legion.mass < BURST_BELOW_M;
    (use_it && scene.rival(800).is_some() && look::is_ready(scene.view, Verb::BroodBurst))
        .then(|| look::rest().doing(Verb::BroodBurst))
}

fn impale(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let rival = scene.rival(mind.balance.legion.impale_range_m)?;
    look::is_ready(scene.view, Verb::Impale)
        .then(|| look::walk(scene.view, rival.pos, 30).doing(Verb::Impale).at(rival.pos))
}

fn whips(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let rival = scene.rival(mind.balance.legion.whips_range_m)?;
    let beside = look::is_within(scene.view, rival.pos, mind.balance.legion.melee_range_m);
    (scene.me.horn_permille == 0 && !beside)
        .then(|| look::walk(scene.view, rival.pos, 60).doing(Verb::Whips).at(rival.pos))
}

/// The beam, from out of Gamera's grasp where the horn is weak. A hard bot lets go early now and
/// then, to bait the grab.
fn beam(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let rival = scene.rival(mind.balance.legion.beam_range_m * 9 / 10)?;
    let beside = look::is_within(scene.view, rival.pos, BESIDE_M);
    let safe = !beside || scene.me.horn_permille >= HORN_AT_RISK;
    let charging = look::is_busy_with(scene.view, Verb::Beam);
    let can = scene.me.horn_permille > 0 && (charging || look::is_ready(scene.view, Verb::Beam));
    if !can || !safe {
        return None;
    }
    let feints = charging && beside && mind.level == Level::Hard && mind.rng.chance_permille(250);
    let input = look::rest().at(rival.pos);
    Some(if feints { input } else { input.doing(Verb::Beam) })
}

fn fight(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let rival = scene.rival(MEET_AT_M)?;
    if look::flies(scene.view) && look::is_within(scene.view, rival.pos, 200) {
        return Some(land());
    }
    Some(look::walk_and(scene.view, rival.pos, mind.balance.legion.melee_range_m, Verb::Strike))
}

/// Beside the flower, striking at what comes near; under again when all is quiet.
fn guard(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let n = &mind.balance.legion;
    if look::flies(scene.view) {
        return Some(land());
    }
    let foe = look::nearest_foe(scene.view, n.guard_range_m * 2);
    let post = scene.flower.map(|f| f.pos);
    if let Some(foe) = foe.filter(|t| post.is_none_or(|p| t.pos.within(p, metres(n.guard_range_m * 2)))) {
        return Some(look::walk_and(scene.view, foe.pos, n.melee_range_m, Verb::Strike));
    }
    match post {
        Some(post) if !look::is_within(scene.view, post, n.guard_range_m / 2) => Some(look::walk(scene.view, post, 50)),
        Some(_) if foe.is_none() => Some(go_under(scene)),
        Some(_) => Some(look::rest()),
        None => Some(hunt(scene)),
    }
}

/// With no flower left she starves: Gamera has to fall.
fn hunt(scene: &Scene<'_>) -> SeatInput {
    let gamera = scene.view.things.of_kind(Kind::Gamera).next().map(|g| g.pos);
    look::walk(scene.view, gamera.unwrap_or(ground::city_centre(scene.view.team.city)), 60)
}

fn stay_below(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    is_blast_near(mind, scene).then(look::rest)
}

/// A new city without a hive: by air if her wings carry her, then down to where it can be planted.
fn settle(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let site = next_lair(scene.view.team.city);
    needs_hive(mind, scene).then(|| {
        let input = look::walk(scene.view, site, 100);
        let far = !look::is_within(scene.view, site, 500);
        let wings = scene.me.wings_permille > 0 && look::is_ready(scene.view, Verb::Fly);
        match (far, look::flies(scene.view)) {
            (false, _) => go_under(scene),
            (true, true) => input,
            (true, false) if wings => input.doing(Verb::Fly),
            (true, false) => go_under(scene),
        }
    })
}

/// True where the present city can have a hive and has none.
fn needs_hive(mind: &Mind, scene: &Scene<'_>) -> bool {
    let team = scene.view.team;
    let none = team.cities[team.city.index()].flower.is_none() && !mind.is_flower_gone(team.city);
    none && team.city != City::Sapporo
}

/// Plants a hive where the new city has none.
fn plant(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let site = next_lair(scene.view.team.city);
    let chased = mind.is_chased(scene.view.tick());
    needs_hive(mind, scene).then(|| {
        let input = look::walk(scene.view, site, 40);
        let far = !look::is_within(scene.view, site, FLY_FROM_M);
        match look::is_within(scene.view, site, 60) {
            true => input.doing(Verb::Plant),
            // Until it is planted she starves: by air it is three times as fast.
            false if far && scene.me.wings_permille > 0 && !chased => input.doing(Verb::Burrow),
            false => input,
        }
    })
}

/// Under way to the next city.
fn depart(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let team = scene.view.team;
    let marching = matches!(team.phase, Phase::Interlude | Phase::March);
    let moves_on = mind.is_flower_gone(team.city) && !is_last(scene);
    if !marching && !moves_on {
        return None;
    }
    let goal = if marching { team.city } else { following(team.city) };
    let chased = mind.is_chased(scene.view.tick());
    let wings = scene.me.wings_permille >= FLY_WINGS && mind.level != Level::Easy && !chased;
    let input = look::walk(scene.view, next_lair(goal), 60);
    let far = !look::is_within(scene.view, next_lair(goal), FLY_FROM_M);
    Some(if wings && far { input.doing(Verb::Burrow) } else { input })
}

/// Bursts from the ground when the flower is threatened.
fn emerge(_mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    if is_worn(scene) {
        return None;
    }
    let flower = scene.flower;
    let hunts = flower.is_none() && scene.view.team.phase == Phase::Siege && is_last(scene);
    let gamera_near = scene.gamera.is_some_and(|g| {
        let at = flower.map_or(scene.view.pos(), |f| f.pos);
        let grown = flower.is_none_or(|f| f.known.stage >= 2);
        grown && g.pos.within(at, metres(MEET_AT_M)) && scene.gamera_state != Some(GameraState::Coma)
    });
    // The first flower is the swarm's to guard: only at the worst does she show herself for it.
    let first = scene.view.team.city == City::Sapporo && !is_last(scene);
    let worn = if first { WORN_FIRST } else { WORN };
    let hurt = flower.is_some_and(|f| f.known.stage >= 2 && f.known.health_permille < worn);
    let threat = flower.is_some_and(|f| f.known.stage >= 2 && is_threatened(scene.view, f.pos));
    if !(hurt || hunts || (!first && (gamera_near || threat))) {
        return None;
    }
    let post = flower.map_or(scene.view.pos(), |f| f.pos);
    let input = look::walk(scene.view, post, 60);
    Some(if look::is_within(scene.view, post, 120) { input.doing(Verb::Burrow) } else { input })
}

fn is_threatened(view: &SeatView<'_>, flower: Pos) -> bool {
    let gun = |t: &&Thing| matches!(t.kind, Kind::Engineer | Kind::Tank | Kind::Charge) && !t.marks.has(Marks::GHOST);
    view.things.near(flower, THREAT_M).filter(gun).take(2).count() >= 2
}

/// Under the flower, waiting.
fn lurk(_mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let post = scene.flower.map(|f| f.pos);
    Some(post.map_or_else(look::rest, |post| look::walk(scene.view, post, 80)))
}

/// True where she has lost too much to fight on in a city that is not the last.
fn is_worn(scene: &Scene<'_>) -> bool {
    let limit = WITHDRAW_AT_PCT.get(scene.view.team.city.index());
    !is_last(scene) && limit.is_some_and(|pct| look::health_pct(scene.view) < *pct)
}

fn is_last(scene: &Scene<'_>) -> bool {
    scene.view.team.city == scene.view.team.last_city
}

/// Slips away underground from a fight that she is losing.
fn withdraw(_mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    (is_worn(scene) && scene.rival(MEET_AT_M).is_some()).then(|| go_under(scene))
}

/// Where she plants in a city: the station in its middle, where all lines meet.
fn next_lair(city: City) -> Pos {
    ground::city(city).stations.last().map_or(ground::city_centre(city), |s| s.pos)
}

fn following(city: City) -> City {
    City::from_index(city.index() + 1).unwrap_or(city)
}

fn go_under(scene: &Scene<'_>) -> SeatInput {
    if look::flies(scene.view) { land() } else { look::rest().doing(Verb::Burrow) }
}

fn land() -> SeatInput {
    look::rest().doing(Verb::Fly)
}
