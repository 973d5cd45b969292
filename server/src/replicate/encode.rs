//! Chooses what one client is told in one tick and puts it into datagrams.
//!
//! It walks the groups that changed within the client's window, picks the most urgent under the budget,
//! and writes their sections, which are worked out once for all; things are walked at the rim of the
//! client's reach alone, where it is told of a part of a group.

use std::collections::BinaryHeap;

use gamera_protocol::bits::BitWriter;
use gamera_protocol::entropy::RangeWriter;
use gamera_protocol::measure::{Pos, TICK_HZ, Tick, ticks_tenths};
use gamera_protocol::snapshot::group::{GroupId, Tier};
use gamera_protocol::snapshot::section::{LIST_BITS_MAX, TITLE_BITS_MAX, sort_as_they_follow, write_list};
use gamera_protocol::snapshot::{DATAGRAM_MAX, Header, OwnState, SECTIONS_MAX, Version, Window};
use gamera_protocol::view::OwnView;

use crate::replicate::arrivals::Arrivals;
use crate::replicate::client::ClientReplica;
use crate::replicate::cut::Cut;
use crate::replicate::group_set::SlotSet;
use crate::replicate::history::BASE_TICKS;
use crate::replicate::interest::{Calendar, DETAILS, Detail, distance2_m};
use crate::replicate::picture::Picture;
use crate::replicate::policy::{HeldGroup, Start};
use crate::replicate::sections::{Wish, Written};

/// The faction's view is told this often at most, and again at least so often.
const TEAM_TICKS: u32 = ticks_tenths(2);
const TEAM_AGAIN_TICKS: u32 = ticks_tenths(20);
/// The density is told this often.
const DENSITY_TICKS: u32 = TICK_HZ;
/// Where its line bears nothing more a client is told of its own unit every so many ticks still: 15 a second.
const POOR_TICKS: u32 = 2;

/// Bits of the sum, the head of the list, and what the coder loses in the end.
const TAIL_BITS: usize = 16 + LIST_BITS_MAX + 32;
/// Bits of a section's title as a rule.
const TITLE_BITS_USUAL: u32 = 2;

/// A group that is due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Due {
    group: GroupId,
    start: Version,
    is_cut: bool,
}

/// Memory that is used again for each client.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    listed: Vec<Due>,
    chosen: Vec<Written>,
    /// Those of one datagram, and memory to sort them.
    datagram: Vec<Written>,
    aside: Vec<Written>,
    /// Places that are told of now, and those of which nothing has to be told.
    told: SlotSet,
    settled: SlotSet,
    heap: BinaryHeap<(u32, Due)>,
    /// What has arrived, where that is asked.
    arrivals: Arrivals,
    stream: RangeWriter,
    writer: BitWriter,
    calendar: Calendar,
}

/// Hands this tick's datagrams for one client to `send`.
pub(super) fn encode(
    picture: &mut Picture,
    client: &mut ClientReplica,
    own: Option<&OwnView>,
    scratch: &mut Scratch,
    mut send: impl FnMut(&[u8]),
) {
    let tick = picture.tick;
    picture.look_roughly();
    let before = client.told;
    let allowance = client.budget.fill(tick);
    let anchor = own.map_or(client.camera, |own| own.mover.pos);
    let window = client.move_window(anchor, picture);
    gather(picture, client, window);
    if client.budget.is_line_spent() && before.is_some_and(|before| tick.since(before) < POOR_TICKS) {
        return;
    }
    client.told = Some(tick);
    let mut head = Head::new(picture, client, own, window, std::mem::take(&mut scratch.writer));
    collect(picture, client, anchor, window, before, scratch);
    if client.rings.is_any_rough {
        picture.rough.want(tick, detail(client).is_coarse);
    }
    let is_all = choose(picture, client, anchor, window, scratch, allowance - head.bits() as i64);
    client.budget.adapt(!is_all);
    let Scratch { chosen, datagram, aside, stream, .. } = scratch;
    let mut is_bare = false;
    loop {
        let count = fitting(chosen, Version::at(tick), DATAGRAM_MAX * 8 - head.bits() - TAIL_BITS);
        assert!(count > 0 || !is_bare || chosen.is_empty(), "a section that no datagram has room for: {:?}", chosen[0]);
        // A group that needs more room than this head leaves goes into a datagram of its own.
        datagram.clear();
        datagram.extend(chosen.drain(..count));
        let writer = head.finish(picture, client, window, (&mut *datagram, aside, stream), &mut send);
        if chosen.is_empty() {
            scratch.writer = writer;
            return;
        }
        head = Head::bare(tick, client, window, writer);
        is_bare = true;
    }
}

