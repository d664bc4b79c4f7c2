#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fleetsim/placement/registry.hpp>
#include <fleetsim/scenario/capacity_providers.hpp>
#include <fleetsim/scenario/distributions.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/task_definitions.hpp>

namespace fleetsim::scenario {

namespace {

/// Placement is of instances: Fargate has none to choose from.
void refuse_placement(MapReader& map) {
    for (const std::string_view key : {"ordered_placement_strategy", "placement_constraints"}) {
        map.refuse(key, fmt::format("{}: Fargate has no instances to choose from", key), "remove it");
    }
}

void read_task(Reading& reading, sim::Service& service, ServiceNotes& notes, MapReader& map) {
    const auto task = map.require("task");
    if (const auto field = map.find("start_time")) {
        des::Distribution start_time;
        if (read_distribution(reading.diagnostics, *field, start_time)) notes.start_time = start_time;
    } else {
        reading.silences.start_time.add(service.name);
    }
    TaskSettings settings;
    settings.on_fargate = notes.on_fargate;
    settings.start_time = notes.start_time;
    if (task) read_task_definition(reading, service.task, notes.task, *task, settings);
}

/// Where the service runs, what a task needs, and how many there are.
void read_shape(Reading& reading, sim::Service& service, ServiceNotes& notes, MapReader& map) {
    if (const auto cluster = map.require("cluster")) {
        const auto id = reading.cluster_names.resolve(reading.diagnostics, *cluster);
        if (id) service.cluster = *id;
    }
    TaskCapacity capacity = read_task_capacity(reading, service.cluster, map);
    notes.on_fargate = capacity.on_fargate;
    read_fargate_zones(reading, capacity, service.fargate_zones, map);
    read_task(reading, service, notes, map);
    notes.task.known = notes.task.known && capacity.known;
    read_network_configuration(reading, service, notes, map);
    service.capacity_provider_strategy = std::move(capacity.strategy);
    service.launch_type_ec2 = capacity.launch_type_ec2;
    if (notes.on_fargate) {
        refuse_placement(map);
    } else {
        read_placement(reading, service.task.shape, notes.task, map);
    }
    read_deployment_settings(reading, service, notes, map);
    if (!service.daemon) map.read("desired_count", service.desired_count, IntegerIn{0, most_tasks});
    map.read("health_check_grace_period_seconds", service.health_check_grace_period,
             DurationIn{{}, longest_duration, BareNumber::seconds});
}

/// Warns of the smallest count that the service may have and at which no task could ever be replaced.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS service event messages" (unable to stop or start tasks during a
/// deployment because of the service deployment configuration).
void check_replaceable(Reading& reading, const sim::Service& service, const MapReader& map) {
    const ecs::DeploymentConfiguration& deployment = service.deployment;
    const std::int32_t least = service.autoscaling ? service.autoscaling->min_capacity : service.desired_count;
    const std::int32_t most = service.autoscaling ? service.autoscaling->max_capacity : service.desired_count;
    for (std::int32_t count = least; count <= most; ++count) {
        if (ecs::can_replace(deployment, count)) continue;
        return reading.diagnostics.warning(
            map.place_of("deployment_maximum_percent"),
            fmt::format("with {} {} at least {} must be healthy ({} % of {}, rounded up) and at most {} may run ({} %, "
                        "rounded down): none can be replaced, by a deployment or on an instance that drains",
                        count, count == 1 ? "task" : "tasks", ecs::lower_limit(deployment, count),
                        deployment.minimum_healthy_percent, count, ecs::upper_limit(deployment, count),
                        deployment.maximum_percent),
            "raise deployment_maximum_percent, or lower deployment_minimum_healthy_percent");
    }
}

/// The same for one task on each instance: the old one stops before the new one starts.
void check_daemon_replaceable(Reading& reading, const sim::Service& service, const MapReader& map) {
    if (service.deployment.minimum_healthy_percent < 100) return;
    reading.diagnostics.warning(map.place_of("deployment_minimum_healthy_percent"),
                                "a daemon's task stops before another starts in its place, and with 100 % healthy none "
                                "may stop: none can be replaced",
                                "lower deployment_minimum_healthy_percent");
}

void check_desired_count(Reading& reading, sim::Service& service, MapReader& map) {
    if (!service.autoscaling) return;
    const std::int32_t min = service.autoscaling->min_capacity;
    const std::int32_t max = service.autoscaling->max_capacity;
    if (map.find("desired_count") && (service.desired_count < min || service.desired_count > max)) {
        reading.diagnostics.error(map.place_of("desired_count"),
                                  fmt::format("desired_count {} lies outside min_capacity {} to max_capacity {}",
                                              service.desired_count, min, max));
    } else if (!map.find("desired_count")) {
        // Application Auto Scaling would bring it there at once.
        service.desired_count = std::clamp(service.desired_count, min, max);
    }
}

void read_service(Reading& reading, const Declared<sim::ServiceId>& declared) {
    sim::Service& service = reading.scenario.services[declared.id];
    ServiceNotes& notes = reading.service_notes[declared.id];
    notes.name_at = declared.field.key_at;
    notes.target_group.service = declared.id;
    MapReader map(reading.diagnostics, declared.field);
    if (!map.is_mapping()) return;
    read_shape(reading, service, notes, map);
    if (const auto serving = map.require("serving")) read_serving(reading, service, notes, *serving);
    notes.calls = map.find("calls");
    const auto autoscaling = service.daemon ? std::nullopt : map.find("autoscaling");
    if (autoscaling) read_autoscaling(reading, service, notes, *autoscaling);
    if (const auto target_group = map.find("target_group")) read_target_group(reading, declared.id, *target_group);
    map.finish();
    if (notes.on_fargate && service.fargate_zones.empty()) {
        service.fargate_zones = default_fargate_zones(reading, service.subnets);
        reading.silences.fargate_zones.add(service.name);
    }
    if (service.daemon) {
        check_daemon_replaceable(reading, service, map);
    } else {
        check_replaceable(reading, service, map);
        check_desired_count(reading, service, map);
    }
}

}  // namespace

void read_services(Reading& reading) {
    for (const Declared<sim::ServiceId>& declared : reading.services) read_service(reading, declared);
}

}  // namespace fleetsim::scenario
