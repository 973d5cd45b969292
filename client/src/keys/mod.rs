//! Keys and mouse: from the state of the interface and one input to the next state and what to ask
//! of the app. Pure; it sends and draws nothing.

pub mod commands;
pub mod doing;
mod menu;
mod orders;
pub mod steer;

use std::time::Duration;

use gamera_protocol::ids::{Kind, Role};
use gamera_protocol::input::{Verb, VerbRow, verbs_of};
use gamera_protocol::measure::{Pos, metres};

use crate::link::Act;
use crate::model::Model;
use crate::targets;
use crate::terminal::input::{Input, Key, KeyInput, MouseInput, MouseKind, Phase};
use crate::ui::{Camera, ChatInput, Overlay, SeatMenu, Ui, Viewport, ZOOMS_M};
use commands::Command;
use steer::{Scheme, Steer};

/// A camera key moves the free camera by this many half-blocks.
const PAN_DOTS: i32 = 12;
/// A click within this of a thing aims at the thing, half-blocks.
const PICK_DOTS: i32 = 2;

/// What the keys ask of the app.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// Something for the server.
    Act(Act),
    /// The whole screen anew.
    Redraw,
    /// Sleep, as ctrl-z asks.
    Suspend,
    /// Goodbye.
    Quit,
}

/// Takes one input; appends what it asks for.
pub fn handle(ui: &mut Ui, model: &Model, view: &Viewport, input: Input, now: Duration, out: &mut Vec<Action>) {
    match input {
        Input::Key(key) if key.ctrl => control(key, out),
        Input::Key(key) if key.phase == Phase::Release => release(ui, model, key),
        Input::Key(key) => press(ui, model, key, now, out),
        Input::Mouse(mouse) => click(ui, model, view, mouse, now),
        Input::FocusLost => let_go(ui),
        Input::KeyboardFlags(flags) if flags & 2 != 0 => ui.scheme = Scheme::Hold,
        _ => {}
    }
}

fn control(key: KeyInput, out: &mut Vec<Action>) {
    match key.key {
        _ if key.phase == Phase::Release => {}
        Key::Char('c' | 'd') => out.push(Action::Quit),
        Key::Char('l') => out.push(Action::Redraw),
        Key::Char('z') => out.push(Action::Suspend),
        _ => {}
    }
}

/// What a terminal that tells releases would have told when the window lost the keyboard.
fn let_go(ui: &mut Ui) {
    ui.peek_scores = false;
    if ui.scheme == Scheme::Hold {
        ui.steer.halt();
        ui.doing.stop();
    }
}

fn release(ui: &mut Ui, model: &Model, key: KeyInput) {
    ui.steer.release(key.key);
    if let Some(row) = verb_of_key(model, key.key) {
        ui.doing.release(row.verb);
    }
    if key.key == Key::Tab {
        ui.peek_scores = false;
    }
}

fn press(ui: &mut Ui, model: &Model, key: KeyInput, now: Duration, out: &mut Vec<Action>) {
    if ui.chat.is_some() {
        return menu::write_chat(ui, key, out);
    }
    if ui.overlay != Overlay::None && menu::press(ui, model, key, out) {
        return;
    }
    let typed = key.text.map_or(key.key, Key::Char);
    if let Some(command) = commands::find(typed, model.seat_role()) {
        if key.phase == Phase::Press || matches!(command, Command::ShareUp | Command::ShareDown) {
            obey(ui, model, command, out);
        }
    } else if let Some(way) = Steer::way(key.key) {
        move_or_pan(ui, model, key.key, way, now);
    } else if let Some(row) = verb_of_key(model, key.key) {
        ui.doing.press(ui.scheme, row.verb, row.hold, now);
    } else if key.key == Key::Tab {
        peek(ui);
    } else if key.key == Key::Esc {
        (ui.target, ui.point) = (None, None);
    }
}

/// Shows the scores while tab is held; where releases are not told, until the next key.
fn peek(ui: &mut Ui) {
    match ui.scheme {
        Scheme::Hold => ui.peek_scores = true,
        Scheme::Course => ui.overlay = Overlay::Scores,
    }
}

