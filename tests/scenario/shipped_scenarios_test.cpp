#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include <fleetsim/scenario/load.hpp>
#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/laws.hpp"

using namespace fleetsim;

namespace {

const std::filesystem::path scenarios = std::filesystem::path{FLEETSIM_SOURCE_DIR} / "scenarios";

sim::Scenario load(const std::string& name, const scenario::Overrides& overrides = {}) {
    const scenario::Loaded loaded = scenario::load_file(scenarios / (name + ".yaml"), overrides);
    INFO(loaded.diagnostics.render());
    REQUIRE(loaded.scenario.has_value());
    return *loaded.scenario;
}

/// What a run of the whole scenario must come to, to the last decision. A change that means to alter results puts the
/// new digest here; `fleetsim run` prints it.
sim::Result check_run(const std::string& name, std::uint64_t digest) {
    const sim::Scenario scenario = load(name);
    sim::Result result = sim::run(scenario);
    INFO(name << " has digest 0x" << std::hex << result.digest);
    CHECK(result.digest == digest);
    sim::testing::check_laws(result, scenario);
    return result;
}

}  // namespace

TEST_CASE("first-cluster holds its objectives with its three instances") {
    const sim::Result result = check_run("first-cluster", 0xa7e9fa321d4edc10);
    CHECK(result.groups[0].instances.max == 3);
    CHECK(result.services[0].tasks.mean == 6);
    for (const auto& objective : result.objectives) CHECK(objective.met);
    CHECK(result.cost_items[0].usd == Approx(3 * 2 * 0.0116));
}

TEST_CASE("of the shipped scenarios only surprises that are about it warn") {
    std::set<std::string> warned;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{scenarios}) {
        if (entry.path().extension() != ".yaml") continue;
        if (!scenario::load_file(entry.path()).diagnostics.render().empty()) warned.insert(entry.path().stem());
    }
    CHECK(warned == std::set<std::string>{"cooldown-shorter-than-boot", "deadlocked-deployments",
                                          "metric-that-does-not-fall", "schedule-lowers-min", "slow-boot-kill-loop",
                                          "spot-pool-reclaimed", "static-host-port", "two-policies-that-fight"});
}

TEST_CASE("job-portal serves five million users through a dead task and a dead instance") {
    const sim::Result result = check_run("job-portal", 0x07a0303d3e68b7c9);
    CHECK(result.sources[0].requests >= 5'000'000);
    CHECK(result.sources[0].failed == 0);
    for (const auto& objective : result.objectives) CHECK(objective.met);
    CHECK(result.services[0].tasks.max > 6);
}

TEST_CASE("a placer that looks at every instance places every task of the shipped scenarios where the fast one does") {
    const auto name = GENERATE(as<std::string>{}, "first-cluster", "job-portal", "gpu-surge", "real-traffic");
    const sim::Scenario scenario = load(name);
    sim::RunOptions options;
    options.placement_search = placement::Search::linear;
    // The digest counts every placement with its instant, task and instance.
    CHECK(sim::run(scenario, options).digest == sim::run(scenario).digest);
}

TEST_CASE("gpu-surge brings its GPU group from zero to several and back, twice") {
    const sim::Result result = check_run("gpu-surge", 0x1b670c947f40b9e0);
    const auto& gpu = result.groups[1];
    CHECK(gpu.name == "gpu");
    CHECK(gpu.instances.min == 0);
    CHECK(gpu.instances.max >= 2);
    const auto& minutes = result.minutes;
    const auto column = static_cast<std::size_t>(
        std::find(minutes.columns.begin(), minutes.columns.end(), "auto_scaling_groups.gpu.instances.running") -
        minutes.columns.begin());
    REQUIRE(column < minutes.columns.size());
    int rises_from_zero = 0;
    double before = 0;
    for (std::size_t row = 0; row < minutes.rows(); ++row) {
        const double running = minutes.values[row * minutes.columns.size() + column];
        if (before == 0 && running > 0) ++rises_from_zero;
        before = running;
    }
    CHECK(rises_from_zero == 2);
    CHECK(before == 0);
}

TEST_CASE("real-traffic follows what a load balancer measured") {
    const sim::Result result = check_run("real-traffic", 0x63146200ef18003e);
    // The first three days of the series count 57,653 requests; forty times as many come, give or take four standard
    // deviations.
    CHECK(static_cast<double>(result.sources[0].requests) == Approx(40 * 57'653.0).epsilon(0.003));
}

TEST_CASE("the measured series replays from its original file") {
    const std::filesystem::path traces = std::filesystem::path{FLEETSIM_SHARED_DATA_DIR} / "samples" / "traces";
    if (!std::filesystem::exists(traces)) {
        WARN("skipped: the sample traces are not beside this checkout");
        return;
    }
    scenario::Overrides overrides;
    SECTION("the load balancer's series, as it was counted") {
        overrides.traffic = {{"visitors", traces / "nab" / "elb_request_count_8c0756.csv"}};
        const sim::Result result = sim::run(load("real-traffic", overrides));
        // Our copy's three days, not scaled; within four standard deviations of a Poisson law.
        CHECK(std::abs(static_cast<double>(result.sources[0].requests) - 57'653) < 4 * std::sqrt(57'653));
    }
    SECTION("a day of a web site's requests by the minute, without a header") {
        overrides.traffic = {{"visitors", traces / "worldcup98" / "wc_day42_1.csv"}};
        const sim::Scenario scenario = load("first-cluster", overrides);
        const auto expected =
            scenario.sources[sim::SourceId{0}].rate.expected(des::Time{}, des::Time{scenario.duration});
        CHECK(expected > 100'000);
        const sim::Result result = sim::run(scenario);
        CHECK(static_cast<double>(result.sources[0].requests) == Approx(expected).epsilon(0.01));
    }
}
