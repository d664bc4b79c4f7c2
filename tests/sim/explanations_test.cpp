#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fleetsim/sim/cloud_watch.hpp>
#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;
using scaling::Comparison;

namespace {

std::vector<sim::ScalingExplanation> explained(const sim::Scenario& scenario,
                                               std::variant<sim::ServiceId, sim::GroupId> resource, Time at) {
    sim::RunOptions options;
    options.explain = {{resource, at}};
    return sim::run(scenario, options).explanations;
}

/// Adds a policy that launches one more while the metric is above 50 in a period of that length.
void add_step_policy(sim::Scenario& scenario, const sim::MetricQuery& metric, des::Duration period) {
    const auto alarm = add_alarm(scenario, "high", metric, Comparison::greater, 50, period);
    group_of(scenario).step_scaling = {
        {"out", alarm, {.steps = {{.lower_bound = 0, .upper_bound = {}, .adjustment = 1}}}}};
}

std::string state_line(const sim::ScalingExplanation& told, const std::string& what) {
    for (const auto& [name, value] : told.state) {
        if (name == what) return value;
    }
    return {};
}

}  // namespace

TEST_CASE("the first decision that does not come before the instant is told") {
    sim::Scenario scenario = fleet_world(1, 4);
    add_step_policy(scenario, custom_metric(scenario, traffic::steps({{0s, 40}, {600s, 60}})), 60s);
    for (const auto& [asked, told_at] :
         {std::pair{0s, 60s}, {1s, 60s}, {60s, 60s}, {61s, 120s}, {719s, 720s}, {720s, 720s}}) {
        const auto told = explained(scenario, fleet, Time{asked});
        REQUIRE(told.size() == 1);
        CHECK(told[0].at == Time{told_at});
    }
    const auto told = explained(scenario, fleet, Time{720s});
    CHECK(told[0].resource == "auto_scaling_group/fleet");
    CHECK(state_line(told[0], "desired_capacity") == "1");
    CHECK(told[0].desired == 2);
    CHECK(told[0].decided_by == "out");
    CHECK(told[0].alarms[0].before == "OK");
    CHECK(told[0].alarms[0].state == "ALARM");
    CHECK(told[0].alarms[0].datapoints == "60");
    CHECK(told[0].policies[0].reckoning == "1 with metric 60 against 50");
    CHECK(told[0].actions.empty());
}

TEST_CASE("decisions of fast alarms between the minutes are told too") {
    sim::Scenario scenario = fleet_world(1, 4);
    add_step_policy(scenario, custom_metric(scenario, traffic::steps({{0s, 40}, {605s, 60}}), 1s), 10s);
    const auto told = explained(scenario, fleet, Time{601s});
    REQUIRE(told.size() == 1);
    CHECK(told[0].at == Time{630s});
    CHECK(told[0].desired == 2);
}

TEST_CASE("actions of the minute before stand in front of the decision") {
    sim::Scenario scenario = fleet_world(4, 8);
    add_step_policy(scenario, custom_metric(scenario, traffic::constant(40)), 60s);
    group_of(scenario).scheduled_actions = {
        {"night", scaling::Schedule::once(scenario.start + 600s), {.min_size = 1, .desired_capacity = 2}}};
    const auto told = explained(scenario, fleet, Time{600s});
    REQUIRE(told.size() == 1);
    CHECK(told[0].actions ==
          std::vector<std::string>{"scheduled action night: min_size 0 → 1, desired_capacity 4 → 2"});
    CHECK(state_line(told[0], "desired_capacity") == "2");
    CHECK(explained(scenario, fleet, Time{660s})[0].actions.empty());
    CHECK(explained(scenario, fleet, Time{540s})[0].actions.empty());
}

TEST_CASE("a cooldown tells how long it lasts and what the service had before") {
    sim::Scenario scenario = small_world(5);
    const sim::ServiceId web = add_service(scenario, "web", 2, 1, des::constant(0.01));
    scenario.services[web].autoscaling = tracking(scenario, web, 2, 10, 50);
    scenario.services[web].autoscaling->target_tracking[0].metric = custom_metric(scenario, traffic::constant(100));
    scenario.services[web].autoscaling->target_tracking[0].name = "web";
    // Three datapoints, each a minute late.
    const auto told = explained(scenario, web, Time{300s});
    REQUIRE(told.size() == 1);
    CHECK(state_line(told[0], "last scale-out") == "60 s ago, from 2");
    CHECK(state_line(told[0], "web: scale-out cooldown") == "240 s left of 300 s");
    CHECK(told[0].policies[0].reckoning == "2 with metric 100 against 50");
    CHECK(told[0].result == "enough capacity");
    const auto later = explained(scenario, web, Time{540s});
    CHECK(state_line(later[0], "web: scale-out cooldown").empty());
}

TEST_CASE("figures are told to six digits and large ones to the unit") {
    for (const auto& [value, text] : {std::pair{20'003.5, "20003.5"},
                                      {66.0 + 2.0 / 3.0, "66.6667"},
                                      {100'000.4, "100000"},
                                      {123'456'789.0, "123456789"},
                                      {0.0, "0"},
                                      {-3.25, "-3.25"},
                                      {1e-7, "1e-07"}}) {
        CHECK(sim::value_text(value) == text);
    }
}

TEST_CASE("an older datapoint that took the place of a missing one is told") {
    sim::Scenario scenario = fleet_world(2, 8);
    // A datapoint every five minutes, in an alarm that looks at three minutes.
    const auto metric = custom_metric(scenario, traffic::constant(100), 300s);
    const sim::MetricAlarm alarm{
        metric,
        {.comparison = Comparison::greater, .threshold = 50, .evaluation_periods = 3, .datapoints_to_alarm = 3}};
    const sim::AlarmId high = scenario.alarms.add({"high", alarm});
    group_of(scenario).step_scaling = {
        {"out", high, {.steps = {{.lower_bound = 0, .upper_bound = {}, .adjustment = 1}}}}};
    const sim::Result result = sim::run(scenario);
    CHECK(the_row(result, "scaling").scaling->datapoints.find("100") != std::string::npos);
}
