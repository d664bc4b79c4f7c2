#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scaling/capacity.hpp>
#include <fleetsim/scaling/group_balance.hpp>
#include <fleetsim/scaling/health_replacement.hpp>
#include <fleetsim/scaling/instance_refresh.hpp>
#include <fleetsim/scaling/mixed_instances.hpp>
#include <fleetsim/scaling/scheduled_action.hpp>
#include <fleetsim/sim/tasks.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// The reason in the rows of a Spot instance that EC2 takes back, which it does not charge for like others.
inline constexpr std::string_view spot_interruption = "Spot interruption";

/// Does the group replace instances that are unhealthy, or that EC2 has ended?
///
/// Source: Amazon EC2 Auto Scaling User Guide, "How suspended processes affect other processes".
[[nodiscard]] inline bool replaces_unhealthy(const AutoScalingGroup& group) {
    return !group.suspended(ScalingProcess::health_check) && !group.suspended(ScalingProcess::replace_unhealthy) &&
           !group.suspended(ScalingProcess::terminate);
}

/// EC2 and Auto Scaling groups: launches, replaces and ends instances, so that every group has its desired capacity.
///
/// Invariant: an instance's `state` is what EC2 and ECS make of it, its `lifecycle` what Auto Scaling does; the first
/// changes in `enter` alone, the second in `move`, which keeps the group's census.
class Groups {
public:
    Groups(Fleet& fleet, Tasks& tasks) : fleet_{fleet}, tasks_{tasks} {}

    /// The first instances, in service at once, the warm pools, and what is already known to happen.
    void start();

    void handle(event::InstanceRunning running);
    void handle(event::InstanceInService in_service);
    void handle(event::InstanceRegistered registered);
    void handle(event::HooksDone done);
    void handle(event::InstanceDrained drained);
    void handle(event::InstanceStopped stopped);
    void handle(event::InstanceTerminated terminated);
    void handle(event::SpotWave wave);
    void handle(event::SpotNotice notice);
    void handle(event::SpotInterrupted interrupted);
    void handle(event::RefreshDue due);

    // Once a minute: before the group's policies are asked, and after.
    void replace_unhealthy(GroupId id);
    void keep_up(GroupId id);

    void set_desired_capacity(GroupId id, std::int32_t desired, ScalingRow why);
    /// Bounds and desired capacity together, as a scheduled action sets them.
    void set_sizes(GroupId id, const scaling::GroupSizes& sizes, const ScalingRow& why);
    void set_max_size(GroupId id, std::int32_t max_size, ScalingRow why);

    /// The group as a policy sees it whose instances take `warmup` to warm up.
    [[nodiscard]] scaling::GroupCapacity capacity_of(GroupId id, des::Duration warmup) const;
    /// Units of capacity that there are, on their way or in service.
    [[nodiscard]] std::int32_t units_of(GroupId id) const { return fleet_.groups[id].census.units_in_capacity(); }

    /// EC2 ends the instance now: what runs on it ends, and so does the bill.
    void shut_down(InstanceId id, std::string_view reason);
    /// EC2 wants a share of the pool's instances back: recommendations now, notices after `lead`.
    void reclaim(SpotPoolId pool, double share, std::uint64_t wave, des::Duration lead);
    void add_shortage(const InsufficientCapacity& shortage);
    void set_reachable(InstanceId id, bool reachable);

    /// Instance hours, launches and the bill, once the recorder has reported.
    void report(des::Time end, Result& result) const;

private:
    /// What to launch.
    struct Launch {
        std::uint32_t zone = 0;  ///< In the group's list.
        std::uint32_t option = 0;
        bool spot = false;
    };
    /// How badly each pool matches the allocation strategy: by purchase option (Spot last), zone and instance type.
    using Misfits = std::array<std::vector<std::vector<double>>, 2>;
    struct Shortage {
        std::string instance_type;
        ZoneId zone;
        des::Time until;
    };
    /// What a health check has found.
    struct HealthRound {
        scaling::ReplacementView view;  ///< In units of capacity.
        std::vector<InstanceId> unhealthy;
        std::vector<InstanceId> at_once;  ///< Those that need not wait for others.
    };
    /// How far an instance refresh has come.
    struct RefreshProgress {
        scaling::RefreshView view;  ///< In units of capacity.
        std::vector<InstanceId> old;
    };
    struct Bill {
        std::vector<std::chrono::seconds> on_demand;  ///< By instance type.
        std::chrono::seconds spot{};
        double spot_usd = 0;
    };

    // groups.cpp: how many, where and what.
    void adjust(GroupId id, std::string_view reason);
    void launch_up_to(GroupId id, std::string_view reason);
    [[nodiscard]] std::int32_t lasting_units(GroupId id) const;
    void accept_overshoot(GroupId id);
    [[nodiscard]] scaling::PurchaseSplit units_by_purchase(GroupId id) const;
    [[nodiscard]] std::vector<scaling::ZoneLoad> zone_loads(GroupId id, bool spot, bool with_warm_pool = false) const;
    [[nodiscard]] bool has_address(const AutoScalingGroup& group, ZoneId zone) const;
    [[nodiscard]] std::int32_t depth_of(const AutoScalingGroup& group, std::uint32_t zone, std::uint32_t option,
                                        bool spot) const;
    [[nodiscard]] std::vector<scaling::Pool> pools_of(GroupId id, std::uint32_t zone, bool spot) const;
    [[nodiscard]] std::optional<std::uint32_t> choose_option(GroupId id, std::uint32_t zone, bool spot) const;
    [[nodiscard]] std::optional<std::size_t> launch_zone(GroupId id, bool spot) const;
    [[nodiscard]] std::optional<Launch> next_launch(GroupId id);
    [[nodiscard]] std::optional<Launch> choose_launch(GroupId id, bool spot, std::optional<std::size_t> zone);
    void failed_to_launch(GroupId id, bool spot);
    [[nodiscard]] std::vector<InstanceId> ready_in_warm_pool(GroupId id) const;
    [[nodiscard]] bool take_from_warm_pool(GroupId id, std::string_view reason);
    [[nodiscard]] des::Table<GroupId, Bill> bills(des::Time end) const;

