#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <immintrin.h>

#include "placement/fleet.hpp"

/// What the placer is compared with: loops over all rooms. They know nothing but what their question needs.
namespace fleetsim::bench {

/// A loop over structs of 128 bytes, as a first version has it.
class StructScan {
public:
    static constexpr std::string_view name = "struct_scan";

    explicit StructScan(const Fleet& fleet) : fleet_(fleet) {
        for (const Resources& instance : fleet.instances) rooms_.push_back({instance, {}});
    }
    std::int64_t find(std::uint32_t shape) {
        const Resources& need = fleet_.shapes[shape];
        std::int64_t best = -1;
        for (std::size_t room = 0; room < rooms_.size(); ++room) {
            if (!placement::fits(need, rooms_[room].left)) continue;
            const auto less = [&](std::size_t than) {
                return rooms_[room].left[placement::memory_mib] < rooms_[than].left[placement::memory_mib];
            };
            if (best < 0 || less(static_cast<std::size_t>(best))) best = static_cast<std::int64_t>(room);
        }
        return best;
    }
    void take(std::uint32_t room, std::uint32_t shape) { rooms_[room].left -= fleet_.shapes[shape]; }
    void give_back(std::uint32_t room, std::uint32_t shape) { rooms_[room].left += fleet_.shapes[shape]; }

private:
    struct Room {
        Resources left;
        char everything_else[112];
    };
    const Fleet& fleet_;
    std::vector<Room> rooms_;
};

/// CPU and memory left of rooms in arrays of their own, padded to whole vectors with rooms that take nothing.
struct Columns {
    std::vector<std::int32_t> cpu;
    std::vector<std::int32_t> memory;

    void add(const Resources& left) {
        cpu.push_back(left[placement::cpu_units]);
        memory.push_back(left[placement::memory_mib]);
    }
    void pad() {
        while (cpu.size() % 16 != 0) add(Resources::Constant(-1));
    }
    void change(std::size_t room, const Resources& by) {
        cpu[room] += by[placement::cpu_units];
        memory[room] += by[placement::memory_mib];
    }
};

/// The room with the least memory among those that fit, the first of equals; its number and memory, or -1. Two passes:
/// the masked minimum of the memory, then the first room that has it.
[[gnu::target("avx512f")]] inline std::pair<std::int64_t, std::int32_t> tightest(const Columns& rooms,
                                                                                 const Resources& need) {
    const __m512i cpu = _mm512_set1_epi32(need[placement::cpu_units]);
    const __m512i memory = _mm512_set1_epi32(need[placement::memory_mib]);
    constexpr std::int32_t none = std::numeric_limits<std::int32_t>::max();
    __m512i least = _mm512_set1_epi32(none);
    for (std::size_t at = 0; at < rooms.cpu.size(); at += 16) {
        const __m512i left = _mm512_loadu_si512(&rooms.memory[at]);
        const __mmask16 enough = _mm512_cmple_epi32_mask(cpu, _mm512_loadu_si512(&rooms.cpu[at]));
        const __mmask16 fit = _mm512_mask_cmple_epi32_mask(enough, memory, left);
        least = _mm512_mask_min_epi32(least, fit, least, left);
    }
    alignas(64) std::int32_t lanes[16];
    _mm512_store_si512(lanes, least);
    const std::int32_t lowest = *std::min_element(lanes, lanes + 16);
    if (lowest == none) return {-1, none};
    const __m512i wanted = _mm512_set1_epi32(lowest);
    for (std::size_t at = 0;; at += 16) {
        const __mmask16 enough = _mm512_cmpeq_epi32_mask(wanted, _mm512_loadu_si512(&rooms.memory[at]));
        if (enough == 0) continue;
        const __mmask16 fit = _mm512_mask_cmple_epi32_mask(enough, cpu, _mm512_loadu_si512(&rooms.cpu[at]));
        if (fit != 0) return {static_cast<std::int64_t>(at) + __builtin_ctz(fit), lowest};
    }
}

/// `binpack: memory` over all rooms.
class SimdScan {
public:
    static constexpr std::string_view name = "simd_scan";

