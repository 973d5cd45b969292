//! Line plots as inline SVG: axes with round numbers, a line for now and a dashed one for then. Drawing is
//! pure: values to text.

use std::fmt::Write;

use super::page::escaped;

/// The size of a plot in its own units; the page scales it.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 200.0;
/// The frame's distance from the edges.
const LEFT: f64 = 46.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 24.0;

/// What is written beside an axis.
pub(super) type Format = fn(f64) -> String;

/// One line of a plot.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) label: String,
    /// Which of the page's colours, from 0.
    pub(super) colour: usize,
    /// It is of the earlier run.
    pub(super) is_then: bool,
    /// Rising in the first; parts of the line that are not known are left out.
    pub(super) points: Vec<(f64, Option<f64>)>,
}

/// A plot.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    pub(super) title: &'static str,
    pub(super) lines: Vec<Line>,
    /// Values that must not be passed, as lines across, with what they are called.
    pub(super) limits: Vec<(String, f64)>,
    /// Where the marks of the axis along stand, with what is written there.
    pub(super) marks: Vec<(f64, String)>,
    /// The stretch that was measured, where it is a part of the whole.
    pub(super) measured: Option<(f64, f64)>,
    pub(super) format: Format,
}

impl Plot {
    /// The plot as a figure of the page; `None` where nothing is known of it.
    pub(super) fn svg(&self) -> Option<String> {
        let known = || self.lines.iter().flat_map(|l| &l.points).filter_map(|(x, y)| Some((*x, (*y)?)));
        known().next()?;
        let right = known().map(|(x, _)| x).fold(0.0, f64::max).max(1e-9);
        let top = known().map(|(_, y)| y).chain(self.limits.iter().map(|l| l.1)).fold(0.0, f64::max);
        let step = round_step(top);
        let top = ((top / step).ceil() * step).max(step);
        let x = |value: f64| LEFT + value / right * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
        let mut out = format!(
            "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            escaped(self.title),
            escaped(self.title)
        );
        self.frame(&mut out, &x, &y, step, top);
        for line in &self.lines {
            draw(&mut out, line, &x, &y);
        }
        for (name, value) in &self.limits {
            let at = y(*value);
            let _ = write!(
                out,
                "<line class=\"limit\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>",
                WIDTH - RIGHT
            );
            let beside = if at < TOP + 14.0 { at + 12.0 } else { at - 4.0 };
            let _ =
                write!(out, "<text class=\"limit\" x=\"{}\" y=\"{beside:.1}\">{}</text>", LEFT + 4.0, escaped(name));
        }
        out.push_str("</svg>");
        self.legend(&mut out);
        out.push_str("</figure>");
        Some(out)
    }

    fn frame(&self, out: &mut String, x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64, step: f64, top: f64) {
        // Writing to a string cannot fail.
        if let Some((from, to)) = self.measured {
            let (from, to) = (x(from), x(to).min(WIDTH - RIGHT));
            let (width, height) = (to - from, HEIGHT - TOP - BOTTOM);
            let _ = write!(
                out,
                "<rect class=\"measured\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{width:.1}\" height=\"{height}\"/>"
            );
        }
        for n in 0..=(top / step).round() as u32 {
            let value = f64::from(n) * step;
            let at = y(value);
            let _ = write!(
                out,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>",
                WIDTH - RIGHT
            );
            let text = escaped(&(self.format)(value));
            let _ = write!(out, "<text class=\"side\" x=\"{}\" y=\"{:.1}\">{text}</text>", LEFT - 5.0, at + 4.0);
        }
        for (value, text) in &self.marks {
            // The last one would reach beyond the edge.
            let class = if x(*value) > WIDTH - RIGHT - 16.0 { "end" } else { "below" };
            let (at, below) = (x(*value).min(WIDTH - 4.0), HEIGHT - 7.0);
            let _ = write!(out, "<text class=\"{class}\" x=\"{at:.1}\" y=\"{below}\">{}</text>", escaped(text));
        }
    }

