//! Mana: what it comes from, and the roar that gathers it.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Layer, SeatId};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::ticks;
use gamera_protocol::view::{GameraState, Marks};

use super::{body, body_mut, her_seat, trust_permille};
use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::hit::Part;

/// Adds mana; it ends at what the plasma beam takes.
pub(in crate::sim) fn add_mana(battle: &mut Battle, amount: Micro) {
    let full = Micro::whole(battle.balance.gamera.plasma_mana);
    battle.gamera.mana = (battle.gamera.mana + amount).clamp(Micro::ZERO, full);
}

/// The mana that comes by itself, more of it while Asagi is linked.
pub(in crate::sim) fn accrue(battle: &mut Battle) {
    if battle.gamera.state != GameraState::Dead {
        let rate = Micro::per_tick_milli(battle.balance.gamera.mana_milli_s);
        let amount = with_bond(battle, rate);
        add_mana(battle, amount);
    }
}

fn with_bond(battle: &Battle, amount: Micro) -> Micro {
    let pct = if battle.gamera.bonded { battle.balance.gamera.bond_mana_pct } else { 100 };
    amount.percent(pct)
}

/// Why she may roar: hurt, the queen without her horn, or mana enough.
pub(in crate::sim) fn may_roar(battle: &Battle) -> bool {
    let n = &battle.balance.gamera;
    let body = body(battle);
    let hurt = i64::from(body.health_milli) * 100 < i64::from(body.health_max_milli) * i64::from(n.roar_health_pct);
    hurt || !battle.legion.queen.parts.stands(Part::Horn) || battle.gamera.mana >= Micro::whole(n.roar_mana_min)
}

/// One tick of a roar.
pub(super) fn roar(battle: &mut Battle, seat: SeatId) {
    let n = &battle.balance.gamera;
    let (length, pause, rate_milli_s) = (ticks(n.roar_s as u32), ticks(n.roar_pause_s as u32), n.roar_mana_milli_s);
    let now = battle.tick;
    let s = &battle.seats[seat.index()];
    let goes_on = s.channel.is_some_and(|c| c.verb == Verb::Roar);
    let begins = s.pressed() && s.is_ready(Verb::Roar, now) && may_roar(battle);
    let grounded = body(battle).layer() == Layer::Surface;
    if !grounded || !(goes_on || begins) || !battle.has(Rule::Roar) {
        return;
    }
    let at = body(battle).pos();
    if !goes_on {
        battle.seats[seat.index()].cool_down(Verb::Roar, now, length + pause);
        battle.tell(Event::new(now, EventKind::GameraRoar).at(at).by(Some(seat)));
    }
    let rate = Micro::per_tick_milli(rate_milli_s).scaled(i64::from(trust_permille(battle)), 1_000);
    let amount = with_bond(battle, rate);
    add_mana(battle, amount);
    let body = body_mut(battle);
    body.marks = body.marks.with(Marks::LIVE, true);
    if battle.seats[seat.index()].channel(Verb::Roar, None, length, 1_000) {
        battle.tell(Event::new(now, EventKind::LightGathers).at(at).by(Some(seat)));
    }
}

/// Whips and the like break a roar off.
pub(in crate::sim) fn break_roar(battle: &mut Battle) {
    let seat = her_seat(battle);
    let s = &mut battle.seats[seat.index()];
    if s.channel.is_some_and(|c| c.verb == Verb::Roar) {
        s.channel = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::SeatInput;

    fn roaring(set: fn(&mut Stage)) -> Stage {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        stage.battle.gamera.mana = Micro::ZERO;
        set(&mut stage);
        stage.hold(Role::Gamera, SeatInput::default().doing(Verb::Roar));
        stage
    }

    fn hornless(stage: &mut Stage) {
        *stage.battle.legion.queen.parts.health_mut(Part::Horn) = 0;
    }

    #[test]
    fn a_roar_has_its_conditions() {
        type Case = (&'static str, fn(&mut Stage), bool);
        let cases: [Case; 6] = [
            ("whole and without mana", |_| {}, false),
            ("hurt", |s| s.unit_mut(Role::Gamera).health_milli = 4_400_000, true),
            ("queen hornless", hornless, true),
            ("mana 70", |s| s.battle.gamera.mana = Micro::whole(70), true),
            (
                "in the air",
                |s| {
                    hornless(s);
                    s.unit_mut(Role::Gamera).mover.gait = gamera_protocol::motion::Gait::Fly;
                },
                false,
            ),
            (
                "without the rule",
                |s| {
                    hornless(s);
                    s.battle.balance.rules.remove(Rule::Roar);
                },
                false,
            ),
        ];
        for (name, set, roars) in cases {
            let mut stage = roaring(set);
            stage.run(1);
            assert_eq!(stage.heard(EventKind::GameraRoar) == 1, roars, "{name}");
        }
    }

    #[test]
    fn trust_and_the_bond_decide_how_much_light_gathers() {
        let with_bond = gamera_protocol::balance::GameraNumbers::default().bond_mana_pct;
        for (wariness, bonded, pct) in [(0, false, 100), (100, false, 50), (0, true, with_bond)] {
            let mut stage = roaring(hornless);
            let n = stage.battle.balance.gamera;
            let (quiet, roared) =
                (Micro::milli(n.mana_milli_s * n.roar_s), Micro::milli(n.roar_mana_milli_s * n.roar_s));
            let mana = if bonded { (quiet + roared).percent(pct) } else { quiet + roared.percent(pct) };
            stage.battle.gamera.wariness = Micro::whole(wariness);
            stage.battle.gamera.bonded = bonded;
            for _ in 0..ticks(6) {
                stage.run(1);
                stage.battle.gamera.bonded = bonded;
            }
            assert_eq!(stage.heard(EventKind::LightGathers), 1);
            let off = (stage.battle.gamera.mana - mana).0.abs();
            assert!(off < Micro::milli(400).0, "wariness {wariness}, bonded {bonded}: {:?}", stage.battle.gamera.mana);
        }
    }

    #[test]
    fn a_pin_and_whips_break_a_roar_and_it_has_to_be_begun_anew() {
        type Case = (&'static str, fn(&mut Stage));
        let cases: [Case; 2] = [
            ("whips", |s| break_roar(&mut s.battle)),
            ("a pin", |s| {
                let until = s.battle.tick.after(90);
                s.unit_mut(Role::Gamera).stunned_until = until;
            }),
        ];
        for (name, breaks) in cases {
            let mut stage = roaring(hornless);
            stage.run(60);
            breaks(&mut stage);
            stage.run(ticks(10));
            assert_eq!((stage.heard(EventKind::GameraRoar), stage.heard(EventKind::LightGathers)), (1, 0), "{name}");
        }
    }
}