fn move_or_pan(ui: &mut Ui, model: &Model, key: Key, way: (i8, i8), now: Duration) {
    if model.role().is_some() {
        return ui.steer.press(ui.scheme, key, now);
    }
    let from = ui.centre(model);
    let step = metres(ZOOMS_M[ui.zoom(model)] * PAN_DOTS);
    let to = Pos::new(from.x + i32::from(way.0) * step, from.y + i32::from(way.1) * step);
    ui.camera = Camera::Free(gamera_protocol::ground::clamp(to));
}

/// The verb on a key: the first on `f` too.
fn verb_of_key(model: &Model, key: Key) -> Option<&'static VerbRow> {
    let role = model.role()?;
    let index = match key {
        Key::Char('f') => 0,
        Key::Char(c @ '1'..='9') => c as usize - '1' as usize,
        _ => return None,
    };
    verbs_of(role).nth(index)
}

fn obey(ui: &mut Ui, model: &Model, command: Command, out: &mut Vec<Action>) {
    let zoom = ui.zoom(model);
    match command {
        Command::Halt => {
            ui.steer.halt();
            ui.doing.stop();
        }
        Command::ZoomIn => ui.zoom = Some(zoom.saturating_sub(1)),
        Command::ZoomOut => ui.zoom = Some((zoom + 1).min(ZOOMS_M.len() - 1)),
        Command::Layers => ui.focus = ui.focus.next(),
        Command::Target => next_target(ui, model),
        Command::Follow => ui.camera = Camera::Follow,
        Command::Scores => ui.overlay = Overlay::Scores,
        Command::Seats => ui.overlay = Overlay::Seats(SeatMenu::default()),
        Command::Help => ui.overlay = Overlay::Help(0),
        Command::Chat => ui.chat = Some(ChatInput::default()),
        Command::Quit => ui.overlay = Overlay::Quit,
        _ => out.extend(orders::order(ui, model, command).map(|order| Action::Act(Act::Order(order)))),
    }
}

fn next_target(ui: &mut Ui, model: &Model) {
    let Some(role) = model.role() else {
        let giants: Vec<_> = [Kind::Gamera, Kind::Queen, Kind::Flower]
            .into_iter()
            .flat_map(|kind| model.things.of_kind(kind).copied())
            .collect();
        let current = if let Camera::Track(id) = ui.camera { Some(id) } else { None };
        ui.camera = targets::next(&giants, current).map_or(Camera::Follow, Camera::Track);
        return;
    };
    ui.target = targets::next(&targets::list(role, model.here(), &model.things), ui.target);
    ui.point = None;
}

fn click(ui: &mut Ui, model: &Model, view: &Viewport, mouse: MouseInput, now: Duration) {
    match mouse.kind {
        MouseKind::WheelUp => obey(ui, model, Command::ZoomIn, &mut Vec::new()),
        MouseKind::WheelDown => obey(ui, model, Command::ZoomOut, &mut Vec::new()),
        MouseKind::LeftUp => ui.doing.release(first_verb(model).unwrap_or(Verb::Strike)),
        MouseKind::Left | MouseKind::Right if ui.overlay != Overlay::None => ui.overlay = Overlay::None,
        MouseKind::Right => {
            if let Some(pos) = view.at_cell(mouse.column, mouse.row) {
                match model.role() {
                    Some(_) => ui.steer.go_to(pos),
                    None => ui.camera = Camera::Free(pos),
                }
            }
        }
        MouseKind::Left => {
            if let Some(pos) = view.at_cell(mouse.column, mouse.row) {
                aim(ui, model, view, pos, now);
            }
        }
    }
}

/// The left button: the first verb at what is there, for as long as the button is down.
fn aim(ui: &mut Ui, model: &Model, view: &Viewport, pos: Pos, now: Duration) {
    let Some(row) = model.role().and_then(|role| verbs_of(role).next()) else {
        ui.camera = Camera::Free(pos);
        return;
    };
    let near = metres(view.scale_m * PICK_DOTS);
    let prey = model.role().map_or(&[][..], targets::prey);
    let hit = model.drawn.iter().filter(|t| prey.contains(&t.kind) && t.pos.within(pos, near));
    ui.target = hit.min_by_key(|t| t.pos.distance2(pos)).map(|t| t.id);
    ui.point = Some(pos);
    // The mouse tells its release on every terminal.
    ui.doing.press(Scheme::Hold, row.verb, row.hold, now);
}

fn first_verb(model: &Model) -> Option<Verb> {
    model.role().and_then(|role: Role| verbs_of(role).next()).map(|row| row.verb)
}

#[cfg(test)]
mod tests;
