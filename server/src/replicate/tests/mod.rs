//! A small world of its own ([`world`]), a link that loses, doubles and reorders, and clients that must end
//! with exactly the picture.

mod world;

use std::collections::VecDeque;

use gamera_protocol::balance::Balance;
use gamera_protocol::ids::{City, Kind, Layer, SeatId, Side, Viewer};
use gamera_protocol::input::{SeatInput, TickInputs};
use gamera_protocol::measure::{Angle, Pos, Tick, Velocity, metres};
use gamera_protocol::motion::{Gait, Mover};
use gamera_protocol::rng::Pcg32;
use gamera_protocol::snapshot::group::{GroupId, Tier, far_tier};
use gamera_protocol::snapshot::{Acks, DATAGRAM_MAX, InputDatagram, Nack, Replica, Version};
use gamera_protocol::view::{Life, Marks, OwnView, VERBS_MAX, side_of};

use super::*;
use crate::sim::{MatchConfig, Mode, Scene};
use world::{Walker, World, near};

const VIEWER: Viewer = Viewer::Sdf;

fn own_at(pos: Pos, tick: Tick) -> OwnView {
    OwnView {
        tick,
        role: gamera_protocol::ids::Role::Tank,
        life: Life::Alive,
        mover: Mover { pos, velocity: Velocity { x: 900, y: -300 }, heading: Angle(77), gait: Gait::Walk },
        speed_permille: 1_000,
        health: 80,
        health_max: 100,
        carried: 3,
        squad: 0,
        cooldowns: [0; VERBS_MAX],
        channel: None,
    }
}

/// What happens to datagrams on their way.
#[derive(Clone, Copy, Debug)]
struct Fate {
    loss_permille: u32,
    double_permille: u32,
    delay_ticks: u32,
    jitter_ticks: u32,
}

const CLEAN: Fate = Fate { loss_permille: 0, double_permille: 0, delay_ticks: 0, jitter_ticks: 0 };

/// One direction of a link, in virtual time.
struct Link {
    fate: Fate,
    rng: Pcg32,
    /// Datagrams with the tick of their arrival.
    air: VecDeque<(u32, Vec<u8>)>,
}

impl Link {
    fn send(&mut self, now: u32, bytes: &[u8]) {
        let copies = 1 + u32::from(self.rng.chance_permille(self.fate.double_permille));
        for _ in 0..copies {
            if !self.rng.chance_permille(self.fate.loss_permille) {
                let at = now + self.fate.delay_ticks + self.rng.below(self.fate.jitter_ticks + 1);
                self.air.push_back((at, bytes.to_vec()));
            }
        }
    }

    fn arrived(&mut self, now: u32) -> Vec<Vec<u8>> {
        let (here, still): (VecDeque<_>, VecDeque<_>) = self.air.drain(..).partition(|(at, _)| *at <= now);
        self.air = still;
        here.into_iter().map(|(_, bytes)| bytes).collect()
    }
}

/// A client with both halves of its replication and the link between.
struct Peer {
    server: ClientReplica,
    replica: Replica,
    down: Link,
    up: Link,
    pos: Pos,
    goal: Pos,
    rng: Pcg32,
    bytes: u64,
    datagrams: u64,
}

impl Peer {
    fn new(n: u64, fate: Fate, policy: &'static dyn BasePolicy, pos: Pos) -> Peer {
        let link = |stream| Link { fate, rng: Pcg32::new(n, stream), air: VecDeque::new() };
        let mut server = ClientReplica::with_policy(VIEWER, Some(SeatId(0)), policy);
        server.set_budget(200_000);
        Peer {
            server,
            replica: Replica::new(),
            down: link(1),
            up: link(2),
            pos,
            goal: pos,
            rng: Pcg32::new(n, 3),
            bytes: 0,
            datagrams: 0,
        }
    }

    fn wander(&mut self, middle: Pos, spread_m: i32) {
        if self.pos.within(self.goal, metres(5)) {
            self.goal = near(&mut self.rng, middle, spread_m);
        }
        self.pos = self.pos.offset(self.pos.angle_to(self.goal), metres(40) / 30);
    }

    /// The datagrams of a tick.
    fn told(&mut self, replicator: &mut Replicator, world: &World, tick: u32) -> Vec<Vec<u8>> {
        let own = own_at(self.pos, Tick(tick));
        let mut out = Vec::new();
        replicator.encode_seen(
            &mut self.server,
            Tick(tick),
            Some(&own),
            |seen| world.sightings(seen),
            |bytes| out.push(bytes.to_vec()),
        );
        self.datagrams += out.len() as u64;
        self.bytes += out.iter().map(|bytes| bytes.len() as u64).sum::<u64>();
        out
    }

