//! Sessions with a real server over QUIC on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use gamera_client::session::{Dialer, KnownHosts, Options, Session, SessionError, SessionEvent, TrustError, Trusted};
use gamera_link::conditioner::Impairment;
use gamera_link::key::Key;
use gamera_protocol::ids::{Role, Side, Viewer};
use gamera_protocol::input::SeatInput;
use gamera_protocol::join::{Fingerprint, JoinLine};
use gamera_protocol::message::{Audience, PlacedBy, Refusal, VERSION, Wish};
use gamera_protocol::text::TextError;
use gamera_server::config::{BotsSetting, ModeSetting, Settings};
use gamera_server::{HostHandle, Identity, host};
use tokio::time::timeout;

fn server(seats: u16) -> HostHandle {
    let settings = Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        seats,
        mode: ModeSetting::Quick,
        bots: BotsSetting::Off,
        seed: Some(1),
        ..Settings::default()
    };
    host(&settings, Identity::Fresh).unwrap()
}

fn key() -> Arc<Key> {
    Arc::new(Key::fresh().unwrap())
}

async fn join_with(line: &JoinLine, key: &Arc<Key>, name: &str, wish: Wish) -> Result<Session, SessionError> {
    let dialer = Dialer::new().unwrap();
    Session::connect(&dialer, Options::new(line.clone(), name, wish), Arc::clone(key)).await
}

async fn join(server: &HostHandle, wish: Wish) -> Session {
    join_with(server.join_line(), &key(), "Honami", wish).await.unwrap()
}

/// Waits for an event that fits, for as long as is reasonable.
async fn wait<T>(session: &mut Session, mut fits: impl FnMut(&SessionEvent) -> Option<T>) -> T {
    let found = async {
        loop {
            let event = session.next().await.expect("the session goes on");
            if let Some(found) = fits(&event) {
                return found;
            }
        }
    };
    timeout(Duration::from_secs(10), found).await.expect("in time")
}

