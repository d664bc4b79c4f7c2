#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/cloud/spot.hpp>
#include <fleetsim/placement/resources.hpp>
#include <fleetsim/routing/listener.hpp>
#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/fields.hpp>
#include <fleetsim/scenario/load.hpp>
#include <fleetsim/scenario/map_reader.hpp>
#include <fleetsim/scenario/rates.hpp>
#include <fleetsim/sim/scenario.hpp>

/// What the readers of a scenario's sections share. Names are declared before any section is read, so that sections may
/// refer to one another in any order.
namespace fleetsim::scenario {

/// The names of one section and their ids.
template <class IdType>
class Names {
public:
    explicit Names(std::string_view kind) : kind_(kind) {}

    void declare(const std::string& name, IdType id) {
        if (ids_.emplace(name, id).second) names_.push_back(name);
    }

    /// The section itself is wrong or missing: that has been reported, and unknown names say nothing more.
    void give_up() { complete_ = false; }
    [[nodiscard]] bool complete() const { return complete_; }

    [[nodiscard]] std::optional<IdType> find(std::string_view name) const {
        const auto found = ids_.find(name);
        return found == ids_.end() ? std::nullopt : std::optional(found->second);
    }

    /// The id a field names. Reports an unknown name with the nearest known ones.
    [[nodiscard]] std::optional<IdType> resolve(Diagnostics& diagnostics, const Field& field) const {
        if (!is_scalar(diagnostics, field, fmt::format("the name of a {}", kind_))) return std::nullopt;
        const auto id = find(field.text());
        if (id || !complete_) return id;
        std::string hint = nearest_hint(diagnostics, field.text(), names_);
        if (names_.empty()) hint = fmt::format("there is no {}", kind_);
        diagnostics.error(field.at(), fmt::format("unknown {} {}", kind_, in_quotes(field.text())), std::move(hint));
        return std::nullopt;
    }

private:
    std::string_view kind_;
    std::map<std::string, IdType, std::less<>> ids_;
    std::vector<std::string> names_;
    bool complete_ = true;
};

/// A named entry of a section and where it stands.
template <class IdType>
struct Declared {
    IdType id;
    Field field;
};

/// A service's call, once its names are known.
struct ReadCall {
    sim::TargetGroupId to;
    std::string path = "/";
    std::string for_path_pattern = "*";  ///< Made only while serving requests whose path matches.
    double probability = 1;
};

/// Lists of policies and scheduled actions, which are read once all metrics and alarms are known.
struct PolicyFields {
    std::optional<Field> target_tracking;
    std::optional<Field> step_scaling;
    std::optional<Field> simple_scaling;      ///< Of a group only.
    std::optional<Field> predictive_scaling;  ///< Likewise.
    std::optional<Field> scheduled_actions;
};

/// Where somebody asks for a figure that only load balancers know.
struct BalancerMetric {
    Position at;
    std::string name;
};

/// A cooldown after a scale-out, of what scales by these metrics.
struct CooldownNotes {
    Position at;
    std::string_view key;
    des::Duration cooldown{};
    std::vector<sim::MetricStatistic> metrics;
    des::Duration period{};  ///< Of the alarm.
};

/// What is read of a service besides `sim::Service`, and where, for the checks that need the whole file.
struct ServiceNotes {
    Position name_at;
    bool task_known = false;
    Position cpu_at;
    Position memory_at;
    Position gpu_at;
    Position network_at;
    std::vector<Field> spread_fields;     ///< Of its strategies that spread over an attribute.
    std::vector<Field> expressions;       ///< One for each query of the shape.
    std::vector<Position> host_ports_at;  ///< One for each host port of the shape.
    std::optional<Field> calls;
    PolicyFields policies;
    std::vector<BalancerMetric> balancer_metrics;
    std::vector<CooldownNotes> cooldowns;
    bool memory_figures_known = false;
    sim::TargetGroup target_group;  ///< A pattern for its groups behind balancers.
    std::optional<Position> target_group_at;
    std::vector<ReadCall> read_calls;
};

/// A warm-up, or a grace period, from an instance's coming into service on.
struct WarmUpNotes {
    Position at;
    std::string_view key;
    des::Duration warm_up;
};

struct GroupNotes {
    Position name_at;
    bool types_known = false;       ///< All of its instance types.
    bool registered_known = false;  ///< And what they register with ECS.
    bool registered_assumed = false;
    bool attributes_known = true;
    bool in_cluster = false;
    bool managed = false;  ///< ECS's managed scaling sizes it.
    bool basic_monitoring = false;
    bool has_workload = false;
    std::optional<Position> spot_max_price_at;
    std::vector<WarmUpNotes> warm_ups;
    PolicyFields policies;
};

struct AlarmNotes {
    bool composite = false;
    bool known = false;  ///< Of one metric, and all of it could be read.
};

using CustomMetricId = des::Id<struct CustomMetricTag>;

/// A metric of the user's own, which becomes one of the scenario's when somebody asks for it.
struct CustomMetricNotes {
    Position name_at;
    sim::Metric metric;
    bool asked_for = false;
};

struct SpotPoolNotes {
    std::optional<cloud::SpotFacts> facts;  ///< Of the type in the region.
};

using ServiceListener = routing::Listener<sim::ServiceId>;

struct ClusterNotes {
    bool complete = false;  ///< All capacity providers are known.
};

struct BalancerNotes {
    std::vector<ServiceListener> listeners;
    bool complete = true;  ///< False when a listener was wrong: paths then cannot be resolved.
};

struct SourceNotes {
    Position name_at;
    Position rate_at;
};

/// Names for a sentence about them all: `services a, b and 3 more`.
class NameList {
public:
    void add(const std::string& name) {
        if (names_.size() < shown_) names_.push_back(name);
        ++count_;
    }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::string text() const;

private:
    static constexpr std::size_t shown_ = 5;
    std::vector<std::string> names_;
    std::size_t count_ = 0;
};

/// Who relied on a default that shapes the results.
struct Silences {
    NameList zones;
    NameList launch_times;
    NameList cpu_time;
    NameList start_time;
    NameList boot_time;
    NameList client_timeout;
    NameList spot_facts;
    NameList spot_price;
    NameList spot_reclaims;
    NameList spot_depth;
    bool start_used = false;  ///< A daily wave, schedule or history, and no `start` to anchor it.
};

struct Reading {
    Reading(Diagnostics& found, const Overrides& replaced, std::filesystem::path where)
        : diagnostics(found), overrides(replaced), folder(std::move(where)) {}

