//! A run as one page of HTML that needs nothing beside itself: the verdict, the figures, plots over the run
//! and tails, beside those of an earlier run where one is given.

use std::fmt::Write;

use super::past::{Change, Run, shown};
use super::plot::{Format, Line, Plot, bytes, nines, plain, seconds};
use crate::swarm::Second;

const STYLE: &str = include_str!("page.css");

/// What is shown large: a figure's name, what people call it, and how its value is written.
const KEY_FIGURES: [(&str, &str, Format); 11] = [
    ("joined", "players joined", plain),
    ("waited", "of them turned away at first", plain),
    ("soldiers", "soldiers", plain),
    ("tick_p99_ms", "tick p99, ms", plain),
    ("ticks_missed", "ticks missed", plain),
    ("snapshots_client_s_min", "snapshots/s, the least", plain),
    ("snapshot_age_p99_ms", "snapshot age p99, ms", plain),
    ("bytes_down_client_s", "down, a client a second", bytes),
    ("server_cpu_cores", "server, cores", plain),
    ("server_rss_bytes", "server, memory", bytes),
    ("generator_late_p99_ms", "generator late p99, ms", plain),
];

type Read = fn(&Second) -> Option<f64>;

/// A plot over the run: its lines, each with the figure whose threshold it must keep.
struct Course {
    title: &'static str,
    lines: &'static [(&'static str, &'static str, Read)],
    format: Format,
}

const COURSES: [Course; 9] = [
    Course {
        title: "Tick time, ms",
        lines: &[
            ("p99", "tick_p99_ms", |s| s.tick_p99_ms),
            ("p50", "tick_p50_ms", |s| s.tick_p50_ms),
            ("replication p99", "replicate_p99_ms", |s| s.replicate_p99_ms),
        ],
        format: plain,
    },
    Course {
        title: "Lateness, ms",
        lines: &[
            ("ticks, p99", "lateness_p99_ms", |s| s.lateness_p99_ms),
            ("players' turns, p99", "generator_late_p99_ms", |s| Some(s.generator_late_p99_ms)),
        ],
        format: plain,
    },
    Course {
        title: "Age of the newest snapshot, ms",
        lines: &[
            ("p99", "snapshot_age_p99_ms", |s| Some(s.snapshot_age_p99_ms)),
            ("p50", "snapshot_age_p50_ms", |s| Some(s.snapshot_age_p50_ms)),
        ],
        format: plain,
    },
    Course {
        title: "Snapshots, a client a second",
        lines: &[("mean", "snapshots_client_s_mean", |s| Some(s.snapshots_client_s))],
        format: plain,
    },
    Course {
        title: "Bytes, a client a second",
        lines: &[
            ("down", "bytes_down_client_s", |s| Some(s.bytes_down_client_s)),
            ("up", "bytes_up_client_s", |s| Some(s.bytes_up_client_s)),
        ],
        format: bytes,
    },
    Course {
        title: "Players, and joins a second",
        lines: &[
            ("players", "", |s| Some(s.players as f64)),
            ("joins", "", |s| Some(s.joins as f64)),
            ("of them turned away at first", "", |s| Some(s.waited as f64)),
        ],
        format: plain,
    },
    Course {
        title: "Server processor, cores",
        lines: &[("cores", "server_cpu_cores", |s| s.server_cpu_cores)],
        format: plain,
    },
    Course {
        title: "Server memory",
        lines: &[("resident", "server_rss_bytes", |s| s.server_rss_bytes)],
        format: bytes,
    },
    Course {
        title: "Overload: step in force, ticks missed",
        lines: &[("step", "", |s| s.overload_step), ("missed in the second", "", |s| s.ticks_missed)],
        format: plain,
    },
];

/// The plots of tails: a title, and the lines by their names in the document.
const TAILS: [(&str, &[(&str, &str)]); 3] = [
    ("Tick and replication by percentile, ms", &[("tick", "tick_ms"), ("replication", "replicate_ms")]),
    ("Snapshot age by percentile, ms", &[("snapshot age", "snapshot_age_ms")]),
    ("Lateness by percentile, ms", &[("ticks", "lateness_ms"), ("players' turns", "generator_late_ms")]),
];

/// The page of `now`, beside `then` where there is one; `changes` are the figures of both.
pub(crate) fn page(now: &Run, then: Option<&Run>, changes: &[Change]) -> String {
    let title = format!("Gamera vs Legion: {} players for {:.0} s", now.bots, now.seconds);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
         <title>{0}</title><style>{STYLE}</style></head><body><h1>{0}</h1>",
        escaped(&title)
    );
    for (name, run) in [("this run", Some(now)), ("compared with", then)] {
        let Some(run) = run else { continue };
        let cores = if run.cores > 0 { format!(", {} cores", run.cores) } else { String::new() };
        let _ = write!(
            out,
            "<p class=\"soft\">{name}: <code>{}</code> {}{cores}</p>",
            escaped(&run.command),
            escaped(&run.date())
        );
    }
    verdict(&mut out, now);
    key_figures(&mut out, now);
    courses(&mut out, now, then);
    tails(&mut out, now, then);
    figures(&mut out, changes, then.is_some());
    out.push_str("</body></html>\n");
    out
}

