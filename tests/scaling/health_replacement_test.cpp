#include <chrono>
#include <cstdint>
#include <utility>

#include <fleetsim/scaling/health_replacement.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::scaling;
using namespace std::chrono_literals;
using des::Time;

TEST_CASE("an instance that no longer runs is unhealthy at once and any other after the grace period") {
    struct Row {
        const char* what;
        HealthCheckType type;
        InstanceHealth instance;
        bool unhealthy;
    };
    using enum HealthCheckType;
    const Time now{10'000s};
    const Time old{0s};
    const Time fresh = now - 299s;
    const Time grace_just_over = now - 300s;
    for (const Row& row : {
             Row{"healthy", ec2, {.in_service_since = old}, false},
             Row{"impaired", ec2, {.in_service_since = old, .impaired_since = now - 180s}, true},
             Row{"impaired a moment ago", ec2, {.in_service_since = old, .impaired_since = now - 180s + 1ns}, false},
             Row{"impaired within the grace period", ec2, {.in_service_since = fresh, .impaired_since = fresh}, false},
             Row{"impaired and the grace period is over",
                 ec2,
                 {.in_service_since = grace_just_over, .impaired_since = grace_just_over},
                 true},
             Row{"the load balancer is not asked",
                 ec2,
                 {.in_service_since = old, .failed_by_load_balancer = true},
                 false},
             Row{"the load balancer is asked", elb, {.in_service_since = old, .failed_by_load_balancer = true}, true},
             Row{"the load balancer finds it slow to start",
                 elb,
                 {.in_service_since = fresh, .failed_by_load_balancer = true},
                 false},
             Row{"the grace period is just over",
                 elb,
                 {.in_service_since = grace_just_over, .failed_by_load_balancer = true},
                 true},
             Row{"set unhealthy", ec2, {.in_service_since = old, .set_unhealthy = true}, true},
             Row{"set unhealthy within the grace period",
                 ec2,
                 {.in_service_since = fresh, .set_unhealthy = true},
                 false},
             Row{"ELB checks do not replace EC2's", elb, {.in_service_since = old, .impaired_since = old}, true},
         }) {
        INFO(row.what);
        CHECK(unhealthy({row.type, 300s}, row.instance, now) == row.unhealthy);
    }
}

TEST_CASE("without a grace period the first verdict counts") {
    const Time now{10'000s};
    const InstanceHealth failed{.in_service_since = now, .failed_by_load_balancer = true};
    CHECK(unhealthy({HealthCheckType::elb, 0s}, failed, now));
    CHECK(HealthChecks{}.grace_period == 0s);
    CHECK(HealthChecks{}.type == HealthCheckType::ec2);
}

TEST_CASE("what was set unhealthy is replaced immediately") {
    const Time old{0s};
    CHECK(replaced_immediately({.in_service_since = old, .set_unhealthy = true}));
    CHECK(!replaced_immediately({.in_service_since = old, .impaired_since = old}));
    CHECK(!replaced_immediately({.in_service_since = old, .failed_by_load_balancer = true}));
}

TEST_CASE("impaired instances are replaced a tenth of the group at a time and one at least") {
    for (const auto& [desired, at_once] : {std::pair{1, 1}, {9, 1}, {10, 1}, {19, 1}, {20, 2}, {100, 10}}) {
        CHECK(replacements_at_once(desired) == at_once);
    }
}

TEST_CASE("replacements wait for one another and for a group that is a tenth short") {
    struct Row {
        const char* what;
        ReplacementView group;  // desired, in service, unhealthy, being replaced, activity in progress
        std::int32_t replaced;
    };
    for (const Row& row : {
             Row{"none", {100, 100, 0, 0, false}, 0},
             Row{"fewer than a tenth", {100, 100, 4, 0, false}, 4},
             Row{"a tenth at a time", {100, 100, 60, 0, false}, 10},
             Row{"one at a time", {5, 5, 5, 0, false}, 1},
             Row{"the batch before is not done", {100, 98, 50, 2, false}, 0},
             Row{"scaling and a tenth short", {100, 90, 60, 0, true}, 0},
             Row{"scaling and far short", {100, 50, 10, 0, true}, 0},
             Row{"scaling but nearly complete", {100, 91, 60, 0, true}, 10},
             Row{"a tenth short but nothing under way", {100, 90, 60, 0, false}, 10},
             Row{"scaling in", {100, 110, 5, 0, true}, 5},
             Row{"a small group one short", {5, 4, 2, 0, true}, 0},
         }) {
        INFO(row.what);
        CHECK(replacements_now(row.group) == row.replaced);
    }
}

TEST_CASE("health check types have the names of the API") {
    CHECK(name(HealthCheckType::ec2) == "EC2");
    CHECK(name(HealthCheckType::elb) == "ELB");
}
