//! Pictures of a staged battle, read back as text.

use super::palette::Depth;
use super::*;
use crate::staged;
use crate::ui::{ChatInput, Overlay, SeatMenu};
use gamera_protocol::ids::Role;
use gamera_protocol::view::Verdict;

fn text(buf: &Buffer) -> String {
    let rows = (0..buf.area.height).map(|y| {
        let row: String = (0..buf.area.width).map(|x| buf[(x, y)].symbol()).collect();
        row.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn picture(model: &Model, ui: &Ui, size: (u16, u16), depth: Depth) -> String {
    let palette = Palette { depth, ascii: depth == Depth::None };
    text(&draw(&Scene { model, ui, palette, terminal_ms: Some(12) }, size))
}

#[test]
fn a_tank_at_80_by_24_without_colour() {
    insta::assert_snapshot!(picture(&staged::battle(Some(Role::Tank)), &Ui::default(), (80, 24), Depth::None));
}

#[test]
fn gamera_at_120_by_40_without_colour() {
    insta::assert_snapshot!(picture(&staged::battle(Some(Role::Gamera)), &Ui::default(), (120, 40), Depth::None));
}

#[test]
fn a_spectator_at_80_by_24() {
    insta::assert_snapshot!(picture(&staged::battle(None), &Ui::default(), (80, 24), Depth::None));
}

#[test]
fn the_help_of_an_engineer() {
    let ui = Ui { overlay: Overlay::Help(0), ..Ui::default() };
    insta::assert_snapshot!(picture(&staged::battle(Some(Role::Engineer)), &ui, (100, 50), Depth::None));
}

#[test]
fn every_role_size_and_overlay_is_drawn_with_the_own_unit_marked() {
    let overlays = [Overlay::None, Overlay::Help(99), Overlay::Scores, Overlay::Quit, Overlay::Verdict(99)];
    for role in Role::ALL {
        let model = staged::battle(Some(*role));
        for size in [(60, 20), (80, 24), (109, 29), (110, 30), (200, 60)] {
            for depth in [Depth::None, Depth::Ansi16, Depth::Ansi256, Depth::True] {
                let shown = picture(&model, &Ui::default(), size, depth);
                let mark = if *role == Role::Jet { "^@^" } else { "[@]" };
                // The status line names it too.
                assert!(shown.matches(mark).count() >= if mark == "[@]" { 2 } else { 1 }, "{role} {size:?} {depth:?}");
            }
            for overlay in overlays.clone() {
                let _ = picture(&model, &Ui { overlay, ..Ui::default() }, size, Depth::True);
            }
        }
    }
}

#[test]
fn a_screen_too_small_says_what_it_needs() {
    for size in [(59, 24), (80, 19), (10, 3), (1, 1)] {
        let shown = picture(&staged::battle(None), &Ui::default(), size, Depth::True);
        assert!(size.0 < 59 || shown.contains("needs 60 x 20"), "{size:?}: {shown}");
    }
}

#[test]
fn chat_seats_and_verdict_are_shown() {
    let mut model = staged::battle(Some(Role::Queen));
    let ui = Ui { chat: Some(ChatInput { text: "hold the flower".into(), team: true }), ..Ui::default() };
    let shown = picture(&model, &ui, (80, 24), Depth::None);
    assert!(shown.contains("say to your side") && shown.contains("hold the flower"));
    let ui =
        Ui { overlay: Overlay::Seats(SeatMenu { role: Some(Role::Queen), ..SeatMenu::default() }), ..Ui::default() };
    assert!(picture(&model, &ui, (80, 24), Depth::None).contains("Mizuno plays"));
    model.verdict = Some(Verdict {
        at: gamera_protocol::measure::Tick(9_000),
        war: gamera_protocol::ids::Side::Legion,
        sdf: true,
        cause: gamera_protocol::view::EndCause::SeedsLaunched,
        scores: [310, 800, 720],
        survival_permille: 724,
    });
    let ui = Ui { overlay: Overlay::Verdict(0), ..Ui::default() };
    let shown = picture(&model, &ui, (80, 24), Depth::None);
    assert!(shown.contains("The Legion wins the war") && shown.contains("72.4 %"), "{shown}");
}

#[test]
fn nothing_is_told_by_colour_alone() {
    let model = staged::battle(Some(Role::Tank));
    let plain = picture(&model, &Ui::default(), (80, 24), Depth::None);
    for letter in ['G', 'F', 'B', 'E', 'c', '?', '~'] {
        assert!(plain.contains(letter), "{letter}\n{plain}");
    }
}
