#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <fleetsim/import/fleet_types.hpp>
#include <fleetsim/import/input_kind.hpp>
#include <fleetsim/import/task_definitions.hpp>
#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::import;

namespace {

std::string problems_of(const std::string& text) {
    scenario::Diagnostics diagnostics("tasks.yaml");
    CHECK(!parse_task_definitions({"tasks.yaml", text}, diagnostics));
    std::string messages;
    for (const auto& found : diagnostics.sorted()) {
        messages +=
            std::to_string(found.place.line) + ":" + std::to_string(found.place.column) + " " + found.message + "\n";
    }
    return messages;
}

InputKind kind_of_text(const std::string& text) {
    FileReading reading;
    reading.files.push_back({"input", text});
    return kind_of(reading);
}

}  // namespace

TEST_CASE("task definitions say what a task needs and how many there are") {
    scenario::Diagnostics diagnostics("tasks.yaml");
    const auto tasks = parse_task_definitions(
        {"tasks.yaml",
         "- {name: web, cpu: 256, memory: 0.5GiB, count: 12, network_mode: awsvpc, spread: zone}\n"
         "- {cpu: 1024, memory: 2048, gpu: 1, network_mode: host, host_ports: [8080, 53/udp]}\n"
         "- {name: agent, cpu: 64, memory: 64, count: 3, distinct_instance: true}\n"},
        diagnostics);
    INFO(diagnostics.render());
    REQUIRE(tasks);
    REQUIRE(tasks->size() == 3);
    const packing::FleetTask& web = tasks->front();
    CHECK(web.name == "web");
    CHECK(web.count == 12);
    CHECK((web.need == placement::resources({256, 512, 0, 1})).all());
    CHECK(web.spread_over_zones);
    CHECK(!web.distinct_instance);
    CHECK((*tasks)[1].name == "task-2");
    CHECK((*tasks)[1].count == 1);
    CHECK(((*tasks)[1].need == placement::resources({1024, 2048, 1, 0})).all());
    CHECK((*tasks)[1].host_ports == std::vector<placement::HostPort>{{8080}, {53, placement::Protocol::udp}});
    CHECK((*tasks)[2].distinct_instance);
    // The same list under a key.
    CHECK(parse_task_definitions({"tasks.yaml", "tasks:\n  - {cpu: 256, memory: 512}\n"}, diagnostics));
}

TEST_CASE("everything that is wrong with task definitions is told at once") {
    CHECK(problems_of("- {cpu: 256, memroy: 512}\n- {cpu: -1, memory: 512, count: many}\n") ==
          "1:3 tasks item needs the key memory\n"
          "1:14 unknown key \"memroy\" in tasks item\n"
          "2:9 cpu: expected a whole number from 1 to 1048576, found \"-1\"\n"
          "2:33 count: expected a whole number from 0 to 1000000, found \"many\"\n");
    CHECK(problems_of("- {cpu: 1, memory: 1, network_mode: awsvpc, host_ports: [80]}\n") ==
          "1:57 host_ports: in awsvpc mode each task has a network interface of its own, and takes no ports of the "
          "instance\n");
    CHECK(problems_of("- {cpu: 1, memory: 1, host_ports: [22, 80, 80]}\n") ==
          "1:36 no instance can give a task port 22/tcp: ECS reserves it\n1:44 port 80/tcp is listed twice\n");
    CHECK(problems_of("- {name: a, cpu: 1, memory: 1}\n- {name: a, cpu: 1, memory: 1}\n") ==
          "2:3 name \"a\" is already on line 1\n");
    CHECK(problems_of("- {cpu: 1, memory: 1, count: 0}\n") == "1:1 there is no task to place\n");
}

