//! The report of an experiment: its answer, main effects, cost against service, and the table of its points.
//!
//! The page is that of a run's report: self-contained, the same bytes for the same experiment but for the seconds that it
//! took. What is drawn follows from the analysis alone.

use std::fmt::{self, Write as _};

use pluriverse_experiment::{
    Analysis,
    analysis::{Answer, main_effects},
};

use crate::{
    markup::Escaped,
    page::{Section, Shell},
    provenance::quoted,
    quantity::{compact, duration, whole},
};

mod answer;
mod chart;
mod front;
mod points;
mod tables;

use chart::{Chart, Dot, Join, Trace};
pub use tables::{Table, standing};

/// Figures whose effects are drawn where the user has not named any.
const FIGURES_DRAWN: usize = 4;
/// Charts of main effects that a page can hold and stay quick.
const EFFECTS_DRAWN: usize = 24;

/// What a report of an experiment tells.
pub struct ExperimentReport<'a> {
    /// What the experiment came to.
    pub analysis: &'a Analysis,
    /// The experiment's file, as given on the command line.
    pub file: &'a str,
    /// Its text, to the letter.
    pub text: &'a str,
    /// The scenario's text, to the letter.
    pub scenario_text: &'a str,
    /// Values set over those of the experiment's file: dotted key and TOML value.
    pub overrides: &'a [(String, String)],
    /// Version of the program, with its revision where there is one.
    pub version: &'a str,
    /// Seconds of the wall clock that it all took.
    pub wall_seconds: f64,
    /// Threads that it took.
    pub threads: usize,
}

/// The report as a page.
pub fn html(report: &ExperimentReport<'_>) -> String {
    let mut out = String::with_capacity(1 << 17);
    write(&mut out, report).expect("a String takes whatever is written to it");
    out
}

/// The answer in a sentence of HTML, as the page has it; empty where the table of the points says it all.
pub fn answer_in_words(analysis: &Analysis) -> String {
    let section = answer::section(analysis).expect("a String takes whatever is written to it");
    section.map_or_else(String::new, |section| section.about)
}

/// What the answer lists, and the points, as people read them.
pub fn tables(analysis: &Analysis) -> Vec<Table> {
    let answer = tables::answer(analysis);
    answer
        .into_iter()
        .chain([tables::points(analysis)])
        .collect()
}

fn write(out: &mut String, report: &ExperimentReport<'_>) -> fmt::Result {
    let analysis = report.analysis;
    let title = match analysis.title.trim() {
        "" => &analysis.name,
        title => title,
    };
    let mut top = String::new();
    write_header(&mut top, report, title)?;
    let shell = Shell {
        title,
        version: report.version,
        top: &top,
    };
    let sections = [
        answer::section(analysis)?,
        front::section(analysis)?,
        effects(analysis)?,
        points::section(analysis)?,
        Some(source(report)?),
        Some(again(report)?),
    ];
    shell.write(out, &sections.into_iter().flatten().collect::<Vec<_>>())
}

