#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/placement/query.hpp>

#include "catch.hpp"
#include "placement/small_instance.hpp"

using namespace fleetsim::placement;
using namespace fleetsim::placement::test;
using namespace std::chrono_literals;

namespace {

std::size_t below(std::mt19937_64& bits, std::size_t bound) { return bits() % bound; }

/// A value of the attribute `x`, or none.
const std::string* x_of(const InstanceFacts& instance) {
    const auto found = instance.attributes.find("x");
    return found == instance.attributes.end() ? nullptr : &found->second;
}

bool hosts(const InstanceFacts& instance, std::string_view group) {
    return std::count(instance.task_groups.begin(), instance.task_groups.end(), group) > 0;
}

/// A term in two spellings, and what it means, written without the query language.
struct Leaf {
    std::string_view text;
    std::string_view other_text;
    bool (*holds)(const InstanceFacts&);
};

const std::array leaves{
    Leaf{"attribute:x == a", "attribute:x equals 'a'",
         [](const InstanceFacts& i) { return x_of(i) && *x_of(i) == "a"; }},
    Leaf{"attribute:x!=a", "attribute:x not_equals a",
         [](const InstanceFacts& i) { return x_of(i) && *x_of(i) != "a"; }},
    Leaf{"attribute:x > a", "attribute:x greater_than a",
         [](const InstanceFacts& i) { return x_of(i) && *x_of(i) == "b"; }},
    Leaf{"attribute:x>9", "attribute:x greater_than '9.0'", [](const InstanceFacts& i) { return x_of(i) != nullptr; }},
    Leaf{"attribute:x exists", "attribute:x\texists", [](const InstanceFacts& i) { return x_of(i) != nullptr; }},
    Leaf{"attribute:x!exists", "attribute:x not_exists", [](const InstanceFacts& i) { return x_of(i) == nullptr; }},
    Leaf{"attribute:x in[a,10]", "attribute:x in [ 'a', 10 ]",
         [](const InstanceFacts& i) { return x_of(i) && *x_of(i) != "b"; }},
    Leaf{"attribute:x!in[a]", "attribute:x not_in ['a']",
         [](const InstanceFacts& i) { return x_of(i) && *x_of(i) != "a"; }},
    Leaf{"attribute:x =~ [ab]", "attribute:x matches '(a|b)'",
         [](const InstanceFacts& i) { return x_of(i) && *x_of(i) != "10"; }},
    Leaf{"attribute:x!~[ab]", "attribute:x not_matches a|b",
         [](const InstanceFacts& i) { return x_of(i) && *x_of(i) == "10"; }},
    Leaf{"task:group == g", "task:group equals g", [](const InstanceFacts& i) { return hosts(i, "g"); }},
    Leaf{"task:group!=g", "task:group not_equals 'g'",
         [](const InstanceFacts& i) { return !i.task_groups.empty() && !hosts(i, "g"); }},
    Leaf{"task:group exists", "task:group =~ .*", [](const InstanceFacts& i) { return !i.task_groups.empty(); }},
    Leaf{"runningTasksCount<=1", "runningTasksCount less_than_equal 1",
         [](const InstanceFacts& i) { return i.running_tasks_count <= 1; }},
    Leaf{"agentConnected==true", "agentConnected in [true]", [](const InstanceFacts& i) { return i.agent_connected; }},
    Leaf{"agentVersion < 1.10", "agentVersion less_than 1.10.0",
         [](const InstanceFacts& i) { return i.agent_version == "1.9.1"; }},
    Leaf{"registeredAt >= 2018-02-13", "registeredAt greater_than_equal 2018-02-13T01:00:00+01:00",
         [](const InstanceFacts& i) { return i.registered_at.time_since_epoch() == 1518480000s; }},
};

InstanceFacts random_instance(std::mt19937_64& bits) {
    InstanceFacts instance;
    constexpr std::array<const char*, 3> values{"a", "b", "10"};
    if (below(bits, 4) != 0) instance.attributes["x"] = values[below(bits, 3)];
    for (std::size_t i = below(bits, 3); i > 0; --i) instance.task_groups.push_back(below(bits, 2) == 0 ? "g" : "h");
    instance.running_tasks_count = static_cast<std::int64_t>(below(bits, 4));
    instance.agent_connected = below(bits, 2) == 0;
    instance.agent_version = below(bits, 2) == 0 ? "1.9.1" : "1.14.4";
    instance.registered_at = std::chrono::sys_seconds{below(bits, 2) == 0 ? 1518480000s : 1518479999s};
    return instance;
}

/// A tree of terms, joined two at a time.
struct Tree {
    enum class Form { leaf, negation, all, any };
    Form form = Form::leaf;
    const Leaf* leaf = nullptr;
    std::vector<Tree> parts;

    Tree(std::mt19937_64& bits, std::size_t depth) {
        const std::size_t drawn = depth == 0 ? 0 : below(bits, 7);
        form = drawn == 0 ? Form::leaf : drawn == 1 ? Form::negation : drawn < 5 ? Form::all : Form::any;
        if (form == Form::leaf) leaf = &leaves[below(bits, leaves.size())];
        const std::size_t count = form == Form::leaf ? 0 : form == Form::negation ? 1 : 2;
        for (std::size_t i = 0; i < count; ++i) parts.emplace_back(bits, depth - 1);
    }

