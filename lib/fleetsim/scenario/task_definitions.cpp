#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/ecs/container_order.hpp>
#include <fleetsim/ecs/task_definition.hpp>
#include <fleetsim/ecs/task_problems.hpp>
#include <fleetsim/scenario/containers.hpp>
#include <fleetsim/scenario/distributions.hpp>
#include <fleetsim/scenario/task_definitions.hpp>
#include <fleetsim/scenario/task_shape.hpp>

namespace fleetsim::scenario {

namespace {

/// Keys of a task that does not name its containers.
constexpr std::array<std::string_view, 4> keys_of_one_container{"image", "gpu", "host_ports", "health_check"};

/// A task definition that is being read.
struct Draft {
    ecs::TaskDefinition definition;
    ReadContainers containers;  ///< Empty if the task does not name them.
    TaskShape shape;
    std::vector<ecs::ImageId> images;
    std::optional<des::Duration> stop_timeout;
    bool good = true;
    bool names_containers = false;
    std::string who;  ///< Of a deployment.
};

/// As the file spells it.
[[nodiscard]] std::string_view key_of(ecs::TaskField field) {
    switch (field) {
        case ecs::TaskField::containers: return "containers";
        case ecs::TaskField::network_mode: return "network_mode";
        case ecs::TaskField::name: return "name";
        case ecs::TaskField::cpu_units: return "cpu";
        case ecs::TaskField::memory_mib: return "memory";
        case ecs::TaskField::memory_reservation_mib: return "memory_reservation";
        case ecs::TaskField::gpus: return "gpu";
        case ecs::TaskField::essential: return "essential";
        case ecs::TaskField::port_mappings: return "port_mappings";
        case ecs::TaskField::depends_on: return "depends_on";
        case ecs::TaskField::health_check: return "health_check";
        case ecs::TaskField::start_timeout: return "start_timeout";
        case ecs::TaskField::stop_timeout: return "stop_timeout";
    }
    return "";
}

/// A task of one container, which has what the task has. On Fargate the task itself has it too.
void read_alone(Reading& reading, MapReader& map, const TaskSettings& settings, Draft& draft) {
    draft.shape = read_task_shape(map, settings.on_fargate ? NetworkMode::awsvpc : NetworkMode::bridge);
    draft.good = draft.shape.good;
    ecs::ContainerDefinition container;
    container.cpu_units = draft.shape.need[placement::cpu_units];
    container.memory_mib = draft.shape.need[placement::memory_mib];
    container.gpus = draft.shape.need[placement::gpus];
    draft.good = read_image_name(reading, map, draft.images) && draft.good;
    draft.good = read_container_health_check(map, container.health_check) && draft.good;
    draft.definition.network_mode = draft.shape.network_mode;
    if (settings.on_fargate) {
        draft.definition.cpu_units = container.cpu_units;
        draft.definition.memory_mib = container.memory_mib;
    }
    draft.definition.containers.push_back(std::move(container));
}

void read_with_containers(Reading& reading, MapReader& map, const Field& field, const TaskSettings& settings,
                          Draft& draft) {
    draft.names_containers = true;
    draft.definition.network_mode = settings.on_fargate ? NetworkMode::awsvpc : NetworkMode::bridge;
    draft.good = map.read("cpu", draft.definition.cpu_units, IntegerIn{1, most_cpu_units});
    draft.good = map.read("memory", draft.definition.memory_mib, SizeMib{}) && draft.good;
    draft.good = read_network_mode(map, draft.definition.network_mode) && draft.good;
    for (const std::string_view key : keys_of_one_container) {
        const std::string_view instead = key == "host_ports" ? "port_mappings" : key;
        map.refuse(key, fmt::format("{}: the task's containers say that", key),
                   fmt::format("give {} to one of the containers", instead));
    }
    draft.containers = read_containers(reading, field);
    draft.good = draft.containers.good && draft.good;
    draft.images = draft.containers.images;
    draft.definition.containers = draft.containers.definitions;
}

/// What applies to every kind of task.
void read_rest(MapReader& map, sim::TaskDefinition& task, Draft& draft) {
    constexpr std::array<std::string_view, 2> architectures{"X86_64", "ARM64"};
    draft.good = read_stop_timeout(map, draft.stop_timeout) && draft.good;
    for (ecs::ContainerDefinition& container : draft.definition.containers) {
        if (!container.stop_timeout) container.stop_timeout = draft.stop_timeout;
    }
    if (const auto field = map.find("exit_time")) {
        draft.good = read_distribution(map.diagnostics(), *field, task.exit_time) && draft.good;
    }
    draft.good = map.read("cpu_architecture", task.arm64, named<bool>(architectures)) && draft.good;
}

/// Reports what is wrong with the key's value, at a place within it. If that is the service's, which was good there, it
/// is the deployment's own fault.
void complain(MapReader& map, const Draft& draft, std::string_view key, Position at, const std::string& message,
              std::string hint = {}) {
    if (map.inherited(key)) {
        map.diagnostics().error(map.at(), fmt::format("{}: {}", draft.who, message), std::move(hint));
    } else {
        map.diagnostics().error(at, message, std::move(hint));
    }
}

/// Shows a problem of the definition where it is written.
void report(MapReader& map, Draft& draft, const ecs::TaskProblem& problem) {
    const std::string_view key = key_of(problem.field);
    const bool is_timeout =
        problem.field == ecs::TaskField::start_timeout || problem.field == ecs::TaskField::stop_timeout;
    if (!problem.container || !draft.names_containers) {
        complain(map, draft, key, map.place_of(key), fmt::format("{}: {}", key, problem.message));
        return;
    }
    const std::size_t i = *problem.container;
    MapReader& container = draft.containers.maps[i];
    Position at = container.place_of(key);
    if (problem.entry) at = draft.containers.place(i, key, *problem.entry);
    if (is_timeout && !container.has(key)) at = map.place_of(key);
    complain(map, draft, "containers", at,
             fmt::format("{}: {}{}", called("container", draft.definition.containers[i].name),
                         is_timeout ? fmt::format("{}: ", key) : "", problem.message));
}

/// Nobody can wait for the end of a container that runs on.
bool waits_for_an_end(MapReader& map, Draft& draft) {
    bool found = false;
    for (std::size_t i = 0; i < draft.definition.containers.size(); ++i) {
        const ecs::ContainerDefinition& container = draft.definition.containers[i];
        for (std::size_t entry = 0; entry < container.depends_on.size(); ++entry) {
            const ecs::ContainerDependency& wanted = container.depends_on[entry];
            const auto on = ecs::container_named(draft.definition, wanted.container_name);
            const bool waits = wanted.condition == ecs::DependencyCondition::complete ||
                               wanted.condition == ecs::DependencyCondition::success;
            if (!waits || draft.containers.times[*on].to_exit) continue;
            found = true;
            complain(map, draft, "containers", draft.containers.place(i, "depends_on", entry),
                     fmt::format("{} never ends, and {} waits for that", called("container", wanted.container_name),
                                 called("container", container.name)),
                     fmt::format("give {} a runs_for", in_quotes(wanted.container_name)));
        }
    }
    return found;
}

/// From the first container's start to the last one's. False when they never all start.
bool order_containers(MapReader& map, Draft& draft, des::Duration& takes) {
    if (!draft.names_containers) return true;
    if (waits_for_an_end(map, draft)) return false;
    const ecs::TaskStart start = ecs::start_of(draft.definition, draft.containers.times);
    if (start.running) {
        takes = *start.running;
        return true;
    }
    complain(map, draft, "containers", map.place_of("containers"),
             start.failed ? fmt::format("containers: after {} a start_timeout ends before what others wait for: "
                                        "no task ever runs",
                                        duration_text(*start.failed))
                          : "containers: they never all start");
    return false;
}

void reserve_ports(Draft& draft, Diagnostics& diagnostics) {
    for (std::size_t i = 0; i < draft.definition.containers.size(); ++i) {
        const auto& mappings = draft.definition.containers[i].port_mappings;
        for (std::size_t entry = 0; entry < mappings.size(); ++entry) {
            const auto port = ecs::static_host_port(draft.definition.network_mode, mappings[entry]);
            if (!port) continue;
            const auto protocol = port->udp ? placement::Protocol::udp : placement::Protocol::tcp;
            reserve_port(diagnostics, draft.containers.place(i, "port_mappings", entry), {port->number, protocol},
                         draft.shape);
        }
    }
}

/// Everything that ECS would refuse. False when there is something.
bool check(MapReader& map, const TaskSettings& settings, Draft& draft) {
    std::vector<ecs::TaskProblem> problems;
    if (draft.names_containers) problems = ecs::problems(draft.definition);
    if (settings.on_fargate) {
        for (ecs::TaskProblem& problem : ecs::fargate_problems(draft.definition)) {
            problems.push_back(std::move(problem));
        }
    }
    for (const ecs::TaskProblem& problem : problems) report(map, draft, problem);
    // The model asks for what utilisation can be measured by.
    if (problems.empty() && ecs::needs(draft.definition).cpu_units == 0) {
        complain(map, draft, "containers", map.place_of("containers"),
                 "containers: neither they nor the task have any cpu");
        return false;
    }
    return problems.empty();
}

/// Medians and 95th percentiles follow published measurements.
void set_times(sim::TaskDefinition& task, const TaskSettings& settings) {
    task.on_instance = {task.awsvpc ? des::lognormal_median_quantile(4.5, 0.95, 9) : des::Distribution{},
                        des::lognormal_median_quantile(1.5, 0.95, 4)};
    // What is measured includes the pull of a usual image.
    task.on_fargate = {des::lognormal_median_quantile(14, 0.95, 30), task.images.empty()
                                                                         ? des::lognormal_median_quantile(8, 0.95, 20)
                                                                         : des::lognormal_median_quantile(2, 0.95, 4)};
    if (!settings.start_time) return;
    task.on_instance.starting = *settings.start_time;
    task.on_fargate.starting = *settings.start_time;
}

/// How long a task takes to stop none of whose containers exits before its stop timeout. Those that end by themselves
/// are taken to have ended: a model decision.
[[nodiscard]] des::Duration longest_stop(const Draft& draft) {
    std::vector<std::optional<des::Duration>> to_exit;
    for (const ecs::ContainerDefinition& container : draft.definition.containers) {
        to_exit.emplace_back(container.stop_timeout.value_or(ecs::default_stop_timeout));
    }
    for (std::size_t i = 0; i < draft.containers.times.size(); ++i) {
        if (draft.containers.times[i].to_exit) to_exit[i].reset();
    }
    return ecs::stop_of(draft.definition, to_exit).total;
}

/// The definition as the engine has it.
void accept(Draft& draft, sim::TaskDefinition& task, bool known) {
    const ecs::TaskNeeds needs = ecs::needs(draft.definition);
    task.shape.task = placement::resources({needs.cpu_units, needs.memory_mib, needs.gpus, needs.eni_slots});
    task.awsvpc = draft.definition.network_mode == NetworkMode::awsvpc;
    task.images = std::move(draft.images);
    task.shape.host_ports = std::move(draft.shape.host_ports);
    if (known) task.stop_timeout = longest_stop(draft);
    for (const ecs::ContainerDefinition& container : draft.definition.containers) {
        if (container.essential && !task.health_check) task.health_check = container.health_check;
    }
}

/// Nothing of the definition that was here before: only what decides where a task may go.
void forget(sim::TaskDefinition& task) {
    placement::Shape shape = std::move(task.shape);
    shape.task = placement::Resources::Zero();
    shape.host_ports.clear();
    task = {};
    task.shape = std::move(shape);
}

void inherit(MapReader& map, const Field& from) {
    const MapReader base(map.diagnostics(), from);
    const std::span<const std::string_view> all(keys_of_one_container);
    map.inherit(base, map.has("containers") ? all : all.first(0));
}

}  // namespace

std::string_view architecture(const sim::TaskDefinition& task) { return task.arm64 ? "arm64" : "x86_64"; }

void read_task_definition(Reading& reading, sim::TaskDefinition& task, TaskNotes& notes, const Field& field,
                          const TaskSettings& settings) {
    forget(task);
    notes.known = false;
    notes.field = field;
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    if (settings.base) inherit(map, *settings.base);
    Draft draft;
    draft.who = settings.who;
    if (const auto containers = map.find("containers")) {
        read_with_containers(reading, map, *containers, settings, draft);
    } else {
        read_alone(reading, map, settings, draft);
    }
    read_rest(map, task, draft);
    map.finish();
    notes.cpu_at = map.place_of("cpu");
    notes.memory_at = map.place_of("memory");
    notes.gpu_at = map.place_of("gpu");
    notes.network_at = map.place_of("network_mode");
    if (map.has("cpu_architecture")) notes.architecture_at = map.place_of("cpu_architecture");
    // What is wrong with the base has been told.
    draft.good = draft.good && settings.base_known;
    notes.known = draft.good && check(map, settings, draft) && order_containers(map, draft, task.container_order);
    if (notes.known) reserve_ports(draft, reading.diagnostics);
    notes.host_ports_at = std::move(draft.shape.host_ports_at);
    notes.network_mode = draft.definition.network_mode;
    for (const ecs::ContainerDefinition& container : draft.definition.containers) {
        notes.port_mappings.insert(notes.port_mappings.end(), container.port_mappings.begin(),
                                   container.port_mappings.end());
    }
    accept(draft, task, notes.known);
    set_times(task, settings);
}

std::string name_of(const Reading& reading, const sim::Deployment& deployment) {
    return fmt::format("the deployment at {} of {}", duration_text(deployment.at.time_since_epoch()),
                       called("service", reading.scenario.services[deployment.service].name));
}

void read_failures(Reading& reading, sim::TaskFailures& fails, MapReader& map) {
    const auto field = map.find("fails");
    if (!field) return;
    if (field->value.node->kind != Node::Kind::mapping) {
        static_cast<void>(read_field(reading.diagnostics, *field, fails.probability, parse_share));
        return;
    }
    MapReader settings(reading.diagnostics, *field);
    settings.require("probability", fails.probability, parse_share);
    settings.read("how", fails.how, named<sim::TaskFailure>(sim::task_failure_names));
    settings.finish();
}

}  // namespace fleetsim::scenario
