#include <array>
#include <chrono>
#include <string_view>

#include <fleetsim/scaling/predefined_metrics.hpp>

#include "catch.hpp"

namespace {

using namespace std::chrono_literals;
using fleetsim::des::Duration;
using fleetsim::scaling::group_metric;
using fleetsim::scaling::PredefinedMetric;
using fleetsim::scaling::service_metric;
using enum PredefinedMetric;

TEST_CASE("every predefined metric has its AWS name and its owners and its delay and its low alarm") {
    struct Row {
        PredefinedMetric metric;
        std::string_view name;
        bool of_service;
        bool of_group;
        double low;
    };
    const std::array rows{
        Row{ecs_service_average_cpu_utilization, "ECSServiceAverageCPUUtilization", true, false, 0.9},
        Row{ecs_service_average_memory_utilization, "ECSServiceAverageMemoryUtilization", true, false, 0.9},
        Row{alb_request_count_per_target, "ALBRequestCountPerTarget", true, true, 0.9},
        Row{asg_average_cpu_utilization, "ASGAverageCPUUtilization", false, true, 0.7},
        Row{asg_average_network_in, "ASGAverageNetworkIn", false, true, 0.9},
        Row{asg_average_network_out, "ASGAverageNetworkOut", false, true, 0.9},
    };
    CHECK(rows.size() == static_cast<std::size_t>(PredefinedMetric::count));
    std::size_t of_services = 0;
    std::size_t of_groups = 0;
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(name(row.metric) == row.name);
        CHECK(service_metric(row.name).has_value() == row.of_service);
        CHECK(group_metric(row.name).has_value() == row.of_group);
        if (row.of_service) CHECK(service_metric(row.name) == row.metric);
        if (row.of_group) CHECK(group_metric(row.name) == row.metric);
        CHECK(low_alarm_share(row.metric) == row.low);
        of_services += row.of_service ? 1U : 0U;
        of_groups += row.of_group ? 1U : 0U;
    }
    CHECK(fleetsim::scaling::service_metric_names.size() == of_services);
    CHECK(fleetsim::scaling::group_metric_names.size() == of_groups);
}

TEST_CASE("a metric's name is spelled as AWS spells it") {
    for (const std::string_view wrong :
         {"albrequestcountpertarget", "ALBRequestCountPerTarget ", "CPUUtilization", ""}) {
        CAPTURE(wrong);
        CHECK_FALSE(service_metric(wrong).has_value());
        CHECK_FALSE(group_metric(wrong).has_value());
    }
}

}  // namespace
