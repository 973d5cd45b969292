//! A congestion controller that hands control to the game, and notes what the game needs for it.
//!
//! A window above `u32::MAX` switches QUIC's own window and pacer off, which would hold snapshots
//! back until they are stale. Whoever sends then owes the network a budget of its own that backs
//! off on loss and delay: the server keeps one for each client, and a client sends one small
//! datagram a tick.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quinn::congestion::{Controller, ControllerFactory};
use quinn_proto::RttEstimator;

/// Above `u32::MAX`: neither window nor pacer holds anything back.
const WINDOW: u64 = 1 << 40;
/// The quickest answer is looked for in this time and in the one before.
const STRETCH: Duration = Duration::from_millis(150);

/// What acknowledgements tell of a way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Answers {
    /// Bytes of the packets that have arrived.
    pub arrived: u64,
    /// The quickest answer lately, if there was one. A queue delays them all, and a machine that has no time
    /// for a moment only some.
    pub quickest: Option<Duration>,
}

impl Answers {
    /// What the controller of a connection has noted.
    #[must_use]
    pub fn noted_by(controller: &dyn Controller) -> Answers {
        let noted = controller.clone_box().into_any().downcast::<HandedOver>();
        noted.map_or_else(|_| Answers::default(), |noted| noted.answers())
    }
}

/// The controller, and its own factory.
#[derive(Clone, Copy, Debug, Default)]
pub struct HandedOver {
    arrived: u64,
    /// When the stretch under way began, the quickest answer in it, and in the one before.
    began: Option<Instant>,
    quickest: Option<Duration>,
    before: Option<Duration>,
}

impl HandedOver {
    fn answers(self) -> Answers {
        let quickest = [self.quickest, self.before].into_iter().flatten().min();
        Answers { arrived: self.arrived, quickest }
    }
}

impl ControllerFactory for HandedOver {
    fn build(self: Arc<Self>, _now: Instant, _current_mtu: u16) -> Box<dyn Controller> {
        Box::new(HandedOver::default())
    }
}

impl Controller for HandedOver {
    fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64, _app_limited: bool, _rtt: &RttEstimator) {
        self.arrived += bytes;
        if self.began.is_none_or(|began| now.saturating_duration_since(began) >= STRETCH) {
            self.began = Some(now);
            self.before = self.quickest.take();
        }
        let took = now.saturating_duration_since(sent);
        self.quickest = Some(self.quickest.map_or(took, |quickest| quickest.min(took)));
    }

    fn on_congestion_event(&mut self, _now: Instant, _sent: Instant, _persistent: bool, _lost_bytes: u64) {}

    fn on_mtu_update(&mut self, _new_mtu: u16) {}

    fn window(&self) -> u64 {
        WINDOW
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(*self)
    }

    fn initial_window(&self) -> u64 {
        WINDOW
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
