#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string_view>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/wide_integer.hpp>
#include <fleetsim/packing/linear_program.hpp>
#include <fleetsim/packing/pattern_cover.hpp>

/// Bounds on the price of containers of several types that hold given items. Prices are whole numbers (say, billionths
/// of a dollar), so that a bound is exactly that.
namespace fleetsim::packing {

struct CostBound {
    std::string_view name;
    std::int64_t price = 0;
};

/// Whole multiples of a common divisor of all prices are the only prices there are.
[[nodiscard]] inline std::int64_t payable(std::int64_t price, const CoverProblem& problem) {
    std::int64_t unit = 0;
    for (const CoverProblem::Container& container : problem.containers) unit = std::gcd(unit, container.price);
    return unit > 0 ? (price + unit - 1) / unit * unit : price;
}

namespace detail {

[[nodiscard]] inline std::vector<std::int64_t> total_sizes(const CoverProblem& problem) {
    std::vector<std::int64_t> total(problem.dimensions(), 0);
    for (std::size_t i = 0; i < problem.sizes.size(); ++i) {
        total[i % total.size()] += problem.sizes[i] * problem.demand[i / total.size()];
    }
    return total;
}

/// Prices of a unit of each dimension by the linear program over the types; empty when it has no solution.
[[nodiscard]] inline std::vector<double> unit_prices(const CoverProblem& problem) {
    LinearProgram program;
    for (const std::int64_t total : total_sizes(problem)) {
        program.add_row(LinearProgram::Relation::at_least, static_cast<double>(total));
    }
    for (const CoverProblem::Container& container : problem.containers) {
        std::vector<LinearProgram::Coefficient> column;
        for (std::size_t h = 0; h < container.capacity.size(); ++h) {
            if (container.capacity[h] > 0) column.push_back({h, static_cast<double>(container.capacity[h])});
        }
        program.add_column(static_cast<double>(container.price), column);
    }
    const auto solution = program.minimise(100'000);
    return solution ? solution->duals : std::vector<double>{};
}

}  // namespace detail

/// The volume bound in cost: containers in fractions whose capacities add up to the demand in every dimension. From the
/// linear program come the prices of the dimensions, rounded to whole ones; the bound they prove is computed exactly.
[[nodiscard]] inline std::int64_t volume_cost_bound(const CoverProblem& problem) {
    if (problem.kinds() == 0) return 0;
    const std::vector<std::int64_t> total = detail::total_sizes(problem);
    const std::vector<double> prices = detail::unit_prices(problem);
    if (prices.empty()) return 0;
    std::vector<double> worth_of;
    for (std::size_t h = 0; h < total.size(); ++h) worth_of.push_back(prices[h] * static_cast<double>(total[h]));
    const double most = *std::max_element(worth_of.begin(), worth_of.end());
    if (!(most > 0)) return 0;
    std::vector<std::int64_t> whole;
    des::Int128 worth = 0;
    for (std::size_t h = 0; h < total.size(); ++h) {
        // Scaled so that the demand is worth about 2^60: the error of rounding stays below that of the prices.
        const double share = worth_of[h] > 0 ? prices[h] / most : 0;
        whole.push_back(static_cast<std::int64_t>(share * 0x1p60));
        worth += des::Int128{whole.back()} * total[h];
    }
    std::int64_t bound = std::numeric_limits<std::int64_t>::max();
    for (const CoverProblem::Container& container : problem.containers) {
        des::Int128 room = 0;
        for (std::size_t h = 0; h < total.size(); ++h) room += des::Int128{whole[h]} * container.capacity[h];
        if (room == 0) continue;
        bound = std::min(bound, static_cast<std::int64_t>((worth * container.price + room - 1) / room));
    }
    FLEETSIM_CHECK(bound < std::numeric_limits<std::int64_t>::max());
    return payable(bound, problem);
}

/// The better of the volume bound and the pattern bound, which needs `most_work` steps at most.
[[nodiscard]] inline CostBound cost_bound(const CoverProblem& problem, std::int64_t most_work) {
    const std::int64_t volume = volume_cost_bound(problem);
    const std::int64_t pattern = payable(cover_bound(problem, most_work).price, problem);
    return pattern > volume ? CostBound{"pattern", pattern} : CostBound{"volume", volume};
}

}  // namespace fleetsim::packing
