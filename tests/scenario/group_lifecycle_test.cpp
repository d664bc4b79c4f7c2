#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/group_keys.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;
using namespace std::chrono_literals;

TEST_CASE("a warm pool has AWS's defaults and takes every key") {
    const scaling::WarmPool usual = *tasks("warm_pool: {}").warm_pool;
    CHECK(usual.pool_state == scaling::WarmPoolState::stopped);
    CHECK(usual.min_size == 0);
    CHECK_FALSE(usual.max_group_prepared_capacity.has_value());
    CHECK_FALSE(usual.reuse_on_scale_in);
    const scaling::WarmPool given =
        *tasks(
             "warm_pool: {pool_state: Hibernated, min_size: 2, max_group_prepared_capacity: 8, "
             "instance_reuse_policy: {reuse_on_scale_in: true}}")
             .warm_pool;
    CHECK(given.pool_state == scaling::WarmPoolState::hibernated);
    CHECK(given.min_size == 2);
    CHECK(given.max_group_prepared_capacity == 8);
    CHECK(given.reuse_on_scale_in);
}

TEST_CASE("faults of warm pools") {
    check_key("warm_pool: §4", "warm_pool: expected a mapping, found text");
    check_key("warm_pool: {pool_state: §stopped}", "pool_state: expected Stopped, Running or Hibernated", "Stopped");
    check_key("warm_pool: {min_size: §-1}", "min_size: expected a whole number from 0");
    check_key("warm_pool: {max_group_prepared_capacity: §-1}", "max_group_prepared_capacity: expected a whole number");
    check_key("warm_pool: {§reuse_on_scale_in: true}", "unknown key \"reuse_on_scale_in\" in warm_pool", "it takes");
    check_key("warm_pool: {instance_reuse_policy: {reuse_on_scale_in: §yes}}", "reuse_on_scale_in: expected true or");
    check({{"max_size: 10\n    workload: {vcpus: 4}\n  tasks:",
            "max_size: 10\n    §warm_pool: {}\n    workload: {vcpus: 4}\n  tasks:",
            "warm_pool: a group with a mixed_instances_policy cannot have one", "write one instance_type"}},
          small_fleet);
}

TEST_CASE("a lifecycle hook has AWS's defaults and takes every key") {
    const sim::LifecycleHook usual =
        tasks("lifecycle_hooks: [{name: warm, lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING}]")
            .lifecycle_hooks[0];
    CHECK(usual.settings.name == "warm");
    CHECK(usual.settings.transition == scaling::LifecycleTransition::launching);
    CHECK(usual.settings.heartbeat_timeout == 3600s);
    CHECK(usual.settings.default_result == scaling::HookResult::abandon);
    CHECK_FALSE(usual.completes_after.has_value());
    CHECK(usual.completes_with == scaling::HookResult::proceed);
    CHECK_FALSE(usual.heartbeats);
    const auto hooks =
        tasks(
            "lifecycle_hooks: [{name: in, lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING}, {name: out, "
            "lifecycle_transition: autoscaling:EC2_INSTANCE_TERMINATING, heartbeat_timeout: 30, default_result: "
            "CONTINUE, completes_after: {exponential: {mean: 20s}}, completes_with: ABANDON, heartbeats: true}]")
            .lifecycle_hooks;
    REQUIRE(hooks.size() == 2);
    CHECK(hooks[1].settings.transition == scaling::LifecycleTransition::terminating);
    CHECK(hooks[1].settings.heartbeat_timeout == 30s);
    CHECK(hooks[1].settings.default_result == scaling::HookResult::proceed);
    CHECK(*hooks[1].completes_after == des::exponential(20));
    CHECK(hooks[1].completes_with == scaling::HookResult::abandon);
    CHECK(hooks[1].heartbeats);
}

TEST_CASE("a hook's name has letters and digits and three other signs") {
    const std::string name = "Az09-_/" + std::string(248, 'a');
    CHECK(tasks("lifecycle_hooks: [{name: " + name + ", lifecycle_transition: autoscaling:EC2_INSTANCE_TERMINATING}]")
              .lifecycle_hooks[0]
              .settings.name == name);
}

