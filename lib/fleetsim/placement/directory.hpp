#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/placement/leaf.hpp>
#include <fleetsim/placement/resources.hpp>

namespace fleetsim::placement {

/// Rooms in the order of what they have left of one resource, the least first and of equals the lower number, for
/// finding the first of them that takes a task.
///
/// An ordered directory of unsorted leaves: a leaf holds the rooms from its first key on to that of the next leaf, and
/// the directory knows the most that any room of the leaf has left of each resource. A search looks into the leaf where
/// the task's own need would stand, and then into those further on that may have a fit. A room that changes leaves its
/// leaf and is appended to that of its new key. Nothing is sorted but a leaf that splits.
///
/// Cost: a change or a search reads one or two leaves of 64, besides a binary search among the leaves and a look at the
/// maxima of those it skips.
class Directory {
public:
    explicit Directory(Resource key) : key_(key) { add_entry(0, 0, new_leaf()); }

    /// Adds a room. What it has left is never negative.
    void insert(std::uint32_t room, const Resources& left) {
        if (room >= where_.size()) where_.resize(room + 1, nowhere);
        FLEETSIM_CHECK(where_[room] == nowhere);
        const std::uint64_t key = key_of(room, left);
        std::size_t entry = find(key);
        if (leaves_[handles_[entry]].count == leaf_size) {
            split(entry);
            if (firsts_[entry + 1] <= key) ++entry;
        }
        append(handles_[entry], room, left);
        most_[entry] = most_[entry].max(left);
    }

    void erase(std::uint32_t room) {
        const std::uint32_t handle = where_[room] / leaf_size;
        remove(room);
        if (leaves_[handle].count < merge_below) merge(handle);
    }

    /// Tells what a room has left now.
    void update(std::uint32_t room, const Resources& left) {
        erase(room);
        insert(room, left);
    }

    /// The first room in order that has room for the task and that `accepts(room)`; none if there is none.
    template <class Accepts>
    [[nodiscard]] std::optional<std::uint32_t> first_fit(const Resources& need, const Accepts& accepts) {
        for (std::size_t entry = find(key_of(0, need)); entry < firsts_.size(); ++entry) {
            if ((need > most_[entry]).any()) continue;
            const Leaf& leaf = leaves_[handles_[entry]];
            if constexpr (std::is_same_v<Accepts, std::true_type>) {
                const std::uint32_t slot = placement::first_fit(leaf, key_, need);
                if (slot != leaf_size) return leaf.room[slot];
            } else if (const Slots fits = fitting(leaf, need); fits != 0) {
                if (const Slots slots = accepted(leaf, fits, accepts)) return leaf.room[lowest(leaf, key_, slots)];
                continue;
            }
            most_[entry] = most_of(leaf);
        }
        return std::nullopt;
    }

    /// A room that has taken some copies of a task.
    struct Filled {
        std::uint32_t room;
        std::uint32_t copies;
        Resources left;
    };

    /// Puts copies of a task into the first rooms in order, as many as fit into each, until all are placed or no room
    /// fits. It comes to the same as one `first_fit` and `update` after the other: a room that takes another copy is
    /// still the first in order that fits, for it has less left than all that were behind it. The result holds until
    /// the next call.
    ///
    /// Cost: one search, and for each room less than an `update`, since rooms leave their leaf and come to another
    /// together.
    [[nodiscard]] std::span<const Filled> fill(const Resources& need, std::uint32_t copies) {
        filled_.clear();
        for (std::size_t entry = find(key_of(0, need)); entry < firsts_.size() && copies > 0; ++entry) {
            if ((need > most_[entry]).any()) continue;
            const Leaf& leaf = leaves_[handles_[entry]];
            std::array<std::uint64_t, leaf_size> keys;
            std::size_t count = 0;
            for (Slots rest = fitting(leaf, need); rest != 0; rest &= rest - 1) {
                const std::uint32_t slot = detail::first_of(rest);
                keys[count++] = key_of(leaf.room[slot], leaf.left_at(slot));
            }
            std::sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(count));
            for (std::size_t i = 0; i < count && copies > 0; ++i) {
                const auto room = static_cast<std::uint32_t>(keys[i]);
                const Resources left = leaf.left_at(where_[room] % leaf_size);
                const std::uint32_t here = std::min(copies, copies_that_fit(need, left));
                copies -= here;
                filled_.push_back({room, here, left - static_cast<std::int32_t>(here) * need});
                remove(room);
            }
            most_[entry] = most_of(leaf);
        }
        for (const Filled& filled : filled_) insert(filled.room, filled.left);
        return filled_;
    }

    /// Every room that has exactly `amount` of the key left, has room for the task and is accepted, in no order.
    template <class Accepts, class Visit>
    void for_each_fit(std::int32_t amount, const Resources& need, const Accepts& accepts, Visit visit) const {
        const std::uint64_t last = std::uint64_t(amount) << 32U | ~std::uint32_t{0};
        for (std::size_t entry = find(std::uint64_t(amount) << 32U); entry < firsts_.size(); ++entry) {
            if (firsts_[entry] > last) return;
            const Leaf& leaf = leaves_[handles_[entry]];
            for (Slots rest = accepted(leaf, fitting(leaf, need), accepts); rest != 0; rest &= rest - 1) {
                const std::uint32_t slot = detail::first_of(rest);
                if (leaf.left[static_cast<std::size_t>(key_)][slot] == amount) visit(leaf.room[slot]);
            }
        }
    }

private:
    static constexpr std::uint32_t nowhere = ~std::uint32_t{0};
    static constexpr std::uint32_t merge_below = leaf_size / 4;
    static constexpr std::uint32_t merged_at_most = leaf_size * 3 / 4;

