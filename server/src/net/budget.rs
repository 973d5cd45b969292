//! How many bytes a second a client may be sent: the game's own congestion control, since QUIC's
//! is handed over. Additive increase while the link carries what it is given and needs it; a step back on a
//! delay that grows, which is a queue filling somewhere, and on loss. Loss that a step back does not lessen is
//! the link's own, as of a radio: from then on it does not count.
//!
//! The delay is that of the quickest answer lately. A queue before a line delays all of them; a program that
//! has no time for a moment, ours or the player's, or a radio that stutters, only some.

use std::time::Duration;

/// How a link fares, counted since it began.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LinkFigures {
    /// Round trip, the quickest lately.
    pub round_trip: Duration,
    /// Packets sent.
    pub sent: u64,
    /// Packets lost.
    pub lost: u64,
    /// Bytes sent, all that UDP carries.
    pub bytes: u64,
    /// Of them those in packets that are known to have arrived.
    pub arrived: u64,
}

/// What a client has been told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// Bytes of snapshots in all.
    pub bytes: u64,
    /// Its line's budget alone kept it from being told more the last time.
    pub is_held_back: bool,
}

/// No client is sent less: the own unit and the nearest fight.
pub const FLOOR_BYTES_S: u32 = 4_000;
/// No client is sent more.
pub const CEILING_BYTES_S: u32 = 24_000;
/// All clients of a room together are sent no more than this in a second, as far as the floor of each allows.
const ROOM_BYTES_S: u32 = 12_000_000;
/// Over time they share this, and each has [`SHARE_LEAST_BYTES_S`] at least: 128 players are 8 Mbit/s at the
/// host's end, a thousand 64.
const ROOM_SHARED_BYTES_S: u32 = 1_024_000;
/// Who has a clean line is sent as much over time, however many there are.
const SHARE_LEAST_BYTES_S: u32 = 7_800;
/// And all of them no more than this part of what the room may send in any second: else a larger picture finds no
/// room, and the next ones are left out for it.
const SHARE_OF_ROOM_PCT: u32 = 70;
/// A new client begins here.
const START_BYTES_S: u32 = 8_000;
/// Growth at each look at a link that has never been full, and at one that has and fares well.
const GROWTH: f64 = 1.12;
const STEP_BYTES_S: u32 = 250;
/// Growth near to where a queue was filling before: from and up to this share of that.
const NEAR_STEP_BYTES_S: u32 = 30;
const NEAR: (f64, f64) = (0.85, 1.1);
/// Who makes use of less than this share of a budget and is not held back by it needs no larger one: what a
/// line has not carried yet it may not bear. And what is used is looked at over so many looks, about.
const USED: f64 = 0.75;
const USED_LOOKS: f64 = 6.0;
/// What is left after a step back.
const BACK: f64 = 0.75;
/// Loss that any link may have without being full.
const HARMLESS_LOSS: f64 = 0.04;
/// Where a link is known to lose by itself, it may lose so many times that, and so much more.
const OWN_TIMES: f64 = 1.25;
const OWN_SLACK: f64 = 0.04;
/// Share of a better figure in what the link is known to lose by itself.
const OWN_FALLS: f64 = 0.25;
const PROVED_FALLS: f64 = 0.05;
/// Delay above the least seen that is taken for a queue.
const QUEUE: Duration = Duration::from_millis(50);
/// The least delay rises by this part of what is above it at each look: a way may have become longer.
const RISE: u32 = 128;
/// Packets that a judgement of the delay needs, and one of the loss: of few, chance loses too many.
const ENOUGH: u64 = 5;
const ENOUGH_FOR_LOSS: u64 = 60;
/// What is lost lately is looked at over so many looks, about.
const LOSS_LOOKS: f64 = 32.0;
/// After so many looks a queue has drained that the first step back has ended.
const DRAINED_LOOKS: u64 = LOOKS_S;
/// Looks in a second, about.
const LOOKS_S: u64 = 4;

