//! Lines in a time of their own, each with a fixed seed: shares are held to bounds that a right one
//! keeps by a wide margin.

use super::*;

/// Datagrams that are sent in a case, one each five milliseconds.
const SENT: u32 = 20_000;
const EVERY: Duration = Duration::from_millis(5);
const BYTES: usize = 100;

const LINE: Impairment = Impairment { latency: Duration::from_millis(100), ..Impairment::NONE };

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// What came of what was sent: which, and how long it took, in the order of arrival.
struct Came {
    took: Vec<(u32, Duration)>,
}

fn play(rules: Impairment, seed: u64, sent: u32, every: Duration, bytes: usize) -> Came {
    let mut line = Conditioner::new(rules, seed, Direction::Out);
    let mut took = Vec::new();
    let mut now = Duration::ZERO;
    for n in 0..sent {
        line.push(7, now, bytes, (n, now));
        now += every;
        while let Some((n, at)) = line.pop(now) {
            took.push((n, now - at));
        }
    }
    while let Some(due) = line.next_due() {
        let (n, at) = line.pop(due).expect("it is due");
        took.push((n, due - at));
    }
    Came { took }
}

fn came(rules: Impairment) -> Came {
    play(rules, 1, SENT, EVERY, BYTES)
}

impl Came {
    fn percent(&self, hits: usize) -> f64 {
        hits as f64 * 100.0 / f64::from(SENT)
    }

