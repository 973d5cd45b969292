//! One client's side of replication at the server: what it holds, what is on its way, and how many
//! bytes it may be sent.

use std::collections::VecDeque;

use gamera_protocol::ids::{SeatId, Viewer};
use gamera_protocol::measure::{Pos, Tick};
use gamera_protocol::snapshot::group::{self, GroupId, SLOTS};
use gamera_protocol::snapshot::section::Title;
use gamera_protocol::snapshot::{Acks, InputEcho, Nack, OwnState, REORDER_DATAGRAMS, Version, Window, widen_sequence};

use crate::replicate::budget::{Budget, PACKET_BYTES};
use crate::replicate::cut::{Afar, Cut};
use crate::replicate::group_set::SlotSet;
use crate::replicate::interest::{REACH_M, Rings};
use crate::replicate::picture::Picture;
use crate::replicate::policy::{BasePolicy, Chain, Known};
use crate::replicate::sections::Written;

/// Datagrams on their way at most; older ones count as lost.
const FLIGHT_MAX: usize = 128;
/// Ticks of which it is known how far a client saw: at least as many as a base may be old.
const REACHES: usize = 128;

/// From the first share of losses on, thousandths, and down to the second, what is sent starts from what is known to
/// have arrived: a chain would be broken so often that a fifth of what is near waits for a repair.
const LOSSY_PERMILLE: (u32, u32) = (40, 25);

/// One place of the table: what each tick reads, kept small, for a thousand clients' tables are more
/// than a processor's cache.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    /// The last version sent and not known to be lost.
    pub(super) sent: Version,
    /// The tick of the last section, or of the entry into the window.
    pub(super) told: Tick,
}

impl Held {
    const fn told_in(tick: Tick) -> Held {
        Held { sent: Version::at(tick), told: tick }
    }
}

/// A section on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) group: GroupId,
    pub(super) base: Version,
    pub(super) version: Version,
    /// What the base was, and what it leads to.
    pub(super) base_form: Form,
    pub(super) form: Form,
    /// True where it started from what the client did not get, or its group has left the window: what
    /// becomes of it is all the same.
    pub(super) is_void: bool,
}

/// In which form a client holds a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Form {
    /// All of it.
    pub(super) whole: bool,
    /// As it is told of from afar.
    pub(super) rough: bool,
}

/// A datagram on its way.
#[derive(Clone, Copy, Debug)]
struct Flight {
    sequence: u32,
    sections: u16,
    team: bool,
    own: bool,
    arrived: bool,
}

/// Counts for the metrics.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClientFigures {
    /// Datagrams sent.
    pub datagrams: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Sections in them.
    pub sections: u64,
    /// Sections that carried a whole group.
    pub full_sections: u64,
    /// Datagrams taken for lost.
    pub lost: u64,
    /// Groups that the client asked for.
    pub nacks: u64,
}

