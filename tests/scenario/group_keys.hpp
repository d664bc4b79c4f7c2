#pragma once

#include <string>
#include <string_view>

#include "scenario/good.hpp"
#include "scenario/small_fleet.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

/// Keys added to `small_fleet`'s group `tasks`, which belongs to a cluster.
namespace fleetsim::scenario::test {

inline constexpr std::string_view max_size = "    max_size: 4\n";

inline std::string and_key(std::string_view key) { return std::string(max_size) + "    " + std::string(key) + "\n"; }

inline sim::AutoScalingGroup tasks(std::string_view key) {
    return good(with(small_fleet, max_size, and_key(key))).groups[sim::GroupId{2}];
}

inline void check_key(std::string_view key, std::string_view message, std::string_view hint = "",
                      Severity severity = Severity::error) {
    check({{max_size, and_key(key), message, hint, severity}}, small_fleet);
}

}  // namespace fleetsim::scenario::test
