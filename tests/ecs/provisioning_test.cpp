#include <chrono>
#include <cstdint>

#include <fleetsim/ecs/provisioning.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;
using namespace std::chrono_literals;

TEST_CASE("no more than 500 tasks of a cluster wait for capacity") {
    struct Row {
        std::int32_t wanted;
        std::int32_t provisioning;
        std::int32_t created;
    };
    for (const Row& row : {Row{10, 0, 10}, Row{600, 0, 500}, Row{10, 495, 5}, Row{10, 500, 0}, Row{10, 510, 0},
                           Row{0, 100, 0}, Row{-3, 100, 0}}) {
        CAPTURE(row.wanted, row.provisioning);
        CHECK(may_provision(row.wanted, row.provisioning) == row.created);
    }
    CHECK(may_provision(200, 0, 100) == 100);
}

TEST_CASE("a task waits half an hour for capacity") {
    CHECK(given_up_at(des::Time{10min}) == des::Time{40min});
    CHECK(given_up_at(des::Time{10min}, 15min) == des::Time{25min});
}
