#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scaling/schedule.hpp>
#include <fleetsim/scaling/scheduled_action.hpp>
#include <fleetsim/scenario/policies.hpp>
#include <fleetsim/scenario/scaling_checks.hpp>
#include <fleetsim/scenario/schedule_times.hpp>

namespace fleetsim::scenario {

namespace {

/// Where the keys of a group's actions differ from a service's.
struct ActionKeys {
    TimeKeys times;
    std::string_view min;
    std::string_view max;
    std::string_view lowers;  ///< What an action takes to lower the capacity, for a hint.
    std::int64_t most_capacity;
    std::size_t most_actions;
};

/// Source: Amazon EC2 Auto Scaling User Guide, "Quotas for Auto Scaling resources and groups"; Application Auto Scaling
/// User Guide, "Quotas for Application Auto Scaling".
constexpr ActionKeys group_keys{{"time_zone"},  "min_size", "max_size", "desired_capacity says what is to run",
                                most_instances, 125};
constexpr ActionKeys service_keys{
    {"timezone"},   "min_capacity",
    "max_capacity", "max_capacity brings the count down; what raises min_capacity again then needs one too",
    most_tasks,     200};

/// The schedule of a group's action; one without a recurrence runs once, at its start time.
[[nodiscard]] std::optional<scaling::Schedule> read_recurrence(MapReader& map, std::string& name) {
    scaling::ScheduleSettings settings;
    const auto recurrence = map.find("recurrence");
    const bool good = read_schedule_settings(map, group_keys.times, settings);
    if (recurrence) {
        if (!is_scalar(map.diagnostics(), *recurrence, "five fields such as 0 8 * * MON-FRI")) return std::nullopt;
        name = recurrence->text();
        if (!good) settings = {};
        auto schedule = schedule_of(map.diagnostics(), *recurrence, scaling::parse_cron(recurrence->text(), settings));
        return good ? std::move(schedule) : std::nullopt;
    }
    const auto start = map.find(group_keys.times.start);
    if (!start) {
        map.diagnostics().error(map.at(), fmt::format("{}: expected a recurrence, a start_time or both", map.name()));
        return std::nullopt;
    }
    for (const std::string_view key : {group_keys.times.end, group_keys.times.time_zone}) {
        if (!map.find(key)) continue;
        map.diagnostics().warning(map.place_of(key),
                                  fmt::format("{} has no effect: without a recurrence the action runs once", key));
    }
    name = start->text();
    return good ? std::optional(scaling::Schedule::once(*settings.start)) : std::nullopt;
}

[[nodiscard]] std::optional<scaling::Schedule> read_expression(MapReader& map, std::string& name) {
    const auto field = map.find("schedule");
    if (field && field->value.node->kind == Node::Kind::scalar) name = field->text();
    return read_schedule(map, service_keys.times);
}

[[nodiscard]] bool read_sizes(MapReader& map, const ActionKeys& keys, bool has_desired,
                              scaling::ScheduledAction& sizes) {
    const IntegerIn any_capacity{0, keys.most_capacity};
    bool good = map.read(keys.min, sizes.min_size, any_capacity);
    good = map.read(keys.max, sizes.max_size, any_capacity) && good;
    if (has_desired) return map.read("desired_capacity", sizes.desired_capacity, any_capacity) && good;
    map.refuse("desired_capacity", "desired_capacity: a service's action sets its minimum and maximum",
               "Application Auto Scaling brings the count between them");
    return good;
}

/// Reports what AWS has against the sizes. False if there is anything.
[[nodiscard]] bool are_sound(const scaling::ScheduledAction& sizes, const MapReader& map, Diagnostics& diagnostics) {
    const std::vector<std::string> faults = scaling::faults(sizes);
    for (const std::string& fault : faults) {
        diagnostics.error(map.at(), fmt::format("{}: {}", map.name(), fault));
    }
    return faults.empty();
}

/// An action and where it stands.
struct ReadAction {
    sim::ScheduledAction action;
    Position at;
};

/// Reports an action at the time of an earlier one of the same group.
void check_time(Reading& reading, const MapReader& map, const scaling::Schedule& schedule,
                std::vector<scaling::Schedule>& times) {
    const auto same = [&](const scaling::Schedule& other) { return schedule.same_time(other); };
    if (std::any_of(times.begin(), times.end(), same)) {
        reading.diagnostics.error(map.at(),
                                  fmt::format("{}: an earlier one of the group has the same time", map.name()),
                                  "one action sets min_size, max_size and desired_capacity at once");
    }
    times.push_back(schedule);
}

/// Is the capacity lower than what the group, the service or another action asks for?
[[nodiscard]] bool is_lower(std::int32_t capacity, const std::vector<ReadAction>& all, std::int32_t min) {
    return capacity < min || std::any_of(all.begin(), all.end(), [&](const ReadAction& other) {
               const scaling::ScheduledAction& sizes = other.action.sizes;
               return std::max(sizes.min_size.value_or(0), sizes.desired_capacity.value_or(0)) > capacity;
           });
}

/// Does another action bring the capacity down to this or less, so that this one raises it again?
[[nodiscard]] bool is_reached_from_below(std::int32_t capacity, const std::vector<ReadAction>& all) {
    return std::any_of(all.begin(), all.end(), [&](const ReadAction& other) {
        const auto& [min_size, max_size, desired] = other.action.sizes;
        return (max_size && *max_size <= capacity) || (desired && *desired <= capacity);
    });
}

/// The widest bounds that the group or service has at any time, whatever other actions do.
[[nodiscard]] scaling::GroupSizes widest(const std::vector<ReadAction>& all, scaling::GroupSizes sizes) {
    for (const ReadAction& read : all) {
        sizes.min = std::min(sizes.min, read.action.sizes.min_size.value_or(sizes.min));
        sizes.max = std::max(sizes.max, read.action.sizes.max_size.value_or(sizes.max));
    }
    return sizes;
}

/// A lower minimum by itself takes nothing away, and a lower desired capacity takes what policies have asked for.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Scheduled scaling for Amazon EC2 Auto Scaling"; Application Auto
/// Scaling User Guide, "Scheduled scaling for Application Auto Scaling".
void check_lower(Reading& reading, const ActionKeys& keys, const std::vector<ReadAction>& all,
                 const scaling::GroupSizes& sizes, bool policies_scale_in) {
    const scaling::GroupSizes bounds = widest(all, sizes);
    for (const ReadAction& read : all) {
        const auto& [min_size, max_size, desired] = read.action.sizes;
        if (scaling::fails(read.action.sizes, bounds)) continue;
        // Who lowers the maximum as far means it.
        const bool meant = max_size && desired && *max_size <= *desired;
        if (policies_scale_in && desired && !meant && is_lower(*desired, all, sizes.min)) {
            reading.diagnostics.warning(read.at,
                                        "scheduled_actions item: desired_capacity takes away what policies have asked "
                                        "for",
                                        fmt::format("{} alone leaves that to them", keys.min));
        }
        const bool raises = min_size && is_reached_from_below(*min_size, all);
        if (!policies_scale_in && min_size && !raises && !max_size && !desired && is_lower(*min_size, all, sizes.min)) {
            reading.diagnostics.warning(
                read.at, fmt::format("scheduled_actions item: it lowers only {}, and no policy scales in", keys.min),
                std::string(keys.lowers));
        }
    }
}

/// Warns of actions that fail whenever they run.
void check_succeeds(Reading& reading, const ActionKeys& keys, const std::vector<ReadAction>& all,
                    const scaling::GroupSizes& sizes) {
    // What is wrong may be the bounds, or an action that moves them.
    if (reading.diagnostics.has_errors()) return;
    const scaling::GroupSizes bounds = widest(all, sizes);
    for (const ReadAction& read : all) {
        const scaling::ScheduledAction& action = read.action.sizes;
        if (!scaling::fails(action, bounds)) continue;
        const std::int32_t most = std::max(action.min_size.value_or(0), action.desired_capacity.value_or(0));
        const bool too_much = !action.max_size && most > bounds.max;
        reading.diagnostics.warning(
            read.at,
            too_much ? fmt::format("scheduled_actions item: it always fails: {} is above the {} of {}", most, keys.max,
                                   bounds.max)
                     : fmt::format("scheduled_actions item: it always fails: {} is below the {} of {}",
                                   action.desired_capacity.value_or(action.max_size.value_or(0)), keys.min, bounds.min),
            fmt::format("give it a {} as well", too_much ? keys.max : keys.min));
    }
}

[[nodiscard]] std::vector<sim::ScheduledAction> without_places(std::vector<ReadAction> all) {
    std::vector<sim::ScheduledAction> actions;
    for (ReadAction& read : all) actions.push_back(std::move(read.action));
    return actions;
}

[[nodiscard]] std::vector<ReadAction> read_actions(Reading& reading, const Field& field, const ActionKeys& keys,
                                                   bool has_desired,
                                                   std::optional<scaling::Schedule> (*read_when)(MapReader&,
                                                                                                 std::string&)) {
    std::vector<ReadAction> actions;
    std::vector<scaling::Schedule> times;
    PolicyNames names("scheduled action");
    const std::vector<Field> items = items_of(reading.diagnostics, field);
    if (items.size() > keys.most_actions) {
        reading.diagnostics.error(items[keys.most_actions].at(), fmt::format("scheduled_actions: at most {}, found {}",
                                                                             keys.most_actions, items.size()));
        return actions;
    }
    for (const Field& item : items) {
        MapReader map(reading.diagnostics, item);
        if (!map.is_mapping()) continue;
        std::string usual_name;
        scaling::ScheduledAction sizes;
        auto schedule = read_when(map, usual_name);
        // Of a service AWS takes several at one time.
        if (schedule && has_desired) check_time(reading, map, *schedule, times);
        bool good = read_sizes(map, keys, has_desired, sizes);
        std::string name = names.read(map, usual_name);
        good = map.finish() && good && are_sound(sizes, map, reading.diagnostics);
        if (!schedule || !good) continue;
        check_runs(reading, map, *schedule);
        actions.push_back({{std::move(name), std::move(*schedule), sizes}, map.at()});
    }
    return actions;
}

}  // namespace

std::vector<sim::ScheduledAction> read_group_actions(Reading& reading, const sim::AutoScalingGroup& group,
                                                     const Field& field) {
    std::vector<ReadAction> actions = read_actions(reading, field, group_keys, true, read_recurrence);
    const scaling::GroupSizes sizes{group.min_size, group.max_size, group.desired_capacity};
    check_lower(reading, group_keys, actions, sizes, scales_in(group));
    check_succeeds(reading, group_keys, actions, sizes);
    return without_places(std::move(actions));
}

std::vector<sim::ScheduledAction> read_service_actions(Reading& reading, const sim::ServiceAutoscaling& autoscaling,
                                                       const Field& field) {
    std::vector<ReadAction> actions = read_actions(reading, field, service_keys, false, read_expression);
    const scaling::GroupSizes sizes{autoscaling.min_capacity, autoscaling.max_capacity, 0};
    check_lower(reading, service_keys, actions, sizes, scales_in(autoscaling));
    check_succeeds(reading, service_keys, actions, sizes);
    return without_places(std::move(actions));
}

}  // namespace fleetsim::scenario
