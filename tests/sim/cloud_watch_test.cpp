#include <chrono>
#include <cstdint>
#include <string>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/replay.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;
using des::Time;
using scaling::Comparison;
using scaling::MissingData;

namespace {

/// An alarm's changes: `720 OK>ALARM`.
Lines states(const sim::Result& result, const std::string& alarm) { return changes(result, alarm, "alarm"); }

scaling::StepScaling one_more() { return {.steps = {{.lower_bound = 0, .upper_bound = {}, .adjustment = 1}}}; }

/// An alarm above 50 for M of N datapoints of a minute.
sim::AlarmId alarm_of(sim::Scenario& scenario, const std::string& name, const sim::MetricQuery& metric, std::int32_t m,
                      std::int32_t n, MissingData missing = MissingData::missing) {
    return scenario.alarms.add({name, sim::MetricAlarm{metric,
                                                       {.comparison = Comparison::greater,
                                                        .threshold = 50,
                                                        .evaluation_periods = n,
                                                        .datapoints_to_alarm = m,
                                                        .treat_missing_data = missing}}});
}

}  // namespace

TEST_CASE("an alarm begins without data and follows its metric two minutes behind") {
    sim::Scenario scenario = fleet_world(1, 4);
    const auto metric = custom_metric(scenario, traffic::steps({{0s, 40}, {600s, 60}, {900s, 40}}));
    add_alarm(scenario, "high", metric, Comparison::greater, 50);
    const sim::Result result = sim::run(scenario);
    CHECK(states(result, "high") == Lines{"120 INSUFFICIENT_DATA>OK", "720 OK>ALARM", "1020 ALARM>OK"});
    const auto* row = row_from(result, Time{200s}, "alarm");
    CHECK(row->resource == "alarm/high");
    CHECK(row->reason == "newest datapoint 60");
}

TEST_CASE("so many datapoints of so many make an alarm") {
    sim::Scenario scenario = fleet_world(1, 4);
    const auto metric =
        custom_metric(scenario, traffic::steps({{0s, 40}, {600s, 60}, {660s, 40}, {720s, 60}, {780s, 40}}));
    alarm_of(scenario, "two of three", metric, 2, 3);
    alarm_of(scenario, "three of three", metric, 3, 3);
    const sim::Result result = sim::run(scenario);
    CHECK(states(result, "two of three").back() == "900 ALARM>OK");
    CHECK(states(result, "two of three")[1] == "840 OK>ALARM");
    CHECK(states(result, "three of three").size() == 1);
}

TEST_CASE("a metric that stops leaves its alarm without data or as missing data are treated") {
    // A profile that ends is zero from there on, so the group's own metric stops instead: nobody is left in service.
    const auto final_state = [](MissingData missing) {
        sim::Scenario scenario = fleet_world(2, 4);
        group_of(scenario).workload.vcpus = traffic::constant(3);
        group_of(scenario).scheduled_actions = {desired_at(scenario, 600s, 0)};
        alarm_of(scenario, "high", tracking_cpu(scenario, 50).metric, 1, 1, missing);
        const Lines lines = states(sim::run(scenario), "high");
        return lines.back().substr(lines.back().find('>') + 1);
    };
    CHECK(final_state(MissingData::missing) == "INSUFFICIENT_DATA");
    CHECK(final_state(MissingData::ignore) == "ALARM");
    CHECK(final_state(MissingData::breaching) == "ALARM");
    CHECK(final_state(MissingData::not_breaching) == "OK");
}

TEST_CASE("a group that never had data is left alone") {
    sim::Scenario scenario = fleet_world(0, 8);
    group_of(scenario).workload.vcpus = traffic::constant(3.9);
    group_of(scenario).target_tracking = {tracking_cpu(scenario, 50)};
    const sim::Result result = sim::run(scenario);
    CHECK(changes(result).empty());
    CHECK(count_rows(result, "alarm") == 0);
}

TEST_CASE("alarms with periods below a minute are evaluated every ten seconds and act at once") {
    sim::Scenario scenario = fleet_world(1, 4);
    const auto metric = custom_metric(scenario, traffic::steps({{0s, 40}, {605s, 60}, {645s, 40}}), 1s);
    const auto alarm = add_alarm(scenario, "fast", metric, Comparison::greater, 50, 10s);
    group_of(scenario).step_scaling = {{"out", alarm, one_more()}};
    const sim::Result result = sim::run(scenario);
    // Of the ten seconds from 600 s on half are high, a mean of 50; those from 610 s on are seen at 625 s.
    CHECK(states(result, "fast") == Lines{"20 INSUFFICIENT_DATA>OK", "630 OK>ALARM", "660 ALARM>OK"});
    CHECK(changes(result) == Lines{"630 1>2"});
    CHECK(in_service(result, Time{652s}) == 2);
}

