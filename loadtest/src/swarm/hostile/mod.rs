//! `hostile`: attacks on a server of its own, one after the other, with honest players in the match. What
//! counts is what those feel of it, what the server holds for each attacker, and what it sends to an address
//! that nobody has proved. All of it stays on this machine.

mod attack;
mod crowd;
mod peer;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use gamera_server::config::TransportSetting;
use serde::Serialize;
use tokio::task::LocalSet;

use super::SwarmError;
use super::host::Server;
use super::scrape::{Scrape, scrape};
use crate::Exit;
use crate::report;
use attack::{ATTACKS, Attack, Done, GUESTS};
use crowd::Crowd;

/// Honest players meanwhile.
const HONEST: usize = 16;
/// Seats of the match.
const SEATS: u16 = 32;
/// Honest players feel an attack where ticks take so many times longer than before it ...
const RATIO_MAX: f64 = 3.0;
/// ... and longer than a fifth of a period, milliseconds: below that the difference is the machine's noise.
const TICK_MAX_MS: f64 = 7.0;
/// What the server may hold for each attacker: the bounds of a link's buffers, and the seat behind it.
const HELD_MAX: f64 = 256.0 * 1024.0;
/// What the server may send to an address that is not proved, for each byte from there.
const AMPLIFICATION_MAX: f64 = 3.0;

/// The arguments of `hostile`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Seconds that each attack takes
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Who drives the server's QUIC
    #[arg(long, value_enum, default_value = "polled")]
    transport: TransportSetting,
    /// Writes the figures as one JSON object, - for the standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One attack and what came of it.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Row {
    name: &'static str,
    /// Datagrams, connections or messages that were sent.
    tried: u64,
    /// Ticks' p99 under attack as a multiple of that before.
    honest_tick_p99_ratio: f64,
    /// Ticks' p99 under attack, milliseconds.
    honest_tick_p99_ms: f64,
    /// Growth of the server's memory, bytes for each attacker.
    bytes_held_peer: f64,
    /// Bytes to an address that was not proved for each byte from there; null where all were.
    amplification: Option<f64>,
    /// Honest players that lost their link.
    honest_lost: usize,
    ok: bool,
}

impl Row {
    fn of(attack: &Attack, done: &Done, looks: &Looks, honest_lost: usize) -> Row {
        let before_ms = looks.p99_ms(0);
        let under_ms = looks.p99_ms(1);
        let grown = (looks.at[2].rss_bytes - looks.at[1].rss_bytes).max(0.0);
        let mut row = Row {
            name: attack.name,
            tried: done.tried,
            honest_tick_p99_ratio: under_ms / before_ms.max(0.001),
            honest_tick_p99_ms: under_ms,
            bytes_held_peer: grown / done.peers.max(1) as f64,
            amplification: done.unproved.filter(|(to, _)| *to > 0).map(|(to, back)| back as f64 / to as f64),
            honest_lost,
            ok: false,
        };
        row.ok = row.holds();
        row
    }

    fn holds(&self) -> bool {
        let is_felt = self.honest_tick_p99_ratio > RATIO_MAX && self.honest_tick_p99_ms > TICK_MAX_MS;
        let is_amplified = self.amplification.is_some_and(|a| a >= AMPLIFICATION_MAX);
        self.tried > 0 && !is_felt && !is_amplified && self.bytes_held_peer <= HELD_MAX && self.honest_lost == 0
    }
}

/// The server's figures before the quiet stretch, after it, and after the attack.
struct Looks {
    at: [Scrape; 3],
}

impl Looks {
    fn p99_ms(&self, stretch: usize) -> f64 {
        self.at[stretch + 1].tick_ms.since(&self.at[stretch].tick_ms).quantile_ms(0.99).unwrap_or(0.0)
    }
}

#[derive(Serialize)]
struct Report {
    attacks: Vec<Row>,
    seconds: u64,
    honest: usize,
    ok: bool,
}

