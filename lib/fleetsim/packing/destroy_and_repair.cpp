#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/bin_centric.hpp>
#include <fleetsim/packing/decreasing.hpp>
#include <fleetsim/packing/destroy_and_repair.hpp>
#include <fleetsim/packing/martello_toth_bound.hpp>
#include <fleetsim/packing/measure.hpp>
#include <fleetsim/packing/repair_search.hpp>

namespace fleetsim::packing {
namespace {

/// Items in hand, in blocks of eight: within a block by dimension, then by item, so that the compiler can test and
/// score eight at once. Places of no item hold a size that fits nowhere.
class Pool {
public:
    static constexpr std::size_t lanes = 8;
    static constexpr std::size_t none = ~std::size_t{0};

    explicit Pool(std::size_t dimensions) : dimensions_(dimensions) {}

    void clear() {
        count_ = 0;
        sizes_.clear();
    }
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] std::size_t blocks() const { return (count_ + lanes - 1) / lanes; }
    [[nodiscard]] std::uint32_t item(std::size_t at) const { return item_[at]; }

    /// The item is worth `factor` * (its dot product with the worth of room - `penalty`).
    void add(std::uint32_t item, std::span<const std::int32_t> sizes, float penalty, float factor) {
        if (count_ % lanes == 0) {
            sizes_.resize(sizes_.size() + dimensions_ * lanes, nowhere);
            const std::size_t places = count_ + lanes;
            if (item_.size() < places) {
                item_.resize(places);
                penalty_.resize(places);
                factor_.resize(places);
            }
            for (std::size_t at = count_; at < places; ++at) leave_empty(at);
        }
        item_[count_] = item;
        penalty_[count_] = penalty;
        factor_[count_] = factor;
        for (std::size_t h = 0; h < dimensions_; ++h) size(count_, h) = sizes[h];
        ++count_;
    }

    void remove(std::size_t at) {
        --count_;
        item_[at] = item_[count_];
        penalty_[at] = penalty_[count_];
        factor_[at] = factor_[count_];
        for (std::size_t h = 0; h < dimensions_; ++h) {
            size(at, h) = size(count_, h);
            size(count_, h) = nowhere;
        }
        leave_empty(count_);
    }

    /// Where the item stands that is worth most among those that fit the room, or `none`.
    [[nodiscard]] std::size_t best(std::span<const std::int32_t> room, std::span<const float> worth) const {
        std::array<float, lanes> most;
        std::array<std::int32_t, lanes> where;
        most.fill(-std::numeric_limits<float>::infinity());
        where.fill(-1);
        const std::int32_t* size = sizes_.data();
        for (std::size_t first = 0; first < count_; first += lanes) {
            std::array<std::int32_t, lanes> lacking{};  // Negative where some dimension has not enough room.
            std::array<float, lanes> value{};
            for (std::size_t h = 0; h < room.size(); ++h, size += lanes) {
                for (std::size_t lane = 0; lane < lanes; ++lane) {
                    lacking[lane] |= room[h] - size[lane];
                    value[lane] += worth[h] * static_cast<float>(size[lane]);
                }
            }
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                value[lane] = (value[lane] - penalty_[first + lane]) * factor_[first + lane];
                const bool better = lacking[lane] >= 0 && value[lane] > most[lane];
                most[lane] = better ? value[lane] : most[lane];
                where[lane] = better ? static_cast<std::int32_t>(first + lane) : where[lane];
            }
        }
        const std::size_t lane = static_cast<std::size_t>(std::max_element(most.begin(), most.end()) - most.begin());
        return where[lane] < 0 ? none : static_cast<std::size_t>(where[lane]);
    }

private:
    static constexpr std::int32_t nowhere = std::numeric_limits<std::int32_t>::max();

    /// Never the best, not even in a bin so large that `nowhere` fits.
    void leave_empty(std::size_t at) {
        penalty_[at] = std::numeric_limits<float>::infinity();
        factor_[at] = 1;
    }

    [[nodiscard]] std::int32_t& size(std::size_t at, std::size_t h) {
        return sizes_[(at / lanes * dimensions_ + h) * lanes + at % lanes];
    }

    std::size_t dimensions_;
    std::size_t count_ = 0;
    std::vector<std::int32_t> sizes_;
    std::vector<std::uint32_t> item_;
    std::vector<float> penalty_;
    std::vector<float> factor_;
};

/// The randomised bin-centric rule.
class Repair {
public:
    Repair(const Items& items, Budget& budget, Dice& dice)
        : items_(items), shares_(items), budget_(budget), dice_(dice), pool_(items.dimensions()) {}