/// The budget of one client.
#[derive(Clone, Debug)]
pub struct Budget {
    bytes_s: u32,
    seen: LinkFigures,
    /// Looks since then.
    looks: u64,
    /// What is sent in a second, bytes, over some time.
    used_s: f64,
    /// Looks in a row at which a queue was there.
    queueing: u64,
    /// The share that is lost lately, whatever the reason.
    lately_lost: f64,
    least_round_trip: Duration,
    /// What is being judged.
    stretch: Stretch,
    /// Where a queue was filling, bytes a second, until well beyond that none is.
    full_at: Option<f64>,
    /// It has been full, or has lost too much, at some time.
    was_full: bool,
    /// The budget before the last step back, and whether that has lessened nothing.
    stepped_from: u32,
    in_vain: bool,
    /// The share that the link loses whatever it is given, and what of that a step back has proved.
    own_loss: f64,
    proved_loss: f64,
    /// The share that was lost before the last step back that loss was the reason of.
    before: Option<f64>,
}

/// A stretch of time over which loss is judged.
#[derive(Clone, Copy, Debug, Default)]
struct Stretch {
    from: LinkFigures,
    /// What the client had been told by then, bytes.
    told: u64,
    looks: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Budget {
            bytes_s: START_BYTES_S,
            seen: LinkFigures::default(),
            looks: 0,
            used_s: 0.0,
            queueing: 0,
            lately_lost: 0.0,
            least_round_trip: Duration::MAX,
            stretch: Stretch::default(),
            full_at: None,
            was_full: false,
            stepped_from: 0,
            in_vain: false,
            own_loss: 0.0,
            proved_loss: 0.0,
            before: None,
        }
    }
}

impl Budget {
    /// Bytes a second.
    #[must_use]
    pub fn bytes_s(&self) -> u32 {
        self.bytes_s
    }

    /// The share of packets that is lost lately, thousandths.
    #[must_use]
    pub fn loss_permille(&self) -> u32 {
        (self.lately_lost * 1_000.0) as u32
    }

    /// Looks at the link, about four times a second, and gives the budget from now on, one of `clients`.
    pub fn steer(&mut self, now: LinkFigures, client: Told, clients: usize) -> u32 {
        let ceiling = ceiling(clients);
        self.bytes_s = self.bytes_s.min(ceiling);
        self.looks += 1;
        self.stretch.looks += 1;
        if now.sent.saturating_sub(self.seen.sent) < ENOUGH {
            return self.bytes_s;
        }
        let told = client.bytes;
        let sent_s = now.bytes.saturating_sub(self.seen.bytes) * LOOKS_S / self.looks;
        let arrived_s = now.arrived.saturating_sub(self.seen.arrived) * LOOKS_S / std::mem::take(&mut self.looks);
        let lost = now.lost.saturating_sub(self.seen.lost) as f64 / now.sent.saturating_sub(self.seen.sent) as f64;
        self.lately_lost += (lost.min(1.0) - self.lately_lost) / LOSS_LOOKS;
        self.seen = now;
        self.used_s += (sent_s as f64 - self.used_s) / USED_LOOKS;
        let told_s = told.saturating_sub(self.stretch.told) * LOOKS_S / self.stretch.looks;
        let is_queueing = self.is_queueing(now.round_trip);
        if self.is_losing(now, told) || is_queueing {
            // What was allowed and not sent is no measure of what the link carries; what comes out of a queue is.
            let carried = if is_queueing { arrived_s } else { u64::from(self.bytes_s).min(told_s) } as f64;
            let less = ((carried * BACK) as u32).clamp(FLOOR_BYTES_S, self.bytes_s.max(FLOOR_BYTES_S));
            // A step back that was for nothing is taken back.
            let in_vain = std::mem::take(&mut self.in_vain) && !is_queueing;
            let again = self.stepped_from.min(ceiling);
            self.stepped_from = self.bytes_s;
            self.bytes_s = if in_vain { again.max(less) } else { less };
            self.was_full = true;
            if is_queueing {
                // While it drains less may come out than it carries; what stays for longer is no such queue.
                let known = self.full_at.filter(|_| (1..DRAINED_LOOKS).contains(&self.queueing));
                self.full_at = Some(known.map_or(carried, |known| known.max(carried)));
            }
        } else if client.is_held_back || self.used_s >= f64::from(self.bytes_s) * USED {
            self.bytes_s = self.grown().min(ceiling);
        }
        self.queueing = if is_queueing { self.queueing + 1 } else { 0 };
        self.bytes_s
    }