fn verdict(out: &mut String, now: &Run) {
    let class = if now.verdict == "ok" { "verdict ok" } else { "verdict" };
    let _ = write!(out, "<section id=\"verdict\"><p class=\"{class}\">Verdict: {}</p>", escaped(&now.verdict));
    if now.thresholds.is_empty() {
        out.push_str("<p class=\"soft\">No threshold was given (--threshold 'tick_p99&lt;10ms').</p>");
    } else {
        out.push_str("<div class=\"scroll\"><table><tr><th>threshold</th><th>wanted</th><th>seen</th><th></th></tr>");
        for judged in &now.thresholds {
            let (class, word) = if judged.held { ("held", "held") } else { ("short", "fell short") };
            let (figure, bound, seen) = (escaped(&judged.figure), escaped(&judged.bound), shown(judged.seen));
            let _ = write!(
                out,
                "<tr><td>{figure}</td><td>{bound}</td><td>{seen}</td><td class=\"{class}\">{word}</td></tr>"
            );
        }
        out.push_str("</table></div>");
    }
    out.push_str("</section>");
}

fn key_figures(out: &mut String, now: &Run) {
    out.push_str("<section id=\"figures\"><h2>Key figures</h2><div class=\"keys\">");
    for (name, label, format) in KEY_FIGURES {
        let value =
            now.figure(name).map_or("not known".to_owned(), |v| if v < 100.0 { shown(Some(v)) } else { format(v) });
        let _ = write!(out, "<div><b>{}</b><span>{}</span></div>", escaped(&value), escaped(label));
    }
    out.push_str("</div></section>");
}

fn courses(out: &mut String, now: &Run, then: Option<&Run>) {
    out.push_str("<section id=\"run\"><h2>Over the run</h2>");
    let plots: Vec<String> = COURSES.iter().filter_map(|course| course_plot(course, now, then).svg()).collect();
    section_of(out, &plots, "The joining is shown too; the measured stretch is tinted.");
}

fn course_plot(course: &Course, now: &Run, then: Option<&Run>) -> Plot {
    let mut lines = Vec::new();
    for (run, is_then) in [(Some(now), false), (then, true)] {
        for (colour, (label, _, read)) in course.lines.iter().enumerate() {
            let Some(run) = run.filter(|run| !run.series.is_empty()) else { continue };
            let points = run.series.iter().map(|second| (second.at_s, read(second))).collect();
            lines.push(Line { label: named(label, is_then), colour, is_then, points });
        }
    }
    let is_here = |figure: &str| course.lines.iter().any(|(_, name, _)| *name == figure);
    let limits = now.thresholds.iter().filter(|judged| is_here(&judged.figure));
    let end = lines.iter().flat_map(|l| l.points.last()).map(|(at, _)| *at).fold(0.0, f64::max);
    let measured = || now.series.iter().filter(|second| second.is_measured).map(|second| second.at_s);
    Plot {
        title: course.title,
        lines,
        limits: limits.map(|j| (format!("{} {}", j.figure, j.bound), j.wanted)).collect(),
        marks: seconds(end),
        measured: measured().next().map(|first| (first - 1.0).max(0.0)).zip(measured().next_back()),
        format: course.format,
    }
}

fn tails(out: &mut String, now: &Run, then: Option<&Run>) {
    out.push_str("<section id=\"tails\"><h2>Tails</h2>");
    let plots: Vec<String> =
        TAILS.iter().filter_map(|(title, names)| tail_plot(title, names, now, then).svg()).collect();
    section_of(out, &plots, "How much of the measured stretch stayed below: each nine takes the same room.");
}

fn tail_plot(title: &'static str, names: &[(&str, &str)], now: &Run, then: Option<&Run>) -> Plot {
    let mut lines = Vec::new();
    for (run, is_then) in [(Some(now), false), (then, true)] {
        for (colour, (label, name)) in names.iter().enumerate() {
            let Some(tail) = run.and_then(|run| run.tails.get(*name)).filter(|tail| !tail.is_empty()) else { continue };
            let points = tail.iter().map(|(percent, ms)| (nines(*percent), Some(*ms))).collect();
            lines.push(Line { label: named(label, is_then), colour, is_then, points });
        }
    }
    let marks = [50.0, 90.0, 99.0, 99.9, 99.99].map(|percent| (nines(percent), format!("{percent} %")));
    Plot { title, lines, limits: Vec::new(), marks: marks.to_vec(), measured: None, format: plain }
}

