#include <algorithm>
#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/scaling/instance_refresh.hpp>
#include <fleetsim/scaling/lifecycle_hook.hpp>
#include <fleetsim/scaling/warm_pool.hpp>
#include <fleetsim/scenario/distributions.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/scaling_checks.hpp>

namespace fleetsim::scenario {

namespace {

/// Source: Amazon EC2 Auto Scaling API Reference, PutLifecycleHook (LifecycleHookName).
[[nodiscard]] Parsed<std::string> parse_hook_name(std::string_view text) {
    const auto allowed = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || std::string_view("-_/").find(letter) != std::string_view::npos;
    };
    constexpr std::size_t longest = 255;
    const bool good = !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), allowed);
    return good ? Parsed<std::string>::good(std::string(text))
                : Parsed<std::string>::bad("1 to 255 letters, digits, -, _ and /");
}

/// A transition; one without its prefix is too far from its name for a typo, and not from what was meant.
[[nodiscard]] Parsed<scaling::LifecycleTransition> parse_transition(std::string_view text) {
    auto parsed = named<scaling::LifecycleTransition>(scaling::lifecycle_transition_names)(text);
    if (parsed.value || !parsed.hint.empty()) return parsed;
    parsed.hint = nearest_hint("autoscaling:" + std::string(text), scaling::lifecycle_transition_names);
    return parsed;
}

