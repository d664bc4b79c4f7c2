#include <algorithm>
#include <chrono>
#include <cmath>
#include <variant>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/scenario/metric_checks.hpp>
#include <fleetsim/scenario/scaling_checks.hpp>

namespace fleetsim::scenario {

namespace {

/// The first multiple of `step` from `time` on.
[[nodiscard]] des::Duration rounded_up(des::Duration time, des::Duration step) {
    return (time + step - des::Duration{1}) / step * step;
}

[[nodiscard]] bool is_balanced(const Reading& reading, sim::ServiceId service) {
    const auto& groups = reading.scenario.target_groups;
    return std::any_of(groups.begin(), groups.end(), [&](const sim::TargetGroup& group) {
        return group.service == service && group.balancer.exists();
    });
}

/// How long a task that answers waits to be found healthy, at most. One that boots so long that it is found unhealthy
/// has to prove itself anew.
///
/// Source: Application Load Balancers User Guide, "Health checks for your target groups".
[[nodiscard]] des::Duration health_checks(const routing::HealthCheck& check, des::Duration boot_time) {
    const bool in_time = boot_time <= (check.unhealthy_threshold - 1) * check.interval;
    return (in_time ? 1 : check.healthy_threshold) * check.interval;
}

/// On average, rounded up to whole seconds; image pulls left out.
[[nodiscard]] des::Duration until_running(const sim::Service& service, bool on_fargate) {
    const sim::TaskTimes& times = on_fargate ? service.task.on_fargate : service.task.on_instance;
    const double mean =
        des::mean(times.provisioning) + des::mean(times.starting) + des::seconds(service.task.container_order);
    const double seconds = std::ceil(std::min(mean, 1e9));
    return std::chrono::seconds{static_cast<std::int64_t>(seconds)};
}

/// From a scale-out until new tasks take their share of the load.
[[nodiscard]] des::Duration until_at_work(const Reading& reading, sim::ServiceId id) {
    const sim::Service& service = reading.scenario.services[id];
    const bool on_fargate = reading.service_notes[id].on_fargate;
    const des::Duration answers = until_running(service, on_fargate) + service.serving.boot_time;
    if (!is_balanced(reading, id)) return answers;
    return answers + health_checks(reading.service_notes[id].target_group.health_check, service.serving.boot_time);
}

/// Does the figure count a task from RUNNING on, whether it answers yet or not?
[[nodiscard]] bool counts_booting_tasks(sim::ServiceFigure figure) {
    switch (figure) {
        case sim::ServiceFigure::request_count_per_target:
        case sim::ServiceFigure::target_response_time: return false;
        default: return true;
    }
}

/// From a scale-out until the metrics can show it; of those that never do, until it helps.
[[nodiscard]] des::Duration until_felt(const Reading& reading, sim::ServiceId id, const CooldownNotes& notes) {
    const sim::Service& service = reading.scenario.services[id];
    const des::Duration starts = until_running(service, reading.service_notes[id].on_fargate);
    des::Duration felt{};
    for (const sim::MetricStatistic& metric : notes.metrics) {
        if (with_capacity(reading, id, metric) == WithCapacity::stays) continue;
        const auto& own = std::get<sim::ServiceMetric>(reading.scenario.metrics[metric.metric].source);
        felt = std::max(felt, counts_booting_tasks(own.figure) ? starts : until_at_work(reading, id));
    }
    return felt > des::Duration{} ? felt : until_at_work(reading, id);
}

/// What comes after that: the metric's period, its publication and the alarm's evaluation.
struct Lag {
    des::Duration period{};
    des::Duration delay{};
    des::Duration evaluation{};
};

[[nodiscard]] Lag lag_of(const Reading& reading, const CooldownNotes& notes) {
    Lag lag{notes.period, {}, scaling::evaluation_interval({.period = notes.period})};
    for (const sim::MetricStatistic& metric : notes.metrics) {
        const scaling::MetricSettings& settings = reading.scenario.metrics[metric.metric].settings;
        lag.period = std::max(lag.period, settings.resolution);
        lag.delay = std::max(lag.delay, settings.publication_delay);
    }
    return lag;
}

/// A policy that acts again before its metric shows what it did last does too much. It acts when its alarm is
/// evaluated, on a datapoint that may be almost a period too old; so the remedy is the worst case, and what is told is
/// what is always too short.
///
/// Source: Application Auto Scaling User Guide, "Define cooldown periods".
void check_cooldown(Reading& reading, sim::ServiceId id, const CooldownNotes& notes) {
    const des::Duration felt = until_felt(reading, id, notes);
    const Lag lag = lag_of(reading, notes);
    const des::Duration seen = rounded_up(rounded_up(felt, lag.period) + lag.delay, lag.evaluation);
    if (notes.cooldown > seen - lag.evaluation) return;
    const sim::Service& service = reading.scenario.services[id];
    // Who says nothing of a boot is told only of what no metric can follow.
    if (service.serving.boot_time == des::Duration{} && notes.cooldown >= lag.period) return;
    const des::Duration sees = lag.period + lag.delay + lag.evaluation;
    reading.diagnostics.warning(
        notes.at,
        fmt::format("{} {} is over before the metric shows the new tasks of {}: up to {}", notes.key,
                    duration_text(notes.cooldown), called("service", service.name), duration_text(felt + sees)),
        fmt::format("from {} on it outlasts the {} until they count and the {} until an alarm sees it",
                    duration_text(felt + sees), duration_text(felt), duration_text(sees)));
}

}  // namespace

void check_cooldowns(Reading& reading) {
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        for (const CooldownNotes& notes : reading.service_notes[declared.id].cooldowns) {
            check_cooldown(reading, declared.id, notes);
        }
    }
}

}  // namespace fleetsim::scenario
