//! Results as JSON: what periods and distributions say agrees with the figures.

use pluriverse_host::{document::Results, scenario};
use pluriverse_kernel::{
    replicate::RunPlan,
    scenario::{Draft, NoFiles},
};
use serde_json::Value;

const TEXT: &str = r#"
kind = "process"
[run]
until = "8h"
period = "1h"
[sources.people]
arrivals = { poisson = { rate = "0.9/min" } }
[stations.desk]
agents = 1
service = { exponential = { mean = "1m" } }
"#;

fn results(replications: u64) -> Value {
    let draft = Draft {
        file: "desk.toml",
        text: TEXT,
        overrides: &[],
        files: &NoFiles,
    };
    let (scenario, _) = scenario::read(draft).ok().unwrap();
    let outcome = RunPlan::new(7, replications).run(&*scenario).unwrap();
    serde_json::to_value(Results::new(&*scenario, 7, &outcome)).unwrap()
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    let mut found = list.as_array().unwrap().iter();
    found.find(|entry| entry["name"] == name).unwrap()
}

fn sum(values: &Value) -> f64 {
    let values = values.as_array().unwrap().iter();
    values.filter_map(Value::as_f64).sum()
}

#[test]
fn periods_add_up_to_the_figures() {
    let results = results(1);
    for series in results["series"].as_array().unwrap() {
        assert_eq!(series["period_seconds"], 3600.0);
        assert_eq!(series["mean"].as_array().unwrap().len(), 8, "{series}");
        assert!(
            sum(&series["half_width_95"]) == 0.0,
            "one run has no interval"
        );
    }
    let arrivals = named(&results["series"], "people");
    assert_eq!(arrivals["chart"], "Arrivals per hour");
    let total = &results["metrics"]["people.arrivals"]["mean"];
    assert_eq!(sum(&arrivals["mean"]), total.as_f64().unwrap());
}

#[test]
fn several_runs_have_an_interval_in_every_period() {
    let results = results(5);
    for series in results["series"].as_array().unwrap() {
        let means = series["mean"].as_array().unwrap();
        let widths = series["half_width_95"].as_array().unwrap();
        for (mean, width) in means.iter().zip(widths) {
            assert_eq!(mean.is_null(), width.is_null(), "{series}");
        }
    }
}

#[test]
fn bins_hold_every_observation_in_order_and_quantiles_lie_in_them() {
    let results = results(3);
    let wait = named(&results["distributions"], "desk.wait");
    let bins = wait["bins"].as_array().unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let counted: u64 = bins.iter().map(|bin| bin["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, wait["count"].as_u64().unwrap());
    for pair in bins.windows(2) {
        assert!(number(&pair[0]["to"]) < number(&pair[1]["from"]));
    }
    for bin in bins {
        let (from, to) = (number(&bin["from"]), number(&bin["to"]));
        assert!(to - from <= from / 16.0 + 1e-9, "{bin}");
    }
    for quantile in wait["quantiles"].as_array().unwrap() {
        let value = number(&quantile["value"]);
        let mut holders = bins.iter();
        let holder = holders.find(|bin| value <= number(&bin["to"])).unwrap();
        assert!(value >= number(&holder["from"]), "{quantile} in {holder}");
        let at_most = bins.iter().filter(|bin| number(&bin["from"]) <= value);
        let at_most: u64 = at_most.map(|bin| bin["count"].as_u64().unwrap()).sum();
        let share = number(&quantile["share"]);
        assert!(at_most as f64 >= share * counted as f64, "{quantile}");
    }
}
