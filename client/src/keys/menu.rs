//! Keys while something is open on top of the battle: help, scores, the chooser of seats, the
//! question whether to leave, and the line of chat.

use gamera_protocol::message::Wish;
use gamera_protocol::text::CHAT_MAX;

use super::Action;
use crate::link::Act;
use crate::model::Model;
use crate::terminal::input::{Key, KeyInput, Phase};
use crate::ui::{Overlay, SeatChoice, SeatMenu, Ui};

/// Takes a key; false where it means what it always means.
pub(super) fn press(ui: &mut Ui, model: &Model, key: KeyInput, out: &mut Vec<Action>) -> bool {
    if key.phase == Phase::Repeat && !matches!(key.key, Key::Up | Key::Down | Key::PageUp | Key::PageDown) {
        return true;
    }
    match std::mem::take(&mut ui.overlay) {
        Overlay::Quit if matches!(key.key, Key::Char('y' | 'q') | Key::Enter) => out.push(Action::Quit),
        Overlay::Quit => {}
        Overlay::Help(line) => return scroll(ui, line, key.key),
        Overlay::Seats(menu) => choose(ui, model, menu, key.key, out),
        // Any key closes these, and is otherwise what it always is, so that nobody is caught in them.
        Overlay::Verdict(line) if matches!(key.key, Key::Up | Key::Down | Key::PageUp | Key::PageDown) => {
            ui.overlay = Overlay::Verdict(scrolled(line, key.key).unwrap_or(line));
        }
        Overlay::Scores | Overlay::Verdict(_) | Overlay::None => {
            return matches!(key.key, Key::Esc | Key::Enter | Key::Tab | Key::Char('p' | 'q' | ' '));
        }
    }
    true
}

fn scroll(ui: &mut Ui, line: usize, key: Key) -> bool {
    match scrolled(line, key) {
        Some(to) => ui.overlay = Overlay::Help(to),
        None => return matches!(key, Key::Esc | Key::Enter | Key::Char('?' | '/' | 'q')),
    }
    true
}

/// The first line that is shown after `key`, where it is one that scrolls.
fn scrolled(line: usize, key: Key) -> Option<usize> {
    Some(match key {
        Key::Down | Key::Char('j') => line + 1,
        Key::PageDown | Key::Char(' ') => line + 10,
        Key::Up | Key::Char('k') => line.saturating_sub(1),
        Key::PageUp => line.saturating_sub(10),
        _ => return None,
    })
}

fn choose(ui: &mut Ui, model: &Model, mut menu: SeatMenu, key: Key, out: &mut Vec<Action>) {
    let choices = menu.choices(model);
    let last = choices.len().saturating_sub(1);
    match key {
        Key::Up | Key::Char('k' | 'w') => menu.cursor = menu.cursor.saturating_sub(1),
        Key::Down | Key::Char('j' | 's') => menu.cursor = (menu.cursor + 1).min(last),
        Key::PageUp => menu.cursor = menu.cursor.saturating_sub(10),
        Key::PageDown => menu.cursor = (menu.cursor + 10).min(last),
        Key::Left | Key::Backspace | Key::Char('h' | 'a') => menu = back(menu),
        Key::Enter | Key::Right | Key::Char('l' | 'd' | ' ') => {
            match choices.get(menu.cursor).and_then(|choice| take(&mut menu, model, *choice)) {
                Some(wish) => return out.push(Action::Act(Act::Choose(wish))),
                None => menu.cursor = 0,
            }
        }
        Key::Esc | Key::Char('g' | 'q') => return,
        _ => {}
    }
    ui.overlay = Overlay::Seats(menu);
}

fn back(menu: SeatMenu) -> SeatMenu {
    let side = if menu.role.is_some() { menu.side } else { None };
    SeatMenu { side, ..SeatMenu::default() }
}

/// Goes into a choice; a wish where it was the last one.
fn take(menu: &mut SeatMenu, model: &Model, choice: SeatChoice) -> Option<Wish> {
    match choice {
        SeatChoice::Role(role) if model.seats.iter().filter(|s| s.role == role).count() == 1 => {
            return Some(Wish::Role(role));
        }
        SeatChoice::Side(side) => menu.side = Some(side),
        SeatChoice::Role(role) => menu.role = Some(role),
        SeatChoice::Seat(seat) => return Some(Wish::Seat(seat)),
        SeatChoice::Watch => return Some(Wish::Watch),
    }
    None
}

/// A key while a line is being written.
pub(super) fn write_chat(ui: &mut Ui, key: KeyInput, out: &mut Vec<Action>) {
    let Some(mut chat) = ui.chat.take() else { return };
    match key.key {
        Key::Esc => return,
        Key::Enter => {
            let text = chat.text.trim().to_owned();
            if !text.is_empty() {
                out.push(Action::Act(Act::Say { team: chat.team, text }));
            }
            return;
        }
        Key::Tab => chat.team = !chat.team,
        Key::Backspace => {
            chat.text.pop();
        }
        _ => {
            if let Some(c) = key.text
                && chat.text.chars().count() < CHAT_MAX
            {
                chat.text.push(c);
            }
        }
    }
    ui.chat = Some(chat);
}
