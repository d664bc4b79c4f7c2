#pragma once

#include <string_view>
#include <vector>

#include <fleetsim/packing/offline.hpp>

namespace fleetsim::packing {

/// All offline algorithms of the library, the composed ones named after their parts: `ffd_l2_avg`, `bcs_dp1_avg_dyn`.
[[nodiscard]] const std::vector<OfflineAlgorithm>& offline_algorithms();

/// The one of this name, or nothing.
[[nodiscard]] const OfflineAlgorithm* offline_algorithm(std::string_view name);

}  // namespace fleetsim::packing
