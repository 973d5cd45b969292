//! The metrics page, the dashboard and the README name the same figures: what one of them shows, the
//! server exports, and what the server exports is told to whoever reads.

mod served;

use std::collections::BTreeSet;

use gamera_server::ops::meters::METRICS;

/// Lines of the page that a room takes at most: whoever keeps them pays for each, and a server has up to 64 rooms.
const ROOM_LINES_MAX: usize = 160;

/// The names of figures in a text: a histogram's parts are one.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let figures = words.filter(|word| word.starts_with("gamera_") && *word != "gamera_");
    figures
        .map(|word| ["_bucket", "_sum", "_count"].iter().find_map(|part| word.strip_suffix(part)).unwrap_or(word))
        .collect()
}

fn described() -> BTreeSet<&'static str> {
    METRICS.iter().map(|metric| metric.name).collect()
}

#[test]
fn the_page_has_every_figure_of_the_table_with_a_text_and_no_other() {
    let page = served::page();
    let lines = page.lines().filter(|line| line.contains("room=\"0\"")).count();
    assert!((100..=ROOM_LINES_MAX).contains(&lines), "a room has {lines} lines");
    let exported: BTreeSet<&str> = page.lines().filter_map(|l| l.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert_eq!(exported, described());
    for metric in &METRICS {
        assert!(page.contains(&format!("# HELP {} {}", metric.name, metric.help)), "{}", metric.name);
    }
}

#[test]
fn the_dashboard_and_the_readme_show_only_what_is_exported_and_the_readme_all_of_it() {
    let dashboard = include_str!("../grafana/dashboard.json");
    let readme = include_str!("../../README.md");
    let shown = names(dashboard);
    assert!(shown.is_subset(&described()), "{:?}", shown.difference(&described()).collect::<Vec<_>>());
    assert!(shown.len() >= 20, "the dashboard shows most of them: {shown:?}");
    let told: BTreeSet<&str> = names(readme).into_iter().collect();
    let missing: Vec<_> = described().difference(&told).copied().collect::<Vec<_>>();
    assert!(missing.is_empty(), "the README does not tell of {missing:?}");
    assert!(told.is_subset(&described()), "{:?}", told.difference(&described()).collect::<Vec<_>>());
}
