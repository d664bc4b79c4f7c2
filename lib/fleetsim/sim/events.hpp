#pragma once

#include <cstdint>
#include <type_traits>
#include <variant>

#include <fleetsim/des/event_queue.hpp>
#include <fleetsim/des/slot_pool.hpp>
#include <fleetsim/routing/health_check.hpp>
#include <fleetsim/sim/ids.hpp>

namespace fleetsim::sim {

// A reference to a tenant that has left is recognised as stale and ignored, so nothing need be cancelled.
using RequestRef = des::SlotRef<struct RequestTag>;
using UserRef = des::SlotRef<struct UserTag>;

/// Everything that can happen. Small plain structs of ids; the data plane's come first, since they are nearly all.
namespace event {

struct WorkDone {
    RequestRef request;
};  ///< A worker finished its own work for the request.
struct Arrive {
    SourceId source;
};  ///< The next user of a traffic source.
struct Connect {
    RequestRef request;
    std::uint32_t attempt;
};  ///< Another SYN; past the last one the balancer gives up.
struct Retry {
    UserRef user;
};  ///< A client's back-off is over.
struct AnswersOverdue {
    TargetGroupId target_group;
};  ///< The oldest request may have met its idle timeout.
struct ClientsOverdue {
    SourceId source;
};  ///< The oldest attempt may have met its client's timeout.

struct TaskStep {
    TaskId task;
    std::uint32_t generation;
};  ///< The time of its present state is over.
struct TargetVerdict {
    TargetGroupId target_group;
    TaskId task;
    std::uint32_t generation;
    routing::TargetState state;
};
struct ContainerVerdict {
    TaskId task;
    std::uint32_t generation;
    bool healthy;
};
struct GraceOver {
    TaskId task;
};
struct FargateReclaimed {
    TaskId task;
};  ///< Two minutes after the warning.
struct PullsDone {
    InstanceId instance;
    std::uint32_t generation;
};  ///< The next of the instance's image pulls may be done.
struct Reconcile {
    ServiceId service;
};
struct PlacePending {
    ClusterId cluster;
};
struct InstanceRunning {
    InstanceId instance;
};
struct InstanceInService {
    InstanceId instance;
    std::uint32_t start;
};
struct InstanceRegistered {
    InstanceId instance;
};
struct HooksDone {
    InstanceId instance;
    std::uint32_t generation;
    bool proceed;
    bool timed_out;
};  ///< Its lifecycle hooks have been completed, or timed out.
struct InstanceDrained {
    InstanceId instance;
};  ///< The last task has left.
struct InstanceStopped {
    InstanceId instance;
};
struct InstanceTerminated {
    InstanceId instance;
};
struct SpotWave {
    SpotPoolId pool;
};  ///< EC2 takes back some of a pool's instances.
struct SpotNotice {
    InstanceId instance;
};  ///< Two minutes left.
struct SpotInterrupted {
    InstanceId instance;
};
struct RefreshDue {
    GroupId group;
    std::uint32_t refresh;
};
struct DeploymentDue {
    std::uint32_t deployment;
};
struct ShiftDue {
    ServiceId service;
    std::int32_t deployment;
};  ///< The next of a deployment's steps from blue to green.
struct RunTaskDue {
    std::uint32_t run;
    bool again;  ///< The call was throttled before.
};
struct FaultDue {
    std::uint32_t fault;
};
struct FailureDue {
    std::uint32_t fault;
    std::uint32_t number;
    bool comes;
};  ///< The next failure of a fault that comes at a rate, or time to look at the rate again.
struct FaultOver {
    std::uint32_t fault;
};
struct OutageOver {
    ZoneId zone;
};
struct GroupActionDue {
    GroupId group;
    std::uint32_t action;
};
struct ServiceActionDue {
    ServiceId service;
    std::uint32_t action;
};
struct ForecastDue {
    GroupId group;
    std::uint32_t policy;
};  ///< Predictive scaling prepares for the next hour.
struct PublishMetric {
    MetricId metric;
};                             ///< A custom metric's period ends.
struct EvaluateFastAlarms {};  ///< Those with periods below a minute, between the whole minutes.
struct EvaluateAlarms {};
struct CloseMinute {};
struct ExplainDue {
    std::uint32_t request;
};  ///< Somebody asked for what is going on at this instant.
struct WarmupOver {};

}  // namespace event

using Event = std::variant<
    event::WorkDone, event::Arrive, event::Connect, event::Retry, event::AnswersOverdue, event::ClientsOverdue,
    event::TaskStep, event::TargetVerdict, event::ContainerVerdict, event::GraceOver, event::FargateReclaimed,
    event::PullsDone, event::Reconcile, event::PlacePending, event::InstanceRunning, event::InstanceInService,
    event::InstanceRegistered, event::HooksDone, event::InstanceDrained, event::InstanceStopped,
    event::InstanceTerminated, event::SpotWave, event::SpotNotice, event::SpotInterrupted, event::RefreshDue,
    event::DeploymentDue, event::ShiftDue, event::RunTaskDue, event::FaultDue, event::FailureDue, event::FaultOver,
    event::OutageOver, event::GroupActionDue, event::ServiceActionDue, event::ForecastDue, event::PublishMetric,
    event::EvaluateFastAlarms, event::EvaluateAlarms, event::CloseMinute, event::ExplainDue, event::WarmupOver>;

static_assert(std::is_trivially_copyable_v<Event> && sizeof(Event) <= 24);

using Kernel = des::EventQueue<Event>;

/// Schedules what a drawn duration decides. A heavy tail can reach past the kernel's clock; what lies there lies past
/// the end of every scenario too and never happens.
inline void schedule_after(Kernel& kernel, des::Duration delay, des::Phase phase, Event event) {
    if (delay <= des::latest_time - kernel.now()) kernel.schedule(kernel.now() + delay, phase, event);
}

}  // namespace fleetsim::sim
