//! What an experiment came to, as text for people: the answer first, then the points.

use std::fmt::Write;
use std::time::Duration;

use pluriverse_experiment::{
    Analysis,
    analysis::{
        Answer, Candidate, Comparison, SelectionAnswer, StaffingAnswer, Standing,
        SteadyStateAnswer, Value, WarmUpAnswer,
    },
    plan::{Limit, Sense},
};
use pluriverse_kernel::view::Unit;
use pluriverse_report::{
    experiment as report,
    quantity::{self, DASH, Figure, ShownUnit},
};
use pluriverse_stats::BatchMeans;

mod grid;

use grid::Grid;

/// Figures of a point that are shown where the user has not named any.
const FIGURES_SHOWN: usize = 4;
/// Points that are shown; all are in JSON.
const POINTS_SHOWN: usize = 60;
/// Columns of a line of prose where the terminal does not say.
const PROSE_COLUMNS: usize = 100;

/// The analysis as text, at most `columns` wide where that is known.
pub(super) fn document(analysis: &Analysis, wall: Duration, columns: Option<usize>) -> String {
    let mut text = headline(analysis, wall);
    match &analysis.answer {
        Answer::Table => {}
        Answer::Compare(comparison) => compare(&mut text, analysis, (comparison, columns)),
        Answer::Select(answer) => select(&mut text, analysis, (answer, columns)),
        Answer::Staffing(answer) => staffing(&mut text, answer, columns),
        Answer::WarmUp(answer) => warm_up(&mut text, answer),
        Answer::SteadyState(answer) => steady_state(&mut text, answer),
    }
    let is_staffing = matches!(analysis.answer, Answer::Staffing(_));
    if !is_staffing && !matches!(analysis.answer, Answer::SteadyState(_)) {
        points(&mut text, analysis, columns);
    }
    if !analysis.guarantee.is_empty() {
        text.push('\n');
        prose(&mut text, &analysis.guarantee, columns);
    }
    text
}

fn headline(analysis: &Analysis, wall: Duration) -> String {
    let mut text = analysis.name.clone();
    if !analysis.title.is_empty() {
        let _ = write!(text, ": {}", analysis.title);
    }
    text.push('\n');
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:12}  {value}");
    };
    if !analysis.is_complete {
        let state = "interrupted; the figures are those of the runs up to there";
        line("INCOMPLETE", state.to_owned());
    }
    line("scenario", analysis.scenario.clone());
    line(
        "runs",
        format!("{}, seed {}", quantity::whole(analysis.runs), analysis.seed),
    );
    let secs = wall.as_secs_f64();
    let speed = quantity::compact(analysis.events as f64 / secs.max(1e-9));
    line(
        "events",
        format!(
            "{} ({speed} a second, in {})",
            quantity::whole(analysis.events),
            quantity::duration(secs)
        ),
    );
    line("ledgers", analysis.ledger_hash.clone());
    text
}

/// Indices of the figures that the table has room for, and whether some are left out.
fn shown(analysis: &Analysis) -> (Vec<usize>, usize) {
    let all = &analysis.shown;
    if all.len() < analysis.metrics.len() {
        return (all.clone(), 0);
    }
    let is_observed = |metric: &&usize| {
        let estimates = analysis.points.iter();
        let mut estimates = estimates.filter_map(|point| point.estimates.get(**metric));
        estimates.any(Option::is_some)
    };
    let some: Vec<usize> = all
        .iter()
        .filter(is_observed)
        .take(FIGURES_SHOWN)
        .copied()
        .collect();
    let left_out = all.len() - some.len();
    (some, left_out)
}

fn value(value: &Value) -> String {
    value.setting().to_string()
}

fn points(text: &mut String, analysis: &Analysis, columns: Option<usize>) {
    let (metrics, left_out) = shown(analysis);
    let mut grid = Grid::new(["point".to_owned()]);
    grid.head(analysis.factors.iter().cloned());
    grid.head(["runs".to_owned()]);
    grid.head(
        metrics
            .iter()
            .map(|metric| analysis.metrics[*metric].name.clone()),
    );
    for point in analysis.points.iter().take(POINTS_SHOWN) {
        let mut cells = vec![point.number.to_string()];
        cells.extend(point.settings.iter().map(value));
        cells.push(quantity::whole(point.replications));
        cells.extend(metrics.iter().map(|metric| {
            let unit = analysis.metrics[*metric].unit;
            Figure::cell(unit, point.estimates[*metric].as_ref())
        }));
        grid.row(cells);
    }
    text.push('\n');
    grid.write(text, columns);
    if analysis.points.len() > POINTS_SHOWN {
        let more = analysis.points.len() - POINTS_SHOWN;
        let _ = writeln!(text, "  and {more} more points: see --format json");
    }
    if left_out > 0 {
        let _ = writeln!(
            text,
            "  {left_out} more figures: name `metrics` in the file, or see --format json"
        );
    }
}

fn compare(
    text: &mut String,
    analysis: &Analysis,
    (answer, columns): (&Comparison, Option<usize>),
) {
    let (metrics, _) = shown(analysis);
    let _ = writeln!(text, "\nDifferences from point {}, paired", answer.baseline);
    let mut grid = Grid::new(["point".to_owned()]);
    grid.head(
        metrics
            .iter()
            .map(|metric| analysis.metrics[*metric].name.clone()),
    );
    for difference in &answer.differences {
        let cells = metrics.iter().map(|metric| {
            let unit = analysis.metrics[*metric].unit;
            let paired = difference.paired[*metric].as_ref();
            Figure::cell(unit, paired.map(|paired| &paired.difference))
        });
        grid.row(
            std::iter::once(difference.number.to_string())
                .chain(cells)
                .collect(),
        );
    }
    grid.write(text, columns);
}

