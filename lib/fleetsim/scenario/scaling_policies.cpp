#include <array>
#include <cstddef>
#include <utility>

#include <fleetsim/scenario/policies.hpp>
#include <fleetsim/scenario/scaling_checks.hpp>

namespace fleetsim::scenario {

namespace {

/// Source: Amazon EC2 Auto Scaling User Guide, "Quotas for Auto Scaling resources and groups"; Application Auto Scaling
/// User Guide, "Quotas for Application Auto Scaling".
constexpr std::size_t most_policies = 50;

/// Reports more policies than AWS takes.
[[nodiscard]] bool may_be_so_many(Reading& reading, const Scaled& owner, const PolicyFields& fields) {
    std::size_t count = 0;
    for (const auto* field :
         {&fields.target_tracking, &fields.step_scaling, &fields.simple_scaling, &fields.predictive_scaling}) {
        if (*field) count += (*field)->value.node->items.size();
    }
    if (count <= most_policies) return true;
    reading.diagnostics.error(first_list(fields)->key_at, fmt::format("{}: at most {} scaling policies, found {}",
                                                                      called(reading, owner), most_policies, count));
    return false;
}

void read_policies(Reading& reading, sim::GroupId id) {
    const PolicyFields& fields = reading.group_notes[id].policies;
    sim::AutoScalingGroup& group = reading.scenario.groups[id];
    PolicyNames names("scaling policy");
    if (!may_be_so_many(reading, id, fields)) return;
    if (fields.target_tracking)
        group.target_tracking = read_target_tracking(reading, id, names, *fields.target_tracking);
    if (fields.step_scaling) {
        group.step_scaling = read_step_scaling(reading, id, names, *fields.step_scaling, group.target_tracking);
    }
    if (fields.simple_scaling) {
        group.simple_scaling = read_simple_scaling(reading, names, *fields.simple_scaling, group.target_tracking);
    }
    if (fields.predictive_scaling) {
        group.predictive_scaling = read_predictive_scaling(reading, id, names, *fields.predictive_scaling);
    }
    if (fields.scheduled_actions) {
        group.scheduled_actions = read_group_actions(reading, group, *fields.scheduled_actions);
    }
}

/// Policies are read, and found fault with, even where the bounds are wrong.
void read_policies(Reading& reading, sim::ServiceId id) {
    const PolicyFields& fields = reading.service_notes[id].policies;
    sim::ServiceAutoscaling autoscaling = reading.scenario.services[id].autoscaling.value_or(sim::ServiceAutoscaling{});
    PolicyNames names("scaling policy");
    if (!may_be_so_many(reading, id, fields)) return;
    if (fields.target_tracking) {
        autoscaling.target_tracking = read_target_tracking(reading, id, names, *fields.target_tracking);
    }
    if (fields.step_scaling) {
        autoscaling.step_scaling =
            read_step_scaling(reading, id, names, *fields.step_scaling, autoscaling.target_tracking);
    }
    if (fields.scheduled_actions) {
        autoscaling.scheduled_actions = read_service_actions(reading, autoscaling, *fields.scheduled_actions);
    }
    if (reading.scenario.services[id].autoscaling) reading.scenario.services[id].autoscaling = std::move(autoscaling);
}

}  // namespace

std::string called(const Reading& reading, const Scaled& owner) {
    if (const auto* group = std::get_if<sim::GroupId>(&owner)) {
        return called("Auto Scaling group", reading.scenario.groups[*group].name);
    }
    return called("service", reading.scenario.services[std::get<sim::ServiceId>(owner)].name);
}

std::string PolicyNames::read(MapReader& map, const std::string& otherwise) {
    std::string name;
    if (map.find("name")) {
        if (!map.read("name", name, Title{})) return {};
        if (!taken_.insert(name).second) {
            map.diagnostics().error(map.place_of("name"),
                                    fmt::format("another {} is called {}", kind_, in_quotes(name)));
        }
        return name;
    }
    name = otherwise;
    for (int number = 2; !taken_.insert(name).second; ++number) name = fmt::format("{} {}", otherwise, number);
    return name;
}

void read_group_policies(Reading& reading) {
    for (const Declared<sim::GroupId>& declared : reading.groups) read_policies(reading, declared.id);
}

void read_service_policies(Reading& reading) {
    for (const Declared<sim::ServiceId>& declared : reading.services) read_policies(reading, declared.id);
}

}  // namespace fleetsim::scenario
