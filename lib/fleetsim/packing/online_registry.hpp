#pragma once

#include <string_view>
#include <vector>

#include <fleetsim/packing/online.hpp>

namespace fleetsim::packing {

/// All online policies of the library.
[[nodiscard]] const std::vector<OnlineAlgorithm>& online_algorithms();

/// The one of this name, or nothing.
[[nodiscard]] const OnlineAlgorithm* find_online_algorithm(std::string_view name);

}  // namespace fleetsim::packing
