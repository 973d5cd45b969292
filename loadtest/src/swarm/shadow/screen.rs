//! Both views on the terminal: the client's screen as its player sees it, and beside it the same screen drawn of the
//! server's state. Where they do not hold the same things, it is marked.

use std::sync::mpsc::SyncSender;
use std::time::Duration;

use gamera_client::link::{Picture, Update};
use gamera_client::model::Model;
use gamera_client::screen::palette::{Ink, Palette};
use gamera_client::screen::{self, SIZE_MIN, Scene};
use gamera_client::terminal::guard::Guard;
use gamera_client::terminal::input::{Input, Key, Phase};
use gamera_client::terminal::output::Output;
use gamera_client::terminal::pace::Pace;
use gamera_client::terminal::parse::Parser;
use gamera_client::terminal::streams::{size, stdin_bytes, stdout_frames};
use gamera_client::ui::{Camera, Ui, Viewport, ZOOMS_M};
use gamera_protocol::admin::SeatPicture;
use gamera_protocol::measure::{Pos, Tick};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use tokio::sync::mpsc::Receiver;

use super::judge::Judge;
use super::panel::{self, Told};

/// From this many rows on there is room for the whole panel.
const WIDE_ROWS: u16 = SIZE_MIN.1 + 1 + panel::LINES;

/// What is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Which {
    Both,
    Client,
    Server,
}

/// Where what is shown goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Halves {
    /// Columns and rows of each view.
    size: (u16, u16),
    client: Option<u16>,
    server: Option<u16>,
    panel_rows: u16,
}

impl Halves {
    fn new((width, height): (u16, u16), which: Which) -> Halves {
        let panel_rows = if height >= WIDE_ROWS { panel::LINES } else { panel::LINES_NARROW };
        let rows = height.saturating_sub(1 + panel_rows);
        let half = width.saturating_sub(1) / 2;
        let whole = |client, server| Halves { size: (width, rows), client, server, panel_rows };
        match which {
            Which::Both if half >= SIZE_MIN.0 => {
                Halves { size: (half, rows), client: Some(0), server: Some(width - half), panel_rows }
            }
            Which::Both | Which::Client => whole(Some(0), None),
            Which::Server => whole(None, Some(0)),
        }
    }
}

/// The terminal, taken until it is dropped.
pub(super) struct Screen {
    bytes: Receiver<Vec<u8>>,
    parser: Parser,
    output: Output,
    pace: Pace,
    writer: SyncSender<Vec<u8>>,
    palette: Palette,
    ui: Ui,
    which: Which,
    has_marks: bool,
    /// The newest picture of the server, as a model that has seen no other.
    server: Model,
    server_tick: Option<Tick>,
    _guard: Guard,
}

impl Screen {
    pub(super) fn take() -> std::io::Result<Screen> {
        Ok(Screen {
            bytes: stdin_bytes(),
            parser: Parser::default(),
            output: Output::default(),
            pace: Pace::default(),
            writer: stdout_frames(),
            palette: Palette::from_env(|name| std::env::var(name).ok(), false),
            ui: Ui::default(),
            which: Which::Both,
            has_marks: true,
            server: Model::default(),
            server_tick: None,
            _guard: Guard::take()?,
        })
    }

    /// Does what was typed and draws a frame if one is due. True where the run is to end.
    pub(super) fn step(&mut self, now: Duration, client: &Model, judge: &Judge, note: &str) -> bool {
        let mut inputs = Vec::new();
        while let Ok(chunk) = self.bytes.try_recv() {
            self.parser.feed(&chunk, &mut inputs);
        }
        let mut ends = false;
        for input in inputs {
            ends |= self.obey(input, client, now);
        }
        if self.pace.may_draw(now) {
            self.take_truth(client, judge, now);
            let next = self.draw(client, judge, note, size());
            let frame = self.output.frame(next, self.pace.asks());
            if self.writer.try_send(frame).is_err() {
                // The line is jammed, and this frame is lost: the next one is drawn whole.
                self.output.forget();
            }
            self.pace.drawn(now);
        }
        ends
    }

    fn obey(&mut self, input: Input, client: &Model, now: Duration) -> bool {
        let key = match input {
            Input::Key(key) if key.phase != Phase::Release => key,
            Input::CursorReport => {
                self.pace.answered(now);
                return false;
            }
            _ => return false,
        };
        let zoom = self.ui.zoom(client);
        match (key.key, key.text) {
            (Key::Char('c'), _) if key.ctrl => return true,
            (_, Some('q')) => return true,
            (Key::Tab, _) => self.turn_over(),
            (_, Some('+' | '=')) => self.ui.zoom = Some(zoom.saturating_sub(1)),
            (_, Some('-')) => self.ui.zoom = Some((zoom + 1).min(ZOOMS_M.len() - 1)),
            (_, Some('v')) => self.ui.focus = self.ui.focus.next(),
            (_, Some('d')) => self.has_marks = !self.has_marks,
            _ => {}
        }
        false
    }

    fn turn_over(&mut self) {
        self.which = match self.which {
            Which::Both => Which::Client,
            Which::Client => Which::Server,
            Which::Server => Which::Both,
        };
        // Where both do not fit, both are the client's alone: a key that does nothing would be none.
        if self.which == Which::Both && Halves::new(size(), Which::Both).server.is_none() {
            self.which = Which::Client;
        }
    }

    /// Takes the newest picture of the server to be drawn beside.
    fn take_truth(&mut self, client: &Model, judge: &Judge, now: Duration) {
        let Some(truth) = judge.newest().filter(|truth| Some(truth.picture.tick) != self.server_tick) else { return };
        self.server_tick = Some(truth.picture.tick);
        self.server = as_it_is(client, &truth.picture, now);
    }

