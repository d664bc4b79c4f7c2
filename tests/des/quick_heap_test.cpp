#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/quick_heap.hpp>
#include <fleetsim/des/stream.hpp>

#include "catch.hpp"

using namespace fleetsim::des;

namespace {

constexpr std::uint64_t last_key = std::numeric_limits<std::uint64_t>::max() - 1;

/// Sequences of keys that each lean on another part of the structure.
struct Shape {
    std::string_view name;
    std::function<std::uint64_t(std::uint64_t i, std::uint64_t count, Sequence&)> key;
};

std::vector<Shape> shapes() {
    return {
        {"random", [](auto, auto, Sequence& chance) { return chance.word() >> 1U; }},
        {"rising", [](auto i, auto, Sequence&) { return i; }},
        {"falling", [](auto i, auto count, Sequence&) { return count - i; }},
        {"falling in steps", [](auto i, auto count, Sequence&) { return (count - i) / 100; }},
        {"all equal", [](auto, auto, Sequence&) { return std::uint64_t{7}; }},
        {"few different", [](auto, auto, Sequence& chance) { return chance.word() % 5; }},
        {"the extremes", [](auto, auto, Sequence& chance) { return chance.word() % 2 == 0 ? 0 : last_key; }},
        {"near the last", [](auto, auto, Sequence& chance) { return last_key - chance.word() % 3; }},
        {"saw", [](auto i, auto, Sequence&) { return i % 1000; }},
        {"ends inwards", [](auto i, auto count, Sequence&) { return i % 2 == 0 ? i : 2 * count - i; }},
        {"one in a crowd",
         [](auto, auto, Sequence& chance) {
             return chance.word() % 100 == 0 ? chance.word() % 1'000'000 : std::uint64_t{500'000};
         }},
        {"wildly uneven", [](auto, auto, Sequence& chance) { return (chance.word() >> 1U) >> (chance.word() % 63); }},
    };
}

using Entry = std::pair<std::uint64_t, std::uint32_t>;

std::vector<Entry> drained(QuickHeap& heap) {
    std::vector<Entry> entries;
    for (; !heap.empty(); heap.drop_top()) entries.emplace_back(heap.top_key(), heap.top_value());
    return entries;
}

bool key_less(const Entry& a, const Entry& b) { return a.first < b.first; }

}  // namespace

TEST_CASE("a quick heap gives back any sequence as a stable sort would") {
    QuickHeap heap;  // One for all: what a sequence leaves behind must not matter to the next.
    for (const Shape& shape : shapes()) {
        for (const std::uint64_t count : {0U, 1U, 31U, 32U, 33U, 64U, 65U, 100U, 255U, 256U, 257U, 3000U, 100'000U}) {
            INFO(shape.name << ", " << count << " keys");
            Sequence chance = Stream{count, 0, "quick heap", shape.name}.sequence();
            std::vector<Entry> entries;
            for (std::uint64_t i = 0; i < count; ++i) {
                entries.emplace_back(shape.key(i, count, chance), static_cast<std::uint32_t>(i));
                heap.push(entries.back().first, entries.back().second);
            }
            CHECK(heap.size() == count);
            std::stable_sort(entries.begin(), entries.end(), key_less);
            CHECK((drained(heap) == entries));
        }
    }
}

TEST_CASE("a quick heap keeps its order when pushes and pops alternate in bursts") {
    for (const Shape& shape : shapes()) {
        for (const std::uint64_t burst : {1U, 10U, 500U, 5000U}) {
            INFO(shape.name << ", bursts up to " << burst);
            Sequence chance = Stream{burst, 0, "quick heap bursts", shape.name}.sequence();
            QuickHeap heap;
            std::multimap<std::uint64_t, std::uint32_t> sorted;  // Equal keys stay in the order they came.
            std::uint32_t pushed = 0;
            std::size_t disagreements = 0;
            while (pushed < 20'000) {
                for (std::uint64_t i = chance.word() % burst + 1; i > 0; --i) {
                    const std::uint64_t key = shape.key(pushed, 20'000 + burst, chance);
                    heap.push(key, pushed);
                    sorted.emplace(key, pushed);
                    ++pushed;
                }
                for (std::uint64_t i = chance.word() % (burst + 1); i > 0 && !sorted.empty(); --i) {
                    disagreements += heap.top_key() != sorted.begin()->first;
                    disagreements += heap.top_value() != sorted.begin()->second;
                    heap.drop_top();
                    sorted.erase(sorted.begin());
                }
                disagreements += heap.size() != sorted.size();
            }
            CHECK(disagreements == 0);
            const std::vector<Entry> rest(sorted.begin(), sorted.end());
            CHECK((drained(heap) == rest));
        }
    }
}

TEST_CASE("keys that keep falling below all others, between pops, leave the heap in order") {
    // Each round's keys lie below everything pushed before: the case that makes ever more, ever nearer buckets.
    QuickHeap heap;
    std::multimap<std::uint64_t, std::uint32_t> sorted;
    std::size_t disagreements = 0;
    std::uint32_t pushed = 0;
    for (std::uint64_t round = 0; round < 2000; ++round) {
        for (std::uint64_t i = 0; i < 90; ++i) {
            const std::uint64_t key = (2000 - round) * 64 + i % 64;
            heap.push(key, pushed);
            sorted.emplace(key, pushed++);
        }
        disagreements += heap.top_value() != sorted.begin()->second;
        heap.drop_top();
        sorted.erase(sorted.begin());
    }
    CHECK(disagreements == 0);
    const std::vector<Entry> rest(sorted.begin(), sorted.end());
    CHECK((drained(heap) == rest));
}

TEST_CASE("a heap cleared at any moment starts afresh") {
    QuickHeap heap;
    for (const std::uint64_t count : {1U, 40U, 70U, 5000U}) {
        for (const std::uint64_t popped : {0U, 1U, 33U, 4000U}) {
            if (popped > count) continue;
            Sequence chance = Stream{count, popped, "quick heap", "clear"}.sequence();
            for (std::uint32_t i = 0; i < count; ++i) heap.push(chance.word() % 300, i);
            for (std::uint64_t i = 0; i < popped; ++i) heap.drop_top();
            heap.clear();
            CHECK(heap.empty());
            heap.push(2, 20);
            heap.push(1, 10);
            heap.push(2, 21);
            CHECK((drained(heap) == std::vector<Entry>{{1, 10}, {2, 20}, {2, 21}}));
        }
    }
}