fn select(
    text: &mut String,
    analysis: &Analysis,
    (answer, columns): (&SelectionAnswer, Option<usize>),
) {
    let sense = match answer.sense {
        Sense::Minimize => "least",
        Sense::Maximize => "most",
    };
    let settings = |number: usize| {
        let point = analysis.points.iter().find(|point| point.number == number);
        let settings = point.map_or(&[][..], |point| &point.settings);
        let pairs = analysis.factors.iter().zip(settings);
        let texts: Vec<String> = pairs
            .map(|(factor, setting)| format!("{factor} = {}", value(setting)))
            .collect();
        texts.join(", ")
    };
    let _ = match answer.selected {
        Some(number) => writeln!(
            text,
            "\nThe {sense} `{}` has point {number}: {}",
            answer.objective,
            settings(number)
        ),
        None => writeln!(text, "\nNo point is selected"),
    };
    let mut grid = Grid::new(["point", "runs", "objective", "standing"].map(str::to_owned));
    for candidate in &answer.candidates {
        grid.row(vec![
            candidate.number.to_string(),
            quantity::whole(candidate.replications),
            Figure::cell(Unit::Number, candidate.objective.as_ref()),
            standing(candidate),
        ]);
    }
    grid.write(text, columns);
    notes(text, &answer.notes, columns);
}

fn standing(candidate: &Candidate) -> String {
    let words = report::standing(candidate.standing);
    match candidate.standing {
        Standing::Selected => words.to_uppercase(),
        _ => words,
    }
}

fn staffing(text: &mut String, answer: &StaffingAnswer, columns: Option<usize>) {
    let goal = |value: f64| {
        let shown = ShownUnit::of(answer.unit, value);
        shown.text(
            value,
            quantity::decimals_for(shown.in_unit(value), 3).min(3),
        )
    };
    let words = match answer.limit {
        Limit::AtLeast(value) => format!("at least {}", goal(value)),
        Limit::AtMost(value) => format!("at most {}", goal(value)),
    };
    let total = match answer.total {
        Some(total) => format!("{total} in all, {} as it is", answer.total_as_it_is),
        None => "there is no plan".to_owned(),
    };
    let _ = writeln!(
        text,
        "\nFewest for {} of {words} in every period: {total}{}",
        answer.series,
        if answer.is_certified {
            ""
        } else {
            " (NOT CERTIFIED)"
        }
    );
    let names = ["period", "from", "needed", "figure", "as it is", "figure "];
    let mut grid = Grid::new(names.map(str::to_owned));
    for period in &answer.periods {
        let begin = (period.number - 1) as f64 * answer.period_seconds;
        grid.row(vec![
            period.number.to_string(),
            quantity::duration(begin),
            period
                .needed
                .map_or_else(|| DASH.to_owned(), |needed| needed.to_string()),
            Figure::cell(answer.unit, period.estimate.as_ref()),
            period.as_it_is.to_string(),
            Figure::cell(answer.unit, period.as_it_is_estimate.as_ref()),
        ]);
    }
    grid.write(text, columns);
    let _ = writeln!(
        text,
        "  {} plans looked at, {} put to the test; all intervals hold together with {} %",
        answer.plans_looked_at,
        answer.attempts,
        100.0 * answer.confidence
    );
    notes(text, &answer.notes, columns);
}

fn warm_up(text: &mut String, answer: &WarmUpAnswer) {
    let periods = answer.mean.len();
    let _ = match (answer.periods, answer.seconds) {
        (Some(cut), Some(seconds)) => {
            let doubt = if answer.is_reliable {
                ""
            } else {
                "\n  that is half of the run: it is too short to tell"
            };
            writeln!(
                text,
                "\n{} warms up for {} ({cut} of {periods} periods) by MSER-5{doubt}",
                answer.series,
                quantity::duration(seconds)
            )
        }
        // Where nothing was observed the guarantee says so.
        _ if periods == 0 => Ok(()),
        _ => writeln!(
            text,
            "\n{} has {periods} periods: MSER-5 takes 50 or more",
            answer.series
        ),
    };
}

fn steady_state(text: &mut String, answer: &SteadyStateAnswer) {
    let left = answer.periods - answer.warm_up_periods;
    let _ = match &answer.batches {
        Some(batches) => writeln!(
            text,
            "\n{}: {}\n  {} batches of {} periods, after {} periods of warm-up",
            answer.series,
            interval(answer.unit, batches),
            batches.estimate.count,
            batches.batch_size,
            answer.warm_up_periods,
        ),
        None => writeln!(
            text,
            "\n{} has {left} periods after its warm-up: batch means take 32 or more",
            answer.series
        ),
    };
}

/// Mean and interval of a steady state: `8.12 (7.31 to 9.40) min`.
fn interval(unit: Unit, batches: &BatchMeans) -> String {
    let figure = Figure::between(unit, &batches.estimate, (batches.low, batches.high));
    let shown = format!(
        "{} ({} to {}) {}",
        figure.mean, figure.min, figure.max, figure.symbol
    );
    shown.trim_end().to_owned()
}

fn notes(text: &mut String, notes: &[String], columns: Option<usize>) {
    for note in notes {
        prose(text, note, columns);
    }
}

/// Words in lines of at most so many columns.
fn prose(text: &mut String, words: &str, columns: Option<usize>) {
    let columns = columns.unwrap_or(PROSE_COLUMNS).clamp(20, PROSE_COLUMNS);
    let mut width = 0;
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > columns {
            text.push('\n');
            width = 0;
        }
        if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    text.push('\n');
}
