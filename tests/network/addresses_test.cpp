#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/network/addresses.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::network;

TEST_CASE("needs are met from any of their subnets or told with what they share") {
    struct Row {
        const char* what;
        std::vector<std::int64_t> usable;
        std::vector<AddressNeed> needs;
        std::vector<AddressShortage> shortages;
    };
    for (const Row& row : {
             Row{"nobody needs anything", {11}, {}, {}},
             Row{"exactly enough", {11}, {{11, {0}}}, {}},
             Row{"one too many", {11}, {{12, {0}}}, {{{0}, {0}, 12, 11}}},
             Row{"two subnets share", {11, 27}, {{38, {0, 1}}}, {}},
             Row{"two subnets are too few", {11, 27}, {{39, {0, 1}}}, {{{0, 1}, {0}, 39, 38}}},
             Row{"two share one subnet", {11}, {{8, {0}}, {4, {0}}}, {{{0}, {0, 1}, 12, 11}}},
             Row{"the first makes room for the second", {11, 11}, {{11, {0, 1}}, {11, {0}}}, {}},
             Row{"and so on in a chain", {5, 5, 5}, {{5, {0, 1}}, {5, {1, 2}}, {5, {0}}}, {}},
             Row{"a chain without an end", {5, 5, 5}, {{5, {0, 1}}, {5, {1}}, {5, {0}}}, {{{0, 1}, {0, 1, 2}, 15, 10}}},
             Row{"who has room elsewhere is not blamed", {5, 5}, {{3, {1}}, {6, {0}}, {2, {0, 1}}}, {{{0}, {1}, 6, 5}}},
             Row{"whoever comes later and shares is", {5, 5}, {{6, {0}}, {1, {0}}, {1, {1}}}, {{{0}, {0, 1}, 7, 5}}},
             Row{"two shortages apart", {5, 5}, {{6, {0}}, {7, {1}}}, {{{0}, {0}, 6, 5}, {{1}, {1}, 7, 5}}},
             Row{"a subnet that is short is no help to others",
                 {5, 5},
                 {{6, {0}}, {6, {0, 1}}},
                 {{{0}, {0}, 6, 5}, {{1}, {1}, 6, 5}}},
             Row{"no subnet at all", {5}, {{1, {}}}, {{{}, {0}, 1, 0}}},
             Row{"who needs nothing is never short", {0}, {{0, {0}}}, {}},
         }) {
        INFO(row.what);
        CHECK(address_shortages(row.usable, row.needs) == row.shortages);
    }
}

TEST_CASE("the fullest part of an even spread has one more than the emptiest at most") {
    CHECK(even_share(0, 3) == 0);
    CHECK(even_share(9, 3) == 3);
    CHECK(even_share(10, 3) == 4);
    CHECK(even_share(5'000'000'000, 1) == 5'000'000'000);
}

// By Hall's theorem all needs can be met if and only if no set of subnets is asked for more than it has. With five
// subnets all 32 sets can be tried.
TEST_CASE("a shortage is told when some set of subnets is short and only then") {
    const des::Stream draws{3, 0, "needs", "chance"};
    std::uint64_t draw = 0;
    const auto below = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(draws.unit(draw++) * limit); };
    constexpr std::uint32_t subnets = 5;
    int short_of = 0;
    for (int round = 0; round < 3'000; ++round) {
        std::vector<std::int64_t> usable(subnets);
        for (std::int64_t& one : usable) one = below(12);
        std::vector<AddressNeed> needs(1 + below(6));
        std::vector<std::uint32_t> sets;
        for (AddressNeed& need : needs) {
            need.addresses = below(12);
            const std::uint32_t set = 1 + below((1U << subnets) - 1);
            sets.push_back(set);
            for (std::uint32_t s = 0; s < subnets; ++s) {
                if ((set >> s & 1U) != 0) need.subnets.push_back(s);
            }
        }
        bool hall = true;
        for (std::uint32_t set = 1; set < 1U << subnets; ++set) {
            std::int64_t room = 0;
            std::int64_t asked = 0;
            for (std::uint32_t s = 0; s < subnets; ++s) room += (set >> s & 1U) != 0 ? usable[s] : 0;
            for (std::size_t i = 0; i < needs.size(); ++i) {
                if ((sets[i] & ~set) == 0) asked += needs[i].addresses;
            }
            hall = hall && asked <= room;
        }
        const auto found = address_shortages(usable, needs);
        CHECK(found.empty() == hall);
        for (const AddressShortage& one : found) CHECK(one.needed > one.usable);
        short_of += hall ? 0 : 1;
    }
    CHECK(short_of > 300);
    CHECK(short_of < 2'700);
}