    explicit SimdScan(const Fleet& fleet) : fleet_(fleet) {
        for (const Resources& instance : fleet.instances) rooms_.add(instance);
        rooms_.pad();
    }
    std::int64_t find(std::uint32_t shape) { return tightest(rooms_, fleet_.shapes[shape]).first; }
    void take(std::uint32_t room, std::uint32_t shape) { rooms_.change(room, -fleet_.shapes[shape]); }
    void give_back(std::uint32_t room, std::uint32_t shape) { rooms_.change(room, fleet_.shapes[shape]); }

private:
    const Fleet& fleet_;
    Columns rooms_;
};

/// Counts a service's tasks by zone and tells which zones come first: those with the fewest, equals together.
class ZoneCounts {
public:
    explicit ZoneCounts(std::size_t shapes) : tasks_(shapes * zones) {}
    void add(std::uint32_t shape, std::uint32_t room, std::int32_t change) { at(shape, room % zones) += change; }

    /// Calls `visit(zone)` for one zone after the other, and stops after the first group of equals that had an answer.
    template <class Visit>
    void visit(std::uint32_t shape, Visit visit) {
        std::uint32_t order[zones];
        for (std::uint32_t zone = 0; zone < zones; ++zone) order[zone] = zone;
        std::sort(order, order + zones, [&](auto a, auto b) { return at(shape, a) < at(shape, b); });
        bool found = false;
        for (std::uint32_t i = 0; i < zones; ++i) {
            if (found && at(shape, order[i]) != at(shape, order[i - 1])) return;
            found = visit(order[i]) || found;
        }
    }

private:
    std::int32_t& at(std::uint32_t shape, std::uint32_t zone) { return tasks_[shape * zones + zone]; }
    std::vector<std::int32_t> tasks_;
};

/// `spread: zone` and then `binpack: memory`: a scan for each zone, until one has room.
class ZoneScan {
public:
    static constexpr std::string_view name = "simd_scan";

    explicit ZoneScan(const Fleet& fleet) : fleet_(fleet), counts_(fleet.shapes.size()) {
        for (std::size_t room = 0; room < fleet.instances.size(); ++room)
            rooms_[room % zones].add(fleet.instances[room]);
        for (Columns& zone : rooms_) zone.pad();
    }
    std::int64_t find(std::uint32_t shape) {
        std::pair<std::int32_t, std::int64_t> best{0, -1};
        counts_.visit(shape, [&](std::uint32_t zone) {
            const auto [place, memory] = tightest(rooms_[zone], fleet_.shapes[shape]);
            if (place < 0) return false;
            const std::pair<std::int32_t, std::int64_t> here{memory, place * zones + zone};
            if (best.second < 0 || here < best) best = here;
            return true;
        });
        return best.second;
    }
    void take(std::uint32_t room, std::uint32_t shape) {
        rooms_[room % zones].change(room / zones, -fleet_.shapes[shape]);
        counts_.add(shape, room, +1);
    }
    void give_back(std::uint32_t room, std::uint32_t shape) {
        rooms_[room % zones].change(room / zones, fleet_.shapes[shape]);
        counts_.add(shape, room, -1);
    }

private:
    const Fleet& fleet_;
    Columns rooms_[zones];
    ZoneCounts counts_;
};

/// The room with the fewest tasks of the service among those that fit, the first of equals; its number and tasks, or
/// -1. The masked minimum, and then the first that has it; or in one pass that stops at a room without any, since none
/// has fewer.
struct Emptiest {
    [[gnu::target("avx512f")]] static __mmask16 fitting(const Columns& rooms, std::size_t at, const Resources& need) {
        const __m512i cpu = _mm512_set1_epi32(need[placement::cpu_units]);
        const __m512i memory = _mm512_set1_epi32(need[placement::memory_mib]);
        const __mmask16 fit = _mm512_cmple_epi32_mask(cpu, _mm512_loadu_si512(&rooms.cpu[at]));
        return _mm512_mask_cmple_epi32_mask(fit, memory, _mm512_loadu_si512(&rooms.memory[at]));
    }
    [[gnu::target("avx512f")]] static __m512i counts(const std::vector<std::uint8_t>& tasks, std::size_t at,
                                                     __mmask16 fit) {
        return _mm512_maskz_cvtepu8_epi32(fit, _mm_loadu_si128(reinterpret_cast<const __m128i*>(&tasks[at])));
    }
    using Found = std::pair<std::int64_t, std::int32_t>;
    static constexpr std::int32_t none = 256;

