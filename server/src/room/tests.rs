//! Rooms over links without a network.

use std::sync::mpsc::sync_channel;

use gamera_protocol::admin::NoView;
use gamera_protocol::balance::Balance;
use gamera_protocol::ids::{Role, Side};
use gamera_protocol::input::{Order, SeatInput};
use gamera_protocol::join::Fingerprint;
use gamera_protocol::measure::metres;
use gamera_protocol::message::{Audience, DATAGRAM_MAX, Hello, Refusal, ToServer, VERSION, Wish};
use gamera_protocol::snapshot::{InputDatagram, Replica};
use gamera_protocol::text::TextError;
use gamera_protocol::view::Thing;

use super::*;
use crate::net::Arrival;
use crate::net::memory::MemoryLink;

struct Bench {
    room: Room,
}

fn bench(seats: u16) -> Bench {
    let settings = Settings { seats, mode: ModeSetting::Quick, bots: BotsSetting::Off, ..Settings::default() };
    Bench { room: Room::new(&settings, 1, RoomMeters::new(0)) }
}

fn hello(wish: Wish) -> Hello {
    Hello { version: VERSION, balance: Balance::default().fingerprint(), name: "Honami".into(), wish }
}

fn key(n: u64) -> Fingerprint {
    Fingerprint([n as u8; 32])
}

impl Bench {
    fn join_as(&mut self, id: u64, key: Fingerprint, hello: Hello) -> Arc<MemoryLink> {
        let link = Arc::new(MemoryLink::default());
        self.room.receive(Arrival::Joining { id: LinkId(id), link: Arc::clone(&link) as _, key, hello });
        link
    }

    fn join(&mut self, id: u64, wish: Wish) -> Arc<MemoryLink> {
        self.join_as(id, key(id), hello(wish))
    }

    fn send(&mut self, id: u64, message: ToServer) {
        self.room.receive(Arrival::Control { id: LinkId(id), message });
    }

    fn input(&mut self, id: u64, epoch: u8, input: SeatInput) {
        let newest = self.room.battle().tick().after(1);
        let datagram = InputDatagram { newest, inputs: vec![input], ..InputDatagram::default() };
        let bytes: Vec<u8> = [epoch].into_iter().chain(datagram.encode()).collect();
        self.room.receive(Arrival::Datagram { id: LinkId(id), bytes: bytes.into() });
    }

    fn ticks(&mut self, n: u32) {
        (0..n).for_each(|_| self.room.tick());
    }
}

fn welcome(messages: &[ToClient]) -> Option<&Welcome> {
    messages.iter().find_map(|m| if let ToClient::Welcome(w) = m { Some(w) } else { None })
}

fn drivers(messages: &[ToClient]) -> Vec<Driver> {
    messages.iter().filter_map(|m| if let ToClient::Driven(d) = m { Some(*d) } else { None }).collect()
}

fn driver(bench: &Bench, seat: u16) -> Driver {
    bench.room.lobby().seats().driver(SeatId(seat))
}

#[test]
fn a_guest_is_welcomed_seated_and_shown_the_roster() {
    let mut bench = bench(16);
    let first = bench.join(1, Wish::Role(Role::Gamera));
    bench.ticks(1);
    let second = bench.join(2, Wish::Side(Side::Legion));
    bench.ticks(1);
    let told = second.take_control();
    let welcome = welcome(&told).unwrap();
    assert_eq!((welcome.by, welcome.place.viewer, welcome.place.epoch), (PlacedBy::Joining, Viewer::Legion, 1));
    assert_eq!((welcome.info.seats, welcome.info.number, welcome.name.as_str()), (16, 1, "Honami 2"));
    let roster = |messages: Vec<ToClient>| -> Vec<u16> {
        let pages = messages.into_iter().filter_map(|m| if let ToClient::Roster(page) = m { Some(page) } else { None });
        pages.flatten().map(|e| e.seat.0).collect()
    };
    assert_eq!(roster(told), [0, 3, 3], "who was there, the guest's own seat, and its change");
    assert_eq!(roster(first.take_control()), [0, 0, 3]);
}

