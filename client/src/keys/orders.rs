//! Orders that a key gives, from what the own side knows now.

use gamera_protocol::ground::{self, GROUND};
use gamera_protocol::ids::Role;
use gamera_protocol::input::{Aim, Order};
use gamera_protocol::measure::Pos;

use super::commands::Command;
use crate::model::Model;
use crate::ui::Ui;

/// A press shares out this much more or less, percent.
const SHARE_STEP_PCT: u8 = 10;

/// The order that `command` gives, if it gives one now.
pub(super) fn order(ui: &Ui, model: &Model, command: Command) -> Option<Order> {
    let at = ui.aim(model).unwrap_or_else(|| model.here());
    match command {
        Command::ShareDown => share(model, |pct| pct.saturating_sub(SHARE_STEP_PCT)),
        Command::ShareUp => share(model, |pct| (pct + SHARE_STEP_PCT).min(100)),
        Command::Rally => Some(Order::Rally { at: Aim::at(at) }),
        Command::Switch => switch(model),
        Command::Landfall => Some(Order::Landfall { x_m: Aim::at(at).x_m }),
        Command::District => district(at),
        Command::Impact => Some(Order::VoteImpact { site: next_site(ui, model) }),
        _ => None,
    }
}

fn share(model: &Model, change: impl Fn(u8) -> u8) -> Option<Order> {
    let team = model.team.as_ref()?;
    match model.seat_role()? {
        Role::Queen => Some(Order::FeedShare { percent: change(team.legion?.feed_pct) }),
        Role::Commander => Some(Order::EvacuationShare { percent: change(team.sdf?.evacuation_pct) }),
        _ => None,
    }
}

fn switch(model: &Model) -> Option<Order> {
    let team = model.team.as_ref()?;
    match model.seat_role()? {
        Role::Queen => Some(Order::HoldSwarm { on: !team.legion?.hold }),
        Role::Commander => Some(Order::WeaponsFree { on: !team.sdf?.weapons_free }),
        _ => None,
    }
}

fn district(at: Pos) -> Option<Order> {
    let city = ground::city_at(at)?;
    let district = ground::district_at(city, at)? as u8;
    Some(Order::EvacuateDistrict { city, district })
}

/// The site nearest to the aim; without an aim the battle time picks one, so that pressing again
/// later votes for another.
fn next_site(ui: &Ui, model: &Model) -> u8 {
    let Some(aim) = ui.aim(model) else {
        return (model.tick().seconds() % GROUND.snow_sites.len() as u32) as u8;
    };
    let nearest = (0..GROUND.snow_sites.len()).min_by_key(|i| GROUND.snow_sites[*i].distance2(aim));
    nearest.unwrap_or_default() as u8
}
