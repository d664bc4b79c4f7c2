#pragma once

#include <cstddef>
#include <span>

#include <fleetsim/des/statistics.hpp>

namespace fleetsim::des {

/// Where the warm-up of a run ends.
struct WarmUp {
    std::size_t discard = 0;  ///< So many observations belong to the warm-up.
    double mean = 0;          ///< Of those after it; 0 when there was no observation at all.
    /// The best end found is the last one looked at, half-way through the run: it may not have settled even then.
    bool too_short = false;
};

/// The end of the warm-up by MSER-5: observations are averaged in groups of five, and the groups from the start are
/// discarded whose absence makes the standard error of the mean of the rest smallest, up to half of them. Among equally
/// good ends the earliest wins. An incomplete last group does not vote, but counts in the mean.
///
/// Reads each observation twice and stores none. Finite observations only.
///
/// Source: White, Cobb, Spratt, "A Comparison of Five Steady-State Truncation Heuristics for Simulation" (2000).
[[nodiscard]] inline WarmUp warm_up(std::span<const double> observations) {
    constexpr std::size_t group = 5;
    const std::size_t groups = observations.size() / group;
    // From the back, so that what is known at each step is all that a truncation there would leave.
    MeanVariance rest;
    std::size_t best = groups / 2;
    double least = 0;
    for (std::size_t first = groups; first-- > 0;) {
        MeanVariance of_group;
        for (const double value : observations.subspan(first * group, group)) of_group.add(value);
        rest.add(of_group.mean);
        if (first > groups / 2) continue;
        const double left = static_cast<double>(rest.count);
        const double squared_error = rest.squares / (left * left);
        if (first == groups / 2 || squared_error <= least) {
            best = first;
            least = squared_error;
        }
    }
    const std::size_t discard = best * group;
    return {discard, summary(observations.subspan(discard)).mean, best == groups / 2};
}

}  // namespace fleetsim::des