/// Marks what has changed since the client was served last.
fn gather(picture: &Picture, client: &mut ClientReplica, window: Window) {
    for publication in client.served + 1..=picture.publications() {
        match picture.changed_in(publication) {
            Some(changed) => client.dirty.add_within(window, changed),
            None => {
                client.dirty.add_within(window, &picture.known);
                break;
            }
        }
    }
    client.served = picture.publications();
}

/// Lists what is due now.
fn collect(
    picture: &Picture,
    client: &mut ClientReplica,
    anchor: Pos,
    window: Window,
    before: Option<Tick>,
    scratch: &mut Scratch,
) {
    let tick = picture.tick;
    scratch.listed.clear();
    (scratch.told, scratch.settled) = Default::default();
    client.rings.draw(anchor, window, client.reach_m, detail(client));
    client.note_reach(tick, anchor);
    let mut due = client.rings.due(&scratch.calendar, before, tick);
    due.add_common(&client.urgent, &client.dirty);
    due.keep(&marked(picture, client, window));
    scratch.arrivals.clear();
    if client.policy.asks_what_is_known() {
        scratch.arrivals.find(client);
    }
    let mut missed = SlotSet::default();
    due.each_in(window, |group| {
        let slot = group.slot();
        if client.rings.rough.contains(slot) && !picture.rough.is_fresh(group, tick) {
            missed.insert(slot);
            return;
        }
        let is_cut = !client.rings.inside.contains(slot);
        let sent = client.sent(slot);
        let known = scratch.arrivals.of(slot).map_or(sent, |arrived| arrived.version);
        let held = HeldGroup { sent, known, group, on_their_way: &client.sent };
        if let Start::From(start) = client.policy.start(&held) {
            scratch.listed.push(Due { group, start, is_cut });
        }
    });
    // What is told roughly is told when it has been looked at.
    client.urgent.add(&missed);
}

/// How well the client is told: as its budget allows, and the machine.
fn detail(client: &ClientReplica) -> Detail {
    DETAILS[client.budget.step].relieved(client.coarse)
}

/// The places that may have something to tell: what changed within the reach; at its rim, where what is
/// told changes with the own unit's every step, all that holds something; and what is held beyond it.
fn marked(picture: &Picture, client: &ClientReplica, window: Window) -> SlotSet {
    let mut marked = client.filled.clone();
    marked.add(&client.doubted);
    marked.take_out(&client.rings.inside);
    let mut occupied = SlotSet::default();
    occupied.add_within(window, &picture.occupied);
    marked.add_common(&client.rings.rim, &occupied);
    // A camera that jumps has cells within its reach of which only a part was told.
    let mut in_part = occupied;
    in_part.take_out(&client.sent_whole);
    marked.add_common(&client.rings.inside, &in_part);
    marked.add_common(&client.rings.inside, &client.dirty);
    marked
}

/// What is near and has waited comes first; what everybody follows is as urgent as what is at hand.
fn urgency(group: GroupId, anchor: Pos, waited: u32) -> u32 {
    /// At this distance a group is half as urgent as at hand.
    const HALF_M: u32 = 64;
    const AT_HAND: u32 = 64;
    let weight = match group.tier() {
        Tier::Giants => AT_HAND,
        Tier::Outposts => 2,
        Tier::Cells => (AT_HAND * HALF_M * HALF_M / (HALF_M * HALF_M + distance2_m(group, anchor))).max(1),
    };
    // Once a base is forgotten a group costs several times as much.
    let hurry = if waited >= BASE_TICKS / 2 { 4 } else { 1 };
    (waited + 1).min(1 << 16) * weight * hurry
}

