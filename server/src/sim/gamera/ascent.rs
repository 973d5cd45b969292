//! The war won, Gamera rises into the morning sky.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::Side;
use gamera_protocol::measure::{Angle, ticks};
use gamera_protocol::motion::{Drive, Gait};
use gamera_protocol::view::{GameraState, Phase};

use super::{body, body_mut};
use crate::sim::Battle;
use crate::sim::campaign;
use crate::sim::fixed::Micro;

/// Takes her up after a victory that she lived to see, and out of the battle at its end.
pub(in crate::sim) fn ascend(battle: &mut Battle) {
    let won = battle.campaign.verdict.is_some_and(|v| v.war == Side::Gamera);
    let lives = matches!(battle.gamera.state, GameraState::Active | GameraState::Limping);
    if battle.campaign.phase != Phase::Epilogue || !won || !lives || !battle.has(Rule::Ascension) {
        return;
    }
    let body_up = body_mut(battle);
    body_up.mover.gait = Gait::Fly;
    body_up.drive = Drive { heading: Some(Angle::EAST), speed_permille: 1_000 };
    let rises = ticks(battle.balance.gamera.ascend_s as u32);
    if battle.tick.since(battle.campaign.since) >= rises {
        let (at, seat) = (body(battle).pos(), body(battle).seat);
        battle.gamera.state = GameraState::Ascended;
        // Whoever sees her go is afraid of her no more.
        battle.gamera.wariness = Micro::ZERO;
        campaign::settle_scores(battle);
        body_mut(battle).present = false;
        battle.tell(Event::new(battle.tick, EventKind::GameraAscended).at(at).by(seat));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::City;
    use gamera_protocol::view::{EndCause, Verdict};

    #[test]
    fn she_ascends_before_the_epilogue_ends_if_she_lives_and_has_won() {
        for (war, state, ascends) in [
            (Side::Gamera, GameraState::Active, true),
            (Side::Gamera, GameraState::Dead, false),
            (Side::Gamera, GameraState::Coma, false),
            (Side::Legion, GameraState::Active, false),
        ] {
            let mut stage = Stage::quick(City::Tokyo);
            stage.run(1);
            stage.battle.gamera.state = state;
            stage.battle.gamera.wariness = Micro::whole(40);
            stage.battle.campaign.phase = Phase::Epilogue;
            stage.battle.campaign.since = stage.battle.tick;
            let cause = EndCause::QueenDestroyed;
            let verdict =
                Verdict { at: stage.battle.tick, war, sdf: true, cause, scores: [0; 3], survival_permille: 0 };
            stage.battle.campaign.verdict = Some(verdict);
            stage.run_until(EventKind::Epilogue, ticks(11)).unwrap();
            assert_eq!(stage.heard(EventKind::GameraAscended) == 1, ascends, "{war} won, Gamera {state}");
            let feared = stage.battle.gamera.wariness > Micro::ZERO;
            assert_eq!(feared, !ascends, "{war} won, Gamera {state}: nobody fears her who saw her go");
            let scores = stage.battle.verdict().map(|v| v.scores);
            let trust = i32::from(scores.unwrap()[0]);
            let wanted = if ascends { stage.battle.balance.campaign.score_trust } else { 0 };
            assert_eq!(trust, wanted, "{war} won, Gamera {state}: full trust counts in her side's score");
        }
    }
}
