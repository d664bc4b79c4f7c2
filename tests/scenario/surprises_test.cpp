#include "scenario/surprises.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ratio>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scenario/load.hpp>
#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/laws.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario::testing;
using namespace std::chrono_literals;

/// The complaints of scenarios/surprises/ and their cures, in numbers. Bounds leave room for a minute more or less.
namespace {

constexpr std::array<std::string_view, 19> complaints{"one-step-at-a-time",
                                                      "fifteen-minute-scale-in",
                                                      "services-outrun-instances",
                                                      "cooldown-shorter-than-boot",
                                                      "metric-that-does-not-fall",
                                                      "two-policies-that-fight",
                                                      "schedule-lowers-min",
                                                      "predictive-outlier-day",
                                                      "spot-pool-reclaimed",
                                                      "two-instances-from-zero",
                                                      "flapping-zero-and-two",
                                                      "deadlocked-deployments",
                                                      "no-rebalancing-after-outage",
                                                      "daemon-keeps-instances-busy",
                                                      "eni-slots-before-cpu",
                                                      "static-host-port",
                                                      "task-bigger-than-the-smallest-type",
                                                      "registered-below-nominal",
                                                      "slow-boot-kill-loop"};

/// A column of timeseries.csv: its value at the end of each minute.
std::vector<double> minutes_of(const sim::Result& result, const std::string& column) {
    const auto& columns = result.minutes.columns;
    const auto found = std::find(columns.begin(), columns.end(), column);
    INFO(column);
    REQUIRE(found != columns.end());
    std::vector<double> values;
    const auto offset = static_cast<std::size_t>(found - columns.begin());
    for (std::size_t row = 0; row < result.minutes.rows(); ++row) {
        values.push_back(result.minutes.values[row * columns.size() + offset]);
    }
    return values;
}

/// Minutes from minute `from` on until the column is at most `level`.
std::ptrdiff_t minutes_until(const sim::Result& result, const std::string& column, std::ptrdiff_t from, double level) {
    const std::vector<double> values = minutes_of(result, column);
    const auto begin = values.begin() + from;
    const auto found = std::find_if(begin, values.end(), [level](double value) { return value <= level; });
    REQUIRE(found != values.end());
    return found - begin + 1;
}

double largest(const std::vector<double>& values) { return *std::max_element(values.begin(), values.end()); }

/// Instants at which a desired capacity or count changed.
std::vector<des::Time> changes(const sim::Result& result, std::string_view subject) {
    std::vector<des::Time> instants;
    for (const sim::EventRow& row : result.events) {
        if (row.event == "scaling" && row.subject == subject) instants.push_back(row.at);
    }
    return instants;
}

/// Minutes that an alarm was on.
double minutes_in_alarm(const sim::Result& result, std::string_view alarm) {
    des::Duration total{};
    des::Time since{result.simulated};
    for (const sim::EventRow& row : result.events) {
        if (row.event != "alarm" || row.subject != alarm) continue;
        if (row.to == "ALARM") since = row.at;
        if (row.from == "ALARM") total += row.at - since;
    }
    return des::seconds(total) / 60;
}

/// Of the first service's requests.
double failed_share(const sim::Result& result) {
    const sim::ServiceResult& service = result.services[0];
    const std::uint64_t failed = sim::testing::total(service.outcomes) - service.outcomes[0];
    return static_cast<double>(failed) / static_cast<double>(service.requests);
}

std::size_t objectives_met(const sim::Result& result) {
    return static_cast<std::size_t>(std::count_if(result.objectives.begin(), result.objectives.end(),
                                                  [](const sim::ObjectiveResult& objective) { return objective.met; }));
}

/// What a scenario says, line by line, without its comments, its name and blank lines.
std::multiset<std::string> lines_of(const std::string& name) {
    std::ifstream file{surprises / (name + ".yaml")};
    std::multiset<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        line.erase(std::min(line.find('#'), line.size()));
        line.erase(line.find_last_not_of(' ') + 1);
        if (!line.empty() && line.rfind("name:", 0) != 0) lines.insert(line);
    }
    return lines;
}

}  // namespace

TEST_CASE("each surprise has a cure and no file is left over") {
    std::set<std::string> expected;
    for (const std::string_view name : complaints) {
        expected.insert(std::string{name} + ".yaml");
        expected.insert(std::string{name} + "-cured.yaml");
    }
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator{surprises})
        found.insert(entry.path().filename().string());
    CHECK(found == expected);
}

TEST_CASE("a cure leaves all of its scenario as it was but a few lines") {
    const auto name = GENERATE(from_range(complaints));
    const auto complaint = lines_of(std::string{name});
    const auto cured = lines_of(std::string{name} + "-cured");
    std::vector<std::string> gone;
    std::set_difference(complaint.begin(), complaint.end(), cured.begin(), cured.end(), std::back_inserter(gone));
    INFO(name);
    CHECK(complaint.size() > 10);
    CHECK(!gone.empty());
    CHECK(gone.size() <= (name == "two-policies-that-fight" ? 12 : 2));  // A policy and its alarm are gone.
}

