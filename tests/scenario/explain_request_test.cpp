#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fleetsim/scenario/explain_request.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace std::chrono_literals;
using des::Time;

namespace {

/// A day that begins at 06:00. Groups `gpu` and `web`; of the services `cron` and `backend` only the second scales; a
/// run of tasks `night-job`.
sim::Scenario small_day() {
    sim::Scenario scenario;
    scenario.start = std::chrono::sys_days{std::chrono::year{2026} / 1 / 5} + 6h;
    scenario.duration = 24h;
    for (const char* name : {"gpu", "web"}) {
        sim::AutoScalingGroup group;
        group.name = name;
        scenario.groups.add(group);
    }
    for (const char* name : {"cron", "backend"}) {
        sim::Service service;
        service.name = name;
        scenario.services.add(service);
    }
    scenario.services[sim::ServiceId{1}].autoscaling.emplace();
    scenario.task_runs.push_back({.name = "night-job",
                                  .cluster = {},
                                  .task = {},
                                  .schedule = scaling::Schedule::once(scenario.start),
                                  .runs_for = {}});
    return scenario;
}

/// `message | hint`, or nothing when the request is understood.
std::string problem(std::string_view text, const sim::Scenario& scenario = small_day()) {
    const auto parsed = parse_explain_request(text, scenario);
    const auto* found = std::get_if<ExplainProblem>(&parsed);
    if (found == nullptr) return {};
    return found->hint.empty() ? found->message : found->message + " | " + found->hint;
}

}  // namespace

TEST_CASE("a decision is asked for by its resource and by a time of day or an instant or a time since the start") {
    struct Row {
        std::string_view text;
        des::Duration at;
    };
    const Row rows[] = {
        {"service/backend@14:05", 8h + 5min},
        {"service/backend@14:05:00", 8h + 5min},
        {"service/backend@2026-01-05T14:05:00Z", 8h + 5min},
        {"service/backend@2026-01-05T15:05:00+01:00", 8h + 5min},
        {"service/backend@2026-01-06T02:00:00Z", 20h},
        {"service/backend@8h5m", 8h + 5min},
        {"service/backend@0.5d", 12h},
        {"service/backend@14:05:01", 8h + 5min + 1s},
        {"service/backend@60000.001ms", 60'000'001us},
        {"service/backend@06:00", 0min},
        {"service/backend@0s", 0min},
        // The last decision before the end comes at 23 h 59 min.
        {"service/backend@23h59m", 23h + 59min},
        {"service/backend@2026-01-06T05:58:01Z", 23h + 58min + 1s},
    };
    const sim::Scenario scenario = small_day();
    for (const Row& row : rows) {
        INFO(row.text);
        const auto parsed = parse_explain_request(row.text, scenario);
        const auto* request = std::get_if<sim::ExplainRequest>(&parsed);
        REQUIRE(request != nullptr);
        CHECK(request->at == Time{row.at});
        CHECK(request->resource == std::variant<sim::ServiceId, sim::GroupId>{sim::ServiceId{1}});
    }
    const auto group = parse_explain_request("auto_scaling_group/web@1h", scenario);
    REQUIRE(std::holds_alternative<sim::ExplainRequest>(group));
    CHECK(std::get<sim::ExplainRequest>(group).resource == std::variant<sim::ServiceId, sim::GroupId>{sim::GroupId{1}});
}

TEST_CASE("a resource that is not there is answered with those that may be meant") {
    struct Row {
        std::string_view text;
        std::string_view said;
    };
    const Row rows[] = {
        {"service/bakend@1h", R"(unknown resource "service/bakend" | did you mean service/backend?)"},
        {"backend@1h", R"(unknown resource "backend" | did you mean service/backend?)"},
        {"service/gpu@1h", R"(unknown resource "service/gpu" | did you mean auto_scaling_group/gpu?)"},
        {"asg/web@1h", R"(unknown resource "asg/web" | did you mean auto_scaling_group/web?)"},
        {"Service/backend@1h", R"(unknown resource "Service/backend" | did you mean service/backend?)"},
        {"service/warehouse@1h",
         R"(unknown resource "service/warehouse" | expected auto_scaling_group/gpu, auto_scaling_group/web, )"
         "service/cron or service/backend"},
        {"@1h", R"(unknown resource "" | expected auto_scaling_group/gpu, auto_scaling_group/web, service/cron or )"
                "service/backend"},
        {"service/backend", "expected RESOURCE@TIME such as service/web@14:05"},
        {"", "expected RESOURCE@TIME such as service/web@14:05"},
    };
    for (const Row& row : rows) CHECK(problem(row.text) == row.said);

    sim::Scenario many = small_day();
    for (int i = 0; i < 20; ++i) {
        many.services.add({});
        many.services[sim::ServiceId{many.services.next_id().value - 1}].name = "s" + std::to_string(i);
    }
    CHECK(problem("service/warehouse@1h", many) ==
          R"(unknown resource "service/warehouse" | expected auto_scaling_group/NAME or service/NAME)");
}

