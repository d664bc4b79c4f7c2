#include <chrono>
#include <string>

#include <nlohmann/json.hpp>

#include <fleetsim/report/explain.hpp>
#include <fleetsim/report/json.hpp>

#include "catch.hpp"
#include "sample_result.hpp"

using namespace std::chrono_literals;
using fleetsim::report::explanation_json;
using fleetsim::report::explanation_text;
using fleetsim::report::sentence;
using fleetsim::report::to_json;
using fleetsim::report::to_text;
using fleetsim::report::testing::sample_explanation;
using fleetsim::report::testing::sample_result;
using fleetsim::sim::ScalingExplanation;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::chrono::sys_seconds start = std::chrono::sys_days{std::chrono::year{2026} / 1 / 5};

/// What a reader of `sample_explanation` sees. A change here is a change of what users see.
const char* const approved = R"(
  EXPLANATION   auto_scaling_group/gpu · 2026-01-05T10:00:00Z · time_s 36000

  STATE
    desired_capacity          4
    in service and warm       3
    launching or warming up   1
    max_size                  6

  ALARMS                                    state        condition
    CapacityProviderReservation-AlarmHigh   OK → ALARM   > 100 for 1 of 1 datapoints of 60 s
      CapacityProviderReservation: 225
    CapacityProviderReservation-AlarmLow    OK           < 100 for 15 of 15 datapoints of 60 s
      CapacityProviderReservation: - - 100 100 225
    queue-low                               OK           < 10 for 1 of 1 datapoints of 60 s
      custom/queue_depth: no datapoint

  POLICIES            wish        wanted   reckoning
    drain the queue   no alarm         –
    managed scaling   scale out        9   4 with metric 225 against 100

  RESULT
    result       scale out
    decided_by   managed scaling
    clamped_by   max_size 6
    desired      4 → 6

auto_scaling_group/gpu at 10:00:00: desired 4 → 6: managed scaling wanted 9, max_size allowed 6.
)";

}  // namespace