    fn distinct(&self) -> Vec<u32> {
        let mut all: Vec<u32> = self.took.iter().map(|(n, _)| *n).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn lost_pct(&self) -> f64 {
        self.percent(SENT as usize - self.distinct().len())
    }

    /// Mean number of datagrams lost in a row.
    fn burst(&self) -> f64 {
        let gaps: Vec<u32> = self.distinct().windows(2).map(|w| w[1] - w[0] - 1).filter(|gap| *gap > 0).collect();
        f64::from(gaps.iter().sum::<u32>()) / gaps.len().max(1) as f64
    }

    fn doubled_pct(&self) -> f64 {
        self.percent(self.took.len() - self.distinct().len())
    }

    /// Share that came after one that was sent later.
    fn overtaken_pct(&self) -> f64 {
        let mut newest = 0;
        let late = self.took.iter().filter(|(n, _)| {
            newest = newest.max(*n);
            *n < newest
        });
        let hits = late.count();
        self.percent(hits)
    }
}

#[test]
fn each_number_does_what_it_says_and_nothing_else() {
    let base = LINE;
    for (name, rules, lost, burst, doubled, overtaken) in [
        ("nothing", base, 0.0..=0.0, 0.0..=0.0, 0.0..=0.0, 0.0..=0.0),
        ("even loss", Impairment { loss_pct: 5.0, ..base }, 4.5..=5.5, 1.0..=1.1, 0.0..=0.0, 0.0..=0.0),
        ("bursts", Impairment { loss_pct: 5.0, burst: 4.0, ..base }, 4.2..=5.8, 3.4..=4.6, 0.0..=0.0, 0.0..=0.0),
        ("heavy loss", Impairment { loss_pct: 20.0, burst: 2.0, ..base }, 19.0..=21.0, 1.8..=2.2, 0.0..=0.0, 0.0..=0.0),
        ("all lost", Impairment { loss_pct: 100.0, ..base }, 99.9..=100.0, 0.0..=f64::MAX, 0.0..=0.0, 0.0..=0.0),
        ("doubles", Impairment { duplicate_pct: 2.0, ..base }, 0.0..=0.0, 0.0..=0.0, 1.6..=2.4, 0.0..=0.0),
        ("overtaken", Impairment { reorder_pct: 5.0, ..base }, 0.0..=0.0, 0.0..=0.0, 0.0..=0.0, 4.4..=5.6),
        ("jitter keeps order", Impairment { jitter: ms(40), ..base }, 0.0..=0.0, 0.0..=0.0, 0.0..=0.0, 0.0..=0.0),
    ] {
        let came = came(rules);
        assert!(lost.contains(&came.lost_pct()), "{name}: {} % lost", came.lost_pct());
        assert!(burst.contains(&came.burst()), "{name}: bursts of {}", came.burst());
        assert!(doubled.contains(&came.doubled_pct()), "{name}: {} % doubled", came.doubled_pct());
        assert!(overtaken.contains(&came.overtaken_pct()), "{name}: {} % overtaken", came.overtaken_pct());
    }
}

#[test]
fn each_way_takes_half_the_latency_and_a_share_of_the_jitter() {
    for (rules, least, most) in [
        (Impairment::NONE, ms(0), ms(0)),
        (LINE, ms(50), ms(50)),
        (Impairment { jitter: ms(20), ..LINE }, ms(50), ms(70)),
        (Impairment { reorder_pct: 50.0, ..LINE }, ms(50), ms(130)),
    ] {
        // Looked at only when something is due, so times are exact.
        let came = play(rules, 3, 2_000, Duration::ZERO, BYTES);
        assert!(came.took.iter().all(|(_, took)| (least..=most).contains(took)), "{rules:?}");
        let spread = came.took.iter().map(|(_, took)| *took).max().unwrap() - least;
        assert!(spread >= (most - least).mul_f64(0.95), "{rules:?}: {spread:?}");
    }
}

#[test]
fn a_rate_is_kept_its_queue_is_bounded_and_a_moments_burst_passes() {
    let rules = Impairment { rate_bits_s: Some(256_000), ..Impairment::NONE };
    // Twice what the line carries, for ten seconds: 1,000 bytes with headers take 32 ms.
    let came = play(rules, 1, 625, ms(16), 972);
    let through = came.took.len();
    assert!((325..=345).contains(&through), "{through} of 625");
    let longest = came.took.iter().map(|(_, took)| *took).max().unwrap();
    assert!((ms(450)..=ms(520)).contains(&longest), "{longest:?}");
    // Half of what it carries waits for nothing.
    let came = play(rules, 1, 156, ms(64), 972);
    assert_eq!(came.took.len(), 156);
    assert!(came.took.iter().all(|(_, took)| *took <= ms(64)), "looked at every 64 ms");
    // Three packets at once: the bucket holds them.
    let came = play(rules, 1, 3, Duration::ZERO, 972);
    assert!(came.took.iter().all(|(_, took)| took.is_zero()), "{:?}", came.took);
}

#[test]
fn nothing_passes_during_a_cut_and_everything_before_and_after() {
    let cut = Cut { at: ms(1_000), lasts: ms(3_000) };
    let came = play(Impairment { cut: Some(cut), ..LINE }, 1, 1_000, EVERY, BYTES);
    let gone: Vec<u32> = (0..1_000).filter(|n| came.distinct().binary_search(n).is_err()).collect();
    assert_eq!(gone, (200..800).collect::<Vec<u32>>());
}

#[test]
fn the_same_seed_does_the_same_and_each_line_and_way_has_luck_of_its_own() {
    let rules = Impairment { loss_pct: 50.0, jitter: ms(20), ..LINE };
    let fates = |seed, direction, lines: [u64; 2]| {
        let mut line = Conditioner::new(rules, seed, direction);
        (0..200).for_each(|n| line.push(lines[n % 2], ms(n as u64), BYTES, n));
        std::iter::from_fn(|| line.next_due().and_then(|due| line.pop(due))).collect::<Vec<usize>>()
    };
    let one = fates(1, Direction::Out, [5, 6]);
    assert_eq!(one, fates(1, Direction::Out, [900, 17]), "the names of lines are chance");
    assert_ne!(one, fates(2, Direction::Out, [5, 6]));
    assert_ne!(one, fates(1, Direction::In, [5, 6]));
    let (even, odd): (Vec<usize>, Vec<usize>) = one.iter().partition(|n| *n % 2 == 0);
    assert_ne!(even, odd.iter().map(|n| n - 1).collect::<Vec<_>>());
}

#[test]
fn made_up_connections_do_not_make_up_memory() {
    let mut lines = Conditioner::new(LINE, 1, Direction::In);
    (0..100_000).for_each(|n| lines.push(n, Duration::ZERO, BYTES, ()));
    assert!(lines.lines.len() <= LINES + 1);
    assert_eq!(std::iter::from_fn(|| lines.pop(ms(60_000))).count(), UNDER_WAY);
}

#[test]
fn a_packet_is_of_the_connection_whose_id_it_shows() {
    let id = [1, 2, 3, 4, 5, 6, 7, 8];
    let long: Vec<u8> = [0xc0, 0, 0, 0, 1, 8].into_iter().chain(id).chain([0; 40]).collect();
    let short: Vec<u8> = [0x40].into_iter().chain(id).chain([9; 40]).collect();
    assert_eq!((line_of(&long), line_of(&short)), (0x0102_0304_0506_0708, 0x0102_0304_0506_0708));
    for hostile in [&[][..], &[0xff], &[0x40], &[0xc0, 0, 0, 0, 1, 255, 3]] {
        let _ = line_of(hostile);
    }
}

#[test]
fn profiles_are_found_by_name_and_their_numbers_are_those_of_a_line() {
    for profile in PROFILES {
        assert_eq!(profile.name.parse(), Ok(profile));
        assert_eq!(profile.impairment().checked(), Ok(profile.impairment()), "{profile}");
        assert_eq!(profile.impairment().is_none(), profile.name == "clean");
    }
    assert!("fibre".parse::<Profile>().unwrap_err().to_string().contains("satellite"));
}

#[test]
fn words_of_a_command_line_are_read_or_refused_with_what_would_be_right() {
    assert_eq!("10:2.5".parse(), Ok(Cut { at: ms(10_000), lasts: ms(2_500) }));
    for text in ["", "10", "10:", "a:b", "-1:3", "1:inf", "1:NaN"] {
        assert_eq!(text.parse::<Cut>(), Err(NotACut), "{text:?}");
    }
    assert_eq!((rate("256000"), rate("256k"), rate("1M")), (Ok(256_000), Ok(256_000), Ok(1_000_000)));
    for text in ["", "k", "0", "1k", "9999M", "fast"] {
        assert!(rate(text).unwrap_err().contains("256k"), "{text:?}");
    }
    for (rules, part) in [
        (Impairment { loss_pct: 101.0, ..LINE }, "0 to 100"),
        (Impairment { reorder_pct: f64::NAN, ..LINE }, "a reorder of NaN"),
        (Impairment { burst: 0.0, ..LINE }, "1 or more"),
        (Impairment { jitter: ms(100_000), ..LINE }, "the jitter"),
        (Impairment { rate_bits_s: Some(1), ..LINE }, "at least"),
    ] {
        let error = rules.checked().unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