    fn legend(&self, out: &mut String) {
        out.push_str("<p class=\"legend\">");
        for line in &self.lines {
            let then = if line.is_then { " then" } else { "" };
            let _ = write!(out, "<span><i class=\"c{}{then}\"></i>{}</span>", line.colour, escaped(&line.label));
        }
        out.push_str("</p>");
    }
}

fn draw(out: &mut String, line: &Line, x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64) {
    let class = format!("c{}{}", line.colour, if line.is_then { " then" } else { "" });
    for part in line.points.split(|(_, value)| value.is_none()).filter(|part| !part.is_empty()) {
        let _ = write!(out, "<polyline class=\"{class}\" points=\"");
        for (along, value) in part.iter().filter_map(|(along, value)| Some((*along, (*value)?))) {
            let _ = write!(out, "{:.1},{:.1} ", x(along), y(value));
        }
        let _ = write!(out, "\"><title>{}</title></polyline>", escaped(&line.label));
    }
}

/// A step of 1, 2 or 5 times a power of ten, of which about four reach `top`.
pub(super) fn round_step(top: f64) -> f64 {
    if top <= 0.0 {
        return 1.0;
    }
    let rough = top / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= rough * 0.999);
    factor.unwrap_or(10.0) * power
}

/// Round times along an axis of so many seconds.
pub(super) fn seconds(end_s: f64) -> Vec<(f64, String)> {
    let step = round_step(end_s).max(1.0);
    (0..=(end_s / step) as u32).map(|n| f64::from(n) * step).map(|at| (at, format!("{at:.0} s"))).collect()
}

/// Where a percentile stands on the axis of tails: each nine takes the same room.
pub(super) fn nines(percent: f64) -> f64 {
    -(1.0 - percent / 100.0).max(1e-5).log10()
}

/// A number for an axis: as short as it can be told apart from its neighbours.
pub(super) fn plain(value: f64) -> String {
    if value >= 10_000.0 {
        format!("{:.0}k", value / 1_000.0)
    } else if value >= 10.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else if (value * 10.0).fract().abs() < 1e-6 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// Bytes for an axis.
pub(super) fn bytes(value: f64) -> String {
    match value {
        v if v >= 1e6 => format!("{} MB", plain(v / 1e6)),
        v if v >= 1e3 => format!("{} kB", plain(v / 1e3)),
        v => format!("{} B", plain(v)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_steps() {
        for (top, step) in [(0.0, 1.0), (4.0, 1.0), (9.0, 5.0), (7.5, 2.0), (0.3, 0.1), (1_000.0, 500.0), (200.0, 50.0)]
        {
            assert!((round_step(top) - step).abs() < step / 1_000.0, "{top}: {}", round_step(top));
        }
    }

    #[test]
    fn each_nine_takes_the_same_room() {
        for (percent, at) in [(0.0, 0.0), (90.0, 1.0), (99.0, 2.0), (99.9, 3.0), (100.0, 5.0)] {
            assert!((nines(percent) - at).abs() < 1e-9, "{percent}");
        }
    }

    #[test]
    fn what_is_not_known_leaves_a_gap_and_what_is_wholly_unknown_no_plot() {
        let line = |points: Vec<(f64, Option<f64>)>| Line { label: "p<99".into(), colour: 0, is_then: false, points };
        let plot = |points| Plot {
            title: "Ticks",
            lines: vec![line(points)],
            limits: vec![("most".into(), 10.0)],
            marks: seconds(4.0),
            measured: None,
            format: plain,
        };
        let svg = plot(vec![(0.0, Some(1.0)), (1.0, Some(2.0)), (2.0, None), (3.0, Some(3.0))]).svg().expect("a plot");
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(svg.contains("p&lt;99") && !svg.contains("p<99"));
        assert!(svg.contains("most"), "the axis reaches to the limit");
        assert_eq!(plot(vec![(0.0, None)]).svg(), None);
    }
}
