#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/ecs/capacity_provider_strategy.hpp>
#include <fleetsim/placement/place.hpp>
#include <fleetsim/sim/task_runs.hpp>

namespace fleetsim::sim {

using placement::Refusal;

namespace {

/// Why RunTask fails, in its own words.
///
/// Source: Amazon ECS Developer Guide, "API failure reasons".
std::string_view failure(Refusal why) {
    switch (why) {
        case Refusal::cpu: return "RESOURCE:CPU";
        case Refusal::memory: return "RESOURCE:MEMORY";
        case Refusal::gpu: return "RESOURCE:GPU";
        case Refusal::eni: return "RESOURCE:ENI";
        case Refusal::ports: return "RESOURCE:PORTS";
        case Refusal::member_of:
        case Refusal::distinct_instance:
        case Refusal::capacity_provider: return "ATTRIBUTE";
        case Refusal::not_accepting: return "AGENT";
    }
    return "";
}

/// Of all instances' reasons the most frequent; the first of equals.
std::string failure_text(const placement::Placement& placement) {
    const auto most = std::max_element(placement.refused.begin(), placement.refused.end());
    const std::string text = placement::refusal_text(placement);
    if (*most == 0) return text;
    return fmt::format("{}: {}", failure(static_cast<Refusal>(most - placement.refused.begin())), text);
}

}  // namespace

void TaskRuns::start() {
    for (std::uint32_t run = 0; run < fleet_.scenario.task_runs.size(); ++run) {
        schedule_next(run, fleet_.scenario.start - std::chrono::seconds{1});
    }
}

void TaskRuns::schedule_next(std::uint32_t run, std::chrono::sys_seconds after) {
    const auto next = fleet_.scenario.task_runs[run].schedule.next_after(after);
    if (!next) return;
    schedule_after(fleet_.kernel, *next - fleet_.scenario.start - fleet_.now().time_since_epoch(), des::Phase::decide,
                   Event{event::RunTaskDue{run, false}});
}

void TaskRuns::handle(event::RunTaskDue due) {
    if (!due.again) {
        schedule_next(
            due.run, fleet_.scenario.start + std::chrono::floor<std::chrono::seconds>(fleet_.now().time_since_epoch()));
    }
    const TaskRun& run = fleet_.scenario.task_runs[due.run];
    if (is_throttled(due, run)) return;
    std::vector<std::int32_t> started(run.capacity_provider_strategy.size(), 0);
    for (std::int32_t i = 0; i < run.count; ++i) run_one(fleet_.group_of_run(due.run), run, started);
}

/// A call too many is made again as soon as it may be. A strategy is of Fargate altogether or not at all.
///
/// Source: Amazon ECS Developer Guide, "AWS Fargate throttling quotas"; when EventBridge Scheduler tries again is a
/// model decision.
bool TaskRuns::is_throttled(event::RunTaskDue due, const TaskRun& run) {
    const auto& strategy = run.capacity_provider_strategy;
    if (strategy.empty() || !fleet_.is_fargate(run.cluster, strategy.front().provider)) return false;
    ecs::TokenBucket& calls = fleet_.fargate_run_task_calls;
    if (calls.available(fleet_.now()) > 0) {
        calls.take(fleet_.now(), 1);
        return false;
    }
    if (!due.again) told(fleet_.group_of_run(due.run), "run_task_throttled", "the account's rate of calls is used up");
    fleet_.kernel.schedule(calls.next_available(fleet_.now()), des::Phase::decide,
                           Event{event::RunTaskDue{due.run, true}});
    return true;
}

/// One task of a call, of which `started` tells how many each provider of the strategy has got so far. Without a
/// capacity provider that scales, a task that finds no place is not started, and nobody tries again.
///
/// Source: Amazon ECS API Reference, RunTask.
void TaskRuns::run_one(TaskGroupId id, const TaskRun& run, std::vector<std::int32_t>& started) {
    const TaskGroup& group = fleet_.task_groups[id];
    NewTask what{.definition = &run.task, .provider = fleet_.provider_without_strategy(id), .fails = run.fails};
    if (!run.capacity_provider_strategy.empty()) {
        const std::size_t next = ecs::next_provider(fleet_.shares_of(id), started);
        what.provider = run.capacity_provider_strategy[next].provider;
        ++started[next];
    }
    what.shape = group.shapes[std::min<std::size_t>(what.provider, group.shapes.size() - 1)];
    if (!fleet_.scales(group.cluster, what.provider)) {
        if (const auto refusal = tasks_.refusal(id, what)) {
            ++fleet_.task_groups[id].refused;
            return told(id, "run_task_failed", failure_text(*refusal));
        }
    }
    tasks_.place_now(tasks_.create(id, what));
}

void TaskRuns::report(Result& result) const {
    for (std::size_t run = 0; run < fleet_.scenario.task_runs.size(); ++run) {
        const TaskGroup& group = fleet_.task_groups[fleet_.group_of_run(run)];
        result.task_runs.push_back({group.name, group.created, group.refused, group.succeeded, group.failed});
    }
}

void TaskRuns::told(TaskGroupId id, std::string_view event, std::string reason) {
    fleet_.recorder.row({.at = fleet_.now(),
                         .event = event,
                         .resource = fleet_.task_groups[id].resource,
                         .subject = fleet_.task_groups[id].name,
                         .reason = std::move(reason)});
}

}  // namespace fleetsim::sim
