#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <fleetsim/des/time.hpp>

namespace fleetsim::ecs {

/// Tasks of a cluster that may wait in PROVISIONING for its capacity providers to scale out. Further ones are not
/// created.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS service quotas".
inline constexpr std::int32_t provisioning_tasks_per_cluster = 500;

/// How long a task waits in PROVISIONING for capacity before it is STOPPED.
///
/// Source: AWS Containers blog, "Deep Dive on Amazon ECS Cluster Auto Scaling", which says 10 to 30 minutes; the
/// longest is a model decision.
inline constexpr des::Duration provisioning_timeout = std::chrono::minutes{30};

/// Of the tasks that a cluster should create to wait for capacity, how many it creates.
[[nodiscard]] constexpr std::int32_t may_provision(std::int32_t wanted, std::int32_t provisioning,
                                                   std::int32_t quota = provisioning_tasks_per_cluster) {
    return std::clamp(quota - provisioning, 0, std::max(0, wanted));
}

/// When a task that came to PROVISIONING then is given up.
[[nodiscard]] constexpr des::Time given_up_at(des::Time provisioning_since,
                                              des::Duration timeout = provisioning_timeout) {
    return provisioning_since + timeout;
}

}  // namespace fleetsim::ecs
