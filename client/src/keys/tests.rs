//! Tables of (state, keys, state): what each key does from each state.

use super::*;
use crate::staged;
use crate::ui::Focus;
use gamera_protocol::ids::{Layer, NetId, Side};
use gamera_protocol::input::Order;
use gamera_protocol::message::Wish;
use gamera_protocol::roster::Roster;

const VIEW: Viewport = Viewport { x: 0, y: 1, width: 80, height: 18, centre: Pos::from_m(1_000, 1_500), scale_m: 8 };

/// Presses what `script` says: `<name>` a special key, `^x` with control, anything else itself.
fn play(ui: &mut Ui, model: &Model, script: &str) -> Vec<Action> {
    let mut out = Vec::new();
    let mut rest = script;
    let mut now = Duration::ZERO;
    while let Some(c) = rest.chars().next() {
        let (key, len) = match c {
            '<' => {
                let end = rest.find('>').unwrap();
                (KeyInput::press(named(&rest[1..end])), end + 1)
            }
            '^' => {
                let key = Key::Char(rest.chars().nth(1).unwrap());
                (KeyInput { ctrl: true, text: None, ..KeyInput::press(key) }, 2)
            }
            c => (KeyInput::press(Key::Char(c)), c.len_utf8()),
        };
        rest = &rest[len..];
        handle(ui, model, &VIEW, Input::Key(key), now, &mut out);
        now += Duration::from_secs(1);
    }
    out
}

fn named(name: &str) -> Key {
    match name {
        "enter" => Key::Enter,
        "esc" => Key::Esc,
        "tab" => Key::Tab,
        "back" => Key::Backspace,
        "down" => Key::Down,
        "right" => Key::Right,
        other => panic!("no key {other}"),
    }
}

fn after(role: Option<Role>, script: &str) -> (Ui, Vec<Action>) {
    let mut ui = Ui::default();
    let out = play(&mut ui, &staged::battle(role), script);
    (ui, out)
}

#[test]
fn keys_open_and_close_what_lies_on_top() {
    for (script, overlay) in [
        ("?", Overlay::Help(0)),
        ("?<down>", Overlay::Help(1)),
        ("??", Overlay::None),
        ("p", Overlay::Scores),
        ("pp", Overlay::None),
        ("<tab>", Overlay::Scores),
        ("g", Overlay::Seats(SeatMenu::default())),
        ("g<down><enter>", Overlay::Seats(SeatMenu { side: Some(Side::Legion), ..SeatMenu::default() })),
        ("g<down><enter><back>", Overlay::Seats(SeatMenu::default())),
        ("g<esc>", Overlay::None),
        ("q", Overlay::Quit),
        ("qn", Overlay::None),
    ] {
        assert_eq!(after(Some(Role::Tank), script).0.overlay, overlay, "{script}");
    }
}

#[test]
fn keys_ask_for_what_their_role_may_order() {
    let act = |order| vec![Action::Act(Act::Order(order))];
    for (role, script, wanted) in [
        (Role::Queen, "]", act(Order::FeedShare { percent: 70 })),
        (Role::Queen, "[", act(Order::FeedShare { percent: 50 })),
        (Role::Queen, "o", act(Order::HoldSwarm { on: true })),
        (Role::Commander, "]", act(Order::EvacuationShare { percent: 60 })),
        (Role::Commander, "o", act(Order::WeaponsFree { on: true })),
        (Role::Tank, "]", vec![]),
        (Role::Tank, "o", vec![]),
        (Role::Gamera, "x", act(Order::Landfall { x_m: staged::stage().to_m().0 as u16 })),
        (Role::Tank, "qy", vec![Action::Quit]),
        (Role::Tank, "^c", vec![Action::Quit]),
        (Role::Tank, "^z", vec![Action::Suspend]),
        (Role::Tank, "g<enter><enter>", vec![Action::Act(Act::Choose(Wish::Role(Role::Gamera)))]),
        (
            Role::Tank,
            "g<down><enter><down><enter><enter>",
            vec![Action::Act(Act::Choose(Wish::Seat(Roster::new(16).first(Role::BroodLeader).unwrap())))],
        ),
        (Role::Tank, "<enter>go<enter>", vec![Action::Act(Act::Say { team: false, text: "go".into() })]),
        (Role::Tank, "<enter><tab>qa<back><enter>", vec![Action::Act(Act::Say { team: true, text: "q".into() })]),
        (Role::Tank, "<enter><enter>", vec![]),
    ] {
        assert_eq!(after(Some(role), script).1, wanted, "{role} {script}");
    }
}

