//! A link without a network: it remembers what was sent. Rooms are tested with it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use gamera_protocol::codec::{self, FRAME_HEADER};
use gamera_protocol::message::{Refusal, ToClient};

use super::{Batch, Link, LinkFigures};

/// A link that remembers.
#[derive(Default)]
pub struct MemoryLink {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    control: VecDeque<Bytes>,
    datagrams: VecDeque<Bytes>,
    closed: Option<Refusal>,
    is_full: bool,
    figures: LinkFigures,
}

impl MemoryLink {
    /// The messages sent since the last call.
    #[must_use]
    pub fn take_control(&self) -> Vec<ToClient> {
        self.state().control.drain(..).filter_map(|frame| codec::decode(&frame[FRAME_HEADER..]).ok()).collect()
    }

    /// The datagrams sent since the last call.
    #[must_use]
    pub fn take_datagrams(&self) -> Vec<Bytes> {
        self.state().datagrams.drain(..).collect()
    }

    /// Why it was closed, once it was.
    #[must_use]
    pub fn closed(&self) -> Option<Refusal> {
        self.state().closed
    }

    /// Stops draining, or drains again.
    pub fn set_full(&self, is_full: bool) {
        self.state().is_full = is_full;
    }

    /// What [`Link::figures`] answers from now on.
    pub fn set_figures(&self, figures: LinkFigures) {
        self.state().figures = figures;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link for MemoryLink {
    fn send_control(&self, frame: Bytes) {
        self.state().control.push_back(frame);
    }

    fn is_ready(&self) -> bool {
        !self.state().is_full
    }

    fn send_datagrams(&self, datagrams: Batch) {
        self.state().datagrams.extend(datagrams);
    }

    fn figures(&self) -> LinkFigures {
        self.state().figures
    }

    fn close(&self, why: Refusal) {
        self.state().closed.get_or_insert(why);
    }
}
