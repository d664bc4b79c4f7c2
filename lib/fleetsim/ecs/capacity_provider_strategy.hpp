#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <fleetsim/des/check.hpp>

namespace fleetsim::ecs {

/// One capacity provider's part in a service's strategy.
///
/// Source: Amazon ECS API Reference, CapacityProviderStrategyItem.
struct StrategyItem {
    std::int32_t base = 0;    ///< Tasks that it gets before weights count, 0 to 100,000; one provider only.
    std::int32_t weight = 0;  ///< Its part of all further tasks, relative to the other weights, 0 to 1,000.
};

inline constexpr std::size_t most_strategy_items = 20;
inline constexpr std::int32_t greatest_base = 100'000;
inline constexpr std::int32_t greatest_weight = 1'000;

/// What is wrong with a strategy. ECS refuses all of them but the last, a provider that will never get a task.
enum class StrategyProblem : std::uint8_t {
    no_provider,
    too_many_providers,
    base_out_of_range,
    weight_out_of_range,
    second_base,
    all_weights_zero,
    never_used,
};

/// Is a strategy with this problem refused, and not only strange?
[[nodiscard]] constexpr bool refused(StrategyProblem problem) { return problem != StrategyProblem::never_used; }

/// A problem and the item that it is found at; 0 for one of the whole strategy.
struct StrategyFault {
    StrategyProblem problem = StrategyProblem::no_provider;
    std::size_t index = 0;
    friend bool operator==(const StrategyFault&, const StrategyFault&) = default;
};

namespace detail {

[[nodiscard]] constexpr bool in_range(std::int32_t value, std::int32_t greatest) {
    return value >= 0 && value <= greatest;
}

/// Tasks beyond the provider's base.
[[nodiscard]] constexpr std::int64_t beyond_base(const StrategyItem& item, std::int32_t tasks) {
    return std::max(0, tasks - item.base);
}

/// All weights, and all tasks beyond the base on providers that have one.
struct Ratio {
    std::int64_t weights = 0;
    std::int64_t tasks = 0;
};

[[nodiscard]] constexpr Ratio ratio(std::span<const StrategyItem> strategy, std::span<const std::int32_t> tasks) {
    FLEETSIM_CHECK(!strategy.empty() && strategy.size() == tasks.size());
    Ratio sum;
    for (std::size_t i = 0; i < strategy.size(); ++i) {
        if (strategy[i].weight == 0) continue;
        sum.weights += strategy[i].weight;
        sum.tasks += beyond_base(strategy[i], tasks[i]);
    }
    FLEETSIM_CHECK(sum.weights > 0 || strategy.size() == 1);
    return sum;
}

}  // namespace detail

/// All problems of a strategy.
///
/// Source: Amazon ECS API Reference, CapacityProviderStrategyItem. That a lone provider needs no weight, and that one
/// with a base needs none beside others, are model decisions.
[[nodiscard]] inline std::vector<StrategyFault> problems(std::span<const StrategyItem> strategy) {
    if (strategy.empty()) return {{StrategyProblem::no_provider, 0}};
    std::vector<StrategyFault> faults;
    bool any_base = false;
    bool any_weight = false;
    for (std::size_t i = 0; i < strategy.size(); ++i) {
        const auto [base, weight] = strategy[i];
        if (!detail::in_range(base, greatest_base)) faults.push_back({StrategyProblem::base_out_of_range, i});
        if (!detail::in_range(weight, greatest_weight)) faults.push_back({StrategyProblem::weight_out_of_range, i});
        if (base != 0 && any_base) faults.push_back({StrategyProblem::second_base, i});
        any_base = any_base || base != 0;
        any_weight = any_weight || weight != 0;
    }
    if (strategy.size() > most_strategy_items) {
        faults.push_back({StrategyProblem::too_many_providers, most_strategy_items});
    }
    if (!any_weight && strategy.size() > 1) faults.push_back({StrategyProblem::all_weights_zero, 0});
    for (std::size_t i = 0; any_weight && i < strategy.size(); ++i) {
        if (strategy[i].base == 0 && strategy[i].weight == 0) faults.push_back({StrategyProblem::never_used, i});
    }
    return faults;
}

/// The provider of a service's next task, given how many of its tasks each has now: the one whose base is not filled,
/// else the one that is furthest behind its part of all tasks beyond the base, the new one included; the first listed
/// on a tie. It looks at the tasks alone, so what was lost is made up for. The strategy has no problem. Linear in the
/// providers.
///
/// However many tasks there are, two providers have their parts to the nearest task, three within one, more within two.
///
/// Source: Amazon ECS Developer Guide, "Capacity providers" (base and ratio); the order is a model decision, as it is
/// that tasks beyond the base of a provider without weight count for nobody.
[[nodiscard]] constexpr std::size_t next_provider(std::span<const StrategyItem> strategy,
                                                  std::span<const std::int32_t> tasks) {
    const detail::Ratio sum = detail::ratio(strategy, tasks);
    std::optional<std::size_t> best;
    std::int64_t furthest_behind = 0;
    for (std::size_t i = 0; i < strategy.size(); ++i) {
        if (tasks[i] < strategy[i].base) return i;
        if (strategy[i].weight == 0) continue;
        const std::int64_t behind =
            strategy[i].weight * (sum.tasks + 1) - detail::beyond_base(strategy[i], tasks[i]) * sum.weights;
        if (best && behind <= furthest_behind) continue;
        best = i;
        furthest_behind = behind;
    }
    return best.value_or(0);
}

/// The provider that loses a task when the service shrinks; there must be one to lose. First those beyond the base of a
/// provider without weight; then the one that is furthest ahead of its part of what will be left beyond the base, the
/// last listed on a tie; the base at the end. With two providers this undoes `next_provider`. Linear in the providers.
///
/// Source: a model decision; AWS does not say which provider loses tasks.
[[nodiscard]] constexpr std::size_t provider_to_scale_in(std::span<const StrategyItem> strategy,
                                                         std::span<const std::int32_t> tasks) {
    const detail::Ratio sum = detail::ratio(strategy, tasks);
    std::optional<std::size_t> best;
    std::int64_t furthest_ahead = 0;
    for (std::size_t i = 0; i < strategy.size(); ++i) {
        const std::int64_t beyond = detail::beyond_base(strategy[i], tasks[i]);
        if (beyond == 0) continue;
        if (strategy[i].weight == 0) return i;
        const std::int64_t ahead = beyond * sum.weights - strategy[i].weight * (sum.tasks - 1);
        if (best && ahead < furthest_ahead) continue;
        best = i;
        furthest_ahead = ahead;
    }
    for (std::size_t i = 0; !best && i < strategy.size(); ++i) {
        if (tasks[i] > 0) best = i;
    }
    FLEETSIM_CHECK(best.has_value());
    return *best;
}

}  // namespace fleetsim::ecs