    fn exchange(&mut self, replicator: &mut Replicator, world: &World, tick: u32) {
        for bytes in self.up.arrived(tick) {
            self.server.acknowledge(&InputDatagram::decode(&bytes).unwrap().acks);
        }
        for bytes in self.told(replicator, world, tick) {
            assert!(bytes.len() <= DATAGRAM_MAX);
            self.down.send(tick, &bytes);
        }
        for bytes in self.down.arrived(tick) {
            let applied = self.replica.apply(&bytes).unwrap();
            assert!(applied.tick.0 <= tick);
        }
        let input = InputDatagram {
            newest: Tick(tick),
            inputs: vec![SeatInput::default()],
            acks: self.replica.acks(),
            camera: None,
        };
        self.up.send(tick, &input.encode());
    }

    /// Compares everything the replica shows with everything it should.
    fn assert_is_right(&mut self, world: &World, context: &str) {
        let mut listed = self.replica.clone();
        listed.refresh_things();
        self.replica.refresh();
        let by_id = |replica: &Replica| {
            let mut things = replica.things().all().to_vec();
            things.sort_unstable_by_key(|thing| thing.id);
            things
        };
        assert_eq!(by_id(&listed), by_id(&self.replica), "who draws nothing sees the same");
        let window = self.replica.window();
        let side = VIEWER.side();
        let is_told = |s: &&Sighting| {
            let own = side_of(s.kind) == side;
            let is_near = s.pos.within(self.pos, metres(interest::REACH_M.into()));
            is_near && window.holds(GroupId::at(Tier::Cells, s.pos)) || far_tier(s.kind, own).is_some()
        };
        let key = |kind: Kind, pos: Pos, heading: u8, health: u8, marks: Marks, layer: Layer, seat: Option<SeatId>| {
            (pos, kind, heading, health, marks.0, layer, seat)
        };
        let mut wanted: Vec<_> = (world.walkers.iter().map(|w| &w.sighting))
            .filter(is_told)
            .map(|s| key(s.kind, s.pos, s.heading, s.health, s.marks, s.layer, s.seat))
            .collect();
        let mut shown: Vec<_> = (self.replica.things().all().iter())
            .map(|t| key(t.kind, t.pos, t.heading, t.health, t.marks, t.layer, t.seat))
            .collect();
        wanted.sort_unstable();
        shown.sort_unstable();
        let missing = wanted.iter().filter(|w| shown.binary_search(w).is_err()).count();
        let ghosts = shown.iter().filter(|s| wanted.binary_search(s).is_err()).count();
        assert!(
            wanted == shown,
            "{context}: {missing} missing, {ghosts} wrong of {} wanted, {} shown",
            wanted.len(),
            shown.len()
        );
        assert_eq!(self.replica.figures().wrong, 0, "{context}: a sum was wrong");
    }
}

fn publish(replicator: &mut Replicator, world: &World, tick: u32) {
    replicator.publish_seen(Tick(tick), VIEWER, |seen| world.sightings(seen));
}

/// Runs a world with peers over such links, then lets it rest; each must end with the picture.
fn run_and_settle(fate: Fate, policy: &'static dyn BasePolicy, seed: u64) {
    let mut world = World::new(600, 4, 500, seed);
    let mut replicator = Replicator::new();
    let mut peers: Vec<Peer> = (0..4)
        .map(|n| Peer::new(seed * 100 + n, fate, policy, near(&mut Pcg32::new(n, 9), world.middle, 400)))
        .collect();
    for tick in 1..=240 {
        world.step();
        publish(&mut replicator, &world, tick);
        for peer in &mut peers {
            peer.wander(world.middle, 500);
            peer.exchange(&mut replicator, &world, tick);
        }
    }
    for tick in 241..=500 {
        publish(&mut replicator, &world, tick);
        peers.iter_mut().for_each(|peer| peer.exchange(&mut replicator, &world, tick));
    }
    for (n, peer) in peers.iter_mut().enumerate() {
        peer.assert_is_right(&world, &format!("{fate:?}, seed {seed}, peer {n}"));
    }
}