TEST_CASE("a step of one instance takes 24 steps from 26 to 2 and half of the rest takes four") {
    const sim::Result slow = run_surprise("one-step-at-a-time").result;
    const std::vector<des::Time> steps = changes(slow, "desired_capacity");
    REQUIRE(steps.size() == 24);
    CHECK(steps.back() - steps.front() >= 23min);
    CHECK(minutes_until(slow, "auto_scaling_groups.workers.instances.desired", 25, 2) >= 26);

    const sim::Result fast = run_surprise("one-step-at-a-time-cured").result;
    const std::vector<des::Time> halvings = changes(fast, "desired_capacity");
    REQUIRE(halvings.size() == 4);
    CHECK(halvings.back() - halvings.front() <= 8min);
    CHECK(minutes_until(fast, "auto_scaling_groups.workers.instances.desired", 25, 2) <= 15);
    CHECK(usd(fast) < 0.85 * usd(slow));
}

TEST_CASE("target tracking scales in after a quarter of an hour and an alarm of one's own sooner") {
    const std::string tasks = "services.thumbnails.tasks.desired";
    const std::string instances = "auto_scaling_groups.web.instances.running";
    constexpr std::ptrdiff_t end_of_load = 71;
    const sim::Result slow = run_surprise("fifteen-minute-scale-in").result;
    CHECK(slow.services[0].tasks.max == 5);
    CHECK(minutes_until(slow, tasks, end_of_load, 2) >= 15);
    CHECK(minutes_until(slow, instances, end_of_load, 2) >= 30);

    const sim::Result fast = run_surprise("fifteen-minute-scale-in-cured").result;
    CHECK(fast.services[0].tasks.max == 5);
    CHECK(minutes_until(fast, tasks, end_of_load, 2) <= 8);
    // The low alarm of managed scaling cannot be changed.
    CHECK(minutes_until(fast, instances, end_of_load, 2) >= 15);
    CHECK(minutes_until(fast, instances, end_of_load, 2) <= minutes_until(slow, instances, end_of_load, 2) - 8);
    CHECK(failed_share(slow) == 0);
    CHECK(failed_share(fast) == 0);
}

TEST_CASE("tasks wait for instances while users give up unless there is headroom") {
    const std::string waiting = "services.shop.tasks.waiting";
    const sim::Result late = run_surprise("services-outrun-instances").result;
    const std::vector<double> waiting_late = minutes_of(late, waiting);
    CHECK(largest(waiting_late) >= 8);
    CHECK(failed_share(late) > 0.01);
    CHECK(objectives_met(late) == 0);

    const sim::Result ready = run_surprise("services-outrun-instances-cured").result;
    const std::vector<double> waiting_ready = minutes_of(ready, waiting);
    const auto task_minutes = [](const std::vector<double>& values) {
        return std::accumulate(values.begin(), values.end(), 0.0);
    };
    CHECK(task_minutes(waiting_ready) < 0.5 * task_minutes(waiting_late));
    CHECK(failed_share(ready) == 0);
    CHECK(objectives_met(ready) == 2);
    CHECK(usd(ready) > 1.3 * usd(late));
}

TEST_CASE("a cooldown shorter than the boot scales for the same load again and again") {
    const auto [warnings, greedy] = run_surprise("cooldown-shorter-than-boot");
    CHECK(warnings.find("from 6m22s on it outlasts") != std::string::npos);
    CHECK(greedy.services[0].tasks.max == 40);
    const std::vector<double> desired = minutes_of(greedy, "services.quotes.tasks.desired");
    CHECK(largest({desired.begin(), desired.begin() + 22}) == 4);
    CHECK(desired[29] == 40);

    const auto [no_warnings, patient] = run_surprise("cooldown-shorter-than-boot-cured");
    CHECK(no_warnings.empty());
    CHECK(patient.services[0].tasks.max == 12);
    CHECK(changes(patient, "desired_count").size() == 1);
    CHECK(failed_share(patient) == 0);

    // The remedy cures as well as the cure does.
    std::ifstream file{surprises / "cooldown-shorter-than-boot.yaml"};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    text.replace(text.find("60s"), 3, "6m22s");
    const scenario::Loaded remedied = scenario::load_text(text, "remedied.yaml", surprises, {});
    CHECK(remedied.diagnostics.render().empty());
    REQUIRE(remedied.scenario.has_value());
    CHECK(changes(sim::run(*remedied.scenario), "desired_count").size() == 1);
}

