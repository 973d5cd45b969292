//! The queen: feed and hatch, guard the flower, beam from afar, impale when near, and be gone
//! before the blast.

mod duel;
mod travel;

use gamera_protocol::ids::{City, Kind};
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{GameraState, LegionView, Marks, Phase, QueenState, QueenView, SeatView, Thing};

use super::level::Policy;
use super::look::{self, Flower};
use super::mind::Mind;
use duel::{beam, burst, execute, fight, guard, impale, whips, withdraw};
use travel::{depart, leave, plant, settle};

/// Burrows this long before a blast, seconds, if the level looks as far ahead.
const BURROW_BEFORE_S: i32 = 9;
/// What every level sees coming, seconds.
const BURROW_SIGHT_S: i32 = 5;
/// Comes up when Gamera is this near the flower, metres.
const MEET_AT_M: i32 = 700;
/// Guards against guns and engineers this near the flower, metres.
const THREAT_M: i32 = 160;
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
    look::first(view, rules.iter().map(|rule| rule(mind, &scene)))
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
    } else if let Some(call) = call_for_help(scene).filter(|_| mind.may_order(now)) {
        orders.push(call);
    }
}

/// The brood is called to a flower that Gamera comes near.
fn call_for_help(scene: &Scene<'_>) -> Option<Order> {
    let flower = scene.flower.filter(|f| f.known.stage >= 2)?;
    let near = scene.gamera.is_some_and(|g| g.pos.within(flower.pos, metres(MEET_AT_M)));
    let up = scene.gamera_state == Some(GameraState::Active);
    if near && up { look::rally(scene.view, flower.pos) } else { None }
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

fn stay_below(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    is_blast_near(mind, scene).then(look::rest)
}

/// Bursts from the ground when the flower is threatened.
fn emerge(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    if is_worn(mind, scene) {
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
    let threat = flower.is_some_and(|f| f.known.stage >= 2 && is_threatened(mind, scene.view, f.pos));
    if !(hurt || hunts || (!first && (gamera_near || threat))) {
        return None;
    }
    let post = flower.map_or(scene.view.pos(), |f| f.pos);
    let input = look::walk(scene.view, post, 60);
    Some(if look::is_within(scene.view, post, 120) { input.doing(Verb::Burrow) } else { input })
}

fn is_threatened(mind: &Mind, view: &SeatView<'_>, flower: Pos) -> bool {
    let gun = |t: &&Thing| matches!(t.kind, Kind::Engineer | Kind::Tank | Kind::Charge) && !t.marks.has(Marks::GHOST);
    mind.worth(view.things.near(flower, THREAT_M).filter(gun)) >= 2
}

/// Under the flower, waiting.
fn lurk(_mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let post = scene.flower.map(|f| f.pos);
    Some(post.map_or_else(look::rest, |post| look::walk(scene.view, post, 80)))
}

/// True where she has lost too much to fight on in a city that is not the last.
fn is_worn(mind: &Mind, scene: &Scene<'_>) -> bool {
    let limit = WITHDRAW_AT_PCT.get(scene.view.team.city.index());
    let early = mind.level.leaves_early_pct();
    !is_last(scene) && limit.is_some_and(|pct| look::health_pct(scene.view) < pct + early)
}

fn is_last(scene: &Scene<'_>) -> bool {
    scene.view.team.city == scene.view.team.last_city
}

fn go_under(scene: &Scene<'_>) -> SeatInput {
    if look::flies(scene.view) { land() } else { look::rest().doing(Verb::Burrow) }
}

fn land() -> SeatInput {
    look::rest().doing(Verb::Fly)
}
