#pragma once

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
[[nodiscard]] inline placement::InstanceFacts instance_facts(const AutoScalingGroup& group, const std::string& zone) {
    placement::InstanceFacts facts;
    facts.attributes = group.attributes;
    facts.attributes.emplace("ecs.availability-zone", zone);
    facts.attributes.emplace("ecs.cpu-architecture", group.type.architecture);
    facts.attributes.emplace("ecs.instance-type", group.type.name);
    facts.attributes.emplace("ecs.os-type", "linux");
    return facts;
}

}  // namespace fleetsim::sim