    /// One that fares well is given more: the less of it, the nearer it is to where it was full.
    fn grown(&mut self) -> u32 {
        let near = |full_at: f64, share: f64| f64::from(self.bytes_s) >= full_at * share;
        if self.full_at.is_some_and(|at| near(at, NEAR.1)) {
            // It carries more than where a queue was: it has become wider, or the queue was another's.
            (self.full_at, self.was_full) = (None, false);
        }
        if !self.was_full {
            return (f64::from(self.bytes_s) * GROWTH) as u32;
        }
        let is_near = self.full_at.is_some_and(|at| near(at, NEAR.0));
        self.bytes_s + if is_near { NEAR_STEP_BYTES_S } else { STEP_BYTES_S }
    }

    /// True where a queue is filling.
    fn is_queueing(&mut self, round_trip: Duration) -> bool {
        if round_trip.is_zero() {
            return false;
        }
        let rise = round_trip.saturating_sub(self.least_round_trip) / RISE;
        self.least_round_trip = self.least_round_trip.saturating_add(rise).min(round_trip);
        round_trip > self.least_round_trip + QUEUE
    }

    /// True where more is lost than the link loses by itself.
    fn is_losing(&mut self, now: LinkFigures, told: u64) -> bool {
        let sent = now.sent.saturating_sub(self.stretch.from.sent);
        if sent < ENOUGH_FOR_LOSS {
            return false;
        }
        let lost = now.lost.saturating_sub(self.stretch.from.lost).min(sent);
        let loss = lost as f64 / sent as f64;
        self.stretch = Stretch { from: now, told, looks: 0 };
        let is_full = loss > HARMLESS_LOSS.max(self.own_loss * OWN_TIMES + OWN_SLACK);
        let before = std::mem::replace(&mut self.before, is_full.then_some(loss));
        if let Some(before) = before.filter(|before| is_full && loss > halfway(*before)) {
            self.proved_loss = self.proved_loss.max((before + loss) / 2.0);
            self.own_loss = self.proved_loss;
            self.in_vain = true;
        } else if !is_full {
            // Chance does not lessen what was proved, but for a link that has become better.
            self.own_loss = (self.own_loss + (loss - self.own_loss) * OWN_FALLS).min(self.proved_loss);
            self.proved_loss += (self.own_loss - self.proved_loss) * PROVED_FALLS;
        }
        is_full
    }
}

/// After a step back from a loss of `before`: what is lost above this was not lost for want of room. A full
/// line goes on to carry what it did, and loses only the rest of what it is given now.
fn halfway(before: f64) -> f64 {
    let for_want_of_room = (1.0 - (1.0 - before) / BACK).max(0.0);
    (before + for_want_of_room) / 2.0
}

/// What one of `clients` is sent over time, bytes a second, whatever its line bears.
#[must_use]
pub fn share(clients: usize) -> u32 {
    let share = (ROOM_SHARED_BYTES_S / clients.max(1) as u32).clamp(SHARE_LEAST_BYTES_S, CEILING_BYTES_S);
    share.min(ROOM_BYTES_S / 100 * SHARE_OF_ROOM_PCT / clients.max(1) as u32).max(FLOOR_BYTES_S)
}

