#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/histogram.hpp>
#include <fleetsim/des/time.hpp>

/// What one simulated run leaves behind. Plain values; `report/` turns them into text and files.
namespace fleetsim::sim {

/// How a request ended, as whoever sent it saw it.
enum class Outcome : std::uint8_t {
    succeeded,
    error_500,       ///< The service answered, but a call it needed had failed.
    error_502,       ///< The target went away under the request.
    error_503,       ///< No target could be chosen.
    error_504,       ///< No connection within 10 s or no answer within the balancer's idle timeout.
    client_timeout,  ///< The client gave up first.
    count
};

inline constexpr std::size_t outcome_count = static_cast<std::size_t>(Outcome::count);
inline constexpr std::array<std::string_view, outcome_count> outcome_names{"succeeded", "500", "502",
                                                                           "503",       "504", "client_timeout"};

using OutcomeCounts = std::array<std::uint64_t, outcome_count>;

/// Minimum, time-weighted mean and maximum of something counted.
struct Extent {
    double min = 0;
    double mean = 0;
    double max = 0;
};

/// Requests sent after the warm-up. `requests` = the sum of `outcomes` + `in_flight`.
struct ServiceResult {
    std::string name;
    std::uint64_t requests = 0;
    std::uint64_t in_flight = 0;  ///< Not answered when the run ended.
    OutcomeCounts outcomes{};
    des::LogHistogram latency_ns;     ///< Sending to answer, of those that succeeded.
    Extent concurrency;               ///< Requests sent and not yet answered or given up.
    double sojourn_seconds = 0;       ///< Time those requests spent, counted to the end of the run for the unfinished.
    Extent tasks;                     ///< Running tasks.
    double cpu_utilization_mean = 0;  ///< 0 to 1 of the tasks' reserved CPU.
    double cpu_utilization_max = 0;   ///< Highest minute.
};

/// The users' side of one traffic source: a request here is one wish, however many attempts it took.
struct SourceResult {
    std::string name;
    std::uint64_t requests = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t in_flight = 0;
    std::uint64_t attempts = 0;
    des::LogHistogram latency_ns;  ///< First attempt to final answer, of those that succeeded.
};

struct GroupResult {
    std::string name;
    std::vector<std::string> instance_types;
    Extent instances;           ///< In state running.
    double instance_hours = 0;  ///< Billed.
    std::uint64_t launches = 0;
    std::uint64_t terminations = 0;
    std::uint64_t spot_interruptions = 0;
};

/// Tasks that RunTask started on a schedule.
struct TaskRunResult {
    std::string name;
    std::uint64_t started = 0;    ///< Given to ECS.
    std::uint64_t refused = 0;    ///< Not started, for want of a place.
    std::uint64_t succeeded = 0;  ///< Ran to their end.
    std::uint64_t failed = 0;     ///< Stopped otherwise.
};

struct CostItem {
    std::string resource;  ///< `auto_scaling_group/web`
    std::string kind;      ///< `ec2_on_demand`
    double quantity = 0;
    std::string unit;  ///< `instance-hour`
    double usd = 0;
    std::string instance_type{};  ///< Where the resource may have several.
};

struct ObjectiveResult {
    std::string service{};
    std::string objective{};
    double value = 0;       ///< Milliseconds for a latency, a share from 0 to 1 for availability.
    bool measured = false;  ///< False when no request ended in the measured time; then `met` is false too.
    bool met = false;
};

/// Why a desired capacity changed, or did not although a policy wanted it.
struct ScalingDetails {
    std::string policy{};
    std::string alarm{};
    std::string datapoints{};  ///< Of the alarm's metric, newest last; `-` for a missing one.
    std::string wanted{};      ///< By the policy, before bounds.
    std::string clamped_by{};  ///< What allowed less: `max_size 6`.
};

/// One row of `events.csv`: something the control plane decided or saw, and why.
struct EventRow {
    des::Time at{};
    std::string_view event{};  ///< `task_placed`, `alarm`, …; static text.
    std::string resource{};    ///< `service/backend`
    std::string subject{};     ///< `backend/17`, an alarm's name …
    std::string instance{};
    std::string zone{};
    std::int32_t cpu_units = 0;  ///< A task's need or an instance's registered capacity; 0 with the next two: none.
    std::int32_t memory_mib = 0;
    std::int32_t gpus = 0;
    std::string from{};
    std::string to{};
    std::string reason{};
    std::shared_ptr<const ScalingDetails> scaling{};  ///< Null in rows that are not about scaling.
};

/// What an alarm saw when it was evaluated.
struct AlarmExplanation {
    std::string name{};
    std::string state{};
    std::string before{};  ///< Its state before, if it has just changed.
    std::string metric{};
    std::string condition{};   ///< `> 60 for 3 of 3 datapoints of 1m`
    std::string datapoints{};  ///< Newest last; `-` for a missing one.
};

/// What one policy made of it.
struct PolicyExplanation {
    std::string name{};
    std::string wish{};                    ///< `scale out`, `cooldown` …
    std::optional<std::int32_t> wanted{};  ///< Before bounds; absent without an alarm.
    std::string reckoning{};               ///< `6 with metric 90 against 60`
};

/// Everything that went into one decision about a service's desired count or a group's desired capacity.
struct ScalingExplanation {
    des::Time at{};
    std::string resource{};
    std::vector<std::pair<std::string, std::string>> state{};  ///< `desired_count` → `4` and so on, in order.
    std::vector<std::string> actions{};  ///< Changes of the minute before that no alarm stands behind.
    std::vector<AlarmExplanation> alarms{};
    std::vector<PolicyExplanation> policies{};
    std::string result{};      ///< `scale out`, `at its bound` …
    std::int32_t desired = 0;  ///< After it.
    std::string decided_by{};  ///< The policy; empty when none asked for anything.
    std::string clamped_by{};  ///< `max_size 6`
};

/// Container instances of one type that cannot take one more task, all for the same reason.
struct RefusalExplanation {
    std::string reason{};  ///< In the words of `task_refused`: `memory`, `memberOf` …
    std::string detail{};  ///< What more there is to say: `draining`.
    std::string instance_type{};
    std::vector<std::string> instances{};
    std::string unit{};  ///< Of the resource that is short: `MiB`. Empty, and the next four 0, if none is.
    std::int32_t needed = 0;
    std::int32_t least_left = 0;  ///< Of all the instances.
    std::int32_t most_left = 0;
    std::int32_t registered = 0;
};

/// A container instance, or on Fargate a zone, as a strategy ranks it.
struct RankedPlace {
    std::string place{};
    std::string zone{};
    std::optional<std::int64_t> seen{};
};

/// One step of a placement strategy: the places it was given, best first, of which it leaves the first `left`.
struct RankingExplanation {
    std::string strategy{};
    std::string compares{};  ///< What `seen` is; the least is the best.
    std::vector<RankedPlace> ranking{};
    std::size_t left = 0;
};

/// What the managed scaling of a capacity provider is doing for tasks that wait.
struct ManagedScalingExplanation {
    std::string group{};       ///< `auto_scaling_group/web`
    double percent = 0;        ///< CapacityProviderReservation as it is now, though not seen by any alarm yet.
    std::int32_t desired = 0;  ///< Like the next in units of capacity.
    std::int32_t max_size = 0;
    std::int32_t coming = 0;  ///< Instances that have been ordered and take no tasks yet.
    std::string failure{};    ///< Why the last launch failed.
    std::string ignores{};    ///< Why it launches nothing for such a task.
};

/// Where one more task of a kind would go at an instant.
struct NextPlace {
    std::int32_t instances = 0;  ///< Container instances of the cluster; on Fargate zones.
    std::int32_t fit = 0;        ///< Of those, that could take the task.
    std::vector<RefusalExplanation> refusals{};
    std::vector<RankingExplanation> ranking{};  ///< Of those that could.
    std::vector<std::string> equals{};          ///< What the ranking leaves: one of them is drawn.
    std::vector<std::string> admitted_by{};     ///< If none could: each of these would be enough.
    std::vector<ManagedScalingExplanation> managed_scaling{};
};

/// What a task is doing at an instant, and why.
struct TaskExplanation {
    des::Time at{};
    std::string task{};                                        ///< `web/17`
    std::string resource{};                                    ///< `service/web`
    std::string state{};                                       ///< Empty: there is no such task at that instant.
    des::Time since{};                                         ///< In that state.
    std::string why{};                                         ///< In a few words: `its image is being pulled`.
    bool waits = false;                                        ///< For a place.
    std::vector<std::pair<std::string, std::string>> facts{};  ///< `zone` → `us-east-1a` and so on, in order.
    std::optional<NextPlace> place{};  ///< Of one more such task, in the place of one that is still to be placed.
    // Of a task that is not there.
    std::uint64_t created = 0;          ///< Tasks of the resource until then, numbered from 1.
    std::vector<std::string> others{};  ///< Of those, that are not STOPPED.
    std::optional<des::Time> created_later{};
};

/// One of a service's deployments.
struct DeploymentExplanation {
    std::int32_t number = 0;
    bool primary = false;
    std::string state{};                                        ///< `IN_PROGRESS` …
    std::vector<std::pair<std::string, std::int32_t>> tasks{};  ///< By state, those that are not STOPPED.
    std::int32_t failures = 0;
    std::optional<std::int32_t> threshold{};  ///< Of failures, if a circuit breaker is on.
};

/// What the scheduler of a service is doing at an instant.
struct ServiceExplanation {
    des::Time at{};
    std::string resource{};
    std::int32_t desired = 0;
    std::int32_t running = 0;
    std::int32_t waiting = 0;  ///< Tasks without a place.
    std::string held_by{};     ///< What keeps the scheduler from starting tasks now: `the restart throttle, 20 s left`.
    std::vector<std::pair<std::string, std::string>> facts{};
    std::vector<DeploymentExplanation> deployments{};  ///< Those that have tasks, and the primary one.
    std::optional<NextPlace> place{};                  ///< Of the next task; daemons have none.
};

/// Values at the end of each minute (the last one may be shorter); columns are named as in `summary.json`. Not a
/// number: nothing to report.
struct TimeSeries {
    std::vector<std::string> columns;
    std::vector<double> values;  ///< Row after row.

    [[nodiscard]] std::size_t rows() const { return columns.empty() ? 0 : values.size() / columns.size(); }
};

struct Result {
    std::string scenario;
    std::uint64_t seed = 0;
    std::chrono::sys_seconds start{};  ///< The scenario's time zero.
    des::Duration simulated{};
    des::Duration measured{};  ///< Without the warm-up: what requests, tasks and instances are counted over.
    bool complete = true;      ///< False when the run was interrupted.

    std::vector<ServiceResult> services;
    std::vector<SourceResult> sources;
    std::vector<GroupResult> groups;
    std::vector<TaskRunResult> task_runs;
    std::vector<CostItem> cost_items;
    std::vector<ObjectiveResult> objectives;
    std::vector<EventRow> events;  ///< Empty if they were not to be kept.
    TimeSeries minutes;
    std::vector<ScalingExplanation> explanations;  ///< Those asked for, like the next two.
    std::vector<ServiceExplanation> service_explanations;
    std::vector<TaskExplanation> task_explanations;
    std::vector<std::string> assumptions;

    std::uint64_t kernel_events = 0;
    std::uint64_t digest = 0;  ///< Fingerprint of every decision and outcome in event order.
};

}  // namespace fleetsim::sim
