#pragma once

#include <chrono>
#include <string_view>

#include <fleetsim/placement/query.hpp>

#include "catch.hpp"

/// One container instance, and queries that are known to be good.
namespace fleetsim::placement::test {

/// With one task of the service `production`, and without the attribute `stack`.
[[nodiscard]] inline InstanceFacts small_instance() {
    using namespace std::chrono;
    InstanceFacts instance;
    instance.attributes = {{"ecs.instance-type", "t2.small"},
                           {"ecs.availability-zone", "us-east-1a"},
                           {"disks", "10"},
                           {"tier", "gold"},
                           {"rack", ""}};
    instance.ec2_instance_id = "i-abcd1234";
    instance.agent_version = "1.14.4";
    instance.registered_at = sys_days{year{2018} / February / 12};
    instance.running_tasks_count = 1;
    instance.task_groups = {"service:production"};
    return instance;
}

[[nodiscard]] inline Query read(std::string_view text) {
    const ParsedQuery parsed = parse_query(text);
    INFO(text);
    for (const QueryError& error : parsed.errors) UNSCOPED_INFO(error.column << ": " << error.message);
    REQUIRE(parsed.errors.empty());
    REQUIRE(parsed.query);
    return *parsed.query;
}

}  // namespace fleetsim::placement::test
