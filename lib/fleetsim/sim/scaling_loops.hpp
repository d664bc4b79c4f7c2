#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fleetsim/scaling/decision.hpp>
#include <fleetsim/scaling/managed_scaling.hpp>
#include <fleetsim/scaling/simple_scaling.hpp>
#include <fleetsim/sim/cloud_watch.hpp>
#include <fleetsim/sim/groups.hpp>
#include <fleetsim/sim/metric_source.hpp>
#include <fleetsim/sim/run.hpp>
#include <fleetsim/sim/services.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// What managed scaling compares: a task's needs, and what empty instances of a group's types offer.
[[nodiscard]] scaling::Needs needs_of(const placement::Resources& resources);
[[nodiscard]] scaling::InstanceRooms rooms_of(const AutoScalingGroup& group);

/// The loops of Auto Scaling: publishes metrics, has alarms evaluated, asks the policies, schedules and forecasts, and
/// hands what comes of it to the groups and services.
///
/// Cost: the metrics that somebody watches, the instances and the policies, once a minute; nothing for a request.
class ScalingLoops {
public:
    ScalingLoops(Fleet& fleet, Services& services, Groups& groups, DataPlane& data_plane,
                 std::span<const ExplainRequest> explain);

    /// Schedules what is known in advance: custom metrics, scheduled actions, forecasts.
    void start();

    void handle(event::GroupActionDue due);
    void handle(event::ServiceActionDue due);
    void handle(event::ForecastDue due);
    void handle(event::PublishMetric publish);
    void handle(event::EvaluateFastAlarms);

    // At a whole minute: all alarms and the services' policies, then each group's policies.
    void evaluate_services();
    void evaluate(GroupId id);
    /// Publishes what the recorder's closed minute says.
    void publish(des::Time period_start);

    [[nodiscard]] std::vector<ScalingExplanation> take_explanations() { return std::move(explanations_); }
    /// CapacityProviderReservation of a group with managed scaling, as it is now.
    [[nodiscard]] double reservation_percent(GroupId id) const { return reservation_of(id).percent(); }

private:
    /// A policy's alarms: target tracking has two (without a low one if it never scales in), others one.
    struct Alarms {
        AlarmId high;
        AlarmId low = AlarmId::none();
        MetricId measured = MetricId::none();  ///< Of a group's: how much contributes to the metric.
    };
    /// One policy at one instant.
    struct Opinion {
        const std::string* policy = nullptr;
        Alarms alarms;
        scaling::Wish wish;
    };
    using Scaled = std::variant<ServiceId, GroupId>;
    using StateLine = std::pair<std::string, std::string>;
    /// What was changed for no alarm's sake.
    struct DoneAction {
        Scaled scaled;
        des::Time at;
        std::string text;
    };
    struct ServicePolicies {
        std::vector<Alarms> target_tracking{};
    };
    /// Hours of load that a predictive policy has seen.
    struct LoadHistory {
        std::vector<scaling::HourlyLoad> hours{};
        double sum = 0;
        std::int32_t samples = 0;
    };
    struct ManagedMetrics {
        MetricId percent;
        MetricId running;
        MetricId wanted;
        Alarms alarms;
        std::string name = "managed scaling";
    };
    struct GroupPolicies {
        std::vector<Alarms> target_tracking{};
        std::vector<LoadHistory> loads{};
        std::optional<ManagedMetrics> managed{};
        std::optional<des::Duration> simple_cooldown{};  ///< Of the policy whose activity was the last.
    };

    [[nodiscard]] Alarms add_alarms(const std::string& resource, const TargetTrackingPolicy& policy);
    void add_managed_scaling(GroupId id);

    /// How long an instance warms up for a policy.
    ///
    /// Source: Amazon EC2 Auto Scaling API Reference, PutScalingPolicy (EstimatedInstanceWarmup).
    [[nodiscard]] static des::Duration warmup_of(const std::optional<des::Duration>& estimated,
                                                 const AutoScalingGroup& group) {
        return estimated.value_or(group.default_instance_warmup.value_or(group.default_cooldown));
    }