TEST_CASE("a service goes only to types that its constraints and its cluster's architecture allow") {
    const std::string text = R"yaml(fleetsim: 1
name: two
region: us-east-1
duration: 1h
auto_scaling_groups:
  intel: {instance_type: c6i.xlarge, min_size: 1, max_size: 9, attributes: {stack: blue}}
  arm: {instance_type: c6g.xlarge, min_size: 1, max_size: 9}
clusters:
  one: {capacity_providers: [{auto_scaling_group: intel}]}
  two: {capacity_providers: [{auto_scaling_group: arm}]}
services:
  any: {cluster: one, task: {cpu: 1024, memory: 512}, serving: {service_time: 8ms}}
  xlarge:
    cluster: one
    task: {cpu: 1024, memory: 512}
    placement_constraints: [{type: memberOf, expression: "attribute:stack == blue and attribute:ecs.instance-type =~ .*[.]xlarge"}]
    serving: {service_time: 8ms}
  arms: {cluster: two, task: {cpu: 1024, memory: 512}, serving: {service_time: 8ms}}
load_balancers:
  public:
    listeners: [{port: 80, protocol: HTTP, default: any}]
traffic:
  v: {to: public, rate: 1/s}
)yaml";
    const scenario::Loaded loaded = scenario::load_text(text, "two.yaml", {});
    INFO(loaded.diagnostics.render());
    REQUIRE(loaded.scenario);
    packing::FleetDemand demand;
    demand.tasks = tasks_of(*loaded.scenario);
    const std::vector<std::string> names{"c6i.large", "c6i.xlarge", "c6g.large"};
    demand.types = fleet_types(names, "us-east-1").types;
    std::map<std::string, std::uint32_t> at;
    for (std::uint32_t type = 0; type < demand.types.size(); ++type) at[demand.types[type].name] = type;

    limit_types(*loaded.scenario, demand);
    std::vector<std::uint32_t> intel{at["c6i.large"], at["c6i.xlarge"]};
    std::sort(intel.begin(), intel.end());
    CHECK(demand.tasks[0].only_on == intel);
    CHECK(demand.tasks[1].only_on == std::vector<std::uint32_t>{at["c6i.xlarge"]});
    CHECK(demand.tasks[2].only_on == std::vector<std::uint32_t>{at["c6g.large"]});
}

TEST_CASE("what a file is for packing is told from its contents") {
    CHECK(kind_of_text("name,cpu,memory_mib\n") == InputKind::trace);
    CHECK(kind_of_text("300 g,|,\n") == InputKind::trace);
    CHECK(kind_of_text("3\n10\n1\n2\n3\n") == InputKind::items);
    CHECK(kind_of_text("# services\n- {cpu: 1, memory: 1}\n") == InputKind::tasks);
    CHECK(kind_of_text("tasks:\n- {cpu: 1, memory: 1}\n") == InputKind::tasks);
    CHECK(kind_of_text("# a shop\nfleetsim: 1\nname: shop\n") == InputKind::scenario);
    FileReading archive;
    archive.files = {{"a", "1 1 1"}, {"b", "1 1 1"}};
    CHECK(kind_of(archive) == InputKind::items);
}

TEST_CASE("a family stands for all its sizes but bare metal") {
    const std::vector<std::string> names{"c6i", "m6i.large", "c6i.large"};
    const FleetTypes found = fleet_types(names, "us-east-1");
    CHECK(found.problems.empty());
    std::vector<std::string> types;
    for (const auto& type : found.types) types.push_back(type.name);
    CHECK(types == std::vector<std::string>{"c6i.large", "c6i.xlarge", "c6i.2xlarge", "c6i.4xlarge", "c6i.8xlarge",
                                            "c6i.12xlarge", "c6i.16xlarge", "c6i.24xlarge", "c6i.32xlarge",
                                            "m6i.large"});
    // 2 vCPUs; 98 % of 4 GiB; two interfaces besides the instance's own.
    CHECK((found.types[0].registered == placement::resources({2048, 4014, 0, 2})).all());
    CHECK(found.types[0].price_usd_per_hour == 0.085);
}

TEST_CASE("an instance type that nobody sells is named with the nearest") {
    const std::vector<std::string> names{"c6i.lareg", "c6j", "p4de"};
    const FleetTypes found = fleet_types(names, "eu-west-3");
    REQUIRE(found.problems.size() == 3);
    CHECK_THAT(found.problems[0], ContainsSubstring("unknown instance type or family \"c6i.lareg\"") &&
                                      ContainsSubstring("did you mean c6i.large"));
    CHECK_THAT(found.problems[1], ContainsSubstring("\"c6j\"; did you mean "));
    CHECK(found.problems[2] == "p4de is not offered in eu-west-3");
}
