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
use gamera_protocol::snapshot::section::{LIST_BITS_MAX, sort_as_they_follow, write_list};
use gamera_protocol::snapshot::{DATAGRAM_MAX, Header, OwnState, SECTIONS_MAX, Version, Window};
use gamera_protocol::view::OwnView;

use crate::replicate::client::ClientReplica;
use crate::replicate::cut::Cut;
use crate::replicate::group_set::SlotSet;
use crate::replicate::interest::{Calendar, distance2_m};
use crate::replicate::picture::Picture;
use crate::replicate::policy::Start;
use crate::replicate::sections::{Wish, Written};

/// The faction's view is told this often at most, and again at least so often.
const TEAM_TICKS: u32 = ticks_tenths(2);
const TEAM_AGAIN_TICKS: u32 = ticks_tenths(20);
/// The density is told this often.
const DENSITY_TICKS: u32 = TICK_HZ;
/// Without budget a client is told of its own unit every so many ticks still: 15 a second.
const POOR_TICKS: u32 = 2;

/// Bits of the sum, the head of the list, and what the coder loses in the end.
const TAIL_BITS: usize = 16 + LIST_BITS_MAX + 32;
/// Bits of a section's title as a rule.
const TITLE_BITS_USUAL: usize = 2;

/// A group that is due. The order is that of urgency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Due {
    urgency: u32,
    group: GroupId,
    start: Version,
    is_cut: bool,
}

/// Memory that is used again for each client.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    listed: Vec<Due>,
    chosen: Vec<Written>,
    settled: Vec<usize>,
    stream: RangeWriter,
    calendar: Calendar,
}

/// Appends this tick's datagrams for one client.
pub(super) fn encode(
    picture: &mut Picture,
    client: &mut ClientReplica,
    own: Option<&OwnView>,
    scratch: &mut Scratch,
    out: &mut Vec<Vec<u8>>,
) {
    let tick = picture.tick;
    let before = client.budget.told();
    let allowance = client.budget.fill(tick);
    let anchor = own.map_or(client.camera, |own| own.mover.pos);
    let window = client.move_window(anchor, picture);
    gather(picture, client, window);
    let was_told = before.is_some_and(|before| tick.since(before) < POOR_TICKS);
    if allowance <= 0 && was_told && !tick.is_every(POOR_TICKS, client.served) {
        return;
    }
    let mut head = Head::new(picture, client, own, window);
    collect(picture, client, anchor, window, before, scratch);
    choose(picture, client, anchor, scratch, allowance - head.bits() as i64);
    client.budget.adapt(!scratch.listed.is_empty());
    scratch.chosen.sort_unstable_by_key(|written| window.order_of(written.title.group));
    let Scratch { chosen, stream, .. } = scratch;
    let mut rest = &mut chosen[..];
    loop {
        let count = fitting(rest, Version::at(tick), DATAGRAM_MAX * 8 - head.bits() - TAIL_BITS);
        // A group that needs more room than this head leaves goes into a datagram of its own.
        let (now, later) = rest.split_at_mut(count);
        out.push(head.finish(picture, client, window, now, stream));
        rest = later;
        if rest.is_empty() {
            return;
        }
        head = Head::bare(tick, client, window);
    }
}

/// Marks what has changed since the client was served last.
fn gather(picture: &Picture, client: &mut ClientReplica, window: Window) {
    for publication in client.served + 1..=picture.publications {
        match picture.changed_in(publication) {
            Some(changed) => client.dirty.add_within(window, changed),
            None => {
                client.dirty.add_within(window, &picture.known);
                break;
            }
        }
    }
    client.served = picture.publications;
}

