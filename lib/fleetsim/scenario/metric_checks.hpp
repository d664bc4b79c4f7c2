#pragma once

#include <optional>

#include <fleetsim/scenario/policies.hpp>

/// How metrics behave: what tells whether somebody can scale by them.
namespace fleetsim::scenario {

/// What a metric does when the capacity of a group or service doubles and the load stays.
enum class WithCapacity : std::uint8_t { falls, stays, grows };

/// How one statistic of a metric does.
[[nodiscard]] WithCapacity with_capacity(const Reading& reading, const Scaled& owner,
                                         const sim::MetricStatistic& operand);

/// Does the metric, which may be an expression, fall when the capacity grows? Nothing if it never has a value.
[[nodiscard]] std::optional<bool> falls_with_capacity(const Reading& reading, const Scaled& owner,
                                                      const sim::MetricQuery& query);

/// Is it a percentage that lies between 0 and 100? Tasks whose workers can burn more than they reserve have none.
[[nodiscard]] bool is_percentage(const Reading& reading, const sim::MetricQuery& query);

/// Do they ask the same of the same metrics?
[[nodiscard]] bool same_query(const sim::MetricQuery& one, const sim::MetricQuery& other);

}  // namespace fleetsim::scenario