#[tokio::test]
async fn a_player_joins_sees_moves_talks_and_leaves() {
    let server = server(16);
    let mut tank = join(&server, Wish::Role(Role::Tank)).await;
    let mut queen = join(&server, Wish::Role(Role::Queen)).await;
    assert_eq!((tank.welcome().place.viewer, queen.welcome().place.viewer), (Viewer::Sdf, Viewer::Legion));
    assert_eq!((tank.trusted(), tank.welcome().by), (Trusted::ByLine, PlacedBy::Joining));

    let own = |s: &Session| s.replica().own().copied();
    wait(&mut tank, |e| matches!(e, SessionEvent::Snapshot(_)).then_some(())).await;
    let before = own(&tank).unwrap();
    let mut after = before;
    for _ in 0..60 {
        let tick = tank.replica().tick().after(3);
        tank.send_input(tick, SeatInput { heading: Some(0), ..SeatInput::default() });
        wait(&mut tank, |e| matches!(e, SessionEvent::Snapshot(a) if a.newest).then_some(())).await;
        after = own(&tank).unwrap();
    }
    assert!(after.mover.pos.x > before.mover.pos.x, "{before:?} {after:?}");
    assert!(tank.replica().echo().is_some(), "the server tells how early inputs come");

    tank.say(Audience::All, "to the flower");
    let text = wait(&mut queen, |e| match e {
        SessionEvent::Said { text, side, .. } => Some((text.clone(), *side)),
        _ => None,
    });
    assert_eq!(text.await, ("to the flower".to_owned(), Some(Side::Sdf)));

    tank.leave();
    let why = wait(&mut tank, |e| if let SessionEvent::Closed(why) = e { Some(why.clone()) } else { None }).await;
    assert_eq!(why, SessionError::Refused(Refusal::Left));
    let seat = tank.welcome().place.seat;
    wait(&mut queen, |e| match e {
        SessionEvent::Roster(entries) => entries.iter().any(|r| Some(r.seat) == seat && r.name.is_none()).then_some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn the_same_key_regains_its_seat_and_the_older_session_is_told() {
    let server = server(3);
    let key = key();
    let mut first = join_with(server.join_line(), &key, "Asagi", Wish::Role(Role::Queen)).await.unwrap();
    let second = join_with(server.join_line(), &key, "Asagi", Wish::Any).await.unwrap();
    assert_eq!((second.welcome().by, second.welcome().place.seat), (PlacedBy::Resuming, first.welcome().place.seat));
    let why = wait(&mut first, |e| if let SessionEvent::Closed(why) = e { Some(why.clone()) } else { None }).await;
    assert_eq!(why, SessionError::Refused(Refusal::Replaced));

    drop(second);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let other = join_with(server.join_line(), &self::key(), "Other", Wish::Role(Role::Queen)).await;
    assert_eq!(other.err(), Some(SessionError::Refused(Refusal::SeatTaken)), "kept for its key");
    let third = join_with(server.join_line(), &key, "Asagi", Wish::Any).await.unwrap();
    assert_eq!(third.welcome().by, PlacedBy::Resuming);
}

#[tokio::test]
async fn refusals_name_their_reason() {
    let server = server(3);
    let line = server.join_line().clone();
    let _three = [join(&server, Wish::Any).await, join(&server, Wish::Any).await, join(&server, Wish::Any).await];
    let mut cases = vec![
        (Options::new(line.clone(), "Late", Wish::Any), Refusal::Full),
        (Options::new(line.clone(), "a\u{202e}b", Wish::Watch), Refusal::Name(TextError::Unsafe { code: 0x202e })),
    ];
    let mut old = Options::new(line.clone(), "Old", Wish::Watch);
    old.hello.version = 900;
    cases.push((old, Refusal::Version { server: VERSION }));
    let mut other = Options::new(line, "Other", Wish::Watch);
    let ours = std::mem::replace(&mut other.hello.balance, 5);
    cases.push((other, Refusal::Balance { server: ours }));
    let dialer = Dialer::new().unwrap();
    for (options, refusal) in cases {
        let refused = Session::connect(&dialer, options.clone(), key()).await.err();
        assert_eq!(refused, Some(SessionError::Refused(refusal)), "{}", options.hello.name);
    }
    let watcher = join(&server, Wish::Watch).await;
    assert_eq!(watcher.welcome().place.viewer, Viewer::Spectator);
}

#[tokio::test]
async fn a_server_is_pinned_at_first_use_and_another_key_is_refused() {
    let server = server(3);
    let dir = tempfile::tempdir().unwrap();
    let dialer = Dialer::new().unwrap();
    let bare = JoinLine { fingerprint: None, ..server.join_line().clone() };
    let options = Options::new(bare.clone(), "Honami", Wish::Watch).pinning_in(dir.path());
    for trusted in [Trusted::First, Trusted::Known] {
        let session = Session::connect(&dialer, options.clone(), key()).await.unwrap();
        assert_eq!((session.trusted(), Some(session.server())), (trusted, server.fingerprint()));
    }
    KnownHosts::open(dir.path()).unwrap().remember(&bare, Fingerprint([9; 32])).unwrap();
    let changed = Session::connect(&dialer, options, key()).await.err();
    assert!(matches!(changed, Some(SessionError::Trust(TrustError::Changed { .. }))), "{changed:?}");
    let wrong = JoinLine { fingerprint: Some(Fingerprint([9; 32])), ..bare };
    let refused = Session::connect(&dialer, Options::new(wrong, "Honami", Wish::Watch), key()).await.err();
    assert!(matches!(refused, Some(SessionError::Trust(TrustError::NotTheOne { .. }))), "{refused:?}");
}

#[tokio::test]
async fn another_seat_brings_another_view() {
    let server = server(16);
    let mut session = join(&server, Wish::Role(Role::Gamera)).await;
    wait(&mut session, |e| matches!(e, SessionEvent::Snapshot(_)).then_some(())).await;
    session.choose(Wish::Side(Side::Legion));
    let placed = wait(&mut session, |e| if let SessionEvent::Placed(w) = e { Some(w.clone()) } else { None }).await;
    assert_eq!((placed.by, placed.place.viewer), (PlacedBy::Choosing, Viewer::Legion));
    wait(&mut session, |e| matches!(e, SessionEvent::Snapshot(_)).then_some(())).await;
    assert_eq!(session.replica().own().unwrap().role, Role::Queen);
    session.choose(Wish::Role(Role::Queen));
    wait(&mut session, |e| matches!(e, SessionEvent::Denied(Refusal::SeatTaken)).then_some(())).await;
}

#[tokio::test]
async fn a_drain_is_announced_and_then_everybody_is_told_goodbye() {
    let server = server(3);
    let mut session = join(&server, Wish::Any).await;
    server.announce_drain(5);
    wait(&mut session, |e| matches!(e, SessionEvent::Draining { seconds: 5 }).then_some(())).await;
    let late = join_with(server.join_line(), &key(), "Late", Wish::Any).await.err();
    assert_eq!(late, Some(SessionError::Refused(Refusal::Draining)));
    let stopping = tokio::task::spawn_blocking(move || server.shutdown());
    let why = wait(&mut session, |e| if let SessionEvent::Closed(why) = e { Some(why.clone()) } else { None }).await;
    assert_eq!(why, SessionError::Refused(Refusal::Stopped));
    stopping.await.unwrap();
}

#[tokio::test]
async fn nobody_there_is_told_as_such() {
    let line: JoinLine = "no-such-host.invalid:1".parse().unwrap();
    let error = join_with(&line, &key(), "x", Wish::Any).await.err().unwrap().to_string();
    assert!(error.contains("no-such-host.invalid"), "{error}");
}

#[tokio::test]
async fn a_dialer_that_is_driven_joins_plays_and_leaves_like_any_other() {
    let server = server(16);
    let dialer = Dialer::polled().unwrap();
    let driver = drive(&dialer);
    let options = Options::new(server.join_line().clone(), "Honami", Wish::Role(Role::Tank));
    let mut session = Session::connect(&dialer, options, key()).await.unwrap();
    for _ in 0..30 {
        wait(&mut session, |e| matches!(e, SessionEvent::Snapshot(_)).then_some(())).await;
        session.send_input(session.replica().tick().after(5), SeatInput { heading: Some(0), ..SeatInput::default() });
    }
    assert!(session.replica().echo().is_some(), "inputs have entered steps");
    session.say(Audience::All, "to the flower");
    wait(&mut session, |e| matches!(e, SessionEvent::Said { text, .. } if text == "to the flower").then_some(())).await;
    assert!(session.figures().rtt > Duration::ZERO);
    session.leave();
    let left = SessionEvent::Closed(SessionError::Refused(Refusal::Left));
    wait(&mut session, |e| (*e == left).then_some(())).await;
    driver.abort();
    dialer.finish().await;
}

/// Drives a dialer beside a test, where it has to be driven.
fn drive(dialer: &Dialer) -> tokio::task::JoinHandle<()> {
    let driven = dialer.clone();
    tokio::spawn(async move {
        loop {
            driven.receive();
            driven.send();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
}

#[tokio::test]
async fn a_bad_line_carries_a_match_whoever_drives_it() {
    let server = server(16);
    let rules = Impairment {
        latency: Duration::from_millis(60),
        jitter: Duration::from_millis(10),
        loss_pct: 10.0,
        reorder_pct: 5.0,
        duplicate_pct: 5.0,
        ..Impairment::NONE
    };
    for dialer in [Dialer::impaired(rules, 1).unwrap(), Dialer::polled_impaired(rules, 1).unwrap()] {
        let driver = drive(&dialer);
        let options = Options::new(server.join_line().clone(), "Honami", Wish::Role(Role::Tank));
        let mut session = Session::connect(&dialer, options, key()).await.unwrap();
        for _ in 0..30 {
            wait(&mut session, |e| matches!(e, SessionEvent::Snapshot(_)).then_some(())).await;
            let tick = session.replica().tick().after(8);
            session.send_input(tick, SeatInput { heading: Some(0), ..SeatInput::default() });
        }
        assert!(session.replica().echo().is_some(), "inputs have entered steps");
        assert!(session.figures().rtt >= Duration::from_millis(60), "{:?}", session.figures());
        assert!(session.replica().loss_permille() > 0, "some were lost");
        session.leave();
        let left = SessionEvent::Closed(SessionError::Refused(Refusal::Left));
        wait(&mut session, |e| (*e == left).then_some(())).await;
        driver.abort();
    }
}