    [[nodiscard]] bool holds(const InstanceFacts& instance) const {
        switch (form) {
            case Form::leaf: return leaf->holds(instance);
            case Form::negation: return !parts[0].holds(instance);
            case Form::all: return parts[0].holds(instance) && parts[1].holds(instance);
            case Form::any: return parts[0].holds(instance) || parts[1].holds(instance);
        }
        return false;
    }

    /// With the parentheses that precedence asks for, and now and then some that it does not.
    [[nodiscard]] std::string text(std::mt19937_64& bits) const {
        const auto word = [&](std::string_view one, std::string_view other) {
            return std::string(below(bits, 2) == 0 ? one : other);
        };
        if (form == Form::leaf) return word(leaf->text, leaf->other_text);
        std::string out = form == Form::negation ? word("not ", "!") : "";
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (i > 0) out += form == Form::all ? word(" and ", "&&") : word(" or ", "||");
            const bool needed = parts[i].form > form || below(bits, 6) == 0;
            out += needed ? word("(", " ( ") + parts[i].text(bits) + ")" : parts[i].text(bits);
        }
        return out;
    }
};

/// Texts made of what means something to the reader.
std::string random_text(std::mt19937_64& bits) {
    constexpr std::array<std::string_view, 36> pieces{
        "attribute:x",
        "attribute:",
        "task:group",
        "agentVersion",
        "registeredAt",
        "runningTasksCount",
        "agentConnected",
        "==",
        "!=",
        "!",
        "=~",
        "!~",
        ">",
        "exists",
        "in",
        "not_in",
        "matches",
        "and",
        "or",
        "not",
        "&&",
        "||",
        "(",
        ")",
        "[",
        "]",
        ",",
        "'",
        "\"",
        " ",
        "a",
        "1.2",
        "2018-06-18",
        "\\",
        "(?=",
        "\xC3\xA9",
    };
    std::string out;
    for (std::size_t i = below(bits, 14); i > 0; --i) {
        out += pieces[below(bits, pieces.size())];
        if (below(bits, 2) == 0) out += ' ';
    }
    return out;
}

}  // namespace

TEST_CASE("a tree of terms, written down and read again, selects what the tree selects") {
    std::mt19937_64 bits(20180213);
    std::size_t selected = 0;
    std::size_t asked = 0;
    for (int round = 0; round < 1000; ++round) {
        const Tree tree(bits, 1 + below(bits, 5));
        const std::string text = tree.text(bits);
        if (text.size() > longest_query) continue;
        const Query query = read(text);
        CAPTURE(text, query.text());
        CHECK(read(query.text()) == query);
        for (int i = 0; i < 20; ++i) {
            const InstanceFacts instance = random_instance(bits);
            const bool expected = tree.holds(instance);
            REQUIRE(query.matches(instance) == expected);
            selected += expected ? 1 : 0;
            ++asked;
        }
    }
    // The trees are no constants: of the answers, both are common.
    CHECK(asked > 10'000);
    CHECK(selected > asked / 10);
    CHECK(selected < asked - asked / 10);
}

TEST_CASE("every text is a query or has errors, in order and inside the text") {
    std::mt19937_64 bits(17);
    std::size_t good = 0;
    std::size_t bad = 0;
    for (int round = 0; round < 20'000; ++round) {
        const std::string text = random_text(bits);
        CAPTURE(text);
        const ParsedQuery parsed = parse_query(text);
        REQUIRE(parsed.query.has_value() == parsed.errors.empty());
        ++(parsed.query ? good : bad);
        std::size_t last = 1;
        for (const QueryError& error : parsed.errors) {
            REQUIRE(error.column >= last);
            REQUIRE(error.column <= text.size() + 1);
            REQUIRE_FALSE(error.message.empty());
            last = error.column;
        }
    }
    CHECK(good > 10);
    CHECK(bad > 10'000);
}

TEST_CASE("hostile texts are refused with one short error") {
    std::string all_bytes;
    for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
    std::string nested_not;
    for (int i = 0; i < 600; ++i) nested_not += "!(";
    const std::vector<std::string> texts{
        std::string(100'000, '('),
        std::string(100'000, ')'),
        std::string(100'000, '!'),
        std::string(100'000, '\''),
        std::string(100'000, 'a'),
        std::string(100'000, '\xFF'),
        std::string(2000, '('),
        std::string(2000, '!'),
        std::string(2000, '\''),
        std::string(2000, '='),
        std::string(2000, '\0'),
        "attribute:" + std::string(1980, 'a') + " exists",
        "attribute:a == " + std::string(1985, '\''),
        "attribute:a in [" + std::string(1984, ','),
        "attribute:a =~ " + std::string(1985, '['),
        "attribute:a =~ '" + std::string(1983, '(') + "'",
        "attribute:a =~ '" + std::string(900, '(') + std::string(900, '*') + "'",
        nested_not,
        all_bytes,
    };
    for (const std::string& text : texts) {
        CAPTURE(text.substr(0, 40), text.size());
        const ParsedQuery parsed = parse_query(text);
        CHECK_FALSE(parsed.query);
        REQUIRE(parsed.errors.size() == 1);
        CHECK(parsed.errors[0].column <= text.size() + 1);
        for (const char letter : parsed.errors[0].message) REQUIRE((letter >= ' ' && letter <= '~'));
    }
}