/// Takes what is due into `chosen`, in the window's order: all of it, or the most urgent until `bits` are
/// used up; what is left stays due. Returns whether it was all.
fn choose(
    picture: &mut Picture,
    client: &mut ClientReplica,
    anchor: Pos,
    window: Window,
    scratch: &mut Scratch,
    bits: i64,
) -> bool {
    // Whoever fell short the last time is likely to do so again.
    let mut is_all = !client.budget.is_short() && take(picture, client, anchor, scratch, bits, Order::Window);
    if !is_all {
        is_all = take(picture, client, anchor, scratch, bits, Order::Urgency);
        scratch.chosen.sort_unstable_by_key(|written| window.order_of(written.title.group));
    }
    let Scratch { listed, chosen, told, settled, .. } = scratch;
    chosen.iter().for_each(|written| told.insert(written.title.group.slot()));
    // What is told roughly and found no room has its next chance at the next look, not at its next turn.
    for due in listed.iter().filter(|due| !is_all && client.rings.rough.contains(due.group.slot())) {
        client.urgent.insert(due.group.slot());
    }
    client.turn_to(told, picture.tick);
    client.doubted.take_out(told);
    client.unmark(told);
    client.unmark(settled);
    is_all
}

/// In which order it is looked at what is due.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Window,
    Urgency,
}

/// Takes what is due into `chosen` until `bits` are used up; returns whether nothing was left.
fn take(
    picture: &mut Picture,
    client: &ClientReplica,
    anchor: Pos,
    scratch: &mut Scratch,
    bits: i64,
    order: Order,
) -> bool {
    let tick = picture.tick;
    let Scratch { listed, chosen, settled, heap, arrivals, .. } = scratch;
    chosen.clear();
    let mut left = bits;
    let plain = plain(client);
    let mut put = |due: Due| {
        let has_room = left > 0 && chosen.len() < SECTIONS_MAX;
        if has_room {
            let is_plain = plain.contains(due.group.slot()) && arrivals.of(due.group.slot()).is_none();
            let step = if is_plain { picture.step(due.group, due.start) } else { None };
            match step.or_else(|| picture.section(&wish(client, arrivals, anchor, due, tick))) {
                Some(written) => {
                    left -= i64::from(written.bits + TITLE_BITS_USUAL);
                    chosen.push(written);
                }
                None => settled.insert(due.group.slot()),
            }
        }
        has_room
    };
    if order == Order::Window {
        return listed.iter().all(|due| put(*due));
    }
    heap.clear();
    heap.extend(listed.iter().map(|due| {
        let waited = tick.since(client.held(due.group.slot()).told);
        (urgency(due.group, anchor, waited), *due)
    }));
    while let Some((_, due)) = heap.pop() {
        if !put(due) {
            return false;
        }
    }
    true
}

/// The places of whose groups the client holds all, exactly and for sure, and is to hold all and exactly.
fn plain(client: &ClientReplica) -> SlotSet {
    let mut plain = client.rings.inside.clone();
    plain.keep(&client.sent_whole);
    [&client.sent_rough, &client.rings.rough, &client.unsure].into_iter().for_each(|other| plain.take_out(other));
    plain
}

/// What the client holds of a group that is due, and is to hold.
fn wish(client: &ClientReplica, arrivals: &Arrivals, anchor: Pos, due: Due, tick: Tick) -> Wish {
    let Due { group, start, is_cut } = due;
    let slot = group.slot();
    let cut = if is_cut { Cut::Around(anchor, client.reach_m as u16, client.afar) } else { Cut::Whole };
    let arrived = arrivals.of(slot).filter(|arrived| arrived.version == start);
    let form = arrived.map_or_else(|| client.form(slot), |arrived| arrived.form);
    // Of what nobody remembers nothing can be gone on from.
    let known = client.cut_at(start, form.whole);
    let (label, base_cut) = known.map_or((Version::NONE, Cut::Whole), |cut| (start, cut));
    let doubted = client.doubted.contains(slot) || client.filled.contains(slot);
    let rough = client.rings.rough.contains(slot);
    // Who may have got another word since must be told even what is as it was.
    let unsure = client.unsure.contains(slot) || arrived.is_some_and(|arrived| arrived.later > 0);
    Wish { group, label, base_cut, was_rough: form.rough, cut, rough, now: Version::at(tick), doubted, unsure }
}

