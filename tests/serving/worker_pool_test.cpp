#include <cstdint>
#include <deque>
#include <optional>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/serving/worker_pool.hpp>

#include "catch.hpp"

using namespace fleetsim::serving;

TEST_CASE("two workers and a backlog of two: two start, three wait, the sixth is turned away") {
    WorkerPool pool{2, 2};
    CHECK(pool.offer(1) == Admission::started);
    CHECK(pool.offer(2) == Admission::started);
    CHECK(pool.offer(3) == Admission::queued);
    CHECK(pool.offer(4) == Admission::queued);
    CHECK(pool.offer(5) == Admission::queued);
    CHECK(pool.offer(6) == Admission::refused);

    CHECK(pool.release() == 3U);
    CHECK(pool.offer(6) == Admission::queued);
    CHECK(pool.release() == 4U);
    CHECK(pool.release() == 5U);
    CHECK(pool.release() == 6U);
    CHECK(pool.busy() == 2);
    CHECK_FALSE(pool.release().has_value());
    CHECK_FALSE(pool.release().has_value());
    CHECK(pool.busy() == 0);
}

TEST_CASE("a pool serves first come first served and never rests a worker while a request waits") {
    const fleetsim::des::Stream chance{1, 0, "worker-pool", "test"};
    WorkerPool pool{3, 50};
    std::deque<std::uint32_t> waiting;
    std::size_t busy = 0;
    for (std::uint32_t step = 0; step < 100'000; ++step) {
        if (chance.unit(step) < 0.5) {
            const Admission admission = pool.offer(step);
            const Admission expected = busy < 3              ? Admission::started
                                       : waiting.size() < 51 ? Admission::queued
                                                             : Admission::refused;
            REQUIRE(admission == expected);
            if (admission == Admission::started) ++busy;
            if (admission == Admission::queued) waiting.push_back(step);
        } else if (busy > 0) {
            std::optional<std::uint32_t> expected;
            if (waiting.empty()) {
                --busy;
            } else {
                expected = waiting.front();
                waiting.pop_front();
            }
            REQUIRE(pool.release() == expected);
        }
        REQUIRE(pool.busy() == busy);
        REQUIRE(pool.waiting() == waiting.size());
    }
}
