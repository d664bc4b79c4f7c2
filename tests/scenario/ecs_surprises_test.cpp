#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "scenario/surprises.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario::testing;

/// What surprises users of ECS, from scenarios/surprises/, and the cures, in numbers.
namespace {

std::size_t rows(const sim::Result& result, std::string_view event, std::string_view reason = "") {
    return static_cast<std::size_t>(std::count_if(
        result.events.begin(), result.events.end(),
        [&](const sim::EventRow& row) { return row.event == event && row.reason.find(reason) != std::string::npos; }));
}

/// Running tasks by zone at the end, as the rows tell.
std::vector<int> running_by_zone(const sim::Result& result, const std::vector<std::string>& zones) {
    std::vector<int> counts(zones.size(), 0);
    for (const sim::EventRow& row : result.events) {
        const int change = (row.to == "RUNNING" ? 1 : 0) - (row.from == "RUNNING" ? 1 : 0);
        if (change == 0 || row.event.substr(0, 5) != "task_") continue;
        for (std::size_t i = 0; i < zones.size(); ++i) counts[i] += row.zone == zones[i] ? change : 0;
    }
    return counts;
}

}  // namespace

TEST_CASE("from zero ECS orders two instances for one task unless a bound allows one") {
    const sim::Result two = run_surprise("two-instances-from-zero").result;
    CHECK(two.groups[0].launches == 2);
    CHECK(two.task_runs[0].succeeded == 1);
    const sim::Result one = run_surprise("two-instances-from-zero-cured").result;
    CHECK(one.groups[0].launches == 1);
    CHECK(one.task_runs[0].succeeded == 1);
    CHECK(usd(one) < usd(two));
}

TEST_CASE("an empty cluster flaps between zero and two with a target below 100") {
    const sim::Result flapping = run_surprise("flapping-zero-and-two").result;
    CHECK(flapping.groups[0].launches >= 20);
    CHECK(flapping.groups[0].instances.max == 2);
    const sim::Result quiet = run_surprise("flapping-zero-and-two-cured").result;
    CHECK(quiet.groups[0].launches == 0);
    CHECK(usd(quiet) == 0);
}

TEST_CASE("a deployment that may run neither more nor fewer tasks never begins") {
    const auto [warnings, stuck] = run_surprise("deadlocked-deployments");
    CHECK(warnings.find("none can be replaced") != std::string::npos);
    CHECK(rows(stuck, "deployment", "cannot go on") == 2);
    CHECK(rows(stuck, "deployment", "completed") == 0);
    CHECK(rows(stuck, "task_created") == 5);
    const auto [no_warnings, done] = run_surprise("deadlocked-deployments-cured");
    CHECK(no_warnings.empty());
    CHECK(rows(done, "deployment", "completed") == 2);
    CHECK(rows(done, "task_created") == 10);
}

TEST_CASE("after an outage the tasks stay where they are unless zones are rebalanced") {
    const sim::Result uneven = run_surprise("no-rebalancing-after-outage").result;
    CHECK(running_by_zone(uneven, {"us-east-1a", "us-east-1b"}) == std::vector<int>{8, 0});
    const sim::Result even = run_surprise("no-rebalancing-after-outage-cured").result;
    CHECK(running_by_zone(even, {"us-east-1a", "us-east-1b"}) == std::vector<int>{4, 4});
}

TEST_CASE("an agent that is no daemon keeps every instance busy") {
    const sim::Result busy = run_surprise("daemon-keeps-instances-busy").result;
    CHECK(busy.groups[0].terminations == 0);
    const sim::Result freed = run_surprise("daemon-keeps-instances-busy-cured").result;
    CHECK(freed.groups[0].terminations == 7);
    CHECK(usd(freed) < 0.6 * usd(busy));
}

TEST_CASE("network interfaces run out long before CPU unless they are trunked") {
    const sim::Result few = run_surprise("eni-slots-before-cpu").result;
    CHECK(few.groups[0].instances.max == 10);
    CHECK(few.services[0].tasks.max == 20);
    const sim::Result many = run_surprise("eni-slots-before-cpu-cured").result;
    CHECK(many.groups[0].instances.max == 2);
    CHECK(many.services[0].tasks.max == 20);
}

TEST_CASE("a static host port allows one task an instance") {
    const sim::Result few = run_surprise("static-host-port").result;
    CHECK(few.services[0].tasks.max == 2);
    CHECK(rows(few, "task_refused", "2 of 2 ports") > 0);
    const sim::Result all = run_surprise("static-host-port-cured").result;
    CHECK(all.services[0].tasks.min == 8);
}

TEST_CASE("a task too big for the smallest type of a group waits for ever") {
    const sim::Result waiting = run_surprise("task-bigger-than-the-smallest-type").result;
    CHECK(waiting.groups[0].launches == 0);
    CHECK(waiting.services[0].tasks.max == 0);
    CHECK(rows(waiting, "task_stopped", "timed out waiting for capacity") == 3);
    const sim::Result running = run_surprise("task-bigger-than-the-smallest-type-cured").result;
    CHECK(running.services[0].tasks.max == 1);
}

TEST_CASE("two tasks of half an instance do not fit what it registers") {
    const sim::Result one_each = run_surprise("registered-below-nominal").result;
    CHECK(one_each.groups[0].instances.max == 8);
    const sim::Result two_each = run_surprise("registered-below-nominal-cured").result;
    CHECK(two_each.groups[0].instances.max == 4);
}

TEST_CASE("health checks kill what boots slowly until the circuit breaker gives up") {
    const sim::Result killed = run_surprise("slow-boot-kill-loop").result;
    CHECK(rows(killed, "deployment", "failed") == 1);
    CHECK(rows(killed, "deployment", "rolled back") == 1);
    CHECK(rows(killed, "task_draining", "failed its load balancer's health checks") >= 3);
    CHECK(killed.services[0].tasks.min >= 6);
    const sim::Result booted = run_surprise("slow-boot-kill-loop-cured").result;
    CHECK(rows(booted, "deployment", "failed") == 0);
    CHECK(rows(booted, "deployment", "completed") == 1);
    CHECK(rows(booted, "task_draining", "failed its load balancer's health checks") == 0);
}
