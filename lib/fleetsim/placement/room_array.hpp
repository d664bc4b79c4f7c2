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

/// A set of rooms of several `RoomArray`s, a word for each leaf; it grows as needed.
class RoomSet {
public:
    void set(std::uint32_t leaf_number, std::uint32_t slot, bool member) {
        if (leaf_number >= words_.size()) words_.resize(leaf_number + 1);
        const Slots bit = Slots{1} << slot;
        words_[leaf_number] = member ? words_[leaf_number] | bit : words_[leaf_number] & ~bit;
    }
    [[nodiscard]] Slots of_leaf(std::uint32_t leaf_number) const {
        return leaf_number < words_.size() ? words_[leaf_number] : 0;
    }

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

    /// Adds a room, closed; positions are given in turn. A leaf takes the next number, which sets of rooms know it by.
    std::uint32_t add(std::uint32_t room, std::uint32_t& next_leaf_number) {
        const std::uint32_t position = size_++;
        if (position / leaf_size == leaves_.size()) {
            leaves_.emplace_back();
            numbers_.push_back(next_leaf_number++);
            gained_.push_back(tick());
            const auto behind_the_last = static_cast<std::ptrdiff_t>(leaves_.size()) - 1;
            for (auto& most : most_memory_) most.insert(most.begin() + behind_the_last, -1);
        }
        leaves_.back().room[position % leaf_size] = room;
        return position;
    }

    [[nodiscard]] std::uint32_t leaf_number(std::uint32_t position) const { return numbers_[position / leaf_size]; }

    /// Opens a room, which has so much left.
    void open(std::uint32_t position, const Resources& left) {
        leaves_[position / leaf_size].set(position % leaf_size, left);
        gained(position / leaf_size, left);
    }
    /// Tells what an open room has left now, and by how much that differs from before.
    void change(std::uint32_t position, const Resources& left, const Resources& by) {
        Leaf& leaf = leaves_[position / leaf_size];
        // A line of memory for each resource: most tasks have to do with two of them.
        for (std::size_t row = 0; row < resource_count; ++row) {
            if (by[static_cast<Eigen::Index>(row)] == 0) continue;
            leaf.left[row][position % leaf_size] = left[static_cast<Eigen::Index>(row)];
        }
        // A task that asks for nothing gives back a port, or its group's claim to be alone.
        if ((by >= 0).all()) gained(position / leaf_size, left);
    }
    /// Nobody finds the room until it is opened again.
    void close(std::uint32_t position) { leaves_[position / leaf_size].clear(position % leaf_size); }

    /// Is what the array knows of its leaves enough to tell that one has a room for such a task? Then nothing needs to
    /// be remembered for it.
    [[nodiscard]] static bool knows(const Resources& need) {
        const bool is_level = need[cpu_units] == 0 || need[cpu_units] == least_cpu_of(level_of(need[cpu_units]));
        return is_level && !detail::asks_beyond_memory(need);
    }

    /// What to look for: rooms that fit and are in all of `within`, if given, and in none of `without`.
    struct Wanted {
        Resources need;
        /// A number of this kind of task, if it may be remembered where it does not fit; then `accepts` may change its
        /// mind about a room only when that gains room.
        std::optional<std::uint32_t> kind = {};
        const RoomSet* within = nullptr;
        const RoomSet* without = nullptr;
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
    static constexpr std::size_t cpu_levels = 12;
    static constexpr std::int32_t endless = std::numeric_limits<std::int32_t>::max();

    /// The highest level that `cpu` reaches.
    [[nodiscard]] static std::size_t level_of(std::int32_t cpu) {
        const auto eighths_of_a_vcpu = static_cast<std::uint32_t>(std::max(cpu, 0)) / 128;
        return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(eighths_of_a_vcpu)), cpu_levels - 1);
    }

    [[nodiscard]] static std::int32_t least_cpu_of(std::size_t level) { return level == 0 ? 0 : 128 << (level - 1); }

    void gained(std::size_t leaf, const Resources& left) {
        gained_[leaf] = tick();
        for (std::size_t level = 0; level <= level_of(left[cpu_units]); ++level) {
            most_memory_[level][leaf] = std::max(most_memory_[level][leaf], left[memory_mib]);
        }
    }

    /// What the rooms of a leaf have left has fallen since the level's value was raised.
    void recompute(std::size_t level, std::size_t at) {
        const Leaf& leaf = leaves_[at];
        const Slots reaching = fitting(leaf, resources({least_cpu_of(level), 0, 0, 0}));
        most_memory_[level][at] = most(leaf, memory_mib, reaching);
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
        const std::size_t level = level_of(wanted.need[cpu_units]);
        const std::int32_t* most = most_memory_[level].data();
        const std::int32_t memory = wanted.need[memory_mib];
        for (std::size_t at = 0; (at = first_at_least(most, at, memory)) < leaves_.size(); ++at) {
            if (full && (*full)[at] >= gained_[at]) continue;
            Slots members = ~Slots{0};
            if (wanted.within) members &= wanted.within->of_leaf(numbers_[at]);
            if (wanted.without) members &= ~wanted.without->of_leaf(numbers_[at]);
            if (members == 0) continue;
            const Leaf& leaf = leaves_[at];
            const Slots fits = fitting(leaf, wanted.need);
            if (fits == 0) recompute(level, at);
            const Slots slots = accepted(leaf, fits, accepts);
            if (slots == 0 && full) (*full)[at] = now_;
            if ((slots & members) != 0 && found(leaf, slots & members)) return;
        }
    }

    std::vector<Leaf> leaves_;
    std::vector<std::uint32_t> numbers_;  ///< Of the leaves.
    /// By level of CPU and leaf: at least the most memory that a room has left which reaches the level. Behind the last
    /// leaf stands more than any task needs.
    std::array<std::vector<std::int32_t>, cpu_levels> most_memory_;
    std::vector<Tick> gained_;                ///< When a room of the leaf last gained room.
    std::vector<std::vector<Tick>> full_at_;  ///< By kind and leaf.
    Tick now_ = 0;
    std::uint32_t size_ = 0;
};

}  // namespace fleetsim::placement
