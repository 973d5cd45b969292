//! Gamera's side: the giant and what she can do, her people, mana, and what mankind thinks of her.
//!
//! One file a system. What another faction needs of this one are the functions re-exported here;
//! how the queen, the swarm and the flower answer is the Legion's folder's business.

mod arrival;
mod asagi;
mod ascent;
mod blows;
mod fall;
mod flight;
mod flower;
mod horn;
mod light;
mod mana;
mod plasma;
mod sea;
mod stance;
mod wariness;

pub(in crate::sim) use arrival::{arrive, come_ashore};
pub(in crate::sim) use asagi::trek;
pub(in crate::sim) use ascent::ascend;
pub(in crate::sim) use fall::{execute, knock_out, recover};
pub(in crate::sim) use flight::lift_off;
pub(in crate::sim) use light::gather;
pub(in crate::sim) use mana::{accrue, add_mana, break_roar, may_roar};
pub(in crate::sim) use sea::{drown, is_healing, stay_under};
use stance::is_adjacent_to_queen;
pub(in crate::sim) use stance::{may_be_hurt, stagger, stand};
use wariness::add_wariness;
pub(in crate::sim) use wariness::{duel, trust_permille};

use gamera_protocol::ids::{Role, SeatId};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Pos, Tick};
use gamera_protocol::view::GameraState;

use super::Battle;
use super::fixed::Micro;
use super::unit::{Unit, UnitId};

/// What Gamera's side owns.
#[derive(Clone, Debug)]
pub(in crate::sim) struct GameraSide {
    /// Her body; it exists from the first tick on and is present while she is there.
    pub(in crate::sim) unit: UnitId,
    pub(in crate::sim) state: GameraState,
    /// When the present state may end: down, coma, retreat.
    pub(in crate::sim) until: Tick,
    /// Where she means to come out of the sea.
    pub(in crate::sim) landfall: Pos,
    pub(in crate::sim) mana: Micro,
    pub(in crate::sim) jewel: bool,
    pub(in crate::sim) bonded: bool,
    /// She has been knocked out once: the second time is death.
    pub(in crate::sim) knocked_out: bool,
    /// Wariness of mankind, 0..=100.
    pub(in crate::sim) wariness: Micro,
    pub(in crate::sim) plasma_spent: bool,
    /// She has come ashore since she was last away.
    ashore: bool,
    /// She has been under water long enough to heal; until she comes ashore.
    retreated: bool,
    dived_at: Tick,
    /// When the take-off that has begun lifts her off the ground.
    lift_off_at: Option<Tick>,
    /// Slowed by fire until then.
    staggered_until: Tick,
    /// Mass of the mob that is drowning and does not make a whole soldier yet.
    drowning: Micro,
    /// How much faster Asagi travels on her trek to a fallen Gamera, thousandths; zero before it.
    trek_permille: u16,
    /// The bond is not told again before.
    bond_told_again_at: Tick,
    /// Asagi's health when she last offered the jewel: a wound breaks the offer off.
    offer_health_milli: i32,
    /// Wariness has crossed its threshold and not calmed down since.
    trembling: bool,
}

impl GameraSide {
    /// Gamera far away, with everything still before her.
    pub(in crate::sim) fn new(unit: UnitId, landfall: Pos) -> GameraSide {
        GameraSide {
            unit,
            state: GameraState::Away,
            until: Tick(0),
            landfall,
            mana: Micro::ZERO,
            jewel: true,
            bonded: false,
            knocked_out: false,
            wariness: Micro::ZERO,
            plasma_spent: false,
            ashore: false,
            retreated: false,
            dived_at: Tick(0),
            lift_off_at: None,
            staggered_until: Tick(0),
            drowning: Micro::ZERO,
            trek_permille: 0,
            bond_told_again_at: Tick(0),
            offer_health_milli: 0,
            trembling: false,
        }
    }
}

/// The seat that is meant to play the giant.
fn her_seat(battle: &Battle) -> SeatId {
    battle.roster.first(Role::Gamera).expect("every match has a seat for Gamera")
}

fn body(battle: &Battle) -> &Unit {
    &battle.units[battle.gamera.unit]
}

fn body_mut(battle: &mut Battle) -> &mut Unit {
    &mut battle.units[battle.gamera.unit]
}

/// The seat that can act with her body in this tick.
fn pilot(battle: &Battle) -> Option<SeatId> {
    let body = body(battle);
    let able = body.is_up() && battle.tick >= body.stunned_until;
    body.seat.filter(|_| able)
}

/// Lets everyone on Gamera's side do what they want in this tick.
pub(in crate::sim) fn act(battle: &mut Battle) {
    if let Some(seat) = pilot(battle) {
        act_as_giant(battle, seat);
    }
    for index in 0..battle.seats.len() {
        let seat = SeatId(index as u16);
        match battle.seats[index].playing {
            Role::LightBearer => light::act(battle, seat),
            Role::Asagi => asagi::act(battle, seat),
            _ => {}
        }
    }
}

fn act_as_giant(battle: &mut Battle, seat: SeatId) {
    let s = &battle.seats[seat.index()];
    let Some(verb) = s.input.verb else { return };
    let pressed = s.pressed();
    match (battle.gamera.state, verb) {
        (GameraState::Dived, Verb::Dive) if pressed => sea::surface(battle),
        (GameraState::Active, _) if battle.gamera.lift_off_at.is_some() => {}
        (GameraState::Active, Verb::Strike) => blows::strike(battle, seat),
        (GameraState::Active, Verb::Fireball) => blows::fireball(battle, seat),
        (GameraState::Active, Verb::Fly) if pressed => flight::take_off_or_land(battle, seat),
        (GameraState::Active, Verb::Dive) if pressed => sea::dive(battle),
        (GameraState::Active, Verb::Uproot) => flower::uproot(battle, seat),
        (GameraState::Limping, Verb::Uproot) => flower::topple(battle, seat),
        (GameraState::Active, Verb::Shake) if pressed => horn::shake(battle, seat),
        (GameraState::Active, Verb::Grab) if pressed => horn::grab(battle, seat),
        (GameraState::Active, Verb::Plasma) => plasma::aim(battle, seat),
        (GameraState::Active, Verb::Roar) => mana::roar(battle, seat),
        _ => {}
    }
}
