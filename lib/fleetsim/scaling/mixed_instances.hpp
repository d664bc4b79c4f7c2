#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>

namespace fleetsim::scaling {

/// From which instance type On-Demand Instances are launched.
enum class OnDemandAllocation : std::uint8_t { prioritized, lowest_price };

/// From which pool (an instance type in a zone) Spot Instances are launched.
enum class SpotAllocation : std::uint8_t {
    lowest_price,
    capacity_optimized,
    capacity_optimized_prioritized,
    price_capacity_optimized
};

inline constexpr std::array<std::string_view, 2> on_demand_allocation_names{"prioritized", "lowest-price"};
inline constexpr std::array<std::string_view, 4> spot_allocation_names{
    "lowest-price", "capacity-optimized", "capacity-optimized-prioritized", "price-capacity-optimized"};

[[nodiscard]] constexpr std::string_view name(OnDemandAllocation strategy) {
    return on_demand_allocation_names[static_cast<std::size_t>(strategy)];
}
[[nodiscard]] constexpr std::string_view name(SpotAllocation strategy) {
    return spot_allocation_names[static_cast<std::size_t>(strategy)];
}

/// How a mixed group divides its capacity between On-Demand and Spot Instances, and each among instance types.
///
/// Source: Amazon EC2 Auto Scaling API Reference, InstancesDistribution.
struct InstancesDistribution {
    std::int32_t on_demand_base_capacity = 0;  ///< In units of capacity.
    std::int32_t on_demand_percentage_above_base_capacity = 100;
    OnDemandAllocation on_demand_allocation_strategy = OnDemandAllocation::prioritized;
    SpotAllocation spot_allocation_strategy = SpotAllocation::lowest_price;
    std::int32_t spot_instance_pools = 2;                 ///< Of `lowest_price` only.
    std::optional<double> spot_max_price_usd_per_hour{};  ///< For a unit of capacity; absent: On-Demand's.
};

/// Units of capacity of each purchase option.
struct PurchaseSplit {
    std::int32_t on_demand = 0;
    std::int32_t spot = 0;
    friend bool operator==(const PurchaseSplit&, const PurchaseSplit&) = default;
};

/// One instance type in the zone of a launch, bought one way.
struct Pool {
    double price_usd_per_hour = 0;  ///< Of an instance.
    std::int32_t weight = 1;        ///< Units of capacity an instance counts for.
    std::int32_t depth = 0;         ///< Instances EC2 could give now; 0: none.
    std::int32_t running = 0;       ///< The group's instances in it.
};

/// What each purchase option should have of a capacity: On-Demand its base, and its percentage of what is above,
/// rounded up; Spot the rest.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Auto Scaling groups with multiple instance types and purchase options".
[[nodiscard]] constexpr PurchaseSplit purchase_split(const InstancesDistribution& distribution, std::int32_t capacity) {
    const std::int32_t base = std::min(capacity, distribution.on_demand_base_capacity);
    const std::int64_t above = capacity - base;
    const std::int64_t share = (above * distribution.on_demand_percentage_above_base_capacity + 99) / 100;
    const std::int32_t on_demand = base + static_cast<std::int32_t>(share);
    return {on_demand, capacity - on_demand};
}

/// Whether the next launch is of a Spot Instance: On-Demand gets its share of the desired capacity first. Ask only
/// while capacity is missing.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Auto Scaling groups with multiple instance types and purchase options"
/// (Spot only after the base); that the rest of the On-Demand share goes first as well is a model decision.
[[nodiscard]] constexpr bool spot_is_next(const InstancesDistribution& distribution, std::int32_t on_demand_units,
                                          std::int32_t spot_units, std::int32_t desired) {
    FLEETSIM_CHECK(on_demand_units >= 0 && spot_units >= 0);
    return on_demand_units >= purchase_split(distribution, desired).on_demand;
}

/// Whether a scale-in to `new_total` units ends a Spot Instance: the purchase option above its share of the new total,
/// the one further above if both are, Spot if by as much. Nothing when neither is.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Configure termination policies" (first the purchase option is
/// identified); which of the two is a model decision.
[[nodiscard]] constexpr std::optional<bool> purchase_to_end(const InstancesDistribution& distribution,
                                                            std::int32_t on_demand_units, std::int32_t spot_units,
                                                            std::int32_t new_total) {
    const PurchaseSplit share = purchase_split(distribution, new_total);
    const std::int32_t on_demand_above = on_demand_units - share.on_demand;
    const std::int32_t spot_above = spot_units - share.spot;
    if (on_demand_above <= 0 && spot_above <= 0) return std::nullopt;
    return spot_above >= on_demand_above;
}

/// USD per hour for a unit of capacity.
[[nodiscard]] constexpr double price_per_unit(const Pool& pool) { return pool.price_usd_per_hour / pool.weight; }

namespace detail {

/// How well a pool matches a strategy: the least matches best. A class first, then an order within it.
using Fit = std::pair<int, double>;

[[nodiscard]] inline std::int32_t deepest(std::span<const Pool> pools) {
    std::int32_t depth = 0;
    for (const Pool& pool : pools) depth = std::max(depth, pool.depth);
    return depth;
}

/// Is the pool one of the `count` cheapest? Of two at the same price the first is the cheaper.
[[nodiscard]] inline bool among_cheapest(std::size_t at, std::span<const Pool> pools, std::int32_t count) {
    const double price = price_per_unit(pools[at]);
    std::int32_t cheaper = 0;
    for (std::size_t i = 0; i < pools.size(); ++i) {
        const double other = price_per_unit(pools[i]);
        if (other < price || (i < at && other <= price)) ++cheaper;
    }
    return cheaper < count;
}

[[nodiscard]] inline Fit spot_fit(const InstancesDistribution& distribution, std::size_t at,
                                  std::span<const Pool> pools) {
    const Pool& pool = pools[at];
    const std::int64_t deepest = detail::deepest(pools);
    const bool nearly_deepest = 10 * std::int64_t{pool.depth} >= 9 * deepest;
    const bool deep_enough = 2 * std::int64_t{pool.depth} >= deepest;
    switch (distribution.spot_allocation_strategy) {
        case SpotAllocation::lowest_price:
            if (!among_cheapest(at, pools, distribution.spot_instance_pools)) return {1, price_per_unit(pool)};
            return {0, static_cast<double>(pool.running)};
        case SpotAllocation::capacity_optimized: return {0, -static_cast<double>(pool.depth)};
        case SpotAllocation::capacity_optimized_prioritized:
            if (!nearly_deepest) return {1, -static_cast<double>(pool.depth)};
            return {0, static_cast<double>(at)};
        case SpotAllocation::price_capacity_optimized:
            if (!deep_enough) return {1, -static_cast<double>(pool.depth)};
            return {0, price_per_unit(pool)};
    }
    return {};
}

/// An On-Demand pool's place in the order of priority. A scale-in does not honour `lowest_price`: all match alike.
[[nodiscard]] inline Fit on_demand_fit(const InstancesDistribution& distribution, std::size_t at) {
    const bool by_priority = distribution.on_demand_allocation_strategy == OnDemandAllocation::prioritized;
    return {0, by_priority ? static_cast<double>(at) : 0.0};
}

}  // namespace detail

/// The pool an On-Demand Instance is launched from, of those that have one to give: with `prioritized` the first, with
/// `lowest_price` the cheapest for a unit of capacity. Nothing when all are empty.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Allocation strategies for multiple instance types".
[[nodiscard]] inline std::optional<std::size_t> choose_on_demand_pool(const InstancesDistribution& distribution,
                                                                      std::span<const Pool> pools) {
    const bool by_price = distribution.on_demand_allocation_strategy == OnDemandAllocation::lowest_price;
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < pools.size(); ++i) {
        if (pools[i].depth <= 0) continue;
        if (!best || (by_price && price_per_unit(pools[i]) < price_per_unit(pools[*best]))) best = i;
    }
    return best;
}

