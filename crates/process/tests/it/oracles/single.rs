//! One agent: service of any distribution, other orders than first come first served, arrivals of other kinds.

use pluriverse_stats::queueing::{
    m_g_1, m_m_1_priority_non_preemptive, m_m_1_priority_preemptive, m_m_c,
};

use super::{check, claim};

fn queue(arrivals: &str, service: &str) -> String {
    format!(
        "
        [run]
        until = '200_000s'
        warm_up = '2_000s'
        [sources.people.arrivals]
        {arrivals}
        [stations.desk]
        agents = 1
        service = {service}
        "
    )
}

/// M/G/1 at a load of 0.8 with a mean service of one second.
#[track_caller]
fn check_service(service: &str, service_scv: f64, within: f64) {
    let exact = m_g_1(0.8, 1.0, service_scv).unwrap();
    check(
        &queue("poisson.rate = '0.8/s'", service),
        40,
        &[
            claim("desk.wait", exact.queue_time, within),
            claim("desk.queue_length", exact.queue_length, within),
            claim("desk.utilization", 0.8, 0.005),
        ],
    );
}

#[test]
fn constant_service() {
    check_service("'1s'", 0.0, 0.03);
}

#[test]
fn erlang_service() {
    check_service("{ erlang = { shape = 4, mean = '1s' } }", 0.25, 0.03);
}

#[test]
fn exponential_service() {
    check_service("{ exponential = { mean = '1s' } }", 1.0, 0.04);
}

#[test]
fn hyperexponential_service() {
    check_service(
        "{ hyperexponential = { mean = '1s', squared_cv = 4 } }",
        4.0,
        0.07,
    );
}

#[test]
fn the_mean_wait_is_the_same_when_the_last_is_first() {
    check(
        &format!(
            "{}queue = 'lifo'",
            queue(
                "poisson.rate = '0.8/s'",
                "{ exponential = { mean = '1s' } }"
            )
        ),
        40,
        &[claim(
            "desk.wait",
            m_m_c(1, 0.8, 1.0).unwrap().queue_time,
            0.05,
        )],
    );
}

#[test]
fn the_shortest_first() {
    // Phipps (1956): a case of size x waits λ E[S²] / 2 / (1 − λ E[S; S ≤ x])² on average. For exponential
    // services of mean 1, E[S; S ≤ x] = 1 − (1 + x) e^−x; the mean over x by Simpson's rule in u = e^−x.
    let (rate, panels) = (0.8, 20_000);
    let wait = |u: f64| {
        let partial = if u > 0.0 {
            1.0 - (1.0 - libm::log(u)) * u
        } else {
            1.0
        };
        rate / (1.0 - rate * partial).powi(2)
    };
    let step = 1.0 / f64::from(panels);
    let weight = |index: i32| match index {
        0 => 1.0,
        index if index == panels => 1.0,
        index if index % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let sum: f64 = (0..=panels)
        .map(|index| weight(index) * wait(f64::from(index) * step))
        .sum();
    check(
        &format!(
            "{}queue = 'shortest-processing'",
            queue(
                "poisson.rate = '0.8/s'",
                "{ exponential = { mean = '1s' } }"
            )
        ),
        40,
        &[claim("desk.wait", sum * step / 3.0, 0.05)],
    );
}

/// Two classes at rates of 0.3 and 0.5 a second.
fn classes(preemption: &str) -> String {
    format!(
        "
        [run]
        until = '200_000s'
        warm_up = '2_000s'
        [classes]
        urgent.priority = 2
        routine.priority = 1
        [sources.urgent]
        class = 'urgent'
        arrivals.poisson.rate = '0.3/s'
        [sources.routine]
        class = 'routine'
        arrivals.poisson.rate = '0.5/s'
        [stations.desk]
        agents = 1
        queue = 'priority'
        preemption = '{preemption}'
        service.exponential.mean = '1s'
        "
    )
}

#[test]
fn the_more_urgent_first() {
    let [urgent, routine] = m_m_1_priority_non_preemptive([0.3, 0.5], 1.0).unwrap();
    check(
        &classes("none"),
        40,
        &[
            claim("desk.urgent.wait", urgent.queue_time, 0.02),
            claim("desk.routine.wait", routine.queue_time, 0.06),
            claim("system.urgent.sojourn", urgent.sojourn_time, 0.02),
            claim("system.routine.sojourn", routine.sojourn_time, 0.06),
        ],
    );
}

#[test]
fn the_more_urgent_at_once() {
    let [urgent, routine] = m_m_1_priority_preemptive([0.3, 0.5], 1.0).unwrap();
    check(
        &classes("resume"),
        40,
        &[
            claim("desk.urgent.sojourn", urgent.sojourn_time, 0.02),
            claim("desk.routine.sojourn", routine.sojourn_time, 0.06),
            // The time that a service is interrupted counts as waiting.
            claim("desk.routine.wait", routine.queue_time, 0.06),
        ],
    );
}

#[test]
fn regular_arrivals_wait_less() {
    // GI/M/1: Wq = σ / (1 − σ), where σ solves σ = A*(1 − σ); the transform of Erlang-4 intervals of mean 1 / 0.8
    // is (3.2 / (3.2 + s))⁴. Source: Kleinrock, Queueing Systems I, section 6.4.
    let mut sigma = 0.5;
    for _ in 0..1_000 {
        sigma = f64::powi(3.2 / (3.2 + 1.0 - sigma), 4);
    }
    check(
        &queue(
            "erlang = { shape = 4, rate = '0.8/s' }",
            "{ exponential = { mean = '1s' } }",
        ),
        40,
        &[claim("desk.wait", sigma / (1.0 - sigma), 0.03)],
    );
}

#[test]
fn batches_wait_for_themselves() {
    // M^X/M/1: L = λ (E[X] + E[X²]) / (2 μ (1 − ρ)); three at a time, a batch every 4 s. Source: Gross and Harris,
    // Fundamentals of Queueing Theory, section 3.1.
    let exact = 0.25 * (3.0 + 9.0) / (2.0 * (1.0 - 0.75));
    let text = queue(
        "poisson.rate = '0.25/s'",
        "{ exponential = { mean = '1s' } }",
    );
    let text = text.replace(
        "[sources.people.arrivals]",
        "[sources.people]\nbatch = 3\narrivals.",
    );
    let text = text.replace("arrivals.\n        poisson", "arrivals.poisson");
    check(&text, 40, &[claim("system.present", exact, 0.05)]);
}
