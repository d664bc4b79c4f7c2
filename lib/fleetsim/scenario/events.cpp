#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/task_definitions.hpp>

/// What somebody does while the scenario runs: deployments.
namespace fleetsim::scenario {

namespace {

/// In the VPC a network interface needs subnets, and only a service whose tasks always had interfaces names some.
void check_new_network(Reading& reading, const sim::Deployment& deployment, const DeploymentNotes& notes) {
    const TaskNotes& before = reading.service_notes[deployment.service].task;
    if (!reading.network.exists || !before.known || !notes.task.known || !deployment.task->awsvpc) return;
    if (before.network_mode == ecs::NetworkMode::awsvpc) return;
    reading.diagnostics.error(notes.task.network_at,
                              fmt::format("{}: network_mode: in awsvpc mode tasks need the key network_configuration, "
                                          "which the service has not",
                                          name_of(reading, deployment)),
                              "give its own task network_mode: awsvpc, or keep its network mode");
}

/// A revision of the service's task definition. Placement stays that of the service.
void read_new_task(Reading& reading, sim::Deployment& deployment, DeploymentNotes& notes, const Field& field) {
    const ServiceNotes& of_service = reading.service_notes[deployment.service];
    TaskSettings settings;
    settings.on_fargate = of_service.on_fargate;
    settings.start_time = of_service.start_time;
    settings.base = of_service.task.field;
    settings.base_known = of_service.task.known;
    settings.who = name_of(reading, deployment);
    deployment.task = reading.scenario.services[deployment.service].task;
    read_task_definition(reading, *deployment.task, notes.task, field, settings);
    check_new_network(reading, deployment, notes);
}

void read_deploy(Reading& reading, sim::Deployment& deployment, const Field& field) {
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    DeploymentNotes notes;
    const auto name = map.require("service");
    const auto service = name ? reading.service_names.resolve(reading.diagnostics, *name) : std::nullopt;
    const auto task = map.find("task");
    if (service) {
        deployment.service = *service;
        if (task) read_new_task(reading, deployment, notes, *task);
    }
    read_failures(reading, deployment.fails, map);
    if (map.has("fails")) notes.fails_at = map.place_of("fails");
    map.finish();
    if (!service) return;
    reading.scenario.deployments.push_back(std::move(deployment));
    reading.deployment_notes.push_back(std::move(notes));
}

void read_event(Reading& reading, const Field& item) {
    MapReader map(reading.diagnostics, item);
    if (!map.is_mapping()) return;
    sim::Deployment deployment;
    deployment.at = read_at(reading, map);
    const auto deploy = map.require("deploy");
    map.finish();
    if (deploy) read_deploy(reading, deployment, *deploy);
}

/// Services that some load balancer forwards to, once that is known of all load balancers.
[[nodiscard]] std::optional<std::set<sim::ServiceId>> behind_balancers(const Reading& reading) {
    for (const BalancerNotes& notes : reading.balancer_notes) {
        if (!notes.complete) return std::nullopt;
    }
    if (!reading.balancer_names.complete()) return std::nullopt;
    std::set<sim::ServiceId> behind;
    for (const sim::TargetGroup& group : reading.scenario.target_groups) {
        if (group.balancer.exists()) behind.insert(group.service);
    }
    return behind;
}

/// A failure that no check finds is none.
void check_noticed(Reading& reading, const sim::Deployment& deployment, const DeploymentNotes& notes) {
    if (!notes.fails_at || deployment.fails.how != sim::TaskFailure::never_healthy) return;
    const sim::Service& service = reading.scenario.services[deployment.service];
    const sim::TaskDefinition& task = deployment.task ? *deployment.task : service.task;
    if (task.health_check) return;
    reading.diagnostics.warning(*notes.fails_at,
                                fmt::format("never_healthy: nobody checks the health of the tasks of {}, so nobody "
                                            "notices",
                                            called("service", service.name)),
                                "give its task a health_check, or forward a load balancer to it");
}

}  // namespace

void read_events(Reading& reading, MapReader& top) {
    for (const Field& item : section_list(reading, top, "events")) read_event(reading, item);
}

void check_deployments(Reading& reading) {
    const auto behind = behind_balancers(reading);
    if (!behind) return;
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        const auto& at = reading.service_notes[declared.id].traffic_shift_at;
        if (!at || behind->contains(declared.id)) continue;
        const auto strategy = reading.scenario.services[declared.id].traffic_shift->strategy;
        reading.diagnostics.error(*at, fmt::format("strategy: {} shifts the traffic of a load balancer, and none "
                                                   "forwards to {}",
                                                   ecs::name(strategy), declared.field.name));
    }
    for (std::size_t i = 0; i < reading.deployment_notes.size(); ++i) {
        const sim::Deployment& deployment = reading.scenario.deployments[i];
        if (!behind->contains(deployment.service)) check_noticed(reading, deployment, reading.deployment_notes[i]);
    }
}

}  // namespace fleetsim::scenario