#[test]
fn a_client_ends_with_the_picture_whatever_the_link_does() {
    let fates = [
        CLEAN,
        Fate { loss_permille: 20, double_permille: 10, delay_ticks: 1, jitter_ticks: 1 },
        Fate { loss_permille: 50, double_permille: 50, delay_ticks: 2, jitter_ticks: 4 },
        Fate { loss_permille: 300, double_permille: 0, delay_ticks: 3, jitter_ticks: 8 },
    ];
    for fate in fates {
        for seed in 1..=4 {
            run_and_settle(fate, &Chain, seed);
        }
    }
}

#[test]
fn every_choice_of_bases_ends_with_the_picture() {
    let fate = Fate { loss_permille: 100, double_permille: 20, delay_ticks: 1, jitter_ticks: 3 };
    for policy in [&Chain as &'static dyn BasePolicy, &Known, &Acknowledged, &Full] {
        run_and_settle(fate, policy, 11);
    }
}

#[test]
fn what_is_near_is_right_in_every_tick_of_a_clean_link() {
    let mut world = World::new(800, 4, 400, 5);
    let mut replicator = Replicator::new();
    let mut peer = Peer::new(5, CLEAN, &Chain, world.middle);
    peer.server.set_reach(256);
    peer.server.set_budget(2_000_000);
    for tick in 1..=200 {
        world.step();
        publish(&mut replicator, &world, tick);
        peer.wander(world.middle, 300);
        peer.exchange(&mut replicator, &world, tick);
        if tick > 3 {
            near_is_right(&mut peer, &world, tick);
        }
    }
}

#[test]
fn what_comes_into_reach_is_shown_at_once_wherever_the_camera_jumps() {
    let mut world = World::new(800, 4, 400, 15);
    let mut replicator = Replicator::new();
    let mut peer = Peer::new(15, CLEAN, &Chain, world.middle);
    peer.server.set_reach(256);
    peer.server.set_budget(4_000_000);
    let mut rng = Pcg32::new(15, 3);
    for tick in 1..=200 {
        // Nothing moves in the second half: what is told then follows from the jumps alone.
        if tick < 100 {
            world.step();
        }
        publish(&mut replicator, &world, tick);
        if tick % 5 == 0 {
            peer.pos = near(&mut rng, world.middle, 350);
        }
        peer.exchange(&mut replicator, &world, tick);
        if tick > 3 {
            near_is_right(&mut peer, &world, tick);
        }
    }
}

fn near_is_right(peer: &mut Peer, world: &World, tick: u32) {
    peer.replica.refresh();
    let places = |list: &mut Vec<(Pos, u8, u8)>| list.sort_unstable();
    let mut wanted: Vec<_> = (world.walkers.iter().map(|w| &w.sighting))
        .filter(|s| s.pos.within(peer.pos, metres(256)))
        .map(|s| (s.pos, s.heading, s.health))
        .collect();
    let mut shown: Vec<_> = (peer.replica.things().near(peer.pos, 256)).map(|t| (t.pos, t.heading, t.health)).collect();
    places(&mut wanted);
    places(&mut shown);
    assert!(wanted == shown, "tick {tick}: {} wanted, {} shown", wanted.len(), shown.len());
}

#[test]
fn an_update_costs_few_bits() {
    println!("{:>6} {:>8} {:>12} {:>12} {:>12} {:>8}", "loss", "clients", "needed", "bits/update", "bytes/s", "full");
    for loss_permille in [0, 20] {
        let fate = Fate { loss_permille, double_permille: 0, delay_ticks: 1, jitter_ticks: 0 };
        let mut world = World::new(2_000, 8, 1_200, 3);
        let mut replicator = Replicator::new();
        let mut peers: Vec<Peer> = (0..16).map(|n| Peer::new(n, fate, &Chain, world.flocks[n as usize % 8])).collect();
        for peer in &mut peers {
            peer.server.set_reach(256);
        }
        let mut needed = 0_u64;
        let mut before = Vec::new();
        for tick in 1..=150 {
            world.step();
            publish(&mut replicator, &world, tick);
            for peer in &mut peers {
                peer.wander(world.middle, 600);
                peer.exchange(&mut replicator, &world, tick);
                if tick == 30 {
                    peer.bytes = 0;
                }
                if tick > 30 {
                    needed += needed_by(peer.pos, &before, &world.walkers);
                }
            }
            before = world.walkers.clone();
        }
        let bytes: u64 = peers.iter().map(|p| p.bytes).sum();
        let full: u64 = peers.iter().map(|p| p.server.figures().full_sections).sum();
        let bits = bytes as f64 * 8.0 / needed as f64;
        let each_s = bytes / 16 / 4;
        println!("{loss_permille:>6} {:>8} {needed:>12} {bits:>12.2} {each_s:>12} {full:>8}", peers.len());
        assert!(bits < 30.0, "{bits} bits an update");
    }
}

