#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::scaling {

/// May a group have this maximum instance lifetime? A day or more; 0 is none.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Replace Auto Scaling instances based on maximum instance lifetime".
[[nodiscard]] constexpr bool is_max_instance_lifetime(des::Duration lifetime) {
    constexpr des::Duration day = std::chrono::seconds{86'400};
    return lifetime == des::Duration{} || lifetime >= day;
}

/// Has an instance been in service for as long as it may?
[[nodiscard]] constexpr bool expired(des::Duration max_lifetime, des::Time in_service_since, des::Time now) {
    return max_lifetime > des::Duration{} && now - in_service_since >= max_lifetime;
}

/// A group whose instances expire.
struct LifetimeView {
    std::int32_t capacity = 0;         ///< Instances in service.
    std::int32_t expired = 0;          ///< Of those, expired, not protected from scale-in and not yet being replaced.
    std::int32_t being_replaced = 0;   ///< For that reason: ended, and the new one not yet in service and warmed up.
    des::Duration replacement_time{};  ///< From one instance's end until another is in service and warmed up.
};

/// How many expired instances a group replaces at the same time: one, or as many as it takes to replace the whole group
/// within one lifetime, but at most a tenth of it.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Replace Auto Scaling instances based on maximum instance lifetime".
[[nodiscard]] inline std::int32_t lifetime_replacements_at_once(std::int32_t capacity, des::Duration max_lifetime,
                                                                des::Duration replacement_time) {
    FLEETSIM_CHECK(max_lifetime > des::Duration{} && replacement_time >= des::Duration{});
    const double exact = capacity * (des::seconds(replacement_time) / des::seconds(max_lifetime));
    // A whole number that comes out a hair too large must not ask for one more.
    const double needed = std::ceil(exact - 1e-9 * exact);
    return static_cast<std::int32_t>(std::clamp(needed, 1.0, std::max(1.0, std::floor(capacity / 10.0))));
}

/// How many of the expired instances to replace now.
///
/// Left out: replacements ahead of their time, by which AWS avoids that a whole group expires at once.
[[nodiscard]] inline std::int32_t lifetime_replacements(des::Duration max_lifetime, const LifetimeView& view) {
    const std::int32_t at_once = lifetime_replacements_at_once(view.capacity, max_lifetime, view.replacement_time);
    return std::min(view.expired, std::max(0, at_once - view.being_replaced));
}

}  // namespace fleetsim::scaling
