#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/trace.hpp>

namespace fleetsim::packing {

inline constexpr Capacity made_server{16'000, 64 * 1024};

/// Virtual machines of six flavours, one of which no `made_server` takes. Arrivals and lifetimes are whole minutes, so
/// that many fall on one instant; one life in eight is nothing, and one in eight lasts for hours.
inline Trace made_trace(std::uint64_t seed, std::size_t tasks) {
    constexpr std::array<Demand, 6> flavours{{{1'000, 2 * 1024},
                                              {2'000, 4 * 1024},
                                              {4'000, 32 * 1024},
                                              {8'000, 16 * 1024},
                                              {16'000, 8 * 1024},
                                              {17'000, 1024}}};
    Trace trace{"made", {}};
    des::Sequence chance = des::Stream{seed, 0, "test", "trace"}.sequence();
    const auto below = [&](std::int64_t limit) {
        return static_cast<std::int64_t>(chance.unit() * static_cast<double>(limit));
    };
    std::chrono::minutes now{0};
    for (std::size_t i = 0; i < tasks; ++i) {
        now += std::chrono::minutes{std::max<std::int64_t>(0, below(6) - 2)};
        const std::int64_t kind = below(8);
        const std::chrono::minutes lifetime{kind == 0 ? 0 : kind == 1 ? 60 + below(600) : 1 + below(60)};
        trace.tasks.push_back({"", flavours[static_cast<std::size_t>(below(6))], des::Time{now}, lifetime});
    }
    return trace;
}

}  // namespace fleetsim::packing
