#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "catch.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

constexpr std::string_view max_size = "max_size: 4";
constexpr std::string_view group_end = "    max_size: 4\nclusters:\n  main:\n    capacity_providers:\n";

/// The small shop with a second group in its cluster: larger instances in zone c, with `stack: green`.
std::string two_groups(std::string_view service_settings) {
    const std::string text = with(small_shop, group_end,
                                  "    max_size: 4\n    attributes: {stack: blue, tier: web}\n"
                                  "  large: {instance_type: r6g.xlarge, availability_zones: [us-east-1c], max_size: 1, "
                                  "attributes: {stack: green}}\n"
                                  "clusters:\n  main:\n    capacity_providers:\n      - auto_scaling_group: large\n");
    return with(text, front_task, service_settings);
}

std::string constrained(const std::string& constraints, std::string_view task = front_task) {
    return two_groups(std::string(task) + "\n    placement_constraints: [" + constraints + "]");
}

/// `text` is the YAML of an expression.
std::string member_of(std::string_view text) { return "{type: memberOf, expression: " + std::string(text) + "}"; }

/// The only diagnostic of a text in which `§` stands before the character to which it must point.
Diagnostic only(std::string text) {
    const std::size_t at = text.find(mark);
    REQUIRE(at != std::string::npos);
    text.erase(at, mark.size());
    const Loaded loaded = load(text);
    INFO(loaded.diagnostics.render());
    const auto found = loaded.diagnostics.sorted();
    REQUIRE(found.size() == 1);
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    CHECK(found[0].place.line == line);
    CHECK(found[0].place.column == static_cast<int>(at - text.rfind('\n', at)));
    CHECK(loaded.scenario.has_value() == (found[0].severity == Severity::warning));
    return found[0];
}

void warns(std::string text, std::string_view message, std::string_view hint) {
    const Diagnostic found = only(std::move(text));
    CHECK(found.severity == Severity::warning);
    CHECK(found.message == message);
    CHECK(found.hint == hint);
}

void fails(std::string text, std::string_view message, std::string_view hint = "") {
    const Diagnostic found = only(std::move(text));
    CHECK(found.severity == Severity::error);
    CHECK(found.message == message);
    CHECK(found.hint == hint);
}

void loads(std::string_view text) {
    INFO(text);
    CHECK(load(text).diagnostics.render().empty());
}

constexpr std::string_view settable = "an Auto Scaling group's attributes may set it";
constexpr std::string_view modelled =
    "of ECS's own there are ecs.availability-zone, ecs.cpu-architecture, ecs.instance-type and ecs.os-type";

}  // namespace

TEST_CASE("a spread over what no instance has is warned of") {
    const auto spread = [](std::string_view field) {
        return two_groups(std::string(front_task) +
                          "\n    ordered_placement_strategy: [{spread: " + std::string(field) + "}]");
    };
    const std::string none = "no instance of cluster \"main\" has the attribute ";
    const std::string alike = ": spread finds them all alike";
    warns(spread("§attribute:stak"), none + "stak" + alike, "did you mean attribute:stack?");
    warns(spread("§'attribute:color'"), none + "color" + alike, settable);
    warns(spread("§attribute:zone"), none + "zone" + alike, "did you mean attribute:ecs.availability-zone?");
    warns(spread("§attribute:ecs.ami-id"), none + "ecs.ami-id" + alike, modelled);
    for (const std::string_view there :
         {"attribute:stack", "attribute:tier", "attribute:ecs.availability-zone", "attribute:ecs.instance-type",
          "attribute:ecs.cpu-architecture", "attribute:ecs.os-type", "instanceId"}) {
        loads(spread(there));
    }
}

