//! A player whose hand is made up: the terminal client's own state (session, clock, prediction,
//! interpolation, keys), turned and drawn as its screen's loop does it, and what is measured of it.

use std::collections::VecDeque;
use std::time::Duration;

use gamera_client::app::STEP as TURN;
use gamera_client::keys::steer::Scheme;
use gamera_client::link::Update;
use gamera_client::player::Player;
use gamera_client::remote::Remote;
use gamera_client::session::{Dialer, Session};
use gamera_client::terminal::pace::BEST as FRAME;
use gamera_protocol::measure::{Angle, Pos, Tick, UNITS_PER_M, metres};
use gamera_protocol::motion::Mover;
use gamera_protocol::view::Life;

use super::hand::{Hand, Move};
use super::traffic::Traffic;
use super::world::{STEP, World};

/// What is so near fills the screen where it is drawn largest.
const CLOSE_M: i32 = 64;
/// What is so near is told of at the full rate, and is what a player looks at.
const NEAR_M: i32 = 256;
/// A correction beyond this is no error of the prediction but a new place: redeployed, thrown, carried.
const NEW_PLACE_M: f64 = 80.0;
/// Times that a player works in a second.
const STEPS_A_SECOND: usize = (Duration::from_secs(1).as_millis() / STEP.as_millis()) as usize;
/// A key that is not answered for so long counts as answered then.
const UNANSWERED: Duration = Duration::from_secs(1);

/// What was measured of one player.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// From each key to the first frame whose own unit shows it, milliseconds.
    pub(super) answers_ms: Vec<f64>,
    /// Keys that the very next frame answered.
    pub(super) next_frame: usize,
    /// By how much each word of the server corrected the own unit, metres.
    pub(super) corrections_m: Vec<f64>,
    /// How far others were drawn from where the server had them at the time that is drawn, metres: close, near
    /// (the close ones among them), and farther off.
    pub(super) close_m: Vec<f64>,
    pub(super) near_m: Vec<f64>,
    pub(super) far_m: Vec<f64>,
    /// Others near that there were, and those of them that were drawn.
    pub(super) near: usize,
    pub(super) near_shown: usize,
    /// Age of the newest snapshot at each frame, from the tick to the eye, milliseconds.
    pub(super) ages_ms: Vec<f64>,
    /// QUIC's round trip at each frame, milliseconds.
    pub(super) rtts_ms: Vec<f64>,
    /// How far others are drawn behind the newest snapshot, milliseconds.
    pub(super) delays_ms: Vec<f64>,
    pub(super) snapshots: u64,
    pub(super) bytes_down: u64,
    pub(super) bytes_up: u64,
    /// The most bytes that came in one second.
    pub(super) peak_down_s: u64,
    /// Lines that told the player of a correction.
    pub(super) told: usize,
    /// The session broke, and was or was not taken up again.
    pub(super) rejoins: u32,
}

/// A key that waits for its answer.
#[derive(Clone, Copy, Debug)]
struct Asked {
    at: Duration,
    way: Angle,
    before: Mover,
    frames: u32,
}

/// One player.
pub(super) struct Pilot {
    dialer: Dialer,
    player: Player<Remote>,
    hand: Hand,
    traffic: Traffic,
    next_turn: Duration,
    drawn_at: Option<Duration>,
    asked: Option<Asked>,
    word: Tick,
    newest: Tick,
    judged: Tick,
    before: (u64, u64),
    /// Bytes down by the begin of each of the last steps of a second, the oldest first.
    last_second: VecDeque<u64>,
    is_measured: bool,
    marks: Marks,
}

impl Pilot {
    pub(super) fn new(session: Session, dialer: Dialer, traffic: Traffic, hand: Hand, now: Duration) -> Pilot {
        let mut player = Player::new(Remote::new(session));
        player.ui.scheme = Scheme::Hold;
        Pilot {
            dialer,
            player,
            hand,
            traffic,
            next_turn: now,
            drawn_at: None,
            asked: None,
            word: Tick(0),
            newest: Tick(0),
            judged: Tick(0),
            before: (0, 0),
            last_second: VecDeque::new(),
            is_measured: false,
            marks: Marks::default(),
        }
    }

    /// From now on it is measured.
    pub(super) fn measure(&mut self) {
        self.is_measured = true;
        self.before = self.traffic.bytes();
        self.marks = Marks { rejoins: self.marks.rejoins, ..Marks::default() };
    }

    /// What was measured.
    pub(super) fn finish(mut self) -> Marks {
        let (down, up) = self.traffic.bytes();
        (self.marks.bytes_down, self.marks.bytes_up) = (down - self.before.0, up - self.before.1);
        self.marks
    }

    /// Does at `now` what the client's loop does when it is woken: by a key, or by its own clock.
    pub(super) fn work(&mut self, now: Duration, world: &World) {
        self.dialer.receive();
        let moves = self.hand.moves(now);
        if let Some(moves) = moves {
            self.obey(moves, now);
        }
        if moves.is_some() || now >= self.next_turn {
            self.turn(now, world);
        }
        if now >= self.next_turn {
            self.next_turn += TURN;
        }
        self.dialer.send();
        if self.is_measured {
            self.weigh();
            self.judge(now, world);
        }
    }

