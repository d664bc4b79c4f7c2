#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <vector>

#include <fleetsim/scaling/group_balance.hpp>
#include <fleetsim/scaling/health_replacement.hpp>
#include <fleetsim/scaling/max_instance_lifetime.hpp>
#include <fleetsim/scaling/termination_policy.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/scaling_checks.hpp>

namespace fleetsim::scenario {

namespace {

constexpr DurationIn any_time{{}, longest_duration, BareNumber::seconds};

void read_termination_policies(Reading& reading, sim::AutoScalingGroup& group, MapReader& map) {
    const auto field = map.find("termination_policies");
    if (!field) return;
    std::vector<scaling::TerminationPolicy> policies;
    Position default_at;
    for (const Field& item : items_of(reading.diagnostics, *field)) {
        // Stands for one that nobody knows, which is not the default.
        auto policy = scaling::TerminationPolicy::oldest_instance;
        const bool known = read_field(reading.diagnostics, item, policy,
                                      named<scaling::TerminationPolicy>(scaling::termination_policy_names));
        if (known && std::find(policies.begin(), policies.end(), policy) != policies.end()) {
            reading.diagnostics.error(item.at(), fmt::format("{} is listed twice", item.text()));
            continue;
        }
        if (policy == scaling::TerminationPolicy::default_policy) default_at = item.at();
        policies.push_back(policy);
    }
    for (const std::string& fault : scaling::faults(policies)) {
        reading.diagnostics.error(default_at, fmt::format("termination_policies: {}", fault));
    }
    // AWS takes an empty list for the default.
    if (!policies.empty()) group.termination_policies = std::move(policies);
}

void read_suspended_processes(Reading& reading, sim::AutoScalingGroup& group, MapReader& map) {
    for (const Field& item : map.list("suspended_processes")) {
        auto process = sim::ScalingProcess::count;
        if (read_field(reading.diagnostics, item, process, named<sim::ScalingProcess>(sim::scaling_process_names))) {
            group.suspended_processes.set(static_cast<std::size_t>(process));
        }
    }
}

/// Source: Amazon EC2 Auto Scaling User Guide, "Replace Auto Scaling instances based on maximum instance lifetime".
[[nodiscard]] Parsed<des::Duration> parse_lifetime(std::string_view text) {
    constexpr des::Duration longest = std::chrono::hours{24 * 365};
    auto parsed = parse_duration(text, BareNumber::seconds);
    if (!parsed.value) return parsed;
    if (scaling::is_max_instance_lifetime(*parsed.value) && *parsed.value <= longest) return parsed;
    return Parsed<des::Duration>::bad("0s, or a duration from 1d to 365d");
}

void read_lifetime(sim::AutoScalingGroup& group, MapReader& map) {
    des::Duration lifetime{};
    if (map.read("max_instance_lifetime", lifetime, parse_lifetime) && lifetime > des::Duration::zero()) {
        group.max_instance_lifetime = lifetime;
    }
}

void read_health_checks(Reading& reading, sim::AutoScalingGroup& group, sim::GroupId id, MapReader& map) {
    const bool type_good = map.read("health_check_type", group.health_check_type,
                                    named<scaling::HealthCheckType>(scaling::health_check_type_names));
    const bool grace_good = map.read("health_check_grace_period", group.health_check_grace_period, any_time);
    if (!type_good || !grace_good || group.health_check_type != scaling::HealthCheckType::elb) return;
    note_warm_up(
        reading, id,
        map.place_of(map.find("health_check_grace_period") ? "health_check_grace_period" : "health_check_type"),
        "health_check_grace_period", group.health_check_grace_period);
}

/// Source: Amazon EC2 Auto Scaling API Reference, CreateAutoScalingGroup; the longest default warm-up is that of the
/// Amazon EC2 Auto Scaling User Guide, "Set the default instance warmup for an Auto Scaling group".
void read_waits(Reading& reading, sim::AutoScalingGroup& group, sim::GroupId id, MapReader& map) {
    constexpr DurationIn any_warm_up{{}, std::chrono::seconds{3'600}, BareNumber::seconds};
    map.read("default_cooldown", group.default_cooldown, any_time);
    if (map.read("default_instance_warmup", group.default_instance_warmup, any_warm_up) &&
        group.default_instance_warmup) {
        note_warm_up(reading, id, map.place_of("default_instance_warmup"), "default_instance_warmup",
                     *group.default_instance_warmup);
    }
}

}  // namespace

void read_group_settings(Reading& reading, sim::GroupId id, MapReader& map) {
    constexpr std::array<std::string_view, 2> monitoring{"detailed", "basic"};
    sim::AutoScalingGroup& group = reading.scenario.groups[id];
    map.read("capacity_distribution_strategy", group.zone_distribution,
             named<scaling::ZoneDistribution>(scaling::zone_distribution_names));
    read_waits(reading, group, id, map);
    read_health_checks(reading, group, id, map);
    read_termination_policies(reading, group, map);
    read_suspended_processes(reading, group, map);
    map.read("protect_from_scale_in", group.protect_from_scale_in, parse_flag);
    read_lifetime(group, map);
    map.read("monitoring", reading.group_notes[id].basic_monitoring, named<bool>(monitoring));
}

}  // namespace fleetsim::scenario
