#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fleetsim::packing {

/// Items of one size.
struct SizeClass {
    std::int32_t size = 0;  ///< At least 1.
    std::int32_t count = 0;
};

/// The fullest filling of a room with items of given sizes: a bit for every reachable sum.
///
/// Exact as long as the bits fit a table of 4 MiB. Beyond that sizes are rounded up to multiples of a unit, and of very
/// many sizes only some, evenly spaced, are looked at.
class SubsetSum {
public:
    /// How many of each class to take so that the room is filled as far as at all possible. Classes are in decreasing
    /// order of size. `leave()` is asked, the largest items first, whether one item fewer should be taken where both
    /// lead to the fullest filling; saying no throughout prefers large items.
    template <class Leave>
    [[nodiscard]] std::span<const std::int32_t> fill(std::span<const SizeClass> classes, std::int32_t room,
                                                     Leave leave) {
        taken_.assign(classes.size(), 0);
        const std::int32_t unit = select(classes, room);
        if (considered_.empty()) return taken_;
        reach(room / unit);
        std::int32_t left = highest(row(0), room / unit);
        for (std::size_t k = 0; k < considered_.size() && left > 0; ++k) {
            const std::int32_t take = copies(k, left, leave);
            taken_[class_of_[k]] = take;
            left -= take * considered_[k].size;
        }
        return taken_;
    }

    /// Elementary steps since the beginning, of about a nanosecond each.
    [[nodiscard]] std::uint64_t steps() const { return steps_; }

private:
    static constexpr std::size_t most_words_a_row = std::size_t{1} << 13;
    static constexpr std::size_t most_words = std::size_t{1} << 19;

    [[nodiscard]] std::span<std::uint64_t> row(std::size_t k) { return {rows_.data() + k * words_, words_}; }
    [[nodiscard]] static bool reached(std::span<const std::uint64_t> row, std::int32_t sum) {
        return (row[static_cast<std::size_t>(sum) / 64] >> (static_cast<std::size_t>(sum) % 64) & 1U) != 0;
    }

    /// The classes to look at, their sizes in units; gives the unit.
    [[nodiscard]] std::int32_t select(std::span<const SizeClass> classes, std::int32_t room) {
        const auto fitting =
            std::partition_point(classes.begin(), classes.end(), [&](const SizeClass& c) { return c.size > room; });
        const std::int32_t unit = room / static_cast<std::int32_t>(64 * most_words_a_row) + 1;
        words_ = static_cast<std::size_t>(room / unit) / 64 + 1;
        const auto candidates = static_cast<std::size_t>(classes.end() - fitting);
        const std::size_t stride = (candidates + 1) * words_ / most_words + 1;
        considered_.clear();
        class_of_.clear();
        for (auto k = static_cast<std::size_t>(fitting - classes.begin()); k < classes.size(); k += stride) {
            // A size that no longer fits after rounding is reachable by no sum, and does no harm.
            considered_.push_back({(classes[k].size - 1) / unit + 1, classes[k].count});
            class_of_.push_back(k);
        }
        return unit;
    }

    /// Row k: the sums up to the room of items of the considered classes from k on.
    void reach(std::int32_t room) {
        const std::size_t size = (considered_.size() + 1) * words_;
        if (rows_.size() < size) rows_.resize(size);
        const auto last = row(considered_.size());
        std::fill(last.begin(), last.end(), 0U);
        last[0] = 1;
        for (std::size_t k = considered_.size(); k-- > 0;) {
            std::copy_n(row(k + 1).begin(), words_, row(k).begin());
            // 1, 2, 4 ... and the rest reach every number of copies.
            std::int32_t copies = std::min(considered_[k].count, room / considered_[k].size);
            for (std::int32_t part = 1; copies > 0; part *= 2) {
                part = std::min(part, copies);
                add_shifted(row(k), static_cast<std::size_t>(part) * static_cast<std::size_t>(considered_[k].size));
                copies -= part;
            }
        }
    }

    /// How many copies of class k to take when what follows must make up the rest of `left` exactly.
    template <class Leave>
    [[nodiscard]] std::int32_t copies(std::size_t k, std::int32_t left, Leave& leave) {
        const auto rest = row(k + 1);
        const std::int32_t size = considered_[k].size;
        const auto fewer = [&](std::int32_t number) {
            while (number >= 0 && !reached(rest, left - number * size)) --number;
            return number;
        };
        std::int32_t take = fewer(std::min(considered_[k].count, left / size));
        for (std::int32_t next = fewer(take - 1); next >= 0 && leave(); next = fewer(take - 1)) take = next;
        return take;
    }

    /// The sums with and without one more item. Downwards, so that no word is read after it has changed.
    void add_shifted(std::span<std::uint64_t> row, std::size_t shift) {
        const std::size_t words = shift / 64;
        const std::size_t bits = shift % 64;
        steps_ += 12 + row.size() / 3;
        if (bits == 0) {
            for (std::size_t w = row.size(); w-- > words;) row[w] |= row[w - words];
            return;
        }
        for (std::size_t w = row.size() - 1; w > words; --w) {
            row[w] |= row[w - words] << bits | row[w - words - 1] >> (64 - bits);
        }
        if (words < row.size()) row[words] |= row[0] << bits;
    }

    [[nodiscard]] static std::int32_t highest(std::span<const std::uint64_t> row, std::int32_t room) {
        // The last word may hold sums above the room.
        std::size_t word = row.size() - 1;
        std::uint64_t bits = row[word] & (~std::uint64_t{0} >> (63 - static_cast<std::size_t>(room) % 64));
        while (bits == 0) bits = row[--word];
        return static_cast<std::int32_t>(word * 64 + static_cast<std::size_t>(std::bit_width(bits)) - 1);
    }

    std::vector<SizeClass> considered_;  // Sizes in units.
    std::vector<std::size_t> class_of_;  // Where each considered class stands among the given ones.
    std::size_t words_ = 0;              // Of a row.
    std::vector<std::uint64_t> rows_;
    std::vector<std::int32_t> taken_;
    std::uint64_t steps_ = 0;
};

}  // namespace fleetsim::packing
