#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/des/wide_integer.hpp>

namespace fleetsim::des {

/// What will happen, in one total order: time, then phase, then the order of scheduling. The clock is the time of the
/// event popped last. An event may be scheduled for `now()` in a phase that has passed already: it is simply next.
///
/// At most 2^28 events may be pending at a time and 2^36 be scheduled in all.
template <class Payload>
class EventQueue {
    static_assert(std::is_trivially_copyable_v<Payload> && sizeof(Payload) <= 24, "events are small and plain");

public:
    void schedule(Time at, Payload payload) { schedule(at, Phase::release, payload); }

    /// `now()` ≤ `at` ≤ `latest_time`.
    void schedule(Time at, Phase phase, Payload payload) {
        const Entry entry = stamped(at, phase, slot_for(payload));
        heap_.push_back(entry);
        sift_up(entry);
    }

    [[nodiscard]] bool empty() const { return heap_.empty(); }
    [[nodiscard]] std::size_t size() const { return heap_.size(); }
    [[nodiscard]] Time now() const { return now_; }

    /// When the next event will happen. Never called on an empty queue; nor are `top`, `pop` and `replace_top`.
    [[nodiscard]] Time next_time() const { return time_of(front()); }

    [[nodiscard]] const Payload& top() const { return payloads_[slot_of(front())]; }

    /// Takes the next event out and moves the clock to it.
    Payload pop() {
        const std::uint32_t slot = slot_of(front());
        now_ = next_time();
        free_slots_.push_back(slot);
        const Entry last = heap_.back();
        heap_.pop_back();
        if (!heap_.empty()) sift_down(last);
        return payloads_[slot];
    }

    Payload replace_top(Time at, Payload payload) { return replace_top(at, Phase::release, payload); }

    /// `pop` and then `schedule`, in one pass: a departure that becomes the next departure. Returns what was popped.
    Payload replace_top(Time at, Phase phase, Payload payload) {
        const std::uint32_t slot = slot_of(front());
        now_ = next_time();
        const Payload popped = payloads_[slot];
        const Entry entry = stamped(at, phase, slot);
        payloads_[slot] = payload;
        sift_down(entry);
        return popped;
    }

    /// Back to an empty queue at time 0.
    void clear() {
        heap_.clear();
        payloads_.clear();
        free_slots_.clear();
        sequence_ = 0;
        now_ = Time{};
    }

private:
    static constexpr std::size_t arity = 4;
    static constexpr unsigned slot_bits = 28;
    static constexpr unsigned phase_bits = 2;
    static constexpr std::uint64_t slot_limit = std::uint64_t{1} << slot_bits;
    static constexpr std::uint64_t sequence_limit = std::uint64_t{1} << (64U - slot_bits);

    /// Sixteen bytes, so that four children share a cache line; payloads stay where they are and are found by slot.
    struct Entry {
        std::uint64_t key;    // Time and phase.
        std::uint64_t order;  // Sequence and slot; sequences differ, so the slot never decides.

        // One wide number compares without a branch, which no one could predict: it halves the cost of a sift.
        [[nodiscard]] UInt128 rank() const { return (static_cast<UInt128>(key) << 64U) | order; }
        friend bool operator<(const Entry& a, const Entry& b) { return a.rank() < b.rank(); }
    };

    [[nodiscard]] static Time time_of(const Entry& entry) {
        return Time{Duration{static_cast<std::int64_t>(entry.key >> phase_bits)}};
    }
    [[nodiscard]] static std::uint32_t slot_of(const Entry& entry) {
        return static_cast<std::uint32_t>(entry.order & (slot_limit - 1));
    }

    [[nodiscard]] const Entry& front() const {
        FLEETSIM_CHECK(!heap_.empty());
        return heap_.front();
    }

    [[nodiscard]] Entry stamped(Time at, Phase phase, std::uint32_t slot) {
        FLEETSIM_CHECK(at >= now_);
        FLEETSIM_CHECK(at <= latest_time);
        FLEETSIM_CHECK(sequence_ < sequence_limit);
        const auto nanoseconds = static_cast<std::uint64_t>(at.time_since_epoch().count());
        return {(nanoseconds << phase_bits) | static_cast<std::uint64_t>(phase), (sequence_++ << slot_bits) | slot};
    }

    [[nodiscard]] std::uint32_t slot_for(const Payload& payload) {
        if (free_slots_.empty()) {
            FLEETSIM_CHECK(payloads_.size() < slot_limit);
            payloads_.push_back(payload);
            return static_cast<std::uint32_t>(payloads_.size() - 1);
        }
        const std::uint32_t slot = free_slots_.back();
        free_slots_.pop_back();
        payloads_[slot] = payload;
        return slot;
    }

    // Both sifts move a hole and write `entry` once, where the hole comes to rest: upwards the hole starts at the last
    // place, downwards at the root.
    void sift_up(Entry entry) {
        std::size_t hole = heap_.size() - 1;
        while (hole > 0) {
            const std::size_t parent = (hole - 1) / arity;
            if (!(entry < heap_[parent])) break;
            heap_[hole] = heap_[parent];
            hole = parent;
        }
        heap_[hole] = entry;
    }

    void sift_down(Entry entry) {
        std::size_t hole = 0;
        for (std::size_t child = 1; child < heap_.size(); child = hole * arity + 1) {
            const std::size_t end = std::min(child + arity, heap_.size());
            std::size_t least = child;
            for (std::size_t other = child + 1; other < end; ++other) {
                least = heap_[other] < heap_[least] ? other : least;
            }
            if (!(heap_[least] < entry)) break;
            heap_[hole] = heap_[least];
            hole = least;
        }
        heap_[hole] = entry;
    }

    std::vector<Entry> heap_;
    std::vector<Payload> payloads_;
    std::vector<std::uint32_t> free_slots_;
    std::uint64_t sequence_ = 0;
    Time now_{};
};

}  // namespace fleetsim::des