TEST_CASE("a service without autoscaling is told of at any instant") {
    for (const auto& [text, at] : {std::pair{"service/cron@0s", des::Duration{0s}},
                                   {"service/cron@14:05", 8h + 5min},
                                   {"service/cron@23h59m59s", 24h - 1s}}) {
        INFO(text);
        const auto parsed = parse_explain_request(text, small_day());
        const auto* request = std::get_if<sim::ExplainRequest>(&parsed);
        REQUIRE(request != nullptr);
        CHECK(request->at == Time{at});
        CHECK(request->resource == std::variant<sim::ServiceId, sim::GroupId>{sim::ServiceId{0}});
    }
    CHECK(problem("service/cron@24h") == "the scenario ends before, at 2026-01-06T06:00:00Z (24h after the start)");
    CHECK(problem("service/cron@05:00") ==
          "the scenario starts later, at 2026-01-05T06:00:00Z | did you mean 2026-01-06T05:00:00Z?");
    CHECK(problem("service/cron@noon").find("expected a time of day") == 0);
}

TEST_CASE("a task is asked for by the name of its service or run and its number") {
    using Of = std::variant<sim::ServiceId, std::uint32_t>;
    const Of backend = sim::ServiceId{1};
    const Of job = std::uint32_t{0};
    struct Row {
        std::string_view text;
        Of of;
        std::uint64_t number;
        des::Duration at;
    };
    const Row rows[] = {
        {"task/backend-17@14:05", backend, 17, 8h + 5min}, {"task/backend/17@14:05", backend, 17, 8h + 5min},
        {"backend/17@14:05", backend, 17, 8h + 5min},      {"task/night-job-1@0s", job, 1, 0s},
        {"task/night-job/2@23h59m59s", job, 2, 24h - 1s},  {"night-job/3@2026-01-05T10:00:00Z", job, 3, 4h},
    };
    const sim::Scenario scenario = small_day();
    for (const Row& row : rows) {
        INFO(row.text);
        const auto parsed = parse_explain_request(row.text, scenario);
        const auto* request = std::get_if<sim::ExplainTaskRequest>(&parsed);
        REQUIRE(request != nullptr);
        CHECK(request->of == row.of);
        CHECK(request->number == row.number);
        CHECK(request->at == Time{row.at});
    }
}

TEST_CASE("a service whose name ends in a number is told from a task") {
    sim::Scenario scenario = small_day();
    sim::Service service;
    service.name = "backend-2";
    const sim::ServiceId second = scenario.services.add(service);
    const auto whole = parse_explain_request("service/backend-2@1h", scenario);
    CHECK(std::get<sim::ExplainRequest>(whole).resource == std::variant<sim::ServiceId, sim::GroupId>{second});
    const auto of_first = parse_explain_request("task/backend-2@1h", scenario);
    CHECK(std::get<sim::ExplainTaskRequest>(of_first).of ==
          std::variant<sim::ServiceId, std::uint32_t>{sim::ServiceId{1}});
    const auto of_second = parse_explain_request("task/backend-2-7@1h", scenario);
    CHECK(std::get<sim::ExplainTaskRequest>(of_second).of == std::variant<sim::ServiceId, std::uint32_t>{second});
}