/// One client's replication state: what it holds, its budget, its interest.
pub struct ClientReplica {
    pub(super) viewer: Viewer,
    pub(super) seat: Option<SeatId>,
    /// What it is told of from afar.
    pub(super) afar: Afar,
    pub(super) policy: &'static dyn BasePolicy,
    /// For each place, what it held when it was told last; but of those told in the last tick, see `fresh`.
    held: Vec<Held>,
    /// Places told in the last tick in which the client was, and that tick: nearly all are told in each, and so
    /// neither read nor written one by one, for the table is seldom in a processor's cache.
    fresh: SlotSet,
    freshened: Tick,
    /// For each place, the first datagram of its group's stay in the window.
    since: Vec<u32>,
    /// Places in which the client may hold something that is not known here, so even nothing must be told.
    pub(super) doubted: SlotSet,
    /// Places whose group may differ from what was sent.
    pub(super) dirty: SlotSet,
    /// Those of them that wait for no due tick: groups that are new to the client, and repairs.
    pub(super) urgent: SlotSet,
    /// Places of whose group the client holds something.
    pub(super) filled: SlotSet,
    /// Places of whose group the version sent was the whole, and not empty.
    pub(super) sent_whole: SlotSet,
    /// Places of whose group it was told roughly.
    pub(super) sent_rough: SlotSet,
    /// Places whose rough content the client may hold, or what it was told exactly since: only a new word makes
    /// it sure, for what came and went between two rough looks changed nothing in them.
    pub(super) unsure: SlotSet,
    /// Where the client was, and how far it saw, in the last ticks.
    reaches: [(Tick, Pos, u16); REACHES],
    pub(super) window: Option<Window>,
    pub(super) camera: Pos,
    pub(super) echo: Option<InputEcho>,
    pub(super) budget: Budget,
    pub(super) reach_m: i32,
    /// The least strain, whatever the budget allows.
    pub(super) coarse: u32,
    pub(super) rings: Rings,
    /// The last publication served.
    pub(super) served: u32,
    /// The tick in which it was told last.
    pub(super) told: Option<Tick>,
    /// The edition of the team's view that the client has, and when it was told.
    pub(super) team_edition: u32,
    pub(super) team_told: Tick,
    pub(super) density_told: Option<Tick>,
    /// What the client was told of its own unit besides how it moves, unless that was lost.
    pub(super) own_told: Option<OwnState>,
    pub(super) figures: ClientFigures,
    /// The last sequence number given.
    sequence: u32,
    flights: VecDeque<Flight>,
    /// The sections of the datagrams on their way.
    pub(super) sent: VecDeque<Sent>,
    newest_acked: u32,
    /// Datagrams before this one are not waited for: the client has asked for what they carried.
    given_up: u32,
    /// The last datagram before the last repair.
    repaired: u32,
    /// The datagram that told of the last groups dropped.
    dropped: u32,
}

impl ClientReplica {
    /// A client that holds nothing. Without a seat it is a spectator that follows its camera.
    #[must_use]
    pub fn new(viewer: Viewer, seat: Option<SeatId>) -> ClientReplica {
        ClientReplica::with_policy(viewer, seat, &Chain)
    }

    /// The same with another choice of bases.
    #[must_use]
    pub fn with_policy(viewer: Viewer, seat: Option<SeatId>, policy: &'static dyn BasePolicy) -> ClientReplica {
        ClientReplica {
            viewer,
            seat,
            afar: Afar::to(viewer.side()),
            policy,
            held: vec![Held::default(); SLOTS],
            fresh: SlotSet::default(),
            freshened: Tick(0),
            since: vec![0; SLOTS],
            doubted: SlotSet::default(),
            dirty: SlotSet::default(),
            urgent: SlotSet::default(),
            filled: SlotSet::default(),
            sent_whole: SlotSet::default(),
            sent_rough: SlotSet::default(),
            unsure: SlotSet::default(),
            reaches: [Default::default(); REACHES],
            window: None,
            camera: Pos::default(),
            echo: None,
            budget: Budget::default(),
            reach_m: i32::from(REACH_M),
            coarse: 0,
            rings: Rings::default(),
            served: 0,
            told: None,
            team_edition: 0,
            team_told: Tick(0),
            density_told: None,
            own_told: None,
            figures: ClientFigures::default(),
            sequence: 0,
            flights: VecDeque::new(),
            sent: VecDeque::new(),
            newest_acked: 0,
            given_up: 0,
            repaired: 0,
            dropped: 0,
        }
    }

    /// Bytes that this client may be sent in any second from now on: the net layer steers it by loss and delay.
    pub fn set_budget(&mut self, bytes_s: u32) {
        self.budget.set_line(bytes_s);
    }

    /// Bytes a second that it may be sent over time; where none is said, only [`Self::set_budget`] counts.
    pub fn set_share(&mut self, bytes_s: u32) {
        self.budget.set_share(bytes_s);
    }

