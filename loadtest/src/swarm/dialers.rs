//! The sockets of one thread: one for the line that most players have, and one for each line that a share
//! of them has.

use gamera_client::session::Dialer;
use gamera_link::conditioner::Impairment;
use gamera_server::config::TransportSetting;

use super::cast::{self, LineShare};
use super::plan::Plan;

/// The sockets.
pub(super) struct Dialers {
    most: Dialer,
    /// In the order of the plan's lines.
    shares: Vec<Dialer>,
}

impl Dialers {
    /// Opens what `plan` needs; the lines of each generator are seeded by its number. Needs a runtime.
    pub(super) fn open(plan: &Plan, generator: usize) -> std::io::Result<Dialers> {
        let open = |impairment: Impairment| match plan.transport {
            TransportSetting::Polled => Dialer::polled_impaired(impairment, generator as u64),
            TransportSetting::Quinn => Dialer::impaired(impairment, generator as u64),
        };
        let shares = plan.lines.iter().map(|share| open(share.impairment)).collect::<Result<_, _>>()?;
        Ok(Dialers { most: open(plan.impairment)?, shares })
    }

    /// The one of the player with this number.
    pub(super) fn of(&self, lines: &[LineShare], number: usize) -> Dialer {
        cast::line(lines, number).and_then(|at| self.shares.get(at)).unwrap_or(&self.most).clone()
    }

    fn all(&self) -> impl Iterator<Item = &Dialer> {
        std::iter::once(&self.most).chain(&self.shares)
    }

    pub(super) fn receive(&self) {
        self.all().for_each(Dialer::receive);
    }

    pub(super) fn send(&self) {
        self.all().for_each(Dialer::send);
    }

    /// Waits until every goodbye has been told.
    pub(super) async fn finish(&self) {
        for dialer in self.all() {
            dialer.finish().await;
        }
    }
}
