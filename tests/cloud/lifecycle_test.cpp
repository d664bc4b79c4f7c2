#include <array>
#include <cstddef>
#include <string_view>

#include <fleetsim/cloud/lifecycle.hpp>

#include "catch.hpp"

namespace {

using fleetsim::cloud::billed;
using fleetsim::cloud::can_follow;
using fleetsim::cloud::instance_state_count;
using fleetsim::cloud::InstanceState;

TEST_CASE("an instance is paid for from running until it shuts down or stops") {
    struct Row {
        InstanceState state;
        std::string_view name;
        bool billed;
    };
    constexpr std::array rows{
        Row{InstanceState::pending, "pending", false},
        Row{InstanceState::running, "running", true},
        Row{InstanceState::registered, "registered", true},
        Row{InstanceState::draining, "draining", true},
        Row{InstanceState::stopping, "stopping", false},
        Row{InstanceState::stopped, "stopped", false},
        Row{InstanceState::shutting_down, "shutting-down", false},
        Row{InstanceState::terminated, "terminated", false},
    };
    static_assert(rows.size() == instance_state_count);
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(name(row.state) == row.name);
        CHECK(billed(row.state) == row.billed);
        // Only the way to `stopped` differs for an instance that hibernates.
        CHECK(billed(row.state, true) == (row.billed || row.state == InstanceState::stopping));
    }
}

TEST_CASE("states follow one another as EC2 and ECS allow") {
    // Row: from; column: to; in the order of the enumeration.
    constexpr std::array<std::string_view, instance_state_count> allowed{
        ".x....xx",  // pending: a failed launch is terminated at once.
        "..x.x.x.",  // running
        "...xx.x.",  // registered
        "..x.x.x.",  // draining: may be made active again.
        ".....xx.",  // stopping
        "x.....x.",  // stopped: starts again, or is terminated.
        ".......x",  // shutting down
        "........",  // terminated
    };
    for (std::size_t from = 0; from < instance_state_count; ++from) {
        for (std::size_t to = 0; to < instance_state_count; ++to) {
            const auto before = static_cast<InstanceState>(from);
            const auto after = static_cast<InstanceState>(to);
            CAPTURE(name(before), name(after));
            CHECK(can_follow(before, after) == (allowed[from][to] == 'x'));
        }
    }
}

TEST_CASE("states stand in an order that tells what is in use and what is lost") {
    using enum InstanceState;
    for (const InstanceState coming_or_in_use : {pending, running, registered}) CHECK(coming_or_in_use <= registered);
    for (const InstanceState not_in_use : {draining, stopping, stopped}) {
        CHECK(not_in_use > registered);
        CHECK(not_in_use < shutting_down);
    }
    CHECK(terminated > shutting_down);
}

}  // namespace
