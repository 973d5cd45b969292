//! Gamera: uproot the flower while that is safe, duel the queen, shake, retreat, roar, and end it.

use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind};
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::{GameraState, GameraView, Marks, QueenView, SeatView, Thing};

use super::level::Policy;
use super::look::{self, Flower};
use super::mind::Mind;

/// Uproots below this oxygen; what it is worth above is another matter.
const UPROOT_BELOW_OXYGEN: i32 = 80;
/// Shakes from this mob on, M.
const SHAKE_FROM_M: u16 = 60;
/// Retreats at this health, percent.
const RETREAT_AT_PCT: i32 = 35;
/// Comes out of the sea again at this health, percent.
const RETURN_AT_PCT: i32 = 75;
/// The single-minded one retreats at this health, percent.
const YO_YO_AT_PCT: i32 = 85;
/// Farther than this it flies, metres.
const FLY_FROM_M: i32 = 420;
/// It lands this far before its goal, for it needs room to stop, metres.
const LAND_AT_M: i32 = 150;
/// Waits this far inland for something to do, metres.
const WAIT_INLAND_M: i32 = 120;
/// The queen counts as being there within this, metres.
const DUEL_RANGE_M: i32 = 900;

/// A crowd of this mass is worth a fireball, M.
const SCORCH_FROM_M: i32 = 25;
/// What came out of the egg chamber is still together so long, seconds.
const BURST_FRESH_S: u32 = 3;
/// Before the last city she keeps watch on so many places of the outskirts, so far apart, metres.
const WATCH_APART_M: i32 = 700;
/// And goes on to the next after so long, seconds.
const WATCH_S: u32 = 25;

/// What Gamera sees, gathered once a thought.
struct Scene<'a> {
    view: &'a SeatView<'a>,
    me: GameraView,
    queen: Option<&'a Thing>,
    parts: Option<QueenView>,
    flower: Option<Flower>,
    mana: i32,
}

impl Scene<'_> {
    fn queen_within(&self, m: i32) -> Option<&Thing> {
        self.queen.filter(|q| look::is_within(self.view, q.pos, m))
    }

    fn horn_permille(&self) -> u16 {
        self.parts.map_or(1_000, |p| p.horn_permille)
    }
}

/// One thing that she may want to do; the first that fits is done.
type Rule = fn(&mut Mind, &Scene<'_>) -> Option<SeatInput>;

const RULES: [Rule; 10] = [seize_horn, shake_off, unleash, retreat, scorch, roar, uproot, duel, defuse, roam];
const HORN_RUSH: [Rule; 5] = [seize_horn, shake_off, unleash, duel, roam];

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, orders: &mut Vec<Order>) -> SeatInput {
    let Some(me) = view.team.gamera else { return look::rest() };
    let scene = Scene {
        view,
        me,
        queen: look::exposed(view, Kind::Queen),
        parts: view.team.queen,
        flower: look::flower(view),
        mana: view.team.gamera_side.map_or(0, |g| i32::from(g.mana_dm) / 10),
    };
    if let Some(call) = call_for_light(mind, &scene).filter(|_| mind.may_order(view.tick())) {
        orders.push(call);
    }
    match me.state {
        GameraState::Active => {
            let rules: &[Rule] = if mind.plays(Policy::HornRush) { &HORN_RUSH } else { &RULES };
            look::first(view, rules.iter().map(|rule| rule(mind, &scene)))
        }
        GameraState::Dived => recover(mind, &scene),
        GameraState::Limping => crawl(&scene),
        _ => look::rest(),
    }
}

/// Her people are called to where she fights once every mote counts.
fn call_for_light(mind: &Mind, scene: &Scene<'_>) -> Option<Order> {
    let fights = scene.me.state == GameraState::Active && scene.queen_within(DUEL_RANGE_M).is_some();
    let counts = scene.mana < mind.balance.gamera.plasma_mana && may_roar(mind, scene);
    if fights && counts { look::rally(scene.view, scene.view.pos()) } else { None }
}

