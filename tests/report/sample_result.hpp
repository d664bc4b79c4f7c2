#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

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

    result.groups.push_back({"nodes", "m5.large", {1, 1.25, 2}, 2.5, 1, 1});
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

}  // namespace fleetsim::report::testing
