#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include <Random123/threefry.h>

#include <fleetsim/des/stream.hpp>

#include "catch.hpp"
#include "des/kolmogorov_smirnov.hpp"

using namespace fleetsim::des;
using fleetsim::test::kolmogorov_distance;
using fleetsim::test::kolmogorov_limit;
using fleetsim::test::z_limit;

namespace {

constexpr std::uint64_t sample_size = 100'000;

// Chi-square quantile at 1 - 1e-4 with 99 degrees of freedom.
constexpr double chi_square_limit = 160.0557;

/// Chi-square of pairs of numbers against 100 equal squares: even and independent, or it is large.
template <class First, class Second>
double chi_square_of_pairs(First first, Second second) {
    std::array<double, 100> seen{};
    for (std::uint64_t k = 0; k < sample_size; ++k) {
        const auto row = static_cast<std::size_t>(first(k) * 10);
        const auto column = static_cast<std::size_t>(second(k) * 10);
        seen[row * 10 + column] += 1;
    }
    const double expected = static_cast<double>(sample_size) / 100;
    double sum = 0;
    for (const double count : seen) sum += (count - expected) * (count - expected) / expected;
    return sum;
}

std::vector<double> first_units(const Stream& stream) {
    std::vector<double> units;
    for (std::uint64_t k = 0; k < sample_size; ++k) units.push_back(stream.unit(k));
    return units;
}

double identity(double value) { return value; }

}  // namespace

TEST_CASE("request 17 asks for the same work in every variant") {
    const Stream work{42, 0, "frontend", "service-time"};
    const Stream other{42, 0, "backend", "service-time"};

    const double before = work.unit(17);
    for (std::uint64_t k = 0; k < 1000; ++k) CHECK(work.unit(k) != other.unit(k));
    CHECK(work.unit(17) == before);
}

TEST_CASE("each part of an address matters") {
    const std::vector<Stream> streams{
        {1, 0, "web", "work"}, {2, 0, "web", "work"}, {1, 1, "web", "work"}, {0, 1, "web", "work"},
        {1, 0, "api", "work"}, {1, 0, "web", "path"}, {1, 0, "work", "web"}, {1, 0, "", "webwork"},
    };
    std::set<std::uint64_t> words;
    for (const Stream& stream : streams) {
        for (std::uint64_t k = 0; k < 10; ++k) {
            for (std::uint64_t part = 0; part < 10; ++part) {
                for (const std::uint64_t word : stream.block(k, part)) words.insert(word);
            }
        }
    }
    // 3,200 words of 64 bits: two are equal by chance once in 4e12 seeds.
    CHECK(words.size() == streams.size() * 10 * 10 * 4);
}

TEST_CASE("Threefry with 13 rounds gives its authors' known answers") {
    // From the file `kat_vectors` that comes with Random123.
    r123::Threefry4x64_R<13> generator;
    const auto zeros = generator({{0, 0, 0, 0}}, {{0, 0, 0, 0}});
    CHECK(zeros[0] == 0x4071fabee1dc8e05U);
    CHECK(zeros[1] == 0x02ed3113695c9c62U);
    CHECK(zeros[2] == 0x397311b5b89f9d49U);
    CHECK(zeros[3] == 0xe21292c3258024bcU);
    const auto digits_of_pi =
        generator({{0x243f6a8885a308d3U, 0x13198a2e03707344U, 0xa4093822299f31d0U, 0x082efa98ec4e6c89U}},
                  {{0x452821e638d01377U, 0xbe5466cf34e90c6cU, 0xc0ac29b7c97c50ddU, 0x3f84d5b5b5470917U}});
    CHECK(digits_of_pi[0] == 0x4361288ef9c1900cU);
    CHECK(digits_of_pi[3] == 0xa0b41d63ac8581e5U);
}

TEST_CASE("the words behind every recorded result never change") {
    CHECK(stable_hash("") == 0xf52a15e9a9b5e89bU);
    CHECK(stable_hash("frontend") == 0xdbc2d83c4b72b46eU);
    CHECK(child_address(0, 0) == 0xa706dd2f4d197e6fU);
    CHECK(child_address(17, 3) == 0x928010fac08056afU);
    const Stream stream{42, 7, "frontend", "service-time"};
    CHECK(stream.block(17) ==
          Stream::Block{0xb03ac3266a56d301U, 0xf72f61cfeae12a6dU, 0xf35d9cd48ec64c3aU, 0xee71f2a0a9b6e85dU});
    CHECK(stream.block(17, 1) ==
          Stream::Block{0x82993fc36a8d29c5U, 0xea4642c9abc8d45dU, 0xd3ff188566b632f8U, 0x06df152a13f6e54fU});
    CHECK(stream.unit(17) == 0x1.6075864cd4adbp-1);
}

TEST_CASE("numbers lie strictly between 0 and 1") {
    CHECK(open_unit(0) == 0x1p-53);
    CHECK(open_unit(~std::uint64_t{0}) == 1 - 0x1p-53);
    CHECK(open_unit(std::uint64_t{1} << 63U) == 0.5 + 0x1p-53);
}