    [[nodiscard]] std::uint64_t key_of(std::uint32_t room, const Resources& left) const {
        return std::uint64_t(static_cast<std::uint32_t>(left[key_])) << 32U | room;
    }

    /// The last entry whose first key is at most `key`.
    [[nodiscard]] std::size_t find(std::uint64_t key) const {
        const std::uint64_t* firsts = firsts_.data();
        std::size_t low = 0;
        // Without a branch on the keys, which no processor could predict.
        for (std::size_t length = firsts_.size(); length > 1;) {
            const std::size_t half = length / 2;
            low += firsts[low + half] <= key ? half : 0;
            length -= half;
        }
        return low;
    }

    [[nodiscard]] static std::uint32_t copies_that_fit(const Resources& need, const Resources& left) {
        std::int32_t copies = std::numeric_limits<std::int32_t>::max();
        for (Eigen::Index row = 0; row < resource_count; ++row) {
            if (need[row] > 0) copies = std::min(copies, left[row] / need[row]);
        }
        return static_cast<std::uint32_t>(copies);
    }

    void append(std::uint32_t handle, std::uint32_t room, const Resources& left) {
        Leaf& leaf = leaves_[handle];
        const std::uint32_t slot = leaf.count++;
        leaf.set(slot, left);
        leaf.room[slot] = room;
        where_[room] = handle * leaf_size + slot;
    }

    /// Fills the room's slot with the last one of its leaf. The leaf's maxima stay: they are upper bounds.
    void remove(std::uint32_t room) {
        const std::uint32_t at = std::exchange(where_[room], nowhere);
        FLEETSIM_CHECK(at != nowhere);
        Leaf& leaf = leaves_[at / leaf_size];
        const std::uint32_t slot = at % leaf_size;
        const std::uint32_t last = --leaf.count;
        if (slot != last) {
            leaf.set(slot, leaf.left_at(last));
            leaf.room[slot] = leaf.room[last];
            where_[leaf.room[slot]] = at;
        }
        leaf.clear(last);
    }

    [[nodiscard]] std::uint32_t new_leaf() {
        if (!free_.empty()) {
            const std::uint32_t handle = free_.back();
            free_.pop_back();
            return handle;
        }
        leaves_.emplace_back();
        return static_cast<std::uint32_t>(leaves_.size() - 1);
    }

    void add_entry(std::size_t at, std::uint64_t first, std::uint32_t handle) {
        const auto position = static_cast<std::ptrdiff_t>(at);
        firsts_.insert(firsts_.begin() + position, first);
        most_.insert(most_.begin() + position, most_of(leaves_[handle]));
        handles_.insert(handles_.begin() + position, handle);
    }

    /// Moves what lies above the median of a full leaf into a new one.
    [[gnu::noinline]] void split(std::size_t entry) {
        const std::uint32_t upper = new_leaf();
        const Leaf full = leaves_[handles_[entry]];
        std::array<std::uint64_t, leaf_size> keys{};
        for (std::uint32_t slot = 0; slot < leaf_size; ++slot) keys[slot] = key_of(full.room[slot], full.left_at(slot));
        std::array<std::uint64_t, leaf_size> sorted = keys;
        std::nth_element(sorted.begin(), sorted.begin() + leaf_size / 2, sorted.end());
        const std::uint64_t median = sorted[leaf_size / 2];
        leaves_[handles_[entry]] = Leaf{};
        for (std::uint32_t slot = 0; slot < leaf_size; ++slot) {
            append(keys[slot] < median ? handles_[entry] : upper, full.room[slot], full.left_at(slot));
        }
        most_[entry] = most_of(leaves_[handles_[entry]]);
        add_entry(entry + 1, median, upper);
    }

    /// Puts a small leaf together with the next one (the last with the one before), if both fit easily into one.
    [[gnu::noinline]] void merge(std::uint32_t handle) {
        if (handles_.size() == 1) return;
        const auto found =
            static_cast<std::size_t>(std::find(handles_.begin(), handles_.end(), handle) - handles_.begin());
        const std::size_t entry = std::min(found, handles_.size() - 2);
        const std::uint32_t emptied = handles_[entry + 1];
        const Leaf upper = leaves_[emptied];
        if (leaves_[handles_[entry]].count + upper.count > merged_at_most) return;
        for (std::uint32_t slot = 0; slot < upper.count; ++slot) {
            append(handles_[entry], upper.room[slot], upper.left_at(slot));
        }
        most_[entry] = most_[entry].max(most_[entry + 1]);
        leaves_[emptied] = Leaf{};
        free_.push_back(emptied);
        const auto position = static_cast<std::ptrdiff_t>(entry + 1);
        firsts_.erase(firsts_.begin() + position);
        most_.erase(most_.begin() + position);
        handles_.erase(handles_.begin() + position);
    }

    Resource key_;
    // One entry a leaf, in order: the first key it holds, at least the most that any of its rooms has left, and which
    // leaf it is.
    std::vector<std::uint64_t> firsts_;
    std::vector<Resources> most_;
    std::vector<std::uint32_t> handles_;
    std::vector<Leaf> leaves_;
    std::vector<std::uint32_t> free_;   ///< Leaves without an entry.
    std::vector<std::uint32_t> where_;  ///< Of each room: leaf x 64 + slot.
    std::vector<Filled> filled_;        ///< By the last `fill`.
};

}  // namespace fleetsim::placement
