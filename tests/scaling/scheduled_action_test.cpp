#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/scheduled_action.hpp>

#include "catch.hpp"

namespace {

using fleetsim::des::Stream;
using fleetsim::scaling::apply;
using fleetsim::scaling::apply_to_service;
using fleetsim::scaling::fails;
using fleetsim::scaling::faults;
using fleetsim::scaling::GroupSizes;
using fleetsim::scaling::ScheduledAction;

constexpr auto absent = std::nullopt;

struct Row {
    std::string_view what;
    ScheduledAction action;  // Minimum, maximum, desired capacity.
    GroupSizes before;       // Minimum, maximum, desired capacity.
    GroupSizes after;
};

TEST_CASE("a group takes the sizes of a scheduled action and keeps the others") {
    const std::array rows{
        Row{"the user guide's: out to three", {absent, absent, 3}, {1, 6, 2}, {1, 6, 3}},
        Row{"the user guide's: in to one", {absent, absent, 1}, {1, 6, 4}, {1, 6, 1}},
        Row{"the user guide's: all three", {1, 6, 4}, {0, 2, 2}, {1, 6, 4}},
        Row{"the desired capacity rises to a new minimum", {5, absent, absent}, {1, 9, 2}, {5, 9, 5}},
        Row{"and does not fall with it", {1, absent, absent}, {4, 9, 4}, {1, 9, 4}},
        Row{"the desired capacity falls to a new maximum", {absent, 3, absent}, {1, 9, 7}, {1, 3, 3}},
        Row{"and does not rise with it", {absent, 20, absent}, {1, 9, 7}, {1, 20, 7}},
        Row{"a night off", {0, 0, absent}, {2, 9, 7}, {0, 0, 0}},
        Row{"a desired capacity that the action's own maximum allows", {absent, 12, 12}, {1, 9, 7}, {1, 12, 12}},
        Row{"at both bounds", {5, 5, 5}, {1, 9, 7}, {5, 5, 5}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        CHECK(apply(row.action, row.before) == row.after);
        CHECK_FALSE(fails(row.action, row.before));
    }
}

TEST_CASE("a scheduled action that the other sizes do not allow changes nothing") {
    struct Refused {
        std::string_view what;
        ScheduledAction action;
        GroupSizes sizes;
    };
    const std::array rows{
        Refused{"a minimum above the group's maximum", {10, absent, absent}, {1, 9, 7}},
        Refused{"a maximum below the group's minimum", {absent, 1, absent}, {2, 9, 7}},
        Refused{"a desired capacity above the group's maximum", {absent, absent, 10}, {1, 9, 7}},
        Refused{"a desired capacity below the group's minimum", {absent, absent, 1}, {2, 9, 7}},
        Refused{"a desired capacity above the new maximum", {absent, 8, 9}, {1, 10, 7}},
        Refused{"a desired capacity below the new minimum", {5, absent, 4}, {1, 10, 7}},
    };
    for (const Refused& row : rows) {
        CAPTURE(row.what);
        CHECK(fails(row.action, row.sizes));
        CHECK(apply(row.action, row.sizes) == row.sizes);
    }
}

TEST_CASE("a service takes the bounds of a scheduled action and moves only to a bound that is given") {
    const std::array rows{
        Row{"below the new minimum", {5, absent, absent}, {1, 9, 2}, {5, 9, 5}},
        Row{"above the new maximum", {absent, 3, absent}, {1, 9, 7}, {1, 3, 3}},
        Row{"between both", {2, 8, absent}, {1, 9, 5}, {2, 8, 5}},
        Row{"a lower minimum scales nothing in", {0, absent, absent}, {4, 9, 4}, {0, 9, 4}},
        Row{"a higher maximum scales nothing out", {absent, 20, absent}, {4, 9, 9}, {4, 20, 9}},
        Row{"both at once", {3, 3, absent}, {0, 9, 7}, {3, 3, 3}},
        Row{"a count above a maximum that is not given stays", {2, absent, absent}, {0, 5, 8}, {2, 5, 8}},
        Row{"a count below a minimum that is not given stays", {absent, 8, absent}, {5, 9, 2}, {5, 8, 2}},
        Row{"a service has no desired capacity to set", {2, 8, 3}, {1, 9, 5}, {2, 8, 5}},
        Row{"nor can it be out of bounds", {2, 8, 99}, {1, 9, 5}, {2, 8, 5}},
        Row{"a minimum above the maximum fails", {10, absent, absent}, {1, 9, 5}, {1, 9, 5}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        CHECK(apply_to_service(row.action, row.before) == row.after);
    }
}

TEST_CASE("what no group can do is told beforehand") {
    struct Told {
        ScheduledAction action;
        std::vector<std::string> faults;
    };
    const std::vector<Told> rows{
        {{1, 6, 4}, {}},
        {{absent, absent, 0}, {}},
        {{absent, absent, absent}, {"it changes nothing"}},
        {{-1, absent, absent}, {"a size is negative"}},
        {{absent, absent, -1}, {"a size is negative"}},
        {{7, 6, absent}, {"the minimum is above the maximum"}},
        {{2, 6, 1}, {"the desired capacity is below the minimum"}},
        {{2, 6, 7}, {"the desired capacity is above the maximum"}},
        {{absent, -2, -1}, {"a size is negative", "the desired capacity is above the maximum"}},
    };
    for (const Told& row : rows) CHECK(faults(row.action) == row.faults);
}

TEST_CASE("after any scheduled action sizes that were in order still are") {
    const Stream stream{1, 0, "scheduled action", "test"};
    int failed = 0;
    for (std::uint64_t k = 0; k < 2000; ++k) {
        auto draws = stream.draws(k);
        const auto below = [&](std::uint64_t bound) { return static_cast<std::int32_t>(draws.word() % bound); };
        GroupSizes sizes{below(5), 0, 0};
        sizes.max = sizes.min + below(5);
        sizes.desired = sizes.min + below(static_cast<std::uint64_t>(sizes.max - sizes.min) + 1);
        ScheduledAction action;
        if (below(2) == 0) action.min_size = below(10);
        if (below(2) == 0) action.max_size = below(10);
        if (below(2) == 0) action.desired_capacity = below(10);

        for (const GroupSizes after : {apply(action, sizes), apply_to_service(action, sizes)}) {
            REQUIRE(after.min <= after.desired);
            REQUIRE(after.desired <= after.max);
        }
        failed += fails(action, sizes) ? 1 : 0;
    }
    CHECK(failed > 200);
    CHECK(failed < 1800);
}

}  // namespace
