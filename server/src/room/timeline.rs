//! What each side has been told of the match: the fresh events of a tick, and the turning points
//! for who comes late and for the verdict screen.

use gamera_protocol::event::Event;
use gamera_protocol::ids::Viewer;
use gamera_protocol::measure::ticks;
use gamera_protocol::message::EVENT_PAGE;

use crate::sim::Battle;

/// A bot thinks more often than this, ticks.
const HEARING_TICKS: u32 = ticks(2);

/// The events as each viewer may know them.
#[derive(Default)]
pub(super) struct Timelines {
    views: [View; 4],
}

#[derive(Default)]
struct View {
    fresh: Vec<Event>,
    heard: Vec<Event>,
    turning_points: Vec<Event>,
}

impl Timelines {
    /// Takes the events of the step that `battle` has just made.
    pub(super) fn take(&mut self, battle: &Battle, events: &[Event]) {
        for (viewer, view) in Viewer::ALL.iter().zip(&mut self.views) {
            view.fresh.clear();
            view.fresh.extend(events.iter().filter(|event| battle.may_hear(*viewer, event)));
            view.heard.retain(|event| battle.tick().since(event.tick) < HEARING_TICKS);
            view.heard.extend(&view.fresh);
            let room = EVENT_PAGE - view.turning_points.len();
            view.turning_points.extend(view.fresh.iter().filter(|event| event.kind.row().headline).take(room));
        }
    }

    /// The events of the newest tick.
    pub(super) fn fresh(&self, viewer: Viewer) -> &[Event] {
        &self.views[viewer.index()].fresh
    }

    /// The events of the last two seconds, oldest first: what a bot remembers of what it heard.
    pub(super) fn heard(&self, viewer: Viewer) -> &[Event] {
        &self.views[viewer.index()].heard
    }

    /// The turning points so far, oldest first; the first ones where they are too many for a page.
    pub(super) fn turning_points(&self, viewer: Viewer) -> Vec<Event> {
        self.views[viewer.index()].turning_points.clone()
    }
}
