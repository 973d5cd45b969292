//! What is known to have arrived of each group at one client, while more is on its way: the base for a line that
//! loses, where what was sent last may never come.

use gamera_protocol::snapshot::group::SLOTS;
use gamera_protocol::snapshot::{PAST_VERSIONS, Version};

use crate::replicate::client::{ClientReplica, Form};

/// The newest version of a group that is known to have arrived, and its form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived {
    pub(super) version: Version,
    pub(super) form: Form,
    /// How many sections of the group are behind it on their way: the client may have taken in all of them.
    pub(super) later: usize,
}

/// By place, of groups with sections on their way; memory that is used again for each client.
#[derive(Debug)]
pub(super) struct Arrivals {
    places: Vec<Option<Arrived>>,
    touched: Vec<usize>,
}

impl Default for Arrivals {
    fn default() -> Arrivals {
        Arrivals { places: vec![None; SLOTS], touched: Vec::new() }
    }
}

impl Arrivals {
    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.touched.drain(..).for_each(|slot| self.places[slot] = None);
    }

    /// Finds out what has arrived at `client`.
    pub(super) fn find(&mut self, client: &ClientReplica) {
        self.clear();
        for (sent, has_arrived) in client.on_their_way().filter(|(sent, _)| !sent.is_void) {
            let slot = sent.group.slot();
            let place = &mut self.places[slot];
            if place.is_none() {
                self.touched.push(slot);
            }
            *place = Some(match *place {
                _ if has_arrived => Arrived { version: sent.version, form: sent.form, later: 0 },
                Some(arrived) => Arrived { later: arrived.later + 1, ..arrived },
                // What the first on its way starts from has arrived.
                None => Arrived { version: sent.base, form: sent.base_form, later: 1 },
            });
        }
    }

    /// What is known of a place; nothing where nothing is on its way, or the client may not hold it any more.
    pub(super) fn of(&self, slot: usize) -> Option<Arrived> {
        if self.touched.is_empty() {
            return None;
        }
        self.places[slot].filter(|arrived| arrived.version.is_some() && arrived.later < PAST_VERSIONS)
    }
}
