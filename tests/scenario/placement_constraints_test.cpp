#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

/// The constraints become the first service's own.
void check_constraints(const std::string& constraints, std::string_view message, std::string_view hint = "") {
    const std::string becomes = std::string(front_task) + "\n    placement_constraints: " + constraints;
    check({{front_task, becomes, message, hint}});
}

void check_expression(const std::string& expression, std::string_view message, std::string_view hint = "") {
    check_constraints("\n      - {type: memberOf, expression: " + expression + "}", message, hint);
}

}  // namespace

TEST_CASE("faults of placement constraints") {
    check_constraints("[§distinctInstances]", "placement_constraints item: expected distinctInstance or memberOf",
                      "did you mean distinctInstance?");
    check_constraints("[{type: §member_of}]", "type: expected distinctInstance or memberOf, found \"member_of\"",
                      "did you mean memberOf?");
    check_constraints("[§memberOf]", "memberOf needs an expression",
                      "write {type: memberOf, expression: attribute:ecs.instance-type == t3.small}");
    check_constraints("[§{type: memberOf}]", "placement_constraints item needs the key expression");
    check_constraints("[§{expression: agentConnected == true}]", "placement_constraints item needs the key type");
    check_constraints("[{type: distinctInstance, §expression: agentConnected == true}]",
                      "expression: distinctInstance takes none", "memberOf does");
    check_constraints("[{type: memberOf, expression: §[a]}]",
                      "expression: expected an expression such as attribute:stack == blue, found a list");
    check_constraints("[{type: memberOf, §expression: ~}]",
                      "expression: expected an expression such as attribute:stack == blue, found nothing");
    check_constraints("[{type: memberOf, expression: agentConnected == true, §negated: true}]",
                      "unknown key \"negated\" in placement_constraints item", "it takes type or expression");
    check_constraints("§distinctInstance", "placement_constraints: expected a list, found text");
    std::string ten = "{type: memberOf, expression: agentConnected == true}";
    for (int i = 1; i < 10; ++i) ten += ", distinctInstance";
    check_constraints("[" + ten + ", §distinctInstance]", "placement_constraints: at most 10 constraints, found 11");
    const std::string settings = std::string(front_task) + "\n    placement_constraints: [" + ten + "]";
    CHECK(load(with(small_shop, front_task, settings)).diagnostics.render().empty());
}

TEST_CASE("an error in an expression is shown at its very character") {
    check_expression("attribute:stack §= blue", "expression: unknown operator \"=\"", "did you mean ==, != or >=?");
    check_expression("\"attribute:stack §= blue\"", "expression: unknown operator \"=\"", "did you mean");
    check_expression("'attribute:stack §= blue'", "expression: unknown operator \"=\"", "did you mean");
    check_expression("§stak == blue", "expression: unknown subject \"stak\"", "a subject is agentConnected");
    check_expression("(agentVersion > 1 and §Agentversion < 2)", "expression: unknown subject \"Agentversion\"",
                     "did you mean agentVersion?");
    check_expression("\"attribute:ecs.instance-type in [m5.large, §]\"", "expression: expected a value after in");
    check_expression("attribute:stack == §ä", "expression: a character outside printable ASCII");
    // What is missing is missing behind the last character.
    check_expression("'attribute:stack ==§'", "expression: expected a value after ==, found the end");
    check_expression("attribute:stack ==§", "expression: expected a value after ==, found the end");
    check_expression("'§'", "expression: the expression is empty", "such as attribute:ecs.instance-type");
}

TEST_CASE("an error in an expression that is not written letter for letter is shown where the expression begins") {
    const std::string block = "\n      - type: memberOf\n        expression: ";
    check_expression("§'attribute:stack == ''blue'' or attribute:stack = red'",
                     "expression, character 46: unknown operator \"=\"", "did you mean");
    check_expression("§\"attribute:stack\\x20= blue\"", "expression, character 17: unknown operator \"=\"",
                     "did you mean");
    check_constraints(block + "§>\n          attribute:stack\n          = blue",
                      "expression, character 17: unknown operator \"=\"", "did you mean");
    check_constraints(block + "§attribute:stack\n          = blue", "expression, character 17: unknown operator \"=\"",
                      "did you mean");
}

TEST_CASE("all errors of an expression are shown") {
    const std::string constraint =
        "\n    placement_constraints:\n    - {type: memberOf, expression: agentVersion =~ 1 and taskgroup == a}";
    const auto found = load(with(small_shop, front_task, std::string(front_task) + constraint)).diagnostics.sorted();
    REQUIRE(found.size() == 2);
    CHECK(found[0].place.line == 19);
    CHECK(found[0].place.column == 49);
    CHECK(found[1].place.line == 19);
    CHECK(found[1].place.column == 58);
}

namespace {

using Texts = std::vector<std::string>;

Texts texts_of(const sim::TaskDefinition& task) {
    Texts texts;
    for (const placement::Query& query : task.shape.member_of) texts.push_back(query.text());
    return texts;
}

/// The small shop with a group of the other architecture, and `front` with these keys.
std::string two_architectures(std::string_view keys) {
    const std::string text = with(small_shop, "auto_scaling_groups:\n",
                                  "auto_scaling_groups:\n  graviton: {instance_type: r6g.xlarge, max_size: 1}\n");
    return with(with(text, "providers:\n", "providers:\n      - auto_scaling_group: graviton\n"),
                "task: {cpu: 256, memory: 512}", keys);
}

}  // namespace

TEST_CASE("a task that names its architecture goes to instances of that one") {
    const auto constraints = [](std::string_view keys) {
        return texts_of(good(two_architectures(keys)).services.begin()->task);
    };
    const std::string arm = "attribute:ecs.cpu-architecture == arm64";
    CHECK(constraints("task: {cpu: 256, memory: 512}").empty());
    CHECK(constraints("task: {cpu: 256, memory: 512, cpu_architecture: ARM64}") == Texts{arm});
    CHECK(constraints("task: {cpu: 256, memory: 512, cpu_architecture: X86_64}") ==
          Texts{"attribute:ecs.cpu-architecture == x86_64"});
    CHECK(constraints("task: {cpu: 256, memory: 512, cpu_architecture: ARM64}\n    placement_constraints: "
                      "[{type: memberOf, expression: runningTasksCount < 3}]") == Texts{"runningTasksCount < 3", arm});
    // Fargate has no instances to choose from.
    CHECK(constraints("task: {cpu: 256, memory: 512, cpu_architecture: ARM64}\n    launch_type: FARGATE").empty());
}

TEST_CASE("a deployment keeps the architecture of its service or has another one") {
    const auto constraints = [](std::string_view revision) {
        const std::string text = two_architectures(
            "task: {cpu: 256, memory: 512, cpu_architecture: X86_64}\n    placement_constraints: "
            "[{type: memberOf, expression: runningTasksCount < 3}]");
        const std::string event =
            "events: [{at: 20m, deploy: {service: front, task: " + std::string(revision) + "}}]\n";
        return texts_of(*good(with(text, "traffic:", event + "traffic:")).deployments[0].task);
    };
    CHECK(constraints("{memory: 256}") == Texts{"runningTasksCount < 3", "attribute:ecs.cpu-architecture == x86_64"});
    CHECK(constraints("{cpu_architecture: ARM64}") ==
          Texts{"runningTasksCount < 3", "attribute:ecs.cpu-architecture == arm64"});
}
