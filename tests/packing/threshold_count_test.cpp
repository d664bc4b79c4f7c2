#include <algorithm>
#include <cstdint>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/random.hpp>
#include <fleetsim/packing/threshold_count.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

TEST_CASE("thresholds reached are counted as by looking at each") {
    des::Sequence chance = des::Stream{1, 0, "test", "thresholds"}.sequence();
    const auto below = [&](std::int64_t limit) {
        return static_cast<std::int64_t>(pick(chance.unit(), static_cast<std::size_t>(limit)));
    };
    for (const std::int64_t span : {1L, 3L, 100L, 5000L, 1'000'000'000'000L}) {
        for (const std::int64_t stretches : {1, 64, 1024}) {
            for (int trial = 0; trial < 20; ++trial) {
                std::vector<std::int64_t> thresholds;
                for (std::int64_t i = below(40); i > 0; --i) thresholds.push_back(below(span) - span / 2);
                std::sort(thresholds.begin(), thresholds.end());
                const ThresholdCount count{thresholds, stretches};

                std::vector<std::int64_t> numbers{-span, span, 0};
                for (const std::int64_t at : thresholds) numbers.insert(numbers.end(), {at - 1, at, at + 1});
                for (const std::int64_t number : numbers) {
                    const auto reached = std::upper_bound(thresholds.begin(), thresholds.end(), number);
                    CAPTURE(thresholds, number);
                    REQUIRE(count(number) == static_cast<std::size_t>(reached - thresholds.begin()));
                }
            }
        }
    }
}
