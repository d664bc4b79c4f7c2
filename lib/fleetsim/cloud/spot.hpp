#pragma once

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fleetsim/cloud/billing.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::cloud {

/// How many of a month's Spot Instances of a type EC2 took back, in the classes of the Spot Instance Advisor.
enum class InterruptionFrequency : std::uint8_t { below_5, from_5_to_10, from_10_to_15, from_15_to_20, above_20 };

inline constexpr std::array<std::string_view, 5> interruption_frequency_names{"<5%", "5-10%", "10-15%", "15-20%",
                                                                              ">20%"};

[[nodiscard]] constexpr std::string_view name(InterruptionFrequency frequency) {
    return interruption_frequency_names[static_cast<std::size_t>(frequency)];
}

[[nodiscard]] constexpr std::optional<InterruptionFrequency> interruption_frequency(std::string_view name) {
    for (std::size_t i = 0; i < interruption_frequency_names.size(); ++i) {
        if (interruption_frequency_names[i] == name) return static_cast<InterruptionFrequency>(i);
    }
    return std::nullopt;
}

/// What is known of an instance type as Spot capacity of a region.
///
/// Source: Amazon EC2 User Guide, "Spot Instance Advisor".
struct SpotFacts {
    std::int32_t savings_percent = 0;  ///< Of the on-demand price, on average over a month; not negative.
    InterruptionFrequency interruption_frequency = InterruptionFrequency::below_5;
    friend bool operator==(const SpotFacts&, const SpotFacts&) = default;
};

/// What is assumed of types without facts: the median saving of those with facts, and few interruptions.
inline constexpr SpotFacts usual_spot_facts{65, InterruptionFrequency::from_5_to_10};

/// How often an hour EC2 takes an instance back that has not been taken yet: the rate at which the class's share is
/// gone after a month of 730 hours. A class stands for its middle, the open one for 25 %: model decisions.
[[nodiscard]] inline double interruptions_per_hour(InterruptionFrequency frequency) {
    constexpr std::array<double, 5> shares{0.025, 0.075, 0.125, 0.175, 0.25};
    constexpr double hours_a_month = 730;
    return -std::log1p(-shares[static_cast<std::size_t>(frequency)]) / hours_a_month;
}

/// Who ended a Spot Instance's life: EC2, which wants its capacity back, or its user, Auto Scaling included.
enum class SpotEnd : std::uint8_t { interrupted, ended_by_user };

/// Seconds billed for one life of a Spot Instance: none if EC2 interrupts it in its first hour, later every second
/// begun; if its user ends it, as On-Demand. A life of exactly an hour is billed, a model decision.
///
/// Source: Amazon EC2 User Guide, "Billing for interrupted Spot Instances".
/// Left out: operating systems whose licence is billed by the hour.
[[nodiscard]] constexpr std::chrono::seconds spot_billed(des::Duration life, SpotEnd end) {
    const bool free = end == SpotEnd::interrupted && life < std::chrono::hours{1};
    return free ? std::chrono::seconds{0} : billed(life);
}

/// How long before it terminates a Spot Instance EC2 gives notice.
///
/// Source: Amazon EC2 User Guide, "Spot Instance interruption notices".
/// Left out: Spot Instances that are stopped or hibernated instead, which Auto Scaling groups do not have.
inline constexpr des::Duration interruption_notice = std::chrono::seconds{120};

/// A rebalance recommendation comes before the notice with this probability, else together with it; how long before is
/// exponential with this mean. Both are model decisions.
inline constexpr double early_recommendation_probability = 0.5;
inline constexpr des::Duration mean_recommendation_lead = std::chrono::seconds{600};

}  // namespace fleetsim::cloud