TEST_CASE("a metric that does not fall drives a service to its maximum") {
    const auto [warnings, runaway] = run_surprise("metric-that-does-not-fall");
    CHECK(warnings.find("does not fall when service") != std::string::npos);
    CHECK(runaway.services[0].tasks.max == 40);
    CHECK(minutes_of(runaway, "services.worker.tasks.desired").back() == 40);

    const auto [no_warnings, settled] = run_surprise("metric-that-does-not-fall-cured");
    CHECK(no_warnings.empty());
    CHECK(settled.services[0].tasks.max == 12);
    CHECK(minutes_of(settled, "services.worker.tasks.desired").back() == 12);
    CHECK(changes(settled, "desired_count").size() == 1);
}

TEST_CASE("a step policy within the band of target tracking makes a group flap") {
    const auto in_constant_load = [](const sim::Result& result) {
        const std::vector<des::Time> all = changes(result, "desired_capacity");
        return std::count_if(all.begin(), all.end(), [](des::Time at) { return at < des::Time{6h}; });
    };
    const auto [warnings, flapping] = run_surprise("two-policies-that-fight");
    CHECK(warnings.find("they undo each other") != std::string::npos);
    CHECK(in_constant_load(flapping) >= 60);
    CHECK(flapping.groups[0].launches >= 30);

    const auto [no_warnings, calm] = run_surprise("two-policies-that-fight-cured");
    CHECK(no_warnings.empty());
    CHECK(in_constant_load(calm) == 0);
    // It still follows a load that changes.
    const std::vector<double> desired = minutes_of(calm, "auto_scaling_groups.web.instances.desired");
    CHECK(largest(desired) == 7);
    CHECK(desired.back() == 4);
}

TEST_CASE("a scheduled desired capacity takes a running surge's instances away and a minimum alone does not") {
    const std::string column = "auto_scaling_groups.web.instances.desired";
    constexpr std::ptrdiff_t before = 179;  // At 20:00.
    constexpr std::ptrdiff_t after = 181;
    const auto [warnings, cut] = run_surprise("schedule-lowers-min");
    CHECK(warnings.find("desired_capacity takes away what policies have asked for") != std::string::npos);
    CHECK(minutes_of(cut, column)[before - 1] == 10);
    CHECK(minutes_of(cut, column)[after - 1] == 2);
    CHECK(minutes_in_alarm(cut, "overrun") >= 8);
    CHECK(minutes_in_alarm(cut, "overrun") <= 20);

    const auto [no_warnings, kept] = run_surprise("schedule-lowers-min-cured");
    CHECK(no_warnings.empty());
    CHECK(minutes_of(kept, column)[before - 1] == 10);
    CHECK(minutes_of(kept, column)[after - 1] == 10);
    CHECK(minutes_in_alarm(kept, "overrun") == 0);
    // Once the load has gone the lower minimum serves.
    CHECK(minutes_of(cut, column).back() == 2);
    CHECK(minutes_of(kept, column).back() == 2);
}

TEST_CASE("a forecast fooled by one day buys three times what is wanted") {
    const std::string column = "auto_scaling_groups.web.instances.desired";
    const auto highest_forecast = [](const sim::Result& result) {
        int highest = 0;
        for (const sim::EventRow& row : result.events) {
            if (row.event == "forecast") highest = std::max(highest, std::stoi(row.to));
        }
        return highest;
    };
    const sim::Result fooled = run_surprise("predictive-outlier-day").result;
    const auto [no_warnings, sober] = run_surprise("predictive-outlier-day-cured");
    CHECK(no_warnings.empty());
    // 14 instances are wanted at the peak, and the same forecast is made in both.
    CHECK(highest_forecast(fooled) == 42);
    CHECK(highest_forecast(sober) == 42);
    CHECK(largest(minutes_of(fooled, column)) == 42);
    CHECK(largest(minutes_of(sober, column)) <= 15);
    CHECK(usd(fooled) > 2 * usd(sober));
}

TEST_CASE("a fleet in one Spot pool is taken back as a whole and a diversified one by a third") {
    const auto [warnings, lost] = run_surprise("spot-pool-reclaimed");
    CHECK(warnings.find("lowest-price with one pool") != std::string::npos);
    CHECK(lost.groups[0].spot_interruptions == 9);
    CHECK(lost.services[0].tasks.min <= 5);
    CHECK(failed_share(lost) > 0.002);
    CHECK(objectives_met(lost) == 0);

    const auto [no_warnings, spread] = run_surprise("spot-pool-reclaimed-cured");
    CHECK(no_warnings.empty());
    CHECK(spread.groups[0].spot_interruptions == 3);
    CHECK(spread.services[0].tasks.min >= 6);
    CHECK(failed_share(spread) < 0.001);
    CHECK(objectives_met(spread) == 1);
}