/// Chooses where to come out of the sea while she is away: near the flower, else at the city.
pub(super) fn choose_landfall(mind: &mut Mind, view: &SeatView<'_>, orders: &mut Vec<Order>) {
    let away = view.team.gamera.is_some_and(|g| g.state == GameraState::Away);
    let due = view.team.gamera_side.is_some_and(|g| view.tick() >= g.arrival);
    if away && due && mind.may_order(view.tick()) {
        let at = look::flower(view).map_or_else(|| ground::city_centre(view.team.city), |f| f.pos);
        orders.push(Order::Landfall { x_m: at.to_m().0 as u16 });
    }
}

/// Grabs the horn in the window of its charge: at the thought that is sure to fall into it, and where thoughts
/// come too seldom for that, by counting to its opening: never too early, for a grab at nothing is dear.
fn seize_horn(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let numbers = &mind.balance.gamera;
    let queen = scene.queen_within(numbers.grab_range_m + mind.balance.units.of(Kind::Queen).radius_m)?;
    let told = mind.queen_tell_ticks(scene.view.tick())?;
    if !look::is_ready(scene.view, Verb::Grab) || scene.horn_permille() == 0 {
        return None;
    }
    let grab = look::walk(scene.view, queen.pos, 30).doing(Verb::Grab).at(queen.pos);
    // The charge began up to one thought before it was first seen.
    let thinks = mind.level.reaction_ticks();
    // A weaker horn's window opens earlier and ends alike, so what falls into a whole one's falls into it too.
    let window = numbers.grab_window(1, 1);
    let sure = window.start.next_multiple_of(thinks);
    if sure + thinks <= window.end {
        return (told >= sure).then_some(grab);
    }
    // A shorter show than this may be that of her legs.
    if told <= mind.balance.legion.impale_tell_ticks as u32 {
        return None;
    }
    let wait = window.start.checked_sub(told)?;
    mind.plan = Some((scene.view.tick().after(wait), grab));
    None
}

fn shake_off(_mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let ready = scene.me.mobbed >= SHAKE_FROM_M && look::is_ready(scene.view, Verb::Shake);
    ready.then(|| look::rest().doing(Verb::Shake))
}

/// The plasma beam, once there is mana for it and the queen stands in its way.
fn unleash(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let numbers = &mind.balance.gamera;
    let queen = scene.queen_within(numbers.plasma_range_m * 9 / 10)?;
    let ready = scene.mana >= numbers.plasma_mana && look::is_ready(scene.view, Verb::Plasma);
    ready.then(|| look::rest().doing(Verb::Plasma).at(queen.pos))
}

/// To the sea when hurt, unless the roar is about to bring the end.
fn retreat(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let limit = if mind.plays(Policy::YoYoRetreat) { YO_YO_AT_PCT } else { RETREAT_AT_PCT };
    let numbers = &mind.balance.gamera;
    let nearly = scene.mana * 10 >= numbers.plasma_mana * 8 && may_roar(mind, scene);
    if look::health_pct(scene.view) > limit || nearly || look::is_lost(scene.view, Verb::Dive) {
        return None;
    }
    let pos = scene.view.pos();
    let sea = Pos::new(pos.x, metres(ground::COAST_Y_M - 220));
    if pos.y <= sea.y + metres(40) {
        return Some(if look::flies(scene.view) { land() } else { look::rest().doing(Verb::Dive) });
    }
    let input = travel(mind, scene, sea, 20);
    // Better swatted once than clawed all the way.
    let airborne = look::flies(scene.view) || !look::is_ready(scene.view, Verb::Fly);
    Some(if airborne { input } else { input.doing(Verb::Fly) })
}

