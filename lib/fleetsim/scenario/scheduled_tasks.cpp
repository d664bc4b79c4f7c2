#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/ecs/launch_rate.hpp>
#include <fleetsim/placement/random.hpp>
#include <fleetsim/scenario/capacity_providers.hpp>
#include <fleetsim/scenario/distributions.hpp>
#include <fleetsim/scenario/network_configuration.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/schedule_times.hpp>
#include <fleetsim/scenario/task_definitions.hpp>

namespace fleetsim::scenario {

namespace {

/// Source: Amazon EventBridge Scheduler API Reference, CreateSchedule. Its start and end have names of their own:
/// `start_time` is what a task takes to start.
constexpr TimeKeys scheduler_keys{"timezone", "start_date", "end_date", scaling::Scheduler::event_bridge};

constexpr std::string_view blanks = " \t\r\n";

/// EventBridge Scheduler knows neither a start nor an end of what runs once.
void check_bounds(MapReader& map) {
    const std::string& text = map.find("schedule")->text();
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string::npos || !std::string_view(text).substr(begin).starts_with("at(")) return;
    for (const std::string_view key : {scheduler_keys.start, scheduler_keys.end}) {
        if (!map.find(key)) continue;
        map.diagnostics().warning(map.place_of(key), fmt::format("{} has no effect: at(...) runs once", key));
    }
}

[[nodiscard]] std::optional<scaling::Schedule> read_times(Reading& reading, MapReader& map) {
    auto schedule = read_schedule(map, scheduler_keys);
    if (!schedule) return std::nullopt;
    check_bounds(map);
    check_runs(reading, map, *schedule);
    return schedule;
}

/// Source: Amazon ECS API Reference, RunTask (count).
[[nodiscard]] Parsed<std::int64_t> parse_count(std::string_view text) {
    constexpr IntegerIn any_count{1, ecs::tasks_per_run_task_call};
    auto parsed = any_count(text);
    const auto number = parse_integer(text).value;
    if (!parsed.value && number && *number > any_count.max) {
        parsed.hint = fmt::format(
            "one call of RunTask starts no more than {} tasks: list the task under another name "
            "too",
            any_count.max);
    }
    return parsed;
}

/// RunTask places at random where it is not told otherwise; Fargate chooses itself.
///
/// Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances".
void read_where(Reading& reading, sim::TaskRun& run, TaskNotes& notes, const TaskCapacity& capacity, MapReader& map) {
    if (capacity.on_fargate) {
        for (const std::string_view key : {"ordered_placement_strategy", "placement_constraints"}) {
            map.refuse(key, fmt::format("{}: Fargate has no instances to choose from", key), "remove it");
        }
        return;
    }
    placement::Shape& shape = run.task.shape;
    read_placement(reading, shape, notes, map);
    if (shape.strategies.empty()) shape.strategies.emplace_back(placement::Random{});
}

void read_failing(Reading& reading, sim::TaskRun& run, MapReader& map) {
    read_failures(reading, run.fails, map);
    if (run.fails.how != sim::TaskFailure::never_healthy) return;
    reading.diagnostics.error(map.place_of("fails"), "fails: nobody waits for a task that runs once to be healthy",
                              "exits_at_start is how it can fail");
}

void read_task_keys(Reading& reading, sim::TaskRun& run, TaskNotes& notes, const TaskCapacity& capacity,
                    MapReader& map) {
    TaskSettings settings{.on_fargate = capacity.on_fargate};
    if (const auto field = map.find("start_time")) {
        des::Distribution start_time;
        if (read_distribution(reading.diagnostics, *field, start_time)) settings.start_time = std::move(start_time);
    } else {
        reading.silences.start_time.add(run.name);
    }
    if (const auto task = map.require("task")) read_task_definition(reading, run.task, notes, *task, settings);
    read_where(reading, run, notes, capacity, map);
}

void read_zones(Reading& reading, sim::TaskRun& run, TaskRunNotes& notes, const TaskCapacity& capacity,
                MapReader& map) {
    read_fargate_zones(reading, capacity, run.fargate_zones, map);
    read_network_configuration(reading,
                               {notes.task, capacity.on_fargate, notes.network, run.subnets, run.fargate_zones}, map);
    if (!capacity.on_fargate || !run.fargate_zones.empty()) return;
    run.fargate_zones = default_fargate_zones(reading, run.subnets);
    reading.silences.fargate_zones.add(run.name);
}

void read_scheduled_task(Reading& reading, const std::string& name, const Field& field) {
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    auto schedule = read_times(reading, map);
    sim::TaskRun run{.name = name,
                     .cluster = {},
                     .task = {},
                     .schedule = schedule ? std::move(*schedule) : scaling::Schedule::once({}),
                     .runs_for = {}};
    TaskRunNotes notes;
    if (const auto cluster = map.require("cluster")) {
        run.cluster = reading.cluster_names.resolve(reading.diagnostics, *cluster).value_or(sim::ClusterId::none());
    }
    map.read("task_count", run.count, parse_count);
    const TaskCapacity capacity = read_task_capacity(reading, run.cluster, map);
    run.capacity_provider_strategy = capacity.strategy;
    run.launch_type_ec2 = capacity.launch_type_ec2;
    notes.on_fargate = capacity.on_fargate;
    read_task_keys(reading, run, notes.task, capacity, map);
    notes.task.known = notes.task.known && capacity.known;
    read_zones(reading, run, notes, capacity, map);
    if (const auto runs_for = map.require("runs_for")) {
        static_cast<void>(read_distribution(reading.diagnostics, *runs_for, run.runs_for));
    }
    read_failing(reading, run, map);
    map.finish();
    reading.scenario.task_runs.push_back(std::move(run));
    reading.task_run_notes.push_back(std::move(notes));
}

/// Tasks are called by their service or family, with a number.
void check_other_name(Reading& reading, const Field& field) {
    if (!reading.service_names.find(field.name)) return;
    reading.diagnostics.error(
        field.key_at,
        fmt::format("a service and a scheduled task called {0}: the tasks of both would be {0}/1, "
                    "{0}/2 and so on",
                    field.name),
        "give one of them another name");
}

}  // namespace

void read_scheduled_tasks(Reading& reading, MapReader& top) {
    const auto section = top.find("scheduled_tasks");
    if (!section) return;
    MapReader map(reading.diagnostics, *section);
    if (!map.is_mapping()) return;
    if (map.size() > most_entries) {
        return reading.diagnostics.error(section->key_at,
                                         fmt::format("scheduled_tasks: more than {} entries", most_entries));
    }
    for (Field& field : map.all()) {
        const std::string name = field.name;
        if (!is_name(name)) reading.diagnostics.error(field.key_at, not_a_name(name));
        check_other_name(reading, field);
        field.name = called("scheduled task", name);
        read_scheduled_task(reading, name, field);
    }
}

}  // namespace fleetsim::scenario
