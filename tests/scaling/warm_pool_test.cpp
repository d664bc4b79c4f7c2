#include <cstdint>
#include <optional>

#include <fleetsim/scaling/warm_pool.hpp>

#include "catch.hpp"

using namespace fleetsim::scaling;

TEST_CASE("a warm pool holds what the desired capacity leaves of the prepared capacity") {
    struct Row {
        const char* what;
        std::int32_t min_size;
        std::optional<std::int32_t> prepared;
        std::int32_t desired;
        std::int32_t group_max;
        std::int32_t size;
    };
    for (const Row& row : {
             Row{"up to the group's maximum", 0, std::nullopt, 6, 10, 4},
             Row{"up to the prepared capacity", 0, 8, 6, 10, 2},
             Row{"prepared beyond the group's maximum", 0, 12, 6, 10, 6},
             Row{"less prepared than desired", 0, 5, 6, 10, 0},
             Row{"none prepared", 0, 0, 6, 10, 0},
             Row{"the minimum is more", 3, 8, 6, 10, 3},
             Row{"the minimum is less", 3, std::nullopt, 6, 10, 4},
             Row{"the minimum holds at the maximum", 3, std::nullopt, 10, 10, 3},
             Row{"at the maximum", 0, std::nullopt, 10, 10, 0},
             Row{"an empty group", 0, std::nullopt, 0, 10, 10},
         }) {
        INFO(row.what);
        const WarmPool pool{.min_size = row.min_size, .max_group_prepared_capacity = row.prepared};
        CHECK(warm_pool_size(pool, row.desired, row.group_max) == row.size);
    }
}

TEST_CASE("bare metal and instances with 150 GiB or more do not hibernate") {
    CHECK(hibernation_fault("m5.large", 8 * 1024).empty());
    CHECK(hibernation_fault("r5.4xlarge", 150 * 1024 - 1).empty());
    CHECK(hibernation_fault("r5.8xlarge", 150 * 1024) == "only instances with less than 150 GiB of memory hibernate");
    CHECK(hibernation_fault("a1.metal", 32 * 1024) == "bare metal does not hibernate");
    CHECK(hibernation_fault("m7i.metal-24xl", 384 * 1024) == "bare metal does not hibernate");
}

TEST_CASE("a pool's instances are stopped and not reused unless asked for") {
    CHECK(WarmPool{}.pool_state == WarmPoolState::stopped);
    CHECK(!WarmPool{}.reuse_on_scale_in);
    CHECK(name(WarmPoolState::stopped) == "Stopped");
    CHECK(name(WarmPoolState::running) == "Running");
    CHECK(name(WarmPoolState::hibernated) == "Hibernated");
}