/// Lists what is due now, and forgets the marks of what the client has already.
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
    scratch.settled.clear();
    client.rings.draw(anchor, window, client.reach_m, client.budget.strain.max(client.coarse));
    client.note_reach(tick, anchor);
    let marked = marked(picture, client, window);
    let mut due = client.rings.due(&scratch.calendar, before, tick);
    due.add_common(&client.urgent, &client.dirty);
    for slot in marked.common(&due) {
        let group = window.group_in(slot);
        let held = &client.held[slot];
        debug_assert!(held.group == Some(group), "a marked place holds the window's group");
        let is_cut = !client.rings.inside.contains(slot);
        let is_new = !held.versions.sent.is_some();
        let history = picture.history(group);
        let is_known = !is_cut && client.sent_whole.contains(slot) && history.version() <= held.versions.sent;
        if is_known || is_new && !client.doubted.contains(slot) && history.is_empty() {
            scratch.settled.push(slot);
            continue;
        }
        if let Start::From(start) = client.policy.start(&held.versions) {
            let far = distance2_m(group, anchor);
            scratch.listed.push(Due { urgency: urgency(group, far, tick.since(held.told)), group, start, is_cut });
        }
    }
    scratch.settled.iter().for_each(|slot| client.unmark(*slot));
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
fn urgency(group: GroupId, distance2_m: u32, waited: u32) -> u32 {
    /// At this distance a group is half as urgent as at hand.
    const HALF_M: u32 = 128;
    const AT_HAND: u32 = 64;
    let weight = match group.tier() {
        Tier::Giants => AT_HAND,
        Tier::Outposts => 2,
        Tier::Cells => (AT_HAND * HALF_M * HALF_M / (HALF_M * HALF_M + distance2_m)).max(1),
    };
    (waited + 1).min(1 << 16) * weight
}

/// Takes the most urgent into `chosen` until `bits` are used up; what is left stays due.
fn choose(picture: &mut Picture, client: &mut ClientReplica, anchor: Pos, scratch: &mut Scratch, bits: i64) {
    scratch.chosen.clear();
    let now = Version::at(picture.tick);
    let mut left = bits;
    let mut due = BinaryHeap::from(std::mem::take(&mut scratch.listed));
    while left > 0 && scratch.chosen.len() < SECTIONS_MAX {
        let Some(Due { group, start, is_cut, .. }) = due.pop() else { break };
        let held = &client.held[group.slot()];
        let cut = if is_cut { Cut::Around(anchor, client.reach_m as u16, client.viewer.side()) } else { Cut::Whole };
        let slot = group.slot();
        let whole = if start == held.versions.acked { &client.acked_whole } else { &client.sent_whole };
        let known = client.cut_at(start, whole.contains(slot));
        // Of what nobody remembers nothing can be gone on from.
        let (label, base_cut) = known.map_or((Version::NONE, Cut::Whole), |cut| (start, cut));
        let doubted = client.doubted.contains(slot) || client.filled.contains(slot);
        let wish = Wish { group, label, base_cut, cut, now, doubted };
        let (history, sections) = picture.history_and_sections(group);
        match sections.get(&wish, history) {
            Some(written) => {
                left -= (written.bits + TITLE_BITS_USUAL) as i64;
                scratch.chosen.push(written);
            }
            None => client.unmark(slot),
        }
    }
    scratch.listed = due.into_vec();
}

/// How many of `chosen` fit into `bits`.
fn fitting(chosen: &[Written], now: Version, bits: usize) -> usize {
    let mut left = bits;
    let fits = |written: &&Written| {
        let cost = written.bits + written.title.bits(now);
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
    fn new(picture: &Picture, client: &mut ClientReplica, own: Option<&OwnView>, window: Window) -> Head {
        let tick = picture.tick;
        let mut writer = BitWriter::with_capacity(DATAGRAM_MAX);
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
    fn bare(tick: Tick, client: &ClientReplica, window: Window) -> Head {
        let mut writer = BitWriter::with_capacity(DATAGRAM_MAX);
        Header::write_start(client.next_sequence() as u16, tick, window, None, &mut writer);
        Header::write_own(None, None, window, &mut writer);
        Header::write_shared(None, &mut writer);
        Header::write_shared(None, &mut writer);
        Head { writer, team: false, own: false }
    }

    fn bits(&self) -> usize {
        self.writer.len_bits()
    }

    /// Puts the sections behind the head; `chosen` stand in the window's order and end in that in which
    /// they follow.
    fn finish(
        self,
        picture: &Picture,
        client: &mut ClientReplica,
        window: Window,
        chosen: &mut [Written],
        stream: &mut RangeWriter,
    ) -> Vec<u8> {
        let mut w = self.writer;
        let check = chosen.iter().fold(0_u16, |sum, written| sum.wrapping_add(written.check));
        Header::write_tail(check, &mut w);
        write_list(chosen.iter().map(|written| written.title), window, Version::at(picture.tick), stream);
        sort_as_they_follow(chosen, |written| written.title, window);
        for written in &*chosen {
            picture.sections().put(written, stream);
            client.record_section(written, picture.tick);
        }
        stream.finish_into(&mut w);
        let bytes = w.finish();
        assert!(bytes.len() <= DATAGRAM_MAX, "a datagram of {} bytes", bytes.len());
        client.record(chosen.len() as u16, self.team, self.own, bytes.len());
        bytes
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
