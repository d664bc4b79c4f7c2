#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scaling/schedule.hpp>
#include <fleetsim/sim/run.hpp>

#include "sim/small_world.hpp"

/// What the tests of ECS share: worlds with fixed launch times, task definitions, and tasks as a run's rows tell them.
namespace fleetsim::sim::testing {

inline constexpr ServiceId first_service{0};
inline constexpr GroupId first_group{0};
inline constexpr ClusterId main_cluster{0};

inline placement::Resources need(std::int32_t cpu_units, std::int32_t memory_mib) {
    return placement::resources({.cpu_units = cpu_units, .memory_mib = memory_mib});
}

/// A `small_world` of instances that may be as many as anybody wants, with fixed launch times.
inline Scenario ecs_world(std::int32_t instances) {
    Scenario scenario = small_world(instances);
    AutoScalingGroup& group = scenario.groups[first_group];
    group.min_size = 0;
    group.max_size = 1000;
    group.launch_times = fixed_launch_times();
    return scenario;
}

/// A service that nobody calls: its tasks need 512 CPU units and 512 MiB, so that four fit on an instance, and run 2 s
/// after they are placed.
inline ServiceId add_worker(Scenario& scenario, const std::string& name, std::int32_t tasks) {
    const ServiceId id = add_service(scenario, name, tasks, 1, des::constant(0.01));
    scenario.services[id].task.shape.task = need(512, 512);
    return id;
}

/// The service's task definition with other resources, as in its next revision.
inline TaskDefinition revision(const Scenario& scenario, ServiceId id, std::int32_t cpu_units,
                               std::int32_t memory_mib) {
    TaskDefinition task = scenario.services[id].task;
    task.shape.task = need(cpu_units, memory_mib);
    return task;
}

/// Sets the service's desired count at an instant, and bounds that nothing else moves.
inline void desire_at(Scenario& scenario, ServiceId id, std::chrono::seconds at, std::int32_t desired) {
    auto& autoscaling = scenario.services[id].autoscaling;
    if (!autoscaling) {
        autoscaling.emplace();
        autoscaling->min_capacity = 0;
        autoscaling->max_capacity = 5000;
    }
    autoscaling->scheduled_actions.push_back({"to-" + std::to_string(desired),
                                              scaling::Schedule::once(scenario.start + at),
                                              {.min_size = desired, .max_size = desired}});
}

/// One more group like the first, and the capacity provider of its instances.
inline std::uint32_t add_provider(Scenario& scenario, const std::string& name, std::int32_t instances) {
    AutoScalingGroup group = scenario.groups[first_group];
    group.name = name;
    group.desired_capacity = instances;
    CapacityProvider provider;
    provider.group = scenario.groups.add(group);
    provider.name = name;
    auto& providers = scenario.clusters[main_cluster].capacity_providers;
    providers.push_back(provider);
    return static_cast<std::uint32_t>(providers.size() - 1);
}

// What happened to tasks.

/// A task as its rows have told it last.
struct ToldTask {
    std::string resource{};  ///< `service/web`
    std::string state{};
    std::string zone{};
    std::string instance{};
    std::int32_t memory_mib = 0;
};

/// Is it a row about a task's state?
inline bool is_about_state(const EventRow& row) {
    return row.event.substr(0, 5) == "task_" && row.event != "task_refused";
}

/// Every task by its name, as it stood after that instant.
inline std::map<std::string, ToldTask> tasks_at(const Result& result, des::Time at) {
    std::map<std::string, ToldTask> tasks;
    for (const EventRow& row : result.events) {
        if (row.at > at) break;
        if (is_about_state(row)) tasks[row.subject] = {row.resource, row.to, row.zone, row.instance, row.memory_mib};
    }
    return tasks;
}

/// Tasks RUNNING after that instant that the test counts.
template <class Counted>
std::int32_t running_at(const Result& result, des::Time at, Counted counted) {
    std::int32_t count = 0;
    for (const auto& [name, task] : tasks_at(result, at)) count += task.state == "RUNNING" && counted(task) ? 1 : 0;
    return count;
}

inline std::int32_t running_at(const Result& result, des::Time at) {
    return running_at(result, at, [](const ToldTask& /*any*/) { return true; });
}

inline std::int32_t running_of(const Result& result, des::Time at, const std::string& service) {
    return running_at(result, at, [&](const ToldTask& task) { return task.resource == "service/" + service; });
}

/// Of tasks with that much memory, by which a test tells revisions apart.
inline std::int32_t running_with(const Result& result, des::Time at, std::int32_t memory_mib) {
    return running_at(result, at, [&](const ToldTask& task) { return task.memory_mib == memory_mib; });
}

/// RUNNING tasks of a service by zone, those without any left out.
inline std::map<std::string, std::int32_t> by_zone(const Result& result, des::Time at, const std::string& service) {
    std::map<std::string, std::int32_t> zones;
    for (const auto& [name, task] : tasks_at(result, at)) {
        if (task.state == "RUNNING" && task.resource == "service/" + service) ++zones[task.zone];
    }
    return zones;
}

/// The group of an instance, by the name of its capacity provider's group.
inline std::string group_of_instance(const Result& result, const std::string& instance) {
    for (const EventRow& row : result.events) {
        if (row.instance == instance && row.event.substr(0, 9) == "instance_") return row.resource.substr(19);
    }
    return "";
}

/// RUNNING tasks of a service by the groups of their instances.
inline std::map<std::string, std::int32_t> by_group(const Result& result, des::Time at, const std::string& service) {
    std::map<std::string, std::int32_t> groups;
    for (const auto& [name, task] : tasks_at(result, at)) {
        if (task.state != "RUNNING" || task.resource != "service/" + service) continue;
        ++groups[group_of_instance(result, task.instance)];
    }
    return groups;
}

/// The states of one task's life and the seconds since `from` at which it came to them: `2.5 RUNNING`.
inline Lines life_of(const Result& result, const std::string& task, des::Time from) {
    Lines lines;
    for (const EventRow& row : result.events) {
        if (row.subject != task || !is_about_state(row)) continue;
        const auto ms = std::chrono::round<std::chrono::milliseconds>(row.at - from).count();
        std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
        while (fraction.size() > 1 && fraction.back() == '0') fraction.pop_back();
        lines.push_back(std::to_string(ms / 1000) + "." + fraction + " " + row.to);
    }
    return lines;
}

/// A line a row of that kind, without times: `2 completed`.
inline Lines reasons_of(const Result& result, std::string_view event) {
    Lines lines;
    for (const EventRow& row : result.events) {
        if (row.event == event) lines.push_back(row.subject + " " + row.reason);
    }
    return lines;
}

/// When the rows of a kind came, those of one resource if it is named.
inline std::vector<des::Time> times_of(const Result& result, std::string_view event, std::string_view resource = "") {
    std::vector<des::Time> times;
    for (const EventRow& row : result.events) {
        if (row.event == event && (resource.empty() || row.resource == resource)) times.push_back(row.at);
    }
    return times;
}

/// The value of a column of the minutes at the end of one, counted from 1.
inline double in_minute(const Result& result, std::size_t minute, const std::string& column) {
    const auto& columns = result.minutes.columns;
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (found == columns.end() || minute > result.minutes.rows()) throw std::out_of_range{"no value of " + column};
    const auto index = static_cast<std::size_t>(found - columns.begin());
    return result.minutes.values[(minute - 1) * columns.size() + index];
}

}  // namespace fleetsim::sim::testing
