//! The lobby, told as tables.

use gamera_protocol::codec::encode;
use gamera_protocol::ids::{Role, Side};
use gamera_protocol::text::TextError;

use super::*;

const BALANCE: u64 = 77;
const PATIENCE: Patience = Patience { idle: 300, kept: 3_600 };

fn lobby(seats: u16) -> Lobby {
    Lobby::new(Roster::new(seats), BALANCE, PATIENCE)
}

fn hello(wish: Wish) -> Hello {
    Hello { version: VERSION, balance: BALANCE, name: "Honami".into(), wish }
}

fn key(n: u8) -> Fingerprint {
    Fingerprint([n; 32])
}

fn join(lobby: &mut Lobby, n: u8, wish: Wish) -> Result<Joined, Refusal> {
    lobby.join(Uptime(0), LinkId(u64::from(n)), key(n), &hello(wish))
}

fn drives(lobby: &mut Lobby) -> Vec<(u16, Driver)> {
    let seat = |c: &Control| match c {
        Control::Drive { seat, driver } => Some((seat.0, *driver)),
        Control::End => None,
    };
    lobby.take_changes().0.iter().filter_map(seat).collect()
}

#[test]
fn a_hello_is_read_or_refused_for_its_reason() {
    let good = encode(&ToServer::Hello(hello(Wish::Any))).unwrap();
    assert_eq!(read_hello(&good), Ok(hello(Wish::Any)));
    let later = encode(&ToServer::Hello(Hello { version: 9, ..hello(Wish::Any) })).unwrap();
    let truncated = &good[..good.len() - 1];
    let mut trailing = good.clone();
    trailing.push(0);
    let no_hello = encode(&ToServer::Leave).unwrap();
    for (name, bytes, refusal) in [
        ("another version", later.as_slice(), Refusal::Version { server: VERSION }),
        ("truncated", truncated, Refusal::BadMessage),
        ("trailing bytes", trailing.as_slice(), Refusal::BadMessage),
        ("another message", no_hello.as_slice(), Refusal::NoHello),
        ("garbage", &[0xff; 40], Refusal::NoHello),
        ("nothing", &[], Refusal::NoHello),
    ] {
        assert_eq!(read_hello(bytes), Err(refusal), "{name}");
    }
}

#[test]
fn who_may_not_join_is_told_why() {
    let mut full = lobby(3);
    for n in 0..3 {
        join(&mut full, n, Wish::Any).unwrap();
    }
    let mut one = lobby(16);
    join(&mut one, 1, Wish::Role(Role::Gamera)).unwrap();
    let mut draining = lobby(3);
    draining.drain();
    let named = |name: &str| Hello { name: name.into(), ..hello(Wish::Any) };
    let cases = [
        ("full", &mut full, hello(Wish::Any), Refusal::Full),
        ("full side", &mut lobby(3), Hello { balance: 1, ..hello(Wish::Any) }, Refusal::Balance { server: BALANCE }),
        ("taken role", &mut one, hello(Wish::Role(Role::Gamera)), Refusal::SeatTaken),
        ("no such seat", &mut lobby(3), hello(Wish::Seat(SeatId(3))), Refusal::NoSuchSeat),
        ("no such role", &mut lobby(3), hello(Wish::Role(Role::Jet)), Refusal::NoSuchSeat),
        ("draining", &mut draining, hello(Wish::Any), Refusal::Draining),
        ("empty name", &mut lobby(3), named("  "), Refusal::Name(TextError::Empty)),
        ("hidden name", &mut lobby(3), named("a\u{200b}"), Refusal::Name(TextError::Unsafe { code: 0x200b })),
    ];
    for (name, lobby, hello, refusal) in cases {
        assert_eq!(lobby.join(Uptime(0), LinkId(9), key(9), &hello), Err(refusal), "{name}");
        assert!(lobby.player(LinkId(9)).is_none(), "{name}");
    }
}

#[test]
fn seats_are_filled_giants_first_and_then_the_emptiest_side() {
    let mut lobby = lobby(16);
    let roles: Vec<Role> = (0..5)
        .map(|n| {
            let seat = join(&mut lobby, n, Wish::Any).unwrap().place.seat.unwrap();
            lobby.seats().roster().role(seat).unwrap()
        })
        .collect();
    assert_eq!(roles, [Role::Gamera, Role::Queen, Role::Commander, Role::Tank, Role::BroodLeader]);
}

#[test]
fn a_wish_is_met_and_spectators_need_no_seat() {
    let mut lobby = lobby(16);
    let viewer = |wish, n, lobby: &mut Lobby| join(lobby, n, wish).unwrap().place.viewer;
    assert_eq!(viewer(Wish::Side(Side::Sdf), 1, &mut lobby), Viewer::Sdf);
    assert_eq!(viewer(Wish::Role(Role::BroodLeader), 2, &mut lobby), Viewer::Legion);
    assert_eq!(viewer(Wish::Seat(SeatId(1)), 3, &mut lobby), Viewer::Gamera);
    assert_eq!(viewer(Wish::Watch, 4, &mut lobby), Viewer::Spectator);
    assert_eq!(lobby.seats().free_count(), 13);
}

