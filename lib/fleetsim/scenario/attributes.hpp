#pragma once

#include <set>
#include <string>
#include <string_view>

/// The attributes of container instances, as far as they are known before the first one is launched.
namespace fleetsim::scenario {

using AttributeNames = std::set<std::string, std::less<>>;

/// `did you mean attribute:ecs.availability-zone?` for `zone` or `ecs.availabilty-zone`. Empty when no name is near.
[[nodiscard]] std::string attribute_hint(std::string_view wanted, const AttributeNames& names);

}  // namespace fleetsim::scenario
