#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

TEST_CASE("faults of Auto Scaling groups") {
    constexpr std::string_view zones = "[us-east-1a, us-east-1b]";
    check({
        {"m5.large", "§m5.lagre", "unknown instance type \"m5.lagre\"", "did you mean m5.large?"},
        {"m5.large", "§[m5.large]", "instance_type: expected an instance type such as m5.large, found a list"},
        {"  web:\n    instance_type: m5.large",
         "  §web:", "Auto Scaling group \"web\" needs the key instance_type or mixed_instances_policy"},
        {zones, "§[]", "availability_zones: expected at least one zone"},
        {zones, "[us-east-1a, §eu-west-1a]", "\"eu-west-1a\" is not a zone of us-east-1", "us-east-1a to us-east-1f"},
        {zones, "[§us-east-1g]", "\"us-east-1g\" is not a zone of us-east-1", "us-east-1a to us-east-1f"},
        {zones, "[us-east-1a, §us-east-1a]", "zone us-east-1a is listed twice"},
        {zones, "§us-east-1a", "availability_zones: expected a list, found text"},
        {"  web:\n    instance_type: m5.large\n    availability_zones: [us-east-1a, us-east-1b]\n    max_size: 4\n",
         "  §web:\n    instance_type: m5.large\n    availability_zones: [us-east-1a]\n",
         "Auto Scaling group \"web\" needs the key max_size"},
        {"max_size: 4", "max_size: 4\n    min_size: §5", "min_size 5 is above max_size 4"},
        {"max_size: 4", "max_size: 4\n    desired_capacity: §5",
         "desired_capacity 5 lies outside min_size 0 to max_size 4"},
        {"max_size: 4", "max_size: §-4", "max_size: expected a whole number from 0 to 100000"},
        {"max_size: 4", "max_size: §four", "max_size: expected a whole number from 0 to 100000, found \"four\""},
        {"max_size: 4", "max_size: 4\n    registered_memory: §0",
         "registered_memory: expected a size of at least 1MiB"},
        {"max_size: 4", "max_size: 4\n    registered_memory: §9GiB", "registered_memory: m5.large has only 8192 MiB"},
        {"max_size: 4", "max_size: 4\n    registered_memory: §7GB", "registered_memory: expected a size such as 512MiB",
         "did you mean 7GiB?"},
        {"max_size: 4", "max_size: 4\n    launch_times: {§pending: 1s}", "unknown key \"pending\" in launch_times",
         "did you mean pending_to_running?"},
        {"max_size: 4", "max_size: 4\n    launch_times: {shutting_down: §1}",
         "shutting_down: expected a duration such as 90s", "did you mean 1s?"},
        {"max_size: 4", "max_size: 4\n  §lone: {instance_type: m5.large, max_size: 1}",
         "Auto Scaling group \"lone\" belongs to no cluster and has no workload", "capacity_providers",
         Severity::warning},
    });
}

TEST_CASE("one bad bound does not hide a desired capacity beyond the other") {
    const auto last = [](std::string_view sizes) {
        const auto found = load(with(small_shop, "max_size: 4", sizes)).diagnostics.sorted();
        REQUIRE(found.size() == 2);
        return found[1].message;
    };
    CHECK(last("min_size: x\n    max_size: 4\n    desired_capacity: 5") == "desired_capacity 5 lies above max_size 4");
    CHECK(last("max_size: x\n    min_size: 4\n    desired_capacity: 3") == "desired_capacity 3 lies below min_size 4");
}

TEST_CASE("an instance type that a region does not price is named with the regions that do") {
    const auto text =
        with(with(with(small_shop, "us-east-1\n", "eu-north-1\n"), "[us-east-1a, us-east-1b]", "[eu-north-1a]"),
             "m5.large", "m4.large");
    const auto found = load(text).diagnostics.sorted();
    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "m4.large has no on-demand price in eu-north-1");
    CHECK(found[0].hint.starts_with("it is priced in us-east-1"));
    CHECK(found[0].place.line == 7);
    CHECK(found[0].place.column == 20);
}

TEST_CASE("faults of clusters") {
    constexpr std::string_view provider = "- auto_scaling_group: web";
    constexpr std::string_view providers = "    capacity_providers:\n      - auto_scaling_group: web";
    check({
        {provider, "- auto_scaling_group: §wbe", "unknown Auto Scaling group \"wbe\"", "did you mean web?"},
        {provider, "- auto_scaling_group: web\n      - auto_scaling_group: §web",
         "Auto Scaling group \"web\" already belongs to a cluster", "a group serves one cluster"},
        {provider, "- §managed_scaling: {}", "capacity_providers item needs the key auto_scaling_group"},
        {provider, "- auto_scaling_group: web\n        managed_scaling: {target_capacity: §101}",
         "target_capacity: expected a whole number from 1 to 100, found \"101\""},
        {provider, "- auto_scaling_group: web\n        managed_scaling: {instance_warmup_period: §3h}",
         "instance_warmup_period: expected a duration from 0s to 2h46m40s"},
        {provider,
         "- auto_scaling_group: web\n        managed_scaling: {maximum_scaling_step_size: 2, "
         "minimum_scaling_step_size: §3}",
         "minimum_scaling_step_size 3 is above maximum_scaling_step_size 2"},
        {provider, "- auto_scaling_group: web\n        managed_termination_protection: §ENABLED",
         "managed_termination_protection ENABLED needs managed_scaling"},
        {provider, "- auto_scaling_group: web\n        managed_termination_protection: §yes",
         "managed_termination_protection: expected ENABLED or DISABLED"},
        {"  main:\n    capacity_providers:\n      - auto_scaling_group: web", "  §main: {}",
         "cluster \"main\" needs the key capacity_providers"},
        {providers, "    capacity_providers: §[]", "capacity_providers needs at least one entry"},
        {providers, "    capacity_providers: §web", "capacity_providers: expected a list, found text"},
        {providers, "    capacity_providers: [§web]",
         "capacity_providers item: expected a mapping or FARGATE or FARGATE_SPOT", "write {auto_scaling_group: web}"},
        {"  main:\n    capacity", "  main:\n    §color: red\n    capacity", "unknown key \"color\" in cluster \"main\"",
         "it takes capacity_providers"},
    });
}
