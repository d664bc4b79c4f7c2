#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

constexpr std::string_view front_serving = "serving: {workers: 2, service_time: 10ms}";

}  // namespace

TEST_CASE("faults of distributions") {
    const auto rows = [](std::string_view law, std::string_view message, std::string_view hint = "") {
        const std::string becomes = "serving: {workers: 2, service_time: " + std::string(law) + "}";
        check({{front_serving, becomes, message, hint}});
    };
    rows("§10", "service_time: expected a duration such as 90s, found \"10\"", "did you mean 10s?");
    rows("§[10ms]", "service_time: expected a duration such as 90s or a distribution, found a list");
    rows("§{}", "service_time: expected constant, uniform, exponential");
    rows("{§logmormal: {mean: 8ms, cv: 1}}", "unknown key \"logmormal\" in service_time", "did you mean lognormal?");
    rows("{constant: 1s, §gamma: {mean: 1s, cv: 1}}", "service_time: expected only one of");
    rows("{constant: §{}}", "constant: expected a duration such as 90s, found a mapping");
    rows("{uniform: {min: 2s, max: §1s}}", "uniform: max 1s is below min 2s");
    rows("{§uniform: {min: 2s}}", "uniform needs the key max");
    rows("{exponential: {mean: §-1s}}", "mean: expected a duration such as 90s");
    rows("{exponential: §1s}", "exponential: expected a mapping, found text");
    rows("{exponential: {mean: §400d}}", "mean: expected a duration from 0s to 366d");
    rows("{normal: {mean: 1s, stddev: §big}}", "stddev: expected a duration such as 90s");
    rows("{lognormal: {mean: §0s, cv: 1}}", "mean: expected a duration above 0s, at most 366d");
    rows("{lognormal: {mean: 1s, cv: §-1}}", "cv: expected a number from 0 to 1000");
    rows("{lognormal: {mean: 1s, cv: §nan}}", "cv: expected a number from 0 to 1000, found \"nan\"");
    rows("{lognormal: {mean: 1s, cv: §1e999}}", "cv: expected a number from 0 to 1000");
    rows("{§lognormal: {median: 1s}}", "lognormal: expected p95 or p99 besides the median");
    rows("{§lognormal: {median: 1s, p95: 2s, p99: 3s}}", "lognormal: expected p95 or p99, found both");
    rows("{lognormal: {median: 2s, p99: §1s}}", "lognormal: p99 1s is below the median 2s");
    rows("{lognormal: {median: 2s, p99: 3s, §cv: 1}}", "unknown key \"cv\" in lognormal", "it takes median");
    rows("{hyperexponential: {mean: 1s, cv: §0.5}}", "cv: expected a number from 1 to 1000");
    rows("{bounded_pareto: {min: §0s, max: 1s, shape: 1}}", "min: expected a duration above 0s");
    rows("{bounded_pareto: {min: 1s, max: §1s, shape: 1}}", "bounded_pareto: max 1s is not at least 1 % above min 1s");
    rows("{bounded_pareto: {min: 1s, max: 2s, shape: §0}}", "shape: expected a number from 0.01 to 100");
    rows("{empirical: §[]}", "empirical: expected at least one pair with a weight above 0");
    rows("{empirical: §[[1s, 0]]}", "empirical: expected at least one pair with a weight above 0");
    rows("{empirical: [§[1s]]}", "empirical: expected pairs of a duration and a weight such as [5ms, 3]");
    rows("{empirical: [[1s, §-1]]}", "empirical weight: expected a number from 0 to");
    rows("{empirical: §5}", "empirical: expected a list, found text");
    rows("{erlang: {k: §0, mean: 1s}}", "k: expected a whole number from 1 to 1000000");
    rows("{erlang: {k: §2.5, mean: 1s}}", "k: expected a whole number from 1 to 1000000, found \"2.5\"");
    rows("{§erlang: {k: 4}}", "erlang needs the key mean");
    rows("{erlang: {k: 4, mean: 1s, §men: 2s}}", "unknown key \"men\" in erlang", "did you mean mean?");
    rows("{weibull: {shape: §0, mean: 1s}}", "shape: expected a number from 0.1 to 100");
    rows("{weibull: {shape: §nan, mean: 1s}}", "shape: expected a number from 0.1 to 100, found \"nan\"");
    rows("{weibull: {shape: §inf, mean: 1s}}", "shape: expected a number from 0.1 to 100, found \"inf\"");
    rows("{weibull: {shape: 1, mean: §inf}}", "mean: expected a duration such as 90s");
    rows("{§weibull: {mean: 1s}}", "weibull needs the key shape");
    rows("{§weibull: {shape: 1}}", "weibull: expected mean or scale besides the shape");
    rows("{§weibull: {shape: 1, mean: 1s, scale: 1s}}", "weibull: expected mean or scale, found both");
    rows("{weibull: {shape: 1, §scael: 1s, mean: 1s}}", "unknown key \"scael\" in weibull", "did you mean scale?");
    rows("{weibull: §[1s, 2]}", "weibull: expected a mapping, found a list");
    rows("{§wiebull: {shape: 1, mean: 1s}}", "unknown key \"wiebull\" in service_time", "did you mean weibull?");
}