TEST_CASE("a hook that ends otherwise than it seems is told") {
    const auto hook = [](std::string_view keys, std::string_view message, std::string_view hint) {
        check({{max_size, and_key("lifecycle_hooks: [" + std::string(keys) + "]"), message, hint, Severity::warning}},
              small_fleet);
    };
    const auto silent = [](std::string_view keys) {
        return load(with(small_fleet, max_size, and_key("lifecycle_hooks: [{name: a, " + std::string(keys) + "}]")))
            .diagnostics.render()
            .empty();
    };
    hook("§{name: a, lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING}",
         "lifecycle hook a: nobody completes it, so every launch is abandoned", "completes_after says when");
    CHECK(silent("lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING, default_result: CONTINUE"));
    CHECK(silent("lifecycle_transition: autoscaling:EC2_INSTANCE_TERMINATING"));
    hook(
        "{name: a, lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING, heartbeat_timeout: 60, completes_after: "
        "§61s}",
        "lifecycle hook a: it times out after 1m, before it is completed", "heartbeats: true, or a longer");
    CHECK(silent(
        "lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING, heartbeat_timeout: 60, completes_after: 60s"));
    CHECK(
        silent("lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING, heartbeat_timeout: 60, completes_after: 2m, "
               "heartbeats: true"));
}

TEST_CASE("a hook that is wrong still has its name") {
    check_key(
        "lifecycle_hooks: [{name: a, default_result: CONTINUE, lifecycle_transition: "
        "autoscaling:EC2_INSTANCE_LAUNCHING}, {name: §a, default_result: CONTINUE, lifecycle_transition: "
        "autoscaling:EC2_INSTANCE_LAUNCHING}]",
        "another lifecycle hook is called \"a\"");
    const auto found = load(with(small_fleet, max_size,
                                 and_key("lifecycle_hooks: [{name: a, lifecycle_transition: X}, {name: a, "
                                         "lifecycle_transition: autoscaling:EC2_INSTANCE_TERMINATING}]")))
                           .diagnostics.sorted();
    REQUIRE(found.size() == 2);
    CHECK(found[1].message == "another lifecycle hook is called \"a\"");
}

TEST_CASE("what cannot hibernate is refused and a pool that holds nothing is told") {
    const auto typed = [](std::string_view type) {
        return with(small_fleet, "    instance_type: m5.large\n    max_size: 4\n",
                    "    instance_type: " + std::string(type) + "\n    max_size: 4\n");
    };
    const std::string becomes = and_key("warm_pool: {pool_state: §Hibernated}");
    check({{max_size, becomes, "pool_state: m5.metal cannot be Hibernated: bare metal does not hibernate",
            "pool_state: Stopped"}},
          typed("m5.metal"));
    check({{max_size, becomes, "pool_state: m5.12xlarge cannot be Hibernated: only instances with less than 150 GiB",
            "pool_state: Stopped"}},
          typed("m5.12xlarge"));
    CHECK(load(with(typed("m5.metal"), max_size, and_key("warm_pool: {}"))).diagnostics.render().empty());

    const auto pool = [](std::string_view keys) {
        return and_key("desired_capacity: 2\n    warm_pool: " + std::string(keys));
    };
    check({{max_size, pool("{max_group_prepared_capacity: §2}"),
            "warm_pool: it is empty: max_group_prepared_capacity 2 is not above the desired capacity 2",
            "it counts the group's own instances too", Severity::warning}},
          small_fleet);
    for (const std::string_view keys :
         {"{max_group_prepared_capacity: 3}", "{max_group_prepared_capacity: 2, min_size: 1}"}) {
        CHECK(load(with(small_fleet, max_size, pool(keys))).diagnostics.render().empty());
    }
}

