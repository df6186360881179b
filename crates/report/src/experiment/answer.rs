//! The answer to an experiment's question: charts where there is a shape to see, tables, and what it is worth.

use std::fmt::{self, Write as _};

use pluriverse_experiment::{
    Analysis,
    analysis::{
        Answer, Comparison, SelectionAnswer, StaffingAnswer, StaffingPeriod, SteadyStateAnswer,
        WarmUpAnswer,
    },
};
use pluriverse_kernel::view::Unit;
use pluriverse_stats::Estimate;

use super::{
    chart::{Chart, Dot, Join, Trace},
    tables::{self, begin_of},
};
use crate::{
    markup::Escaped,
    page::Section,
    quantity::{DASH, Figure, duration},
    ticks::clock,
};

/// The section; `None` where the table says it all.
pub(super) fn section(analysis: &Analysis) -> Result<Option<Section>, fmt::Error> {
    let mut body = String::new();
    let about = match &analysis.answer {
        Answer::Table => return Ok(None),
        Answer::Compare(answer) => compare(&mut body, analysis, answer)?,
        Answer::Select(answer) => select(&mut body, answer)?,
        Answer::Staffing(answer) => staffing(&mut body, answer)?,
        Answer::WarmUp(answer) => warm_up(&mut body, answer)?,
        Answer::SteadyState(answer) => steady_state(&mut body, answer)?,
    };
    if !analysis.guarantee.is_empty() {
        write!(
            body,
            r#"<p class="note">{}</p>"#,
            Escaped(&analysis.guarantee)
        )?;
    }
    Ok(Some(Section {
        id: "answer",
        title: "Answer",
        about: Escaped(&about).to_string(),
        body,
    }))
}

