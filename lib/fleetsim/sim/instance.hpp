#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/cloud/lifecycle.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/ecs/pull_queue.hpp>
#include <fleetsim/placement/placer.hpp>
#include <fleetsim/sim/ids.hpp>

/// An instance as it stands, and how many of a group's are where in their lives.
namespace fleetsim::sim {

/// What Auto Scaling makes of an instance. Source: Amazon EC2 Auto Scaling User Guide, "Instance lifecycle" and
/// "Warm pools". Left out: Standby, Detached.
enum class LifecycleState : std::uint8_t {
    warmed_pending,  ///< On its way into the warm pool.
    warmed,          ///< In the warm pool: stopped, hibernated or running.
    pending,         ///< On its way into service; counts towards the capacity from here on.
    pending_wait,    ///< Launch hooks are at work.
    in_service,
    terminating_wait,  ///< Terminate hooks are at work, or its tasks move elsewhere; counts no more.
    terminating,
    terminated,
    count
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(LifecycleState::count)> lifecycle_state_names{
    "Warmed:Pending", "Warmed",           "Pending",     "Pending:Wait",
    "InService",      "Terminating:Wait", "Terminating", "Terminated"};

/// An image on an instance, and who refers to it.
struct InstanceImage {
    ecs::CachedImage cached;
    std::int32_t tasks = 0;
    des::Time referred_until{};  ///< By containers that have stopped.
};

struct Instance {
    // First what the minute's round over a group looks at.
    LifecycleState lifecycle = LifecycleState::pending;
    cloud::InstanceState state = cloud::InstanceState::pending;
    bool spot = false;
    bool reported_unhealthy = false;  ///< By a load balancer.
    bool set_unhealthy = false;       ///< By a check of the user's own.
    GroupId group;
    std::uint32_t zone_index = 0;  ///< In its group's list.
    std::uint32_t option = 0;      ///< Which of its group's instance types.
    des::Time in_service_since;
    std::optional<des::Time> unreachable_since;
    std::optional<des::Time> status_check_failed_since;
    std::uint64_t number = 0;   ///< In its group, in launch order.
    std::vector<TaskId> tasks;  ///< Not stopped.
    std::int32_t daemons = 0;   ///< Of those, tasks of daemon services.

    std::string name;
    ZoneId zone;
    SubnetId subnet = SubnetId::none();  ///< Of which it has its addresses.
    std::int32_t template_version = 0;
    placement::RoomId room;  ///< In its cluster's placer, once it is registered.
    des::Time launched_at;
    std::uint32_t starts = 0;                ///< Times that it left the warm pool.
    std::optional<des::Time> running_since;  ///< Absent while it is not paid for.
    std::chrono::seconds billed{};           ///< Its lives before this one.
    double spot_usd = 0;                     ///< Likewise.
    des::Time registers_at;                  ///< When its agent is ready, once it runs.
    std::uint32_t hooks = 0;                 ///< Hook outcomes scheduled under an earlier number no longer hold.
    bool hooks_pending = false;
    bool has_warning = false;  ///< EC2 has given notice that it takes the Spot instance back.
    std::vector<InstanceImage> images{};
    des::Time cleaned_at{};                   ///< By the agent, of images.
    std::unique_ptr<ecs::PullQueue> pulls{};  ///< Null until the first.
    std::uint32_t pull_generation = 0;        ///< Ends of pulls scheduled under an earlier number no longer hold.
    bool has_replacement = false;             ///< Already in service, but the group may not end this one.

    [[nodiscard]] bool accepting() const { return state == cloud::InstanceState::registered && !unreachable_since; }
    /// Has it a task that is not a daemon's?
    [[nodiscard]] bool has_workload() const { return tasks.size() > static_cast<std::size_t>(daemons); }
    /// Counts towards its group's capacity.
    [[nodiscard]] bool in_capacity() const {
        return lifecycle >= LifecycleState::pending && lifecycle <= LifecycleState::in_service;
    }
    [[nodiscard]] bool in_warm_pool() const { return lifecycle <= LifecycleState::warmed; }
    /// Something that could make its group consider it unhealthy.
    [[nodiscard]] bool has_trouble() const {
        return reported_unhealthy || set_unhealthy || unreachable_since || status_check_failed_since;
    }
    [[nodiscard]] bool gone() const { return lifecycle >= LifecycleState::terminating; }
};

/// How many of a group's instances are where in their lives, those of its warm pool too: a group with nothing to do
/// finds that out without a look at each of them.
class Census {
public:
    explicit Census(std::size_t zones = 0) : zones_(zones) {}

    void add(const Instance& instance, std::int32_t weight) { count(instance, weight, +1); }
    void remove(const Instance& instance, std::int32_t weight) { count(instance, weight, -1); }

    [[nodiscard]] std::int32_t instances(LifecycleState state) const { return at(state).instances; }
    [[nodiscard]] std::int32_t units(LifecycleState state) const { return at(state).units; }
    [[nodiscard]] std::int32_t units_in_capacity() const {
        return units(LifecycleState::pending) + units(LifecycleState::pending_wait) + units(LifecycleState::in_service);
    }
    [[nodiscard]] std::int32_t pending() const {
        return instances(LifecycleState::pending) + instances(LifecycleState::pending_wait);
    }
    [[nodiscard]] std::int32_t terminating() const {
        return instances(LifecycleState::terminating_wait) + instances(LifecycleState::terminating);
    }
    [[nodiscard]] std::int32_t in_warm_pool() const {
        return instances(LifecycleState::warmed_pending) + instances(LifecycleState::warmed);
    }
    /// In its group's list of zones.
    [[nodiscard]] std::int32_t in_capacity_of_zone(std::size_t zone) const { return zones_[zone].in_capacity; }
    [[nodiscard]] std::int32_t in_warm_pool_of_zone(std::size_t zone) const { return zones_[zone].in_warm_pool; }

private:
    struct Count {
        std::int32_t instances = 0;
        std::int32_t units = 0;
    };
    struct ZoneCount {
        std::int32_t in_capacity = 0;
        std::int32_t in_warm_pool = 0;
    };

    [[nodiscard]] const Count& at(LifecycleState state) const { return counts_[static_cast<std::size_t>(state)]; }

    void count(const Instance& instance, std::int32_t weight, std::int32_t sign) {
        Count& count = counts_[static_cast<std::size_t>(instance.lifecycle)];
        count.instances += sign;
        count.units += sign * weight;
        ZoneCount& zone = zones_[instance.zone_index];
        if (instance.in_capacity()) zone.in_capacity += sign;
        if (instance.in_warm_pool()) zone.in_warm_pool += sign;
    }

    std::array<Count, static_cast<std::size_t>(LifecycleState::count)> counts_{};
    std::vector<ZoneCount> zones_;
};

}  // namespace fleetsim::sim