fn section_of(out: &mut String, plots: &[String], what: &str) {
    if plots.is_empty() {
        out.push_str("<p class=\"soft\">Nothing is known of it.</p></section>");
        return;
    }
    let _ =
        write!(out, "<p class=\"soft\">{}</p><div class=\"plots\">{}</div></section>", escaped(what), plots.concat());
}

fn figures(out: &mut String, changes: &[Change], has_then: bool) {
    out.push_str("<section id=\"all\"><h2>All figures</h2><div class=\"scroll\"><table><tr><th>figure</th>");
    out.push_str(if has_then {
        "<th>then</th><th>now</th><th>ratio</th><th></th></tr>"
    } else {
        "<th>value</th></tr>"
    });
    for change in changes {
        let (name, now) = (escaped(change.name), shown(change.now));
        if has_then {
            let ratio = change.ratio.map_or("-".to_owned(), |r| format!("{r:.2}"));
            let worse = if change.is_worse { "<td class=\"short\">worse</td>" } else { "<td></td>" };
            let then = shown(change.then);
            let _ = write!(out, "<tr><td>{name}</td><td>{then}</td><td>{now}</td><td>{ratio}</td>{worse}</tr>");
        } else {
            let _ = write!(out, "<tr><td>{name}</td><td>{now}</td></tr>");
        }
    }
    out.push_str("</table></div></section>");
}

fn named(label: &str, is_then: bool) -> String {
    if is_then { format!("{label}, then") } else { label.to_owned() }
}

/// Text that is shown as it is, whatever it holds.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::past::compare;
    use super::*;

    const NASTY: &str = "swarm --name '<script>alert(1)</script>' & \"more\"";

    fn run() -> Run {
        let second = |at: f64| {
            serde_json::json!({
                "at_s": at, "is_measured": at > 1.0, "players": 3, "tick_p99_ms": at,
                "server_cpu_cores": 0.5, "server_rss_bytes": 2e7, "overload_step": 0.0,
            })
        };
        Run::of(&serde_json::json!({
            "bots": 3, "seconds": 2.0, "verdict": "tick_p99_ms 3 is not < 2", "command": NASTY, "tick_p99_ms": 3.0,
            "thresholds": [{ "figure": "tick_p99_ms", "bound": "< 2", "wanted": 2.0, "seen": 3.0, "held": false }],
            "series": [second(1.0), second(2.0), second(3.0)],
            "tails": { "tick_ms": [[0.0, 1.0], [99.0, 3.0]] },
        }))
        .expect("a document")
    }

    /// The names of all elements, every one of them closed in its order and every entity a known one.
    fn elements(page: &str) -> Vec<String> {
        let (mut open, mut seen) = (Vec::new(), Vec::new());
        let body = page.strip_prefix("<!DOCTYPE html>").expect("a doctype");
        for part in body.split('<').skip(1) {
            let (tag, text) = part.split_once('>').expect("each tag ends");
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default().to_owned();
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            assert!(
                text.split('&')
                    .skip(1)
                    .all(|t| ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|e| t.starts_with(e)))
            );
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name), "{tag}");
            } else if !tag.ends_with('/') {
                open.push(name.clone());
                seen.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?} are not closed");
        seen
    }

    #[test]
    fn the_page_is_well_formed_holds_every_section_and_shows_names_as_they_are() {
        let (now, earlier) = (run(), run());
        let changes = compare(&earlier, &now, &[("tick_p99_ms", true), ("hz", false)]);
        for then in [None, Some(&earlier)] {
            let page = page(&now, then, &changes);
            let elements = elements(&page);
            for id in ["verdict", "figures", "run", "tails", "all"] {
                assert!(page.contains(&format!("<section id=\"{id}\">")), "{id}");
            }
            assert_eq!(
                elements.iter().filter(|e| *e == "svg").count(),
                9 + 1,
                "every course, and the one tail that is known"
            );
            assert!(!elements.contains(&"script".to_owned()) && page.contains("&lt;script&gt;alert(1)"));
            assert!(!page.contains("http"), "nothing is fetched");
            assert!(page.contains("fell short") && page.contains("tick_p99_ms &lt; 2"));
            assert_eq!(page.contains(", then"), then.is_some());
        }
    }

    #[test]
    fn a_run_of_which_little_is_known_has_a_page_too() {
        let bare = Run::of(&serde_json::json!({ "bots": 1, "seconds": 1.0, "verdict": "ok" })).expect("a document");
        let page = page(&bare, None, &compare(&bare, &bare, &[("hz", false)]));
        elements(&page);
        assert!(page.contains("Nothing is known of it") && page.contains("not known"));
    }
}
