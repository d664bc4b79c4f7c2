#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include <fleetsim/ecs/deployment_circuit_breaker.hpp>
#include <fleetsim/ecs/service_scheduler.hpp>
#include <fleetsim/ecs/task_protection.hpp>
#include <fleetsim/ecs/traffic_shift.hpp>
#include <fleetsim/placement/spread_attribute.hpp>
#include <fleetsim/scenario/reading.hpp>

/// Reading how a service's tasks are replaced, moved and kept.
namespace fleetsim::scenario {

namespace {

constexpr std::array<std::string_view, 2> enabled_or_disabled{"ENABLED", "DISABLED"};

/// A bake time in whole minutes.
[[nodiscard]] Parsed<des::Duration> parse_bake_time(std::string_view text) {
    constexpr std::int64_t longest = ecs::longest_bake_time / std::chrono::minutes{1};
    const auto parsed = IntegerIn{0, longest}(text);
    if (!parsed.value) return Parsed<des::Duration>::bad(parsed.expected + ", in minutes");
    return Parsed<des::Duration>::good(std::chrono::minutes{*parsed.value});
}

/// A percentage, in tenths of a percent: `12.5`.
struct PerMille {
    std::int32_t least;

    [[nodiscard]] Parsed<std::int32_t> operator()(std::string_view text) const {
        using Result = Parsed<std::int32_t>;
        const auto parsed = parse_number(text);
        const double tenths = parsed.value ? std::round(*parsed.value * 10) : -1;
        const bool exact = parsed.value && std::abs(*parsed.value * 10 - tenths) < 1e-6;
        if (!exact || tenths < least || tenths > ecs::whole_per_mille) {
            return Result::bad(
                fmt::format("a percentage from {}.{} to 100.0 with one decimal", least / 10, least % 10));
        }
        return Result::good(static_cast<std::int32_t>(tenths));
    }
};

/// Source: Amazon ECS API Reference, ThresholdConfiguration.
void read_threshold(Reading& reading, ecs::ThresholdConfiguration& threshold, const Field& field) {
    constexpr IntegerIn any_percent{0, 100};
    constexpr IntegerIn any_value{0, std::numeric_limits<std::int32_t>::max()};
    MapReader map(reading.diagnostics, field);
    const bool type_good = map.read("type", threshold.type, named<ecs::ThresholdType>(ecs::threshold_type_names));
    const bool bounded = type_good && threshold.type == ecs::ThresholdType::bounded_percent;
    // What is usual for a percentage is no usual number of failures.
    if (threshold.type == ecs::ThresholdType::count) {
        map.require("value", threshold.value, any_value);
    } else {
        map.read("value", threshold.value, bounded ? any_percent : any_value);
    }
    map.finish();
}

void read_circuit_breaker(Reading& reading, sim::Service& service, const Field& field) {
    ecs::DeploymentCircuitBreaker& breaker = service.circuit_breaker;
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    const bool enable_good = map.require("enable", breaker.enable, parse_flag);
    map.read("rollback", breaker.rollback, parse_flag);
    map.read("reset_on_healthy_task", breaker.reset_on_healthy_task, parse_flag);
    if (const auto threshold = map.find("threshold")) read_threshold(reading, breaker.threshold, *threshold);
    map.finish();
    if (enable_good && !breaker.enable && breaker.rollback) {
        reading.diagnostics.warning(map.place_of("rollback"), "rollback has no effect: the circuit breaker is off",
                                    "enable: true");
    }
}

/// The settings of one strategy; those of another have no meaning.
void read_steps(Reading& reading, ecs::TrafficShift& shift, MapReader& map) {
    const bool is_linear = shift.strategy == ecs::DeploymentStrategy::linear;
    const bool is_canary = shift.strategy == ecs::DeploymentStrategy::canary;
    if (!is_linear) map.refuse("linear_configuration", "linear_configuration: only the strategy LINEAR takes it");
    if (!is_canary) map.refuse("canary_configuration", "canary_configuration: only the strategy CANARY takes it");
    if (const auto field = is_linear ? map.find("linear_configuration") : std::nullopt) {
        MapReader linear(reading.diagnostics, *field);
        linear.read("step_percent", shift.linear.step_per_mille, PerMille{ecs::smallest_linear_step_per_mille});
        linear.read("step_bake_time_in_minutes", shift.linear.step_bake_time, parse_bake_time);
        linear.finish();
    }
    if (const auto field = is_canary ? map.find("canary_configuration") : std::nullopt) {
        MapReader canary(reading.diagnostics, *field);
        canary.read("canary_percent", shift.canary.canary_per_mille, PerMille{ecs::smallest_canary_per_mille});
        canary.read("canary_bake_time_in_minutes", shift.canary.canary_bake_time, parse_bake_time);
        canary.finish();
    }
}

/// Source: Amazon ECS API Reference, DeploymentConfiguration: whoever shifts traffic states the bake time.
void read_configuration(Reading& reading, sim::Service& service, ServiceNotes& notes, const Field& field) {
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    auto strategy = ecs::DeploymentStrategy::rolling;
    if (!map.read("strategy", strategy, named<ecs::DeploymentStrategy>(ecs::deployment_strategy_names))) return;
    ecs::TrafficShift shift;
    shift.strategy = strategy;
    if (strategy == ecs::DeploymentStrategy::rolling) {
        map.refuse("bake_time_in_minutes", "bake_time_in_minutes: a rolling update has none");
    } else {
        map.require("bake_time_in_minutes", shift.bake_time, parse_bake_time);
        service.traffic_shift = shift;
        notes.traffic_shift_at = map.place_of("strategy");
    }
    read_steps(reading, shift, map);
    map.finish();
    if (!service.traffic_shift) return;
    service.traffic_shift = shift;
    if (service.daemon) {
        reading.diagnostics.error(
            *notes.traffic_shift_at,
            fmt::format("strategy: {} is for replica services, not for daemons", ecs::name(strategy)));
    }
}

/// A daemon has one task on each instance that its constraints select: there is nothing to count, spread or scale.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS services" (daemon).
void read_scheduling_strategy(Reading& reading, sim::Service& service, const ServiceNotes& notes, MapReader& map) {
    constexpr std::array<std::string_view, 2> strategies{"REPLICA", "DAEMON"};
    map.read("scheduling_strategy", service.daemon, named<bool>(strategies));
    if (!service.daemon) return;
    service.deployment = ecs::default_daemon_deployment;
    for (const std::string_view key :
         {"desired_count", "autoscaling", "ordered_placement_strategy", "capacity_provider_strategy"}) {
        map.refuse(key, fmt::format("{}: a daemon service has one task on every instance", key),
                   "scheduling_strategy: REPLICA");
    }
    if (!notes.on_fargate) return;
    reading.diagnostics.error(map.place_of("scheduling_strategy"),
                              "scheduling_strategy: Fargate has no instances for a daemon to be on", "REPLICA");
}

/// Source: Amazon ECS API Reference, DeploymentConfiguration: a daemon's maximum is 100.
void read_limits(const sim::Service& service, ecs::DeploymentConfiguration& deployment, MapReader& map) {
    map.read("deployment_minimum_healthy_percent", deployment.minimum_healthy_percent, IntegerIn{0, 100});
    if (!service.daemon) {
        map.read("deployment_maximum_percent", deployment.maximum_percent, IntegerIn{100, 200});
        return;
    }
    map.read("deployment_maximum_percent", deployment.maximum_percent, [](std::string_view text) {
        return text == "100" ? Parsed<std::int32_t>::good(100)
                             : Parsed<std::int32_t>::bad("100, as a daemon service has");
    });
}

/// Source: Amazon ECS Developer Guide, "Balancing an Amazon ECS service across Availability Zones".
void read_rebalancing(Reading& reading, sim::Service& service, MapReader& map) {
    bool disabled = true;
    if (!map.read("availability_zone_rebalancing", disabled, named<bool>(enabled_or_disabled)) || disabled) return;
    service.zone_rebalancing = true;
    const auto refuse = [&](std::string_view why, std::string hint) {
        reading.diagnostics.error(map.place_of("availability_zone_rebalancing"),
                                  fmt::format("availability_zone_rebalancing: {}", why), std::move(hint));
    };
    const auto& strategies = service.task.shape.strategies;
    const bool over_zones =
        strategies.empty() || strategies.front() == placement::Strategy{placement::SpreadAttribute{}};
    if (service.daemon) return refuse("a daemon service has one task on every instance", "");
    if (service.deployment.maximum_percent <= 100) {
        refuse(fmt::format("a task is started before another is stopped, and with deployment_maximum_percent {} none "
                           "can be",
                           service.deployment.maximum_percent),
               "raise deployment_maximum_percent");
    }
    if (!over_zones) {
        refuse("the first placement strategy must spread over zones, or there must be none",
               "spread: attribute:ecs.availability-zone");
    }
}

void read_protection(Reading& reading, sim::Service& service, MapReader& map) {
    constexpr IntegerIn any_expiry{ecs::shortest_protection.count(), ecs::longest_protection.count()};
    const auto field = map.find("task_scale_in_protection");
    if (!field) return;
    std::int64_t minutes = ecs::default_protection.count();
    MapReader settings(reading.diagnostics, *field);
    settings.read("expires_in_minutes", minutes, any_expiry);
    settings.finish();
    service.scale_in_protection = std::chrono::minutes{minutes};
}

}  // namespace

void read_deployment_settings(Reading& reading, sim::Service& service, ServiceNotes& notes, MapReader& map) {
    read_scheduling_strategy(reading, service, notes, map);
    read_limits(service, service.deployment, map);
    if (const auto field = map.find("deployment_configuration")) read_configuration(reading, service, notes, *field);
    if (const auto field = map.find("deployment_circuit_breaker")) read_circuit_breaker(reading, service, *field);
    read_rebalancing(reading, service, map);
    read_protection(reading, service, map);
}

}  // namespace fleetsim::scenario