    // scaling_loops.cpp: decisions.
    void evaluate(ServiceId id);
    [[nodiscard]] scaling::ServiceCapacity capacity_of(ServiceId id) const;
    [[nodiscard]] std::vector<Opinion> opinions(ServiceId id, const scaling::ServiceCapacity& capacity) const;
    [[nodiscard]] std::vector<Opinion> opinions(GroupId id) const;
    [[nodiscard]] scaling::PolicyView view(const Alarms& alarms) const;
    [[nodiscard]] scaling::AlarmView view(AlarmId alarm, scaling::MetricAggregation aggregation) const;
    [[nodiscard]] scaling::CapacityBounds bounds_of(GroupId id) const;
    [[nodiscard]] scaling::ScalingDecision decide(GroupId id, std::span<const Opinion> opinions) const;
    [[nodiscard]] ScalingRow row_of(std::span<const Opinion> opinions, const scaling::ScalingDecision& decision,
                                    const scaling::CapacityBounds& bounds, std::string_view min_name,
                                    std::string_view max_name) const;
    void held_row(scaling::ScalingReason& last, const std::string& resource, std::string_view subject,
                  const scaling::ScalingDecision& decision, ScalingRow row);
    [[nodiscard]] bool just_fired(std::span<const Alarms> alarms) const;

    // scaling_explanations.cpp
    [[nodiscard]] bool take_request(Scaled id);
    void remember_action(Scaled id, std::string what, const scaling::GroupSizes& before, std::string_view not_done);
    [[nodiscard]] std::vector<std::string> actions_before(Scaled id) const;
    void explain(Scaled id, std::vector<StateLine> state, std::span<const Opinion> opinions,
                 const scaling::ScalingDecision& decision, const ScalingRow& row);
    [[nodiscard]] scaling::GroupSizes sizes_of(Scaled id) const;
    [[nodiscard]] std::vector<StateLine> state_of(ServiceId id, const scaling::ServiceCapacity& capacity) const;
    [[nodiscard]] std::vector<StateLine> state_of(GroupId id) const;
    [[nodiscard]] std::string ago_text(des::Time at) const;
    void add_cooldown(std::vector<StateLine>& state, std::string what, const std::optional<des::Time>& since,
                      des::Duration cooldown) const;

    // scaling_metrics.cpp
    void publish_managed(GroupId id, des::Time period_start);
    void publish_measured(GroupId id, des::Time period_start);
    [[nodiscard]] bool waits_for(const WaitingLine& line, GroupId id) const;
    [[nodiscard]] scaling::Reservation reservation_of(GroupId id) const;
    [[nodiscard]] std::optional<scaling::Reservation> newest_reservation(const ManagedMetrics& managed) const;
    void add_load(GroupId id, des::Time period_start);
    [[nodiscard]] std::optional<double> current(const MetricQuery& query) const;

    // scaling_schedules.cpp
    void schedule(GroupId id, std::uint32_t action, des::Time after);
    void schedule(ServiceId id, std::uint32_t action, des::Time after);
    [[nodiscard]] std::optional<des::Time> next_run(const scaling::Schedule& schedule, des::Time after) const;

    Fleet& fleet_;
    Services& services_;
    Groups& groups_;
    CloudWatch cloud_watch_;
    MetricSource source_;
    des::Table<MetricId, scaling::StatisticSet> current_;  ///< Of the period published last.
    des::Table<MetricId, scaling::StatisticSet> pending_;  ///< Of a period longer than a minute, so far.
    des::Table<ServiceId, ServicePolicies> service_policies_;
    des::Table<GroupId, GroupPolicies> group_policies_;
    std::vector<ExplainRequest> asked_for_;  ///< And not told yet.
    std::vector<DoneAction> done_actions_;
    std::vector<ScalingExplanation> explanations_;
};

}  // namespace fleetsim::sim
