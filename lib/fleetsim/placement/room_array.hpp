#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <fleetsim/placement/leaf.hpp>
#include <fleetsim/placement/resources.hpp>

namespace fleetsim::placement {

/// A set of the positions of a `RoomArray`, a word for each leaf; it grows as needed.
class PositionSet {
public:
    void set(std::uint32_t position, bool member) {
        const std::size_t leaf = position / leaf_size;
        if (leaf >= words_.size()) words_.resize(leaf + 1);
        const Slots bit = Slots{1} << (position % leaf_size);
        words_[leaf] = member ? words_[leaf] | bit : words_[leaf] & ~bit;
    }
    [[nodiscard]] Slots of_leaf(std::size_t leaf) const { return leaf < words_.size() ? words_[leaf] : 0; }

private:
    std::vector<Slots> words_;
};

/// Rooms in the order in which they came, for finding the first that takes a task. A room that is closed keeps its
/// position.
///
/// It knows for each leaf the most memory that a room has left which has at least so much CPU, for CPU in powers of
/// two: tasks mostly ask for such, and then a leaf that may have a fit has one. Where that is not enough it remembers,
/// for each kind of task, which leaves had no room for it, until a room there gains some.
///
/// Cost: a change O(1); a search looks at 16 leaves at once, and then at those that may have a fit.
class RoomArray {
public:
    RoomArray() {
        for (auto& most : most_memory_) most.assign(1 + read_beyond, endless);
    }

    /// Adds a room, closed; positions are given in turn.
    std::uint32_t add(std::uint32_t room) {
        const std::uint32_t position = size_++;
        if (position / leaf_size == leaves_.size()) {
            leaves_.emplace_back();
            gained_.push_back(tick());
            const auto behind_the_last = static_cast<std::ptrdiff_t>(leaves_.size()) - 1;
            for (auto& most : most_memory_) most.insert(most.begin() + behind_the_last, -1);
        }
        leaves_.back().room[position % leaf_size] = room;
        return position;
    }

    /// Tells what the room has left now; it is open.
    void update(std::uint32_t position, const Resources& left) {
        const std::uint32_t at = position / leaf_size;
        Leaf& leaf = leaves_[at];
        if ((left > leaf.left_at(position % leaf_size)).any()) {
            gained_[at] = tick();
            raise(at, left);
        }
        leaf.set(position % leaf_size, left);
    }
    /// Nobody finds the room until it is updated.
    void close(std::uint32_t position) { leaves_[position / leaf_size].clear(position % leaf_size); }

    /// What to look for: rooms that fit and are in all of `within`, if given, and in none of `without`.
    struct Wanted {
        Resources need;
        /// A number of this kind of task, if it may be remembered where it does not fit; then `accepts` may change its
        /// mind about a room only when that gains room.
        std::optional<std::uint32_t> kind = {};
        const PositionSet* within = nullptr;
        const PositionSet* without = nullptr;
    };

    /// The first room that is wanted and accepted; none if there is none.
    template <class Accepts>
    [[nodiscard]] std::optional<std::uint32_t> first_fit(const Wanted& wanted, const Accepts& accepts) {
        std::optional<std::uint32_t> found;
        search(wanted, accepts, [&](const Leaf& leaf, Slots slots) {
            found = leaf.room[detail::first_of(slots)];
            return true;
        });
        return found;
    }

    /// Every room that is wanted and accepted, in order.
    template <class Accepts, class Visit>
    void for_each_fit(const Wanted& wanted, const Accepts& accepts, Visit visit) {
        search(wanted, accepts, [&](const Leaf& leaf, Slots slots) {
            for (; slots != 0; slots &= slots - 1) visit(leaf.room[detail::first_of(slots)]);
            return false;
        });
    }

private:
    using Tick = std::uint32_t;

    [[nodiscard]] Tick tick() {
        if (now_ == std::numeric_limits<Tick>::max()) {
            // Once in four billion changes everything is forgotten, and the count begins again.
            for (auto& full : full_at_) full.clear();
            std::fill(gained_.begin(), gained_.end(), Tick{1});
            now_ = 1;
        }
        return ++now_;
    }

    /// Levels of CPU: any, and from 128 units on twice as much each time.
    static constexpr std::size_t cpu_levels = 9;
    static constexpr std::int32_t endless = std::numeric_limits<std::int32_t>::max();

    /// The highest level that `cpu` reaches.
    [[nodiscard]] static std::size_t level_of(std::int32_t cpu) {
        const auto eighths_of_a_vcpu = static_cast<std::uint32_t>(std::max(cpu, 0)) / 128;
        return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(eighths_of_a_vcpu)), cpu_levels - 1);
    }

    void raise(std::size_t leaf, const Resources& left) {
        for (std::size_t level = 0; level <= level_of(left[cpu_units]); ++level) {
            most_memory_[level][leaf] = std::max(most_memory_[level][leaf], left[memory_mib]);
        }
    }

    /// What the rooms of a leaf have left has fallen since its values were raised.
    [[gnu::noinline]] void recompute(std::size_t at) {
        for (auto& most : most_memory_) most[at] = -1;
        const Leaf& leaf = leaves_[at];
        for (std::uint32_t slot = 0; slot < leaf_size; ++slot) {
            const auto level = level_of(leaf.left[cpu_units][slot]);
            most_memory_[level][at] = std::max(most_memory_[level][at], leaf.left[memory_mib][slot]);
        }
        for (std::size_t level = cpu_levels - 1; level > 0; --level) {
            most_memory_[level - 1][at] = std::max(most_memory_[level - 1][at], most_memory_[level][at]);
        }
    }

    /// The kind's ticks at which the leaves were last seen to be full; full they still are if no room has gained since.
    [[nodiscard]] std::vector<Tick>& full_at(std::uint32_t kind) {
        if (kind >= full_at_.size()) full_at_.resize(kind + 1);
        full_at_[kind].resize(leaves_.size(), 0);
        return full_at_[kind];
    }

    /// Calls `found(leaf, slots)` in order for leaves with rooms that are wanted and accepted, until it says true.
    template <class Accepts, class Found>
    void search(const Wanted& wanted, const Accepts& accepts, Found found) {
        std::vector<Tick>* full = wanted.kind ? &full_at(*wanted.kind) : nullptr;
        const std::int32_t* most = most_memory_[level_of(wanted.need[cpu_units])].data();
        const std::int32_t memory = wanted.need[memory_mib];
        for (std::size_t at = 0; (at = first_at_least(most, at, memory)) < leaves_.size(); ++at) {
            if (full && (*full)[at] >= gained_[at]) continue;
            const Leaf& leaf = leaves_[at];
            const Slots fits = fitting(leaf, wanted.need);
            if (fits == 0) recompute(at);
            Slots slots = accepted(leaf, fits, accepts);
            if (slots == 0 && full) (*full)[at] = now_;
            if (wanted.within) slots &= wanted.within->of_leaf(at);
            if (wanted.without) slots &= ~wanted.without->of_leaf(at);
            if (slots != 0 && found(leaf, slots)) return;
        }
    }

    std::vector<Leaf> leaves_;
    /// By level of CPU and leaf: at least the most memory that a room has left which reaches the level. Behind the last
    /// leaf stands more than any task needs.
    std::array<std::vector<std::int32_t>, cpu_levels> most_memory_;
    std::vector<Tick> gained_;                ///< When a room of the leaf last gained room.
    std::vector<std::vector<Tick>> full_at_;  ///< By kind and leaf.
    Tick now_ = 0;
    std::uint32_t size_ = 0;
};

}  // namespace fleetsim::placement
