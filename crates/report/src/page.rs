//! The page around the figures: one self-contained file with a section for each thing to read.
//!
//! A content policy in its head forbids every request, so that opening a report never tells anyone that it was
//! opened. Sections without content are left out, and with them their link.

use std::fmt::{self, Write as _};

use super::Report;
use super::markup::Escaped;
use super::plot::Drawn;
use super::{headline, metrics, provenance, spread, timeline};
use crate::quantity::whole;

const STYLE: &str = include_str!("assets/report.css");
const SCRIPT: &str = include_str!("assets/report.js");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
const LOGO: &str = r#"<svg class="logo" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="3"/><ellipse cx="12" cy="12" rx="10.5" ry="4.4" transform="rotate(-28 12 12)"/><ellipse cx="12" cy="12" rx="10.5" ry="4.4" transform="rotate(62 12 12)"/></svg>"#;
const THEME_BUTTON: &str = r#"<button id="theme" type="button" aria-label="Dark theme" aria-pressed="false" hidden><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6v10.8A5.4 5.4 0 0 1 8 2.6Z"/></svg></button>"#;

/// A part of the page with a heading and a link to it.
pub(crate) struct Section {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) about: String,
    /// HTML.
    pub(crate) body: String,
}

/// A page without its sections.
pub(crate) struct Shell<'a> {
    pub(crate) title: &'a str,
    pub(crate) version: &'a str,
    /// HTML before the first section.
    pub(crate) top: &'a str,
}

/// Writes the whole page.
pub(crate) fn write(out: &mut String, report: &Report<'_>) -> fmt::Result {
    let title = heading(report);
    let mut top = String::new();
    provenance::write_header(&mut top, report, &Escaped(title).to_string())?;
    headline::write(&mut top, report.outcome)?;
    let shell = Shell {
        title,
        version: report.version,
        top: &top,
    };
    shell.write(out, &sections(report)?)
}

impl Shell<'_> {
    /// Writes the page with these sections.
    pub(crate) fn write(&self, out: &mut String, sections: &[Section]) -> fmt::Result {
        let (title, version) = (Escaped(self.title), Escaped(self.version));
        write!(
            out,
            r#"<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="generator" content="pluriverse {version}"><title>{title} · Pluriverse</title><link rel="icon" href="data:,"><style>{STYLE}</style><script>{SCRIPT}</script></head><body>"#,
        )?;
        write_bar(out, sections)?;
        write!(out, r#"<main id="top">{}"#, self.top)?;
        for Section {
            id,
            title,
            about,
            body,
        } in sections
        {
            write!(
                out,
                r#"<section id="{id}" aria-labelledby="{id}-h"><h2 id="{id}-h">{title}</h2><p class="about">{about}</p>{body}</section>"#,
            )?;
        }
        writeln!(
            out,
            r#"</main><footer>{LOGO}<p>Made by pluriverse {version}. This file is complete in itself and requests nothing.</p></footer><div id="tip" role="status" hidden></div></body></html>"#,
        )
    }
}

fn heading<'a>(report: &Report<'a>) -> &'a str {
    match report.title.trim() {
        "" => report.scenario_name,
        title => title,
    }
}

fn write_bar(out: &mut String, sections: &[Section]) -> fmt::Result {
    write!(
        out,
        r##"<header class="bar"><a class="brand" href="#top">{LOGO}Pluriverse</a><nav aria-label="Sections">"##
    )?;
    for Section { id, title, .. } in sections {
        write!(out, r##"<a href="#{id}">{title}</a>"##)?;
    }
    write!(out, "</nav>{THEME_BUTTON}</header>")
}

fn sections(report: &Report<'_>) -> Result<Vec<Section>, fmt::Error> {
    let parts = [
        timelines(report)?,
        spreads(report)?,
        Some(figures(report)?),
        warnings(report)?,
        Some(scenario(report)?),
        Some(command(report)?),
    ];
    Ok(parts.into_iter().flatten().collect())
}

fn timelines(report: &Report<'_>) -> Result<Option<Section>, fmt::Error> {
    let mut charts = String::new();
    let drawn = timeline::write(&mut charts, report.outcome)?;
    let about = match report.outcome.replications {
        0 | 1 => "One replication: no confidence intervals.".to_owned(),
        n => format!(
            "Mean of each period; the band is its 95 % confidence interval over {} replications.",
            whole(n)
        ),
    };
    let body = in_grid(&charts, &drawn, "series");
    Ok((drawn.charts > 0).then_some(Section {
        id: "time",
        title: "Over time",
        about,
        body,
    }))
}

fn spreads(report: &Report<'_>) -> Result<Option<Section>, fmt::Error> {
    let mut charts = String::new();
    let drawn = spread::write(&mut charts, report.outcome)?;
    let about = "All replications together; equal areas are equal shares.".to_owned();
    let body = in_grid(&charts, &drawn, "distributions");
    Ok((drawn.charts > 0).then_some(Section {
        id: "spreads",
        title: "Distributions",
        about,
        body,
    }))
}

fn in_grid(charts: &str, drawn: &Drawn, what: &str) -> String {
    let mut body = format!(r#"<div class="charts">{charts}</div>"#);
    if drawn.left_out > 0 {
        let left_out = whole(drawn.left_out as u64);
        body.push_str(&format!(
            r#"<p class="note">{left_out} more {what} are not drawn.</p>"#
        ));
    }
    body
}

fn figures(report: &Report<'_>) -> Result<Section, fmt::Error> {
    let mut body = String::new();
    metrics::write(&mut body, report.outcome)?;
    let about = "Estimates over replications; n counts those that observed anything.".to_owned();
    Ok(Section {
        id: "metrics",
        title: "Metrics",
        about,
        body,
    })
}

fn warnings(report: &Report<'_>) -> Result<Option<Section>, fmt::Error> {
    let mut body = r#"<ul class="card warnings">"#.to_owned();
    for warning in report.warnings {
        write!(body, "<li>{}</li>", Escaped(warning))?;
    }
    body.push_str("</ul>");
    let about = "What to know before trusting these figures.".to_owned();
    Ok((!report.warnings.is_empty()).then_some(Section {
        id: "warnings",
        title: "Warnings",
        about,
        body,
    }))
}

fn scenario(report: &Report<'_>) -> Result<Section, fmt::Error> {
    let mut body = String::new();
    provenance::write_scenario(&mut body, report)?;
    Ok(Section {
        id: "scenario",
        title: "Scenario",
        about: "What was run, to the letter.".to_owned(),
        body,
    })
}

fn command(report: &Report<'_>) -> Result<Section, fmt::Error> {
    let mut body = String::new();
    provenance::write_command(&mut body, report)?;
    let about = "The same version, scenario and seed give the same ledger hash on any machine and any number of threads.";
    Ok(Section {
        id: "again",
        title: "Run it again",
        about: about.to_owned(),
        body,
    })
}