    [[gnu::target("avx512f")]] static Found of_all(const Columns& rooms, const std::vector<std::uint8_t>& tasks,
                                                   const Resources& need) {
        __m512i least = _mm512_set1_epi32(none);
        for (std::size_t at = 0; at < rooms.cpu.size(); at += 16) {
            const __mmask16 fit = fitting(rooms, at, need);
            least = _mm512_mask_min_epi32(least, fit, least, counts(tasks, at, fit));
        }
        alignas(64) std::int32_t lanes[16];
        _mm512_store_si512(lanes, least);
        const std::int32_t lowest = *std::min_element(lanes, lanes + 16);
        for (std::size_t at = 0; lowest < none; at += 16) {
            const __mmask16 fit = fitting(rooms, at, need);
            const __mmask16 same = _mm512_mask_cmpeq_epi32_mask(fit, counts(tasks, at, fit), _mm512_set1_epi32(lowest));
            if (same != 0) return {static_cast<std::int64_t>(at) + __builtin_ctz(same), lowest};
        }
        return {-1, none};
    }
    [[gnu::target("avx512f")]] static Found until_empty(const Columns& rooms, const std::vector<std::uint8_t>& tasks,
                                                        const Resources& need) {
        for (std::size_t at = 0; at < rooms.cpu.size(); at += 16) {
            const __mmask16 fit = fitting(rooms, at, need);
            if (fit == 0) continue;
            const __mmask16 empty = _mm512_mask_cmpeq_epi32_mask(fit, counts(tasks, at, fit), _mm512_set1_epi32(0));
            if (empty != 0) return {static_cast<std::int64_t>(at) + __builtin_ctz(empty), 0};
        }
        return of_all(rooms, tasks, need);
    }
};

/// ECS's default: `spread: zone`, then `spread: instanceId`.
template <bool stops_early>
class DefaultScan {
public:
    static constexpr std::string_view name = stops_early ? "simd_scan_that_stops" : "simd_scan";

    explicit DefaultScan(const Fleet& fleet) : fleet_(fleet), counts_(fleet.shapes.size()) {
        for (std::size_t room = 0; room < fleet.instances.size(); ++room)
            rooms_[room % zones].add(fleet.instances[room]);
        for (std::uint32_t zone = 0; zone < zones; ++zone) {
            rooms_[zone].pad();
            tasks_[zone].assign(fleet.shapes.size(), std::vector<std::uint8_t>(rooms_[zone].cpu.size()));
        }
    }
    std::int64_t find(std::uint32_t shape) {
        std::pair<std::int32_t, std::int64_t> best{0, -1};
        counts_.visit(shape, [&](std::uint32_t zone) {
            const auto search = stops_early ? Emptiest::until_empty : Emptiest::of_all;
            const auto [place, tasks] = search(rooms_[zone], tasks_[zone][shape], fleet_.shapes[shape]);
            if (place < 0) return false;
            const std::pair<std::int32_t, std::int64_t> here{tasks, place * zones + zone};
            if (best.second < 0 || here < best) best = here;
            return true;
        });
        return best.second;
    }
    void take(std::uint32_t room, std::uint32_t shape) {
        rooms_[room % zones].change(room / zones, -fleet_.shapes[shape]);
        ++tasks_[room % zones][shape][room / zones];
        counts_.add(shape, room, +1);
    }
    void give_back(std::uint32_t room, std::uint32_t shape) {
        rooms_[room % zones].change(room / zones, fleet_.shapes[shape]);
        --tasks_[room % zones][shape][room / zones];
        counts_.add(shape, room, -1);
    }

private:
    const Fleet& fleet_;
    Columns rooms_[zones];
    std::vector<std::vector<std::uint8_t>> tasks_[zones];  ///< By service and place in the zone.
    ZoneCounts counts_;
};

}  // namespace fleetsim::bench
