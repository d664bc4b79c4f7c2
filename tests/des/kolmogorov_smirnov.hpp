#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace fleetsim::test {

/// Greatest distance between the samples' empirical distribution and the continuous distribution function `cdf`.
template <class Cdf>
[[nodiscard]] double kolmogorov_distance(std::vector<double> samples, Cdf cdf) {
    std::sort(samples.begin(), samples.end());
    const auto n = static_cast<double>(samples.size());
    double distance = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double expected = cdf(samples[i]);
        const auto rank = static_cast<double>(i);
        distance = std::max({distance, (rank + 1) / n - expected, expected - rank / n});
    }
    return distance;
}

/// Distance that samples of the right law exceed once in 10,000 seeds: the Kolmogorov quantile at 1 - 1e-4 with
/// Stephens' correction for finite n.
[[nodiscard]] inline double kolmogorov_limit(std::size_t n) {
    const double root = std::sqrt(static_cast<double>(n));
    return 2.2252514 / (root + 0.12 + 0.11 / root);
}

/// How many standard errors a mean may lie off: two-sided, once in 10,000 seeds.
inline constexpr double z_limit = 3.890592;

}  // namespace fleetsim::test