TEST_CASE("faults of mixtures") {
    const auto rows = [](std::string_view law, std::string_view message, std::string_view hint = "") {
        const std::string becomes = "serving: {workers: 2, service_time: " + std::string(law) + "}";
        check({{front_serving, becomes, message, hint}});
    };
    rows("{mixture: §{}}", "mixture: expected a list, found a mapping");
    rows("{mixture: §[]}", "mixture: expected at least one pair with a weight above 0");
    rows("{§mixture: }", "mixture: expected at least one pair with a weight above 0");
    rows("{mixture: §[[1s, 0]]}", "mixture: expected at least one pair with a weight above 0");
    rows("{mixture: [§1s]}", "mixture: expected pairs of a distribution and a weight such as");
    rows("{mixture: [§[1s, 2, 3]]}", "mixture: expected pairs of a distribution and a weight such as");
    rows("{mixture: [[1s, §-1]]}", "mixture weight: expected a number from 0 to");
    rows("{mixture: [[1s, §nan]]}", "mixture weight: expected a number from 0 to");
    rows("{mixture: [[1s, §inf]]}", "mixture weight: expected a number from 0 to");
    rows("{mixture: [[1s, 1], [§3, 1]]}", "mixture value: expected a duration such as 90s", "did you mean 3s?");
    rows("{mixture: [[§[], 1]]}", "mixture value: expected a duration such as 90s or a distribution, found a list");
    rows("{mixture: [[{§exponental: {mean: 1s}}, 1]]}", "unknown key \"exponental\" in mixture value",
         "did you mean exponential?");
    rows("{mixture: [[{gamma: {mean: 1s, cv: §2000}}, 1]]}", "cv: expected a number from 0 to 1000");
    rows("{mixture: [[{mixture: [[{mixture: [[{mixture: [[§1s, 1]]}, 1]]}, 1]]}, 1]]}",
         "mixture value: more than 4 laws inside one another");
}

TEST_CASE("faults of truncated laws") {
    const auto rows = [](std::string_view law, std::string_view message, std::string_view hint = "") {
        const std::string becomes = "serving: {workers: 2, service_time: " + std::string(law) + "}";
        check({{front_serving, becomes, message, hint}});
    };
    rows("{truncated: §1s}", "truncated: expected a mapping, found text");
    rows("{§truncated: {max: 1s}}", "truncated needs the key law");
    rows("{§truncated: {law: 1s}}", "truncated: expected min, max or both besides the law");
    rows("{truncated: {law: 1s, §mox: 2s}}", "unknown key \"mox\" in truncated", "did you mean max?");
    rows("{truncated: {law: §[], max: 2s}}", "law: expected a duration such as 90s or a distribution, found a list");
    rows("{truncated: {law: {exponential: {mean: §nan}}, max: 2s}}", "mean: expected a duration such as 90s");
    rows("{truncated: {law: 1s, min: §-1s}}", "min: expected a duration such as 90s");
    rows("{truncated: {law: 1s, max: §inf}}", "max: expected a duration such as 90s");
    rows("{truncated: {law: {exponential: {mean: 1s}}, min: 2s, max: §1s}}", "truncated: max 1s is below min 2s");
    // Of an exponential law 1/e^5 lies beyond five means.
    rows("{§truncated: {law: {exponential: {mean: 1s}}, min: 5s}}",
         "truncated: only 0.674 % of the law lies from 5s up, at least 1 % must");
    rows("{§truncated: {law: 1s, min: 1s1ms, max: 2s}}",
         "truncated: only 0 % of the law lies from 1s1ms to 2s, at least 1 % must");
    rows("{§truncated: {law: {exponential: {mean: 1s}}, max: 0s}}",
         "truncated: only 0 % of the law lies from 0s to 0s");
    // Three conditions of one in a hundred each would make sampling a million times slower; they are one condition.
    rows("{§truncated: {law: {truncated: {law: {exponential: {mean: 1s}}, max: 20ms}}, max: 1ms}}",
         "truncated: only 0.1 % of the law lies from 0s to 1ms, at least 1 % must");
    rows("{§truncated: {law: {mixture: [[1s, 1], [1m, 999]]}, max: 30s}}",
         "truncated: only 0.1 % of the law lies from 0s to 30s");
    rows(
        "{truncated: {law: {truncated: {law: {truncated: {law: {truncated: {law: §1s, max: 2s}}, max: 2s}}, max: 2s}}, "
        "max: 2s}}",
        "law: more than 4 laws inside one another");
}