fn notes(body: &mut String, notes: &[String]) -> fmt::Result {
    if notes.is_empty() {
        return Ok(());
    }
    body.write_str(r#"<ul class="card warnings">"#)?;
    for note in notes {
        write!(body, "<li>{}</li>", Escaped(note))?;
    }
    body.write_str("</ul>")
}

fn compare(
    body: &mut String,
    analysis: &Analysis,
    answer: &Comparison,
) -> Result<String, fmt::Error> {
    tables::differences(analysis, answer).write(body)?;
    Ok(format!(
        "Each point less point {}, replication by replication on the same random numbers.",
        answer.baseline
    ))
}

fn select(body: &mut String, answer: &SelectionAnswer) -> Result<String, fmt::Error> {
    notes(body, &answer.notes)?;
    tables::candidates(answer).write(body)?;
    Ok(match answer.selected {
        Some(number) => format!("Point {number} is the best by {}.", answer.objective),
        None => "No point is selected.".to_owned(),
    })
}

fn staffing(body: &mut String, answer: &StaffingAnswer) -> Result<String, fmt::Error> {
    notes(body, &answer.notes)?;
    body.push_str(r#"<div class="charts">"#);
    levels(answer).write(body, "levels")?;
    service(answer).write(body, "service")?;
    body.push_str("</div>");
    let total = answer
        .total
        .map_or_else(|| DASH.to_owned(), |total| total.to_string());
    let state = if answer.is_certified {
        ""
    } else {
        " Not certified."
    };
    Ok(format!(
        "{total} in all, {} as it is.{state} All intervals hold together with {} %.",
        answer.total_as_it_is,
        100.0 * answer.confidence
    ))
}

/// A line over the periods of what `figure` says of each: a value, and half the width of its interval.
fn over_periods(
    answer: &StaffingAnswer,
    (name, join): (&str, Join),
    figure: impl Fn(&StaffingPeriod) -> Option<(f64, Option<f64>)>,
) -> Trace {
    let dots = answer.periods.iter().filter_map(|period| {
        let (up, band) = figure(period)?;
        Some(Dot {
            across: period.number as f64,
            up,
            band,
            label: begin_of(answer, period),
        })
    });
    Trace {
        name: name.to_owned(),
        dots: dots.collect(),
        join,
    }
}

fn places(answer: &StaffingAnswer) -> Vec<(f64, String)> {
    let periods = answer.periods.iter();
    periods
        .map(|period| (period.number as f64, begin_of(answer, period)))
        .collect()
}

fn levels(answer: &StaffingAnswer) -> Chart {
    let needed = |period: &StaffingPeriod| Some((period.needed? as f64, None));
    let as_it_is = |period: &StaffingPeriod| Some((period.as_it_is as f64, None));
    Chart {
        title: answer.key.clone(),
        across_unit: None,
        up_unit: Unit::Count,
        places: places(answer),
        traces: vec![
            over_periods(answer, ("needed", Join::Steps), needed),
            over_periods(answer, ("as it is", Join::Steps), as_it_is),
        ],
        limit: None,
        from_zero: true,
    }
}

fn service(answer: &StaffingAnswer) -> Chart {
    let ends = |estimate: &Estimate| (estimate.mean, estimate.half_width);
    let needed = |period: &StaffingPeriod| period.estimate.as_ref().map(ends);
    let as_it_is = |period: &StaffingPeriod| period.as_it_is_estimate.as_ref().map(ends);
    Chart {
        title: format!("{} and the limit", answer.series),
        across_unit: None,
        up_unit: answer.unit,
        places: places(answer),
        traces: vec![
            over_periods(answer, ("with what is needed", Join::Line), needed),
            over_periods(answer, ("as it is", Join::Line), as_it_is),
        ],
        limit: Some(answer.limit.value()),
        from_zero: false,
    }
}

fn warm_up(body: &mut String, answer: &WarmUpAnswer) -> Result<String, fmt::Error> {
    if !answer.mean.is_empty() {
        welch(answer, body)?;
    }
    Ok(match (answer.seconds, answer.is_reliable) {
        (Some(seconds), true) => format!("The run warms up for {} by MSER-5.", duration(seconds)),
        (Some(seconds), false) => format!(
            "MSER-5 cuts {}, half of the run: it is too short to tell.",
            duration(seconds)
        ),
        (None, _) if answer.mean.is_empty() => "There is nothing to look at.".to_owned(),
        (None, _) => "There are too few periods for MSER-5.".to_owned(),
    })
}

/// Welch's graph.
fn welch(answer: &WarmUpAnswer, body: &mut String) -> fmt::Result {
    let last = answer.mean.len() as f64 * answer.period_seconds;
    let trace = |name: &str, values: &[f64]| Trace {
        name: name.to_owned(),
        dots: values
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let across = index as f64 * answer.period_seconds;
                Dot {
                    across,
                    up: *value,
                    band: None,
                    label: clock(across, answer.period_seconds, last),
                }
            })
            .collect(),
        join: Join::Line,
    };
    let chart = Chart {
        title: answer.series.clone(),
        across_unit: Some(Unit::Seconds),
        up_unit: answer.unit,
        places: Vec::new(),
        traces: vec![
            trace("mean of the runs", &answer.mean),
            trace("moving average", &answer.smoothed),
        ],
        limit: None,
        from_zero: true,
    };
    body.push_str(r#"<div class="charts">"#);
    chart.write(body, "welch")?;
    body.write_str("</div>")
}

fn steady_state(body: &mut String, answer: &SteadyStateAnswer) -> Result<String, fmt::Error> {
    let Some(batches) = &answer.batches else {
        return Ok("There are too few periods for batch means.".to_owned());
    };
    let ends = (batches.low, batches.high);
    let figure = Figure::between(answer.unit, &batches.estimate, ends);
    let unit = figure.symbol;
    write!(
        body,
        r#"<ul class="cards"><li class="card"><p class="measure">{}</p><p class="figure">{}<small>{unit}</small></p><p class="interval">{} to {} · {} batches of {} periods</p></li></ul>"#,
        Escaped(&answer.series),
        figure.mean,
        figure.min,
        figure.max,
        batches.estimate.count,
        batches.batch_size,
    )?;
    Ok(if batches.is_independent {
        format!(
            "Batch means after {} periods of warm-up.",
            answer.warm_up_periods
        )
    } else {
        format!(
            "Needs a longer run: after {} periods of warm-up, batches still depend on each other.",
            answer.warm_up_periods
        )
    })
}
