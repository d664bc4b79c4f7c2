#include <algorithm>
#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include <fleetsim/ecs/provisioning.hpp>
#include <fleetsim/sim/task_explanations.hpp>

/// What a task is doing at an instant, and why.
namespace fleetsim::sim {

using des::Time;
using ecs::TaskState;
using routing::TargetState;

namespace {

std::string seconds_text(des::Duration duration) {
    return fmt::format("{} s", std::chrono::ceil<std::chrono::seconds>(duration).count());
}

/// `256 CPU units, 512 MiB of memory, host port 80`
std::string need_text(const placement::Shape& shape) {
    std::string text = fmt::format("{} CPU units, {} MiB of memory", shape.task[placement::cpu_units],
                                   shape.task[placement::memory_mib]);
    const std::int32_t gpus = shape.task[placement::gpus];
    if (gpus > 0) text += fmt::format(", {} {}", gpus, gpus == 1 ? "GPU" : "GPUs");
    if (shape.task[placement::eni_slots] > 0) text += ", a network interface";
    for (const placement::HostPort& port : shape.host_ports) text += fmt::format(", host port {}", port.number);
    if (shape.distinct_instance) text += ", distinctInstance";
    for (const placement::Query& query : shape.member_of) text += ", memberOf " + query.text();
    return text;
}

bool is_state_row(const EventRow& row, const TaskExplanation& told) {
    return row.subject == told.task && row.resource == told.resource && row.event.starts_with("task_");
}

/// Since when it is in its state, and if it is leaving, why it left.
void read_rows(const std::vector<EventRow>& rows, TaskExplanation& told) {
    bool in_state = false;
    const bool is_leaving = told.why.empty() && !told.waits;
    for (const EventRow& row : rows) {
        if (row.at > told.at) return;
        if (!is_state_row(row, told)) continue;
        if (row.to == told.state && !in_state) told.since = row.at;
        in_state = row.to == told.state;
        const bool leaves = std::any_of(ecs::task_state_names.begin() + 4, ecs::task_state_names.end(),
                                        [&row](std::string_view name) { return row.to == name; });
        if (is_leaving && leaves && told.why.empty()) told.why = row.reason;
    }
}

}  // namespace

TaskExplanations::TaskExplanations(const Fleet& fleet, const DataPlane& data_plane, const ScalingLoops& loops,
                                   const RunOptions& options)
    : fleet_{fleet}, data_plane_{data_plane}, loops_{loops}, tasks_asked_for_(options.explain_tasks) {
    for (const ExplainRequest& request : options.explain) {
        if (std::holds_alternative<ServiceId>(request.resource)) services_asked_for_.push_back(request);
    }
}

/// Last of all that happens at the instant.
void TaskExplanations::start() {
    std::uint32_t number = 0;
    const auto schedule = [&](Time at) {
        fleet_.kernel.schedule(at, des::Phase::measure, Event{event::ExplainDue{number++}});
    };
    for (const ExplainTaskRequest& request : tasks_asked_for_) schedule(request.at);
    for (const ExplainRequest& request : services_asked_for_) schedule(request.at);
}

void TaskExplanations::handle(event::ExplainDue due) {
    if (due.request < tasks_asked_for_.size()) {
        tasks_.push_back(explain(tasks_asked_for_[due.request]));
    } else {
        const ExplainRequest& request = services_asked_for_[due.request - tasks_asked_for_.size()];
        services_.push_back(explain(std::get<ServiceId>(request.resource)));
    }
}

void TaskExplanations::report(Result& result) {
    for (TaskExplanation& told : tasks_) {
        if (!told.state.empty()) read_rows(result.events, told);
        const auto later = std::find_if(fleet_.tasks.begin(), fleet_.tasks.end(), [&told](const Task& task) {
            return task.name == told.task && task.created_at > told.at;
        });
        if (told.state.empty() && later != fleet_.tasks.end()) told.created_later = later->created_at;
    }
    // Questions are no part of what is simulated.
    result.kernel_events -= tasks_.size() + services_.size();
    result.task_explanations = std::move(tasks_);
    result.service_explanations = std::move(services_);
}

TaskGroupId TaskExplanations::group_of(const ExplainTaskRequest& request) const {
    if (const auto* service = std::get_if<ServiceId>(&request.of)) return TaskGroupId{service->value};
    return fleet_.group_of_run(std::get<std::uint32_t>(request.of));
}

TaskId TaskExplanations::find(TaskGroupId group, std::uint64_t number) const {
    for (const TaskId id : des::ids_of(fleet_.tasks)) {
        if (fleet_.tasks[id].group == group && fleet_.tasks[id].number == number) return id;
    }
    return TaskId::none();
}

TaskExplanation TaskExplanations::explain(const ExplainTaskRequest& request) const {
    const TaskGroupId group = group_of(request);
    TaskExplanation told{.at = fleet_.now(),
                         .task = fmt::format("{}/{}", fleet_.task_groups[group].name, request.number),
                         .resource = fleet_.task_groups[group].resource};
    const TaskId id = find(group, request.number);
    if (!id.exists()) {
        tell_others(told, group);
        return told;
    }
    const Task& task = fleet_.tasks[id];
    told.state = ecs::name(task.state);
    told.waits = task.state == TaskState::provisioning && !task.is_placed();
    told.why = told.waits ? why_waiting(task) : why(id);
    told.facts = facts_of(id);
    if (!task.is_leaving() && !fleet_.is_daemon(task))
        told.place = next_place(group, *task.definition, task.shape, task.provider);
    return told;
}

void TaskExplanations::tell_others(TaskExplanation& told, TaskGroupId group) const {
    told.created = fleet_.task_groups[group].created;
    for (const Task& task : fleet_.tasks) {
        if (task.group == group && task.state != TaskState::stopped) told.others.push_back(task.name);
    }
}

TaskExplanations::Facts TaskExplanations::facts_of(TaskId id) const {
    const Task& task = fleet_.tasks[id];
    const ClusterId cluster = fleet_.task_groups[task.group].cluster;
    Facts facts{{"needs", need_text(task.definition->shape)}};
    if (task.service.exists()) {
        const std::int32_t primary = fleet_.services[task.service].deployment();
        const bool replaced = task.deployment != primary;
        facts.emplace_back("deployment", replaced ? fmt::format("{}, replaced by {}", task.deployment, primary)
                                                  : std::to_string(task.deployment));
    }
    if (task.provider == no_provider) {
        facts.emplace_back("launch type", "EC2: no capacity provider adds instances for it");
    } else if (task.provider != any_provider) {
        facts.emplace_back("capacity provider",
                           fleet_.scenario.clusters[cluster].capacity_providers[task.provider].name);
    }
    if (task.instance.exists()) {
        const Instance& instance = fleet_.instances[task.instance];
        facts.emplace_back("instance", fmt::format("{}, {}", instance.name, fleet_.option_of(instance).type.name));
        if (instance.unreachable_since) {
            facts.emplace_back("its instance",
                               "does not answer for " + seconds_text(fleet_.now() - *instance.unreachable_since));
        }
    }
    if (task.is_placed()) facts.emplace_back("zone", fleet_.scenario.zones[task.zone]);
    facts.emplace_back("created", seconds_text(fleet_.now() - task.created_at) + " ago");
    if (!task.is_placed() && task.state == TaskState::provisioning) add_waiting(facts, task);
    if (task.state == TaskState::running) add_health(facts, id);
    return facts;
}

void TaskExplanations::add_waiting(Facts& facts, const Task& task) const {
    const TaskGroup& group = fleet_.task_groups[task.group];
    for (const WaitingLine& line : fleet_.clusters[group.cluster].lines) {
        if (line.group != task.group || line.shape != task.shape || line.provider != task.provider) continue;
        const auto before = std::count_if(line.tasks.begin(), line.tasks.end(),
                                          [&](TaskId other) { return fleet_.tasks[other].number < task.number; });
        facts.emplace_back("place in line", fmt::format("{} of {} alike", before + 1, line.tasks.size()));
    }
    if (fleet_.now() < group.next_attempt) facts.emplace_back("restart throttle", throttle_text(group));
    if (fleet_.scales(group.cluster, task.provider)) {
        facts.emplace_back("given up", "in " + seconds_text(ecs::given_up_at(task.created_at) - fleet_.now()));
    }
}

void TaskExplanations::add_health(Facts& facts, TaskId id) const {
    const Task& task = fleet_.tasks[id];
    if (!task.service.exists()) return;
    const auto state_name = [](TargetState s) { return routing::target_state_names[static_cast<std::size_t>(s)]; };
    facts.emplace_back("health", task.healthy ? "healthy" : is_unhealthy(id) ? "unhealthy" : "not known yet");
    for (const TargetGroupId group : target_groups_of(task)) {
        facts.emplace_back("target group " + name_of(group), state_name(data_plane_.target_state(group, id)));
    }
    if (task.definition->health_check) {
        facts.emplace_back("container health",
                           ecs::container_health_names[static_cast<std::size_t>(task.container_health)]);
    }
    const Time grace_over = task.running_since + fleet_.scenario.services[task.service].health_check_grace_period;
    if (fleet_.now() < grace_over) facts.emplace_back("health check grace period", left_text(grace_over));
    if (task.protected_until && fleet_.now() < *task.protected_until) {
        facts.emplace_back("protected from scale-in", left_text(*task.protected_until));
    }
}

/// Of one that is leaving, the rows tell; of one that runs and that nobody checks, there is nothing to say.
std::string TaskExplanations::why(TaskId id) const {
    const Task& task = fleet_.tasks[id];
    const std::size_t images = task.definition->images.size();
    switch (task.state) {
        case TaskState::provisioning:
            return task.on_fargate() ? "its network interface and its virtual machine are being set up"
                                     : "its network interface is being attached";
        case TaskState::pending:
            if (task.pull_failed) return "the registry does not answer";
            if (task.pulling > 0) return fmt::format("{} of {} images still to be pulled", task.pulling, images);
            if (task.on_fargate() && images > 0) return "its images are being pulled and its containers started";
            return "its containers are being started";
        case TaskState::activating: return "it is being registered with its target groups";
        case TaskState::running: return task.healthy ? "healthy" : why_not_healthy(id);
        case TaskState::deactivating:
        case TaskState::stopping:
        case TaskState::deprovisioning:
        case TaskState::stopped: break;
    }
    return {};
}

/// What keeps it from being tried at all; empty if it is refused.
std::string TaskExplanations::why_waiting(const Task& task) const {
    const TaskGroup& group = fleet_.task_groups[task.group];
    if (fleet_.now() < group.next_attempt) return "the restart throttle has " + throttle_text(group);
    if (!fleet_.is_fargate(group.cluster, task.provider)) return {};
    const bool spot =
        fleet_.scenario.clusters[group.cluster].capacity_providers[task.provider].kind == ProviderKind::fargate_spot;
    if (fleet_.fargate_buckets[spot ? 1 : 0].available(fleet_.now()) > 0) return {};
    return "the account's rate of launches on Fargate is used up";
}

std::string TaskExplanations::why_not_healthy(TaskId id) const {
    const Task& task = fleet_.tasks[id];
    std::string text;
    const auto add = [&text](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
    for (const TargetGroupId group : target_groups_of(task)) {
        const TargetState state = data_plane_.target_state(group, id);
        if (state == TargetState::unhealthy) add(fmt::format("target group {} finds it unhealthy", name_of(group)));
        if (state == TargetState::initial) add(fmt::format("target group {} has no verdict yet", name_of(group)));
    }
    if (task.definition->health_check && task.container_health != ecs::ContainerHealth::healthy) {
        const bool unknown = task.container_health == ecs::ContainerHealth::unknown;
        add(unknown ? "its container's health check has no verdict yet" : "its container fails its health check");
    }
    if (fleet_.now() < task.answering_from && task.answering_from < des::latest_time) {
        add("its application boots, " + left_text(task.answering_from));
    }
    const Time grace_over = task.service.exists()
                                ? task.running_since + fleet_.scenario.services[task.service].health_check_grace_period
                                : Time{};
    if (is_unhealthy(id) && fleet_.now() < grace_over) add("and its grace period has " + left_text(grace_over));
    return text;
}

bool TaskExplanations::is_unhealthy(TaskId id) const {
    const Task& task = fleet_.tasks[id];
    const auto& groups = target_groups_of(task);
    return task.container_health == ecs::ContainerHealth::unhealthy ||
           std::any_of(groups.begin(), groups.end(), [&](TargetGroupId group) {
               return data_plane_.target_state(group, id) == TargetState::unhealthy;
           });
}

const std::vector<TargetGroupId>& TaskExplanations::target_groups_of(const Task& task) const {
    static const std::vector<TargetGroupId> none;
    return task.service.exists() ? fleet_.services[task.service].target_groups : none;
}

std::string TaskExplanations::name_of(TargetGroupId id) const {
    const TargetGroup& group = fleet_.scenario.target_groups[id];
    return fmt::format("{}/{}", group.balancer.exists() ? fleet_.scenario.balancers[group.balancer].name : "direct",
                       fleet_.scenario.services[group.service].name);
}

}  // namespace fleetsim::sim
