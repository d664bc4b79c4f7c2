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
    rows("{empirical: [[1s, §-1]]}", "empirical item item: expected a number from 0 to");
    rows("{empirical: §5}", "empirical: expected a list, found text");
}
