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
#include <fleetsim/ecs/task_definition.hpp>
#include <fleetsim/placement/resources.hpp>
#include <fleetsim/routing/listener.hpp>
#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/fields.hpp>
#include <fleetsim/scenario/load.hpp>
#include <fleetsim/scenario/map_reader.hpp>
#include <fleetsim/scenario/names.hpp>
#include <fleetsim/scenario/network.hpp>
#include <fleetsim/scenario/rates.hpp>
#include <fleetsim/sim/scenario.hpp>

/// What the readers of a scenario's sections share. Names are declared before any section is read, so that sections may
/// refer to one another in any order.
namespace fleetsim::scenario {

/// A service's call, once its names are known.
struct ReadCall {
    Position at;
    sim::TargetGroupId to;
    std::uint16_t port = 0;  ///< Of the load balancer in between, if there is one.
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

/// What is read of a task besides `sim::TaskDefinition`, and where, for the checks that need the whole file.
struct TaskNotes {
    bool known = false;          ///< Nothing was wrong with it.
    std::optional<Field> field;  ///< All that is written of it.
    Position cpu_at;
    Position memory_at;
    Position gpu_at;
    Position network_at;
    std::optional<Position> architecture_at;     ///< If it says which.
    std::vector<Field> spread_fields;            ///< Of its strategies that spread over an attribute.
    std::vector<Field> expressions;              ///< One for each query of the shape that is written here.
    std::optional<std::size_t> of_architecture;  ///< The query of the shape that comes from its architecture.
    std::optional<std::size_t> of_subnets;       ///< And that which comes from the zones of its subnets.
    std::vector<Position> host_ports_at;         ///< One for each host port of the shape.
    ecs::NetworkMode network_mode = ecs::NetworkMode::bridge;
    std::vector<ecs::PortMapping> port_mappings;  ///< Of the containers that it names.
};

/// What is read of a service besides `sim::Service`, and where, for the checks that need the whole file.
struct ServiceNotes {
    Position name_at;
    TaskNotes task;
    std::optional<des::Distribution> start_time;
    bool on_fargate = false;
    std::optional<Position> traffic_shift_at;  ///< Of a deployment strategy that needs a load balancer.
    std::optional<Field> calls;
    PolicyFields policies;
    std::vector<BalancerMetric> balancer_metrics;
    std::vector<CooldownNotes> cooldowns;
    bool memory_figures_known = false;
    sim::TargetGroup target_group;  ///< A pattern for its groups behind balancers.
    std::optional<Position> target_group_at;
    TaskNetwork network;
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
    VpcPlace network;
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
    std::vector<sim::StrategyItem> default_strategy;
    bool strategy_known = true;  ///< False when its default strategy is wrong.
};

/// What is read of a scheduled task besides `sim::TaskRun`.
struct TaskRunNotes {
    TaskNotes task;
    bool on_fargate = false;
    TaskNetwork network;
};

struct DeploymentNotes {
    TaskNotes task;  ///< Of its own task definition, if it has one.
    std::optional<Position> fails_at;
};

struct BalancerNotes {
    std::vector<ServiceListener> listeners;
    std::map<sim::ServiceId, Position> forwards;  ///< Where each service behind it is first named.
    VpcPlace network;
    bool complete = true;  ///< False when a listener was wrong: paths then cannot be resolved.
};

struct SourceNotes {
    Position name_at;
    Position rate_at;
    Position to_at;
    sim::BalancerId to = sim::BalancerId::none();
    std::uint16_t port = 0;                ///< Of the load balancer's listener.
    std::vector<network::Endpoint> users;  ///< Where requests come from; empty when it could not be read.
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
    NameList fargate_zones;
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
    Names<ecs::ImageId> image_names{"image"};
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
    NetworkNotes network;
    std::vector<DeploymentNotes> deployment_notes;  ///< One for each deployment.
    std::vector<TaskRunNotes> task_run_notes;       ///< One for each of the scenario's task runs.
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
void read_network(Reading& reading, MapReader& top);
void read_security_groups(Reading& reading, MapReader& top);
void read_images(Reading& reading, MapReader& top);
void read_groups(Reading& reading);
void read_clusters(Reading& reading);
void read_services(Reading& reading);
void read_scheduled_tasks(Reading& reading, MapReader& top);
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
void check_deployments(Reading& reading);
void constrain_tasks(Reading& reading);
void check_scaling(Reading& reading);
void check_capacity(Reading& reading);
void check_placement(Reading& reading);
void check_network(Reading& reading);
void check_calls(Reading& reading);
void note_assumptions(Reading& reading);

/// Parts of a service's entry.
void read_serving(Reading& reading, sim::Service& service, ServiceNotes& notes, const Field& field);
void read_autoscaling(Reading& reading, sim::Service& service, ServiceNotes& notes, const Field& field);
void read_target_group(Reading& reading, sim::ServiceId id, const Field& field);
void read_deployment_settings(Reading& reading, sim::Service& service, ServiceNotes& notes, MapReader& map);

/// Reads `ordered_placement_strategy` and `placement_constraints` of a task.
void read_placement(Reading& reading, placement::Shape& shape, TaskNotes& notes, MapReader& map);
void read_constraints(Reading& reading, placement::Shape& shape, TaskNotes& notes, MapReader& map);

/// Reads `network_configuration`, of tasks in `awsvpc` mode only. The task is read before.
void read_network_configuration(Reading& reading, sim::Service& service, ServiceNotes& notes, MapReader& map);

/// Parts of a group's entry. Its zones are read before its instance types.
void read_instance_options(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map);
void read_attributes(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map);
void read_group_settings(Reading& reading, sim::GroupId id, MapReader& map);
void read_image_settings(sim::AutoScalingGroup& group, MapReader& map);
void read_warm_pool(Reading& reading, sim::AutoScalingGroup& group, MapReader& map);
void read_lifecycle_hooks(Reading& reading, sim::AutoScalingGroup& group, MapReader& map);
void read_instance_refreshes(Reading& reading, sim::GroupId id, MapReader& map);
void read_workload(Reading& reading, sim::AutoScalingGroup& group, GroupNotes& notes, MapReader& map);

/// A list at the top of the file, of a length that can be simulated.
[[nodiscard]] std::vector<Field> section_list(Reading& reading, MapReader& top, std::string_view key);

/// The scenario's zone of that name, made at its first mention.
[[nodiscard]] sim::ZoneId zone_id(Reading& reading, const std::string& name);

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

/// Reads a security group's name or a block of addresses, as rules and traffic have them.
void read_peer(Reading& reading, const Field& item, std::vector<network::SecurityGroupId>& groups,
               std::vector<network::Cidr>& blocks);

/// Reads where something is in the VPC: its subnets under the key, which must be there if there are any, and its
/// `security_groups`.
[[nodiscard]] VpcPlace read_place(Reading& reading, MapReader& map, std::string_view subnets_key, PlaceLimits limits);

/// Gives the subnets their zones in the scenario.
void settle_zones(Reading& reading, const std::vector<sim::SubnetId>& subnets);

/// What has subnets is in their zones. `listed` may only say the same zones again, which are then in `zones` already.
void take_zones(Reading& reading, const VpcPlace& place, std::vector<sim::ZoneId>& zones,
                const std::optional<Field>& listed);

/// Reads a load balancer's subnets and security groups.
void read_balancer_network(Reading& reading, sim::BalancerId balancer, MapReader& map);

/// Reads where a traffic source's users are.
[[nodiscard]] std::vector<network::Endpoint> read_users(Reading& reading, const std::string& source, MapReader& map);

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
