#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/termination_policy.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::scaling;
using namespace std::chrono_literals;
using des::Time;
using enum TerminationPolicy;

namespace {

constexpr Time now{100'000s};

TerminationCandidate aged(std::uint32_t zone, des::Duration age, bool kept = false) {
    return {.zone = zone, .launched_at = now - age, .running_since = now - age, .may_end = !kept};
}

TerminationCandidate of_version(std::uint32_t zone, std::int32_t version, des::Duration age = 60s) {
    TerminationCandidate instance = aged(zone, age);
    instance.template_version = version;
    return instance;
}

TerminationCandidate bought(std::uint32_t zone, bool spot, double misfit = 0, des::Duration age = 60s) {
    TerminationCandidate instance = aged(zone, age);
    instance.spot = spot;
    instance.misfit = misfit;
    return instance;
}

using Instances = std::vector<TerminationCandidate>;

std::optional<std::size_t> chosen_by(const std::vector<TerminationPolicy>& policies, const Instances& instances,
                                     std::int32_t current_version = 0, double tie = 0) {
    return choose_termination(instances, {.policies = policies, .current_template_version = current_version}, now, tie);
}

/// Every instance that some tie picks.
std::set<std::size_t> equals(const Instances& instances, const TerminationRules& rules) {
    std::set<std::size_t> found;
    for (int i = 0; i < 64; ++i) {
        const auto chosen = choose_termination(instances, rules, now, i / 64.0);
        if (chosen) found.insert(*chosen);
    }
    return found;
}

}  // namespace

TEST_CASE("a scale-in keeps the zones balanced and then saves the instance with most of its hour left") {
    struct Row {
        const char* what;
        Instances instances;
        std::optional<std::size_t> chosen;
    };
    for (const Row& row : {
             Row{"the fuller zone loses one", {aged(0, 10s), aged(0, 20s), aged(1, 3599s)}, 1},
             Row{"3500 s and 7100 s are both 100 s from the hour", {aged(0, 3500s), aged(1, 1000s), aged(2, 7100s)}, 0},
             Row{"a full hour has just begun the next", {aged(0, 3600s), aged(1, 1s)}, 1},
             Row{"a protected one makes the next zone pay", {aged(0, 10s, true), aged(0, 10s, true), aged(1, 10s)}, 2},
             Row{"a protected or booting one counts for its zone",
                 {aged(0, 10s, true), aged(0, 10s), aged(1, 3000s)},
                 1},
             Row{"zones need not be numbered from 0 on", {aged(7, 10s), aged(3, 10s), aged(7, 20s)}, 2},
             Row{"all protected", {aged(0, 10s, true), aged(1, 10s, true)}, std::nullopt},
             Row{"none", {}, std::nullopt},
         }) {
        INFO(row.what);
        CHECK(choose_termination(row.instances, {}, now, 0) == row.chosen);
        CHECK(chosen_by({default_policy}, row.instances) == row.chosen);
    }
}

TEST_CASE("equals are picked by the tie and never anything else") {
    const Instances ages{aged(0, 3500s), aged(1, 1000s), aged(2, 7100s)};
    CHECK(chosen_by({}, ages, 0, 0) == 0U);
    CHECK(chosen_by({}, ages, 0, 0.49) == 0U);
    CHECK(chosen_by({}, ages, 0, 0.5) == 2U);
    CHECK(chosen_by({}, ages, 0, 0.99) == 2U);
    CHECK(equals(ages, {}) == std::set<std::size_t>{0, 2});
}

// T1 to T5 are the documented scenarios and those built on them; zones a and b are 0 and 1.
TEST_CASE("each policy ends the instance it names within the fullest zones") {
    struct Row {
        const char* what;
        std::vector<TerminationPolicy> policies;
        Instances instances;
        std::size_t chosen;
        std::int32_t current_version = 2;
    };
    const Instances by_age{aged(0, 50s), aged(0, 90s), aged(1, 20s), aged(1, 70s)};
    for (const Row& row : {
             Row{"T1: zone a has more and i1 the older version",
                 {default_policy},
                 {of_version(0, 1), of_version(0, 2), of_version(1, 1)},
                 0},
             Row{"T2: balanced so i2 has the older version", {default_policy}, {of_version(0, 2), of_version(1, 1)}, 1},
             Row{"T4: the newest in zone a though one in b is newer",
                 {newest_instance},
                 {aged(0, 40s), aged(0, 30s), aged(0, 50s), aged(1, 10s), aged(1, 60s)},
                 1},
             Row{"T5: the only one in the fuller zone that could end is protected",
                 {default_policy},
                 {aged(0, 10s, true), aged(0, 20s, true), aged(1, 30s)},
                 2},
             Row{"the newest", {newest_instance}, by_age, 2},
             Row{"the oldest", {oldest_instance}, by_age, 1},
             Row{"the closest to its hour",
                 {closest_to_next_instance_hour},
                 {aged(0, 200s), aged(0, 7000s), aged(1, 3100s), aged(1, 10s)},
                 1},
             Row{"the oldest of three templates",
                 {oldest_launch_template},
                 {of_version(0, 3), of_version(1, 1), of_version(2, 2)},
                 1,
                 3},
             Row{"the oldest launch configuration",
                 {oldest_launch_configuration},
                 {of_version(0, 3), of_version(1, 2), of_version(2, 1)},
                 2,
                 3},
             Row{"another version than the current one goes first even if younger",
                 {oldest_launch_template},
                 {of_version(0, 2), of_version(1, 3)},
                 1},
             Row{"the default goes by template before the hour",
                 {default_policy},
                 {of_version(0, 2, 3599s), of_version(1, 1, 10s)},
                 1},
             Row{"the default goes by the hour where templates are alike",
                 {default_policy},
                 {of_version(0, 2, 10s), of_version(1, 2, 3599s)},
                 1},
             Row{"the second policy decides among what the first leaves",
                 {oldest_launch_template, newest_instance},
                 {of_version(0, 1, 30s), of_version(1, 1, 20s), of_version(2, 2, 10s)},
                 1},
             Row{"the same the other way round",
                 {newest_instance, oldest_launch_template},
                 {of_version(0, 1, 30s), of_version(1, 1, 20s), of_version(2, 2, 10s)},
                 2},
             Row{"the worst match",
                 {allocation_strategy},
                 {bought(0, false, 0), bought(1, false, 2), bought(2, false, 1)},
                 1},
         }) {
        INFO(row.what);
        CHECK(equals(row.instances, {.policies = row.policies, .current_template_version = row.current_version}) ==
              std::set{row.chosen});
    }
}

TEST_CASE("only mixed groups go by the allocation strategy in the default policy") {
    // The worst match is otherwise the last that the default would end.
    Instances instances{bought(0, false, 5, 10s), bought(1, false, 0, 3599s)};
    CHECK(equals(instances, {.mixed = true}) == std::set<std::size_t>{0});
    CHECK(equals(instances, {.mixed = false}) == std::set<std::size_t>{1});
    // A mixed group goes by it even before the template.
    instances[1].template_version = 1;
    CHECK(equals(instances, {.current_template_version = 2, .mixed = true}) == std::set<std::size_t>{0});
}

TEST_CASE("a mixed group first decides for Spot or On-Demand") {
    struct Row {
        const char* what;
        std::optional<bool> end_spot;
        Instances instances;
        std::set<std::size_t> chosen;
    };
    for (const Row& row : {
             Row{"Spot is above its share", true, {bought(0, false), bought(0, true)}, {1}},
             Row{"On-Demand is", false, {bought(0, false), bought(0, true)}, {0}},
             Row{"neither is", std::nullopt, {bought(0, false), bought(0, true)}, {0, 1}},
             Row{"the option goes before balance", true, {bought(0, false), bought(0, false), bought(1, true)}, {2}},
             Row{"zones are compared by all their instances",
                 true,
                 {bought(0, true), bought(1, true), bought(1, false)},
                 {1}},
             Row{"none left of that option", true, {bought(0, false), bought(1, false)}, {0, 1}},
         }) {
        INFO(row.what);
        CHECK(equals(row.instances, {.mixed = true, .end_spot = row.end_spot}) == row.chosen);
    }
    Instances all_spot_protected{bought(0, true), bought(1, false)};
    all_spot_protected[0].may_end = false;
    CHECK(equals(all_spot_protected, {.mixed = true, .end_spot = true}) == std::set<std::size_t>{1});
}

namespace {

/// The same rule told as one long key for each instance; the least ends first.
std::vector<double> key(const TerminationCandidate& instance, const Instances& all, const TerminationRules& rules) {
    const auto in_zone =
        std::count_if(all.begin(), all.end(), [&](const auto& other) { return other.zone == instance.zone; });
    std::vector<double> parts{rules.end_spot.value_or(instance.spot) == instance.spot ? 0.0 : 1.0,
                              -static_cast<double>(in_zone)};
    const auto by_template = [&] {
        parts.push_back(instance.template_version == rules.current_template_version ? 1 : 0);
        parts.push_back(instance.template_version);
    };
    const auto by_hour = [&] { parts.push_back(-des::seconds((now - instance.running_since) % des::Duration{1h})); };
    for (const TerminationPolicy policy : rules.policies) {
        switch (policy) {
            case default_policy:
                if (rules.mixed) parts.push_back(-instance.misfit);
                by_template();
                by_hour();
                break;
            case allocation_strategy: parts.push_back(-instance.misfit); break;
            case oldest_launch_template:
            case oldest_launch_configuration: by_template(); break;
            case closest_to_next_instance_hour: by_hour(); break;
            case newest_instance: parts.push_back(-des::seconds(instance.launched_at)); break;
            case oldest_instance: parts.push_back(des::seconds(instance.launched_at)); break;
        }
    }
    return parts;
}

std::set<std::size_t> least_by_key(const Instances& all, const TerminationRules& rules) {
    std::set<std::size_t> found;
    std::vector<double> least;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].may_end) continue;
        const std::vector<double> own = key(all[i], all, rules);
        if (!found.empty() && own > least) continue;
        if (found.empty() || own < least) found.clear();
        least = own;
        found.insert(i);
    }
    return found;
}

}  // namespace