TEST_CASE("an expression that no instance satisfies is an error, one that some kind of instance satisfies is none") {
    const std::string none =
        "a task of service \"front\" fits no instance: its expression selects none of cluster \"main\"";
    fails(constrained(member_of("§attribute:stack == red")), none);
    fails(constrained(member_of("§attribute:ecs.instance-type =~ c5.*")), none);
    fails(constrained(member_of("§'attribute:ecs.availability-zone == us-east-1c and attribute:stack == blue'")), none);
    fails(constrained(member_of("§agentConnected == false")), none);
    fails(constrained(member_of("§agentVersion >= 1.14")), none, "the model's instances have no agentVersion");
    fails(constrained(member_of("attribute:tier exists") + ", " + member_of("§attribute:stack == red")), none);
    fails(constrained(member_of("§attribute:stak == blue")), none,
          "none has the attribute stak; did you mean attribute:stack?");
    for (const std::string_view satisfied :
         {"attribute:stack == green", "attribute:tier !exists", "attribute:ecs.instance-type == r6g.xlarge",
          "attribute:ecs.availability-zone == us-east-1b", "attribute:ecs.cpu-architecture == arm64",
          "attribute:ecs.os-type == linux", "agentConnected == true"}) {
        loads(constrained(member_of(satisfied)));
    }
}

TEST_CASE("an expression about single instances or about tasks may always come true") {
    for (const std::string_view open :
         {"ec2InstanceId == i-000003", "registeredAt > 2030-01-01", "task:group == elsewhere", "runningTasksCount < 3",
          "attribute:stack == red or task:group exists"}) {
        loads(constrained(member_of(open)));
    }
}

TEST_CASE("expressions that no instance satisfies together are an error at the last") {
    fails(constrained(member_of("attribute:stack == blue") + ", distinctInstance, " +
                      member_of("§attribute:ecs.cpu-architecture == arm64")),
          "a task of service \"front\" fits no instance: each of its expressions selects some of cluster \"main\", but "
          "no instance is selected by all");
    loads(constrained(member_of("attribute:stack == green") + ", " +
                      member_of("attribute:ecs.cpu-architecture == arm64")));
}

TEST_CASE("a task too large for the instances that its expression selects is an error") {
    // m5.large registers 2,048 CPU units, r6g.xlarge 4,096.
    constexpr std::string_view large = "task: {cpu: 2049, memory: 512}";
    fails(constrained(member_of("§attribute:stack == blue"), large),
          "a task of service \"front\" fits no instance: those of cluster \"main\" that its placement_constraints "
          "select are too small");
    loads(constrained(member_of("attribute:stack == green"), large));
    loads(constrained(member_of("attribute:stack == blue"), "task: {cpu: 2048, memory: 512}"));
    // Too large for all of them, which is said once.
    CHECK(load(constrained(member_of("attribute:stack == blue"), "task: {cpu: 4097, memory: 512}"))
              .diagnostics.sorted()
              .size() == 1);
}

TEST_CASE("an attribute in an expression that no instance has is warned of where it is named") {
    const std::string none = "no instance of cluster \"main\" has the attribute ";
    warns(constrained(member_of("not(§attribute:color == red)")), none + "color", settable);
    warns(constrained(member_of("\"attribute:stack exists and §attribute:stac !exists\"")), none + "stac",
          "did you mean attribute:stack?");
    // The same letters in a longer name or in a value are not the attribute.
    warns(constrained(member_of("\"attribute:stack != 'attribute:st' and §attribute:st !exists\"")), none + "st",
          settable);
    warns(constrained(member_of("§'attribute:st !exists or attribute:stack == ''red'''")), none + "st", settable);
    warns(constrained(member_of("§attribute:ecs.subnet-id !exists")), none + "ecs.subnet-id", modelled);
}

TEST_CASE("nothing is said of instances that are not known") {
    const std::string constraint =
        "\n    placement_constraints: [{type: memberOf, expression: attribute:stack == blue}]";
    const std::string text = with(small_shop, front_task, std::string(front_task) + constraint);
    const auto says_only = [&](std::string_view was, std::string_view becomes, std::string_view message) {
        const auto found = load(with(text, was, becomes)).diagnostics.sorted();
        REQUIRE(found.size() == 1);
        CHECK(found[0].message.find(message) != std::string::npos);
    };
    // The attribute that is wrong may be the one.
    says_only(max_size, "max_size: 4\n    attributes: {stack: '+'}", "stack: expected");
    says_only("m5.large", "m5.lagre", "unknown instance type");
    says_only("[us-east-1a, us-east-1b]", "[us-east-1z]", "is not a zone");
    says_only("us-east-1\n", "us-east-11\n", "unknown region");
    says_only("_group: web", "_group: wbe", "unknown Auto Scaling group");
    says_only("cluster: main", "cluster: mian", "unknown cluster");
    says_only("cluster: main", "cluster: main", "fits no instance");
}