/// The pool a Spot Instance is launched from, of those that have one to give at no more than the maximum price:
///
/// - `lowest_price`: of the cheapest few, that with the fewest of the group's instances
/// - `capacity_optimized`: the deepest
/// - `capacity_optimized_prioritized`: the first that is within a tenth of the deepest
/// - `price_capacity_optimized`: the cheapest of those at least half as deep as the deepest
///
/// On a tie the cheaper, then the first. Nothing when there is none.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Allocation strategies for multiple instance types"; the tenth, the half
/// and the depth itself are model decisions, since AWS does not tell how it ranks pools by capacity.
[[nodiscard]] inline std::optional<std::size_t> choose_spot_pool(const InstancesDistribution& distribution,
                                                                 std::span<const Pool> pools) {
    const std::optional<double> most = distribution.spot_max_price_usd_per_hour;
    std::vector<Pool> open;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < pools.size(); ++i) {
        if (pools[i].depth <= 0 || (most && price_per_unit(pools[i]) > *most)) continue;
        open.push_back(pools[i]);
        places.push_back(i);
    }
    std::optional<std::size_t> best;
    std::pair<detail::Fit, double> best_key;
    for (std::size_t i = 0; i < open.size(); ++i) {
        const std::pair key{detail::spot_fit(distribution, i, open), price_per_unit(open[i])};
        if (best && key >= best_key) continue;
        best = places[i];
        best_key = key;
    }
    return best;
}

/// How badly the pool at `at` matches the allocation strategy of its purchase option: how many of the pools match it
/// better. It is the same for all instances of a pool.
///
/// Spot pools are ranked as for a launch, empty ones included: with `lowest_price` those beyond the cheapest few are
/// worst, and of these few the ones with most of the group's instances; with the others those with the least capacity.
/// On-Demand types are ranked by priority; `lowest_price` is not honoured by scale-ins.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Configure termination policies" (AllocationStrategy) and "Allocation
/// strategies for multiple instance types".
[[nodiscard]] inline double misfit(const InstancesDistribution& distribution, std::size_t at,
                                   std::span<const Pool> pools, bool spot) {
    FLEETSIM_CHECK(at < pools.size());
    const auto fit = [&](std::size_t i) {
        return spot ? detail::spot_fit(distribution, i, pools) : detail::on_demand_fit(distribution, i);
    };
    const detail::Fit own = fit(at);
    int better = 0;
    for (std::size_t i = 0; i < pools.size(); ++i) better += fit(i) < own ? 1 : 0;
    return better;
}

/// Whether a scaling policy that wants fewer units than desired changes anything: not if it takes away less than the
/// weighted instances have overshot; then the desired capacity stays as well.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Step and simple scaling policies".
[[nodiscard]] constexpr bool may_scale_in(std::int32_t desired, std::int32_t current_units, std::int32_t wanted) {
    return wanted < desired && desired - wanted >= current_units - desired;
}

}  // namespace fleetsim::scaling
