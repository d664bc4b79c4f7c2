#include <set>
#include <string>
#include <variant>

#include <fleetsim/placement/registry.hpp>

#include "catch.hpp"

using namespace fleetsim::placement;

TEST_CASE("strategies are found under the names of the ECS API") {
    CHECK(strategy("spread", "attribute:ecs.availability-zone") == Strategy{SpreadAttribute{}});
    CHECK(strategy("spread", "attribute:stack") == Strategy{SpreadAttribute{"stack"}});
    CHECK(strategy("spread", "instanceId") == Strategy{SpreadInstance{}});
    CHECK(strategy("spread", "host") == Strategy{SpreadInstance{}});
    CHECK(strategy("binpack", "cpu") == Strategy{BinpackCpu{}});
    CHECK(strategy("binpack", "memory") == Strategy{BinpackMemory{}});
    CHECK(strategy("random", "") == Strategy{Random{}});
}

TEST_CASE("other names are no strategies") {
    CHECK_FALSE(strategy("spread", "memory"));
    CHECK_FALSE(strategy("spread", ""));
    CHECK_FALSE(strategy("spread", "attribute:"));
    CHECK_FALSE(strategy("spread", "attribute:two words"));
    CHECK_FALSE(strategy("binpack", "attribute:stack"));
    CHECK_FALSE(strategy("binpack", "instanceId"));
    CHECK_FALSE(strategy("binpack", "Memory"));
    CHECK_FALSE(strategy("random", "cpu"));
    CHECK_FALSE(strategy("", ""));
}

TEST_CASE("every strategy is registered, and no name twice") {
    std::set<std::size_t> strategies;
    std::set<std::string> names;
    for (const RegisteredStrategy& entry : strategy_registry) {
        strategies.insert(entry.make("stack").index());
        names.insert(std::string(entry.type) + "/" + std::string(entry.field));
    }
    CHECK(strategies.size() == std::variant_size_v<Strategy>);
    CHECK(names.size() == strategy_registry.size());
}

TEST_CASE("a strategy's own name is one it is registered under") {
    for (const RegisteredStrategy& entry : strategy_registry) {
        // `host` is another word for `instanceId`.
        if (entry.field == "host") continue;
        const std::string spelled =
            entry.field.empty() ? std::string(entry.type) : std::string(entry.type) + ": " + std::string(entry.field);
        CHECK(name_of(entry.make("stack")) == spelled + (entry.field.ends_with(':') ? "stack" : ""));
    }
}