TEST_CASE("policies applied in turn end what one long key would end") {
    const des::Stream stream{11, 0, "groups", "termination"};
    for (std::uint64_t k = 0; k < 400; ++k) {
        des::Draws draws = stream.draws(k);
        const auto below = [&](std::uint64_t bound) { return static_cast<std::int32_t>(draws.word() % bound); };
        Instances instances(1 + draws.word() % 20);
        for (TerminationCandidate& instance : instances) {
            instance.zone = static_cast<std::uint32_t>(below(3));
            instance.launched_at = now - 400s * below(30);
            instance.running_since = instance.launched_at;
            instance.template_version = below(3);
            instance.spot = below(2) == 0;
            instance.misfit = below(3);
            instance.may_end = below(5) > 0;
        }
        std::vector<TerminationPolicy> policies;
        for (int i = below(3); i > 0; --i) policies.push_back(static_cast<TerminationPolicy>(1 + below(6)));
        if (policies.empty() || below(2) == 0) policies.push_back(default_policy);
        TerminationRules rules{.policies = policies, .current_template_version = below(3), .mixed = below(2) == 0};
        if (rules.mixed) rules.end_spot = below(2) == 0;
        CHECK(equals(instances, rules) == least_by_key(instances, rules));
    }
}

// Quadratic work on such a group would take minutes.
TEST_CASE("a group of a million instances is decided in a moment") {
    Instances instances;
    for (int i = 0; i < 1'000'000; ++i) instances.push_back(aged(static_cast<std::uint32_t>(i % 3), 1s * (i % 1800)));
    instances[654'321].launched_at -= 10'000s;
    CHECK(chosen_by({closest_to_next_instance_hour, oldest_instance}, instances).has_value());
    // Zone 0 has one more than the others; 654,321 is in it.
    CHECK(chosen_by({oldest_instance}, instances) == 654'321U);
}

TEST_CASE("the default policy must be the last of a list") {
    const auto rejected = [](const std::vector<TerminationPolicy>& policies) { return !faults(policies).empty(); };
    CHECK(!rejected({}));
    CHECK(!rejected({default_policy}));
    CHECK(!rejected({oldest_launch_configuration, default_policy}));
    CHECK(!rejected({oldest_launch_configuration, closest_to_next_instance_hour}));
    CHECK(rejected({default_policy, oldest_instance}));
    CHECK(rejected({oldest_instance, default_policy, newest_instance}));
    CHECK(rejected({default_policy, default_policy}));
}

TEST_CASE("termination policies have the names of the API") {
    constexpr std::array<std::string_view, 7> names{"Default",
                                                    "AllocationStrategy",
                                                    "OldestLaunchTemplate",
                                                    "OldestLaunchConfiguration",
                                                    "ClosestToNextInstanceHour",
                                                    "NewestInstance",
                                                    "OldestInstance"};
    constexpr std::array policies{default_policy,
                                  allocation_strategy,
                                  oldest_launch_template,
                                  oldest_launch_configuration,
                                  closest_to_next_instance_hour,
                                  newest_instance,
                                  oldest_instance};
    static_assert(names.size() == policies.size() && names.size() == termination_policy_names.size());
    for (std::size_t i = 0; i < policies.size(); ++i) CHECK(name(policies[i]) == names[i]);
}
