//! Questions about one long run, or the mean of several: where the warm-up ends, and what the steady state is.
//!
//! An answer comes with what it is worth in words, and with the reason where there is none: the same whoever shows it.

use pluriverse_kernel::view::{Observation, Unit};
use pluriverse_stats::{
    BATCH_MEANS_FEWEST, BatchMeans, MSER_BATCH, MSER_FEWEST_BATCHES, Truncation, batch_means,
    moving_average, mser, welch_mean,
};

use super::Bench;
use crate::{
    analysis::{SteadyStateAnswer, WarmUpAnswer},
    plan::{SteadyState, WarmUp},
};

/// The periods of the one series in each run; nothing where nothing was observed.
fn runs(bench: &Bench<'_>) -> Vec<Vec<Option<f64>>> {
    let periods =
        |periods: &Vec<Observation>| periods.iter().map(|period| period.value()).collect();
    let trials = bench.store.trials(0, 0..u64::MAX);
    trials
        .filter_map(|(_, trial)| trial.series.first().map(periods))
        .collect()
}

/// Where the warm-up ends, and what that is worth.
pub(super) fn warm_up(bench: &Bench<'_>, asked: &WarmUp) -> (WarmUpAnswer, String) {
    let runs = runs(bench);
    let mean = welch_mean(&runs);
    let truncation = mser(&mean, MSER_BATCH);
    let (unit, period_seconds) = bench.series_about();
    let mut words = match truncation {
        Some(Truncation {
            is_reliable: true, ..
        }) => {
            "MSER-5 (White 1997) is a rule of thumb without an error rate: it leaves the least standard error of what is \
             kept. It assumes that there is a steady state, and that a period after the warm-up is as any other; the graph \
             shows whether that may be."
                .to_owned()
        }
        Some(_) => {
            "MSER-5 would cut half of the run or more, so nothing follows: needs a longer run (`run.until`)."
                .to_owned()
        }
        None => format!(
            "No answer: MSER-5 takes {} periods in a row from the first one, and there are {}.",
            MSER_BATCH * MSER_FEWEST_BATCHES,
            mean.len()
        ),
    };
    if let Some(gaps) = gaps(&runs, &asked.series) {
        words.push_str(&format!(" {gaps}"));
    }
    let answer = WarmUpAnswer {
        series: asked.series.clone(),
        unit,
        period_seconds,
        smoothed: moving_average(&mean, asked.window),
        periods: truncation.map(|truncation| truncation.observations),
        seconds: truncation.map(|truncation| truncation.observations as f64 * period_seconds),
        is_reliable: truncation.is_some_and(|truncation| truncation.is_reliable),
        mean,
    };
    (answer, words)
}

/// Which periods no run observed, and what to do about it; `None` where there are none.
fn gaps(runs: &[Vec<Option<f64>>], series: &str) -> Option<String> {
    let periods = runs.iter().map(Vec::len).min().unwrap_or(0);
    let unobserved: Vec<usize> = (0..periods)
        .filter(|period| runs.iter().all(|run| run[*period].is_none()))
        .collect();
    let first = unobserved.first()? + 1;
    if unobserved.len() == periods {
        return Some(format!(
            "Nothing was observed of `{series}` in any of the {periods} periods: nothing that it measures happened."
        ));
    }
    let which = match unobserved.as_slice() {
        [_] => format!("in period {first}"),
        [_, .., last] if last - unobserved[0] + 1 == unobserved.len() => {
            format!("in periods {first} to {}", last + 1)
        }
        several => format!(
            "in {} periods, the first of them number {first}",
            several.len()
        ),
    };
    let help = if runs.len() == 1 {
        ""
    } else {
        " or replications more"
    };
    Some(format!(
        "Nothing was observed of `{series}` {which} of {periods}; make periods longer (`run.period`){help}."
    ))
}