TEST_CASE("what was done without an alarm stands in front") {
    ScalingExplanation told = sample_explanation();
    told.actions = {"scheduled action night: min_size 2 → 0", "forecast of daily: desired_capacity 3 → 4"};
    CHECK(explanation_text(told, start).find(R"(
  ACTIONS
    scheduled action night: min_size 2 → 0
    forecast of daily: desired_capacity 3 → 4

  STATE
)") != std::string::npos);
    CHECK(sentence(told, start) ==
          "auto_scaling_group/gpu at 10:00:00: after scheduled action night: min_size 2 → 0; forecast of daily: "
          "desired_capacity 3 → 4, desired 4 → 6: managed scaling wanted 9, max_size allowed 6.");
    CHECK(explanation_json(told, start)["actions"][1] == "forecast of daily: desired_capacity 3 → 4");
}

TEST_CASE("an explanation reads as approved") { CHECK(explanation_text(sample_explanation(), start) == approved); }

TEST_CASE("colour changes nothing but the colour of an explanation") {
    std::string colored = explanation_text(sample_explanation(), start, {true});
    CHECK(colored != approved);
    for (std::size_t at = colored.find('\x1b'); at != std::string::npos; at = colored.find('\x1b')) {
        colored.erase(at, colored.find('m', at) - at + 1);
    }
    CHECK(colored == approved);
}

TEST_CASE("explanations stand below the summary, each ending with its sentence") {
    auto result = sample_result();
    const std::string summary = to_text(result);
    result.start = start;
    result.explanations = {sample_explanation(), sample_explanation()};
    CHECK(to_text(result) == summary + approved + approved);
}

TEST_CASE("the sentence says what changed or why nothing did") {
    struct Row {
        const char* result;
        std::int32_t wanted;
        const char* clamped_by;
        std::int32_t desired;
        const char* said;
    };
    const Row rows[] = {
        {"scale out", 6, "", 6, "desired 4 → 6: managed scaling wanted 6."},
        {"scale out", 9, "max_size 6", 6, "desired 4 → 6: managed scaling wanted 9, max_size allowed 6."},
        {"scale in", 3, "", 3, "desired 4 → 3: managed scaling wanted 3."},
        {"scale in", 0, "min_size 2", 2, "desired 4 → 2: managed scaling wanted 0, min_size required 2."},
        {"scale in", 0, "the forecast 3", 3, "desired 4 → 3: managed scaling wanted 0, the forecast required 3."},
        {"at its bound", 9, "max_size 4", 4, "desired stays at 4: managed scaling wanted 9, max_size allowed 4."},
        {"enough capacity", 3, "", 4, "desired stays at 4: managed scaling wanted 3 and there was enough."},
        {"enough capacity", 4, "", 4, "desired stays at 4: managed scaling wanted 4, which was desired already."},
        {"warming up", 4, "", 4, "desired stays at 4: managed scaling wanted 4, which was desired already."},
        {"cooldown", 2, "", 4, "desired stays at 4: managed scaling wanted 2, but its cooldown was not over."},
        // What holds a wish back comes before the bounds.
        {"cooldown", 0, "min_size 2", 4,
         "desired stays at 4: managed scaling wanted 0, but its cooldown was not over."},
        {"warming up", 2, "", 4, "desired stays at 4: managed scaling wanted 2, but an instance was still warming up."},
        {"vetoed", 2, "", 4,
         "desired stays at 4: managed scaling wanted 2, but another policy did not agree to scale in."},
        {"suspended", 9, "", 4, "desired stays at 4: managed scaling wanted 9, but scaling was suspended."},
        {"an activity is in progress", 9, "", 4,
         "desired stays at 4: managed scaling wanted 9, but the scaling activity before it had not finished."},
    };
    for (const Row& row : rows) {
        ScalingExplanation told = sample_explanation();
        told.result = row.result;
        told.policies[1].wanted = row.wanted;
        told.clamped_by = row.clamped_by;
        told.desired = row.desired;
        CHECK(sentence(told, start) == "auto_scaling_group/gpu at 10:00:00: " + std::string{row.said});
    }
}

TEST_CASE("a decision that nobody asked for says so") {
    ScalingExplanation told = sample_explanation();
    told.result = "no alarm";
    told.decided_by.clear();
    told.clamped_by.clear();
    told.desired = 4;
    CHECK(sentence(told, start) ==
          "auto_scaling_group/gpu at 10:00:00: desired stays at 4: no alarm asked for a change.");

    told.policies.clear();
    told.alarms.clear();
    CHECK(explanation_text(told, start) ==
          "\n"
          "  EXPLANATION   auto_scaling_group/gpu · 2026-01-05T10:00:00Z · time_s 36000\n"
          "\n"
          "  STATE\n"
          "    desired_capacity          4\n"
          "    in service and warm       3\n"
          "    launching or warming up   1\n"
          "    max_size                  6\n"
          "\n"
          "  RESULT\n"
          "    result    no alarm\n"
          "    desired   4\n"
          "\n"
          "auto_scaling_group/gpu at 10:00:00: desired stays at 4: no policy looks after it.\n");
}

TEST_CASE("the date is told on any day but the first") {
    ScalingExplanation told = sample_explanation();
    told.at = fleetsim::des::Time{23h + 59min};
    CHECK_THAT(sentence(told, start), Catch::Matchers::StartsWith("auto_scaling_group/gpu at 23:59:00: "));
    told.at = fleetsim::des::Time{24h};
    CHECK_THAT(sentence(told, start), Catch::Matchers::StartsWith("auto_scaling_group/gpu at 2026-01-06 00:00:00: "));
    CHECK_THAT(sentence(told, start + 22h),
               Catch::Matchers::StartsWith("auto_scaling_group/gpu at 2026-01-06 22:00:00: "));
}

TEST_CASE("an explanation has the same names in JSON, and what it did not have is left out") {
    const Json json = explanation_json(sample_explanation(), start);
    CHECK(json == Json::parse(R"({
        "at": "2026-01-05T10:00:00Z",
        "time_s": 36000.0,
        "resource": "auto_scaling_group/gpu",
        "actions": [],
        "state": {"desired_capacity": 4, "in_service_and_warm": 3, "launching_or_warming_up": 1, "max_size": 6},
        "alarms": [
            {"name": "CapacityProviderReservation-AlarmHigh", "state": "ALARM", "before": "OK",
             "metric": "auto_scaling_group/gpu CapacityProviderReservation",
             "condition": "> 100 for 1 of 1 datapoints of 60 s", "datapoints": "225"},
            {"name": "CapacityProviderReservation-AlarmLow", "state": "OK",
             "metric": "auto_scaling_group/gpu CapacityProviderReservation",
             "condition": "< 100 for 15 of 15 datapoints of 60 s", "datapoints": "- - 100 100 225"},
            {"name": "queue-low", "state": "OK", "metric": "custom/queue_depth",
             "condition": "< 10 for 1 of 1 datapoints of 60 s"}],
        "policies": [
            {"name": "drain the queue", "wish": "no alarm"},
            {"name": "managed scaling", "wish": "scale out", "wanted": 9,
             "reckoning": "4 with metric 225 against 100"}],
        "result": "scale out",
        "decided_by": "managed scaling",
        "clamped_by": "max_size 6",
        "desired": 6,
        "sentence": "auto_scaling_group/gpu at 10:00:00: desired 4 → 6: managed scaling wanted 9, max_size allowed 6."
    })"));

    ScalingExplanation told = sample_explanation();
    told.decided_by.clear();
    told.clamped_by.clear();
    told.state.emplace_back("last scale-in", "120 s ago");
    const Json sparse = explanation_json(told, start);
    CHECK(!sparse.contains("decided_by"));
    CHECK(!sparse.contains("clamped_by"));
    CHECK(sparse["state"]["last_scale_in"] == "120 s ago");
}

TEST_CASE("a summary has explanations only when they were asked for") {
    auto result = sample_result();
    CHECK(!to_json(result).contains("explanations"));
    result.start = start;
    result.explanations = {sample_explanation()};
    CHECK(to_json(result)["explanations"] == Json::array({explanation_json(sample_explanation(), start)}));
}
