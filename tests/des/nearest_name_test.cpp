#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/nearest_name.hpp>

#include "catch.hpp"

namespace {

using fleetsim::des::did_you_mean;
using fleetsim::des::edit_distance;
using fleetsim::des::listed;
using fleetsim::des::nearest_names;
using Names = std::vector<std::string>;

constexpr std::array<std::string_view, 8> keys{
    "cluster",           "desired_count",      "serving", "calls", "health_check",
    "scale_in_cooldown", "scale_out_cooldown", "max_size"};

TEST_CASE("one edit is a letter added, removed, replaced or swapped with its neighbour") {
    struct Row {
        std::string_view one;
        std::string_view other;
        std::size_t edits;
    };
    const std::array rows{
        Row{"", "", 0},
        Row{"", "abc", 3},
        Row{"m5.large", "m5.large", 0},
        Row{"M5.LARGE", "m5.large", 0},
        Row{"c6i.xlagre", "c6i.xlarge", 1},
        Row{"m5large", "m5.large", 1},
        Row{"m5.large", "m6.large", 1},
        Row{"kitten", "sitting", 3},
        Row{"ab", "ba", 1},
        Row{"ca", "abc", 3},  // 2 if a swapped pair could be edited again.
    };
    for (const Row& row : rows) {
        CAPTURE(row.one, row.other);
        CHECK(edit_distance(row.one, row.other) == row.edits);
        CHECK(edit_distance(row.other, row.one) == row.edits);
    }
}

TEST_CASE("a misspelt name suggests what was meant") {
    CHECK(nearest_names("clutser", keys) == Names{"cluster"});
    CHECK(nearest_names("Desired_Cuont", keys) == Names{"desired_count"});
    CHECK(nearest_names("servings", keys) == Names{"serving"});
}

TEST_CASE("two names that are about equally near are both suggested, the nearer first") {
    CHECK(nearest_names("scale_cooldown", keys) == Names{"scale_in_cooldown", "scale_out_cooldown"});
}

TEST_CASE("the beginning of a name suggests the name") {
    CHECK(nearest_names("desired", keys) == Names{"desired_count"});
    CHECK(nearest_names("max", keys) == Names{"max_size"});
    CHECK(nearest_names("cluster_name_of_mine", keys) == Names{"cluster"});
}

TEST_CASE("nonsense suggests nothing") {
    for (const std::string_view nonsense : {"", "x", "ca", "banana", "zzzzzzzzzzzz", "12345678"}) {
        CAPTURE(nonsense);
        CHECK(nearest_names(nonsense, keys).empty());
    }
    CHECK(nearest_names("x", std::array<std::string_view, 1>{"y"}).empty());
    CHECK(nearest_names("cluster", Names{}).empty());
}

TEST_CASE("equally near names come in the order they were given, up to the limit") {
    const Names zones{"zone-d", "zone-b", "zone-a", "zone-c"};
    CHECK(nearest_names("zone-x", zones) == Names{"zone-d", "zone-b", "zone-a"});
    CHECK(nearest_names("zone-x", zones, 1) == Names{"zone-d"});
    CHECK(nearest_names("zone-a", zones) == Names{"zone-a"});
}

TEST_CASE("names are listed as a person would") {
    CHECK(listed(std::vector<std::string>{}).empty());
    CHECK(listed(std::vector<std::string>{"a"}) == "a");
    CHECK(listed(std::vector<std::string>{"a", "b"}) == "a or b");
    CHECK(listed(std::vector<std::string>{"a", "b", "c"}, "and") == "a, b and c");
    CHECK(did_you_mean({}).empty());
    CHECK(did_you_mean({"a", "b"}) == "did you mean a or b?");
}

}  // namespace
