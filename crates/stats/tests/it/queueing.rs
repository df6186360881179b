//! Closed forms against published and independently derived values, and against each other.

use expect_test::{Expect, expect};
use pluriverse_stats::QueueError;
use pluriverse_stats::queueing::*;
use proptest::prelude::*;

use crate::near::{assert_near, significant};

fn check(rows: &[(&str, &[(&str, f64)])], expected: Expect) {
    let mut table = String::new();
    for (model, values) in rows {
        let values: Vec<String> = values
            .iter()
            .map(|(name, value)| format!("{name} {}", significant(*value, 10)))
            .collect();
        table += &format!("{model}: {}\n", values.join(", "));
    }
    expected.assert_eq(&table);
}

#[test]
fn published_values_of_several_servers() {
    let m1 = m_m_c(1, 0.9, 1.0).unwrap();
    let m3 = m_m_c(3, 2.7, 1.0).unwrap();
    let m10 = m_m_c(10, 9.0, 1.0).unwrap();
    let m100 = m_m_c(100, 90.0, 1.0).unwrap();
    check(
        &[
            (
                "M/M/1 .9",
                &[("Lq", m1.queue_length), ("Wq", m1.queue_time)],
            ),
            (
                "M/M/3 2.7",
                &[("C", m3.wait_probability), ("Wq", m3.queue_time)],
            ),
            (
                "M/M/10 9",
                &[
                    ("C", m10.wait_probability),
                    ("Wq", m10.queue_time),
                    ("Lq", m10.queue_length),
                ],
            ),
            (
                "M/M/100 90",
                &[("C", m100.wait_probability), ("Wq", m100.queue_time)],
            ),
        ],
        expect![[r#"
            M/M/1 .9: Lq 8.1, Wq 9
            M/M/3 2.7: C 0.8170610212, Wq 2.723536737
            M/M/10 9: C 0.6687315241, Wq 0.6687315241, Lq 6.018583717
            M/M/100 90: C 0.2169404809, Wq 0.02169404809
        "#]],
    );
}

#[test]
fn published_values_of_loss_and_abandonment() {
    let finite = m_m_c_k(3, 10, 2.7, 1.0).unwrap();
    let impatient = erlang_a(10, 9.0, 1.0, 0.5).unwrap();
    check(
        &[
            ("Erlang-B 10 9", &[("B", erlang_b(10, 9.0).unwrap())]),
            (
                "M/M/3/10 2.7",
                &[
                    ("block", finite.blocking_probability),
                    ("Lq", finite.admitted.queue_length),
                ],
            ),
            (
                "Erlang-A 10 9 .5",
                &[
                    ("abandon", impatient.abandon_probability),
                    ("wait", impatient.wait_probability),
                    ("Lq", impatient.queue_length),
                ],
            ),
        ],
        expect![[r#"
            Erlang-B 10 9: B 0.1679632263
            M/M/3/10 2.7: block 0.06028205941, Lq 2.119977903
            Erlang-A 10 9 .5: abandon 0.06701171547, wait 0.4689417044, Lq 1.206210879
        "#]],
    );
}

#[test]
fn published_values_of_one_server_and_a_tandem() {
    let [urgent, routine] = m_m_1_priority_non_preemptive([0.3, 0.5], 1.0).unwrap();
    let [urgent_p, routine_p] = m_m_1_priority_preemptive([0.3, 0.5], 1.0).unwrap();
    let station = |service_rate, external_rate, routing: &[f64]| Station {
        servers: 1,
        service_rate,
        external_rate,
        routing: routing.to_vec(),
    };
    let tandem = jackson(&[
        station(1.0, 0.8, &[0.0, 1.0]),
        station(1.2, 0.0, &[0.0, 0.0]),
    ])
    .unwrap();
    let wq = |scv| m_g_1(0.8, 1.0, scv).unwrap().queue_time;
    check(
        &[
            (
                "M/G/1 .8",
                &[
                    ("D", wq(0.0)),
                    ("E4", wq(0.25)),
                    ("M", wq(1.0)),
                    ("H2", wq(4.0)),
                ],
            ),
            (
                "non-preemptive",
                &[("Wq1", urgent.queue_time), ("Wq2", routine.queue_time)],
            ),
            (
                "preempt-resume",
                &[
                    ("W1", urgent_p.sojourn_time),
                    ("W2", routine_p.sojourn_time),
                ],
            ),
            ("tandem", &[("W", tandem.sojourn_time)]),
        ],
        expect![[r#"
            M/G/1 .8: D 2, E4 2.5, M 4, H2 10
            non-preemptive: Wq1 1.142857143, Wq2 5.714285714
            preempt-resume: W1 1.428571429, W2 7.142857143
            tandem: W 7.5
        "#]],
    );
}

#[test]
fn a_network_with_feedback_matches_the_traffic_equations_solved_by_hand() {
    // λ₁ = 1 + 0.5 λ₂, λ₂ = 0.8 λ₁ + 0.1 λ₂: λ₁ = 9/5, λ₂ = 8/5.
    let network = jackson(&[
        Station {
            servers: 2,
            service_rate: 1.5,
            external_rate: 1.0,
            routing: vec![0.0, 0.8],
        },
        Station {
            servers: 1,
            service_rate: 2.0,
            external_rate: 0.0,
            routing: vec![0.5, 0.1],
        },
    ])
    .unwrap();
    assert_near(network.arrival_rates[0], 1.8, 1e-14, "first");
    assert_near(network.arrival_rates[1], 1.6, 1e-14, "second");
    // M/M/2 at ρ .6 holds 2ρ/(1−ρ²) = 1.875, M/M/1 at ρ .8 holds 4; everything enters at rate 1.
    assert_near(network.in_system, 5.875, 1e-13, "number");
    assert_near(network.sojourn_time, 5.875, 1e-13, "time");
}

#[test]
fn the_time_dependent_mean_relaxes_exactly() {
    let hours = [
        RatePeriod {
            duration: 1.0,
            arrival_rate: 100.0,
        },
        RatePeriod {
            duration: 2.0,
            arrival_rate: 0.0,
        },
    ];
    let means = mt_m_infinity(0.0, &hours, 5.0).unwrap();
    let filled = 20.0 * (1.0 - (-5.0_f64).exp());
    assert_near(means[0].at_end, filled, 1e-14, "filling");
    assert_near(
        means[0].average,
        20.0 - filled / 5.0,
        1e-14,
        "filling on average",
    );
    assert_near(
        means[1].at_end,
        filled * (-10.0_f64).exp(),
        1e-12,
        "draining",
    );
    assert_near(
        means[1].average,
        filled * (1.0 - (-10.0_f64).exp()) / 10.0,
        1e-14,
        "draining on average",
    );
    assert_eq!(m_g_infinity(100.0, 0.2), Ok(20.0));
}

#[test]
fn thousands_of_servers_neither_overflow_nor_vanish() {
    let large = m_m_c(5_000, 4_950.0, 1.0).unwrap();
    assert!((0.0..1.0).contains(&large.wait_probability) && large.wait_probability > 0.3);
    let idle = erlang_a(2_000, 1.0, 1.0, 0.1).unwrap();
    assert_eq!((idle.wait_probability, idle.queue_length), (0.0, 0.0));
    // Twice overloaded with long patience: the fluid limit has (λ − cμ)/θ = 10⁵ waiting and half abandon.
    let swamped = erlang_a(1_000, 2_000.0, 1.0, 0.01).unwrap();
    assert_near(swamped.queue_length, 1e5, 1e-9, "fluid queue");
    assert_near(swamped.abandon_probability, 0.5, 1e-9, "fluid abandonment");
    let full = m_m_c_k(1_000, 100_000, 2_000.0, 1.0).unwrap();
    assert_near(full.blocking_probability, 0.5, 1e-12, "saturated");
}

#[test]
fn overload_and_idleness_do_not_cancel() {
    // M/M/1/1 by hand: admitted with probability 1/(1 + ρ). M/M/1/2: (1 + ρ)/(1 + ρ + ρ²), of which ρ waits.
    let load = 1e12;
    let loss = m_m_c_k(1, 1, load, 1.0).unwrap();
    assert_near(loss.throughput, load / (1.0 + load), 1e-15, "one place");
    let pair = m_m_c_k(1, 2, load, 1.0).unwrap();
    assert_near(pair.throughput, 1.0, 1e-11, "two places");
    assert_near(
        pair.admitted.wait_probability,
        load / (1.0 + load),
        1e-15,
        "two places, waiting",
    );
    let idle = m_m_c_k(3_000, 3_010, 1e-3, 1.0).unwrap();
    assert_eq!((idle.blocking_probability, idle.throughput), (0.0, 1e-3));
    assert_eq!(idle.admitted.sojourn_time, 1.0);
}

#[test]
fn the_service_level_has_the_right_mean_and_ends() {
    let level = |time| m_m_c_wait_at_most(10, 9.0, 1.0, time).unwrap();
    assert_near(level(0.0), 1.0 - 0.668_731_524_1, 1e-9, "no wait");
    // The mean wait is the integral of the tail (midpoint rule, error h² / 24).
    let tail: f64 = (0..40_000)
        .map(|i| 1e-3 * (1.0 - level((f64::from(i) + 0.5) * 1e-3)))
        .sum();
    assert_near(tail, 0.668_731_524_1, 1e-7, "mean wait");
}

#[test]
fn what_has_no_answer_says_why() {
    let lines = [
        erlang_c(3, 3.0).unwrap_err(),
        m_m_c(2, -1.0, 1.0).unwrap_err(),
        m_m_c(2, 1.0, 0.0).unwrap_err(),
        m_m_c_k(3, 2, 1.0, 1.0).unwrap_err(),
        m_g_1(1.0, 1.0, 0.0).unwrap_err(),
        erlang_a(1, 1.0, 1.0, f64::NAN).unwrap_err(),
        erlang_a(1, 2.0, 1.0, 0.0).unwrap_err(),
        erlang_a(1, 2.0, 1.0, 1e-10).unwrap_err(),
        route(&[&[0.0, 1.0], &[1.0, 0.0]]),
        route(&[&[0.1, 0.2, 0.7], &[0.3, 0.7, 0.0], &[0.0, 0.0, 1.0]]),
        route(&[&[0.6, 0.6], &[0.0, 0.0]]),
        route(&[&[0.5], &[0.0, 0.0]]),
    ];
    let text: String = lines.iter().map(|error| format!("{error}\n")).collect();
    expect![[r#"
        no steady state: the offered load of 3 erlangs is not below 3 servers
        `arrival_rate` must be finite and zero or more, got -1
        `service_rate` must be finite and above zero, got 0
        a capacity of 2 has no room for 3 servers
        no steady state: the offered load of 1 erlangs is not below 1 servers
        `abandonment_rate` must be finite and zero or more, got NaN
        no steady state: the offered load of 2 erlangs is not below 1 servers
        gave up after 100000000 states; the patience is too long to sum over
        customers at station 0 never leave the network
        customers at station 2 never leave the network
        the routing probabilities of station 0 sum to 1.2, above one
        station 0 has 1 routing probabilities, expected 2
    "#]]
    .assert_eq(&text);
}

fn route(rows: &[&[f64]]) -> QueueError {
    let stations: Vec<Station> = rows
        .iter()
        .map(|row| Station {
            servers: 1,
            service_rate: 9.0,
            external_rate: 1.0,
            routing: row.to_vec(),
        })
        .collect();
    jackson(&stations).unwrap_err()
}

proptest! {
    #[test]
    fn models_agree_where_one_is_a_limit_of_the_other(
        servers in 1_u32..60,
        utilization in 0.05_f64..0.9,
        service_rate in 0.1_f64..10.0,
    ) {
        let arrival_rate = utilization * f64::from(servers) * service_rate;
        let plain = m_m_c(servers, arrival_rate, service_rate).unwrap();

        let roomy = m_m_c_k(servers, servers + 2_000, arrival_rate, service_rate).unwrap().admitted;
        assert_near(roomy.queue_length, plain.queue_length, 1e-10, "a large capacity");
        assert_near(roomy.sojourn_time, plain.sojourn_time, 1e-10, "a large capacity, time");
        assert_near(roomy.wait_probability, plain.wait_probability, 1e-10, "a large capacity, waiting");

        let loss = m_m_c_k(servers, servers, arrival_rate, service_rate).unwrap();
        let blocked = erlang_b(servers, arrival_rate / service_rate).unwrap();
        assert_near(loss.blocking_probability, blocked, 1e-12, "no queue");
        prop_assert_eq!(loss.admitted.queue_length, 0.0);

        let patient = erlang_a(servers, arrival_rate, service_rate, 1e-9 * service_rate).unwrap();
        assert_near(patient.queue_length, plain.queue_length, 1e-5, "long patience");

        // With patience as long as service, the number present is that of M/M/∞: Poisson.
        let equal = erlang_a(servers, arrival_rate, service_rate, service_rate).unwrap();
        let load = arrival_rate / service_rate;
        let all_busy = pluriverse_stats::incomplete_gamma(f64::from(servers), load);
        assert_near(equal.wait_probability, all_busy, 1e-10, "M/M/∞ in disguise");
    }

    #[test]
    fn priorities_conserve_work(rates in prop::collection::vec((0.01_f64..0.2, 0.1_f64..1.5, 0.0_f64..4.0), 1..5)) {
        let classes: Vec<PriorityClass> = rates
            .iter()
            .map(|(rate, mean, scv)| PriorityClass { arrival_rate: *rate, mean_service: *mean, service_scv: *scv })
            .collect();
        let load: f64 = classes.iter().map(|class| class.arrival_rate * class.mean_service).sum();
        prop_assume!(load < 0.95);
        // Kleinrock's conservation law: Σ ρᵢ Wqᵢ is the same for every order of the classes.
        let weighted = |order: &[PriorityClass]| -> f64 {
            let waits = priority_non_preemptive(order).unwrap();
            order.iter().zip(waits).map(|(class, wait)| class.arrival_rate * class.mean_service * wait.queue_time).sum()
        };
        let reversed: Vec<PriorityClass> = classes.iter().rev().copied().collect();
        assert_near(weighted(&classes), weighted(&reversed), 1e-12, "conservation");
        // The most urgent class under preemption sees an M/G/1 of its own.
        let alone = m_g_1(classes[0].arrival_rate, classes[0].mean_service, classes[0].service_scv).unwrap();
        let preemptive = priority_preemptive(&classes).unwrap();
        assert_near(preemptive[0].sojourn_time, alone.sojourn_time, 1e-12, "alone");
    }
}
