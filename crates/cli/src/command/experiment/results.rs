//! What an experiment came to as a table: a row for each point and figure, and one for each of its replications.
//!
//! Rows of a replication have its number in `replication` and its figure in `mean`; those of a point have none there, and
//! an interval. A factor has a column of its own.

use pluriverse_experiment::{Analysis, Experiment, analysis::Value};
use pluriverse_host::document::unit_name;
use pluriverse_store::table::{Cells, parquet_bytes};

/// Figures of single replications.
pub(super) struct Replications(Vec<Replication>);

struct Replication {
    point: usize,
    number: u64,
    figures: Vec<Option<f64>>,
}

impl Replications {
    /// Of all that count.
    pub(super) fn of(experiment: &Experiment) -> Self {
        let rows = experiment
            .trials()
            .map(|(point, number, trial)| Replication {
                point,
                number,
                figures: trial.scalars.iter().map(|seen| seen.value()).collect(),
            });
        Self(rows.collect())
    }
}

/// The columns that every row has.
#[derive(Default)]
struct Columns {
    /// Index of each row's point in the analysis.
    points: Vec<usize>,
    replication: Vec<Option<i64>>,
    metric: Vec<Option<String>>,
    unit: Vec<Option<String>>,
    mean: Vec<Option<f64>>,
    half_width: Vec<Option<f64>>,
    n: Vec<Option<i64>>,
    min: Vec<Option<f64>>,
    max: Vec<Option<f64>>,
}

impl Columns {
    fn begin(&mut self, analysis: &Analysis, (point, metric): (usize, usize)) {
        let about = &analysis.metrics[metric];
        self.points.push(point);
        self.metric.push(Some(about.name.clone()));
        self.unit.push(Some(unit_name(about.unit).to_owned()));
    }

    fn of_point(&mut self, analysis: &Analysis, (point, metric): (usize, usize)) {
        self.begin(analysis, (point, metric));
        let estimate = analysis.points[point].estimates[metric].as_ref();
        self.replication.push(None);
        self.mean.push(estimate.map(|estimate| estimate.mean));
        self.half_width
            .push(estimate.and_then(|estimate| estimate.half_width));
        self.n
            .push(Some(estimate.map_or(0, |estimate| whole(estimate.count))));
        self.min.push(estimate.map(|estimate| estimate.min));
        self.max.push(estimate.map(|estimate| estimate.max));
    }

    fn of_replication(
        &mut self,
        analysis: &Analysis,
        at: (usize, usize),
        replication: &Replication,
    ) {
        self.begin(analysis, at);
        let figure = replication.figures.get(at.1).copied().flatten();
        self.replication.push(Some(whole(replication.number)));
        self.mean.push(figure);
        self.half_width.push(None);
        self.n.push(Some(i64::from(figure.is_some())));
        self.min.push(figure);
        self.max.push(figure);
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The table as a Parquet file.
pub(super) fn parquet(analysis: &Analysis, replications: &Replications) -> Vec<u8> {
    let mut columns = Columns::default();
    for (index, point) in analysis.points.iter().enumerate() {
        for metric in 0..analysis.metrics.len() {
            columns.of_point(analysis, (index, metric));
        }
        let of_point = replications
            .0
            .iter()
            .filter(|one| one.point == point.number);
        for replication in of_point {
            for metric in 0..analysis.metrics.len() {
                columns.of_replication(analysis, (index, metric), replication);
            }
        }
    }
    let numbers = columns
        .points
        .iter()
        .map(|point| analysis.points[*point].number as u64);
    let mut table = vec![(
        "point".to_owned(),
        Cells::Whole(numbers.map(|number| Some(whole(number))).collect()),
    )];
    for (index, name) in analysis.factors.iter().enumerate() {
        let values: Vec<&Value> = columns
            .points
            .iter()
            .map(|point| &analysis.points[*point].settings[index])
            .collect();
        table.push((format!("factor.{name}"), factor(&values)));
    }
    table.extend([
        ("metric".to_owned(), Cells::Texts(columns.metric)),
        ("unit".to_owned(), Cells::Texts(columns.unit)),
        ("replication".to_owned(), Cells::Whole(columns.replication)),
        ("mean".to_owned(), Cells::Numbers(columns.mean)),
        ("half_width".to_owned(), Cells::Numbers(columns.half_width)),
        ("n".to_owned(), Cells::Whole(columns.n)),
        ("min".to_owned(), Cells::Numbers(columns.min)),
        ("max".to_owned(), Cells::Numbers(columns.max)),
    ]);
    let metadata = [
        ("pluriverse.experiment", analysis.fingerprint.clone()),
        ("pluriverse.ledgers", analysis.ledger_hash.clone()),
        ("pluriverse.seed", analysis.seed.to_string()),
        ("pluriverse.confidence", analysis.confidence.to_string()),
    ];
    parquet_bytes(&table, &metadata).expect("columns of one length, of plain types")
}

/// A factor's values: numbers where all are, else texts.
fn factor(values: &[&Value]) -> Cells {
    let numbers: Option<Vec<f64>> = values
        .iter()
        .map(|value| match value {
            Value::Number(number) => Some(*number),
            _ => None,
        })
        .collect();
    match numbers {
        Some(numbers) => Cells::Numbers(numbers.into_iter().map(Some).collect()),
        None => {
            let texts = values.iter().map(|value| Some(value.setting().to_string()));
            Cells::Texts(texts.collect())
        }
    }
}
