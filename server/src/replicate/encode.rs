//! Chooses what one client is told in one tick and puts it into datagrams.
//!
//! Nothing in here walks things: it walks the groups that changed within the client's window, picks
//! the most urgent under the budget, and copies sections that were written once for all.

use gamera_protocol::bits::BitWriter;
use gamera_protocol::measure::{Pos, TICK_HZ, Tick, ticks_tenths};
use gamera_protocol::snapshot::group::{GroupId, Tier};
use gamera_protocol::snapshot::{DATAGRAM_MAX, Header, SECTIONS_MAX, Version, Window};
use gamera_protocol::view::OwnView;

use crate::replicate::client::ClientReplica;
use crate::replicate::interest::{distance, is_due, stride};
use crate::replicate::picture::Picture;
use crate::replicate::policy::Start;
use crate::replicate::sections::Written;

/// The faction's view is told this often at most, and again at least so often.
const TEAM_TICKS: u32 = ticks_tenths(2);
const TEAM_AGAIN_TICKS: u32 = ticks_tenths(20);
/// The density is told this often.
const DENSITY_TICKS: u32 = TICK_HZ;
/// Without budget a client is told of its own unit every so many ticks still: 15 a second.
const POOR_TICKS: u32 = 2;

/// Bits of a head's end: sum and count.
const TAIL_BITS: usize = 25;
/// Most bits of a section's head beside its body: place, version.
const SECTION_HEAD_BITS: usize = 40;

/// A group that is due, with how urgent it is.
#[derive(Clone, Copy, Debug)]
struct Due {
    group: GroupId,
    urgency: u32,
    written: Written,
}

/// Memory that is used again for each client.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    due: Vec<Due>,
    dropped: Vec<usize>,
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
    let allowance = client.budget.fill(tick);
    let anchor = own.map_or(client.camera, |own| own.mover.pos);
    let window = client.move_window(anchor, picture);
    gather(picture, client, window);
    if allowance <= 0 && !tick.is_every(POOR_TICKS, client.served) {
        return;
    }
    let mut head = Head::new(picture, client, own, window);
    collect(picture, client, anchor, scratch);
    let fell_short = choose(&mut scratch.due, allowance - head.bits() as i64);
    client.budget.adapt(fell_short);
    scratch.due.sort_unstable_by_key(|due| window.order_of(due.group));
    let mut rest = &scratch.due[..];
    loop {
        let count = fitting(rest, DATAGRAM_MAX * 8 - head.bits() - TAIL_BITS);
        // A group that needs more room than this head leaves goes into a datagram of its own.
        let (now, later) = rest.split_at(count);
        out.push(head.finish(picture, client, window, now));
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
fn collect(picture: &mut Picture, client: &mut ClientReplica, anchor: Pos, scratch: &mut Scratch) {
    let tick = picture.tick;
    scratch.due.clear();
    scratch.dropped.clear();
    for slot in client.dirty.iter() {
        let held = &client.held[slot];
        let Some(group) = held.group else {
            scratch.dropped.push(slot);
            continue;
        };
        let (history, sections) = picture.history_and_sections(group);
        let nothing = !held.versions.sent.is_some() && !held.doubt;
        if history.version() == held.versions.sent || nothing && history.is_empty() {
            scratch.dropped.push(slot);
            continue;
        }
        let far = distance(group, anchor);
        let is_new = !held.versions.sent.is_some();
        if !is_new && !is_due(group, stride(group, far, client.budget.strain), tick) {
            continue;
        }
        let Start::From(start) = client.policy.start(&held.versions) else { continue };
        if let Some(written) = sections.get(group, start, history) {
            let urgency = urgency(group, far, tick.since(held.told));
            scratch.due.push(Due { group, urgency, written });
        }
    }
    scratch.dropped.iter().for_each(|slot| client.dirty.remove(*slot));
}

/// What is near and has waited comes first; what everybody follows is as urgent as what is at hand.
fn urgency(group: GroupId, distance: i32, waited: u32) -> u32 {
    const NEAR: u32 = 64 * 64;
    let weight = match group.tier() {
        Tier::Giants => 64,
        Tier::Outposts => 2,
        Tier::Cells => (64 * NEAR / (NEAR + distance as u32)).max(1),
    };
    (waited + 1).min(1 << 16) * weight
}

/// Keeps the most urgent that fit into `bits`, always one; returns true where not all fitted.
fn choose(due: &mut Vec<Due>, bits: i64) -> bool {
    let cost = |due: &Due| (due.written.bits + SECTION_HEAD_BITS / 4) as i64;
    if due.len() <= SECTIONS_MAX && due.iter().map(cost).sum::<i64>() <= bits {
        return false;
    }
    due.sort_unstable_by_key(|due| (std::cmp::Reverse(due.urgency), due.group));
    let mut left = bits;
    let fits = |due: &&Due| {
        let has_room = left > 0;
        left -= cost(due);
        has_room && left > -(DATAGRAM_MAX as i64) * 4
    };
    let keep = due.iter().take_while(fits).count().clamp(1, SECTIONS_MAX);
    due.truncate(keep);
    true
}

/// How many of `due` fit into `bits`.
fn fitting(due: &[Due], bits: usize) -> usize {
    let mut left = bits;
    let fits = |due: &&Due| {
        let cost = due.written.bits + SECTION_HEAD_BITS;
        let has_room = cost <= left;
        left = left.saturating_sub(cost);
        has_room
    };
    due.iter().take_while(fits).count()
}

/// A datagram that has its head and no sections yet.
struct Head {
    writer: BitWriter,
    team: bool,
}

impl Head {
    /// The first datagram of a tick, with the own unit and what else is due.
    fn new(picture: &Picture, client: &mut ClientReplica, own: Option<&OwnView>, window: Window) -> Head {
        let tick = picture.tick;
        let mut writer = BitWriter::with_capacity(DATAGRAM_MAX);
        Header::write_start(client.next_sequence() as u16, tick, window, client.echo, &mut writer);
        Header::write_own(own, &mut writer);
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
        Head { writer, team }
    }

    /// A further datagram of the same tick.
    fn bare(tick: Tick, client: &ClientReplica, window: Window) -> Head {
        let mut writer = BitWriter::with_capacity(DATAGRAM_MAX);
        Header::write_start(client.next_sequence() as u16, tick, window, None, &mut writer);
        Header::write_own(None, &mut writer);
        Header::write_shared(None, &mut writer);
        Header::write_shared(None, &mut writer);
        Head { writer, team: false }
    }

    fn bits(&self) -> usize {
        self.writer.len_bits()
    }

    fn finish(self, picture: &Picture, client: &mut ClientReplica, window: Window, due: &[Due]) -> Vec<u8> {
        let mut w = self.writer;
        let check = due.iter().fold(0_u16, |sum, due| sum.wrapping_add(due.written.check));
        Header::write_tail(check, due.len() as u32, &mut w);
        let now = Version::at(picture.tick);
        let mut next = 0;
        for due in due {
            let order = window.order_of(due.group);
            w.put_golomb(order - next, 0);
            next = order + 1;
            w.put_golomb(now.0 - due.written.version.0, 0);
            due.written.base.write(due.written.version, &mut w);
            picture.sections().append(&due.written, &mut w);
            client.record_section(due.group, due.written.base.version(), due.written.version, picture.tick);
        }
        let bytes = w.finish();
        assert!(bytes.len() <= DATAGRAM_MAX, "a datagram of {} bytes", bytes.len());
        client.record(due.len() as u16, self.team, bytes.len());
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