/// What the one run says about the steady state, and what that is worth.
pub(super) fn steady_state(bench: &Bench<'_>, asked: &SteadyState) -> (SteadyStateAnswer, String) {
    let mut runs = runs(bench);
    runs.truncate(1);
    let run = runs.first().map_or(&[][..], Vec::as_slice);
    let rule = asked.warm_up.is_none().then(|| by_rule(run));
    let warm_up = asked
        .warm_up
        .or(rule.map(|(cut, _)| cut))
        .unwrap_or(0)
        .min(run.len());
    let observed: Vec<f64> = run[warm_up..].iter().copied().flatten().collect();
    let (unit, period_seconds) = bench.series_about();
    let confidence = bench.study.plan.confidence;
    let batches = batch_means(&observed, confidence);
    let mut words = batches.as_ref().map_or_else(
        || {
            format!(
                "No answer: batch means take {BATCH_MEANS_FEWEST} periods in which something was observed, and there are \
                 {} after the warm-up.",
                observed.len()
            )
        },
        |batches| worth(batches, unit, confidence),
    );
    if matches!(rule, Some((_, Length::TooShort))) {
        words.push_str(
            " Needs a longer run: MSER-5 cannot tell where its warm-up ends, so the beginning may be part of it.",
        );
    }
    if let Some(gaps) = gaps(&runs, &asked.series) {
        words.push_str(&format!(
            " {gaps} Periods without an observation are left out."
        ));
    }
    let answer = SteadyStateAnswer {
        series: asked.series.clone(),
        unit,
        period_seconds,
        warm_up_periods: warm_up,
        periods: run.len(),
        batches,
    };
    (answer, words)
}

/// Whether a run is long enough for a rule.
#[derive(Clone, Copy)]
enum Length {
    Enough,
    TooShort,
}

/// Periods that MSER-5 cuts from what was observed, counted with those in which nothing was.
fn by_rule(run: &[Option<f64>]) -> (usize, Length) {
    let observed: Vec<f64> = run.iter().copied().flatten().collect();
    let Some(truncation) = mser(&observed, MSER_BATCH) else {
        return (0, Length::TooShort);
    };
    let mut positions = (0..run.len()).filter(|period| run[*period].is_some());
    let cut = match truncation.observations {
        0 => 0,
        observations => positions.nth(observations).unwrap_or(run.len()),
    };
    let length = if truncation.is_reliable {
        Length::Enough
    } else {
        Length::TooShort
    };
    (cut, length)
}

/// What an interval of batch means is worth.
fn worth(batches: &BatchMeans, unit: Unit, confidence: f64) -> String {
    let percent = 100.0 * confidence;
    let interval = format!(
        "from {} to {}",
        shortened(unit, batches.low),
        shortened(unit, batches.high)
    );
    if !batches.is_independent {
        return format!(
            "Needs a longer run: batches of consecutive periods depend on each other, so that the interval ({interval}) may \
             cover the mean less often than {percent} %. Make the run several times as long (`run.until`). One run in ten \
             that is long enough is told so by chance."
        );
    }
    format!(
        "The interval goes {interval} and aims to cover the mean of the steady state in {percent} % of runs. That is no \
         theorem. It assumes that there is a steady state, that the warm-up is left out, and that batches are long enough \
         for what correlation and skewness their means have left to be corrected (Skart; Tafazzoli et al. 2011); a test of \
         independence found nothing against it, which a run that is much too short passes now and then. Where it was \
         checked, on M/M/1 queues and autoregressive series at 95 %, no more than 5 % of runs got a wrong interval without \
         the words \"needs a longer run\". The mean is that of the periods, each counting the same."
    )
}

/// A number to about five digits, with its unit where that is one of time.
fn shortened(unit: Unit, value: f64) -> String {
    let size = libm::fabs(value).clamp(1e-4, 1e4);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number from 0 to 8"
    )]
    let decimals = (4.0 - libm::floor(libm::log10(size))) as usize;
    let symbol = if unit == Unit::Seconds { " s" } else { "" };
    format!("{value:.decimals$}{symbol}")
}
