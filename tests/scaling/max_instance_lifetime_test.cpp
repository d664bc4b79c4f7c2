#include <chrono>
#include <cstdint>

#include <fleetsim/scaling/max_instance_lifetime.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::scaling;
using namespace std::chrono_literals;
using des::Time;

TEST_CASE("a maximum instance lifetime is a day or more or none") {
    CHECK(is_max_instance_lifetime(0s));
    CHECK(!is_max_instance_lifetime(1s));
    CHECK(!is_max_instance_lifetime(86'399s));
    CHECK(is_max_instance_lifetime(86'400s));
    CHECK(is_max_instance_lifetime(2'592'000s));
    CHECK(!is_max_instance_lifetime(-86'400s));
}

TEST_CASE("an instance expires when it has been in service for its lifetime") {
    const Time since{1000s};
    CHECK(!expired(24h, since, since + 24h - 1ns));
    CHECK(expired(24h, since, since + 24h));
    CHECK(!expired(0s, since, since + 1000h));
}

TEST_CASE("expired instances are replaced one at a time unless that takes longer than a lifetime") {
    struct Row {
        const char* what;
        std::int32_t capacity;
        des::Duration lifetime;
        des::Duration replacement_time;
        std::int32_t at_once;
    };
    for (const Row& row : {
             Row{"small group", 10, 24h, 5min, 1},
             Row{"288 times 5 minutes are just a day", 288, 24h, 5min, 1},
             Row{"one more instance", 289, 24h, 5min, 2},
             Row{"1440 times 29 minutes are 29 days and no more", 1440, 24h, 29min, 29},
             Row{"a thousand", 1000, 24h, 5min, 4},
             Row{"a month leaves time", 1000, 720h, 5min, 1},
             Row{"a tenth at most", 100, 24h, 6h, 10},
             Row{"a tenth is rounded down", 119, 24h, 6h, 11},
             Row{"one at least", 4, 24h, 12h, 1},
             Row{"nothing takes no time", 1000, 24h, 0s, 1},
             Row{"an empty group", 0, 24h, 5min, 1},
         }) {
        INFO(row.what);
        CHECK(lifetime_replacements_at_once(row.capacity, row.lifetime, row.replacement_time) == row.at_once);
    }
}

TEST_CASE("replacements under way count against those allowed at once") {
    const auto replaced = [](std::int32_t capacity, std::int32_t expired, std::int32_t being_replaced) {
        return lifetime_replacements(24h, {capacity, expired, being_replaced, 5min});
    };
    CHECK(replaced(10, 0, 0) == 0);
    CHECK(replaced(10, 10, 0) == 1);
    CHECK(replaced(10, 9, 1) == 0);
    CHECK(replaced(1000, 500, 0) == 4);
    CHECK(replaced(1000, 3, 0) == 3);
    CHECK(replaced(1000, 500, 3) == 1);
    CHECK(replaced(1000, 500, 9) == 0);
}