    fn draw(&self, client: &Model, judge: &Judge, note: &str, size: (u16, u16)) -> Buffer {
        let halves = Halves::new(size, self.which);
        let mut buf = Buffer::empty(Rect::new(0, 0, size.0, size.1));
        buf.set_style(buf.area, self.palette.text(Ink::Text));
        let ui =
            Ui { camera: Camera::Free(self.ui.centre(client)), zoom: Some(self.ui.zoom(client)), ..self.ui.clone() };
        let differences = &judge.differences;
        if let Some(x) = halves.client {
            let title = format!(" CLIENT: what its player sees, snapshot of tick {}", client.tick().0);
            self.view(&mut buf, (x, halves), &title, (client, &ui), (&differences.ghosts, "x"));
        }
        if let Some(x) = halves.server {
            let tick = self.server_tick.map_or("?".to_owned(), |tick| tick.0.to_string());
            let title = format!(" SERVER: what its side may see, tick {tick}");
            self.view(&mut buf, (x, halves), &title, (&self.server, &ui), (&differences.missing, "o"));
        }
        let told = Told { judge, note, is_wide: halves.panel_rows == panel::LINES };
        for (row, line) in (size.1.saturating_sub(halves.panel_rows)..size.1).zip(panel::lines(&told)) {
            let room = usize::from(size.0).saturating_sub(1);
            buf.set_stringn(1, row, line, room, self.palette.text(Ink::Text));
        }
        buf
    }

    /// One of the two, from column `x` on, under its title.
    fn view(
        &self,
        buf: &mut Buffer,
        (x, halves): (u16, Halves),
        title: &str,
        (model, ui): (&Model, &Ui),
        (marks, letter): (&[Pos], &str),
    ) {
        let scene = Scene { model, ui, palette: self.palette, terminal_ms: None };
        let mut half = screen::draw(&scene, halves.size);
        if self.has_marks {
            mark(&mut half, &screen::viewport(model, ui, halves.size), marks, letter);
        }
        let style = self.palette.text(Ink::Strong).add_modifier(Modifier::REVERSED);
        let room = usize::from(halves.size.0);
        if buf.area.height > 0 {
            buf.set_stringn(x, 0, format!("{title:room$}"), room, style);
        }
        for row in 0..half.area.height {
            for column in 0..half.area.width {
                if let Some(cell) = buf.cell_mut((x + column, 1 + row)) {
                    cell.clone_from(&half[(column, row)]);
                }
            }
        }
    }
}

/// A model of one picture: with no past nothing in it is predicted, blended or drawn late. Place, seats and the swarm
/// beyond reach, which is no thing of either view, are the client's.
fn as_it_is(client: &Model, truth: &SeatPicture, now: Duration) -> Model {
    let mut server = Model::default();
    client.place.iter().for_each(|place| server.apply(Update::Placed(place.clone()), now));
    server.seats.clone_from(&client.seats);
    let picture = Picture {
        tick: truth.tick,
        own: Some(truth.own),
        team: truth.team.clone(),
        things: truth.things.clone(),
        told: Vec::new(),
        density: client.density.clone(),
    };
    server.apply(Update::Picture(Box::new(picture)), now);
    let me = client.place.as_ref().and_then(|place| place.seat);
    server.drawn = server.things.all().iter().filter(|t| me.is_none() || t.seat != me).copied().collect();
    server.now = now;
    server
}

/// Marks the cells that show these places.
fn mark(buf: &mut Buffer, view: &Viewport, places: &[Pos], letter: &str) {
    let inside =
        |(x, y): &(i32, i32)| (0..i32::from(view.width)).contains(x) && (0..i32::from(view.height) * 2).contains(y);
    for (x, y) in places.iter().map(|pos| view.dot(*pos)).filter(inside) {
        if let Some(cell) = buf.cell_mut((view.x + x as u16, view.y + (y / 2) as u16)) {
            cell.set_symbol(letter).modifier.insert(Modifier::BOLD | Modifier::REVERSED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_stand_beside_each_other_where_there_is_room_and_one_is_shown_where_not() {
        for (size, which, sides, view) in [
            ((200, 50), Which::Both, (true, true), (99, 44)),
            ((121, 26), Which::Both, (true, true), (60, 20)),
            ((120, 40), Which::Both, (true, false), (120, 34)),
            ((80, 24), Which::Both, (true, false), (80, 20)),
            ((80, 24), Which::Server, (false, true), (80, 20)),
            ((200, 50), Which::Client, (true, false), (200, 44)),
            ((0, 0), Which::Both, (true, false), (0, 0)),
        ] {
            let halves = Halves::new(size, which);
            assert_eq!(
                (halves.client.is_some(), halves.server.is_some(), halves.size),
                (sides.0, sides.1, view),
                "{size:?}"
            );
        }
    }

    #[test]
    fn what_differs_is_marked_where_it_is_and_nothing_outside() {
        let view = Viewport { x: 2, y: 1, width: 10, height: 5, centre: Pos::from_m(1_000, 1_000), scale_m: 4 };
        let mut buf = Buffer::empty(Rect::new(0, 0, 14, 8));
        let inside = view.at_cell(4, 3).unwrap();
        // One of those outside is a dot above the first row.
        mark(
            &mut buf,
            &view,
            &[inside, Pos::from_m(3_000, 1_000), Pos::from_m(1_000, 3_000), Pos::from_m(996, 1_024)],
            "x",
        );
        let marked: Vec<usize> = (0..buf.content.len()).filter(|at| buf.content[*at].symbol() == "x").collect();
        assert_eq!(marked, [3 * 14 + 4]);
    }
}
