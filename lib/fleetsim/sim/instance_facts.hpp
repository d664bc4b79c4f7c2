#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fleetsim/placement/query.hpp>
#include <fleetsim/sim/scenario.hpp>

namespace fleetsim::sim {

/// Those of ECS's own attributes that the model's instances have.
inline constexpr std::array<std::string_view, 4> modelled_attributes{"ecs.availability-zone", "ecs.cpu-architecture",
                                                                     "ecs.instance-type", "ecs.os-type"};

/// An instance of the group in that zone as it registers with ECS, but for its id and the instant.
[[nodiscard]] inline placement::InstanceFacts instance_facts(const AutoScalingGroup& group,
                                                             const cloud::InstanceType& type, const std::string& zone) {
    placement::InstanceFacts facts;
    facts.attributes = group.attributes;
    facts.attributes.emplace("ecs.availability-zone", zone);
    facts.attributes.emplace("ecs.cpu-architecture", type.architecture);
    facts.attributes.emplace("ecs.instance-type", type.name);
    facts.attributes.emplace("ecs.os-type", "linux");
    return facts;
}

/// May two instances of one group in one zone, or one instance at two times, be answered differently? A value in quotes
/// that names these words is taken for them, which only makes what follows more lenient.
[[nodiscard]] inline bool answer_varies(const placement::Query& query) {
    const std::string& text = query.text();
    return query.depends_on_tasks() || text.find("ec2InstanceId") != std::string::npos ||
           text.find("registeredAt") != std::string::npos;
}

/// Might such an instance be one that the constraint selects?
[[nodiscard]] inline bool may_match(const placement::Query& query, const placement::InstanceFacts& facts) {
    return answer_varies(query) || query.matches(facts);
}

/// Might an instance of that type, in one of the group's zones, be one that all of the shape's constraints select?
[[nodiscard]] inline bool may_select(const placement::Shape& shape, const AutoScalingGroup& group,
                                     const cloud::InstanceType& type, const des::Table<ZoneId, std::string>& zones) {
    const auto& constraints = shape.member_of;
    return std::any_of(group.zones.begin(), group.zones.end(), [&](ZoneId zone) {
        const placement::InstanceFacts facts = instance_facts(group, type, zones[zone]);
        return std::all_of(constraints.begin(), constraints.end(),
                           [&](const placement::Query& query) { return may_match(query, facts); });
    });
}

/// Could a task of the shape find a place on an empty instance of the group?
[[nodiscard]] inline bool could_place(const placement::Shape& shape, const AutoScalingGroup& group,
                                      const des::Table<ZoneId, std::string>& zones) {
    return std::any_of(group.options.begin(), group.options.end(), [&](const InstanceOption& option) {
        return placement::fits(shape.task, option.registered) && may_select(shape, group, option.type, zones);
    });
}

}  // namespace fleetsim::sim