TEST_CASE("faults of lifecycle hooks") {
    const auto hook = [](std::string_view keys, std::string_view message, std::string_view hint = "") {
        check_key("lifecycle_hooks: [" + std::string(keys) + "]", message, hint);
    };
    constexpr std::string_view launching =
        "name: a, default_result: CONTINUE, lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING";
    const std::string good_hook = "{" + std::string(launching);
    hook("§{lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING}", "lifecycle_hooks item needs the key name");
    hook("§{name: a}", "lifecycle_hooks item needs the key lifecycle_transition");
    hook("{name: a, lifecycle_transition: §EC2_INSTANCE_LAUNCHING}",
         "lifecycle_transition: expected autoscaling:EC2_INSTANCE_LAUNCHING or autoscaling:EC2_INSTANCE_TERMINATING",
         "did you mean autoscaling:EC2_INSTANCE_LAUNCHING?");
    hook("{name: a, lifecycle_transition: §launch}", "lifecycle_transition: expected autoscaling:EC2_INSTANCE_LAUNCH");
    hook("{name: §'a b', lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING}",
         "name: expected 1 to 255 letters, digits, -, _ and /");
    hook("{name: §'', lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING}", "name: expected 1 to 255 letters");
    hook("{name: §" + std::string(256, 'a') + ", lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING}",
         "name: expected 1 to 255 letters");
    hook(good_hook + ", heartbeat_timeout: §29}", "heartbeat_timeout: expected a duration from 30s to 2h");
    hook(good_hook + ", heartbeat_timeout: §7201}", "heartbeat_timeout: expected a duration from 30s to 2h");
    hook("{name: a, lifecycle_transition: autoscaling:EC2_INSTANCE_LAUNCHING, default_result: §Continue}",
         "default_result: expected ABANDON or CONTINUE", "did you mean CONTINUE?");
    hook(good_hook + ", completes_after: §5}", "completes_after: expected a duration such as 90s", "did you mean 5s?");
    hook(good_hook + ", §completes_with: ABANDON}", "completes_with needs completes_after: nobody completes the hook");
    hook(good_hook + ", heartbeats: §2}", "heartbeats: expected true or false");
    hook(good_hook + ", §role: x}", "unknown key \"role\" in lifecycle_hooks item", "it takes name");
    hook(good_hook + "}, {name: §a, lifecycle_transition: autoscaling:EC2_INSTANCE_TERMINATING}",
         "another lifecycle hook is called \"a\"");
    std::string many;
    for (int i = 0; i < 51; ++i) {
        many += (i == 0    ? ""
                 : i == 50 ? ", §"
                           : ", ") +
                std::string("{name: h") + std::to_string(i) +
                ", lifecycle_transition: autoscaling:EC2_INSTANCE_TERMINATING}";
    }
    hook(many, "lifecycle_hooks: at most 50, found 51");
}

TEST_CASE("an instance refresh has AWS's defaults and takes every key") {
    const sim::InstanceRefresh usual = tasks("instance_refreshes: [{at: 1h}]").instance_refreshes[0];
    CHECK(usual.at == des::Time{1h});
    CHECK(usual.settings.min_healthy_percentage == 90);
    CHECK_FALSE(usual.settings.instance_warmup.has_value());
    CHECK(usual.settings.checkpoint_percentages.empty());
    CHECK(usual.settings.checkpoint_delay == 3600s);
    const sim::InstanceRefresh given =
        tasks(
            "instance_refreshes: [{at: 2h, min_healthy_percentage: 50, instance_warmup: 60, checkpoint_percentages: "
            "[20, 50, 100], checkpoint_delay: 600}]")
            .instance_refreshes[0];
    CHECK(given.settings.min_healthy_percentage == 50);
    CHECK(given.settings.instance_warmup == 60s);
    CHECK(given.settings.checkpoint_percentages == std::vector<std::int32_t>{20, 50, 100});
    CHECK(given.settings.checkpoint_delay == 600s);
}

TEST_CASE("a refresh that ends before all instances are replaced is told") {
    check({{max_size, and_key("instance_refreshes: [{at: 1h, checkpoint_percentages: [20, §50]}]"),
            "checkpoint_percentages: the refresh ends with 50 % of the instances replaced",
            "a last checkpoint of 100 replaces them all", Severity::warning}},
          small_fleet);
}

TEST_CASE("faults of instance refreshes") {
    const auto refresh = [](std::string_view keys, std::string_view message, std::string_view hint = "") {
        check_key("instance_refreshes: [" + std::string(keys) + "]", message, hint);
    };
    refresh("§{}", "instance_refreshes item needs the key at");
    refresh("{at: §24h}", "at: 24h is not before the scenario's end at 24h");
    refresh("{at: 1h, min_healthy_percentage: §101}", "min_healthy_percentage: expected a whole number from 0 to 100");
    refresh("{at: 1h, checkpoint_percentages: [50, §20]}", "checkpoint_percentages must increase, 20 follows 50");
    refresh("{at: 1h, checkpoint_percentages: [§0]}", "expected a whole number from 1 to 100");
    refresh("{at: 1h, checkpoint_delay: §3d}", "checkpoint_delay: expected a duration from 0s to 48h");
    refresh("{at: 1h, §warmup: 60}", "unknown key \"warmup\" in instance_refreshes item", "instance_warmup");
}
