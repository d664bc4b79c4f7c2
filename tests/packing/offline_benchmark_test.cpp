#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include <fleetsim/packing/offline_benchmark.hpp>
#include <fleetsim/packing/offline_registry.hpp>

#include "catch.hpp"

using namespace fleetsim::packing;

namespace {

std::vector<OfflineAlgorithm> named(const std::vector<std::string>& names) {
    std::vector<OfflineAlgorithm> found;
    for (const std::string& name : names) {
        for (const OfflineAlgorithm& algorithm : offline_algorithms()) {
            if (algorithm.name == name) found.push_back(algorithm);
        }
    }
    REQUIRE(found.size() == names.size());
    return found;
}

}  // namespace

TEST_CASE(
    "results of a packing benchmark stand in the order of algorithms and seeds with the bound of their instance") {
    const Items items{"six", {10}, {4, 7, 3, 6, 5, 5}};
    const auto results = offline_benchmark(named({"first_fit", "best_fit"}), items, {.seeds = {7, 8}});
    struct Row {
        std::string algorithm;
        std::uint64_t seed;
        std::int64_t bins;
        double gap_percent;
    };
    // The worked example of the classical rules.
    const Row rows[] = {
        {"first_fit", 7, 4, 100.0 / 3}, {"first_fit", 8, 4, 100.0 / 3}, {"best_fit", 7, 3, 0}, {"best_fit", 8, 3, 0}};
    REQUIRE(results.size() == std::size(rows));
    for (std::size_t i = 0; i < results.size(); ++i) {
        CAPTURE(i);
        CHECK(results[i].algorithm == rows[i].algorithm);
        CHECK(results[i].instance == "six");
        CHECK(results[i].seed == rows[i].seed);
        CHECK(results[i].bins == rows[i].bins);
        CHECK(results[i].bound == 3.0);
        CHECK(results[i].gap_percent.value() == Approx(rows[i].gap_percent));
    }
}

TEST_CASE("an algorithm that does not take the instance is passed over") {
    const Items plane{"", {10, 10}, {1, 5, 5, 1}};
    const auto results = offline_benchmark(named({"harmonic", "first_fit"}), plane, {});
    REQUIRE(results.size() == 1);
    CHECK(results[0].algorithm == "first_fit");
    CHECK(offline_benchmark(named({"harmonic"}), plane, {}).empty());
}

TEST_CASE("items that give room back in one dimension are bounded by the others as well") {
    // In the second dimension each needs a bin of its own, which their volume of 18 does not show.
    const Items items{"", {100, 10}, {-2, 6, 50, 6, 52, 6}};
    const auto results = offline_benchmark(named({"first_fit"}), items, {});
    REQUIRE(results.size() == 1);
    CHECK(results[0].bins == 3);
    CHECK(results[0].bound == 3.0);
    CHECK(results[0].bound_name == "martello_toth");
}
