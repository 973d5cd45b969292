//! Everybody that is linked, by link and by key.

use std::collections::{BTreeMap, HashMap, HashSet};

use gamera_protocol::ids::{SeatId, Viewer};
use gamera_protocol::join::Fingerprint;
use gamera_protocol::message::Place;
use gamera_protocol::text::NAME_MAX;

use super::Uptime;
use crate::net::LinkId;

/// One who is here.
#[derive(Clone, Debug)]
pub struct Player {
    /// Who.
    pub key: Fingerprint,
    /// The name as others see it.
    pub name: String,
    /// The seat, unless it watches.
    pub seat: Option<SeatId>,
    /// Whose knowledge it is sent.
    pub viewer: Viewer,
    /// Begins its datagrams.
    pub epoch: u8,
    acted: Uptime,
}

impl Player {
    /// One who has just come.
    #[must_use]
    pub(super) fn new(key: Fingerprint, name: String, seat: Option<SeatId>, now: Uptime) -> Player {
        Player { key, name, seat, viewer: Viewer::Spectator, epoch: 0, acted: now }
    }

    fn place(&self) -> Place {
        Place { seat: self.seat, viewer: self.viewer, epoch: self.epoch }
    }
}

/// Everybody that is here, in the order of their links.
#[derive(Default)]
pub struct Players {
    by_link: BTreeMap<LinkId, Player>,
    by_key: HashMap<Fingerprint, LinkId>,
    names: HashSet<String>,
}

impl Players {
    pub(super) fn get(&self, link: LinkId) -> Option<&Player> {
        self.by_link.get(&link)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (LinkId, &Player)> {
        self.by_link.iter().map(|(link, player)| (*link, player))
    }

    pub(super) fn link_of(&self, key: Fingerprint) -> Option<LinkId> {
        self.by_key.get(&key).copied()
    }

    pub(super) fn add(&mut self, link: LinkId, mut player: Player, viewer: Viewer) -> Place {
        player.viewer = viewer;
        player.epoch = 1;
        let place = player.place();
        self.by_key.insert(player.key, link);
        self.names.insert(player.name.clone());
        self.by_link.insert(link, player);
        place
    }

    pub(super) fn remove(&mut self, link: LinkId) -> Option<Player> {
        let player = self.by_link.remove(&link)?;
        self.by_key.remove(&player.key);
        self.names.remove(&player.name);
        Some(player)
    }

    pub(super) fn move_to(&mut self, link: LinkId, seat: Option<SeatId>, viewer: Viewer, now: Uptime) -> Option<Place> {
        let player = self.by_link.get_mut(&link)?;
        player.seat = seat;
        player.viewer = viewer;
        player.epoch = player.epoch.wrapping_add(1);
        player.acted = now;
        Some(player.place())
    }

    pub(super) fn act(&mut self, link: LinkId, now: Uptime) -> Option<SeatId> {
        let player = self.by_link.get_mut(&link)?;
        player.acted = now;
        player.seat
    }

    pub(super) fn idle_since(&self, now: Uptime, idle: u64) -> impl Iterator<Item = (LinkId, SeatId)> + '_ {
        let is_idle =
            move |(link, p): (&LinkId, &Player)| Some((*link, p.seat?)).filter(|_| now.since(p.acted) >= idle);
        self.by_link.iter().filter_map(is_idle)
    }

    pub(super) fn next_match(&mut self, now: Uptime) -> Vec<(LinkId, Place)> {
        let begin = |(link, player): (&LinkId, &mut Player)| {
            player.epoch = player.epoch.wrapping_add(1);
            player.acted = now;
            (*link, player.place())
        };
        self.by_link.iter_mut().map(begin).collect()
    }

    /// `name`, or with a number behind it where somebody here is already called so.
    pub(super) fn free_name(&self, name: &str) -> String {
        if !self.names.contains(name) {
            return name.to_owned();
        }
        let numbered = |n: u32| {
            let tail = format!(" {n}");
            let stem: String = name.chars().take(NAME_MAX - tail.len()).collect();
            stem + &tail
        };
        (2..).map(numbered).find(|candidate| !self.names.contains(candidate)).unwrap_or_else(|| name.to_owned())
    }
}
