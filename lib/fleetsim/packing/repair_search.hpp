#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/offline.hpp>

namespace fleetsim::packing {

/// Chance in small pieces: a search draws far more often than it needs 64 bits.
class Dice {
public:
    explicit Dice(const des::Stream& stream) : words_(stream.sequence()) {}

    /// In (0, 1), one of 65,536 numbers.
    [[nodiscard]] float unit() {
        if (pieces_ == 0) {
            word_ = words_.word();
            pieces_ = 4;
        }
        const auto piece = static_cast<float>(word_ & 0xffffU);
        word_ >>= 16U;
        --pieces_;
        return (piece + 0.5F) * 0x1p-16F;
    }

    /// In [0, n), n below 2^32.
    [[nodiscard]] std::size_t below(std::size_t n) {
        return static_cast<std::size_t>((words_.word() >> 32U) * static_cast<std::uint64_t>(n) >> 32U);
    }

private:
    des::Sequence words_;
    std::uint64_t word_ = 0;
    std::uint32_t pieces_ = 0;
};

/// Improves a packing by emptying a few bins at a time and packing their items anew. The new bins are kept when they
/// are fewer, or as many and the sum of the squared loads has not fallen: large squares mean some bins full and some
/// nearly empty, and a bin on its way to being empty is what the search is after.
class RepairSearch {
public:
    /// `load_of` is linear in the sizes, and exact in double precision when squared and summed over a few bins.
    template <class LoadOf>
    RepairSearch(Bins bins, LoadOf load_of) : bins_(std::move(bins)) {
        for (const auto& bin : bins_) loads_.push_back(load_of(bin));
    }

    /// Until no packing could have fewer bins or the budget is spent. `repair(items, most_bins, bins)` packs the items
    /// or says false, and accounts for its own steps. 2 to `most_removed` bins are emptied at a time.
    template <class Repair, class LoadOf>
    [[nodiscard]] Bins run(std::int64_t bound, std::size_t most_removed, Budget& budget, Dice& dice, Repair repair,
                           LoadOf load_of) {
        Bins made;
        while (static_cast<std::int64_t>(bins_.size()) > bound && !budget.exhausted()) {
            choose(most_removed, dice);
            budget.spend(40 * chosen_.size());
            std::sort(chosen_.begin(), chosen_.end());
            removed_.clear();
            double before = 0;
            for (const std::size_t bin : chosen_) {
                removed_.insert(removed_.end(), bins_[bin].begin(), bins_[bin].end());
                before += square(loads_[bin]);
            }
            if (!repair(removed_, chosen_.size(), made)) continue;
            made_loads_.clear();
            double after = 0;
            for (const auto& bin : made) {
                made_loads_.push_back(load_of(bin));
                after += square(made_loads_.back());
            }
            if (made.size() < chosen_.size() || after >= before) replace(made);
        }
        return std::move(bins_);
    }

private:
    [[nodiscard]] static double square(std::int64_t load) {
        return static_cast<double>(load) * static_cast<double>(load);
    }

    /// The first bin is the emptiest of six drawn, the others are the emptier of two, or, every other time, any: the
    /// emptiest bins are those to be got rid of, and without the others the search would run in circles.
    void choose(std::size_t most_removed, Dice& dice) {
        const std::size_t number = std::min(2 + dice.below(most_removed - 1), bins_.size());
        const int draws = dice.unit() < 0.5F ? 1 : 2;
        chosen_.clear();
        while (chosen_.size() < number) {
            const std::size_t bin = emptiest(chosen_.empty() ? 6 : draws, dice);
            if (std::find(chosen_.begin(), chosen_.end(), bin) == chosen_.end()) chosen_.push_back(bin);
        }
    }

    [[nodiscard]] std::size_t emptiest(int draws, Dice& dice) const {
        std::size_t best = dice.below(bins_.size());
        for (; draws > 1; --draws) {
            const std::size_t other = dice.below(bins_.size());
            if (loads_[other] < loads_[best]) best = other;
        }
        return best;
    }

    /// The made bins for the chosen ones, which are in increasing order.
    void replace(Bins& made) {
        for (std::size_t k = 0; k < made.size(); ++k) {
            std::swap(bins_[chosen_[k]], made[k]);
            loads_[chosen_[k]] = made_loads_[k];
        }
        for (std::size_t k = chosen_.size(); k-- > made.size();) {
            std::swap(bins_[chosen_[k]], bins_.back());
            loads_[chosen_[k]] = loads_.back();
            bins_.pop_back();
            loads_.pop_back();
        }
    }

    Bins bins_;
    std::vector<std::int64_t> loads_;
    std::vector<std::size_t> chosen_;
    std::vector<std::uint32_t> removed_;
    std::vector<std::int64_t> made_loads_;
};

}  // namespace fleetsim::packing