    Diagnostics& diagnostics;
    const Overrides& overrides;
    std::filesystem::path folder;
    sim::Scenario scenario;

    bool region_known = false;
    bool duration_known = false;
    bool start_given = false;
    bool zones_known = true;         ///< False when some group's zones are wrong.
    bool types_known = true;         ///< False when some group's instance types are wrong.
    std::size_t profile_pieces = 0;  ///< Straight lines of all that changes over time.

    Names<sim::GroupId> group_names{"Auto Scaling group"};
    Names<sim::ClusterId> cluster_names{"cluster"};
    Names<sim::ServiceId> service_names{"service"};
    Names<sim::BalancerId> balancer_names{"load balancer"};
    Names<CustomMetricId> custom_metric_names{"custom metric"};
    Names<sim::AlarmId> alarm_names{"alarm"};
    std::vector<Declared<sim::GroupId>> groups;
    std::vector<Declared<sim::ClusterId>> clusters;
    std::vector<Declared<sim::ServiceId>> services;
    std::vector<Declared<sim::BalancerId>> balancers;

    des::Table<sim::GroupId, GroupNotes> group_notes;
    des::Table<sim::ClusterId, ClusterNotes> cluster_notes;
    des::Table<sim::ServiceId, ServiceNotes> service_notes;
    des::Table<sim::BalancerId, BalancerNotes> balancer_notes;
    des::Table<sim::SourceId, SourceNotes> source_notes;
    des::Table<CustomMetricId, CustomMetricNotes> custom_metrics;
    des::Table<sim::AlarmId, AlarmNotes> alarm_notes;
    des::Table<sim::SpotPoolId, SpotPoolNotes> spot_pool_notes;
    std::map<std::pair<sim::BalancerId, sim::ServiceId>, sim::TargetGroupId> target_groups;
    std::map<std::pair<sim::TargetGroupId, std::string>, sim::RouteId> routes;
    std::map<std::string, sim::ZoneId, std::less<>> zones;
    std::map<std::string, sim::MetricId, std::less<>> metrics;       ///< By their names.
    std::map<std::string, sim::SpotPoolId, std::less<>> spot_pools;  ///< `c5.large/us-east-1a`.
    Silences silences;
};

// One function for each section, in the order in which they run.
void read_top(Reading& reading, MapReader& top);
void declare_names(Reading& reading, MapReader& top);
void read_groups(Reading& reading);
void read_clusters(Reading& reading);
void read_services(Reading& reading);
void read_spot_pools(Reading& reading, MapReader& top);
void read_custom_metrics(Reading& reading, MapReader& top);
void read_alarms(Reading& reading, MapReader& top);
void read_group_policies(Reading& reading);
void read_service_policies(Reading& reading);
void read_balancers(Reading& reading);
void check_behind_balancers(Reading& reading);
void read_calls(Reading& reading);
void read_traffic(Reading& reading, MapReader& top);
void read_faults(Reading& reading, MapReader& top);
void read_events(Reading& reading, MapReader& top);
void read_objectives(Reading& reading, MapReader& top);
void check_scaling(Reading& reading);
void check_capacity(Reading& reading);
void check_placement(Reading& reading);
void check_calls(Reading& reading);
void note_assumptions(Reading& reading);

/// Parts of a service's entry.
void read_serving(Reading& reading, sim::Service& service, ServiceNotes& notes, const Field& field);
void read_autoscaling(Reading& reading, sim::Service& service, ServiceNotes& notes, const Field& field);
void read_target_group(Reading& reading, sim::ServiceId id, const Field& field);
void read_placement(Reading& reading, sim::Service& service, ServiceNotes& notes, MapReader& map);
void read_constraints(Reading& reading, sim::Service& service, ServiceNotes& notes, MapReader& map);

/// Parts of a group's entry. Its zones are read before its instance types.
void read_instance_options(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map);
void read_attributes(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map);
void read_group_settings(Reading& reading, sim::GroupId id, MapReader& map);
void read_warm_pool(Reading& reading, sim::AutoScalingGroup& group, MapReader& map);
void read_lifecycle_hooks(Reading& reading, sim::AutoScalingGroup& group, MapReader& map);
void read_instance_refreshes(Reading& reading, sim::GroupId id, MapReader& map);
void read_workload(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map);

/// Reads the key `at`, which must be there and before the scenario's end.
[[nodiscard]] des::Time read_at(Reading& reading, MapReader& map);

/// The instance type that the field names, with its price and what it registers. Reports an unknown one.
[[nodiscard]] std::optional<sim::InstanceOption> read_instance_option(Reading& reading, const Field& field);

/// The pool of Spot Instances of that type in that zone, made at its first mention.
[[nodiscard]] sim::SpotPoolId spot_pool_of(Reading& reading, const sim::InstanceOption& option, sim::ZoneId zone);

/// Reads numbers over time, a part of the scenario. Nothing when they are wrong, which is reported.
[[nodiscard]] std::optional<traffic::RateProfile> read_profile(Reading& reading, const Field& field,
                                                               const ProfileNumbers& numbers);

/// The target group of a service behind a balancer (or behind none), made at its first mention.
[[nodiscard]] sim::TargetGroupId target_group_of(Reading& reading, sim::BalancerId balancer, sim::ServiceId service);

/// The route of a path at a target group, made at its first mention.
[[nodiscard]] sim::RouteId route_of(Reading& reading, sim::TargetGroupId target_group, const std::string& path);

/// The listener that `port` names, or the first one. Reports a port that none listens on; nothing without a report when
/// the balancer is wrong itself.
[[nodiscard]] const ServiceListener* listener_for(Reading& reading, sim::BalancerId balancer, MapReader& map);

/// A group's, service's or balancer's declaration in the messages: `service "frontend"`.
[[nodiscard]] std::string called(std::string_view kind, std::string_view name);

/// Entries of one section, items of one list of calls or rules: far beyond any fleet, and small enough to be read at
/// once.
inline constexpr std::size_t most_entries = 10'000;
inline constexpr std::size_t most_calls = 100;
inline constexpr std::size_t most_rules = 200;
inline constexpr std::size_t most_sources = 1'000;
/// AWS's quota of tasks a service.
inline constexpr std::int64_t most_tasks = 5'000;
/// Why a text cannot name anything.
[[nodiscard]] std::string not_a_name(std::string_view text);

inline constexpr std::int64_t most_instances = 100'000;
inline constexpr std::int64_t most_workers = 100'000;

}  // namespace fleetsim::scenario