#[test]
fn verbs_are_on_the_digits_and_the_first_on_f() {
    for (role, script, wanted) in [
        (Role::Tank, "f", Some(Verb::Strike)),
        (Role::Tank, "1", Some(Verb::Strike)),
        (Role::Tank, "2", Some(Verb::Escort)),
        (Role::Tank, "4", None),
        (Role::Gamera, "9", Some(Verb::Plasma)),
        (Role::Tank, "2 ", None),
    ] {
        assert_eq!(after(Some(role), script).0.doing.in_next_tick(), wanted, "{role} {script}");
    }
}

#[test]
fn looking_about_changes_what_is_seen_and_nothing_else() {
    let model = staged::battle(Some(Role::Tank));
    let (ui, out) = after(Some(Role::Tank), "+-v");
    assert_eq!((ui.zoom(&model), ui.focus, out), (2, Focus::One(Layer::Underground), vec![]));
    assert_eq!(after(Some(Role::Tank), "++++++").0.zoom(&model), 0);
    assert_eq!(after(Some(Role::Tank), "-------").0.zoom(&model), ZOOMS_M.len() - 1);
}

#[test]
fn a_spectator_moves_the_camera_and_follows_the_giants() {
    assert!(matches!(after(None, "d").0.camera, Camera::Free(_)));
    assert_eq!(after(None, "t").0.camera, Camera::Track(NetId(1)));
    assert_eq!(after(None, "tt").0.camera, Camera::Track(NetId(2)));
    assert_eq!(after(None, "dc").0.camera, Camera::Follow);
    assert_eq!(after(None, "d").0.steer, Steer::default());
}

#[test]
fn the_target_key_goes_through_what_the_role_fights_and_escape_forgets_it() {
    assert_eq!(after(Some(Role::Tank), "t").0.target, Some(NetId(7)));
    assert_eq!(after(Some(Role::Tank), "t<esc>").0.target, None);
}

#[test]
fn the_left_button_strikes_there_and_the_right_one_goes_there() {
    let model = staged::battle(Some(Role::Tank));
    let mut ui = Ui::default();
    let mouse = |kind, ui: &mut Ui| {
        let at = Input::Mouse(MouseInput { kind, column: 50, row: 9 });
        handle(ui, &model, &VIEW, at, Duration::ZERO, &mut Vec::new());
    };
    mouse(MouseKind::Left, &mut ui);
    assert_eq!((ui.doing.in_next_tick(), ui.aim(&model)), (Some(Verb::Strike), VIEW.at_cell(50, 9)));
    mouse(MouseKind::LeftUp, &mut ui);
    assert_eq!((0..3).filter_map(|_| ui.doing.in_next_tick()).count(), 2, "what is left of one shot");
    mouse(MouseKind::Right, &mut ui);
    assert_eq!(ui.steer.goal(), VIEW.at_cell(50, 9));
}

#[test]
fn a_window_without_the_keyboard_holds_no_key() {
    let model = staged::battle(Some(Role::Tank));
    let mut ui = Ui { scheme: Scheme::Hold, ..Ui::default() };
    play(&mut ui, &model, "wf");
    assert!(ui.steer.heading(staged::stage()).is_some());
    handle(&mut ui, &model, &VIEW, Input::FocusLost, Duration::ZERO, &mut Vec::new());
    assert_eq!((ui.steer.heading(staged::stage()), ui.doing.in_next_tick()), (None, None));
}

#[test]
fn a_terminal_that_tells_releases_is_played_by_holding() {
    let model = staged::battle(Some(Role::Tank));
    let mut ui = Ui::default();
    handle(&mut ui, &model, &VIEW, Input::KeyboardFlags(31), Duration::ZERO, &mut Vec::new());
    assert_eq!(ui.scheme, Scheme::Hold);
}
