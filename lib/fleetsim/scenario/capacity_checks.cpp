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

/// What the task needs of the resource beyond what the instance type registers.
[[nodiscard]] std::int32_t shortage(const ReadTask& read, const sim::InstanceOption& option,
                                    placement::Resource resource) {
    return read.task->shape.task[resource] - option.registered[resource];
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

/// Does the deployment's task run where its service's does?
[[nodiscard]] bool has_architecture_of_service(const ReadTask& read) {
    return read.of_service != nullptr && read.of_service->arm64 == read.task->arm64 &&
           read.of_service_notes->architecture_at.has_value() == read.notes->architecture_at.has_value();
}

void report_architecture(Reading& reading, const ReadTask& read) {
    if (has_architecture_of_service(read)) return;
    const std::string cluster = called("cluster", reading.scenario.clusters[read.cluster].name);
    reading.diagnostics.error(
        *read.notes->architecture_at,
        fmt::format("a task of {} fits no instance: it needs {}, and all instance types of {} are {}", read.who,
                    architecture(*read.task), read.strategy->empty() ? cluster : "its capacity providers",
                    read.task->arm64 ? "x86_64" : "arm64"));
}

/// The largest part of its need of some resource that the task misses on the type.
[[nodiscard]] double worst_shortage(const ReadTask& read, const sim::InstanceOption& option) {
    double worst = 0;
    for (const ResourceWords& words : resource_words) {
        const std::int32_t need = read.task->shape.task[words.resource];
        if (need > 0) worst = std::max(worst, static_cast<double>(shortage(read, option, words.resource)) / need);
    }
    return worst;
}

/// The type on which the task misses least, and what: `c5.xlarge comes closest, 164 MiB short`.
[[nodiscard]] std::string closest(const ReadTask& read, const std::vector<const sim::InstanceOption*>& options) {
    const sim::InstanceOption& best = **std::min_element(
        options.begin(), options.end(),
        [&](const auto* a, const auto* b) { return worst_shortage(read, *a) < worst_shortage(read, *b); });
    std::vector<std::string> missing;
    for (const ResourceWords& words : resource_words) {
        const std::int32_t lack = shortage(read, best, words.resource);
        if (lack > 0) missing.push_back(amount(words, lack));
    }
    return fmt::format("{} comes closest, {} short", best.type.name, listed(missing, "and"));
}

/// Of a deployment: has its service's task this need too? That was told there.
[[nodiscard]] bool told_of_service(const ReadTask& read, placement::Resource resource) {
    return has_architecture_of_service(read) &&
           read.of_service->shape.task[resource] == read.task->shape.task[resource];
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
        if (told_of_service(read, words.resource)) continue;
        const std::string fact = offered == 0
                                     ? fmt::format("no {}instance of {} has any", kind, cluster)
                                     : fmt::format("{}, the largest {}of {}, registers {}: {} short",
                                                   largest->type.name, kind.empty() ? kind : kind + "one ", cluster,
                                                   amount(words, offered), amount(words, need - offered));
        reading.diagnostics.error(
            place(*read.notes, words.resource),
            fmt::format("a task of {} fits no instance: it needs {}, and {}", read.who, amount(words, need), fact));
    }
    const bool told = std::all_of(resource_words.begin(), resource_words.end(),
                                  [&](const ResourceWords& words) { return told_of_service(read, words.resource); });
    if (short_of_any || told) return;
    reading.diagnostics.error(read.notes->memory_at,
                              fmt::format("a task of {} fits no instance: {} has enough of each resource, but on no "
                                          "single {}instance type: {}",
                                          read.who, cluster, kind, closest(read, options)));
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
    if (read.of_service != nullptr) return;
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
        ReadTask read;
        read.who = std::move(who);
        read.cluster = where.cluster;
        read.strategy = &where.capacity_provider_strategy;
        read.task = &task;
        read.notes = &notes;
        tasks.push_back(std::move(read));
    };
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        const sim::Service& service = scenario.services[declared.id];
        add(called("service", service.name), service, service.task, reading.service_notes[declared.id].task);
    }
    for (std::size_t i = 0; i < reading.deployment_notes.size(); ++i) {
        const sim::Deployment& deployment = scenario.deployments[i];
        const sim::Service& service = scenario.services[deployment.service];
        if (!deployment.task || !service.cluster.exists()) continue;
        add(name_of(reading, deployment), service, *deployment.task, reading.deployment_notes[i].task);
        tasks.back().of_service = &service.task;
        tasks.back().of_service_notes = &reading.service_notes[deployment.service].task;
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
