#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/placement/query.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/task_definitions.hpp>

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

void constrain_architecture(sim::TaskDefinition& task, const TaskNotes& notes) {
    if (!notes.architecture_at) return;
    const std::string expression = fmt::format("attribute:ecs.cpu-architecture == {}", architecture(task));
    task.shape.member_of.push_back(*placement::parse_query(expression).query);
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

/// Tasks on instances go to those of the architecture that they name, by a constraint after all that the file has. This
/// comes once every task is read: a deployment's has the constraints of its service, and perhaps another architecture.
///
/// Source: Amazon ECS API Reference, "RuntimePlatform".
void constrain_architectures(Reading& reading) {
    sim::Scenario& scenario = reading.scenario;
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        const ServiceNotes& notes = reading.service_notes[declared.id];
        if (!notes.on_fargate) constrain_architecture(scenario.services[declared.id].task, notes.task);
    }
    for (std::size_t i = 0; i < reading.deployment_notes.size(); ++i) {
        sim::Deployment& deployment = scenario.deployments[i];
        if (!deployment.task || reading.service_notes[deployment.service].on_fargate) continue;
        constrain_architecture(*deployment.task, reading.deployment_notes[i].task);
    }
    for (std::size_t i = 0; i < reading.task_run_notes.size(); ++i) {
        const TaskRunNotes& notes = reading.task_run_notes[i];
        if (!notes.on_fargate) constrain_architecture(scenario.task_runs[i].task, notes.task);
    }
}

}  // namespace fleetsim::scenario
