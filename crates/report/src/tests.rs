//! The whole page, for ordinary outcomes and odd ones.

use pluriverse_kernel::{
    ledger::LedgerHash,
    replicate::Outcome,
    time::SimDuration,
    view::{Outline, Scalar, Series, Spread, Unit},
};
use pluriverse_stats::{Histogram, RatioTally};

use super::{Report, html};

const HOSTILE: &str = "</script><img src=x onerror=alert('1')>\"&";
const BYTES_ALLOWED: usize = 300_000;

fn empty() -> Outcome {
    Outcome {
        outline: Outline::default(),
        scalars: Vec::new(),
        series: Vec::new(),
        spreads: Vec::new(),
        replications: 0,
        events: 0,
        rows: 0,
        sim_seconds: 0.0,
        ledger_hash: None,
        is_complete: false,
    }
}

fn tally(values: &[f64]) -> RatioTally {
    let mut tally = RatioTally::new();
    values.iter().for_each(|value| tally.record(*value, 1.0));
    tally
}

/// An outcome of one replication with these figures, plain numbers.
pub(crate) fn scalars(figures: &[(&str, f64)]) -> Outcome {
    let mut outcome = empty();
    outcome.replications = 1;
    for (name, value) in figures {
        let name = (*name).to_owned();
        outcome.outline.scalars.push(Scalar {
            name,
            unit: Unit::Number,
        });
        outcome.scalars.push(tally(&[*value]));
    }
    outcome
}

/// An outcome of `stations` stations with five series each over `periods` periods, two figures and two spreads.
fn outcome(stations: &[&str], periods: u32, replications: u32) -> Outcome {
    let mut outcome = empty();
    outcome.replications = u64::from(replications);
    outcome.is_complete = true;
    outcome.sim_seconds = 46_800.0 * f64::from(replications);
    outcome.ledger_hash = Some(LedgerHash([0xa7; 32]));
    let spread_out = |level: f64| -> RatioTally {
        let values: Vec<f64> = (0..replications)
            .map(|run| level * (1.0 + f64::from(run * 37 % 11) / 40.0))
            .collect();
        tally(&values)
    };
    for (index, station) in stations.iter().enumerate() {
        let size = 1.0 + index as f64 * 0.37;
        for (measure, unit) in [
            ("wait", Unit::Seconds),
            ("service_level", Unit::Share),
            ("gold.wait", Unit::Seconds),
        ] {
            outcome.outline.scalars.push(Scalar {
                name: format!("{station}.{measure}"),
                unit,
            });
            outcome.scalars.push(spread_out(if unit == Unit::Share {
                0.3
            } else {
                20.0 * size
            }));
        }
        for chart in [
            "queue length",
            "arrivals",
            "wait",
            "completions",
            "abandonments",
        ] {
            let period = SimDuration::from_secs(i64::from(46_800 / periods));
            let (chart, name) = (chart.to_owned(), (*station).to_owned());
            outcome.outline.series.push(Series {
                chart,
                name,
                unit: Unit::Number,
                period,
            });
            let wave = |period: u32| 4.0 * size + f64::from(period * 7919 % 101) / 13.0;
            outcome.series.push(
                (0..periods)
                    .map(|period| spread_out(wave(period)))
                    .collect(),
            );
        }
        for measure in ["wait", "sojourn"] {
            outcome.outline.spreads.push(Spread {
                name: format!("{station}.{measure}"),
            });
            let mut histogram = Histogram::new();
            (1..5000_u64).for_each(|n| histogram.record(n * n * 20_000));
            outcome.spreads.push(histogram);
        }
    }
    outcome
}

fn report<'a>(outcome: &'a Outcome, text: &'a str) -> Report<'a> {
    Report {
        title: text,
        scenario_name: text,
        kind: "process",
        scenario_text: text,
        file: text,
        overrides: &[],
        seed: 42,
        replications: outcome.replications,
        version: "0.1.0",
        wall_seconds: 1.25,
        threads: 2,
        warnings: &[],
        outcome,
    }
}

/// The page without its own script and style, which are not made from anyone's text.
fn body(html: &str) -> &str {
    html.split_once("</head>").expect("a page has a head").1
}

/// Every number in the page is one: nothing divided by zero reached a coordinate or a label.
fn assert_sound(html: &str) {
    let body = body(html);
    for word in ["NaN", "inf", "Infinity"] {
        let found = body
            .find(word)
            .map(|at| &body[at.saturating_sub(60)..at + 20]);
        assert_eq!(found, None, "{word}");
    }
    for element in [
        "figure", "section", "table", "details", "svg", "ul", "dl", "div", "button", "p", "h3",
    ] {
        let opened = body.matches(&format!("<{element}>")).count()
            + body.matches(&format!("<{element} ")).count();
        assert_eq!(
            opened,
            body.matches(&format!("</{element}>")).count(),
            "{element}"
        );
    }
    assert!(
        !html.contains("http://") && !html.contains("https://"),
        "a request in a self-contained page"
    );
}

#[test]
fn a_page_has_its_parts_in_order() {
    let outcome = outcome(&["phone", "chat"], 13, 25);
    let warnings = ["patience is short".to_owned()];
    let report = Report {
        warnings: &warnings,
        ..report(&outcome, "contact-centre")
    };
    let html = html(&report);
    assert_sound(&html);
    let parts = [
        "<h1>contact-centre</h1>",
        "25 × 13 h",
        "936,000 × real time",
        "a7a7a7a7a7a7…",
        r#"class="cards""#,
        r#"<section id="time""#,
        "Queue length",
        r#"<section id="spreads""#,
        "Wait · phone",
        r#"<section id="metrics""#,
        "<span>phone.<wbr>gold.</span><wbr>wait",
        "patience is short",
        r#"<section id="scenario""#,
        "pluriverse run contact-centre --seed 42 --replications 25",
    ];
    let mut rest = body(&html);
    for part in parts {
        let at = rest
            .find(part)
            .unwrap_or_else(|| panic!("`{part}` is missing or out of order"));
        rest = &rest[at..];
    }
}

