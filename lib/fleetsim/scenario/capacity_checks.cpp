#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/scenario/capacity_providers.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/task_definitions.hpp>

/// Is there an instance type that holds a task, wherever the file has one?
namespace fleetsim::scenario {

namespace {

struct ResourceWords {
    placement::Resource resource;
    std::string_view amount;  ///< With `{}` for the number.
};

constexpr std::array resource_words{
    ResourceWords{placement::cpu_units, "{} CPU units"},
    ResourceWords{placement::memory_mib, "{} MiB"},
    ResourceWords{placement::gpus, "{} GPUs"},
    ResourceWords{placement::eni_slots, "{} awsvpc network interfaces"},
};

[[nodiscard]] std::string amount(const ResourceWords& words, std::int32_t value) {
    std::string text = fmt::format(fmt::runtime(words.amount), value);
    if (value == 1 && text.ends_with('s')) text.pop_back();
    return text;
}

[[nodiscard]] Position place(const TaskNotes& notes, placement::Resource resource) {
    switch (resource) {
        case placement::cpu_units: return notes.cpu_at;
        case placement::gpus: return notes.gpu_at;
        case placement::eni_slots: return notes.network_at;
        default: return notes.memory_at;
    }
}

/// May the task run on the type at all? One that names no architecture may on any.
[[nodiscard]] bool suits(const ReadTask& read, const sim::InstanceOption& option) {
    return !read.notes->architecture_at || option.type.architecture == architecture(*read.task);
}

void report_architecture(Reading& reading, const ReadTask& read) {
    const std::string cluster = called("cluster", reading.scenario.clusters[read.cluster].name);
    reading.diagnostics.error(
        *read.notes->architecture_at,
        fmt::format("a task of {} fits no instance: it needs {}, and all instance types of {} are {}", read.who,
                    architecture(*read.task), read.strategy->empty() ? cluster : "its capacity providers",
                    read.task->arm64 ? "x86_64" : "arm64"));
}

/// Reports each resource that no group's instance has enough of; or, when each has it somewhere, that none has all.
void report_misfit(Reading& reading, const ReadTask& read, const std::vector<const sim::InstanceOption*>& options) {
    const std::string cluster = called("cluster", reading.scenario.clusters[read.cluster].name);
    const std::string kind = read.notes->architecture_at ? fmt::format("{} ", architecture(*read.task)) : "";
    bool short_of_any = false;
    for (const ResourceWords& words : resource_words) {
        const auto* const largest =
            *std::max_element(options.begin(), options.end(), [&](const auto* a, const auto* b) {
                return a->registered[words.resource] < b->registered[words.resource];
            });
        const std::int32_t need = read.task->shape.task[words.resource];
        const std::int32_t offered = largest->registered[words.resource];
        if (need <= offered) continue;
        short_of_any = true;
        const std::string fact =
            offered == 0 ? fmt::format("no {}instance of {} has any", kind, cluster)
                         : fmt::format("{}, the largest {}of {}, registers {}", largest->type.name,
                                       kind.empty() ? kind : kind + "one ", cluster, amount(words, offered));
        reading.diagnostics.error(
            place(*read.notes, words.resource),
            fmt::format("a task of {} fits no instance: it needs {}, and {}", read.who, amount(words, need), fact));
    }
    if (short_of_any) return;
    reading.diagnostics.error(read.notes->memory_at, fmt::format("a task of {} fits no instance: {} has enough of each "
                                                                 "resource, but on no single {}instance type",
                                                                 read.who, cluster, kind));
}

/// What holds for one task: does it need instances, and which may it have?
void check_fits(Reading& reading, const ReadTask& read) {
    const sim::Cluster& cluster = reading.scenario.clusters[read.cluster];
    std::vector<const sim::InstanceOption*> options;
    bool all_known = true;
    bool any = false;
    bool fits_one = false;
    for (std::size_t i = 0; i < cluster.capacity_providers.size(); ++i) {
        if (!may_use(cluster, *read.strategy, i)) continue;
        const sim::CapacityProvider& provider = cluster.capacity_providers[i];
        if (provider.is_fargate()) return;
        all_known = all_known && reading.group_notes[provider.group].registered_known;
        for (const sim::InstanceOption& option : reading.scenario.groups[provider.group].options) {
            any = true;
            if (!suits(read, option)) continue;
            options.push_back(&option);
            fits_one = fits_one || placement::fits(read.task->shape.task, option.registered);
        }
    }
    if (!all_known || fits_one) return;
    if (!options.empty()) return report_misfit(reading, read, options);
    if (any) return report_architecture(reading, read);
    reading.diagnostics.error(read.notes->field->key_at,
                              fmt::format("a task of {} needs a container instance, and {} has no Auto Scaling group",
                                          read.who, called("cluster", cluster.name)),
                              "launch_type: FARGATE, or a capacity_provider_strategy");
}

}  // namespace

std::vector<ReadTask> tasks_read(const Reading& reading) {
    const sim::Scenario& scenario = reading.scenario;
    std::vector<ReadTask> tasks;
    const auto add = [&](std::string who, const auto& where, const sim::TaskDefinition& task, const TaskNotes& notes) {
        if (!where.cluster.exists()) return;
        tasks.push_back({std::move(who), where.cluster, &where.capacity_provider_strategy, &task, &notes});
    };
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        const sim::Service& service = scenario.services[declared.id];
        add(called("service", service.name), service, service.task, reading.service_notes[declared.id].task);
    }
    for (std::size_t i = 0; i < reading.deployment_notes.size(); ++i) {
        const sim::Deployment& deployment = scenario.deployments[i];
        const sim::Service& service = scenario.services[deployment.service];
        if (!deployment.task) continue;
        add(name_of(reading, deployment), service, *deployment.task, reading.deployment_notes[i].task);
    }
    for (std::size_t i = 0; i < reading.task_run_notes.size(); ++i) {
        const sim::TaskRun& run = scenario.task_runs[i];
        add(called("scheduled task", run.name), run, run.task, reading.task_run_notes[i].task);
    }
    return tasks;
}

void check_capacity(Reading& reading) {
    for (const ReadTask& read : tasks_read(reading)) {
        if (read.notes->known && reading.cluster_notes[read.cluster].complete) check_fits(reading, read);
    }
}

}  // namespace fleetsim::scenario
