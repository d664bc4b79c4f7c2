#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>

#include <fleetsim/des/time.hpp>
#include <fleetsim/packing/foresight.hpp>
#include <fleetsim/packing/lifetime_learnt.hpp>
#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// As `lifetime_learnt`, but trusts its predictions only to their octave: the node whose last departure is put off
/// least, in octaves from 2^38 ns (275 s) on, and of equal ones the first, as First Fit would. How much room is left
/// does not count.
class LifetimeCoarse : public LifetimeLearnt {
public:
    static constexpr std::string_view name = "lifetime_coarse";

    [[nodiscard]] static double score(const Node& node, const Arrival& task) {
        if (!task.departs) return 0;
        const des::Duration later = *task.departs - std::max(node.ends, task.now);
        const auto steps = static_cast<std::uint64_t>(std::max(later, des::Duration{0}).count()) >> 38U;
        return -static_cast<double>(std::bit_width(steps));
    }
};
static_assert(LearnsLifetimes<LifetimeCoarse>);

}  // namespace fleetsim::packing