fn write_header(out: &mut String, report: &ExperimentReport<'_>, title: &str) -> fmt::Result {
    let analysis = report.analysis;
    write!(
        out,
        r#"<div class="title"><p class="kicker">Experiment · {}</p><h1>{}</h1>"#,
        Escaped(&analysis.name),
        Escaped(title),
    )?;
    out.write_str(if analysis.is_complete {
        r#"<p class="status done">Complete</p>"#
    } else {
        r#"<p class="status stopped">Stopped early</p>"#
    })?;
    out.write_str(r#"</div><dl class="facts">"#)?;
    let speed = analysis.events as f64 / report.wall_seconds.max(1e-9);
    let facts = [
        ("Scenario", analysis.scenario.clone()),
        ("Seed", analysis.seed.to_string()),
        ("Points", whole(analysis.points.len() as u64)),
        ("Runs", whole(analysis.runs)),
        ("Events", whole(analysis.events)),
        (
            "Took",
            format!(
                "{} on {} threads",
                duration(report.wall_seconds),
                report.threads
            ),
        ),
        ("Speed", format!("{} events/s", compact(speed))),
        ("Version", report.version.to_owned()),
    ];
    for (name, value) in facts {
        write!(
            out,
            "<div><dt>{name}</dt><dd>{}</dd></div>",
            Escaped(&value)
        )?;
    }
    let hash = &analysis.ledger_hash;
    write!(
        out,
        r#"<div><dt>Ledgers' hash</dt><dd><code title="{hash}">{}…</code><button class="copy" type="button" data-copy="{hash}" hidden>Copy</button></dd></div></dl>"#,
        hash.get(..12).unwrap_or(hash),
    )
}

/// Indices of the figures to draw.
fn drawn(analysis: &Analysis) -> Vec<usize> {
    let is_observed = |metric: &&usize| {
        let mut points = analysis.points.iter();
        points.any(|point| matches!(point.estimates.get(**metric), Some(Some(_))))
    };
    let is_named = analysis.shown.len() < analysis.metrics.len();
    let most = if is_named { usize::MAX } else { FIGURES_DRAWN };
    analysis
        .shown
        .iter()
        .filter(is_observed)
        .take(most)
        .copied()
        .collect()
}

fn effects(analysis: &Analysis) -> Result<Option<Section>, fmt::Error> {
    if analysis.points.len() < 2 || matches!(analysis.answer, Answer::Staffing(_)) {
        return Ok(None);
    }
    let mut body = r#"<div class="charts">"#.to_owned();
    let mut count = 0;
    for metric in drawn(analysis) {
        for factor in 0..analysis.factors.len() {
            if let Some(chart) = effect(analysis, factor, metric)
                && count < EFFECTS_DRAWN
            {
                chart.write(&mut body, &format!("e{count}"))?;
                count += 1;
            }
        }
    }
    body.push_str("</div>");
    let about =
        "The mean over all points that share a value of one factor, whatever the others are.";
    Ok((count > 0).then(|| Section {
        id: "effects",
        title: "Main effects",
        about: about.to_owned(),
        body,
    }))
}

/// The chart of a factor's effect; `None` where it takes one value only.
fn effect(analysis: &Analysis, factor: usize, metric: usize) -> Option<Chart> {
    let effects = main_effects(analysis, factor, metric);
    if effects.len() < 2 {
        return None;
    }
    let numbers: Option<Vec<f64>> = effects
        .iter()
        .map(|effect| effect.value.setting().number())
        .collect();
    // Words stand side by side, in the order in which they were listed.
    let places = numbers.unwrap_or_else(|| (0..effects.len()).map(|index| index as f64).collect());
    let labels = effects
        .iter()
        .map(|effect| effect.value.setting().to_string());
    let name = &analysis.metrics[metric];
    let dots = places.iter().zip(&effects).map(|(across, effect)| Dot {
        across: *across,
        up: effect.mean,
        band: None,
        label: effect.value.setting().to_string(),
    });
    Some(Chart {
        title: format!("{} by {}", name.name, analysis.factors[factor]),
        across_unit: None,
        up_unit: name.unit,
        places: places.iter().copied().zip(labels).collect(),
        traces: vec![Trace {
            name: name.name.clone(),
            dots: dots.collect(),
            join: Join::Line,
        }],
        limit: None,
        from_zero: false,
    })
}

fn source(report: &ExperimentReport<'_>) -> Result<Section, fmt::Error> {
    let mut body = String::new();
    for (name, text) in [
        (report.file, report.text),
        (&report.analysis.scenario, report.scenario_text),
    ] {
        write!(
            body,
            r#"<details class="card source"><summary>{}</summary><pre tabindex="0"><code>{}</code></pre></details>"#,
            Escaped(name),
            Escaped(text),
        )?;
    }
    Ok(Section {
        id: "scenario",
        title: "Experiment and scenario",
        about: "What was run, to the letter.".to_owned(),
        body,
    })
}

fn again(report: &ExperimentReport<'_>) -> Result<Section, fmt::Error> {
    let mut command = format!("pluriverse experiment {}", quoted(report.file));
    for (key, value) in report.overrides {
        write!(command, " --set {}", quoted(&format!("{key}={value}")))?;
    }
    let command = Escaped(&command).to_string();
    let body = format!(
        r#"<div class="card command"><pre tabindex="0"><code>{command}</code></pre><button class="copy" type="button" data-copy="{command}" hidden>Copy</button></div>"#,
    );
    Ok(Section {
        id: "again",
        title: "Run it again",
        about: "The same version and files give the same figures on any machine and any number of threads, in one piece or \
                in several."
            .to_owned(),
        body,
    })
}

#[cfg(test)]
mod tests;