    /// Looks for the second that brought most, wherever it begins.
    fn weigh(&mut self) {
        let (down, _) = self.traffic.bytes();
        self.last_second.push_back(down);
        if self.last_second.len() > STEPS_A_SECOND
            && let Some(then) = self.last_second.pop_front()
        {
            self.marks.peak_down_s = self.marks.peak_down_s.max(down - then);
        }
    }

    fn obey(&mut self, moves: Move, now: Duration) {
        match moves {
            Move::Press(key, way) => {
                self.player.ui.steer.press(Scheme::Hold, key, now);
                let before = self.player.model.own_drawn().filter(|_| self.can_move());
                self.asked = before.map(|before| Asked { at: now, way, before, frames: 0 });
            }
            Move::Release(key) => self.player.ui.steer.release(key),
        }
    }

    /// True for a unit that goes where its player wants: one that lies there or is held does not.
    fn can_move(&self) -> bool {
        self.player.model.own.is_some_and(|own| own.life == Life::Alive && own.speed_permille > 0)
    }

    fn turn(&mut self, now: Duration, world: &World) {
        for update in self.player.step(now) {
            match update {
                Update::Interrupted(_) | Update::Closed(_) => self.marks.rejoins += 1,
                _ => {}
            }
        }
        let model = &self.player.model;
        if model.tick() > self.newest {
            self.newest = model.tick();
            self.marks.snapshots += 1;
        }
        if let Some(own) = model.own.filter(|own| own.tick > self.word) {
            self.word = own.tick;
            let metres = f64::from(model.last_correction()) / f64::from(UNITS_PER_M);
            self.marks.told += usize::from(model.is_correction_told());
            self.marks.corrections_m.extend(Some(metres).filter(|m| *m <= NEW_PLACE_M));
        }
        if self.drawn_at.is_none_or(|at| now - at >= FRAME) {
            self.drawn_at = Some(now);
            self.draw(now, world);
        }
    }

    /// A frame: what it shows is what is measured.
    fn draw(&mut self, now: Duration, world: &World) {
        let model = &self.player.model;
        self.marks.ages_ms.push(millis(now.saturating_sub(world.time_of(self.newest))));
        self.marks.rtts_ms.push(f64::from(model.quality.rtt_ms));
        self.marks.delays_ms.push(model.clock.delay_ms());
        let Some(mut asked) = self.asked.take() else { return };
        let Some(drawn) = model.own_drawn().filter(|_| self.can_move()) else { return };
        asked.frames += 1;
        let took = now - asked.at;
        if answers(asked.before, drawn, asked.way) || took >= UNANSWERED {
            self.marks.answers_ms.push(millis(took));
            self.marks.next_frame += usize::from(asked.frames == 1 && took < UNANSWERED);
        } else {
            self.asked = Some(asked);
        }
    }

    /// Holds what is drawn against what the server had, at the moments that both know.
    fn judge(&mut self, now: Duration, world: &World) {
        let shown = self.player.model.clock.drawn_tick(now);
        let is_shown = |tick: Tick| f64::from(tick.0) <= shown;
        let truths = world.truths(self.player.model.viewer());
        let Some(truth) = truths.iter().rev().find(|truth| is_shown(truth.tick)) else { return };
        if truth.tick <= self.judged {
            return;
        }
        self.judged = truth.tick;
        self.player.model.present(now);
        let here = self.player.model.here();
        self.marks.near += truth.places.values().filter(|place| here.within(**place, metres(NEAR_M))).count();
        for thing in &self.player.model.drawn {
            let Some(place) = truth.places.get(&thing.id) else { continue };
            let error = f64::from(place.distance(thing.pos)) / f64::from(UNITS_PER_M);
            let marks = &mut self.marks;
            if here.within(*place, metres(CLOSE_M)) {
                marks.close_m.push(error);
            }
            let is_near = here.within(*place, metres(NEAR_M));
            marks.near_shown += usize::from(is_near);
            if is_near { marks.near_m.push(error) } else { marks.far_m.push(error) }
        }
    }
}

/// True where the unit as it is drawn has begun to do what the key says: it turns there, or it goes there.
fn answers(before: Mover, drawn: Mover, way: Angle) -> bool {
    let off = |mover: Mover| mover.heading.turn_to(way).abs();
    let (x, y) = way.vector(1_000);
    let along = |dx: i32, dy: i32| i64::from(dx) * i64::from(x) + i64::from(dy) * i64::from(y);
    let Pos { x: from_x, y: from_y } = before.pos;
    let goes = along(drawn.pos.x - from_x, drawn.pos.y - from_y) > 0;
    off(drawn) < off(before) || goes && along(drawn.velocity.x, drawn.velocity.y) > 0
}

pub(super) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