#[test]
fn who_is_refused_is_told_why_and_the_match_goes_on() {
    let mut bench = bench(3);
    let base = hello(Wish::Any);
    for n in 1..=3 {
        bench.join(n, Wish::Any);
    }
    let cases = [
        ("full", hello(Wish::Any), Refusal::Full),
        ("other numbers", Hello { balance: 1, ..base.clone() }, Refusal::Balance { server: base.balance }),
        ("no such seat", hello(Wish::Seat(SeatId(77))), Refusal::NoSuchSeat),
        ("hostile name", Hello { name: "\u{202e}x".into(), ..base }, Refusal::Name(TextError::Unsafe { code: 0x202e })),
    ];
    for (i, (name, hello, refusal)) in (50..).zip(cases) {
        let link = bench.join_as(i, key(i), hello);
        assert_eq!(link.closed(), Some(refusal), "{name}");
        assert!(link.take_control().is_empty(), "{name}");
    }
    let before = bench.room.battle().tick();
    bench.ticks(10);
    assert_eq!(bench.room.battle().tick(), before.after(10));
    assert_eq!(bench.room.lobby().players().count(), 3);
}

#[test]
fn inputs_move_the_own_unit_and_nobody_elses() {
    let mut bench = bench(16);
    bench.join(1, Wish::Role(Role::Tank));
    bench.ticks(1);
    let seat = bench.room.lobby().player(LinkId(1)).unwrap().seat.unwrap();
    let before = bench.room.battle().own_view(seat).mover.pos;
    for _ in 0..30 {
        bench.input(1, 1, SeatInput { heading: Some(0), ..SeatInput::default() });
        bench.ticks(1);
    }
    let after = bench.room.battle().own_view(seat).mover.pos;
    assert!(after.x > before.x, "{before:?} {after:?}");
    for _ in 0..30 {
        bench.input(1, 9, SeatInput { heading: Some(128), ..SeatInput::default() });
        bench.ticks(1);
    }
    assert!(bench.room.battle().own_view(seat).mover.pos.x >= after.x, "inputs of another epoch are not taken");
}

#[test]
fn an_idle_player_is_told_that_a_bot_drives_and_takes_the_seat_back() {
    let mut bench = bench(3);
    let link = bench.join(1, Wish::Seat(SeatId(0)));
    bench.ticks(320);
    assert_eq!(drivers(&link.take_control()), [Driver::Bot]);
    assert_eq!(driver(&bench, 0), Driver::Bot);
    bench.input(1, 1, SeatInput::default());
    bench.ticks(1);
    assert_eq!(driver(&bench, 0), Driver::Bot, "a resting hand is no act");
    bench.input(1, 1, SeatInput { heading: Some(3), ..SeatInput::default() });
    assert_eq!(drivers(&link.take_control()), [Driver::Person]);
    assert_eq!(driver(&bench, 0), Driver::Person);
}

#[test]
fn a_lost_link_comes_back_to_its_seat_and_a_goodbye_frees_it() {
    let mut bench = bench(3);
    bench.join(1, Wish::Seat(SeatId(0)));
    bench.ticks(1);
    bench.room.receive(Arrival::Closed { id: LinkId(1) });
    bench.ticks(1);
    assert_eq!(driver(&bench, 0), Driver::Bot);
    let other = bench.join(2, Wish::Seat(SeatId(0)));
    assert_eq!(other.closed(), Some(Refusal::SeatTaken));
    let back = bench.join_as(3, key(1), hello(Wish::Any));
    let told = back.take_control();
    let welcome = welcome(&told).unwrap();
    assert_eq!((welcome.by, welcome.place.seat), (PlacedBy::Resuming, Some(SeatId(0))));
    bench.send(3, ToServer::Leave);
    assert_eq!(back.closed(), Some(Refusal::Left));
    assert!(bench.join(4, Wish::Seat(SeatId(0))).closed().is_none());
}