TEST_CASE("what is no task is answered with what may be meant") {
    struct Row {
        std::string_view text;
        std::string_view said;
    };
    const Row rows[] = {
        {"task/bakend-17@1h", R"(nothing called "bakend" has tasks | did you mean task/backend/17?)"},
        {"task/night-jbo/2@1h", R"(nothing called "night-jbo" has tasks | did you mean task/night-job/2?)"},
        {"task/warehouse-1@1h", R"(nothing called "warehouse" has tasks)"},
        {"task/gpu-1@1h", R"(nothing called "gpu" has tasks)"},
        {"task/backend@1h", R"(task "backend" has no number: expected one such as task/web-17)"},
        {"task/backend-@1h", R"(task "backend-" has no number: expected one such as task/web-17)"},
        {"task/backend-x@1h", R"(task "backend-x" has no number: expected one such as task/web-17)"},
        {"task/@1h", R"(task "" has no number: expected one such as task/web-17)"},
        {"task/backend-99999999999999999999@1h",
         R"(task "backend-99999999999999999999" has no number: expected one such as task/web-17)"},
        {"task/backend-0@1h", R"(task "backend-0" cannot be: tasks are numbered from 1)"},
        {"task/backend-17@24h", "the scenario ends before, at 2026-01-06T06:00:00Z (24h after the start)"},
        // Without the word it is a resource that is not there.
        {"bakend/17@1h", R"(unknown resource "bakend/17" | expected auto_scaling_group/gpu, auto_scaling_group/web, )"
                         "service/cron or service/backend"},
    };
    for (const Row& row : rows) CHECK(problem(row.text) == row.said);
}

TEST_CASE("what is no time is answered with the three forms") {
    const std::string forms =
        "expected a time of day such as 14:05, an instant such as 2026-01-05T07:30:00Z or a duration since the start "
        "such as 1h30m, found ";
    struct Row {
        std::string_view time;
        std::string_view hint;
    };
    const Row rows[] = {
        {"", ""},           {"noon", ""},     {"24:00", ""},  {"14:05:60", ""},
        {"14:05Z", ""},     {"1:05", ""},     {"14:5", ""},   {"14:05+01:00", ""},
        {"2026-01-05", ""}, {"10h ", ""},     {"-1h", ""},    {"2026-13-05T00:00:00Z", ""},
        {"90", "90s"},      {"2hours", "2h"}, {"10H", "10h"}, {"2026-01-05T10:00:00", ""},
    };
    for (const Row& row : rows) {
        const std::string hint = row.hint.empty() ? "" : " | did you mean " + std::string{row.hint} + "?";
        CHECK(problem("service/backend@" + std::string{row.time}) == forms + '"' + std::string{row.time} + '"' + hint);
    }
}

TEST_CASE("a time without a decision is refused and the limits are named") {
    const std::string later =
        "the scenario's last scaling decision comes before, at 2026-01-06T05:59:00Z (23h59m after "
        "the start)";
    CHECK(problem("service/backend@24h") == later);
    CHECK(problem("service/backend@23h59m1s") == later);
    CHECK(problem("service/backend@2026-01-07T00:00:00Z") == later);
    CHECK(problem("service/backend@2199-12-31T23:59:59Z") == later);

    const std::string earlier = "the scenario starts later, at 2026-01-05T06:00:00Z";
    CHECK(problem("service/backend@2026-01-05T05:59:59Z") == earlier);
    CHECK(problem("service/backend@1970-01-01T00:00:00Z") == earlier);
    // The first day's small hours are over when the scenario starts; the next day's are not.
    CHECK(problem("service/backend@05:00") == earlier + " | did you mean 2026-01-06T05:00:00Z?");

    sim::Scenario half_minutes = small_day();
    half_minutes.duration = 90s;
    CHECK(problem("service/backend@1m", half_minutes).empty());
    CHECK(problem("service/backend@61s", half_minutes) ==
          "the scenario's last scaling decision comes before, at 2026-01-05T06:01:00Z (1m after the start)");
    CHECK(problem("service/backend@05:00", half_minutes) == earlier);
    for (const des::Duration short_duration : {des::Duration{60s}, des::Duration{1s}}) {
        half_minutes.duration = short_duration;
        CHECK(problem("service/backend@0s", half_minutes) ==
              "the scenario ends before its first scaling decision, a minute after the start");
    }
}
