#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

namespace fleetsim::cloud {

/// What one EC2 instance type offers. Facts only; prices are in the catalogue because they depend on the region.
struct InstanceType {
    std::string name;
    std::string architecture;  ///< `x86_64` or `arm64`.
    std::string gpu_name;      ///< Empty without GPUs.
    std::int32_t vcpu = 0;
    std::int32_t memory_mib = 0;    ///< Nominal, as AWS advertises it.
    std::int32_t gpus = 0;          ///< Whole devices only; a fractional GPU counts as none, since ECS pins whole ones.
    std::int32_t max_enis = 0;      ///< 0 when unknown.
    std::int32_t awsvpc_tasks = 0;  ///< ECS tasks in `awsvpc` mode without ENI trunking.
    std::int32_t awsvpc_tasks_trunking = 0;  ///< The same with trunking; 0 where it is unsupported or unknown.
    bool burstable = false;
    bool current_generation = true;
};

/// CPU units an ECS agent registers: 1,024 a vCPU.
///
/// Source: Amazon ECS container agent, source code.
[[nodiscard]] constexpr std::int32_t registered_cpu_units(std::int32_t vcpu) { return vcpu * 1024; }

/// Tasks in `awsvpc` mode without ENI trunking: one for every network interface but the instance's own. Used where AWS
/// publishes no limit for a type; 0 when the number of interfaces is unknown.
///
/// Source: Amazon ECS Developer Guide, "Elastic network interface trunking".
[[nodiscard]] constexpr std::int32_t awsvpc_tasks_by_interfaces(std::int32_t max_enis) {
    return std::max(max_enis - 1, 0);
}

}  // namespace fleetsim::cloud