TEST_CASE("an item's draws are its blocks, one after the other") {
    const Stream stream{1, 2, "web", "work"};
    Draws words = stream.draws(9);
    Draws units = stream.draws(9);
    CHECK(stream.unit(9) == stream.draws(9).unit());
    for (std::uint64_t part = 0; part < 3; ++part) {
        for (const std::uint64_t word : stream.block(9, part)) {
            CHECK(words.word() == word);
            CHECK(units.unit() == open_unit(word));
        }
    }
}

TEST_CASE("a sequence shares no word with the draws of the first items") {
    const Stream stream{1, 2, "web", "work"};
    std::set<std::uint64_t> words;
    Sequence sequence = stream.sequence();
    for (int i = 0; i < 400; ++i) words.insert(sequence.word());
    CHECK(words.size() == 400);
    for (std::uint64_t k = 0; k < 100; ++k) {
        Draws draws = stream.draws(k);
        for (int i = 0; i < 8; ++i) CHECK(words.count(draws.word()) == 0);
    }
    Sequence again = stream.sequence();
    Sequence units = stream.sequence();
    CHECK(units.unit() == open_unit(again.word()));
}

TEST_CASE("numbers are spread evenly over the unit interval") {
    const double limit = kolmogorov_limit(sample_size);
    for (const std::uint64_t seed : {0U, 1U, 2U}) {
        CHECK(kolmogorov_distance(first_units(Stream{seed, 0, "web", "work"}), identity) < limit);
    }
    Sequence sequence = Stream{1, 0, "web", "work"}.sequence();
    std::vector<double> units;
    for (std::uint64_t k = 0; k < sample_size; ++k) units.push_back(sequence.unit());
    CHECK(kolmogorov_distance(units, identity) < limit);
}

TEST_CASE("neighbouring addresses give independent numbers") {
    const Stream stream{1, 0, "web", "work"};
    const Stream next_seed{2, 0, "web", "work"};
    const Stream next_replication{1, 1, "web", "work"};
    const Stream other_purpose{1, 0, "web", "path"};
    const auto unit = [&](std::uint64_t k) { return stream.unit(k); };

    CHECK(chi_square_of_pairs(unit, [&](std::uint64_t k) { return stream.unit(k + 1); }) < chi_square_limit);
    CHECK(chi_square_of_pairs(unit, [&](std::uint64_t k) { return next_seed.unit(k); }) < chi_square_limit);
    CHECK(chi_square_of_pairs(unit, [&](std::uint64_t k) { return next_replication.unit(k); }) < chi_square_limit);
    CHECK(chi_square_of_pairs(unit, [&](std::uint64_t k) { return other_purpose.unit(k); }) < chi_square_limit);
    for (std::size_t word = 1; word < 4; ++word) {
        const auto of_block = [&](std::uint64_t k) { return open_unit(stream.block(k)[word]); };
        CHECK(chi_square_of_pairs(unit, of_block) < chi_square_limit);
    }
    const auto next_part = [&](std::uint64_t k) { return open_unit(stream.block(k, 1)[0]); };
    CHECK(chi_square_of_pairs(unit, next_part) < chi_square_limit);
}

TEST_CASE("the addresses of descendants are spread evenly and do not meet") {
    const auto first_child = [](std::uint64_t k) { return open_unit(child_address(k, 0)); };
    const auto second_child = [](std::uint64_t k) { return open_unit(child_address(k, 1)); };
    const auto next_cousin = [](std::uint64_t k) { return open_unit(child_address(k + 1, 0)); };
    const auto grandchild = [](std::uint64_t k) { return open_unit(child_address(child_address(k, 0), 0)); };
    CHECK(chi_square_of_pairs(first_child, second_child) < chi_square_limit);
    CHECK(chi_square_of_pairs(first_child, next_cousin) < chi_square_limit);
    CHECK(chi_square_of_pairs(first_child, grandchild) < chi_square_limit);

    std::vector<std::uint64_t> addresses;
    for (std::uint64_t parent = 0; parent < 1000; ++parent) {
        addresses.push_back(parent);
        for (std::uint64_t step = 0; step < 30; ++step) {
            addresses.push_back(child_address(parent, step));
            addresses.push_back(child_address(child_address(parent, step), 0));
        }
    }
    std::sort(addresses.begin(), addresses.end());
    CHECK(std::adjacent_find(addresses.begin(), addresses.end()) == addresses.end());
}

TEST_CASE("a changed bit of an address changes half of the bits drawn") {
    // Under independence each trial flips a Binomial(64, 1/2) number of bits: mean 32, variance 16.
    constexpr int trials = 6400;
    double flipped = 0;
    double flipped_child = 0;
    for (std::uint64_t k = 0; k < 100; ++k) {
        for (unsigned bit = 0; bit < 64; ++bit) {
            const std::uint64_t mask = std::uint64_t{1} << bit;
            const Stream here{k, 0, "web", "work"};
            const Stream there{k ^ mask, 0, "web", "work"};
            flipped += std::popcount(here.block(k)[0] ^ there.block(k)[0]);
            flipped_child += std::popcount(child_address(k, 1) ^ child_address(k ^ mask, 1));
        }
    }
    const double standard_error = 4 / std::sqrt(static_cast<double>(trials));
    CHECK(std::abs(flipped / trials - 32) < z_limit * standard_error);
    CHECK(std::abs(flipped_child / trials - 32) < z_limit * standard_error);
}
