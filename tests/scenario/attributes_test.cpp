#include <string>
#include <string_view>

#include <fleetsim/scenario/attributes.hpp>
#include <fleetsim/sim/instance_facts.hpp>

#include "catch.hpp"
#include "scenario/good.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

constexpr std::string_view max_size = "max_size: 4";

void check_attributes(const std::string& attributes, std::string_view message, std::string_view hint = "") {
    const std::string becomes = std::string(max_size) + "\n    attributes: " + attributes;
    check({{max_size, becomes, message, hint}});
}

/// `a0: x, a1: x, …`
std::string many(int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += (list.empty() ? "a" : ", a") + std::to_string(i) + ": x";
    return list;
}

}  // namespace

TEST_CASE("faults of a group's attributes") {
    constexpr std::string_view value =
        "stack: expected 1 to 128 letters, digits, -, _, ., /, \\, @, : and blanks, with no blank at either end, found";
    constexpr std::string_view name = "1 to 128 letters, digits, -, _, ., / and \\ are allowed";
    check_attributes("§blue", "attributes: expected a mapping, found text");
    check_attributes("{§st@ck: blue}", "\"st@ck\" is not an attribute's name", name);
    check_attributes("{§\"\": blue}", "\"\" is not an attribute's name", name);
    check_attributes("{§" + std::string(129, 'n') + ": blue}", "is not an attribute's name", name);
    check_attributes("{§ecs.stack: blue}", "ecs.stack: names that begin with ecs. are ECS's own",
                     "instances have ecs.availability-zone, ecs.cpu-architecture, ecs.instance-type and ecs.os-type by "
                     "themselves");
    check_attributes("{§ecs.instance-type: m5.large}", "ecs.instance-type: names that begin with", "by themselves");
    check_attributes("{stack: §\"\"}", value);
    check_attributes("{stack: §\" blue\"}", value);
    check_attributes("{stack: §'blue '}", value);
    check_attributes("{stack: §a+b}", value);
    check_attributes("{stack: §[blue]}", value);
    check_attributes("{§stack: ~}", value);
    check_attributes("{stack: §" + std::string(129, 'v') + "}", value);
    check_attributes("{stack: blue, §stack: red}", "duplicate key \"stack\"", "first written in line");
    const std::string too_many = std::string(max_size) + "\n    §attributes: {" + many(101) + "}";
    check({{max_size, too_many, "attributes: at most 100, found 101"}});
}

TEST_CASE("a group's attributes may be as many as is sane and as long as AWS lets them be") {
    const auto read = [](const std::string& list) {
        const std::string becomes = std::string(max_size) + "\n    attributes: {" + list + "}";
        return good(with(small_shop, max_size, becomes)).groups[sim::GroupId{0}].attributes;
    };
    const std::string name(128, 'n');
    const std::string value(128, 'v');
    CHECK(read(name + ": " + value) == placement::Attributes{{name, value}});
    CHECK(read(many(100)).size() == 100);
    CHECK(read("ecsx: 1, A-z_0./\\: 'a b'") == placement::Attributes{{"ecsx", "1"}, {"A-z_0./\\", "a b"}});
    CHECK(read("").empty());
}

TEST_CASE("the instances of a group say of themselves what ECS sets and what the group sets") {
    sim::AutoScalingGroup group;
    cloud::InstanceType type;
    type.name = "m6g.large";
    type.architecture = "arm64";
    group.attributes = {{"stack", "blue"}};
    CHECK(sim::instance_facts(group, type, "us-east-1b").attributes ==
          placement::Attributes{{"ecs.availability-zone", "us-east-1b"},
                                {"ecs.cpu-architecture", "arm64"},
                                {"ecs.instance-type", "m6g.large"},
                                {"ecs.os-type", "linux"},
                                {"stack", "blue"}});
}