    // scale_in.cpp: which to end.
    void scale_in_down_to(GroupId id, std::string_view reason);
    [[nodiscard]] bool scale_in_one(GroupId id, std::int32_t surplus, std::string_view reason);
    [[nodiscard]] bool is_protected(const Instance& instance) const;
    [[nodiscard]] std::optional<InstanceId> choose_to_end(GroupId id, const std::vector<InstanceId>& eligible,
                                                          std::optional<bool> end_spot);
    [[nodiscard]] Misfits misfits_of(GroupId id) const;
    [[nodiscard]] std::optional<bool> purchase_to_end(GroupId id) const;

    // instances.cpp: the life of one instance.
    InstanceId add_instance(GroupId id, const Launch& launch, LifecycleState lifecycle, std::string_view reason);
    InstanceId launch_instance(GroupId id, const Launch& launch, LifecycleState lifecycle, std::string_view reason);
    void start_in_service(InstanceId id);
    void start_in_warm_pool(InstanceId id);
    void run(InstanceId id);
    void go_into_service(InstanceId id);
    void enter_service(InstanceId id);
    void end_replaced(InstanceId coming);
    void leave_warm_pool(InstanceId id, std::string_view reason);
    void return_to_warm_pool(InstanceId id, std::string_view reason);
    void settle_in_warm_pool(InstanceId id);
    void stop_instance(InstanceId id);
    void scale_in_instance(InstanceId id, std::string_view reason);
    void end_instance(InstanceId id, std::string_view reason);
    void end_when_ready(InstanceId id);
    void terminate(InstanceId id, std::string_view reason);
    void forget_replacements_of(InstanceId id);
    [[nodiscard]] bool run_hooks(InstanceId id, scaling::LifecycleTransition transition);
    [[nodiscard]] std::vector<scaling::HookOutcome> hook_outcomes(const Instance& instance,
                                                                  scaling::LifecycleTransition transition) const;
    void register_later(InstanceId id);
    void stop_billing(InstanceId id, bool interrupted);
    [[nodiscard]] des::Duration step(InstanceId id, std::uint64_t step, const des::Distribution& time) const;
    void enter(InstanceId id, cloud::InstanceState state, LifecycleState lifecycle, std::string_view event,
               std::string_view reason);
    LifecycleState move(InstanceId id, LifecycleState to);
    void instance_row(InstanceId id, std::string_view event, std::string_view from, std::string_view reason);
    [[nodiscard]] double spot_usd(const Instance& instance, des::Time until, std::chrono::seconds billed) const;
    [[nodiscard]] bool in_ecs(GroupId id) const { return fleet_.groups[id].cluster.exists(); }

    // upkeep.cpp: what a group does to its instances by itself.
    void end_silent(GroupId id);
    [[nodiscard]] bool is_unhealthy(const Instance& instance) const;
    [[nodiscard]] HealthRound health_round(GroupId id) const;
    void end_unhealthy(InstanceId id);
    [[nodiscard]] bool replace_by_launching(InstanceId leaving, std::optional<std::size_t> zone,
                                            std::string_view reason);
    [[nodiscard]] bool is_leaving(InstanceId id) const;
    void rebalance_zones(GroupId id);
    [[nodiscard]] bool rebalance_once(GroupId id, bool spot);
    void refresh(GroupId id);
    [[nodiscard]] RefreshProgress refresh_progress(GroupId id) const;
    void replace_old(GroupId id, std::int32_t units, const RefreshProgress& progress);
    void wait_for_protection(GroupId id);
    void refresh_row(GroupId id, std::string reason);
    void replace_expired(GroupId id);
    void fill_warm_pool(GroupId id);
    void shrink_warm_pool(GroupId id);
    [[nodiscard]] std::optional<Launch> next_for_warm_pool(GroupId id);
    [[nodiscard]] std::int32_t missing_in_warm_pool(GroupId id) const;
    void settle_simple_activity(GroupId id);

    // spot.cpp
    void schedule_wave(SpotPoolId id);
    void rebalance_capacity(InstanceId id);
    void look_after_spot(GroupId id);
    [[nodiscard]] bool is_outbid(const AutoScalingGroup& group, const InstanceOption& option,
                                 double price_usd_per_hour) const;
    [[nodiscard]] SpotPoolId pool_of(const Instance& instance) const {
        return fleet_.option_of(instance).spot_pools[instance.zone_index];
    }

    Fleet& fleet_;
    Tasks& tasks_;
    std::vector<Shortage> shortages_;
};

}  // namespace fleetsim::sim
