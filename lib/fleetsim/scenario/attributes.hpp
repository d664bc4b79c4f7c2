#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>

#include <fleetsim/placement/query.hpp>
#include <fleetsim/sim/scenario.hpp>

/// The attributes of container instances, as far as they are known before the first one is launched.
namespace fleetsim::scenario {

/// Those of ECS's own attributes that the model's instances have.
inline constexpr std::array<std::string_view, 4> modelled_attributes{"ecs.availability-zone", "ecs.cpu-architecture",
                                                                     "ecs.instance-type", "ecs.os-type"};

/// An instance of the group in that zone, as it registers. Its id and the instant are anybody's guess.
[[nodiscard]] placement::InstanceFacts facts_of(const sim::AutoScalingGroup& group, const std::string& zone);

using AttributeNames = std::set<std::string, std::less<>>;

/// `did you mean attribute:ecs.availability-zone?` for `zone` or `ecs.availabilty-zone`. Empty when no name is near.
[[nodiscard]] std::string attribute_hint(std::string_view wanted, const AttributeNames& names);

}  // namespace fleetsim::scenario
