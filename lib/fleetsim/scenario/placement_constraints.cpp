#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/placement/query.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/task_definitions.hpp>
#include <fleetsim/scenario/task_places.hpp>

namespace fleetsim::scenario {

namespace {

/// Source: Amazon ECS API Reference, CreateService: ten constraints a service at most, those of its task definition
/// included.
constexpr std::size_t most_constraints = 10;

enum class ConstraintType : std::uint8_t { distinct_instance, member_of };

constexpr std::array<std::string_view, 2> constraint_types{"distinctInstance", "memberOf"};

[[nodiscard]] std::optional<ConstraintType> constraint_type(std::string_view text) {
    if (text == "distinctInstance") return ConstraintType::distinct_instance;
    return text == "memberOf" ? std::optional(ConstraintType::member_of) : std::nullopt;
}

void read_expression(Reading& reading, placement::Shape& shape, TaskNotes& notes, const Field& field) {
    if (!is_scalar(reading.diagnostics, field, "an expression such as attribute:stack == blue")) return;
    placement::ParsedQuery parsed = placement::parse_query(field.text());
    for (placement::QueryError& error : parsed.errors) {
        error_within(reading.diagnostics, field, error.column - 1, error.message, std::move(error.hint));
    }
    if (!parsed.query) return;
    shape.member_of.push_back(std::move(*parsed.query));
    notes.expressions.push_back(field);
}

void read_constraint(Reading& reading, placement::Shape& shape, TaskNotes& notes, const Field& item) {
    auto type = ConstraintType::distinct_instance;
    const auto parse = one_of<ConstraintType>(constraint_types, constraint_type);
    if (item.value.node->kind != Node::Kind::mapping) {
        if (!read_field(reading.diagnostics, item, type, parse)) return;
        if (type == ConstraintType::member_of) {
            reading.diagnostics.error(item.at(), "memberOf needs an expression",
                                      "write {type: memberOf, expression: attribute:ecs.instance-type == t3.small}");
            return;
        }
        shape.distinct_instance = true;
        return;
    }
    MapReader map(reading.diagnostics, item);
    const bool type_known = map.require("type", type, parse);
    const auto expression = map.find("expression");
    if (type_known && type == ConstraintType::distinct_instance) {
        shape.distinct_instance = true;
        if (expression) {
            reading.diagnostics.error(expression->key_at, "expression: distinctInstance takes none", "memberOf does");
        }
    } else if (type_known && map.require("expression")) {
        read_expression(reading, shape, notes, *expression);
    }
    map.finish();
}

/// Adds a constraint that the file does not write as one; its position among the task's.
[[nodiscard]] std::size_t constrain(sim::TaskDefinition& task, std::string_view expression) {
    task.shape.member_of.push_back(*placement::parse_query(expression).query);
    return task.shape.member_of.size() - 1;
}

/// The zones' names in a query's form, as they are sorted.
[[nodiscard]] std::string zones_text(const Reading& reading, const VpcPlace& place) {
    std::vector<std::string> zones = zones_of(reading, place);
    std::sort(zones.begin(), zones.end());
    return fmt::format("{}", fmt::join(zones, ", "));
}

/// Source: Amazon ECS API Reference, "RuntimePlatform"; Amazon ECS Developer Guide, "Allocate a network interface for
/// an Amazon ECS task": it is in the zone of its instance.
void constrain_task(const Reading& reading, sim::TaskDefinition& task, TaskNotes& notes, const TaskNetwork& network) {
    if (notes.architecture_at) {
        notes.of_architecture =
            constrain(task, fmt::format("attribute:ecs.cpu-architecture == {}", architecture(task)));
    }
    if (task.awsvpc && network.place.known && reading.region_known) {
        notes.of_subnets =
            constrain(task, fmt::format("attribute:ecs.availability-zone in [{}]", zones_text(reading, network.place)));
    }
}

}  // namespace

void read_constraints(Reading& reading, placement::Shape& shape, TaskNotes& notes, MapReader& map) {
    const auto constraints = map.list("placement_constraints");
    if (constraints.size() > most_constraints) {
        reading.diagnostics.error(constraints[most_constraints].at(),
                                  fmt::format("placement_constraints: at most {} constraints, found {}",
                                              most_constraints, constraints.size()));
    }
    for (std::size_t i = 0; i < std::min(constraints.size(), most_constraints); ++i) {
        read_constraint(reading, shape, notes, constraints[i]);
    }
}

/// Tasks on instances go to those of the architecture that they name, and in `awsvpc` mode to those in the zones of
/// their subnets, by constraints beside all that the file has. This comes once every task is read: a deployment's has
/// the constraints of its service, and perhaps another architecture or network mode.
void constrain_tasks(Reading& reading) {
    sim::Scenario& scenario = reading.scenario;
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        ServiceNotes& notes = reading.service_notes[declared.id];
        if (notes.on_fargate) continue;
        constrain_task(reading, scenario.services[declared.id].task, notes.task, notes.network);
    }
    for (std::size_t i = 0; i < reading.deployment_notes.size(); ++i) {
        sim::Deployment& deployment = scenario.deployments[i];
        const ServiceNotes& of_service = reading.service_notes[deployment.service];
        if (!deployment.task || of_service.on_fargate) continue;
        constrain_task(reading, *deployment.task, reading.deployment_notes[i].task, of_service.network);
    }
    for (std::size_t i = 0; i < reading.task_run_notes.size(); ++i) {
        TaskRunNotes& notes = reading.task_run_notes[i];
        if (!notes.on_fargate) constrain_task(reading, scenario.task_runs[i].task, notes.task, notes.network);
    }
}

}  // namespace fleetsim::scenario