TEST_CASE("the services of one cluster take at most 128 different host ports") {
    const auto task = [](int first, int count, const std::string& last) {
        std::string list = "task: {cpu: 1, memory: 1, host_ports: [";
        for (int port = first; port < first + count; ++port) list += std::to_string(port) + ", ";
        return list + last + "]}";
    };
    const auto both = [&](const std::string& second_task) {
        return with(with(small_shop, front_task, task(1000, 99, "1099")), front_task, second_task);
    };
    loads(both(task(1050, 77, "1127")));
    loads(both(task(1100, 27, "1127")));
    fails(both(task(1100, 28, "§1000/udp")),
          "the services of cluster \"main\" take more than 128 different host ports");
}

TEST_CASE("a task whose architecture no instance type has is an error") {
    constexpr std::string_view arm = "task: {cpu: 256, memory: 512, cpu_architecture: §ARM64}";
    fails(
        with(small_shop, front_task, arm),
        "a task of service \"front\" fits no instance: it needs arm64, and all instance types of cluster \"main\" are "
        "x86_64");
    fails(two_groups(std::string(arm) + "\n    capacity_provider_strategy: [{capacity_provider: web, weight: 1}]"),
          "a task of service \"front\" fits no instance: it needs arm64, and all instance types of its capacity "
          "providers are x86_64");
    loads(two_groups("task: {cpu: 256, memory: 512, cpu_architecture: ARM64}"));
    loads(two_groups("task: {cpu: 256, memory: 512, cpu_architecture: X86_64}"));
}

TEST_CASE("only instances of its architecture hold a task") {
    // m5.large registers 2,048 CPU units, r6g.xlarge 4,096.
    fails(two_groups("task: {cpu: §2049, memory: 512, cpu_architecture: X86_64}"),
          "a task of service \"front\" fits no instance: it needs 2049 CPU units, and m5.large, the largest x86_64 one "
          "of cluster \"main\", registers 2048 CPU units: 1 CPU unit short");
    fails(two_groups("task: {cpu: 256, memory: 512, gpu: §1, cpu_architecture: ARM64}"),
          "a task of service \"front\" fits no instance: it needs 1 GPU, and no arm64 instance of cluster \"main\" has "
          "any");
    fails(
        constrained(member_of("§attribute:stack == blue"), "task: {cpu: 256, memory: 512, cpu_architecture: ARM64}"),
        "a task of service \"front\" fits no instance: each of its expressions and its cpu_architecture select some of "
        "cluster \"main\", but no instance is selected by all");
    loads(constrained(member_of("attribute:stack == green"), "task: {cpu: 256, memory: 512, cpu_architecture: ARM64}"));
}

TEST_CASE("what a deployment makes impossible is told at the deployment") {
    const auto deployed = [](const std::string& text, const std::string& task) {
        return with(text, "traffic:", "events: [{at: 20m, deploy: {service: front, " + task + "}}]\ntraffic:");
    };
    const std::string blue = constrained(member_of("attribute:stack == blue"));
    const std::string who = "a task of the deployment at 20m of service \"front\" fits no instance: ";
    fails(deployed(blue, "§task: {cpu: 2049}"),
          who + "those of cluster \"main\" that its placement_constraints select are too small");
    fails(deployed(blue, "§task: {cpu_architecture: ARM64}"),
          who +
              "each of its expressions and its cpu_architecture select some of cluster \"main\", but no instance is "
              "selected by all");
    fails(deployed(std::string(small_shop), "task: {cpu_architecture: §ARM64}"),
          who + "it needs arm64, and all instance types of cluster \"main\" are x86_64");
    const std::string x86 = two_groups("task: {cpu: 256, memory: 512, cpu_architecture: X86_64}");
    fails(deployed(x86, "task: {cpu: §4096}"),
          who +
              "it needs 4096 CPU units, and m5.large, the largest x86_64 one of cluster \"main\", registers 2048 CPU "
              "units: 2048 CPU units short");
    loads(deployed(x86, "task: {cpu: 4096, cpu_architecture: ARM64}"));
    loads(deployed(blue, "task: {cpu: 2048}"));
}
