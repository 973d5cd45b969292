//! What lies on top of the battle: help, who plays, the chooser of seats, the verdict, the question
//! whether to leave.

use gamera_protocol::event;
use gamera_protocol::ids::Side;
use gamera_protocol::view::{EndCause, SeatPart, Verdict};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::lines::{Painter, clock};
use super::palette::Ink;
use super::{Scene, help, units};
use crate::ui::{Overlay, SeatChoice, SeatMenu};

/// The column of names on the verdict screen, characters.
const PART_NAME: usize = 30;

/// A line with its ink.
type Row = (Ink, String);

/// Draws what is open.
pub(super) fn draw(scene: &Scene, buf: &mut Buffer, field: Rect) {
    match &scene.ui.overlay {
        _ if scene.ui.peek_scores => boxed(scene, buf, field, "Who plays", &scores(scene), 0),
        Overlay::None => {}
        Overlay::Help(line) => {
            let rows: Vec<Row> = help::lines(scene.model, scene.ui).into_iter().map(|l| (Ink::Text, l)).collect();
            boxed(scene, buf, field, "Keys (arrows scroll, ? closes)", &rows, *line);
        }
        Overlay::Scores => boxed(scene, buf, field, "Who plays", &scores(scene), 0),
        Overlay::Seats(menu) => seats(scene, buf, field, menu),
        Overlay::Verdict(line) => verdict_box(scene, buf, field, *line),
        Overlay::Quit => {
            let rows = [(Ink::Strong, "Leave the battle? y leaves; a bot takes your seat.".to_owned())];
            boxed(scene, buf, field, "Leave", &rows, 0);
        }
    }
}

/// A box in the middle of the field, scrolled to `first`.
fn boxed(scene: &Scene, buf: &mut Buffer, field: Rect, heading: &str, rows: &[Row], first: usize) {
    let widest = rows.iter().map(|(_, l)| l.chars().count()).max().unwrap_or(0).max(heading.len()) as u16;
    let width = (widest + 4).min(field.width);
    let shown = (rows.len() as u16).min(field.height.saturating_sub(2));
    let first = first.min(rows.len() - usize::from(shown));
    let (x, y) = (field.x + (field.width - width) / 2, field.y + (field.height - shown - 2) / 2);
    let more = if first + usize::from(shown) < rows.len() { " more below" } else { "" };
    Painter::new(scene.palette, buf, x, y, width).say(Ink::Own, &format!("  {heading}{more}")).rest();
    for (i, (ink, text)) in (0..shown).zip(&rows[first..]) {
        Painter::new(scene.palette, buf, x, y + 1 + i, width).say(*ink, &format!("  {text}")).rest();
    }
    Painter::new(scene.palette, buf, x, y + 1 + shown, width).rest();
}

fn scores(scene: &Scene) -> Vec<Row> {
    let model = scene.model;
    let mut rows = Vec::new();
    for side in Side::ALL {
        let seats = || model.seats.iter().filter(|s| s.role.side() == *side);
        let people = seats().filter(|s| s.person.is_some()).count();
        let score = model.team.as_ref().map_or(0, |t| t.scores[side.index()]);
        let text =
            format!("{side:<8} score {score:>4}   {} seats, people in {people}, bots in the rest", seats().count());
        rows.push((units::side_ink(Some(*side)), text));
        for seat in seats().filter(|s| s.person.is_some()) {
            let me = if model.place.as_ref().and_then(|p| p.seat) == Some(seat.seat) { " (you)" } else { "" };
            rows.push((Ink::Text, format!("   {} as {}{me}", model.seat_name(seat.seat), seat.role)));
        }
    }
    rows
}

fn seats(scene: &Scene, buf: &mut Buffer, field: Rect, menu: &SeatMenu) {
    let rows: Vec<Row> = (0..)
        .zip(menu.choices(scene.model))
        .map(|(i, choice)| {
            let on = i == menu.cursor;
            let mark = if on { "> " } else { "  " };
            (if on { Ink::Own } else { Ink::Text }, format!("{mark}{}", choice_words(scene, choice)))
        })
        .collect();
    let heading = "Take a seat (enter chooses, left goes back, esc closes)";
    let first = menu.cursor.saturating_sub(usize::from(field.height.saturating_sub(4)) / 2);
    boxed(scene, buf, field, heading, &rows, first);
}

