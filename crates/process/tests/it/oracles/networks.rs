//! Several stations: tandems, feedback, lines that block.

use pluriverse_stats::queueing::{Station, jackson};

use super::{check, claim};

#[test]
fn a_tandem() {
    check(
        "
        [run]
        until = '200_000s'
        warm_up = '2_000s'
        [sources.people]
        to = 'first'
        arrivals.poisson.rate = '0.8/s'
        [stations.first]
        agents = 1
        service.exponential.mean = '1s'
        to = 'second'
        [stations.second]
        agents = 1
        service = { exponential = { mean = '833333333ns' } }
        ",
        40,
        &[
            claim("system.sojourn", 7.5, 0.03),
            claim("first.sojourn", 5.0, 0.04),
            claim("second.sojourn", 2.5, 0.03),
        ],
    );
}

#[test]
fn a_network_with_feedback() {
    let station = |servers, service_rate, external_rate, routing: [f64; 3]| Station {
        servers,
        service_rate,
        external_rate,
        routing: routing.to_vec(),
    };
    let exact = jackson(&[
        station(2, 0.5, 0.4, [0.1, 0.5, 0.2]),
        station(1, 1.0, 0.2, [0.3, 0.0, 0.3]),
        station(3, 0.25, 0.0, [0.0, 0.2, 0.1]),
    ])
    .unwrap();
    check(
        "
        [run]
        until = '200_000s'
        warm_up = '2_000s'
        [sources.main]
        to = 'intake'
        arrivals.poisson.rate = '0.4/s'
        [sources.side]
        to = 'desk'
        arrivals.poisson.rate = '0.2/s'
        [stations.intake]
        agents = 2
        service.exponential.mean = '2s'
        to = [
            { probability = 0.1, to = 'intake' },
            { probability = 0.5, to = 'desk' },
            { probability = 0.2, to = 'back' },
            { to = 'exit' },
        ]
        [stations.desk]
        agents = 1
        service.exponential.mean = '1s'
        to = [
            { probability = 0.3, to = 'intake' },
            { probability = 0.3, to = 'back' },
            { to = 'exit' },
        ]
        [stations.back]
        agents = 3
        service.exponential.mean = '4s'
        to = [
            { probability = 0.2, to = 'desk' },
            { probability = 0.1, to = 'back' },
            { to = 'exit' },
        ]
        ",
        40,
        &[
            claim("system.sojourn", exact.sojourn_time, 0.02),
            claim("system.present", exact.in_system, 0.02),
            claim("intake.wait", exact.stations[0].queue_time, 0.05),
            claim("desk.wait", exact.stations[1].queue_time, 0.05),
            claim("back.wait", exact.stations[2].queue_time, 0.05),
            claim("intake.utilization", exact.stations[0].utilization, 0.01),
            claim("desk.utilization", exact.stations[1].utilization, 0.01),
            claim("back.utilization", exact.stations[2].utilization, 0.01),
        ],
    );
}

/// A line of stations whose first never runs out of parts; one part a second each.
fn line(count: usize, buffer: u32) -> String {
    let mut text = "
        [run]
        until = '20_000s'
        warm_up = '100s'
        [sources.parts]
        to = 'station0'
        arrivals.scheduled.at = ['0s']
        batch = 30_000
    "
    .to_owned();
    for index in 0..count {
        let blocks = if index == 0 {
            String::new()
        } else {
            format!("buffer = {buffer}\nwhen_full = 'block'")
        };
        text.push_str(&format!(
            "
            [stations.station{index}]
            agents = 1
            service.exponential.mean = '1s'
            to = 'next'
            {blocks}
            "
        ));
    }
    text
}

#[test]
fn a_line_that_blocks_makes_less() {
    // Hunt (1956), "Sequential arrays of waiting lines": with equal exponential stations and room for b parts
    // between them, two stations run at (b + 2) / (b + 3), three without room at 22/39, four at 0.5148.
    let per_hour = |share: f64| share * 3600.0;
    check(
        &line(2, 0),
        30,
        &[claim("system.throughput", per_hour(2.0 / 3.0), 0.01)],
    );
    check(
        &line(2, 2),
        30,
        &[claim("system.throughput", per_hour(4.0 / 5.0), 0.01)],
    );
    check(
        &line(3, 0),
        30,
        &[claim("system.throughput", per_hour(22.0 / 39.0), 0.01)],
    );
}