/// A fireball into the thick of the swarm: what came out of the egg chamber stands close together for
/// a moment, and whoever is about to cover her does as well.
fn scorch(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let view = scene.view;
    if !look::is_ready(view, Verb::Fireball) || view.own.channel.is_some() || look::flies(view) {
        return None;
    }
    let numbers = &mind.balance.gamera;
    let (range_m, radius_m) = (numbers.fireball_range_m, numbers.fireball_radius_m);
    let many = mind.soldiers_in(SCORCH_FROM_M);
    let burst = mind.fresh_burst(view.tick(), BURST_FRESH_S).filter(|at| look::is_within(view, *at, range_m));
    let crowded = |at: &Pos| look::swarms(view, *at, radius_m, many);
    let at = burst.filter(crowded).or_else(|| look::thickest(view, view.pos(), range_m, radius_m, many))?;
    // Where the queen stands among them it is meant for her as well.
    let queen = scene.queen.map(|q| q.pos).filter(|q| q.within(at, metres(radius_m * 2 / 3)));
    Some(look::rest().doing(Verb::Fireball).at(queen.unwrap_or(at)))
}

/// Roars where light may gather: hurt, hornless queen, or mana in plenty; out of the whips' reach.
fn roar(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let numbers = &mind.balance.gamera;
    let whipped = scene.horn_permille() == 0 && scene.queen_within(mind.balance.legion.whips_range_m).is_some();
    let pressed = scene.queen_within(mind.balance.legion.melee_range_m + 40).is_some();
    let busy = look::is_busy_with(scene.view, Verb::Roar);
    let wanted = scene.mana < numbers.plasma_mana && may_roar(mind, scene);
    let can = busy || look::is_ready(scene.view, Verb::Roar);
    (wanted && can && !whipped && !pressed && !look::flies(scene.view)).then(|| look::rest().doing(Verb::Roar))
}

fn may_roar(mind: &Mind, scene: &Scene<'_>) -> bool {
    let numbers = &mind.balance.gamera;
    look::health_pct(scene.view) < numbers.roar_health_pct
        || scene.horn_permille() == 0
        || scene.mana >= numbers.roar_mana_min
}

/// Tears the flower out while its oxygen is low enough, or when nothing is left to lose by it.
fn uproot(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let flower = scene.flower.filter(|f| f.known.stage >= 1)?;
    let oxygen = mind.oxygen_in(scene.view, mind.balance.gamera.uproot_s);
    let launching = flower.known.launch_s.is_some() || oxygen >= 100;
    let may_live = scene.view.own.health > mind.balance.legion.blast_gamera;
    let engaged = scene.queen.is_some_and(|q| {
        q.pos.within(flower.pos, metres(mind.balance.gamera.uproot_engaged_range_m)) && !q.marks.has(Marks::HELPLESS)
    });
    let worth_it = oxygen < UPROOT_BELOW_OXYGEN || launching || (may_live && oxygen >= 95);
    if !worth_it || (engaged && !launching) {
        return None;
    }
    let reach_m = mind.balance.gamera.uproot_range_m;
    if look::is_within(scene.view, flower.pos, reach_m) && !look::flies(scene.view) {
        return Some(look::walk(scene.view, flower.pos, reach_m / 2).doing(Verb::Uproot).at(flower.pos));
    }
    Some(travel(mind, scene, flower.pos, reach_m / 2))
}

/// Fights the queen: fireballs on the way, claws when there.
fn duel(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let reach_m = if mind.plays(Policy::HornRush) { ground::WIDTH_M } else { DUEL_RANGE_M };
    let guarded = scene.flower.map(|f| f.pos);
    let queen = scene.queen.filter(|q| {
        look::is_within(scene.view, q.pos, reach_m) || guarded.is_some_and(|f| q.pos.within(f, metres(DUEL_RANGE_M)))
    })?;
    let numbers = &mind.balance.gamera;
    let input = travel(mind, scene, queen.pos, numbers.melee_range_m * 3 / 4);
    if input.verb.is_some() || look::flies(scene.view) {
        return Some(input);
    }
    if look::is_within(scene.view, queen.pos, numbers.melee_range_m) {
        return Some(input.doing(Verb::Strike).at(queen.pos));
    }
    let fire =
        look::is_within(scene.view, queen.pos, numbers.fireball_range_m) && look::is_ready(scene.view, Verb::Fireball);
    Some(if fire { input.doing(Verb::Fireball).at(queen.pos) } else { input })
}

