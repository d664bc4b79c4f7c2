#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <fleetsim/placement/leaf.hpp>

#include "catch.hpp"

using namespace fleetsim::placement;

namespace {

/// Leaves with many equal amounts, some rooms with nothing and some empty slots.
Leaf any_leaf(std::mt19937_64& bits) {
    Leaf leaf;
    const auto below = [&](std::uint64_t bound) { return static_cast<std::int32_t>(bits() % bound); };
    for (std::uint32_t slot = 0; slot < leaf_size; ++slot) {
        leaf.room[slot] = static_cast<std::uint32_t>(below(1000));
        if (below(6) != 0) leaf.set(slot, resources({below(12) * 128, below(12) * 256, below(3), below(4)}));
    }
    // The greatest amounts there are.
    if (below(4) == 0) leaf.set(7, Resources::Constant(std::numeric_limits<std::int32_t>::max() - 1));
    return leaf;
}

Resources any_need(std::mt19937_64& bits) {
    const auto below = [&](std::uint64_t bound) { return static_cast<std::int32_t>(bits() % bound); };
    return resources({below(14) * 128, below(14) * 256, below(4) == 0 ? 1 : 0, below(3) == 0 ? 2 : 0});
}

/// The same questions answered by one kind of instructions and slot by slot.
template <class Loops>
void check_against_slots() {
    std::mt19937_64 bits{20260107};
    int fits_seen = 0;
    for (int round = 0; round < 3000; ++round) {
        const Leaf leaf = any_leaf(bits);
        const Resources need = any_need(bits);
        const auto key = bits() % 2 == 0 ? cpu_units : memory_mib;
        const auto& keys = leaf.left[static_cast<std::size_t>(key)];
        Slots fits = 0;
        for (std::uint32_t slot = 0; slot < leaf_size; ++slot) {
            if (fleetsim::placement::fits(need, leaf.left_at(slot))) fits |= Slots{1} << slot;
        }
        REQUIRE(Loops::fitting(leaf, need) == fits);

        std::int32_t least = std::numeric_limits<std::int32_t>::max();
        std::int32_t most = -1;
        for (std::uint32_t slot = 0; slot < leaf_size; ++slot) {
            if ((fits >> slot & 1) == 0) continue;
            least = std::min(least, keys[slot]);
            most = std::max(most, keys[slot]);
        }
        Slots tied = 0;
        for (std::uint32_t slot = 0; slot < leaf_size; ++slot) {
            if ((fits >> slot & 1) != 0 && keys[slot] == least) tied |= Slots{1} << slot;
        }
        REQUIRE(Loops::first_fit(leaf, key, need) == tied);
        REQUIRE(Loops::most(keys.data(), fits) == most);
        if (fits == 0) continue;
        ++fits_seen;
        REQUIRE(Loops::with_least(keys.data(), fits) == tied);
    }
    CHECK(fits_seen > 1000);
}

template <class Loops>
void check_first_at_least() {
    std::mt19937_64 bits{20260108};
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::int32_t> values(1 + bits() % 60);
        for (auto& value : values) value = static_cast<std::int32_t>(bits() % 100) - 1;
        const auto bound = static_cast<std::int32_t>(bits() % 110);
        const std::size_t from = bits() % values.size();
        const auto found = std::find_if(values.begin() + static_cast<std::ptrdiff_t>(from), values.end(),
                                        [&](std::int32_t value) { return value >= bound; });
        const auto expected = static_cast<std::size_t>(found - values.begin());
        values.insert(values.end(), 1 + read_beyond, std::numeric_limits<std::int32_t>::max());
        REQUIRE(Loops::first_at_least(values.data(), from, bound) == expected);
    }
}

template <class Loops>
void check_all() {
    check_against_slots<Loops>();
    check_first_at_least<Loops>();
}

}  // namespace

TEST_CASE("a leaf is read slot by slot on any processor") { check_all<detail::Portable>(); }

#if defined(__x86_64__)

TEST_CASE("eight slots at a time are what they are one by one") {
    if (__builtin_cpu_supports("avx2")) {
        check_all<detail::Avx2>();
    } else {
        WARN("skipped: this processor has no AVX2");
    }
}

TEST_CASE("sixteen slots at a time are what they are one by one") {
    if (__builtin_cpu_supports("avx512f")) {
        check_all<detail::Avx512>();
    } else {
        WARN("skipped: this processor has no AVX-512");
    }
}

#endif

TEST_CASE("of rooms with equal amounts the lowest number comes first") {
    Leaf leaf;
    for (const std::uint32_t slot : {5U, 20U, 63U}) leaf.set(slot, resources({1024, 512, 0, 0}));
    leaf.set(1, resources({1024, 4096, 0, 0}));
    leaf.room[5] = 40;
    leaf.room[20] = 7;
    leaf.room[63] = 12;
    CHECK(first_fit(leaf, memory_mib, resources({512, 512, 0, 0})) == 20);
    CHECK(first_fit(leaf, memory_mib, resources({512, 513, 0, 0})) == 1);
    CHECK(first_fit(leaf, memory_mib, resources({2048, 512, 0, 0})) == leaf_size);
    CHECK((most_of(leaf) == resources({1024, 4096, 0, 0})).all());
}
