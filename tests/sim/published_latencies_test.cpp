#include <chrono>
#include <cstdint>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/ecs_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;

/// What others have measured of AWS, and what the default times of a launch add up to.

TEST_CASE("from the wish for a task to RUNNING on a new instance takes as long as measured") {
    // About 150 s (Vlad Ionescu, "Scaling containers on AWS in 2022"): a minute for the metric, its publication, the
    // alarm, the launch, the agent and the task. The parts that wait for a whole minute make 100 to 180 s of it.
    constexpr int runs = 40;
    double total_s = 0;
    for (std::uint64_t seed = 1; seed <= runs; ++seed) {
        sim::Scenario scenario = small_world(0);
        scenario.seed = seed;
        scenario.groups[first_group].max_size = 10;
        scenario.clusters[main_cluster].capacity_providers[0].managed_scaling = scaling::ManagedScaling{};
        add_worker(scenario, "web", 0);
        desire_at(scenario, first_service, 600s, 1);
        const std::vector<Time> running = times_of(sim::run(scenario), "task_running");
        REQUIRE_FALSE(running.empty());
        total_s += des::seconds(running[0] - Time{600s});
    }
    CHECK(total_s / runs > 100);
    CHECK(total_s / runs < 180);
}