#[test]
fn the_older_link_of_a_key_is_told_that_it_was_replaced() {
    let mut bench = bench(3);
    let older = bench.join(1, Wish::Seat(SeatId(1)));
    let newer = bench.join_as(2, key(1), hello(Wish::Any));
    assert_eq!((older.closed(), newer.closed()), (Some(Refusal::Replaced), None));
    bench.room.receive(Arrival::Closed { id: LinkId(1) });
    bench.ticks(2);
    assert_eq!(driver(&bench, 1), Driver::Person);
}

#[test]
fn chat_reaches_whom_it_is_meant_for() {
    let mut bench = bench(16);
    let links = [
        bench.join(1, Wish::Side(Side::Gamera)),
        bench.join(2, Wish::Side(Side::Gamera)),
        bench.join(3, Wish::Side(Side::Legion)),
        bench.join(4, Wish::Watch),
    ];
    let heard = |links: &[Arc<MemoryLink>; 4]| -> Vec<usize> {
        let said = |m: &ToClient| matches!(m, ToClient::Said { .. });
        links.iter().map(|l| l.take_control().iter().filter(|m| said(m)).count()).collect()
    };
    bench.send(1, ToServer::Say { to: Audience::Team, text: "to the flower".into() });
    assert_eq!(heard(&links), [1, 1, 0, 0]);
    bench.send(4, ToServer::Say { to: Audience::All, text: "hello".into() });
    assert_eq!(heard(&links), [1, 1, 1, 1]);
}

#[test]
fn bad_messages_are_denied_each_for_its_reason_and_reach_nobody() {
    for (name, message, refusal) in [
        (
            "control characters",
            ToServer::Say { to: Audience::All, text: "a\u{7}".into() },
            Refusal::Chat(TextError::Unsafe { code: 7 }),
        ),
        ("nothing said", ToServer::Say { to: Audience::All, text: "  ".into() }, Refusal::Chat(TextError::Empty)),
        ("an order out of range", ToServer::Order(Order::FeedShare { percent: 101 }), Refusal::BadOrder),
        ("a seat that is taken", ToServer::Choose(Wish::Seat(SeatId(1))), Refusal::SeatTaken),
        ("a seat that is not", ToServer::Choose(Wish::Seat(SeatId(900))), Refusal::NoSuchSeat),
    ] {
        let mut bench = bench(16);
        let link = bench.join(1, Wish::Seat(SeatId(0)));
        let other = bench.join(2, Wish::Seat(SeatId(1)));
        drop((link.take_control(), other.take_control()));
        bench.send(1, message);
        assert_eq!(link.take_control(), [ToClient::Denied(refusal)], "{name}");
        assert!(other.take_control().is_empty(), "{name}");
        assert_eq!(link.closed(), None, "{name}");
    }
}

#[test]
fn a_second_hello_ends_the_link() {
    let mut bench = bench(3);
    let link = bench.join(1, Wish::Any);
    bench.send(1, ToServer::Hello(hello(Wish::Any)));
    assert_eq!(link.closed(), Some(Refusal::BadMessage));
}

#[test]
fn too_much_chat_and_too_many_orders_are_denied() {
    let mut bench = bench(3);
    let link = bench.join(1, Wish::Any);
    let too_fast = |link: &MemoryLink| {
        link.take_control().iter().filter(|m| matches!(m, ToClient::Denied(Refusal::TooFast))).count()
    };
    for _ in 0..10 {
        bench.send(1, ToServer::Say { to: Audience::All, text: "spam".into() });
    }
    assert_eq!(too_fast(&link), 5);
    for _ in 0..30 {
        bench.send(1, ToServer::Order(Order::FeedShare { percent: 5 }));
    }
    assert_eq!(too_fast(&link), 10);
}

#[test]
fn garbage_datagrams_are_counted_and_end_the_link_of_their_sender_alone() {
    let mut bench = bench(3);
    let hostile = bench.join(1, Wish::Any);
    let honest = bench.join(2, Wish::Any);
    let mut garbage: Vec<Vec<u8>> = vec![vec![], vec![1], vec![1; 1_100], vec![0xff; 3]];
    garbage.extend((0..40_u8).map(|i| (0..i).map(|b| b.wrapping_mul(73) ^ i).collect()));
    for bytes in garbage {
        bench.room.receive(Arrival::Datagram { id: LinkId(1), bytes: bytes.into() });
    }
    bench.ticks(5);
    assert_eq!(hostile.closed(), Some(Refusal::BadMessage));
    assert_eq!(honest.closed(), None);
}

