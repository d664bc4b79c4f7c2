#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fleetsim::scaling {

/// In which state prepared instances wait in a warm pool.
enum class WarmPoolState : std::uint8_t { stopped, running, hibernated };

inline constexpr std::array<std::string_view, 3> warm_pool_state_names{"Stopped", "Running", "Hibernated"};

[[nodiscard]] constexpr std::string_view name(WarmPoolState state) {
    return warm_pool_state_names[static_cast<std::size_t>(state)];
}

/// A pool of prepared instances beside an Auto Scaling group. Groups with a mixed instances policy or with Spot
/// Instances cannot have one.
///
/// Source: Amazon EC2 Auto Scaling API Reference, PutWarmPool; Amazon EC2 Auto Scaling User Guide, "Warm pools for
/// applications with long boot times".
struct WarmPool {
    std::int32_t min_size = 0;
    std::optional<std::int32_t>
        max_group_prepared_capacity{};  ///< Of group and pool together; absent: the group's max.
    WarmPoolState pool_state = WarmPoolState::stopped;
    bool reuse_on_scale_in = false;  ///< A scale-in returns instances to the pool instead of ending them.
};

/// Memory of the smallest instances that cannot hibernate for their size.
inline constexpr std::int32_t too_much_to_hibernate_mib = 150 * 1024;

/// Why instances of the type cannot hibernate; empty if they can.
///
/// Source: Amazon EC2 User Guide, "Prerequisites for EC2 instance hibernation". Left out: its list of instance families
/// and what it asks of images and volumes.
[[nodiscard]] constexpr std::string_view hibernation_fault(std::string_view instance_type, std::int32_t memory_mib) {
    if (instance_type.find(".metal") != std::string_view::npos) return "bare metal does not hibernate";
    if (memory_mib >= too_much_to_hibernate_mib) return "only instances with less than 150 GiB of memory hibernate";
    return {};
}

/// How many instances the pool should hold: what its group's desired capacity leaves of the prepared capacity, or its
/// minimum size if that is more.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Warm pools for applications with long boot times".
[[nodiscard]] constexpr std::int32_t warm_pool_size(const WarmPool& pool, std::int32_t desired,
                                                    std::int32_t group_max) {
    return std::max(pool.min_size, pool.max_group_prepared_capacity.value_or(group_max) - desired);
}

}  // namespace fleetsim::scaling
