#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/sorting_kernels.hpp>
#include <fleetsim/des/stream.hpp>

#include "catch.hpp"

using namespace fleetsim::des;

namespace {

struct Kernels {
    std::string_view name;
    void (*sort)(std::uint64_t*, std::uint32_t*, std::uint32_t);
    void (*classify)(const std::uint64_t*, const std::uint64_t*, std::uint32_t, std::uint64_t*);
};

/// Every path this processor can take, whichever of them it would choose.
std::vector<Kernels> kernels() {
    std::vector<Kernels> all{{"chosen", rank_sort, classify},
                             {"scalar", detail::rank_sort_scalar, detail::classify_scalar}};
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx2")) all.push_back({"avx2", detail::rank_sort_avx2, detail::classify_avx2});
#endif
    return all;
}

/// Of 1, 3 or very many different keys, the extreme ones among them.
std::uint64_t any_key(Sequence& chance, std::uint64_t kinds) {
    constexpr std::array<std::uint64_t, 5> edges{0, 1, (std::uint64_t{1} << 63) - 1, std::uint64_t{1} << 63,
                                                 std::numeric_limits<std::uint64_t>::max() - 1};
    if (kinds <= edges.size()) return edges[chance.word() % kinds + (edges.size() - kinds)];
    return chance.word() % 16 == 0 ? edges[chance.word() % edges.size()] : chance.word() >> 1U;
}

constexpr std::array<std::uint64_t, 4> kinds_of_keys{1, 3, 5, 1'000'000};

}  // namespace

TEST_CASE("a rank sort is a stable sort, on every path") {
    Sequence chance = Stream{1, 0, "kernels", "sort"}.sequence();
    for (const Kernels& kernel : kernels()) {
        for (const std::uint64_t kinds : kinds_of_keys) {
            for (std::uint32_t count = 0; count <= rank_sort_limit; ++count) {
                INFO(kernel.name << ", " << kinds << " keys, " << count << " entries");
                std::vector<std::pair<std::uint64_t, std::uint32_t>> expected;
                std::array<std::uint64_t, rank_sort_limit> keys{};
                std::array<std::uint32_t, rank_sort_limit> values{};
                for (std::uint32_t i = 0; i < count; ++i) {
                    keys[i] = any_key(chance, kinds);
                    values[i] = i;
                    expected.emplace_back(keys[i], i);
                }
                std::stable_sort(expected.begin(), expected.end(),
                                 [](const auto& a, const auto& b) { return a.first < b.first; });
                kernel.sort(keys.data(), values.data(), count);
                for (std::uint32_t i = 0; i < count; ++i) {
                    CHECK(keys[i] == expected[i].first);
                    CHECK(values[i] == expected[i].second);
                }
            }
        }
    }
}

TEST_CASE("a key's class is the number of pivots above it, on every path") {
    Sequence chance = Stream{1, 0, "kernels", "classify"}.sequence();
    for (const Kernels& kernel : kernels()) {
        for (const std::uint64_t kinds : kinds_of_keys) {
            for (std::uint32_t count = 0; count <= 40; ++count) {
                INFO(kernel.name << ", " << kinds << " keys, " << count << " entries");
                std::array<std::uint64_t, classify_pivots> pivots{};
                for (std::uint64_t& pivot : pivots) pivot = any_key(chance, kinds);
                std::vector<std::uint64_t> keys(count);
                for (std::uint64_t& key : keys) key = any_key(chance, kinds);
                std::vector<std::uint64_t> classes(count);
                kernel.classify(pivots.data(), keys.data(), count, classes.data());
                for (std::uint32_t i = 0; i < count; ++i) {
                    const auto above = std::count_if(pivots.begin(), pivots.end(),
                                                     [key = keys[i]](std::uint64_t pivot) { return pivot > key; });
                    CHECK(classes[i] == static_cast<std::uint64_t>(above));
                }
            }
        }
    }
}
