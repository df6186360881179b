//! One station with several agents: M/M/c, its finite rooms, its impatient customers.

use pluriverse_stats::queueing::{erlang_a, erlang_b, m_m_c, m_m_c_k, m_m_c_wait_at_most};

use super::{check, claim};

/// M/M/c at a service rate of one a second.
fn station(agents: u32, rate: f64, until: &str, warm_up: &str) -> String {
    format!(
        "
        [run]
        until = '{until}'
        warm_up = '{warm_up}'
        [sources.people]
        arrivals.poisson.rate = '{rate}/s'
        [stations.desk]
        agents = {agents}
        service.exponential.mean = '1s'
        "
    )
}

#[test]
fn m_m_1() {
    let exact = m_m_c(1, 0.9, 1.0).unwrap();
    check(
        &format!(
            "{}service_level = '0s'",
            station(1, 0.9, "250_000s", "5_000s")
        ),
        100,
        &[
            claim("desk.wait", exact.queue_time, 0.03),
            claim("desk.sojourn", exact.sojourn_time, 0.03),
            claim("desk.queue_length", exact.queue_length, 0.03),
            claim("desk.utilization", exact.utilization, 0.003),
            claim("desk.service_level", 1.0 - exact.wait_probability, 0.03),
            claim("system.present", exact.in_system, 0.03),
            claim("system.throughput", 0.9 * 3600.0, 0.003),
        ],
    );
}

#[test]
fn m_m_3() {
    let exact = m_m_c(3, 2.7, 1.0).unwrap();
    let within_2s = m_m_c_wait_at_most(3, 2.7, 1.0, 2.0).unwrap();
    check(
        &format!(
            "{}service_level = '2s'",
            station(3, 2.7, "120_000s", "5_000s")
        ),
        60,
        &[
            claim("desk.wait", exact.queue_time, 0.04),
            claim("desk.queue_length", exact.queue_length, 0.04),
            claim("desk.service_level", within_2s, 0.02),
        ],
    );
}

#[test]
fn m_m_10() {
    let exact = m_m_c(10, 9.0, 1.0).unwrap();
    check(
        &format!(
            "{}service_level = '0s'",
            station(10, 9.0, "40_000s", "2_000s")
        ),
        50,
        &[
            claim("desk.wait", exact.queue_time, 0.05),
            claim("desk.queue_length", exact.queue_length, 0.05),
            claim("desk.service_level", 1.0 - exact.wait_probability, 0.03),
        ],
    );
}

#[test]
fn m_m_100() {
    let exact = m_m_c(100, 90.0, 1.0).unwrap();
    check(
        &format!(
            "{}service_level = '0s'",
            station(100, 90.0, "4_000s", "200s")
        ),
        50,
        &[
            claim("desk.wait", exact.queue_time, 0.1),
            claim("desk.service_level", 1.0 - exact.wait_probability, 0.015),
            claim("desk.utilization", exact.utilization, 0.003),
        ],
    );
}

#[test]
fn erlang_loss() {
    let exact = erlang_b(10, 9.0).unwrap();
    check(
        &format!("{}buffer = 0", station(10, 9.0, "20_000s", "100s")),
        40,
        &[
            claim("desk.blocked", exact, 0.01),
            claim("desk.utilization", 0.9 * (1.0 - exact), 0.003),
        ],
    );
}

#[test]
fn erlang_loss_is_insensitive_to_the_service_distribution() {
    let text = station(10, 9.0, "20_000s", "100s");
    let text = text.replace(
        "exponential.mean = '1s'",
        "lognormal = { mean = '1s', std_dev = '2s' }",
    );
    check(
        &format!("{text}buffer = 0"),
        40,
        &[claim("desk.blocked", erlang_b(10, 9.0).unwrap(), 0.015)],
    );
}

#[test]
fn a_finite_room() {
    let exact = m_m_c_k(3, 10, 2.7, 1.0).unwrap();
    check(
        &format!("{}buffer = 7", station(3, 2.7, "50_000s", "500s")),
        40,
        &[
            claim("desk.blocked", exact.blocking_probability, 0.03),
            claim("desk.queue_length", exact.admitted.queue_length, 0.02),
            claim("desk.wait", exact.admitted.queue_time, 0.02),
        ],
    );
}

#[test]
fn impatient_customers() {
    let exact = erlang_a(10, 9.0, 1.0, 0.5).unwrap();
    check(
        &format!(
            "{}patience.exponential.mean = '2s'\nservice_level = '0s'",
            station(10, 9.0, "20_000s", "100s")
        ),
        40,
        &[
            claim("desk.abandoned", exact.abandon_probability, 0.02),
            claim("desk.service_level", 1.0 - exact.wait_probability, 0.01),
            claim("desk.queue_length", exact.queue_length, 0.02),
            claim("desk.wait", exact.queue_time, 0.02),
            claim("desk.utilization", exact.utilization, 0.003),
        ],
    );
}

#[test]
fn two_stations_that_share_a_pool_are_one_queue() {
    let exact = m_m_c(3, 2.7, 1.0).unwrap();
    check(
        "
        [run]
        until = '120_000s'
        warm_up = '5_000s'
        [sources.phone]
        to = 'phone'
        arrivals.poisson.rate = '0.9/s'
        [sources.door]
        to = 'door'
        arrivals.poisson.rate = '1.8/s'
        [pools.clerks]
        agents = 3
        [stations.phone]
        agents = 'clerks'
        service.exponential.mean = '1s'
        [stations.door]
        agents = 'clerks'
        service.exponential.mean = '1s'
        ",
        40,
        &[
            claim("phone.wait", exact.queue_time, 0.05),
            claim("door.wait", exact.queue_time, 0.05),
            claim("clerks.utilization", exact.utilization, 0.003),
            claim("phone.utilization", exact.utilization / 3.0, 0.01),
        ],
    );
}