/// With little to spend, what is near is told exactly and what is far roughly; whatever the link loses, a world
/// that comes to rest is shown with nothing missing, nothing that is not there, and nothing farther off than
/// can be seen.
#[test]
fn what_is_told_roughly_is_there_and_not_farther_off_than_can_be_seen() {
    let fates = [
        CLEAN,
        Fate { loss_permille: 50, double_permille: 20, delay_ticks: 2, jitter_ticks: 3 },
        Fate { loss_permille: 200, double_permille: 0, delay_ticks: 3, jitter_ticks: 4 },
    ];
    for (seed, fate) in (1..).zip(fates) {
        let mut world = World::new(600, 4, 500, seed);
        let mut replicator = Replicator::new();
        let mut peers: Vec<Peer> = (0..4)
            .map(|n| Peer::new(seed * 100 + n, fate, &Chain, near(&mut Pcg32::new(n, 9), world.middle, 300)))
            .collect();
        peers.iter_mut().for_each(|peer| peer.server.set_budget(12_000));
        for tick in 1..=500 {
            if tick <= 240 {
                world.step();
            }
            publish(&mut replicator, &world, tick);
            for peer in &mut peers {
                if tick <= 240 {
                    peer.wander(world.middle, 300);
                }
                peer.exchange(&mut replicator, &world, tick);
            }
        }
        for peer in &mut peers {
            assert_eq!(peer.replica.figures().wrong, 0, "{fate:?}: a sum was wrong");
            assert!(!peer.server.sent_rough.is_empty(), "{fate:?}: something is told roughly");
            shown_is_near_the_truth(peer, &world, &format!("{fate:?}"));
        }
    }
}

/// Whatever a line does, and however little it bears: what is told fits its datagrams, and nothing is rebuilt wrongly.
#[test]
fn a_line_that_is_poor_late_and_lossy_by_turns_is_told_only_what_it_can_hold() {
    let fates = [
        Fate { loss_permille: 0, double_permille: 0, delay_ticks: 0, jitter_ticks: 0 },
        Fate { loss_permille: 60, double_permille: 10, delay_ticks: 3, jitter_ticks: 3 },
        Fate { loss_permille: 300, double_permille: 0, delay_ticks: 20, jitter_ticks: 30 },
        Fate { loss_permille: 900, double_permille: 0, delay_ticks: 5, jitter_ticks: 0 },
    ];
    for seed in 1..=6 {
        let mut rng = Pcg32::new(seed, 21);
        let mut world = World::new(3_000, 3, 260, seed);
        let mut replicator = Replicator::new();
        let mut peers: Vec<Peer> = (0..4)
            .map(|n| Peer::new(seed * 100 + n, fates[0], &Chain, near(&mut Pcg32::new(n, 9), world.middle, 300)))
            .collect();
        for tick in 1..=900 {
            world.step();
            publish(&mut replicator, &world, tick);
            for peer in &mut peers {
                if rng.chance_permille(20) {
                    let fate = fates[rng.below(4) as usize];
                    (peer.down.fate, peer.up.fate) = (fate, fate);
                    peer.server.set_budget([4_000, 6_000, 24_000][rng.below(3) as usize]);
                    peer.server.set_share([4_200, 7_800, 24_000][rng.below(3) as usize]);
                    peer.server.set_loss([0, 30, 300][rng.below(3) as usize]);
                }
                peer.wander(world.middle, 300);
                peer.exchange(&mut replicator, &world, tick);
            }
        }
        for peer in &peers {
            assert_eq!(peer.replica.figures().wrong, 0, "seed {seed}: a sum was wrong");
        }
    }
}

