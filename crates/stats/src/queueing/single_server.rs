//! One server with a general service time: Pollaczek–Khinchine and priority classes.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::error::{QueueError, not_negative, positive, stable};
use super::markovian::SteadyState;

/// Mean waiting of one class at a single server, in the unit of the rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SingleServer {
    /// Mean time in the queue, Wq; under preemption, interruptions count as time in the queue.
    pub queue_time: f64,
    /// Mean time in the system, W.
    pub sojourn_time: f64,
}

/// One class of customers at a single server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PriorityClass {
    /// Poisson arrivals per unit of time.
    pub arrival_rate: f64,
    /// Mean service time.
    pub mean_service: f64,
    /// Squared coefficient of variation of the service time: 0 constant, 1/k Erlang-k, 1 exponential.
    pub service_scv: f64,
}

impl PriorityClass {
    /// A class with exponential service.
    #[must_use]
    pub fn exponential(arrival_rate: f64, service_rate: f64) -> Self {
        Self {
            arrival_rate,
            mean_service: 1.0 / service_rate,
            service_scv: 1.0,
        }
    }

    fn load(&self) -> f64 {
        self.arrival_rate * self.mean_service
    }

    /// Mean work left of this class's services in progress, seen at a random instant: λ E\[S²\] / 2.
    fn residual_work(&self) -> f64 {
        0.5 * self.load() * self.mean_service * (1.0 + self.service_scv)
    }

    fn check(&self) -> Result<(), QueueError> {
        not_negative("arrival_rate", self.arrival_rate)?;
        positive("mean_service", self.mean_service)?;
        not_negative("service_scv", self.service_scv)?;
        Ok(())
    }
}

/// Steady state of M/G/1, first come first served.
///
/// `service_scv` is the squared coefficient of variation of the service time. Source: Pollaczek (1930),
/// Khinchine (1932): Wq = λ E\[S²\] / (2(1 − ρ)).
///
/// # Errors
/// [`QueueError::Unstable`] when the load reaches one, [`QueueError::Negative`] and
/// [`QueueError::NotPositive`] for parameters that make no queue.
pub fn m_g_1(
    arrival_rate: f64,
    mean_service: f64,
    service_scv: f64,
) -> Result<SteadyState, QueueError> {
    let class = PriorityClass {
        arrival_rate,
        mean_service,
        service_scv,
    };
    class.check()?;
    let load = class.load();
    stable(load, 1)?;
    let queue_time = class.residual_work() / (1.0 - load);
    let sojourn_time = queue_time + mean_service;
    Ok(SteadyState {
        utilization: load,
        wait_probability: load,
        queue_time,
        sojourn_time,
        queue_length: arrival_rate * queue_time,
        in_system: arrival_rate * sojourn_time,
    })
}

/// Mean waits in M/G/1 with priority classes, most urgent first, where a service in progress is never
/// interrupted.
///
/// Source: Cobham (1954): Wq(k) = R / ((1 − σ(k−1))(1 − σ(k))), with R the residual work of all classes and σ
/// the load of a class and those above it.
///
/// # Errors
/// [`QueueError::Unstable`] when the total load reaches one, [`QueueError::Negative`] and
/// [`QueueError::NotPositive`] for parameters that make no queue.
pub fn priority_non_preemptive(classes: &[PriorityClass]) -> Result<Vec<SingleServer>, QueueError> {
    check_all(classes)?;
    let residual: f64 = classes.iter().map(PriorityClass::residual_work).sum();
    let mut above = 0.0;
    let waits = classes.iter().map(|class| {
        let including = above + class.load();
        let queue_time = residual / ((1.0 - above) * (1.0 - including));
        above = including;
        SingleServer {
            queue_time,
            sojourn_time: queue_time + class.mean_service,
        }
    });
    Ok(waits.collect())
}

/// Mean waits in M/G/1 with priority classes, most urgent first, where a more urgent arrival interrupts the
/// service in progress, which later resumes where it stopped.
///
/// Source: Gross and Harris, Fundamentals of Queueing Theory, section 3.4.3; Conway, Maxwell and Miller,
/// Theory of Scheduling, section 8.6: W(k) = E\[S(k)\] / (1 − σ(k−1)) + R(k) / ((1 − σ(k−1))(1 − σ(k))), with
/// R(k) the residual work of class k and those above it.
///
/// # Errors
/// [`QueueError::Unstable`] when the total load reaches one, [`QueueError::Negative`] and
/// [`QueueError::NotPositive`] for parameters that make no queue.
pub fn priority_preemptive(classes: &[PriorityClass]) -> Result<Vec<SingleServer>, QueueError> {
    check_all(classes)?;
    let (mut above, mut residual) = (0.0, 0.0);
    let waits = classes.iter().map(|class| {
        let including = above + class.load();
        residual += class.residual_work();
        let sojourn_time =
            class.mean_service / (1.0 - above) + residual / ((1.0 - above) * (1.0 - including));
        above = including;
        SingleServer {
            queue_time: sojourn_time - class.mean_service,
            sojourn_time,
        }
    });
    Ok(waits.collect())
}

/// Mean waits of two classes in M/M/1, the urgent one first, where nothing is interrupted.
///
/// # Errors
/// As [`priority_non_preemptive`].
pub fn m_m_1_priority_non_preemptive(
    arrival_rates: [f64; 2],
    service_rate: f64,
) -> Result<[SingleServer; 2], QueueError> {
    two_classes(arrival_rates, service_rate, priority_non_preemptive)
}

/// Mean waits of two classes in M/M/1, the urgent one first, with preemptive resume.
///
/// # Errors
/// As [`priority_preemptive`].
pub fn m_m_1_priority_preemptive(
    arrival_rates: [f64; 2],
    service_rate: f64,
) -> Result<[SingleServer; 2], QueueError> {
    two_classes(arrival_rates, service_rate, priority_preemptive)
}

fn two_classes(
    arrival_rates: [f64; 2],
    service_rate: f64,
    rule: fn(&[PriorityClass]) -> Result<Vec<SingleServer>, QueueError>,
) -> Result<[SingleServer; 2], QueueError> {
    positive("service_rate", service_rate)?;
    let classes = arrival_rates.map(|rate| PriorityClass::exponential(rate, service_rate));
    let waits = rule(&classes)?;
    Ok([waits[0], waits[1]])
}

fn check_all(classes: &[PriorityClass]) -> Result<(), QueueError> {
    classes.iter().try_for_each(PriorityClass::check)?;
    stable(classes.iter().map(PriorityClass::load).sum(), 1)
}
