#include <chrono>
#include <string>

#include <fleetsim/report/text.hpp>

#include "catch.hpp"
#include "sample_result.hpp"

using namespace std::chrono_literals;
using fleetsim::report::to_text;
using fleetsim::report::verdict;
using fleetsim::report::testing::sample_result;

namespace {

/// What a reader of `sample_result` sees. A change here is a change of what users see.
const char* const approved = R"(  shop   2 h · 1 service · 8 000 requests · seed 7

  SLO
    ✗   web   p99 <= 300ms              400 ms
    ✓   web   availability >= 99.8%   99.819 %

  LATENCY                  p50       p90       p99     p99.9       max
    service web        20.0 ms   20.0 ms    400 ms    400 ms    400 ms
    traffic visitors   20.0 ms   20.0 ms   20.0 ms   20.0 ms   20.0 ms

  REQUESTS             requests   per second   availability   remarks
    service web          10 000         1.39       99.819 %   3 × 500, 4 × 502, 5 × 503, 6 given up by the client, 2 in flight
    traffic visitors      8 000         1.11       99.987 %   1 failed, 4 retries

  FLEET                          min   mean   max   launched   terminated   cpu mean   cpu max
    tasks web                      2   2.50     4          –            –     50.0 %    75.0 %
    instances nodes (m5.large)     1   1.25     2          1            1          –         –

  COST                                         quantity   unit                 2 h   per month
    auto_scaling_group/nodes   ec2_on_demand       2.50   instance-hour   $ 0.2400    $  87.60
    load_balancer/public       alb_hour            2.00   hour            $ 0.0450    $  16.43
    total                                                                 $ 0.2850    $ 104.02
    per million requests                                                   $ 35.62

  Assumptions *
    an instance boots in 45 s (default)

  Digest 00abcdef01234567   123 k events

1 of 2 objectives missed: web p99 was 400 ms, over 300 ms.
)";

}  // namespace

TEST_CASE("a run reads as approved") { CHECK(to_text(sample_result()) == approved); }

TEST_CASE("colour changes nothing but the colour") {
    std::string colored = to_text(sample_result(), {true});
    CHECK(colored != approved);
    for (std::size_t at = colored.find('\x1b'); at != std::string::npos; at = colored.find('\x1b')) {
        colored.erase(at, colored.find('m', at) - at + 1);
    }
    CHECK(colored == approved);
}

TEST_CASE("a run of nothing can be shown") {
    CHECK(verdict({}) == "The fleet cost $0.00 for 0 ms.");
    CHECK(to_text({}).find("nan") == std::string::npos);
}

TEST_CASE("a fleet lists a few of a group's types, and Spot interruptions where Spot is used") {
    auto result = sample_result();
    result.groups.push_back(
        {"batch", {"c5.large", "m5.large", "r5.large", "c5a.large", "m5a.large"}, {0, 2, 4}, 8, 14, 10, 7});
    result.cost_items.push_back({"auto_scaling_group/batch", "ec2_spot", 8, "instance-hour", 0.2});
    const std::string text = to_text(result);
    CHECK_THAT(text, ContainsSubstring(R"(
  FLEET                                                         min   mean   max   launched   terminated   cpu mean   cpu max   Spot interruptions
    tasks web                                                     2   2.50     4          –            –     50.0 %    75.0 %                    –
    instances nodes (m5.large)                                    1   1.25     2          1            1          –         –                    –
    instances batch (c5.large, m5.large, r5.large and 2 more)     0   2.00     4         14           10          –         –                    7
)"));
}

TEST_CASE("a fleet without services is shown without their tables") {
    auto result = sample_result();
    result.services.clear();
    result.sources.clear();
    result.objectives.clear();
    const std::string text = to_text(result);
    CHECK(text.find("LATENCY") == std::string::npos);
    CHECK(text.find("REQUESTS") == std::string::npos);
    CHECK_THAT(text, ContainsSubstring("FLEET") && ContainsSubstring("instances nodes (m5.large)"));
}

TEST_CASE("an interrupted run says so") {
    auto result = sample_result();
    result.complete = false;
    CHECK(to_text(result).find("· interrupted\n") != std::string::npos);
}

TEST_CASE("the verdict is one sentence that can stand alone") {
    auto result = sample_result();
    CHECK(verdict(result) == "1 of 2 objectives missed: web p99 was 400 ms, over 300 ms.");

    result.objectives[0].met = true;
    CHECK(verdict(result) == "All 2 objectives met; the fleet cost $0.28 for 2 h ($0.14 an hour).");
    result.objectives.pop_back();
    CHECK(verdict(result) == "The objective was met; the fleet cost $0.28 for 2 h ($0.14 an hour).");
    result.objectives.clear();
    CHECK(verdict(result) == "The fleet cost $0.28 for 2 h ($0.14 an hour).");
}

TEST_CASE("the verdict names each figure that missed its limit") {
    auto result = sample_result();
    const auto said = [&result](const char* objective, double value, bool measured = true) {
        result.objectives = {{"web", objective, value, measured, false}};
        return verdict(result);
    };
    CHECK(said("availability >= 99.9%", 0.9987) ==
          "The objective was missed: web availability was 99.870 %, under 99.9 %.");
    CHECK(said("p999 <= 1.5s", 2'000) == "The objective was missed: web p999 was 2.00 s, over 1.5 s.");
    // Rounded, these two would equal their limits.
    CHECK(said("p50 <= 300ms", 300.25) == "The objective was missed: web p50 was 300.25 ms, over 300 ms.");
    CHECK(said("p50 <= 1s", 1'001) == "The objective was missed: web p50 was 1001 ms, over 1 s.");
    CHECK(said("p50 <= 300ms", 0, false) == "The objective was missed: web p50 was not measured.");

    result.objectives.assign(5, {"web", "p99 <= 300ms", 400, true, false});
    CHECK(verdict(result) ==
          "5 of 5 objectives missed: web p99 was 400 ms, over 300 ms; web p99 was 400 ms, over 300 ms; "
          "web p99 was 400 ms, over 300 ms; and 2 more.");
}
