//! The battle in plain lines, for screen readers, logs and scripts; and played by plain lines.

pub mod commands;
mod tell;

use std::io::Write;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::link::{Closing, Link};
use crate::player::Player;
use commands::Said;
use tell::Teller;

/// How often the player looks for news.
const STEP: Duration = Duration::from_millis(15);

/// How narration ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// As asked: by a command, a signal, or the time given.
    Asked,
    /// The link is down for good.
    Closed(Closing),
}

/// Tells the battle to `out` until it is left, the link closes or `limit` is over.
///
/// # Errors
/// When `out` cannot be written to.
pub async fn run<L: Link>(
    link: L,
    mut lines: mpsc::Receiver<String>,
    limit: Option<Duration>,
    out: &mut impl Write,
) -> std::io::Result<Ended> {
    let started = Instant::now();
    let mut player = Player::new(link);
    let mut teller = Teller::default();
    let mut stop = crate::app::signals::Stop::new()?;
    let mut step = tokio::time::interval(STEP);
    loop {
        let heard = tokio::select! {
            _ = step.tick() => None,
            line = lines.recv(), if !lines.is_closed() => line,
            () = stop.asked() => {
                player.act(crate::keys::Action::Quit);
                player.part().await;
                return Ok(Ended::Asked);
            }
        };
        let now = started.elapsed();
        let news = player.step(now).to_vec();
        teller.news(&player.model, &news, out)?;
        teller.state(&player.model, now, out)?;
        if let Some(closing) = player.closed() {
            return Ok(Ended::Closed(closing.clone()));
        }
        let mut quit = limit.is_some_and(|limit| now >= limit);
        if let Some(line) = heard {
            match commands::obey(&line, &mut player.ui, &player.model) {
                Said::Actions(actions) => actions.into_iter().for_each(|a| quit |= player.act(a)),
                Said::Answer(answer) => writeln!(out, "{answer}")?,
            }
        }
        out.flush()?;
        if quit {
            player.act(crate::keys::Action::Quit);
            player.part().await;
            return Ok(Ended::Asked);
        }
    }
}

/// The lines of standard input, read beside the battle.
#[must_use]
pub fn stdin_lines() -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel(16);
    // A detached thread: a read cannot be called off, and the process does not wait for it.
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if send.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receive
}
