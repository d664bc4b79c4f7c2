#pragma once

#include <cstdint>
#include <optional>

namespace fleetsim::packing {

/// How much a bound may cost.
struct Effort {
    /// Elementary steps, each of about a nanosecond: counted, not timed, so that the bound is the same everywhere.
    std::int64_t work = 2'000'000'000;
    /// Bins of a packing that is known: a bound that reaches it proves it the best, and nothing more is tried.
    std::optional<std::int64_t> bins_found = {};
};

}  // namespace fleetsim::packing