#[test]
fn another_seat_means_other_eyes_and_another_epoch() {
    let mut bench = bench(16);
    let link = bench.join(1, Wish::Side(Side::Gamera));
    drop(link.take_control());
    bench.send(1, ToServer::Choose(Wish::Side(Side::Legion)));
    let told = link.take_control();
    let welcome = welcome(&told).unwrap();
    assert_eq!((welcome.by, welcome.place.viewer, welcome.place.epoch), (PlacedBy::Choosing, Viewer::Legion, 2));
    bench.ticks(1);
    assert_eq!(driver(&bench, 0), Driver::Bot);
}

#[test]
fn draining_is_announced_and_nobody_new_is_let_in() {
    let mut bench = bench(3);
    let link = bench.join(1, Wish::Any);
    bench.room.receive(Arrival::Draining { seconds: 5 });
    assert!(link.take_control().contains(&ToClient::Draining { seconds: 5 }));
    assert_eq!(bench.join(2, Wish::Any).closed(), Some(Refusal::Draining));
    bench.room.receive(Arrival::Stop);
    assert_eq!(link.closed(), Some(Refusal::Stopped));
}

#[test]
fn messages_of_unknown_links_change_nothing() {
    let mut bench = bench(3);
    bench.send(9, ToServer::Choose(Wish::Any));
    bench.send(9, ToServer::Say { to: Audience::All, text: "x".into() });
    bench.input(9, 1, SeatInput::default());
    bench.room.receive(Arrival::Closed { id: LinkId(9) });
    bench.ticks(2);
    assert_eq!(bench.room.lobby().seats().free_count(), 3);
}

#[test]
fn snapshots_carry_the_epoch_and_rebuild_the_own_unit() {
    const PAID_TICKS: u32 = 30;
    let mut bench = bench(16);
    let link = bench.join(1, Wish::Role(Role::Tank));
    let seat = bench.room.lobby().player(LinkId(1)).unwrap().seat.unwrap();
    let mut replica = Replica::new();
    let mut silent = 0;
    for tick in 0..60 {
        bench.ticks(1);
        (0..SLICES).for_each(|slice| bench.room.serve(slice));
        let datagrams = link.take_datagrams();
        for datagram in &datagrams {
            assert!(datagram.len() <= DATAGRAM_MAX);
            assert_eq!(datagram[0], 1);
            replica.apply(&datagram[1..]).unwrap();
        }
        // While a line has still to pay for the handshake it is told in every second tick, and then in each.
        silent = if datagrams.is_empty() { silent + 1 } else { 0 };
        assert!(silent <= usize::from(tick < PAID_TICKS), "silent for {silent} ticks at {tick}");
        if silent == 0 {
            assert_eq!(replica.own(), Some(&bench.room.battle().own_view(seat)));
        }
        let acks = InputDatagram { newest: replica.tick(), acks: replica.acks(), ..InputDatagram::default() };
        let bytes: Vec<u8> = [1].into_iter().chain(acks.encode()).collect();
        bench.room.receive(Arrival::Datagram { id: LinkId(1), bytes: bytes.into() });
    }
}

