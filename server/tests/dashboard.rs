//! The dashboard and the alerts, read by a parser of PromQL and held against the metrics table and a served page: each
//! figure is there, of the kind that its function takes, with the labels that it is asked by.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod served;

use std::collections::{BTreeMap, BTreeSet};

use gamera_server::ops::meters::{Kind, METRICS};
use promql_parser::parser::{self, Expr, LabelModifier, VectorSelector};
use serde_json::Value;

/// Labels that Prometheus itself puts to each figure.
const SCRAPED: [&str; 2] = ["instance", "job"];

fn dashboard() -> Value {
    serde_json::from_str(include_str!("../grafana/dashboard.json")).unwrap()
}

fn panels(dashboard: &Value) -> &Vec<Value> {
    dashboard["panels"].as_array().unwrap()
}

/// What Grafana asks Prometheus: its variables with what it puts in for them.
fn dashboard_queries() -> Vec<String> {
    let dashboard = dashboard();
    let targets = panels(&dashboard).iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let text = |target: &Value| target["expr"].as_str().unwrap().to_owned();
    targets.map(text).map(|q| q.replace("$__rate_interval", "1m").replace("$instance", ".*")).collect()
}

/// The alerts of the README.
fn alerts() -> Vec<String> {
    let readme = include_str!("../../README.md");
    readme.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).map(str::to_owned).collect()
}

/// One figure as a query asks for it.
struct Asked {
    name: String,
    labels: BTreeSet<String>,
    /// The function that takes it over time, if one does.
    over_time: Option<&'static str>,
}

/// What an expression asks for. `by` are the labels that it is grouped by on the way out.
fn asked(expr: &Expr, by: &BTreeSet<String>, over_time: Option<&'static str>, out: &mut Vec<Asked>) {
    let mut select = |vs: &VectorSelector| {
        let matched = vs.matchers.matchers.iter().map(|matcher| matcher.name.clone());
        let labels = matched.chain(by.iter().cloned()).collect();
        out.push(Asked { name: vs.name.clone().unwrap(), labels, over_time });
    };
    match expr {
        Expr::VectorSelector(vs) => select(vs),
        Expr::MatrixSelector(ms) => select(&ms.vs),
        Expr::Aggregate(aggregate) => {
            let mut by = by.clone();
            if let Some(LabelModifier::Include(labels)) = &aggregate.modifier {
                by.extend(labels.labels.iter().cloned());
            }
            asked(&aggregate.expr, &by, over_time, out);
        }
        Expr::Call(call) => {
            let over_time = Some(call.func.name).filter(|name| *name != "histogram_quantile" && *name != "scalar");
            call.args.args.iter().for_each(|arg| asked(arg, by, over_time, out));
        }
        Expr::Binary(binary) => [&binary.lhs, &binary.rhs].into_iter().for_each(|side| asked(side, by, over_time, out)),
        Expr::Unary(unary) => asked(&unary.expr, by, over_time, out),
        Expr::Paren(paren) => asked(&paren.expr, by, over_time, out),
        Expr::Subquery(subquery) => asked(&subquery.expr, by, over_time, out),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

/// Each series' name on a page of a live server, with the labels that it has there.
fn series() -> BTreeMap<String, BTreeSet<String>> {
    let page = served::page();
    let mut series = BTreeMap::<String, BTreeSet<String>>::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let key = line.rsplit_once(' ').map_or(line, |(key, _)| key);
        let (name, labels) = key.split_once('{').unwrap_or((key, ""));
        let labels = labels.split(',').filter_map(|label| Some(label.split_once('=')?.0.to_owned()));
        series.entry(name.to_owned()).or_default().extend(labels);
    }
    series
}

/// The kind of a series by the table: a histogram's parts only rise.
fn kind(name: &str) -> Option<Kind> {
    let plain = METRICS.iter().find(|metric| metric.name == name).map(|metric| metric.kind);
    let parts = ["_bucket", "_sum", "_count"];
    let whole = parts.iter().find_map(|part| name.strip_suffix(part));
    let part = whole.and_then(|whole| METRICS.iter().find(|m| m.name == whole && m.kind == Kind::Histogram));
    plain.or(part.map(|_| Kind::Counter))
}

#[test]
fn each_query_can_be_parsed_and_asks_for_what_is_served_by_its_labels() {
    let served = series();
    let queries: Vec<String> = dashboard_queries().into_iter().chain(alerts()).collect();
    assert!(queries.len() > 30, "{queries:?}");
    for query in &queries {
        let expr = parser::parse(query.split(" #").next().unwrap().trim()).unwrap_or_else(|e| panic!("{query}: {e}"));
        let mut figures = Vec::new();
        asked(&expr, &BTreeSet::new(), None, &mut figures);
        assert!(!figures.is_empty(), "{query}");
        for Asked { name, labels, over_time } in figures {
            let has = served.get(&name).unwrap_or_else(|| panic!("{query}: {name} is not served"));
            let unknown: Vec<_> =
                labels.iter().filter(|l| !has.contains(*l) && !SCRAPED.contains(&l.as_str())).collect();
            assert!(unknown.is_empty(), "{query}: {name} has no {unknown:?}, only {has:?}");
            let rises = matches!(kind(&name), Some(Kind::Counter)) || name == "gamera_process_cpu_seconds";
            match over_time {
                Some("rate" | "increase") => assert!(rises, "{query}: {name} is as it is now"),
                _ => assert!(!rises, "{query}: {name} only rises: ask for its rate"),
            }
        }
    }
}

#[test]
fn the_parser_refuses_what_prometheus_would() {
    for wrong in
        ["rate(gamera_ticks_total)", "sum by (gamera_links", "histogram_quantile(0.99)", "gamera_links{room=1}"]
    {
        assert!(parser::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_dashboard_is_one_that_grafana_imports() {
    let dashboard = dashboard();
    assert!(
        (36..=42).contains(&dashboard["schemaVersion"].as_u64().unwrap()),
        "the old form with gridPos, not the one of v2"
    );
    assert!(
        dashboard["id"].is_null() && !dashboard["uid"].as_str().unwrap().is_empty(),
        "no number of another Grafana"
    );
    assert!(dashboard["uid"].as_str().unwrap().len() <= 40);
    let variables: Vec<&str> =
        dashboard["templating"]["list"].as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap()).collect();
    assert_eq!(variables, ["datasource", "instance"]);
    let mut ids = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for panel in panels(&dashboard) {
        let title = panel["title"].as_str().unwrap();
        assert!(["row", "timeseries"].contains(&panel["type"].as_str().unwrap()), "{title}: a type that Grafana ships");
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}: its number is another's too");
        let at = |side: &str| panel["gridPos"][side].as_u64().unwrap();
        assert!(at("x") + at("w") <= 24, "{title}: the grid is 24 wide");
        for cell in (at("x")..at("x") + at("w")).flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{title}: another panel lies there");
        }
        let mut refs = BTreeSet::new();
        for target in panel["targets"].as_array().into_iter().flatten() {
            assert!(refs.insert(target["refId"].as_str().unwrap()), "{title}: refId");
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
        }
        assert!(panel["type"] == "row" || !refs.is_empty(), "{title} asks for nothing");
    }
}
