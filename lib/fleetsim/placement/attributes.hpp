#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace fleetsim::placement {

/// What a container instance says of itself: names and values. A name without a value has an empty one.
using Attributes = std::map<std::string, std::string, std::less<>>;

/// The attributes that ECS or its agent sets without being asked, in the order of their names: `ecs.awsvpc-trunk-id`,
/// `ecs.capability.external` and `ecs.outpost-arn` on some instances, the others on all. They are ordinary attributes
/// to a query.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS container instance attributes".
/// Left out: the many `ecs.capability.` and `com.amazonaws.ecs.capability.` attributes, which ECS matches by itself.
inline constexpr std::array<std::string_view, 11> automatic_attributes{
    "ecs.ami-id",           "ecs.availability-zone", "ecs.awsvpc-trunk-id", "ecs.capability.external",
    "ecs.cpu-architecture", "ecs.instance-type",     "ecs.os-family",       "ecs.os-type",
    "ecs.outpost-arn",      "ecs.subnet-id",         "ecs.vpc-id"};

inline constexpr std::size_t longest_attribute_name = 128;

[[nodiscard]] constexpr bool is_attribute_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '-' || letter == '_' || letter == '.' || letter == '/' || letter == '\\';
}

/// 1 to 128 letters, digits, `-`, `_`, `.`, `/` and `\`.
///
/// Source: Amazon ECS API Reference, "Attribute".
[[nodiscard]] constexpr bool is_attribute_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_attribute_name &&
           std::all_of(name.begin(), name.end(), is_attribute_letter);
}

}  // namespace fleetsim::placement
