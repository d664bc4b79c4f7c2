#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/quick_heap.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::des {

namespace detail {

/// Payloads that fit into a heap's value live there.
template <class Payload>
class InlinePayloads {
public:
    [[nodiscard]] std::uint32_t keep(const Payload& payload) {
        std::uint32_t value = 0;
        std::memcpy(&value, &payload, sizeof payload);
        return value;
    }
    [[nodiscard]] Payload at(std::uint32_t value) const {
        std::array<std::byte, sizeof(Payload)> bytes;
        std::memcpy(bytes.data(), &value, sizeof bytes);
        return std::bit_cast<Payload>(bytes);
    }
    void release(std::uint32_t) {}
    void clear() {}
    [[nodiscard]] std::size_t reserved_bytes() const { return 0; }
};

/// Others stay in a slot, and the heap moves the slot's number. The slot freed last is used first: it is in the cache.
template <class Payload>
class SlottedPayloads {
public:
    [[nodiscard]] std::uint32_t keep(const Payload& payload) {
        if (first_free_ == none) return append(payload);
        const std::uint32_t slot = first_free_;
        std::memcpy(&first_free_, &place(slot), sizeof first_free_);
        place(slot) = payload;
        return slot;
    }
    [[nodiscard]] const Payload& at(std::uint32_t slot) const { return blocks_[slot / block_size][slot % block_size]; }
    /// Free slots are a chain: each holds the number of the next.
    void release(std::uint32_t slot) {
        std::memcpy(static_cast<void*>(&place(slot)), &first_free_, sizeof first_free_);
        first_free_ = slot;
    }
    void clear() {
        blocks_.clear();
        first_free_ = none;
    }
    [[nodiscard]] std::size_t reserved_bytes() const { return blocks_.size() * block_size * sizeof(Payload); }

private:
    // Blocks, because one array that doubles as it grows would take up to three times the room while it does.
    static constexpr std::uint32_t block_size = 1024;
    static constexpr std::uint32_t none = UINT32_MAX;

    [[nodiscard]] Payload& place(std::uint32_t slot) { return blocks_[slot / block_size][slot % block_size]; }

    [[nodiscard]] std::uint32_t append(const Payload& payload) {
        if (blocks_.empty() || blocks_.back().size() == block_size) blocks_.emplace_back().reserve(block_size);
        const std::size_t slot = (blocks_.size() - 1) * block_size + blocks_.back().size();
        FLEETSIM_CHECK(slot < none);
        blocks_.back().push_back(payload);
        return static_cast<std::uint32_t>(slot);
    }

    std::vector<std::vector<Payload>> blocks_;
    std::uint32_t first_free_ = none;
};

}  // namespace detail

/// What will happen, in one total order: time, then phase, then the order of scheduling. The clock is the time of the
/// event popped last. An event may be scheduled for `now()` in a phase that has passed already: it is simply next.
///
/// A `QuickHeap` holds time and phase as one key. Scheduling and popping cost O(log n) amortized: 18 to 31 ns from a
/// thousand to a million pending events (docs/performance.md). A pending event takes 12 bytes, and its payload's size
/// more if that exceeds 4 bytes; at most 2^32 - 1 events of such a payload may be pending.
template <class Payload>
class EventQueue {
    static_assert(std::is_trivially_copyable_v<Payload> && sizeof(Payload) <= 24, "events are small and plain");

public:
    void schedule(Time at, Payload payload) { schedule(at, Phase::release, payload); }

    /// `now()` ≤ `at` ≤ `latest_time`.
    void schedule(Time at, Phase phase, Payload payload) {
        FLEETSIM_CHECK(at >= now_);
        FLEETSIM_CHECK(at <= latest_time);
        const auto nanoseconds = static_cast<std::uint64_t>(at.time_since_epoch().count());
        heap_.push((nanoseconds << phase_bits) | static_cast<std::uint64_t>(phase), payloads_.keep(payload));
    }

    [[nodiscard]] bool empty() const { return heap_.empty(); }
    [[nodiscard]] std::size_t size() const { return heap_.size(); }
    [[nodiscard]] Time now() const { return now_; }

    /// When the next event will happen. Never called on an empty queue; nor are `top`, `pop` and `replace_top`.
    [[nodiscard]] Time next_time() const {
        FLEETSIM_CHECK(!heap_.empty());
        return Time{Duration{static_cast<std::int64_t>(heap_.top_key() >> phase_bits)}};
    }

    [[nodiscard]] Payload top() const {
        FLEETSIM_CHECK(!heap_.empty());
        return payloads_.at(heap_.top_value());
    }

    /// Takes the next event out and moves the clock to it.
    Payload pop() {
        now_ = next_time();
        const std::uint32_t value = heap_.top_value();
        const Payload payload = payloads_.at(value);
        payloads_.release(value);
        heap_.drop_top();
        return payload;
    }

    Payload replace_top(Time at, Payload payload) { return replace_top(at, Phase::release, payload); }

    /// `pop` and then `schedule`: a departure that becomes the next departure. Returns what was popped.
    Payload replace_top(Time at, Phase phase, Payload payload) {
        const Payload popped = pop();
        schedule(at, phase, payload);
        return popped;
    }

    /// Memory held for pending events, and kept for later ones.
    [[nodiscard]] std::size_t reserved_bytes() const { return heap_.reserved_bytes() + payloads_.reserved_bytes(); }

    /// Back to an empty queue at time 0.
    void clear() {
        heap_.clear();
        payloads_.clear();
        now_ = Time{};
    }

private:
    static constexpr unsigned phase_bits = 2;

    using Payloads =
        std::conditional_t<sizeof(Payload) <= 4, detail::InlinePayloads<Payload>, detail::SlottedPayloads<Payload>>;

    QuickHeap heap_;
    Payloads payloads_;
    Time now_{};
};

}  // namespace fleetsim::des
