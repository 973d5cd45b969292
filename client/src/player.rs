//! One player at a battle, without a screen: news in, an input for each tick out. What the screen
//! and the narration have in common.

use std::time::{Duration, Instant};

use gamera_protocol::measure::TICK_HZ;

use crate::keys::Action;
use crate::link::{Act, Closing, Link, Update};
use crate::model::{LinkState, Model};
use crate::ui::{Overlay, Ui};

/// A spectator's camera is told so often.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Inputs made at once after a stall: older ones would be refused.
const CATCH_UP_TICKS: u32 = TICK_HZ / 3;

/// The answer to a goodbye is waited for this long.
const GOODBYE: Duration = Duration::from_millis(500);

/// A player.
pub struct Player<L> {
    /// What is known.
    pub model: Model,
    /// What the player does.
    pub ui: Ui,
    link: L,
    news: Vec<Update>,
    looked: Option<Duration>,
}

impl<L: Link> Player<L> {
    /// A player at the end of `link`.
    pub fn new(link: L) -> Player<L> {
        Player { model: Model::default(), ui: Ui::default(), link, news: Vec::new(), looked: None }
    }

    /// Takes news in, and makes the inputs that are due. Returns the news, for those who tell them.
    pub fn step(&mut self, now: Duration) -> &[Update] {
        self.news.clear();
        self.link.poll(now, &mut self.news);
        for update in &self.news {
            self.model.apply(update.clone(), now);
        }
        let placed = self.news.iter().any(|u| matches!(u, Update::Placed(_)));
        let ended = self.news.iter().any(|u| matches!(u, Update::Verdict(_)));
        if placed {
            self.ui.reseated();
        }
        if ended {
            self.ui.overlay = Overlay::Verdict(0);
        } else if placed && matches!(self.ui.overlay, Overlay::Verdict(_)) {
            self.ui.overlay = Overlay::None;
        }
        self.model.present(now);
        self.forget_lost_target();
        self.make_inputs(now);
        self.model.lean(self.ui.wanted(&self.model), now);
        &self.news
    }

    /// Does what the keys asked for, as far as it concerns the link. True where it was the goodbye.
    pub fn act(&mut self, action: Action) -> bool {
        match action {
            Action::Act(act) => self.link.send(act),
            Action::Quit => {
                self.link.send(Act::Leave);
                return true;
            }
            Action::Redraw | Action::Suspend => {}
        }
        false
    }

    /// Why the link is down for good, once it is.
    #[must_use]
    pub fn closed(&self) -> Option<&Closing> {
        match &self.model.link {
            LinkState::Closed(closing) => Some(closing),
            _ => None,
        }
    }

    /// Waits for the goodbye to be answered, so that the seat is free at once; not for long.
    pub async fn part(&mut self) {
        let asked = Instant::now();
        while self.closed().is_none() && asked.elapsed() < GOODBYE {
            tokio::time::sleep(GOODBYE / 50).await;
            self.news.clear();
            self.link.poll(self.model.now, &mut self.news);
            for update in self.news.drain(..).filter(|update| matches!(update, Update::Closed(_))) {
                self.model.apply(update, self.model.now);
            }
        }
    }

    fn forget_lost_target(&mut self) {
        if let Some(id) = self.ui.target
            && !self.model.drawn.iter().any(|t| t.id == id)
        {
            self.ui.target = None;
        }
    }

    fn make_inputs(&mut self, now: Duration) {
        let due = self.model.clock.due(now);
        if self.model.role().is_none() {
            return self.look(now);
        }
        let from = due.start.max(due.end.saturating_sub(CATCH_UP_TICKS));
        for tick in (from..due.end).map(gamera_protocol::measure::Tick) {
            let input = self.ui.input(&self.model);
            self.model.predict(tick, input);
            self.link.send(Act::Input { tick, input });
        }
    }

    fn look(&mut self, now: Duration) {
        if self.looked.is_none_or(|at| now.saturating_sub(at) >= LOOK_EVERY) {
            self.looked = Some(now);
            self.link.send(Act::Look(self.ui.centre(&self.model)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staged::{self, Stage};
    use gamera_protocol::ids::Role;
    use gamera_protocol::input::Verb;
    use gamera_protocol::measure::Tick;

    #[test]
    fn each_tick_gets_one_input_with_what_the_keys_hold() {
        let mut player = Player::new(Stage::new(Some(Role::Tank)));
        player.step(staged::NOW);
        player.ui.doing.press(crate::keys::steer::Scheme::Hold, Verb::Escort, true, Duration::ZERO);
        for ms in (0..3_000).step_by(7) {
            player.step(staged::NOW + Duration::from_millis(ms));
        }
        let inputs: Vec<(Tick, Option<Verb>)> = player.link.inputs();
        assert!(inputs.len() > 80, "{} inputs", inputs.len());
        assert!(inputs.windows(2).all(|w| w[1].0 == w[0].0.after(1)), "{inputs:?}");
        assert!(inputs[3..].iter().all(|(_, verb)| *verb == Some(Verb::Escort)));
    }

    #[test]
    fn a_spectator_tells_where_it_looks_and_sends_no_input() {
        let mut player = Player::new(Stage::new(None));
        for ms in (0..1_000).step_by(10) {
            player.step(staged::NOW + Duration::from_millis(ms));
        }
        assert!(player.link.inputs().is_empty());
        assert_eq!(player.link.sent.iter().filter(|a| matches!(a, Act::Look(_))).count(), 5);
    }

    #[test]
    fn leaving_says_goodbye() {
        let mut player = Player::new(Stage::new(None));
        assert!(player.act(Action::Quit));
        assert_eq!(player.link.sent, [Act::Leave]);
    }
}