/// What one of `clients` is sent in a second at most.
fn ceiling(clients: usize) -> u32 {
    (ROOM_BYTES_S / clients.max(1) as u32).clamp(FLOOR_BYTES_S, CEILING_BYTES_S)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::rng::Pcg32;

    /// A link that loses by itself, carries so many bytes a second, and drops or queues the rest.
    struct Line {
        rng: Pcg32,
        own_loss: f64,
        carries: u32,
        queues: bool,
        rtt_ms: u64,
        /// What waits before it, milliseconds of its time.
        queue_ms: f64,
        figures: LinkFigures,
        told: u64,
    }

    impl Line {
        fn new(own_loss: f64, carries: u32, queues: bool, rtt_ms: u64) -> Line {
            let rng = Pcg32::new(1, 1);
            Line { rng, own_loss, carries, queues, rtt_ms, queue_ms: 0.0, figures: LinkFigures::default(), told: 0 }
        }

        /// The time to a look, in which all of the budget is sent; a packet of 800 bytes carries it.
        fn until_a_look(&mut self, budget: &mut Budget) {
            let bytes = budget.bytes_s() / LOOKS_S as u32;
            let packets = u64::from(bytes / 800).max(8);
            let over = f64::from(bytes) - f64::from(self.carries) / LOOKS_S as f64;
            let dropped = if self.queues { 0.0 } else { (over / f64::from(bytes)).max(0.0) };
            if self.queues {
                self.queue_ms = (self.queue_ms + over / f64::from(self.carries) * 1_000.0).clamp(0.0, 500.0);
            }
            let loss = 1.0 - (1.0 - self.own_loss) * (1.0 - dropped);
            let lost = (0..packets).filter(|_| f64::from(self.rng.below(1_000)) < loss * 1_000.0).count();
            self.figures.sent += packets;
            self.figures.lost += lost as u64;
            self.figures.round_trip = Duration::from_millis(self.rtt_ms + self.queue_ms as u64);
            let comes_out = if self.queue_ms > 0.0 { self.carries / LOOKS_S as u32 } else { bytes };
            self.figures.arrived += u64::from(comes_out) * (packets - lost as u64) / packets;
            self.told += u64::from(bytes);
            self.figures.bytes += u64::from(bytes);
            budget.steer(self.figures, Told { bytes: self.told, is_held_back: false }, 16);
        }

        fn seconds(&mut self, budget: &mut Budget, seconds: u32) -> Vec<u32> {
            (0..seconds * LOOKS_S as u32)
                .map(|_| {
                    self.until_a_look(budget);
                    budget.bytes_s()
                })
                .collect()
        }
    }

    const WIDE: u32 = 1_000_000;

    #[test]
    fn a_link_is_given_what_it_carries_and_its_own_loss_does_not_count() {
        for (name, own_loss, carries, queues, rtt_ms, low, high) in [
            ("a clean line", 0.0, WIDE, true, 30, 23_000, 24_000),
            ("a radio link", 0.02, WIDE, true, 60, 20_000, 24_000),
            ("a far link", 0.0, WIDE, true, 600, 23_000, 24_000),
            ("a lossy link", 0.05, WIDE, true, 100, 21_000, 24_000),
            ("a link that loses a fifth", 0.2, WIDE, true, 200, 20_000, 24_000),
            ("a narrow line that queues", 0.0, 10_000, true, 30, 7_000, 10_600),
            ("a narrow line that drops", 0.0, 10_000, false, 30, 6_000, 13_000),
        ] {
            let (mut line, mut budget) = (Line::new(own_loss, carries, queues, rtt_ms), Budget::default());
            line.seconds(&mut budget, 60);
            let after = line.seconds(&mut budget, 120);
            let mean = after.iter().sum::<u32>() / after.len() as u32;
            assert!((low..=high).contains(&mean), "{name}: {mean}, own loss {}", budget.own_loss);
        }
    }

    #[test]
    fn a_cut_takes_the_budget_down_and_the_line_is_used_in_full_again_after_it() {
        let (mut line, mut budget) = (Line::new(0.0, WIDE, true, 50), Budget::default());
        line.seconds(&mut budget, 20);
        line.own_loss = 1.0;
        line.seconds(&mut budget, 3);
        line.own_loss = 0.0;
        let after = line.seconds(&mut budget, 25);
        assert!(after[0] < CEILING_BYTES_S && after[after.len() - 1] == CEILING_BYTES_S, "{after:?}");
    }

    #[test]
    fn a_growing_delay_halves_the_budget_within_two_seconds() {
        let (mut line, mut budget) = (Line::new(0.0, WIDE, true, 30), Budget::default());
        let before = *line.seconds(&mut budget, 20).last().unwrap();
        line.rtt_ms = 250;
        line.seconds(&mut budget, 2);
        assert!(budget.bytes_s() <= before / 2, "{} of {before}", budget.bytes_s());
    }

    #[test]
    fn a_way_that_has_become_longer_is_no_queue_for_ever() {
        let (mut line, mut budget) = (Line::new(0.0, WIDE, true, 30), Budget::default());
        line.seconds(&mut budget, 20);
        line.rtt_ms = 250;
        assert_eq!(line.seconds(&mut budget, 90).last(), Some(&CEILING_BYTES_S));
    }

    #[test]
    fn too_few_packets_are_no_judgement() {
        let mut budget = Budget::default();
        let round_trip = Duration::from_millis(900);
        let figures = LinkFigures { round_trip, sent: 4, lost: 4, ..LinkFigures::default() };
        assert_eq!(budget.steer(figures, Told::default(), 16), START_BYTES_S);
    }

    #[test]
    fn many_clients_share_what_a_room_may_send() {
        for (clients, most) in [(1, CEILING_BYTES_S), (300, CEILING_BYTES_S), (1_000, 12_000), (5_000, FLOOR_BYTES_S)] {
            let mut budget = Budget::default();
            for n in 1..=60 {
                let round_trip = Duration::from_millis(30);
                let bytes = n * u64::from(CEILING_BYTES_S) / LOOKS_S;
                let figures =
                    LinkFigures { round_trip, sent: n * 100, bytes, arrived: bytes, ..LinkFigures::default() };
                budget.steer(figures, Told::default(), clients);
            }
            assert_eq!(budget.bytes_s(), most, "{clients} clients");
        }
    }

    #[test]
    fn a_share_leaves_room_for_a_larger_picture_however_many_there_are() {
        let shares = [(1, 24_000), (128, 8_000), (1_000, 7_800), (1_500, 5_600), (2_000, 4_200), (5_000, 4_000)];
        for (clients, share_bytes_s) in shares {
            assert_eq!(share(clients), share_bytes_s, "{clients} clients");
        }
    }

    #[test]
    fn who_needs_little_is_allowed_little_more() {
        let (mut line, mut budget) = (Line::new(0.0, WIDE, true, 30), Budget::default());
        for _ in 0..60 {
            line.figures.sent += 8;
            line.figures.bytes += 9_000 / LOOKS_S;
            line.figures.arrived += 9_000 / LOOKS_S;
            line.figures.round_trip = Duration::from_millis(30);
            budget.steer(line.figures, Told::default(), 16);
        }
        assert!((12_000..=13_500).contains(&budget.bytes_s()), "{} for 9,000 used", budget.bytes_s());
        line.seconds(&mut budget, 5);
        assert_eq!(budget.bytes_s(), CEILING_BYTES_S, "and all of it within five seconds of need");
    }

    #[test]
    fn a_queue_that_was_another_s_is_forgotten_soon() {
        let (mut line, mut budget) = (Line::new(0.0, WIDE, true, 30), Budget::default());
        line.seconds(&mut budget, 20);
        line.rtt_ms = 150;
        line.seconds(&mut budget, 2);
        line.rtt_ms = 30;
        let after = line.seconds(&mut budget, 15);
        assert_eq!(after.last(), Some(&CEILING_BYTES_S), "{after:?}");
    }
}
