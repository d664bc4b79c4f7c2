#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <fleetsim/des/time.hpp>
#include <fleetsim/packing/foresight.hpp>
#include <fleetsim/packing/lifetime_aware.hpp>
#include <fleetsim/packing/lifetime_learner.hpp>
#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// The rule of `lifetime_aware` with lifetimes predicted from what has been seen so far, by the task's demand: the mean
/// of the time left at the task's age. Who outlives a prediction is predicted anew, by then with a longer life.
///
/// It is as good as demands tell lifetimes apart. Where they hardly do, First Fit, which predicts nothing, uses fewer
/// server-hours.
///
/// Source: the idea of predicting again as tasks age is that of "LAVA: Lifetime-Aware VM Allocation with Learned
/// Distributions and Adaptation to Mispredictions" (2025), which learns from more than the demand.
class LifetimeLearnt {
public:
    static constexpr std::string_view name = "lifetime_learnt";
    static constexpr bool timeless = false;

    [[nodiscard]] double score(const Node& node, const Arrival& task) const { return -lifetime_cost(node, task); }

    void began(std::uint32_t task, const Demand& demand, des::Time now) { learner_.began(task, demand, now); }
    void ended(std::uint32_t task, const Demand&, des::Time now) { learner_.ended(task, now); }
    [[nodiscard]] std::optional<des::Duration> time_left(const Demand& demand, des::Duration age, des::Time now) {
        return learner_.time_left(demand, age, now);
    }

private:
    LifetimeLearner learner_;
};
static_assert(LearnsLifetimes<LifetimeLearnt>);

}  // namespace fleetsim::packing
