#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <fleetsim/cloud/instance_type.hpp>

namespace fleetsim::cloud {

struct KnownMemory {
    std::string_view type;
    std::int32_t memory_mib;
};

/// Instance types whose registered memory AWS publishes.
inline constexpr std::array known_registered_memory{
    KnownMemory{"m4.large", 7985},
    KnownMemory{"c4.large", 3768},
    KnownMemory{"c4.4xlarge", 30158},
};

/// Memory in MiB that an instance registers with ECS: less than the nominal size, because the operating system's kernel
/// keeps some. Published for a few types; 98 % of the nominal size, rounded down, for all others.
///
/// Source: Amazon ECS Developer Guide, "Container instance memory management" (the published points); the share of 98 %
/// is our assumption. Left out: memory set aside by `ECS_RESERVED_MEMORY`.
[[nodiscard]] inline std::int32_t registered_memory_mib(const InstanceType& type) {
    for (const KnownMemory& known : known_registered_memory) {
        if (known.type == type.name) return known.memory_mib;
    }
    return static_cast<std::int32_t>(std::int64_t{type.memory_mib} * 98 / 100);
}

}  // namespace fleetsim::cloud
