#pragma once

#include <algorithm>
#include <cstddef>

#include <fleetsim/des/check.hpp>

namespace fleetsim::des {

/// Which of `count` things the number `unit` in [0, 1) picks, each alike; 0 picks the first.
[[nodiscard]] inline std::size_t picked(double unit, std::size_t count) {
    FLEETSIM_CHECK(unit >= 0 && unit < 1 && count > 0);
    // The product may round up to `count` itself.
    return std::min(static_cast<std::size_t>(unit * static_cast<double>(count)), count - 1);
}

}  // namespace fleetsim::des
