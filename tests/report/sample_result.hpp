#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <fleetsim/sim/result.hpp>

namespace fleetsim::report::testing {

/// `fast` requests of 20 ms and `slow` ones of 400 ms: quantiles one can name without a calculator.
inline des::LogHistogram latencies(std::uint64_t fast, std::uint64_t slow) {
    des::LogHistogram histogram;
    histogram.record(20'000'000, fast);
    histogram.record(400'000'000, slow);
    return histogram;
}

/// Two hours of a small shop, made by hand. One of its two objectives is missed.
inline sim::Result sample_result() {
    sim::Result result;
    result.scenario = "shop";
    result.seed = 7;
    result.simulated = std::chrono::hours{2};
    result.measured = std::chrono::hours{2};

    sim::ServiceResult web;
    web.name = "web";
    web.requests = 10'000;
    web.in_flight = 2;
    web.outcomes = {9'980, 3, 4, 5, 0, 6};
    web.latency_ns = latencies(9'800, 180);
    web.concurrency = {0, 0.25, 9};
    web.tasks = {2, 2.5, 4};
    web.cpu_utilization_mean = 0.5;
    web.cpu_utilization_max = 0.75;
    result.services.push_back(web);

    sim::SourceResult visitors;
    visitors.name = "visitors";
    visitors.requests = 8'000;
    visitors.succeeded = 7'999;
    visitors.failed = 1;
    visitors.attempts = 8'004;
    visitors.latency_ns = latencies(7'999, 0);
    result.sources.push_back(visitors);

    result.groups.push_back({"nodes", {"m5.large"}, {1, 1.25, 2}, 2.5, 1, 1});
    result.cost_items.push_back({"auto_scaling_group/nodes", "ec2_on_demand", 2.5, "instance-hour", 0.24});
    result.cost_items.push_back({"load_balancer/public", "alb_hour", 2, "hour", 0.045});
    result.objectives.push_back({"web", "p99 <= 300ms", 400, true, false});
    result.objectives.push_back({"web", "availability >= 99.8%", 9'980.0 / 9'998.0, true, true});

    result.events.push_back({des::Time{std::chrono::milliseconds{61'500}}, "task_placed", "service/web", "web/3", "i-1",
                             "us-east-1a", 256, 512, 0, "provisioning", "pending", "spread, then \"binpack\""});
    result.minutes.columns = {"services.web.requests", "services.web.latency_ms.p99"};
    result.minutes.values = {84, 400.5, 0, std::numeric_limits<double>::quiet_NaN()};
    result.assumptions = {"an instance boots in 45 s (default)"};
    result.kernel_events = 123'456;
    result.digest = 0x00ab'cdef'0123'4567;
    return result;
}

/// Ten hours into the scenario managed scaling doubles a group and more, as far as the group may grow.
inline sim::ScalingExplanation sample_explanation() {
    sim::ScalingExplanation told;
    told.at = des::Time{std::chrono::hours{10}};
    told.resource = "auto_scaling_group/gpu";
    told.state = {
        {"desired_capacity", "4"}, {"in service and warm", "3"}, {"launching or warming up", "1"}, {"max_size", "6"}};
    const std::string metric = "auto_scaling_group/gpu CapacityProviderReservation";
    told.alarms = {
        {"CapacityProviderReservation-AlarmHigh", "ALARM", "OK", metric, "> 100 for 1 of 1 datapoints of 60 s", "225"},
        {"CapacityProviderReservation-AlarmLow", "OK", "", metric, "< 100 for 15 of 15 datapoints of 60 s",
         "- - 100 100 225"},
        {"queue-low", "OK", "", "custom/queue_depth", "< 10 for 1 of 1 datapoints of 60 s", ""}};
    told.policies = {{"drain the queue", "no alarm", std::nullopt, ""},
                     {"managed scaling", "scale out", 9, "4 with metric 225 against 100"}};
    told.result = "scale out";
    told.desired = 6;
    told.decided_by = "managed scaling";
    told.clamped_by = "max_size 6";
    return told;
}

}  // namespace fleetsim::report::testing