/// Holds what a peer shows of soldiers within reach of single things to where they are.
fn shown_is_near_the_truth(peer: &mut Peer, world: &World, context: &str) {
    peer.replica.refresh();
    let window = peer.replica.window();
    let is_told = |pos: Pos| pos.within(peer.pos, metres(240)) && window.holds(GroupId::at(Tier::Cells, pos));
    let off = metres(1) / 2;
    let is_it = |s: &Sighting, t: &gamera_protocol::view::Thing| {
        (s.kind, s.layer, s.marks, s.seat) == (t.kind, t.layer, t.marks, t.seat)
            && (s.pos.x - t.pos.x).abs().max((s.pos.y - t.pos.y).abs()) <= off
    };
    let mut shown: Vec<_> = peer.replica.things().near(peer.pos, 250).collect();
    let wanted: Vec<_> = world.walkers.iter().map(|w| &w.sighting).filter(|s| is_told(s.pos)).collect();
    assert!(wanted.len() > 10, "{context}: {} wanted", wanted.len());
    for sighting in wanted {
        let at = shown.iter().position(|thing| is_it(sighting, thing));
        shown.swap_remove(at.unwrap_or_else(|| panic!("{context}: {sighting:?} is not shown where it is")));
    }
    let ghost = shown.iter().find(|thing| is_told(thing.pos) && thing.pos.within(peer.pos, metres(238)));
    assert_eq!(ghost, None, "{context}: nothing is there");
}

/// Things within 256 m that are not as they were.
fn needed_by(pos: Pos, before: &[Walker], now: &[Walker]) -> u64 {
    let changed = |(a, b): &(&Walker, &Walker)| a.sighting != b.sighting && b.sighting.pos.within(pos, metres(256));
    before.iter().zip(now).filter(changed).count() as u64
}

/// Two thousand soldiers a flock in one place: the thick of it, with a thousand clients around.
#[test]
fn a_thousand_clients_in_one_battle_are_served_within_their_budget() {
    const CLIENTS: u64 = 1_000;
    const TICKS: u32 = 90;
    let mut world = World::new(10_000, 3, 350, 8);
    let mut replicator = Replicator::new();
    let fate = Fate { delay_ticks: 3, ..CLEAN };
    let mut peers: Vec<Peer> =
        (0..CLIENTS).map(|n| Peer::new(n, fate, &Chain, near(&mut Pcg32::new(n, 9), world.middle, 500))).collect();
    peers.iter_mut().for_each(|peer| peer.server.set_budget(BUDGET_BYTES_S));
    let (mut publishing, mut encoding) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    for tick in 1..=TICKS {
        world.step();
        let start = std::time::Instant::now();
        publish(&mut replicator, &world, tick);
        publishing += start.elapsed();
        for peer in &mut peers {
            for bytes in peer.up.arrived(tick) {
                peer.server.acknowledge(&InputDatagram::decode(&bytes).unwrap().acks);
            }
            let start = std::time::Instant::now();
            let out = peer.told(&mut replicator, &world, tick);
            encoding += start.elapsed();
            // Few decode: the others' half would only cost the test its time.
            if peer.rng.words()[1] % 50 == 7 {
                assert!(out.iter().all(|bytes| peer.replica.apply(bytes).is_ok()));
            }
            let acks =
                Acks { newest: Some(peer.server.next_sequence() as u16 - 1), earlier: u64::MAX, nacks: Vec::new() };
            peer.up.send(tick, &InputDatagram { acks, ..InputDatagram::default() }.encode());
        }
    }
    let each = |total: std::time::Duration| total.as_secs_f64() * 1e3 / f64::from(TICKS);
    println!("publish {:.2} ms a tick, encode {:.2} ms a tick", each(publishing), each(encoding));
    let worst = peers.iter().map(|p| p.datagrams).min().unwrap();
    let bytes_s = peers.iter().map(|p| p.bytes).max().unwrap() * 30 / u64::from(TICKS);
    println!("{worst} datagrams at least, {bytes_s} B/s at most");
    assert!(worst >= u64::from(TICKS) / 2, "a client got {worst} datagrams");
    assert!(bytes_s < 12_000, "a client got {bytes_s} bytes a second");
}

#[test]
fn a_replica_survives_what_a_stranger_makes_of_datagrams() {
    let mut world = World::new(800, 4, 400, 6);
    let mut replicator = Replicator::new();
    let mut peer = Peer::new(6, CLEAN, &Chain, world.middle);
    let mut rng = Pcg32::new(6, 6);
    let mut victim = Replica::new();
    let mut refused = 0;
    for tick in 1..=300 {
        world.step();
        publish(&mut replicator, &world, tick);
        for bytes in peer.told(&mut replicator, &world, tick) {
            for mutant in mutants(&mut rng, &bytes) {
                refused += u32::from(victim.apply(&mutant).is_err());
            }
        }
        victim.refresh();
        assert!(victim.things().all().len() <= 65_536 && InputDatagram::decode(&bytes_of_acks(&victim)).is_ok());
    }
    assert!(refused > 100, "only {refused} were refused");
}