    [[nodiscard]] bool operator()(std::span<const std::uint32_t> removed, std::size_t most_bins, Bins& bins) {
        take_in_hand(removed);
        bins.clear();
        while (pool_.count() > 0) {
            for (std::size_t h = 0; h < left_.size(); ++h) {
                if (left_[h] > static_cast<std::int64_t>(most_bins - bins.size()) * items_.capacity[h]) return false;
            }
            if (bins.size() == most_bins) return false;
            bins.emplace_back();
            fill(bins.back());
        }
        return true;
    }

private:
    void take_in_hand(std::span<const std::uint32_t> removed) {
        budget_.spend(20 + removed.size() * (10 + 2 * items_.dimensions()));
        left_.assign(items_.dimensions(), 0);
        for (const std::uint32_t item : removed) {
            for (std::size_t h = 0; h < left_.size(); ++h) left_[h] += items_.size_of(item)[h];
        }
        weights_.clear();
        for (std::size_t h = 0; h < left_.size(); ++h) {
            const float demand = static_cast<float>(left_[h]) / static_cast<float>(items_.capacity[h]);
            weights_.push_back(demand * (0.7F + 0.7F * dice_.unit()));
        }
        // The squared distance between room and item, less what is the same for all items: 2 * room * item - item^2.
        distance_ = dice_.unit() < 0.5F;
        const float noise = 0.5F * dice_.unit();
        pool_.clear();
        for (const std::uint32_t item : removed) {
            float penalty = 0;
            if (distance_) {
                const auto share = shares_.of(item);
                for (std::size_t h = 0; h < share.size(); ++h) penalty += weights_[h] * share[h] * share[h];
            }
            pool_.add(item, items_.size_of(item), penalty, 1 + noise * (dice_.unit() - 0.5F));
        }
    }

    void fill(std::vector<std::uint32_t>& bin) {
        room_ = items_.capacity;
        worth_.resize(room_.size());
        while (pool_.count() > 0) {
            budget_.spend(20 + pool_.blocks() * (5 + 4 * room_.size()));
            for (std::size_t h = 0; h < room_.size(); ++h) {
                const auto capacity = static_cast<float>(items_.capacity[h]);
                worth_[h] =
                    (distance_ ? 2.0F : 1.0F) * weights_[h] * static_cast<float>(room_[h]) / capacity / capacity;
            }
            const std::size_t at = pool_.best(room_, worth_);
            if (at == Pool::none) return;
            const std::uint32_t item = pool_.item(at);
            for (std::size_t h = 0; h < room_.size(); ++h) {
                room_[h] -= items_.size_of(item)[h];
                left_[h] -= items_.size_of(item)[h];
            }
            bin.push_back(item);
            pool_.remove(at);
        }
    }

    const Items& items_;
    Shares shares_;
    Budget& budget_;
    Dice& dice_;
    Pool pool_;
    bool distance_ = false;
    std::vector<std::int64_t> left_;  // In hand, by dimension.
    std::vector<float> weights_;
    std::vector<float> worth_;
    std::vector<std::int32_t> room_;
};

/// What a unit of size adds to the load of a bin, by dimension: scarce dimensions more. Whole numbers, so that equal
/// loads are equal whatever the items.
std::vector<std::int64_t> load_factors(const Items& items) {
    std::vector<float> sums = Shares{items}.sums();
    float total = 0;
    for (const float sum : sums) total += sum;
    std::vector<std::int64_t> factors;
    for (std::size_t h = 0; h < sums.size(); ++h) {
        const double weight = total > 0 ? static_cast<double>(sums[h]) / static_cast<double>(total) : 1;
        factors.push_back(std::max<std::int64_t>(1, std::llround(weight * 0x1p24 / items.capacity[h])));
    }
    return factors;
}

/// Beyond so many items the heuristics that look at all items for every item placed are left out.
constexpr std::size_t many_items = 5'000;

Bins start(const Items& items) {
    const Weighting& avg = weightings[1];
    Bins best = decreasing(items, bin_rules[0], measures[1], avg);
    if (items.count() > many_items) return best;
    for (const BinScore* score : {&bin_scores[0], &bin_scores[2]}) {
        for (const WeighedOver weighed : {WeighedOver::all_items, WeighedOver::items_left}) {
            Bins bins = bin_centric(items, *score, avg, weighed);
            if (bins.size() < best.size()) best = std::move(bins);
        }
    }
    return best;
}

}  // namespace

Bins destroy_and_repair(const Items& items, const OfflineOptions& options) {
    Budget budget{options, destroy_and_repair_steps};
    Dice dice{des::Stream{options.seed, 0, "packing", "destroy_and_repair"}};
    const std::vector<std::int64_t> factors = load_factors(items);
    const auto load_of = [&](const std::vector<std::uint32_t>& bin) {
        std::int64_t load = 0;
        for (const std::uint32_t item : bin) {
            for (std::size_t h = 0; h < factors.size(); ++h) load += factors[h] * items.size_of(item)[h];
        }
        return load;
    };
    RepairSearch search{start(items), load_of};
    return search.run(martello_toth_bound(items), 8, budget, dice, Repair{items, budget, dice}, load_of);
}

}  // namespace fleetsim::packing
