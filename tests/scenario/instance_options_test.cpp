#include <string>
#include <string_view>

#include "catch.hpp"
#include "scenario/group_keys.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

constexpr std::string_view mixed_group =
    "  spot:\n    mixed_instances_policy:\n      instances_distribution: {on_demand_percentage_above_base_capacity: "
    "0}\n"
    "      overrides: [{instance_type: c5.large}, {instance_type: m5.large}]\n";

}  // namespace

TEST_CASE("trunking gives an instance more network interfaces for tasks") {
    CHECK(tasks("min_size: 0").options[0].registered[placement::eni_slots] == 2);
    CHECK(tasks("awsvpc_trunking: false").options[0].registered[placement::eni_slots] == 2);
    CHECK(tasks("awsvpc_trunking: true").options[0].registered[placement::eni_slots] == 10);
}

TEST_CASE("trunking needs a type that supports it") {
    check_key("awsvpc_trunking: §1", "awsvpc_trunking: expected true or false");
    constexpr std::string_view type = "  tasks:\n    instance_type: m5.large";
    check({{type, "  tasks:\n    instance_type: t3.large\n    awsvpc_trunking: §true",
            "awsvpc_trunking: t3.large does not support it"}},
          small_fleet);
    constexpr std::string_view overrides = "overrides: [{instance_type: c5.large}, {instance_type: m5.large}]";
    check({{overrides,
            "overrides: [{instance_type: c5.large}, {instance_type: c5n.large}, {instance_type: t3.large}]\n    "
            "awsvpc_trunking: §true",
            "awsvpc_trunking: c5n.large, t3.large do not support it",
            "their instances have one network interface a task", Severity::warning}},
          small_fleet);
}

TEST_CASE("reserved memory is not there for tasks") {
    const std::int32_t all = tasks("min_size: 0").options[0].registered[placement::memory_mib];
    CHECK(tasks("ecs_reserved_memory: 256").options[0].registered[placement::memory_mib] == all - 256);
    CHECK(tasks("ecs_reserved_memory: 1GiB").options[0].registered[placement::memory_mib] == all - 1'024);
    check_key("ecs_reserved_memory: §8028",
              "ecs_reserved_memory: m5.large has 8028 MiB for tasks, and 8028 leave none");
    check_key("ecs_reserved_memory: §-1", "ecs_reserved_memory: expected a size such as 512MiB");
    check_key("registered_memory: 7GiB\n    ecs_reserved_memory: §256",
              "ecs_reserved_memory: the group's registered_memory is what it leaves");
}

TEST_CASE("every type of a group loses its reserved memory") {
    const sim::Scenario before = good(small_fleet);
    const sim::Scenario after =
        good(with(small_fleet, mixed_group, std::string(mixed_group) + "    ecs_reserved_memory: 300\n"));
    const auto memory = [](const sim::Scenario& scenario, std::size_t option) {
        return scenario.groups[sim::GroupId{1}].options[option].registered[placement::memory_mib];
    };
    for (const std::size_t option : {0U, 1U}) CHECK(memory(after, option) == memory(before, option) - 300);
}
