#pragma once

#include <cstdint>

#include <fleetsim/des/id.hpp>
#include <fleetsim/scaling/statistic.hpp>
#include <fleetsim/sim/data_plane.hpp>
#include <fleetsim/sim/world.hpp>

namespace fleetsim::sim {

/// What the closed minute says of services and groups: the samples behind CloudWatch's datapoints.
class MetricSource {
public:
    MetricSource(Fleet& fleet, DataPlane& data_plane);

    /// Takes the balancers' request counts; call it once for each closed minute.
    void close_minute();

    /// Samples of the period that began at `period_start`; one by one if somebody asks for their percentiles. Empty:
    /// nothing is published.
    [[nodiscard]] scaling::StatisticSet samples(const Metric& metric, des::Time period_start, bool one_by_one) const;

    /// Units of capacity that feed the group's metrics.
    [[nodiscard]] std::int32_t contributing_units(GroupId id) const;

private:
    [[nodiscard]] scaling::StatisticSet samples(const ServiceMetric& metric) const;
    [[nodiscard]] scaling::StatisticSet samples(const GroupMetric& metric, des::Time period_start,
                                                bool one_by_one) const;
    [[nodiscard]] scaling::StatisticSet cpu_of(GroupId id, des::Time period_start, bool one_by_one) const;
    [[nodiscard]] double task_cpu_units(const Instance& instance) const;
    [[nodiscard]] bool is_pending(const Task& task) const;
    [[nodiscard]] double requests_per_target(ServiceId id) const;
    [[nodiscard]] std::int32_t count_of(GroupId id, GroupFigure figure) const;
    [[nodiscard]] bool contributes(const Instance& instance) const;

    Fleet& fleet_;
    DataPlane& data_plane_;
    des::Table<ServiceId, std::uint64_t> requests_;  ///< Behind load balancers, in the closed minute.
};

}  // namespace fleetsim::sim