#[test]
fn a_person_displaces_the_bot_and_the_bot_returns() {
    let mut lobby = lobby(3);
    join(&mut lobby, 1, Wish::Seat(SeatId(0))).unwrap();
    assert_eq!(drives(&mut lobby), [(0, Driver::Person)]);
    lobby.leave(Uptime(5), LinkId(1), true);
    assert_eq!(drives(&mut lobby), [(0, Driver::Bot)]);
    assert_eq!(lobby.seats().free_count(), 3);
}

#[test]
fn a_lost_link_keeps_the_seat_for_its_key_alone() {
    let mut lobby = lobby(3);
    join(&mut lobby, 1, Wish::Seat(SeatId(0))).unwrap();
    drives(&mut lobby);
    lobby.leave(Uptime(5), LinkId(1), false);
    assert_eq!(drives(&mut lobby), [(0, Driver::Bot)]);
    assert_eq!(join(&mut lobby, 2, Wish::Seat(SeatId(0))), Err(Refusal::SeatTaken));
    let back = lobby.join(Uptime(9), LinkId(7), key(1), &hello(Wish::Any)).unwrap();
    assert_eq!((back.by, back.place.seat), (PlacedBy::Resuming, Some(SeatId(0))));
    assert_eq!(drives(&mut lobby), [(0, Driver::Person)]);
    lobby.leave(Uptime(10), LinkId(7), false);
    lobby.sweep(Uptime(10 + PATIENCE.kept + 1));
    assert!(join(&mut lobby, 2, Wish::Seat(SeatId(0))).is_ok(), "kept long enough");
}

#[test]
fn the_newer_link_of_a_key_wins() {
    let mut lobby = lobby(3);
    join(&mut lobby, 1, Wish::Seat(SeatId(2))).unwrap();
    let again = lobby.join(Uptime(1), LinkId(50), key(1), &hello(Wish::Any)).unwrap();
    assert_eq!((again.replaced, again.place.seat), (Some(LinkId(1)), Some(SeatId(2))));
    lobby.leave(Uptime(2), LinkId(1), false);
    assert_eq!(drives(&mut lobby), [(2, Driver::Person)], "the older link's end changes nothing");
}

#[test]
fn an_idle_seat_goes_to_a_bot_until_the_person_acts() {
    let mut lobby = lobby(3);
    join(&mut lobby, 1, Wish::Seat(SeatId(0))).unwrap();
    drives(&mut lobby);
    assert!(lobby.sweep(Uptime(299)).is_empty());
    assert_eq!(lobby.sweep(Uptime(300)), [LinkId(1)]);
    assert_eq!(drives(&mut lobby), [(0, Driver::Bot)]);
    assert!(lobby.sweep(Uptime(301)).is_empty(), "told once");
    assert!(lobby.act(Uptime(400), LinkId(1)));
    assert_eq!(drives(&mut lobby), [(0, Driver::Person)]);
    assert!(!lobby.act(Uptime(401), LinkId(1)));
}

#[test]
fn another_seat_is_taken_or_denied_and_a_denial_changes_nothing() {
    let mut lobby = lobby(3);
    join(&mut lobby, 1, Wish::Seat(SeatId(0))).unwrap();
    join(&mut lobby, 2, Wish::Seat(SeatId(1))).unwrap();
    assert_eq!(lobby.choose(Uptime(1), LinkId(1), Wish::Seat(SeatId(1))), Err(Refusal::SeatTaken));
    assert_eq!(lobby.choose(Uptime(1), LinkId(1), Wish::Seat(SeatId(0))), Ok(None));
    let moved = lobby.choose(Uptime(1), LinkId(1), Wish::Side(Side::Sdf)).unwrap().unwrap();
    assert_eq!((moved.seat, moved.viewer, moved.epoch), (Some(SeatId(2)), Viewer::Sdf, 2));
    let watching = lobby.choose(Uptime(1), LinkId(1), Wish::Watch).unwrap().unwrap();
    assert_eq!((watching.seat, watching.viewer), (None, Viewer::Spectator));
    assert_eq!(lobby.seats().free_count(), 2);
    assert_eq!(lobby.choose(Uptime(1), LinkId(99), Wish::Any), Ok(None), "one who is not here");
}

#[test]
fn a_new_match_keeps_the_seats_and_tells_the_battle_again() {
    let mut lobby = lobby(3);
    join(&mut lobby, 1, Wish::Seat(SeatId(0))).unwrap();
    drives(&mut lobby);
    let places = lobby.next_match(Uptime(100));
    assert_eq!(places, [(LinkId(1), Place { seat: Some(SeatId(0)), viewer: Viewer::Gamera, epoch: 2 })]);
    assert_eq!(drives(&mut lobby), [(0, Driver::Person)]);
}

#[test]
fn two_of_one_name_are_told_apart() {
    let mut lobby = lobby(16);
    let names: Vec<String> = (0..3).map(|n| join(&mut lobby, n, Wish::Any).unwrap().name).collect();
    assert_eq!(names, ["Honami", "Honami 2", "Honami 3"]);
}