/// Source: Amazon EC2 Auto Scaling API Reference, PutLifecycleHook.
[[nodiscard]] bool read_hook_settings(scaling::LifecycleHook& hook, MapReader& map) {
    constexpr DurationIn any_heartbeat{std::chrono::seconds{30}, std::chrono::seconds{7'200}, BareNumber::seconds};
    bool good = map.require("lifecycle_transition", hook.transition, parse_transition);
    good = map.read("heartbeat_timeout", hook.heartbeat_timeout, any_heartbeat) && good;
    good =
        map.read("default_result", hook.default_result, named<scaling::HookResult>(scaling::hook_result_names)) && good;
    return good;
}

/// Who completes the hook, how and when.
[[nodiscard]] bool read_completion(Reading& reading, sim::LifecycleHook& hook, MapReader& map) {
    bool good = true;
    if (const auto after = map.find("completes_after")) {
        good = read_distribution(reading.diagnostics, *after, hook.completes_after.emplace());
    }
    good =
        map.read("completes_with", hook.completes_with, named<scaling::HookResult>(scaling::hook_result_names)) && good;
    good = map.read("heartbeats", hook.heartbeats, parse_flag) && good;
    if (const auto with = map.find("completes_with"); with && !map.find("completes_after")) {
        reading.diagnostics.error(with->key_at, "completes_with needs completes_after: nobody completes the hook");
        good = false;
    }
    return good;
}

/// A hook that times out ends in its default result, and a launch that is abandoned is tried again for ever.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Amazon EC2 Auto Scaling lifecycle hooks".
void check_completion(Reading& reading, const sim::LifecycleHook& hook, const MapReader& map) {
    const bool launching = hook.settings.transition == scaling::LifecycleTransition::launching;
    const bool abandons = hook.settings.default_result == scaling::HookResult::abandon;
    if (!hook.completes_after) {
        if (!launching || !abandons) return;
        reading.diagnostics.warning(
            map.at(),
            fmt::format("lifecycle hook {}: nobody completes it, so every launch is abandoned", hook.settings.name),
            "completes_after says when somebody does; or default_result: CONTINUE");
        return;
    }
    const double timeout = des::seconds(hook.settings.heartbeat_timeout);
    if (hook.heartbeats || des::mean(*hook.completes_after) <= timeout) return;
    reading.diagnostics.warning(map.place_of("completes_after"),
                                fmt::format("lifecycle hook {}: it times out after {}, before it is completed",
                                            hook.settings.name, duration_text(hook.settings.heartbeat_timeout)),
                                "heartbeats: true, or a longer heartbeat_timeout");
}

/// Source: Amazon EC2 Auto Scaling User Guide, "Add checkpoints to an instance refresh".
void read_checkpoints(Reading& reading, scaling::InstanceRefresh& refresh, MapReader& map) {
    Position last_at;
    bool good = true;
    for (const Field& item : map.list("checkpoint_percentages")) {
        std::int32_t percentage = 0;
        last_at = item.at();
        if (!read_field(reading.diagnostics, item, percentage, IntegerIn{1, 100})) {
            good = false;
            continue;
        }
        const auto& before = refresh.checkpoint_percentages;
        if (!before.empty() && percentage <= before.back()) {
            reading.diagnostics.error(item.at(), fmt::format("checkpoint_percentages must increase, {} follows {}",
                                                             percentage, before.back()));
            good = false;
            continue;
        }
        refresh.checkpoint_percentages.push_back(percentage);
    }
    const auto& checkpoints = refresh.checkpoint_percentages;
    if (!good || checkpoints.empty() || checkpoints.back() == 100) return;
    reading.diagnostics.warning(last_at,
                                fmt::format("checkpoint_percentages: the refresh ends with {} % of the instances "
                                            "replaced",
                                            checkpoints.back()),
                                "a last checkpoint of 100 replaces them all");
}

void check_hibernation(Reading& reading, const sim::AutoScalingGroup& group, const MapReader& map) {
    if (group.options.empty() || group.mixed_instances_policy) return;
    const cloud::InstanceType& type = group.options.front().type;
    const std::string_view fault = scaling::hibernation_fault(type.name, type.memory_mib);
    if (fault.empty()) return;
    reading.diagnostics.error(map.place_of("pool_state"),
                              fmt::format("pool_state: {} cannot be Hibernated: {}", type.name, fault),
                              "pool_state: Stopped");
}

/// Source: Amazon EC2 Auto Scaling User Guide, "Warm pools for applications with long boot times".
void check_warm_pool_size(Reading& reading, const sim::AutoScalingGroup& group, const scaling::WarmPool& pool,
                          const MapReader& map) {
    const auto& prepared = pool.max_group_prepared_capacity;
    if (!prepared || scaling::warm_pool_size(pool, group.desired_capacity, group.max_size) > 0) return;
    reading.diagnostics.warning(
        map.place_of("max_group_prepared_capacity"),
        fmt::format("warm_pool: it is empty: max_group_prepared_capacity {} is not above the desired capacity {}",
                    *prepared, group.desired_capacity),
        "it counts the group's own instances too; min_size keeps some in any case");
}

}  // namespace

void read_warm_pool(Reading& reading, sim::AutoScalingGroup& group, MapReader& map) {
    constexpr IntegerIn any_size{0, most_instances};
    const auto field = map.find("warm_pool");
    if (!field) return;
    scaling::WarmPool pool;
    MapReader settings(reading.diagnostics, *field);
    if (!settings.is_mapping()) return;
    settings.read("pool_state", pool.pool_state, named<scaling::WarmPoolState>(scaling::warm_pool_state_names));
    bool sizes_good = settings.read("min_size", pool.min_size, any_size);
    sizes_good = settings.read("max_group_prepared_capacity", pool.max_group_prepared_capacity, any_size) && sizes_good;
    if (const auto reuse = settings.find("instance_reuse_policy")) {
        MapReader policy(reading.diagnostics, *reuse);
        policy.read("reuse_on_scale_in", pool.reuse_on_scale_in, parse_flag);
        policy.finish();
    }
    settings.finish();
    if (group.mixed_instances_policy) {
        reading.diagnostics.error(field->key_at, "warm_pool: a group with a mixed_instances_policy cannot have one",
                                  "write one instance_type");
    }
    if (pool.pool_state == scaling::WarmPoolState::hibernated) check_hibernation(reading, group, settings);
    if (sizes_good) check_warm_pool_size(reading, group, pool, settings);
    group.warm_pool = pool;
}

void read_lifecycle_hooks(Reading& reading, sim::AutoScalingGroup& group, MapReader& map) {
    constexpr std::size_t most_hooks = 50;
    const std::vector<Field> items = map.list("lifecycle_hooks");
    if (items.size() > most_hooks) {
        reading.diagnostics.error(items[most_hooks].at(),
                                  fmt::format("lifecycle_hooks: at most {}, found {}", most_hooks, items.size()));
        return;
    }
    std::set<std::string> names;
    for (const Field& item : items) {
        MapReader hook_map(reading.diagnostics, item);
        if (!hook_map.is_mapping()) continue;
        sim::LifecycleHook hook;
        const bool name_good = hook_map.require("name", hook.settings.name, parse_hook_name);
        if (name_good && !names.insert(hook.settings.name).second) {
            reading.diagnostics.error(hook_map.place_of("name"), fmt::format("another lifecycle hook is called {}",
                                                                             in_quotes(hook.settings.name)));
        }
        bool good = read_hook_settings(hook.settings, hook_map) && name_good;
        good = read_completion(reading, hook, hook_map) && good;
        good = hook_map.finish() && good;
        if (!good) continue;
        check_completion(reading, hook, hook_map);
        group.lifecycle_hooks.push_back(std::move(hook));
    }
}

void read_instance_refreshes(Reading& reading, sim::GroupId id, MapReader& map) {
    constexpr DurationIn any_delay{{}, std::chrono::hours{48}, BareNumber::seconds};
    for (const Field& item : map.list("instance_refreshes")) {
        MapReader settings(reading.diagnostics, item);
        if (!settings.is_mapping()) continue;
        sim::InstanceRefresh refresh;
        refresh.at = read_at(reading, settings);
        settings.read("min_healthy_percentage", refresh.settings.min_healthy_percentage, IntegerIn{0, 100});
        static_cast<void>(read_warm_up(reading, id, settings, "instance_warmup", refresh.settings.instance_warmup));
        read_checkpoints(reading, refresh.settings, settings);
        settings.read("checkpoint_delay", refresh.settings.checkpoint_delay, any_delay);
        settings.finish();
        reading.scenario.groups[id].instance_refreshes.push_back(std::move(refresh));
    }
}

void read_workload(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map) {
    const auto field = map.find("workload");
    if (!field) return;
    notes.has_workload = true;
    MapReader workload(reading.diagnostics, *field);
    const auto read = [&](std::string_view key, traffic::RateProfile& out, const ProfileNumbers& numbers) {
        const auto profile_field = workload.find(key);
        if (!profile_field) return;
        if (auto profile = read_profile(reading, *profile_field, numbers)) out = std::move(*profile);
    };
    read("vcpus", group.workload.vcpus, plain_numbers);
    read("network_in", group.workload.network_in, plain_numbers);
    read("network_out", group.workload.network_out, plain_numbers);
    read("requests", group.workload.requests, rates);
    workload.finish();
}

}  // namespace fleetsim::scenario
