#include <optional>
#include <string>

#include <fleetsim/packing/verify.hpp>

#include "catch.hpp"

using namespace fleetsim::packing;

TEST_CASE("the verifier says what is wrong with a packing and where") {
    const Items items{"", {10, 5}, {6, 1, 4, 4, 0, 0, 5, 1}};
    CHECK(verify(items, {{0, 1}, {2, 3}}) == std::nullopt);
    CHECK(verify(items, {{3, 2}, {1, 0}}) == std::nullopt);
    CHECK(verify(items, {{0, 1}, {3}}) == "item 2 is in no bin");
    CHECK(verify(items, {{0, 1}, {}, {2, 3}}) == "bin 1 is empty");
    CHECK(verify(items, {{0, 1}, {2, 3, 1}}) == "item 1 is in bin 1 and in bin 0");
    CHECK(verify(items, {{0, 1}, {2, 3, 4}}) == "bin 1 holds item 4, but there are only 4 items");
    CHECK(verify(items, {{1, 2}, {0, 3}}) == "bin 1 holds 11 in dimension 0, its capacity is 10");
    CHECK(verify({"", {10, 5}, {1, 3, 1, 3}}, {{0, 1}}) == "bin 0 holds 6 in dimension 1, its capacity is 5");
    CHECK(verify(items, {}) == "item 0 is in no bin");
    CHECK(verify({"", {10}, {}}, {}) == std::nullopt);
}

TEST_CASE("loads are added up in more bits than sizes have") {
    constexpr std::int32_t most = 2'147'483'647;
    CHECK(verify({"", {most}, {most, most, 2}}, {{0, 1, 2}}) ==
          "bin 0 holds 4294967296 in dimension 0, its capacity is 2147483647");
}
