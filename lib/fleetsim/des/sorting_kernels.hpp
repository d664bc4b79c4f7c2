#pragma once

#include <cstdint>
#include <cstring>

/// The two inner loops of `QuickHeap`. Neither has a branch that depends on a key, for no processor could predict it;
/// both use AVX2 where the processor has it, and give the same result where it has not.
namespace fleetsim::des {

/// The most entries `rank_sort` takes.
inline constexpr std::uint32_t rank_sort_limit = 32;

/// The most pivots `classify` takes.
inline constexpr std::uint32_t classify_pivots = 7;

namespace detail {

inline void rank_sort_scalar(std::uint64_t* keys, std::uint32_t* values, std::uint32_t count) {
    std::uint64_t key[rank_sort_limit];
    std::uint32_t value[rank_sort_limit];
    std::uint32_t rank[rank_sort_limit];
    std::memcpy(key, keys, count * sizeof *keys);
    std::memcpy(value, values, count * sizeof *values);
    for (std::uint32_t i = 0; i < count; ++i) {
        std::uint32_t own = i;
        for (std::uint32_t j = 0; j < i; ++j) {
            const std::uint32_t larger = key[j] > key[i] ? 1 : 0;
            rank[j] += larger;
            own -= larger;
        }
        rank[i] = own;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        keys[rank[i]] = key[i];
        values[rank[i]] = value[i];
    }
}

inline void classify_scalar(const std::uint64_t* pivots, const std::uint64_t* keys, std::uint32_t count,
                            std::uint64_t* classes) {
    for (std::uint32_t i = 0; i < count; ++i) {
        std::uint64_t above = 0;
        for (std::uint32_t p = 0; p < classify_pivots; ++p) above += pivots[p] > keys[i] ? 1 : 0;
        classes[i] = above;
    }
}

#if defined(__x86_64__) && defined(__GNUC__)

/// Four keys, compared at once. A comparison that holds is -1 in its lane.
using Lanes [[gnu::vector_size(32)]] = std::int64_t;

inline constexpr std::uint64_t sign = std::uint64_t{1} << 63;  // With it flipped, unsigned order is signed order.

/// Keys before an entry's own four count where they are not larger and keys after them where they are smaller; only
/// among the four is there a look at who came first.
[[gnu::target("avx2")]] inline void rank_sort_avx2(std::uint64_t* keys, std::uint32_t* values, std::uint32_t count) {
    constexpr Lanes none{0, 0, 0, 0};
    alignas(Lanes) std::int64_t key[rank_sort_limit];
    alignas(Lanes) std::int64_t rank[rank_sort_limit];
    std::uint32_t value[rank_sort_limit];
    const std::uint32_t padded = (count + 3) & ~std::uint32_t{3};
    std::memcpy(value, values, count * sizeof *values);
    for (std::uint32_t i = 0; i < count; ++i) key[i] = static_cast<std::int64_t>(keys[i] ^ sign);
    for (std::uint32_t i = count; i < padded; ++i) key[i] = INT64_MAX;

    for (std::uint32_t four = 0; four < padded; four += 4) {
        Lanes own;
        std::memcpy(&own, key + four, sizeof own);
        // Two sums, so that one addition need not wait for the other.
        Lanes even = none + static_cast<std::int64_t>(four);
        Lanes odd = none;
        for (std::uint32_t j = 0; j < four; j += 2) {
            even += (none + key[j]) > own;
            odd += (none + key[j + 1]) > own;
        }
        for (std::int64_t lane = 0; lane < 4; ++lane) {
            const Lanes other = none + key[four + lane];
            even -= (other < own) | ((other == own) & ((none + lane) < Lanes{0, 1, 2, 3}));
        }
        for (std::uint32_t j = four + 4; j < padded; j += 2) {
            even -= (none + key[j]) < own;
            odd -= (none + key[j + 1]) < own;
        }
        even += odd;
        std::memcpy(rank + four, &even, sizeof even);
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        keys[rank[i]] = static_cast<std::uint64_t>(key[i]) ^ sign;
        values[rank[i]] = value[i];
    }
}

[[gnu::target("avx2")]] inline void classify_avx2(const std::uint64_t* pivots, const std::uint64_t* keys,
                                                  std::uint32_t count, std::uint64_t* classes) {
    constexpr Lanes none{0, 0, 0, 0};
    const Lanes flip = none + static_cast<std::int64_t>(sign);
    Lanes pivot[classify_pivots];
    for (std::uint32_t p = 0; p < classify_pivots; ++p) pivot[p] = none + static_cast<std::int64_t>(pivots[p] ^ sign);
    std::uint32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        Lanes key;
        std::memcpy(&key, keys + i, sizeof key);
        key ^= flip;
        Lanes above = none;
        for (const Lanes& p : pivot) above -= p > key;
        std::memcpy(classes + i, &above, sizeof above);
    }
    classify_scalar(pivots, keys + i, count - i, classes + i);
}

#endif

}  // namespace detail

/// Sorts `count` ≤ `rank_sort_limit` entries, given as their keys and their values, by key; equal keys keep their
/// order. Each entry goes straight to its rank, the number of smaller keys and of equal keys before it: n²/2
/// comparisons, yet 24 random entries take 3 ns each (9 without AVX2), where insertion sort takes 16.
inline void rank_sort(std::uint64_t* keys, std::uint32_t* values, std::uint32_t count) {
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx2")) return detail::rank_sort_avx2(keys, values, count);
#endif
    detail::rank_sort_scalar(keys, values, count);
}

/// For each of `count` keys, how many of the `classify_pivots` pivots lie above it.
inline void classify(const std::uint64_t* pivots, const std::uint64_t* keys, std::uint32_t count,
                     std::uint64_t* classes) {
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx2")) return detail::classify_avx2(pivots, keys, count, classes);
#endif
    detail::classify_scalar(pivots, keys, count, classes);
}

}  // namespace fleetsim::des
