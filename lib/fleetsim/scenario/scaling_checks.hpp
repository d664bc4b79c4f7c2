#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/policies.hpp>

/// Settings that AWS accepts and that do not do what people expect of them.
namespace fleetsim::scenario {

/// Reads the optional warm-up of one of a group's policies, and warns of one that is over before an instance works.
[[nodiscard]] bool read_warm_up(Reading& reading, sim::GroupId group, MapReader& map, std::string_view key,
                                std::optional<des::Duration>& warm_up);

/// Remembers a warm-up, to warn of it if it is over before an instance of a cluster can take tasks.
void note_warm_up(Reading& reading, sim::GroupId group, Position at, std::string_view key, des::Duration warm_up);

/// Can one track this metric, which stands at `at`?
void check_tracked_metric(Reading& reading, const Scaled& owner, const sim::MetricQuery& metric, Position at);

void check_target_tracking(Reading& reading, const Scaled& owner, const sim::TargetTrackingPolicy& policy,
                           const MapReader& map);

/// `places` are those of the policy's steps.
void check_step_scaling(Reading& reading, const Scaled& owner, const sim::StepScalingPolicy& policy,
                        const TrackingPolicies& tracking, const MapReader& map, const std::vector<Position>& places);

void check_simple_scaling(Reading& reading, const sim::SimpleScalingPolicy& policy, const TrackingPolicies& tracking,
                          const MapReader& map);

/// Warns of cooldowns that are over before a scale-out shows. Once it is known which services are behind balancers.
void check_cooldowns(Reading& reading);

/// Does any of the policies ever take capacity away?
[[nodiscard]] bool scales_in(const sim::AutoScalingGroup& group);
[[nodiscard]] bool scales_in(const sim::ServiceAutoscaling& autoscaling);

/// The first of the group's or service's lists that there is.
[[nodiscard]] const Field* first_list(const PolicyFields& fields);

}  // namespace fleetsim::scenario
