#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#include <fleetsim/placement/resources.hpp>

/// The placer's inner loops: which of up to 64 rooms can take a task, and which of those comes first. They use AVX-512
/// or AVX2 where the processor has it, and give the same result where it has not. Compilers do not find these forms by
/// themselves: a masked minimum left to them takes several times as long.
namespace fleetsim::placement {

/// Measured: with 128, a search among a thousand rooms takes a fifth longer, and one among 100,000 no less.
inline constexpr std::uint32_t leaf_size = 64;

/// Slots of a leaf, bit by bit.
using Slots = std::uint64_t;

/// What up to 64 rooms have left, in parallel arrays and in no order. An empty slot has -1 left, which nothing fits.
struct Leaf {
    alignas(64) std::array<std::array<std::int32_t, leaf_size>, resource_count> left;
    alignas(64) std::array<std::uint32_t, leaf_size> room;
    std::uint32_t count = 0;

    Leaf() {
        for (auto& row : left) row.fill(-1);
        room.fill(std::numeric_limits<std::uint32_t>::max());
    }
    [[nodiscard]] Resources left_at(std::uint32_t slot) const {
        return {left[0][slot], left[1][slot], left[2][slot], left[3][slot]};
    }
    void set(std::uint32_t slot, const Resources& resources) {
        for (std::size_t row = 0; row < resource_count; ++row) {
            left[row][slot] = resources[static_cast<Eigen::Index>(row)];
        }
    }
    void clear(std::uint32_t slot) { set(slot, Resources::Constant(-1)); }
};

namespace detail {

/// Most tasks ask for neither GPUs nor network interfaces, and whoever asks for none fits any room.
[[nodiscard]] inline bool asks_beyond_memory(const Resources& need) { return (need[gpus] | need[eni_slots]) != 0; }

[[nodiscard]] inline std::uint32_t first_of(Slots slots) { return static_cast<std::uint32_t>(std::countr_zero(slots)); }

/// Of slots with equal keys the one with the lowest room. Two or more are rare.
[[nodiscard]] inline std::uint32_t lowest_room(const Leaf& leaf, Slots tied) {
    std::uint32_t best = first_of(tied);
    for (Slots rest = tied & (tied - 1); rest != 0; rest &= rest - 1) {
        if (leaf.room[first_of(rest)] < leaf.room[best]) best = first_of(rest);
    }
    return best;
}

/// The three versions of the loops: for any processor, and for two kinds of vectors.
struct Portable {
    static Slots fitting(const Leaf& leaf, const Resources& need) {
        Slots slots = 0;
        for (std::uint32_t slot = 0; slot < leaf_size; ++slot) {
            const bool fit = leaf.left[cpu_units][slot] >= need[cpu_units] &&
                             leaf.left[memory_mib][slot] >= need[memory_mib] && leaf.left[gpus][slot] >= need[gpus] &&
                             leaf.left[eni_slots][slot] >= need[eni_slots];
            slots |= Slots{fit} << slot;
        }
        return slots;
    }
    static Slots with_least(const std::int32_t* keys, Slots among) {
        std::int32_t least = std::numeric_limits<std::int32_t>::max();
        Slots tied = 0;
        for (Slots rest = among; rest != 0; rest &= rest - 1) {
            const std::int32_t key = keys[first_of(rest)];
            if (key > least) continue;
            tied = (key < least ? 0 : tied) | (rest & (~rest + 1));
            least = key;
        }
        return tied;
    }
    static Slots first_fit(const Leaf& leaf, Resource key, const Resources& need) {
        const Slots fits = fitting(leaf, need);
        return fits == 0 ? 0 : with_least(leaf.left[static_cast<std::size_t>(key)].data(), fits);
    }
    static std::int32_t most(const std::int32_t* keys, Slots among) {
        std::int32_t most = -1;
        for (Slots rest = among; rest != 0; rest &= rest - 1) most = std::max(most, keys[first_of(rest)]);
        return most;
    }
    static std::size_t first_at_least(const std::int32_t* values, std::size_t from, std::int32_t bound) {
        while (values[from] < bound) ++from;
        return from;
    }
};

#if defined(__x86_64__) && defined(__GNUC__)

struct Avx2 {
    [[gnu::target("avx2")]] static __m256i eight(const std::int32_t* from) {
        return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
    }
    [[gnu::target("avx2")]] static __m256i lacking(const std::int32_t* left, std::int32_t need) {
        return _mm256_cmpgt_epi32(_mm256_set1_epi32(need), eight(left));
    }
    [[gnu::target("avx2")]] static Slots bits(__m256i lanes) {
        return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(lanes)));
    }