/// A flower too rich to touch is watched from out of its blast, unless the queen is to be had.
fn defuse(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let flower = scene.flower.filter(|f| f.known.stage >= 1)?;
    let safe_m = mind.balance.legion.blast_radius_m + 60;
    if look::is_within(scene.view, flower.pos, safe_m - 40) {
        let away = flower.pos.offset(flower.pos.angle_to(scene.view.pos()), metres(safe_m));
        return Some(travel(mind, scene, ground::clamp(away), 40));
    }
    Some(look::rest())
}

/// To where the war is: the queen's last known place, the intercept before Tokyo, the city's middle
/// once a flower stands somewhere in it, else its coast: inland there is nothing yet but the swarm.
fn roam(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let queen = scene.view.things.of_kind(Kind::Queen).next().map(|q| q.pos);
    let middle = ground::city_centre(scene.view.team.city);
    let waiting = Pos::new(middle.x, metres(ground::COAST_Y_M + WAIT_INLAND_M));
    let outskirts = Pos::new(metres(ground::TANK_LINE_X_M), middle.y + watch_offset(scene.view));
    let tokyo_next = scene.view.team.city == City::Tokyo && scene.flower.is_none();
    let goal = match queen {
        Some(queen) => queen,
        None if mind.has_flower(scene.view.team.city) => middle,
        None if tokyo_next => outskirts,
        None => waiting,
    };
    Some(travel(mind, scene, goal, 120))
}

/// The queen comes straight or round the side: Gamera goes up and down.
fn watch_offset(view: &SeatView<'_>) -> i32 {
    match view.tick().seconds() / WATCH_S % 4 {
        0 | 2 => 0,
        1 => metres(WATCH_APART_M),
        _ => -metres(WATCH_APART_M),
    }
}

/// Under water: heals, and surfaces when whole enough or when it is high time.
fn recover(mind: &mut Mind, scene: &Scene<'_>) -> SeatInput {
    let whole = look::health_pct(scene.view) >= RETURN_AT_PCT;
    let ahead_s = mind.level.lookahead_s() + mind.balance.gamera.uproot_s;
    let urgent = scene.flower.is_some() && mind.oxygen_in(scene.view, ahead_s) >= UPROOT_BELOW_OXYGEN - 15;
    let may_leave = scene.me.timer_s == 0 && look::is_ready(scene.view, Verb::Dive);
    let go = may_leave && (whole || (urgent && look::health_pct(scene.view) > RETREAT_AT_PCT + 15));
    if go { look::rest().doing(Verb::Dive) } else { look::rest() }
}

/// Left for dead: drags herself to the flower and pushes it over.
fn crawl(scene: &Scene<'_>) -> SeatInput {
    match scene.flower {
        Some(flower) => look::walk_and(scene.view, flower.pos, 60, Verb::Uproot),
        None => look::rest(),
    }
}

/// Gets to within `near_m` of `goal`: on foot when it is near, by air when it is far.
fn travel(mind: &Mind, scene: &Scene<'_>, goal: Pos, near_m: i32) -> SeatInput {
    let view = scene.view;
    if look::flies(view) {
        let coasts = look::is_within(view, goal, LAND_AT_M);
        let slow = view.own.mover.velocity.speed() < metres(30);
        return match (coasts, slow) {
            (false, _) => look::walk(view, goal, near_m),
            (true, false) => look::rest(),
            (true, true) => land(),
        };
    }
    let input = look::walk(view, goal, near_m);
    let swatted = scene.queen_within(mind.balance.gamera.leg_swat_range_m + 20).is_some();
    let far = !look::is_within(view, goal, FLY_FROM_M);
    if far && !swatted && look::is_ready(view, Verb::Fly) { input.doing(Verb::Fly) } else { input }
}

fn land() -> SeatInput {
    look::rest().doing(Verb::Fly)
}