    /// True where the budget of its line, and not its share, kept something back the last time.
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        self.budget.is_held_back()
    }

    /// Bytes that go out to the client besides snapshots: its budget pays for them.
    pub fn charge(&mut self, bytes: usize) {
        self.budget.take(bytes);
    }

    /// The line has carried so many bytes to the client in all, QUIC's own among them: what nobody has
    /// paid for yet its budget does now.
    pub fn charge_up_to(&mut self, bytes: u64) {
        self.budget.take_rest(bytes);
    }

    /// How far the client is told of things one by one, metres: at most 960.
    pub fn set_reach(&mut self, metres: u16) {
        self.reach_m = i32::from(metres);
    }

    /// Halves the rate of what is not close this many times, whatever the budget allows.
    pub fn set_coarse(&mut self, halvings: u32) {
        self.coarse = halvings;
    }

    /// Chooses the bases of what is sent from now on by how much of it the line loses.
    pub fn set_loss(&mut self, permille: u32) {
        let is_lossy = self.policy.asks_what_is_known();
        let from = if is_lossy { LOSSY_PERMILLE.1 } else { LOSSY_PERMILLE.0 };
        self.policy = if permille >= from { &Known } else { &Chain };
    }

    /// A spectator's camera: the middle of what is told in full.
    pub fn look_at(&mut self, pos: Pos) {
        self.camera = group::clamp(pos);
    }

    /// The newest input that entered a step, and how many ticks before its use it came (negative:
    /// late). The client is told and steers its clock by it.
    pub fn used_input(&mut self, newest: Tick, early_ticks: i8) {
        self.echo = Some(InputEcho { newest, early_ticks });
    }

    /// Whose eyes it looks through.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        self.viewer
    }

    /// Counts for the metrics.
    #[must_use]
    pub fn figures(&self) -> ClientFigures {
        self.figures
    }

    /// A client's acknowledgements out of an input datagram.
    pub fn acknowledge(&mut self, acks: &Acks) {
        let Some(newest) = acks.newest.map(|wire| widen_sequence(self.sequence, wire)) else { return };
        if newest == 0 || newest > self.sequence {
            return;
        }
        let is_newest = newest >= self.newest_acked;
        self.newest_acked = self.newest_acked.max(newest);
        for flight in &mut self.flights {
            let back = newest.wrapping_sub(flight.sequence);
            flight.arrived |= back == 0 || (1..=64).contains(&back) && acks.earlier >> (back - 1) & 1 == 1;
        }
        // Words of before the last repair was sent say nothing new.
        let asks = is_newest && !acks.nacks.is_empty() && newest > self.repaired;
        if asks {
            self.given_up = newest;
        }
        self.settle();
        if asks {
            self.repair(&acks.nacks, newest);
        }
    }

    /// Judges the oldest datagrams on their way, as far as it is known what became of them.
    fn settle(&mut self) {
        while let Some(flight) = self.flights.front().copied() {
            let is_late = flight.sequence + REORDER_DATAGRAMS < self.newest_acked;
            let overdue = is_late || flight.sequence < self.given_up || self.flights.len() > FLIGHT_MAX;
            if !flight.arrived && !overdue {
                break;
            }
            self.flights.pop_front();
            let sections = self.sent.drain(..usize::from(flight.sections));
            if !flight.arrived {
                let lost = sections.collect();
                self.lose(lost);
                self.figures.lost += 1;
                self.team_edition = if flight.team { 0 } else { self.team_edition };
                self.own_told = self.own_told.filter(|_| !flight.own);
            }
        }
    }

    /// The client did not get these sections: what was sent after them and starts from one of them is void. Where
    /// that was the last word on a group, it is told from the newest one that it may have got.
    fn lose(&mut self, mut lost: Vec<Sent>) {
        lost.retain(|sent| !sent.is_void);
        let (mut broken, mut missing) = (SlotSet::default(), Vec::new());
        for sent in &lost {
            broken.insert(sent.group.slot());
            missing.push((sent.group.slot(), sent.version));
        }
        for later in self.sent.iter_mut().filter(|later| !later.is_void) {
            let slot = later.group.slot();
            if broken.contains(slot) && missing.contains(&(slot, later.base)) {
                later.is_void = true;
                missing.push((slot, later.version));
            }
        }
        for Sent { group, base, base_form, .. } in lost {
            let slot = group.slot();
            if missing.contains(&(slot, self.held(slot).sent)) {
                let newest = self.sent.iter().rev().find(|sent| sent.group == group && !sent.is_void);
                let (version, form) = newest.map_or((base, base_form), |sent| (sent.version, sent.form));
                self.revert(slot, version, form);
            }
        }
    }

    /// The client cannot go on with some groups; it speaks of the datagrams up to `newest`. A section
    /// that cannot be read hides those behind it, so of younger datagrams nobody knows what was read:
    /// all goes on from what is sure, which the client keeps for a while.
    fn repair(&mut self, nacks: &[Nack], newest: u32) {
        let mut seen = SlotSet::default();
        for at in 0..self.sent.len() {
            let Sent { group, base, base_form, is_void, .. } = self.sent[at];
            self.sent[at].is_void = true;
            // What its first section on the way started from is what is known to have arrived.
            if !is_void && !seen.contains(group.slot()) {
                seen.insert(group.slot());
                self.revert(group.slot(), base, base_form);
            }
        }
        for nack in nacks {
            let slot = nack.group.slot();
            if self.window.is_some_and(|window| window.holds(nack.group)) && newest >= self.since[slot] {
                self.figures.nacks += 1;
                match self.form_of(*nack) {
                    Some(form) => self.revert(slot, nack.held, form),
                    None => self.revert(slot, Version::NONE, Form::default()),
                }
            }
        }
        self.repaired = self.sequence;
    }

    /// In which form the client that says it holds this version does, if it was told of that.
    fn form_of(&self, nack: Nack) -> Option<Form> {
        let slot = nack.group.slot();
        if self.held(slot).sent == nack.held {
            return Some(self.form(slot));
        }
        let is_it = |sent: &&Sent| sent.group == nack.group && sent.version == nack.held;
        self.sent.iter().rev().find(is_it).map(|sent| sent.form)
    }

    /// The form of the version sent of a place's group.
    pub(super) fn form(&self, slot: usize) -> Form {
        Form { whole: self.sent_whole.contains(slot), rough: self.sent_rough.contains(slot) }
    }

    /// The sections whose datagrams are not judged yet, in order, and whether they are known to have arrived.
    pub(super) fn on_their_way(&self) -> impl Iterator<Item = (&Sent, bool)> {
        let arrived = self.flights.iter().flat_map(|f| std::iter::repeat_n(f.arrived, f.sections.into()));
        self.sent.iter().zip(arrived)
    }

    /// How much of a group the client holds as of `label`; `None` where nobody remembers.
    pub(super) fn cut_at(&self, label: Version, whole: bool) -> Option<Cut> {
        if whole {
            return Some(Cut::Whole);
        }
        let (tick, anchor, reach_m) = self.reaches[label.0 as usize % REACHES];
        (Version::at(tick) == label).then_some(Cut::Around(anchor, reach_m, self.afar))
    }

    /// Notes how far the client is told of things in `tick`.
    pub(super) fn note_reach(&mut self, tick: Tick, anchor: Pos) {
        self.reaches[Version::at(tick).0 as usize % REACHES] = (tick, anchor, self.reach_m as u16);
    }

    /// Goes back to what the client holds: all that was sent since is void.
    fn revert(&mut self, slot: usize, to: Version, form: Form) {
        self.held[slot] = Held { sent: to, ..self.held(slot) };
        self.fresh.remove(slot);
        self.sent_whole.set(slot, form.whole);
        self.sent_rough.set(slot, form.rough);
        self.unsure.set(slot, form.rough);
        self.filled.insert(slot);
        if !to.is_some() {
            self.doubted.insert(slot);
        }
        self.dirty.insert(slot);
        self.urgent.insert(slot);
    }

    /// Takes the marks off places: the client has what is there.
    pub(super) fn unmark(&mut self, slots: &SlotSet) {
        self.dirty.take_out(slots);
        self.urgent.take_out(slots);
    }

    /// The number of the next datagram; [`Self::record`] gives it.
    pub(super) fn next_sequence(&self) -> u32 {
        self.sequence + 1
    }

    /// The last version sent of a place's group and not known to be lost; none where nothing of it is held for sure.
    pub(super) fn sent(&self, slot: usize) -> Version {
        let is_bare = !self.fresh.contains(slot) && !self.filled.contains(slot) && !self.doubted.contains(slot);
        if is_bare { Version::NONE } else { self.held(slot).sent }
    }

    /// What was sent of a place's group, and when.
    pub(super) fn held(&self, slot: usize) -> Held {
        if self.fresh.contains(slot) { Held::told_in(self.freshened) } else { self.held[slot] }
    }

    /// In `tick` other places are told than in the last one: of those that are not among them it is noted when
    /// they were. Before the first section of a tick is recorded.
    pub(super) fn turn_to(&mut self, told: &SlotSet, tick: Tick) {
        let was = Held::told_in(self.freshened);
        self.fresh.take_out(told);
        let ClientReplica { held, fresh, .. } = self;
        fresh.each(|slot| held[slot] = was);
        self.fresh = SlotSet::default();
        self.freshened = tick;
    }

    /// Notes a section that the next datagram carries, after [`Self::turn_to`].
    pub(super) fn record_section(&mut self, written: &Written) {
        let Title { group, base, version, rough } = written.title;
        let base = base.version();
        let slot = group.slot();
        self.fresh.insert(slot);
        let base_form = Form { whole: written.base_whole, rough: written.was_rough };
        let form = Form { whole: written.whole, rough };
        self.sent_whole.set(slot, form.whole);
        self.sent_rough.set(slot, form.rough);
        self.figures.full_sections += u64::from(!base.is_some());
        self.unsure.remove(slot);
        self.filled.set(slot, !written.is_empty);
        self.sent.push_back(Sent { group, base, version, base_form, form, is_void: false });
        self.figures.sections += 1;
    }

    /// Notes that a datagram goes out with the sections recorded since the last.
    pub(super) fn record(&mut self, sections: u16, team: bool, own: bool, bytes: usize) {
        self.sequence += 1;
        self.flights.push_back(Flight { sequence: self.sequence, sections, team, own, arrived: false });
        self.figures.datagrams += 1;
        self.figures.bytes += bytes as u64;
        self.budget.take(bytes + PACKET_BYTES);
        self.settle();
    }

    /// Moves the window to `anchor`; drops what leaves it and lets in what enters.
    pub(super) fn move_window(&mut self, anchor: Pos, picture: &Picture) -> Window {
        let window = Window::around(anchor, self.budget.detail().narrowed(Window::radius_for(self.reach_m)));
        let before = self.window.replace(window);
        if before != Some(window) {
            before.into_iter().for_each(|before| self.drop_outside(window, before));
            self.let_in(window, before, picture);
        }
        window
    }

    fn drop_outside(&mut self, window: Window, before: Window) {
        let mut left = SlotSet::default();
        before.groups().filter(|group| !window.holds(*group)).for_each(|group| left.insert(group.slot()));
        self.unmark(&left);
        self.doubted.take_out(&left);
        self.filled.take_out(&left);
        for sent in self.sent.iter_mut().filter(|sent| left.contains(sent.group.slot())) {
            sent.is_void = true;
        }
        self.dropped = if left.is_empty() { self.dropped } else { self.sequence + 1 };
    }

    fn let_in(&mut self, window: Window, before: Option<Window>, picture: &Picture) {
        // Until the client has heard of the last drop, it may still hold what comes back.
        let doubt = self.newest_acked < self.dropped;
        for group in window.groups().filter(|group| before.is_none_or(|before| !before.holds(*group))) {
            let slot = group.slot();
            self.held[slot] = Held { sent: Version::NONE, told: picture.tick };
            self.fresh.remove(slot);
            self.since[slot] = self.sequence + 1;
            self.sent_whole.remove(slot);
            self.unsure.remove(slot);
            self.urgent.insert(slot);
            if doubt {
                self.doubted.insert(slot);
            }
            if picture.occupied.contains(group) || doubt && picture.known.contains(group) {
                self.dirty.insert(slot);
            }
        }
    }
}
