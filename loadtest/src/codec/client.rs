//! One client and its link: server's half, client's half, what is lost between them, and when the
//! client was last excused for not being right.

use std::collections::VecDeque;

use gamera_protocol::measure::Pos;
use gamera_protocol::rng::Pcg32;
use gamera_protocol::snapshot::{Acks, Replica};
use gamera_server::replicate::ClientReplica;

use super::judge::{Judge, Verdict};
use super::run::Plan;
use super::scene;

/// More than any client of a trace is ever sent: the codec is measured, not the budget.
const BUDGET_BYTES_S: u32 = 4_000_000;

pub(super) struct Client {
    pub(super) server: ClientReplica,
    pub(super) replica: Replica,
    pub(super) pos: Pos,
    pub(super) judge: Judge,
    rng: Pcg32,
    /// Acknowledgements on their way, with the tick in which the server reads them.
    acks: VecDeque<(usize, Acks)>,
    /// The last tick in which something of this client was lost.
    lost: Option<usize>,
    /// Since when the view has not been right.
    wrong_since: Option<usize>,
}

impl Client {
    pub(super) fn new(n: usize, plan: &Plan) -> Client {
        let mut server = ClientReplica::new(scene::VIEWER, None);
        server.set_budget(BUDGET_BYTES_S);
        server.set_reach(plan.radius_m);
        Client {
            server,
            replica: Replica::new(),
            pos: Pos::default(),
            judge: Judge::default(),
            rng: Pcg32::new(plan.seed, n as u64),
            acks: VecDeque::new(),
            lost: None,
            wrong_since: None,
        }
    }

    /// What the server reads of this client in `tick`.
    pub(super) fn acks_for(&mut self, tick: usize) -> Option<Acks> {
        self.acks.pop_front_if(|(due, _)| *due <= tick).map(|(_, acks)| acks)
    }

    /// True where what is sent in `tick` arrives.
    pub(super) fn arrives(&mut self, tick: usize, plan: &Plan) -> bool {
        let is_lost = self.rng.chance_permille(plan.loss_permille);
        if is_lost {
            self.lost = Some(tick);
        }
        !is_lost
    }

    /// Sends the acknowledgements of `tick`, to be read `lag` ticks later; without a lag in the next.
    pub(super) fn acknowledge(&mut self, tick: usize, plan: &Plan) {
        if self.arrives(tick, plan) {
            self.acks.push_back((tick + plan.lag_ticks as usize, self.replica.acks()));
        }
    }

    /// Notes whether the view is right in `tick`; returns how long it was not, when that has ended.
    pub(super) fn note(&mut self, tick: usize, verdict: Verdict) -> Option<usize> {
        if verdict.is_right() {
            return self.wrong_since.take().map(|since| tick - since);
        }
        self.wrong_since = self.wrong_since.or(Some(tick));
        None
    }

    /// True where a loss explains what is not right in `tick`: the server has not had the time to hear
    /// of it and to repair it.
    pub(super) fn is_excused(&self, tick: usize, plan: &Plan) -> bool {
        self.lost.is_some_and(|lost| tick - lost <= plan.repair_ticks())
    }
}