fn choice_words(scene: &Scene, choice: SeatChoice) -> String {
    let count = |of: &dyn Fn(&crate::link::SeatInfo) -> bool| {
        let (all, free) = scene
            .model
            .seats
            .iter()
            .filter(|s| of(s))
            .fold((0, 0), |(a, f), s| (a + 1, f + usize::from(s.person.is_none())));
        format!("{free} of {all} free")
    };
    match choice {
        SeatChoice::Side(side) => format!("{:<14} {}", side, count(&|s| s.role.side() == side)),
        SeatChoice::Role(role) => format!("{:<14} {}", role, count(&|s| s.role == role)),
        SeatChoice::Watch => "watch, without a seat".into(),
        SeatChoice::Seat(seat) => match scene.model.seats.get(seat.index()).and_then(|s| s.person.as_ref()) {
            Some(_) => format!("seat {:<4} {} plays", seat.0, scene.model.seat_name(seat)),
            None => format!("seat {:<4} a bot plays; yours for the taking", seat.0),
        },
    }
}

fn verdict_box(scene: &Scene, buf: &mut Buffer, field: Rect, line: usize) {
    let Some(verdict) = &scene.model.verdict else { return };
    let mut rows: Vec<Row> = verdict_lines(verdict).into_iter().map(|l| (Ink::Strong, l)).collect();
    for side in Side::ALL {
        rows.push((units::side_ink(Some(*side)), format!("{side:<8} {:>4} of 1000", verdict.scores[side.index()])));
    }
    rows.push((Ink::Text, String::new()));
    rows.extend(parts(scene));
    rows.push((Ink::Text, String::new()));
    for e in &scene.model.timeline {
        let who = e.seat.map(|s| scene.model.seat_name(s)).unwrap_or_default();
        rows.push((Ink::Text, format!("{:>5}  {}", clock(e.tick), event::tell(e, &who))));
    }
    boxed(scene, buf, field, "The verdict (arrows scroll)", &rows, line);
}

/// Who did what, the own seat first.
fn parts(scene: &Scene) -> Vec<Row> {
    let model = scene.model;
    let own = model.place.as_ref().and_then(|place| place.seat);
    let head = format!("{:<PART_NAME$} {:>7} {:>6} {:>6} {:>6}", "who did what", "damage", "kills", "downed", "deeds");
    let row = |part: &SeatPart| {
        let ink = if Some(part.seat) == own { Ink::Own } else { units::side_ink(model.side_of(part.seat)) };
        let name: String = model.part_name(part.seat).chars().take(PART_NAME).collect();
        let SeatPart { damage, kills, downs, deeds, .. } = part;
        (ink, format!("{name:<PART_NAME$} {damage:>7} {kills:>6} {downs:>6} {deeds:>6}"))
    };
    std::iter::once((Ink::Faint, head)).chain(model.parts.iter().map(row)).collect()
}

/// Who won, and why, in words.
pub(crate) fn verdict_lines(verdict: &Verdict) -> Vec<String> {
    let cause = match verdict.cause {
        EndCause::SeedsLaunched => "the seeds are on their way",
        EndCause::CityHeld => "Gamera is dead, and the queen holds the city",
        EndCause::QueenDestroyed => "the queen is dead, and no flower stands",
        EndCause::TimeWithFlower => "time ran out, and a flower still stood",
        EndCause::TimeWithoutFlower => "time ran out, and no flower stood",
        EndCause::Ended => "the host ended the match",
    };
    let war = if verdict.war == Side::Gamera { "Gamera wins the war" } else { "The Legion wins the war" };
    let sdf = if verdict.sdf { "The SDF wins" } else { "The SDF loses" };
    vec![
        format!("{war}: {cause}."),
        format!("{sdf}: {}.{} % of the citizens live.", verdict.survival_permille / 10, verdict.survival_permille % 10),
    ]
}