TEST_CASE("an alarm that stays on acts every minute, a fast one too") {
    sim::Scenario scenario = fleet_world(1, 9);
    const auto metric = custom_metric(scenario, traffic::steps({{0s, 40}, {600s, 60}, {790s, 40}}), 10s);
    const auto alarm = add_alarm(scenario, "fast", metric, Comparison::greater, 50, 10s);
    auto policy = one_more();
    policy.estimated_instance_warmup = 0s;
    group_of(scenario).step_scaling = {{"out", alarm, policy}};
    // On from 620 s; asked again at 660, 720 and 780 s, whenever the one before is in service.
    CHECK(changes(sim::run(scenario)) == Lines{"620 1>2", "660 2>3", "720 3>4", "780 4>5"});
}

TEST_CASE("longer periods slide from minute to minute") {
    sim::Scenario scenario = fleet_world(1, 4);
    const auto metric = custom_metric(scenario, traffic::steps({{0s, 0}, {600s, 100}}));
    add_alarm(scenario, "five minutes", metric, Comparison::greater, 50, 300s);
    const sim::Result result = sim::run(scenario);
    // Three of five minutes are 60: those from 600, 660 and 720 s on, seen at 840 s.
    CHECK(states(result, "five minutes").back() == "840 OK>ALARM");
}

TEST_CASE("an alarm can watch an expression over several metrics") {
    sim::Scenario scenario = fleet_world(1, 4);
    sim::MetricQuery query = custom_metric(scenario, traffic::steps({{0s, 100}, {600s, 600}}));
    query.operands.push_back(custom_metric(scenario, traffic::constant(10)).operands[0]);
    query.expression = scaling::MetricExpression::parse("requests / targets").expression;
    REQUIRE(query.expression);
    add_alarm(scenario, "ratio", query, Comparison::greater, 50);
    const sim::Result result = sim::run(scenario);
    CHECK(states(result, "ratio").back() == "720 OK>ALARM");
    CHECK(the_row(result, "alarm", Time{700s}).reason == "newest datapoint 60");
}

TEST_CASE("a composite alarm follows its rule and says so") {
    sim::Scenario scenario = fleet_world(1, 4);
    const auto one = add_alarm(scenario, "one", custom_metric(scenario, traffic::steps({{0s, 40}, {600s, 60}})),
                               Comparison::greater, 50);
    const auto other =
        add_alarm(scenario, "other", custom_metric(scenario, traffic::steps({{0s, 40}, {900s, 60}, {1200s, 40}})),
                  Comparison::greater, 50);
    const auto rule = scaling::AlarmRule::parse("ALARM(one) AND ALARM(other)");
    REQUIRE(rule.rule);
    scenario.alarms.add({"both", sim::CompositeAlarm{*rule.rule, {one, other}}});
    const sim::Result result = sim::run(scenario);
    CHECK(states(result, "both") == Lines{"60 INSUFFICIENT_DATA>OK", "1020 OK>ALARM", "1320 ALARM>OK"});
    for (const auto& row : result.events) {
        if (row.event == "alarm" && row.subject == "both") {
            CHECK(row.resource == "alarm/both");
            CHECK(row.reason == "its rule");
        }
    }
}

TEST_CASE("a composite alarm follows fast alarms between the minutes") {
    sim::Scenario scenario = fleet_world(1, 4);
    const auto metric = custom_metric(scenario, traffic::steps({{0s, 40}, {600s, 60}}), 10s);
    const auto fast = add_alarm(scenario, "fast", metric, Comparison::greater, 50, 10s);
    scenario.alarms.add({"any", sim::CompositeAlarm{*scaling::AlarmRule::parse("ALARM(fast)").rule, {fast}}});
    const sim::Result result = sim::run(scenario);
    CHECK(states(result, "fast").back() == "620 OK>ALARM");
    CHECK(states(result, "any").back() == "620 OK>ALARM");
}

TEST_CASE("the group's own sizes can be watched") {
    for (const auto& [figure, at] : {std::pair{sim::GroupFigure::desired_capacity, "720"},
                                     std::pair{sim::GroupFigure::in_service_instances, "780"},
                                     std::pair{sim::GroupFigure::total_instances, "720"}}) {
        sim::Scenario scenario = fleet_world(40, 80);
        group_of(scenario).scheduled_actions = {desired_at(scenario, 650s, 60)};
        const auto metric = query_of(scenario, sim::GroupMetric{fleet, figure}, {}, scaling::ec2_publication_delay);
        add_alarm(scenario, "size", metric, Comparison::greater, 50);
        // At the end of the minute, 660 s, all are launching; in service at 672 s.
        CHECK(states(sim::run(scenario), "size").back() == std::string{at} + " OK>ALARM");
    }
}
