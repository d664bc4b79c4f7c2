#pragma once

#include <cstddef>

#include <boost/math/distributions/poisson.hpp>

namespace fleetsim::test {

/// Could rare events of which `expected` were due have come up `seen` times? Says no to the right number once in 10,000
/// seeds: their count is nearly Poisson, and either tail of its law gets half of that chance.
[[nodiscard]] inline bool plausible(std::ptrdiff_t seen, double expected) {
    constexpr double either_side = 0.5e-4;
    const boost::math::poisson law(expected);
    const auto count = static_cast<double>(seen);
    const double as_few = boost::math::cdf(law, count);
    const double as_many = seen == 0 ? 1 : boost::math::cdf(boost::math::complement(law, count - 1));
    return as_few > either_side && as_many > either_side;
}

}  // namespace fleetsim::test