#[test]
fn who_looks_is_told_what_the_seats_clients_are_told_by_the_same_ids() {
    let mut bench = bench(16);
    let link = bench.join(1, Wish::Role(Role::Tank));
    let seat = bench.room.lobby().player(LinkId(1)).unwrap().seat.unwrap();
    let (to, pictures) = sync_channel(1);
    bench.room.receive(Arrival::Look { seat, to });
    let mut replica = Replica::new();
    let (mut seen, mut compared) = (0, 0);
    for _ in 0..40 {
        bench.ticks(1);
        (0..SLICES).for_each(|slice| bench.room.serve(slice));
        for datagram in link.take_datagrams() {
            replica.apply(&datagram[1..]).unwrap();
        }
        replica.refresh();
        // Before a side has clients it is looked at as often as bots do.
        let Ok(picture) = pictures.try_recv().map(Result::unwrap) else { continue };
        seen += 1;
        assert_eq!((picture.tick, &picture.own), (bench.room.battle().tick(), &bench.room.battle().own_view(seat)));
        let around = |thing: &&Thing| thing.pos.within(picture.own.mover.pos, metres(256));
        for thing in replica.things().all().iter().filter(around) {
            assert!(picture.things.contains(thing), "{thing:?}");
            compared += 1;
        }
    }
    assert!(seen >= 38 && compared > 40, "{compared} things in {seen} pictures");
}

#[test]
fn who_looks_and_does_not_keep_up_stops_nothing_and_only_a_few_look_at_a_time() {
    let mut bench = bench(16);
    let look = |bench: &mut Bench, seat| {
        let (to, pictures) = sync_channel(1);
        bench.room.receive(Arrival::Look { seat: SeatId(seat), to });
        pictures
    };
    let mut looks: Vec<_> = (0..4).map(|seat| look(&mut bench, seat)).collect();
    for (seat, why) in [(16_000, NoView::NoSuchSeat), (5, NoView::Enough)] {
        assert_eq!(look(&mut bench, seat).try_recv().unwrap().unwrap_err(), why);
    }
    bench.ticks(60);
    assert!(looks.iter().all(|pictures| pictures.try_iter().count() == 1), "what did not fit was left out");
    looks.pop();
    bench.ticks(60);
    let again = look(&mut bench, 5);
    bench.ticks(60);
    assert!(again.try_recv().unwrap().is_ok(), "whose look has ended makes room");
}

#[test]
fn a_client_that_has_not_drained_is_passed_over() {
    let mut bench = bench(16);
    let link = bench.join(1, Wish::Any);
    link.set_full(true);
    bench.ticks(1);
    (0..SLICES).for_each(|slice| bench.room.serve(slice));
    assert!(link.take_datagrams().is_empty());
    link.set_full(false);
    bench.ticks(1);
    (0..SLICES).for_each(|slice| bench.room.serve(slice));
    assert!(!link.take_datagrams().is_empty());
}

#[test]
fn bots_play_every_seat_but_those_of_people() {
    let settings = Settings { seats: 16, mode: ModeSetting::Quick, ..Settings::default() };
    let mut bench = Bench { room: Room::new(&settings, 1, RoomMeters::new(0)) };
    let driving = |bench: &Bench| bench.room.crew.as_ref().map(BotCrew::len);
    bench.ticks(3);
    assert_eq!(driving(&bench), Some(16));
    bench.join(1, Wish::Seat(SeatId(4)));
    bench.ticks(1);
    assert_eq!(driving(&bench), Some(15));
    bench.room.receive(Arrival::Closed { id: LinkId(1) });
    bench.ticks(1);
    assert_eq!(driving(&bench), Some(16));
}

#[test]
fn a_match_that_is_over_is_followed_by_the_next_with_everybody_seated() {
    let settings = Settings { seats: 3, mode: ModeSetting::Quick, ..Settings::default() };
    let mut bench = Bench { room: Room::new(&settings, 1, RoomMeters::new(0)) };
    let link = bench.join(1, Wish::Seat(SeatId(1)));
    let mut told = Vec::new();
    for _ in 0..60 * 30 * 10 {
        bench.ticks(1);
        told.extend(link.take_control());
        if bench.room.number == 2 {
            break;
        }
    }
    let verdicts = told.iter().filter(|m| matches!(m, ToClient::Verdict(_))).count();
    assert_eq!(verdicts, 1);
    let Some(ToClient::Welcome(next)) = told.iter().rfind(|m| matches!(m, ToClient::Welcome(_))) else {
        panic!("the next match is announced");
    };
    assert_eq!((next.by, next.info.number, next.place.seat), (PlacedBy::NextMatch, 2, Some(SeatId(1))));
    assert_eq!(next.place.epoch, 2);
}
