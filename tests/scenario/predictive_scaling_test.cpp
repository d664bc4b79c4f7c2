#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_fleet.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view day = "{hours: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]}";
constexpr std::string_view mode = "mode: ForecastAndScale";
constexpr std::string_view start = "start: 2026-01-05T00:00:00Z";

sim::PredictiveScalingPolicy policy(std::string_view was, std::string_view becomes) {
    return good(with(small_fleet, was, becomes)).groups[sim::GroupId{0}].predictive_scaling[0];
}

/// A file beside the scenario, gone at the end of the test.
class HistoryFile {
public:
    explicit HistoryFile(std::string_view text)
        : path_(std::filesystem::temp_directory_path() /
                ("fleetsim_history_test_" + std::to_string(::getpid()) + ".csv")) {
        std::ofstream(path_, std::ios::binary) << text;
    }
    ~HistoryFile() { std::filesystem::remove(path_); }
    HistoryFile(const HistoryFile&) = delete;
    HistoryFile& operator=(const HistoryFile&) = delete;

    [[nodiscard]] Loaded load() const {
        const auto text = with(small_fleet, day, path_.filename().string());
        return load_text(text, "fleet.yaml", path_.parent_path());
    }

private:
    std::filesystem::path path_;
};

/// `value` for each of so many hours from 2026-01-03 at midnight on.
std::string hours_from_saturday(int count) {
    std::string text = "timestamp,value\n";
    for (int hour = 0; hour < count; ++hour) {
        const std::string of_day = std::to_string(hour % 24);
        text += "2026-01-0" + std::to_string(3 + hour / 24) + "T" + (of_day.size() < 2 ? "0" : "") + of_day +
                ":00:00Z," + std::to_string(100 + hour) + "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("predictive scaling has AWS's defaults and takes every key") {
    const sim::PredictiveScalingPolicy usual = policy(mode, mode);
    CHECK(usual.metric.text == "auto_scaling_group/web CPUUtilization Average");
    CHECK(usual.settings.mode == scaling::PredictiveMode::forecast_and_scale);
    CHECK(usual.settings.target_value == 50);
    CHECK(usual.settings.scheduling_buffer_time == 300s);
    CHECK(usual.settings.max_capacity_breach_behavior == scaling::MaxCapacityBreach::honor_max_capacity);
    CHECK(usual.settings.max_capacity_buffer_percent == 0);
    const sim::PredictiveScalingPolicy other =
        policy(mode,
               "name: ahead, mode: ForecastOnly, scheduling_buffer_time: 3599, max_capacity_breach_behavior: "
               "IncreaseMaxCapacity, max_capacity_buffer: 10");
    CHECK(other.name == "ahead");
    CHECK(other.settings.mode == scaling::PredictiveMode::forecast_only);
    CHECK(other.settings.scheduling_buffer_time == 3599s);
    CHECK(other.settings.max_capacity_breach_behavior == scaling::MaxCapacityBreach::increase_max_capacity);
    CHECK(other.settings.max_capacity_buffer_percent == 10);
}

TEST_CASE("a history of days is one day over and over with outliers") {
    const auto usual = policy(mode, mode).history;
    REQUIRE(usual.size() == 14 * 24);
    CHECK(usual.front().hour_start == des::Time{-14 * 24h});
    CHECK(usual.front().mean_load == 1);
    CHECK(usual.back().hour_start == des::Time{-1h});
    CHECK(usual.back().mean_load == 2);

    const auto two_days = policy("history: {hours",
                                 "history: {days: 2, outliers: [{days_ago: 2, factor: 3}, {days_ago: "
                                 "1, factor: 0.5}], hours")
                              .history;
    REQUIRE(two_days.size() == 48);
    CHECK(two_days[0].mean_load == 3);
    CHECK(two_days[23].mean_load == 6);
    CHECK(two_days[24].mean_load == 0.5);
    CHECK(two_days[47].mean_load == 1);
    CHECK(two_days[24].hour_start == des::Time{-24h});

    // The scenario begins at noon, and so ends the history.
    const auto from_noon = good(with(small_fleet, start, "start: 2026-01-05T12:00:00Z"))
                               .groups[sim::GroupId{0}]
                               .predictive_scaling[0]
                               .history;
    CHECK(from_noon.front().mean_load == 2);
    CHECK(from_noon.back().mean_load == 1);
}

TEST_CASE("a history file's hours before the start are taken and others left") {
    // The scenario starts on Monday the 5th; 48 hours of the file lie before, and the rest after.
    const HistoryFile file(hours_from_saturday(60));
    const Loaded loaded = file.load();
    INFO(loaded.diagnostics.render());
    REQUIRE(loaded.scenario.has_value());
    const auto& history = loaded.scenario->groups[sim::GroupId{0}].predictive_scaling[0].history;
    REQUIRE(history.size() == 48);
    CHECK(history.front().hour_start == des::Time{-48h});
    CHECK(history.front().mean_load == Approx(100));
    CHECK(history.back().hour_start == des::Time{-1h});
    CHECK(history.back().mean_load == Approx(147));
}

TEST_CASE("hours of a finer history are means over its rows") {
    std::string text = "timestamp,value\n";
    for (int half = 0; half < 48; ++half) {
        const std::string hour = std::to_string(half / 2);
        text += "2026-01-04T" + std::string(half < 20 ? "0" : "") + hour + (half % 2 == 0 ? ":00" : ":30") + ":00Z," +
                (half % 2 == 0 ? "10" : "30") + "\n";
    }
    const HistoryFile file(text);
    const Loaded loaded = file.load();
    REQUIRE(loaded.scenario.has_value());
    const auto& history = loaded.scenario->groups[sim::GroupId{0}].predictive_scaling[0].history;
    REQUIRE(history.size() == 24);
    for (const scaling::HourlyLoad& hour : history) CHECK(hour.mean_load == Approx(20));
}

TEST_CASE("faults of history files") {
    const auto message = [](std::string_view text) {
        const auto found = HistoryFile(text).load().diagnostics.sorted();
        REQUIRE(found.size() == 1);
        CHECK(found[0].place.line == 39);
        return found[0].message;
    };
    CHECK(message("time,value\n0,1\n3600,2\n") ==
          "history: its timestamps must be dates, so that they lie before the start");
    CHECK(message("timestamp,value\n2026-01-05T00:00:00Z,1\n2026-01-05T01:00:00Z,2\n") ==
          "history: no whole hour of it lies in the 14 days before the start");
    CHECK(message(hours_from_saturday(2)) == "history: 2 hours before the start, and a forecast needs 24");
    CHECK(message("timestamp,value\n2026-01-05T00:00:00Z,many\n").find("line 2, column 22: 'many' is not a number") !=
          std::string::npos);
}

TEST_CASE("faults of predictive scaling") {
    const auto row = [](std::string_view becomes, std::string_view message, std::string_view hint = "",
                        Severity severity = Severity::error) {
        check({{mode, becomes, message, hint, severity}}, small_fleet);
    };
    row("mode: §Forecast", "mode: expected ForecastOnly or ForecastAndScale", "did you mean ForecastOnly");
    row("mode: ForecastAndScale, scheduling_buffer_time: §1h",
        "scheduling_buffer_time: expected a duration from 0s to 59m59s");
    row("mode: ForecastAndScale, max_capacity_buffer: §10",
        "max_capacity_buffer needs the max_capacity_breach_behavior IncreaseMaxCapacity");
    row("mode: ForecastAndScale, max_capacity_breach_behavior: IncreaseMaxCapacity, max_capacity_buffer: §101",
        "max_capacity_buffer: expected a whole number from 0 to 100");
    row("mode: ForecastAndScale, max_capacity_breach_behavior: §Increase",
        "max_capacity_breach_behavior: expected HonorMaxCapacity or IncreaseMaxCapacity", "IncreaseMaxCapacity");
    row("mode: ForecastAndScale, §cooldown: 1", "unknown key \"cooldown\" in predictive_scaling item", "it takes");
    check({{"{metric: ASGAverageCPUUtilization, target_value: 50, mode: ForecastAndScale, hist",
            "§{metric: ASGAverageCPUUtilization, target_value: 50, hist",
            "predictive_scaling: ForecastOnly, the usual mode, changes nothing",
            "mode: ForecastAndScale acts on the forecast", Severity::warning}},
          small_fleet);
    const auto history = [](std::string_view becomes, std::string_view message, Severity severity = Severity::error) {
        check({{day, becomes, message, "", severity}}, small_fleet);
    };
    history("§[1, 2]", "history: expected a file name or a mapping with days and hours, found a list");
    history("§nowhere.csv", "cannot read the trace \"./nowhere.csv\": no such file");
    check({{"history: " + std::string(day), "§history: {days: 2}", "history needs the key hours"}}, small_fleet);
    history("{hours: §[1, 2]}", "hours: expected 24 numbers, one for each hour of the day, found 2");
    const std::string hours = std::string(day).substr(1, day.size() - 2);
    history("{days: §15, " + hours + "}", "days: expected a whole number from 1 to 14");
    history("{outliers: [{days_ago: §15, factor: 2}], " + hours + "}",
            "days_ago: expected a whole number from 1 to 14");
    history("{days: 3, outliers: [{days_ago: §4, factor: 2}], " + hours + "}",
            "days_ago: expected a whole number from 1 to 3");
    history("{outliers: [§{days_ago: 1}], " + hours + "}", "outliers item needs the key factor");
}

TEST_CASE("who writes ForecastOnly knows that it changes nothing") {
    CHECK(load(with(small_fleet, mode, "mode: ForecastOnly")).diagnostics.render().empty());
}

TEST_CASE("a fault of predictive scaling hides no other") {
    const auto messages = [](std::string_view was, std::string_view becomes) {
        std::vector<std::string> found;
        for (const auto& one : load(with(small_fleet, was, becomes)).diagnostics.sorted()) found.push_back(one.message);
        return found;
    };
    const auto buffer = messages("target_value: 50, mode: ForecastAndScale",
                                 "target_value: 0, max_capacity_buffer: 5, mode: ForecastAndScale");
    REQUIRE(buffer.size() == 2);
    CHECK(buffer[1] == "max_capacity_buffer needs the max_capacity_breach_behavior IncreaseMaxCapacity");
    // What may be meant is told once.
    CHECK(messages(mode, "mode: ForecastAndScale, max_capacity_breach_behavior: Increase, max_capacity_buffer: 5")
              .size() == 1);
    const std::string second = "target_value: 0, mode: ForecastAndScale, history: " + std::string(day) +
                               "}\n      - {metric: {auto_scaling_group: web, metric_name: CPUUtilization, statistic: "
                               "Maximum}, target_value: 5, "
                               "mode: ForecastAndScale, history: " +
                               std::string(day);
    const auto modes = messages("target_value: 50, mode: ForecastAndScale, history: " + std::string(day), second);
    REQUIRE(modes.size() == 2);
    CHECK(modes[1] == "predictive_scaling: one policy of a group may have the mode ForecastAndScale");
}

TEST_CASE("one policy of a group may act on its forecast") {
    const std::string second =
        "{metric: {auto_scaling_group: web, metric_name: CPUUtilization, statistic: Maximum}, "
        "target_value: 5, mode: §ForecastAndScale, history: " +
        std::string(day) + "}";
    check({{day, std::string(day) + "}\n      - " + second.substr(0, second.size() - 1),
            "predictive_scaling: one policy of a group may have the mode ForecastAndScale"}},
          small_fleet);
}

TEST_CASE("a scenario of a day sees no forecast without a history") {
    const std::string without = ", history: " + std::string(day);
    check({{"{metric: ASGAverageCPUUtilization, target_value: 50, mode: ForecastAndScale" + without,
            "§{metric: ASGAverageCPUUtilization, target_value: 50, mode: ForecastAndScale",
            "without a history the first forecast comes after 24h, when the scenario is over", "", Severity::warning}},
          small_fleet);
    const Loaded longer = load(with(with(small_fleet, without, ""), "duration: 24h", "duration: 25h"));
    CHECK(longer.diagnostics.render().empty());
}

TEST_CASE("forecasts need a start on a whole hour") {
    const auto rendered = [](std::string_view start_line) {
        return load(with(small_fleet, start, start_line)).diagnostics.render();
    };
    CHECK(rendered("start: 2026-01-05T01:00:00Z").empty());
    const std::string text = rendered("start: 2026-01-05T00:30:00Z");
    CHECK(text.find("predictive_scaling: forecasts are for whole hours, and the scenario starts 30m past one") !=
          std::string::npos);
    CHECK(text.find("start: at a whole hour") != std::string::npos);
}
