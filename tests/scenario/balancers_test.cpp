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

namespace {

constexpr std::string_view listener = "- {port: 80, default: front}";

}  // namespace

TEST_CASE("faults of load balancers") {
    check({
        {"  public:\n    listeners:\n      - {port: 80, default: front}\n", "  public:\n    listeners: §[]\n",
         "listeners needs at least one entry"},
        {"  public:\n    listeners:\n      - {port: 80, default: front}\n", "  §public: {internal: false}\n",
         "load balancer \"public\" needs the key listeners"},
        {listener, "- {port: §0, default: front}", "port: expected a whole number from 1 to 65535"},
        {listener, "- {port: §65536, default: front}", "port: expected a whole number from 1 to 65535"},
        {listener, "- §{default: front}", "listeners item needs the key port"},
        {listener, "- §{port: 80}", "listeners item needs the key default"},
        {listener, "- {port: 80, default: §fornt}", "unknown service \"fornt\"", "did you mean front?"},
        {listener, "- {port: 80, protocol: §TCP, default: front}", "protocol: expected HTTP or HTTPS, found \"TCP\""},
        {listener, "- {port: 80, default: front}\n      - {port: §80, default: back}",
         "another listener has the port 80"},
        {listener, "- {port: 80, default: front, rules: [§{forward: back}]}", "rules item needs the key path_pattern"},
        {listener, "- {port: 80, default: front, rules: [§{path_pattern: /a}]}", "rules item needs the key forward"},
        {listener, "- {port: 80, default: front, rules: [{path_pattern: §'/a b', forward: back}]}",
         "path_pattern: expected a path pattern of 1 to 128 characters such as /api/*"},
        {listener, "- {port: 80, default: front, rules: [{path_pattern: §api, forward: back}]}",
         "path_pattern \"api\" matches no path: paths begin with /", "", Severity::warning},
        {listener, "- {port: 80, default: front, rules: [{path_pattern: /a, forward: §bakc}]}",
         "unknown service \"bakc\"", "did you mean back?"},
        {listener,
         "- {port: 80, default: front, rules: [{path_pattern: /a, forward: back, priority: 2}, "
         "§{path_pattern: /b, forward: back}]}",
         "another rule of this listener has the priority 2"},
        {listener, "- {port: 80, default: front, rules: [{path_pattern: /a, forward: back, priority: §0}]}",
         "priority: expected a whole number from 1 to 50000"},
        {"    listeners:", "    idle_timeout: §0\n    listeners:",
         "idle_timeout: expected a duration from 1s to 1h6m40s"},
        {"    listeners:", "    internal: §maybe\n    listeners:", "internal: expected true or false"},
    });
}

TEST_CASE("a service has at most five target groups") {
    const auto beside = [](int others) {
        std::string text = "load_balancers:\n";
        for (int i = 1; i <= others; ++i) {
            text += "  lb" + std::to_string(i) +
                    ": {listeners: [{port: 80, default: front, rules: [{path_pattern: /a, forward: front}]}]}\n";
        }
        return text + "  public:\n    listeners:\n      - {port: 80, default: §front}";
    };
    constexpr std::string_view public_one =
        "load_balancers:\n  public:\n    listeners:\n      - {port: 80, default: front}";
    CHECK(load(with(with(small_shop, public_one, beside(4)), mark, "")).diagnostics.render().empty());
    check({{public_one, beside(5),
            "default: at most 5 load balancers forward to service \"front\", with a target group each"}});
}
