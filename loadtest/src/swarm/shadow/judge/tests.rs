//! The judge on two views that are made up.

use gamera_client::link::Update;
use gamera_client::link::{Picture, Place};
use gamera_protocol::ids::{City, Kind, Layer, Role, SeatId, Viewer};
use gamera_protocol::motion::{Gait, Mover};
use gamera_protocol::snapshot::Density;
use gamera_protocol::view::{CityView, Marks as Signs, OwnView, Phase, TeamView, VERBS_MAX};

use super::*;

const TICK_MS: f64 = 1_000.0 / TICK_HZ as f64;

fn own(tick: u32, x_m: i32) -> OwnView {
    OwnView {
        tick: Tick(tick),
        role: Role::Tank,
        life: Life::Alive,
        mover: Mover::at(Pos::from_m(x_m, 1_000), Gait::Walk),
        speed_permille: 1_000,
        health: 9,
        health_max: 9,
        carried: 0,
        squad: 0,
        cooldowns: [0; VERBS_MAX],
        channel: None,
    }
}

fn team(tick: u32) -> TeamView {
    TeamView {
        tick: Tick(tick),
        phase: Phase::Siege,
        city: City::Sapporo,
        last_city: City::Tokyo,
        cities: [CityView::default(); 3],
        gamera: None,
        queen: None,
        seeds: 0,
        wariness: 0,
        scores: [0; 3],
        legion: None,
        gamera_side: None,
        sdf: None,
        rally: None,
    }
}

fn soldier(id: u16, x_m: i32) -> Thing {
    Thing {
        id: NetId(id),
        kind: Kind::Soldier,
        layer: Layer::Surface,
        pos: Pos::from_m(x_m, 1_010),
        heading: 0,
        health: 255,
        marks: Signs::default(),
        seat: None,
    }
}

/// The server's picture of a tick: the own unit at 1,000 m, soldiers where they are said to be.
fn truth(tick: u32, soldiers: &[(u16, i32)]) -> SeatPicture {
    let things = soldiers.iter().map(|(id, x_m)| soldier(*id, *x_m)).collect();
    SeatPicture { tick: Tick(tick), own: own(tick, 1_000), team: team(tick), things }
}

fn at(tick: u32) -> Duration {
    Duration::from_secs_f64(f64::from(tick) * TICK_MS / 1_000.0)
}

/// A client that has been told the same at `delay_ms` after each tick.
fn told(model: &mut Model, tick: u32, soldiers: &[(u16, i32)], delay: Duration) {
    if model.place.is_none() {
        let place = Place { viewer: Viewer::Sdf, seat: Some(SeatId(3)), name: "shadow".to_owned() };
        model.apply(Update::Placed(place), at(tick));
    }
    let SeatPicture { own, team, things, .. } = truth(tick, soldiers);
    let picture =
        Picture { tick: Tick(tick), own: Some(own), team, things, told: Vec::new(), density: Density::default() };
    model.apply(Update::Picture(Box::new(picture)), at(tick) + delay);
}

fn near(value: Option<f64>, wanted: f64) -> bool {
    value.is_some_and(|value| (value - wanted).abs() < 0.05)
}

#[test]
fn the_own_unit_is_held_against_the_tick_that_it_was_predicted_for() {
    let mut judge = Judge::default();
    judge.measure();
    for (tick, x_m) in [(10, 1_000), (11, 1_003), (12, 2_000)] {
        judge.predicted(Tick(tick), Pos::from_m(x_m, 1_000));
    }
    (10..13).for_each(|tick| judge.truth(truth(tick, &[]), at(tick)));
    let own = &judge.whole().own;
    assert!(near(own.mean(), 1.5) && near(own.max(), 3.0), "{own:?}: a new place is no error");
}

#[test]
fn a_client_that_is_told_all_in_time_differs_by_its_delay_alone() {
    let (mut judge, mut model) = (Judge::default(), Model::default());
    for tick in 10..90 {
        if tick == 80 {
            // By now the client knows that nothing is late.
            judge.measure();
        }
        // A metre a tick.
        let soldiers = [(1, 1_000 + tick as i32), (2, 1_100)];
        judge.truth(truth(tick, &soldiers), at(tick));
        told(&mut model, tick, &soldiers, Duration::ZERO);
        model.present(at(tick));
        judge.compare(&model);
        judge.frame(&model, at(tick));
    }
    let marks = judge.whole();
    assert!(near(marks.near.max(), 0.0), "drawn where it was: {:?}", marks.near.max());
    let behind_m = model.clock.delay_ms() / TICK_MS;
    assert!(near(marks.apart.max(), behind_m), "{:?} of {behind_m}", marks.apart.max());
    assert_eq!((marks.missing.max(), marks.ghosts.max(), marks.seen.mean()), (Some(0.0), Some(0.0), Some(2.0)));
    assert_eq!(marks.age_ms(1.0), Some(0.0));
}

#[test]
fn what_one_of_them_has_alone_is_missing_or_a_ghost_within_256_metres() {
    let (mut judge, mut model) = (Judge::default(), Model::default());
    judge.truth(truth(10, &[(1, 1_010), (2, 1_020), (3, 1_400)]), at(10));
    told(&mut model, 10, &[(1, 1_010), (7, 1_030), (8, 1_400)], Duration::ZERO);
    judge.compare(&model);
    judge.second(SessionFigures::default());
    assert_eq!(judge.differences.missing, [Pos::from_m(1_020, 1_010)]);
    assert_eq!(judge.differences.ghosts, [Pos::from_m(1_030, 1_010)]);
    assert_eq!(judge.last.marks.seen.mean(), Some(2.0));
    assert_eq!(judge.whole().seen.mean(), None, "nothing is counted before it is measured");
}

#[test]
fn age_counts_from_the_tick_and_a_picture_that_comes_later_is_waited_for() {
    let (mut judge, mut model) = (Judge::default(), Model::default());
    judge.measure();
    told(&mut model, 10, &[], Duration::ZERO);
    judge.frame(&model, at(10) + Duration::from_millis(40));
    judge.truth(truth(9, &[]), at(9));
    judge.frame(&model, at(10) + Duration::from_millis(80));
    assert_eq!(judge.whole().age_ms(1.0), None);
    judge.truth(truth(10, &[]), at(10));
    assert!((judge.whole().age_ms(1.0).unwrap() - 80.0).abs() < 1.0);
    assert_eq!(judge.whole().ages, 1, "the first frame came before anything was known of the server");
}

#[test]
fn a_battle_that_runs_anew_is_held_against_itself() {
    let mut judge = Judge::default();
    judge.measure();
    judge.truth(truth(500, &[(1, 1_000)]), at(500));
    judge.predicted(Tick(501), Pos::from_m(1_000, 1_000));
    judge.truth(truth(3, &[]), at(520));
    judge.predicted(Tick(4), Pos::from_m(1_002, 1_000));
    judge.truth(truth(4, &[]), at(521));
    assert!(near(judge.whole().own.max(), 2.0) && near(judge.whole().own.mean(), 2.0));
}
