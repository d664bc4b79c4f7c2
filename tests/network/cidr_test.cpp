#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/network/cidr.hpp>
#include <fleetsim/network/subnet.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::network;

namespace {

Cidr block(std::string_view text) {
    const auto parsed = parse_cidr(text);
    REQUIRE(parsed);
    return *parsed;
}

}  // namespace

TEST_CASE("blocks of addresses are read and written alike") {
    struct Row {
        std::string_view text;
        Cidr cidr;
        std::uint32_t first;
        std::uint32_t last;
        std::uint64_t size;
    };
    for (const Row& row : {
             Row{"0.0.0.0/0", {0, 0}, 0, 0xFFFF'FFFF, 0x1'0000'0000},
             Row{"10.0.1.0/24", {0x0A00'0100, 24}, 0x0A00'0100, 0x0A00'01FF, 256},
             Row{"10.0.1.77/24", {0x0A00'014D, 24}, 0x0A00'0100, 0x0A00'01FF, 256},
             Row{"10.0.1.17/28", {0x0A00'0111, 28}, 0x0A00'0110, 0x0A00'011F, 16},
             Row{"172.31.0.0/16", {0xAC1F'0000, 16}, 0xAC1F'0000, 0xAC1F'FFFF, 65'536},
             Row{"128.0.0.0/1", {0x8000'0000, 1}, 0x8000'0000, 0xFFFF'FFFF, 0x8000'0000},
             Row{"255.255.255.255/32", {0xFFFF'FFFF, 32}, 0xFFFF'FFFF, 0xFFFF'FFFF, 1},
         }) {
        CAPTURE(row.text);
        const Cidr read = block(row.text);
        CHECK(read == row.cidr);
        CHECK(first_address(read) == row.first);
        CHECK(last_address(read) == row.last);
        CHECK(size(read) == row.size);
        CHECK(text_of(read) == row.text);
        CHECK(canonical(read) == Cidr{row.first, row.cidr.prefix_length});
    }
}

TEST_CASE("anything else is no block of addresses") {
    for (const auto* text : {"",
                             "10.0.1.0",
                             "10.0.1.0/",
                             "10.0.1.0/33",
                             "10.0.1.0/-1",
                             "10.0.1/24",
                             "10.0.1.0.0/24",
                             "10.0.1.256/24",
                             "10.0.01.0/24",
                             "10.0.1.0/024",
                             " 10.0.1.0/24",
                             "10.0.1.0/24 ",
                             "10.0.1.0 /24",
                             "10..1.0/24",
                             "a.b.c.d/24",
                             "+1.0.0.0/8",
                             "10.0.1.0/2a",
                             "::/0",
                             "2001:db8::/32",
                             "99999999999.0.0.0/8",
                             "10.0.1.0/99999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_cidr(text));
    }
}

TEST_CASE("two blocks are apart or one lies in the other") {
    struct Row {
        std::string_view one;
        std::string_view other;
        bool one_contains_other;
        bool other_contains_one;
    };
    for (const Row& row : {
             Row{"10.0.0.0/16", "10.0.1.0/24", true, false},
             Row{"10.0.1.0/24", "10.0.1.0/24", true, true},
             Row{"10.0.1.7/24", "10.0.1.200/24", true, true},
             Row{"10.0.1.0/24", "10.0.2.0/24", false, false},
             Row{"10.0.1.0/24", "10.0.0.0/23", false, true},
             Row{"10.0.1.0/24", "10.0.2.0/23", false, false},
             Row{"0.0.0.0/0", "255.255.255.255/32", true, false},
             Row{"0.0.0.0/1", "128.0.0.0/1", false, false},
         }) {
        CAPTURE(row.one, row.other);
        const Cidr one = block(row.one);
        const Cidr other = block(row.other);
        CHECK(contains(one, other) == row.one_contains_other);
        CHECK(contains(other, one) == row.other_contains_one);
    }
}

TEST_CASE("several blocks cover a place together") {
    struct Row {
        std::vector<std::string_view> blocks;
        std::string_view place;
        bool covered;
    };
    for (const Row& row : {
             Row{{}, "10.0.0.0/24", false},
             Row{{"0.0.0.0/0"}, "0.0.0.0/0", true},
             Row{{"0.0.0.0/1", "128.0.0.0/1"}, "0.0.0.0/0", true},
             Row{{"0.0.0.0/1", "128.0.0.0/2"}, "0.0.0.0/0", false},
             Row{{"10.0.0.0/25", "10.0.0.128/25"}, "10.0.0.0/24", true},
             Row{{"10.0.0.128/25", "10.0.0.0/26", "10.0.0.64/26"}, "10.0.0.0/24", true},
             Row{{"10.0.0.0/25", "10.0.0.128/26"}, "10.0.0.0/24", false},
             Row{{"10.0.0.0/25"}, "10.0.0.0/24", false},
             Row{{"10.0.0.0/8"}, "10.1.2.3/32", true},
             Row{{"10.1.2.2/32"}, "10.1.2.3/32", false},
             Row{{"10.1.2.2/32", "10.1.2.3/32"}, "10.1.2.2/31", true},
         }) {
        CAPTURE(row.place, row.blocks.size());
        std::vector<Cidr> blocks;
        for (const std::string_view text : row.blocks) blocks.push_back(block(text));
        CHECK(covers(blocks, block(row.place)) == row.covered);
    }
}

// Blocks of at most 256 addresses, so that each address can be looked at.
TEST_CASE("random blocks cover a place when they cover each of its addresses") {
    const des::Stream draws{1, 0, "blocks", "chance"};
    std::uint64_t draw = 0;
    const auto below = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(draws.unit(draw++) * limit); };
    int covered = 0;
    for (int round = 0; round < 2'000; ++round) {
        std::vector<Cidr> blocks;
        const std::uint32_t count = below(12);
        for (std::uint32_t i = 0; i < count; ++i) {
            blocks.push_back({0x0A00'0000 + below(64), 28 + static_cast<int>(below(5))});
        }
        const Cidr place{0x0A00'0000 + below(64), 27 + static_cast<int>(below(6))};
        bool each = true;
        for (std::uint32_t address = first_address(place); address <= last_address(place); ++address) {
            bool any = false;
            for (const Cidr& one : blocks) any = any || contains(one, {address, 32});
            each = each && any;
        }
        CHECK(covers(blocks, place) == each);
        covered += each ? 1 : 0;
    }
    CHECK(covered > 200);
    CHECK(covered < 1'800);
}

TEST_CASE("AWS keeps five addresses of each subnet") {
    struct Row {
        std::string_view text;
        bool allowed;
        std::int32_t usable;
    };
    for (const Row& row : {
             Row{"10.0.0.0/15", false, 0},
             Row{"10.0.0.0/16", true, 65'531},
             Row{"10.0.0.0/24", true, 251},
             Row{"10.0.0.0/27", true, 27},
             Row{"10.0.0.0/28", true, 11},
             Row{"10.0.0.0/29", false, 0},
         }) {
        CAPTURE(row.text);
        CHECK(is_subnet_block(block(row.text)) == row.allowed);
        if (row.allowed) CHECK(usable_addresses(block(row.text)) == row.usable);
    }
}

TEST_CASE("a public subnet serves public addresses and a NAT gateway everybody") {
    const Cidr any = block("10.0.0.0/24");
    struct Row {
        Subnet subnet;
        bool public_address;
        bool reaches;
    };
    for (const Row& row : {
             Row{{any, true, false}, true, true},
             Row{{any, true, false}, false, false},
             Row{{any, false, true}, false, true},
             Row{{any, false, true}, true, true},
             Row{{any, false, false}, false, false},
             Row{{any, false, false}, true, false},
         }) {
        CAPTURE(row.subnet.is_public, row.subnet.has_nat, row.public_address);
        CHECK(reaches_internet(row.subnet, row.public_address) == row.reaches);
    }
}