#[test]
fn the_same_outcome_makes_the_same_bytes() {
    let outcome = outcome(&["desk"], 13, 5);
    assert_eq!(html(&report(&outcome, "x")), html(&report(&outcome, "x")));
}

#[test]
fn text_from_outside_stays_text() {
    let outcome = outcome(&[HOSTILE], 4, 3);
    let overrides = [(HOSTILE.to_owned(), HOSTILE.to_owned())];
    let warnings = [HOSTILE.to_owned()];
    let report = Report {
        kind: HOSTILE,
        version: HOSTILE,
        overrides: &overrides,
        warnings: &warnings,
        ..report(&outcome, HOSTILE)
    };
    let html = html(&report);
    assert_sound(&html);
    assert_eq!(html.matches("<script").count(), 1);
    assert_eq!(html.matches("</script").count(), 1);
    assert!(!html.to_lowercase().contains("<img"));
    // An attribute ends at its first quote, so no quote of the text may be bare.
    assert!(!html.contains("alert('1')"));
}

#[test]
fn an_outcome_of_nothing_is_still_a_page() {
    let html = html(&report(&empty(), ""));
    assert_sound(&html);
    assert!(
        html.contains("Nothing was measured.")
            && html.contains("Stopped early: 0 of 0 replications")
    );
    assert!(!html.contains(r#"<section id="time""#) && !html.contains(r#"class="cards""#));
}

#[test]
fn a_run_that_was_stopped_says_how_far_it_got() {
    let mut outcome = outcome(&["desk"], 13, 1);
    outcome.is_complete = false;
    assert!(html(&report(&outcome, "x")).contains("Stopped early: 13 h simulated"));
    let batch = Report {
        replications: 50,
        ..report(&outcome, "x")
    };
    assert!(html(&batch).contains("Stopped early: 1 of 50 replications"));
}

#[test]
fn one_replication_has_no_intervals() {
    let outcome = outcome(&["desk"], 13, 1);
    let html = html(&report(&outcome, "x"));
    assert_sound(&html);
    assert!(html.contains("one replication") && !html.contains(r#"class="band"#));
}

#[test]
fn one_period_and_very_many_are_drawn() {
    for (periods, class) in [(1, "line"), (10_000, "ranges")] {
        let outcome = outcome(&["desk"], periods, 5);
        let html = html(&report(&outcome, "x"));
        assert_sound(&html);
        assert!(
            html.contains(&format!(r#"class="{class} s1""#)) && html.len() < BYTES_ALLOWED,
            "{}",
            html.len()
        );
    }
}

#[test]
fn what_was_never_observed_is_a_dash() {
    let mut outcome = outcome(&["desk"], 3, 2);
    let mut never = RatioTally::new();
    never.record(0.0, 0.0);
    outcome.scalars[0] = never.clone();
    outcome.series[0] = vec![never.clone(); 3];
    outcome.series[1][1] = never;
    outcome.spreads[0] = Histogram::new();
    let html = html(&report(&outcome, "x"));
    assert_sound(&html);
    assert!(
        !html.contains("Queue length") && !html.contains("Wait · desk") && html.contains("<td>–")
    );
}

#[test]
fn huge_and_tiny_values_fit() {
    for value in [1e300, -1e300, 1e18, 1e-300, 0.0] {
        let mut outcome = outcome(&["desk"], 3, 2);
        outcome.scalars[0] = tally(&[value, value * 0.5]);
        outcome.series[0] = vec![tally(&[value, value * 0.5]); 3];
        assert_sound(&html(&report(&outcome, "x")));
    }
}

#[test]
fn names_of_any_script_are_kept() {
    let outcome = outcome(&["電話", "écoute-ñ", "שלום"], 3, 2);
    let html = html(&report(&outcome, "🌌 центр"));
    assert_sound(&html);
    for name in ["電話", "écoute-ñ", "שלום", "🌌 центр"] {
        assert!(html.contains(name), "{name}");
    }
    assert!(html.contains("pluriverse run &#39;🌌 центр&#39; --seed"));
}

#[test]
fn ten_stations_over_fifty_periods_stay_small() {
    let names = [
        "triage",
        "reception",
        "doctor",
        "nurse",
        "laboratory",
        "x-ray",
        "pharmacy",
        "ward",
        "surgery",
        "billing",
    ];
    let outcome = outcome(&names, 50, 25);
    let html = html(&report(&outcome, "hospital"));
    assert_sound(&html);
    assert!(html.len() < BYTES_ALLOWED, "{} bytes", html.len());
    assert!(html.contains("Queue length (1 of 2)") && html.contains("lowest of 10"));
}

#[test]
fn more_charts_than_a_page_holds_are_counted() {
    let mut outcome = outcome(&["desk"], 3, 2);
    for index in 0..100 {
        let about = Series {
            chart: format!("chart {index}"),
            ..outcome.outline.series[0].clone()
        };
        outcome.outline.series.push(about);
        outcome.series.push(outcome.series[0].clone());
    }
    let html = html(&report(&outcome, "x"));
    assert_sound(&html);
    assert!(html.contains("45 more series are not drawn."));
}