    [[gnu::target("avx2")]] static Slots fitting(const Leaf& leaf, const Resources& need) {
        const bool beyond = asks_beyond_memory(need);
        Slots lacks = 0;
        for (std::uint32_t at = 0; at < leaf_size; at += 8) {
            __m256i lack = _mm256_or_si256(lacking(&leaf.left[cpu_units][at], need[cpu_units]),
                                           lacking(&leaf.left[memory_mib][at], need[memory_mib]));
            if (beyond) {
                lack = _mm256_or_si256(lack, _mm256_or_si256(lacking(&leaf.left[gpus][at], need[gpus]),
                                                             lacking(&leaf.left[eni_slots][at], need[eni_slots])));
            }
            lacks |= bits(lack) << at;
        }
        return ~lacks;
    }
    [[gnu::target("avx2")]] static Slots with_least(const std::int32_t* keys, Slots among) {
        const __m256i none = _mm256_set1_epi32(std::numeric_limits<std::int32_t>::max());
        const __m256i lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
        __m256i least = none;
        for (std::uint32_t at = 0; at < leaf_size; at += 8) {
            const __m256i byte = _mm256_set1_epi32(static_cast<int>(among >> at & 0xff));
            const __m256i here = _mm256_cmpeq_epi32(_mm256_and_si256(byte, lane), lane);
            least = _mm256_min_epi32(least, _mm256_blendv_epi8(none, eight(keys + at), here));
        }
        least = _mm256_min_epi32(least, _mm256_permute2x128_si256(least, least, 1));
        least = _mm256_min_epi32(least, _mm256_shuffle_epi32(least, 0b01'00'11'10));
        least = _mm256_min_epi32(least, _mm256_shuffle_epi32(least, 0b10'11'00'01));
        Slots tied = 0;
        for (std::uint32_t at = 0; at < leaf_size; at += 8) {
            tied |= bits(_mm256_cmpeq_epi32(least, eight(keys + at))) << at;
        }
        return tied & among;
    }
    [[gnu::target("avx2")]] static Slots first_fit(const Leaf& leaf, Resource key, const Resources& need) {
        const Slots fits = fitting(leaf, need);
        return fits == 0 ? 0 : with_least(leaf.left[static_cast<std::size_t>(key)].data(), fits);
    }
    static std::int32_t most(const std::int32_t* keys, Slots among) { return Portable::most(keys, among); }
    [[gnu::target("avx2")]] static std::size_t first_at_least(const std::int32_t* values, std::size_t from,
                                                              std::int32_t bound) {
        const __m256i below = _mm256_set1_epi32(bound - 1);
        for (;; from += 8) {
            const __m256i here = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + from));
            const Slots enough = bits(_mm256_cmpgt_epi32(here, below));
            if (enough != 0) return from + first_of(enough);
        }
    }
};

struct Avx512 {
    /// `_mm512_reduce_min_epi32`, whose definition makes gcc 12 warn of what it leaves uninitialised.
    [[gnu::target("avx512f")]] static std::int32_t least_lane(__m512i lanes) {
        __m256i least = _mm256_min_epi32(_mm512_maskz_extracti64x4_epi64(0xf, lanes, 0),
                                         _mm512_maskz_extracti64x4_epi64(0xf, lanes, 1));
        least = _mm256_min_epi32(least, _mm256_permute2x128_si256(least, least, 1));
        least = _mm256_min_epi32(least, _mm256_shuffle_epi32(least, 0b01'00'11'10));
        least = _mm256_min_epi32(least, _mm256_shuffle_epi32(least, 0b10'11'00'01));
        return _mm256_cvtsi256_si32(least);
    }
    [[gnu::target("avx512f")]] static Slots fitting(const Leaf& leaf, const Resources& need) {
        const __m512i cpu = _mm512_set1_epi32(need[cpu_units]);
        const __m512i memory = _mm512_set1_epi32(need[memory_mib]);
        const __m512i gpu = _mm512_set1_epi32(need[gpus]);
        const __m512i eni = _mm512_set1_epi32(need[eni_slots]);
        const bool beyond = asks_beyond_memory(need);
        Slots slots = 0;
        for (std::uint32_t at = 0; at < leaf_size; at += 16) {
            __mmask16 fit = _mm512_cmple_epi32_mask(cpu, _mm512_load_si512(&leaf.left[cpu_units][at]));
            fit = _mm512_mask_cmple_epi32_mask(fit, memory, _mm512_load_si512(&leaf.left[memory_mib][at]));
            if (beyond) {
                fit = _mm512_mask_cmple_epi32_mask(fit, gpu, _mm512_load_si512(&leaf.left[gpus][at]));
                fit = _mm512_mask_cmple_epi32_mask(fit, eni, _mm512_load_si512(&leaf.left[eni_slots][at]));
            }
            slots |= Slots{fit} << at;
        }
        return slots;
    }
    [[gnu::target("avx512f")]] static Slots with_least(const std::int32_t* keys, Slots among) {
        __m512i least = _mm512_set1_epi32(std::numeric_limits<std::int32_t>::max());
        for (std::uint32_t at = 0; at < leaf_size; at += 16) {
            least =
                _mm512_mask_min_epi32(least, static_cast<__mmask16>(among >> at), least, _mm512_load_si512(keys + at));
        }
        const __m512i lowest = _mm512_set1_epi32(least_lane(least));
        Slots tied = 0;
        for (std::uint32_t at = 0; at < leaf_size; at += 16) {
            tied |= Slots{_mm512_cmpeq_epi32_mask(lowest, _mm512_load_si512(keys + at))} << at;
        }
        return tied & among;
    }
    /// As above, with the fits kept in registers between the two halves.
    [[gnu::target("avx512f")]] static Slots first_fit(const Leaf& leaf, Resource key, const Resources& need) {
        const __m512i cpu = _mm512_set1_epi32(need[cpu_units]);
        const __m512i memory = _mm512_set1_epi32(need[memory_mib]);
        const __m512i gpu = _mm512_set1_epi32(need[gpus]);
        const __m512i eni = _mm512_set1_epi32(need[eni_slots]);
        const bool beyond = asks_beyond_memory(need);
        const std::int32_t* keys = leaf.left[static_cast<std::size_t>(key)].data();
        const __m512i none = _mm512_set1_epi32(std::numeric_limits<std::int32_t>::max());
        __m512i least = none;
        __m512i key_of_fit[leaf_size / 16];
        for (std::uint32_t block = 0; block < leaf_size / 16; ++block) {
            const std::uint32_t at = block * 16;
            __mmask16 fit = _mm512_cmple_epi32_mask(cpu, _mm512_load_si512(&leaf.left[cpu_units][at]));
            fit = _mm512_mask_cmple_epi32_mask(fit, memory, _mm512_load_si512(&leaf.left[memory_mib][at]));
            if (beyond) {
                fit = _mm512_mask_cmple_epi32_mask(fit, gpu, _mm512_load_si512(&leaf.left[gpus][at]));
                fit = _mm512_mask_cmple_epi32_mask(fit, eni, _mm512_load_si512(&leaf.left[eni_slots][at]));
            }
            key_of_fit[block] = _mm512_mask_load_epi32(none, fit, keys + at);
            least = _mm512_mask_min_epi32(least, fit, least, key_of_fit[block]);
        }
        const std::int32_t value = least_lane(least);
        if (value == std::numeric_limits<std::int32_t>::max()) return 0;
        const __m512i lowest = _mm512_set1_epi32(value);
        Slots tied = 0;
        for (std::uint32_t block = 0; block < leaf_size / 16; ++block) {
            tied |= Slots{_mm512_cmpeq_epi32_mask(lowest, key_of_fit[block])} << (block * 16);
        }
        return tied;
    }
    [[gnu::target("avx512f")]] static std::int32_t most(const std::int32_t* keys, Slots among) {
        __m512i lowest_of_negated = _mm512_set1_epi32(1);
        const __m512i zero = _mm512_set1_epi32(0);
        for (std::uint32_t at = 0; at < leaf_size; at += 16) {
            const auto here = static_cast<__mmask16>(among >> at);
            const __m512i negated = _mm512_maskz_sub_epi32(here, zero, _mm512_load_si512(keys + at));
            lowest_of_negated = _mm512_mask_min_epi32(lowest_of_negated, here, lowest_of_negated, negated);
        }
        return -least_lane(lowest_of_negated);
    }
    [[gnu::target("avx512f")]] static std::size_t first_at_least(const std::int32_t* values, std::size_t from,
                                                                 std::int32_t bound) {
        const __m512i least = _mm512_set1_epi32(bound);
        for (;; from += 16) {
            const __mmask16 enough = _mm512_cmple_epi32_mask(least, _mm512_loadu_si512(values + from));
            if (enough != 0) return from + first_of(enough);
        }
    }
};

enum class Instructions : std::uint8_t { portable, avx2, avx512 };

inline const Instructions instructions = __builtin_cpu_supports("avx512f") ? Instructions::avx512
                                         : __builtin_cpu_supports("avx2")  ? Instructions::avx2
                                                                           : Instructions::portable;

#endif

}  // namespace detail

/// The slots whose rooms have room for the task.
[[nodiscard]] inline Slots fitting(const Leaf& leaf, const Resources& need) {
#if defined(__x86_64__) && defined(__GNUC__)
    if (detail::instructions == detail::Instructions::avx512) return detail::Avx512::fitting(leaf, need);
    if (detail::instructions == detail::Instructions::avx2) return detail::Avx2::fitting(leaf, need);
#endif
    return detail::Portable::fitting(leaf, need);
}

/// The slot of the room that comes first among those with room for the task; `leaf_size` if there is none. No room has
/// the greatest integer left, which stands for none here.
[[nodiscard]] inline std::uint32_t first_fit(const Leaf& leaf, Resource key, const Resources& need) {
    Slots tied = 0;
#if defined(__x86_64__) && defined(__GNUC__)
    if (detail::instructions == detail::Instructions::avx512) {
        tied = detail::Avx512::first_fit(leaf, key, need);
    } else if (detail::instructions == detail::Instructions::avx2) {
        tied = detail::Avx2::first_fit(leaf, key, need);
    } else {
        tied = detail::Portable::first_fit(leaf, key, need);
    }
#else
    tied = detail::Portable::first_fit(leaf, key, need);
#endif
    return tied == 0 ? leaf_size : detail::lowest_room(leaf, tied);
}

/// Values that `first_at_least` may read beyond the one it finds.
inline constexpr std::size_t read_beyond = 16;

/// The first position from `from` on whose value is at least `bound`, which is above the least integer. There is one,
/// and `read_beyond` values follow it.
[[nodiscard]] inline std::size_t first_at_least(const std::int32_t* values, std::size_t from, std::int32_t bound) {
#if defined(__x86_64__) && defined(__GNUC__)
    if (detail::instructions == detail::Instructions::avx512)
        return detail::Avx512::first_at_least(values, from, bound);
    if (detail::instructions == detail::Instructions::avx2) return detail::Avx2::first_at_least(values, from, bound);
#endif
    return detail::Portable::first_at_least(values, from, bound);
}

/// The most of a resource that any of some slots has left; -1 if there are none.
[[nodiscard]] inline std::int32_t most(const Leaf& leaf, Resource key, Slots among) {
    const std::int32_t* keys = leaf.left[static_cast<std::size_t>(key)].data();
#if defined(__x86_64__) && defined(__GNUC__)
    if (detail::instructions == detail::Instructions::avx512) return detail::Avx512::most(keys, among);
    if (detail::instructions == detail::Instructions::avx2) return detail::Avx2::most(keys, among);
#endif
    return detail::Portable::most(keys, among);
}

/// The most that any room of the leaf has left of each resource.
[[nodiscard]] inline Resources most_of(const Leaf& leaf) {
    Resources most;
    for (std::size_t row = 0; row < resource_count; ++row) {
        const Eigen::Map<const Eigen::Array<std::int32_t, leaf_size, 1>, Eigen::Aligned64> left{leaf.left[row].data()};
        most[static_cast<Eigen::Index>(row)] = left.maxCoeff();
    }
    return most;
}

/// Those of some slots, at least one, that have the least left of a resource.
[[nodiscard]] inline Slots with_least(const Leaf& leaf, Resource key, Slots among) {
    const std::int32_t* keys = leaf.left[static_cast<std::size_t>(key)].data();
#if defined(__x86_64__) && defined(__GNUC__)
    if (detail::instructions == detail::Instructions::avx512) return detail::Avx512::with_least(keys, among);
    if (detail::instructions == detail::Instructions::avx2) return detail::Avx2::with_least(keys, among);
#endif
    return detail::Portable::with_least(keys, among);
}

/// Of some slots, at least one, the slot with the least left of a resource; of equals the one of the lowest room.
[[nodiscard]] inline std::uint32_t lowest(const Leaf& leaf, Resource key, Slots among) {
    return detail::lowest_room(leaf, with_least(leaf, key, among));
}

/// The slots of `among` whose room `accepts`. A filter of type `std::true_type` accepts all and costs nothing.
template <class Accepts>
[[nodiscard]] Slots accepted(const Leaf& leaf, Slots among, const Accepts& accepts) {
    for (Slots rest = among; rest != 0; rest &= rest - 1) {
        if (!accepts(leaf.room[detail::first_of(rest)])) among &= ~(rest & (~rest + 1));
    }
    return among;
}
[[nodiscard]] inline Slots accepted(const Leaf&, Slots among, std::true_type) { return among; }

}  // namespace fleetsim::placement