fn bytes_of_acks(replica: &Replica) -> Vec<u8> {
    InputDatagram { acks: replica.acks(), ..InputDatagram::default() }.encode()
}

/// The datagram as it was, with a few bits turned, cut short, and nothing of it but its length.
fn mutants(rng: &mut Pcg32, bytes: &[u8]) -> [Vec<u8>; 4] {
    let mut turned = bytes.to_vec();
    for _ in 0..=rng.below(4) {
        let at = rng.below(bytes.len() as u32) as usize;
        turned[at] ^= 1 << rng.below(8);
    }
    let cut = bytes[..rng.below(bytes.len() as u32) as usize].to_vec();
    let noise = bytes.iter().map(|_| rng.next_u32() as u8).collect();
    [bytes.to_vec(), turned, cut, noise]
}

#[test]
fn a_server_survives_what_a_stranger_acknowledges() {
    let mut world = World::new(400, 2, 300, 7);
    let mut replicator = Replicator::new();
    let mut peer = Peer::new(7, CLEAN, &Chain, world.middle);
    let mut rng = Pcg32::new(7, 7);
    for tick in 1..=200 {
        world.step();
        publish(&mut replicator, &world, tick);
        for _ in 0..4 {
            let nack =
                |rng: &mut Pcg32| Nack { group: GroupId(rng.below(6_336) as u16), held: Version(rng.below(tick + 9)) };
            let acks = Acks {
                newest: (rng.below(9) > 0).then(|| (rng.below(tick + 5)) as u16),
                earlier: u64::from(rng.next_u32()) << rng.below(33),
                nacks: (0..rng.below(32)).map(|_| nack(&mut rng)).collect(),
            };
            peer.server.acknowledge(&acks);
        }
        peer.exchange(&mut replicator, &world, tick);
    }
    assert!(peer.bytes < 200 * 200_000, "a liar gets no more than its budget");
}

#[test]
fn of_a_real_battle_each_side_is_told_what_it_sees_and_nothing_else() {
    let config = MatchConfig {
        mode: Mode::Quick { city: City::Sapporo },
        scene: Scene::Clash,
        seats: 16,
        seed: 5,
        balance: Balance::default(),
    };
    let mut battle = Battle::new(&config);
    let mut replicator = Replicator::new();
    let first = |side: Side| battle.roster().seats().find(|(_, role)| role.side() == side).map(|(seat, _)| seat);
    let seats: Vec<(Viewer, Option<SeatId>)> =
        Side::ALL.iter().map(|side| (Viewer::from(*side), first(*side))).chain([(Viewer::Spectator, None)]).collect();
    let mut clients: Vec<(ClientReplica, Replica)> =
        seats.iter().map(|(viewer, seat)| (ClientReplica::new(*viewer, *seat), Replica::new())).collect();
    for tick in 1..=150 {
        battle.step(&TickInputs::default());
        replicator.publish(&battle);
        for (server, replica) in &mut clients {
            server.set_budget(100_000);
            let mut out = Vec::new();
            replicator.encode(server, &battle, |bytes| out.push(bytes.to_vec()));
            out.iter().for_each(|bytes| assert!(replica.apply(bytes).unwrap().held_back == 0));
            server.acknowledge(&replica.acks());
        }
        if tick % 10 == 0 {
            clients.iter_mut().for_each(|(server, replica)| only_what_is_seen(&battle, server.viewer(), replica));
        }
    }
    for ((viewer, seat), (_, replica)) in seats.iter().zip(&clients) {
        assert_eq!(replica.own().copied(), seat.map(|seat| battle.own_view(seat)), "{viewer}");
        assert!(replica.team().is_some() && replica.things().all().len() > 10, "{viewer}");
        assert_eq!(replica.figures().wrong, 0, "{viewer}");
    }
}

/// A thing is shown where it is, or, told at a lower rate, where it was not long ago; a kind that is
/// not in sight is not shown at all.
fn only_what_is_seen(battle: &Battle, viewer: Viewer, replica: &mut Replica) {
    let mut seen = Vec::new();
    battle.sightings(viewer, &mut seen);
    replica.refresh();
    for thing in replica.things().all() {
        let is_near =
            |s: &&Sighting| s.kind == thing.kind && s.seat == thing.seat && s.pos.within(thing.pos, metres(60));
        let recent = thing.kind == Kind::Soldier || seen.iter().any(|s| is_near(&s));
        assert!(recent, "{viewer} is shown {thing:?}");
    }
}
