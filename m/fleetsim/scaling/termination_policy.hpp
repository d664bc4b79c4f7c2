#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/pick.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::scaling {

/// Which instances a scale-in prefers to end.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Configure termination policies".
/// Left out: policies of one's own, run by AWS Lambda.
enum class TerminationPolicy : std::uint8_t {
    default_policy,               ///< Allocation strategy (mixed groups), then launch template, then instance hour.
    allocation_strategy,          ///< Those that match the group's allocation strategy worst.
    oldest_launch_template,       ///< Those not of the current version, then those of the oldest.
    oldest_launch_configuration,  ///< The same for groups with launch configurations.
    closest_to_next_instance_hour,
    newest_instance,
    oldest_instance
};

inline constexpr std::array<std::string_view, 7> termination_policy_names{"Default",
                                                                          "AllocationStrategy",
                                                                          "OldestLaunchTemplate",
                                                                          "OldestLaunchConfiguration",
                                                                          "ClosestToNextInstanceHour",
                                                                          "NewestInstance",
                                                                          "OldestInstance"};

[[nodiscard]] constexpr std::string_view name(TerminationPolicy policy) {
    return termination_policy_names[static_cast<std::size_t>(policy)];
}

/// An instance of a group that is scaling in.
struct TerminationCandidate {
    std::uint32_t zone = 0;  ///< Numbered from 0 without large gaps.
    des::Time launched_at;
    des::Time running_since;
    std::int32_t template_version = 0;  ///< Of the launch template or configuration it was launched from.
    bool spot = false;
    double misfit = 0;    ///< The highest matches the allocation strategy worst.
    bool may_end = true;  ///< In service and not protected from scale-in; others only count for their zone.
};

/// What a group's scale-in goes by.
struct TerminationRules {
    std::span<const TerminationPolicy> policies{};  ///< Applied in turn; none is `Default`.
    std::int32_t current_template_version = 0;
    bool mixed = false;              ///< The group has a mixed instances policy.
    std::optional<bool> end_spot{};  ///< Whether Spot is the purchase option above its share; absent if neither is.
};

/// Why Auto Scaling rejects a list of termination policies; empty when it takes it.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Configure termination policies".
[[nodiscard]] inline std::vector<std::string> faults(std::span<const TerminationPolicy> policies) {
    const auto first_default = std::find(policies.begin(), policies.end(), TerminationPolicy::default_policy);
    if (policies.end() - first_default <= 1) return {};
    return {"Default must be the last termination policy"};
}

namespace detail {

/// Indices into the candidates, in their order.
using Shortlist = std::vector<std::size_t>;

/// Keeps those with the least key.
template <class Key>
void keep_least(Shortlist& list, Key key) {
    auto least = key(list.front());
    for (const std::size_t i : list) least = std::min(least, key(i));
    std::erase_if(list, [&](std::size_t i) { return least < key(i); });
}

/// Those that may end, of the purchase option above its share if there are any.
[[nodiscard]] inline Shortlist may_end(std::span<const TerminationCandidate> instances,
                                       const std::optional<bool>& end_spot) {
    Shortlist all;
    Shortlist of_option;
    for (std::size_t i = 0; i < instances.size(); ++i) {
        if (!instances[i].may_end) continue;
        all.push_back(i);
        if (end_spot == instances[i].spot) of_option.push_back(i);
    }
    return of_option.empty() ? all : of_option;
}

inline void keep_fullest_zones(Shortlist& list, std::span<const TerminationCandidate> instances) {
    std::vector<std::int32_t> in_zone;
    for (const TerminationCandidate& instance : instances) {
        if (instance.zone >= in_zone.size()) in_zone.resize(instance.zone + std::size_t{1});
        ++in_zone[instance.zone];
    }
    keep_least(list, [&](std::size_t i) { return -in_zone[instances[i].zone]; });
}

inline void keep_oldest_template(Shortlist& list, std::span<const TerminationCandidate> instances,
                                 std::int32_t current_version) {
    keep_least(list, [&](std::size_t i) { return instances[i].template_version == current_version; });
    keep_least(list, [&](std::size_t i) { return instances[i].template_version; });
}

inline void keep_closest_to_next_hour(Shortlist& list, std::span<const TerminationCandidate> instances, des::Time now) {
    constexpr des::Duration hour = std::chrono::hours{1};
    keep_least(list, [&](std::size_t i) { return hour - (now - instances[i].running_since) % hour; });
}

inline void keep_best(Shortlist& list, std::span<const TerminationCandidate> instances, TerminationPolicy policy,
                      const TerminationRules& rules, des::Time now) {
    const auto misfit = [&](std::size_t i) { return -instances[i].misfit; };
    switch (policy) {
        case TerminationPolicy::default_policy:
            if (rules.mixed) keep_least(list, misfit);
            keep_oldest_template(list, instances, rules.current_template_version);
            return keep_closest_to_next_hour(list, instances, now);
        case TerminationPolicy::allocation_strategy: return keep_least(list, misfit);
        case TerminationPolicy::oldest_launch_template:
        case TerminationPolicy::oldest_launch_configuration:
            return keep_oldest_template(list, instances, rules.current_template_version);
        case TerminationPolicy::closest_to_next_instance_hour: return keep_closest_to_next_hour(list, instances, now);
        case TerminationPolicy::newest_instance:
            return keep_least(list, [&](std::size_t i) { return -instances[i].launched_at.time_since_epoch(); });
        case TerminationPolicy::oldest_instance:
            return keep_least(list, [&](std::size_t i) { return instances[i].launched_at; });
    }
}

}  // namespace detail

/// Which instance a scale-in ends. Mixed groups first decide for Spot or On-Demand; then balance goes before policy:
/// only the zones with the most instances, of those that have one that may end, take part. Each policy keeps the
/// instances it prefers of what the one before it left; `tie` in [0, 1) picks among equals. Nothing when none may end:
/// the desired capacity falls all the same. Unhealthy instances are replaced without asking here.
///
/// Model decisions: where every instance of the purchase option above its share is protected, the other one pays; a
/// template version other than the current one is treated as another launch template, so that it ends first even if it
/// is younger.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Configure termination policies" and "Termination policy scenarios".
[[nodiscard]] inline std::optional<std::size_t> choose_termination(std::span<const TerminationCandidate> instances,
                                                                   const TerminationRules& rules, des::Time now,
                                                                   double tie) {
    constexpr std::array unless_given{TerminationPolicy::default_policy};
    detail::Shortlist list = detail::may_end(instances, rules.end_spot);
    if (list.empty()) return std::nullopt;
    detail::keep_fullest_zones(list, instances);
    const std::span<const TerminationPolicy> policies = rules.policies.empty() ? unless_given : rules.policies;
    for (const TerminationPolicy policy : policies) detail::keep_best(list, instances, policy, rules, now);
    return list[des::picked(tie, list.size())];
}

}  // namespace fleetsim::scaling