/// How many of `chosen` fit into `bits`.
fn fitting(chosen: &[Written], now: Version, bits: usize) -> usize {
    let most = |written: &Written| written.bits as usize + TITLE_BITS_MAX;
    if chosen.iter().map(most).sum::<usize>() <= bits {
        return chosen.len();
    }
    let mut left = bits;
    let fits = |written: &&Written| {
        let cost = written.bits as usize + written.title.bits(now);
        let has_room = cost <= left;
        left = left.saturating_sub(cost);
        has_room
    };
    chosen.iter().take_while(fits).count()
}

/// A datagram that has its head and no sections yet.
struct Head {
    writer: BitWriter,
    /// Whether it tells of the team, and of more of the own unit than how it moves.
    team: bool,
    own: bool,
}

impl Head {
    /// The first datagram of a tick, with the own unit and what else is due.
    fn new(
        picture: &Picture,
        client: &mut ClientReplica,
        own: Option<&OwnView>,
        window: Window,
        mut writer: BitWriter,
    ) -> Head {
        let tick = picture.tick;
        Header::write_start(client.next_sequence() as u16, tick, window, client.echo, &mut writer);
        let state = own.map(OwnState::of).filter(|state| client.own_told != Some(*state));
        client.own_told = state.or(client.own_told);
        Header::write_own(own, state.as_ref(), window, &mut writer);
        let team = is_team_due(picture, client);
        Header::write_shared(team.then(|| picture.team_bits.bits()), &mut writer);
        if team {
            client.team_edition = picture.team_bits.edition;
            client.team_told = tick;
        }
        let density = !team
            && picture.density_bits.edition > 0
            && client.density_told.is_none_or(|told| tick.since(told) >= DENSITY_TICKS);
        Header::write_shared(density.then(|| picture.density_bits.bits()), &mut writer);
        if density {
            client.density_told = Some(tick);
        }
        Head { writer, team, own: state.is_some() }
    }

    /// A further datagram of the same tick.
    fn bare(tick: Tick, client: &ClientReplica, window: Window, mut writer: BitWriter) -> Head {
        Header::write_start(client.next_sequence() as u16, tick, window, None, &mut writer);
        Header::write_own(None, None, window, &mut writer);
        Header::write_shared(None, &mut writer);
        Header::write_shared(None, &mut writer);
        Head { writer, team: false, own: false }
    }

    fn bits(&self) -> usize {
        self.writer.len_bits()
    }

    /// Puts the sections behind the head and sends the datagram; `chosen` stand in the window's order and end in
    /// that in which they follow. Returns the writer, which is empty.
    fn finish(
        self,
        picture: &Picture,
        client: &mut ClientReplica,
        window: Window,
        (chosen, aside, stream): (&mut Vec<Written>, &mut Vec<Written>, &mut RangeWriter),
        send: impl FnOnce(&[u8]),
    ) -> BitWriter {
        let mut w = self.writer;
        let check = chosen.iter().fold(0_u16, |sum, written| sum.wrapping_add(written.check));
        Header::write_tail(check, &mut w);
        write_list(chosen.iter().map(|written| written.title), window, Version::at(picture.tick), stream);
        sort_as_they_follow(chosen, aside, Version::at(picture.tick), |written| written.title);
        for written in &*chosen {
            picture.sections().put(written, stream);
            client.record_section(written);
        }
        stream.finish_into(&mut w);
        let bytes = w.bytes();
        assert!(bytes.len() <= DATAGRAM_MAX, "a datagram of {} bytes", bytes.len());
        client.record(chosen.len() as u16, self.team, self.own, bytes.len());
        send(bytes);
        w.clear();
        w
    }
}

fn is_team_due(picture: &Picture, client: &ClientReplica) -> bool {
    let edition = picture.team_bits.edition;
    let waited = picture.tick.since(client.team_told);
    edition > 0
        && (client.team_edition == 0
            || client.team_edition != edition && waited >= TEAM_TICKS
            || waited >= TEAM_AGAIN_TICKS)
}
