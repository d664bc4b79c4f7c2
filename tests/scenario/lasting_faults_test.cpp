#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_fleet.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

namespace {

/// An image that somebody may pull.
constexpr std::string_view images = "images: {app: {size: 100MiB}}\n";

/// The only fault of a small fleet.
template <class What>
What fault(std::string_view text) {
    const sim::Scenario scenario =
        good(std::string(small_fleet) + std::string(images) + "faults: [" + std::string(text) + "]\n");
    REQUIRE(scenario.faults.size() == 1);
    CHECK(scenario.faults[0].at == des::Time{10min});
    return std::get<What>(scenario.faults[0].what);
}

void check_fault(std::string_view text, std::string_view message, std::string_view hint = "",
                 Severity severity = Severity::error) {
    const std::string becomes = "faults: [" + std::string(text) + "]\n";
    check({{"HERE\n", becomes, message, hint, severity}}, std::string(small_fleet) + std::string(images) + "HERE\n");
}

}  // namespace

TEST_CASE("tasks exit and instances end at random for a time or until the end") {
    const auto some = fault<sim::TaskCrashes>("{at: 10m, task_crashes: front, per_task_hour: 0.5, duration: 1h}");
    CHECK(some.service == sim::ServiceId{0});
    CHECK(some.per_task_hour == 0.5);
    CHECK(some.duration == 1h);
    const auto any = fault<sim::TaskCrashes>("{at: 10m, task_crashes: all, per_task_hour: 2}");
    CHECK_FALSE(any.service.exists());
    CHECK(any.per_task_hour == 2);
    CHECK(any.duration == 24h - 10min);

    const auto spot =
        fault<sim::InstanceFailures>("{at: 10m, instance_failures: spot, per_instance_hour: 0.001, duration: 2h}");
    CHECK(spot.group == sim::GroupId{1});
    CHECK(spot.per_instance_hour == 0.001);
    CHECK(spot.duration == 2h);
    const auto every = fault<sim::InstanceFailures>("{at: 10m, instance_failures: all, per_instance_hour: 3600}");
    CHECK_FALSE(every.group.exists());
    CHECK(every.per_instance_hour == 3600);
    CHECK(every.duration == 24h - 10min);
}

TEST_CASE("zones may be slow and the registry silent and ECS throttled") {
    const auto slow = fault<sim::SlowZone>("{at: 10m, slow_zone: us-east-1b, factor: 2.5, duration: 20m}");
    CHECK(slow.zone == sim::ZoneId{1});
    CHECK(slow.factor == 2.5);
    CHECK(slow.duration == 20min);
    CHECK(fault<sim::RegistryOutage>("{at: 10m, image_pulls: fail, duration: 30m}").duration == 30min);

    struct Rate {
        std::string_view text;
        std::int32_t launches_per_minute;
    };
    for (const Rate& rate : {Rate{"60/min", 60}, Rate{"1/s", 60}, Rate{"7/min", 7}, Rate{"120/h", 2}, Rate{"1/min", 1},
                             Rate{"499/min", 499}, Rate{"1.2k/min", 1200}, Rate{"100k/min", 100'000}}) {
        CAPTURE(rate.text);
        const auto throttled =
            fault<sim::ApiThrottling>("{at: 10m, api_throttling: " + std::string(rate.text) + ", duration: 40m}");
        CHECK(throttled.launches_per_minute == rate.launches_per_minute);
        CHECK(throttled.duration == 40min);
    }
}

TEST_CASE("faults of crashes and failures injection") {
    check_fault("§{at: 10m, task_crashes: front}", "faults item needs the key per_task_hour");
    check_fault("{at: 10m, task_crashes: §frnt, per_task_hour: 1}", "unknown service \"frnt\"", "did you mean front?");
    check_fault("{at: 10m, task_crashes: §[front], per_task_hour: 1}", "task_crashes: expected the name of a service");
    check_fault("{at: 10m, task_crashes: all, per_task_hour: §0}",
                "per_task_hour: expected a number above 0, at most 3600, found \"0\"");
    check_fault("{at: 10m, task_crashes: all, per_task_hour: §3600.1}", "at most 3600");
    check_fault("{at: 10m, task_crashes: all, per_task_hour: 1, duration: §0s}",
                "duration: expected a duration above 0s");
    check_fault("{at: 10m, task_crashes: all, per_task_hour: 1, §per_instance_hour: 1}",
                "unknown key \"per_instance_hour\" in faults item", "it takes");
    check_fault("§{at: 10m, instance_failures: web}", "faults item needs the key per_instance_hour");
    check_fault("{at: 10m, instance_failures: §wbe, per_instance_hour: 1}", "unknown Auto Scaling group \"wbe\"",
                "did you mean web?");
    check_fault("{at: 10m, instance_failures: web, per_instance_hour: §-1}", "per_instance_hour: expected a number");
    check_fault("{at: §25h, instance_failures: all, per_instance_hour: 1}", "at: 25h is not before the scenario's end");
}

TEST_CASE("faults of slowness and silence and throttling injection") {
    check_fault("§{at: 10m, slow_zone: us-east-1a, factor: 2}", "faults item needs the key duration");
    check_fault("§{at: 10m, slow_zone: us-east-1a, duration: 1h}", "faults item needs the key factor");
    check_fault("{at: 10m, slow_zone: us-east-1a, factor: §1, duration: 1h}",
                "factor: expected a number above 1, at most 1000, found \"1\"");
    check_fault("{at: 10m, slow_zone: §us-east-1f, factor: 2, duration: 1h}",
                "no Auto Scaling group uses the zone \"us-east-1f\"", "they use us-east-1a or us-east-1b");
    check_fault("{at: 10m, image_pulls: §slow, duration: 1h}", "image_pulls: expected fail, found \"slow\"");
    check_fault("§{at: 10m, image_pulls: fail}", "faults item needs the key duration");
    check_fault("{at: 10m, api_throttling: §60, duration: 1h}",
                "api_throttling: expected 1 to 100000 launches a minute such as 60/min, found \"60\"",
                "did you mean 60/min?");
    check_fault("{at: 10m, api_throttling: §0/min, duration: 1h}", "api_throttling: expected 1 to 100000");
    check_fault("{at: 10m, api_throttling: §90/h, duration: 1h}", "api_throttling: expected 1 to 100000");
    check_fault("{at: 10m, api_throttling: §100001/min, duration: 1h}", "api_throttling: expected 1 to 100000");
    check_fault("{at: 10m, api_throttling: §much, duration: 1h}", "api_throttling: expected 1 to 100000");
    check_fault("§{at: 10m, api_throttling: 60/min}", "faults item needs the key duration");
    check({{"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, image_pulls: §fail, duration: 1h}]\n",
            "image_pulls has no effect: no task has an image", "list images", Severity::warning}});
}
