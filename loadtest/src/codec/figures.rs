//! The figures of a run.

use serde::Serialize;

use super::judge::Verdict;
use super::run::{Costs, Plan};
use crate::stats::percentile;
use crate::trace::{HZ, Trace};

/// The byte that leads each datagram on the link: the match it belongs to.
const EPOCH_BYTES: usize = 1;
/// What QUIC adds to a datagram: flags, the client's connection id, packet number, frame head, and the
/// seal of 16 bytes.
const QUIC_BYTES: usize = 1 + 8 + 2 + 3 + 16;

/// Counts of a run.
#[derive(Debug, Default)]
pub(super) struct Tally {
    datagrams: u64,
    bytes: u64,
    pub(super) needed: u64,
    pub(super) lost: u64,
    /// Datagrams that a client refused.
    pub(super) refused: u64,
    /// Datagrams after which a client's sum was wrong.
    pub(super) wrong_sums: u64,
    /// Not explained by a loss.
    faults: Verdict,
    /// Within a loss's repair time.
    in_repair: Verdict,
    /// How long views were not right, ticks.
    pub(super) repairs: Vec<usize>,
}

impl Tally {
    pub(super) fn sent(&mut self, bytes: usize) {
        self.datagrams += 1;
        self.bytes += (bytes + EPOCH_BYTES) as u64;
    }

    pub(super) fn judged(&mut self, verdict: Verdict, is_excused: bool) {
        let sum = if is_excused { &mut self.in_repair } else { &mut self.faults };
        sum.wrong += verdict.wrong;
        sum.missing += verdict.missing;
        sum.ghosts += verdict.ghosts;
    }
}

/// What is reported.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Figures {
    units: usize,
    clients: usize,
    ticks: usize,
    lag: u32,
    loss_pct: f64,
    radius_m: u16,
    trace_fnv: String,
    /// Updates that the clients had to be told.
    needed: u64,
    /// All bytes of all datagrams as the transport gets them.
    bits_per_update: f64,
    /// The same with QUIC's packets around them.
    bits_per_update_quic: f64,
    bytes_client_s: f64,
    datagrams_client_s: f64,
    datagrams_lost: u64,
    /// Publishing and encoding, acknowledgements included.
    server_ms_client_s: f64,
    publish_ms_tick: f64,
    encode_ms_tick: f64,
    /// The clients' half.
    decode_ms_client_s: f64,
    wrong: u64,
    missing: u64,
    ghosts: u64,
    wrong_in_repair: u64,
    missing_in_repair: u64,
    ghosts_in_repair: u64,
    /// A loss may show this long, ticks.
    repair_allowed_ticks: usize,
    repair_p50_ticks: f64,
    repair_p99_ticks: f64,
    repair_max_ticks: f64,
    /// Datagrams refused by a client, and sums that did not agree: faults, whatever the loss.
    refused: u64,
    wrong_sums: u64,
}

impl Figures {
    pub(super) fn of(trace: &Trace, plan: &Plan, tally: &Tally, costs: &Costs) -> Figures {
        let ticks = trace.units.len();
        let seconds = ticks as f64 / f64::from(HZ);
        let client_s = plan.clients as f64 * seconds;
        let bits = |bytes: u64| bytes as f64 * 8.0 / tally.needed.max(1) as f64;
        let mut repairs: Vec<f64> = tally.repairs.iter().map(|ticks| *ticks as f64).collect();
        repairs.sort_unstable_by(f64::total_cmp);
        Figures {
            units: trace.units[0].len(),
            clients: plan.clients,
            ticks,
            lag: plan.lag_ticks,
            loss_pct: f64::from(plan.loss_permille) / 10.0,
            radius_m: plan.radius_m,
            trace_fnv: format!("{:#018x}", trace.fnv()),
            needed: tally.needed,
            bits_per_update: bits(tally.bytes),
            bits_per_update_quic: bits(tally.bytes + tally.datagrams * QUIC_BYTES as u64),
            bytes_client_s: tally.bytes as f64 / client_s,
            datagrams_client_s: tally.datagrams as f64 / client_s,
            datagrams_lost: tally.lost,
            server_ms_client_s: (costs.publish.ms() + costs.encode.ms()) / client_s,
            publish_ms_tick: costs.publish.ms() / ticks as f64,
            encode_ms_tick: costs.encode.ms() / ticks as f64,
            decode_ms_client_s: costs.decode.ms() / client_s,
            wrong: tally.faults.wrong,
            missing: tally.faults.missing,
            ghosts: tally.faults.ghosts,
            wrong_in_repair: tally.in_repair.wrong,
            missing_in_repair: tally.in_repair.missing,
            ghosts_in_repair: tally.in_repair.ghosts,
            repair_allowed_ticks: plan.repair_ticks(),
            repair_p50_ticks: percentile(&repairs, 50),
            repair_p99_ticks: percentile(&repairs, 99),
            repair_max_ticks: percentile(&repairs, 100),
            refused: tally.refused,
            wrong_sums: tally.wrong_sums,
        }
    }

    /// True where nothing is wrong that no loss explains.
    pub(super) fn is_right(&self) -> bool {
        [self.wrong, self.missing, self.ghosts, self.refused, self.wrong_sums] == [0; 5]
    }

    /// The figures for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |name: &str, value: String| format!("{name:<34} {value}");
        vec![
            format!(
                "{} units, {} clients, {} ticks, {} m, acknowledgements {} ticks old, loss {} %",
                self.units, self.clients, self.ticks, self.radius_m, self.lag, self.loss_pct
            ),
            format!("trace {}", self.trace_fnv),
            String::new(),
            line("updates needed", self.needed.to_string()),
            line("bits an update", format!("{:.2}", self.bits_per_update)),
            line("  with QUIC's packets", format!("{:.2}", self.bits_per_update_quic)),
            line("bytes a client a second", format!("{:.0}", self.bytes_client_s)),
            line("datagrams a client a second", format!("{:.1}", self.datagrams_client_s)),
            line("server, ms a client-second", format!("{:.3}", self.server_ms_client_s)),
            line("  publish, encode, ms a tick", format!("{:.3}, {:.3}", self.publish_ms_tick, self.encode_ms_tick)),
            line("client, ms a client-second", format!("{:.3}", self.decode_ms_client_s)),
            line("wrong, missing, ghosts", format!("{}, {}, {}", self.wrong, self.missing, self.ghosts)),
            line("refused, wrong sums", format!("{}, {}", self.refused, self.wrong_sums)),
            line(
                "within a loss's repair",
                format!(
                    "{}, {}, {} of {} datagrams lost",
                    self.wrong_in_repair, self.missing_in_repair, self.ghosts_in_repair, self.datagrams_lost
                ),
            ),
            line(
                "repair p50, p99, max (allowed)",
                format!(
                    "{}, {}, {} ({}) ticks",
                    self.repair_p50_ticks, self.repair_p99_ticks, self.repair_max_ticks, self.repair_allowed_ticks
                ),
            ),
        ]
    }
}