/// Attacks a server of its own and reports.
pub(crate) fn run(args: &Args) -> Result<Exit, SwarmError> {
    let server = Server::start(SEATS, "clash", args.transport, false)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rows = LocalSet::new().block_on(&runtime, siege(args, &server));
    server.stop();
    let attacks = rows?;
    let (ok, lines) = (attacks.iter().all(|row| row.ok), lines(&attacks));
    report::write(args.json.as_deref(), &Report { attacks, seconds: args.seconds, honest: HONEST, ok }, &lines)?;
    Ok(if ok { Exit::Ok } else { Exit::Short })
}

/// All attacks in turn.
async fn siege(args: &Args, server: &Server) -> Result<Vec<Row>, SwarmError> {
    let no_metrics = || std::io::Error::other("the server's metrics cannot be read");
    let metrics = server.metrics().ok_or_else(no_metrics)?;
    let address: SocketAddr = format!("{}:{}", server.line().host, server.line().port)
        .parse()
        .map_err(|_| std::io::Error::other("the started server listens on no address of this machine"))?;
    let crowd = Crowd::join(server.line(), HONEST)
        .await
        .map_err(|reason| SwarmError::NobodyJoined { tried: HONEST, reason })?;
    let stretch = Duration::from_secs(args.seconds);
    let look = || scrape(metrics).ok_or_else(no_metrics);
    tokio::time::sleep(stretch).await;
    let keys = (0..GUESTS).map(|_| peer::fresh_key()).collect::<Result<Vec<_>, _>>()?;
    let mut rows = Vec::new();
    for attack in &ATTACKS {
        let (first, there) = (look()?, crowd.present());
        tokio::time::sleep(stretch).await;
        let second = look()?;
        let mut siege = attack::Siege::new(address, stretch, &keys);
        let done = siege.run(attack.kind).await?;
        // What the attackers hold is still open here.
        let looks = Looks { at: [first, second, look()?] };
        rows.push(Row::of(attack, &done, &looks, there.saturating_sub(crowd.present())));
        siege.end().await;
    }
    crowd.leave();
    Ok(rows)
}

fn lines(rows: &[Row]) -> Vec<String> {
    let mut out = vec![format!(
        "{:<24} {:>8} {:>10} {:>7} {:>10} {:>6} {:>5}  ok",
        "attack", "tried", "tick p99", "ratio", "bytes/peer", "ampl.", "lost"
    )];
    out.extend(rows.iter().map(|r| {
        let amplification = r.amplification.map_or("-".to_owned(), |a| format!("{a:.2}"));
        format!(
            "{:<24} {:>8} {:>7.2} ms {:>7.2} {:>10.0} {amplification:>6} {:>5}  {}",
            r.name,
            r.tried,
            r.honest_tick_p99_ms,
            r.honest_tick_p99_ratio,
            r.bytes_held_peer,
            r.honest_lost,
            if r.ok { "yes" } else { "NO" }
        )
    }));
    out.push(format!(
        "ok: tick p99 at most {RATIO_MAX} times that before or {TICK_MAX_MS} ms, {HELD_MAX} bytes a peer, less than \
         {AMPLIFICATION_MAX} bytes for one, none of {HONEST} honest players lost"
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_falls_short_by_any_of_its_bounds() {
        let good = Row {
            name: "x",
            tried: 1,
            honest_tick_p99_ratio: 4.0,
            honest_tick_p99_ms: 2.0,
            bytes_held_peer: 100.0,
            amplification: Some(2.9),
            honest_lost: 0,
            ok: true,
        };
        for (name, row, holds) in [
            ("noise of the machine", good.clone(), true),
            ("ticks suffer", Row { honest_tick_p99_ms: 9.0, ..good.clone() }, false),
            ("slow before too", Row { honest_tick_p99_ms: 9.0, honest_tick_p99_ratio: 1.1, ..good.clone() }, true),
            ("memory is held", Row { bytes_held_peer: 1e6, ..good.clone() }, false),
            ("it amplifies", Row { amplification: Some(3.0), ..good.clone() }, false),
            ("a player is lost", Row { honest_lost: 1, ..good.clone() }, false),
            ("nothing was tried", Row { tried: 0, ..good.clone() }, false),
        ] {
            assert_eq!(row.holds(), holds, "{name}");
        }
    }
}
