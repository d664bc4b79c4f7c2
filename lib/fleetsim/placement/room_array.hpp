#pragma once

#include <algorithm>
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
/// It remembers for each kind of task which leaves had no room for it, until a room there gains some.
///
/// Cost: a change O(1); a search looks at 16 leaves at once as long as they are known to be full for this kind of task,
/// and else at a leaf.
class RoomArray {
public:
    /// Adds a room, closed; positions are given in turn.
    std::uint32_t add(std::uint32_t room) {
        const std::uint32_t position = size_++;
        if (position / leaf_size == leaves_.size()) {
            leaves_.emplace_back();
            gained_.push_back(tick());
        }
        leaves_.back().room[position % leaf_size] = room;
        return position;
    }

    /// Tells what the room has left now; it is open.
    void update(std::uint32_t position, const Resources& left) {
        Leaf& leaf = leaves_[position / leaf_size];
        if ((left > leaf.left_at(position % leaf_size)).any()) gained_[position / leaf_size] = tick();
        leaf.set(position % leaf_size, left);
    }
    /// Nobody finds the room until it is updated.
    void close(std::uint32_t position) { update(position, Resources::Constant(-1)); }

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
    static constexpr std::size_t at_once = 16;

    [[nodiscard]] Tick tick() {
        if (now_ == std::numeric_limits<Tick>::max()) {
            // Once in four billion changes everything is forgotten, and the count begins again.
            for (auto& full : full_at_) full.clear();
            std::fill(gained_.begin(), gained_.end(), Tick{1});
            now_ = 1;
        }
        return ++now_;
    }

    /// The kind's ticks at which the leaves were last seen to be full; full they still are if no room has gained since.
    [[nodiscard]] std::vector<Tick>& full_at(std::uint32_t kind) {
        if (kind >= full_at_.size()) full_at_.resize(kind + 1);
        full_at_[kind].resize(leaves_.size(), 0);
        return full_at_[kind];
    }

    [[nodiscard]] std::size_t skip_full(const std::vector<Tick>& full, std::size_t leaf) const {
        while (leaf + at_once <= full.size()) {
            bool all_full = true;
            for (std::size_t i = 0; i < at_once; ++i) all_full &= full[leaf + i] >= gained_[leaf + i];
            if (!all_full) break;
            leaf += at_once;
        }
        while (leaf < full.size() && full[leaf] >= gained_[leaf]) ++leaf;
        return leaf;
    }

    /// Calls `found(leaf, slots)` in order for leaves with rooms that are wanted and accepted, until it says true.
    template <class Accepts, class Found>
    void search(const Wanted& wanted, const Accepts& accepts, Found found) {
        std::vector<Tick>* full = wanted.kind ? &full_at(*wanted.kind) : nullptr;
        for (std::size_t at = full ? skip_full(*full, 0) : 0; at < leaves_.size();
             at = full ? skip_full(*full, at + 1) : at + 1) {
            const Leaf& leaf = leaves_[at];
            Slots slots = accepted(leaf, fitting(leaf, wanted.need), accepts);
            if (slots == 0 && full) (*full)[at] = now_;
            if (wanted.within) slots &= wanted.within->of_leaf(at);
            if (wanted.without) slots &= ~wanted.without->of_leaf(at);
            if (slots != 0 && found(leaf, slots)) return;
        }
    }

    std::vector<Leaf> leaves_;
    std::vector<Tick> gained_;                ///< When a room of the leaf last gained room.
    std::vector<std::vector<Tick>> full_at_;  ///< By kind and leaf.
    Tick now_ = 0;
    std::uint32_t size_ = 0;
};

}  // namespace fleetsim::placement
