#include <array>
#include <cstdint>
#include <vector>

#include <fleetsim/des/statistics.hpp>
#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;

namespace {

constexpr double mean_service_seconds = 0.01;

struct Measured {
    std::vector<double> sojourn;      // In mean service times.
    std::vector<double> number;       // In the system.
    std::vector<double> utilization;  // Of the workers.
};

/// Poisson arrivals at `workers` exponential workers of one task, in twenty independent replications of about 40,000
/// customers, measured after 6,000 mean service times: long past the start from empty, whose effect dies out within
/// hundreds of them at these loads.
Measured measure(unsigned workers, double load, std::uint64_t seed) {
    sim::Scenario scenario = small_world(1);
    scenario.seed = seed;
    const auto service = add_service(scenario, "queue", 1, workers, des::exponential(mean_service_seconds));
    const double per_second = load * workers / mean_service_seconds;
    add_traffic(scenario, "users", add_route(scenario, service), traffic::constant(per_second));
    scenario.warmup = 60s;
    scenario.duration = scenario.warmup + des::from_seconds(40'000 / per_second);
    Measured measured;
    for (std::uint64_t replication = 0; replication < 20; ++replication) {
        sim::RunOptions options;
        options.replication = replication;
        const sim::Result result = sim::run(scenario, options);
        const sim::ServiceResult& queue = result.services.front();
        measured.sojourn.push_back(queue.latency_ns.mean() * 1e-9 / mean_service_seconds);
        measured.number.push_back(queue.concurrency.mean);
        measured.utilization.push_back(queue.cpu_utilization_mean);
    }
    return measured;
}

bool contains(const std::vector<double>& values, double truth) {
    const des::Interval interval = des::confidence_interval(values, 0.99);
    return interval.low <= truth && truth <= interval.high;
}

struct Theory {
    unsigned workers;
    double load;
    double number;   // L
    double sojourn;  // E[T] in mean service times
};

/// A 99 % interval misses the truth once in a hundred times by design. What misses is measured again with two other
/// seeds, and two misses of three are a defect: a correct engine fails a figure with probability 3e-4.
void check_against(const Theory& theory) {
    std::array<int, 3> misses{};
    for (const std::uint64_t seed : {1ULL, 2ULL, 3ULL}) {
        const Measured measured = measure(theory.workers, theory.load, seed);
        misses[0] += contains(measured.sojourn, theory.sojourn) ? 0 : 1;
        misses[1] += contains(measured.number, theory.number) ? 0 : 1;
        misses[2] += contains(measured.utilization, theory.load) ? 0 : 1;
        if (seed == 1 && misses == std::array{0, 0, 0}) break;
    }
    for (const int count : misses) CHECK(count < 2);
}

}  // namespace

TEST_CASE("one task with one worker under Poisson traffic and exponential work is M/M/1") {
    for (const Theory& theory :
         {Theory{1, 0.5, 1.0, 2.0}, Theory{1, 0.7, 2.33333333333, 3.33333333333}, Theory{1, 0.8, 4.0, 5.0}}) {
        INFO("load " << theory.load);
        check_against(theory);
    }
}

TEST_CASE("one task with c workers is M/M/c") {
    // Mean number in the system by Erlang's formulas; the sojourn is that over the arrival rate.
    for (const Theory& theory :
         {Theory{2, 0.7, 2.74509803922, 1.96078431373}, Theory{4, 0.8, 5.58572988715, 1.74554058973},
          Theory{8, 0.7, 6.23140684187, 1.11275122176}}) {
        INFO(theory.workers << " workers at load " << theory.load);
        check_against(theory);
    }
}
