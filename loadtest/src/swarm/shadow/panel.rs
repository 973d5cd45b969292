//! The lines under the two views: what they differ by, for people. Pure: numbers to text.

use super::judge::{Judge, LastSecond};

/// Lines where there is room, and where there is not.
pub(super) const LINES: u16 = 5;
pub(super) const LINES_NARROW: u16 = 3;

/// What the panel tells of.
pub(super) struct Told<'a> {
    pub(super) judge: &'a Judge,
    /// The run as a whole.
    pub(super) note: &'a str,
    pub(super) is_wide: bool,
}

/// The lines.
pub(super) fn lines(told: &Told) -> Vec<String> {
    let LastSecond { marks: m, snapshots, bytes_down, bytes_up } = &told.judge.last;
    let own = format!(
        "own unit   {} m off, p99 {}, worst {}",
        metres(m.own.mean()),
        metres(m.own.quantile(0.99)),
        metres(m.own.max())
    );
    let others = format!(
        "others     {} m off when drawn, p99 {}, worst {}; by now {}, p99 {}",
        metres(m.near.mean()),
        metres(m.near.quantile(0.99)),
        metres(m.near.max()),
        metres(m.apart.mean()),
        metres(m.apart.quantile(0.99))
    );
    let things = format!(
        "things     {} within 256 m; missing {}, most {}; ghosts {}, most {}",
        count(m.seen.mean(), 0),
        count(m.missing.mean(), 1),
        count(m.missing.max(), 0),
        count(m.ghosts.mean(), 1),
        count(m.ghosts.max(), 0)
    );
    let link = format!(
        "link       age {} ms p50, {} p99; {snapshots} snapshots/s, {bytes_down} B/s down, {bytes_up} up",
        count(m.age_ms(0.5), 0),
        count(m.age_ms(0.99), 0)
    );
    let keys = "q ends the run, tab one view or both, + - zoom, v layers, d marks (x ghost, o missing)";
    if told.is_wide {
        vec![
            format!("{own}   {things}"),
            others,
            link,
            format!("run        {}", told.note),
            format!("keys       {keys}"),
        ]
    } else {
        vec![own, others, link]
    }
}

fn metres(value: Option<f64>) -> String {
    value.map_or("?".to_owned(), |v| format!("{v:.2}"))
}

fn count(value: Option<f64>, digits: usize) -> String {
    value.map_or("?".to_owned(), |v| format!("{v:.digits$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_as_many_as_there_is_room_for_and_say_what_is_not_known() {
        let judge = Judge::default();
        for (is_wide, rows) in [(true, LINES), (false, LINES_NARROW)] {
            let lines = lines(&Told { judge: &judge, note: "12 s", is_wide });
            assert_eq!(lines.len(), usize::from(rows));
            assert!(lines[0].starts_with("own unit   ? m off"), "{lines:?}");
        }
    }
}
