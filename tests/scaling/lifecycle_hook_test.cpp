#include <chrono>
#include <optional>
#include <vector>

#include <fleetsim/scaling/lifecycle_hook.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::scaling;
using namespace std::chrono_literals;

namespace {

constexpr auto abandon = HookResult::abandon;
constexpr auto proceed = HookResult::proceed;

LifecycleHook hook(des::Duration heartbeat_timeout, HookResult default_result = abandon) {
    return {.name = "warm up", .heartbeat_timeout = heartbeat_timeout, .default_result = default_result};
}

}  // namespace

TEST_CASE("an instance waits no longer than two days or a hundred heartbeats") {
    CHECK(longest_wait(hook(30s)) == 3000s);
    CHECK(longest_wait(hook(1727s)) == 172'700s);
    CHECK(longest_wait(hook(1728s)) == 48h);
    CHECK(longest_wait(hook(1729s)) == 48h);
    CHECK(longest_wait({}) == 48h);
    CHECK(longest_wait(hook(7200s)) == 48h);
}

TEST_CASE("a hook ends when it is completed or times out") {
    struct Row {
        const char* what;
        LifecycleHook hook;
        std::optional<des::Duration> completes_after;
        HookResult completes_with;
        bool heartbeats;
        HookOutcome outcome;
    };
    for (const Row& row : {
             Row{"completed", hook(600s), 90s, proceed, false, {90s, proceed, false}},
             Row{"completed at once", hook(600s), 0s, proceed, false, {0s, proceed, false}},
             Row{"given up", hook(600s, proceed), 90s, abandon, false, {90s, abandon, false}},
             Row{"at the last moment", hook(600s), 600s, proceed, false, {600s, proceed, false}},
             Row{"too late", hook(600s), 600s + 1ns, proceed, false, {600s, abandon, true}},
             Row{"never", hook(600s), std::nullopt, proceed, false, {600s, abandon, true}},
             Row{"never and the default is to go on",
                 hook(600s, proceed),
                 std::nullopt,
                 abandon,
                 false,
                 {600s, proceed, true}},
             Row{"heartbeats gain time", hook(600s), 5400s, proceed, true, {5400s, proceed, false}},
             Row{"until a hundred of them", hook(60s), 6001s, proceed, true, {6000s, abandon, true}},
             Row{"or for two days", hook(3600s, proceed), 49h, abandon, true, {48h, proceed, true}},
             Row{"heartbeats of something that never ends",
                 hook(60s),
                 std::nullopt,
                 proceed,
                 true,
                 {6000s, abandon, true}},
             Row{"the default hook", {}, std::nullopt, proceed, false, {3600s, abandon, true}},
         }) {
        INFO(row.what);
        CHECK(outcome(row.hook, row.completes_after, row.completes_with, row.heartbeats) == row.outcome);
    }
}

TEST_CASE("of several hooks the last to go on or the first to abandon ends the wait") {
    struct Row {
        const char* what;
        std::vector<HookOutcome> hooks;
        HookOutcome joint;
    };
    const HookOutcome quick{10s, proceed, false};
    const HookOutcome slow{90s, proceed, true};
    const HookOutcome failed{50s, abandon, false};
    const HookOutcome failed_late{99s, abandon, true};
    for (const Row& row : {
             Row{"none", {}, {0s, proceed, false}},
             Row{"one", {slow}, slow},
             Row{"the slower", {quick, slow}, slow},
             Row{"in any order", {slow, quick}, slow},
             Row{"abandoned before the slower", {quick, failed, slow}, failed},
             Row{"abandoned after all others", {quick, slow, failed_late}, failed_late},
             Row{"abandoned twice", {failed_late, slow, failed}, failed},
         }) {
        INFO(row.what);
        CHECK(joint_outcome(row.hooks) == row.joint);
    }
}

TEST_CASE("hooks have the names of the API") {
    CHECK(name(LifecycleTransition::launching) == "autoscaling:EC2_INSTANCE_LAUNCHING");
    CHECK(name(LifecycleTransition::terminating) == "autoscaling:EC2_INSTANCE_TERMINATING");
    CHECK(name(abandon) == "ABANDON");
    CHECK(name(proceed) == "CONTINUE");
}
