#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fleetsim/scenario/reading.hpp>

/// Scaling policies and scheduled actions, of Auto Scaling groups and of services.
namespace fleetsim::scenario {

/// Whose capacity is scaled.
using Scaled = std::variant<sim::GroupId, sim::ServiceId>;

[[nodiscard]] inline bool is_group(const Scaled& owner) { return std::holds_alternative<sim::GroupId>(owner); }

/// `Auto Scaling group "web"`, `service "front"`.
[[nodiscard]] std::string called(const Reading& reading, const Scaled& owner);

/// The names of the policies, or of the scheduled actions, of one group or service.
class PolicyNames {
public:
    explicit PolicyNames(std::string_view kind) : kind_(kind) {}

    /// The `name` in the map, or else `otherwise`, with a number if that is taken. Reports a name that is taken.
    [[nodiscard]] std::string read(MapReader& map, const std::string& otherwise);

private:
    std::string_view kind_;
    std::set<std::string, std::less<>> taken_;
};

/// The target tracking policies of the same group or service, which others may fight.
using TrackingPolicies = std::vector<sim::TargetTrackingPolicy>;

/// Items of one list, in the order of the file; those that are wrong are reported and left out.
[[nodiscard]] std::vector<sim::TargetTrackingPolicy> read_target_tracking(Reading& reading, const Scaled& owner,
                                                                          PolicyNames& names, const Field& field);
[[nodiscard]] std::vector<sim::StepScalingPolicy> read_step_scaling(Reading& reading, const Scaled& owner,
                                                                    PolicyNames& names, const Field& field,
                                                                    const TrackingPolicies& tracking);
[[nodiscard]] std::vector<sim::SimpleScalingPolicy> read_simple_scaling(Reading& reading, PolicyNames& names,
                                                                        const Field& field,
                                                                        const TrackingPolicies& tracking);
[[nodiscard]] std::vector<sim::PredictiveScalingPolicy> read_predictive_scaling(Reading& reading, sim::GroupId group,
                                                                                PolicyNames& names, const Field& field);
/// After the policies, which may be what an action relies on.
[[nodiscard]] std::vector<sim::ScheduledAction> read_group_actions(Reading& reading, const sim::AutoScalingGroup& group,
                                                                   const Field& field);
[[nodiscard]] std::vector<sim::ScheduledAction> read_service_actions(Reading& reading,
                                                                     const sim::ServiceAutoscaling& autoscaling,
                                                                     const Field& field);

/// A policy's metric: one by AWS's name for it, or a query of the user's own.
struct TrackedMetric {
    sim::MetricQuery query;
    std::string name;  ///< As AWS has it, or else the query's text.
    double low_alarm_share = 0.9;
};

/// Reads the key `metric`, which must be there.
[[nodiscard]] std::optional<TrackedMetric> read_tracked_metric(Reading& reading, const Scaled& owner, MapReader& map);

}  // namespace fleetsim::scenario
