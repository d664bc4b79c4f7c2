#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/scaling/instance_refresh.hpp>
#include <fleetsim/scaling/lifecycle_hook.hpp>
#include <fleetsim/scaling/warm_pool.hpp>
#include <fleetsim/scenario/distributions.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/scaling_checks.hpp>

namespace fleetsim::scenario {

namespace {

/// Source: Amazon EC2 Auto Scaling API Reference, PutLifecycleHook.
[[nodiscard]] bool read_hook_settings(scaling::LifecycleHook& hook, MapReader& map) {
    constexpr DurationIn any_heartbeat{std::chrono::seconds{30}, std::chrono::seconds{7'200}, BareNumber::seconds};
    bool good = map.require("name", hook.name, Title{});
    good = map.require("lifecycle_transition", hook.transition,
                       named<scaling::LifecycleTransition>(scaling::lifecycle_transition_names)) &&
           good;
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

void read_checkpoints(Reading& reading, scaling::InstanceRefresh& refresh, MapReader& map) {
    for (const Field& item : map.list("checkpoint_percentages")) {
        std::int32_t percentage = 0;
        if (!read_field(reading.diagnostics, item, percentage, IntegerIn{1, 100})) continue;
        const auto& before = refresh.checkpoint_percentages;
        if (!before.empty() && percentage <= before.back()) {
            reading.diagnostics.error(item.at(), fmt::format("checkpoint_percentages must increase, {} follows {}",
                                                             percentage, before.back()));
            continue;
        }
        refresh.checkpoint_percentages.push_back(percentage);
    }
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
    settings.read("min_size", pool.min_size, any_size);
    settings.read("max_group_prepared_capacity", pool.max_group_prepared_capacity, any_size);
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
        bool good = read_hook_settings(hook.settings, hook_map);
        good = read_completion(reading, hook, hook_map) && good;
        good = hook_map.finish() && good;
        if (!good) continue;
        if (!names.insert(hook.settings.name).second) {
            reading.diagnostics.error(hook_map.place_of("name"), fmt::format("another lifecycle hook is called {}",
                                                                             in_quotes(hook.settings.name)));
        }
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
